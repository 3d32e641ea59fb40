#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryFile>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "tests/e2e/program.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;

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

private:
    [[nodiscard]] bool begin(const QStringList &arguments)
    {
        m_process = std::make_unique<QProcess>();
        m_process->start(tests::program(u"etrms-cli"_s), QStringList{u"venue"_s} + arguments);
        if (!QTest::qWaitFor([&] { return m_process->canReadLine(); }, 30'000))
            return false;
        m_ready = QJsonDocument::fromJson(m_process->readLine()).object();
        return m_ready.contains(u"binance"_s);
    }
    void end()
    {
        m_process->terminate();
        QVERIFY(m_process->waitForFinished(10'000));
        QCOMPARE(m_process->exitStatus(), QProcess::NormalExit);
        QCOMPARE(m_process->exitCode(), 0);
        QVERIFY2(m_process->readAllStandardError().isEmpty(), "something was said on stderr");
    }
    [[nodiscard]] QJsonObject get(const QString &path)
    {
        QNetworkAccessManager network;
        const std::unique_ptr<QNetworkReply> reply(
            network.get(QNetworkRequest(QUrl(m_ready[u"binance"_s][u"rest"_s].toString() + path))));
        if (!QTest::qWaitFor([&] { return reply->isFinished(); }, 10'000))
            return {};
        return QJsonDocument::fromJson(reply->readAll()).object();
    }
    [[nodiscard]] bool streams(const QString &path, const QByteArray &expected)
    {
        QWebSocket socket;
        QSignalSpy frames(&socket, &QWebSocket::textMessageReceived);
        socket.open(QUrl(m_ready[u"binance"_s][u"ws"_s].toString() + path));
        return QTest::qWaitFor(
            [&] {
                return std::any_of(frames.begin(), frames.end(), [&](const QList<QVariant> &frame) {
                    return frame.first().toString().contains(QString::fromLatin1(expected));
                });
            },
            20'000);
    }

    std::unique_ptr<QProcess> m_process;
    QJsonObject m_ready;
};

QTEST_GUILESS_MAIN(TestVenueCommand)
#include "tst_venue_command.moc"
