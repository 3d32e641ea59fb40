// Resting stops at the venue: what the keeper has to know, and what it wishes, through the gate.
#include <algorithm>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"

namespace core::orders
{

namespace
{
constexpr Duration kSolveEvery = std::chrono::milliseconds{250};
constexpr Duration kRecordEvery = std::chrono::minutes{1};
constexpr std::string_view kStopPrefix = "ebs-";
/// As long as nobody has said what the account pays: more than any schedule of these venues, so that stops stand closer.
constexpr Ratio kFeeBound = Ratio::fromRaw(kDecimalOne / 1000);
} // namespace

bool Guard::Impl::isStopOfOurs(const ClientOrderId &order) { return order.view().starts_with(kStopPrefix); }

BackstopPosition Guard::Impl::backstopOf(const Slot &slot) const
{
    const Market &market = markets[slot.market];
    const Position &base = slot.ledger.base();
    return {.life = *slot.life,
            .quantity = liveSize(slot, slot.life->direction),
            .entry = base.entryPrice,
            .mark = market.mark.value_or(Price{}),
            .liquidation = base.liquidationPrice,
            .ownLimit = engine.room(slot.key()).price,
            .feeRate = market.fees ? std::max(market.fees->taker, Ratio{}) : kFeeBound,
            .instrument = market.rules(),
            .sigmaDay = market.sigmaDay};
}

/// Prices of every stop of the account; those of other accounts count where a limit is over all of them.
void Guard::Impl::targetStops(Account &account)
{
    std::vector<BackstopPosition> positions;
    std::vector<Slot *> owners;
    BackstopGroup own{risk::Scope::Account, {}, {}};
    BackstopGroup all{risk::Scope::AllAccounts, {}, {}};
    for (Slot &slot : slots) {
        if (!slot.life || !marketOf(slot).mark || !marketOf(slot).instrument)
            continue;
        all.members.push_back(positions.size());
        if (slot.instrument.venue == account.venue)
            own.members.push_back(positions.size());
        positions.push_back(backstopOf(slot));
        owners.push_back(&slot);
    }
    std::vector<BackstopGroup> groups;
    if (const auto headroom = engine.lossHeadroom(account.venue)) {
        own.headroom = *headroom;
        groups.push_back(own);
    }
    if (const auto headroom = engine.lossHeadroom(std::nullopt)) {
        all.headroom = *headroom;
        groups.push_back(all);
    }
    const auto prices = solveBackstops(positions, groups, account.limits.backstop);
    for (const std::size_t i : own.members) {
        account.keeper.onTarget(now, positions[i], prices[i]);
        owners[i]->stopTold = true;
    }
    account.solveAt = now + kSolveEvery;
}

/// Before an account is armed, nothing rests that would act; `limits` as they hold for the keeper.
void Guard::Impl::setStopLimits(Account &account)
{
    risk::BackstopLimits limits = account.limits.backstop;
    limits.enabled = limits.enabled && account.arming == risk::Arming::Armed;
    account.keeper.setLimits(limits);
    account.solveAt = now;
    setDeadManTerms(account);
}

void Guard::Impl::noteFlat(Slot &slot)
{
    if (slot.life || !slot.stopTold)
        return;
    slot.stopTold = false;
    BackstopPosition gone;
    gone.life = slot.lastLife.value_or(risk::Life{slot.key(), Direction::Long, now});
    accountOf(slot).keeper.onTarget(now, gone, std::nullopt);
}

void Guard::Impl::driveStops(Account &account)
{
    if (!account.present)
        return;
    if (now >= account.solveAt)
        targetStops(account);
    driveDeadMan(account);
    account.keeper.onReachable(now, account.venue, account.reconciled);
    std::vector<BackstopKeeper::Wish> wishes;
    account.keeper.drive(now, wishes);
    for (BackstopKeeper::Wish &wish : wishes)
        grant(account, wish);
}

void Guard::Impl::grant(Account &account, BackstopKeeper::Wish &wish)
{
    using What = BackstopKeeper::Wish::What;
    const InstrumentKey instrument = wish.position.instrument;
    switch (wish.what) {
    case What::Place: {
        const ClientOrderId id = wish.order.clientOrderId;
        auto approved = risk::RiskGate::check(wish.order, gateFacts(wish.order));
        if (!approved) {
            account.keeper.onOutcome(now, id, RequestOutcome::Rejected, approved.error().text());
            tell(Severity::Critical, "gate-refused",
                 fmt::format("{}: a resting stop did not pass our own gate: {}.", instrument.symbol.view(),
                             approved.error().text()),
                 &instrument);
            return;
        }
        openOrders.onSent(wish.order, now);
        out->emplace_back(SendOrder{{}, std::move(*approved)});
        return;
    }
    case What::Cancel: out->emplace_back(CancelOrder{{}, instrument, wish.stop}); return;
    case What::Query: out->emplace_back(QueryOrder{instrument, wish.stop}); return;
    case What::Alarm: tell(Severity::Critical, "stop-missing", wish.text, &instrument); return;
    case What::ClosePosition: break;
    }
    Slot *slot = findSlot(wish.position);
    if (slot == nullptr || !slot->life || account.arming != risk::Arming::Armed || !distrust(account).empty() ||
        (slot->plan && slot->plan->everything && !slot->plan->stopped))
        return;
    Plan plan;
    plan.decisionId = decisionId(*slot->life, "stop-missing", "close", toNanoseconds(now));
    plan.everything = true;
    plan.target = liveSize(*slot, slot->life->direction);
    tell(Severity::Critical, "stop-missing-close",
         fmt::format("{}: {}. Closing it.", instrument.symbol.view(), wish.text), &instrument, plan.decisionId);
    startPlan(*slot, std::move(plan));
}

void Guard::Impl::recordCover()
{
    if (now < coverRecordAt)
        return;
    if (std::exchange(coverRecordAt, now + kRecordEvery) == UtcTime{})
        return; // nothing was measured yet
    coverRecordAt = now + kRecordEvery;
    for (const Account &account : accounts) {
        if (account.present)
            out->emplace_back(CoverRecord{account.venue, std::chrono::floor<std::chrono::days>(now),
                                          account.keeper.nakedNotionalSeconds(now)});
    }
}

} // namespace core::orders
