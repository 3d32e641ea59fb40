#include "app/desktop/desktop_options.h"

#include <cstdio>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <fmt/format.h>

#include "app/common/arguments.h"
#include "app/common/data_dirs.h"
#include "app/common/exit_status.h"
#include "app/common/venue_arguments.h"
#include "app/common/version.h"

using namespace Qt::StringLiterals;

namespace app::desktop
{

namespace
{
using core::ErrorCode;
using core::fail;
using core::Result;

const QString kProgram = u"etrms"_s;
constexpr qint64 kConfigBytesMax = 1'000'000;

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        u"Desktop terminal for leveraged perpetual futures. Without options: watches the public markets of both venues, "
        "no keys.\n"
        "SCENARIO (with --demo): flash-crash (default), calm, trend, range."_s);
    parser.addOption({u"demo"_s, u"Run on the built-in exchange with a practice account."_s});
    addMarketOptions(parser);
    parser.addOption({u"watch"_s, u"Watch public markets, no keys: binance, hyperliquid, both (default), or names by comma; "
                                  "binance-testnet and hyperliquid-testnet are their test systems."_s, u"VENUES"_s, u"both"_s});
    parser.addOption({u"coins"_s, u"What to watch (default BTC,ETH)."_s, u"LIST"_s, u"BTC,ETH"_s});
    parser.addOption({u"paper"_s, u"A practice account on the live public market of one venue: binance (default) or "
                                  "hyperliquid. No keys, no orders at the venue; the account is kept."_s});
    parser.addOption({u"paper-balance"_s, u"What a new practice account begins with (default 10000)."_s, u"AMOUNT"_s, u"10000"_s});
    parser.addOption({u"account"_s, u"Trade with the account of this name (menu Accounts adds one). Its keys come from the "
                                    "system's key store, or from the sealed file: its passphrase is asked for, or taken from "
                                    "the environment variable ETRMS_PASSPHRASE."_s,
                      u"LABEL"_s});
    parser.addOption({u"endpoints"_s, u"With --watch, --paper or --account: addresses of this computer, JSON: {\"binance\": {\"rest\": \"http://127.0.0.1:1\", "
                                      "\"streams\": \"ws://127.0.0.1:2\"}, \"hyperliquid\": {\"rest\": \"http://127.0.0.1:3\", "
                                      "\"webSocket\": \"ws://127.0.0.1:3/ws\"}}; a venue that is not named keeps its own."_s,
                      u"FILE"_s});
    parser.addOption({u"testnet"_s, u"With --watch, --paper or --account: the test system of each venue. Alone: an account on Binance's "
                                    "testnet; its key comes from the environment variables "
                                    "ETRMS_BINANCE_KEY and ETRMS_BINANCE_SECRET."_s});
    parser.addOption({u"symbol"_s, u"The contract of a testnet account (default BTCUSDT; a demo has its own)."_s, u"SYMBOL"_s,
                      u"BTCUSDT"_s});
    parser.addOption({u"config"_s, u"Risk limits (TOML); the defaults otherwise, a demo has its own."_s, u"FILE"_s});
    parser.addOption({u"data-dir"_s, u"Where the database, the log and the layout are kept."_s, u"DIR"_s});
    parser.addOption({u"screenshot"_s, u"Write a picture of the window (PNG) and leave."_s, u"FILE"_s});
    parser.addOption({u"after"_s, u"Seconds before the picture, or the length of a headless run."_s, u"SECONDS"_s});
    parser.addOption({u"headless"_s, u"No display. With --demo: writes demo.png, demo-report.csv and the database into the "
                                     "folder of --out, one line per thing that happens; exit status 0 only if the breaker "
                                     "fired and the venue reports the position flat. With --watch: writes watch.png; exit "
                                     "status 0 only if a market came to life."_s});
    parser.addOption({u"out"_s, u"Folder of a headless run (default ./demo-out, or ./watch-out)."_s, u"DIR"_s, u"demo-out"_s});
    parser.addOption({u"size"_s, u"Window size (default 1600x1000)."_s, u"WxH"_s});
    parser.addOption({u"version"_s, u"Show the version and leave."_s});
    parser.addPositionalArgument(u"scenario"_s, u"With --demo: which market. With --paper: which venue."_s,
                                 u"[SCENARIO|VENUE]"_s);
}

