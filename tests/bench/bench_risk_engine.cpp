// What one mark costs the risk engine: every breaker that there is, armed, on 1, 50, 60 and 500 positions of one account; and
// what all standings cost a screen. Prints "mark <positions> <watches> <median ns> <allocations per mark>" and
// "standings <positions> <count> <median us>".
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#include "core/risk/engine.h"
#include "tests/bench/count_allocations.h"

using namespace core;
using namespace core::risk;

namespace
{
/// The processor's time of this thread: what a mark costs, not who else runs here.
struct ThreadClock {
    static std::chrono::nanoseconds now()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    }
};
constexpr int kRounds = 21;
constexpr int kMarksPerRound = 20'000;

template <class T> T fixed(std::string_view text) { return parseFixed<T>(text).value(); }

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Limits allOn(Limits limits)
{
    for (Breaker &breaker : limits.breakers)
        breaker.enabled = true;
    return limits;
}

struct Desk {
    UtcTime now = parseIso8601("2026-11-18T10:00:00Z").value();
    RiskEngine engine;
    std::vector<RiskDecision> out;
    std::vector<InstrumentKey> keys;

    explicit Desk(std::size_t positions)
    {
        tell(LimitsSet{Venue::Binance, allOn(presetLimits(Preset::Standard))});
        tell(LimitsSet{std::nullopt, allOn(defaultGroupLimits())});
        tell(ArmingSet{Venue::Binance, Arming::Armed});
        tell(FreshnessSet{Venue::Binance, {}, true, true});
        AccountSnapshot totals;
        totals.equity = totals.walletBalance = fixed<Money>("10000000");
        tell(AccountSet{Venue::Binance, totals});
        for (std::size_t i = 0; i < positions; ++i)
            open(i);
    }
    void tell(RiskFact fact) { engine.apply({now, std::move(fact)}, out); }
    void open(std::size_t i)
    {
        const InstrumentKey key{Venue::Binance, *Symbol::from(fmt::format("COIN{:03}USDT", i))};
        keys.push_back(key);
        Instrument rules;
        rules.key = key;
        rules.tickSize = fixed<Price>("0.1");
        rules.stepSize = fixed<Quantity>("0.001");
        rules.marginTiers = {{Money{}, fixed<Money>("50000"), fixed<Ratio>("0.004"), Money{}, 125},
                             {fixed<Money>("50000"), fixed<Money>("600000"), fixed<Ratio>("0.005"), fixed<Money>("50"), 100}};
        tell(InstrumentSet{rules});
        tell(MarkSet{key, fixed<Price>("1000"), now});
        Estimate estimate;
        estimate.instrument = key;
        estimate.atr = fixed<Ratio>("0.02");
        estimate.sigmaDay = estimate.sigmaUsual = estimate.sigmaShort = fixed<Ratio>("0.03");
        estimate.at = now;
        tell(EstimateSet{estimate});
        Depth depth{key, fixed<Price>("1000"), {}, true, now};
        for (int step = 1; step <= 5; ++step)
            depth.steps.push_back({Ratio::fromRaw(step * 100'000), fixed<Quantity>("5"), fixed<Quantity>("5")});
        tell(DepthSet{depth});
        Position position;
        position.instrument = key;
        position.direction = i % 2 == 0 ? Direction::Long : Direction::Short;
        position.quantity = fixed<Quantity>("3");
        position.entryPrice = fixed<Price>("1000");
        position.leverage = 10;
        position.marginMode = MarginMode::Cross;
        position.liquidationPrice = fixed<Price>(i % 2 == 0 ? "500" : "1500");
        tell(PositionSet{{{key, PositionSide::Both}, position.direction, now}, position});
    }
};

void run(std::size_t positions)
{
    Desk desk(positions);
    desk.out.clear();
    std::vector<double> nanoseconds;
    std::uint64_t allocated = 0;
    std::size_t next = 0;
    for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t before = allocations;
        const auto begin = ThreadClock::now();
        for (int i = 0; i < kMarksPerRound; ++i) {
            next = next + 1 < positions ? next + 1 : 0;
            const std::int64_t price = 1'000 * kDecimalOne + ((i * 7919) % 200 - 100) * 10'000'000;
            desk.engine.apply({desk.now, MarkSet{desk.keys[next], Price::fromRaw(price), desk.now}}, desk.out);
        }
        const auto took = std::chrono::duration<double, std::nano>(ThreadClock::now() - begin).count();
        nanoseconds.push_back(took / kMarksPerRound);
        allocated += allocations - before;
    }
    if (!desk.out.empty()) {
        std::fputs("bench_risk_engine: a quiet mark said something\n", stderr);
        std::exit(1);
    }
    std::size_t standings = 0;
    std::vector<double> microseconds;
    for (int round = 0; round < 5; ++round) {
        const auto begin = ThreadClock::now();
        standings = desk.engine.standings().size();
        microseconds.push_back(std::chrono::duration<double, std::micro>(ThreadClock::now() - begin).count());
    }
    fmt::print("mark {} {} {:.0f} {:.4f}\n", positions, standings, median(nanoseconds),
               static_cast<double>(allocated) / kRounds / kMarksPerRound);
    fmt::print("standings {} {} {:.0f}\n", positions, standings, median(microseconds));
}
} // namespace

int main()
{
    for (const std::size_t positions : {1U, 50U, 60U, 500U})
        run(positions);
    return 0;
}
