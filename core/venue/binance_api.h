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
    [[nodiscard]] VenueResult<std::string> runOrderRequest(Context &context, const Route &route,
                                                           ApiResponse &response);
    [[nodiscard]] VenueResult<Symbol> symbolOf(const Context &context) const;

    // Market data.
    VenueResult<std::string> ping(Context &context);
    VenueResult<std::string> time(Context &context);
    VenueResult<std::string> exchangeInfo(Context &context);
    VenueResult<std::string> depth(Context &context);
    VenueResult<std::string> premiumIndex(Context &context);
    VenueResult<std::string> klines(Context &context);
    VenueResult<std::string> leverageBracket(Context &context);
    // Orders.
    VenueResult<std::string> newOrder(Context &context);
    VenueResult<std::string> cancelOrder(Context &context);
    VenueResult<std::string> queryOrder(Context &context);
    VenueResult<std::string> queryOpenOrder(Context &context);
    VenueResult<std::string> openOrders(Context &context);
    VenueResult<std::string> cancelAllOrders(Context &context);
    VenueResult<std::string> newAlgo(Context &context);
    VenueResult<std::string> cancelAlgo(Context &context);
    VenueResult<std::string> queryAlgo(Context &context);
    VenueResult<std::string> openAlgos(Context &context);
    VenueResult<std::string> cancelAllAlgos(Context &context);
    // Account.
    VenueResult<std::string> positionRiskV3(Context &context);
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
    ListenKeyListener *m_listenKeys{nullptr};
    std::vector<exchange::binance::HmacSigner> m_signers; // by account
    std::map<std::string, std::size_t, std::less<>> m_accountOfKey;
    std::map<std::size_t, ListenKey> m_keys;
    std::uint64_t m_keysMade{0};
};

} // namespace core::venue
