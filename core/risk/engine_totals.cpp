// Readings of a symbol, an account, and all accounts together.
#include <algorithm>

#include "core/risk/engine_impl.h"

namespace core::risk
{

namespace
{
constexpr std::int64_t kNanosecondsPerMinute = 60'000'000'000;

Reading counted(int count) { return Reading::of(Ratio::fromRaw(static_cast<std::int64_t>(count) * kDecimalOne)); }
} // namespace

std::optional<Wide> RiskEngine::Impl::equityOf(std::size_t index) const
{
    if (index != kGroup) {
        const Account &account = accounts[index];
        return account.totals ? std::optional(account.base + account.sums.pnl) : std::nullopt;
    }
    // USDT and USDC count one to one: both settle one dollar of contract, and no rate between them is at hand.
    std::optional<Wide> joint;
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (!isMember(i))
            continue;
        const auto equity = equityOf(i);
        if (!equity)
            return std::nullopt;
        joint = joint.value_or(0) + *equity;
    }
    return joint;
}

Reading RiskEngine::Impl::shareOfEquity(Wide amount, std::size_t account, bool open) const
{
    const auto equity = equityOf(account);
    if (!equity)
        return Reading::undefined("the account's equity is not known yet");
    if (*equity > 0)
        return Reading::of(ratioOfWide(amount, *equity, Rounding::Ceil));
    if (open)
        return Reading::of(kWorst); // nothing is left to stand for it
    return amount > 0 ? Reading::of(kWorst) : Reading::undefined("there is no equity");
}

Wide RiskEngine::Impl::maintenanceOf(std::size_t index) const
{
    if (index == kGroup)
        return maintenanceOf(0) + maintenanceOf(1);
    const Account &account = accounts[index];
    if (account.sums.unknownMaintenance == 0 && account.sums.unpriced == 0)
        return account.sums.maintenance;
    return account.totals ? wide(account.totals->maintenanceMargin) : 0;
}

Wide RiskEngine::Impl::fundingPaid(std::size_t index) const
{
    if (index == kGroup)
        return fundingPaid(0) + fundingPaid(1);
    return -accounts[index].fundingNet;
}

/// The worst of the cross margin and of each isolated position: what would be liquidated first.
Reading RiskEngine::Impl::readMargin(std::size_t index) const
{
    const Sums &sums = accounts[index].sums;
    if (sums.open == 0)
        return equityOf(index) ? Reading::of(Ratio{}) : Reading::undefined("the account's equity is not known yet");
    const auto equity = equityOf(index);
    if (!equity)
        return Reading::undefined("the account's equity is not known yet");
    if (*equity <= 0)
        return Reading::of(kWorst);
    const auto ratio = [](Wide maintenance, Wide margin) {
        if (maintenance <= 0)
            return Ratio{};
        return margin > 0 ? ratioOfWide(maintenance, margin, Rounding::Ceil) : kWorst;
    };
    Ratio worst = ratio(maintenanceOf(index) - sums.isolatedMaintenance, *equity - sums.isolatedMargin);
    for (std::size_t i = 0; sums.isolated > 0 && i < slots.size(); ++i) {
        const Slot &slot = slots[i];
        if (slot.open && slot.isolated && (index == kGroup || slot.account == index))
            worst = std::max(worst, ratio(slot.maintenance, slot.isolatedMargin));
    }
    return Reading::of(worst);
}

Reading RiskEngine::Impl::readTotals(std::size_t index, const Breaker &breaker) const
{
    const Account &account = accounts[index];
    const bool open = account.sums.open > 0;
    const auto known = [&](const std::optional<Ratio> &value) {
        if (value)
            return Reading::of(*value);
        return open ? Reading::of(kWorst) : Reading::undefined("there was no equity to lose from");
    };
    switch (breaker.kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss:
    case BreakerKind::Drawdown:
    case BreakerKind::ProfitFloor:
        if (!account.nav.isKnown() || !equityOf(index))
            return Reading::undefined("the account's equity is not known yet");
        if (breaker.kind == BreakerKind::Drawdown)
            return known(lossFrom(account.nav.peak(), account.nav.equity()));
        if (breaker.kind == BreakerKind::ProfitFloor) {
            const Wide start = account.nav.start(Period::Day);
            const Wide best = account.nav.dayBest() - start;
            const Ratio watchFrom = breaker.activation.value_or(Ratio{});
            if (start <= 0 || best <= 0 || ratioOfWide(best, start, Rounding::Floor) < watchFrom)
                return Reading::clear("the day's profit has not been large enough yet");
            return Reading::of(ratioOfWide(account.nav.equity() - start, best, Rounding::Floor));
        }
        return known(lossFrom(account.nav.start(periodOf(breaker.kind)), account.nav.equity()));
    case BreakerKind::MarginRatio:
        return readMargin(index);
    case BreakerKind::EffectiveLeverage:
    case BreakerKind::GrossExposure:
    case BreakerKind::NetExposure:
        if (account.sums.unpriced > 0)
            return Reading::undefined("a position has no mark price yet");
        if (breaker.kind == BreakerKind::NetExposure)
            return shareOfEquity(account.sums.net < 0 ? -account.sums.net : account.sums.net, index, open);
        return shareOfEquity(account.sums.gross, index, open);
    case BreakerKind::CorrelatedExposure: {
        const auto exposure = account.correlated.exposure();
        if (!exposure || account.sums.unpriced > 0)
            return Reading::undefined(exposure ? "a position has no mark price yet" : "the numbers are outside the range");
        return shareOfEquity(wide(*exposure), index, open);
    }
    case BreakerKind::FundingBurn:
        return shareOfEquity(std::max<Wide>(fundingPaid(index), 0), index, open);
    case BreakerKind::DataStale:
        return readAge(index);
    default:
        return readCounts({index == kGroup ? Scope::AllAccounts : Scope::Account, index, 0, 0}, breaker.kind);
    }
}

