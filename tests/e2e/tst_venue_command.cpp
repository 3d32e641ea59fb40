#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTemporaryFile>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "core/exchange/binance/signer.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/net/system_clock.h"
#include "tests/e2e/program.h"
#include "tests/e2e/venue_program.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
[[nodiscard]] std::uint64_t nowInMilliseconds()
{
    return static_cast<std::uint64_t>(core::toMilliseconds(core::net::SystemClock().now()));
}
} // namespace

/// `etrms-cli venue` from the outside: the JSON line, REST, streams, and a clean end on SIGTERM.
class TestVenueCommand : public QObject
{
    Q_OBJECT

private slots:
    void servesAGeneratedMarket()
    {
        QVERIFY(begin({u"--scenario"_s, u"calm"_s}));
        const QJsonObject info = get(u"/fapi/v1/exchangeInfo"_s);
        QCOMPARE(info[u"symbols"_s].toArray().first()[u"symbol"_s].toString(), u"BTCUSDT"_s);
        QCOMPARE(m_ready[u"accounts"_s].toArray().first()[u"api_key"_s].toString().size(), 64);
        QVERIFY(streams(u"/public/stream?streams=btcusdt@depth@100ms"_s, "depthUpdate"));
        QVERIFY(streams(u"/market/ws/btcusdt@markPrice@1s"_s, "markPriceUpdate"));
        end();
    }

    void servesARecordingAsItWas()
    {
        REQUIRE_SHARED();
        QVERIFY(begin({u"--recording"_s, tests::sharedDir() + u"/data/binance-usdm/capture-2024-08-08/ethusdt_20240808.gz"_s,
                       u"--speed"_s, u"5"_s}));
        QVERIFY(streams(u"/public/ws/ethusdt@depth@100ms"_s, R"("s":"ETHUSDT")"));
        QVERIFY(streams(u"/market/ws/ethusdt@trade"_s, R"("X":"MARKET")"));
        QVERIFY(streams(u"/market/ws/ethusdt@aggTrade"_s, R"("e":"aggTrade")"));
        const QJsonObject depth = get(u"/fapi/v1/depth?symbol=ETHUSDT&limit=1000"_s);
        QVERIFY(depth[u"lastUpdateId"_s].toInteger() > 0);
        QVERIFY(depth[u"bids"_s].toArray().size() > 500);
        end();
    }

    void faultsComeFromAFileAndTheControlEndpoint()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        file.write(R"({"rules":[{"kind":"unavailable","channel":"rest","stream":"/time"}]})");
        file.close();
        QVERIFY(begin({u"--scenario"_s, u"calm"_s, u"--control"_s, u"--faults"_s, file.fileName()}));
        QCOMPARE(get(u"/fapi/v1/time"_s)[u"msg"_s].toString(), u"Service Unavailable."_s);
        const QJsonObject control = m_ready[u"control"_s].toObject();
        QCOMPARE(control[u"token"_s].toString().size(), 64);
        QNetworkAccessManager network;
        const QUrl faults(control[u"url"_s].toString() + u"/faults"_s);
        const auto clear = [&](bool withToken) {
            QNetworkRequest request(faults);
            if (withToken)
                request.setRawHeader("X-Etrms-Token", control[u"token"_s].toString().toLatin1());
            const std::unique_ptr<QNetworkReply> reply(network.deleteResource(request));
            return QTest::qWaitFor([&] { return reply->isFinished(); }, 10'000)
                       ? reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt()
                       : 0;
        };
        QCOMPARE(clear(false), 401);
        QCOMPARE(clear(true), 200);
        QVERIFY(get(u"/fapi/v1/time"_s).contains(u"serverTime"_s));
        end();
    }

