#include <sys/stat.h>

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtTest/QTest>

#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using tests::Run;

/// Bad input at the command line: one clear line that names the thing and the rule, and the exit status of the contract.
class TestCommandLine : public QObject
{
    Q_OBJECT

private slots:
    void helpExistsEverywhere_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("etrms") << u"etrms"_s << QStringList{u"--help"_s};
        QTest::newRow("etrms-cli") << u"etrms-cli"_s << QStringList{u"--help"_s};
        for (const QString &command : {u"venue"_s, u"replay"_s, u"report"_s, u"db"_s, u"sign"_s})
            QTest::newRow(qPrintable(command)) << u"etrms-cli"_s << QStringList{command, u"--help"_s};
    }
    void helpExistsEverywhere()
    {
        QFETCH(QString, program);
        QFETCH(QStringList, arguments);
        const Run run = tests::run(program, arguments);
        QVERIFY(run.finished);
        QCOMPARE(run.status, 0);
        QVERIFY(run.out.contains("Usage: " + program.toUtf8()));
        QVERIFY(run.err.isEmpty());
    }

    void versionsAgree()
    {
        const Run desktop = tests::run(u"etrms"_s, {u"--version"_s});
        const Run cli = tests::run(u"etrms-cli"_s, {u"--version"_s});
        QCOMPARE(desktop.status, 0);
        QCOMPARE(desktop.out.trimmed().split(' ').last(), cli.out.trimmed().split(' ').last());
    }

    void wrongUsageNamesItself_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("named");
        const auto cli = [](const char *row, const QString &line, const char *named) {
            QTest::newRow(row) << u"etrms-cli"_s << line.split(u' ', Qt::SkipEmptyParts) << QByteArray(named);
        };
        const auto desktop = [](const char *row, const QString &line, const char *named) {
            QTest::newRow(row) << u"etrms"_s << line.split(u' ', Qt::SkipEmptyParts) << QByteArray(named);
        };
        cli("no command", u""_s, "command");
        cli("unknown command", u"fly"_s, "fly");
        cli("unknown option", u"replay --recording x --sideways"_s, "sideways");
        cli("replay of nothing", u"replay"_s, "--recording");
        cli("replay of both", u"replay --recording a --journal b"_s, "--recording");
        cli("symbol too long", u"replay --recording a --symbol "_s + QString(41, u'A'), "--symbol");
        cli("session is a word", u"replay --journal a --session last"_s, "--session");
        cli("report without file", u"report --trades"_s, "--out");
        cli("db without action", u"db x"_s, "db check FILE");
        cli("sign for nobody", u"sign"_s, "--venue");
        cli("sign for another venue", u"sign --venue mars"_s, "--venue");
        cli("key type of the other venue", u"sign --venue hyperliquid --key-type hmac"_s, "--key-type");
        cli("key type that is not supported", u"sign --venue binance --key-type rsa"_s, "--key-type");
        cli("sign without a key", u"sign --venue binance"_s, "ETRMS_SIGNING_KEY");
        cli("port out of range", u"venue --port 70000"_s, "--port");
        cli("unknown scenario", u"venue --scenario boom"_s, "scenario");
        cli("speed is not a number", u"venue --recording x --speed NaN"_s, "--speed");
        cli("loop without recording", u"venue --loop"_s, "--loop");
        desktop("argument without demo", u"calm"_s, "calm");
        desktop("unknown scenario of the demo", u"--demo boom"_s, "scenario");
        desktop("demo on testnet", u"--demo --testnet"_s, "--testnet");
        desktop("headless without demo", u"--headless"_s, "--demo");
        desktop("watch of no venue", u"--watch kraken"_s, "--watch");
        desktop("watch of one venue twice", u"--watch binance,binance-testnet"_s, "--watch");
        desktop("watch and demo", u"--demo --watch both"_s, "--watch");
        desktop("addresses without watch", u"--endpoints x.json"_s, "--endpoints");
        desktop("coins of a demo", u"--demo --coins BTC"_s, "--coins");
        desktop("no coins", u"--watch both --coins ,"_s, "--coins");
        desktop("paper of no venue", u"--paper kraken"_s, "--paper");
        desktop("paper of two venues", u"--paper both"_s, "--paper");
        desktop("paper without money", u"--paper --paper-balance 0"_s, "--paper-balance");
        desktop("balance without paper", u"--watch both --paper-balance 5"_s, "--paper-balance");
        desktop("paper and account", u"--paper --account main"_s, "--account");
        desktop("size too small", u"--demo --size 10x10"_s, "--size");
        desktop("after without picture", u"--demo --after 3"_s, "--after");
        desktop("negative seed", u"--demo --demo-seed -1"_s, "--demo-seed");
    }
    void wrongUsageNamesItself()
    {
        QFETCH(QString, program);
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, named);
        const Run run = tests::run(program, arguments);
        QVERIFY(run.finished);
        QCOMPARE(run.status, 2);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains(named), run.err.constData());
        QVERIFY(run.out.isEmpty());
    }

    void failuresNameTheThing_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("no such recording") << u"etrms-cli"_s << QStringList{u"replay"_s, u"--recording"_s, u"nowhere.gz"_s}
                                           << QByteArray("nowhere.gz");
        QTest::newRow("no such journal") << u"etrms-cli"_s << QStringList{u"replay"_s, u"--journal"_s, u"nowhere.sqlite"_s}
                                         << QByteArray("nowhere.sqlite");
        QTest::newRow("no such database") << u"etrms-cli"_s << QStringList{u"db"_s, u"check"_s, u"nowhere.sqlite"_s}
                                          << QByteArray("nowhere.sqlite");
        QTest::newRow("report of no database")
            << u"etrms-cli"_s
            << QStringList{u"report"_s, u"--trades"_s, u"--db"_s, u"nowhere.sqlite"_s, u"--out"_s, u"x.csv"_s}
            << QByteArray("nowhere.sqlite");
        QTest::newRow("no such limits") << u"etrms"_s << QStringList{u"--demo"_s, u"--config"_s, u"nowhere.toml"_s}
                                        << QByteArray("nowhere.toml");
        QTest::newRow("no such addresses") << u"etrms"_s
                                           << QStringList{u"--watch"_s, u"both"_s, u"--endpoints"_s, u"nowhere.json"_s}
                                           << QByteArray("nowhere.json");
        QTest::newRow("testnet without keys") << u"etrms"_s << QStringList{u"--testnet"_s, u"--screenshot"_s, u"x.png"_s}
                                              << QByteArray("ETRMS_BINANCE_KEY");
    }
    void failuresNameTheThing()
    {
        QFETCH(QString, program);
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, named);
        const QTemporaryDir folder;
        const Run run = tests::run(program, arguments, {{u"XDG_DATA_HOME"_s, folder.path()}});
        QVERIFY(run.finished);
        QCOMPARE(run.status, 1);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains(named), run.err.constData());
    }

    void limitsFileNamesEachBadField()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"limits.toml"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("schema = 1\nsurprise = 3\n");
        file.close();
        const Run run = tests::run(u"etrms"_s, {u"--demo"_s, u"--config"_s, path});
        QVERIFY(run.status == 1 || run.status == 2);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains("surprise"), run.err.constData());
    }

    void addressesOfOtherMachinesAreRefused()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"endpoints.json"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"binance\": {\"rest\": \"https://prices.example\"}}");
        file.close();
        const Run run = tests::run(u"etrms"_s, {u"--watch"_s, u"binance"_s, u"--endpoints"_s, path});
        QCOMPARE(run.status, 2);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains("binance.rest"), run.err.constData());
    }

    void takenPortIsNamed()
    {
        QTcpServer holder;
        QVERIFY(holder.listen(QHostAddress::LocalHost));
        const QString port = QString::number(holder.serverPort());
        for (const QString &option : {u"--port"_s, u"--ws-port"_s}) {
            const Run run = tests::run(u"etrms-cli"_s, {u"venue"_s, option, port});
            QCOMPARE(run.status, 1);
            QVERIFY2(tests::isOneLine(run.err), run.err.constData());
            QVERIFY2(run.err.contains(port.toUtf8()), run.err.constData());
        }
    }

    void unusableDataDirectoryIsNamed()
    {
        const QTemporaryDir folder;
        const QString blocker = folder.filePath(u"file"_s);
        QFile file(blocker);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        const QString inside = blocker + u"/data"_s; // a folder below a file cannot be made, whoever asks
        const Run run = tests::run(u"etrms"_s, {u"--demo"_s, u"--data-dir"_s, inside, u"--screenshot"_s,
                                                folder.filePath(u"x.png"_s), u"--after"_s, u"1"_s});
        QCOMPARE(run.status, 1);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains(inside.toUtf8()), run.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
