#include <QtTest/QTest>

#include "core/venue/control.h"
#include "core/venue/engine.h"
#include "tests/integration/client_fixture.h"
#include "tests/integration/fault_drill.h"

using namespace core;
using namespace std::chrono_literals;
using tests::ClientFixture;
using tests::DrillRow;
using tests::OrderFate;
using tests::waitFor;
using venue::FaultChannel;
using venue::FaultKind;
using venue::FaultRule;


namespace
{
[[nodiscard]] ClientOrderId id(const std::string &text)
{
    return ClientOrderId::from(text).value();
}

/// The loopback exchange as Binance and the real client, with waits short enough for a table of faults.
class BinanceSubject final : public tests::DrillSubject
{
public:
    BinanceSubject()
    {
        auto &timings = m_fixture.clientOptions.timings;
        timings.orderTimeout = 400ms;
        timings.requestTimeout = 800ms;
        timings.accountPollEvery = 1s;
        timings.auditEvery = 2s;
        timings.auditGrace = 500ms;
        timings.eventAfterAckWithin = 1s;
        timings.listenKeyEvery = 1s;
        timings.listenKeyRetry = 500ms;
        timings.bookSilentAfter = 1s;
        timings.firstDataWithin = 3s;
        m_fixture.venueOptions.markInterval = 250ms; // the start waits for one
        m_fixture.venueOptions.weightLimitPerMinute = 1'000'000; // so that only the fault limits
        m_fixture.venueOptions.orderLimitPerTenSeconds = 1'000'000;
        m_fixture.venueOptions.orderLimitPerMinute = 1'000'000;
    }
    [[nodiscard]] ClientFixture &fixture() { return m_fixture; }
    [[nodiscard]] bool start() { return m_fixture.startAll(); }

    Result<void> setFaults(venue::FaultPlan plan) override { return m_fixture.venue->setFaults(std::move(plan)); }
    UtcTime venueNow() const override { return m_fixture.venueClock.now(); }
    const venue::ControlCounters &counters() const override { return m_fixture.venue->counters(); }
    void submit(const OrderRequest &request) override { m_fixture.submit(request); }
    void cancel(const std::string &name) override { m_fixture.client->cancel(m_fixture.instrument, id(name)); }
    OrderRequest order(const std::string &name, Side side, std::string_view quantity,
                       ReduceOnly reduceOnly) const override
    {
        return m_fixture.marketOrder(name, side, quantity, reduceOnly);
    }
    OrderRequest resting(const std::string &name) const override
    {
        OrderRequest request = m_fixture.marketOrder(name, Side::Buy, "0.02");
        request.type = OrderType::Limit;
        const Price far = scaled(m_fixture.seen.marks.back().mark, parseFixed<Ratio>("0.97").value(), Rounding::Floor)
                              .value();
        request.limitPrice = floorToStep(far, parsePrice("0.1").value());
        return request;
    }
    std::optional<OrderFate> atVenue(const std::string &name) const override
    {
        const venue::VenueOrder *order = m_fixture.venue->engine().findOrder(0, m_fixture.symbol, 0, name);
        if (order == nullptr)
            return std::nullopt;
        return OrderFate{order->status, order->filled, order->createdAt, order->updatedAt};
    }
    std::optional<OrderFate> atClient(const std::string &name) const override
    {
        const auto order = m_fixture.seen.lastOrder(id(name));
        return order ? std::optional(OrderFate{order->status, order->filled, {}, {}}) : std::nullopt;
    }
    bool isAbsent(const std::string &name) const override
    {
        const auto &absent = m_fixture.seen.absent;
        return std::find(absent.begin(), absent.end(), id(name)) != absent.end();
    }
    std::vector<RequestOutcome> outcomes(const std::string &name) const override
    {
        std::vector<RequestOutcome> result;
        for (const auto &outcome : m_fixture.seen.outcomesOf(id(name)))
            result.push_back(outcome.outcome);
        return result;
    }
    std::int64_t positionAtVenue() const override
    {
        return m_fixture.venue->engine().account(0).position(m_fixture.symbol).quantity;
    }
    std::optional<std::int64_t> positionAtClient() const override
    {
        for (auto list = m_fixture.seen.positions.rbegin(); list != m_fixture.seen.positions.rend(); ++list) {
            for (const Position &row : list->rows)
                if (row.instrument.symbol == m_fixture.symbol)
                    return row.direction == Direction::Long ? row.quantity.raw() : -row.quantity.raw();
            if (list->complete)
                return 0;
        }
        return 0;
    }
    std::string complaint() const override
    {
        if (m_fixture.seen.freshness != Freshness::Fresh)
            return "the book is not fresh";
        const auto account = m_fixture.seen.status.find("account");
        if (account != m_fixture.seen.status.end() && account->second.freshness != Freshness::Fresh)
            return "the account is not fresh: " + account->second.lastError;
        return m_fixture.seen.reconciled > 0 ? std::string() : "nothing was reconciled";
    }
    bool booksAgree() override { return m_fixture.booksAgree(); }
    int crossedWhileFresh() const override { return m_fixture.seen.crossedWhileFresh; }

private:
    ClientFixture m_fixture;
};
} // namespace

