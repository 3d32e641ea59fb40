#include <locale>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "tests/core/orders/desk.h"
#include "tests/core/orders/generators.h"

using namespace tests;
using namespace std::chrono_literals;

namespace
{
struct CommaNumbers final : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

void require(bool holds, const char *rule)
{
    if (!holds)
        throw std::runtime_error(rule);
}

std::string replay(const std::vector<std::string> &journal)
{
    Guard guard;
    std::string bytes;
    std::vector<GuardOutput> outputs;
    for (const std::string &line : journal) {
        const auto record = decodeGuardInput(line);
        require(record.has_value(), "a journal line does not decode");
        outputs.clear();
        guard.apply(*record, outputs);
        for (const GuardOutput &output : outputs)
            bytes += encode(output) + '\n';
        static_cast<void>(guard.view());
    }
    return bytes;
}

/// A small venue that does what it likes with our orders and tells it in any order, twice, or not at all; the
/// user trades by hand beside us. It knows the true position, so it can judge every order that arrives.
class UnrulyVenue
{
public:
    explicit UnrulyVenue(std::uint64_t seed) : m_random(seed) {}

    void run(int steps)
    {
        m_desk.begin(chance(80) ? risk::Arming::Armed : risk::Arming::AlertOnly, "user");
        for (int i = 0; i < steps; ++i)
            step();
    }
    [[nodiscard]] const Desk &desk() const { return m_desk; }
    [[nodiscard]] int received() const { return m_received; }
    [[nodiscard]] int entries() const { return m_entries; }

private:
    bool chance(int percent) { return static_cast<int>(m_random() % 100) < percent; }
    std::int64_t upTo(std::int64_t bound)
    {
        return static_cast<std::int64_t>(m_random() % static_cast<std::uint64_t>(bound));
    }

