#include "core/runtime/account_desk.h"

#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtTest/QtTest>

#include "core/net/system_clock.h"
#include "core/runtime/venue_host.h"
#include "core/venue/hyperliquid/server.h"

using namespace core;
using namespace core::runtime;
using namespace Qt::StringLiterals;
using secrets::AccountProfile;

namespace
{
const net::SystemClock kClock;

template <class T> using Answer = std::shared_ptr<std::optional<Result<T>>>;
template <class T> Answer<T> noAnswer()
{
    return std::make_shared<std::optional<Result<T>>>();
}
template <class T> auto into(Answer<T> answer)
{
    return [answer](Result<T> result) { *answer = std::move(result); };
}
template <class T> bool comes(const Answer<T> &answer)
{
    return QTest::qWaitFor([&] { return answer->has_value(); }, 25'000);
}
template <class T> std::string said(const Answer<T> &answer)
{
    if (!answer->has_value())
        return "no answer";
    return answer->value() ? "fine" : std::string(name(answer->value().error().code)) + ": " + answer->value().error().detail;
}

AccountKeys keys(std::string_view apiKey, std::string_view secret)
{
    return {net::Secret(apiKey), net::Secret(secret)};
}

/// A desk over the sealed file of a folder, opened.
struct Desk {
    Desk(const QString &folder, const VenueAddresses &addresses)
        : desk(folder, [addresses](secrets::Environment) { return addresses; }, kClock, false,
               {.logN = secrets::ScryptCost::kLogNMin})
    {
        const auto list = noAnswer<void>();
        desk.open(into(list));
        ready = comes(list) && list->value().has_value() && desk.unlock(net::Secret("correct horse battery")).has_value();
    }
    Answer<ports::KeyRights> add(const AccountProfile &profile, AccountKeys given)
    {
        const auto answer = noAnswer<ports::KeyRights>();
        desk.add(profile, std::move(given), into(answer));
        static_cast<void>(comes(answer));
        return answer;
    }
    /// The stored keys as "API-KEY/SECRET", or the error.
    std::string stored(const std::string &label)
    {
        const auto answer = noAnswer<AccountKeys>();
        desk.keysOf(label, into(answer));
        if (!comes(answer) || !answer->value())
            return said(answer);
        return std::string(answer->value()->apiKey.expose()) + '/' + std::string(answer->value()->secret.expose());
    }
    AccountDesk desk;
    bool ready{false};
};

/// Bytes of every file of the folder together.
QByteArray everything(const QString &folder)
{
    QByteArray all;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (file.open(QIODevice::ReadOnly))
            all += file.readAll();
    }
    return all;
}
} // namespace

