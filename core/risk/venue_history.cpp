#include "core/risk/venue_history.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "core/risk/round_trips.h"
#include "core/risk/wide.h"

namespace core::risk
{

namespace
{
/// One leg on its way through the fills. Signed: long above 0. `cost` is its size × average entry, signed, in 1e-16.
struct Leg {
    std::int64_t size{0};
    Wide cost{0};
    UtcTime openedAt;
    bool isOpeningKnown{false};
};

struct Event {
    UtcTime at;
    const Fill *fill{nullptr};
    const FundingPayment *funding{nullptr};
    const Transfer *transfer{nullptr};
};

/// Samples and transfers are told apart by their times: what an event led to is a moment later than a transfer of its instant.
constexpr Duration kJustAfter = std::chrono::nanoseconds{1};

Result<void> addTo(Wide &sum, Wide part)
{
    if (__builtin_add_overflow(sum, part, &sum))
        return fail(ErrorCode::OutOfRange, "venue history: a sum does not fit");
    return {};
}

std::int64_t signedOf(const Fill &fill) { return fill.side == Side::Buy ? fill.quantity.raw() : -fill.quantity.raw(); }
PositionKey keyOf(const Fill &fill) { return {fill.instrument, fill.positionSide}; }

/// Runs through the past from its beginning, which is found by taking every row back from the present state.
class Walk
{
public:
    explicit Walk(const VenueFacts &facts) : m_facts(facts)
    {
        for (const Fill &fill : facts.fills)
            m_fills.push_back(fill);
        sortFills(facts.account, m_fills);
        // Of one instant the transfer first: a sample then holds it, see kJustAfter.
        for (const Transfer &transfer : facts.transfers)
            m_events.push_back({.at = transfer.venueTime, .transfer = &transfer});
        for (const Fill &fill : m_fills)
            m_events.push_back({.at = fill.venueTime, .fill = &fill});
        for (const FundingPayment &payment : facts.funding)
            m_events.push_back({.at = payment.venueTime, .funding = &payment});
        std::ranges::stable_sort(m_events, {}, &Event::at);
    }

    Result<void> toBeginning()
    {
        m_wallet = wide(m_facts.wallet);
        for (const Position &position : m_facts.positions) {
            if (position.isFlat())
                continue;
            const std::int64_t size = position.direction == Direction::Long ? position.quantity.raw() : -position.quantity.raw();
            m_legs[{position.instrument, position.positionSide}] = {
                size, static_cast<Wide>(size) * position.entryPrice.raw(), m_facts.from, false};
        }
        for (const Event &event : m_events) {
            if (auto done = addTo(m_wallet, -walletChange(event)); !done)
                return done;
            if (event.fill == nullptr)
                continue;
            Leg &leg = m_legs[keyOf(*event.fill)];
            const auto size = checkedSub(leg.size, signedOf(*event.fill));
            if (!size)
                return fail(size.error());
            leg.size = *size;
            if (auto done = addTo(leg.cost, -costChange(*event.fill)); !done)
                return done;
        }
        for (auto &[key, leg] : m_legs) {
            leg.openedAt = m_facts.from;
            leg.cost = leg.size == 0 ? 0 : leg.cost;
            m_open += leg.size != 0 ? 1 : 0;
        }
        return {};
    }

    Result<void> apply(const Event &event)
    {
        if (auto done = addTo(m_wallet, walletChange(event)); !done)
            return done;
        if (event.fill == nullptr)
            return {};
        Leg &leg = m_legs[keyOf(*event.fill)];
        const std::int64_t before = leg.size;
        const auto size = checkedAdd(before, signedOf(*event.fill));
        if (!size)
            return fail(size.error());
        leg.size = *size;
        m_open += (leg.size != 0 ? 1 : 0) - (before != 0 ? 1 : 0);
        if ((before > 0) != (leg.size > 0) || (before < 0) != (leg.size < 0)) {
            leg.openedAt = event.at;
            leg.isOpeningKnown = true;
        }
        if (leg.size == 0) {
            leg.cost = 0;
            return {};
        }
        return addTo(leg.cost, costChange(*event.fill));
    }