/// Each fault of the loopback exchange against the real client: afterwards book, orders and position are the exchange's,
/// and what protects was executed within its bound.
class TestFaultsBinance : public QObject
{
    Q_OBJECT

private slots:
    void everyFaultEndsWell_data()
    {
        const auto rest = FaultChannel::Rest;
        const auto orders = FaultChannel::Order;
        const auto publicly = FaultChannel::Public;
        tests::addFaultRows({
            {"answers late", {.kind = FaultKind::Delay, .channel = rest, .length = 300ms}},
            {"418 until a time", {.kind = FaultKind::Banned, .channel = rest}, 1'500ms, 3s},
            {"503 unknown, executed", {.kind = FaultKind::UnknownExecuted, .channel = orders}},
            {"503 unknown, not executed", {.kind = FaultKind::UnknownNotExecuted, .channel = orders}},
            {"503 unavailable", {.kind = FaultKind::Unavailable, .channel = orders}},
            {"-1008, reductions pass", {.kind = FaultKind::Throttled, .channel = orders}, 900ms, 0s},
            {"-1021", {.kind = FaultKind::StaleTimestamp, .channel = rest, .every = 2}},
            {"maintenance", {.kind = FaultKind::Maintenance, .channel = rest}},
            {"clock 1.27 s behind", {.kind = FaultKind::ClockSkew, .length = -1'270ms}},
            {"clock 8 s ahead", {.kind = FaultKind::ClockSkew, .length = 8s}},
            {"a hole in the book",
             {.kind = FaultKind::DropFrames, .channel = publicly, .stream = "depthUpdate", .numbers = {3, 4}}},
            {"the book stops, the line lives",
             {.kind = FaultKind::DropFrames, .channel = publicly, .stream = "depthUpdate"}, 2'500ms},
            {"2 KB/s", {.kind = FaultKind::SlowFrames, .channel = FaultChannel::WebSocket, .rate = 2'048}},
            {"listen key ends without a word", {.kind = FaultKind::ListenKeyEnds}},
            {"listen key ends with its event", {.kind = FaultKind::ListenKeyEnds, .told = true}},
        });
    }
    void everyFaultEndsWell()
    {
        QFETCH(DrillRow, row);
        BinanceSubject subject;
        QVERIFY(subject.start());
        const std::string wrong = tests::runDrill(subject, row);
        QVERIFY2(wrong.empty(), wrong.c_str());
        QCOMPARE(subject.fixture().seen.callsFromInside, 0);
    }

    void duringABanNothingIsSent_data()
    {
        QTest::addColumn<DrillRow>("row");
        QTest::newRow("418") << DrillRow{.rules = {{.kind = FaultKind::Banned, .until = 3s}}};
        QTest::newRow("403") << DrillRow{.rules = {{.kind = FaultKind::Forbidden, .until = 3s}}};
    }
    /// R9. What was on its way when the ban was told does not count; the stream still tells what happens.
    void duringABanNothingIsSent()
    {
        QFETCH(DrillRow, row);
        BinanceSubject subject;
        QVERIFY(subject.start());
        subject.submit(subject.order("before", Side::Buy, "0.03", ReduceOnly::No));
        QVERIFY(waitFor([&] { return subject.positionAtClient() == parseQuantity("0.03").value().raw(); }));
        QVERIFY(subject.setFaults({1, row.rules}).has_value());
        subject.submit(subject.order("first", Side::Sell, "0.01", ReduceOnly::Yes));
        QVERIFY(waitFor([&] { return !subject.outcomes("first").empty(); }));
        const auto told = subject.counters().requests();
        for (int i = 0; i < 20; ++i)
            subject.submit(subject.order("more-" + std::to_string(i), Side::Sell, "0.001", ReduceOnly::Yes));
        QVERIFY(waitFor([&] { return !subject.outcomes("more-19").empty(); }));
        (void)waitFor([] { return false; }, 1'500);
        const auto during = subject.counters().requests() - told;
        qInfo("requests during the ban after it was told: %llu", static_cast<unsigned long long>(during));
        QVERIFY2(during <= 2, "the client went on asking"); // answers that were on their way
        QCOMPARE(subject.positionAtVenue(), parseQuantity("0.03").value().raw());
    }

    void aConditionalOrderOnTheWrongPathIsRefusedOnce()
    {
        BinanceSubject subject;
        QVERIFY(subject.start());
        QVERIFY(subject.setFaults({1, {{.kind = FaultKind::ConditionalRefused, .stream = "algo"}}}).has_value());
        subject.submit(stop(subject, "stop-1"));
        QVERIFY(waitFor([&] { return !subject.outcomes("stop-1").empty(); }));
        QCOMPARE(subject.outcomes("stop-1").back(), RequestOutcome::Rejected);
        QVERIFY(subject.setFaults({}).has_value());
        subject.submit(stop(subject, "stop-2"));
        QVERIFY(waitFor([&] { return !subject.outcomes("stop-2").empty(); }));
        QCOMPARE(subject.outcomes("stop-2").back(), RequestOutcome::Accepted);
    }

    void aStopThatIsRefusedWhenItFiresIsToldAsRejected()
    {
        BinanceSubject subject;
        QVERIFY(subject.start());
        subject.submit(subject.order("open", Side::Buy, "0.02", ReduceOnly::No));
        QVERIFY(waitFor([&] { return subject.atClient("open") && subject.atClient("open")->status == OrderStatus::Filled; }));
        subject.submit(stop(subject, "stop"));
        QVERIFY(waitFor([&] { return subject.atClient("stop").has_value(); }));
        QVERIFY(subject.setFaults({1, {{.kind = FaultKind::TriggerRejected}}}).has_value());
        auto &fixture = subject.fixture();
        const Price mark = fixture.seen.marks.back().mark;
        const Price below = scaled(mark, parseFixed<Ratio>("0.94").value(), Rounding::Floor).value();
        QVERIFY(fixture.venue->control({.kind = venue::ControlCall::Kind::Mark, .symbol = "BTCUSDT", .price = below}).has_value());
        QVERIFY(waitFor([&] { return subject.atClient("stop")->status == OrderStatus::Rejected; }));
        QCOMPARE(subject.positionAtVenue(), parseQuantity("0.02").value().raw()); // still naked: the engine is told
        QVERIFY(!fixture.seen.lastOrder(id("stop"))->reason.empty());
    }

    void aLiquidationReachesTheClient()
    {
        BinanceSubject subject;
        QVERIFY(subject.start());
        subject.submit(subject.order("open", Side::Buy, "0.02", ReduceOnly::No));
        QVERIFY(waitFor([&] { return subject.positionAtClient() == parseQuantity("0.02").value().raw(); }));
        QVERIFY(subject.setFaults({1, {{.kind = FaultKind::Liquidation}}}).has_value());
        QVERIFY(waitFor([&] { return subject.positionAtVenue() == 0 && subject.positionAtClient() == 0; }));
        QVERIFY(waitFor([&] { return subject.fixture().seen.fills.size() >= 2; }));
    }

private:
    [[nodiscard]] static OrderRequest stop(const BinanceSubject &subject, const std::string &name)
    {
        OrderRequest request = subject.resting(name);
        request.side = Side::Sell;
        request.type = OrderType::StopMarket;
        request.triggerPrice = request.limitPrice;
        request.limitPrice.reset();
        request.reduceOnly = ReduceOnly::Yes;
            return request;
    }
};

QTEST_GUILESS_MAIN(TestFaultsBinance)
#include "tst_faults_binance.moc"
