// A lockout, or a limit that blocks new risk, holds for what is placed elsewhere too: entry orders are taken back, and a position
// that grew while locked is reduced to what it was.
#include <algorithm>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

namespace
{
constexpr Duration kCancelAgain = std::chrono::seconds{2};

bool covers(const risk::Lockout &lockout, const InstrumentKey &instrument)
{
    if (lockout.scope == risk::Scope::AllAccounts || !lockout.account)
        return true;
    if (*lockout.account != instrument.venue)
        return false;
    return lockout.scope == risk::Scope::Account || lockout.instrument == instrument;
}
} // namespace

const risk::Lockout *Guard::Impl::lockoutOf(const InstrumentKey &instrument) const
{
    const auto found = std::find_if(lockouts.begin(), lockouts.end(),
                                    [&](const risk::Lockout &lockout) { return covers(lockout, instrument); });
    return found == lockouts.end() ? nullptr : &*found;
}

/// It could open or increase. An order against the position that takes no more than it together with its like does not.
bool Guard::Impl::addsRisk(const OrderUpdate &order)
{
    if (isBoundToReduce(order.reduceOnly, order.positionSide, order.side))
        return false;
    const Slot *slot = findSlot({order.instrument, order.positionSide});
    if (slot == nullptr || !slot->life || order.side != closingSide(slot->life->direction))
        return true;
    const Quantity away = openOrders.entering(order.instrument, order.positionSide, order.side, order.clientOrderId);
    const auto total = add(add(away, unfilled(order)).value_or(away),
                           openOrders.closing(order.instrument, order.positionSide, slot->life->direction));
    return !total || *total > liveSize(*slot, slot->life->direction);
}

void Guard::Impl::enforceLocks(Account &account)
{
    if (!account.present || account.arming == risk::Arming::Off || !account.reconciled)
        return;
    std::optional<InstrumentKey> judged;
    std::string reason;
    for (const auto &[key, order] : openOrders.all()) {
        if (key.first != account.venue || !addsRisk(order))
            continue;
        if (judged != order.instrument) {
            judged = order.instrument;
            reason.clear();
            for (const risk::Block &block : engine.blocks(order.instrument)) {
                // Doubt alone takes nothing back: it passes.
                if (block.reason != "not-reconciled" && block.reason != "stale" && block.reason != "no-limits" &&
                    block.reason != "reduced" && block.reason != "history-missing" && reason.empty())
                    reason = block.reason == "lockout" ? "lockout (" + block.number + ")" : block.reason;
            }
        }
        if (reason.empty())
            continue;
        const auto [sent, isNew] = taking.try_emplace(key, now);
        if (!isNew && (now - sent->second < kCancelAgain || account.arming != risk::Arming::Armed))
            continue;
        sent->second = now;
        const bool acts = account.arming == risk::Arming::Armed;
        if (acts)
            out->emplace_back(CancelOrder{{}, order.instrument, order.clientOrderId});
        if (isNew)
            tell(Severity::Warning, acts ? "entry-taken-back" : "entry-while-locked",
                 fmt::format("{}: order {} would add risk while {} holds. {}", order.instrument.symbol.view(),
                             order.clientOrderId.view(), reason,
                             acts ? "It is taken back." : "Alert only: it stays."),
                 &order.instrument);
    }
    std::erase_if(taking, [&](const auto &cancel) { return !openOrders.all().contains(cancel.first); });
}

/// Watches the size of a locked position; one that grew is brought back to its size at the lock, a new one is closed.
void Guard::Impl::noteLocks(Slot &slot)
{
    const risk::Lockout *lockout = lockouts.empty() ? nullptr : lockoutOf(slot.instrument);
    if (lockout == nullptr) {
        slot.lockSize.reset();
        return;
    }
    const Account &account = accountOf(slot);
    const Quantity size = slot.life ? liveSize(slot, slot.life->direction) : Quantity{};
    if (!slot.lockSize) {
        // What is there when we begin to look was there before the lock, as far as anybody can say.
        const bool isNew = account.completeSeen && slot.life && slot.life->openedAt > lockout->startedAt;
        slot.lockSize = isNew ? Quantity{} : size;
    }
    // Unless the fills since then tell of less: it was increased while nobody watched.
    if (slot.predates && slot.life)
        slot.lockSize = std::min(*slot.lockSize, slot.ledger.smallestSince(lockout->startedAt, slot.life->direction));
    if (slot.lockSizeLife != slot.lifeNumber && slot.life && slot.lockSizeLife != 0 && account.completeSeen)
        slot.lockSize = Quantity{}; // another position than the one that was locked
    slot.lockSizeLife = slot.life ? slot.lifeNumber : slot.lockSizeLife;
    if (size <= *slot.lockSize) {
        slot.lockSize = slot.life ? size : Quantity{};
        slot.lockTold = false;
        return;
    }
    if (account.arming == risk::Arming::Off || !account.reconciled || (slot.plan && !slot.plan->stopped))
        return;
    const Quantity surplus = Quantity::fromRaw(size.raw() - slot.lockSize->raw());
    const bool acts = account.arming == risk::Arming::Armed;
    const std::string decision = decisionId(*slot.life, lockout->id, "increase", toNanoseconds(now));
    if (!std::exchange(slot.lockTold, true) || acts)
        tell(acts ? Severity::Critical : Severity::Warning, acts ? "increase-taken-back" : "increase-while-locked",
             fmt::format("{} grew by {} while locked ({}). {}", slot.instrument.symbol.view(),
                         quantityText(surplus, marketOf(slot).rules()), lockout->reason,
                         acts ? "It is reduced to what it was." : "Alert only: nothing is sent."),
             &slot.instrument, acts ? decision : std::string_view{});
    if (!acts)
        return;
    Plan plan;
    plan.decisionId = decision;
    plan.everything = slot.lockSize->isZero();
    plan.target = surplus;
    startPlan(slot, std::move(plan));
}

} // namespace core::orders
