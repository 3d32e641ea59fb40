#include <memory>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtGui/QImage>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtTest/QTest>

#include "core/net/system_clock.h"
#include "core/runtime/venue_host.h"
#include "core/venue/hyperliquid/server.h"
#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;

/// The built desktop watches without keys: at the loopback venue of both kinds, at a dead port, at one of each.
class TestWatch : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        auto demo = core::runtime::demoVenue(core::venue::ScenarioOptions::Kind::Calm, 7);
        auto binance = core::runtime::VenueHost::start(demo.options, m_clock);
        QVERIFY2(binance.has_value(), binance ? "" : binance.error().detail.c_str());
        m_binance = std::move(*binance);
        m_hyperliquid = std::make_unique<core::venue::hyperliquid::HyperliquidServer>(
            core::venue::hyperliquid::typicalOptions(7, 1), m_clock);
        auto endpoints = m_hyperliquid->start();
        QVERIFY2(endpoints.has_value(), endpoints ? "" : endpoints.error().detail.c_str());
        m_hyperliquidEndpoints = *endpoints;
        QTcpServer dead; // a port that nobody listens on any more
        QVERIFY(dead.listen(QHostAddress::LocalHost));
        m_deadPort = dead.serverPort();
    }

    void bothVenuesComeToLife()
    {
        const Watch watch = run(u"both"_s, {binanceAlive(), hyperliquidAlive()}, 10);
        QVERIFY(watch.finished);
        QVERIFY2(watch.out.contains("book     binance:BTCUSDT live"), watch.out);
        QVERIFY2(watch.out.contains("book     hyperliquid:BTC live"), watch.out);
        QVERIFY2(watch.out.contains("2 of 2 markets"), watch.out);
        QCOMPARE(watch.status, 0);
        QCOMPARE(watch.picture.size(), QSize(1600, 1000));
    }

    void oneDeadVenueIsNamedAndTheOtherShows()
    {
        const Watch watch = run(u"both"_s, {binanceDead(), hyperliquidAlive()}, 11);
        QVERIFY2(watch.out.contains("binance at " + dead() + " NOT REACHED"), watch.out);
        QVERIFY2(watch.out.contains("book     hyperliquid:BTC live"), watch.out);
        QVERIFY2(!watch.out.contains("screen   "), watch.out); // the living one is shown: there is nothing to explain
        QCOMPARE(watch.status, 0);
    }

    void withoutAnyLineItSaysWhatWasTried()
    {
        const Watch watch = run(u"both"_s, {binanceDead(), hyperliquidDead()}, 11);
        QVERIFY2(watch.out.contains("screen   No venue can be reached. Tried: Binance USD-M at " + dead()), watch.out);
        QVERIFY2(watch.out.contains("Hyperliquid at " + dead()), watch.out);
        QVERIFY2(watch.out.contains("0 of 2 markets"), watch.out);
        QCOMPARE(watch.status, 1);
    }

    void theBannerSaysWhatTheNumbersAre()
    {
        const Watch watch = run(u"binance"_s, {binanceAlive(), {}}, 3);
        QVERIFY2(watch.out.contains("banner   WATCHING"), watch.out);
        QVERIFY2(watch.out.contains("this computer, not from the market. No account is connected."), watch.out);
    }

private:
    struct Watch {
        bool finished{false};
        int status{-1};
        QByteArray out;
        QImage picture;
    };
    [[nodiscard]] QByteArray dead() const { return "http://127.0.0.1:" + QByteArray::number(m_deadPort); }
    [[nodiscard]] QJsonObject addresses(const QString &rest, const QString &field, const QString &streams) const
    {
        return {{u"rest"_s, rest}, {field, streams}};
    }
    [[nodiscard]] QJsonObject binanceAlive() const
    {
        return addresses(QString::fromStdString(m_binance->endpoints().restUrl), u"streams"_s,
                         QString::fromStdString(m_binance->endpoints().webSocketUrl));
    }
    [[nodiscard]] QJsonObject hyperliquidAlive() const
    {
        return addresses(QString::fromStdString(m_hyperliquidEndpoints.restUrl), u"webSocket"_s,
                         QString::fromStdString(m_hyperliquidEndpoints.webSocketUrl));
    }
    [[nodiscard]] QJsonObject binanceDead() const
    {
        return addresses(QString::fromLatin1(dead()), u"streams"_s, u"ws://127.0.0.1:%1"_s.arg(m_deadPort));
    }
    [[nodiscard]] QJsonObject hyperliquidDead() const
    {
        return addresses(QString::fromLatin1(dead()), u"webSocket"_s, u"ws://127.0.0.1:%1/ws"_s.arg(m_deadPort));
    }
    struct Both {
        QJsonObject binance;
        QJsonObject hyperliquid;
    };

    /// The venues live on this thread too, so the program is waited for with a turning event loop.
    [[nodiscard]] Watch run(const QString &venues, const Both &where, int seconds)
    {
        const QTemporaryDir folder;
        const QString file = folder.filePath(u"endpoints.json"_s);
        QJsonObject json{{u"binance"_s, where.binance}};
        if (!where.hyperliquid.isEmpty())
            json.insert(u"hyperliquid"_s, where.hyperliquid);
        QFile endpoints(file);
        if (!endpoints.open(QIODevice::WriteOnly))
            return {};
        endpoints.write(QJsonDocument(json).toJson());
        endpoints.close();
        QProcess process;
        process.start(tests::program(u"etrms"_s),
                      {u"--watch"_s, venues, u"--coins"_s, u"BTC"_s, u"--endpoints"_s, file, u"--headless"_s, u"--out"_s,
                       folder.path(), u"--after"_s, QString::number(seconds)});
        Watch watch;
        watch.finished = QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, 60'000);
        if (!watch.finished) {
            process.kill();
            process.waitForFinished();
        }
        watch.status = process.exitCode();
        watch.out = process.readAllStandardOutput() + process.readAllStandardError();
        watch.picture = QImage(folder.filePath(u"watch.png"_s));
        if (const QString keep = qEnvironmentVariable("ETRMS_KEEP_PICTURES"); !keep.isEmpty())
            watch.picture.save(QDir(keep).filePath(QString::fromLatin1(QTest::currentTestFunction()) + u".png"_s));
        return watch;
    }

    core::net::SystemClock m_clock;
    std::unique_ptr<core::runtime::VenueHost> m_binance;
    std::unique_ptr<core::venue::hyperliquid::HyperliquidServer> m_hyperliquid;
    core::venue::hyperliquid::HyperliquidEndpoints m_hyperliquidEndpoints;
    quint16 m_deadPort{0};
};

QTEST_GUILESS_MAIN(TestWatch)
#include "tst_watch.moc"
