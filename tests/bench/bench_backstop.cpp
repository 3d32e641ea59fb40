// Prices of all resting stops, solved from scratch: 1, 60 and 500 positions over two accounts, each with a
// limit of its own, a liquidation price and a volatility. The target is 1 ms for 60.
#include <algorithm>
#include <chrono>
#include <random>

#include <fmt/format.h>

#include "core/orders/backstop.h"
#include "tests/bench/guard_desk.h"

using namespace core;
using namespace core::orders;
using bench::demand;
using bench::median;

namespace
{
using SteadyClock = std::chrono::steady_clock;

struct Portfolio {
    Instrument instrument;
    std::vector<BackstopPosition> positions;
    std::vector<BackstopGroup> groups;
    risk::BackstopLimits limits;
};

Portfolio portfolio(std::size_t count)
{
    Portfolio all;
    all.instrument.key = {Venue::Binance, *Symbol::from("BTCUSDT")};
    all.instrument.tickSize = parsePrice("0.1").value();
    all.limits.slippageAllowance = parseFixed<Ratio>("0.002").value();
    all.limits.liquidationBuffer = parseFixed<Ratio>("0.005").value();
    all.groups = {
        {risk::Scope::Account, {}, {}}, {risk::Scope::Account, {}, {}}, {risk::Scope::AllAccounts, {}, {}}};
    std::mt19937_64 random(7);
    for (std::size_t i = 0; i < count; ++i) {
        const bool isLong = random() % 2 == 0;
        const auto away = [&](std::int64_t permille) {
            return Price::fromRaw(60'000 * kDecimalOne / 1000 * (isLong ? 1000 - permille : 1000 + permille));
        };
        BackstopPosition p;
        p.life = {
            {all.instrument.key, PositionSide::Both}, isLong ? Direction::Long : Direction::Short, UtcTime{}};
        p.quantity = Quantity::fromRaw(static_cast<std::int64_t>(1 + random() % 1000) * 100'000);
        p.entry = p.mark = parsePrice("60000").value();
        p.ownLimit = away(static_cast<std::int64_t>(5 + random() % 60)); // many caps: many rounds of sharing
        p.liquidation = away(100);
        p.feeRate = parseFixed<Ratio>("0.0005").value();
        p.sigmaDay = Ratio::fromRaw(static_cast<std::int64_t>(1'000'000 + random() % 9'000'000));
        all.positions.push_back(p);
        all.positions.back().instrument = nullptr;
        all.groups[i % 2].members.push_back(i);
        all.groups[2].members.push_back(i);
    }
    for (std::size_t g = 0; g < all.groups.size(); ++g)
        all.groups[g].headroom =
            Money::fromRaw(static_cast<std::int64_t>(count) * (g == 2 ? 700 : 400) * kDecimalOne);
    return all;
}

double microseconds(Portfolio &all)
{
    for (BackstopPosition &p : all.positions)
        p.instrument = &all.instrument;
    std::vector<double> rounds;
    const int calls = static_cast<int>(20'000 / (all.positions.size() + 1)) + 1;
    for (int round = 0; round < 11; ++round) {
        const auto start = SteadyClock::now();
        for (int i = 0; i < calls; ++i) {
            all.groups.back().headroom = Money::fromRaw(all.groups.back().headroom.raw() + kDecimalOne);
            const auto solved = solveBackstops(all.positions, all.groups, all.limits);
            demand(solved.back().has_value(), "a price");
        }
        rounds.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count() /
                         calls);
    }
    return median(rounds);
}
/// One position of 60 gets a new mark; all are covered and nothing has to be sent.
double keeperMicroseconds()
{
    constexpr std::size_t kPositions = 60;
    constexpr int kMarks = 5'000;
    Portfolio all = portfolio(kPositions);
    BackstopKeeper keeper;
    keeper.setLimits(all.limits);
    UtcTime now{std::chrono::days{20'000}};
    std::vector<BackstopKeeper::Wish> wishes;
    for (std::size_t i = 0; i < kPositions; ++i) {
        BackstopPosition &p = all.positions[i];
        p.life.position.instrument.symbol = *Symbol::from(fmt::format("COIN{:02}USDT", i));
        p.instrument = &all.instrument;
        keeper.onTarget(now, p, BackstopPrice{*p.ownLimit});
    }
    keeper.drive(now, wishes);
    demand(wishes.size() == kPositions, "a stop for each position");
    for (const auto &wish : wishes)
        keeper.onOutcome(now, wish.order.clientOrderId, RequestOutcome::Accepted, {});
    std::vector<double> rounds;
    for (int round = 0; round < 11; ++round) {
        wishes.clear();
        const auto start = SteadyClock::now();
        for (int i = 0; i < kMarks; ++i) {
            BackstopPosition &p = all.positions[static_cast<std::size_t>(i) % kPositions];
            now += std::chrono::microseconds{100};
            keeper.onTarget(now, p, BackstopPrice{*p.ownLimit});
            keeper.drive(now, wishes);
        }
        rounds.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count() /
                         kMarks);
        demand(wishes.empty(), "silence");
    }
    return median(rounds);
}
} // namespace

int main()
{
    double of60 = 0;
    for (const std::size_t count : {std::size_t{1}, std::size_t{60}, std::size_t{500}}) {
        Portfolio all = portfolio(count);
        const double time = microseconds(all);
        of60 = count == 60 ? time : of60;
        fmt::print("backstop solver, {:3} positions: {:8.2f} us\n", count, time);
    }
    fmt::print("keeper, one mark of 60 covered positions: {:.2f} us\n", keeperMicroseconds());
    return of60 <= 1000.0 ? 0 : 1;
}
