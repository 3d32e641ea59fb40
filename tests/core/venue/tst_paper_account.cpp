#include <QtTest/QtTest>

#include <random>
#include <set>

#include "core/venue/paper_account.h"
#include "core/venue/paper_state.h"
#include "tests/core/venue/venue_fixture.h"

using namespace core;
using namespace core::venue;
using tests::btc;
using tests::level;
using tests::money;
using tests::price;
using tests::quantity;

namespace
{
PaperTerms terms()
{
    PaperTerms made = paperTerms(Venue::Binance, AccountId::from("paper").value());
    made.capabilities.conditionalOrders = true;
    made.capabilities.nativeTrailing = true;
    made.capabilities.deadManPerInstrument = true;
    return made;
}

Instrument contract(std::string_view symbol = "BTCUSDT")
{
    return typicalInstrument(Symbol::from(symbol).value(), Asset::from("BTC").value(), price("0.1"), quantity("0.001"))
        .contract;
}

/// A paper account on a book that the test moves.
struct Desk {
    explicit Desk(PaperTerms with = terms()) : account(with, clock)
    {
        described = account.describe(contract()).has_value();
        quote();
        mark("60000");
        news = account.takeEvents();
    }
    void quote(std::string_view bid = "60000.0", std::string_view ask = "60000.1", Freshness freshness = Freshness::Fresh)
    {
        const std::vector<Level> bids{level(bid, "1"), level("50000.0", "2")};
        const std::vector<Level> asks{level(ask, "1"), level("70000.0", "2")};
        assigned = book.assign(bids, asks).has_value();
        account.onBook(btc(), book, freshness, clock.now());
    }
    void mark(std::string_view at, std::optional<UtcTime> nextFunding = {}, std::string_view rate = "0.0001")
    {
        MarkPrice mark;
        mark.instrument = key;
        mark.mark = price(at);
        mark.fundingRate = parseFixed<Ratio>(rate).value();
        mark.nextFundingTime = nextFunding;
        mark.venueTime = clock.now();
        account.onMark(mark);
    }
    void print(std::string_view at, std::string_view size)
    {
        Trade trade;
        trade.instrument = key;
        trade.price = price(at);
        trade.aggressor = Side::Sell;
        trade.quantity = quantity(size);
        trade.venueTime = clock.now();
        account.onTrade(trade);
    }
    OrderRequest order(std::string_view id, Side side, std::string_view size, std::string_view limit = {}) const
    {
        OrderRequest request;
        request.instrument = key;
        request.clientOrderId = ClientOrderId::from(id).value();
        request.side = side;
        request.quantity = quantity(size);
        request.type = limit.empty() ? OrderType::Market : OrderType::Limit;
        if (!limit.empty())
            request.limitPrice = price(limit);
        return request;
    }
    OrderRequest stop(std::string_view id, Side side, std::string_view size, std::string_view trigger) const
    {
        OrderRequest request = order(id, side, size);
        request.type = OrderType::StopMarket;
        request.triggerPrice = price(trigger);
        request.reduceOnly = ReduceOnly::Yes;
        return request;
    }
    template <class T> std::vector<T> take()
    {
        news = account.takeEvents();
        return of<T>();
    }
    template <class T> std::vector<T> of() const
    {
        std::vector<T> result;
        for (const PaperEvent &event : news)
            if (const T *found = std::get_if<T>(&event))
                result.push_back(*found);
        return result;
    }
    [[nodiscard]] std::string held() const
    {
        const auto positions = account.positions();
        return positions.empty() ? "flat"
                                 : std::string(name(positions.front().direction)) + ' ' + positions.front().quantity.text() +
                                       " @ " + positions.front().entryPrice.text();
    }

    ManualClock clock{utcFromMilliseconds(1'800'000'000'000)};
    InstrumentKey key{Venue::Binance, btc()};
    market::OrderBook book{price("0.1")};
    PaperAccount account;
    std::vector<PaperEvent> news;
    bool described{false};
    bool assigned{false};
};

QString sentence(const Result<void> &result)
{
    return result ? QStringLiteral("accepted") : QString::fromStdString(result.error().detail);
}
} // namespace

