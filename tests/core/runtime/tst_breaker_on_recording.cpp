#include "core/runtime/local_terminal.h"

#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/exchange/binance/client.h"
#include "core/net/system_clock.h"
#include "core/runtime/journal_replay.h"
#include "core/runtime/venue_host.h"
#include "core/storage/repositories.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using core::Direction;
using core::risk::Arming;

namespace
{
template <class Value> [[nodiscard]] Value fixed(const char *text)
{
    return core::parseFixed<Value>(text).value();
}

/// One run: a recorded market on the loopback exchange, the real client, the whole terminal, no screen.
struct Case {
    QString recording;
    Direction direction{Direction::Long};
    Arming arming{Arming::Armed};
    const char *alert; ///< loss on margin
    const char *close;
};
} // namespace

/// The recorded price moves against a leveraged position: the alert comes, then the close, down to the venue's word that
/// the position is flat. Off and AlertOnly send nothing.
class TestBreakerOnRecording : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { REQUIRE_SHARED(); }

    void closesALongWhenThePriceFalls()
    {
        play({u"btcusdt_20240808.gz"_s, Direction::Long, Arming::Armed, "0.05", "0.1"});
        QVERIFY(untilVerified());
        checkClosed(Direction::Long);
    }

    void closesAShortWhenThePriceRises()
    {
        play({u"ethusdt_20240808.gz"_s, Direction::Short, Arming::Armed, "0.03", "0.06"});
        QVERIFY(untilVerified());
        checkClosed(Direction::Short);
    }

    void alertOnlySaysItAndSendsNothing()
    {
        play({u"btcusdt_20240808.gz"_s, Direction::Long, Arming::AlertOnly, "0.05", "0.1"});
        QVERIFY(QTest::qWaitFor([&] { return saw("close"); }, 60'000));
        endRun();
        QCOMPARE(sentOrders(), 0);
        QVERIFY(positionIsOpen());
    }

    void offIsSilent()
    {
        play({u"btcusdt_20240808.gz"_s, Direction::Long, Arming::Off, "0.05", "0.1"});
        // Wait until the mark is where an armed breaker has acted in the test above.
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto snapshot = m_terminal->snapshot();
                return snapshot && !snapshot->account.positions.empty() && snapshot->account.positions.front().markPrice &&
                       *snapshot->account.positions.front().markPrice < fixed<core::Price>("61700");
            },
            60'000));
        endRun();
        QCOMPARE(sentOrders(), 0);
        QVERIFY(positionIsOpen());
        QVERIFY(!saw("loss-on-margin"));
    }

    void noSecretIsWrittenAnywhere()
    {
        play({u"btcusdt_20240808.gz"_s, Direction::Long, Arming::Armed, "0.05", "0.1"});
        QVERIFY(untilVerified());
        endRun();
        const QByteArray secret = QByteArray::fromStdString(m_secret);
        const QByteArray key = QByteArray::fromStdString(m_key);
        QDirIterator files(m_folder->path(), QDir::Files, QDirIterator::Subdirectories);
        int looked = 0;
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            QVERIFY2(!bytes.contains(secret), qPrintable(file.fileName()));
            QVERIFY2(!bytes.contains(key), qPrintable(file.fileName()));
            QVERIFY2(!bytes.contains("signature="), qPrintable(file.fileName()));
            ++looked;
        }
        QVERIFY(looked > 0);
    }

    void cleanup()
    {
        endRun();
        m_folder.reset();
    }

