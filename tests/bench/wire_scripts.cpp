#include "tests/bench/wire_scripts.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/exchange/binance/client.h"
#include "core/exchange/hyperliquid/client.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/net/system_clock.h"
#include "tests/bench/capture_lines.h"

using namespace core;
using namespace std::chrono_literals;
namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;

namespace bench
{
namespace
{
constexpr std::string_view kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view kAgentKey = "0x0123456789012345678901234567890123456789012345678901234567890123";
constexpr std::string_view kAgentAddress = "0x14791697260e4c9a71f18484c9f997b308e59325";
constexpr std::string_view kAccount = "0x00000000000000000000000000000000000000aa";

[[nodiscard]] bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}
/// What stands between `before` and the next of `ends`; empty when it is not there.
[[nodiscard]] std::string_view after(std::string_view text, std::string_view before, std::string_view ends)
{
    const std::size_t at = text.find(before);
    if (at == std::string_view::npos)
        return {};
    const std::size_t from = at + before.size();
    return text.substr(from, std::min(text.find_first_of(ends, from), text.size()) - from);
}
[[nodiscard]] std::string_view parameter(std::string_view target, std::string_view name)
{
    return after(target, fmt::format("{}=", name), "& ");
}

[[nodiscard]] std::string captureOf(Venue venue)
{
    return std::string(ETRMS_SOURCE_DIR "/../shared/data/") +
           (venue == Venue::Binance ? "binance-usdm/capture-2024-08-08/btcusdt_20240808.gz"
                                    : "hyperliquid/capture-2025-01-26/btcusd_20250126.gz");
}
[[nodiscard]] bool isSnapshot(std::string_view frame)
{
    return frame.starts_with(R"({"lastUpdateId")");
}

class BinanceScript final : public VenueScript
{
public:
    BinanceScript()
    {
        for (auto &[time, text] : timedLinesOf(captureOf(Venue::Binance))) {
            if (isSnapshot(text))
                m_snapshot = std::move(text);
        }
    }
    std::string answer(const WireRequest &request) override
    {
        const std::string_view path = request.target.substr(0, request.target.find('?'));
        if (path == "/fapi/v1/order")
            return order(request);
        if (path == "/fapi/v1/time")
            return fmt::format(R"({{"serverTime":{}}})", toMilliseconds(m_clock.now()));
        if (path == "/fapi/v1/exchangeInfo")
            return kInstruments;
        if (path == "/fapi/v1/depth")
            return m_snapshot;
        if (path == "/fapi/v1/listenKey")
            return R"({"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"})";
        if (path == "/fapi/v3/account")
            return R"({"assets":[{"asset":"USDT","walletBalance":"100000","unrealizedProfit":"0","marginBalance":"100000",)"
                   R"("maintMargin":"0","initialMargin":"0","availableBalance":"100000","updateTime":1}],"positions":[]})";
        if (path == "/fapi/v1/accountConfig")
            return R"({"feeTier":0,"canTrade":true,"canDeposit":true,"canWithdraw":false,"dualSidePosition":false,"multiAssetsMargin":false})";
        if (path == "/fapi/v1/symbolConfig")
            return R"([{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":20,"maxNotionalValue":"1000000"}])";
        if (path == "/fapi/v1/leverageBracket")
            return R"([{"symbol":"BTCUSDT","brackets":[{"bracket":1,"initialLeverage":125,"notionalCap":1000000,"notionalFloor":0,"maintMarginRatio":0.004,"cum":0}]}])";
        if (path == "/fapi/v3/positionRisk" && m_open)
            return fmt::format(R"([{{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"0.5","entryPrice":"60000","markPrice":"60000",)"
                               R"("unRealizedProfit":"0","liquidationPrice":"0","isolatedMargin":"0","notional":"30000","isolatedWallet":"0",)"
                               R"("initialMargin":"1500","maintMargin":"120","positionInitialMargin":"1500","updateTime":{}}}])",
                               m_positionAt);
        return "[]";
    }
    bool isWholeClose(const WireRequest &request) const override
    {
        const std::string_view target = request.target;
        return request.method == "POST" && target.starts_with("/fapi/v1/order?") && parameter(target, "side") == "SELL" &&
               parameter(target, "symbol") == "BTCUSDT" && parameter(target, "reduceOnly") == "true" &&
               parseQuantity(parameter(target, "quantity")) == parseQuantity("0.5");
    }
    bool isSignedRight(const WireRequest &request) const override
    {
        const std::string_view query = request.target.substr(request.target.find('?') + 1);
        const std::size_t at = query.rfind("&signature=");
        return at != std::string_view::npos &&
               query.substr(at + 11) == binance::HmacSigner(kSecret).signature(query.substr(0, at));
    }
    bool asksPositions(const WireRequest &request) const override
    {
        return request.target.starts_with("/fapi/v3/positionRisk");
    }
    QString mark(std::string_view price) override
    {
        const std::int64_t now = stamp();
        return QString::fromStdString(fmt::format(
            R"({{"stream":"btcusdt@markPrice@1s","data":{{"e":"markPriceUpdate","E":{},"s":"BTCUSDT","p":"{}","ap":"{}","P":"{}",)"
            R"("i":"{}","r":"0.00010000","T":{},"st":1}}}})",
            now, price, price, price, price, now + 3'600'000));
    }
    QString opened() override
    {
        m_open = true;
        return position("0.5");
    }
    std::vector<QString> closed() override
    {
        m_open = false;
        return {orderEvent("FILLED", "TRADE"), position("0")};
    }