    [[nodiscard]] const std::vector<Event> &events() const { return m_events; }
    [[nodiscard]] const std::vector<Fill> &fills() const { return m_fills; }
    [[nodiscard]] const std::map<PositionKey, Leg> &legs() const { return m_legs; }
    [[nodiscard]] bool isFlat() const { return m_open == 0; }
    [[nodiscard]] Wide wallet() const { return m_wallet; }
    /// What trading, funding or a transfer did to the wallet.
    [[nodiscard]] Wide walletChange(const Event &event) const
    {
        if (event.funding != nullptr)
            return event.funding->asset == m_facts.asset ? wide(event.funding->amount) : 0;
        if (event.transfer != nullptr)
            return event.transfer->asset == m_facts.asset ? wide(event.transfer->amount) : 0;
        const Fill &fill = *event.fill;
        const auto settled = m_facts.settledIn.find(fill.instrument);
        const Wide result = settled == m_facts.settledIn.end() || settled->second == m_facts.asset ? wide(fill.realizedPnl) : 0;
        return result - (fill.feeAsset == m_facts.asset ? wide(fill.fee) : 0);
    }

private:
    /// An increase adds what it paid; a reduction takes its size at the average entry, which is its turnover and its result.
    static Wide costChange(const Fill &fill)
    {
        return static_cast<Wide>(signedOf(fill)) * fill.price.raw() + wide(fill.realizedPnl);
    }

