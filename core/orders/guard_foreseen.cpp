// Which orders could be next: the same arithmetic as when a tier fires, at the marks where it would.
#include <algorithm>

#include "core/orders/guard_impl.h"
#include "core/risk/position_math.h"

namespace core::orders
{

namespace
{
/// A tier that may fire, and how far away that is.
struct Candidate {
    const Slot *slot{nullptr};
    std::size_t tier{0};
    int fireNumber{1};
    Price trigger;
    std::int64_t distance{0}; ///< of the mark, raw ratio
};
} // namespace

std::vector<OrderRequest> Guard::foreseen() const
{
    return m_impl->foreseen();
}

std::vector<OrderRequest> Guard::Impl::foreseen() const
{
    std::vector<OrderRequest> requests;
    const auto slippage = slippageOf(1, config);
    if (arming != risk::Arming::Armed || !config.positionLoss.enabled || !reconciled || !slippage)
        return requests;
    const auto &tiers = config.positionLoss.tiers;
    std::vector<Candidate> near;
    for (const Slot &slot : slots) {
        const Market &market = markets[slot.market];
        if (slot.plan || !slot.life || !slot.ledger.isKnown() || isWaiting(slot) || !market.instrument || !market.mark ||
            !market.mark->isPositive() || !liveSize(slot, slot.life->direction).isPositive())
            continue;
        for (std::size_t i = 0; i < tiers.size(); ++i) {
            const auto trigger = risk::priceAtLoss(slot.ledger.base(), tiers[i].trigger);
            const auto firing = risk::peek(config.positionLoss, slot.armedState, tiers[i].trigger);
            if (!trigger || !firing || firing->tier != i || tiers[i].action == risk::LossAction::Alert)
                continue;
            const auto gap = checkedSub(std::max(*market.mark, *trigger).raw(), std::min(*market.mark, *trigger).raw());
            const auto distance = gap ? mulDiv(*gap, kDecimalOne, market.mark->raw(), Rounding::Floor) : gap;
            if (distance)
                near.push_back({&slot, i, firing->fireNumber, *trigger, *distance});
        }
    }
    std::stable_sort(near.begin(), near.end(), [](const Candidate &a, const Candidate &b) { return a.distance < b.distance; });
    near.resize(std::min(near.size(), kForeseenMost / kForeseenSteps));
    for (const Candidate &candidate : near) {
        const Slot &slot = *candidate.slot;
        const risk::LossTier &tier = tiers[candidate.tier];
        const Direction direction = slot.life->direction;
        const std::string decision = decisionId(*slot.life, kPositionLoss, tier.id, candidate.fireNumber);
        for (int step = 0; step < kForeseenSteps; ++step) {
            const auto mark = foreseenReference(candidate.trigger, closingSide(direction), *slippage, step);
            if (!mark)
                break;
            OrderRequest request = closeRequest(slot, direction, candidate.trigger, *mark, slippage);
            request.quantity = closingSize(slot, tier, *mark);
            if (slices(request.quantity, *markets[slot.market].instrument, request.type).size() != 1)
                break;
            request.clientOrderId = orderId(decision, 1, 0);
            requests.push_back(std::move(request));
        }
    }
    return requests;
}

} // namespace core::orders
