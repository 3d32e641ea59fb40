#include "app/cli/commands.h"

#include <cstdio>

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTimer>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "app/common/signals.h"
#include "app/common/venue_arguments.h"
#include "core/net/system_clock.h"
#include "core/venue/hyperliquid/announcement.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
const QString kProgram = u"etrms-cli venue"_s;
constexpr core::Duration kRandomFaultsFor = std::chrono::hours{8};
constexpr qint64 kFaultFileMax = 1'000'000;

using HyperliquidEndpoints = std::optional<core::venue::hyperliquid::HyperliquidEndpoints>;

void printReady(const core::venue::Endpoints &endpoints, const core::runtime::DemoVenue &demo,
                const HyperliquidEndpoints &hyperliquid, const core::runtime::HyperliquidDemo &hyperliquidDemo)
{
    const auto text = [](const std::string &value) { return QString::fromStdString(value); };
    QJsonArray symbols;
    for (const auto &instrument : demo.options.instruments)
        symbols.append(text(instrument.contract.key.symbol.string()));
    QJsonArray accounts;
    for (const auto &account : demo.options.accounts)
        accounts.append(QJsonObject{{u"api_key"_s, text(account.apiKey)},
                                    {u"api_secret"_s, text(account.apiSecret)},
                                    {u"key_type"_s, account.ed25519 ? u"ed25519"_s : u"hmac"_s},
                                    {u"can_withdraw"_s, account.canWithdraw}});
    QJsonObject object{
        {u"binance"_s, QJsonObject{{u"rest"_s, text(endpoints.restUrl)},
                                   {u"ws"_s, text(endpoints.webSocketUrl)},
                                   {u"ws_public"_s, text(endpoints.publicStreamUrl)},
                                   {u"ws_market"_s, text(endpoints.marketStreamUrl)},
                                   {u"ws_private"_s, text(endpoints.privateStreamUrl)},
                                   {u"ws_api"_s, text(endpoints.webSocketApiUrl)}}},
        {u"symbols"_s, symbols},
        {u"accounts"_s, accounts},
        {u"addresses"_s, core::runtime::addressesJson(endpoints, hyperliquid)}};
    if (!endpoints.controlUrl.empty())
        object.insert(u"control"_s, QJsonObject{{u"url"_s, text(endpoints.controlUrl)},
                                                {u"token"_s, text(endpoints.controlToken)},
                                                {u"header"_s, u"X-Etrms-Token"_s}});
    if (hyperliquid)
        object.insert(u"hyperliquid"_s,
                      QJsonDocument::fromJson(QByteArray::fromStdString(core::venue::hyperliquid::announcementText(
                                                  *hyperliquid, hyperliquidDemo.accounts)))
                          .object());
    std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
    std::fflush(stdout);
}

