#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtGui/QImage>
#include <QtTest/QTest>

#include "core/storage/repositories.h"
#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using tests::Run;

/// The demo as a new user runs it, without a display: the flash crash comes, the breaker closes, and everything is on disk.
class TestHeadlessDemo : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        m_run = tests::run(u"etrms"_s, {u"--demo"_s, u"--headless"_s, u"--out"_s, m_folder.path(), u"--after"_s, u"45"_s}, {},
                           120);
        QVERIFY2(m_run.finished, m_run.err.constData());
        QVERIFY2(m_run.status == 0, (m_run.out + m_run.err).constData());
    }

    void oneLinePerThingThatHappened()
    {
        for (const char *event : {"venue ", "book ", "position ", "reconciled", "alert", "close", "fill", "reports the position flat",
                                  "picture ", "report ", "database ", "result "})
            QVERIFY2(m_run.out.contains(event), (QByteArray(event) + " missing in:\n" + m_run.out).constData());
        QVERIFY2(m_run.err.isEmpty(), m_run.err.constData());
    }

    void pictureShowsTheWholeWindow()
    {
        const QImage picture(m_folder.filePath(u"demo.png"_s));
        QVERIFY(picture.width() >= 1600 && picture.height() >= 1000);
        QSet<QRgb> colours;
        for (int y = 0; y < picture.height(); y += 7) {
            for (int x = 0; x < picture.width(); x += 7)
                colours.insert(picture.pixel(x, y));
        }
        QVERIFY2(colours.size() > 100, "an empty or single-coloured picture");
    }

    void reportHoldsTheRoundTrip()
    {
        const QString csv = m_folder.filePath(u"again.csv"_s);
        const Run run = tests::run(u"etrms-cli"_s,
                                   {u"report"_s, u"--trades"_s, u"--data-dir"_s, m_folder.path(), u"--out"_s, csv});
        QCOMPARE(run.status, 0);
        QFile written(csv);
        QFile ofTheDemo(m_folder.filePath(u"demo-report.csv"_s));
        QVERIFY(written.open(QIODevice::ReadOnly) && ofTheDemo.open(QIODevice::ReadOnly));
        const QByteArray text = written.readAll();
        QCOMPARE(text, ofTheDemo.readAll());
        const QList<QByteArray> lines = text.split('\n');
        QCOMPARE(lines.size(), 3); // header, the trade, nothing after the last line break
        const QList<QByteArray> names = lines[0].trimmed().split(',');
        const QList<QByteArray> cells = lines[1].trimmed().split(',');
        QCOMPARE(cells.size(), names.size());
        const auto cell = [&](const char *name) { return cells.at(names.indexOf(name)); };
        QCOMPARE(cell("mode"), QByteArray("demo"));
        QCOMPARE(cell("symbol"), QByteArray("BTCUSDT"));
        QCOMPARE(cell("side"), QByteArray("long"));
        QCOMPARE(cell("size"), QByteArray("0.5"));
        QVERIFY(cell("net_pnl").startsWith('-')); // it was closed at a loss, as decided
        QVERIFY(!cell("entry_price").isEmpty() && !cell("exit_price").isEmpty());
    }

    void databaseHoldsEveryKindOfRecord()
    {
        const auto database = core::storage::Database::open(databasePath(), core::storage::Access::ReadOnly, core::UtcTime{});
        QVERIFY(database.has_value());
        QVERIFY(core::storage::fills(*database)->size() >= 2); // opened and closed
        QVERIFY(!core::storage::recentOrders(*database, 10)->empty());
        QVERIFY(!core::storage::recentAlerts(*database, 10)->empty());
        QVERIFY(core::storage::openPositions(*database)->empty());
        const auto fills = core::storage::fills(*database).value();
        const auto newest = core::storage::newestTradeIds(*database, core::storage::Mode::Demo, fills.front().account);
        QCOMPARE(newest.value().at(fills.front().fill.instrument), fills.back().fill.tradeId);
        QVERIFY(!core::storage::latestAccounts(*database, core::storage::Mode::Demo)->empty());
    }

    void journalReplaysToTheSameBytes_data()
    {
        QTest::addColumn<QString>("locale");
        QTest::addColumn<QString>("zone");
        QTest::addColumn<QString>("hashSeed");
        QTest::newRow("as it was") << u"C.UTF-8"_s << u"UTC"_s << u"0"_s;
        QTest::newRow("another zone, locale and hash seed") << u"de_DE.UTF-8"_s << u"Asia/Kolkata"_s << u"12345"_s;
    }
    void journalReplaysToTheSameBytes()
    {
        QFETCH(QString, locale);
        QFETCH(QString, zone);
        QFETCH(QString, hashSeed);
        const Run run = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--json"_s, u"--journal"_s, databasePath()},
                                   {{u"LC_ALL"_s, locale}, {u"TZ"_s, zone}, {u"QT_HASH_SEED"_s, hashSeed}});
        QVERIFY2(run.status == 0, run.err.constData());
        const QJsonObject line = QJsonDocument::fromJson(run.out).object();
        QVERIFY(line[u"identical"_s].toBool());
        QVERIFY(line[u"decisions"_s].toInteger() >= 5); // alert, verdicts, order, queries, proof
        QVERIFY(line[u"inputs"_s].toInteger() > 30);
        QCOMPARE(line[u"missing_at_end"_s].toInteger(-1), 0);
    }

    void aChangedByteOfTheJournalIsFound()
    {
        const QString copy = m_folder.filePath(u"changed.sqlite"_s);
        QVERIFY(QFile::copy(databasePath(), copy));
        QCOMPARE(tests::run(u"etrms-cli"_s, {u"db"_s, u"check"_s, copy}).status, 0);
        QFile file(copy);
        QVERIFY(file.open(QIODevice::ReadWrite));
        const QByteArray bytes = file.readAll();
        const QByteArray needle = R"("mark")"; // every mark tick of the journal has one
        const qsizetype at = bytes.indexOf(needle, bytes.size() / 2);
        QVERIFY(at > 0);
        file.seek(at + 1);
        file.write("M");
        file.close();
        const Run run = tests::run(u"etrms-cli"_s, {u"db"_s, u"check"_s, copy});
        QCOMPARE(run.status, 1);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains("row"), run.err.constData());
    }

private:
    [[nodiscard]] QString databasePath() const { return m_folder.filePath(u"etrms.sqlite"_s); }

    QTemporaryDir m_folder;
    Run m_run;
};

QTEST_GUILESS_MAIN(TestHeadlessDemo)
#include "tst_headless_demo.moc"
