#include "core/runtime/lease.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/net/system_clock.h"

using namespace core;
using namespace core::runtime;
using namespace Qt::StringLiterals;

namespace
{
/// The machine's clock, moved by hand as far as the lease can see; thread-safe.
class ShiftedClock final : public Clock
{
public:
    [[nodiscard]] UtcTime now() const override { return m_real.now(); }
    [[nodiscard]] Duration monotonic() const override { return m_real.monotonic() + Duration{m_shift.load()}; }
    void shift(Duration by) { m_shift += by.count(); }

private:
    net::SystemClock m_real;
    std::atomic<std::int64_t> m_shift{0};
};
} // namespace

class TestLease : public QObject
{
    Q_OBJECT

private slots:
    void theSecondOneWatchesAndFollowsWhenTheFirstEnds()
    {
        QTemporaryDir folder;
        const net::SystemClock clock;
        Lease first(folder.path(), "etrms", clock, {});
        QVERIFY(first.start());
        QVERIFY(first.mayAct());
        std::atomic<int> changes{0};
        Lease second(folder.path(), "etrms-cli guard", clock, [&] { ++changes; });
        QVERIFY(second.start());
        QVERIFY(!second.mayAct());
        QVERIFY(!second.view().ours);
        QCOMPARE(second.view().holder->holder, std::string("etrms"));
        QCOMPARE(second.view().holder->process, std::int64_t{QCoreApplication::applicationPid()});
        first.stop();
        QVERIFY(!first.mayAct());
        QTRY_VERIFY(second.mayAct());
        QVERIFY(second.view().ours);
        QCOMPARE(second.view().holder->token, std::int64_t{2});
        QVERIFY(changes > 0);
    }

    void whoseProcessIsDeadIsFollowedAtOnce()
    {
        QTemporaryDir folder;
        QFile left(folder.filePath(u"lease-41.json"_s));
        QVERIFY(left.open(QIODevice::WriteOnly));
        // No process has the largest number there can be.
        left.write(R"({"token":41,"beat":7,"holder":"etrms","process":2147483646,"host":")" +
                   QSysInfo::machineHostName().toUtf8() + R"(","taken_at":"2026-01-01T00:00:00.000Z","released":false})");
        left.close();
        const net::SystemClock clock;
        Lease lease(folder.path(), "etrms", clock, {});
        QVERIFY(lease.start());
        QVERIFY(lease.mayAct());
        QCOMPARE(lease.view().holder->token, std::int64_t{42});
        QVERIFY(!QFile::exists(folder.filePath(u"lease-41.json"_s)));
    }

    void aDamagedFileIsNotAHolderForEver()
    {
        QTemporaryDir folder;
        QFile left(folder.filePath(u"lease-3.json"_s));
        QVERIFY(left.open(QIODevice::WriteOnly));
        left.write("{\"token\":");
        left.close();
        ShiftedClock clock;
        Lease lease(folder.path(), "etrms", clock, {});
        QVERIFY(lease.start());
        QVERIFY(!lease.mayAct());
        clock.shift(LeaseRule::kTakeAfter);
        QTRY_VERIFY(lease.view().ours);
        clock.shift(LeaseRule::kActWithin);
        QTRY_VERIFY(lease.mayAct());
    }

    void afterSleepItDoesNotActBeforeItHasLooked()
    {
        QTemporaryDir folder;
        ShiftedClock clock;
        Lease lease(folder.path(), "etrms", clock, {});
        QVERIFY(lease.start());
        QVERIFY(lease.mayAct());
        clock.shift(std::chrono::hours{1});
        // The thread renews when it comes to it; another holder's file makes that a loss.
        QFile other(folder.filePath(u"lease-2.json"_s));
        QVERIFY(other.open(QIODevice::WriteOnly));
        other.write(R"({"token":2,"beat":1,"holder":"other","process":0,"host":"elsewhere","released":false})");
        other.close();
        QTRY_VERIFY(!lease.view().ours);
        QVERIFY(!lease.mayAct());
        QCOMPARE(lease.view().holder->holder, std::string("other"));
    }

    void aFolderThatCannotBeWrittenIsAnError()
    {
        QTemporaryDir folder;
        QFile blocker(folder.filePath(u"file"_s));
        QVERIFY(blocker.open(QIODevice::WriteOnly));
        const net::SystemClock clock;
        Lease lease(folder.filePath(u"file/inside"_s), "etrms", clock, {});
        const auto started = lease.start();
        QVERIFY(!started);
        QVERIFY(started.error().detail.find("data directory") == 0);
    }

    void ofManyTakersOneWins()
    {
        QTemporaryDir folder;
        const net::SystemClock clock;
        std::vector<std::unique_ptr<Lease>> leases;
        for (int i = 0; i < 8; ++i)
            leases.push_back(std::make_unique<Lease>(folder.path(), "etrms", clock, nullptr));
        std::vector<std::thread> threads;
        std::atomic<int> failed{0};
        for (auto &lease : leases)
            threads.emplace_back([&lease, &failed] { failed += lease->start() ? 0 : 1; });
        for (auto &thread : threads)
            thread.join();
        QCOMPARE(failed.load(), 0);
        const auto acting = std::count_if(leases.begin(), leases.end(), [](const auto &lease) { return lease->mayAct(); });
        QCOMPARE(acting, 1);
    }
};

QTEST_GUILESS_MAIN(TestLease)
#include "tst_lease.moc"
