#include "app/desktop/session.h"

#include <spdlog/spdlog.h>

#include "app/common/version.h"
#include "core/exchange/binance/client.h"

using namespace Qt::StringLiterals;

namespace app::desktop
{

namespace
{
using core::ErrorCode;
using core::fail;
using core::Result;
using namespace core::exchange::binance;

[[nodiscard]] Credentials credentials(std::string_view key, std::string_view secret)
{
    return {core::net::Secret(key), core::net::Secret(secret)};
}

/// From the environment; it is emptied there, so that no child process and no crash report sees it.
[[nodiscard]] Result<Credentials> credentialsFromEnvironment()
{
    QByteArray key = qgetenv("ETRMS_BINANCE_KEY");
    QByteArray secret = qgetenv("ETRMS_BINANCE_SECRET");
    qunsetenv("ETRMS_BINANCE_KEY");
    qunsetenv("ETRMS_BINANCE_SECRET");
    if (key.isEmpty() || secret.isEmpty())
        return fail(ErrorCode::Unauthorized,
                    "--testnet: the environment variables ETRMS_BINANCE_KEY and ETRMS_BINANCE_SECRET must hold the "
                    "account's key and secret");
    auto result = credentials({key.constData(), static_cast<std::size_t>(key.size())},
                              {secret.constData(), static_cast<std::size_t>(secret.size())});
    key.fill('\0');
    secret.fill('\0');
    return result;
}

[[nodiscard]] Endpoints endpointsOf(const core::venue::Endpoints &venue)
{
    return {.environment = Environment::Loopback,
            .rest = venue.restUrl,
            .streamsPublic = venue.webSocketUrl,
            .streamsMarket = venue.webSocketUrl,
            .streamsPrivate = venue.webSocketUrl,
            .webSocketApi = venue.webSocketUrl + "/ws-fapi/v1"};
}

[[nodiscard]] core::AccountId accountNamed(std::string_view label)
{
    return core::AccountId::from(label).value_or(core::AccountId{});
}
} // namespace

Result<std::unique_ptr<Session>> Session::start(DesktopOptions options)
{
    auto session = std::unique_ptr<Session>(new Session);
    auto client = std::make_shared<ClientOptions>();
    core::runtime::EngineSetup engine;
    engine.symbols = {options.symbol};
    engine.config = options.limits;
    engine.version = version();
    switch (options.where) {
    case Where::Demo: {
        auto venue = core::runtime::VenueHost::start(options.demo->options, session->m_clock, [](const QString &line) {
            spdlog::info("venue: {}", line.toStdString());
        });
        if (!venue)
            return fail(venue.error().in("built-in exchange"));
        session->m_venue = std::move(*venue);
        client->endpoints = endpointsOf(session->m_venue->endpoints());
        client->credentials = credentials(options.demo->apiKey, options.demo->apiSecret);
        engine.mode = core::runtime::Mode::Demo;
        // Each run is an account of its own: the built-in exchange counts its order and trade ids from the start again.
        engine.account = accountNamed("demo-" + core::isoMilliseconds(session->m_clock.now()));
        // The demo is there to show the breaker act; its account holds nothing that could be lost.
        engine.arming = core::risk::Arming::Armed;
        engine.armedBy = "demo";
        break;
    }
    case Where::Testnet: {
        auto keys = credentialsFromEnvironment();
        if (!keys)
            return fail(keys.error());
        client->endpoints = testnetEndpoints();
        client->credentials = std::move(*keys);
        engine.mode = core::runtime::Mode::Testnet;
        engine.account = accountNamed("testnet");
        engine.armedBy = "start";
        break;
    }
    case Where::Live:
        client->endpoints = productionEndpoints();
        engine.mode = core::runtime::Mode::Live;
        engine.account = accountNamed("none");
        engine.armedBy = "start";
        break;
    }
    client->account = engine.account;
    auto terminal = core::runtime::LocalTerminal::start(
        {.dataDir = options.dataDir,
         .engine = std::move(engine),
         .makeClient =
             [client, &clock = session->m_clock](const core::runtime::StorageService::Restored &restored) {
                 // What was filled while the program was down is asked for from here on.
                 for (const auto &[instrument, tradeId] : restored.newestTradeIds)
                     client->lastTradeIds[instrument.symbol] = tradeId;
                 return std::make_unique<BinanceClient>(std::move(*client), clock);
             }},
        session->m_clock);
    if (!terminal)
        return fail(terminal.error());
    session->m_terminal = std::move(*terminal);
    return session;
}

Result<void> Session::stop()
{
    const Result<void> stored = m_terminal->stop();
    m_venue.reset();
    return stored;
}

} // namespace app::desktop
