// Where the guard lets stops stand, and what it does when the fate of one is not known.
#include <QtTest/QTest>

#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;

namespace
{
/// Long 0.25 BTC at 60,000 on 100,000, and a day that may lose 1 %: less than the position's own limit.
struct CoverDesk : Desk {
    CoverDesk()
    {
        limits.backstop.enabled = true;
        limits.breakers = {{.kind = risk::BreakerKind::DayLoss,
                            .scope = risk::Scope::Account,
                            .enabled = true,
                            .tiers = {{.id = "flatten",
                                       .trigger = ratio("0.01"),
                                       .rearm = ratio("0.008"),
                                       .action = risk::TierAction::Flatten,
                                       .fraction = {},
                                       .firesMax = 1,
                                       .escalateAfter = 5s}}}};
    }
    [[nodiscard]] std::vector<OrderRequest> stops() const
    {
        std::vector<OrderRequest> found;
        for (const OrderRequest &order : everSent()) {
            if (order.type == OrderType::StopMarket)
                found.push_back(order);
        }
        return found;
    }
    void rests(const OrderRequest &stop)
    {
        apply(OutcomeReport{stop.clientOrderId, RequestOutcome::Accepted, {}, ""});
        OrderUpdate word;
        word.instrument = stop.instrument;
        word.clientOrderId = stop.clientOrderId;
        word.side = stop.side;
        word.type = stop.type;
        word.status = OrderStatus::New;
        word.quantity = stop.quantity;
        word.reduceOnly = stop.reduceOnly;
        word.triggerPrice = stop.triggerPrice;
        word.venueTime = now;
        apply(OrderReport{word, Source::Stream});
    }
};
} // namespace

class TestGuardCover : public QObject
{
    Q_OBJECT

private slots:
    void theAccountsOwnFeeGivesTheStopItsRoom_data()
    {
        QTest::addColumn<QString>("taker");
        QTest::addColumn<int>("moves");
        QTest::newRow("0.04 %: further away than with the bound of 0.1 %") << "0.0004" << -1;
        QTest::newRow("0.1 %: as with the bound") << "0.001" << 0;
        QTest::newRow("0.2 %: nearer") << "0.002" << 1;
    }
    void theAccountsOwnFeeGivesTheStopItsRoom()
    {
        QFETCH(QString, taker);
        QFETCH(int, moves);
        CoverDesk bound;
        bound.ready();
        CoverDesk known;
        known.apply(FeesReport{key(), {ratio("0.0002"), ratio(taker.toStdString())}});
        known.ready();
        const Price with = *known.stops().at(0).triggerPrice;
        const Price without = *bound.stops().at(0).triggerPrice;
        QCOMPARE(with < without ? -1 : with > without ? 1 : 0, moves);
    }

    /// A limit that ratchets with the price moves its stop by marks and time alone.
    void aTrailingLimitTakesItsStopAlongWithinASecond()
    {
        CoverDesk desk;
        risk::Breaker trail{.kind = risk::BreakerKind::TrailingStop, .scope = risk::Scope::Position, .enabled = true, .tiers = {}};
        trail.distance = ratio("0.02");
        trail.activation = ratio("0");
        trail.tiers = {{.id = "close", .trigger = ratio("1"), .rearm = ratio("0.8"), .action = risk::TierAction::Close}};
        desk.limits.breakers = {trail};
        desk.ready();
        desk.rests(desk.stops().at(0));
        QCOMPARE(*desk.stops().at(0).triggerPrice, price("58800")); // 2 % behind the best mark
        desk.pass(3s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.stops().size(), std::size_t{1});
        desk.apply(MarkTick{key(), price("61000"), desk.now});
        desk.pass(1s);
        desk.apply(MarkTick{key(), price("60900"), desk.now}); // on its way back
        desk.apply(TimerTick{});                               // the engine's, each second
        QCOMPARE(desk.stops().size(), std::size_t{2});
        QCOMPARE(*desk.stops().at(1).triggerPrice, price("59780"));
        desk.rests(desk.stops().at(1));
        const auto cancels = desk.among<CancelOrder>(desk.all);
        QCOMPARE(cancels.size(), std::size_t{1});
        QCOMPARE(cancels[0].order, desk.stops().at(0).clientOrderId);
        desk.pass(3s);
        desk.apply(MarkTick{key(), price("60000"), desk.now}); // it never goes back
        desk.apply(TimerTick{});
        QCOMPARE(desk.stops().size(), std::size_t{2});
    }
};

QTEST_APPLESS_MAIN(TestGuardCover)
#include "tst_guard_cover.moc"
