#include <QtTest/QTest>

#include "core/net/origin.h"

using namespace core;

class TestOrigin : public QObject
{
    Q_OBJECT
private slots:
    void readsAddresses_data()
    {
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<bool>("secure");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<int>("port");
        QTest::newRow("https") << QByteArray("https://fapi.binance.com") << true << QByteArray("fapi.binance.com") << 443;
        QTest::newRow("wss with route") << QByteArray("wss://h.example:9443/public/stream?a=b") << true
                                        << QByteArray("h.example") << 9443;
        QTest::newRow("loopback") << QByteArray("http://127.0.0.1:8080") << false << QByteArray("127.0.0.1") << 8080;
        QTest::newRow("loopback by name") << QByteArray("ws://localhost:1") << false << QByteArray("localhost") << 1;
        QTest::newRow("loopback IPv6") << QByteArray("http://[::1]:8080/x") << false << QByteArray("::1") << 8080;
    }
    void readsAddresses()
    {
        QFETCH(QByteArray, address);
        const auto origin = net::parseOrigin(address.toStdString());
        QVERIFY2(origin.has_value(), origin ? "" : origin.error().detail.c_str());
        QTEST(origin->secure, "secure");
        QTEST(QByteArray::fromStdString(origin->host), "host");
        QTEST(static_cast<int>(origin->port), "port");
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("address");
        QTest::newRow("plain to the world") << QByteArray("http://fapi.binance.com");
        QTest::newRow("plain to a name that looks local") << QByteArray("ws://127.0.0.1.evil.example");
        QTest::newRow("user in it") << QByteArray("https://user:pass@host");
        QTest::newRow("no host") << QByteArray("https://:443");
        QTest::newRow("port 0") << QByteArray("https://h:0");
        QTest::newRow("port too large") << QByteArray("https://h:65536");
        QTest::newRow("port is text") << QByteArray("https://h:http");
        QTest::newRow("other scheme") << QByteArray("ftp://h");
        QTest::newRow("empty") << QByteArray();
    }
    void refuses()
    {
        QFETCH(QByteArray, address);
        const auto origin = net::parseOrigin(address.toStdString());
        QVERIFY(!origin);
        QCOMPARE(origin.error().code, ErrorCode::InvalidArgument);
    }

    void theMessageHoldsNoPath()
    {
        const auto origin = net::parseOrigin("ws://example.org/private/ws/KEYKEYKEY");
        QVERIFY(!origin);
        QVERIFY(origin.error().detail.find("KEYKEYKEY") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestOrigin)
#include "tst_origin.moc"