private:
    static constexpr const char *kInstruments =
        R"({"timezone":"UTC","rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":10000000},)"
        R"({"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":10000000},)"
        R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":10000000}],"symbols":[{"symbol":"BTCUSDT",)"
        R"("pair":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)"
        R"("marginAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","minPrice":"0.1","maxPrice":"1000000","tickSize":"0.1"},)"
        R"({"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},)"
        R"({"filterType":"MARKET_LOT_SIZE","minQty":"0.001","maxQty":"120","stepSize":"0.001"},)"
        R"({"filterType":"MIN_NOTIONAL","notional":"5"}]}]})";

    std::string order(const WireRequest &request)
    {
        const bool reduces = parameter(request.target, "reduceOnly") == "true";
        const bool places = request.method == "POST";
        std::string_view id = parameter(request.target, "newClientOrderId");
        if (!places)
            id = parameter(request.target, "origClientOrderId");
        if (places)
            m_number = ++m_orders;
        m_id = id;
        m_side = parameter(request.target, "side");
        const std::string_view status = reduces ? "FILLED" : request.method == "DELETE" ? "CANCELED" : "NEW";
        std::string_view size = parameter(request.target, "quantity");
        std::string_view price = parameter(request.target, "price");
        return fmt::format(
            R"({{"clientOrderId":"{}","cumQuote":"0","executedQty":"{}","orderId":{},"avgPrice":"58500","origQty":"{}","price":"{}",)"
            R"("reduceOnly":{},"side":"{}","positionSide":"BOTH","status":"{}","stopPrice":"0","symbol":"BTCUSDT",)"
            R"("timeInForce":"GTC","type":"LIMIT","origType":"LIMIT","updateTime":{}}})",
            id, reduces ? "0.5" : "0", m_number, size.empty() ? "0.5" : size, price.empty() ? "59000" : price, reduces,
            m_side.empty() ? "BUY" : m_side, status, stamp());
    }
    QString orderEvent(std::string_view status, std::string_view execution)
    {
        const std::int64_t now = stamp();
        return QString::fromStdString(fmt::format(
            R"({{"e":"ORDER_TRADE_UPDATE","E":{0},"T":{0},"o":{{"s":"BTCUSDT","c":"{1}","S":"SELL","o":"LIMIT","f":"IOC","q":"0.5",)"
            R"("p":"58000","ap":"58500","sp":"0","x":"{2}","X":"{3}","i":{4},"l":"0.5","z":"0.5","L":"58500","N":"USDT","n":"0.01",)"
            R"("T":{0},"t":{4},"m":false,"R":true,"ot":"LIMIT","ps":"BOTH","rp":"0","er":"0"}}}})",
            now, m_id, execution, status, m_number));
    }
    QString position(std::string_view amount)
    {
        m_positionAt = stamp();
        return QString::fromStdString(fmt::format(
            R"({{"e":"ACCOUNT_UPDATE","E":{0},"T":{0},"a":{{"m":"ORDER","B":[{{"a":"USDT","wb":"100000","cw":"100000","bc":"0"}}],)"
            R"("P":[{{"s":"BTCUSDT","pa":"{1}","ep":"60000","bep":"60000","cr":"0","up":"0","mt":"cross","iw":"0","ps":"BOTH"}}]}}}})",
            m_positionAt, amount));
    }

    net::SystemClock m_clock;
    std::string m_snapshot;
    std::string m_id;
    std::string m_side;
    std::int64_t m_orders{1'000};
    std::int64_t m_number{1'000};
    std::int64_t m_positionAt{1};
};

class HyperliquidScript final : public VenueScript
{
public:
    std::string answer(const WireRequest &request) override
    {
        const std::string_view body = request.body;
        if (request.target == "/exchange")
            return action(body);
        const std::string_view type = after(body, R"("type":")", "\"");
        if (type == "meta")
            return R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":56}],"marginTables":[],"collateralToken":0})";
        if (type == "exchangeStatus")
            return fmt::format(R"({{"time":{},"specialStatuses":null}})", toMilliseconds(m_clock.now()));
        if (type == "userRole")
            return holds(body, kAgentAddress) ? fmt::format(R"({{"role":"agent","data":{{"user":"{}"}}}})", kAccount)
                                              : std::string(R"({"role":"user"})");
        if (type == "userAbstraction")
            return R"("disabled")";
        if (type == "clearinghouseState")
            return state(m_stateAt = stamp());
        if (type == "spotClearinghouseState")
            return R"({"balances":[]})";
        if (type == "orderStatus")
            return R"({"status":"unknownOid"})";
        if (type == "userRateLimit")
            return R"({"cumVlm":"0.0","nRequestsUsed":10,"nRequestsCap":100000000,"nRequestsSurplus":0})";
        return "[]";
    }
    bool isWholeClose(const WireRequest &request) const override
    {
        const std::string_view body = request.body;
        return request.target == "/exchange" && holds(body, R"("type":"order")") && holds(body, R"("a":0,"b":false)") &&
               after(body, R"("s":")", "\"") == "0.5" && holds(body, R"("r":true)") && holds(body, R"("tif":"Ioc")");
    }
    bool isSignedRight(const WireRequest &request) const override
    {
        const auto posted = hyperliquid::parseActionJson(request.body, "request");
        const auto *action = posted ? posted->find("action") : nullptr;
        const auto *written = posted ? posted->find("signature") : nullptr;
        if (action == nullptr || written == nullptr)
            return false;
        const auto number = [](const hyperliquid::ActionValue &of, std::string_view name) {
            const auto *member = of.find(name);
            return member != nullptr && member->integer() != nullptr ? *member->integer() : std::uint64_t{0};
        };
        const auto signature =
            hyperliquid::parseSignature(written->textOf("r"), written->textOf("s"), number(*written, "v"));
        if (!signature)
            return false;
        hyperliquid::ActionEnvelope envelope;
        envelope.nonce = number(*posted, "nonce");
        envelope.expiresAfter = number(*posted, "expiresAfter");
        const auto who = hyperliquid::recoverL1Signer(*action, envelope, hyperliquid::Network::Mainnet, *signature);
        return who && who->text() == kAgentAddress;
    }
    bool asksPositions(const WireRequest &request) const override
    {
        return holds(request.body, R"("clearinghouseState")");
    }
    QString mark(std::string_view price) override
    {
        return QString::fromStdString(fmt::format(
            R"({{"channel":"activeAssetCtx","data":{{"coin":"BTC","ctx":{{"funding":"0.0000125","openInterest":"27353.17682",)"
            R"("prevDayPx":"60000.0","dayNtlVlm":"1169046.29406","premium":"0.0003","oraclePx":"{0}","markPx":"{0}","midPx":"{0}",)"
            R"("impactPxs":["{0}","{0}"],"dayBaseVlm":"81000.5"}}}}}})",
            price));
    }
    QString opened() override
    {
        m_open = true;
        return account();
    }
    std::vector<QString> closed() override
    {
        m_open = false;
        return {account()};
    }
    void freshen(std::string &frame) override
    {
        for (std::size_t at = frame.find(R"("time":)"); at != std::string::npos; at = frame.find(R"("time":)", at + 8))
            frame.replace(at + 7, 13, std::to_string(toMilliseconds(m_clock.now())));
    }

