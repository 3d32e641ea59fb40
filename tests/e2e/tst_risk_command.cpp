#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using tests::Run;

namespace
{
/// One data directory, and `etrms-cli risk` on its account "main".
struct Desk {
    QTemporaryDir folder;

    [[nodiscard]] Run risk(const QStringList &arguments) const
    {
        return tests::run(u"etrms-cli"_s, QStringList{u"risk"_s} + arguments +
                                              QStringList{u"--data-dir"_s, folder.path(), u"--account"_s, u"main"_s});
    }
    [[nodiscard]] QJsonObject json(const QStringList &arguments) const
    {
        return QJsonDocument::fromJson(risk(arguments + QStringList{u"--json"_s}).out).object();
    }
    [[nodiscard]] QString file(const QString &name, const QByteArray &content) const
    {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("the test's file cannot be written");
        return file.fileName();
    }
};

QString value(const QJsonObject &shown, const char *path)
{
    return shown.value("values"_L1)[QLatin1StringView(path)].toString();
}
} // namespace

/// `etrms-cli risk`: what holds, what waits, and every wrong word named.
class TestRiskCommand : public QObject
{
    Q_OBJECT

private slots:
    void aPresetThenATighterThenALooserValue()
    {
        const Desk desk;
        const Run first = desk.risk({u"set"_s, u"--preset"_s, u"standard"_s});
        QVERIFY2(first.status == 0, first.err.constData());
        QCOMPARE(value(desk.json({u"show"_s}), "sizing.risk_per_trade"), u"0.5 %"_s);

        const Run tighter = desk.risk({u"set"_s, u"sizing.risk_per_trade=0.3 %"_s});
        QVERIFY2(tighter.out.contains("sizing.risk_per_trade: 0.5 % -> 0.3 % (at once)"), tighter.out.constData());
        QCOMPARE(value(desk.json({u"show"_s}), "sizing.risk_per_trade"), u"0.3 %"_s);

        const Run looser = desk.risk({u"set"_s, u"sizing.risk_per_trade=1 %"_s, u"--reason"_s, u"a good month"_s});
        QVERIFY2(looser.out.contains("0.3 % -> 1 % (looser, from 2"), looser.out.constData());
        const QJsonObject shown = desk.json({u"show"_s});
        QCOMPARE(value(shown, "sizing.risk_per_trade"), u"0.3 %"_s);
        QCOMPARE(shown.value("pending"_L1)["reason"_L1].toString(), u"a good month"_s);
        QCOMPARE(shown.value("pending"_L1)["changes"_L1].toArray().size(), 1);

        QCOMPARE(desk.risk({u"set"_s}).status, 0); // asks for what holds: nothing waits any more
        QVERIFY(!desk.json({u"show"_s}).contains("pending"_L1));
        const QJsonArray versions = desk.json({u"history"_s}).value("versions"_L1).toArray();
        QCOMPARE(versions.size(), 4);
        QCOMPARE(versions[0]["by"_L1].toString(), u"preset standard"_s);
        QCOMPARE(versions[2]["by"_L1].toString(), u"user"_s);
        QCOMPARE(versions[3]["hash"_L1].toString().size(), 64);
    }

    void showSpeaksInSentences()
    {
        const Desk desk;
        QCOMPARE(desk.risk({u"set"_s, u"--preset"_s, u"standard"_s}).status, 0);
        const Run shown = desk.risk({u"show"_s});
        QCOMPARE(shown.status, 0);
        QVERIFY(shown.out.contains("When the loss of a position reaches 30 % of its margin, it is closed."));
        QVERIFY(shown.out.contains("gate.orders_per_second = 5\n"));
    }

    void whatIsExportedCanBeImported()
    {
        const Desk desk;
        QCOMPARE(desk.risk({u"set"_s, u"--preset"_s, u"prop-firm"_s}).status, 0);
        const Run text = desk.risk({u"export"_s});
        QVERIFY(text.out.startsWith("schema = 2\n"));
        const Desk other;
        const Run imported = other.risk({u"import"_s, other.file(u"limits.toml"_s, text.out)});
        QVERIFY2(imported.status == 0, imported.err.constData());
        QCOMPARE(other.risk({u"export"_s}).out, text.out);
    }

