#include "core/venue/binance_api.h"

#include <algorithm>
#include <charconv>

#include "core/base/assert.h"
#include "core/venue/api_context.h"
#include "core/venue/binance_text.h"
#include "core/venue/json_text.h"
#include "core/venue/url_text.h"
#include "core/venue/request_time.h"

namespace core::venue
{

namespace
{
enum class Security { None, Key, Signed };

struct SignedParts {
    std::string payload;
    std::string_view signature;
};

/// The last parameter must be the signature; what stands before it is what was signed, byte for byte.
[[nodiscard]] std::optional<SignedParts> splitSignature(std::string_view query, std::string_view body)
{
    const auto cut =
        [](std::string_view text) -> std::optional<std::pair<std::string_view, std::string_view>> {
        constexpr std::string_view kName = "signature=";
        const std::size_t last = text.rfind('&');
        const std::size_t begin = last == std::string_view::npos ? 0 : last + 1;
        if (text.substr(begin, kName.size()) != kName)
            return std::nullopt;
        return std::pair{text.substr(0, last == std::string_view::npos ? 0 : last),
                         text.substr(begin + kName.size())};
    };
    if (const auto inBody = cut(body))
        return SignedParts{std::string(query) + std::string(inBody->first), inBody->second};
    if (const auto inQuery = cut(query))
        return SignedParts{std::string(inQuery->first) + std::string(body), inQuery->second};
    return std::nullopt;
}

[[nodiscard]] bool sameHex(std::string_view a, std::string_view b)
{
    if (a.size() != b.size())
        return false;
    int differences = 0; // no early exit: as a verifier should
    for (std::size_t i = 0; i < a.size(); ++i)
        differences |= hexDigit(a[i]) ^ hexDigit(b[i]);
    return differences == 0;
}

[[nodiscard]] int depthWeight(const ApiParameters &parameters)
{
    const auto limit = wholeNumber(parameters, "limit");
    const std::int64_t levels = limit ? limit->value_or(500) : 500;
    return levels >= 1000 ? 20 : levels >= 500 ? 10 : levels >= 100 ? 5 : 2;
}

[[nodiscard]] int klinesWeight(const ApiParameters &parameters)
{
    const auto limit = wholeNumber(parameters, "limit");
    const std::int64_t rows = limit ? limit->value_or(500) : 500;
    return rows > 1000 ? 10 : rows >= 500 ? 5 : rows >= 100 ? 2 : 1;
}
} // namespace

VenueResult<ApiParameters> ApiParameters::parse(std::string_view query, std::string_view body)
{
    ApiParameters result;
    for (std::string_view part : {query, body}) {
        while (!part.empty()) {
            const std::size_t end = std::min(part.find('&'), part.size());
            const std::string_view pair = part.substr(0, end);
            part.remove_prefix(std::min(end + 1, part.size()));
            if (pair.empty())
                continue;
            const std::size_t equals = std::min(pair.find('='), pair.size());
            const auto name = percentDecoded(pair.substr(0, equals), true);
            const auto value =
                percentDecoded(equals < pair.size() ? pair.substr(equals + 1) : std::string_view{}, true);
            if (!name || !value)
                return refuse(-1100, "Illegal characters found in a parameter.");
            result.m_values.emplace(*name, *value); // the first one stays
        }
    }
    return result;
}

ApiParameters ApiParameters::of(std::map<std::string, std::string, std::less<>> values)
{
    ApiParameters result;
    result.m_values = std::move(values);
    return result;
}

std::string_view ApiParameters::get(std::string_view name) const
{
    const auto found = m_values.find(name);
    return found == m_values.end() ? std::string_view{} : std::string_view(found->second);
}

VenueResult<std::string_view> ApiParameters::mandatory(std::string_view name) const
{
    const std::string_view value = get(name);
    if (value.empty())
        return malformed(name);
    return value;
}

VenueResult<std::optional<std::int64_t>> wholeNumber(const ApiParameters &parameters, std::string_view name)
{
    if (!parameters.has(name))
        return std::nullopt;
    const std::string_view text = parameters.get(name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return malformed(name);
    return value;
}

VenueResult<bool> flag(const ApiParameters &parameters, std::string_view name, bool absent)
{
    if (!parameters.has(name))
        return absent;
    const std::string_view text = parameters.get(name);
    if (text != "true" && text != "false")
        return invalidValue(name);
    return text == "true";
}

VenueResult<std::string> clientId(const ApiParameters &parameters, std::string_view name)
{
    if (!parameters.has(name))
        return std::string();
    const std::string_view text = parameters.get(name);
    const auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
               c == ':' || c == '/' || c == '_' || c == '-';
    };
    if (text.empty() || text.size() > 36 || !std::all_of(text.begin(), text.end(), allowed))
        return refuse(-4015, "Client order id is not valid.");
    return std::string(text);
}

VenueResult<Side> sideOf(const ApiParameters &parameters)
{
    const auto text = parameters.mandatory("side");
    if (!text)
        return tl::unexpected(text.error());
    if (*text == "BUY")
        return Side::Buy;
    if (*text == "SELL")
        return Side::Sell;
    return refuse(-1117, "Invalid side.");
}

VenueResult<PositionSide> legOf(const ApiParameters &parameters)
{
    if (!parameters.has("positionSide"))
        return PositionSide::Both;
    for (const PositionSide side : {PositionSide::Both, PositionSide::Long, PositionSide::Short})
        if (parameters.get("positionSide") == venueText(side))
            return side;
    return refuse(-4060, "Invalid position side.");
}

VenueResult<TimeRange> rangeOf(const ApiParameters &parameters, std::int64_t limitAbsent, std::int64_t limitMax)
{
    const auto from = wholeNumber(parameters, "startTime");
    const auto to = wholeNumber(parameters, "endTime");
    const auto limit = wholeNumber(parameters, "limit");
    for (const auto *number : {&from, &to, &limit})
        if (!*number)
            return tl::unexpected(number->error());
    if (limit->value_or(limitAbsent) < 1)
        return invalidValue("limit");
    if (*from && *to && **from > **to)
        return refuse(-1023, "Start time is greater than end time.");
    const auto time = [](std::optional<std::int64_t> milliseconds, std::int64_t more) {
        return milliseconds ? std::optional(requestTime(*milliseconds) + std::chrono::milliseconds{more} - Duration{more}) : std::nullopt;
    };
    // endTime is whole milliseconds: everything within the last one counts.
    return TimeRange{time(*from, 0), time(*to, 1),
                     static_cast<std::size_t>(std::min(limit->value_or(limitAbsent), limitMax))};
}

/// One line of the table of endpoints.
struct BinanceApi::Route {
    std::string_view method;
    std::string_view path;
    Security security;
    int weight; ///< with a symbol
    int weightWithoutSymbol;
    Handler handler;
    bool order{false}; ///< counts on the order limits
    int (*weightOf)(const ApiParameters &){nullptr};
};

const std::vector<BinanceApi::Route> &BinanceApi::routes()
{
    using enum Security;
    using Api = BinanceApi;
    static const std::vector<Route> kRoutes{
        {"GET", "/fapi/v1/ping", None, 1, 1, &Api::ping},
        {"GET", "/fapi/v1/time", None, 1, 1, &Api::time},
        {"GET", "/fapi/v1/exchangeInfo", None, 1, 1, &Api::exchangeInfo},
        {"GET", "/fapi/v1/depth", None, 0, 0, &Api::depth, false, depthWeight},
        {"GET", "/fapi/v1/premiumIndex", None, 1, 10, &Api::premiumIndex},
        {"GET", "/fapi/v1/klines", None, 0, 0, &Api::klines, false, klinesWeight},
        {"GET", "/fapi/v1/leverageBracket", Signed, 1, 1, &Api::leverageBracket},
        {"GET", "/fapi/v1/markPriceKlines", None, 0, 0, &Api::markKlines, false, klinesWeight},
        {"GET", "/fapi/v1/indexPriceKlines", None, 0, 0, &Api::indexKlines, false, klinesWeight},
        {"GET", "/fapi/v1/continuousKlines", None, 0, 0, &Api::continuousKlines, false, klinesWeight},
        {"GET", "/fapi/v1/trades", None, 5, 5, &Api::trades},
        {"GET", "/fapi/v1/historicalTrades", Key, 20, 20, &Api::trades},
        {"GET", "/fapi/v1/aggTrades", None, 20, 20, &Api::aggTrades},
        {"GET", "/fapi/v1/ticker/24hr", None, 1, 40, &Api::dayTicker},
        {"GET", "/fapi/v1/ticker/price", None, 1, 2, &Api::priceTicker},
        {"GET", "/fapi/v2/ticker/price", None, 1, 2, &Api::priceTicker},
        {"GET", "/fapi/v1/ticker/bookTicker", None, 2, 5, &Api::bookTicker},
        {"GET", "/fapi/v1/openInterest", None, 1, 1, &Api::openInterest},
        {"GET", "/fapi/v1/fundingRate", None, 0, 0, &Api::fundingRate},
        {"GET", "/fapi/v1/fundingInfo", None, 0, 0, &Api::fundingInfo},
        {"GET", "/sapi/v1/account/apiRestrictions", Signed, 1, 1, &Api::apiRestrictions},
        {"POST", "/fapi/v1/order/test", Signed, 0, 0, &Api::testOrder, true},
        {"PUT", "/fapi/v1/order", Signed, 0, 0, &Api::modifyOrder, true},
        {"POST", "/fapi/v1/batchOrders", Signed, 5, 5, &Api::newBatch, true},
        {"PUT", "/fapi/v1/batchOrders", Signed, 5, 5, &Api::modifyBatch, true},
        {"DELETE", "/fapi/v1/batchOrders", Signed, 1, 1, &Api::cancelBatch},
        {"POST", "/fapi/v1/countdownCancelAll", Signed, 10, 10, &Api::countdown},
        {"GET", "/fapi/v1/allOrders", Signed, 5, 5, &Api::allOrders},
        {"GET", "/fapi/v1/orderAmendment", Signed, 1, 1, &Api::amendments},
        {"GET", "/fapi/v1/allAlgoOrders", Signed, 5, 5, &Api::allAlgos},
        {"GET", "/fapi/v1/forceOrders", Signed, 20, 50, &Api::forceOrders},
        {"GET", "/fapi/v1/income", Signed, 30, 30, &Api::income},
        {"POST", "/fapi/v1/marginType", Signed, 1, 1, &Api::setMarginType},
        {"POST", "/fapi/v1/positionMargin", Signed, 1, 1, &Api::changeMargin},
        {"GET", "/fapi/v1/positionMargin/history", Signed, 1, 1, &Api::marginHistory},
        {"GET", "/fapi/v1/multiAssetsMargin", Signed, 30, 30, &Api::getMultiAssets},
        {"POST", "/fapi/v1/multiAssetsMargin", Signed, 1, 1, &Api::setMultiAssets},
        {"GET", "/fapi/v1/feeBurn", Signed, 30, 30, &Api::getFeeBurn},
        {"POST", "/fapi/v1/feeBurn", Signed, 1, 1, &Api::setFeeBurn},
        {"GET", "/fapi/v1/adlQuantile", Signed, 5, 5, &Api::adlQuantile},
        {"GET", "/fapi/v1/apiTradingStatus", Signed, 1, 10, &Api::tradingStatus},
        {"GET", "/fapi/v2/positionRisk", Signed, 5, 5, &Api::positionRiskV2},
        {"POST", "/fapi/v1/order", Signed, 0, 0, &Api::newOrder, true},
        {"DELETE", "/fapi/v1/order", Signed, 1, 1, &Api::cancelOrder},
        {"GET", "/fapi/v1/order", Signed, 1, 1, &Api::queryOrder},
        {"GET", "/fapi/v1/openOrder", Signed, 1, 1, &Api::queryOpenOrder},
        {"GET", "/fapi/v1/openOrders", Signed, 1, 40, &Api::openOrders},
        {"DELETE", "/fapi/v1/allOpenOrders", Signed, 1, 1, &Api::cancelAllOrders},
        {"POST", "/fapi/v1/algoOrder", Signed, 0, 0, &Api::newAlgo, true},
        {"DELETE", "/fapi/v1/algoOrder", Signed, 1, 1, &Api::cancelAlgo},
        {"GET", "/fapi/v1/algoOrder", Signed, 1, 1, &Api::queryAlgo},
        {"GET", "/fapi/v1/openAlgoOrders", Signed, 1, 40, &Api::openAlgos},
        {"DELETE", "/fapi/v1/algoOpenOrders", Signed, 1, 1, &Api::cancelAllAlgos},
        {"GET", "/fapi/v3/positionRisk", Signed, 5, 5, &Api::positionRiskV3},
        {"GET", "/fapi/v2/account", Signed, 5, 5, &Api::accountV2},
        {"GET", "/fapi/v3/account", Signed, 5, 5, &Api::accountV3},
        {"GET", "/fapi/v2/balance", Signed, 5, 5, &Api::balance},
        {"GET", "/fapi/v3/balance", Signed, 5, 5, &Api::balance},
        {"GET", "/fapi/v1/accountConfig", Signed, 5, 5, &Api::accountConfig},
        {"GET", "/fapi/v1/symbolConfig", Signed, 5, 5, &Api::symbolConfig},
        {"GET", "/fapi/v1/positionSide/dual", Signed, 30, 30, &Api::getPositionMode},
        {"POST", "/fapi/v1/positionSide/dual", Signed, 1, 1, &Api::setPositionMode},
        {"POST", "/fapi/v1/leverage", Signed, 1, 1, &Api::setLeverage},
        {"GET", "/fapi/v1/userTrades", Signed, 5, 5, &Api::userTrades},
        {"GET", "/fapi/v1/commissionRate", Signed, 20, 20, &Api::commissionRate},
        {"GET", "/fapi/v1/rateLimit/order", Signed, 1, 1, &Api::orderRateLimit},
        {"POST", "/fapi/v1/listenKey", Key, 1, 1, &Api::createListenKey},
        {"PUT", "/fapi/v1/listenKey", Key, 1, 1, &Api::extendListenKey},
        {"DELETE", "/fapi/v1/listenKey", Key, 1, 1, &Api::closeListenKey},
    };
    return kRoutes;
}

BinanceApi::BinanceApi(VenueEngine &engine, const CandleStore &candles)
    : m_engine(engine), m_candles(candles),
      m_limits(engine.options().weightLimitPerMinute, engine.options().orderLimitPerTenSeconds,
               engine.options().orderLimitPerMinute, engine.accountCount()),
      m_startedAt(engine.clock().now())
{
    const auto &accounts = engine.options().accounts;
    for (std::size_t i = 0; i < accounts.size(); ++i) {
        m_accountOfKey.emplace(accounts[i].apiKey, i);
        using exchange::binance::KeyType;
        auto signer = exchange::binance::Signer::make(accounts[i].ed25519 ? KeyType::Ed25519 : KeyType::Hmac,
                                                      accounts[i].apiSecret);
        CORE_ASSERT(signer.has_value(), "REQUIRES: validated options");
        m_signers.push_back(std::move(*signer));
    }
}

BinanceApi::~BinanceApi() = default;

ApiResponse BinanceApi::handle(const ApiRequest &request)
{
    ApiResponse response;
    auto served = serve(request, response);
    if (served) {
        response.body = std::move(*served);
    } else {
        response.status = served.error().httpStatus;
        response.body = JsonText()
                            .object()
                            .number("code", served.error().code)
                            .text("msg", served.error().message)
                            .endObject()
                            .take();
    }
    response.headers.emplace_back("X-MBX-USED-WEIGHT-1M",
                                  fmt::format("{}", m_limits.usedWeight(m_engine.clock().now())));
    return response;
}

VenueResult<std::string> BinanceApi::serve(const ApiRequest &request, ApiResponse &response)
{
    const auto &table = routes();
    const auto route = std::find_if(table.begin(), table.end(), [&](const Route &entry) {
        return entry.method == request.method && entry.path == request.path;
    });
    if (route == table.end())
        return refuse(-5000, fmt::format("Path {}, Method {} is invalid", request.path, request.method), 404);
    auto parameters = ApiParameters::parse(request.query, request.body);
    if (!parameters)
        return tl::unexpected(parameters.error());
    Context context{request, std::move(*parameters)};
    const int weight = route->weightOf != nullptr         ? route->weightOf(context.parameters)
                       : context.parameters.has("symbol") ? route->weight
                                                          : route->weightWithoutSymbol;
    if (const auto over = m_limits.countWeight(weight, m_engine.clock().now()))
        return tl::unexpected(*over);
    if (route->security != Security::None)
        if (const auto known = authenticate(context, route->security == Security::Signed); !known)
            return tl::unexpected(known.error());
    return runRoute(context, *route, response);
}

VenueResult<std::string> BinanceApi::runRoute(Context &context, const Route &route, ApiResponse &response)
{
    return route.order ? runOrderRequest(context, route, response) : (this->*route.handler)(context);
}

VenueResult<std::string> BinanceApi::call(std::string_view method, std::string_view path, ApiParameters parameters,
                                          std::size_t account)
{
    const auto &table = routes();
    const auto route = std::find_if(table.begin(), table.end(), [&](const Route &entry) {
        return entry.method == method && entry.path == path;
    });
    CORE_ASSERT(route != table.end(), "REQUIRES: an endpoint of the table");
    const ApiRequest request{.method = std::string(method), .path = std::string(path), .query = {}, .body = {}, .apiKey = {}};
    Context context{request, std::move(parameters), account};
    if (const auto over = m_limits.countWeight(std::max(1, route->weight), m_engine.clock().now()))
        return tl::unexpected(*over);
    ApiResponse response;
    return runRoute(context, *route, response);
}

VenueResult<std::size_t> BinanceApi::accountOfKey(std::string_view apiKey) const
{
    const auto found = m_accountOfKey.find(apiKey);
    if (found == m_accountOfKey.end())
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    return found->second;
}

const std::string &BinanceApi::apiKeyOf(std::size_t account) const
{
    return m_engine.options().accounts[account].apiKey;
}

VenueResult<std::size_t> BinanceApi::verifySocket(const ApiParameters &parameters, bool ed25519Only) const
{
    const auto account = accountOfKey(parameters.get("apiKey"));
    if (!account)
        return account;
    if (ed25519Only && !m_engine.options().accounts[*account].ed25519)
        return refuse(-4056, "HMAC_SHA256 API key is not supported.", 400);
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto &[name, value] : parameters.values())
        if (name != "signature")
            values.emplace_back(name, value);
    const std::string payload = exchange::binance::webSocketPayload(std::move(values));
    const std::string expected = m_signers[*account].signature(payload);
    const std::string_view sent = parameters.get("signature");
    const bool same = m_engine.options().accounts[*account].ed25519 ? expected == sent : sameHex(expected, sent);
    if (!same)
        return refuse(-1022, "Signature for this request is not valid.");
    if (const auto timely = checkTime(parameters); !timely)
        return tl::unexpected(timely.error());
    return account;
}

