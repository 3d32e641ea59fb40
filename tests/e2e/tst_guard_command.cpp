#include <csignal>

#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonDocument>
#include <QtCore/QProcess>
#include <QtTest/QTest>

#include "core/net/system_clock.h"
#include "core/risk/limits.h"
#include "core/runtime/venue_host.h"
#include "tests/e2e/guard_process.h"
#include "tests/e2e/machine.h"
#include "tests/e2e/phone.h"
#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using core::secrets::AccountProfile;
using tests::GuardProcess;
using tests::Machine;

namespace
{
AccountProfile account()
{
    AccountProfile profile;
    profile.label = "main";
    return profile;
}
} // namespace

/// `etrms-cli guard` with the built program against the built-in exchange.
class TestGuardCommand : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_demo = core::runtime::demoVenue(core::venue::ScenarioOptions::Kind::Calm, 7);
        auto host = core::runtime::VenueHost::start(m_demo.options, m_clock);
        QVERIFY2(host.has_value(), host ? "" : host.error().detail.c_str());
        m_venue = std::move(*host);
        m_machine = std::make_unique<Machine>(QJsonObject{
            {u"binance"_s, tests::place(m_venue->endpoints().restUrl, u"streams"_s, m_venue->endpoints().webSocketUrl)}});
        QVERIFY(m_machine->keep(account(), m_demo.apiKey, m_demo.apiSecret));
    }

    void closesWhatBreachesAndEndsInOrder()
    {
        core::risk::Limits limits = core::risk::defaultLimits();
        for (core::risk::Breaker &breaker : limits.breakers) {
            if (breaker.kind != core::risk::BreakerKind::LossOnMargin)
                continue;
            breaker.tiers = {{.id = "close",
                              .trigger = core::Ratio::fromRaw(10'000), // 0.01 % of margin: any calm market does it
                              .rearm = core::Ratio::fromRaw(5'000),
                              .action = core::risk::TierAction::Close}};
        }
        const QString file = m_machine->folder.filePath(u"limits.toml"_s);
        m_machine->write(file, QByteArray::fromStdString(core::risk::toToml(limits)));
        GuardProcess guard(*m_machine, {u"--arming"_s, u"armed"_s, u"--limits"_s, file});
        QVERIFY2(guard.says("close-verified"), guard.out);
        QVERIFY2(guard.says(" 0 positions"), guard.out);
        QVERIFY2(guard.out.contains("acting"), guard.out);
        guard.signal(SIGTERM);
        QVERIFY2(guard.ends(), guard.out);
        QCOMPARE(guard.process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(guard.process.exitCode(), 0);
        const tests::Run check =
            tests::run(u"etrms-cli"_s, {u"db"_s, u"check"_s, m_machine->data() + u"/etrms.sqlite"_s});
        QVERIFY2(check.status == 0, check.out + check.err);
    }

    void aSecondOneWatchesAndFollowsAKilledOne()
    {
        GuardProcess first(*m_machine, {});
        QVERIFY2(first.says("acting · binance alert-only reconciled"), first.out);
        GuardProcess second(*m_machine, {});
        QVERIFY2(second.says("watching: etrms-cli guard (process " + QByteArray::number(first.process.processId())), second.out);
        QVERIFY2(!second.out.contains("acting"), second.out);
        QElapsedTimer since;
        since.start();
        first.signal(SIGKILL);
        QVERIFY2(second.says("acting · binance alert-only reconciled"), second.out);
        qInfo("guarding again %lld ms after the kill", static_cast<long long>(since.elapsed()));
    }

    void aFrozenOneIsFollowedAndKnowsItWhenItThaws()
    {
        GuardProcess first(*m_machine, {u"--arming"_s, u"armed"_s});
        QVERIFY2(first.says("acting · binance armed reconciled"), first.out);
        first.signal(SIGSTOP);
        GuardProcess second(*m_machine, {u"--arming"_s, u"armed"_s});
        QVERIFY2(second.says("acting · binance armed reconciled", 90), second.out);
        first.signal(SIGCONT);
        QVERIFY2(first.says("watching: etrms-cli guard (process " + QByteArray::number(second.process.processId())), first.out);
        second.signal(SIGTERM);
        QVERIFY2(second.ends(), second.out);
        first.out.clear();
        QVERIFY2(first.says("acting · binance armed reconciled"), first.out);
    }

    /// What it does to entry orders at its end is the user's choice; a stop always stays.
    void entriesGoOrStayAtItsEndAndStopsStay_data()
    {
        QTest::addColumn<QString>("policy");
        QTest::addColumn<bool>("entryStays");
        QTest::newRow("cancel-entries") << u"cancel-entries"_s << false;
        QTest::newRow("keep") << u"keep"_s << true;
    }
    void entriesGoOrStayAtItsEndAndStopsStay()
    {
        QFETCH(QString, policy);
        QFETCH(bool, entryStays);
        tests::Phone phone(account(), m_demo.apiKey, m_demo.apiSecret,
                           QByteArray(Machine::bytesOf(m_machine->endpoints())), m_demo.symbol);
        QVERIFY(phone.isReady());
        const auto far = core::Price::fromRaw(phone.mark().raw() / 1'000'000'000 * 970'000'000);
        QVERIFY(phone.limit(core::Side::Buy, "0.01", far));
        QVERIFY(phone.stop(core::Side::Sell, "0.5", core::Price::fromRaw(phone.mark().raw() / 1'000'000'000 * 900'000'000)));
        GuardProcess guard(*m_machine, {u"--on-exit"_s, policy});
        QVERIFY2(guard.says("1 positions, 2 orders"), guard.out);
        guard.signal(SIGTERM);
        QVERIFY2(guard.ends(), guard.out);
        QCOMPARE(guard.process.exitCode(), 0);
        QVERIFY(phone.rests(entryStays ? 2 : 1));
        QVERIFY(phone.hasStop());
    }

    void badInputIsNamed_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QByteArray>("says");
        const QStringList main{u"--account"_s, u"main"_s};
        QTest::newRow("no account") << QStringList{} << QByteArray("--account is missing");
        QTest::newRow("twice") << (main + main) << QByteArray("--account: each account once");
        QTest::newRow("arming is a word") << (main + QStringList{u"--arming"_s, u"off"_s}) << QByteArray("--arming: must be");
        QTest::newRow("exit policy") << (main + QStringList{u"--on-exit"_s, u"flatten"_s}) << QByteArray("--on-exit: must be");
        QTest::newRow("status never") << (main + QStringList{u"--status-every"_s, u"0"_s}) << QByteArray("--status-every: must be");
        QTest::newRow("unknown option") << (main + QStringList{u"--force"_s}) << QByteArray("force");
    }
    void badInputIsNamed()
    {
        QFETCH(QStringList, options);
        QFETCH(QByteArray, says);
        const tests::Run run = tests::run(u"etrms-cli"_s, QStringList{u"guard"_s} + options);
        QCOMPARE(run.status, 2);
        QVERIFY2(tests::isOneLine(run.err) && run.err.contains(says), run.err);
    }

private:
    core::net::SystemClock m_clock;
    core::runtime::DemoVenue m_demo;
    std::unique_ptr<core::runtime::VenueHost> m_venue;
    std::unique_ptr<Machine> m_machine;
};

QTEST_GUILESS_MAIN(TestGuardCommand)
#include "tst_guard_command.moc"