    [[nodiscard]] Position truth() const
    {
        Position p;
        p.instrument = key();
        p.direction = m_size >= 0 ? Direction::Long : Direction::Short;
        p.quantity = Quantity::fromRaw(m_size >= 0 ? m_size : -m_size);
        p.entryPrice = price("60000");
        p.leverage = m_leverage;
        p.venueTime = m_changedAt;
        return p;
    }
    void deliver(GuardInput input)
    {
        m_desk.apply(input);
        if (chance(10))
            m_desk.apply(std::move(input));
        receive();
    }
    void receive()
    {
        for (const OrderRequest &request : m_desk.sent()) {
            ++m_received;
            require(m_ids.insert(request.clientOrderId.string()).second,
                    "an id was used twice"); // one order per id, for ever
            require(request.quantity.isPositive(), "no quantity");
            if (request.reduceOnly == ReduceOnly::No) {
                // What a person asked for, and only while nothing speaks against more risk.
                require(request.clientOrderId.view().starts_with("eto-"), "not reduce-only");
                require(m_reconciled, "an increase while not reconciled");
                require(m_accountFresh && m_markFresh && m_desk.now - m_markedAt <= 3s, "an increase on stale data");
                require(m_desk.guard.view().lockouts.empty(), "an increase while locked");
                ++m_entries;
                m_open.push_back({request, 0});
                continue;
            }
            require(request.quantity <= instrument().marketQuantityMax, "too large a piece");
            require(m_reconciled || m_flattenAsked || request.clientOrderId.view().starts_with("eto-"),
                    "sent while not reconciled");
            // What the guard was told last is what it may reckon with; never more than the largest size it
            // ever heard of.
            require(request.quantity.raw() <= m_largest, "larger than any position there was");
            m_open.push_back({request, 0});
        }
    }
    void step()
    {
        m_desk.pass(Duration{upTo(400'000'000)});
        switch (upTo(15)) {
        case 0:
        case 1:
        case 2: {
            const std::int64_t move = upTo(3'000) - 1'500;
            m_mark = std::max<std::int64_t>(1, m_mark + move * 100'000'000);
            m_markedAt = m_desk.now;
            deliver(MarkTick{key(), Price::fromRaw(m_mark), m_desk.now});
            break;
        }
        case 3: trade(100'000 * (upTo(400) - 200)); break;
        case 4: deliver(PositionsReport{Venue::Binance, {truth()}, Source::Query, true}); break;
        case 5:
            deliver(m_size == 0 ? PositionsReport{Venue::Binance, {}, Source::Query, true}
                                : PositionsReport{Venue::Binance, {truth()}, Source::Query, true});
            break;
        case 6:
        case 7:
        case 8: treatOrder(); break;
        case 9: deliver(TimerTick{}); break;
        case 10:
            m_reconciled = chance(75);
            if (m_reconciled)
                deliver(ReconciledReport{});
            else
                deliver(ReconciliationLostReport{});
            break;
        case 11:
            if (chance(20))
                deliver(ArmingChange{std::nullopt, static_cast<risk::Arming>(upTo(3)), "user"});
            if (chance(20)) {
                m_flattenAsked = true;
                deliver(FlattenIntent{std::nullopt, chance(50) ? std::optional(key()) : std::nullopt, std::nullopt, false, "panic"});
            }
            break;
        case 12:
        {
            const bool ofMark = chance(50);
            const bool fresh = chance(70);
            (ofMark ? m_markFresh : m_accountFresh) = fresh;
            deliver(FreshnessReport{Venue::Binance, ofMark ? std::optional(key()) : std::nullopt,
                                    fresh ? Freshness::Fresh : Freshness::Stale});
            break;
        }
        case 14: ask(); break;
        case 13: answerQuestions(); break;
        }
    }
    /// The terminal: orders of either side, a lock and its release.
    void ask()
    {
        if (chance(5))
            deliver(HistoryReport{[this] {
                risk::History history;
                history.account = Venue::Binance;
                history.lockouts.push_back({.id = "lock-" + std::to_string(++m_asked),
                                            .scope = risk::Scope::Account,
                                            .account = Venue::Binance,
                                            .instrument = std::nullopt,
                                            .reason = "manual",
                                            .startedAt = m_desk.now,
                                            .until = m_desk.now + 2s,
                                            .needsRelease = false});
                return history;
            }()});
        OrderRequest request;
        request.instrument = key();
        request.side = chance(50) ? Side::Buy : Side::Sell;
        request.type = OrderType::Limit;
        request.quantity = Quantity::fromRaw(100'000 * (1 + upTo(200)));
        request.limitPrice = Price::fromRaw(m_mark / 10'000'000 * 10'000'000);
        m_desk.totals();
        receive();
        // One telling: a second one under the same id is refused as a duplicate, which has a test of its own.
        m_desk.apply(OrderIntent{.id = "p" + std::to_string(++m_asked), .order = request});
        receive();
    }
    void trade(std::int64_t change, const OrderRequest *by = nullptr)
    {
        m_size += change;
        m_changedAt = m_desk.now;
        m_largest = std::max(m_largest, m_size >= 0 ? m_size : -m_size);
        if (m_size != 0 && by == nullptr && chance(10))
            m_leverage = static_cast<int>(1 + upTo(50));
        Fill fill;
        fill.instrument = key();
        fill.tradeId = ++m_trades;
        if (by != nullptr)
            fill.clientOrderId = by->clientOrderId;
        fill.side = change >= 0 ? Side::Buy : Side::Sell;
        fill.quantity = Quantity::fromRaw(change >= 0 ? change : -change);
        fill.price = Price::fromRaw(m_mark);
        fill.venueTime = m_desk.now;
        const bool fillFirst = chance(30);
        if (fillFirst && change != 0)
            deliver(FillReport{fill, Source::Stream});
        if (chance(90))
            deliver(PositionsReport{Venue::Binance, {truth()}, Source::Stream, false});
        if (!fillFirst && change != 0 && chance(90))
            deliver(FillReport{fill, Source::Stream});
    }
    void treatOrder()
    {
        if (m_open.empty())
            return;
        auto &[request, filled] =
            m_open[static_cast<std::size_t>(upTo(static_cast<std::int64_t>(m_open.size())))];
        const OrderRequest copy = request;
        switch (upTo(6)) {
        case 0: deliver(OutcomeReport{copy.clientOrderId, RequestOutcome::Accepted, {}, ""}); return;
        case 1:
            deliver(
                OutcomeReport{copy.clientOrderId, RequestOutcome::Unknown, ErrorCode::TimedOut, ""});
            return;
        case 2: close(copy, filled, OrderStatus::Expired); return;
        case 3:
            if (filled == 0) {
                drop(copy);
                deliver(OutcomeReport{copy.clientOrderId, RequestOutcome::Rejected,
                                      ErrorCode::Rejected, "no"});
                return;
            }
            break;
        default: break;
        }
        // Reduce-only as the venue enforces it: never beyond flat.
        const std::int64_t room =
            copy.reduceOnly == ReduceOnly::No ? copy.quantity.raw()
            : copy.side == Side::Sell ? std::max<std::int64_t>(m_size, 0) : std::max<std::int64_t>(-m_size, 0);
        const std::int64_t piece = std::min({room, copy.quantity.raw() - filled, 100'000 * (1 + upTo(300))});
        filled += piece;
        const std::int64_t total = filled;
        if (piece > 0)
            trade(copy.side == Side::Sell ? -piece : piece, &copy);
        if (total >= copy.quantity.raw())
            close(copy, total, OrderStatus::Filled);
        else if (chance(40))
            close(copy, total, OrderStatus::Canceled);
        else if (chance(50))
            deliver(OrderReport{update(copy, total, OrderStatus::PartiallyFilled), Source::Stream});
    }
    OrderUpdate update(const OrderRequest &request, std::int64_t filled, OrderStatus status)
    {
        OrderUpdate u;
        u.instrument = request.instrument;
        u.clientOrderId = request.clientOrderId;
        u.side = request.side;
        u.status = status;
        u.quantity = request.quantity;
        u.filled = Quantity::fromRaw(filled);
        u.venueTime = m_desk.now;
        m_last[request.clientOrderId.string()] = u;
        return u;
    }
    void drop(const OrderRequest &request)
    {
        std::erase_if(m_open,
                      [&](const auto &open) { return open.first.clientOrderId == request.clientOrderId; });
    }
    void close(const OrderRequest &request, std::int64_t filled, OrderStatus status)
    {
        drop(request);
        const OrderUpdate u = update(request, filled, status);
        if (chance(70))
            deliver(OrderReport{u, Source::Stream});
    }
    void answerQuestions()
    {
        // Only orders that do not live any more are answered here; a question about a live one waits.
        for (const auto &question : m_desk.among<QueryOrder>(std::vector<GuardOutput>(m_desk.all))) {
            const bool isOpen = std::any_of(m_open.begin(), m_open.end(), [&](const auto &open) {
                return open.first.clientOrderId == question.order;
            });
            const auto known = m_last.find(question.order.string());
            if (isOpen)
                continue;
            if (known != m_last.end())
                deliver(OrderReport{known->second, Source::Query});
            else
                deliver(OrderAbsentReport{question.order});
            if (chance(50))
                return;
        }
    }

    std::mt19937_64 m_random;
    Desk m_desk;
    std::int64_t m_size{0};
    std::int64_t m_largest{0};
    std::int64_t m_mark{6'000'000'000'000};
    std::int64_t m_trades{0};
    int m_leverage{10};
    int m_received{0};
    bool m_reconciled{false};
    bool m_accountFresh{true};
    bool m_markFresh{true};
    UtcTime m_markedAt;
    int m_asked{0};
    int m_entries{0};
    bool m_flattenAsked{false}; ///< by hand: what is known is closed without waiting for answers
    UtcTime m_changedAt;
    std::set<std::string> m_ids;
    std::vector<std::pair<OrderRequest, std::int64_t>> m_open;
    std::map<std::string, OrderUpdate> m_last;
};
} // namespace

class TestGuardProperties : public QObject
{
    Q_OBJECT

private slots:
    /// Any inputs with any values: no crash, and the journal replays to the same bytes.
    void anythingReplaysToTheSameBytes()
    {
        QVERIFY(rc::check("raw inputs", [] {
            std::vector<std::string> journal;
            const int count = *rc::gen::inRange(0, 60);
            for (int i = 0; i < count; ++i)
                journal.push_back(encode(tests::gen::record()));
            RC_ASSERT(replay(journal) == replay(journal));
        }));
    }

    /// Seeded trading with every kind of bad news. Each order is judged on arrival; afterwards the journal
    /// gives the same bytes.
    void anUnrulyVenueNeverGetsAnOrderThatIncreases()
    {
        int received = 0;
        int entries = 0;
        for (std::uint64_t seed = 1; seed <= 400; ++seed) {
            UnrulyVenue venue(seed);
            try {
                venue.run(250);
            } catch (const std::runtime_error &violation) {
                QFAIL(qPrintable(
                    QStringLiteral("seed %1: %2").arg(seed).arg(QLatin1StringView(violation.what()))));
            }
            received += venue.received();
            entries += venue.entries();
            std::string bytes;
            for (const GuardOutput &output : venue.desk().all)
                bytes += encode(output) + '\n';
            QVERIFY2(replay(venue.desk().journal) == bytes, qPrintable(QString::number(seed)));
        }
        QVERIFY(received > 1'000);
        QVERIFY(entries > 100);
    }

    void aCommaLocaleChangesNoByte()
    {
        UnrulyVenue plain(3);
        plain.run(400);
        const std::string before = replay(plain.desk().journal);
        const std::locale old = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
        const std::string after = replay(plain.desk().journal);
        std::locale::global(old);
        QVERIFY(before.size() > 1'000);
        QVERIFY(before == after);
    }

    /// The closing side and a size of at most the live position, over the whole range of numbers.
    void hugeNumbersNeverIncrease()
    {
        QVERIFY(rc::check("huge", [](bool isLong, std::int64_t size, std::int64_t entry, std::int64_t mark,
                                     int leverage, std::int64_t step, std::int64_t most, std::int64_t tick) {
            Desk desk(isLong ? Direction::Long : Direction::Short);
            Instrument odd = instrument();
            odd.tickSize = Price::fromRaw(tick);
            odd.stepSize = odd.marketStepSize = Quantity::fromRaw(step);
            odd.quantityMax = odd.marketQuantityMax = Quantity::fromRaw(most);
            desk.begin(risk::Arming::Armed, "user");
            desk.apply(InstrumentReport{odd});
            desk.positions({}, Source::Query, true);
            desk.apply(ReconciledReport{});
            Position p = desk.held("1");
            p.quantity = Quantity::fromRaw(size);
            p.entryPrice = Price::fromRaw(entry);
            p.leverage = leverage;
            desk.positions({p}, Source::Stream, false);
            desk.apply(MarkTick{key(), Price::fromRaw(mark), desk.now});
            desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, false, "panic"});
            std::int64_t sum = 0;
            for (const OrderRequest &request : desk.everSent()) {
                RC_ASSERT(request.side == (isLong ? Side::Sell : Side::Buy));
                RC_ASSERT(request.reduceOnly == ReduceOnly::Yes);
                RC_ASSERT(request.quantity.isPositive() && request.quantity.raw() <= size - sum);
                sum += request.quantity.raw();
            }
        }));
    }
};

QTEST_APPLESS_MAIN(TestGuardProperties)
#include "tst_guard_properties.moc"
