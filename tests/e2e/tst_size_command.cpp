#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using tests::Run;

namespace
{
Run size(const QStringList &options)
{
    return tests::run(u"etrms-cli"_s, QStringList{u"size"_s} + options);
}
const QStringList kTrade{u"--symbol"_s, u"BTCUSDT"_s, u"--entry"_s, u"60000"_s, u"--stop"_s, u"59100"_s,
                         u"--equity"_s, u"10000"_s, u"--step"_s, u"0.001"_s, u"--risk"_s, u"1 %"_s};
} // namespace

/// `etrms-cli size`: a trade in, its size with every constraint out.
class TestSizeCommand : public QObject
{
    Q_OBJECT

private slots:
    void saysEveryConstraintAndTheOneThatBinds()
    {
        const Run run = size(kTrade + QStringList{u"--json"_s});
        QCOMPARE(run.status, 0);
        const QJsonObject answer = QJsonDocument::fromJson(run.out).object();
        // 900 to the stop, 0.05 % of both prices, 2 bps of the stop: 971.37 per unit.
        QCOMPARE(answer[u"loss_per_unit"].toDouble(), 971.37);
        QCOMPARE(answer[u"qty"].toString(), u"0.102"_s);
        QCOMPARE(answer[u"binding"].toString(), u"risk"_s);
        QVERIFY(answer[u"reject_reason"].isNull());
        for (const QString &cap : {u"risk"_s, u"max_position_pct"_s, u"max_leverage"_s})
            QVERIFY2(answer[u"caps_qty"][cap].toDouble() > 0.102, qPrintable(cap));
        for (const QString &cap : {u"kelly"_s, u"volatility"_s, u"correlation"_s, u"liquidity"_s, u"liq_distance"_s}) {
            QVERIFY2(answer[u"caps_qty"][cap].isNull(), qPrintable(cap));
            QVERIFY2(answer[u"notes"][cap].toString().startsWith(u"not evaluable"_s), qPrintable(cap));
        }
        QCOMPARE(answer[u"complete"].toBool(), false);
    }

    void readsForAPersonToo()
    {
        const Run run = size(kTrade + QStringList{u"--sigma-year"_s, u"60 %"_s});
        QCOMPARE(run.status, 0);
        QVERIFY(run.out.startsWith("binance BTCUSDT long: 0.041 "));
        QVERIFY(run.out.contains("> volatility"));
    }

    void aShortIsSeenFromItsStop()
    {
        QStringList options = kTrade;
        options[5] = u"60900"_s;
        const QJsonObject answer = QJsonDocument::fromJson(size(options + QStringList{u"--json"_s}).out).object();
        QCOMPARE(answer[u"side"].toString(), u"short"_s);
    }

    void aSizeBelowTheMinimumIsNone()
    {
        const Run run = size(kTrade + QStringList{u"--min-notional"_s, u"100000"_s, u"--json"_s});
        QCOMPARE(run.status, 0);
        const QJsonObject answer = QJsonDocument::fromJson(run.out).object();
        QCOMPARE(answer[u"reject_reason"].toString(), u"below_min_notional"_s);
        QCOMPARE(answer[u"qty"].toString(), u"0"_s);
    }

    void badInputIsNamed_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QByteArray>("says");
        QTest::addColumn<int>("status");
        const auto with = [](const QString &name, const QString &value) {
            QStringList options = kTrade;
            const qsizetype at = options.indexOf(name);
            if (at >= 0)
                options[at + 1] = value;
            else
                options << name << value;
            return options;
        };
        QTest::newRow("nothing") << QStringList{} << QByteArray("--symbol is missing") << 2;
        QTest::newRow("entry is a word") << with(u"--entry"_s, u"high"_s) << QByteArray("--entry: must be") << 2;
        QTest::newRow("entry negative") << with(u"--entry"_s, u"-1"_s) << QByteArray("--entry: must be") << 2;
        QTest::newRow("stop at the entry") << with(u"--stop"_s, u"60000"_s) << QByteArray("stop: must be") << 2;
        QTest::newRow("risk without a unit") << with(u"--risk"_s, u"1"_s) << QByteArray("--risk: must be a percentage") << 2;
        QTest::newRow("equity of nothing") << with(u"--equity"_s, u"0"_s) << QByteArray("equity: must be above 0") << 2;
        QTest::newRow("unknown venue") << with(u"--venue"_s, u"nowhere"_s) << QByteArray("--venue: must be") << 2;
        QTest::newRow("half the evidence") << with(u"--wins"_s, u"3"_s) << QByteArray("--losses: must be") << 2;
        QTest::newRow("limits that are not there")
            << with(u"--limits"_s, u"no-such-file.toml"_s) << QByteArray("--limits: ") << 1;
        QTest::newRow("unknown option") << with(u"--leverage"_s, u"3"_s) << QByteArray("leverage") << 2;
    }
    void badInputIsNamed()
    {
        QFETCH(QStringList, options);
        QFETCH(QByteArray, says);
        QFETCH(int, status);
        const Run run = size(options);
        QCOMPARE(run.status, status);
        QVERIFY(run.out.isEmpty());
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains(says), run.err.constData());
    }

    void withoutADatabaseItSaysWhatItNeeds()
    {
        const QTemporaryDir empty;
        const Run run = size({u"--symbol"_s, u"BTCUSDT"_s, u"--entry"_s, u"60000"_s, u"--stop"_s, u"59000"_s, u"--data-dir"_s,
                              empty.path()});
        QCOMPARE(run.status, 1);
        QVERIFY2(run.err.contains("--equity and --step are needed"), run.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestSizeCommand)
#include "tst_size_command.moc"
