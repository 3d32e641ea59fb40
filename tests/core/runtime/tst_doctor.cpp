#include "core/runtime/doctor.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include "core/net/system_clock.h"
#include "core/runtime/venue_host.h"

using namespace core;
using namespace core::runtime;
using namespace Qt::StringLiterals;

namespace
{
/// Nobody listens on these.
VenueAddresses deadAddresses()
{
    return withLoopback(addressesOf(secrets::Environment::Production),
                        "{\"binance\":{\"rest\":\"http://127.0.0.1:1\",\"streams\":\"ws://127.0.0.1:1\",\"webSocketApi\":\"ws://127.0.0.1:1\"},"
                        "\"hyperliquid\":{\"rest\":\"http://127.0.0.1:1\",\"webSocket\":\"ws://127.0.0.1:1/ws\"}}")
        .value();
}

std::map<std::string, Finding> examine(DoctorOptions options)
{
    const net::SystemClock clock;
    Doctor doctor(std::move(options), clock);
    std::optional<std::vector<Finding>> findings;
    doctor.run([&](std::vector<Finding> all) { findings = std::move(all); });
    std::map<std::string, Finding> byCheck;
    if (!QTest::qWaitFor([&] { return findings.has_value(); }, 20'000))
        return byCheck;
    for (const Finding &finding : *findings)
        byCheck.emplace(finding.check, finding);
    return byCheck;
}
} // namespace

class TestDoctor : public QObject
{
    Q_OBJECT

private slots:
    void findsAVenueThatIsThereAndOneThatIsNot()
    {
        const net::SystemClock clock;
        const auto host = VenueHost::start(demoVenue(venue::ScenarioOptions::Kind::Calm, 1).options, clock);
        QVERIFY(host.has_value());
        VenueAddresses addresses = deadAddresses();
        addresses.binance.rest = (*host)->endpoints().restUrl;
        addresses.binance.streamsMarket = (*host)->endpoints().webSocketUrl;
        const QTemporaryDir dir;
        const auto findings = examine({.dataDir = dir.path(), .addresses = addresses});
        QVERIFY(findings.at("binance-rest").level == Finding::Level::Ok);
        QVERIFY(findings.at("binance-streams").level == Finding::Level::Ok);
        QVERIFY(findings.at("clock").level == Finding::Level::Ok);
        QVERIFY(findings.at("hyperliquid-rest").level == Finding::Level::Failed);
        QVERIFY(!findings.at("hyperliquid-rest").advice.empty());
        QVERIFY(findings.at("hyperliquid-streams").level == Finding::Level::Failed);
        QVERIFY(findings.at("data-directory").level == Finding::Level::Ok);
    }

    void offlineNothingIsSent()
    {
        const QTemporaryDir dir;
        const auto findings = examine({.dataDir = dir.path(), .addresses = deadAddresses(), .network = false});
        QVERIFY(findings.contains("disk"));
        QVERIFY(findings.contains("key-store"));
        for (const char *check : {"binance-rest", "binance-streams", "hyperliquid-rest", "clock"})
            QVERIFY2(!findings.contains(check), check);
    }

    void aDataDirectoryThatCannotBeMadeIsNamed()
    {
        const QTemporaryDir dir;
        QFile file(dir.filePath(u"taken"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto findings = examine({.dataDir = dir.filePath(u"taken/data"_s), .addresses = deadAddresses(), .network = false});
        QVERIFY(findings.at("data-directory").level == Finding::Level::Failed);
        QVERIFY(findings.at("data-directory").text.find("taken/data") != std::string::npos);
        QVERIFY(!findings.contains("disk"));
    }

    void aKeyFileThatOthersMayReadIsAFailure()
    {
        const QTemporaryDir dir;
        QFile file(dir.filePath(u"keys.sealed"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadOther));
        const auto findings = examine({.dataDir = dir.path(), .addresses = deadAddresses(), .network = false});
        QVERIFY(findings.at("key-store").level == Finding::Level::Failed);
        QVERIFY(findings.at("key-store").advice.find("chmod 600") != std::string::npos);
    }

    void aDamagedDatabaseIsAFailure()
    {
        const QTemporaryDir dir;
        QFile file(dir.filePath(u"etrms.sqlite"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(5000, 'x'));
        file.close();
        const auto findings = examine({.dataDir = dir.path(), .addresses = deadAddresses(), .network = false});
        QVERIFY(findings.at("database").level == Finding::Level::Failed);
    }

    void aKeyOfTheLoopbackIsAskedAboutNowhereElse()
    {
        const auto taken = withLoopback(addressesOf(secrets::Environment::Production),
                                        "{\"binance\":{\"rest\":\"http://127.0.0.1:1\",\"streams\":\"ws://127.0.0.1:1\"}}");
        QVERIFY(taken);
        QCOMPARE(taken->binance.spotApi, std::string("http://127.0.0.1:1"));
    }

    void addressesOfOtherMachinesAreNotTakenFromAFile_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("another machine") << QByteArray("{\"binance\":{\"rest\":\"https://example.com\",\"streams\":\"ws://127.0.0.1:1\",\"webSocketApi\":\"ws://127.0.0.1:1\"}}")
                                         << QByteArray("addresses.binance.rest");
        QTest::newRow("a member that is not there") << QByteArray("{\"binance\":{}}") << QByteArray("addresses.binance.rest: missing");
        QTest::newRow("no object") << QByteArray("{\"hyperliquid\":1}") << QByteArray("addresses.hyperliquid: an object");
        QTest::newRow("unknown venue") << QByteArray("{\"kraken\":{}}") << QByteArray("addresses.kraken");
        QTest::newRow("unknown member") << QByteArray("{\"hyperliquid\":{\"rest\":\"http://127.0.0.1:1\",\"webSocket\":\"ws://127.0.0.1:1\",\"ws\":\"ws://127.0.0.1:1\"}}")
                                        << QByteArray("addresses.hyperliquid.ws");
        QTest::newRow("no JSON") << QByteArray("rest=1") << QByteArray("not a JSON object");
    }
    void addressesOfOtherMachinesAreNotTakenFromAFile()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, named);
        const auto taken = withLoopback(addressesOf(secrets::Environment::Production), json);
        QVERIFY(!taken);
        QVERIFY2(taken.error().detail.find(named.toStdString()) != std::string::npos, taken.error().detail.c_str());
    }
};

QTEST_GUILESS_MAIN(TestDoctor)
#include "tst_doctor.moc"
