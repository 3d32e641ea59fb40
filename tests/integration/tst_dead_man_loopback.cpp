// A program that is gone: the venue's own timer takes its entry orders, and every stop stays. The real engine and clients
// against the loopback exchange of both venues; only the clock is moved ahead.
#include <QtTest/QTest>

#include "core/runtime/engine.h"
#include "core/venue/hyperliquid/desk.h"
#include "core/venue/listed_markets.h"
#include "tests/core/runtime/engine_fakes.h"
#include "tests/integration/client_fixture.h"
#include "tests/integration/hl_fixture.h"

using namespace core;
using namespace std::chrono_literals;

namespace
{
/// The machine's, moved ahead by hand; exchange and program share it.
class MovedClock final : public Clock
{
public:
    [[nodiscard]] UtcTime now() const override { return m_system.now() + m_ahead; }
    [[nodiscard]] Duration monotonic() const override { return m_system.monotonic() + m_ahead; }
    void moveAhead(Duration by) { m_ahead += by; }

private:
    net::SystemClock m_system;
    Duration m_ahead{0};
};

[[nodiscard]] bool until(const std::function<bool()> &condition)
{
    return QTest::qWaitFor(condition, 120'000);
}

/// One run of the program.
struct Run {
    Run(const Clock &clock, Venue venue, std::vector<Symbol> symbols, std::unique_ptr<ports::ExchangeClient> client)
    {
        runtime::EngineSetup setup;
        setup.mode = runtime::Mode::Live;
        setup.account = AccountId::from("test").value();
        setup.limits = risk::defaultLimits();
        setup.limits.backstop.deadMan = 20s;
        setup.clients = {{.venue = venue, .place = runtime::Place::Loopback, .symbols = std::move(symbols)}};
        setup.arming = risk::Arming::Armed;
        engine = std::make_unique<runtime::Engine>(clock, setup, channels, records, 0);
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::move(client));
        engine->start(std::move(clients));
    }
    [[nodiscard]] std::optional<Price> mark(const InstrumentKey &instrument)
    {
        if (auto taken = channels.snapshot.take())
            newest = *taken;
        if (newest == nullptr)
            return std::nullopt;
        for (const auto &market : newest->markets) {
            if (market.key == instrument && market.markPrice && market.instrument)
                return market.markPrice->mark;
        }
        return std::nullopt;
    }
    /// A buy, five percent below the mark: it rests.
    [[nodiscard]] bool placeEntry(const InstrumentKey &instrument, std::string_view quantity)
    {
        // Armed, nothing is opened before the venue has told of the past.
        if (!until([&] { return mark(instrument) && records.journaled("\"known\":true") > 0; }))
            return false;
        OrderRequest order;
        order.instrument = instrument;
        order.side = Side::Buy;
        order.type = OrderType::Limit;
        order.quantity = parseQuantity(quantity).value();
        const Instrument *rules = nullptr;
        for (const auto &market : newest->markets)
            rules = market.key == instrument ? &*market.instrument : rules;
        order.limitPrice = toValidPrice(*rules, Price::fromRaw(mark(instrument)->raw() / 100 * 96), Rounding::Floor).value();
        engine->handle(runtime::Ask{orders::OrderIntent{.id = "entry", .order = order, .by = "test"}});
        return true;
    }
    [[nodiscard]] int timersSet() const { return records.journaled("\"after\":20000000000,\"outcome\":\"accepted\""); }

    runtime::Channels channels;
    tests::FakeRecords records;
    std::shared_ptr<const runtime::TerminalSnapshot> newest;
    std::unique_ptr<runtime::Engine> engine;
};

struct BinanceSide {
    BinanceSide()
    {
        venue::ScenarioOptions scenario;
        scenario.kind = venue::ScenarioOptions::Kind::Calm;
        venue::listMarkets(fixture.venueOptions, scenario, 2);
        first = fixture.venueOptions.instruments[0].contract.key;
        second = fixture.venueOptions.instruments[1].contract.key;
    }
    void hold(std::string_view quantity)
    {
        fixture.venueOptions.accounts.front().positions = {{.symbol = first.symbol,
                                                            .direction = Direction::Long,
                                                            .quantity = parseQuantity(quantity).value(),
                                                            .entryPrice = std::nullopt}};
    }
    [[nodiscard]] bool open()
    {
        server = std::make_unique<venue::VenueServer>(fixture.venueOptions, clock);
        const auto at = server->start();
        if (!at)
            return false;
        auto &endpoints = fixture.clientOptions.endpoints;
        endpoints.environment = exchange::binance::Environment::Loopback;
        endpoints.rest = at->restUrl;
        endpoints.streamsPublic = endpoints.streamsMarket = endpoints.streamsPrivate = at->webSocketUrl;
        run = std::make_unique<Run>(clock, Venue::Binance, std::vector{first.symbol, second.symbol},
                                    std::make_unique<exchange::binance::BinanceClient>(std::move(fixture.clientOptions), clock));
        return true;
    }
    [[nodiscard]] std::size_t entries() const { return server->engine().openOrders(0, nullptr).size(); }
    [[nodiscard]] std::size_t stops() const { return server->engine().openAlgos(0, nullptr).size(); }