class PaperAccountTest : public QObject
{
    Q_OBJECT

private slots:
    void aMarketOrderPaysTheVisibleAskAndTheTakerFee()
    {
        Desk desk;
        QVERIFY(desk.described && desk.assigned);
        QCOMPARE(sentence(desk.account.submit(desk.order("a", Side::Buy, "0.5"))), QStringLiteral("accepted"));
        const auto fills = desk.take<Fill>();
        QCOMPARE(fills.size(), 1U);
        QCOMPARE(fills[0].price, price("60000.1"));
        QCOMPARE(fills[0].fee, money("15.000025")); // 0.5 × 60000.1 × 0.0005
        QVERIFY(!fills[0].maker);
        QCOMPARE(desk.held(), std::string("long 0.5 @ 60000.1"));
        QCOMPARE(desk.account.snapshot().walletBalance, money("9984.999975"));
        QCOMPARE(desk.of<OrderUpdate>().back().status, OrderStatus::Filled);
        QCOMPARE(desk.of<std::vector<Position>>().size(), 1U);
    }

    void nothingIsFilledBeyondTheVisibleDepth()
    {
        PaperTerms rich = terms();
        rich.balance = money("10000000");
        Desk desk(rich);
        // 1 at 60000.1 and 2 at 70000: five percent beyond the mark is out of bounds for a market order
        QCOMPARE(sentence(desk.account.submit(desk.order("a", Side::Buy, "2.5"))), QStringLiteral("accepted"));
        QCOMPARE(desk.held(), std::string("long 1 @ 60000.1"));
        const auto orders = desk.take<OrderUpdate>();
        QCOMPARE(orders.back().status, OrderStatus::Expired);
        QCOMPARE(orders.back().filled, quantity("1"));
        // What was taken stays taken until the level changes…
        QVERIFY(desk.account.submit(desk.order("b", Side::Buy, "0.1", "60000.1")).has_value());
        QCOMPARE(desk.held(), std::string("long 1 @ 60000.1"));
        desk.quote("60000.0", "60000.1"); // …and the same book again is no change
        QCOMPARE(desk.held(), std::string("long 1 @ 60000.1"));
    }

    void aBookThatIsNotFreshFillsNothing_data()
    {
        QTest::addColumn<int>("state");
        for (const Freshness state : {Freshness::Stale, Freshness::Gapped, Freshness::Crossed, Freshness::Diverged, Freshness::Lost})
            QTest::newRow(std::string(name(state)).c_str()) << static_cast<int>(state);
    }
    void aBookThatIsNotFreshFillsNothing()
    {
        QFETCH(int, state);
        Desk desk;
        desk.quote("60000.0", "60000.1", static_cast<Freshness>(state));
        const QString refused = sentence(desk.account.submit(desk.order("a", Side::Buy, "0.5")));
        QVERIFY2(refused.contains(QStringLiteral("a price that is not there")), qPrintable(refused));
        OrderRequest immediate = desk.order("b", Side::Buy, "0.5", "61000");
        immediate.timeInForce = TimeInForce::ImmediateOrCancel;
        QVERIFY(!desk.account.submit(immediate).has_value());
        QCOMPARE(sentence(desk.account.submit(desk.order("c", Side::Buy, "0.5", "60000.5"))), QStringLiteral("accepted"));
        QCOMPARE(desk.held(), std::string("flat"));
        desk.quote("60000.0", "60000.1"); // back: the order rests no longer
        QCOMPARE(desk.held(), std::string("long 0.5 @ 60000.5"));
    }

    void aStopWaitsForABookThatIsFresh()
    {
        Desk desk;
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5")).has_value());
        QVERIFY(desk.account.submit(desk.stop("s", Side::Sell, "0.5", "59000")).has_value());
        desk.quote("60000.0", "60000.1", Freshness::Stale);
        desk.mark("58900");
        QCOMPARE(desk.held(), std::string("long 0.5 @ 60000.1"));
        desk.quote("58890.0", "58900.1");
        QCOMPARE(desk.held(), std::string("flat"));
        const auto fills = desk.take<Fill>();
        QCOMPARE(fills.back().price, price("58890"));
        QCOMPARE(fills.back().clientOrderId.view(), std::string_view("s"));
    }

    void aStopIsNewThenTriggeredThenFilledUnderOneId()
    {
        Desk desk;
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5")).has_value());
        static_cast<void>(desk.account.takeEvents());
        QVERIFY(desk.account.submit(desk.stop("s", Side::Sell, "0.5", "59990")).has_value());
        desk.mark("59980");
        std::vector<OrderStatus> seen;
        for (const OrderUpdate &order : desk.take<OrderUpdate>()) {
            QCOMPARE(order.clientOrderId.view(), std::string_view("s"));
            QCOMPARE(order.type, OrderType::StopMarket);
            seen.push_back(order.status);
        }
        QCOMPARE(seen, (std::vector{OrderStatus::New, OrderStatus::Triggered, OrderStatus::Filled}));
    }

