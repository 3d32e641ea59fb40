#include "core/risk/gate.h"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

namespace core::risk
{

namespace
{
using Verdict = std::optional<Denial>;

Denial denial(DenyReason reason, std::string got = {}, std::string limit = {})
{
    return {reason, std::move(got), std::move(limit)};
}

bool isClientOrderId(std::string_view id)
{
    if (id.empty())
        return false;
    for (const char c : id) {
        const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        c == '.' || c == ':' || c == '/' || c == '_' || c == '-';
        if (!ok)
            return false;
    }
    return true;
}

Verdict checkForm(const OrderRequest &request)
{
    if (!isClientOrderId(request.clientOrderId.view()))
        return denial(DenyReason::BadClientOrderId, request.clientOrderId.string());
    if (request.type == OrderType::Unknown)
        return denial(DenyReason::TypeUnknown);
    if (!request.quantity.isPositive())
        return denial(DenyReason::BadQuantity, request.quantity.text(), "0");
    if (hasLimitPrice(request.type) && (!request.limitPrice || !request.limitPrice->isPositive()))
        return denial(DenyReason::PriceMissing);
    if (!hasLimitPrice(request.type) && request.limitPrice)
        return denial(DenyReason::PriceForbidden, request.limitPrice->text());
    if (!isConditional(request.type) && request.triggerPrice)
        return denial(DenyReason::PriceForbidden, request.triggerPrice->text());
    const bool trails = request.type == OrderType::TrailingStop;
    if (trails && (!request.callbackRate || !request.callbackRate->isPositive() || request.triggerPrice))
        return denial(DenyReason::TriggerMissing);
    if (isConditional(request.type) && !trails && (!request.triggerPrice || !request.triggerPrice->isPositive()))
        return denial(DenyReason::TriggerMissing);
    return std::nullopt;
}

/// Reduce-only: the right side of a live position, and with the other closing orders not more than it.
Verdict checkReduction(const OrderRequest &request, const GateFacts &facts)
{
    if (!facts.direction || !facts.live.isPositive())
        return denial(DenyReason::NoPosition);
    const Side closing = *facts.direction == Direction::Long ? Side::Sell : Side::Buy;
    if (request.side != closing)
        return denial(DenyReason::WrongSide);
    if (facts.raisedTo && request.quantity <= *facts.raisedTo)
        return std::nullopt;
    const auto total = add(request.quantity, facts.closing);
    if (!total || *total > facts.live)
        return denial(DenyReason::ExceedsPosition, total ? total->text() : "out of range", facts.live.text());
    return std::nullopt;
}

Verdict checkTick(const Instrument &instrument, const std::optional<Price> &price)
{
    if (price && instrument.tickSize.isPositive() && !isValidPrice(instrument, *price))
        return denial(DenyReason::OffTick, price->text(), instrument.tickSize.text());
    return std::nullopt;
}

Verdict checkPrice(const OrderRequest &request, const GateFacts &facts)
{
    const Instrument &instrument = *facts.instrument;
    const Price price = *request.limitPrice;
    if (instrument.priceMin.isPositive() && price < instrument.priceMin)
        return denial(DenyReason::PriceOutsideLimits, price.text(), instrument.priceMin.text());
    if (instrument.priceMax.isPositive() && price > instrument.priceMax)
        return denial(DenyReason::PriceOutsideLimits, price.text(), instrument.priceMax.text());
    if (!facts.mark || !facts.mark->isPositive())
        return std::nullopt;
    // One-sided, as the venue checks it: a buy not far above, a sell not far below the mark.
    const bool isBuy = request.side == Side::Buy;
    const Ratio band = isBuy ? instrument.priceUp : instrument.priceDown;
    if (!band.isPositive())
        return std::nullopt;
    const auto edge = scaled(*facts.mark, band, isBuy ? Rounding::Floor : Rounding::Ceil);
    if (edge && (isBuy ? price > *edge : price < *edge))
        return denial(DenyReason::PriceOutsideBand, price.text(), edge->text());
    return std::nullopt;
}

Verdict checkSize(const OrderRequest &request, const GateFacts &facts)
{
    const Instrument &instrument = *facts.instrument;
    const bool isMarket = !hasLimitPrice(request.type);
    const Quantity step =
        isMarket && instrument.marketStepSize.isPositive() ? instrument.marketStepSize : instrument.stepSize;
    const Quantity least = isMarket ? instrument.marketQuantityMin : instrument.quantityMin;
    const Quantity most = isMarket ? instrument.marketQuantityMax : instrument.quantityMax;
    const bool wholePosition = request.reduceOnly == ReduceOnly::Yes && request.quantity == facts.live;
    // The rest of a position may be smaller than the rules for new orders allow; closing all of it is never
    // refused here.
    if (!wholePosition) {
        if (step.isPositive() && request.quantity.raw() % step.raw() != 0)
            return denial(DenyReason::OffStep, request.quantity.text(), step.text());
        if (request.quantity < least)
            return denial(DenyReason::BelowQuantityMin, request.quantity.text(), least.text());
    }
    if (most.isPositive() && request.quantity > most)
        return denial(DenyReason::AboveQuantityMax, request.quantity.text(), most.text());
    return std::nullopt;
}

Verdict checkNotional(const OrderRequest &request, const GateFacts &facts)
{
    const std::optional<Price> price =
        request.limitPrice ? request.limitPrice : request.triggerPrice ? request.triggerPrice : facts.mark;
    if (!price)
        return denial(DenyReason::NotFresh);
    const auto value = notional(*price, request.quantity, Rounding::Floor);
    if (!value)
        return denial(DenyReason::BadQuantity, request.quantity.text());
    if (*value < facts.instrument->notionalMin)
        return denial(DenyReason::BelowNotionalMin, value->text(), facts.instrument->notionalMin.text());
    return std::nullopt;
}

std::string percent(Ratio ratio)
{
    const auto hundredfold = mulDiv(ratio.raw(), 100, 1, Rounding::Ceil);
    return hundredfold ? decimalText(*hundredfold) + " %" : "out of range";
}

/// What no click overrides: the size of one order, a slipped price, and a loop that sends without end.
Verdict checkWalls(const OrderRequest &request, const GateFacts &facts)
{
    const GateLimits &walls = *facts.walls;
    if (facts.sentLastSecond >= walls.ordersPerSecond)
        return denial(DenyReason::OrderRate, std::to_string(facts.sentLastSecond + 1) + " in a second",
                      std::to_string(walls.ordersPerSecond));
    if (facts.sentLastMinute >= walls.ordersPerMinute)
        return denial(DenyReason::OrderRate, std::to_string(facts.sentLastMinute + 1) + " in a minute",
                      std::to_string(walls.ordersPerMinute));
    if (!facts.equity || !facts.equity->isPositive())
        return denial(DenyReason::EquityUnknown);
    if (!facts.mark || !facts.mark->isPositive())
        return denial(DenyReason::NotFresh);
    for (const auto &price : {request.limitPrice, request.triggerPrice}) {
        // A stop that opens may wait far away; its limit is held against its own trigger.
        const Price from = request.triggerPrice ? *request.triggerPrice : *facts.mark;
        if (!price || price == request.triggerPrice)
            continue;
        const auto away = checkedSub(price->raw(), from.raw());
        const auto share = away && *away != std::numeric_limits<std::int64_t>::min()
                               ? mulDiv(*away < 0 ? -*away : *away, kDecimalOne, from.raw(), Rounding::Ceil)
                               : Result<std::int64_t>(fail(ErrorCode::OutOfRange, "price"));
        if (!share || *share > walls.priceBand.raw())
            return denial(DenyReason::PriceFarFromMark, share ? percent(Ratio::fromRaw(*share)) : "out of range",
                          percent(walls.priceBand));
    }
    const Price worst = std::max(request.limitPrice.value_or(request.triggerPrice.value_or(*facts.mark)), *facts.mark);
    const auto value = notional(worst, request.quantity, Rounding::Ceil);
    const auto most = scaled(*facts.equity, walls.orderNotionalMax, Rounding::Floor);
    if (!value || !most || *value > *most)
        return denial(DenyReason::AboveOrderNotional, value ? value->text() : "out of range",
                      most ? most->text() : "out of range");
    return std::nullopt;
}

Verdict checkOpening(const OrderRequest &request, const GateFacts &facts)
{
    if (!facts.reconciled)
        return denial(DenyReason::NotReconciled);
    if (!facts.fresh)
        return denial(DenyReason::NotFresh);
    if (facts.instrument == nullptr)
        return denial(DenyReason::InstrumentUnknown);
    if (!facts.instrument->trading)
        return denial(DenyReason::NotTrading);
    if (auto refused = facts.walls != nullptr ? checkWalls(request, facts) : std::nullopt)
        return refused;
    return checkNotional(request, facts);
}

Verdict judge(const OrderRequest &request, const GateFacts &facts)
{
    if (auto refused = checkForm(request))
        return refused;
    const bool reduces = request.reduceOnly == ReduceOnly::Yes;
    if (auto refused = reduces ? checkReduction(request, facts) : checkOpening(request, facts))
        return refused;
    if (facts.instrument == nullptr) {
        // A market order of at most the live position needs no filter to be safe; a price cannot be checked
        // without one.
        return request.type == OrderType::Market ? std::nullopt
                                                 : Verdict(denial(DenyReason::InstrumentUnknown));
    }
    if (auto refused = checkSize(request, facts))
        return refused;
    for (const auto &price : {request.limitPrice, request.triggerPrice, request.activationPrice})
        if (auto refused = checkTick(*facts.instrument, price))
            return refused;
    return request.type == OrderType::Limit ? checkPrice(request, facts) : std::nullopt;
}
} // namespace

std::string_view name(DenyReason reason)
{
    switch (reason) {
    case DenyReason::BadClientOrderId: return "bad-client-order-id";
    case DenyReason::TypeUnknown: return "type-unknown";
    case DenyReason::BadQuantity: return "bad-quantity";
    case DenyReason::PriceMissing: return "price-missing";
    case DenyReason::PriceForbidden: return "price-forbidden";
    case DenyReason::TriggerMissing: return "trigger-missing";
    case DenyReason::NotChangeable: return "not-changeable";
    case DenyReason::InstrumentUnknown: return "instrument-unknown";
    case DenyReason::NotTrading: return "not-trading";
    case DenyReason::OffTick: return "off-tick";
    case DenyReason::OffStep: return "off-step";
    case DenyReason::BelowQuantityMin: return "below-quantity-min";
    case DenyReason::AboveQuantityMax: return "above-quantity-max";
    case DenyReason::PriceOutsideLimits: return "price-outside-limits";
    case DenyReason::PriceOutsideBand: return "price-outside-band";
    case DenyReason::BelowNotionalMin: return "below-notional-min";
    case DenyReason::NoPosition: return "no-position";
    case DenyReason::WrongSide: return "wrong-side";
    case DenyReason::ExceedsPosition: return "exceeds-position";
    case DenyReason::NotReconciled: return "not-reconciled";
    case DenyReason::NotFresh: return "not-fresh";
    case DenyReason::AboveOrderNotional: return "above-order-notional";
    case DenyReason::PriceFarFromMark: return "price-far-from-mark";
    case DenyReason::EquityUnknown: return "equity-unknown";
    case DenyReason::OrderRate: return "order-rate";
    }
    return "unknown";
}

std::string Denial::text() const
{
    if (got.empty() && limit.empty())
        return std::string(name(reason));
    if (limit.empty())
        return fmt::format("{} ({})", name(reason), got);
    return fmt::format("{} ({} against {})", name(reason), got, limit);
}

tl::expected<Approved<OrderRequest>, Denial> RiskGate::check(OrderRequest request, const GateFacts &facts)
{
    if (auto refused = judge(request, facts))
        return tl::unexpected<Denial>(std::move(*refused));
    return Approved<OrderRequest>(std::move(request));
}

tl::expected<Approved<OrderChange>, Denial> RiskGate::checkChange(OrderChange change, const OrderUpdate &live,
                                                                  const GateFacts &facts)
{
    const bool working = live.status == OrderStatus::New || live.status == OrderStatus::PartiallyFilled;
    if (!working || live.type != OrderType::Limit || change.clientOrderId != live.clientOrderId ||
        change.instrument != live.instrument || change.quantity <= live.filled)
        return tl::unexpected<Denial>(denial(DenyReason::NotChangeable, change.quantity.text(), live.filled.text()));
    GateFacts without = facts; // the order itself is not one of the others
    const Quantity remaining = Quantity::fromRaw(live.quantity.raw() - live.filled.raw());
    if (live.reduceOnly == ReduceOnly::Yes)
        without.closing = Quantity::fromRaw(std::max<std::int64_t>(0, facts.closing.raw() - remaining.raw()));
    OrderRequest request;
    request.instrument = change.instrument;
    request.clientOrderId = change.clientOrderId;
    request.side = live.side;
    request.positionSide = live.positionSide;
    request.quantity = Quantity::fromRaw(change.quantity.raw() - live.filled.raw());
    request.limitPrice = change.limitPrice;
    request.reduceOnly = live.reduceOnly;
    if (auto refused = judge(request, without))
        return tl::unexpected<Denial>(std::move(*refused));
    return Approved<OrderChange>(std::move(change));
}

} // namespace core::risk
