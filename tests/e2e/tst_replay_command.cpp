#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/e2e/program.h"
#include "tests/e2e/recorded_lines.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using tests::Run;

namespace
{
[[nodiscard]] QJsonObject onlyJsonLine(const QByteArray &out)
{
    return out.count('\n') == 1 ? QJsonDocument::fromJson(out).object() : QJsonObject();
}

[[nodiscard]] QString recording(const QString &name)
{
    return tests::sharedDir() + u"/data/binance-usdm/"_s + name;
}
} // namespace

/// `etrms-cli replay --recording`: figures against a plain reading of the same files (decimal sums and a dictionary book in
/// another language), and what it says about damaged ones.
class TestReplayCommand : public QObject
{
    Q_OBJECT

private slots:
    void figuresOfEveryRecording_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<qint64>("messages");
        QTest::addColumn<qint64>("diffs");
        QTest::addColumn<qint64>("trades");
        QTest::addColumn<QString>("volume");
        QTest::addColumn<QString>("quoteVolume");
        QTest::addColumn<QStringList>("best"); // bid price, quantity, ask price, quantity
        QTest::newRow("BTCUSDT 2024-08-08")
            << QStringList{u"capture-2024-08-08/btcusdt_20240808.gz"_s} << qint64{93'954} << qint64{6'551}
            << qint64{21'313} << u"2429.366"_s << u"149845680.8898"_s
            << QStringList{u"61659.7"_s, u"1.486"_s, u"61659.8"_s, u"0.981"_s};
        QTest::newRow("ETHUSDT 2024-08-08")
            << QStringList{u"capture-2024-08-08/ethusdt_20240808.gz"_s} << qint64{74'655} << qint64{6'586}
            << qint64{14'076} << u"9164.948"_s << u"24574856.5142"_s
            << QStringList{u"2681.38"_s, u"8.486"_s, u"2681.39"_s, u"22.624"_s};
        QTest::newRow("BTCUSDT 2023-04-04 and 05, one after the other")
            << QStringList{u"capture-2023-04-04/btcusdt_20230404.dat.gz"_s,
                           u"capture-2023-04-04/btcusdt_20230405.dat.gz"_s}
            << qint64{73'765} << qint64{16'110} << qint64{12'935} << u"1189.086"_s << u"33468021.5792"_s
            << QStringList{u"28140.1"_s, u"8.251"_s, u"28140.2"_s, u"7.212"_s};
        QTest::newRow("four symbols of 2021-07-22")
            << QStringList{u"capture-2021-07-22-multi/BINANCE_FUTURES.ws.1.0.zst"_s} << qint64{1'535} << qint64{764}
            << qint64{91} << u"177768"_s << u"37718.22059"_s << QStringList{};
        QTest::newRow("four symbols of 2021-04-17")
            << QStringList{u"capture-2021-04-17-multi/BINANCE_FUTURES.ws.5.0.zst"_s} << qint64{3'259} << qint64{1'016}
            << qint64{185} << u"2011240.307"_s << u"65699.207415"_s << QStringList{};
    }
    void figuresOfEveryRecording()
    {
        REQUIRE_SHARED();
        QFETCH(QStringList, files);
        QFETCH(qint64, messages);
        QFETCH(qint64, diffs);
        QFETCH(qint64, trades);
        QFETCH(QString, volume);
        QFETCH(QString, quoteVolume);
        QFETCH(QStringList, best);
        QStringList arguments{u"replay"_s, u"--json"_s};
        for (const QString &file : files)
            arguments << u"--recording"_s << recording(file);
        const Run run = tests::run(u"etrms-cli"_s, arguments);
        QCOMPARE(run.status, 0);
        QVERIFY2(run.err.isEmpty(), run.err.constData());
        const QJsonObject line = onlyJsonLine(run.out);
        QCOMPARE(line[u"messages"_s].toInteger(), messages);
        QCOMPARE(line[u"diffs"_s].toInteger(), diffs);
        QCOMPARE(line[u"gaps"_s].toInteger(-1), 0);
        QCOMPARE(line[u"resyncs"_s].toInteger(-1), 0);
        QCOMPARE(line[u"crossed"_s].toInteger(-1), 0);
        QCOMPARE(line[u"defects"_s].toInteger(-1), 0);
        QCOMPARE(line[u"trades"_s].toInteger(), trades);
        QCOMPARE(line[u"volume"_s].toString(), volume);
        QCOMPARE(line[u"quote_volume"_s].toString(), quoteVolume);
        QVERIFY(line[u"messages_per_second"_s].toInteger() > 0);
        for (const QJsonValue &symbol : line[u"symbols"_s].toObject())
            QCOMPARE(symbol[u"book"_s].toString(), u"fresh"_s);
        if (best.isEmpty()) {
            QCOMPARE(line[u"symbols"_s].toObject().size(), 4);
            QVERIFY(line[u"best_bid"_s].isNull()); // four books have no one best price
            return;
        }
        QCOMPARE(line[u"best_bid"_s].toArray(), (QJsonArray{best[0], best[1]}));
        QCOMPARE(line[u"best_ask"_s].toArray(), (QJsonArray{best[2], best[3]}));
    }

    void oneSymbolOfSeveral()
    {
        REQUIRE_SHARED();
        const Run run = tests::run(u"etrms-cli"_s,
                                   {u"replay"_s, u"--json"_s, u"--symbol"_s, u"sushiusdt"_s, u"--recording"_s,
                                    recording(u"capture-2021-07-22-multi/BINANCE_FUTURES.ws.1.0.zst"_s)});
        QCOMPARE(run.status, 0);
        const QJsonObject line = onlyJsonLine(run.out);
        QCOMPARE(line[u"symbols"_s].toObject().keys(), QStringList{u"SUSHIUSDT"_s});
        QCOMPARE(line[u"best_bid"_s].toArray().size(), 2);
    }

    void unknownSymbolIsNamed()
    {
        REQUIRE_SHARED();
        const Run run = tests::run(u"etrms-cli"_s,
                                   {u"replay"_s, u"--symbol"_s, u"NOSUCHUSDT"_s, u"--recording"_s,
                                    recording(u"capture-2021-07-22-multi/BINANCE_FUTURES.ws.1.0.zst"_s)});
        QCOMPARE(run.status, 1);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains("NOSUCHUSDT"), run.err.constData());
    }

    void laterFileAloneHasNoBook()
    {
        REQUIRE_SHARED();
        const Run run = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--json"_s, u"--recording"_s,
                                                    recording(u"capture-2023-04-04/btcusdt_20230405.dat.gz"_s)});
        QCOMPARE(run.status, 0);
        QVERIFY(onlyJsonLine(run.out)[u"best_bid"_s].isNull()); // no snapshot in it: unknown, not invented
    }

