#include "core/base/special_functions.h"
#include "core/risk/behaviour.h"
#include "tests/oracles/oracle_file.h"

using namespace core;
using namespace core::risk;
using namespace Qt::StringLiterals;

namespace
{
UtcTime minute(double value) { return UtcTime{} + std::chrono::minutes{static_cast<int>(value)}; }

Trip tripOf(const QJsonObject &object)
{
    Trip trip;
    trip.openedAt = minute(object[u"t_open"].toDouble());
    trip.closedAt = minute(object[u"t_close"].toDouble());
    trip.plannedRisk = oracle::fixed<Money>(object[u"risk"]);
    trip.net = oracle::fixed<Money>(object[u"net"]);
    trip.leverage = object[u"lev"].toInt();
    trip.hasSetup = !object[u"setup"].isNull();
    return trip;
}

void ladder(const oracle::Case &c)
{
    LadderState state;
    const QJsonArray outcomes = c.input[u"outcomes"].toArray();
    const QJsonArray expected = c.expected[u"streak_rung_maxlev"].toArray();
    for (qsizetype i = 0; i < outcomes.size(); ++i) {
        state = nextState(state, outcomes[i].toInt(), c.input[u"threshold"].toInt());
        const int cap = state.leverageCap(c.input[u"base_leverage"].toInt(), c.input[u"factor"].toDouble());
        QCOMPARE((QJsonArray{state.streak, state.rung, cap}), expected[i].toArray());
    }
}

void revenge(const oracle::Case &c)
{
    BehaviourLimits limits;
    limits.revengeWindow = std::chrono::minutes{c.input[u"revenge_window_min"].toInt()};
    limits.revengeRisk = oracle::fixed<Ratio>(c.input[u"revenge_size_ratio"]);
    limits.escalationRisk = oracle::fixed<Ratio>(c.input[u"escalation_ratio"]);
    const QJsonArray trades = c.input[u"trades"].toArray();
    const QJsonArray flags = c.expected[u"flags"].toArray();
    std::vector<Trip> earlier;
    for (qsizetype i = 0; i < trades.size(); ++i) {
        const Trip trip = tripOf(trades[i].toObject());
        const Intention intention{.instrument = {}, .risk = *trip.plannedRisk, .leverage = trip.leverage, .hasSetup = trip.hasSetup, .at = trip.openedAt};
        const QJsonObject flag = flags[i].toObject();
        QCOMPARE(revengeSeverity(earlier, intention, limits).has_value(), flag[u"revenge"].toBool());
        QCOMPARE(escalationSeverity(earlier, intention, limits).has_value(), flag[u"size_escalation"].toBool());
        const auto usual = medianRisk(earlier, intention.at);
        QCOMPARE(usual.has_value(), !flag[u"median_prior_risk"].isNull());
        QVERIFY(!usual || c.tolerance.holds(*usual, flag[u"median_prior_risk"].toDouble()));
        earlier.push_back(trip);
    }
}

void disposed(const oracle::Case &c)
{
    std::vector<ClosingEvent> events;
    const QJsonArray given = c.input[u"close_events"].toArray();
    const auto results = [](const QJsonValue &pairs) {
        std::vector<double> values;
        for (const QJsonValue &pair : pairs.toArray())
            values.push_back(pair.toArray()[1].toDouble());
        return values;
    };
    for (const QJsonValue &event : given)
        events.push_back({results(event[u"realised"]), results(event[u"open"])});
    const Disposition got = disposition(events, 1);
    QCOMPARE(got.realisedGains, c.expected[u"realised_gains"].toInt());
    QCOMPARE(got.realisedLosses, c.expected[u"realised_losses"].toInt());
    QCOMPARE(got.paperGains, c.expected[u"paper_gains"].toInt());
    QCOMPARE(got.paperLosses, c.expected[u"paper_losses"].toInt());
    QVERIFY(got.effect && c.tolerance.holds(*got.effect, c.expected[u"disposition"].toDouble()));
    QVERIFY(!disposition(events).effect); // far fewer than 20
}

void tilt(const oracle::Case &c)
{
    static const QHash<QString, Finding::What> kinds{{u"revenge"_s, Finding::What::Revenge},
                                                     {u"escalation"_s, Finding::What::Escalation},
                                                     {u"streak"_s, Finding::What::Streak},
                                                     {u"overtrading"_s, Finding::What::Overtrading},
                                                     {u"overholding"_s, Finding::What::Overholding}};
    std::vector<Finding> findings;
    const UtcTime now = minute(100'000);
    for (const QJsonValue &event : c.input[u"events_type_severity_age_minutes"].toArray())
        findings.push_back({kinds.value(event[0].toString()), event[1].toDouble(),
                            now - std::chrono::duration_cast<Duration>(
                                      std::chrono::duration<double, std::ratio<60>>(event[2].toDouble())),
                            {}});
    QVERIFY(c.tolerance.holds(tiltScore(findings, now), c.expected[u"tilt"].toDouble()));
}
} // namespace

class TestBehaviourOracle : public QObject
{
    Q_OBJECT

private slots:
    void agrees()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"behaviour.json"_s)) {
            ++run;
            if (c.kind == "ladder"_L1)
                ladder(c);
            else if (c.kind == "revenge"_L1)
                revenge(c);
            else if (c.kind == "disposition"_L1)
                disposed(c);
            else if (c.kind == "tilt"_L1)
                tilt(c);
            else if (c.kind == "overtrading"_L1)
                QVERIFY(c.tolerance.holds(*poissonAtLeast(c.input[u"n_24h"].toInt(), c.input[u"lambda"].toDouble()),
                                          c.expected[u"p_ge_n"].toDouble()));
            else
                --run;
            if (QTest::currentTestFailed())
                return;
        }
        QVERIFY(run > 0);
    }
};

QTEST_APPLESS_MAIN(TestBehaviourOracle)
#include "tst_behaviour_oracle.moc"