private:
    std::string action(std::string_view body)
    {
        const bool places = holds(body, R"("type":"order")");
        if (!places && !holds(body, "odify"))
            return R"({"status":"ok","response":{"type":"cancel","data":{"statuses":["success"]}}})";
        ++m_orders;
        if (holds(body, R"("r":true)"))
            return fmt::format(
                R"({{"status":"ok","response":{{"type":"order","data":{{"statuses":[{{"filled":{{"totalSz":"0.5","avgPx":"58500.0","oid":{}}}}}]}}}}}})",
                m_orders);
        return fmt::format(
            R"({{"status":"ok","response":{{"type":"order","data":{{"statuses":[{{"resting":{{"oid":{}}}}}]}}}}}})", m_orders);
    }
    QString account()
    {
        m_stateAt = stamp();
        return QString::fromStdString(
            fmt::format(R"({{"channel":"clearinghouseState","data":{{"dex":"","user":"{}","clearinghouseState":{}}}}})",
                        kAccount, state(m_stateAt)));
    }
    [[nodiscard]] std::string state(std::int64_t at) const
    {
        static constexpr std::string_view kPosition =
            R"({"type":"oneWay","position":{"coin":"BTC","szi":"0.5","leverage":{"type":"cross","value":20},"entryPx":"60000.0",)"
            R"("positionValue":"30000.0","unrealizedPnl":"0.0","returnOnEquity":"0.0","liquidationPx":null,"marginUsed":"1500.0",)"
            R"("maxLeverage":40,"cumFunding":{"allTime":"0.0","sinceOpen":"0.0","sinceChange":"0.0"}}})";
        return fmt::format(
            R"({{"marginSummary":{{"accountValue":"100000.0","totalNtlPos":"30000.0","totalRawUsd":"100000.0","totalMarginUsed":"1500.0"}},)"
            R"("crossMarginSummary":{{"accountValue":"100000.0","totalNtlPos":"30000.0","totalRawUsd":"100000.0","totalMarginUsed":"1500.0"}},)"
            R"("crossMaintenanceMarginUsed":"375.0","withdrawable":"98500.0","assetPositions":[{}],"time":{}}})",
            m_open ? kPosition : std::string_view{}, at);
    }

    net::SystemClock m_clock;
    std::int64_t m_orders{77'000'000};
    std::int64_t m_stateAt{1};
};

} // namespace

