#include <csignal>

#include <QtCore/QProcess>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/base/clock.h"
#include "core/storage/repositories.h"
#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using tests::Run;

/// SIGKILL at a random instant of the demo: the file opens, checks, replays, and holds everything that was reported.
class TestKill : public QObject
{
    Q_OBJECT

private slots:
    void killedDemoLosesNothingItReported()
    {
        const quint32 seed = QRandomGenerator::system()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        constexpr int kKills = 6;
        // Side by side: each waits most of its time for its market, and the crash comes at 20 to 28 seconds.
        struct Victim {
            QTemporaryDir folder;
            QProcess process;
            int killAfterMs{0};
        };
        std::vector<std::unique_ptr<Victim>> victims;
        QElapsedTimer clock;
        clock.start();
        for (int i = 0; i < kKills; ++i) {
            auto victim = std::make_unique<Victim>();
            victim->killAfterMs = i < 2 ? random.bounded(200, 8'000) : random.bounded(20'000, 29'000);
            victim->process.start(tests::program(u"etrms"_s), {u"--demo"_s, u"--headless"_s, u"--after"_s, u"60"_s, u"--out"_s,
                                                               victim->folder.path()});
            QVERIFY(victim->process.waitForStarted());
            victims.push_back(std::move(victim));
        }
        std::sort(victims.begin(), victims.end(),
                  [](const auto &a, const auto &b) { return a->killAfterMs < b->killAfterMs; });
        for (const auto &victim : victims) {
            QTRY_VERIFY_WITH_TIMEOUT(clock.elapsed() >= victim->killAfterMs, 60'000);
            victim->process.kill();
            QVERIFY(victim->process.waitForFinished());
            checkRemains(victim->folder.path(), victim->process.readAllStandardOutput());
            if (QTest::currentTestFailed())
                return;
        }
    }

private:
    void checkRemains(const QString &folder, const QByteArray &out)
    {
        const QString path = folder + u"/etrms.sqlite"_s;
        if (!QFile::exists(path)) {
            QVERIFY2(!out.contains("Z "), "something was reported before there was a database");
            return;
        }
        // The next start recovers what the write-ahead log holds; that is how a user meets the file again.
        core::ManualClock clock(core::utcFromMilliseconds(1'800'000'000'000));
        {
            const auto opened = core::storage::Database::open(path, core::storage::Access::ReadWrite, clock.now());
            QVERIFY2(opened.has_value(), opened ? "" : opened.error().detail.c_str());
            QVERIFY(opened->report().setAside.isEmpty());
        }
        const Run check = tests::run(u"etrms-cli"_s, {u"db"_s, u"check"_s, path});
        QVERIFY2(check.status == 0, check.err.constData());
        const auto database = core::storage::Database::open(path, core::storage::Access::ReadOnly, clock.now());
        const auto alerts = core::storage::recentAlerts(*database, 10'000);
        QVERIFY(alerts.has_value());
        for (const QByteArray &line : out.split('\n')) {
            // "<time> <severity> <code> <text>": only alerts have four words or more and a severity as the second one.
            const QList<QByteArray> words = line.simplified().split(' ');
            if (words.size() < 4 || (words[1] != "info" && words[1] != "warning" && words[1] != "critical"))
                continue;
            const bool stored = std::any_of(alerts->begin(), alerts->end(), [&](const core::storage::AlertRow &row) {
                return QByteArray::fromStdString(core::isoMilliseconds(row.at)) == words[0] &&
                       QByteArray::fromStdString(row.alert.code) == words[2] &&
                       line.endsWith(QByteArray::fromStdString(row.alert.text));
            });
            QVERIFY2(stored, ("reported, and not on disk: " + line).constData());
        }
        const Run replay = tests::run(u"etrms-cli"_s, {u"replay"_s, u"--journal"_s, path});
        QVERIFY2(replay.status == 0 || replay.err.contains("no inputs"), replay.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestKill)
#include "tst_kill.moc"