    void aPrintThroughARestingOrderFillsIt()
    {
        Desk desk;
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5", "59999")).has_value());
        desk.print("59999", "5"); // at the price: others stood first
        QCOMPARE(desk.held(), std::string("flat"));
        desk.print("59998.9", "0.2");
        QCOMPARE(desk.held(), std::string("long 0.2 @ 59999"));
        const auto fills = desk.take<Fill>();
        QVERIFY(fills.back().maker);
        QCOMPARE(fills.back().fee, money("2.39996")); // 0.2 × 59999 × 0.0002
    }

    void theVenuesRulesRefuse_data()
    {
        QTest::addColumn<QString>("size");
        QTest::addColumn<QString>("limit");
        QTest::addColumn<QString>("part");
        QTest::newRow("off the tick") << "0.5" << "60000.05" << "tick";
        QTest::newRow("below the minimum notional") << "0.001" << "3000" << "-4164";
        QTest::newRow("beyond the margin") << "20" << "60000" << "-2019";
        QTest::newRow("off the step") << "0.0005" << "60000" << "-1111";
    }
    void theVenuesRulesRefuse()
    {
        QFETCH(QString, size);
        QFETCH(QString, limit);
        QFETCH(QString, part);
        Desk desk;
        OrderRequest order = desk.order("a", Side::Buy, size.toStdString(), limit.toStdString());
        const QString refused = sentence(desk.account.submit(order));
        QVERIFY2(refused.contains(part), qPrintable(refused));
        QVERIFY(desk.take<OrderUpdate>().empty());
    }

    void whatTheVenueLacksIsRefusedByName()
    {
        PaperTerms plain = terms();
        plain.capabilities = {};
        Desk desk(plain);
        QVERIFY(sentence(desk.account.submit(desk.stop("s", Side::Sell, "0.5", "59000"))).contains(QStringLiteral("conditional")));
    }

    void fundingIsPaidAtTheVenuesTime()
    {
        Desk desk;
        const UtcTime due = desk.clock.now() + std::chrono::hours{1};
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5")).has_value());
        desk.mark("60000", due);
        static_cast<void>(desk.account.takeEvents());
        desk.clock.advance(std::chrono::minutes{59});
        desk.mark("60000", due);
        QVERIFY(desk.take<FundingPayment>().empty());
        desk.clock.advance(std::chrono::minutes{1});
        desk.mark("60000", due + std::chrono::hours{8});
        const auto paid = desk.take<FundingPayment>();
        QCOMPARE(paid.size(), 1U);
        QCOMPARE(paid[0].amount, money("-3")); // 0.5 × 60000 × 0.0001
        QCOMPARE(paid[0].venueTime, due);
    }

    void changesAndCancelsFollowTheOrder()
    {
        Desk desk;
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5", "59000")).has_value());
        const ClientOrderId id = ClientOrderId::from("a").value();
        QVERIFY(desk.account.modify({desk.key, id, quantity("0.4"), price("59100")}).has_value());
        QCOMPARE(desk.account.openOrders().front().limitPrice.value(), price("59100"));
        QCOMPARE(desk.account.openOrders().front().quantity, quantity("0.4"));
        QVERIFY(desk.account.cancel(desk.key, id).has_value());
        QVERIFY(desk.account.openOrders().empty());
        QVERIFY(desk.account.cancel(desk.key, id).has_value()); // it has ended: fine
        QCOMPARE(desk.account.cancel(desk.key, ClientOrderId::from("zzz").value()).error().code, ErrorCode::NotFound);
    }

    void theDeadManTimerCancels()
    {
        Desk desk;
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5", "59000")).has_value());
        desk.account.setDeadMan(desk.key, std::chrono::seconds{10});
        desk.clock.advance(std::chrono::seconds{9});
        desk.account.onTimer();
        QCOMPARE(desk.account.openOrders().size(), 1U);
        desk.clock.advance(std::chrono::seconds{1});
        desk.account.onTimer();
        QVERIFY(desk.account.openOrders().empty());
    }

