#include "core/runtime/drill/plan.h"

#include <algorithm>
#include <array>

#include "core/runtime/drill/dice.h"
#include "core/venue/options.h"

using namespace std::chrono_literals;

namespace core::runtime::drill
{

namespace
{
struct Listed {
    std::string_view base;
    std::int64_t price; ///< 1e-8
    std::int64_t tick;
    std::int64_t step;
    double noise; ///< of a quarter of a second
};
constexpr std::int64_t kOne = kDecimalOne;
constexpr std::array<Listed, 12> kListed{{
    {"BTC", 60'000 * kOne, kOne / 10, kOne / 1'000, 0.00008},
    {"ETH", 3'000 * kOne, kOne / 100, kOne / 1'000, 0.00010},
    {"SOL", 150 * kOne, kOne / 100, kOne / 100, 0.00014},
    {"BNB", 550 * kOne, kOne / 10, kOne / 100, 0.00010},
    {"XRP", kOne / 2, kOne / 10'000, kOne, 0.00014},
    {"DOGE", kOne / 8, kOne / 100'000, kOne, 0.00018},
    {"AVAX", 30 * kOne, kOne / 1'000, kOne / 10, 0.00016},
    {"LINK", 14 * kOne, kOne / 1'000, kOne / 10, 0.00015},
    {"LTC", 70 * kOne, kOne / 100, kOne / 1'000, 0.00012},
    {"ADA", kOne * 2 / 5, kOne / 10'000, kOne, 0.00016},
    {"SUI", 2 * kOne, kOne / 10'000, kOne / 10, 0.00018},
    {"ARB", kOne * 3 / 5, kOne / 10'000, kOne / 10, 0.00018},
}};
constexpr std::array<int, 7> kLeverages{2, 3, 5, 8, 10, 20, 40};

Instrument contractOf(Venue venue, const Listed &listed)
{
    const bool hyperliquid = venue == Venue::Hyperliquid;
    const std::string symbol = std::string(listed.base) + (hyperliquid ? "" : "USDT");
    Instrument contract = venue::typicalInstrument(*Symbol::from(symbol), *Asset::from(listed.base),
                                                   Price::fromRaw(listed.tick), Quantity::fromRaw(listed.step))
                              .contract;
    contract.key.venue = venue;
    if (hyperliquid) {
        contract.quote = *Asset::from("USDC");
        contract.significantDigits = 5;
        contract.notionalMin = Money::fromRaw(10 * kOne);
        contract.priceUp = contract.priceDown = Ratio{};
    }
    return contract;
}

std::vector<Window> windows(Dice &dice, Duration length, int chance, Duration least, Duration most)
{
    std::vector<Window> made;
    if (!dice.hits(chance))
        return made;
    const std::int64_t count = dice.between(1, 2);
    for (std::int64_t i = 0; i < count; ++i) {
        const Duration from = dice.between(6s, length); // it begins in good order
        made.push_back({from, from + dice.between(least, most)});
    }
    return made;
}

int chance(Dice &dice, int share, int most)
{
    return dice.hits(share) ? static_cast<int>(dice.between(1, most)) : 0;
}

LinkPlan linkOf(Dice &dice, Duration length)
{
    LinkPlan link;
    link.latencyLeast = dice.between(1ms, 20ms);
    link.latencyMost = link.latencyLeast + dice.between(1ms, 150ms);
    link.requestLost = chance(dice, 3'000, 1'000);
    link.answerLost = chance(dice, 3'000, 1'500);
    link.unclear = chance(dice, 3'000, 1'500);
    link.overloaded = chance(dice, 2'000, 2'000);
    link.slow = chance(dice, 3'000, 1'000);
    link.repeated = chance(dice, 5'000, 2'000);
    link.swapped = chance(dice, 5'000, 1'000);
    link.visibleAfter = dice.hits(3'000) ? dice.between(0ms, 1'500ms) : Duration::zero();
    link.lines = windows(dice, length, 3'500, 200ms, 15s);
    link.silences = windows(dice, length, 2'000, 1s, 8s);
    link.limits = windows(dice, length, 1'500, 1s, 10s);
    link.algoFaults = windows(dice, length, 1'000, 1s, 10s);
    link.stopFaults = windows(dice, length, 500, 1s, 20s);
    return link;
}

/// The event of the weather on one market; `against` is the direction in which most of the account loses.
void addWeather(Dice &dice, Weather weather, double against, double common, MarketPlan &market)
{
    const double beta = dice.real(0.6, 1.2);
    switch (weather) {
    case Weather::Calm:
    case Weather::FundingSpike:
        break;
    case Weather::Trend:
        market.drift = against * dice.real(0.00002, 0.0002);
        break;
    case Weather::FlashCrash:
    case Weather::Vacuum:
        market.shock = against * common * beta;
        market.recovery = dice.real(0.0, 0.7);
        break;
    case Weather::Gap:
        market.shock = against * common * beta;
        break;
    }
}

VenuePlan venueOf(Dice &dice, Venue venue, const DrillPlan &plan, std::size_t positions, double against, double common)
{
    VenuePlan made;
    made.venue = venue;
    made.balance = Money::fromRaw(dice.between(1, 60) * 10'000 * kOne);
    made.markEvery = std::array<Duration, 3>{250ms, 500ms, 1s}[dice.index(3)];
    std::array<std::size_t, kListed.size()> order{};
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
        std::swap(order[i], order[i + dice.index(order.size() - i)]);
    // Most accounts hold a few times their equity, some far too much.
    const double gross = dice.hits(8'000) ? dice.real(0.3, 4.0) : dice.real(4.0, 12.0);
    const double share = gross / static_cast<double>(positions);
    for (std::size_t i = 0; i < positions; ++i) {
        const Listed &listed = kListed[order[i]];
        MarketPlan market;
        market.contract = contractOf(venue, listed);
        market.start = Price::fromRaw(listed.price).toDouble() * dice.real(0.8, 1.25);
        market.noise = listed.noise * dice.real(0.5, 2.0);
        addWeather(dice, plan.weather, against, common, market);
        HoldingPlan holding;
        holding.market = i;
        // Most of a portfolio leans one way; the rest hedges.
        holding.direction = (against < 0) == dice.hits(7'500) ? Direction::Long : Direction::Short;
        do
            holding.leverage = kLeverages[dice.index(kLeverages.size())];
        while (gross / holding.leverage > 0.7);
        holding.isolated = dice.hits(3'000);
        holding.personalStop = dice.hits(1'000);
        const double notional = made.balance.toDouble() * share;
        market.levelNotional = std::max(notional * dice.real(0.3, 2.0), 2'000.0);
        const double units = notional / market.start;
        const std::int64_t step = market.contract.stepSize.raw();
        holding.quantity = Quantity::fromRaw(
            std::max(roundToStep(static_cast<std::int64_t>(units * 1e8), step, Rounding::Floor), step));
        made.markets.push_back(std::move(market));
        made.holdings.push_back(holding);
    }
    made.link = linkOf(dice, plan.length);
    made.maintenance = windows(dice, plan.length, 600, 5s, 30s);
    return made;
}

void addKills(Dice &dice, DrillPlan &plan)
{
    if (!dice.hits(5'000))
        return;
    const std::int64_t count = dice.hits(2'000) ? 2 : 1;
    for (std::int64_t i = 0; i < count; ++i) {
        KillPlan kill;
        kill.restartAfter = dice.between(200ms, 6s);
        kill.at = dice.between(4s, plan.length);
        if (dice.hits(6'000)) {
            kill.step = static_cast<KillPlan::Step>(dice.between(1, 6));
            kill.of = static_cast<KillPlan::Of>(std::max<std::int64_t>(dice.between(-3, 2), 0));
            kill.nth = static_cast<int>(dice.between(1, 6));
        }
        plan.kills.push_back(kill);
    }
}

void addPeople(Dice &dice, DrillPlan &plan)
{
    const std::int64_t count = dice.hits(7'000) ? dice.between(1, 8) : 0;
    for (std::int64_t i = 0; i < count; ++i) {
        PersonPlan act;
        act.what = static_cast<PersonPlan::What>(dice.between(0, 7));
        if (act.what == PersonPlan::What::Flatten && !dice.hits(3'000))
            act.what = PersonPlan::What::PhoneIncrease;
        act.at = dice.between(1s, plan.length);
        act.venue = dice.index(plan.venues.size());
        const VenuePlan &venue = plan.venues[act.venue];
        act.market = dice.index(venue.markets.size());
        act.side = dice.hits(5'000) ? Side::Buy : Side::Sell;
        const std::int64_t step = venue.markets[act.market].contract.stepSize.raw();
        const std::int64_t part = venue.holdings[act.market].quantity.raw() / dice.between(2, 10);
        act.quantity = Quantity::fromRaw(std::max(roundToStep(part, step, Rounding::Floor), step));
        plan.people.push_back(act);
    }
}

/// Somebody follows the market with an order that rests.
void addChanges(Dice &dice, DrillPlan &plan)
{
    const std::vector<PersonPlan> people = plan.people;
    for (const PersonPlan &act : people) {
        if (act.what != PersonPlan::What::RestingEntry || !dice.hits(6'000))
            continue;
        PersonPlan change = act;
        change.what = PersonPlan::What::Change;
        change.at += dice.between(300ms, 6s);
        plan.people.push_back(change);
    }
}

/// Not with a kill: what an earlier run wrote would lie in the future.
void addJumps(Dice &dice, DrillPlan &plan)
{
    if (!plan.kills.empty() || !dice.hits(1'500))
        return;
    ClockJump jump;
    jump.at = dice.between(2s, plan.length);
    jump.by = dice.hits(5'000) ? dice.between(1s, 20min) : -dice.between(1s, 24h);
    plan.jumps.push_back(jump);
}
} // namespace

std::string_view name(Weather weather)
{
    switch (weather) {
    case Weather::Calm: return "calm";
    case Weather::Trend: return "trend";
    case Weather::FlashCrash: return "flash-crash";
    case Weather::Gap: return "gap";
    case Weather::Vacuum: return "vacuum";
    case Weather::FundingSpike: return "funding-spike";
    }
    return "unknown";
}

std::string_view name(KillPlan::Step step)
{
    switch (step) {
    case KillPlan::Step::AtTime: return "at a random instant";
    case KillPlan::Step::BeforeSend: return "before it is sent";
    case KillPlan::Step::AfterSend: return "after it is sent";
    case KillPlan::Step::BeforeAnswer: return "before its answer";
    case KillPlan::Step::AfterAnswer: return "after its answer";
    case KillPlan::Step::BeforeCommit: return "before its record is on disk";
    case KillPlan::Step::AfterCommit: return "after its record is on disk";
    }
    return "unknown";
}

std::string_view name(KillPlan::Of of)
{
    switch (of) {
    case KillPlan::Of::Place: return "order";
    case KillPlan::Of::Change: return "change";
    case KillPlan::Of::Cancel: return "cancel";
    case KillPlan::Of::Flatten: return "flatten";
    }
    return "unknown";
}

bool DrillPlan::hasGap() const
{
    return weather == Weather::Gap || std::any_of(venues.begin(), venues.end(), [](const VenuePlan &venue) {
               return !venue.maintenance.empty();
           });
}

double depthDuring(Weather weather)
{
    switch (weather) {
    case Weather::FlashCrash: return 0.4;
    case Weather::Vacuum: return 0.05;
    default: return 1.0;
    }
}

DrillPlan makePlan(std::uint64_t seed)
{
    Dice dice(seed, 1);
    DrillPlan plan;
    plan.seed = seed;
    plan.weather = std::array{Weather::Calm,       Weather::Trend, Weather::Trend,  Weather::FlashCrash,
                              Weather::FlashCrash, Weather::Gap,   Weather::Vacuum, Weather::FundingSpike}[dice.index(8)];
    plan.length = dice.between(30s, 75s);
    const Duration from = dice.between(8s, plan.length / 2);
    plan.event = {from, from + dice.between(4s, 20s)};
    const double against = dice.hits(5'000) ? -1.0 : 1.0;
    const double common = dice.real(0.02, 0.18);
    const auto positions = static_cast<std::size_t>(dice.between(1, 12));
    const std::size_t first = dice.index(2);
    // On one venue, or divided between both.
    const std::size_t second = positions > 1 && dice.hits(5'000) ? 1 + dice.index(positions - 1) : 0;
    constexpr std::array kVenues{Venue::Binance, Venue::Hyperliquid};
    plan.venues.push_back(venueOf(dice, kVenues[first], plan, positions - second, against, common));
    if (second > 0)
        plan.venues.push_back(venueOf(dice, kVenues[1 - first], plan, second, against, common));
    addKills(dice, plan);
    addPeople(dice, plan);
    plan.freezes = windows(dice, plan.length, 800, 1s, 20s);
    plan.commitEvery = dice.between(5ms, 100ms);
    plan.diskStalls = windows(dice, plan.length, 1'500, 200ms, 5s);
    plan.limitsVariant = dice.index(9);
    addChanges(dice, plan);
    addJumps(dice, plan);
    return plan;
}

} // namespace core::runtime::drill