private:
    void play(const Case &wanted)
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_alerts.clear();
        auto demo = core::runtime::demoVenueOn(
            {(tests::sharedDir() + u"/data/binance-usdm/capture-2024-08-08/"_s + wanted.recording).toStdString()},
            fixed<core::Ratio>("30"));
        QVERIFY2(demo.has_value(), demo ? "" : demo.error().detail.c_str());
        demo->options.accounts.front().positions.front().direction = wanted.direction;
        auto &tiers = demo->limits.breakers.front().tiers;
        tiers[0].trigger = fixed<core::Ratio>(wanted.alert);
        tiers[0].rearm = core::Ratio::fromRaw(fixed<core::Ratio>(wanted.alert).raw() / 2);
        tiers[1].trigger = fixed<core::Ratio>(wanted.close);
        tiers[1].rearm = core::Ratio::fromRaw(fixed<core::Ratio>(wanted.close).raw() / 2);
        m_key = demo->apiKey;
        m_secret = demo->apiSecret;
        auto venue = core::runtime::VenueHost::start(demo->options, m_clock);
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
        client->credentials = Credentials{core::net::Secret(m_key), core::net::Secret(m_secret)};
        // At a start the venue is asked for orders of an earlier run; thirty times the speed leaves no ten seconds for that.
        using namespace std::chrono_literals;
        client->timings.orderQueries = {20ms, 40ms, 80ms, 160ms, 320ms};
        client->timings.orderAbsentAfter = 100ms;
        client->account = core::AccountId::from("demo").value();
        core::runtime::EngineSetup engine;
        engine.account = client->account;
        engine.clients = {{.venue = core::Venue::Binance,
                           .place = core::runtime::Place::Loopback,
                           .address = client->endpoints.rest,
                           .symbols = {demo->symbol}}};
        engine.limits = demo->limits;
        engine.arming = wanted.arming;
        engine.armedBy = "test";
        engine.version = "test";
        auto terminal = core::runtime::LocalTerminal::start(
            {.dataDir = m_folder->path(),
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
        connect(m_terminal.get(), &core::runtime::Terminal::changed, this, [this] {
            for (auto &row : m_terminal->takeAlerts())
                m_alerts.push_back(std::move(row));
        });
    }

    void endRun()
    {
        if (m_terminal) {
            const auto stored = m_terminal->stop();
            QVERIFY2(stored.has_value(), stored ? "" : stored.error().detail.c_str());
            m_database = m_terminal->databasePath();
            m_terminal.reset();
        }
        m_venue.reset();
    }

    [[nodiscard]] bool saw(std::string_view part) const
    {
        return std::any_of(m_alerts.begin(), m_alerts.end(), [&](const core::runtime::AlertRow &row) {
            return row.code.find(part) != std::string::npos;
        });
    }
    [[nodiscard]] bool untilVerified()
    {
        return QTest::qWaitFor([&] { return saw(core::orders::kAlertCloseVerified); }, 60'000);
    }

    /// After endRun: decisions of the journal that send an order.
    [[nodiscard]] int sentOrders()
    {
        const auto database = core::storage::Database::open(m_database, core::storage::Access::ReadOnly, core::UtcTime{});
        int sent = 0;
        const auto read = core::storage::eachJournalRow(*database, std::nullopt, [&](const core::storage::JournalRow &row) {
            if (row.kind == core::storage::JournalKind::Decision && row.payload.find("\"clientOrderId\"") != std::string::npos)
                ++sent;
            return true;
        });
        return read ? sent : -1;
    }
    [[nodiscard]] bool positionIsOpen()
    {
        const auto database = core::storage::Database::open(m_database, core::storage::Access::ReadOnly, core::UtcTime{});
        return core::storage::openPositions(*database)->size() == 1;
    }

    void checkClosed(Direction direction)
    {
        const auto indexOf = [&](std::string_view code) {
            return std::find_if(m_alerts.begin(), m_alerts.end(), [&](const auto &row) { return row.code == code; }) -
                   m_alerts.begin();
        };
        QVERIFY(indexOf(core::orders::kAlertBreakerAlert) < indexOf(core::orders::kAlertBreakerClose));
        QVERIFY(indexOf(core::orders::kAlertBreakerClose) < indexOf(core::orders::kAlertCloseVerified));
        endRun();
        QVERIFY(!positionIsOpen());
        const auto database = core::storage::Database::open(m_database, core::storage::Access::ReadOnly, core::UtcTime{});
        const auto trades = core::storage::trades(*database);
        QVERIFY2(trades.has_value(), trades ? "" : trades.error().detail.c_str());
        QCOMPARE(trades->size(), std::size_t{1});
        QVERIFY(trades->front().side == direction);
        QVERIFY(trades->front().netPnl.isNegative());
        const auto replay = core::runtime::replayJournal(m_database, std::nullopt);
        QVERIFY2(replay.has_value(), replay ? "" : replay.error().detail.c_str());
        QVERIFY(!replay->difference.has_value());
        QVERIFY(replay->decisions > 0);
    }

    core::net::SystemClock m_clock;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<core::runtime::VenueHost> m_venue;
    std::unique_ptr<core::runtime::LocalTerminal> m_terminal;
    std::vector<core::runtime::AlertRow> m_alerts;
    std::string m_key;
    std::string m_secret;
    QString m_database;
};

QTEST_GUILESS_MAIN(TestBreakerOnRecording)
#include "tst_breaker_on_recording.moc"
