// The venue's dead-man timer: entry orders go when the program is gone, stops never do.
#include <fmt/format.h>

#include "core/orders/guard_impl.h"

namespace core::orders
{

void Guard::Impl::setDeadManTerms(Account &account)
{
    if (!account.can)
        return;
    const CapabilitiesReport &can = *account.can;
    const std::optional<Duration> &wanted = account.limits.backstop.deadMan;
    const bool isArmed = account.arming == risk::Arming::Armed;
    account.deadMan.setTerms(now, account.venue,
                             {.hasTimer = can.deadManTimer,
                              .perInstrument = can.deadManPerInstrument,
                              .killsStops = can.deadManKillsStops,
                              .after = isArmed && can.deadManTimer ? wanted : std::nullopt,
                              // One request clears an account's timer; one for each contract is sent only where it is likely.
                              .inherited = !can.deadManPerInstrument || wanted});
    if (wanted && isArmed && !can.deadManTimer && out != nullptr && !std::exchange(account.deadManTold, true))
        tell(Severity::Warning, "dead-man-refused",
             fmt::format("{} offers no dead-man timer: entry orders stay there when this program dies.", name(account.venue)));
}

void Guard::Impl::on(const DeadManReport &report)
{
    Account &account = accountOf(report.account);
    const bool done = report.outcome == RequestOutcome::Accepted;
    account.deadMan.onDone(now, report.instrument.value_or(InstrumentKey{report.account, {}}), report.after, done);
    if (!report.after)
        return; // a disarming that fails is tried again, and a threat to stops is told by itself
    if (done) {
        account.deadManTold = false;
        return;
    }
    if (!std::exchange(account.deadManTold, true))
        tell(Severity::Warning, "dead-man-refused",
             fmt::format("No dead-man timer is set at {}: {}. Entry orders stay there when this program dies.",
                         name(account.venue), report.detail.empty() ? name(report.code) : std::string_view(report.detail)),
             report.instrument ? &*report.instrument : nullptr);
    if (report.code == ErrorCode::Unsupported && account.can) {
        account.can->deadManTimer = false;
        setDeadManTerms(account);
    }
}

void Guard::Impl::noteStandings(Account &account)
{
    std::map<InstrumentKey, DeadManPlan::Standing> standings;
    for (const InstrumentKey &gone : account.stood)
        standings[gone];
    for (const Slot &slot : slots) {
        if (slot.instrument.venue == account.venue && (slot.life || slot.ledger.live() != 0))
            standings[slot.instrument].hasPosition = true;
    }
    for (const auto &[key, order] : openOrders.all()) {
        if (key.first != account.venue)
            continue;
        DeadManPlan::Standing &standing = standings[order.instrument];
        if (!isBoundToReduce(order.reduceOnly, order.positionSide, order.side) && !order.quantity.isZero())
            standing.hasEntries = true;
        else
            standing.hasStops = standing.hasStops || isConditional(order.type);
    }
    account.stood.clear();
    for (const auto &[instrument, standing] : standings) {
        account.deadMan.onStanding(now, instrument, standing);
        if (!(standing == DeadManPlan::Standing{}))
            account.stood.insert(instrument);
    }
}

/// A timer that kills stops may run where one rests, and its disarming is not confirmed: said once.
void Guard::Impl::noteThreat(Account &account)
{
    const Slot *threatened = nullptr;
    for (const Slot &slot : slots) {
        if (slot.instrument.venue == account.venue && slot.life && account.deadMan.threatensStops(now, slot.instrument))
            threatened = &slot;
    }
    if (threatened == nullptr) {
        account.threatSince.reset();
        return;
    }
    if (!account.threatSince) {
        account.threatSince = now;
    } else if (*account.threatSince != UtcTime::max() && now - *account.threatSince >= kAnswerDeadline) {
        account.threatSince = UtcTime::max();
        tell(Severity::Critical, "dead-man-threatens",
             fmt::format("{} has not confirmed that its dead-man timer is off: it could remove the stop of {}. Asking again; a "
                         "stop that goes is placed again.",
                         name(account.venue), threatened->instrument.symbol.view()),
             &threatened->instrument);
    }
}

/// Before the keeper: what it may place depends on what is disarmed.
void Guard::Impl::driveDeadMan(Account &account)
{
    if (!account.everReconciled || (account.deadMan.isIdle() && account.stood.empty()))
        return;
    noteStandings(account);
    std::vector<DeadManPlan::Command> commands;
    account.deadMan.drive(now, commands);
    for (const DeadManPlan::Command &command : commands) {
        const bool ofAccount = command.instrument.symbol.empty();
        out->emplace_back(SetDeadMan{account.venue, ofAccount ? std::nullopt : std::optional(command.instrument), command.after});
    }
    for (const Slot &slot : slots) {
        if (slot.instrument.venue == account.venue)
            account.keeper.onHold(now, slot.instrument, account.deadMan.holdsStops(now, slot.instrument));
    }
    noteThreat(account);
    if (account.deadMan.isIdle())
        account.stood.clear();
}

} // namespace core::orders
