// Prices of the resting stops: each position's own bound, and its share of every group's headroom.
#include <algorithm>
#include <limits>

#include "core/orders/backstop.h"
#include "core/risk/position_math.h"

namespace core::orders
{

namespace
{
__extension__ using Wide = __int128;
using BoundBy = BackstopPrice::BoundBy;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Wide floorDiv(Wide a, Wide b) // b > 0
{
    return a / b - (a % b < 0 ? 1 : 0);
}
Wide ceilDiv(Wide a, Wide b)
{
    return a / b + (a % b > 0 ? 1 : 0);
}

/// One position with its exact arithmetic. Money is counted in 1e-8, losses are rounded up.
class Leg
{
public:
    Leg(const BackstopPosition &position, const risk::BackstopLimits &limits)
        : m_position(position), m_isLong(position.life.direction == Direction::Long)
    {
        const std::int64_t slippage = limits.slippageAllowance.raw();
        const std::int64_t fee = position.feeRate.raw();
        const bool rates = slippage >= 0 && slippage < kDecimalOne && fee >= 0 && fee < kDecimalOne;
        m_slipped = kDecimalOne + (m_isLong ? -slippage : slippage);
        m_charged = kDecimalOne + (m_isLong ? -fee : fee);
        m_value = static_cast<Wide>(position.quantity.raw()) * position.mark.raw();
        m_isUsable = rates && position.instrument != nullptr && position.instrument->tickSize.isPositive() &&
                     position.quantity.isPositive() && position.mark.isPositive() &&
                     m_value / kDecimalOne < kMost / 4;
        if (!m_isUsable)
            return;
        const auto atMark = lossAt(position.mark);
        m_isUsable = atMark.has_value();
        m_base = atMark.value_or(0);
        findOwn(limits);
    }

    [[nodiscard]] bool isUsable() const { return m_isUsable; }
    /// Of leaving at the mark now.
    [[nodiscard]] Wide base() const { return m_base; }
    /// Most that it can lose beyond `base`: by its own bound, or because a price cannot fall below zero.
    [[nodiscard]] std::int64_t extraMost() const { return m_extraMost; }
    [[nodiscard]] const std::optional<BackstopPrice> &own() const { return m_own; }

    /// What part of a headroom it gets; positive.
    [[nodiscard]] Wide weight(bool bySigma) const
    {
        const Wide money = std::max<Wide>(1, m_value / kDecimalOne);
        // Above 10,000 % a day it weighs no more.
        return bySigma ? money * std::min(m_position.sigmaDay->raw(), 100 * kDecimalOne) : money;
    }
    [[nodiscard]] bool knowsSigma() const { return m_position.sigmaDay && m_position.sigmaDay->isPositive(); }

    /// The trigger at which it loses at most base + extra; absent where no price does.
    [[nodiscard]] std::optional<BackstopPrice> within(std::int64_t extra, BoundBy by) const
    {
        const Wide money = (m_base + extra) * kDecimalOne;
        const Wide size = m_position.quantity.raw();
        const Wide net = m_isLong ? ceilDiv(m_value - money, size) : floorDiv(m_value + money, size);
        if (net <= 0 || net > kMost)
            return std::nullopt;
        const Rounding tighter = m_isLong ? Rounding::Ceil : Rounding::Floor;
        const auto price =
            mulDiv(static_cast<std::int64_t>(net), kDecimalOne, m_charged, tighter)
                .and_then([&](std::int64_t raw) { return mulDiv(raw, kDecimalOne, m_slipped, tighter); });
        return price ? std::optional(onTick(Price::fromRaw(*price), by)) : std::nullopt;
    }
    [[nodiscard]] BackstopPrice atMark(BoundBy by) const { return {m_position.mark, by, true}; }
    /// Whether `a` triggers before `b`; of equals the earlier reason.
    [[nodiscard]] bool isTighter(const BackstopPrice &a, const BackstopPrice &b) const
    {
        if (a.atMark != b.atMark)
            return a.atMark;
        if (a.trigger != b.trigger)
            return m_isLong ? a.trigger > b.trigger : a.trigger < b.trigger;
        return a.boundBy < b.boundBy;
    }

private:
    /// Loss from the present mark when the stop fills at `trigger` ∓ slippage and the fee is paid.
    [[nodiscard]] std::optional<Wide> lossAt(Price trigger) const
    {
        const Rounding worse = m_isLong ? Rounding::Floor : Rounding::Ceil;
        const auto net = mulDiv(trigger.raw(), m_slipped, kDecimalOne, worse).and_then([&](std::int64_t raw) {
            return mulDiv(raw, m_charged, kDecimalOne, worse);
        });
        if (!net)
            return std::nullopt;
        const Wide mark = m_position.mark.raw();
        return ceilDiv(m_position.quantity.raw() * (m_isLong ? mark - *net : *net - mark), kDecimalOne);
    }

    /// On the tick that triggers first, inside the venue's price range; at the mark when that is reached.
    [[nodiscard]] BackstopPrice onTick(Price price, BoundBy by) const
    {
        const Instrument &instrument = *m_position.instrument;
        const Price edge = m_isLong ? instrument.priceMin : instrument.priceMax;
        if (edge.isPositive())
            price = m_isLong ? std::max(price, edge) : std::min(price, edge);
        const auto valid = price.isPositive()
                               ? toValidPrice(instrument, price, m_isLong ? Rounding::Ceil : Rounding::Floor)
                               : Result<Price>(fail(ErrorCode::OutOfRange, "trigger"));
        if (!valid || (m_isLong ? *valid >= m_position.mark : *valid <= m_position.mark))
            return atMark(by);
        return {*valid, by, false};
    }