    void aBadFaultFileIsNamed()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        file.write(R"({"rules":[{"kind":"gremlin"}]})");
        file.close();
        const tests::Run run = tests::run(u"etrms-cli"_s, {u"venue"_s, u"--faults"_s, file.fileName()});
        QCOMPARE(run.status, 2);
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains("rules[0].kind"), run.err.constData());
    }

    void everyKeyItPrintsIsOneItsExchangeTakes()
    {
        QVERIFY(begin({u"--scenario"_s, u"calm"_s, u"--symbols"_s, u"50"_s}));
        QCOMPARE(m_ready[u"symbols"_s].toArray().size(), 50);
        QCOMPARE(get(u"/fapi/v1/exchangeInfo"_s)[u"symbols"_s].toArray().size(), 50);
        QStringList types;
        for (const QJsonValue &account : m_ready[u"accounts"_s].toArray()) {
            types.append(account[u"key_type"_s].toString());
            const QJsonObject answer = signedGet(u"/fapi/v2/account"_s, account.toObject());
            QVERIFY2(answer.contains(u"totalWalletBalance"_s), QJsonDocument(answer).toJson().constData());
        }
        QCOMPARE(types, (QStringList{u"hmac"_s, u"hmac"_s, u"ed25519"_s}));
        const QJsonArray accounts = m_ready[u"hyperliquid"_s][u"accounts"_s].toArray();
        QCOMPARE(accounts.size(), 3);
        for (const QJsonValue &account : accounts) {
            QCOMPARE(account[u"accountAddress"_s], account[u"masterAddress"_s]);
            for (const QString &key : {u"agentKey"_s, u"masterKey"_s}) {
                const QByteArray answer = placeOrder(account[key].toString());
                QVERIFY2(answer.contains("resting"), answer.constData());
            }
            const QString request = uR"({"type":"openOrders","user":"%1"})"_s.arg(account[u"accountAddress"_s].toString());
            const QByteArray orders = postJson(u"/info"_s, request.toLatin1());
            QCOMPARE(QJsonDocument::fromJson(orders).array().size(), 2);
        }
        end();
    }

    void hyperliquidStreamsItsMarketBeside()
    {
        QVERIFY(begin({u"--scenario"_s, u"trend"_s, u"--accounts"_s, u"1"_s}));
        QCOMPARE(m_ready[u"hyperliquid"_s][u"accounts"_s].toArray().size(), 1);
        QVERIFY(postJson(u"/info"_s, R"({"type":"meta"})").contains("\"BTC\""));
        QWebSocket socket;
        QSignalSpy frames(&socket, &QWebSocket::textMessageReceived);
        connect(&socket, &QWebSocket::connected, this, [&socket] {
            socket.sendTextMessage(uR"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}})"_s);
        });
        socket.open(QUrl(m_ready[u"hyperliquid"_s][u"webSocketUrl"_s].toString()));
        QVERIFY(QTest::qWaitFor([&] { return has(frames, R"("channel":"l2Book")"); }, 20'000));
        end();
    }

    void theAddressesAreWhatTheDoctorReads()
    {
        QVERIFY(begin({u"--scenario"_s, u"calm"_s}));
        const QTemporaryDir folder;
        QFile file(folder.filePath(u"addresses.json"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(m_ready[u"addresses"_s].toObject()).toJson());
        file.close();
        const tests::Run run = tests::run(u"etrms-cli"_s, {u"doctor"_s, u"--data-dir"_s, folder.path(), u"--addresses"_s,
                                                           file.fileName()});
        QVERIFY2(run.status == 0, run.out.constData());
        for (const char *said : {"Binance answers", "Binance's stream opens", "Hyperliquid answers", "Hyperliquid's stream opens"})
            QVERIFY2(run.out.contains(said), run.out.constData());
        end();
    }

    void binanceAloneWhenTold()
    {
        QVERIFY(begin({u"--scenario"_s, u"calm"_s, u"--no-hyperliquid"_s}));
        QVERIFY(!m_ready.contains(u"hyperliquid"_s));
        QCOMPARE(m_ready[u"addresses"_s].toObject().keys(), QStringList{u"binance"_s});
        end();
    }

    void badOptionsAreNamed_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const char *name, const QStringList &arguments, const char *named) {
            QTest::newRow(name) << arguments << QByteArray(named);
        };
        row("a port that is none", {u"--hl-port"_s, u"70000"_s}, "--hl-port");
        row("a WebSocket port in words", {u"--hl-ws-port"_s, u"eighty"_s}, "--hl-ws-port");
        row("one port for two servers", {u"--hl-port"_s, u"40999"_s, u"--hl-ws-port"_s, u"40999"_s}, "--hl-ws-port");
        row("a port of what is not served", {u"--no-hyperliquid"_s, u"--hl-port"_s, u"40999"_s}, "--no-hyperliquid");
        row("too many contracts", {u"--symbols"_s, u"65"_s}, "--symbols");
        row("no account", {u"--accounts"_s, u"0"_s}, "--accounts");
        row("an unknown scenario", {u"--scenario"_s, u"moon"_s}, "flash-crash");
        row("no time at all", {u"--seconds"_s, u"0"_s}, "--seconds");
        row("an unknown option", {u"--hyperliquid"_s}, "hyperliquid");
    }
    void badOptionsAreNamed()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, named);
        const tests::Run run = tests::run(u"etrms-cli"_s, QStringList{u"venue"_s} + arguments);
        QVERIFY(run.finished);
        QCOMPARE(run.status, 2);
        QVERIFY(run.out.isEmpty());
        QVERIFY2(tests::isOneLine(run.err), run.err.constData());
        QVERIFY2(run.err.contains(named), run.err.constData());
    }