    const VenueFacts &m_facts;
    std::vector<Fill> m_fills;
    std::vector<Event> m_events;
    std::map<PositionKey, Leg> m_legs;
    Wide m_wallet{0};
    int m_open{0};
};

/// The samples of moments at which nothing was open: between two transfers or starts the highest and the last one.
class Samples
{
public:
    Samples(Venue account, std::vector<EquitySample> &out) : m_account(account), m_out(out) {}
    void flat(UtcTime at, Wide equity)
    {
        m_last = EquitySample{m_account, at, moneyOfWide(equity, Rounding::Ceil)};
        if (!m_best || m_last->equity > m_best->equity)
            m_best = m_last;
    }
    void close()
    {
        if (m_best && m_best != m_last)
            m_out.push_back(*m_best);
        if (m_last)
            m_out.push_back(*m_last);
        m_best.reset();
        m_last.reset();
    }
    /// What came before is not known well enough to be held against.
    void forget()
    {
        m_best.reset();
        m_last.reset();
        m_out.clear();
    }

private:
    Venue m_account;
    std::vector<EquitySample> &m_out;
    std::optional<EquitySample> m_best;
    std::optional<EquitySample> m_last;
};

/// Equity at the walk's moment; absent: a price is not known.
std::optional<Wide> valued(const Walk &walk, UtcTime at, const std::map<PriceNeed, Price> &prices)
{
    Wide equity = walk.wallet();
    for (const auto &[key, leg] : walk.legs()) {
        if (leg.size == 0)
            continue;
        const auto price = prices.find({key.instrument, at});
        if (price == prices.end())
            return std::nullopt;
        equity += static_cast<Wide>(leg.size) * price->second.raw() - leg.cost;
    }
    return equity;
}

Result<void> equityOf(const VenueFacts &facts, const std::map<PriceNeed, Price> &prices, History &history, Walk &walk)
{
    if (auto done = walk.toBeginning(); !done)
        return done;
    Samples samples(facts.account, history.equity);
    if (walk.isFlat())
        samples.flat(facts.from, walk.wallet());
    auto start = std::ranges::upper_bound(facts.starts, facts.from);
    const auto valueStarts = [&](UtcTime until) {
        for (; start != facts.starts.end() && *start <= until; ++start) {
            const auto equity = valued(walk, *start, prices);
            if (equity)
                samples.flat(*start - kJustAfter, *equity);
            else
                samples.forget();
            samples.close();
        }
    };
    for (const Event &event : walk.events()) {
        valueStarts(event.at);
        if (event.transfer != nullptr)
            samples.close();
        if (auto done = walk.apply(event); !done)
            return done;
        if (walk.isFlat() && event.transfer == nullptr)
            samples.flat(event.at + kJustAfter, walk.wallet());
    }
    valueStarts(facts.asOf);
    samples.close();
    return {};
}

/// What was paid for one leg while it was open; with two legs of a contract open at once the venue tells one sum, which is
/// nobody's.
Money fundingOf(const VenueFacts &facts, const RoundTrip &trip, const PositionKey &key, bool alone)
{
    Money sum;
    for (const FundingPayment &payment : facts.funding) {
        if (alone && payment.instrument == key.instrument && payment.venueTime > trip.openedAt && payment.venueTime <= trip.closedAt)
            sum = add(sum, payment.amount).value_or(sum);
    }
    return sum;
}

Result<void> tripsOf(const VenueFacts &facts, const Walk &beginning, History &history)
{
    std::map<PositionKey, RoundTripBuilder> builders;
    std::map<InstrumentKey, int> legs;
    for (const auto &[key, leg] : beginning.legs()) {
        std::optional<OpeningPosition> opening;
        if (leg.size != 0) {
            const std::int64_t size = leg.size < 0 ? -leg.size : leg.size;
            const Wide cost = leg.size < 0 ? -leg.cost : leg.cost;
            opening = OpeningPosition{leg.size > 0 ? Direction::Long : Direction::Short, Quantity::fromRaw(size),
                                      Price::fromRaw(saturated(divided(cost, size, Rounding::Floor))), facts.from};
        }
        builders.emplace(key, RoundTripBuilder(key.side, facts.asset, opening));
        ++legs[key.instrument];
    }
    for (const Fill &fill : beginning.fills()) {
        const PositionKey key = keyOf(fill);
        const auto round = builders.at(key).apply(fill);
        if (!round)
            return fail(round.error());
        if (!*round)
            continue;
        const RoundTrip &trip = **round;
        const Money funding = fundingOf(facts, trip, key, legs.at(key.instrument) == 1);
        const auto net = add(trip.net, funding);
        const auto turnover = notional(trip.entryPrice, trip.size, Rounding::HalfEven);
        if (!net || !turnover)
            return fail(net ? turnover.error() : net.error());
        history.trips.push_back({.position = key,
                                 .direction = trip.direction,
                                 .openedAt = trip.openedAt,
                                 .closedAt = trip.closedAt,
                                 .net = *net,
                                 .fees = trip.fees,
                                 .notional = *turnover,
                                 .plannedRisk = std::nullopt,
                                 .leverage = std::nullopt,
                                 .hasSetup = false});
    }
    std::ranges::stable_sort(history.trips, {}, &Trip::closedAt);
    return {};
}
} // namespace

std::vector<PriceNeed> pricesNeeded(const VenueFacts &facts)
{
    std::vector<PriceNeed> needs;
    Walk walk(facts);
    if (!walk.toBeginning())
        return needs; // venueHistory says why
    auto start = std::ranges::upper_bound(facts.starts, facts.from);
    const auto note = [&](UtcTime until) {
        for (; start != facts.starts.end() && *start <= until; ++start) {
            for (const auto &[key, leg] : walk.legs()) {
                const PriceNeed need{key.instrument, *start};
                if (leg.size != 0 && std::ranges::find(needs, need) == needs.end())
                    needs.push_back(need);
            }
        }
    };
    for (const Event &event : walk.events()) {
        note(event.at);
        if (!walk.apply(event))
            return needs;
    }
    note(facts.asOf);
    return needs;
}

Result<History> venueHistory(const VenueFacts &facts, const std::map<PriceNeed, Price> &prices)
{
    History history;
    history.account = facts.account;
    const auto isOfWallet = [&](const auto &row) { return row.asset == facts.asset; };
    std::ranges::copy_if(facts.transfers, std::back_inserter(history.transfers), isOfWallet);
    std::ranges::copy_if(facts.funding, std::back_inserter(history.funding), isOfWallet);
    Walk beginning(facts);
    if (auto done = beginning.toBeginning(); !done)
        return fail(done.error());
    if (auto done = tripsOf(facts, beginning, history); !done)
        return fail(done.error());
    Walk walk(facts);
    if (auto done = equityOf(facts, prices, history, walk); !done)
        return fail(done.error());
    for (const auto &[key, leg] : walk.legs()) {
        if (leg.size != 0)
            history.openings.push_back({key, leg.size > 0 ? Direction::Long : Direction::Short, leg.openedAt, leg.isOpeningKnown, facts.asOf});
    }
    return history;
}

} // namespace core::risk
