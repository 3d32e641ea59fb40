#include <algorithm>
#include <array>

#include <QtTest/QTest>

#include "core/exchange/binance/algo_life.h"

using namespace core;
namespace binance = core::exchange::binance;

Q_DECLARE_METATYPE(core::OrderStatus)

namespace
{

constexpr std::int64_t kChild = 8389766079988521101;

UtcTime at(int milliseconds)
{
    return utcFromMilliseconds(1'750'000'000'000 + milliseconds);
}

binance::AlgoEvent algo(const char *status, int time, bool named = false, const char *reason = "",
                        const char *executed = "0")
{
    binance::AlgoEvent event;
    event.instrument = {Venue::Binance, Symbol::from("BTCUSDT").value()};
    event.algoId = 2148719;
    event.clientAlgoId = ClientOrderId::from("etr-stop").value();
    event.type = OrderType::StopMarket;
    event.side = Side::Sell;
    event.quantity = parseQuantity("0.5").value();
    event.executed = parseQuantity(executed).value();
    event.triggerPrice = parsePrice("59000").value();
    event.status = status;
    event.reason = reason;
    if (named)
        event.childOrder = VenueOrderId{kChild};
    event.venueTime = at(time);
    return event;
}

OrderUpdate child(OrderStatus status, const char *filled, int time)
{
    OrderUpdate order;
    order.instrument = {Venue::Binance, Symbol::from("BTCUSDT").value()};
    order.clientOrderId = ClientOrderId::from("somebody-elses-name").value();
    order.venueOrderId = {kChild};
    order.side = Side::Sell;
    order.type = OrderType::Market;
    order.status = status;
    order.quantity = parseQuantity("0.5").value();
    order.filled = parseQuantity(filled).value();
    if (order.filled.isPositive())
        order.averagePrice = parsePrice("58990").value();
    order.venueTime = at(time);
    return order;
}

void feed(binance::AlgoLife &life, int fact)
{
    switch (fact) {
    case 0: life.onAlgo(algo("NEW", 0)); break;
    case 1: life.onAlgo(algo("TRIGGERING", 10)); break;
    case 2: life.onAlgo(algo("TRIGGERED", 11, true)); break;
    case 3: life.onAlgo(algo("FINISHED", 20, true, "", "0.5")); break;
    case 4: life.onChild(child(OrderStatus::New, "0", 12)); break;
    case 5: life.onChild(child(OrderStatus::PartiallyFilled, "0.2", 13)); break;
    case 6: life.onChild(child(OrderStatus::Filled, "0.5", 14)); break;
    default: break;
    }
}

/// New, then Triggered before the first fill, then what only grows, and nothing after an end but more fills.
void checkTold(const std::vector<OrderUpdate> &told, const std::string &order)
{
    bool triggered = false;
    Quantity filled;
    for (std::size_t i = 0; i < told.size(); ++i) {
        const OrderUpdate &update = told[i];
        QVERIFY2(update.clientOrderId.view() == "etr-stop", order.c_str());
        QVERIFY2(update.type == OrderType::StopMarket, order.c_str());
        QVERIFY2(update.status != OrderStatus::New || i == 0, order.c_str());
        if (update.status == OrderStatus::Triggered) {
            QVERIFY2(update.filled.isZero(), order.c_str());
            triggered = true;
        }
        QVERIFY2(triggered || update.filled.isZero(), order.c_str());
        QVERIFY2(update.filled >= filled, order.c_str());
        filled = update.filled;
    }
    QCOMPARE(std::count_if(told.begin(), told.end(), [](const OrderUpdate &u) { return u.status == OrderStatus::Triggered; }),
             1);
}

} // namespace