private:
    [[nodiscard]] bool begin(const QStringList &arguments)
    {
        const bool begun = m_program.begin(arguments);
        m_ready = m_program.ready();
        return begun;
    }
    void end() { QVERIFY2(m_program.end(), "it did not end cleanly, or said something on stderr"); }
    [[nodiscard]] QJsonObject get(const QString &path, const QByteArray &apiKey = {})
    {
        tests::VenueProgram::Headers headers;
        if (!apiKey.isEmpty())
            headers.append({"X-MBX-APIKEY", apiKey});
        const QString address = m_ready[u"binance"_s][u"rest"_s].toString() + path;
        return QJsonDocument::fromJson(tests::VenueProgram::send("GET", address, headers)).object();
    }
    [[nodiscard]] QJsonObject signedGet(const QString &path, const QJsonObject &account)
    {
        const auto type = binance::parseKeyType(account[u"key_type"_s].toString().toStdString());
        const auto signer = binance::Signer::make(type.value(), account[u"api_secret"_s].toString().toStdString());
        std::string query;
        binance::appendParameter(query, "timestamp", std::to_string(nowInMilliseconds()));
        signer.value().sign(query);
        return get(path + u'?' + QString::fromStdString(query), account[u"api_key"_s].toString().toLatin1());
    }
    [[nodiscard]] QByteArray postJson(const QString &path, const QByteArray &body)
    {
        return tests::VenueProgram::send("POST", m_ready[u"hyperliquid"_s][u"restUrl"_s].toString() + path,
                                         {{"Content-Type", "application/json"}}, body);
    }
    /// A bid for bitcoin far below the market, signed by `key`.
    [[nodiscard]] QByteArray placeOrder(const QString &key)
    {
        const auto action = hyperliquid::parseActionJson(
            R"({"type":"order","orders":[{"a":0,"b":true,"p":"60000","s":"0.001","r":false,"t":{"limit":{"tif":"Gtc"}}}],)"
            R"("grouping":"na"})",
            "action");
        const hyperliquid::ActionEnvelope envelope{.nonce = nowInMilliseconds()};
        const auto signer = hyperliquid::ActionSigner::fromHex(key.toStdString());
        const auto signature = signer.value().signL1(action.value(), envelope, hyperliquid::Network::Mainnet).signature;
        return postJson(u"/exchange"_s,
                        QByteArray::fromStdString(hyperliquid::requestJson(action.value(), envelope, signature)));
    }
    [[nodiscard]] static bool has(const QSignalSpy &frames, const QByteArray &expected)
    {
        return std::any_of(frames.begin(), frames.end(), [&](const QList<QVariant> &frame) {
            return frame.first().toString().contains(QString::fromLatin1(expected));
        });
    }
    [[nodiscard]] bool streams(const QString &path, const QByteArray &expected)
    {
        QWebSocket socket;
        QSignalSpy frames(&socket, &QWebSocket::textMessageReceived);
        socket.open(QUrl(m_ready[u"binance"_s][u"ws"_s].toString() + path));
        return QTest::qWaitFor([&] { return has(frames, expected); }, 20'000);
    }

    tests::VenueProgram m_program;
    QJsonObject m_ready;
};

QTEST_GUILESS_MAIN(TestVenueCommand)
#include "tst_venue_command.moc"
