#include "core/venue/scenario.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <set>

#include <fmt/format.h>

#include "core/venue/json_text.h"
#include "core/venue/scenario_random.h"

namespace core::venue
{

namespace
{
using namespace std::chrono_literals;
using exchange::binance::DepthSnapshot;
using exchange::binance::DepthUpdate;

constexpr Duration kStep = 10ms;
constexpr double kStepSeconds = 0.01;
constexpr int kStepsPerDepth = 10;
constexpr int kStepsPerMark = 100;
constexpr std::size_t kLevels = 1000;
constexpr std::size_t kLevelsThin = 450; // while the crash runs
constexpr std::size_t kLevelsVacuum = 40;
constexpr double kSpikeRate = 0.0075; // funding of a spike, for eight hours
constexpr double kReach = 0.03;          // share of the price over which the levels of a side spread
constexpr double kReachMin = 200.0;      // ticks
constexpr double kMiddle = 500.0;         // ticks behind the best price within which most orders come and go
constexpr std::int64_t kNear = 3;        // ticks between the fair price and where informed orders stop

/// How the flow behaves at one moment.
struct Regime {
    double volatility{12.0}; ///< ticks per square root of a second at price 600,000 ticks
    double drift{0.0};       ///< ticks per second
    double pull{0.0};        ///< back to the start, share per second
    double orderRate{5.0};   ///< uninformed market orders per second
    double buyShare{0.5};
    bool thin{false};
    bool vacuum{false}; ///< those who quote have left
};

[[nodiscard]] double smoothStep(double x)
{
    x = std::clamp(x, 0.0, 1.0);
    return x * x * (3.0 - 2.0 * x);
}

[[nodiscard]] double seconds(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

/// One side of the generated book: ticks → lots, best first.
template <class Order> using SideMap = std::map<std::int64_t, std::int64_t, Order>;

/// What all contracts of a market share in one step.
struct Weather {
    double shock{0};   ///< standard normal
    double share{0};   ///< how much of a contract's own shock it replaces, 0 to 1
};

/// One generated contract.
class Scenario
{
public:
    /// `phase` 0 to 9: which of ten steps sends its depth.
    Scenario(const ScenarioOptions &options, const VenueInstrument &instrument, int phase)
        : m_options(options), m_instrument(instrument), m_random(options.seed),
          m_tick(instrument.contract.tickSize.raw()), m_step(instrument.contract.stepSize.raw()), m_phase(phase)
    {
        const std::int64_t start =
            options.startPrice.isZero() ? 60'000 * kDecimalOne : options.startPrice.raw();
        m_startTicks = static_cast<double>(std::max<std::int64_t>(start / m_tick, 1'000));
        m_fair = m_startTicks;
        m_scale = m_startTicks / 600'000.0;
        m_reach = std::max(kReach * m_startTicks, kReachMin);
        m_levels = std::min(kLevels, static_cast<std::size_t>(0.4 * m_reach)); // few ticks hold few levels
        // Sizes were tuned at 60 USDT a lot; a cheap lot comes in thousands.
        const double lotValue = m_startTicks * static_cast<double>(m_tick) * 1e-8 * static_cast<double>(m_step) * 1e-8;
        m_lots = std::max<std::int64_t>(1, std::llround(60.0 / std::max(lotValue, 1e-6)));
    }

    void start(UtcTime epoch, FeedListener &listener)
    {
        m_epoch = epoch;
        fillBook();
        DepthSnapshot snapshot;
        snapshot.lastUpdateId = m_id;
        snapshot.eventTime = snapshot.venueTime = epoch;
        for (const auto &[ticks, lots] : m_bids)
            snapshot.bids.push_back(level(ticks, lots));
        for (const auto &[ticks, lots] : m_asks)
            snapshot.asks.push_back(level(ticks, lots));
        m_changedBids.clear();
        m_changedAsks.clear();
        m_firstId = 0;
        m_lastSentId = m_id;
        m_index = m_startTicks;
        listener.onBookStart(snapshot, m_options.symbol);
    }

    void step(const Weather &weather, FeedListener &listener)
    {
        ++m_count;
        m_now = m_epoch + kStep * m_count;
        const Regime regime = regimeAt(seconds(kStep * m_count));
        advanceFair(regime, weather);
        if (m_options.kind == ScenarioOptions::Kind::Outage && inEvent())
            return; // nothing leaves the venue; the world goes on
        inform(listener);
        tradeNoise(regime, listener);
        quote(regime);
        if (m_count % kStepsPerDepth == m_phase)
            sendDepth(listener);
        sendTicker(listener);
        followIndex();
        if (m_count % kStepsPerMark == 0)
            sendMark(listener);
    }

private:
    [[nodiscard]] Level level(std::int64_t ticks, std::int64_t lots) const
    {
        return {Price::fromRaw(ticks * m_tick), Quantity::fromRaw(lots * m_step)};
    }
    [[nodiscard]] std::string priceText(std::int64_t ticks) const
    {
        return JsonText::fixedText(ticks * m_tick, m_instrument.pricePrecision);
    }
    [[nodiscard]] std::string lotsText(std::int64_t lots) const
    {
        return JsonText::fixedText(lots * m_step, m_instrument.quantityPrecision);
    }

    [[nodiscard]] Regime regimeAt(double time)
    {
        Regime regime;
        switch (m_options.kind) {
        case ScenarioOptions::Kind::Calm:
            break;
        case ScenarioOptions::Kind::Trend:
            regime.drift = 25.0;
            regime.buyShare = 0.6;
            break;
        case ScenarioOptions::Kind::Range:
            regime.volatility = 25.0;
            regime.pull = 0.05;
            break;
        case ScenarioOptions::Kind::FlashCrash:
            return crashRegime(time);
        case ScenarioOptions::Kind::Vacuum:
            regime.vacuum = inEvent();
            break;
        case ScenarioOptions::Kind::FundingSpike:
            regime.drift = inEvent() ? 25.0 : 0.0;
            regime.buyShare = inEvent() ? 0.6 : 0.5;
            break;
        case ScenarioOptions::Kind::Outage:
            break;
        }
        return regime;
    }

    [[nodiscard]] bool inEvent() const
    {
        const Duration at = kStep * m_count;
        return at >= m_options.crashAfter && at < m_options.crashAfter + m_options.crashLength;
    }

    /// Ramps to the spike and stays there.
    [[nodiscard]] Ratio fundingNow() const
    {
        if (m_options.kind != ScenarioOptions::Kind::FundingSpike)
            return m_instrument.fundingRate;
        const double since = seconds(kStep * m_count) - seconds(m_options.crashAfter);
        const double hours = seconds(m_instrument.fundingInterval) / 3600.0;
        const double spike = kSpikeRate * hours / 8.0 * smoothStep(since / seconds(m_options.crashLength));
        return Ratio::fromRaw(std::max<std::int64_t>(m_instrument.fundingRate.raw(), std::llround(spike * 1e8)));
    }

    [[nodiscard]] Regime crashRegime(double time) const
    {
        const double begin = seconds(m_options.crashAfter);
        const double end = begin + seconds(m_options.crashLength);
        if (time < begin)
            return {};
        if (time < end)
            return {.volatility = 60.0,
                    .drift = 0,
                    .pull = 0.3,
                    .orderRate = 60.0,
                    .buyShare = 0.12,
                    .thin = true,
                    .vacuum = false};
        if (time < end + 40.0) // the market finds its feet
            return {.volatility = 35.0,
                    .drift = 0,
                    .pull = 0.1,
                    .orderRate = 20.0,
                    .buyShare = 0.55,
                    .thin = false,
                    .vacuum = false};
        return {.volatility = 20.0,
                .drift = 0,
                .pull = 0.02,
                .orderRate = 8.0,
                .buyShare = 0.5,
                .thin = false,
                .vacuum = false};
    }

    /// Planned share of the start price lost at `time`: down over crashLength, then half of it comes back in
    /// 40 s.
    [[nodiscard]] double plannedLoss(double time) const
    {
        if (m_options.kind != ScenarioOptions::Kind::FlashCrash)
            return 0.0;
        const double depth = Money::fromRaw(m_options.crashDepth.raw()).toDouble();
        const double begin = seconds(m_options.crashAfter);
        const double length = seconds(m_options.crashLength);
        const double down = smoothStep((time - begin) / length);
        const double back = smoothStep((time - begin - length) / 40.0);
        return depth * (down - 0.5 * back);
    }

    void advanceFair(const Regime &regime, const Weather &weather)
    {
        const double own = m_random.normal();
        const double mixed = weather.share * weather.shock + std::sqrt(1.0 - weather.share * weather.share) * own;
        const double shock = regime.volatility * m_scale * std::sqrt(kStepSeconds) * mixed;
        m_wander += shock + regime.drift * m_scale * kStepSeconds - regime.pull * m_wander * kStepSeconds;
        const double time = seconds(kStep * m_count);
        m_fair = std::max(100.0, m_startTicks * (1.0 - plannedLoss(time)) + m_wander);
    }

    // The book. Every change of a level goes through `change`, which is what the next diff will tell.
    void change(Side side, std::int64_t ticks, std::int64_t lots)
    {
        m_id += 1 + static_cast<std::int64_t>(m_random.below(30)); // other contracts take ids in between
        if (m_firstId == 0)
            m_firstId = m_id;
        const auto put = [&](auto &book, auto &changed) {
            if (lots > 0)
                book[ticks] = lots;
            else
                book.erase(ticks);
            changed.insert(ticks);
        };
        if (side == Side::Buy)
            put(m_bids, m_changedBids);
        else
            put(m_asks, m_changedAsks);
    }
    [[nodiscard]] std::int64_t lotsAt(Side side, std::int64_t ticks) const
    {
        const auto in = [ticks](const auto &book) {
            const auto found = book.find(ticks);
            return found == book.end() ? std::int64_t{0} : found->second;
        };
        return side == Side::Buy ? in(m_bids) : in(m_asks);
    }
    [[nodiscard]] std::size_t count(Side side) const
    {
        return side == Side::Buy ? m_bids.size() : m_asks.size();
    }
    [[nodiscard]] std::int64_t bestTicks(Side side) const
    {
        const std::int64_t fair = static_cast<std::int64_t>(std::llround(m_fair));
        if (side == Side::Buy)
            return m_bids.empty() ? fair - 1 : m_bids.begin()->first;
        return m_asks.empty() ? fair + 1 : m_asks.begin()->first;
    }

    /// Power-law size, larger away from the best price; a wall at each 1,000th tick.
    [[nodiscard]] std::int64_t sizeFor(std::int64_t ticks, double distance, bool thin)
    {
        const double depth = 1.0 + 3.0 * std::min(1.0, distance / (0.2 * m_reach));
        double lots = 60.0 * m_random.pareto(1.4) * depth * (thin ? 0.3 : 1.0);
        if (ticks % 1'000 == 0)
            lots *= 25.0;
        return std::clamp<std::int64_t>(std::llround(lots), 1, 60'000) * m_lots;
    }

    /// A limit order `distance` ticks behind the fair price, never at or beyond the other side's best.
    void place(Side side, double distance, bool thin)
    {
        std::int64_t ticks = 0;
        if (side == Side::Buy)
            ticks =
                std::min(static_cast<std::int64_t>(std::floor(m_fair - distance)), bestTicks(Side::Sell) - 1);
        else
            ticks =
                std::max(static_cast<std::int64_t>(std::ceil(m_fair + distance)), bestTicks(Side::Buy) + 1);
        if (ticks < 1)
            return;
        const std::int64_t more = sizeFor(ticks, distance, thin);
        const std::int64_t there = lotsAt(side, ticks);
        change(side, ticks, std::min<std::int64_t>(there + (there == 0 ? more : more / 4 + 1), 200'000 * m_lots));
    }

    [[nodiscard]] double deepDistance()
    {
        const double u = m_random.uniform();
        return 1.0 + m_reach * u * u;
    }

    void fillBook()
    {
        for (const Side side : {Side::Buy, Side::Sell}) {
            for (double near = 1.0; near < 12.0; near += 1.0)
                place(side, near, false);
            while (count(side) < m_levels)
                place(side, deepDistance(), false);
        }
    }

    /// Cancels (or halves) the level nearest to a random distance.
    void cancelSome(Side side, double distance)
    {
        const auto pick = [&](const auto &book, std::int64_t ticks) -> std::optional<std::int64_t> {
            if (book.size() < 20)
                return std::nullopt; // never empties a side
            const auto found = book.lower_bound(ticks);
            return found == book.end() ? std::prev(found)->first : found->first;
        };
        const std::int64_t best = bestTicks(side);
        const auto away = static_cast<std::int64_t>(distance);
        const auto ticks = side == Side::Buy ? pick(m_bids, best - away) : pick(m_asks, best + away);
        if (ticks)
            change(side, *ticks, m_random.below(3) == 0 ? lotsAt(side, *ticks) / 2 : 0);
    }

    void quote(const Regime &regime)
    {
        const std::size_t wanted = std::min(m_levels, regime.vacuum ? kLevelsVacuum : regime.thin ? kLevelsThin : kLevels);
        for (const Side side : {Side::Buy, Side::Sell}) {
            if (regime.vacuum) {
                drain(side, wanted);
                continue;
            }
            for (int n = m_random.poisson(1.2); n > 0; --n)
                place(side, m_random.exponential(3.0 * std::max(1.0, m_scale)), regime.thin);
            // Between the touch and the deep book as many orders come as go, or that stretch would empty over time.
            for (int n = m_random.poisson(regime.thin ? 0.2 : 1.2); n > 0; --n)
                place(side, m_random.exponential(kMiddle * std::max(1.0, m_scale)), regime.thin);
            for (int n = 0; n < 12 && count(side) < wanted; ++n)
                place(side, deepDistance(), regime.thin);
            for (int n = m_random.poisson(regime.thin ? 5.0 : 1.0); n > 0; --n)
                cancelSome(side, m_random.exponential((regime.thin ? 60.0 : kMiddle) * std::max(1.0, m_scale)));
            for (int n = m_random.poisson(0.2); n > 0; --n)
                cancelSome(side, deepDistance()); // the deep book turns over too, slowly
            for (int n = 0; n < 8 && count(side) > wanted; ++n)
                cancelSome(side, deepDistance());
            dropFar(side);
        }
    }

    /// The best quotes leave first; what comes back comes far away and thin.
    void drain(Side side, std::size_t wanted)
    {
        for (int n = 0; n < 10 && count(side) > wanted; ++n)
            cancelSome(side, m_random.exponential(0.3 * m_reach));
        for (int n = m_random.poisson(0.3); n > 0; --n)
            cancelSome(side, 0.0);
        for (int n = m_random.poisson(0.3); n > 0; --n)
            place(side, m_random.exponential(0.15 * m_reach), true);
    }

    /// Orders that the price has left far behind are given up.
    void dropFar(Side side)
    {
        const double limit = 1.3 * m_reach;
        for (int n = 0; n < 4 && count(side) > 20; ++n) {
            const std::int64_t worst = side == Side::Buy ? m_bids.rbegin()->first : m_asks.rbegin()->first;
            if (std::abs(static_cast<double>(worst) - m_fair) < limit)
                return;
            change(side, worst, 0);
        }
    }

    // Flow.
    /// Takes up to `lots` from the side opposite to `taker`, down to `last` inclusive; one print per level.
    void take(Side taker, std::int64_t lots, std::int64_t last, FeedListener &listener)
    {
        const Side side = opposite(taker);
        while (lots > 0 && count(side) > 1) {
            const std::int64_t best = bestTicks(side);
            if (taker == Side::Sell ? best < last : best > last)
                return;
            const std::int64_t there = lotsAt(side, best);
            const std::int64_t quantity = std::min(there, lots);
            change(side, best, there - quantity);
            lots -= quantity;
            sendTrade(taker, best, quantity, listener);
        }
    }

    /// Those who know where the price should be take what is stale.
    void inform(FeedListener &listener)
    {
        const auto low = static_cast<std::int64_t>(std::ceil(m_fair)) + kNear;
        const auto high = static_cast<std::int64_t>(std::floor(m_fair)) - kNear;
        if (bestTicks(Side::Buy) > low)
            take(Side::Sell, 1'000'000'000'000, low, listener);
        if (bestTicks(Side::Sell) < high)
            take(Side::Buy, 1'000'000'000'000, high, listener);
    }

    void tradeNoise(const Regime &regime, FeedListener &listener)
    {
        m_excitement *= std::exp(-kStepSeconds / 0.5);
        for (int n = m_random.poisson((regime.orderRate + m_excitement) * kStepSeconds); n > 0; --n) {
            m_excitement = std::min(m_excitement + 1.2, 80.0); // orders come in clusters
            const Side taker = m_random.uniform() < regime.buyShare ? Side::Buy : Side::Sell;
            const auto lots = std::clamp<std::int64_t>(std::llround(15.0 * m_random.pareto(1.2)), 1, 8'000) * m_lots;
            const auto reach = static_cast<std::int64_t>(15.0 + 25.0 * m_scale);
            const std::int64_t best = bestTicks(opposite(taker));
            take(taker, lots, taker == Side::Sell ? best - reach : best + reach, listener);
        }
    }

    void followIndex()
    {
        const double middle = 0.5 * static_cast<double>(bestTicks(Side::Buy) + bestTicks(Side::Sell));
        m_index += (m_fair - m_index) * (kStepSeconds / 0.5);
        m_basis += (middle - m_index - m_basis) * (kStepSeconds / 2.0);
    }

    // Frames.
    void sendTrade(Side taker, std::int64_t ticks, std::int64_t lots, FeedListener &listener)
    {
        const Level print = level(ticks, lots);
        Trade trade;
        trade.instrument = m_instrument.contract.key;
        trade.id = trade.firstId = trade.lastId = ++m_tradeId;
        trade.price = print.price;
        trade.quantity = print.quantity;
        trade.aggressor = taker;
        trade.venueTime = trade.receivedAt = m_now;
        const std::int64_t time = toMilliseconds(m_now);
        listener.onTrade(
            trade,
            fmt::format(
                R"({{"e":"trade","E":{},"T":{},"s":"{}","t":{},"p":"{}","q":"{}","X":"MARKET","m":{}}})",
                time, time, m_options.symbol.view(), m_tradeId, priceText(ticks), lotsText(lots),
                taker == Side::Sell));
    }

    void sendTicker(FeedListener &listener)
    {
        BestQuote quote;
        quote.bid = level(m_bids.begin()->first, m_bids.begin()->second);
        quote.ask = level(m_asks.begin()->first, m_asks.begin()->second);
        if (quote.bid == m_lastQuote.bid && quote.ask == m_lastQuote.ask)
            return;
        quote.instrument = m_instrument.contract.key;
        quote.updateId = m_id;
        quote.venueTime = quote.receivedAt = m_now;
        m_lastQuote = quote;
        const std::int64_t time = toMilliseconds(m_now);
        listener.onBookTicker(
            quote,
            fmt::format(
                R"({{"e":"bookTicker","u":{},"s":"{}","ps":"{}","b":"{}","B":"{}","a":"{}","A":"{}","T":{},"E":{},"st":1}})",
                m_id, m_options.symbol.view(), m_options.symbol.view(), priceText(m_bids.begin()->first),
                lotsText(m_bids.begin()->second), priceText(m_asks.begin()->first),
                lotsText(m_asks.begin()->second), time, time));
    }

    void sendDepth(FeedListener &listener)
    {
        if (m_firstId == 0)
            return; // only when something changed
        DepthUpdate update;
        update.symbol = m_options.symbol;
        update.firstId = m_firstId;
        update.lastId = m_id;
        update.previousLastId = m_lastSentId;
        update.eventTime = update.venueTime = update.receivedAt = m_now;
        const std::int64_t time = toMilliseconds(m_now);
        JsonText out;
        out.object()
            .text("e", "depthUpdate")
            .number("E", time)
            .number("T", time)
            .text("s", m_options.symbol.view())
            .text("ps", m_options.symbol.view())
            .number("U", update.firstId)
            .number("u", update.lastId)
            .number("pu", update.previousLastId);
        const auto write = [&](std::string_view key, Side side, const std::set<std::int64_t> &changed,
                               std::vector<Level> &levels) {
            out.key(key).array();
            for (const std::int64_t ticks : changed) {
                const std::int64_t lots = lotsAt(side, ticks);
                levels.push_back(level(ticks, lots));
                out.array().text(priceText(ticks)).text(lotsText(lots)).endArray();
            }
            out.endArray();
        };
        write("b", Side::Buy, m_changedBids, update.bids);
        write("a", Side::Sell, m_changedAsks, update.asks);
        out.number("st", 1).endObject();
        m_changedBids.clear();
        m_changedAsks.clear();
        m_firstId = 0;
        m_lastSentId = m_id;
        listener.onDepth(update, out.take());
    }

    void sendMark(FeedListener &listener)
    {
        const auto price = [this](double ticks) {
            return Price::fromRaw(
                std::llround(ticks * static_cast<double>(m_tick))); // to 1e-8, half away from zero
        };
        MarkPrice mark;
        mark.instrument = m_instrument.contract.key;
        mark.index = price(m_index);
        mark.mark = price(m_index + m_basis);
        mark.fundingRate = fundingNow();
        mark.venueTime = mark.receivedAt = m_now;
        const Duration funding = m_instrument.fundingInterval;
        mark.nextFundingTime = UtcTime{(m_now.time_since_epoch() / funding + 1) * funding};
        listener.onMark(mark, markPriceText(m_options.symbol, mark));
    }

    ScenarioOptions m_options;
    VenueInstrument m_instrument;
    ScenarioRandom m_random;
    std::int64_t m_tick;
    std::int64_t m_step;
    int m_phase;
    std::int64_t m_lots{1}; ///< how many lots stand for one of the tuned market
    double m_startTicks{0};
    double m_scale{1}; ///< the flow was tuned at 600,000 ticks
    double m_reach{0};
    std::size_t m_levels{kLevels};
    double m_fair{0};
    double m_wander{0};
    double m_excitement{0};
    double m_index{0};
    double m_basis{0};
    SideMap<std::greater<>> m_bids;
    SideMap<std::less<>> m_asks;
    std::set<std::int64_t> m_changedBids;
    std::set<std::int64_t> m_changedAsks;
    std::int64_t m_id{5'000'000'000'000};
    std::int64_t m_firstId{0};
    std::int64_t m_lastSentId{0};
    std::int64_t m_tradeId{5'000'000'000};
    std::int64_t m_count{0};
    UtcTime m_epoch;
    UtcTime m_now;
    BestQuote m_lastQuote;
};

/// All contracts, step by step together: their shocks have one part in common.
class GeneratedMarket final : public MarketSource
{
public:
    explicit GeneratedMarket(std::uint64_t seed) : m_weather(seed ^ 0x5DEECE66DULL) {}
    void add(const ScenarioOptions &options, const VenueInstrument &instrument)
    {
        m_symbols.push_back(options.symbol);
        m_contracts.push_back(
            std::make_unique<Scenario>(options, instrument, static_cast<int>(m_contracts.size()) % kStepsPerDepth));
    }
    [[nodiscard]] Result<void> start(UtcTime epoch, FeedListener &listener) override
    {
        for (const auto &contract : m_contracts)
            contract->start(epoch, listener);
        return {};
    }
    [[nodiscard]] std::optional<Duration> nextAt() const override { return kStep * (m_count + 1); }
    void step(FeedListener &listener) override
    {
        ++m_count;
        const Weather common{m_weather.normal(), kCommon};
        for (std::size_t i = 0; i < m_contracts.size(); ++i)
            m_contracts[i]->step(m_contracts.size() == 1 ? Weather{} : common, listener);
    }
    [[nodiscard]] bool hasMark(const Symbol &) const override { return true; }
    [[nodiscard]] bool hasAggregateTrades(const Symbol &) const override { return false; }
    [[nodiscard]] std::vector<Symbol> symbols() const override { return m_symbols; }

private:
    static constexpr double kCommon = 0.75; ///< correlation of two contracts: its square
    ScenarioRandom m_weather;
    std::vector<Symbol> m_symbols;
    std::vector<std::unique_ptr<Scenario>> m_contracts;
    std::int64_t m_count{0};
};

[[nodiscard]] Result<void> checkStart(const ScenarioOptions &options, const VenueInstrument &instrument)
{
    if (!(options.symbol == instrument.contract.key.symbol))
        return fail(ErrorCode::InvalidArgument, "market.symbol: is not the instrument's");
    if (!instrument.contract.tickSize.isPositive() || !instrument.contract.stepSize.isPositive())
        return fail(ErrorCode::InvalidArgument, "market.symbol: tick and step must be above 0");
    if (!options.startPrice.isZero() && options.startPrice.raw() / instrument.contract.tickSize.raw() < 1'000)
        return fail(ErrorCode::InvalidArgument,
                    "market.startPrice: " + options.symbol.string() + " must be at least 1000 ticks");
    return {};
}
} // namespace

Result<std::unique_ptr<MarketSource>> makeScenario(const ScenarioOptions &options,
                                                   std::span<const VenueInstrument> instruments)
{
    auto market = std::make_unique<GeneratedMarket>(options.seed);
    std::vector<ScenarioMarket> contracts{{options.symbol, options.startPrice}};
    contracts.insert(contracts.end(), options.more.begin(), options.more.end());
    for (std::size_t i = 0; i < contracts.size(); ++i) {
        const auto listed = std::find_if(instruments.begin(), instruments.end(), [&](const VenueInstrument &entry) {
            return entry.contract.key.symbol == contracts[i].symbol;
        });
        if (listed == instruments.end())
            return fail(ErrorCode::InvalidArgument, "market.symbol: is not among the instruments");
        ScenarioOptions own = options;
        own.symbol = contracts[i].symbol;
        own.startPrice = contracts[i].startPrice;
        own.seed = options.seed + i * 0x9E3779B9ULL;
        own.more.clear();
        if (const auto checked = checkStart(own, *listed); !checked)
            return fail(checked.error());
        market->add(own, *listed);
    }
    return market;
}

} // namespace core::venue