Reading RiskEngine::Impl::readAge(std::size_t index) const
{
    std::optional<UtcTime> oldest;
    const auto hear = [&](UtcTime at) { oldest = std::min(oldest.value_or(at), at); };
    for (std::size_t i = 0; i < kAccounts; ++i) {
        if (!isMember(i) || (index != kGroup && i != index))
            continue;
        if (!accounts[i].totals)
            return Reading::undefined("the account has not been heard of yet");
        hear(accounts[i].heardAt);
    }
    for (const Slot &slot : slots) {
        if (!slot.open || (index != kGroup && slot.account != index))
            continue;
        if (!markets[slot.market].mark)
            return Reading::undefined("a position has no mark price yet");
        hear(markets[slot.market].heardAt);
    }
    if (!oldest)
        return Reading::undefined("the account has not been heard of yet");
    const Wide age = (now - *oldest).count();
    return Reading::of(Ratio::fromRaw(saturated(divided(age * kWideOne, kNanosecondsPerMinute, Rounding::Ceil))));
}

int RiskEngine::Impl::tradesOpened(const Where &where) const
{
    TripFilter filter;
    if (where.account != kGroup)
        filter.account = venueOf(where.account);
    if (where.scope == Scope::Symbol)
        filter.instrument = markets[where.market].key;
    const UtcTime start = accounts[where.account].nav.startedAt(Period::Day);
    int count = trips.openedSince(start, filter);
    for (std::size_t i = 0; i < markets.size(); ++i) {
        const Market &market = markets[i];
        if ((where.account != kGroup && indexOf(market.key.venue) != where.account) ||
            (where.scope == Scope::Symbol && i != where.market))
            continue;
        for (const std::size_t slot : market.slots)
            count += slots[slot].open && slots[slot].openedAt >= start ? 1 : 0;
        for (const Awaited &life : market.awaited)
            count += life.openedAt >= start ? 1 : 0;
    }
    return count;
}

Reading RiskEngine::Impl::readCounts(const Where &where, BreakerKind kind) const
{
    TripFilter filter;
    if (where.account != kGroup)
        filter.account = venueOf(where.account);
    if (where.scope == Scope::Symbol)
        filter.instrument = markets[where.market].key;
    switch (kind) {
    case BreakerKind::ConsecutiveLosses:
        return counted(trips.consecutiveLosses(filter));
    case BreakerKind::LosingTradesPerDay:
        return counted(trips.lossesSince(accounts[where.account].nav.startedAt(Period::Day), filter));
    case BreakerKind::TradesPerDay:
        return counted(tradesOpened(where));
    default:
        return Reading::undefined("this limit is not one of this scope");
    }
}

/// Trips that ended in the period, partial closes and open results, less what they had earned before it began.
Wide RiskEngine::Impl::symbolResult(const Market &market, Period period) const
{
    const auto i = static_cast<std::size_t>(period);
    const std::size_t account = indexOf(market.key.venue);
    Wide sum = market.carried[i] + trips.netSince(accounts[account].nav.startedAt(period), {.account = {}, .instrument = market.key});
    for (const std::size_t slot : market.slots) {
        if (slots[slot].open)
            sum += slots[slot].realised + slots[slot].pnl - slots[slot].atStart[i];
    }
    for (const Awaited &life : market.awaited)
        sum += life.realised - life.atStart[i];
    return sum;
}