class TestAccountDesk : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_demo = demoVenue(venue::ScenarioOptions::Kind::Calm, 3);
        enlarge(m_demo, 1, 4); // the third signs with Ed25519, the fourth may withdraw
        auto host = VenueHost::start(m_demo.options, kClock);
        QVERIFY2(host.has_value(), host ? "" : host.error().detail.c_str());
        m_host = std::move(*host);
        m_hyperliquid = std::make_unique<venue::hyperliquid::HyperliquidServer>(venue::hyperliquid::typicalOptions(7, 1), kClock);
        const auto served = m_hyperliquid->start();
        QVERIFY2(served.has_value(), served ? "" : served.error().detail.c_str());
        const QByteArray json = "{\"binance\":{\"rest\":\"" + QByteArray::fromStdString(m_host->endpoints().restUrl) +
                                "\",\"streams\":\"" + QByteArray::fromStdString(m_host->endpoints().webSocketUrl) +
                                "\"},\"hyperliquid\":{\"rest\":\"" + QByteArray::fromStdString(served->restUrl) +
                                "\",\"webSocket\":\"" + QByteArray::fromStdString(served->webSocketUrl) + "\"}}";
        const auto addresses = withLoopback(addressesOf(secrets::Environment::Production), json);
        QVERIFY2(addresses.has_value(), addresses ? "" : addresses.error().detail.c_str());
        m_addresses = *addresses;
    }

    void aKeyIsShownToOnePlaceOnly()
    {
        // an address of this computer replaces every address that gets a key
        QCOMPARE(m_addresses.binance.spotApi, m_addresses.binance.rest);
    }

    void aGoodKeyIsTriedStoredAndComesBackAfterARestart_data()
    {
        QTest::addColumn<int>("account");
        QTest::newRow("HMAC") << 0;
        QTest::newRow("Ed25519") << 2;
    }
    void aGoodKeyIsTriedStoredAndComesBackAfterARestart()
    {
        QFETCH(int, account);
        const auto &given = m_demo.options.accounts[static_cast<std::size_t>(account)];
        const QTemporaryDir folder;
        {
            Desk first(folder.path(), m_addresses);
            QVERIFY(first.ready);
            const auto rights = first.add(binance(given.ed25519), keys(given.apiKey, given.apiSecret));
            QVERIFY2(said(rights) == "fine", said(rights).c_str());
            QCOMPARE(rights->value()->trades, std::optional(true));
            QCOMPARE(rights->value()->withdraws, std::optional(false));
        }
        QVERIFY(!everything(folder.path()).contains(QByteArray::fromStdString(given.apiKey)));
        QVERIFY(!everything(folder.path()).contains(QByteArray::fromStdString(given.apiSecret)));
        Desk again(folder.path(), m_addresses);
        QVERIFY(again.ready);
        QCOMPARE(again.desk.accounts().size(), 1U);
        QCOMPARE(again.stored("main"), given.apiKey + '/' + given.apiSecret);
        const auto rights = noAnswer<ports::KeyRights>();
        again.desk.testStored("main", into(rights));
        QVERIFY(comes(rights));
        QVERIFY2(said(rights) == "fine", said(rights).c_str());
    }

    void aKeyThatMayWithdrawIsRefusedAndNotStored()
    {
        const auto &given = m_demo.options.accounts[3];
        QVERIFY(given.canWithdraw);
        const QTemporaryDir folder;
        Desk desk(folder.path(), m_addresses);
        const auto answer = desk.add(binance(), keys(given.apiKey, given.apiSecret));
        QVERIFY2(said(answer).find("may withdraw") != std::string::npos, said(answer).c_str());
        nothingIsStored(desk);
    }

    void aWrongSecretIsRefusedAndNotStored()
    {
        const auto &given = m_demo.options.accounts[0];
        const QTemporaryDir folder;
        Desk desk(folder.path(), m_addresses);
        const auto answer = desk.add(binance(), keys(given.apiKey, "CanaryOfAWrongSecret"));
        QVERIFY2(said(answer).starts_with("unauthorized"), said(answer).c_str());
        QVERIFY(said(answer).find("Canary") == std::string::npos);
        QVERIFY(said(answer).find(given.apiKey) == std::string::npos);
        nothingIsStored(desk);
    }

    void aDeadPortSaysThatNothingIsKnown()
    {
        QTcpServer dead;
        QVERIFY(dead.listen(QHostAddress::LocalHost));
        const QByteArray port = QByteArray::number(dead.serverPort());
        dead.close();
        const auto addresses = withLoopback(m_addresses, "{\"binance\":{\"rest\":\"http://127.0.0.1:" + port +
                                                             "\",\"streams\":\"ws://127.0.0.1:" + port + "\"}}");
        const QTemporaryDir folder;
        Desk desk(folder.path(), addresses.value());
        const auto answer = desk.add(binance(), keys(m_demo.apiKey, m_demo.apiSecret));
        QVERIFY2(said(answer).starts_with("timed-out") || said(answer).starts_with("unavailable"), said(answer).c_str());
        nothingIsStored(desk);
    }

    void anAgentOfHyperliquidIsTriedAndStored()
    {
        const auto test = venue::hyperliquid::testAccounts(7, 1).front();
        const QTemporaryDir folder;
        {
            Desk desk(folder.path(), m_addresses);
            const auto answer = desk.add(hyperliquid(test.accountAddress), keys({}, test.agentKey));
            QVERIFY2(said(answer) == "fine", said(answer).c_str());
            QCOMPARE(answer->value()->signer, test.agentAddress);
        }
        Desk again(folder.path(), m_addresses);
        QCOMPARE(again.stored("agent"), '/' + test.agentKey);
    }

    void anAgentOfSomebodyElseIsRefused()
    {
        const auto test = venue::hyperliquid::testAccounts(7, 1).front();
        const QTemporaryDir folder;
        Desk desk(folder.path(), m_addresses);
        const auto answer = desk.add(hyperliquid(test.accountAddress), keys({}, "0x" + std::string(62, '1') + "23"));
        QVERIFY2(said(answer).find("no agent of the account") != std::string::npos, said(answer).c_str());
        QVERIFY(said(answer).find("11111111") == std::string::npos);
        nothingIsStored(desk);
    }

    void aLockedFileTakesAndGivesNothing()
    {
        const QTemporaryDir folder;
        {
            Desk desk(folder.path(), m_addresses);
            QCOMPARE(said(desk.add(binance(), keys(m_demo.apiKey, m_demo.apiSecret))), std::string("fine"));
        }
        AccountDesk locked(folder.path(), [this](secrets::Environment) { return m_addresses; }, kClock, false,
                           {.logN = secrets::ScryptCost::kLogNMin});
        const auto list = noAnswer<void>();
        locked.open(into(list));
        QVERIFY(comes(list));
        QCOMPARE(locked.keyPlace(), KeyPlace::LockedFile);
        QCOMPARE(locked.unlock(net::Secret("a wrong passphrase")).error().code, ErrorCode::Unauthorized);
        const auto answer = noAnswer<AccountKeys>();
        locked.keysOf("main", into(answer));
        QVERIFY(comes(answer));
        QVERIFY2(said(answer).starts_with("unauthorized"), said(answer).c_str());
    }

    void aRemovedAccountIsGone()
    {
        const QTemporaryDir folder;
        Desk desk(folder.path(), m_addresses);
        QCOMPARE(said(desk.add(binance(), keys(m_demo.apiKey, m_demo.apiSecret))), std::string("fine"));
        const auto twice = desk.add(binance(), keys(m_demo.apiKey, m_demo.apiSecret));
        QVERIFY2(said(twice).starts_with("invalid-argument: label"), said(twice).c_str());
        const auto removed = noAnswer<void>();
        desk.desk.remove("main", into(removed));
        QVERIFY(comes(removed));
        QCOMPARE(said(removed), std::string("fine"));
        QVERIFY(desk.desk.accounts().empty());
        QVERIFY(desk.stored("main").starts_with("not-found"));
    }

private:
    [[nodiscard]] static AccountProfile binance(bool ed25519 = false)
    {
        AccountProfile profile;
        profile.label = "main";
        profile.keyType = ed25519 ? secrets::KeyType::Ed25519 : secrets::KeyType::Hmac;
        return profile;
    }
    [[nodiscard]] static AccountProfile hyperliquid(const std::string &address)
    {
        AccountProfile profile;
        profile.label = "agent";
        profile.venue = Venue::Hyperliquid;
        profile.keyType = secrets::KeyType::Agent;
        profile.address = address;
        return profile;
    }
    static void nothingIsStored(Desk &desk)
    {
        QVERIFY(desk.desk.accounts().empty());
        for (const char *label : {"main", "agent"})
            QVERIFY(desk.stored(label).starts_with("not-found"));
    }

    DemoVenue m_demo;
    std::unique_ptr<VenueHost> m_host;
    std::unique_ptr<venue::hyperliquid::HyperliquidServer> m_hyperliquid;
    VenueAddresses m_addresses;
};

QTEST_GUILESS_MAIN(TestAccountDesk)
#include "tst_account_desk.moc"
