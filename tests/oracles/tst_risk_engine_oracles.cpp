// The risk engine against numbers that were computed by independent tools.
#include <set>

#include "core/risk/ladder.h"
#include "core/risk/correlated.h"
#include "core/risk/lockout_book.h"
#include "core/risk/nav.h"
#include "core/risk/trail.h"
#include "tests/core/risk/engine_desk.h"
#include "tests/oracles/tier_of.h"

using namespace core;
using namespace core::risk;
using namespace Qt::StringLiterals;

namespace
{
UtcTime minutes(const QJsonValue &value) { return UtcTime{std::chrono::minutes{value.toInt()}}; }
} // namespace

class TestRiskEngineOracles : public QObject
{
    Q_OBJECT

private slots:
    void tiers();
    void trailingStops();
    void coolingOffs();
    void periodStarts();
    void navWithFlows();
    void correlatedExposure();
};

void TestRiskEngineOracles::tiers()
{
    REQUIRE_SHARED();
    int run = 0;
    for (const oracle::Case &c : oracle::cases(u"breakers.json"_s)) {
        if (c.kind != "tiers"_L1)
            continue;
        ++run;
        Breaker breaker = tests::only(BreakerKind::LossOnMargin, Scope::Position, {});
        for (const QJsonValue &tier : c.input[u"tiers"].toArray())
            breaker.tiers.push_back(oracle::tierOf(tier.toObject()));
        tests::EngineDesk desk({breaker});
        desk.equity("1000000");
        Position position = desk.position("BTCUSDT", oracle::directionOf(c.input[u"side"]), "1", "1");
        position.entryPrice = oracle::fixed<Price>(c.input[u"entry"]);
        position.leverage = c.input[u"leverage"].toInt();
        desk.mark("BTCUSDT", position.entryPrice.text());
        desk.put(position);
        QJsonArray events;
        const QJsonArray marks = c.input[u"marks"].toArray();
        for (qsizetype i = 0; i < marks.size(); ++i) {
            desk.mark("BTCUSDT", oracle::fixed<Price>(marks[i]).text());
            for (const Fired &fired : desk.fired())
                events.append(QJsonArray{i, QString::fromStdString(fired.tier), fired.reading.toDouble() * 100});
        }
        const QJsonArray expected = c.expected[u"events_index_tier_value"].toArray();
        QVERIFY2(events.size() == expected.size(), qPrintable(c.name));
        for (qsizetype i = 0; i < expected.size(); ++i) {
            QVERIFY2(events[i].toArray()[0].toInt() == expected[i].toArray()[0].toInt(), qPrintable(c.name));
            QVERIFY2(events[i].toArray()[1].toString() == expected[i].toArray()[1].toString(), qPrintable(c.name));
            // Our reading is rounded up in the eighth place of the ratio.
            QVERIFY2(std::abs(events[i].toArray()[2].toDouble() - expected[i].toArray()[2].toDouble()) <= 1.1e-6, qPrintable(c.name));
        }
    }
    QVERIFY(run > 0);
}

void TestRiskEngineOracles::trailingStops()
{
    REQUIRE_SHARED();
    int run = 0;
    for (const oracle::Case &c : oracle::cases(u"breakers.json"_s)) {
        if (c.kind != "trailing"_L1)
            continue;
        ++run;
        Breaker breaker;
        breaker.kind = BreakerKind::TrailingStop;
        breaker.atrMultiple = oracle::fixed<Ratio>(c.input[u"k"]);
        breaker.activation = oracle::fixed<Ratio>(c.input[u"activation_atr"]);
        const Direction direction = oracle::directionOf(c.input[u"side"]);
        const Price entry = oracle::fixed<Price>(c.input[u"entry"]);
        const QJsonArray marks = c.input[u"marks"].toArray();
        const QJsonArray atrs = c.input[u"atr"].toArray();
        const QJsonArray expected = c.expected[u"index_hwm_stop_triggered"].toArray();
        Trail trail;
        for (qsizetype i = 0; i < marks.size() && i < expected.size(); ++i) {
            const Price mark = oracle::fixed<Price>(marks[i]);
            followBest(trail, direction, entry, mark);
            ratchet(trail, direction, entry, trailDistance(breaker, entry, trail.best, oracle::fixed<Price>(atrs[i])));
            const auto reading = trailReading(trail, direction, mark);
            const bool triggered = reading && reading->raw() >= kDecimalOne;
            const QJsonArray want = expected[i].toArray();
            QVERIFY2(c.tolerance.holds(trail.best.toDouble(), want[1].toDouble()), qPrintable(c.name));
            QVERIFY2(trail.stop.has_value() == !want[2].isNull(), qPrintable(c.name));
            QVERIFY2(!trail.stop || c.tolerance.holds(trail.stop->toDouble(), want[2].toDouble()), qPrintable(c.name));
            QVERIFY2(triggered == want[3].toBool(), qPrintable(c.name));
        }
    }
    QVERIFY(run > 0);
}

