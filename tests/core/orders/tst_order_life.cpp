#include "core/orders/order_life.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include <QtTest/QTest>

#include "core/orders/position_ledger.h"

using namespace core;
using namespace core::orders;

namespace
{
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }
Price price(std::string_view text) { return parsePrice(text).value(); }

OrderRequest request()
{
    OrderRequest r;
    r.instrument = {Venue::Binance, *Symbol::from("BTCUSDT")};
    r.clientOrderId = *ClientOrderId::from("etr-x-1");
    r.side = Side::Sell;
    r.quantity = quantity("1");
    r.reduceOnly = ReduceOnly::Yes;
    return r;
}
OrderUpdate update(OrderStatus status, std::string_view filled, int at, std::string_view average = {})
{
    OrderUpdate u;
    u.instrument = request().instrument;
    u.clientOrderId = request().clientOrderId;
    u.side = Side::Sell;
    u.status = status;
    u.quantity = quantity("1");
    u.filled = quantity(filled);
    if (!average.empty())
        u.averagePrice = price(average);
    u.venueTime = utcFromMilliseconds(at);
    return u;
}
Fill fill(std::int64_t id, std::string_view size, std::string_view at, int time)
{
    Fill f;
    f.instrument = request().instrument;
    f.tradeId = id;
    f.clientOrderId = request().clientOrderId;
    f.side = Side::Sell;
    f.price = price(at);
    f.quantity = quantity(size);
    f.venueTime = utcFromMilliseconds(time);
    return f;
}

/// What an event does to the order and to the position of 1 that it closes.
struct Both {
    OrderLife order{request()};
    PositionLedger ledger;
    Both()
    {
        Position open;
        open.instrument = request().instrument;
        open.quantity = quantity("1");
        open.entryPrice = price("100");
        open.venueTime = utcFromMilliseconds(1);
        static_cast<void>(ledger.onReport(open));
    }
};
using Event = std::function<void(Both &)>;

Event status(OrderStatus s, const char *filled, int at, const char *average = "")
{
    return [=](Both &b) { b.order.onUpdate(update(s, filled, at, average)); };
}
Event execution(std::int64_t id, const char *size, const char *at, int time)
{
    return [=](Both &b) {
        static_cast<void>(b.order.onFill(fill(id, size, at, time)));
        static_cast<void>(b.ledger.onFill(fill(id, size, at, time)));
    };
}
Event outcome(RequestOutcome o)
{
    return [=](Both &b) { b.order.onOutcome(o); };
}
Event position(const char *size, int time)
{
    return [=](Both &b) {
        Position p;
        p.instrument = request().instrument;
        p.quantity = quantity(size);
        p.entryPrice = price("100");
        p.venueTime = utcFromMilliseconds(time);
        static_cast<void>(b.ledger.onReport(p));
    };
}

struct Story {
    const char *name;
    std::vector<Event> events; ///< up to five
    Event late;                ///< a fill that becomes known after everything else, or at any place
    OrderStatus status;
    const char *filled;
    const char *average;
    const char *live;
};

std::vector<Story> stories()
{
    return {
        {"filled in two parts",
         {outcome(RequestOutcome::Accepted), status(OrderStatus::New, "0", 10),
          execution(1, "0.4", "100", 20), status(OrderStatus::PartiallyFilled, "0.4", 20, "100"),
          status(OrderStatus::Filled, "1", 30, "106")},
         execution(2, "0.6", "110", 30),
         OrderStatus::Filled,
         "1",
         "106",
         "0"},
        {"partly filled, rest cancelled, one fill known late",
         {status(OrderStatus::New, "0", 10), execution(1, "0.25", "100", 20),
          outcome(RequestOutcome::Accepted), status(OrderStatus::Canceled, "0.25", 40, "100"),
          outcome(RequestOutcome::Unknown)},
         execution(2, "0.25", "102", 35),
         OrderStatus::Canceled,
         "0.5",
         "101",
         "0.5"},
        {"cancel reported, but it had filled completely",
         {outcome(RequestOutcome::Accepted), status(OrderStatus::Canceled, "0.5", 40, "100"),
          execution(1, "0.5", "100", 20), status(OrderStatus::New, "0", 10), position("0.5", 20)},
         execution(2, "0.5", "104", 39),
         OrderStatus::Filled,
         "1",
         "102",
         "0"},
        {"time-out, then found expired without a fill but one trade",
         {outcome(RequestOutcome::Unknown), status(OrderStatus::Expired, "0", 40),
          status(OrderStatus::New, "0", 10), [](Both &b) { b.order.onAbsent(); }, position("1", 10)},
         execution(1, "0.1", "99", 30),
         OrderStatus::Expired,
         "0.1",
         "99",
         "0.9"},
        {"refused, though the position moves by another hand",
         {outcome(RequestOutcome::Rejected), outcome(RequestOutcome::Unknown), position("0.7", 50),
          position("0.8", 45)},
         [](Both &b) { b.order.onOutcome(RequestOutcome::Rejected); },
         OrderStatus::Rejected,
         "0",
         "",
         "0.7"},
    };
}
} // namespace

