#include <thread>

#include <QtSql/QSqlQuery>
#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/storage/check.h"
#include "core/storage/round_trips.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{

Position position(const char *size, const char *entry, int second, Direction direction = Direction::Long)
{
    Position result;
    result.instrument = btc();
    result.direction = direction;
    result.quantity = quantity(size);
    result.entryPrice = price(entry);
    result.venueTime = at(second);
    result.receivedAt = at(second);
    return result;
}

OrderUpdate order(const char *clientId, std::int64_t venueId, OrderStatus status, int second)
{
    OrderUpdate result;
    result.instrument = btc();
    result.clientOrderId = ClientOrderId::from(clientId).value();
    result.venueOrderId = {venueId};
    result.status = status;
    result.quantity = quantity("1");
    result.limitPrice = price("60000");
    result.reduceOnly = ReduceOnly::Yes;
    result.venueTime = at(second);
    result.receivedAt = at(second);
    return result;
}

} // namespace

class TestWriter : public QObject
{
    Q_OBJECT

private slots:
    void saysStoredOnlyAfterTheCommit()
    {
        Desk desk;
        desk.open();
        desk.push(line(1, "one"));
        desk.push(line(2, "two"));
        QCOMPARE(desk.writer->durable().job, std::uint64_t{0});
        QVERIFY(desk.heard.durable.empty());
        const StepReport report = desk.writer->step();
        QCOMPARE(report.written, std::size_t{2});
        QCOMPARE(desk.writer->durable().job, std::uint64_t{2});
        QCOMPARE(desk.writer->durable().journalSeq, std::int64_t{2});
        QCOMPARE(desk.heard.durable.size(), std::size_t{1}); // one burst, one transaction, one word
        // another connection sees it: it is committed
        QCOMPARE(desk.reader().value(u"SELECT count(*) FROM journal"_s)->toInt(), 2);
        QCOMPARE(desk.writer->step().written, std::size_t{0});
    }

    void burstsAreBounded()
    {
        Desk desk;
        desk.open(Mode::Demo, {.burstMax = 10});
        for (int i = 0; i < 25; ++i)
            desk.push(line(i, "x"));
        QCOMPARE(desk.writer->step().written, std::size_t{10});
        QCOMPARE(desk.queue.size(), std::size_t{15});
        desk.drain();
        QCOMPARE(desk.writer->durable().job, std::uint64_t{25});
    }

    void everyRecordComesBackAsItWas()
    {
        Desk desk;
        desk.open(Mode::Testnet);
        Position held = position("0.5", "60000.1", 1, Direction::Short);
        held.markPrice = price("59000");
        held.unrealizedPnl = money("500.05");
        held.liquidationPrice = price("71000");
        held.leverage = 20;
        held.marginMode = MarginMode::Isolated;
        held.initialMargin = money("1475");
        const AccountSnapshot snapshot{account(),       Asset::from("USDT").value(),
                                       money("10000"),  money("-1.5"),
                                       money("9998.5"), money("9000"),
                                       money("500"),    money("20"),
                                       at(1),           at(2)};
        const OrderUpdate placed = order("etrms-1", 42, OrderStatus::PartiallyFilled, 3);
        Fill executed = fill(7, 4, Side::Sell, "0.25", "60000.1", "-0.00000001", "12.5");
        executed.maker = true;
        Candle candle;
        candle.instrument = btc();
        candle.openTime = at(0);
        candle.open = candle.low = price("1");
        candle.high = candle.close = price("2");
        candle.volume = quantity("3.5");
        candle.trades = 12;
        candle.closed = true;
        orders::RaiseAlert alert{orders::Severity::Critical, "close-verified", btc(), "d-1",
                                 "flat \"really\", ₿ und Grüße"};
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordPosition{account(), held});
        desk.push(RecordAccount{snapshot});
        desk.push(RecordOrder{account(), placed, "d-1"});
        desk.push(RecordFill{account(), executed});
        desk.push(RecordCandle{candle});
        desk.push(RecordAlert{at(5), alert});
        desk.push(RecordConfig{account(), at(6), "schema = 1\n"});
        desk.drain();
        QVERIFY2(desk.heard.rejected.empty() && desk.heard.degraded.empty(), "nothing was refused");