    void aLostAccountIsLiquidated()
    {
        Desk desk;
        QVERIFY(desk.account.setLeverage(desk.key, 100).has_value());
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "1")).has_value());
        desk.quote("50100.0", "50100.1");
        desk.mark("50000");
        QCOMPARE(desk.held(), std::string("flat"));
        QVERIFY(!desk.account.snapshot().walletBalance.isNegative());
    }

    void theAccountGoesOnAfterARestart()
    {
        Desk before;
        QVERIFY(before.account.setLeverage(before.key, 7).has_value());
        QVERIFY(before.account.submit(before.order("a", Side::Buy, "0.5")).has_value());
        QVERIFY(before.account.submit(before.order("b", Side::Buy, "0.1", "59000")).has_value());
        QVERIFY(before.account.submit(before.stop("s", Side::Sell, "0.5", "58000")).has_value());
        QVERIFY(before.account.takeDirty());
        const auto kept = parsePaperState(paperStateText(before.account.state()));
        QVERIFY2(kept.has_value(), kept ? "" : kept.error().detail.c_str());

        PaperTerms goesOn = terms();
        goesOn.state = *kept;
        ManualClock clock(before.clock.now());
        PaperAccount waits(goesOn, clock);
        QVERIFY(!waits.isWhole()); // the contract is not described yet
        QCOMPARE(waits.state().orders.size(), kept->orders.size());

        Desk after(goesOn);
        QVERIFY(after.account.isWhole());
        QCOMPARE(after.held(), before.held());
        QCOMPARE(after.account.openOrders().size(), 2U);
        QCOMPARE(after.account.snapshot().walletBalance, before.account.snapshot().walletBalance);
        QCOMPARE(after.account.snapshot().available, before.account.snapshot().available);
        QCOMPARE(after.account.positions().front().leverage.value(), 7);
        const auto oldFills = before.account.fills(btc());
        QCOMPARE(after.account.fills(btc()).size(), oldFills.size());
        after.quote("57000.0", "57000.1"); // both the order and, by the mark, the stop
        after.mark("57000");
        std::set<std::int64_t> ids;
        for (const Fill &fill : after.account.fills(btc()))
            ids.insert(fill.tradeId);
        QCOMPARE(ids.size(), oldFills.size() + 2); // none of the old ids came again
        QVERIFY2(after.held().starts_with("long 0.1 @ 59833.41"), after.held().c_str()); // the mix of both entries
    }

    void aDamagedStateIsRefused()
    {
        Desk desk;
        QVERIFY(desk.account.submit(desk.order("a", Side::Buy, "0.5")).has_value());
        const std::string good = paperStateText(desk.account.state());
        QVERIFY(parsePaperState(good).has_value());
        std::mt19937 random(7);
        for (int i = 0; i < 2'000; ++i) {
            std::string bad = good;
            const std::size_t at = random() % bad.size();
            bad[at] = static_cast<char>('!' + random() % 90);
            const auto read = parsePaperState(bad);
            if (read) // white space, or the same byte again
                QCOMPARE(paperStateText(*read), good);
        }
        std::string newer = good;
        newer.replace(newer.find("\"version\": 1"), 12, "\"version\": 9");
        QCOMPARE(parsePaperState(newer).error().code, ErrorCode::NewerVersion);
    }

    void noMoneyComesFromNowhere()
    {
        // wallet = start + realised − fees + funding, whatever happens
        std::mt19937 random(11);
        for (int round = 0; round < 20; ++round) {
            Desk desk;
            std::int64_t expected = money("10000").raw();
            int next = 0;
            const auto count = [&] {
                desk.news = desk.account.takeEvents();
                for (const Fill &fill : desk.of<Fill>())
                    expected += fill.realizedPnl.raw() - fill.fee.raw();
                for (const FundingPayment &payment : desk.of<FundingPayment>())
                    expected += payment.amount.raw();
                for (const Transfer &transfer : desk.of<Transfer>())
                    expected += transfer.amount.raw();
            };
            int at = 60'000;
            for (int step = 0; step < 200; ++step) {
                at += static_cast<int>(random() % 401) - 200;
                desk.clock.advance(std::chrono::seconds{1});
                desk.quote(std::to_string(at), std::to_string(at + 1));
                desk.mark(std::to_string(at), desk.clock.now() + std::chrono::minutes{1});
                const Side side = random() % 2 == 0 ? Side::Buy : Side::Sell;
                const std::string limit = random() % 2 == 0 ? std::string() : std::to_string(at - 50 + static_cast<int>(random() % 100));
                static_cast<void>(desk.account.submit(desk.order("o" + std::to_string(next++), side, "0.1", limit)));
                count();
                QCOMPARE(desk.account.snapshot().walletBalance, Money::fromRaw(expected));
            }
        }
    }
};

QTEST_GUILESS_MAIN(PaperAccountTest)
#include "tst_paper_account.moc"
