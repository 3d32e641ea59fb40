#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/risk/limits.h"
#include "core/runtime/worker_thread.h"
#include "core/venue/hyperliquid/server.h"
#include "core/venue/server.h"

namespace core::runtime
{

/// A loopback exchange on a thread of its own. Made, used and destroyed on the owner's thread.
template <class Server, class Options, class Addresses> class ServerHost
{
public:
    using Noticed = std::function<void(const QString &)>;
    /// Serving when it returns. `noticed` is called on the venue's thread with one line each.
    [[nodiscard]] static Result<std::unique_ptr<ServerHost>> start(Options options, const Clock &clock, Noticed noticed = {})
    {
        auto host = std::unique_ptr<ServerHost>(new ServerHost);
        host->m_thread.start([&] {
            auto server = std::make_unique<Server>(std::move(options), clock);
            if (noticed)
                QObject::connect(server.get(), &Server::noticed, server.get(), noticed);
            return server;
        });
        Result<Addresses> endpoints = fail(ErrorCode::Unavailable, "the venue did not start");
        host->m_thread.call([&](Server &server) { endpoints = server.start(); });
        if (!endpoints)
            return fail(endpoints.error());
        host->m_endpoints = *endpoints;
        return host;
    }
    [[nodiscard]] const Addresses &endpoints() const { return m_endpoints; }

private:
    ServerHost() : m_thread(QStringLiteral("venue")) {}

    WorkerThread<Server> m_thread;
    Addresses m_endpoints;
};
using VenueHost = ServerHost<venue::VenueServer, venue::VenueOptions, venue::Endpoints>; ///< Binance
using HyperliquidHost = ServerHost<venue::hyperliquid::HyperliquidServer, venue::hyperliquid::HyperliquidOptions,
                                   venue::hyperliquid::HyperliquidEndpoints>;

/// A market and an account to try the program on: one position with leverage, and limits that fit it.
struct DemoVenue {
    venue::VenueOptions options;
    Symbol symbol; ///< of the position
    std::string apiKey;
    std::string apiSecret; ///< made anew each time; valid on this venue only
    risk::Limits limits;
};
/// "flash-crash", "calm", "trend", "range", "vacuum", "funding-spike", "outage".
[[nodiscard]] Result<venue::ScenarioOptions::Kind> parseScenario(std::string_view name);
/// BTCUSDT order flow out of a seeded process; same seed, same market.
[[nodiscard]] DemoVenue demoVenue(venue::ScenarioOptions::Kind kind, std::uint64_t seed);
/// More contracts (BTCUSDT first) and flat accounts of 10,000 USDT beside the demo's, up to `accounts` in all: the first
/// signs with HMAC, the second as well, the third with an Ed25519 key and a key that may withdraw comes last. Keys are made
/// anew each time. REQUIRES: a generated market; symbols 1 to 64, accounts at least 1.
void enlarge(DemoVenue &demo, std::size_t symbols, std::size_t accounts);
/// The same account on a recorded market, position in the first symbol. `speed` 2: twice as fast. Errors as opening it.
[[nodiscard]] Result<DemoVenue> demoVenueOn(const std::vector<std::string> &recordings, Ratio speed);

/// The other exchange beside the demo's, with accounts whose throw-away keys are the same for the same seed.
struct HyperliquidDemo {
    venue::hyperliquid::HyperliquidOptions options;
    std::vector<venue::hyperliquid::TestAccount> accounts; ///< flat; each with one agent
};
/// The demo's scenario and seed, and as many accounts; beside a recording a calm market of seed 1.
[[nodiscard]] HyperliquidDemo hyperliquidBeside(const DemoVenue &demo);
/// What `withLoopback` reads: {"binance":{…},"hyperliquid":{…}}, of the venues that are served.
[[nodiscard]] QJsonObject addressesJson(const venue::Endpoints &binance,
                                        const std::optional<venue::hyperliquid::HyperliquidEndpoints> &hyperliquid);

} // namespace core::runtime
