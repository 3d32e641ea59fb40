#include "core/exchange/binance/order_parameters.h"

#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/clock.h"
#include "core/exchange/binance/codec_words.h"
#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// What an order needs at most, so that neither list nor text grows on the way from the breach to the socket.
constexpr std::size_t kParametersMax = 16;
constexpr std::size_t kQueryBytes = 512; ///< with time and signature, which the sender appends

Side closingSide(PositionSide leg)
{
    return leg == PositionSide::Long ? Side::Sell : Side::Buy;
}

/// The leg of a hedge-mode order. One that was not named follows from side and intent.
Result<PositionSide> legOf(const OrderRequest &request)
{
    PositionSide leg = request.positionSide;
    const bool reduces = request.reduceOnly == ReduceOnly::Yes;
    if (leg == PositionSide::Both) {
        const bool closesLong = reduces && request.side == Side::Sell;
        const bool opensLong = !reduces && request.side == Side::Buy;
        leg = closesLong || opensLong ? PositionSide::Long : PositionSide::Short;
    }
    if (reduces && request.side != closingSide(leg))
        return fail(ErrorCode::InvalidArgument, "a reducing order on the side that adds to its leg");
    return leg;
}

Result<void> addMode(Parameters &parameters, const OrderRequest &request, AccountMode mode)
{
    if (mode == AccountMode::Hedge) {
        const auto leg = legOf(request);
        if (!leg)
            return fail(leg.error());
        parameters.emplace_back("positionSide", *leg == PositionSide::Long ? "LONG" : "SHORT");
        return {};
    }
    if (request.positionSide != PositionSide::Both)
        return fail(ErrorCode::InvalidArgument, "an order for one leg, and the account is in one-way mode");
    if (request.reduceOnly == ReduceOnly::Yes)
        parameters.emplace_back("reduceOnly", "true");
    return {};
}

Result<void> addTimeInForce(Parameters &parameters, const OrderRequest &request)
{
    parameters.emplace_back("timeInForce", venueWord(request.timeInForce));
    if (request.timeInForce != TimeInForce::GoodTilDate)
        return {};
    if (!request.goodTill)
        return fail(ErrorCode::InvalidArgument, "an order good till a date, without the date");
    // The venue counts in whole seconds.
    const std::int64_t seconds = toMilliseconds(*request.goodTill) / 1000;
    parameters.emplace_back("goodTillDate", std::to_string(seconds * 1000));
    return {};
}

void addTrigger(Parameters &parameters, const OrderRequest &request)
{
    parameters.emplace_back("workingType", request.triggerBy == TriggerSource::Mark ? "MARK_PRICE" : "CONTRACT_PRICE");
    if (request.type == OrderType::TrailingStop) {
        constexpr std::int64_t kPercent = 100;
        if (request.callbackRate)
            parameters.emplace_back("callbackRate", Ratio::fromRaw(request.callbackRate->raw() * kPercent).text());
        if (request.activationPrice)
            parameters.emplace_back("activatePrice", request.activationPrice->text());
    } else if (request.triggerPrice) {
        parameters.emplace_back("triggerPrice", request.triggerPrice->text());
    }
}

Result<Parameters> parametersOf(const OrderRequest &request, AccountMode mode)
{
    if (request.type == OrderType::Unknown)
        return fail(ErrorCode::InvalidArgument, "type: an order of a type that is not known cannot be sent");
    const bool conditional = isConditional(request.type);
    Parameters parameters;
    parameters.reserve(kParametersMax);
    if (conditional)
        parameters.emplace_back("algoType", "CONDITIONAL");
    parameters.emplace_back("symbol", request.instrument.symbol.string());
    parameters.emplace_back("side", request.side == Side::Buy ? "BUY" : "SELL");
    if (const auto fits = addMode(parameters, request, mode); !fits)
        return fail(fits.error());
    parameters.emplace_back("type", venueWord(request.type));
    if (hasLimitPrice(request.type)) {
        if (const auto dated = addTimeInForce(parameters, request); !dated)
            return fail(dated.error());
        if (request.limitPrice)
            parameters.emplace_back("price", request.limitPrice->text());
    }
    parameters.emplace_back("quantity", request.quantity.text());
    if (conditional)
        addTrigger(parameters, request);
    parameters.emplace_back(conditional ? "clientAlgoId" : "newClientOrderId", request.clientOrderId.string());
    // The final state in the answer: one proof more for a close, should the private stream be silent.
    if (!conditional)
        parameters.emplace_back("newOrderRespType", request.type == OrderType::Market ? "RESULT" : "ACK");
    // The documented defaults contradict each other, so it is always said.
    parameters.emplace_back("selfTradePreventionMode", "EXPIRE_MAKER");
    return parameters;
}

void appendQuoted(std::string &json, std::string_view text)
{
    json += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    json += '"';
}

} // namespace

Result<std::string> orderQuery(const OrderRequest &request, AccountMode mode)
{
    const auto parameters = parametersOf(request, mode);
    if (!parameters)
        return fail(parameters.error());
    std::string query;
    query.reserve(kQueryBytes);
    for (const auto &[name, value] : *parameters)
        appendParameter(query, name, value);
    return query;
}

Result<std::string> batchQuery(std::span<const OrderRequest> requests, AccountMode mode)
{
    CORE_ASSERT(requests.size() <= kBatchMax, "REQUIRES: at most five in a batch");
    std::string json = "[";
    for (const OrderRequest &request : requests) {
        CORE_ASSERT(!isConditional(request.type), "REQUIRES: conditional orders have an endpoint of their own");
        const auto parameters = parametersOf(request, mode);
        if (!parameters)
            return fail(parameters.error());
        json += json.size() > 1 ? ",{" : "{";
        bool first = true;
        for (const auto &[name, value] : *parameters) {
            if (!std::exchange(first, false))
                json += ',';
            appendQuoted(json, name);
            json += ':';
            appendQuoted(json, value);
        }
        json += '}';
    }
    json += ']';
    std::string query;
    appendParameter(query, "batchOrders", json);
    return query;
}

std::string changeQuery(const OrderChange &change, Side side)
{
    std::string query = orderIdQuery(change.instrument, change.clientOrderId);
    appendParameter(query, "side", side == Side::Buy ? "BUY" : "SELL");
    appendParameter(query, "quantity", change.quantity.text());
    appendParameter(query, "price", change.limitPrice.text());
    return query;
}

std::string orderIdQuery(const InstrumentKey &instrument, const ClientOrderId &order)
{
    std::string query;
    appendParameter(query, "symbol", instrument.symbol.view());
    appendParameter(query, "origClientOrderId", order.view());
    return query;
}

std::string orderIdQuery(const InstrumentKey &instrument, VenueOrderId order)
{
    std::string query;
    appendParameter(query, "symbol", instrument.symbol.view());
    appendParameter(query, "orderId", std::to_string(order.value));
    return query;
}

std::string algoIdQuery(const ClientOrderId &order)
{
    std::string query;
    appendParameter(query, "clientAlgoId", order.view());
    return query;
}

std::string_view orderPath(OrderType type)
{
    return isConditional(type) ? "/fapi/v1/algoOrder" : "/fapi/v1/order";
}

bool reducesRisk(const OrderRequest &request)
{
    if (request.reduceOnly == ReduceOnly::Yes)
        return true;
    return request.positionSide != PositionSide::Both && request.side == closingSide(request.positionSide);
}

} // namespace core::exchange::binance
