#include "tests/core/runtime/engine_fakes.h"

#include <algorithm>

#include <QtTest/QTest>

using namespace core;

class TestEngineRecords : public QObject
{
    Q_OBJECT

private slots:
    /// Whatever record is the first that does not fit: it is an alarm, once.
    void aRefusedRecordIsAnAlarm()
    {
        const ManualClock clock(utcFromMilliseconds(1'700'000'000'000));
        runtime::Channels channels;
        tests::FakeRecords records;
        runtime::EngineSetup setup;
        setup.clients = {{.venue = Venue::Binance}};
        runtime::Engine engine(clock, setup, channels, records, 0);
        tests::FakeLine line;
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::make_unique<tests::FakeClient>(line, Venue::Binance));
        engine.start(std::move(clients));
        ports::ExchangeListener *venue = line.listener;
        QVERIFY(venue != nullptr);
        QVERIFY(alarms(channels) == 0);
        records.full = true;
        Fill fill;
        fill.instrument = {Venue::Binance, Symbol::from("BTCUSDT").value()};
        fill.tradeId = 1;
        fill.quantity = parseQuantity("1").value();
        fill.price = parsePrice("60000").value();
        venue->onFill(fill, Source::Query);
        fill.tradeId = 2;
        venue->onFill(fill, Source::Query);
        QCOMPARE(alarms(channels), 1);
    }

    /// A loss that an earlier run recorded speaks against the order while it is typed, and when it is sent.
    void whatEarlierRunsKnowSpeaksAgainstAnOrder()
    {
        const UtcTime now = utcFromMilliseconds(1'700'000'000'000);
        const ManualClock clock(now);
        runtime::Channels channels;
        tests::FakeRecords records;
        runtime::EngineSetup setup;
        setup.clients = {{.venue = Venue::Binance}};
        setup.limits.behaviour.revenge = risk::Enforcement::Enforced;
        risk::Trip loss;
        loss.position.instrument = {Venue::Binance, *Symbol::from("BTCUSDT")};
        loss.openedAt = now - std::chrono::minutes{30};
        loss.closedAt = now - std::chrono::minutes{5};
        loss.net = parseMoney("-80").value();
        loss.plannedRisk = parseMoney("100").value();
        risk::History history;
        history.trips = {loss};
        setup.histories = {history};
        runtime::Engine engine(clock, setup, channels, records, 0);
        tests::FakeLine line;
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::make_unique<tests::FakeClient>(line, Venue::Binance));
        engine.start(std::move(clients));
        orders::OrderIntent intent{.id = "t-1", .order = {}};
        intent.order.instrument = loss.position.instrument;
        intent.order.type = OrderType::Limit;
        intent.order.quantity = parseQuantity("0.01").value();
        intent.order.limitPrice = parsePrice("60000").value();
        intent.plannedRisk = parseMoney("120").value();
        intent.setup = "pullback";
        engine.handle(runtime::AskPreview{.id = 7, .order = intent});
        engine.handle(runtime::Ask{intent});
        engine.stop([] {});
        const auto snapshot = channels.snapshot.take();
        QVERIFY(snapshot && *snapshot != nullptr);
        const auto &preview = (*snapshot)->preview;
        QVERIFY(preview && preview->id == 7);
        QCOMPARE(preview->safeguards.notes.size(), std::size_t{1});
        QCOMPARE(preview->safeguards.notes[0].code, std::string("revenge"));
        QVERIFY(preview->safeguards.notes[0].until == now + std::chrono::minutes{10});
        const auto &answers = (*snapshot)->answers;
        QCOMPARE(answers.size(), std::size_t{1});
        QVERIFY(!answers[0].accepted);
        QVERIFY(std::any_of(answers[0].reasons.begin(), answers[0].reasons.end(),
                            [](const orders::IntentReason &reason) { return reason.code == "revenge"; }));
    }

private:
    [[nodiscard]] static int alarms(runtime::Channels &channels)
    {
        int count = 0;
        for (const auto &row : channels.alerts.takeAll())
            count += row.code == "record-refused" && row.severity == orders::Severity::Critical ? 1 : 0;
        return count;
    }
};

QTEST_GUILESS_MAIN(TestEngineRecords)
#include "tst_engine_records.moc"