class TestAlgoLife : public QObject
{
    Q_OBJECT

private slots:
    void bn40_everyOrderOfArrivalEndsInTheSamePair()
    {
        std::array<int, 7> facts{0, 1, 2, 3, 4, 5, 6};
        int permutations = 0;
        do {
            binance::AlgoLife life;
            std::vector<OrderUpdate> told;
            std::string order;
            for (const int fact : facts) {
                order += static_cast<char>('0' + fact);
                for (int twice = 0; twice < 2; ++twice) { // every fact comes twice
                    feed(life, fact);
                    const auto news = life.takeNews();
                    told.insert(told.end(), news.begin(), news.end());
                }
            }
            checkTold(told, order);
            QVERIFY2(life.isOver() && !life.wantsChild(), order.c_str());
            const OrderUpdate end = life.state();
            QCOMPARE(end.status, OrderStatus::Filled);
            QCOMPARE(end.filled, parseQuantity("0.5").value());
            QCOMPARE(end.averagePrice.value(), parsePrice("58990").value());
            QCOMPARE(end.venueOrderId.value, kChild);
            QCOMPARE(told.back().status, OrderStatus::Filled);
            ++permutations;
        } while (std::next_permutation(facts.begin(), facts.end()));
        QCOMPARE(permutations, 5040);
        qInfo("%d orders of arrival", permutations);
    }

    void endsWithoutATrigger_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<OrderStatus>("expected");
        QTest::newRow("cancelled") << QByteArray("CANCELED") << OrderStatus::Canceled;
        QTest::newRow("expired by the venue") << QByteArray("EXPIRED") << OrderStatus::Expired;
        QTest::newRow("refused at the trigger") << QByteArray("REJECTED") << OrderStatus::Rejected;
    }
    void endsWithoutATrigger()
    {
        QFETCH(QByteArray, status);
        QFETCH(OrderStatus, expected);
        binance::AlgoLife life;
        life.onAlgo(algo("NEW", 0));
        QCOMPARE(life.takeNews().size(), std::size_t{1});
        life.onAlgo(algo(status.constData(), 5, false, "Reduce Only reject"));
        const auto news = life.takeNews();
        QCOMPARE(news.size(), std::size_t{1});
        QCOMPARE(news[0].status, expected);
        QCOMPARE(news[0].reason, std::string("Reduce Only reject"));
        life.onAlgo(algo("NEW", 6)); // late
        QVERIFY(life.takeNews().empty());
        QVERIFY(life.isOver());
    }

    void refusedAfterTriggeringIsToldWithItsReason()
    {
        binance::AlgoLife life;
        life.onAlgo(algo("TRIGGERING", 1));
        life.onAlgo(algo("REJECTED", 2, false, "Margin is insufficient."));
        const auto news = life.takeNews();
        QCOMPARE(news.back().status, OrderStatus::Rejected);
        QCOMPARE(news.back().reason, std::string("Margin is insufficient."));
    }

    void finishedWithoutTheChildsStateAsksForIt()
    {
        binance::AlgoLife life;
        life.onAlgo(algo("FINISHED", 1, true, "", "0.2"));
        QVERIFY(!life.isOver());
        QVERIFY(life.wantsChild());
        QCOMPARE(life.state().status, OrderStatus::PartiallyFilled);
        life.onChild(child(OrderStatus::Canceled, "0.2", 2));
        QVERIFY(life.isOver());
        QCOMPARE(life.takeNews().back().status, OrderStatus::Canceled);
    }

    void aFillOutranksWhatCameBefore()
    {
        binance::AlgoLife life;
        life.onAlgo(algo("TRIGGERED", 1, true));
        life.onChild(child(OrderStatus::Expired, "0.1", 3));
        QCOMPARE(life.takeNews().back().status, OrderStatus::Expired);
        life.onChild(child(OrderStatus::Filled, "0.5", 2));
        QCOMPARE(life.takeNews().back().status, OrderStatus::Filled);
    }

    void closePositionTakesItsSizeFromTheChild()
    {
        binance::AlgoEvent whole = algo("TRIGGERED", 1, true);
        whole.quantity = {};
        binance::AlgoLife life;
        life.onAlgo(whole);
        life.onChild(child(OrderStatus::Filled, "0.5", 2));
        QCOMPARE(life.state().quantity, parseQuantity("0.5").value());
    }
};

QTEST_APPLESS_MAIN(TestAlgoLife)
#include "tst_algo_life.moc"