[[nodiscard]] core::Result<void> applyPorts(const QCommandLineParser &parser, core::venue::VenueOptions &options)
{
    const auto http = integerOption(parser, u"port"_s, 0, 65'535);
    if (!http)
        return core::fail(http.error());
    const auto webSocket = integerOption(parser, u"ws-port"_s, 0, 65'535);
    if (!webSocket)
        return core::fail(webSocket.error());
    options.httpPort = static_cast<std::uint16_t>(*http);
    options.webSocketPort = static_cast<std::uint16_t>(*webSocket);
    if (parser.isSet(u"loop"_s)) {
        auto *recording = std::get_if<core::venue::RecordingOptions>(&options.market);
        if (!recording)
            return core::fail(core::ErrorCode::InvalidArgument, "--loop: only with --recording");
        recording->atEnd = core::venue::RecordingOptions::AtEnd::Loop;
    }
    if (parser.isSet(u"flat"_s)) {
        for (auto &account : options.accounts)
            account.positions.clear();
    }
    return {};
}

/// --faults and --fault-seed: what goes wrong from the start; --control changes it while it runs.
[[nodiscard]] core::Result<void> applyFaults(const QCommandLineParser &parser, core::venue::VenueOptions &options)
{
    options.control = parser.isSet(u"control"_s);
    if (parser.isSet(u"faults"_s) && parser.isSet(u"fault-seed"_s))
        return core::fail(core::ErrorCode::InvalidArgument, "--faults and --fault-seed: only one of them");
    if (parser.isSet(u"fault-seed"_s)) {
        const auto seed = integerOption(parser, u"fault-seed"_s, 0, 1'000'000'000);
        if (!seed)
            return core::fail(seed.error());
        options.faults = core::venue::randomFaultPlan(static_cast<std::uint64_t>(*seed), core::Venue::Binance,
                                                      kRandomFaultsFor);
    }
    if (!parser.isSet(u"faults"_s))
        return {};
    QFile file(parser.value(u"faults"_s));
    if (!file.open(QIODevice::ReadOnly))
        return core::fail(core::ErrorCode::IoFailed, "--faults: " + file.errorString().toStdString());
    auto plan = core::venue::parseFaultPlan(file.read(kFaultFileMax).toStdString());
    if (!plan)
        return core::fail(plan.error().in("--faults"));
    options.faults = std::move(*plan);
    return {};
}

/// --symbols and --accounts; a recording has the contracts it has.
[[nodiscard]] core::Result<void> applySize(const QCommandLineParser &parser, core::runtime::DemoVenue &demo)
{
    const auto symbols = integerOption(parser, u"symbols"_s, 1, 64);
    if (!symbols)
        return core::fail(symbols.error());
    const auto accounts = integerOption(parser, u"accounts"_s, 1, 20);
    if (!accounts)
        return core::fail(accounts.error());
    if (std::holds_alternative<core::venue::ScenarioOptions>(demo.options.market)) {
        core::runtime::enlarge(demo, static_cast<std::size_t>(*symbols), static_cast<std::size_t>(*accounts));
        return {};
    }
    if (parser.isSet(u"symbols"_s) || parser.isSet(u"accounts"_s))
        return core::fail(core::ErrorCode::InvalidArgument, "--symbols and --accounts: not with --recording");
    return {};
}

[[nodiscard]] core::Result<core::runtime::HyperliquidDemo> hyperliquidFromArguments(const QCommandLineParser &parser,
                                                                                    const core::runtime::DemoVenue &demo)
{
    const auto http = integerOption(parser, u"hl-port"_s, 0, 65'535);
    if (!http)
        return core::fail(http.error());
    const auto webSocket = integerOption(parser, u"hl-ws-port"_s, 0, 65'535);
    if (!webSocket)
        return core::fail(webSocket.error());
    if (parser.isSet(u"no-hyperliquid"_s) && (parser.isSet(u"hl-port"_s) || parser.isSet(u"hl-ws-port"_s)))
        return core::fail(core::ErrorCode::InvalidArgument, "--no-hyperliquid: not together with --hl-port or --hl-ws-port");
    if (*http != 0 && *http == *webSocket)
        return core::fail(core::ErrorCode::InvalidArgument, "--hl-ws-port: must differ from --hl-port");
    core::runtime::HyperliquidDemo made = core::runtime::hyperliquidBeside(demo);
    made.options.httpPort = static_cast<std::uint16_t>(*http);
    made.options.webSocketPort = static_cast<std::uint16_t>(*webSocket);
    return made;
}

/// Absent with --no-hyperliquid; an error when it cannot be served.
[[nodiscard]] core::Result<std::unique_ptr<core::runtime::HyperliquidHost>>
startHyperliquid(const QCommandLineParser &parser, const core::runtime::HyperliquidDemo &demo, const core::Clock &clock)
{
    if (parser.isSet(u"no-hyperliquid"_s))
        return std::unique_ptr<core::runtime::HyperliquidHost>{};
    auto host = core::runtime::HyperliquidHost::start(demo.options, clock, [](const QString &line) {
        printError(kProgram, u"hyperliquid: "_s + line);
    });
    return host ? std::move(host) : core::fail(host.error().in("hyperliquid"));
}
} // namespace

int runVenue(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Serves Binance USD-M Futures and Hyperliquid (REST and WebSocket) on the loopback interface: a recorded market of "
        "Binance, or generated ones. Prints one JSON line with every address and the test accounts' credentials when ready "
        "(its member \"addresses\" is what --endpoints and --addresses read); runs until stopped."_s);
    addMarketOptions(parser);
    parser.addOption({u"scenario"_s,
                      u"Generated market: flash-crash (default), calm, trend, range, vacuum, funding-spike, outage."_s,
                      u"NAME"_s});
    parser.addOption({u"seed"_s, u"The same as --demo-seed."_s, u"N"_s});
    parser.addOption({u"symbols"_s, u"Contracts of the generated market, 1 to 64 (default 1)."_s, u"N"_s, u"1"_s});
    parser.addOption({u"accounts"_s,
                      u"Test accounts, 1 to 20 (default 3): the first holds a position; the third signs with Ed25519; the "
                      "last of more than three may withdraw."_s,
                      u"N"_s, u"3"_s});
    parser.addOption({u"port"_s, u"HTTP port (default: a free one)."_s, u"N"_s, u"0"_s});
    parser.addOption({u"ws-port"_s, u"WebSocket port (default: a free one)."_s, u"N"_s, u"0"_s});
    parser.addOption({u"no-hyperliquid"_s, u"Serve Binance alone."_s});
    parser.addOption({u"hl-port"_s, u"HTTP port of Hyperliquid (default: a free one)."_s, u"N"_s, u"0"_s});
    parser.addOption({u"hl-ws-port"_s, u"WebSocket port of Hyperliquid (default: a free one)."_s, u"N"_s, u"0"_s});
    parser.addOption({u"loop"_s, u"Begin the recording again at its end."_s});
    parser.addOption({u"flat"_s, u"The test account holds no position at the start."_s});
    parser.addOption({u"control"_s, u"Open a control endpoint (faults, state) and print its address and token."_s});
    parser.addOption({u"faults"_s, u"What goes wrong, from a JSON file."_s, u"FILE"_s});
    parser.addOption({u"fault-seed"_s, u"Something goes wrong every few seconds, drawn from this seed."_s, u"N"_s});
    parser.addOption({u"seconds"_s, u"Leave after this time (default: never)."_s, u"N"_s});
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) {
        printError(kProgram, u"unexpected argument "_s + parser.positionalArguments().first());
        return Usage;
    }
    auto demo = demoFromArguments(parser, parser.value(u"scenario"_s));
    if (demo) {
        if (const auto larger = applySize(parser, *demo); !larger)
            demo = core::fail(larger.error());
    }
    auto ports = demo ? applyPorts(parser, demo->options) : core::Result<void>{};
    if (demo && ports)
        ports = applyFaults(parser, demo->options);
    const auto hyperliquid = demo && ports ? hyperliquidFromArguments(parser, *demo)
                                           : core::Result<core::runtime::HyperliquidDemo>{};
    if (!demo || !ports || !hyperliquid) {
        const core::Error &error = !demo ? demo.error() : !ports ? ports.error() : hyperliquid.error();
        printError(kProgram, error);
        return error.code == core::ErrorCode::InvalidArgument ? Usage : Failed;
    }
    const core::net::SystemClock clock;
    const auto host = core::runtime::VenueHost::start(demo->options, clock, [](const QString &line) {
        printError(kProgram, line);
    });
    if (!host) {
        printError(kProgram, host.error());
        return Failed;
    }
    const auto hyperliquidHost = startHyperliquid(parser, *hyperliquid, clock);
    if (!hyperliquidHost) {
        printError(kProgram, hyperliquidHost.error());
        return Failed;
    }
    const Signals termination;
    QObject::connect(&termination, &Signals::terminationRequested, qApp, &QCoreApplication::quit);
    if (parser.isSet(u"seconds"_s)) {
        const auto seconds = integerOption(parser, u"seconds"_s, 1, 1'000'000);
        if (!seconds) {
            printError(kProgram, seconds.error());
            return Usage;
        }
        QTimer::singleShot(std::chrono::seconds(*seconds), qApp, &QCoreApplication::quit);
    }
    printReady((*host)->endpoints(), *demo,
               *hyperliquidHost ? HyperliquidEndpoints{(*hyperliquidHost)->endpoints()} : std::nullopt, *hyperliquid);
    return QCoreApplication::exec();
}

} // namespace app::cli
