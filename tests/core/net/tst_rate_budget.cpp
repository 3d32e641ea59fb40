#include <QtTest/QTest>

#include "core/net/rate_budget.h"

using namespace core;
using namespace std::chrono_literals;
using net::Lane;

namespace
{
const UtcTime kMinute = utcFromMilliseconds(1'700'000'040'000); // a whole minute
}

class TestRateBudget : public QObject
{
    Q_OBJECT
private slots:
    void bn47_lanesStopOneAfterTheOther_data()
    {
        QTest::addColumn<int>("used");
        QTest::addColumn<bool>("history");
        QTest::addColumn<bool>("normal");
        QTest::addColumn<bool>("protective");
        QTest::newRow("fresh minute") << 0 << true << true << true;
        QTest::newRow("just below 60 %") << 1439 << true << true << true;
        QTest::newRow("60 % used") << 1440 << false << true << true;
        QTest::newRow("80 % used") << 1920 << false << false << true;
        QTest::newRow("one left") << 2399 << false << false << true;
        QTest::newRow("all used") << 2400 << false << false << false;
    }
    void bn47_lanesStopOneAfterTheOther()
    {
        QFETCH(int, used);
        const auto allowed = [&](Lane lane) {
            net::RateBudget budget;
            budget.onHeaders(used, std::nullopt, std::nullopt, kMinute + 1s, kMinute + 1s);
            return !budget.take(lane, {.weight = 1, .orders = 0}, kMinute + 2s).has_value();
        };
        QTEST(allowed(Lane::History), "history");
        QTEST(allowed(Lane::Normal), "normal");
        QTEST(allowed(Lane::Protective), "protective");
    }

    void aFifthOfTheOrdersIsForReducing()
    {
        net::RateBudget budget;
        for (int i = 0; i < 240; ++i)
            QVERIFY(!budget.take(Lane::Normal, {.weight = 0, .orders = 1}, kMinute));
        const auto refused = budget.take(Lane::Normal, {.weight = 0, .orders = 1}, kMinute);
        QVERIFY(refused.has_value());
        QCOMPARE(refused->retryAt, kMinute + 10s);
        QCOMPARE(refused->error.code, ErrorCode::RateLimited);
        for (int i = 0; i < 60; ++i)
            QVERIFY(!budget.take(Lane::Protective, {.weight = 0, .orders = 1}, kMinute));
        QVERIFY(budget.take(Lane::Protective, {.weight = 0, .orders = 1}, kMinute).has_value());
        QVERIFY(!budget.take(Lane::Normal, {.weight = 0, .orders = 1}, kMinute + 10s));
    }

    void newOrdersStopAt95PerCentOfTheWeight()
    {
        net::RateBudget budget;
        budget.onHeaders(2280, std::nullopt, std::nullopt, kMinute, kMinute);
        QVERIFY(budget.take(Lane::Normal, {.weight = 0, .orders = 1}, kMinute).has_value());
        QVERIFY(!budget.take(Lane::Protective, {.weight = 0, .orders = 1}, kMinute));
    }

    void bn46_headersRaiseTheCountAndNeverLowerIt()
    {
        net::RateBudget budget;
        QVERIFY(!budget.take(Lane::Normal, {.weight = 40, .orders = 0}, kMinute));
        budget.onHeaders(100, std::nullopt, std::nullopt, kMinute, kMinute + 1s);
        QCOMPARE(budget.weightUsed(kMinute + 1s), 100);
        budget.onHeaders(50, std::nullopt, std::nullopt, kMinute, kMinute + 2s);
        QCOMPARE(budget.weightUsed(kMinute + 2s), 100);
        // An answer of the last minute says nothing of this one.
        budget.onHeaders(2000, std::nullopt, std::nullopt, kMinute + 59s, kMinute + 61s);
        QCOMPARE(budget.weightUsed(kMinute + 61s), 0);
    }

    void bn45_afterLimitNothingGoesOutUntilTheWindowEnds()
    {
        net::RateBudget budget;
        budget.onLimited(net::RateBudget::Pool::Weight, std::nullopt, kMinute + 5s);
        for (const Duration at : {Duration{5s}, Duration{30s}, Duration{59s}}) {
            QVERIFY(budget.take(Lane::Protective, {.weight = 1, .orders = 0}, kMinute + at).has_value());
            QVERIFY(budget.take(Lane::Protective, {.weight = 0, .orders = 1}, kMinute + at).has_value());
        }
        QVERIFY(!budget.take(Lane::Protective, {.weight = 1, .orders = 0}, kMinute + 62s));
    }