void TestRiskEngineOracles::coolingOffs()
{
    REQUIRE_SHARED();
    int run = 0;
    for (const oracle::Case &c : oracle::cases(u"breakers.json"_s)) {
        if (c.kind != "cooling_off"_L1)
            continue;
        ++run;
        LockoutBook book;
        const Duration window = std::chrono::minutes{c.input[u"window_minutes"].toInt()};
        for (const QJsonValue &value : c.expected[u"t_count_duration_expiry"].toArray()) {
            const QJsonArray row = value.toArray();
            const UtcTime now = minutes(row[0]);
            static_cast<void>(book.expire(now));
            const int count = book.breachesSince(now - window, Venue::Binance) + 1;
            QCOMPARE(count, row[1].toInt());
            const Duration duration = coolingOff(std::chrono::minutes{c.input[u"base_minutes"].toInt()},
                                                 std::chrono::minutes{c.input[u"cap_minutes"].toInt()}, count);
            QCOMPARE(duration, Duration{std::chrono::minutes{row[2].toInt()}});
            Lockout lockout{.id = std::to_string(row[0].toInt()),
                            .scope = Scope::Account,
                            .account = Venue::Binance,
                            .instrument = {},
                            .reason = "day-loss",
                            .startedAt = now,
                            .until = now + duration,
                            .needsRelease = false};
            lockout.until = std::max(lockout.until, book.latestEnd(lockout, now).value_or(lockout.until));
            QVERIFY(book.add(lockout));
            QCOMPARE(lockout.until, minutes(row[3]));
        }
    }
    QVERIFY(run > 0);
}

void TestRiskEngineOracles::periodStarts()
{
    REQUIRE_SHARED();
    int run = 0;
    for (const oracle::Case &c : oracle::cases(u"breakers.json"_s)) {
        if (c.kind != "utc_periods"_L1)
            continue;
        ++run;
        const QJsonArray times = c.input[u"ts_ms"].toArray();
        const QJsonArray expected = c.expected[u"day_week_month_start_ms"].toArray();
        for (qsizetype i = 0; i < times.size(); ++i) {
            for (int period = 0; period < 3; ++period) {
                const UtcTime start = periodStart(static_cast<Period>(period), utcFromMilliseconds(times[i].toInteger()), {});
                QCOMPARE(toMilliseconds(start), expected[i].toArray()[period].toInteger());
            }
        }
    }
    QVERIFY(run > 0);
    // A day that starts at another hour.
    const UtcTime before = parseIso8601("2026-03-01T07:59:59Z").value();
    QCOMPARE(periodStart(Period::Month, before, std::chrono::hours{8}), parseIso8601("2026-02-01T08:00:00Z").value());
    QCOMPARE(periodStart(Period::Week, before + std::chrono::seconds{1}, std::chrono::hours{8}), parseIso8601("2026-02-23T08:00:00Z").value());
}

void TestRiskEngineOracles::navWithFlows()
{
    REQUIRE_SHARED();
    int run = 0;
    for (const oracle::Case &c : oracle::cases(u"performance.json"_s)) {
        if (c.kind != "nav_with_flows"_L1)
            continue;
        ++run;
        Nav nav;
        const UtcTime now = parseIso8601("2026-11-18T10:00:00Z").value();
        nav.roll(now, {});
        QJsonArray got;
        for (const QJsonValue &value : c.input[u"events"].toArray()) {
            const Wide money = wide(oracle::fixed<Money>(value.toArray()[1]));
            if (value.toArray()[0].toString() == "flow"_L1) {
                nav.onFlow(nav.equity(), money);
                continue;
            }
            nav.onEquity(money, now);
            got.append(nav.index().toDouble());
        }
        const QJsonArray expected = c.expected[u"nav_after_each_equity"].toArray();
        QCOMPARE(got.size(), expected.size());
        for (qsizetype i = 0; i < got.size(); ++i)
            QVERIFY2(std::abs(got[i].toDouble() - expected[i].toDouble()) <= 1e-8, qPrintable(QString::number(got[i].toDouble(), 'f', 10)));
        const auto drawdown = lossFrom(nav.peak(), nav.equity());
        QVERIFY(drawdown && std::abs(drawdown->toDouble() - c.expected[u"drawdown_now"].toDouble()) <= 1e-8);
    }
    QVERIFY(run > 0);
}

void TestRiskEngineOracles::correlatedExposure()
{
    REQUIRE_SHARED();
    int run = 0;
    for (const oracle::Case &c : oracle::cases(u"covariance.json"_s)) {
        if (!c.expected.contains(u"corr_weighted_exposure"))
            continue;
        ++run;
        const QJsonArray rows = c.expected[u"lw_on_standardised_corr"].toArray();
        const QJsonArray notionals = c.input[u"notional"].toArray();
        tests::EngineDesk desk({tests::only(BreakerKind::CorrelatedExposure, Scope::Account,
                                            {tests::tierAt("it", tests::fixed<Ratio>("1000"), Ratio{}, TierAction::Alert)})});
        desk.equity("10000");
        Correlation correlation;
        for (qsizetype i = 0; i < rows.size(); ++i) {
            const std::string symbol = "A" + std::to_string(i);
            correlation.instruments.push_back(tests::coin(symbol));
            for (qsizetype k = 0; k < rows.size(); ++k)
                correlation.values.push_back(oracle::fixed<Ratio>(rows[i].toArray()[k]));
            const double notional = notionals[i].toDouble();
            desk.mark(symbol, "1");
            if (notional != 0)
                desk.hold(symbol, notional > 0 ? Direction::Long : Direction::Short,
                          oracle::fixed<Quantity>(QJsonValue(std::abs(notional))).text(), "1");
        }
        desk.tell(CorrelationSet{correlation});
        const auto standing = desk.standing(BreakerKind::CorrelatedExposure, Scope::Account);
        QVERIFY(standing && standing->reading);
        const double expected = c.expected[u"corr_weighted_exposure"].toDouble() / 10000;
        // Correlations are held to eight places.
        QVERIFY2(std::abs(standing->reading->toDouble() - expected) <= 1e-7, qPrintable(c.name));
    }
    QVERIFY(run > 0);
}

QTEST_APPLESS_MAIN(TestRiskEngineOracles)
#include "tst_risk_engine_oracles.moc"
