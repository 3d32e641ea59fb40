#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/exchange/binance/signer.h"
#include "core/venue/candles.h"
#include "core/venue/engine.h"
#include "core/venue/rate_limits.h"

namespace core::venue
{

/// One HTTP request, bytes as received.
struct ApiRequest {
    std::string method; ///< "GET", "POST", "PUT", "DELETE"
    std::string path;   ///< without the query
    std::string query;  ///< raw bytes after '?'
    std::string body;   ///< raw bytes
    std::string apiKey; ///< X-MBX-APIKEY, empty when absent
};

struct ApiResponse {
    int status{200};
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// Parameters of a request, percent-decoded; the first of equal names counts (the query before the body).
class ApiParameters
{
public:
    [[nodiscard]] static VenueResult<ApiParameters> parse(std::string_view query, std::string_view body);
    /// Elements of a batch, parameters of the WebSocket API.
    [[nodiscard]] static ApiParameters of(std::map<std::string, std::string, std::less<>> values);
    [[nodiscard]] const std::map<std::string, std::string, std::less<>> &values() const { return m_values; }
    [[nodiscard]] bool has(std::string_view name) const { return m_values.contains(name); }
    /// Empty when absent.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    /// -1102 when absent or empty.
    [[nodiscard]] VenueResult<std::string_view> mandatory(std::string_view name) const;

private:
    std::map<std::string, std::string, std::less<>> m_values;
};

/// Gets listen-key changes.
class ListenKeyListener
{
public:
    virtual ~ListenKeyListener() = default;
    virtual void onListenKeyExpired(std::size_t account, const std::string &listenKey) = 0;
    virtual void onListenKeyClosed(const std::string &listenKey) = 0;
};

/// The REST side of Binance USDⓈ-M as reference/binance-usdm.md describes it: paths, security, parameters,
/// weights, codes and texts. No sockets: a request in, a response out. One thread.
class BinanceApi
{
public:
    /// Engine and candles outlive the api.
    BinanceApi(VenueEngine &engine, const CandleStore &candles);
    ~BinanceApi();
    BinanceApi(const BinanceApi &) = delete;
    BinanceApi &operator=(const BinanceApi &) = delete;
    void setListenKeyListener(ListenKeyListener *listener) { m_listenKeys = listener; }

    [[nodiscard]] ApiResponse handle(const ApiRequest &request);
    /// A handler run for an account that is known already (WebSocket API): limits and faults count as with REST.
    [[nodiscard]] VenueResult<std::string> call(std::string_view method, std::string_view path, ApiParameters parameters,
                                                std::size_t account);
    /// Whose apiKey, timestamp and signature these are; the signature is over the sorted parameters.
    [[nodiscard]] VenueResult<std::size_t> verifySocket(const ApiParameters &parameters, bool ed25519Only) const;
    [[nodiscard]] VenueResult<std::size_t> accountOfKey(std::string_view apiKey) const;
    [[nodiscard]] const std::string &apiKeyOf(std::size_t account) const;
    /// Expires listen keys.
    void onTimer();
    /// All of them now; `tells`: with the event that says so.
    void endListenKeys(bool tells);
    /// The valid listen key of an account, or nullptr.
    [[nodiscard]] const std::string *listenKeyOf(std::size_t account) const;

private:
    struct Context;
    struct Route;
    using Handler = VenueResult<std::string> (BinanceApi::*)(Context &);
    struct ListenKey {
        std::string key;
        UtcTime validUntil;
    };

    [[nodiscard]] static const std::vector<Route> &routes();
    [[nodiscard]] VenueResult<std::string> serve(const ApiRequest &request, ApiResponse &response);
    [[nodiscard]] VenueResult<void> authenticate(Context &context, bool isSigned) const;
    [[nodiscard]] VenueResult<void> checkTime(const ApiParameters &parameters) const;
    [[nodiscard]] VenueResult<std::string> runRoute(Context &context, const Route &route, ApiResponse &response);
    [[nodiscard]] bool isSignedBy(std::size_t account, std::string_view payload, std::string_view sent) const;
    /// VenueRules::queryDelay: what happened just now is not seen yet.
    [[nodiscard]] bool isVisible(UtcTime changedAt) const;
    [[nodiscard]] VenueResult<std::string> runOrderRequest(Context &context, const Route &route,
                                                           ApiResponse &response);
    [[nodiscard]] VenueResult<Symbol> symbolOf(const Context &context) const;
    /// The symbol that was named, or all of them.
    [[nodiscard]] VenueResult<std::vector<Symbol>> symbolsOf(const Context &context) const;
    [[nodiscard]] VenueResult<std::string> klinesOf(Context &context, std::string_view symbolName,
                                                    CandleStore::Series series);
    /// One object with a symbol, an array without.
    template <class Write> [[nodiscard]] VenueResult<std::string> oneOrAll(Context &context, Write write) const;
    [[nodiscard]] VenueResult<std::string> runBatch(Context &context, Handler one);

