#include "tests/soak/venues.h"

#include <cstdio>
#include <iostream>

#include <QtCore/QCoreApplication>
#include <QtCore/QSocketNotifier>
#include <QtCore/QTimer>

#include <unistd.h>

#include <fmt/format.h>

#include "core/venue/engine.h"
#include "core/venue/hyperliquid/desk.h"
#include "core/venue/listed_markets.h"
#include "core/venue/scenario_random.h"
#include "tests/soak/figures.h"
#include "tests/soak/truth.h"

namespace tests::soak
{

using namespace core;
using namespace std::chrono_literals;

namespace
{
constexpr std::int64_t kMemoryMs = 15'000;
constexpr std::chrono::milliseconds kBinanceSampleEvery{10};
constexpr std::chrono::milliseconds kHyperliquidSampleEvery{2}; // its books carry the time of sending
constexpr std::int64_t kSampleTolerance = 60; // Hyperliquid stamps its book when it is sent, not when it changed

[[nodiscard]] std::string hexText(std::uint64_t seed)
{
    venue::ScenarioRandom random(seed);
    std::string text;
    for (int word = 0; word < 4; ++word)
        text += fmt::format("{:016x}", random.next());
    return text;
}

[[nodiscard]] std::size_t coinCount(const SoakSetup &setup)
{
    return static_cast<std::size_t>(std::max(5, setup.symbols / 5));
}

[[nodiscard]] venue::VenueOptions binanceOptions(const SoakSetup &setup)
{
    venue::VenueOptions options;
    venue::ScenarioOptions scenario;
    scenario.kind = venue::ScenarioOptions::Kind::Range;
    scenario.seed = setup.seed;
    venue::listMarkets(options, scenario, static_cast<std::size_t>(setup.symbols));
    venue::AccountOptions account;
    account.apiKey = binanceKey(setup.seed);
    account.apiSecret = binanceSecret(setup.seed);
    account.balance = parseMoney("1000000").value();
    account.leverage = 10;
    options.accounts = {account};
    return options;
}

[[nodiscard]] venue::hyperliquid::HyperliquidOptions hyperliquidOptions(const SoakSetup &setup)
{
    auto options = venue::hyperliquid::typicalOptions(setup.seed, 1);
    options.scenario = venue::ScenarioOptions::Kind::Range;
    options.accounts.front().balance = parseMoney("1000000").value();
    options.accounts.front().leverage = 5;
    options.retainedOrdersMax = 100'000; // the comparison at the end wants all of them
    options.coins.clear();
    for (const venue::ListedMarket &market : venue::listedMarkets(coinCount(setup))) {
        venue::hyperliquid::CoinOptions coin;
        coin.name = market.instrument.contract.base.string();
        coin.szDecimals = decimalPlaces(market.instrument.contract.stepSize.raw());
        coin.maxLeverage = 10;
        coin.marginTableId = 10;
        coin.startPrice = market.startPrice;
        options.coins.push_back(std::move(coin));
    }
    return options;
}

/// As the client names it: what never lived is rejected, what ended otherwise canceled.
[[nodiscard]] OrderStatus statusOf(const venue::hyperliquid::DeskOrder &order)
{
    if (order.isOpen()) {
        if (order.hasTriggered)
            return OrderStatus::Triggered;
        return order.filled.isZero() ? OrderStatus::New : OrderStatus::PartiallyFilled;
    }
    if (order.status == "filled")
        return OrderStatus::Filled;
    return order.status.ends_with("ejected") ? OrderStatus::Rejected : OrderStatus::Canceled;
}

[[nodiscard]] OrderStatus statusOf(const venue::VenueAlgo &algo)
{
    switch (algo.status) {
    case venue::AlgoStatus::New:
        return OrderStatus::New;
    case venue::AlgoStatus::Canceled:
        return OrderStatus::Canceled;
    case venue::AlgoStatus::Rejected:
        return OrderStatus::Rejected;
    case venue::AlgoStatus::Expired:
        return OrderStatus::Expired;
    default:
        return OrderStatus::Triggered;
    }
}

[[nodiscard]] std::vector<Level> levelsOf(const std::vector<venue::hyperliquid::BookRow> &rows)
{
    std::vector<Level> levels;
    for (const auto &row : rows)
        levels.push_back({row.price, row.quantity});
    return levels;
}
} // namespace

std::string binanceKey(std::uint64_t seed)
{
    return hexText(seed ^ 0x6B6579ULL);
}

std::string binanceSecret(std::uint64_t seed)
{
    return hexText(seed ^ 0x736563726574ULL);
}

std::vector<Symbol> binanceSymbols(const SoakSetup &setup)
{
    std::vector<Symbol> symbols;
    for (const venue::ListedMarket &market : venue::listedMarkets(static_cast<std::size_t>(setup.symbols)))
        symbols.push_back(market.instrument.contract.key.symbol);
    return symbols;
}

std::vector<Symbol> hyperliquidSymbols(const SoakSetup &setup)
{
    std::vector<Symbol> symbols;
    for (const auto &coin : hyperliquidOptions(setup).coins)
        symbols.push_back(Symbol::from(coin.name).value_or(Symbol{}));
    return symbols;
}

venue::FaultPlan faultsOf(const SoakSetup &setup, Venue where, Duration span)
{
    return venue::randomFaultPlan(setup.seed * 2 + (where == Venue::Binance ? 0U : 1U), where, span);
}

// ---- BookMemory ----

void BookMemory::add(const std::string &symbol, std::int64_t milliseconds, std::uint64_t hash)
{
    auto &entries = m_entries[symbol];
    if (!entries.empty() && entries.back().milliseconds == milliseconds && entries.back().hash == hash)
        return;
    entries.push_back({milliseconds, hash});
    while (entries.front().milliseconds < milliseconds - kMemoryMs)
        entries.pop_front();
}

std::string BookMemory::judge(const std::string &symbol, std::int64_t milliseconds, std::uint64_t hash,
                              std::int64_t tolerance) const
{
    const auto found = m_entries.find(symbol);
    if (found == m_entries.end())
        return "unknown";
    bool near = false;
    for (const Entry &entry : found->second) {
        if (std::abs(entry.milliseconds - milliseconds) > tolerance)
            continue;
        near = true;
        if (entry.hash == hash)
            return "same";
    }
    return near ? "differs" : "unknown";
}

// ---- Venues ----

Venues::Venues(const SoakSetup &setup)
    : m_setup(setup), m_binance(QStringLiteral("binance")), m_hyperliquid(QStringLiteral("hyperliquid"))
{
}

std::string Venues::start()
{
    m_binance.start([this] { return std::make_unique<venue::VenueServer>(binanceOptions(m_setup), m_clock); });
    m_hyperliquid.start([this] {
        return std::make_unique<venue::hyperliquid::HyperliquidServer>(hyperliquidOptions(m_setup), m_clock);
    });
    std::string line;
    m_binance.call([&](venue::VenueServer &server) {
        if (const auto endpoints = server.start(); endpoints)
            line = fmt::format("ready {} {}", endpoints->restUrl, endpoints->webSocketUrl);
        else
            line = "failed " + endpoints.error().detail;
    });
    m_hyperliquid.call([&](venue::hyperliquid::HyperliquidServer &server) {
        if (const auto endpoints = server.start(); endpoints)
            line += fmt::format(" {} {}", endpoints->restUrl, endpoints->webSocketUrl);
        else
            line = "failed " + endpoints.error().detail;
    });
    return line;
}

std::vector<std::string> Venues::answer(const std::string &command)
{
    const auto parts = words(command);
    if (parts.empty())
        return {};
    if (parts[0] == "faults" && parts.size() == 2)
        setFaults(std::chrono::seconds(numberIn(parts[1])));
    else if (parts[0] == "calm")
        setFaults(Duration{0});
    else if (parts[0] == "watch")
        watch();
    else if (parts[0] == "truth" && parts.size() == 2)
        return parts[1] == "binance" ? binanceTruth() : hyperliquidTruth();
    else if (parts[0] == "book" && parts.size() == 5)
        return {judgeBook(parts)};
    else if (parts[0] == "figures")
        return {fmt::format("{} {}", residentKilobytes(), openDescriptors())};
    return {};
}

void Venues::setFaults(Duration span)
{
    const auto planOf = [&](Venue where) {
        return span > Duration{0} ? faultsOf(m_setup, where, span) : venue::FaultPlan{};
    };
    m_binance.call([&](venue::VenueServer &server) { static_cast<void>(server.setFaults(planOf(Venue::Binance))); });
    m_hyperliquid.call([&](venue::hyperliquid::HyperliquidServer &server) {
        static_cast<void>(server.setFaults(planOf(Venue::Hyperliquid)));
    });
}

std::vector<std::string> Venues::binanceTruth()
{
    std::vector<std::string> lines;
    m_binance.call([&](venue::VenueServer &server) {
        const venue::VenueEngine &engine = server.engine();
        for (const venue::VenueOrder *order : engine.allOrders(0, nullptr))
            if (!order->request.clientOrderId.empty())
                lines.push_back(orderLine(order->request.clientOrderId, {order->id, order->status, order->filled}));
        for (const venue::VenueAlgo *algo : engine.allAlgos(0, nullptr))
            if (algo->childOrder == 0)
                lines.push_back(orderLine(algo->request.clientAlgoId, {algo->id, statusOf(*algo), {}}));
        for (const auto &fill : engine.fills())
            lines.push_back(fillLine(fill->symbol.view(), fill->tradeId, fill->quantity));
        for (const auto &[key, leg] : engine.account(0).positions())
            if (!leg.isFlat())
                lines.push_back(positionLine(key.symbol.view(), leg.quantity));
    });
    return lines;
}

std::vector<std::string> Venues::hyperliquidTruth()
{
    std::vector<std::string> lines;
    m_hyperliquid.call([&](venue::hyperliquid::HyperliquidServer &server) {
        const venue::hyperliquid::Desk &desk = server.desk();
        const auto write = [&](const venue::hyperliquid::DeskOrder &order) {
            if (!order.terms.cloid.empty())
                lines.push_back(orderLine(order.terms.cloid, {order.oid, statusOf(order), order.filled}));
        };
        for (const auto *order : desk.openOrders(0))
            write(*order);
        for (const auto *order : desk.history(0))
            if (!order->isOpen())
                write(*order);
        for (const auto &fill : desk.fills(0))
            lines.push_back(fillLine(desk.universe().coin(fill.asset).name, fill.tid, fill.size));
        for (std::size_t asset = 0; asset < desk.universe().size(); ++asset)
            if (const auto held = desk.position(0, asset); held != 0)
                lines.push_back(positionLine(desk.universe().coin(asset).name, held));
    });
    return lines;
}

std::string Venues::judgeBook(const std::vector<std::string> &parts)
{
    const std::int64_t at = numberIn(parts[3]);
    const auto hash = static_cast<std::uint64_t>(numberIn(parts[4]));
    std::string verdict;
    if (parts[1] == "binance")
        m_binance.call([&](venue::VenueServer &) { verdict = m_binanceBooks.judge(parts[2], at, hash, 0); });
    else
        m_hyperliquid.call([&](venue::hyperliquid::HyperliquidServer &) {
            verdict = m_hyperliquidBooks.judge(parts[2], at, hash, kSampleTolerance);
        });
    return verdict;
}

/// From now on the books are remembered.
void Venues::watch()
{
    m_binance.call([this](venue::VenueServer &server) {
        auto *timer = new QTimer(&server);
        QObject::connect(timer, &QTimer::timeout, &server, [this, &server, seen = std::map<Symbol, UtcTime>()]() mutable {
            const venue::VenueEngine &engine = server.engine();
            std::vector<Level> bids;
            std::vector<Level> asks;
            for (const auto &instrument : engine.options().instruments) {
                const Symbol &symbol = instrument.contract.key.symbol;
                const UtcTime bookTime = engine.market(symbol).bookTime;
                if (std::exchange(seen[symbol], bookTime) == bookTime)
                    continue; // copying every book all the time would leave a busy machine no time to serve
                bids.clear();
                asks.clear();
                engine.book(symbol).copyShown(Side::Buy, kBinanceDepth, bids);
                engine.book(symbol).copyShown(Side::Sell, kBinanceDepth, asks);
                m_binanceBooks.add(symbol.string(), toMilliseconds(bookTime), hashOf(bids, asks));
            }
        });
        timer->start(kBinanceSampleEvery);
    });
    m_hyperliquid.call([this](venue::hyperliquid::HyperliquidServer &server) {
        auto *timer = new QTimer(&server);
        QObject::connect(timer, &QTimer::timeout, &server, [this, &server] {
            const venue::hyperliquid::Desk &desk = server.desk();
            for (std::size_t asset = 0; asset < desk.universe().size(); ++asset)
                m_hyperliquidBooks.add(desk.universe().coin(asset).name, toMilliseconds(m_clock.now()),
                                       hashOf(levelsOf(desk.levels(asset, Side::Buy, kHyperliquidDepth)),
                                              levelsOf(desk.levels(asset, Side::Sell, kHyperliquidDepth))));
        });
        timer->start(kHyperliquidSampleEvery);
    });
}

int serveVenues(const SoakSetup &setup)
{
    Venues venues(setup);
    const auto print = [](const std::string &line) { std::cout << line << '\n'; };
    print(venues.start());
    std::cout.flush();
    std::string pending;
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &input, [&] {
        char bytes[65'536];
        const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
        if (count <= 0) {
            input.setEnabled(false);
            QCoreApplication::quit();
            return;
        }
        pending.append(bytes, static_cast<std::size_t>(count));
        for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
            for (const std::string &line : venues.answer(pending.substr(0, end)))
                print(line);
            print("end");
            pending.erase(0, end + 1);
        }
        std::cout.flush();
    });
    return QCoreApplication::exec();
}

} // namespace tests::soak
