// Which orders could be next: the same arithmetic as when a tier fires, at the marks where it would.
#include <algorithm>

#include "core/orders/guard_impl.h"
#include "core/risk/position_math.h"

namespace core::orders
{

namespace
{
struct Foreseen {
    std::int64_t distance{0}; ///< of the mark, in raw ratio
    OrderRequest request;
};
} // namespace

std::vector<OrderRequest> Guard::foreseen() const
{
    return m_impl->foreseen();
}

std::vector<OrderRequest> Guard::Impl::foreseen() const
{
    std::vector<Foreseen> all;
    const auto slippage = slippageOf(1, config);
    const auto &tiers = config.positionLoss.tiers;
    const bool mayAct = arming == risk::Arming::Armed && config.positionLoss.enabled && reconciled && slippage;
    for (const Slot &slot : slots) {
        const Market &market = markets[slot.market];
        if (!mayAct || slot.plan || !slot.life || !slot.ledger.isKnown() || isWaiting(slot) || !market.instrument ||
            !market.mark || !market.mark->isPositive() || !liveSize(slot, slot.life->direction).isPositive())
            continue;
        for (std::size_t i = 0; i < tiers.size(); ++i) {
            const auto trigger = risk::priceAtLoss(slot.ledger.base(), tiers[i].trigger);
            const auto firing = risk::peek(config.positionLoss, slot.armedState, tiers[i].trigger);
            if (!trigger || !firing || firing->tier != i || tiers[i].action == risk::TierAction::Alert)
                continue;
            const std::string decision = decisionId(*slot.life, kPositionLoss, tiers[i].id, firing->fireNumber);
            const Side side = closingSide(slot.life->direction);
            const auto gap = checkedSub(market.mark->raw(), trigger->raw());
            const auto distance = gap ? mulDiv(*gap < 0 ? -*gap : *gap, kDecimalOne, market.mark->raw(), Rounding::Floor) : gap;
            for (int step = 0; step < kForeseenSteps && distance; ++step) {
                const auto mark = foreseenReference(*trigger, side, *slippage, step);
                if (!mark)
                    break;
                OrderRequest request = closeRequest(slot, slot.life->direction, trigger, *mark, slippage);
                const Quantity size = closingSize(slot, tiers[i], *mark);
                if (slices(size, *market.instrument, request.type).size() != 1)
                    break;
                request.clientOrderId = orderId(decision, 1, 0);
                request.quantity = size;
                all.push_back({*distance, std::move(request)});
            }
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Foreseen &a, const Foreseen &b) { return a.distance < b.distance; });
    all.resize(std::min(all.size(), kForeseenMost));
    std::vector<OrderRequest> requests;
    requests.reserve(all.size());
    for (Foreseen &one : all)
        requests.push_back(std::move(one.request));
    return requests;
}

} // namespace core::orders
