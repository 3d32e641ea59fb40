#include "core/exchange/hyperliquid/margin.h"

#include <set>
#include <tuple>
#include <unordered_map>

#include "core/risk/position_math.h"

namespace core::exchange::hyperliquid
{

namespace
{
[[nodiscard]] bool within(UtcTime time, UtcTime from, UtcTime to)
{
    return time >= from && time < to;
}

/// Fees of spot purchases come off the coins bought, so their positions do not chain.
[[nodiscard]] bool isSpot(const Symbol &coin)
{
    return coin.view().starts_with('@') || coin.view().find('/') != std::string_view::npos;
}

[[nodiscard]] Result<void> addTo(Money &sum, Money value)
{
    const auto total = add(sum, value);
    if (!total)
        return fail(total.error().in("result of the day"));
    sum = *total;
    return {};
}

[[nodiscard]] Result<void> addFills(DayResult &out, const std::vector<FillRow> &fills,
                                    const Asset &settlement, UtcTime from, UtcTime to)
{
    std::set<std::tuple<UtcTime, Symbol, std::int64_t, VenueOrderId>> known;
    for (const FillRow &row : fills) {
        const Fill &fill = row.fill;
        if (!within(fill.venueTime, from, to))
            continue;
        const bool repeated =
            fill.tradeId != 0 &&
            !known.emplace(fill.venueTime, fill.instrument.symbol, fill.tradeId, fill.venueOrderId).second;
        if (repeated)
            continue;
        if (!fill.fee.isZero() && !fill.feeAsset.empty() && fill.feeAsset != settlement)
            return fail(ErrorCode::InvalidArgument,
                        "a fee was paid in " + fill.feeAsset.string() + ", not in " + settlement.string());
        const auto added =
            addTo(out.closed, fill.realizedPnl).and_then([&] { return addTo(out.fees, fill.fee); });
        if (!added)
            return added;
    }
    return {};
}

[[nodiscard]] Result<void> addFunding(DayResult &out, const std::vector<FundingRow> &funding,
                                      const Asset &settlement, UtcTime from, UtcTime to)
{
    std::set<std::tuple<UtcTime, Symbol>> known;
    for (const FundingRow &row : funding) {
        const FundingPayment &payment = row.payment;
        if (!within(payment.venueTime, from, to) ||
            !known.emplace(payment.venueTime, payment.instrument.symbol).second)
            continue;
        if (payment.asset != settlement)
            return fail(ErrorCode::InvalidArgument, "funding was paid in " + payment.asset.string());
        if (const auto added = addTo(out.funding, payment.amount); !added)
            return added;
    }
    return {};
}
using Expected = std::unordered_map<Symbol, SignedSize>;

void link(Expected &expected, const FillRow &row)
{
    const auto after = positionAfter(row);
    if (after)
        expected.insert_or_assign(row.fill.instrument.symbol, *after);
    else
        expected.erase(row.fill.instrument.symbol);
}

/// The fill that may come next of those with the coin and time of `at`: where the chain ended, or without a
/// chain the first. nullopt when none fits.
[[nodiscard]] std::optional<std::size_t> continuation(const std::vector<FillRow> &rows,
                                                      const std::vector<bool> &linked, std::size_t at,
                                                      const Expected &expected)
{
    const Fill &first = rows[at].fill;
    const auto known = expected.find(first.instrument.symbol);
    if (isSpot(first.instrument.symbol) || known == expected.end())
        return at;
    for (std::size_t i = at; i < rows.size() && rows[i].fill.venueTime == first.venueTime; ++i) {
        const bool mine = !linked[i] && rows[i].fill.instrument == first.instrument;
        if (mine && (!rows[i].startPosition || *rows[i].startPosition == known->second))
            return i;
    }
    return std::nullopt;
}
} // namespace

Result<Money> maintenanceMargin(const std::vector<MarginTier> &tiers, Money positionValue)
{
    if (tiers.empty() || positionValue.isNegative())
        return fail(ErrorCode::InvalidArgument, "maintenance needs margin tiers and a value of at least 0");
    if (positionValue.isZero())
        return Money{};
    const auto margin = risk::maintenanceMargin(tiers, positionValue);
    if (!margin)
        return fail(ErrorCode::OutOfRange, "the maintenance margin does not fit");
    return *margin;
}

Result<std::optional<Price>> liquidationPrice(const LiquidationInput &input,
                                              const std::vector<MarginTier> &tiers)
{
    if (tiers.empty() || !input.quantity.isPositive() || !input.mark.isPositive())
        return fail(ErrorCode::InvalidArgument,
                    "a liquidation price needs margin tiers, a quantity and a mark");
    const auto margin = subtract(input.equity, input.maintenanceOfOthers);
    if (!margin)
        return fail(margin.error());
    // Seen from the mark instead of the entry, the margin is the equity.
    const auto found = risk::liquidation(input.direction, input.quantity, input.mark, *margin, tiers);
    return found ? std::optional(found->price) : std::nullopt;
}

Result<DayResult> dayResult(const std::vector<FillRow> &fills, const std::vector<FundingRow> &funding,
                            const Asset &settlement, UtcTime from, UtcTime to)
{
    DayResult out;
    const auto added = addFills(out, fills, settlement, from, to).and_then([&] {
        return addFunding(out, funding, settlement, from, to);
    });
    if (!added)
        return fail(added.error());
    const auto net =
        subtract(out.closed, out.fees).and_then([&](Money gain) { return add(gain, out.funding); });
    if (!net)
        return fail(net.error().in("result of the day"));
    out.total = *net;
    return out;
}

std::optional<std::size_t> firstBrokenLink(const std::vector<FillRow> &oldestFirst)
{
    Expected expected;
    std::vector<bool> linked(oldestFirst.size(), false);
    for (std::size_t i = 0; i < oldestFirst.size(); ++i) {
        // Fills of one millisecond come in any order: the one that continues the chain is next.
        while (!linked[i]) {
            const auto found = continuation(oldestFirst, linked, i, expected);
            if (!found)
                return i;
            linked[*found] = true;
            link(expected, oldestFirst[*found]);
        }
    }
    return std::nullopt;
}

} // namespace core::exchange::hyperliquid