    void findOwn(const risk::BackstopLimits &limits)
    {
        if (m_position.ownLimit && m_position.ownLimit->isPositive())
            m_own = onTick(*m_position.ownLimit, BoundBy::Own);
        if (const auto edge = beforeLiquidation(limits)) {
            const BackstopPrice bound = onTick(*edge, BoundBy::Liquidation);
            if (!m_own || isTighter(bound, *m_own))
                m_own = bound;
        }
        // A long at price zero has lost its value, and no more.
        Wide most = m_isLong ? ceilDiv(m_value, kDecimalOne) - m_base : kMost;
        if (m_own)
            if (const auto loss = lossAt(m_own->trigger))
                most = *loss - m_base;
        m_extraMost = static_cast<std::int64_t>(std::clamp<Wide>(most, 0, kMost));
    }

    /// Liquidation ∓ buffer. A hedge leg is liquidated with its account: a price on its profit side is no
    /// bound of it.
    [[nodiscard]] std::optional<Price> beforeLiquidation(const risk::BackstopLimits &limits) const
    {
        const auto &liquidation = m_position.liquidation;
        if (!liquidation || !liquidation->isPositive())
            return std::nullopt;
        const bool profitSide = m_isLong ? *liquidation >= m_position.mark : *liquidation <= m_position.mark;
        if (profitSide && m_position.life.position.side != PositionSide::Both)
            return std::nullopt;
        const auto buffer = scaled(m_position.mark, limits.liquidationBuffer, Rounding::Ceil);
        const auto edge = buffer.and_then(
            [&](Price away) { return m_isLong ? add(*liquidation, away) : subtract(*liquidation, away); });
        return edge.value_or(m_position.mark); // a buffer that cannot be reckoned with leaves no room
    }

    const BackstopPosition &m_position;
    bool m_isLong;
    bool m_isUsable{false};
    std::int64_t m_slipped{kDecimalOne};
    std::int64_t m_charged{kDecimalOne};
    Wide m_value{0}; ///< quantity × mark, in 1e-16
    Wide m_base{0};
    std::int64_t m_extraMost{0};
    std::optional<BackstopPrice> m_own;
};

struct Share {
    std::size_t leg{0};
    std::int64_t most{0};
    std::int64_t weight{1};
    std::int64_t extra{0};
    bool isFull{false};
};

/// Weights in 62 bits together, none zero.
void fitWeights(std::vector<Share> &shares, const std::vector<Leg> &legs)
{
    const bool bySigma = std::all_of(shares.begin(), shares.end(),
                                     [&](const Share &share) { return legs[share.leg].knowsSigma(); });
    Wide sum = 0;
    for (const Share &share : shares)
        sum += legs[share.leg].weight(bySigma) / static_cast<Wide>(shares.size()) + 1;
    int shift = 0;
    while ((sum >> shift) * static_cast<Wide>(shares.size()) > (Wide{1} << 61))
        ++shift;
    for (Share &share : shares)
        share.weight =
            std::max<std::int64_t>(1, static_cast<std::int64_t>(legs[share.leg].weight(bySigma) >> shift));
}

/// extra = min(most, level × weight), the level such that the sum is `room`: exact, so less room never gives
/// anyone more.
void fill(std::vector<Share> &shares, std::int64_t room)
{
    Wide left = room;
    Wide weights = 0;
    for (const Share &share : shares)
        weights += share.weight;
    for (bool again = true; again && weights > 0;) {
        again = false;
        const Wide roomNow = left;
        const Wide weightsNow = weights;
        for (Share &share : shares) {
            if (share.isFull)
                continue;
            share.extra = static_cast<std::int64_t>(roomNow * share.weight / weightsNow);
            if (share.most > share.extra)
                continue;
            share.extra = share.most;
            share.isFull = true;
            again = true;
            left -= share.most;
            weights -= share.weight;
        }
    }
}

void boundBy(const BackstopGroup &group, const std::vector<Leg> &legs,
             std::vector<std::optional<BackstopPrice>> &out)
{
    const BoundBy by = group.scope == risk::Scope::AllAccounts ? BoundBy::AllAccounts : BoundBy::Account;
    std::vector<Share> shares;
    shares.reserve(group.members.size());
    Wide room = group.headroom.raw();
    for (const std::size_t member : group.members) {
        if (member >= legs.size() || !legs[member].isUsable())
            continue;
        shares.push_back({.leg = member, .most = legs[member].extraMost()});
        room -= legs[member].base();
    }
    const auto take = [&](std::size_t leg, const BackstopPrice &price) {
        if (!out[leg] || legs[leg].isTighter(price, *out[leg]))
            out[leg] = price;
    };
    if (room <= 0) {
        for (const Share &share : shares)
            take(share.leg, legs[share.leg].atMark(by));
        return;
    }
    fitWeights(shares, legs);
    fill(shares, static_cast<std::int64_t>(room));
    for (const Share &share : shares) {
        if (share.isFull) // its own bound is tighter than what it could have here
            continue;
        if (const auto price = legs[share.leg].within(share.extra, by))
            take(share.leg, *price);
    }
}
} // namespace

std::vector<std::optional<BackstopPrice>> solveBackstops(const std::vector<BackstopPosition> &positions,
                                                         const std::vector<BackstopGroup> &groups,
                                                         const risk::BackstopLimits &limits)
{
    std::vector<Leg> legs;
    legs.reserve(positions.size());
    for (const BackstopPosition &position : positions)
        legs.emplace_back(position, limits);
    std::vector<std::optional<BackstopPrice>> out(positions.size());
    for (std::size_t i = 0; i < legs.size(); ++i)
        if (legs[i].isUsable())
            out[i] = legs[i].own();
    for (const BackstopGroup &group : groups)
        boundBy(group, legs, out);
    return out;
}

} // namespace core::orders