    void aDryRunStoresNothing()
    {
        const Desk desk;
        QCOMPARE(desk.risk({u"set"_s, u"--preset"_s, u"standard"_s}).status, 0);
        const Run dry = desk.risk({u"set"_s, u"gate.price_band=4 %"_s, u"--dry-run"_s});
        QVERIFY2(dry.out.contains("would change"), dry.out.constData());
        QCOMPARE(value(desk.json({u"show"_s}), "gate.price_band"), u"5 %"_s);
    }

    void badInputIsNamed_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const char *title, const QStringList &words, int status, const char *named) {
            QTest::newRow(title) << words << status << QByteArray(named);
        };
        row("no action", {}, 2, "expected: risk show, set, export, import or history");
        row("an action that is none", {u"loosen"_s}, 2, "expected: risk show, set");
        row("no such field", {u"set"_s, u"sizing.risk=1 %"_s}, 1, "sizing.risk: is not a known field");
        row("no value", {u"set"_s, u"sizing.risk_per_trade"_s}, 1, "must be FIELD=VALUE");
        row("no unit", {u"set"_s, u"sizing.risk_per_trade=1"_s}, 1, "sizing.risk_per_trade: must be a text with its unit");
        row("negative", {u"set"_s, u"sizing.risk_per_trade=-1 %"_s}, 1,
            "sizing.risk_per_trade: must be above 0 % and at most 5 %");
        row("1e308", {u"set"_s, u"sizing.risk_per_trade=1e308 %"_s}, 1, "sizing.risk_per_trade: must be");
        row("a level beyond its wall", {u"set"_s, u"breaker[0].tier[2].trigger=2000 %"_s}, 1,
            "breaker[0].tier[2].trigger: must be above 0 % and at most 1000 %");
        row("a preset that is none", {u"set"_s, u"--preset"_s, u"yolo"_s}, 2,
            "--preset: must be conservative, standard or prop-firm");
        row("a mode that is none", {u"show"_s, u"--mode"_s, u"real"_s}, 2, "--mode: must be demo, paper, testnet or live");
        row("an option of another action", {u"show"_s, u"--preset"_s, u"standard"_s}, 2,
            "--preset: does not belong to risk show");
        row("both owners", {u"show"_s, u"--all-accounts"_s}, 2, "name one of --account NAME and --all-accounts");
        row("a word too many", {u"show"_s, u"gate"_s}, 2, "unexpected argument gate");
        row("import of nothing", {u"import"_s}, 2, "expected: risk import FILE");
        row("import of a file that is not there", {u"import"_s, u"/nowhere/limits.toml"_s}, 1, "/nowhere/limits.toml: ");
        row("nothing on record", {u"history"_s}, 1, "etrms.sqlite: no such file");
    }
    void badInputIsNamed()
    {
        QFETCH(QStringList, words);
        QFETCH(int, status);
        QFETCH(QByteArray, named);
        const Desk desk;
        const Run run = desk.risk(words);
        QCOMPARE(run.status, status);
        QVERIFY2(run.err.contains(named) && tests::isOneLine(run.err), run.err.constData());
        QVERIFY(run.out.isEmpty());
        QVERIFY(!QFile::exists(desk.folder.filePath(u"etrms.sqlite"_s)));
    }

    void aWrongFileIsRefusedPerField()
    {
        const Desk desk;
        QCOMPARE(desk.risk({u"set"_s, u"--preset"_s, u"standard"_s}).status, 0);
        QByteArray text = desk.risk({u"export"_s}).out;
        text.replace("orders_per_second = 5", "orders_per_second = 500").replace("loosen_after = \"24 h\"\n", "");
        const Run run = desk.risk({u"import"_s, desk.file(u"limits.toml"_s, text)});
        QCOMPARE(run.status, 1);
        QVERIFY2(run.err.contains("limits.toml: loosen_after: is missing"), run.err.constData());
        QCOMPARE(desk.json({u"history"_s}).value("versions"_L1).toArray().size(), 1);
    }

    void aDamagedDatabaseIsLeftAlone()
    {
        const Desk desk;
        const QString database = desk.file(u"etrms.sqlite"_s, QByteArray(8192, 'x'));
        const Run run = desk.risk({u"set"_s, u"--preset"_s, u"standard"_s});
        QCOMPARE(run.status, 1);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QFile file(database);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray(8192, 'x'));
    }
};

QTEST_GUILESS_MAIN(TestRiskCommand)
#include "tst_risk_command.moc"
