#include "core/risk/ladder.h"
#include "core/risk/position_math.h"
#include "tests/oracles/tier_of.h"

using namespace core;
using namespace core::risk;
using namespace Qt::StringLiterals;

class TestBreakers : public QObject
{
    Q_OBJECT

private slots:
    void tiers()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"breakers.json"_s)) {
            if (c.kind != "tiers"_L1)
                continue;
            ++run;
            Breaker breaker;
            for (const QJsonValue &tier : c.input[u"tiers"].toArray())
                breaker.tiers.push_back(oracle::tierOf(tier.toObject()));
            Position position;
            position.direction =
                oracle::directionOf(c.input[u"side"]);
            position.quantity = Quantity::fromRaw(kDecimalOne);
            position.entryPrice = oracle::fixed<Price>(c.input[u"entry"]);
            position.leverage = c.input[u"leverage"].toInt();
            Ladder ladder(breaker.tiers.size());
            QJsonArray events;
            const QJsonArray marks = c.input[u"marks"].toArray();
            for (qsizetype i = 0; i < marks.size(); ++i) {
                const Price mark = oracle::fixed<Price>(marks[i]);
                const auto metric = lossOnMargin(position, mark);
                QVERIFY(metric.has_value());
                if (const auto firing = ladder.step(breaker, *metric)) {
                    const double value =
                        -roePercent(position.direction, position.entryPrice, mark, *position.leverage);
                    // Our exact figure is the same number, rounded up in the eighth place of the ratio.
                    QVERIFY(std::abs(metric->toDouble() * 100 - value) <= 1.1e-6);
                    events.append(
                        QJsonArray{i, QString::fromStdString(breaker.tiers[firing->tier].id), value});
                }
            }
            const QJsonArray expected = c.expected[u"events_index_tier_value"].toArray();
            QVERIFY2(events.size() == expected.size(), qPrintable(c.name));
            for (qsizetype i = 0; i < expected.size(); ++i) {
                const QJsonArray got = events[i].toArray();
                const QJsonArray want = expected[i].toArray();
                QVERIFY2(got[0].toInt() == want[0].toInt(), qPrintable(c.name));
                QVERIFY2(got[1].toString() == want[1].toString(), qPrintable(c.name));
                QVERIFY2(c.tolerance.holds(got[2].toDouble(), want[2].toDouble()), qPrintable(c.name));
            }
        }
        if (run == 0)
            QSKIP("no case of this kind here");
    }
};

QTEST_APPLESS_MAIN(TestBreakers)
#include "tst_breakers.moc"