class TestOrderLife : public QObject
{
    Q_OBJECT

private slots:
    /// Every permutation of the events, with every one of them delivered twice at every later place, and the
    /// late fill at every place: the same order and the same position, exactly.
    void everyOrderOfEventsEndsTheSame()
    {
        int runs = 0;
        for (const Story &story : stories()) {
            std::vector<std::size_t> order(story.events.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            std::optional<OrderLife> first;
            do {
                for (std::size_t duplicated = 0; duplicated <= order.size(); ++duplicated) {
                    for (std::size_t lateAt = 0; lateAt <= order.size(); ++lateAt) {
                        Both both;
                        for (std::size_t i = 0; i <= order.size(); ++i) {
                            if (i == lateAt) {
                                story.late(both);
                                story.late(both);
                            }
                            if (i < order.size())
                                story.events[order[i]](both);
                        }
                        if (duplicated < order.size())
                            story.events[order[duplicated]](both);
                        QVERIFY2(both.order.status() == story.status, story.name);
                        QVERIFY(both.order.isSettled());
                        QCOMPARE(both.order.filled().text(), std::string(story.filled));
                        QCOMPARE(both.order.open().text(), std::string("0"));
                        QCOMPARE(both.order.averagePrice() ? both.order.averagePrice()->text()
                                                           : std::string(),
                                 std::string(story.average));
                        QCOMPARE(Quantity::fromRaw(both.ledger.live()).text(), std::string(story.live));
                        if (!first)
                            first = both.order;
                        QVERIFY2(both.order == *first, story.name);
                        ++runs;
                    }
                }
            } while (std::next_permutation(order.begin(), order.end()));
        }
        QVERIFY(runs > 17'000); // 4 × 120 × 36 + 24 × 25
    }

    void aTimeOutIsUnknownUntilAFactArrives()
    {
        OrderLife life(request());
        QCOMPARE(life.status(), OrderStatus::Pending);
        QVERIFY(!life.isSettled());
        QCOMPARE(life.open(), quantity("1"));
        life.onOutcome(RequestOutcome::Unknown);
        QCOMPARE(life.status(), OrderStatus::Unknown);
        QVERIFY(!life.isSettled());
        QCOMPARE(life.open(), quantity("1"));
        life.onAbsent();
        QVERIFY(life.isSettled() && life.isAbsent());
        QCOMPARE(life.open(), Quantity{});
        life.onUpdate(update(OrderStatus::New, "0", 5)); // it was there after all
        QVERIFY(!life.isSettled());
    }

    void statusMayRunAheadOfFills()
    {
        OrderLife life(request());
        life.onUpdate(update(OrderStatus::PartiallyFilled, "0.6", 5, "101"));
        QCOMPARE(life.filledWithoutFills(), quantity("0.6"));
        static_cast<void>(life.onFill(fill(1, "0.4", "100", 4)));
        QCOMPARE(life.filledWithoutFills(), quantity("0.2"));
        QCOMPARE(life.averagePrice()->text(), std::string("101"));
        QVERIFY(!life.onFill(fill(1, "0.4", "100", 4)));
        QVERIFY(life.onFill(fill(2, "0.2", "103", 5)));
        QCOMPARE(life.averagePrice()->text(), std::string("101"));
        QCOMPARE(life.filledWithoutFills(), Quantity{});
    }

    void thePositionRemembersWhenItWasOpened()
    {
        for (const bool isLong : {true, false}) {
            PositionLedger ledger;
            const auto trade = [&](std::int64_t id, const char *size, bool opens, int time) {
                Fill f = fill(id, size, "100", time);
                f.side = opens == isLong ? Side::Buy : Side::Sell;
                QVERIFY(ledger.onFill(f));
            };
            Position open;
            open.direction = isLong ? Direction::Long : Direction::Short;
            open.quantity = quantity("0.5");
            open.venueTime = utcFromMilliseconds(60);
            QVERIFY(ledger.onReport(open));
            QVERIFY(!ledger.openedAt());
            trade(6, "0.5", false, 60); // 1.0 → 0.5
            QVERIFY(!ledger.openedAt());
            trade(5, "0.4", true, 50); // 0.6 → 1.0
            trade(4, "0.6", true, 40); // 0 → 0.6
            trade(3, "2", false, 30);  // the life before
            QCOMPARE(toMilliseconds(ledger.openedAt().value()), 40);
            QCOMPARE(ledger.live(), isLong ? 50'000'000 : -50'000'000);
        }
    }

    void aReportThatSaysLessKeepsTheTerms()
    {
        PositionLedger ledger;
        Position full;
        full.quantity = quantity("2");
        full.entryPrice = price("100");
        full.leverage = 10;
        full.initialMargin = parseMoney("20").value();
        full.venueTime = utcFromMilliseconds(1);
        QVERIFY(ledger.onReport(full));
        Position lean;
        lean.quantity = quantity("1");
        lean.entryPrice = price("100");
        lean.venueTime = utcFromMilliseconds(2);
        QVERIFY(ledger.onReport(lean));
        QCOMPARE(*ledger.base().leverage, 10);
        QCOMPARE(ledger.base().initialMargin->text(), std::string("10"));
        QVERIFY(!ledger.onReport(full)); // older than what is known
        QCOMPARE(ledger.base().quantity, quantity("1"));
    }
};

QTEST_APPLESS_MAIN(TestOrderLife)
#include "tst_order_life.moc"
