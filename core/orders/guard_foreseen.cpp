// Which orders could be next: the same arithmetic as when a tier fires, at the marks where it would. A limit of one position
// names its mark; where the mark may have gone further when it is seen, the next steps of the limit's grid are named too. A limit of
// the account could fire at any mark: the present one and the step beyond it.
#include <algorithm>

#include "core/orders/guard_impl.h"

namespace core::orders
{

namespace
{
constexpr std::size_t kStepsOfPosition = 4;
constexpr std::size_t kStepsOfAccount = 2;
} // namespace

std::vector<OrderRequest> Guard::foreseen(Venue account) { return m_impl->foreseen(m_impl->accountOf(account)); }

std::vector<OrderRequest> Guard::Impl::foreseen(Account &account)
{
    std::vector<OrderRequest> requests;
    if (account.arming != risk::Arming::Armed || !account.reconciled)
        return requests;
    for (Slot &slot : slots) {
        if (slot.instrument.venue == account.venue)
            slot.knownIds.clear();
    }
    for (const auto &coming : engine.coming(account.venue, kForeseenMost)) {
        for (const risk::Life &life : coming.targets) {
            Slot *slot = findSlot(life.position);
            if (requests.size() < kForeseenMost && slot != nullptr && slot->life == life &&
                slot->instrument.venue == account.venue)
                foresee(coming, *slot, requests);
        }
    }
    return requests;
}

void Guard::Impl::foresee(const risk::RiskEngine::Coming &coming, Slot &slot, std::vector<OrderRequest> &requests)
{
    const Deed deed{coming.subject, coming.tier, coming.action, coming.fraction, coming.fireNumber};
    const Market &market = marketOf(slot);
    const auto slippage = slippageOf(1, accountOf(slot).limits);
    if (slot.plan || mayHaveFired(slot, deed) || !slippage || !market.instrument || !market.mark || !market.mark->isPositive())
        return;
    risk::Life life = *slot.life;
    life.openedAt = slot.openedForIds.value_or(life.openedAt);
    hashLife(slot, life);
    const std::string decision = decisionId(*slot.idHash, risk::text(deed.subject), deed.tier, deed.fire);
    if (slot.decisions.contains(decision))
        return; // used in this opening: it would get another number
    slot.knownIds.push_back({deed.subject, deed.tier, deed.fire, decision});
    const Side side = closingSide(life.direction);
    std::optional<Price> mark = coming.mark.value_or(*market.mark);
    for (std::size_t step = 0; step < (coming.mark ? kStepsOfPosition : kStepsOfAccount) && mark; ++step) {
        auto request = firstOrder(slot, deed, *mark, *slippage, decision);
        if (!request || requests.size() == kForeseenMost)
            return;
        requests.push_back(std::move(*request));
        mark = nextReference(limitReference(*mark, side, *slippage, slot.instrument.venue), side, *slippage,
                             slot.instrument.venue);
    }
}

/// Absent: it would be more than one order, or none.
std::optional<OrderRequest> Guard::Impl::firstOrder(const Slot &slot, const Deed &deed, Price mark, Ratio slippage,
                                                    std::string_view decision) const
{
    const Market &market = markets[slot.market];
    OrderRequest request = closeRequest(slot, slot.life->direction, mark, slippage);
    Quantity closing = closingFor(slot, deed, mark);
    if (market.depth)
        closing = sliceByDepth(closing, takenWithin(*market.depth, request.side, mark, slippage, now),
                               lotRules(*market.instrument), mark);
    const auto pieces = slices(closing, *market.instrument, request.type);
    if (pieces.size() != 1)
        return std::nullopt;
    request.quantity = pieces.front();
    request.clientOrderId = orderId(decision, 1, 0);
    return request;
}

} // namespace core::orders