std::int64_t VenueScript::stamp()
{
    return m_last = std::max(m_last + 1, toMilliseconds(net::SystemClock().now()));
}

std::unique_ptr<VenueScript> scriptOf(Venue venue)
{
    if (venue == Venue::Binance)
        return std::make_unique<BinanceScript>();
    return std::make_unique<HyperliquidScript>();
}

InstrumentKey contractOf(Venue venue)
{
    return {venue, Symbol::from(venue == Venue::Binance ? "BTCUSDT" : "BTC").value()};
}

std::unique_ptr<ports::ExchangeClient> clientOf(Venue venue, std::uint16_t httpPort, std::uint16_t webSocketPort,
                                                const Clock &clock)
{
    if (venue == Venue::Binance) {
        binance::ClientOptions options;
        options.endpoints = binance::loopbackEndpoints(httpPort, webSocketPort);
        options.account = AccountId::from("bench").value();
        options.credentials = binance::Credentials{net::Secret("a key of nobody"), net::Secret(kSecret)};
        options.timings.eventAfterAckWithin = 1h; // resting orders of the script say nothing on the stream
        options.timings.auditEvery = 1h;
        return std::make_unique<binance::BinanceClient>(std::move(options), clock);
    }
    hyperliquid::ClientOptions options;
    options.endpoints = hyperliquid::loopbackEndpoints(httpPort, webSocketPort);
    options.account = AccountId::from("bench").value();
    options.address = kAccount;
    options.agentKey.emplace(kAgentKey);
    options.weightPerMinute = 100'000'000;
    return std::make_unique<hyperliquid::HyperliquidClient>(std::move(options), clock);
}

std::vector<ReplayFrame> recordingOf(Venue venue)
{
    std::vector<ReplayFrame> frames;
    std::int64_t first = 0;
    for (auto &[time, text] : timedLinesOf(captureOf(venue))) {
        if (isSnapshot(text))
            continue;
        if (frames.empty())
            first = time;
        const bool isPublic = venue == Venue::Binance && text.find("@trade") > 40;
        frames.push_back({std::chrono::nanoseconds{time - first}, isPublic ? Route::Public : Route::Market, std::move(text)});
    }
    return frames;
}

} // namespace bench