    void onlyARepetitionLengthensThePause()
    {
        net::RateBudget budget;
        for (int i = 0; i < 6; ++i) // six were on their way together
            budget.onLimited(net::RateBudget::Pool::Weight, std::nullopt, kMinute + 5s);
        QVERIFY(!budget.take(Lane::Protective, {}, kMinute + 62s));
        budget.onLimited(net::RateBudget::Pool::Weight, std::nullopt, kMinute + 63s);
        QVERIFY(budget.take(Lane::Protective, {}, kMinute + 122s).has_value());
        QVERIFY(!budget.take(Lane::Protective, {}, kMinute + 182s));
    }

    void retryAfterIsObeyed()
    {
        net::RateBudget budget;
        budget.onLimited(net::RateBudget::Pool::Weight, 7s, kMinute);
        const auto refused = budget.take(Lane::Protective, {}, kMinute + 6s);
        QVERIFY(refused.has_value());
        QCOMPARE(refused->retryAt, kMinute + 7s);
        QVERIFY(!budget.take(Lane::Protective, {}, kMinute + 7s));
    }

    void theOrderLimitLeavesCancelsAlone()
    {
        net::RateBudget budget;
        budget.onLimited(net::RateBudget::Pool::Orders, 5s, kMinute);
        QVERIFY(budget.take(Lane::Protective, {.weight = 0, .orders = 1}, kMinute + 1s).has_value());
        QVERIFY(!budget.take(Lane::Protective, {.weight = 1, .orders = 0}, kMinute + 1s));
    }

    void bn45_banStopsEverythingThenOneProbe()
    {
        net::RateBudget budget;
        budget.onBanned(kMinute + 120s, kMinute);
        QVERIFY(budget.take(Lane::Protective, {}, kMinute + 120s).has_value());
        QVERIFY(!budget.probeNeeded(kMinute + 120s));
        QVERIFY(budget.probeNeeded(kMinute + 121s));
        QVERIFY(budget.take(Lane::Protective, {}, kMinute + 121s).has_value());
        QVERIFY(!budget.takeProbe(kMinute + 121s));
        QVERIFY(budget.takeProbe(kMinute + 122s).has_value()); // one, not a stream of them
        budget.onSuccess(kMinute + 122s);
        QVERIFY(!budget.take(Lane::Protective, {}, kMinute + 122s));
    }

    void theFundingHistoryHasAPoolOfItsOwn()
    {
        net::RateBudget budget;
        const net::RequestCost rates{.weight = 0, .orders = 0, .funding = 1};
        for (int i = 0; i < 475; ++i)
            QVERIFY(!budget.take(Lane::History, rates, kMinute));
        QVERIFY(budget.take(Lane::History, rates, kMinute).has_value());
        QVERIFY(!budget.take(Lane::History, {.weight = 5, .orders = 0}, kMinute)); // candles go on
        QCOMPARE(budget.weightUsed(kMinute), 5);
        net::RateBudget paused;
        paused.onLimited(net::RateBudget::Pool::Funding, std::nullopt, kMinute);
        QVERIFY(paused.take(Lane::History, rates, kMinute + 1s).has_value());
        QVERIFY(!paused.take(Lane::Protective, {.weight = 1, .orders = 1}, kMinute + 1s));
        QVERIFY(!paused.take(Lane::History, rates, kMinute + 5min + 3s));
    }

    void banWithoutTimeAndForbiddenLastFiveMinutes()
    {
        net::RateBudget banned;
        banned.onBanned(std::nullopt, kMinute);
        QVERIFY(!banned.probeNeeded(kMinute + 299s));
        QVERIFY(banned.probeNeeded(kMinute + 301s));
        net::RateBudget forbidden;
        forbidden.onForbidden(kMinute);
        QVERIFY(!forbidden.probeNeeded(kMinute + 299s));
        QVERIFY(forbidden.probeNeeded(kMinute + 301s));
    }

    void aCorrectedClockDoesNotFreezeTheWindows()
    {
        net::RateBudget budget;
        const UtcTime tomorrow = kMinute + 24h;
        QVERIFY(!budget.take(Lane::Normal, {.weight = 1900, .orders = 0}, tomorrow));
        QVERIFY(budget.take(Lane::Normal, {.weight = 100, .orders = 0}, tomorrow).has_value());
        QVERIFY(!budget.take(Lane::Normal, {.weight = 100, .orders = 0}, kMinute));
    }
};

QTEST_APPLESS_MAIN(TestRateBudget)
#include "tst_rate_budget.moc"