    // Market data.
    VenueResult<std::string> ping(Context &context);
    VenueResult<std::string> time(Context &context);
    VenueResult<std::string> exchangeInfo(Context &context);
    VenueResult<std::string> depth(Context &context);
    VenueResult<std::string> premiumIndex(Context &context);
    VenueResult<std::string> klines(Context &context);
    VenueResult<std::string> markKlines(Context &context);
    VenueResult<std::string> indexKlines(Context &context);
    VenueResult<std::string> continuousKlines(Context &context);
    VenueResult<std::string> leverageBracket(Context &context);
    VenueResult<std::string> trades(Context &context);
    VenueResult<std::string> aggTrades(Context &context);
    VenueResult<std::string> dayTicker(Context &context);
    VenueResult<std::string> priceTicker(Context &context);
    VenueResult<std::string> bookTicker(Context &context);
    VenueResult<std::string> openInterest(Context &context);
    VenueResult<std::string> fundingRate(Context &context);
    VenueResult<std::string> fundingInfo(Context &context);
    // Orders.
    VenueResult<std::string> newOrder(Context &context);
    VenueResult<std::string> cancelOrder(Context &context);
    VenueResult<std::string> queryOrder(Context &context);
    VenueResult<std::string> queryOpenOrder(Context &context);
    VenueResult<std::string> openOrders(Context &context);
    VenueResult<std::string> cancelAllOrders(Context &context);
    VenueResult<std::string> testOrder(Context &context);
    VenueResult<std::string> modifyOrder(Context &context);
    VenueResult<std::string> newBatch(Context &context);
    VenueResult<std::string> modifyBatch(Context &context);
    VenueResult<std::string> cancelBatch(Context &context);
    VenueResult<std::string> countdown(Context &context);
    VenueResult<std::string> allOrders(Context &context);
    VenueResult<std::string> amendments(Context &context);
    VenueResult<std::string> forceOrders(Context &context);
    VenueResult<std::string> allAlgos(Context &context);
    VenueResult<std::string> newAlgo(Context &context);
    VenueResult<std::string> cancelAlgo(Context &context);
    VenueResult<std::string> queryAlgo(Context &context);
    VenueResult<std::string> openAlgos(Context &context);
    VenueResult<std::string> cancelAllAlgos(Context &context);
    // Account.
    VenueResult<std::string> positionRiskV2(Context &context);
    VenueResult<std::string> positionRiskV3(Context &context);
    VenueResult<std::string> income(Context &context);
    VenueResult<std::string> setMarginType(Context &context);
    VenueResult<std::string> changeMargin(Context &context);
    VenueResult<std::string> marginHistory(Context &context);
    VenueResult<std::string> getMultiAssets(Context &context);
    VenueResult<std::string> setMultiAssets(Context &context);
    VenueResult<std::string> getFeeBurn(Context &context);
    VenueResult<std::string> setFeeBurn(Context &context);
    VenueResult<std::string> adlQuantile(Context &context);
    VenueResult<std::string> tradingStatus(Context &context);
    VenueResult<std::string> apiRestrictions(Context &context);
    VenueResult<std::string> accountV2(Context &context);
    VenueResult<std::string> accountV3(Context &context);
    VenueResult<std::string> balance(Context &context);
    VenueResult<std::string> accountConfig(Context &context);
    VenueResult<std::string> symbolConfig(Context &context);
    VenueResult<std::string> getPositionMode(Context &context);
    VenueResult<std::string> setPositionMode(Context &context);
    VenueResult<std::string> setLeverage(Context &context);
    VenueResult<std::string> userTrades(Context &context);
    VenueResult<std::string> commissionRate(Context &context);
    VenueResult<std::string> orderRateLimit(Context &context);
    VenueResult<std::string> createListenKey(Context &context);
    VenueResult<std::string> extendListenKey(Context &context);
    VenueResult<std::string> closeListenKey(Context &context);

    VenueEngine &m_engine;
    const CandleStore &m_candles;
    RateLimits m_limits;
    UtcTime m_startedAt; ///< when the accounts were funded
    ListenKeyListener *m_listenKeys{nullptr};
    std::vector<exchange::binance::Signer> m_signers; // by account
    std::map<std::string, std::size_t, std::less<>> m_accountOfKey;
    std::map<std::size_t, ListenKey> m_keys;
    std::map<std::size_t, bool> m_multiAssets; ///< by account; a setting without an effect here
    std::map<std::size_t, bool> m_feeBurn;     ///< the same
    std::uint64_t m_keysMade{0};
};

} // namespace core::venue