    MovedClock clock;
    tests::ClientFixture fixture;
    InstrumentKey first, second;
    std::unique_ptr<venue::VenueServer> server;
    std::unique_ptr<Run> run;
};

struct HyperliquidSide {
    HyperliquidSide()
    {
        auto &account = fixture.venueOptions.accounts.front();
        account.tradedVolume = parseMoney("2000000").value();
        first = fixture.btc;
        second = {Venue::Hyperliquid, Symbol::from("ETH").value()};
    }
    void hold(std::string_view quantity)
    {
        fixture.venueOptions.accounts.front().positions = {{.symbol = first.symbol,
                                                            .direction = Direction::Long,
                                                            .quantity = parseQuantity(quantity).value(),
                                                            .entryPrice = std::nullopt}};
    }
    [[nodiscard]] bool open()
    {
        server = std::make_unique<venue::hyperliquid::HyperliquidServer>(fixture.venueOptions, clock);
        const auto at = server->start();
        if (!at)
            return false;
        fixture.options.endpoints = {.environment = exchange::hyperliquid::Environment::Loopback,
                                     .source = exchange::hyperliquid::SigningSource::Mainnet,
                                     .rest = at->restUrl,
                                     .webSocket = at->webSocketUrl};
        run = std::make_unique<Run>(clock, Venue::Hyperliquid, std::vector{first.symbol, second.symbol},
                                    std::make_unique<exchange::hyperliquid::HyperliquidClient>(std::move(fixture.options), clock));
        return true;
    }
    [[nodiscard]] std::size_t entries() const { return server->desk().openOrders(0).size() - stops(); }
    [[nodiscard]] std::size_t stops() const
    {
        const auto open = server->desk().openOrders(0);
        return static_cast<std::size_t>(
            std::count_if(open.begin(), open.end(), [](const auto *order) { return order->terms.trigger.has_value(); }));
    }

    MovedClock clock;
    tests::hl::LoopbackFixture fixture;
    InstrumentKey first, second;
    std::unique_ptr<venue::hyperliquid::HyperliquidServer> server;
    std::unique_ptr<Run> run;
};
} // namespace

class TestDeadManLoopback : public QObject
{
    Q_OBJECT

private slots:
    void binanceTakesTheEntryOfADeadProgramAndLeavesTheStopOfAnotherContract()
    {
        BinanceSide at;
        at.hold("0.1");
        QVERIFY(at.open());
        QVERIFY(until([&] { return at.stops() == 1; }));
        QVERIFY(at.run->placeEntry(at.second, "1"));
        QVERIFY(until([&] { return at.entries() == 1 && at.run->timersSet() == 1; }));
        at.run.reset(); // dead: nothing is taken off
        QCOMPARE(at.entries(), std::size_t{1});
        at.clock.moveAhead(30s);
        QVERIFY(until([&] { return at.entries() == 0; }));
        QCOMPARE(at.stops(), std::size_t{1});
    }

    void hyperliquidTakesTheEntryOfADeadProgram()
    {
        HyperliquidSide at;
        QVERIFY(at.open());
        QVERIFY(at.run->placeEntry(at.second, "1"));
        QVERIFY(until([&] { return at.entries() == 1 && at.run->timersSet() == 1; }));
        at.run.reset();
        at.clock.moveAhead(30s);
        QVERIFY(until([&] { return at.entries() == 0; }));
    }

    /// Its timer would take stops too: beside one it is not set, and an earlier run's is taken off.
    void hyperliquidSetsNoTimerBesideAStop()
    {
        HyperliquidSide at;
        at.hold("0.1");
        QVERIFY(at.open());
        QVERIFY(until([&] { return at.stops() == 1; }));
        QVERIFY(at.run->records.journaled("\"after\":null,\"outcome\":\"accepted\"") >= 1);
        QVERIFY(at.run->placeEntry(at.second, "1"));
        QVERIFY(until([&] { return at.entries() == 1; }));
        QCOMPARE(at.run->timersSet(), 0);
        QVERIFY(until([&] { return at.run->records.journaled("\"timer\"") >= 5; }));
        QCOMPARE(at.run->timersSet(), 0);
        QCOMPARE(at.stops(), std::size_t{1});
        QCOMPARE(at.entries(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestDeadManLoopback)
#include "tst_dead_man_loopback.moc"
