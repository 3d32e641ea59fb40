#include <csignal>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "core/risk/limits.h"
#include "core/runtime/venue_host.h"
#include "tests/e2e/guard_process.h"
#include "tests/e2e/phone.h"

using namespace Qt::StringLiterals;
using core::Side;
using core::secrets::AccountProfile;
using tests::GuardProcess;
using tests::Machine;

namespace
{
/// No loss of the day above 0.02 % of the account: two fees of an order are more.
QByteArray limits()
{
    core::risk::Limits limits = core::risk::defaultLimits();
    core::risk::Breaker day;
    day.kind = core::risk::BreakerKind::DayLoss;
    day.scope = core::risk::Scope::Account;
    day.tiers = {{.id = "halt",
                  .trigger = core::Ratio::fromRaw(20'000),
                  .rearm = core::Ratio::fromRaw(10'000),
                  .action = core::risk::TierAction::Flatten}};
    day.tiers.front().coolingOff = std::chrono::hours{2};
    limits.breakers = {day};
    limits.backstop.enabled = false;
    return QByteArray::fromStdString(core::risk::toToml(limits));
}
} // namespace

/// A user deletes the data of the program after a bad day: the venue remembers, and so does the guard.
class TestLostDatabase : public QObject
{
    Q_OBJECT

private slots:
    void theLockoutOfTheDayComesBackFromTheVenue_data()
    {
        QTest::addColumn<bool>("hyperliquid");
        QTest::newRow("binance") << false;
        QTest::newRow("hyperliquid") << true;
    }
    void theLockoutOfTheDayComesBackFromTheVenue()
    {
        QFETCH(bool, hyperliquid);
        start(hyperliquid);
        tests::Phone phone(m_profile, m_apiKey, m_phoneSecret, m_addresses, *core::Symbol::from(hyperliquid ? "BTC" : "BTCUSDT"));
        QVERIFY(phone.isReady());
        const QString file = m_machine->folder.filePath(u"limits.toml"_s);
        m_machine->write(file, limits());
        const QStringList armed{u"--arming"_s, u"armed"_s, u"--limits"_s, file};
        {
            GuardProcess guard(*m_machine, armed);
            QVERIFY2(guard.says("history-known"), guard.out);
            for (int trade = 0; trade < 60 && !guard.says("lockout: ", 1); ++trade) {
                QVERIFY(phone.market(Side::Buy, "0.02"));
                phone.close(Side::Sell, "0.02"); // unless the guard has done it
                QVERIFY(phone.holds("0"));
            }
            QVERIFY2(guard.says("(day-loss)"), guard.out);
            guard.signal(SIGKILL);
            QVERIFY(guard.ends());
        }
        const QDir data(m_machine->data());
        int removed = 0;
        for (const QString &name : data.entryList({u"etrms.sqlite*"_s}, QDir::Files))
            removed += QFile::remove(data.filePath(name)) ? 1 : 0;
        QVERIFY(removed > 0);

        GuardProcess guard(*m_machine, armed);
        QVERIFY2(guard.says("lockout: "), guard.out);
        QVERIFY2(guard.out.contains("no new risk until") && guard.out.contains("(day-loss)"), guard.out);
        QVERIFY2(guard.out.contains("history-known") && !guard.out.contains(": 0 round trips"), guard.out);
        // An entry from elsewhere is taken back, a position from elsewhere is closed: nothing blocks a close.
        const auto far = core::Price::fromRaw(phone.mark().raw() / 100'000'000 * 97 / 100 * 100'000'000);
        QVERIFY(phone.limit(Side::Buy, "0.01", far));
        QVERIFY2(guard.says("entry-taken-back"), guard.out);
        QVERIFY(phone.hasNoOrder());
        QVERIFY(phone.market(Side::Buy, "0.01"));
        QVERIFY2(guard.says("close-verified"), guard.out);
        QVERIFY(phone.holds("0"));
    }

private:
    void start(bool hyperliquid)
    {
        m_profile = {};
        m_profile.label = "main";
        QJsonObject addresses;
        if (hyperliquid) {
            auto options = core::venue::hyperliquid::typicalOptions(7, 1);
            options.weightPerMinute *= 10; // guard and phone share one address here
            // The phone signs with an agent of its own: two programs on one would take each other's nonces.
            const auto other = core::venue::hyperliquid::testAccounts(8, 1).front();
            options.accounts.front().agents.push_back({other.agentAddress, "phone", std::nullopt});
            m_phoneSecret = other.agentKey;
            auto host = core::runtime::HyperliquidHost::start(std::move(options), m_clock);
            QVERIFY2(host.has_value(), host ? "" : host.error().detail.c_str());
            m_hyperliquid = std::move(*host);
            const auto agent = core::venue::hyperliquid::testAccounts(7, 1).front();
            m_profile.venue = core::Venue::Hyperliquid;
            m_profile.keyType = core::secrets::KeyType::Agent;
            m_profile.address = agent.accountAddress;
            m_apiKey.clear();
            m_secret = agent.agentKey;
            addresses[u"hyperliquid"_s] =
                tests::place(m_hyperliquid->endpoints().restUrl, u"webSocket"_s, m_hyperliquid->endpoints().webSocketUrl);
        } else {
            core::runtime::DemoVenue demo = core::runtime::demoVenue(core::venue::ScenarioOptions::Kind::Calm, 7);
            demo.options.accounts.front().positions.clear();
            auto host = core::runtime::VenueHost::start(demo.options, m_clock);
            QVERIFY2(host.has_value(), host ? "" : host.error().detail.c_str());
            m_binance = std::move(*host);
            m_apiKey = demo.apiKey;
            m_secret = m_phoneSecret = demo.apiSecret;
            addresses[u"binance"_s] = tests::place(m_binance->endpoints().restUrl, u"streams"_s, m_binance->endpoints().webSocketUrl);
        }
        m_addresses = QJsonDocument(addresses).toJson();
        m_machine = std::make_unique<Machine>(addresses);
        QVERIFY(m_machine->keep(m_profile, m_apiKey, m_secret));
    }

    core::net::SystemClock m_clock;
    AccountProfile m_profile;
    std::string m_apiKey;
    std::string m_secret;
    std::string m_phoneSecret;
    QByteArray m_addresses;
    std::unique_ptr<core::runtime::VenueHost> m_binance;
    std::unique_ptr<core::runtime::HyperliquidHost> m_hyperliquid;
    std::unique_ptr<Machine> m_machine;
};

QTEST_GUILESS_MAIN(TestLostDatabase)
#include "tst_lost_database.moc"
