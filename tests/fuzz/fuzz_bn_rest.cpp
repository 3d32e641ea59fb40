#include <string>

#include "core/exchange/binance/algo_life.h"
#include "core/exchange/binance/api_error.h"
#include "core/exchange/binance/rest_codec.h"
#include "tests/fuzz/check.h"

// Every answer of Binance's REST interface that QJson reads; those of the general reader are in fuzz_bn_history.

namespace binance = core::exchange::binance;
using fuzz::accepted;
using fuzz::require;

namespace
{

void check(const core::OrderUpdate &order)
{
    require(!order.instrument.symbol.empty());
    require(!order.quantity.isNegative() && !order.filled.isNegative());
    require(!order.triggerPrice || order.triggerPrice->isPositive());
    require(order.type != core::OrderType::Unknown || !order.reason.empty());
}
void check(const core::Position &position)
{
    require(!position.instrument.symbol.empty() && !position.quantity.isNegative());
}
void check(const core::AccountSnapshot &account)
{
    require(!account.asset.empty());
}
void check(const binance::AlgoEvent &algo)
{
    require(!algo.instrument.symbol.empty() && !algo.quantity.isNegative() && !algo.executed.isNegative());
    binance::AlgoLife life;
    life.onAlgo(algo);
    check(life.state());
}
void check(const binance::BatchElement &element)
{
    if (element)
        check(*element);
    else
        require(element.error().code.has_value());
}
void check(const core::Fill &fill)
{
    require(!fill.instrument.symbol.empty() && fill.price.isPositive() && fill.quantity.isPositive());
}
void check(const core::Instrument &contract)
{
    require(!contract.key.symbol.empty() && contract.tickSize.isPositive() && contract.stepSize.isPositive());
}
void check(const core::MarkPrice &mark)
{
    require(!mark.instrument.symbol.empty() && mark.mark.isPositive());
}

template <class Rows> void checkRows(const core::Result<Rows> &rows)
{
    if (accepted(rows))
        for (const auto &row : *rows)
            check(row);
}
template <class Value> void checkOne(const core::Result<Value> &value)
{
    if (accepted(value))
        check(*value);
}

void checkTrading(std::string_view body)
{
    checkOne(binance::parseOrder(body, fuzz::kReceived));
    checkRows(binance::parseOrders(body, fuzz::kReceived));
    checkOne(binance::parseAlgo(body, fuzz::kReceived));
    checkRows(binance::parseAlgos(body, fuzz::kReceived));
    checkRows(binance::parseBatch(body, fuzz::kReceived));
    checkRows(binance::parseUserTrades(body, fuzz::kReceived));
}

void checkAccount(std::string_view body)
{
    const auto configs = binance::parseSymbolConfigs(body);
    static_cast<void>(accepted(configs));
    checkRows(binance::parsePositionRisk(body, configs.value_or(binance::SymbolConfigs{}), fuzz::kReceived));
    checkRows(binance::parseAccount(body, *core::AccountId::from("main"), fuzz::kReceived));
    static_cast<void>(accepted(binance::parseBalances(body)));
    static_cast<void>(accepted(binance::parseHedgeMode(body)));
    static_cast<void>(accepted(binance::parseIncome(body)));
    static_cast<void>(accepted(binance::parseAccountRights(body)));
    static_cast<void>(accepted(binance::parseApiRestrictions(body)));
    static_cast<void>(accepted(binance::parseListenKey(body)));
}

void checkMarket(std::string_view body)
{
    if (const auto info = binance::parseExchangeInfo(body, {}); accepted(info))
        for (const core::Instrument &contract : info->instruments)
            check(contract);
    static_cast<void>(accepted(binance::parseLeverageBrackets(body)));
    checkRows(binance::parsePremiumIndex(body, fuzz::kReceived));
    static_cast<void>(accepted(binance::parseServerTime(body)));
}

/// No run of letters and digits that could be a key is left in what is logged.
void checkErrors(std::string_view body)
{
    constexpr std::size_t kKeyLike = 24;
    for (const int status : {200, 400, 418, 503}) {
        const auto problem = binance::parseApiError(status, body);
        require(status == 200 || problem.has_value());
        if (!problem)
            continue;
        std::size_t run = 0;
        for (const char c : problem->message) {
            const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            run = word ? run + 1 : 0;
            require(run < kKeyLike);
        }
    }
}

/// Beginnings, so that the readers of rows are reached without the fuzzer having to spell names.
constexpr std::string_view kHeads[] = {
    "",
    R"([{"symbol":"BTCUSDT","positionSide":"BOTH","side":"SELL","updateTime":1700000000000,"orderId":1,"clientOrderId":"a",)",
    R"([{"symbol":"BTCUSDT","positionSide":"BOTH","side":"SELL","updateTime":1700000000000,"algoId":1,"clientAlgoId":"a",)",
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes = fuzz::text(data, size);
    checkAccount(bytes);
    checkMarket(bytes);
    checkErrors(bytes);
    for (const std::string_view head : kHeads)
        checkTrading(std::string(head).append(bytes));
    return 0;
}
