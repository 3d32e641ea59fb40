#include "tests/core/runtime/engine_fakes.h"

#include <algorithm>
#include <deque>

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

    /// Also when the answer comes from within the call that sends: the journal replays to the same bytes.
    void eachDecisionIsJournaledBeforeItIsCarriedOut()
    {
        const UtcTime now = utcFromMilliseconds(1'700'000'000'000);
        const ManualClock clock(now);
        runtime::Channels channels;
        tests::FakeRecords records;
        runtime::EngineSetup setup;
        setup.clients = {{.venue = Venue::Binance}};
        setup.limits.backstop.enabled = false;
        setup.arming = risk::Arming::Armed;
        setup.armedBy = "test";
        runtime::Engine engine(clock, setup, channels, records, 0);
        tests::FakeLine line;
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::make_unique<tests::FakeClient>(line, Venue::Binance));
        engine.start(std::move(clients));
        ports::ExchangeListener *venue = line.listener;
        std::vector<std::string> lastRow;
        line.submitted = [&](const OrderRequest &order) {
            lastRow.push_back(records.rows.back().second);
            QVERIFY(lastRow.back().find(order.clientOrderId.string()) != std::string::npos);
            venue->onRequestOutcome(order.clientOrderId, RequestOutcome::Accepted, {});
            QCOMPARE(records.rows.back().second, lastRow.back()); // heard, and kept for after the decision
        };
        openAndBreach(*venue, now);
        QCOMPARE(lastRow.size(), std::size_t{1});
        QCOMPARE(records.journaled("accepted"), 1);
        orders::Guard again;
        std::deque<std::string> due;
        for (const auto &[kind, payload] : records.rows) {
            if (kind == runtime::JournalKind::Decision) {
                QVERIFY(!due.empty());
                QCOMPARE(payload, due.front());
                due.pop_front();
                continue;
            }
            QVERIFY(due.empty());
            std::vector<orders::GuardOutput> outputs;
            again.apply(orders::decodeGuardInput(payload).value(), outputs);
            for (const orders::GuardOutput &output : outputs)
                due.push_back(orders::encode(output));
        }
        QVERIFY(due.empty());
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
    /// A long of 0.25 from 60,000 at 10x, and a mark that takes 31 % of its margin.
    static void openAndBreach(ports::ExchangeListener &venue, UtcTime now)
    {
        Instrument btc;
        btc.key = {Venue::Binance, Symbol::from("BTCUSDT").value()};
        btc.tickSize = parsePrice("0.1").value();
        btc.stepSize = btc.marketStepSize = parseQuantity("0.001").value();
        btc.trading = true;
        venue.onInstrument(btc);
        AccountSnapshot totals;
        totals.walletBalance = totals.equity = totals.available = parseMoney("1000000").value();
        totals.venueTime = totals.receivedAt = now;
        venue.onAccount(totals, Source::Query);
        venue.onPositions({}, Source::Query, true);
        venue.onReconciled();
        Position held;
        held.instrument = btc.key;
        held.quantity = parseQuantity("0.25").value();
        held.entryPrice = parsePrice("60000").value();
        held.leverage = 10;
        held.venueTime = held.receivedAt = now;
        venue.onPositions({held}, Source::Stream, false);
        for (const char *price : {"60000", "58140"}) {
            MarkPrice mark;
            mark.instrument = btc.key;
            mark.mark = parsePrice(price).value();
            mark.venueTime = mark.receivedAt = now;
            venue.onMark(mark);
        }
    }
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
