#include <QtCore/QJsonDocument>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "core/net/system_clock.h"
#include "core/venue/engine.h"
#include "core/venue/server.h"

using namespace core;
using namespace core::venue;
using namespace Qt::StringLiterals;

namespace
{
struct Answer {
    int status{0};
    QByteArray body;
};
} // namespace

/// R21 for the control endpoint, and what it does.
class TestControl : public QObject
{
    Q_OBJECT

    net::SystemClock m_clock;
    std::unique_ptr<VenueServer> m_venue;
    Endpoints m_at;

    [[nodiscard]] QByteArray host() const { return QByteArray::fromStdString(m_at.controlUrl).mid(7); }

    [[nodiscard]] Answer send(const QByteArray &method, const QByteArray &path, const QByteArray &body,
                              const QByteArray &headers) const
    {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, host().split(':').last().toUShort());
        QByteArray all;
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] { all += socket.readAll(); });
        socket.write(method + " " + path + " HTTP/1.1\r\n" + headers + "Connection: close\r\nContent-Length: " +
                     QByteArray::number(body.size()) + "\r\n\r\n" + body);
        if (!QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::UnconnectedState && !all.isEmpty(); }))
            return {};
        return {all.mid(9, 3).toInt(), all.mid(all.indexOf("\r\n\r\n") + 4)};
    }
    [[nodiscard]] Answer ask(const QByteArray &method, const QByteArray &path, const QByteArray &body = {}) const
    {
        return send(method, path, body,
                    "Host: " + host() + "\r\nX-Etrms-Token: " + QByteArray::fromStdString(m_at.controlToken) + "\r\n");
    }