VenueResult<void> BinanceApi::authenticate(Context &context, bool isSigned) const
{
    const ApiRequest &request = context.request;
    const bool wellFormed =
        !request.apiKey.empty() && std::all_of(request.apiKey.begin(), request.apiKey.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        });
    if (!wellFormed)
        return refuse(-2014, "API-key format invalid.", 401);
    const auto found = m_accountOfKey.find(request.apiKey);
    if (found == m_accountOfKey.end())
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    context.account = found->second;
    if (!isSigned)
        return {};
    if (!context.parameters.has("signature"))
        return malformed("signature");
    const auto parts = splitSignature(request.query, request.body);
    if (!parts || !isSignedBy(context.account, parts->payload, parts->signature))
        return refuse(-1022, "Signature for this request is not valid.");
    return checkTime(context.parameters);
}

VenueResult<void> BinanceApi::checkTime(const ApiParameters &parameters) const
{
    const auto timestamp = wholeNumber(parameters, "timestamp");
    if (!timestamp || !*timestamp)
        return malformed("timestamp");
    const auto window = wholeNumber(parameters, "recvWindow");
    const std::int64_t most =
        std::chrono::duration_cast<std::chrono::milliseconds>(m_engine.options().recvWindowMax).count();
    if (!window || window->value_or(5000) < 0 || window->value_or(5000) > most)
        return invalidValue("recvWindow");
    const std::int64_t now = toMilliseconds(m_engine.clock().now());
    if (**timestamp >= now + 1000)
        return refuse(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    if (now - **timestamp > window->value_or(5000))
        return refuse(-1021, "Timestamp for this request is outside of the recvWindow.");
    return {};
}

/// Both kinds are deterministic: the same key over the same bytes gives the same signature.
bool BinanceApi::isSignedBy(std::size_t account, std::string_view payload, std::string_view sent) const
{
    const std::string expected = m_signers[account].signature(payload);
    if (!m_engine.options().accounts[account].ed25519)
        return sameHex(expected, sent);
    return percentDecoded(sent, false).value_or(std::string()) == expected;
}

bool BinanceApi::isVisible(UtcTime changedAt) const
{
    return m_engine.clock().now() - changedAt >= m_engine.options().rules.queryDelay;
}

VenueResult<std::string> BinanceApi::runOrderRequest(Context &context, const Route &route,
                                                     ApiResponse &response)
{
    const UtcTime now = m_engine.clock().now();
    const auto over = m_limits.countOrder(context.account, now);
    response.headers.emplace_back("X-MBX-ORDER-COUNT-10S",
                                  fmt::format("{}", m_limits.ordersTenSeconds(context.account, now)));
    response.headers.emplace_back("X-MBX-ORDER-COUNT-1M",
                                  fmt::format("{}", m_limits.ordersMinute(context.account, now)));
    if (over)
        return tl::unexpected(*over);
    return (this->*route.handler)(context);
}

VenueResult<Symbol> BinanceApi::symbolOf(const Context &context) const
{
    const auto text = context.parameters.mandatory("symbol");
    if (!text)
        return tl::unexpected(text.error());
    const auto symbol = Symbol::from(*text);
    if (!symbol || m_engine.instrument(*symbol) == nullptr)
        return refuse(-1121, "Invalid symbol.");
    return *symbol;
}

VenueResult<std::vector<Symbol>> BinanceApi::symbolsOf(const Context &context) const
{
    std::vector<Symbol> result;
    if (context.parameters.has("symbol")) {
        const auto symbol = symbolOf(context);
        if (!symbol)
            return tl::unexpected(symbol.error());
        result.push_back(*symbol);
        return result;
    }
    for (const VenueInstrument &instrument : m_engine.options().instruments)
        result.push_back(instrument.contract.key.symbol);
    return result;
}

} // namespace core::venue