Reading RiskEngine::Impl::readSymbol(const Where &where, const Breaker &breaker) const
{
    const Market &market = markets[where.market];
    const bool open = std::ranges::any_of(market.slots, [&](std::size_t i) { return slots[i].open; });
    const bool unpriced = std::ranges::any_of(market.slots, [&](std::size_t i) { return slots[i].open && !slots[i].priced; });
    if (unpriced)
        return Reading::undefined("a position has no mark price yet");
    switch (breaker.kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss: {
        const Nav &nav = accounts[where.account].nav;
        const Period period = periodOf(breaker.kind);
        if (!nav.isKnown())
            return Reading::undefined("the account's equity is not known yet");
        const Wide result = symbolResult(market, period);
        if (result >= 0)
            return Reading::of(Ratio{});
        if (nav.start(period) <= 0)
            return Reading::of(kWorst);
        return Reading::of(ratioOfWide(-result, nav.start(period), Rounding::Ceil));
    }
    case BreakerKind::EffectiveLeverage:
    case BreakerKind::GrossExposure:
        return shareOfEquity(market.gross, where.account, open);
    case BreakerKind::NetExposure:
    case BreakerKind::CorrelatedExposure:
        return shareOfEquity(market.net < 0 ? -market.net : market.net, where.account, open);
    case BreakerKind::FundingBurn: {
        Wide paid = 0;
        for (const FundingPayment &payment : accounts[where.account].funding) {
            if (payment.instrument == market.key)
                paid -= wide(payment.amount);
        }
        return shareOfEquity(std::max<Wide>(paid, 0), where.account, open);
    }
    default:
        return readCounts(where, breaker.kind);
    }
}

std::optional<Wide> RiskEngine::Impl::totalsLossTo(std::size_t index, BreakerKind kind, Ratio level) const
{
    const Account &account = accounts[index];
    const auto equity = equityOf(index);
    if (!equity)
        return std::nullopt;
    // Equity at which amount ÷ equity is at the level, what makes up the amount held as it is.
    const auto until = [&](Wide amount) -> std::optional<Wide> {
        if (level.raw() <= 0 || amount <= 0)
            return std::nullopt;
        return *equity - mulDivWide(amount, kWideOne, level.raw(), Rounding::Ceil);
    };
    const Wide nav = account.nav.equity();
    const auto untilLoss = [&](Wide reference) {
        return nav - mulDivWide(reference, kWideOne - level.raw(), kWideOne, Rounding::Ceil);
    };
    switch (kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss:
        return untilLoss(account.nav.start(periodOf(kind)));
    case BreakerKind::Drawdown:
        return untilLoss(account.nav.peak());
    case BreakerKind::ProfitFloor: {
        const Wide start = account.nav.start(Period::Day);
        return nav - start - mulDivWide(account.nav.dayBest() - start, level.raw(), kWideOne, Rounding::Ceil);
    }
    case BreakerKind::MarginRatio:
        return until(maintenanceOf(index));
    case BreakerKind::EffectiveLeverage:
    case BreakerKind::GrossExposure:
        return until(account.sums.gross);
    case BreakerKind::NetExposure:
        return until(account.sums.net < 0 ? -account.sums.net : account.sums.net);
    case BreakerKind::CorrelatedExposure:
        return account.correlated.exposure() ? until(wide(*account.correlated.exposure())) : std::nullopt;
    case BreakerKind::FundingBurn:
        return until(fundingPaid(index));
    default:
        return std::nullopt;
    }
}

std::optional<Wide> RiskEngine::Impl::lossTo(const Where &where, const Breaker &breaker, Ratio level) const
{
    if (where.scope == Scope::Account || where.scope == Scope::AllAccounts)
        return totalsLossTo(where.account, breaker.kind, level);
    if (where.scope == Scope::Symbol) {
        const Period period = periodOf(breaker.kind);
        const bool periodLoss = breaker.kind == BreakerKind::DayLoss || breaker.kind == BreakerKind::WeekLoss ||
                                breaker.kind == BreakerKind::MonthLoss;
        if (!periodLoss || !accounts[where.account].nav.isKnown())
            return std::nullopt;
        const Wide allowed = mulDivWide(accounts[where.account].nav.start(period), level.raw(), kWideOne, Rounding::Floor);
        return allowed + symbolResult(markets[where.market], period);
    }
    const Slot &slot = slots[where.slot];
    const Market &market = markets[slot.market];
    const auto price = priceAt(slot, breaker, level);
    if (!price || !market.mark)
        return std::nullopt;
    const int s = slot.life.direction == Direction::Long ? 1 : -1;
    return s * (static_cast<Wide>(market.mark->raw()) - price->raw()) * slot.position.quantity.raw();
}

} // namespace core::risk
