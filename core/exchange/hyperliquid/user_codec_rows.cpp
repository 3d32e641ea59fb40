#include "core/exchange/hyperliquid/user_codec_rows.h"

#include <algorithm>
#include <array>

#include "core/exchange/hyperliquid/user_codec.h"

namespace core::exchange::hyperliquid
{

namespace
{
constexpr int kChildrenDepthMax = 4;
constexpr std::size_t kWordShownMax = 32;

struct TypeWord {
    std::string_view word;
    OrderType type;
};
// Slices of a TWAP, closings of a vault and dust are orders with a limit that never rest.
constexpr std::array<TypeWord, 9> kTypeWords{{{"Market", OrderType::Market},
                                              {"Limit", OrderType::Limit},
                                              {"Stop Market", OrderType::StopMarket},
                                              {"Stop Limit", OrderType::StopLimit},
                                              {"Take Profit Market", OrderType::TakeProfitMarket},
                                              {"Take Profit Limit", OrderType::TakeProfitLimit},
                                              {"Twap Slice", OrderType::Limit},
                                              {"Vault Close", OrderType::Limit},
                                              {"Spot Dust Conversion", OrderType::Limit}}};

[[nodiscard]] OrderType orderType(std::string_view word)
{
    const auto *const found = std::find_if(kTypeWords.begin(), kTypeWords.end(),
                                           [&](const TypeWord &entry) { return entry.word == word; });
    return found == kTypeWords.end() ? OrderType::Unknown : found->type;
}

[[nodiscard]] bool readCloid(Reader &reader, ClientOrderId &out)
{
    std::string_view word;
    if (!reader.text(word))
        return false;
    const auto id = ClientOrderId::from(word);
    if (!id)
        return reader.refuse(ErrorCode::ParseFailed, "expects a client order id of at most 36 bytes");
    out = *id;
    return true;
}

[[nodiscard]] bool readOrderId(Reader &reader, VenueOrderId &out)
{
    return reader.whole(out.value);
}

/// `filled` and the open status follow from what was ordered and what remains.
[[nodiscard]] bool settleOrder(Reader &reader, OrderRow &row)
{
    OrderUpdate &update = row.update;
    const std::int64_t filled = update.quantity.raw() - row.remaining.raw();
    // A trigger for the whole position has size 0 until it fires.
    if (filled < 0 && !update.quantity.isZero())
        return reader.refuse(ErrorCode::OutOfRange, "more remains than was ordered");
    update.filled = Quantity::fromRaw(std::max<std::int64_t>(filled, 0));
    row.filledIsBound = update.reduceOnly == ReduceOnly::Yes && !update.filled.isZero();
    if (update.status == OrderStatus::New && !update.filled.isZero() && !row.filledIsBound)
        update.status = OrderStatus::PartiallyFilled;
    return true;
}

[[nodiscard]] bool readBoolean(Reader &reader, ReduceOnly &out)
{
    bool value = false;
    if (!reader.boolean(value))
        return false;
    out = value ? ReduceOnly::Yes : ReduceOnly::No;
    return true;
}

[[nodiscard]] bool readLiquidated(Reader &reader, FillRow::Liquidated &out)
{
    return reader.object(may("liquidatedUser", [&] { return reader.words(out.user); }),
                         may("markPx", [&] { return reader.computedPrice(out.mark); }),
                         may("method", [&] { return reader.words(out.method); }));
}
} // namespace

OrderStatus orderStatus(std::string_view word)
{
    if (word == "open")
        return OrderStatus::New;
    if (word == "filled")
        return OrderStatus::Filled;
    if (word == "triggered")
        return OrderStatus::Triggered;
    if (word == "canceled" || word.ends_with("Canceled") || word == "scheduledCancel" ||
        word == "internalCancel")
        return OrderStatus::Canceled;
    if (word == "rejected" || word.ends_with("Rejected"))
        return OrderStatus::Rejected;
    return OrderStatus::Unknown;
}

bool readOrder(Reader &reader, OrderRow &out, UtcTime receivedAt, int depth)
{
    if (depth > kChildrenDepthMax)
        return reader.refuse(ErrorCode::ParseFailed, "children of children beyond reason");
    OrderUpdate &update = out.update;
    update.status = OrderStatus::New;
    update.receivedAt = receivedAt;
    bool isTrigger = false;
    Price limit;
    Price trigger;
    bool sized = false;
    const bool read =
        reader.object(must("coin", [&] { return reader.coin(update.instrument); }),
                      must("side", [&] { return reader.bidOrAsk(update.side); }),
                      must("limitPx", [&] { return reader.priceOrZero(limit); }),
                      must("sz", [&] { return reader.size(out.remaining); }),
                      must("oid", [&] { return readOrderId(reader, update.venueOrderId); }),
                      must("timestamp", [&] { return reader.moment(out.placedAt); }),
                      may("origSz", [&] { return sized = reader.size(update.quantity); }),
                      may("cloid", [&] { return readCloid(reader, update.clientOrderId); }),
                      may("reduceOnly", [&] { return readBoolean(reader, update.reduceOnly); }),
                      may("isTrigger", [&] { return reader.boolean(isTrigger); }),
                      may("triggerPx", [&] { return reader.priceOrZero(trigger); }),
                      may("isPositionTpsl", [&] { return reader.boolean(out.wholePosition); }),
                      may("orderType", [&] { return reader.words(out.venueType); }),
                      may("tif", [&] { return reader.words(out.timeInForce); }), may("children", [&] {
                          return reader.rows(out.children, [&](OrderRow &child) {
                              return readOrder(reader, child, receivedAt, depth + 1);
                          });
                      }));
    if (!read)
        return false;
    if (!sized)
        update.quantity = out.remaining;
    update.type = orderType(out.venueType);
    if (update.type == OrderType::Unknown && !out.venueType.empty())
        update.reason = "unknown order type " + out.venueType.substr(0, kWordShownMax);
    if (limit.isPositive())
        update.limitPrice = limit;
    if (isTrigger && trigger.isPositive())
        update.triggerPrice = trigger;
    update.venueTime = out.placedAt;
    return settleOrder(reader, out);
}

bool readOrderWithStatus(Reader &reader, OrderRow &out, UtcTime receivedAt)
{
    std::optional<UtcTime> since;
    const bool read = reader.object(must("order", [&] { return readOrder(reader, out, receivedAt); }),
                                    must("status", [&] { return reader.words(out.venueStatus); }),
                                    may("statusTimestamp", [&] { return reader.moment(since); }));
    if (!read)
        return false;
    OrderUpdate &update = out.update;
    const OrderStatus status = orderStatus(out.venueStatus);
    if (status != OrderStatus::New) // "open" stays New or PartiallyFilled
        update.status = status;
    if (status == OrderStatus::Unknown || status == OrderStatus::Rejected ||
        (status == OrderStatus::Canceled && out.venueStatus != "canceled"))
        update.reason = out.venueStatus;
    if (status == OrderStatus::Rejected) { // never live: what "remains" was not executed either
        update.filled = {};
        out.filledIsBound = false;
    }
    if (since)
        update.venueTime = *since;
    return true;
}

bool readFill(Reader &reader, FillRow &out, UtcTime receivedAt)
{
    Fill &fill = out.fill;
    fill.receivedAt = receivedAt;
    bool crossed = false;
    const bool read =
        reader.object(must("coin", [&] { return reader.coin(fill.instrument); }),
                      must("px", [&] { return reader.computedPrice(fill.price); }),
                      must("sz", [&] { return reader.roundedSize(fill.quantity); }),
                      must("side", [&] { return reader.bidOrAsk(fill.side); }),
                      must("time", [&] { return reader.moment(fill.venueTime); }),
                      must("oid", [&] { return readOrderId(reader, fill.venueOrderId); }),
                      must("crossed", [&] { return reader.boolean(crossed); }),
                      must("fee", [&] { return reader.roundedValue(fill.fee); }),
                      must("closedPnl", [&] { return reader.roundedValue(fill.realizedPnl); }),
                      may("startPosition", [&] { return reader.roundedValue(out.startPosition); }),
                      may("tid", [&] { return reader.whole(fill.tradeId); }),
                      may("feeToken", [&] { return reader.asset(fill.feeAsset); }),
                      may("cloid", [&] { return readCloid(reader, fill.clientOrderId); }),
                      may("dir", [&] { return reader.words(out.direction); }),
                      may("hash", [&] { return reader.words(out.hash); }),
                      may("builderFee", [&] { return reader.roundedValue(out.builderFee); }),
                      may("twapId", [&] { return reader.whole(out.twapId); }),
                      may("liquidation", [&] { return readLiquidated(reader, out.liquidation.emplace()); }));
    fill.maker = !crossed;
    return read;
}

std::optional<SignedSize> positionAfter(const FillRow &row)
{
    if (!row.startPosition)
        return std::nullopt;
    const std::int64_t change = row.fill.quantity.raw();
    const auto after = row.fill.side == Side::Buy ? checkedAdd(row.startPosition->raw(), change)
                                                  : checkedSub(row.startPosition->raw(), change);
    return after ? std::optional(SignedSize::fromRaw(*after)) : std::nullopt;
}

bool readFlatFunding(Reader &reader, FundingRow &out)
{
    FundingPayment &payment = out.payment;
    payment.asset = *Asset::from("USDC"); // the field is called `usdc`
    return reader.object(must("coin", [&] { return reader.coin(payment.instrument); }),
                         must("usdc", [&] { return reader.roundedValue(payment.amount); }),
                         may("szi", [&] { return reader.roundedValue(out.position); }),
                         may("fundingRate", [&] { return reader.roundedValue(payment.rate); }),
                         may("time", [&] { return reader.moment(payment.venueTime); }),
                         may("hash", [&] { return reader.words(out.hash); }));
}

bool readFunding(Reader &reader, FundingRow &out)
{
    UtcTime time;
    std::string hash;
    const bool read = reader.object(must("time", [&] { return reader.moment(time); }),
                                    may("hash", [&] { return reader.words(hash); }),
                                    must("delta", [&] { return readFlatFunding(reader, out); }));
    out.payment.venueTime = time;
    out.hash = std::move(hash);
    return read;
}

} // namespace core::exchange::hyperliquid
