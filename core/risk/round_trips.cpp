#include "core/risk/round_trips.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/base/assert.h"

namespace core::risk
{

namespace
{
__extension__ using Wide = __int128;

[[nodiscard]] Result<void> addNotional(Wide &sum, Price price, std::int64_t quantity)
{
    const Wide notional = static_cast<Wide>(price.raw()) * quantity; // 126 bits at most: fits
    if (__builtin_add_overflow(sum, notional, &sum))
        return fail(ErrorCode::OutOfRange, "round trip: the turnover does not fit");
    return {};
}

/// sum ÷ quantity, half to even: a price between the fills' own, so it fits.
[[nodiscard]] Price weighted(Wide sum, std::int64_t quantity)
{
    Wide quotient = sum / quantity;
    const Wide rest = (sum % quantity) * 2;
    if (rest > quantity || (rest == quantity && (quotient & 1) != 0))
        ++quotient;
    return Price::fromRaw(static_cast<std::int64_t>(quotient));
}

[[nodiscard]] Result<void> accumulate(Money &sum, Money part)
{
    const auto total = add(sum, part);
    if (!total)
        return fail(total.error());
    sum = *total;
    return {};
}

void appendNote(std::string &note, std::string_view sentence)
{
    note += note.empty() ? "" : "; ";
    note += sentence;
}

} // namespace

RoundTripBuilder::RoundTripBuilder(PositionSide side, Asset pnlAsset, std::optional<OpeningPosition> opening)
    : m_side(side), m_pnlAsset(pnlAsset)
{
    if (!opening || opening->quantity.isZero())
        return;
    m_open.sign = opening->direction == Direction::Long ? 1 : -1;
    m_open.quantity = m_open.quantityMax = m_open.opened = opening->quantity.raw();
    m_open.average = opening->entryPrice;
    m_open.openedNotional = static_cast<Wide>(opening->entryPrice.raw()) * opening->quantity.raw();
    m_open.openedAt = opening->seenAt;
    m_open.note = "already open when first seen: opening time and opening fees are not known";
}

Result<void> RoundTripBuilder::addFee(Open &trip, const Fill &fill, Money fee) const
{
    if (fee.isZero())
        return {};
    if (m_pnlAsset.empty() || fill.feeAsset.empty() || fill.feeAsset == m_pnlAsset)
        return accumulate(trip.fees, fee);
    for (auto &[asset, sum] : trip.otherFees) {
        if (asset == fill.feeAsset)
            return accumulate(sum, fee);
    }
    trip.otherFees.emplace_back(fill.feeAsset, fee);
    return {};
}

Result<void> RoundTripBuilder::increase(Open &trip, const Fill &fill, std::int64_t quantity, Money fee) const
{
    const auto held = checkedAdd(trip.quantity, quantity);
    const auto opened = checkedAdd(trip.opened, quantity);
    if (!held || !opened)
        return fail(ErrorCode::OutOfRange, "round trip: the quantity does not fit");
    if (trip.quantity == 0) {
        trip.openTradeId = fill.tradeId;
        trip.openedAt = fill.venueTime;
        trip.sign = fill.side == Side::Buy ? 1 : -1;
    }
    Wide cost = static_cast<Wide>(trip.average.raw()) * trip.quantity;
    if (auto done = addNotional(cost, fill.price, quantity); !done)
        return done;
    if (auto done = addNotional(trip.openedNotional, fill.price, quantity); !done)
        return done;
    trip.quantity = *held;
    trip.opened = *opened;
    trip.quantityMax = std::max(trip.quantityMax, trip.quantity);
    trip.average = weighted(cost, trip.quantity);
    return addFee(trip, fill, fee);
}

Result<void> RoundTripBuilder::reduce(Open &trip, const Fill &fill, std::int64_t quantity, Money fee) const
{
    if (auto done = addNotional(trip.closedNotional, fill.price, quantity); !done)
        return done;
    trip.quantity -= quantity;
    trip.closed += quantity;
    return addFee(trip, fill, fee);
}

Result<RoundTrip> RoundTripBuilder::finished(const Open &trip, const Fill &last) const
{
    RoundTrip row;
    row.openTradeId = trip.openTradeId;
    row.closeTradeId = last.tradeId;
    row.direction = trip.sign > 0 ? Direction::Long : Direction::Short;
    row.openedAt = trip.openedAt;
    row.closedAt = last.venueTime;
    row.size = Quantity::fromRaw(trip.opened);
    row.sizeMax = Quantity::fromRaw(trip.quantityMax);
    row.entryPrice = weighted(trip.openedNotional, trip.opened);
    row.exitPrice = weighted(trip.closedNotional, trip.closed);
    row.gross = trip.gross;
    row.fees = trip.fees;
    const auto net = subtract(trip.gross, trip.fees);
    if (!net)
        return fail(net.error());
    row.net = *net;
    row.note = trip.note;
    for (const auto &[asset, sum] : trip.otherFees)
        appendNote(row.note, fmt::format("fees of {} {} are not in the figures", sum.text(), asset.view()));
    if (m_pnlAsset.empty())
        appendNote(row.note, "the settlement asset was not known");
    return row;
}

/// A reduction of something we never saw: the venue realised a result, or a hedge leg moved against its own
/// direction.
Result<RoundTripBuilder::Open> RoundTripBuilder::unseenTrip(const Fill &fill) const
{
    Open trip;
    trip.sign = fill.side == Side::Buy ? -1 : 1; // what this fill reduces
    trip.quantity = trip.quantityMax = trip.opened = fill.quantity.raw();
    trip.openedAt = fill.venueTime;
    // entry = exit ∓ result ÷ quantity: what the venue itself must have used
    const auto move = mulDiv(fill.realizedPnl.raw(), kDecimalOne, fill.quantity.raw(), Rounding::HalfEven);
    const auto entry = move ? checkedSub(fill.price.raw(), trip.sign * *move) : move;
    if (!entry)
        return fail(entry.error());
    trip.average = Price::fromRaw(*entry);
    trip.openedNotional = static_cast<Wide>(*entry) * fill.quantity.raw();
    trip.note = "opened before the record began: entry from the venue's realised result, opening time and "
                "fees not known";
    return trip;
}

Result<std::optional<RoundTrip>> RoundTripBuilder::apply(const Fill &fill)
{
    if (!fill.quantity.isPositive() || !fill.price.isPositive())
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("fill {}: price and quantity must be above 0", fill.tradeId));
    Open next = m_open; // committed at the end: an error leaves the builder as it was
    const int sign = fill.side == Side::Buy ? 1 : -1;
    const bool wrongLeg = (m_side == PositionSide::Long && sign < 0) ||
                          (m_side == PositionSide::Short && sign > 0);
    if (next.sign == 0 && (wrongLeg || !fill.realizedPnl.isZero())) {
        auto unseen = unseenTrip(fill);
        if (!unseen)
            return fail(unseen.error());
        next = std::move(*unseen);
    }
    if (next.sign == 0 || next.sign == sign) {
        auto done = accumulate(next.gross, fill.realizedPnl).and_then([&] {
            return increase(next, fill, fill.quantity.raw(), fill.fee);
        });
        if (!done)
            return fail(done.error());
        m_open = std::move(next);
        return std::nullopt;
    }
    const std::int64_t closing = std::min(next.quantity, fill.quantity.raw());
    const std::int64_t opening = fill.quantity.raw() - closing;
    const auto closingFee = mulDiv(fill.fee.raw(), closing, fill.quantity.raw(), Rounding::HalfEven);
    const auto openingFee = closingFee ? checkedSub(fill.fee.raw(), *closingFee) : closingFee;
    if (!openingFee)
        return fail(openingFee.error());
    auto done = accumulate(next.gross, fill.realizedPnl).and_then([&] {
        return reduce(next, fill, closing, Money::fromRaw(*closingFee));
    });
    if (!done)
        return fail(done.error());
    if (next.quantity > 0) {
        m_open = std::move(next);
        return std::nullopt;
    }
    auto row = finished(next, fill);
    if (!row)
        return fail(row.error());
    next = Open{};
    if (opening > 0) {
        if (auto opened = increase(next, fill, opening, Money::fromRaw(*openingFee)); !opened)
            return fail(opened.error());
    }
    m_open = std::move(next);
    return std::optional<RoundTrip>(std::move(*row));
}

void sortFills(Venue venue, std::vector<Fill> &fills)
{
    std::stable_sort(fills.begin(), fills.end(), [venue](const Fill &a, const Fill &b) {
        if (a.venueTime != b.venueTime)
            return a.venueTime < b.venueTime;
        // Binance numbers the trades of a symbol upwards; Hyperliquid's ids are hashes and say nothing about
        // order.
        return venue == Venue::Binance && a.tradeId < b.tradeId;
    });
}

} // namespace core::risk