[[nodiscard]] Result<core::risk::Limits> readLimits(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, fmt::format("--config {}: cannot be read: {}", path.toStdString(),
                                                     file.errorString().toStdString()));
    if (file.size() > kConfigBytesMax)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("--config {}: larger than {} bytes", path.toStdString(), kConfigBytesMax));
    const QByteArray text = file.readAll();
    auto config = core::risk::parseLimits({text.constData(), static_cast<std::size_t>(text.size())});
    if (!config)
        return fail(config.error().in("--config " + path.toStdString()));
    return config;
}

[[nodiscard]] Result<QSize> readSize(const QString &text)
{
    const QStringList parts = text.split(u'x');
    bool widthOk = false;
    bool heightOk = false;
    const QSize size(parts.value(0).toInt(&widthOk), parts.value(1).toInt(&heightOk));
    if (parts.size() != 2 || !widthOk || !heightOk || size.width() < 1024 || size.height() < 640 ||
        size.width() > 7680 || size.height() > 4320)
        return fail(ErrorCode::InvalidArgument, "--size: must be WIDTHxHEIGHT, from 1024x640 to 7680x4320");
    return size;
}

/// What belongs together, and what excludes each other.
[[nodiscard]] Result<void> checkCombination(const QCommandLineParser &parser)
{
    const auto bad = [](const char *rule) { return fail(ErrorCode::InvalidArgument, rule); };
    const bool demo = parser.isSet(u"demo"_s);
    const bool paper = parser.isSet(u"paper"_s);
    const bool account = parser.isSet(u"account"_s);
    if (int{demo} + int{paper} + int{account} + int{parser.isSet(u"watch"_s)} > 1)
        return bad("--demo, --watch, --paper and --account: one at a time");
    if (parser.isSet(u"paper-balance"_s) && !paper)
        return bad("--paper-balance: only with --paper");
    if (demo && parser.isSet(u"testnet"_s))
        return bad("--demo: not together with --testnet");
    if (!demo && !paper && !parser.positionalArguments().isEmpty())
        return fail(ErrorCode::InvalidArgument,
                    "unexpected argument " + parser.positionalArguments().first().toStdString() + "; try --help");
    if (parser.positionalArguments().size() > 1)
        return bad(demo ? "--demo: at most one scenario" : "--paper: at most one venue");
    if (!demo && (parser.isSet(u"recording"_s) || parser.isSet(u"demo-seed"_s)))
        return bad("--recording and --demo-seed: only with --demo");
    const bool watch = parser.isSet(u"watch"_s);
    const bool coins = watch || paper || account;
    if (!demo && !coins && parser.isSet(u"headless"_s))
        return bad("--headless: only with --demo, --watch, --paper or --account");
    if (!coins && parser.isSet(u"endpoints"_s))
        return bad("--endpoints: only with --watch, --paper or --account");
    if (parser.isSet(u"coins"_s) && (demo || (parser.isSet(u"testnet"_s) && !coins)))
        return bad("--coins: not with --demo, nor with --testnet alone");
    if (coins && parser.isSet(u"symbol"_s))
        return bad("--symbol: not together with --watch, --paper or --account; name the coins with --coins");
    if (parser.isSet(u"speed"_s) && !parser.isSet(u"recording"_s))
        return bad("--speed: only with --recording");
    if (parser.isSet(u"out"_s) && !parser.isSet(u"headless"_s))
        return bad("--out: only with --headless");
    if (parser.isSet(u"headless"_s) && parser.isSet(u"screenshot"_s))
        return bad("--screenshot: not together with --headless, which writes its own");
    if (parser.isSet(u"after"_s) && !parser.isSet(u"headless"_s) && !parser.isSet(u"screenshot"_s))
        return bad("--after: only with --screenshot or --headless");
    return {};
}