    void aTruncatedRecordingSaysWhere()
    {
        REQUIRE_SHARED();
        QFile whole(recording(u"capture-2024-08-08/btcusdt_20240808.gz"_s));
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"cut.gz"_s);
        QFile cut(path);
        QVERIFY(cut.open(QIODevice::WriteOnly));
        cut.write(whole.read(400'000));
        cut.close();
        const Run run = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--json"_s, u"--recording"_s, path});
        QVERIFY(run.finished);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains("cut.gz"), run.err.constData());
        const QJsonObject line = onlyJsonLine(run.out);
        QVERIFY(line[u"messages"_s].toInteger() > 1'000); // what was readable was played
        QCOMPARE(line[u"crossed"_s].toInteger(-1), 0);
    }

    void badLinesAreCountedAndNamed_data()
    {
        QTest::addColumn<QByteArray>("line");
        for (const tests::NamedLine &bad : tests::badRecordedLines())
            QTest::newRow(bad.name) << bad.line;
    }
    void badLinesAreCountedAndNamed()
    {
        QFETCH(QByteArray, line);
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"some.jsonl"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(tests::goodRecordedLine() + '\n' + line + '\n');
        file.close();
        const Run run = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--json"_s, u"--recording"_s, path});
        QVERIFY(run.finished);
        QCOMPARE(run.status, 0);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains("1 defect"), run.err.constData());
        const QJsonObject report = onlyJsonLine(run.out);
        QCOMPARE(report[u"trades"_s].toInteger(), 1);
        QCOMPARE(report[u"volume"_s].toString(), u"0.006"_s);
        QCOMPARE(report[u"defects"_s].toInteger(), 1);
    }

    void aDecisionOfADrillIsExplained()
    {
        const QTemporaryDir folder;
        const Run drill = tests::run(u"etrms-cli"_s, {u"drill"_s, u"--seeds"_s, u"3"_s, u"--all-journals"_s, u"--journal-dir"_s,
                                                      folder.path(), u"--json"_s});
        QVERIFY2(drill.finished && drill.status == 0, drill.err);
        const QStringList files = QDir(folder.path()).entryList(QDir::Files);
        QVERIFY(!files.isEmpty());
        const QString path = folder.filePath(files.front());
        const Run unknown = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--journal"_s, path, u"--why"_s, u"etr-nothing"_s});
        QCOMPARE(unknown.status, 1);
        QVERIFY2(tests::isOneLine(unknown.err) && unknown.err.contains("the last ones: etr-"), unknown.err);
        const QString id = QString::fromUtf8(unknown.err.mid(unknown.err.indexOf("the last ones: ") + 15, 28));
        const Run why = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--journal"_s, path, u"--why"_s, id});
        QVERIFY2(why.status == 0, why.err);
        for (const QByteArray &part : {QByteArray("decision ") + id.toUtf8(), QByteArray("  tick  "), QByteArray("  rule  "), QByteArray("  row ")})
            QVERIFY2(why.out.contains(part), why.out);
        const Run json = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--journal"_s, path, u"--why"_s, id, u"--json"_s});
        const QJsonObject line = onlyJsonLine(json.out);
        QCOMPARE(line[u"decision"_s].toString(), id);
        QVERIFY(!line[u"tick"_s][u"record"_s].toObject().isEmpty());
        QVERIFY(!line[u"rows"_s].toArray().isEmpty());
    }

    void whyNeedsAJournal()
    {
        const Run run = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--recording"_s, u"x"_s, u"--why"_s, u"etr-1"_s});
        QCOMPARE(run.status, 2);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains("--why"), run.err);
    }

    void aFileOfGarbageFails()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"noise.gz"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray("\x1f\x8b", 2) + QByteArray(5'000, '\x5a'));
        file.close();
        const Run run = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--recording"_s, path});
        QCOMPARE(run.status, 1);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains("noise.gz"), run.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestReplayCommand)
#include "tst_replay_command.moc"