private slots:
    void init()
    {
        VenueOptions options;
        const Symbol symbol = Symbol::from("BTCUSDT").value();
        options.instruments = {typicalInstrument(symbol, Asset::from("BTC").value(), parsePrice("0.1").value(),
                                                 parseQuantity("0.001").value())};
        ScenarioOptions scenario;
        scenario.kind = ScenarioOptions::Kind::Calm;
        scenario.symbol = symbol;
        options.market = scenario;
        AccountOptions account;
        account.apiKey = "key";
        account.apiSecret = "secret";
        account.balance = parseMoney("10000").value();
        account.positions = {{symbol, Direction::Long, parseQuantity("0.5").value(), std::nullopt}};
        options.accounts = {account};
        options.control = true;
        m_venue = std::make_unique<VenueServer>(options, m_clock);
        const auto started = m_venue->start();
        QVERIFY(started.has_value());
        m_at = *started;
    }
    void cleanup() { m_venue.reset(); }

    void isOffUnlessAskedFor()
    {
        VenueOptions options;
        options.instruments = {typicalInstrument(Symbol::from("BTCUSDT").value(), Asset::from("BTC").value(),
                                                 parsePrice("0.1").value(), parseQuantity("0.001").value())};
        ScenarioOptions scenario;
        scenario.symbol = Symbol::from("BTCUSDT").value();
        options.market = scenario;
        VenueServer venue(options, m_clock);
        const auto started = venue.start();
        QVERIFY(started.has_value());
        QVERIFY(started->controlUrl.empty());
        QVERIFY(started->controlToken.empty());
    }

    void strangersAreRefused_data()
    {
        QTest::addColumn<QByteArray>("hostName");
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<bool>("token");
        QTest::addColumn<int>("status");
        QTest::newRow("no token") << QByteArray() << QByteArray() << false << 401;
        QTest::newRow("wrong token") << QByteArray() << QByteArray("X-Etrms-Token: 0000\r\n") << false << 401;
        QTest::newRow("name that points here") << QByteArray("evil.example:80") << QByteArray() << true << 403;
        QTest::newRow("no port") << QByteArray("127.0.0.1") << QByteArray() << true << 403;
        QTest::newRow("a page asks") << QByteArray() << QByteArray("Origin: http://127.0.0.1\r\n") << true << 403;
        QTest::newRow("right") << QByteArray() << QByteArray() << true << 200;
    }
    void strangersAreRefused()
    {
        QFETCH(QByteArray, hostName);
        QFETCH(QByteArray, more);
        QFETCH(bool, token);
        QFETCH(int, status);
        QByteArray headers = "Host: " + (hostName.isEmpty() ? host() : hostName) + "\r\n" + more;
        if (token)
            headers += "X-Etrms-Token: " + QByteArray::fromStdString(m_at.controlToken) + "\r\n";
        QCOMPARE(send("DELETE", "/faults", {}, headers).status, status);
        QCOMPARE(send("GET", "/state", {}, headers).status, status);
    }

    void gettingChangesNothing()
    {
        for (const char *path : {"/transfer", "/liquidate", "/deleverage", "/funding", "/delist", "/mark"})
            QCOMPARE(ask("GET", path, R"({"symbol":"BTCUSDT","amount":"1","price":"1"})").status, 405);
        QCOMPARE(ask("PUT", "/faults").status, 405);
        QCOMPARE(ask("POST", "/state").status, 405);
        QCOMPARE(ask("GET", "/").status, 404);
    }

    void faultsAreSetAndTakenBack()
    {
        QCOMPARE(ask("POST", "/faults", R"({"rules":[{"kind":"forbidden","channel":"rest"}]})").status, 200);
        QVERIFY(ask("GET", "/faults").body.contains("forbidden"));
        const Answer bad = ask("POST", "/faults", R"({"rules":[{"kind":"gremlin"}]})");
        QCOMPARE(bad.status, 400);
        QVERIFY(bad.body.contains("rules[0].kind"));
        QVERIFY(ask("GET", "/faults").body.contains("forbidden")); // the old plan stays
        QCOMPARE(ask("DELETE", "/faults").status, 200);
        QVERIFY(!ask("GET", "/faults").body.contains("forbidden"));
    }

    void theStateNamesWhatIsThere()
    {
        const QJsonObject state = QJsonDocument::fromJson(ask("GET", "/state").body).object();
        const QJsonObject account = state.value("accounts"_L1).toArray().at(0).toObject();
        QCOMPARE(account.value("positions"_L1).toArray().at(0).toObject().value("quantity"_L1).toString(), u"0.5"_s);
        QVERIFY(account.value("orders"_L1).isArray());
        QCOMPARE(state.value("books"_L1).toObject().value("BTCUSDT"_L1).toObject().value("sha256"_L1).toString().size(), 64);
        QVERIFY(state.value("counters"_L1).toObject().value("protective"_L1).isObject());
    }

    void theWorldOutsideActs()
    {
        QCOMPARE(ask("POST", "/transfer", R"({"account":0,"amount":"500"})").status, 200);
        QVERIFY(m_venue->engine().account(0).wallet() >= parseMoney("10499").value());
        QCOMPARE(ask("POST", "/funding", R"({"symbol":"BTCUSDT","amount":"0.01"})").status, 200);
        QVERIFY(m_venue->engine().account(0).wallet() < parseMoney("10499").value());
        QCOMPARE(ask("POST", "/deleverage", R"({"symbol":"BTCUSDT","amount":"0.2"})").status, 200);
        const Symbol symbol = Symbol::from("BTCUSDT").value();
        QCOMPARE(m_venue->engine().account(0).position(symbol).quantity, parseQuantity("0.3").value().raw());
        QCOMPARE(ask("POST", "/liquidate", R"({"account":0})").status, 200);
        QVERIFY(m_venue->engine().account(0).position(symbol).isFlat());
        QCOMPARE(ask("POST", "/delist", R"({"symbol":"BTCUSDT"})").status, 200);
        QVERIFY(!m_venue->engine().instrument(symbol)->contract.trading);
        QCOMPARE(ask("POST", "/transfer", R"({"account":7,"amount":"1"})").status, 400);
        QCOMPARE(ask("POST", "/mark", R"({"symbol":"NOPE","price":"1"})").status, 400);
        QCOMPARE(ask("POST", "/mark", R"({"symbol":"BTCUSDT"})").status, 400);
    }
};

QTEST_GUILESS_MAIN(TestControl)
#include "tst_control.moc"