[[nodiscard]] Result<void> fillAccounts(const QCommandLineParser &parser, DesktopOptions &options)
{
    using core::secrets::Environment;
    options.environment = parser.isSet(u"testnet"_s) ? Environment::Testnet : Environment::Production;
    options.account = parser.value(u"account"_s);
    options.coins = parser.value(u"coins"_s);
    options.endpointsFile = parser.value(u"endpoints"_s);
    const auto balance = core::parseMoney(parser.value(u"paper-balance"_s).toStdString());
    if (!balance || !balance->isPositive() || balance->raw() > 1'000'000'000 * core::kDecimalOne)
        return fail(ErrorCode::InvalidArgument, "--paper-balance: must be an amount above 0, at most 1000000000");
    options.paperBalance = *balance;
    return {};
}

[[nodiscard]] Result<void> fillMarkets(const QCommandLineParser &parser, DesktopOptions &options)
{
    QString venues = parser.value(u"watch"_s);
    if (options.where == Where::Paper) {
        venues = parser.positionalArguments().value(0, u"binance"_s);
        if (!core::parseVenue(venues.toStdString()))
            return fail(ErrorCode::InvalidArgument, "--paper: must be binance or hyperliquid");
    }
    auto plan = watchPlan(venues, parser.isSet(u"testnet"_s),
                          parser.isSet(u"symbol"_s) ? parser.value(u"symbol"_s) : parser.value(u"coins"_s));
    if (!plan)
        return fail(plan.error());
    options.watch = std::move(*plan);
    if (!options.endpointsFile.isEmpty())
        return readAddresses(options.endpointsFile, options.watch);
    return {};
}

[[nodiscard]] Result<void> fill(const QCommandLineParser &parser, DesktopOptions &options)
{
    if (const auto ok = checkCombination(parser); !ok)
        return ok;
    options.where = parser.isSet(u"demo"_s)      ? Where::Demo
                    : parser.isSet(u"paper"_s)   ? Where::Paper
                    : parser.isSet(u"account"_s) ? Where::Account
                    : parser.isSet(u"testnet"_s) && !parser.isSet(u"watch"_s) ? Where::Testnet
                                                                              : Where::Watch;
    options.headless = parser.isSet(u"headless"_s);
    options.outDir = parser.isSet(u"out"_s) || options.where == Where::Demo ? parser.value(u"out"_s) : u"watch-out"_s;
    options.screenshot = parser.value(u"screenshot"_s);
    if (parser.isSet(u"after"_s)) {
        const auto seconds = integerOption(parser, u"after"_s, 1, 86'400);
        if (!seconds)
            return fail(seconds.error());
        options.afterSeconds = *seconds;
    }
    if (parser.isSet(u"size"_s)) {
        const auto size = readSize(parser.value(u"size"_s));
        if (!size)
            return fail(size.error());
        options.size = *size;
    }
    const auto symbol = symbolOption(parser, u"symbol"_s);
    if (!symbol)
        return fail(symbol.error());
    options.symbol = *symbol;
    options.limits = core::risk::defaultLimits();
    if (const auto filled = fillAccounts(parser, options); !filled)
        return filled;
    if (options.where == Where::Watch || options.where == Where::Paper)
        if (const auto filled = fillMarkets(parser, options); !filled)
            return filled;
    if (options.where == Where::Demo) {
        auto demo = demoFromArguments(parser, parser.positionalArguments().value(0));
        if (!demo)
            return fail(demo.error());
        options.symbol = demo->symbol;
        options.limits = demo->limits;
        options.demo = std::move(*demo);
        options.market = parser.isSet(u"recording"_s) ? QFileInfo(parser.value(u"recording"_s)).fileName()
                                                      : parser.positionalArguments().value(0, u"flash-crash"_s);
    }
    if (parser.isSet(u"config"_s)) {
        auto limits = readLimits(parser.value(u"config"_s));
        if (!limits)
            return fail(limits.error());
        options.limits = std::move(*limits);
        options.limitsNamed = true;
    }
    const bool testnet = parser.isSet(u"testnet"_s) && options.where != Where::Watch;
    const QString mode = options.where == Where::Demo      ? u"demo"_s
                         : options.where == Where::Paper   ? u"paper"_s
                         : testnet                         ? u"testnet"_s
                         : options.where == Where::Testnet ? u"testnet"_s
                                                           : u"live"_s;
    options.ownDataDir = parser.isSet(u"data-dir"_s);
    options.dataDir = parser.isSet(u"data-dir"_s) ? parser.value(u"data-dir"_s)
                      : options.headless          ? options.outDir
                                                  : defaultDataDir(mode);
    // One list of accounts for all modes, unless a folder was named for everything.
    options.accountsDir = options.ownDataDir ? options.dataDir : defaultDataDir(u"accounts"_s);
    return {};
}
} // namespace

std::optional<int> readDesktopOptions(const QStringList &arguments, DesktopOptions &options)
{
    QCommandLineParser parser;
    addOptions(parser);
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return status;
    if (parser.isSet(u"version"_s)) {
        std::printf("etrms %s\n", version());
        return Done;
    }
    if (const auto filled = fill(parser, options); !filled) {
        printError(kProgram, filled.error());
        return filled.error().code == ErrorCode::InvalidArgument ? Usage : Failed;
    }
    return std::nullopt;
}

} // namespace app::desktop
