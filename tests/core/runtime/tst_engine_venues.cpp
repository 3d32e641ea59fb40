#include "tests/core/runtime/engine_fakes.h"

#include <QtTest/QTest>

#include "core/market/depth_history.h"
#include "core/market/order_book.h"

using namespace core;
using namespace std::chrono_literals;
using runtime::VenueView;

namespace
{
const UtcTime kStart = utcFromMilliseconds(1'795'372'800'000);

[[nodiscard]] InstrumentKey key(Venue venue, const char *symbol)
{
    return {venue, Symbol::from(symbol).value()};
}
const InstrumentKey kBtc = key(Venue::Binance, "BTCUSDT");
const InstrumentKey kEth = key(Venue::Binance, "ETHUSDT");
const InstrumentKey kHyperBtc = key(Venue::Hyperliquid, "BTC");

/// An engine with two venues, driven by hand; `account` says whether Binance is the guarded account.
struct Desk {
    ManualClock clock{kStart};
    runtime::Channels channels;
    tests::FakeRecords records;
    tests::FakeLine binance, hyperliquid;
    std::unique_ptr<runtime::Engine> engine;
    std::vector<InstrumentKey> shown;
    market::OrderBook book{Price::fromRaw(10'000'000)};

    explicit Desk(bool account)
    {
        runtime::EngineSetup setup;
        setup.mode = account ? runtime::Mode::Live : runtime::Mode::Watching;
        setup.account = AccountId::from("main").value();
        setup.limits = risk::defaultLimits();
        setup.clients = {{.venue = Venue::Binance,
                          .address = "https://one.example",
                          .symbols = {kBtc.symbol, kEth.symbol},
                          .account = account},
                         {.venue = Venue::Hyperliquid,
                          .address = "https://two.example",
                          .symbols = {kHyperBtc.symbol},
                          .account = false}};
        engine = std::make_unique<runtime::Engine>(clock, setup, channels, records, 0);
        engine->onShown = [this](const InstrumentKey &instrument) { shown.push_back(instrument); };
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::make_unique<tests::FakeClient>(binance, Venue::Binance));
        clients.push_back(std::make_unique<tests::FakeClient>(hyperliquid, Venue::Hyperliquid));
        engine->start(std::move(clients));
    }
    /// The engine's own timers run in real time, the clock in ours.
    [[nodiscard]] std::shared_ptr<const runtime::TerminalSnapshot> next()
    {
        std::shared_ptr<const runtime::TerminalSnapshot> newest;
        static_cast<void>(channels.snapshot.take());
        const bool came = QTest::qWaitFor(
            [&] {
                if (auto taken = channels.snapshot.take())
                    newest = *taken;
                return newest != nullptr;
            },
            10'000);
        return came ? newest : nullptr;
    }
    [[nodiscard]] bool until(const std::function<bool(const runtime::TerminalSnapshot &)> &condition)
    {
        return QTest::qWaitFor(
            [&] {
                const auto taken = channels.snapshot.take();
                return taken && condition(**taken);
            },
            10'000);
    }
    [[nodiscard]] int alerts(std::string_view code)
    {
        for (auto &row : channels.alerts.takeAll())
            heard.push_back(std::move(row));
        return static_cast<int>(
            std::count_if(heard.begin(), heard.end(), [&](const auto &row) { return row.code == code; }));
    }
    void liveBook(const InstrumentKey &instrument, tests::FakeLine &line)
    {
        line.listener->onBook(instrument, book, Freshness::Fresh, clock.now(), clock.now());
    }
    void mark(const InstrumentKey &instrument, tests::FakeLine &line, const char *price)
    {
        MarkPrice mark;
        mark.instrument = instrument;
        mark.mark = parsePrice(price).value();
        mark.venueTime = mark.receivedAt = clock.now();
        line.listener->onMark(mark);
    }
    std::vector<runtime::AlertRow> heard;
};

[[nodiscard]] Position longPosition(const InstrumentKey &instrument)
{
    Position position;
    position.instrument = instrument;
    position.quantity = parseQuantity("1").value();
    position.entryPrice = parsePrice("60000").value();
    position.receivedAt = kStart;
    return position;
}
[[nodiscard]] ports::StreamStatus stream(const char *name, Freshness freshness, const char *error = "")
{
    ports::StreamStatus status;
    status.name = name;
    status.freshness = freshness;
    status.lastError = error;
    return status;
}
} // namespace

class TestEngineVenues : public QObject
{
    Q_OBJECT

private slots:
    void thePastIsAskedOnceTheAccountAgreesAndAgainUntilTheVenueAnswers()
    {
        Desk desk(true);
        int asked = 0;
        bool refuses = true;
        desk.binance.past = [&](ports::TimeRange range) -> Result<ports::AccountPast> {
            ++asked;
            if (refuses)
                return fail(ErrorCode::Unavailable, "503 from the venue");
            ports::AccountPast past;
            past.completeFrom = range.from;
            return past;
        };
        const auto missing = [](const runtime::TerminalSnapshot &snapshot) {
            return snapshot.guard.accounts.empty() ? std::string() : snapshot.guard.accounts.front().historyMissing;
        };
        AccountSnapshot totals;
        totals.asset = Asset::from("USDT").value();
        totals.equity = totals.walletBalance = Money::fromRaw(1'000 * kDecimalOne);
        totals.receivedAt = desk.clock.now();
        desk.binance.listener->onAccount(totals, Source::Query);
        QVERIFY(desk.until([&](const auto &snapshot) { return missing(snapshot).find("not been asked") != std::string::npos; }));
        QCOMPARE(asked, 0); // the account is not reconciled yet
        desk.binance.listener->onReconciled();
        QVERIFY(desk.until([&](const auto &snapshot) { return missing(snapshot) == "503 from the venue"; }));
        desk.clock.advance(31s);
        QVERIFY(QTest::qWaitFor([&] { return desk.alerts("history-missing") == 1; }, 60'000));
        refuses = false;
        desk.clock.advance(1min);
        QVERIFY(desk.until([&](const auto &snapshot) { return !snapshot.guard.accounts.empty() && missing(snapshot).empty(); }));
        QCOMPARE(desk.alerts("history-known"), 1);
        const int before = asked;
        desk.binance.listener->onReconciled();
        desk.clock.advance(1h);
        QVERIFY(desk.next() != nullptr);
        QCOMPARE(asked, before); // what came is kept
        QCOMPARE(desk.records.journaled("\"venueHistory\""), 3);
    }

    void aFillWhileThePastIsAskedForIsNotPartOfIt()
    {
        Desk desk(true);
        Fill fill;
        fill.instrument = kBtc;
        fill.tradeId = 7;
        fill.side = Side::Buy;
        fill.price = parsePrice("60000").value();
        fill.quantity = parseQuantity("1").value();
        fill.venueTime = fill.receivedAt = desk.clock.now();
        desk.binance.past = [&](ports::TimeRange range) -> Result<ports::AccountPast> {
            desk.binance.listener->onFill(fill, Source::Stream);
            ports::AccountPast past;
            past.completeFrom = range.from;
            past.fills = {fill};
            return past;
        };
        AccountSnapshot totals;
        totals.asset = Asset::from("USDT").value();
        totals.equity = totals.walletBalance = Money::fromRaw(1'000 * kDecimalOne);
        totals.receivedAt = desk.clock.now();
        desk.binance.listener->onAccount(totals, Source::Query);
        desk.binance.listener->onReconciled();
        QVERIFY(QTest::qWaitFor([&] { return desk.alerts("history-known") == 1; }, 60'000));
        QCOMPARE(desk.records.journaled("\"trips\":[]"), 1); // taken back it would have closed a short position
    }

    void feesAreAskedForWhereTheAccountStands()
    {
        Desk desk(true);
        desk.binance.listener->onPositions({longPosition(kEth)}, Source::Query, true);
        QVERIFY(desk.next());
        QVERIFY(desk.binance.feesAsked.empty()); // not before the account is known
        desk.binance.listener->onReconciled();
        QVERIFY(QTest::qWaitFor([&] { return desk.binance.feesAsked.size() == 1; }, 10'000));
        QCOMPARE(desk.binance.feesAsked[0], kBtc); // the one on the screen
        desk.binance.feesDone(FeeRates{Ratio::fromRaw(20'000), Ratio::fromRaw(40'000)});
        QCOMPARE(desk.records.journaled("\"fees\""), 1);
        QVERIFY(desk.until([](const runtime::TerminalSnapshot &now) {
            return now.markets.front().fees && now.markets.front().fees->taker == Ratio::fromRaw(40'000);
        }));
        QVERIFY(QTest::qWaitFor([&] { return desk.binance.feesAsked.size() == 2; }, 10'000));
        QCOMPARE(desk.binance.feesAsked[1], kEth); // a position
        desk.binance.feesDone(fail(ErrorCode::TimedOut, "no answer"));
        QCOMPARE(desk.records.journaled("\"fees\""), 1);
        QVERIFY(desk.hyperliquid.feesAsked.empty()); // no account of ours
    }

    void eachClientGetsItsOwnMarkets()
    {
        const Desk desk(false);
        QCOMPARE(desk.binance.started, (std::vector{kBtc.symbol, kEth.symbol}));
        QCOMPARE(desk.hyperliquid.started, std::vector{kHyperBtc.symbol});
        QCOMPARE(desk.shown, std::vector{kBtc});
    }

    void streamsOfOneNameStaySeparate()
    {
        Desk desk(false);
        desk.binance.listener->onStreamStatus(stream("rest", Freshness::Fresh));
        desk.hyperliquid.listener->onStreamStatus(stream("rest", Freshness::Lost, "connection refused"));
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QCOMPARE(snapshot->streams.size(), std::size_t{2});
        QCOMPARE(snapshot->streams[0].venue, Venue::Binance);
        QCOMPARE(snapshot->streams[0].freshness, Freshness::Fresh);
        QCOMPARE(snapshot->streams[1].venue, Venue::Hyperliquid); // also when the client forgot to say so
        QCOMPARE(snapshot->streams[1].freshness, Freshness::Lost);
    }

    void shownMarketComesFirstAndKeepsItsRank()
    {
        Desk desk(false);
        desk.engine->handle(runtime::ShowInstrument{kHyperBtc});
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QCOMPARE(snapshot->markets.size(), std::size_t{3});
        QCOMPARE(snapshot->markets[0].key, kHyperBtc);
        QCOMPARE(snapshot->markets[0].rank, std::size_t{2});
        QCOMPARE(snapshot->markets[1].key, kBtc);
        QCOMPARE(snapshot->markets[2].key, kEth);
        QCOMPARE(snapshot->venue, Venue::Hyperliquid);
        QCOMPARE(desk.shown, (std::vector{kBtc, kHyperBtc}));
    }

    void unknownMarketIsNotShown()
    {
        Desk desk(false);
        desk.engine->handle(runtime::ShowInstrument{key(Venue::Binance, "DOGEUSDT")});
        QCOMPARE(desk.shown, std::vector{kBtc});
    }

    void onlyTradesOfTheShownMarketGoToTheScreen()
    {
        Desk desk(false);
        Trade trade;
        trade.instrument = kBtc;
        desk.binance.listener->onTrade(trade);
        trade.instrument = kHyperBtc;
        desk.hyperliquid.listener->onTrade(trade);
        QCOMPARE(desk.channels.screenTrades.takeAll().size(), std::size_t{1});
        QCOMPARE(desk.channels.analysisTrades.takeAll().size(), std::size_t{2});
        desk.binance.listener->onTrade(trade);
        desk.engine->handle(runtime::ShowInstrument{kEth});
        QVERIFY(desk.channels.screenTrades.takeAll().empty()); // what waited was of the market that was left
    }

    /// The one venue that answers is shown; the other one says why it does not.
    void aDeadVenueLeavesTheScreenToTheLivingOne()
    {
        Desk desk(false);
        desk.binance.listener->onStreamStatus(stream("rest", Freshness::Lost, "connection refused"));
        desk.hyperliquid.listener->onStreamStatus(stream("book BTC", Freshness::Fresh));
        desk.liveBook(kHyperBtc, desk.hyperliquid);
        desk.clock.advance(9s);
        QVERIFY(desk.until([](const auto &snapshot) { return snapshot.markets.front().key == kHyperBtc; }));
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QCOMPARE(snapshot->venues[0].reach, VenueView::Reach::Unreached);
        QCOMPARE(snapshot->venues[0].why, std::string("connection refused"));
        QCOMPARE(snapshot->venues[0].address, std::string("https://one.example"));
        QCOMPARE(snapshot->venues[1].reach, VenueView::Reach::Reached);
        QCOMPARE(desk.alerts("venue-unreached"), 1);
    }

    void aChosenMarketIsNeverLeft()
    {
        Desk desk(false);
        desk.engine->handle(runtime::ShowInstrument{kEth});
        desk.liveBook(kHyperBtc, desk.hyperliquid);
        desk.clock.advance(20s);
        QVERIFY(desk.until([](const auto &snapshot) {
            return snapshot.venues[0].reach == VenueView::Reach::Unreached; // judged at least once since then
        }));
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QCOMPARE(snapshot->markets.front().key, kEth);
    }

    void answersAloneAreNoMarket()
    {
        Desk desk(false);
        desk.binance.listener->onStreamStatus(stream("rest", Freshness::Fresh));
        desk.clock.advance(9s);
        QVERIFY(desk.until([](const auto &snapshot) { return snapshot.venues[0].reach == VenueView::Reach::Unreached; }));
    }

    void aShortLossIsNotUnreached()
    {
        Desk desk(false);
        desk.binance.listener->onStreamStatus(stream("book BTCUSDT", Freshness::Fresh));
        desk.clock.advance(30s);
        QVERIFY(desk.until([](const auto &snapshot) { return snapshot.venues[0].reach == VenueView::Reach::Reached; }));
        desk.binance.listener->onStreamStatus(stream("book BTCUSDT", Freshness::Lost, "reset by peer"));
        QVERIFY(desk.until([](const auto &snapshot) { return snapshot.venues[0].reach == VenueView::Reach::Trying; }));
        QCOMPARE(desk.alerts("venue-unreached"), 1); // Hyperliquid, silent from the start
        desk.clock.advance(9s);
        QVERIFY(desk.until([](const auto &snapshot) { return snapshot.venues[0].reach == VenueView::Reach::Unreached; }));
        QCOMPARE(desk.alerts("venue-unreached"), 2);
    }

    void theGuardHearsOnlyTheAccountsVenue()
    {
        Desk desk(true);
        desk.mark(kBtc, desk.binance, "60000");
        desk.mark(kHyperBtc, desk.hyperliquid, "60010");
        QCOMPARE(desk.records.journaled("60010"), 0);
        QVERIFY(desk.records.journaled("60000") > 0);
    }

    void withoutAnAccountNothingIsGuarded()
    {
        Desk desk(false);
        const auto before = desk.records.inputs.size();
        desk.mark(kBtc, desk.binance, "60000");
        desk.engine->handle(runtime::Flatten{std::nullopt, "panic", false});
        desk.engine->handle(runtime::SetArming{risk::Arming::Armed});
        QCOMPARE(desk.records.inputs.size(), before);
        QVERIFY(desk.alerts("no-account") > 0);
        QCOMPARE(desk.heard.back().count, 2); // the same sentence twice is one alert
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QVERIFY(!snapshot->account.connected);
    }

    void aWatcherThatSpeaksOfAnAccountIsNotHeard()
    {
        Desk desk(true);
        desk.hyperliquid.listener->onPositions({longPosition(kHyperBtc)}, Source::Query, true);
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QVERIFY(snapshot->account.positions.empty());
        QVERIFY(!snapshot->account.positionsKnown);
        QCOMPARE(desk.alerts("foreign-account"), 1);
    }

    /// A position that was opened elsewhere needs its mark as much as any other.
    void marketsOfForeignPositionsAreAddedAtTheVenue()
    {
        Desk desk(true);
        const InstrumentKey doge = key(Venue::Binance, "DOGEUSDT");
        desk.binance.listener->onPositions({longPosition(doge), longPosition(kBtc)}, Source::Query, true);
        QCOMPARE(desk.binance.added, std::vector{doge.symbol});
        desk.binance.listener->onPositions({longPosition(doge)}, Source::Query, true);
        QCOMPARE(desk.binance.added.size(), std::size_t{1});
    }

    /// It stays among the open orders, and the trader is told once, however often the venue repeats it.
    void anOpenOrderOfUnknownTypeIsAlarmedOnce()
    {
        Desk desk(true);
        OrderUpdate order;
        order.instrument = kBtc;
        order.clientOrderId = ClientOrderId::from("phone-1").value();
        order.side = Side::Sell;
        order.status = OrderStatus::New;
        order.quantity = parseQuantity("0.5").value();
        desk.binance.listener->onOrder(order, Source::Stream);
        QCOMPARE(desk.alerts("order-type-unknown"), 0); // the venue has not said it yet
        order.reason = "unknown order type STOP_SIDEWAYS";
        desk.binance.listener->onOrder(order, Source::Query);
        desk.clock.advance(std::chrono::hours{1}); // not joined with the one before
        desk.binance.listener->onOrder(order, Source::Query);
        QCOMPARE(desk.alerts("order-type-unknown"), 1);
        QVERIFY(desk.heard.back().text.find("sell 0.5 phone-1: unknown order type STOP_SIDEWAYS") != std::string::npos);
        QVERIFY(desk.until([](const runtime::TerminalSnapshot &seen) {
            const auto &open = seen.account.openOrders;
            return open.size() == 1 && open.front().type == OrderType::Unknown;
        }));
        order.status = OrderStatus::Canceled;
        desk.binance.listener->onOrder(order, Source::Stream);
        QVERIFY(desk.until([](const auto &seen) { return seen.account.openOrders.empty(); }));
    }

    void differencesAreJournaledAndSaid()
    {
        Desk desk(true);
        Difference difference;
        difference.what = Difference::What::Order;
        difference.instrument = kBtc;
        difference.id = "x-17";
        difference.ours = "new 0.5 @ 60000";
        difference.venue = "filled 0.5";
        desk.binance.listener->onDifference(difference);
        QCOMPARE(desk.records.journaled("new 0.5 @ 60000"), 1);
        QCOMPARE(desk.alerts("difference"), 1);
        QVERIFY(desk.heard.back().text.find("x-17: we had new 0.5 @ 60000, the venue says filled 0.5") !=
                std::string::npos);
    }

    void fundingAndTransfersAreStoredAndShown()
    {
        Desk desk(true);
        FundingPayment payment;
        payment.instrument = kBtc;
        payment.amount = parseMoney("-1.25").value();
        payment.venueTime = kStart;
        desk.binance.listener->onFunding(payment, Source::Stream);
        desk.binance.listener->onFunding(payment, Source::Query);
        Transfer transfer;
        transfer.id = "77";
        transfer.kind = "TRANSFER";
        transfer.amount = parseMoney("500").value();
        desk.binance.listener->onTransfer(transfer, Source::Stream);
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QCOMPARE(desk.records.fundings.size(), std::size_t{2}); // the database knows the second one again
        QCOMPARE(desk.records.moves.size(), std::size_t{1});
        QCOMPARE(snapshot->account.funding.size(), std::size_t{1});
        QCOMPARE(snapshot->account.transfers.size(), std::size_t{1});
    }

    void onlyClosedCandlesAreStored()
    {
        Desk desk(false);
        Candle candle;
        candle.instrument = kBtc;
        desk.binance.listener->onCandle(candle);
        candle.closed = true;
        desk.binance.listener->onCandle(candle);
        QCOMPARE(desk.records.candles.size(), std::size_t{1});
    }

    void tickersAndLiquidationsReachTheScreen()
    {
        Desk desk(false);
        Ticker ticker;
        ticker.instrument = kEth;
        ticker.last = parsePrice("3000").value();
        desk.binance.listener->onTicker(ticker);
        Liquidation forced;
        forced.instrument = kEth;
        desk.binance.listener->onLiquidation(forced);
        const auto snapshot = desk.next();
        QVERIFY(snapshot);
        QVERIFY(snapshot->markets[1].ticker);
        QVERIFY(snapshot->markets[1].lastLiquidation);
    }

    void stoppingWaitsForEveryVenue()
    {
        Desk desk(false);
        int done = 0;
        desk.engine->stop([&done] { ++done; });
        QCOMPARE(desk.binance.stops, 1);
        QCOMPARE(desk.hyperliquid.stops, 1);
        QCOMPARE(done, 1);
    }
};

QTEST_GUILESS_MAIN(TestEngineVenues)
#include "tst_engine_venues.moc"
