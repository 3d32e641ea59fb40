#include "app/desktop/session.h"

#include <spdlog/spdlog.h>

#include <QtCore/QDir>

#include "app/common/environment.h"
#include "app/common/version.h"
#include "app/common/account_opening.h"
#include "app/desktop/passphrase_dialog.h"
#include "app/common/venue_clients.h"
#include "core/exchange/binance/client.h"
#include "core/venue/paper_client.h"
#include "core/venue/paper_file.h"

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
    core::net::Secret key = takeFromEnvironment("ETRMS_BINANCE_KEY");
    core::net::Secret secret = takeFromEnvironment("ETRMS_BINANCE_SECRET");
    if (key.empty() || secret.empty())
        return fail(ErrorCode::Unauthorized,
                    "--testnet: the environment variables ETRMS_BINANCE_KEY and ETRMS_BINANCE_SECRET must hold the "
                    "account's key and secret, or --account must name an account");
    return Credentials{std::move(key), std::move(secret)};
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

using Clients = std::vector<std::unique_ptr<core::ports::ExchangeClient>>;
using MakeClients = std::function<Clients(const core::runtime::StorageService::Restored &)>;

/// The one client of a run with an account.
[[nodiscard]] MakeClients accountClient(ClientOptions options, const core::Clock &clock)
{
    const auto client = std::make_shared<ClientOptions>(std::move(options)); // a std::function must be copyable
    return [client, &clock](const core::runtime::StorageService::Restored &restored) {
        // What was filled while the program was down is asked for from here on.
        for (const auto &[instrument, tradeId] : restored.newestTradeIds)
            client->lastTradeIds[instrument.symbol] = tradeId;
        Clients clients;
        clients.push_back(std::make_unique<BinanceClient>(std::move(*client), clock));
        return clients;
    };
}
} // namespace

Result<void> Session::startDemo(const DesktopOptions &options, Run &run)
{
    auto venue = core::runtime::VenueHost::start(options.demo->options, m_clock, [](const QString &line) {
        spdlog::info("venue: {}", line.toStdString());
    });
    if (!venue)
        return fail(venue.error().in("built-in exchange"));
    m_venue = std::move(*venue);
    ClientOptions client;
    client.endpoints = endpointsOf(m_venue->endpoints());
    client.credentials = credentials(options.demo->apiKey, options.demo->apiSecret);
    run.engine.mode = core::runtime::Mode::Demo;
    // Each run is an account of its own: the built-in exchange counts its order and trade ids from the start again.
    run.engine.account = accountNamed("demo-" + core::isoMilliseconds(m_clock.now()));
    run.engine.clients = {{.venue = core::Venue::Binance,
                           .place = core::runtime::Place::Loopback,
                           .address = client.endpoints.rest,
                           .symbols = {options.symbol}}};
    // The demo is there to show the breaker act; its account holds nothing that could be lost.
    run.engine.arming = core::risk::Arming::Armed;
    run.engine.armedBy = "demo";
    client.account = run.engine.account;
    run.makeClients = accountClient(std::move(client), m_clock);
    return {};
}

Result<void> Session::startTestnet(const DesktopOptions &options, Run &run)
{
    auto keys = credentialsFromEnvironment();
    if (!keys)
        return fail(keys.error());
    ClientOptions client;
    client.endpoints = testnetEndpoints();
    client.credentials = std::move(*keys);
    run.engine.mode = core::runtime::Mode::Testnet;
    run.engine.account = accountNamed("testnet");
    run.engine.clients = {{.venue = core::Venue::Binance,
                           .place = core::runtime::Place::Testnet,
                           .address = client.endpoints.rest,
                           .symbols = {options.symbol}}};
    client.account = run.engine.account;
    run.makeClients = accountClient(std::move(client), m_clock);
    return {};
}

void Session::startWatching(const DesktopOptions &options, Run &run)
{
    run.engine.mode = core::runtime::Mode::Watching;
    run.engine.account = accountNamed("none");
    run.engine.arming = core::risk::Arming::Off;
    for (const WatchedVenue &venue : options.watch)
        run.engine.clients.push_back(watcherSetup(venue));
    run.makeClients = [plan = options.watch, this](const core::runtime::StorageService::Restored &) {
        Clients clients;
        for (const WatchedVenue &venue : plan)
            clients.push_back(makeWatcher(venue, m_clock));
        return clients;
    };
}