        const auto reader = desk.reader();
        const auto open = openPositions(reader);
        QVERIFY_RESULT(open);
        QVERIFY(open->size() == 1 && open->front().position == held && open->front().mode == Mode::Testnet);
        const auto accounts = latestAccounts(reader, Mode::Testnet);
        QVERIFY_RESULT(accounts);
        QVERIFY(*accounts == std::vector{snapshot});
        QVERIFY(latestAccounts(reader, Mode::Live)->empty());
        const auto orders = recentOrders(reader, 10);
        QVERIFY_RESULT(orders);
        QVERIFY(orders->size() == 1 && orders->front().order == placed &&
                orders->front().decisionId == "d-1");
        const auto allFills = fills(reader);
        QVERIFY_RESULT(allFills);
        QVERIFY(allFills->size() == 1 && allFills->front().fill == executed);
        const auto bars = candles(reader, btc(), candle.length, at(0), at(1));
        QVERIFY_RESULT(bars);
        QCOMPARE(bars->size(), std::size_t{1});
        QVERIFY(bars->front().volume == candle.volume && bars->front().high == candle.high &&
                bars->front().closed);
        QVERIFY(candles(reader, btc(), candle.length, at(1), at(9))->empty());
        const auto alerts = recentAlerts(reader, 5);
        QVERIFY_RESULT(alerts);
        QCOMPARE(alerts->front().alert.text, alert.text);
        QVERIFY(alerts->front().alert.instrument == alert.instrument);
        QVERIFY(alerts->front().alert.severity == orders::Severity::Critical);
        QCOMPARE(configRows(reader, Mode::Testnet, account())->back().toml, std::string("schema = 1\n"));
        QVERIFY(configRows(reader, Mode::Demo, account())->empty());
    }

    void anOrderKeepsOneRowFromPendingToFilled()
    {
        Desk desk;
        desk.open();
        desk.push(RecordOrder{account(), order("etrms-1", 0, OrderStatus::Pending, 1), "d-1"});
        desk.push(RecordOrder{account(), order("etrms-1", 42, OrderStatus::New, 2), ""});
        desk.push(RecordOrder{account(), order("etrms-1", 0, OrderStatus::Unknown, 3), ""});
        desk.push(RecordOrder{account(), order("etrms-1", 42, OrderStatus::Filled, 4), ""});
        desk.drain();
        const auto orders = recentOrders(desk.reader(), 10);
        QVERIFY_RESULT(orders);
        QCOMPARE(orders->size(), std::size_t{1});
        QCOMPARE(orders->front().order.status, OrderStatus::Filled);
        QCOMPARE(orders->front().order.venueOrderId.value, std::int64_t{42});
        QCOMPARE(orders->front().decisionId, std::string("d-1"));
    }

    void foreignOrdersMayShareAClientId()
    {
        Desk desk;
        desk.open();
        desk.push(RecordOrder{account(), order("adl_autoclose", 1, OrderStatus::Filled, 1), ""});
        desk.push(RecordOrder{account(), order("adl_autoclose", 2, OrderStatus::Filled, 2), ""});
        desk.push(RecordOrder{account(), order("", 3, OrderStatus::New, 3), ""});
        desk.push(RecordOrder{account(), order("", 4, OrderStatus::New, 4), ""});
        desk.drain();
        QCOMPARE(recentOrders(desk.reader(), 10)->size(), std::size_t{4});
    }

    void aFillOfAnUnknownOrderAndContractIsStored()
    {
        Desk desk;
        desk.open();
        Fill foreign = fill(5, 1, Side::Buy, "1", "3");
        foreign.instrument = {Venue::Hyperliquid, Symbol::from("kPEPE").value()};
        foreign.clientOrderId = {};
        desk.push(RecordFill{account("phone"), foreign});
        desk.drain();
        QVERIFY(desk.heard.rejected.empty());
        QCOMPARE(fills(desk.reader())->size(), std::size_t{1});
        desk.close();
        QVERIFY_RESULT(checkDatabase(desk.path()));
    }

    void tradesFollowFromFills()
    {
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordFill{account(), fill(1, 1, Side::Buy, "1", "100", "0.1")});
        desk.drain();
        QVERIFY(trades(desk.reader())->empty());
        desk.push(RecordFill{account(), fill(2, 2, Side::Sell, "1", "90", "0.1", "-10")});
        desk.push(RecordFill{account(),
                             fill(2, 2, Side::Sell, "1", "90", "0.1", "-10")}); // said twice by the venue
        desk.drain();
        QVERIFY(desk.heard.rejected.empty());
        const auto rows = trades(desk.reader());
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{1});
        QCOMPARE(rows->front().netPnl, money("-10.2"));
        QCOMPARE(rows->front().pnlAsset.string(), std::string("USDT"));
        QVERIFY(trades(desk.reader(), {.mode = Mode::Live})->empty());
        QVERIFY(trades(desk.reader(), {.from = at(3)})->empty());
        QCOMPARE(trades(desk.reader(), {.from = at(2), .to = at(3)})->size(), std::size_t{1});
    }

    void aRoundTripSurvivesARestart()
    {
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordFill{account(), fill(1, 1, Side::Buy, "1", "100")});
        desk.drain();
        desk.close();
        desk.open();
        desk.push(RecordFill{account(), fill(2, 2, Side::Sell, "1", "101", "0", "1")});
        desk.drain();
        const auto rows = trades(desk.reader());
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{1});
        QCOMPARE(rows->front().openTradeId, std::int64_t{1});
    }

    void aPositionFromBeforeTheFirstFillIsKnown()
    {
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordPosition{account(), position("2", "100", 1)});
        desk.push(RecordFill{account(), fill(8, 5, Side::Sell, "2", "95", "0.2", "-10")});
        desk.push(RecordPosition{account(), position("0", "0", 5)});
        desk.drain();
        const auto rows = trades(desk.reader());
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{1});
        QCOMPARE(rows->front().side, Direction::Long);
        QCOMPARE(rows->front().entryPrice, price("100"));
        QCOMPARE(rows->front().netPnl, money("-10.2"));
        QVERIFY(openPositions(desk.reader())->empty());
    }

    void aPositionSeenBeforeItsOwnFillsIsNotCountedTwice()
    {
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(
            RecordPosition{account(), position("2", "100", 4)}); // the account event overtakes the fill's
        desk.push(RecordFill{account(), fill(1, 4, Side::Buy, "2", "100", "0.2")});
        desk.push(RecordFill{account(), fill(2, 6, Side::Sell, "2", "103", "0.2", "6")});
        desk.drain();
        const auto rows = trades(desk.reader());
        QVERIFY_RESULT(rows);
        QCOMPARE(rows->size(), std::size_t{1});
        QCOMPARE(rows->front().openTradeId, std::int64_t{1});
        QCOMPARE(rows->front().fees, money("0.4"));
        QCOMPARE(rows->front().note, std::string());
    }

    void theOrderOfArrivalDoesNotMatter()
    {
        QVERIFY(rc::check("late fills give the same trades", [] {
            std::vector<Fill> all;
            std::int64_t held = 0;
            for (int i = 0; i < *rc::gen::inRange(1, 12); ++i) {
                const auto size = *rc::gen::inRange<std::int64_t>(1, 4);
                const Side side = *rc::gen::arbitrary<bool>() ? Side::Buy : Side::Sell;
                Fill next = fill(i + 1, i / 2, side, "1", "100", "0.3"); // pairs share an instant
                next.quantity = Quantity::fromRaw(size * kDecimalOne);
                const bool reduces = held != 0 && (held > 0) != (side == Side::Buy);
                next.realizedPnl = reduces ? Money::fromRaw(size * 7) : Money{};
                held += side == Side::Buy ? size : -size;
                all.push_back(next);
            }
            const auto expected = buildRoundTrips({Mode::Demo, account(), btc(), PositionSide::Both},
                                                  btcListed().quote, std::nullopt, all);
            std::vector<Fill> mixed = all;
            for (std::size_t i = mixed.size() - 1; i > 0; --i)
                std::swap(mixed[i],
                          mixed[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(i) + 1))]);
            Desk desk;
            desk.open(Mode::Demo, {.burstMax = 5});
            if (*rc::gen::arbitrary<bool>())
                desk.push(UpsertInstrument{btcListed(), at(0)});
            for (const Fill &next : mixed)
                desk.push(RecordFill{account(), next});
            desk.push(UpsertInstrument{btcListed(), at(0)}); // or it is listed only now
            desk.drain();
            auto rows = trades(desk.reader()).value();
            std::sort(rows.begin(), rows.end(), [](const TradeRow &a, const TradeRow &b) {
                return std::pair(a.closedAt, a.closeTradeId) < std::pair(b.closedAt, b.closeTradeId);
            });
            RC_ASSERT(expected.has_value());
            RC_ASSERT(rows == *expected);
        }));
    }

    void aBadRecordIsNamedAndTheOthersAreStored()
    {
        Desk desk;
        desk.open();
        desk.push(line(1, "before"));
        desk.push(RecordFill{account(), fill(1, 1, Side::Buy, "0", "100")});
        desk.push(RecordFill{account(), fill(2, 1, Side::Buy, "1", "100")});
        desk.push(RecordFill{account(), fill(2, 1, Side::Buy, "9", "100")}); // another execution, same number
        desk.push(line(2, "after"));
        desk.drain();
        QCOMPARE(desk.heard.rejected.size(), std::size_t{2});
        QCOMPARE(desk.heard.rejected[0].first, std::uint64_t{2});
        QCOMPARE(desk.heard.rejected[1].first, std::uint64_t{4});
        QVERIFY(desk.heard.rejected[1].second.detail.find("another execution") != std::string::npos);
        QCOMPARE(desk.writer->durable().journalSeq, std::int64_t{2});
        QCOMPARE(fills(desk.reader())->size(), std::size_t{1});
    }

    void onlyAChangeOfTheLimitsIsAVersion()
    {
        Desk desk;
        desk.open();
        for (const char *toml : {"a = 1", "a = 1", "a = 2", "a = 1"})
            desk.push(RecordConfig{account(), at(1), toml});
        desk.drain();
        QCOMPARE(configRows(desk.reader(), Mode::Demo, account())->size(), std::size_t{3});
    }

    void aFullDiskKeepsTheJobsAndRecovers()
    {
        Desk desk;
        desk.open(Mode::Demo, {.burstMax = 50, .retryFirst = std::chrono::milliseconds(100)});
        const auto pages = desk.writer->database().value(u"PRAGMA page_count"_s)->toInt();
        QVERIFY_RESULT(desk.writer->database().execute(u"PRAGMA max_page_count = %1"_s.arg(pages + 3)));
        const std::string payload(1000, 'p');
        for (int i = 0; i < 200; ++i)
            desk.push(line(i, payload));
        StepReport report = desk.writer->step();
        QCOMPARE(report.written, std::size_t{0});
        QCOMPARE(report.waiting, std::size_t{50});
        QVERIFY(report.degraded);
        QCOMPARE(desk.heard.degraded.size(), std::size_t{1});
        QCOMPARE(desk.heard.degraded[0].code, ErrorCode::IoFailed);
        QVERIFY2(desk.heard.degraded[0].detail.find("200 records wait for the disk") == 0,
                 desk.heard.degraded[0].detail.c_str());
        QVERIFY(desk.heard.degraded[0].detail.find('\n') == std::string::npos);
        QCOMPARE(desk.writer->durable().job, std::uint64_t{0});
        for (int i = 0; i < 5; ++i) { // not before its time; then said once per episode, not per try
            QCOMPARE(desk.writer->step().written, std::size_t{0});
            desk.clock.advance(std::chrono::seconds(3));
            QCOMPARE(desk.writer->step().written, std::size_t{0});
        }
        QCOMPARE(desk.heard.degraded.size(), std::size_t{1});
        QVERIFY_RESULT(desk.writer->database().execute(u"PRAGMA max_page_count = 1000000"_s));
        QCOMPARE(desk.writer->step().written, std::size_t{0}); // the pause is not over
        desk.clock.advance(std::chrono::seconds(3));
        QCOMPARE(desk.writer->step().written, std::size_t{50});
        QCOMPARE(desk.heard.recovered, 1);
        desk.drain();
        QCOMPARE(desk.writer->durable().journalSeq, std::int64_t{200});
        QVERIFY(!desk.writer->degraded());
        desk.close();
        QVERIFY_RESULT(checkDatabase(desk.path()));
    }

    void givingUpAtTheEndIsSaid()
    {
        Desk desk;
        desk.open(Mode::Demo,
                  {.retryFirst = std::chrono::milliseconds(1), .retryMax = std::chrono::milliseconds(1)});
        const auto pages = desk.writer->database().value(u"PRAGMA page_count"_s)->toInt();
        QVERIFY_RESULT(desk.writer->database().execute(u"PRAGMA max_page_count = %1"_s.arg(pages)));
        desk.push(line(1, std::string(20'000, 'x')));
        desk.queue.close();
        const auto ended = desk.writer->run(2);
        QVERIFY(!ended);
        QVERIFY2(ended.error().detail.find("1 records were not stored") == 0, ended.error().detail.c_str());
    }

    void aFullQueueRefusesAndKeepsTheJobWithTheCaller()
    {
        JobQueue<Job> queue(2);
        QCOMPARE(queue.push(line(1, "a")).value(), std::uint64_t{1});
        QCOMPARE(queue.push(line(1, "b")).value(), std::uint64_t{2});
        Job third = line(1, "c");
        QVERIFY(!queue.push(std::move(third)));
        QCOMPARE(std::get<AppendJournal>(third).payload, std::string("c")); // untouched
        std::vector<Job> out;
        QCOMPARE(queue.take(out, 1), std::size_t{1});
        QCOMPARE(queue.push(std::move(third)).value(), std::uint64_t{3});
        queue.close();
        QVERIFY(!queue.push(line(1, "late")));
        QCOMPARE(queue.take(out, 10), std::size_t{2}); // what was accepted can still be taken
    }

    void runsOnItsOwnThreadUntilTheQueueIsClosed()
    {
        Desk desk;
        constexpr int kPushers = 4, kEach = 500;
        Result<void> ended;
        std::thread storage([&] {
            desk.open();
            ended = desk.writer->run();
            desk.close();
        });
        std::vector<std::thread> pushers;
        std::atomic<int> accepted{0};
        for (int pusher = 0; pusher < kPushers; ++pusher) {
            pushers.emplace_back([&desk, &accepted, pusher] {
                for (int i = 0; i < kEach; ++i) {
                    if (desk.queue.push(line(i, fmt::format("{}-{}", pusher, i))))
                        ++accepted;
                }
            });
        }
        for (std::thread &pusher : pushers)
            pusher.join();
        desk.queue.close();
        storage.join();
        QVERIFY_RESULT(ended);
        QCOMPARE(accepted.load(), kPushers * kEach);
        QCOMPARE(desk.heard.durable.back().job, std::uint64_t{kPushers * kEach});
        const auto checked = checkDatabase(desk.path());
        QVERIFY_RESULT(checked);
        QCOMPARE(checked->journalRows, std::int64_t{kPushers * kEach});
        // each pusher's own order is kept
        std::array<int, kPushers> next{};
        QVERIFY_RESULT(eachJournalRow(desk.reader(), std::nullopt, [&](const JournalRow &row) {
            const auto pusher = static_cast<std::size_t>(row.payload[0] - '0');
            return row.payload == fmt::format("{}-{}", pusher, next[pusher]++);
        }));
        for (const int count : next)
            QCOMPARE(count, kEach);
    }

    void enumsKeepTheirNames()
    {
        QCOMPARE(name(Mode::Demo), std::string_view("demo"));
        QCOMPARE(name(Mode::Paper), std::string_view("paper"));
        QCOMPARE(name(Mode::Testnet), std::string_view("testnet"));
        QCOMPARE(name(Mode::Live), std::string_view("live"));
        QCOMPARE(name(JournalKind::Input), std::string_view("input"));
        QCOMPARE(name(JournalKind::Decision), std::string_view("decision"));
        QCOMPARE(name(JournalKind::Note), std::string_view("note"));
    }
};

QTEST_GUILESS_MAIN(TestWriter)
#include "tst_writer.moc"
