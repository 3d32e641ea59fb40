#include <functional>
#include <memory>

#include <QtCore/QFile>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtTest/QTest>

#include "core/net/system_clock.h"
#include "core/runtime/venue_host.h"
#include "core/venue/hyperliquid/server.h"
#include "tests/e2e/machine.h"
#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;
using core::secrets::AccountProfile;
using tests::kPassphrase;
using tests::Machine;
using tests::place;

namespace
{
struct Watch {
    bool finished{false};
    int status{-1};
    QByteArray out;     ///< stdout, then stderr
    QByteArray visible; ///< what the system shows of the process while it runs
};

/// A paper run or a run with an account, as a person starts it. The venues may live on this thread, so the program is waited for
/// with a turning event loop. `midway` is called once when the program has said something.
[[nodiscard]] Watch run(const Machine &machine, QStringList arguments, int seconds, const QByteArray &passphrase = {},
                        const std::function<void()> &midway = {})
{
    arguments << u"--endpoints"_s << machine.endpoints() << u"--data-dir"_s << machine.data() << u"--coins"_s
              << u"BTC"_s << u"--headless"_s << u"--out"_s << machine.folder.filePath(u"out"_s) << u"--after"_s
              << QString::number(seconds);
    QProcess process;
    QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
    if (!passphrase.isEmpty())
        variables.insert(u"ETRMS_PASSPHRASE"_s, QString::fromLatin1(passphrase));
    process.setProcessEnvironment(variables);
    process.start(tests::program(u"etrms"_s), arguments);
    Watch watch;
    bool said = false;
    watch.finished = QTest::qWaitFor(
        [&] {
            watch.out += process.readAllStandardOutput();
            if (!said && watch.out.contains("book ")) {
                said = true;
                for (const char *file : {"cmdline", "environ"})
                    watch.visible += Machine::bytesOf(u"/proc/%1/%2"_s.arg(process.processId()).arg(QLatin1String(file)));
                if (midway)
                    midway();
            }
            return process.state() == QProcess::NotRunning;
        },
        90'000);
    if (!watch.finished) {
        process.kill();
        process.waitForFinished();
    }
    watch.status = process.exitCode();
    watch.out += process.readAllStandardOutput() + process.readAllStandardError();
    return watch;
}

AccountProfile binance()
{
    AccountProfile profile;
    profile.label = "main";
    return profile;
}
} // namespace

/// The built desktop with a practice account and with accounts whose keys are stored; and what it gives away of them.
class TestAccounts : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_demo = core::runtime::demoVenue(core::venue::ScenarioOptions::Kind::Calm, 7);
        core::runtime::enlarge(m_demo, 1, 4);
        auto host = core::runtime::VenueHost::start(m_demo.options, m_clock);
        QVERIFY2(host.has_value(), host ? "" : host.error().detail.c_str());
        m_binance = std::move(*host);
        m_hyperliquid = std::make_unique<core::venue::hyperliquid::HyperliquidServer>(
            core::venue::hyperliquid::typicalOptions(7, 1), m_clock);
        auto served = m_hyperliquid->start();
        QVERIFY2(served.has_value(), served ? "" : served.error().detail.c_str());
        m_addresses = {{u"binance"_s, place(m_binance->endpoints().restUrl, u"streams"_s, m_binance->endpoints().webSocketUrl)},
                       {u"hyperliquid"_s, place(served->restUrl, u"webSocket"_s, served->webSocketUrl)}};
    }

    void aPaperAccountRunsOnTheMarketAndIsKept_data()
    {
        QTest::addColumn<QString>("venue");
        QTest::addColumn<QByteArray>("market");
        QTest::newRow("binance") << u"binance"_s << QByteArray("binance:BTCUSDT");
        QTest::newRow("hyperliquid") << u"hyperliquid"_s << QByteArray("hyperliquid:BTC");
    }
    void aPaperAccountRunsOnTheMarketAndIsKept()
    {
        QFETCH(QString, venue);
        QFETCH(QByteArray, market);
        const Machine machine(m_addresses);
        const Watch watch = run(machine, {u"--paper"_s, venue, u"--paper-balance"_s, u"2500"_s}, 7);
        QVERIFY2(watch.finished && watch.status == 0, watch.out);
        QVERIFY2(watch.out.contains("book     " + market + " live"), watch.out);
        QVERIFY2(watch.out.contains("PAPER"), watch.out);
        const QString file = machine.data() + u"/paper-%1.json"_s.arg(venue);
        QVERIFY(Machine::bytesOf(file).contains("\"wallet\": \"2500\""));
        const Watch again = run(machine, {u"--paper"_s, venue, u"--paper-balance"_s, u"9"_s}, 5);
        QVERIFY2(again.status == 0, again.out);
        QVERIFY(Machine::bytesOf(file).contains("\"wallet\": \"2500\"")); // the account goes on
    }

    void aDamagedPaperAccountIsSetAsideByName()
    {
        const Machine machine(m_addresses);
        machine.write(machine.data() + u"/paper-binance.json"_s, "{\"version\": 1, \"account\": {");
        const Watch watch = run(machine, {u"--paper"_s}, 3);
        QVERIFY(watch.finished && watch.status != 0);
        QVERIFY2(watch.out.contains("paper-binance.json") && watch.out.contains("damaged"), watch.out);
        QVERIFY(!QFile::exists(machine.data() + u"/paper-binance.json"_s));
        const Watch fresh = run(machine, {u"--paper"_s}, 6);
        QVERIFY2(fresh.status == 0, fresh.out);
    }

    void theDoctorSaysWhatAKeyMayDo_data()
    {
        QTest::addColumn<qsizetype>("account");
        QTest::addColumn<bool>("passphraseGiven");
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("a good key") << qsizetype{0} << true << QByteArray("the key works: reads yes, trades yes, withdraws no");
        QTest::newRow("a key that may withdraw") << qsizetype{3} << true << QByteArray("may withdraw money");
        QTest::newRow("locked") << qsizetype{0} << false << QByteArray("which is locked");
    }
    void theDoctorSaysWhatAKeyMayDo()
    {
        QFETCH(qsizetype, account);
        QFETCH(bool, passphraseGiven);
        QFETCH(QByteArray, said);
        const auto &key = m_demo.options.accounts[static_cast<std::size_t>(account)];
        m_addresses.remove(u"hyperliquid"_s);
        m_addresses.insert(u"hyperliquid"_s, place("http://127.0.0.1:1", u"webSocket"_s, "ws://127.0.0.1:1/ws"));
        const Machine machine(m_addresses);
        QVERIFY(machine.keep({.label = "main", .address = {}, .vaultAddress = {}}, key.apiKey, key.apiSecret));
        const tests::Run run = tests::run(
            u"etrms-cli"_s,
            {u"doctor"_s, u"--data-dir"_s, machine.data(), u"--addresses"_s, machine.endpoints()},
            {{u"ETRMS_PASSPHRASE"_s, passphraseGiven ? QString::fromLatin1(kPassphrase) : QString()}});
        QVERIFY2(run.out.contains("account main"), run.out + run.err);
        QVERIFY2(run.out.contains(said), run.out);
        for (const QByteArray &secret : {QByteArray::fromStdString(key.apiKey), QByteArray::fromStdString(key.apiSecret), kPassphrase})
            QVERIFY(!run.out.contains(secret) && !run.err.contains(secret));
    }

    void anAccountIsOpenedAndGivesNothingAway_data()
    {
        QTest::addColumn<bool>("hyperliquid");
        QTest::addColumn<bool>("venueGoes");
        QTest::newRow("Binance") << false << false;
        QTest::newRow("Binance, the venue goes away") << false << true;
        QTest::newRow("Hyperliquid, its sockets are cut") << true << true;
    }
    void anAccountIsOpenedAndGivesNothingAway()
    {
        QFETCH(bool, hyperliquid);
        QFETCH(bool, venueGoes);
        const Machine machine(m_addresses);
        const auto agent = core::venue::hyperliquid::testAccounts(7, 1).front();
        AccountProfile profile = binance();
        if (hyperliquid) {
            profile.venue = core::Venue::Hyperliquid;
            profile.keyType = core::secrets::KeyType::Agent;
            profile.address = agent.accountAddress;
        }
        const std::string apiKey = hyperliquid ? std::string() : m_demo.apiKey;
        const std::string secret = hyperliquid ? agent.agentKey : m_demo.apiSecret;
        QVERIFY(machine.keep(profile, apiKey, secret));
        const Watch watch = run(machine, {u"--account"_s, u"main"_s}, 9, kPassphrase, [&] {
            if (venueGoes && hyperliquid)
                m_hyperliquid->dropSockets();
            else if (venueGoes)
                m_binance.reset();
        });
        QVERIFY(watch.finished);
        QVERIFY2(watch.out.contains(" live"), watch.out);
        QVERIFY2(watch.status == 0, watch.out);
        QVERIFY(!watch.visible.isEmpty());
        const auto report = tests::run(u"etrms-cli"_s, {u"report"_s, u"--trades"_s, u"--db"_s, machine.data() + u"/etrms.sqlite"_s,
                                                        u"--out"_s, machine.folder.filePath(u"report.csv"_s)});
        QVERIFY2(report.status == 0, report.err);
        nothingOf({apiKey, secret, kPassphrase.toStdString()}, machine, watch);
    }

    void whatMayNotBeUsedStopsTheStartWithASentence_data()
    {
        QTest::addColumn<int>("account");
        QTest::addColumn<QByteArray>("secret");
        QTest::addColumn<QByteArray>("passphrase");
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("part");
        const QStringList usual{u"--account"_s, u"main"_s};
        QTest::newRow("a key that may withdraw") << 3 << QByteArray() << kPassphrase << usual << QByteArray("may withdraw");
        QTest::newRow("a wrong secret") << 0 << QByteArray("CanaryOfAWrongSecret") << kPassphrase << usual
                                        << QByteArray("--account main");
        QTest::newRow("a wrong passphrase") << 0 << QByteArray() << QByteArray("CanaryOfAWrongPassphrase") << usual
                                            << QByteArray("--account main");
        QTest::newRow("no such account") << 0 << QByteArray() << kPassphrase << QStringList{u"--account"_s, u"other"_s}
                                         << QByteArray("no account of this name");
        QTest::newRow("not a testnet account") << 0 << QByteArray() << kPassphrase << (usual + QStringList{u"--testnet"_s})
                                               << QByteArray("leave --testnet away");
    }
    void whatMayNotBeUsedStopsTheStartWithASentence()
    {
        QFETCH(int, account);
        QFETCH(QByteArray, secret);
        QFETCH(QByteArray, passphrase);
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, part);
        const Machine machine(m_addresses);
        const auto &given = m_demo.options.accounts[static_cast<std::size_t>(account)];
        const std::string kept = secret.isEmpty() ? given.apiSecret : secret.toStdString();
        QVERIFY(machine.keep(binance(), given.apiKey, kept));
        const Watch watch = run(machine, arguments, 5, passphrase);
        QVERIFY(watch.finished);
        QVERIFY(watch.status != 0);
        QVERIFY2(watch.out.contains(part), watch.out);
        nothingOf({given.apiKey, kept, passphrase.toStdString()}, machine, watch);
    }

    void aVenueThatDoesNotAnswerStopsTheStart()
    {
        QTcpServer dead;
        QVERIFY(dead.listen(QHostAddress::LocalHost));
        const std::string port = std::to_string(dead.serverPort());
        dead.close();
        m_addresses = {{u"binance"_s, place("http://127.0.0.1:" + port, u"streams"_s, "ws://127.0.0.1:" + port)}};
        const Machine machine(m_addresses);
        QVERIFY(machine.keep(binance(), m_demo.apiKey, m_demo.apiSecret));
        const Watch watch = run(machine, {u"--account"_s, u"main"_s}, 5, kPassphrase);
        QVERIFY(watch.finished && watch.status != 0);
        QVERIFY2(watch.out.contains("--account main"), watch.out);
        nothingOf({m_demo.apiKey, m_demo.apiSecret, kPassphrase.toStdString()}, machine, watch);
    }

private:
    /// Not on the screen, in no file (log, journal, database with its -wal, reports), not in what the system shows.
    static void nothingOf(const std::vector<std::string> &secrets, const Machine &machine, const Watch &watch)
    {
        for (const std::string &secret : secrets) {
            if (secret.empty())
                continue;
            const QByteArray bytes = QByteArray::fromStdString(secret);
            for (const QByteArray &form : {bytes, bytes.toHex(), bytes.toBase64().left(bytes.size())}) {
                QVERIFY(!watch.out.contains(form));
                QVERIFY(!watch.visible.contains(form));
                QVERIFY2(machine.holding(form).isEmpty(), qPrintable(machine.holding(form).join(u' ')));
            }
        }
    }

    core::net::SystemClock m_clock;
    core::runtime::DemoVenue m_demo;
    std::unique_ptr<core::runtime::VenueHost> m_binance;
    std::unique_ptr<core::venue::hyperliquid::HyperliquidServer> m_hyperliquid;
    QJsonObject m_addresses;
};

QTEST_GUILESS_MAIN(TestAccounts)
#include "tst_accounts.moc"