Result<void> Session::startPaper(const DesktopOptions &options, Run &run)
{
    const WatchedVenue venue = options.watch.front();
    // The prices of a test system are not those of the market: an account of its own.
    const std::string venueName = std::string(name(venue.venue)) + (venue.place == core::runtime::Place::Testnet ? "-testnet" : "");
    if (!QDir().mkpath(options.dataDir))
        return fail(ErrorCode::IoFailed, "data directory " + options.dataDir.toStdString() + ": cannot be made");
    const core::venue::PaperFile file(QDir(options.dataDir).filePath(u"paper-%1.json"_s.arg(QString::fromStdString(venueName))));
    auto kept = file.load(m_clock.now());
    if (!kept)
        return fail(kept.error());
    run.engine.mode = core::runtime::Mode::Paper;
    run.engine.account = accountNamed("paper-" + venueName);
    run.engine.clients = {watcherSetup(venue)};
    run.engine.clients.front().account = true;
    core::venue::PaperOptions paper;
    paper.terms = core::venue::paperTerms(venue.venue, run.engine.account);
    paper.terms.balance = options.paperBalance;
    paper.terms.state = std::move(*kept);
    paper.save = [file](const core::venue::PaperState &state) { return file.save(state); };
    run.makeClients = [paper = std::move(paper), venue, this](const core::runtime::StorageService::Restored &) {
        Clients clients;
        clients.push_back(std::make_unique<core::venue::PaperClient>(makeWatcher(venue, m_clock), paper, m_clock));
        return clients;
    };
    return {};
}

Result<void> Session::startAccount(const DesktopOptions &options, Run &run)
{
    auto opened = openAccount(*m_accounts, options.account.toStdString(), options.environment, askPassphrase);
    if (!opened)
        return fail(opened.error().in("--account " + options.account.toStdString()));
    const bool testnet = options.environment == core::secrets::Environment::Testnet;
    const auto &profile = opened->profile;
    auto plan = watchPlan(QString::fromStdString(std::string(name(profile.venue))), testnet, options.coins);
    if (!plan)
        return fail(plan.error());
    if (!options.endpointsFile.isEmpty())
        if (const auto read = readAddresses(options.endpointsFile, *plan); !read)
            return read;
    const WatchedVenue venue = plan->front();
    run.engine.mode = venue.place == core::runtime::Place::Production ? core::runtime::Mode::Live : core::runtime::Mode::Testnet;
    run.engine.account = accountNamed(profile.label);
    run.engine.clients = {watcherSetup(venue)};
    run.engine.clients.front().account = true;
    const auto account = std::make_shared<OpenedAccount>(std::move(*opened)); // a std::function must be copyable
    run.makeClients = [account, venue, this](const core::runtime::StorageService::Restored &restored) {
        Clients clients;
        clients.push_back(core::runtime::makeAccountClient(account->profile, std::move(account->keys), venue.addresses,
                                                           m_clock, restored.newestTradeIds));
        return clients;
    };
    return {};
}

Result<std::unique_ptr<Session>> Session::start(const DesktopOptions &options, const core::runtime::Lease &lease)
{
    auto session = std::unique_ptr<Session>(new Session);
    Run run;
    run.engine.limits = options.limits;
    run.engine.version = version();
    run.engine.armedBy = "start";
    auto desk = makeAccountDesk(options.accountsDir, options.endpointsFile, session->m_clock);
    if (!desk)
        return fail(desk.error());
    session->m_accounts = std::move(*desk);
    if (options.where != Where::Account)
        session->m_accounts->open([](const Result<void> &list) {
            if (!list)
                spdlog::error("accounts: {}", list.error().detail);
        });
    Result<void> prepared;
    switch (options.where) {
    case Where::Demo: prepared = session->startDemo(options, run); break;
    case Where::Testnet: prepared = session->startTestnet(options, run); break;
    case Where::Watch: session->startWatching(options, run); break;
    case Where::Paper: prepared = session->startPaper(options, run); break;
    case Where::Account: prepared = session->startAccount(options, run); break;
    }
    if (!prepared)
        return fail(prepared.error());
    const bool keepsLimits =
        !options.limitsNamed && options.where != Where::Demo && options.where != Where::Watch;
    auto terminal = core::runtime::LocalTerminal::start(
        {.dataDir = options.dataDir, .lease = &lease, .engine = std::move(run.engine),
         .keepsLimits = keepsLimits, .makeClients = std::move(run.makeClients)},
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
