#include <QtTest/QTest>


#include "core/exchange/hyperliquid/cloids.h"
#include "core/venue/hyperliquid/desk.h"
#include "tests/integration/fault_drill.h"
#include "tests/integration/hl_fixture.h"
#include "tests/support/process_figures.h"

using namespace core;
using namespace std::chrono_literals;
using tests::DrillRow;
using tests::OrderFate;
using tests::hl::LoopbackFixture;
using tests::hl::waitFor;
using venue::FaultChannel;
using venue::FaultKind;
using venue::FaultRule;


namespace
{
[[nodiscard]] std::string cloidOf(const std::string &name)
{
    return exchange::hyperliquid::Cloids::cloidOf(ClientOrderId::from(name).value()).text();
}

[[nodiscard]] OrderStatus statusOf(const venue::hyperliquid::DeskOrder &order)
{
    if (order.isOpen())
        return order.filled.isZero() ? OrderStatus::New : OrderStatus::PartiallyFilled;
    if (order.status == "filled")
        return OrderStatus::Filled;
    return order.status.ends_with("ejected") ? OrderStatus::Rejected : OrderStatus::Canceled;
}

/// The loopback exchange as Hyperliquid and the real client.
class HyperliquidSubject final : public tests::DrillSubject
{
public:
    HyperliquidSubject()
    {
        auto &timings = m_fixture.options.timings;
        timings.orderTimeout = 400ms;
        timings.requestTimeout = 800ms;
        timings.accountPollEvery = 2s;
        timings.orderQueryEvery = 100ms;
        timings.pingEvery = 300ms;
        timings.pongWithin = 500ms;
        timings.bookStaleAfter = 2s;
        timings.markStaleAfter = 4s;
        timings.clockCheckEvery = 500ms;
    }
    /// The client's own budget does not limit, only the fault does.
    void withoutOwnLimits() { m_fixture.options.weightPerMinute = 1'000'000; }
    [[nodiscard]] LoopbackFixture &fixture() { return m_fixture; }
    [[nodiscard]] bool start() { return m_fixture.startAll(); }

