#include "core/exchange/hyperliquid/margin.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{

namespace
{
/// How far the venue's free margin may lie from ours and still prove which reading of the balance is right:
/// 0.1 % of it, and a few cents of what moved between the two answers.
constexpr Ratio kToleranceShare = Ratio::fromRaw(kDecimalOne / 1000);
constexpr Money kToleranceLeast = Money::fromRaw(5 * kDecimalOne / 100);

[[nodiscard]] tl::unexpected<Error> lacking(std::string_view what)
{
    return fail(ErrorCode::InvalidArgument, "account figures: " + std::string(what));
}

[[nodiscard]] Result<Money> sum(const std::vector<Money> &values)
{
    Money total;
    for (const Money value : values) {
        const auto next = add(total, value);
        if (!next)
            return fail(next.error());
        total = *next;
    }
    return total;
}

struct Totals {
    Money unrealized;
    Money marginUsed;
    Money crossMaintenance;
};

[[nodiscard]] Result<Totals> totalsOf(const std::vector<PerpAccount> &dexes)
{
    std::vector<Money> unrealized;
    std::vector<Money> marginUsed;
    std::vector<Money> maintenance;
    for (const PerpAccount &dex : dexes) {
        if (!dex.all)
            return lacking("marginSummary is missing");
        marginUsed.push_back(dex.all->marginUsed);
        maintenance.push_back(dex.crossMaintenance.value_or(Money{}));
        for (const PositionRow &row : dex.positions)
            unrealized.push_back(row.position.unrealizedPnl.value_or(Money{}));
    }
    Totals totals;
    const auto fits = sum(unrealized).and_then([&](Money value) {
        totals.unrealized = value;
        return sum(marginUsed);
    });
    const auto rest = fits.and_then([&](Money value) {
        totals.marginUsed = value;
        return sum(maintenance);
    });
    if (!rest)
        return fail(rest.error());
    totals.crossMaintenance = *rest;
    return totals;
}

[[nodiscard]] std::optional<Money> collateralBalance(const AccountView &view)
{
    if (!view.spot)
        return std::nullopt;
    const auto found =
        std::find_if(view.spot->balances.begin(), view.spot->balances.end(),
                     [&](const SpotBalance &row) { return row.token == view.collateralToken; });
    return found == view.spot->balances.end() ? std::optional(Money{}) : found->total;
}

[[nodiscard]] Result<AccountFigures> standardFigures(const AccountView &view)
{
    if (view.dexes.size() != 1)
        return lacking("in this mode each dex is an account of its own: exactly one is expected");
    const PerpAccount &dex = view.dexes.front();
    if (!dex.all || !dex.cross)
        return lacking("marginSummary or crossMarginSummary is missing");
    const auto totals = totalsOf(view.dexes);
    if (!totals)
        return fail(totals.error());
    AccountFigures out;
    out.equity = dex.all->accountValue;
    out.unrealized = totals->unrealized;
    out.marginUsed = totals->marginUsed;
    out.crossMaintenance = totals->crossMaintenance;
    const auto wallet = subtract(out.equity, out.unrealized);
    const auto free = subtract(dex.cross->accountValue, dex.cross->marginUsed);
    if (!wallet || !free)
        return fail(ErrorCode::OutOfRange, "account figures do not fit");
    out.wallet = *wallet;
    out.available = std::max(*free, Money{});
    return out;
}

/// Whether the spot balance holds the unrealised result already is not documented: the venue's free margin
/// decides where it can, else the smaller equity counts.
struct SharedEquity {
    Money equity;
    bool proven{false};
};
[[nodiscard]] Result<SharedEquity> sharedEquity(Money balance, const Totals &totals,
                                                std::optional<Money> venueFree)
{
    const auto with = add(balance, totals.unrealized);
    if (!with)
        return fail(with.error());
    const SharedEquity careful{.equity = std::min(balance, *with), .proven = totals.unrealized.isZero()};
    if (!venueFree || careful.proven)
        return careful;
    const auto tolerance = scaled(*venueFree, kToleranceShare, Rounding::Ceil);
    if (!tolerance)
        return fail(tolerance.error());
    const auto distance = [&](Money equity) {
        const std::int64_t gap = equity.raw() - totals.marginUsed.raw() - venueFree->raw();
        return Money::fromRaw(gap < 0 ? -gap : gap);
    };
    const Money best = distance(balance) <= distance(*with) ? balance : *with;
    const bool proven = distance(best) <= std::max(*tolerance, kToleranceLeast);
    return proven ? SharedEquity{.equity = best, .proven = true} : careful;
}

[[nodiscard]] std::optional<Money> venueAvailable(const AccountView &view)
{
    if (view.mode != AccountMode::PortfolioMargin || !view.spot)
        return view.availableToTrade;
    for (const auto &[token, amount] : view.spot->availableAfterMaintenance) {
        if (token == view.collateralToken)
            return amount;
    }
    return view.availableToTrade;
}

[[nodiscard]] Result<AccountFigures> sharedFigures(const AccountView &view)
{
    const auto balance = collateralBalance(view);
    if (!balance)
        return lacking("in this mode the balance is in the spot state, which is missing or does not fit");
    const auto totals = totalsOf(view.dexes);
    if (!totals)
        return fail(totals.error());
    const auto shared = sharedEquity(*balance, *totals, view.availableToTrade);
    if (!shared)
        return fail(shared.error());
    AccountFigures out;
    out.equity = shared->equity;
    out.unrealized = totals->unrealized;
    out.marginUsed = totals->marginUsed;
    out.crossMaintenance = totals->crossMaintenance;
    if (!shared->proven)
        out.remarks.emplace_back(
            "whether the balance holds the unrealised result is not proven: the smaller equity counts");
    const auto wallet = subtract(out.equity, out.unrealized);
    const auto free = subtract(out.equity, out.marginUsed);
    if (!wallet || !free)
        return fail(ErrorCode::OutOfRange, "account figures do not fit");
    out.wallet = *wallet;
    out.available = venueAvailable(view);
    if (!out.available && view.mode == AccountMode::Unified)
        out.available = std::max(*free, Money{});
    if (view.mode == AccountMode::PortfolioMargin)
        out.remarks.emplace_back("portfolio margin: collateral in other coins is not in the equity");
    return out;
}
} // namespace

Result<AccountFigures> accountFigures(const AccountView &view)
{
    switch (view.mode) {
    case AccountMode::Standard:
        return standardFigures(view);
    case AccountMode::DexAbstraction:
        return standardFigures(view).map([](AccountFigures figures) {
            figures.remarks.emplace_back("dexAbstraction is discontinued: treated as standard");
            return figures;
        });
    case AccountMode::Default: {
        auto figures = standardFigures(view);
        const auto balance = collateralBalance(view);
        if (figures && figures->equity.isZero() && balance && balance->isPositive())
            return fail(ErrorCode::Unsupported, "account mode \"default\" with all collateral in the spot "
                                                "balance: choose a mode at the venue");
        return figures;
    }
    case AccountMode::Unified:
    case AccountMode::PortfolioMargin:
        return sharedFigures(view);
    case AccountMode::Unknown:
        break;
    }
    return fail(ErrorCode::Unsupported, "the account mode is not known: the program must not trade");
}

} // namespace core::exchange::hyperliquid
