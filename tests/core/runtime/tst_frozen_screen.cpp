#include <thread>

#include <QtCore/QCryptographicHash>
#include <QtCore/QDateTime>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QMessageAuthenticationCode>
#include <QtCore/QSemaphore>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "core/exchange/binance/client.h"
#include "core/net/system_clock.h"
#include "core/orders/guard.h"
#include "core/runtime/local_terminal.h"
#include "core/runtime/venue_host.h"
#include "core/storage/repositories.h"
#include "tests/support/process_figures.h"

using namespace Qt::StringLiterals;

namespace
{
/// Of the frozen screen; ETRMS_FREEZE_SECONDS, 60 for the figures of docs/reliability.md.
int freezeSeconds()
{
    const int wanted = qEnvironmentVariableIntValue("ETRMS_FREEZE_SECONDS");
    return wanted > 0 ? wanted : 3;
}

/// A position is opened from elsewhere, by another thread than the screen's; true when the exchange has taken the order.
bool openFromElsewhere(const QUrl &rest, const std::string &key, const std::string &secret)
{
    QByteArray query = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1&newClientOrderId=phone&recvWindow=60000&timestamp=" +
                       QByteArray::number(QDateTime::currentMSecsSinceEpoch());
    query += "&signature=" + QMessageAuthenticationCode::hash(query, QByteArray::fromStdString(secret), QCryptographicHash::Sha256).toHex();
    QTcpSocket socket;
    socket.connectToHost(rest.host(), static_cast<quint16>(rest.port()));
    if (!socket.waitForConnected(30'000))
        return false;
    socket.write("POST /fapi/v1/order?" + query + " HTTP/1.1\r\nHost: " + rest.authority().toUtf8() + "\r\nX-MBX-APIKEY: " +
                 QByteArray::fromStdString(key) + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return socket.waitForReadyRead(30'000) && socket.readAll().startsWith("HTTP/1.1 200");
}
} // namespace

/// The screen's thread stands still, as under a debugger or a stuck driver: what guards the account does not notice.
class TestFrozenScreen : public QObject
{
    Q_OBJECT

private slots:
    void aBreachIsClosedWhileTheScreenStandsStill()
    {
        start();
        QVERIFY(QTest::qWaitFor([this] { return isReady(); }, 120'000));
        const QUrl rest(QString::fromStdString(m_venue->endpoints().restUrl));
        const qint64 memoryBefore = tests::residentKilobytes();
        QSemaphore never;
        const int seconds = freezeSeconds();
        const core::UtcTime frozenAt = m_clock.now();
        bool opened = false;
        std::thread phone([&] {
            QSemaphore none;
            static_cast<void>(none.tryAcquire(1, seconds * 1000 / 3));
            opened = openFromElsewhere(rest, m_key, m_secret);
        });
        static_cast<void>(never.tryAcquire(1, seconds * 1000)); // nobody gives it: this thread turns no event
        const core::UtcTime thawedAt = m_clock.now();
        phone.join();
        QVERIFY(opened);
        const qint64 grown = tests::residentKilobytes() - memoryBefore;
        // The first picture after the thaw is the present one.
        QSignalSpy changed(m_terminal.get(), &core::runtime::Terminal::changed);
        QVERIFY(changed.count() > 0 || changed.wait(60'000));
        QVERIFY2(m_terminal->snapshot()->account.positions.empty(), "the screen shows what is, not what was");
        QVERIFY(m_terminal->snapshot()->at > frozenAt);
        QVERIFY2(m_terminal->stop().has_value(), "all records are on disk");
        const QString file = m_terminal->databasePath();
        m_terminal.reset();
        readJournal(file, frozenAt, thawedAt);
        QVERIFY2(grown < 64'000, qPrintable(u"memory grew by %1 kB"_s.arg(grown)));
        qInfo("screen frozen for %d s; from the tick at the exchange to the order %lld us, to verified flat %lld ms; memory %lld kB", seconds,
              static_cast<long long>(m_toOrderUs), static_cast<long long>(m_toFlatMs), static_cast<long long>(grown));
    }

private:
    [[nodiscard]] bool isReady() const
    {
        const auto snapshot = m_terminal->snapshot();
        return snapshot && snapshot->guard.reconciled && !snapshot->markets.empty() &&
               snapshot->markets.front().book == core::Freshness::Fresh && snapshot->guard.accounts.front().historyMissing.empty();
    }
    void start()
    {
        core::runtime::DemoVenue demo = core::runtime::demoVenue(core::venue::ScenarioOptions::Kind::Calm, 7);
        demo.options.accounts.front().positions.clear();
        for (core::risk::Tier &tier : demo.limits.breakers.front().tiers) { // any market reaches them
            const bool closes = tier.action == core::risk::TierAction::Close;
            tier.trigger = core::Ratio::fromRaw(closes ? 10'000 : 9'000);
            tier.rearm = core::Ratio::fromRaw(5'000);
        }
        m_key = demo.apiKey;
        m_secret = demo.apiSecret;
        auto venue = core::runtime::VenueHost::start(demo.options, m_clock);
        QVERIFY2(venue.has_value(), venue ? "" : venue.error().detail.c_str());
        m_venue = std::move(*venue);
        using namespace core::exchange::binance;
        auto client = std::make_shared<ClientOptions>();
        const auto &endpoints = m_venue->endpoints();
        client->endpoints = {.environment = Environment::Loopback,
                             .rest = endpoints.restUrl,
                             .streamsPublic = endpoints.webSocketUrl,
                             .streamsMarket = endpoints.webSocketUrl,
                             .streamsPrivate = endpoints.webSocketUrl,
                             .webSocketApi = endpoints.webSocketUrl};
        client->credentials = Credentials{core::net::Secret(demo.apiKey), core::net::Secret(demo.apiSecret)};
        using namespace std::chrono_literals;
        client->timings.orderQueries = {20ms, 40ms, 80ms, 160ms, 320ms};
        client->timings.orderAbsentAfter = 100ms; // no earlier run is to be waited for
        client->account = core::AccountId::from("demo").value();
        core::runtime::EngineSetup engine;
        engine.account = client->account;
        engine.clients = {{.venue = core::Venue::Binance,
                           .place = core::runtime::Place::Loopback,
                           .address = client->endpoints.rest,
                           .symbols = {demo.symbol}}};
        engine.limits = demo.limits;
        engine.arming = core::risk::Arming::Armed;
        engine.armedBy = "test";
        engine.version = "test";
        auto terminal = core::runtime::LocalTerminal::start(
            {.dataDir = m_folder.path(),
             .engine = std::move(engine),
             .makeClients =
                 [client, this](const core::runtime::StorageService::Restored &) {
                     std::vector<std::unique_ptr<core::ports::ExchangeClient>> clients;
                     clients.push_back(std::make_unique<BinanceClient>(std::move(*client), m_clock));
                     return clients;
                 }},
            m_clock);
        QVERIFY2(terminal.has_value(), terminal ? "" : terminal.error().detail.c_str());
        m_terminal = std::move(*terminal);
    }
    /// The close was decided, sent and verified while the screen stood still.
    void readJournal(const QString &file, core::UtcTime frozenAt, core::UtcTime thawedAt)
    {
        const auto database = core::storage::Database::open(file, core::storage::Access::ReadOnly, core::UtcTime{});
        QVERIFY(database.has_value());
        std::optional<core::UtcTime> tick, decided, sent, verified;
        const auto read = core::storage::eachJournalRow(*database, std::nullopt, [&](const core::storage::JournalRow &row) {
            const auto is = [&](const char *kind) { return row.payload.starts_with(std::string("{\"") + kind + "\":"); };
            if (row.kind != core::storage::JournalKind::Decision)
                return true;
            if (is("verdict") && row.payload.find("\"tier\":\"close\"") != std::string::npos && !decided) {
                decided = row.at;
                const auto verdict = QJsonDocument::fromJson(QByteArray::fromStdString(row.payload))[u"verdict"_s].toObject();
                tick = core::utcFromNanoseconds(verdict[u"markTime"_s].toInteger());
            }
            if (is("send") && !sent)
                sent = row.at;
            if (is("verified") && !verified)
                verified = row.at;
            return true;
        });
        QVERIFY(read.has_value());
        QVERIFY(decided && sent && verified);
        QVERIFY(*decided > frozenAt && *decided < thawedAt);
        QVERIFY(*sent > frozenAt && *sent < thawedAt);
        QVERIFY(*verified > frozenAt && *verified < thawedAt);
        m_toOrderUs = std::chrono::duration_cast<std::chrono::microseconds>(*sent - *tick).count();
        m_toFlatMs = std::chrono::duration_cast<std::chrono::milliseconds>(*verified - *decided).count();
    }

    std::string m_key;
    std::string m_secret;
    core::net::SystemClock m_clock;
    QTemporaryDir m_folder;
    std::unique_ptr<core::runtime::VenueHost> m_venue;
    std::unique_ptr<core::runtime::LocalTerminal> m_terminal;
    std::int64_t m_toOrderUs{0};
    std::int64_t m_toFlatMs{0};
};

QTEST_GUILESS_MAIN(TestFrozenScreen)
#include "tst_frozen_screen.moc"