    Result<void> setFaults(venue::FaultPlan plan) override { return m_fixture.venue->setFaults(std::move(plan)); }
    UtcTime venueNow() const override { return m_fixture.clock.now(); }
    const venue::ControlCounters &counters() const override { return m_fixture.venue->counters(); }
    void submit(const OrderRequest &request) override { m_fixture.submit(request); }
    void cancel(const std::string &name) override
    {
        m_fixture.client->cancel(m_fixture.btc, ClientOrderId::from(name).value());
    }
    OrderRequest order(const std::string &name, Side side, std::string_view quantity,
                       ReduceOnly reduceOnly) const override
    {
        return m_fixture.market(name, side, quantity, reduceOnly);
    }
    OrderRequest resting(const std::string &name) const override
    {
        return m_fixture.resting(name, Side::Buy, "0.01", 5);
    }
    std::optional<OrderFate> atVenue(const std::string &name) const override
    {
        const venue::hyperliquid::DeskOrder *order = m_fixture.venue->desk().find(0, cloidOf(name));
        if (order == nullptr)
            return std::nullopt;
        return OrderFate{statusOf(*order), order->filled, order->placedAt, order->statusAt};
    }
    std::optional<OrderFate> atClient(const std::string &name) const override
    {
        const auto order = m_fixture.seen.lastOrder(name);
        return order ? std::optional(OrderFate{order->status, order->filled, {}, {}}) : std::nullopt;
    }
    bool isAbsent(const std::string &name) const override
    {
        const auto &absent = m_fixture.seen.absent;
        return std::any_of(absent.begin(), absent.end(),
                           [&](const ClientOrderId &entry) { return entry.string() == name; });
    }
    std::vector<RequestOutcome> outcomes(const std::string &name) const override
    {
        std::vector<RequestOutcome> result;
        for (const auto &outcome : m_fixture.seen.outcomesOf(name))
            result.push_back(outcome.outcome);
        return result;
    }
    std::int64_t positionAtVenue() const override { return m_fixture.position(); }
    std::optional<std::int64_t> positionAtClient() const override
    {
        for (const Position &row : m_fixture.seen.positions)
            if (row.instrument == m_fixture.btc)
                return row.direction == Direction::Long ? row.quantity.raw() : -row.quantity.raw();
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
    /// The venue sends its book as a whole, a few times a second: at one instant both tops are the same.
    bool booksAgree() override
    {
        return waitFor(
            [this] {
                const auto &desk = m_fixture.venue->desk();
                const auto bids = desk.levels(0, Side::Buy, 1);
                const auto asks = desk.levels(0, Side::Sell, 1);
                const auto &bid = m_fixture.seen.bid;
                const auto &ask = m_fixture.seen.ask;
                return bid && ask && !bids.empty() && !asks.empty() && bid->price == bids.front().price &&
                       bid->quantity == bids.front().quantity && ask->price == asks.front().price &&
                       ask->quantity == asks.front().quantity;
            },
            8'000);
    }
    int crossedWhileFresh() const override { return m_fixture.seen.crossedWhileFresh; }

private:
    LoopbackFixture m_fixture;
};
} // namespace

/// Each fault of the loopback exchange against the real client: afterwards book, orders and position are the exchange's,
/// and what protects was executed within its bound.
class TestFaultsHyperliquid : public QObject
{
    Q_OBJECT

private slots:
    void hl50_everyFaultEndsWell_data()
    {
        const auto rest = FaultChannel::Rest;
        const auto orders = FaultChannel::Order;
        tests::addFaultRows({
            {"answers late", {.kind = FaultKind::Delay, .channel = rest, .length = 200ms}},
            {"429 without Retry-After", {.kind = FaultKind::Limited, .channel = rest}},
            {"403 with HTML", {.kind = FaultKind::Forbidden, .channel = orders}},
            {"expired action", {.kind = FaultKind::ExpiredAction, .channel = orders}},
            {"too many cumulative requests", {.kind = FaultKind::BudgetExhausted, .channel = orders}},
            {"post-only window", {.kind = FaultKind::PostOnlyWindow}},
            {"trading halted", {.kind = FaultKind::Halted}},
            {"clock 2 s behind", {.kind = FaultKind::ClockSkew, .length = -2s}},
            {"the book stops, pongs go on", {.kind = FaultKind::DropFrames, .channel = FaultChannel::Public}, 2'500ms},
            {"4 KB/s", {.kind = FaultKind::SlowFrames, .channel = FaultChannel::WebSocket, .rate = 4'096}},
        });
    }
    void hl50_everyFaultEndsWell()
    {
        QFETCH(DrillRow, row);
        HyperliquidSubject subject;
        subject.withoutOwnLimits();
        QVERIFY(subject.start());
        const std::string wrong = tests::runDrill(subject, row);
        QVERIFY2(wrong.empty(), wrong.c_str());
        QCOMPARE(subject.fixture().seen.callsFromInside, 0);
    }

    void silenceIsNoticed_data()
    {
        QTest::addColumn<DrillRow>("row");
        const auto row = [](const char *text, FaultRule rule) {
            QTest::newRow(text) << DrillRow{.rules = {std::move(rule)}};
        };
        row("half-open", {.kind = FaultKind::HalfOpen, .channel = FaultChannel::WebSocket, .until = 1s});
        row("reset in the middle of a frame", {.kind = FaultKind::CutFrame, .channel = FaultChannel::WebSocket, .numbers = {3}});
        row("the book stops, pongs go on", {.kind = FaultKind::DropFrames, .channel = FaultChannel::Public, .stream = "l2Book", .until = 6s});
    }
    /// R7: a line or a stream that says nothing any more is called so, and comes back by itself. With the waits of this
    /// test (ping 300 ms, pong within 500 ms, book stale after 2 s); the figures are printed.
    void silenceIsNoticed()
    {
        QFETCH(DrillRow, row);
        HyperliquidSubject subject;
        subject.withoutOwnLimits();
        auto &seen = subject.fixture().seen;
        QVERIFY(subject.start());
        const Duration began = subject.fixture().clock.monotonic();
        QVERIFY(subject.setFaults({1, row.rules}).has_value());
        QVERIFY(waitFor([&] { return seen.freshness != Freshness::Fresh; }, 6'000));
        const Duration noticed = subject.fixture().clock.monotonic() - began;
        QVERIFY(waitFor([&] { return subject.complaint().empty(); }, 20'000));
        const Duration well = subject.fixture().clock.monotonic() - began;
        QVERIFY(subject.booksAgree());
        qInfo("noticed after %lld ms, well after %lld ms, %llu reconnects", static_cast<long long>(noticed / 1ms),
              static_cast<long long>(well / 1ms), static_cast<unsigned long long>(seen.status["account"].reconnects));
    }

    void limitsAreKept_data()
    {
        QTest::addColumn<DrillRow>("row");
        QTest::newRow("429 with Retry-After 3 s")
            << DrillRow{.rules = {{.kind = FaultKind::Limited, .channel = FaultChannel::Rest, .until = 3s, .length = 3s}}};
        QTest::newRow("address budget used up")
            << DrillRow{.rules = {{.kind = FaultKind::BudgetExhausted, .channel = FaultChannel::Order, .until = 3s}}};
    }
    /// R9: while the venue refuses, few requests are sent, whatever is asked for; afterwards an exit goes through.
    void limitsAreKept()
    {
        QFETCH(DrillRow, row);
        HyperliquidSubject subject;
        QVERIFY(subject.start());
        subject.submit(subject.order("before", Side::Buy, "0.03", ReduceOnly::No));
        QVERIFY(waitFor([&] { return subject.positionAtClient() == parseQuantity("0.03").value().raw(); }));
        QVERIFY(subject.setFaults({1, row.rules}).has_value());
        const auto before = subject.counters().requests();
        subject.submit(subject.order("first", Side::Sell, "0.01", ReduceOnly::Yes));
        QVERIFY(waitFor([&] { return subject.counters().requests() > before; }));
        (void)waitFor([] { return false; }, 150); // the answer arrives
        const auto told = subject.counters().requests();
        for (int i = 0; i < 40; ++i)
            subject.submit(subject.order("entry-" + std::to_string(i), Side::Buy, "0.001", ReduceOnly::No));
        (void)waitFor([] { return false; }, 2'000);
        const auto during = subject.counters().requests() - told;
        qInfo("%llu requests in 2 s of refusals, with 40 entries wanted", static_cast<unsigned long long>(during));
        QVERIFY2(during <= 25, "the client went on asking"); // exits, polls and queries; not the entries
        int attempt = 0;
        QVERIFY(waitFor(
            [&] {
                const std::string name = "exit-" + std::to_string(attempt);
                if (attempt == 0 || (!subject.outcomes(name).empty() && subject.outcomes(name).back() == RequestOutcome::Rejected) ||
                    subject.isAbsent(name))
                    subject.submit(subject.order("exit-" + std::to_string(++attempt), Side::Sell, "0.01", ReduceOnly::Yes));
                const auto exit = subject.atClient("exit-" + std::to_string(attempt));
                return exit && exit->status == OrderStatus::Filled;
            },
            10'000));
    }

    void hl50_aLiquidationReachesTheClient()
    {
        HyperliquidSubject subject;
        QVERIFY(subject.start());
        subject.submit(subject.order("open", Side::Buy, "0.02", ReduceOnly::No));
        QVERIFY(waitFor([&] { return subject.positionAtClient() == parseQuantity("0.02").value().raw(); }));
        QVERIFY(subject.setFaults({1, {{.kind = FaultKind::Liquidation}}}).has_value());
        QVERIFY(waitFor([&] { return subject.positionAtVenue() == 0 && subject.positionAtClient() == 0; }));
    }

    /// R8 in small: the line drops again and again; nothing leaks, and the subscriptions are complete each time. Each
    /// one asks for everything anew; with the venue's 1,200 of weight per minute a longer storm waits for it.
    void aStormOfReconnectsLeaksNothing()
    {
        HyperliquidSubject subject;
        auto &fixture = subject.fixture();
        fixture.options.timings.reconnectMax = 50ms;
        subject.withoutOwnLimits();
        QVERIFY(subject.start());
        const auto dropOnce = [&] {
            const int before = fixture.seen.reconciled;
            fixture.venue->dropSockets();
            return waitFor([&] { return fixture.seen.reconciled > before && fixture.seen.freshness == Freshness::Fresh; },
                           10'000);
        };
        QVERIFY(dropOnce());
        const qsizetype before = tests::openDescriptors();
        int done = 0;
        for (; done < 20; ++done)
            QVERIFY(dropOnce());
        QVERIFY(waitFor([&] { return tests::openDescriptors() <= before; }, 3'000));
        qInfo("%d drops, descriptors %d before and %d after, weight %d of %d", done, int(before), int(tests::openDescriptors()),
              fixture.seen.budget.used, fixture.seen.budget.limit);
        subject.submit(subject.order("after", Side::Buy, "0.01", ReduceOnly::No));
        QVERIFY(waitFor([&] { return subject.positionAtClient() == parseQuantity("0.01").value().raw(); }));
    }
};

QTEST_GUILESS_MAIN(TestFaultsHyperliquid)
#include "tst_faults_hyperliquid.moc"
