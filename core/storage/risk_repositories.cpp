#include "core/storage/risk_repositories.h"

#include <fmt/format.h>

#include "core/storage/queries.h"
#include "core/storage/repositories.h"
#include "core/storage/tables.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{
[[nodiscard]] QVariantList keyOf(Mode mode, const std::optional<AccountId> &account)
{
    return {qt(name(mode)), qt(account.value_or(AccountId{}).view())};
}

[[nodiscard]] Result<risk::LimitsVersion> versionOf(const ConfigRow &row)
{
    const auto label = [&row] { return fmt::format("risk_configurations version {}", row.version); };
    if (row.hash != textHash(row.toml))
        return fail(ErrorCode::Corrupt, label() + ": the text is not the one that was stored");
    auto limits = risk::parseLimits(row.toml);
    if (!limits)
        return fail(ErrorCode::Corrupt, label() + ": " + limits.error().detail);
    return risk::LimitsVersion{row.version, row.askedAt, row.validFrom, row.by, row.reason, std::move(*limits)};
}

[[nodiscard]] risk::Trip tripOf(const TradeRow &trade, std::optional<int> leverage)
{
    const auto entry = notional(trade.entryPrice, trade.sizeMax, Rounding::HalfEven);
    return {.position = {trade.instrument, trade.positionSide},
            .direction = trade.side,
            .openedAt = trade.openedAt,
            .closedAt = trade.closedAt,
            .net = trade.netPnl,
            .fees = trade.fees,
            .notional = entry ? *entry : Money{},
            .plannedRisk = trade.initialRisk,
            .leverage = leverage,
            .hasSetup = !trade.setup.empty()};
}

/// Adds the rows of one account since `since` to the history.
[[nodiscard]] Result<void> addFlows(const Database &database, Mode mode, const AccountId &account, UtcTime since,
                                    risk::History &history)
{
    std::vector<TradeRow> trades;
    auto done = eachTrade(database, {.mode = mode, .from = since}, [&](const TradeRow &trade) {
        if (trade.account == account)
            trades.push_back(trade);
        return true;
    });
    if (!done)
        return done;
    for (const TradeRow &trade : trades) {
        const auto plan = planBehind(database, mode, account, {trade.instrument, trade.positionSide}, trade.openTradeId);
        if (!plan)
            return fail(plan.error());
        history.trips.push_back(tripOf(trade, *plan ? (*plan)->leverage : std::nullopt));
    }
    const auto paid = funding(database);
    const auto moved = transfers(database);
    if (!paid || !moved)
        return fail(paid ? moved.error() : paid.error());
    for (const FundingRow &row : *paid) {
        if (row.mode == mode && row.account == account && row.payment.venueTime >= since)
            history.funding.push_back(row.payment);
    }
    for (const TransferRow &row : *moved) {
        if (row.mode == mode && row.account == account && row.transfer.venueTime >= since)
            history.transfers.push_back(row.transfer);
    }
    return {};
}
} // namespace

Result<std::vector<ConfigRow>> configRows(const Database &database, Mode mode, const std::optional<AccountId> &account)
{
    return allRows<ConfigRow>(database, "risk_configurations",
                              u"SELECT * FROM risk_configurations WHERE mode = ? AND account = ? ORDER BY version"_s,
                              keyOf(mode, account), takeConfig);
}

Result<std::vector<risk::LimitsVersion>> limitsHistory(const Database &database, Mode mode,
                                                       const std::optional<AccountId> &account)
{
    const auto rows = configRows(database, mode, account);
    if (!rows)
        return fail(rows.error());
    std::vector<risk::LimitsVersion> versions;
    for (const ConfigRow &row : *rows) {
        auto version = versionOf(row);
        if (!version)
            return fail(version.error());
        versions.push_back(std::move(*version));
    }
    return versions;
}

Result<std::optional<risk::LimitsNow>> currentLimits(const Database &database, Mode mode,
                                                     const std::optional<AccountId> &account, UtcTime now)
{
    const auto versions = limitsHistory(database, mode, account);
    if (!versions)
        return fail(versions.error());
    if (versions->empty())
        return std::nullopt;
    return risk::limitsAt(*versions, now).map([](risk::LimitsNow found) { return std::optional(std::move(found)); });
}

Result<std::int64_t> limitsCounter(const Database &database, Mode mode)
{
    // Versions are never deleted, so their number only grows.
    return database
        .value(u"SELECT count(*) FROM risk_configurations WHERE mode = '%1'"_s.arg(qt(name(mode))))
        .map([](const QVariant &count) { return std::int64_t{count.toLongLong()}; });
}

Result<risk::LimitsPlan> changeLimits(const Database &database, Mode mode, const std::optional<AccountId> &account,
                                      const risk::LimitsRequest &request, UtcTime now)
{
    if (risk::isGroup(request.wanted) == account.has_value()) {
        return fail(ErrorCode::InvalidArgument, account
                                                    ? "breaker: all-accounts belongs to the limits over all accounts"
                                                    : "breaker: over all accounts every scope must be all-accounts");
    }
    auto transaction = Transaction::begin(database);
    if (!transaction)
        return fail(transaction.error());
    const auto versions = limitsHistory(database, mode, account);
    if (!versions)
        return fail(versions.error());
    auto plan = risk::planLimits(*versions, request, now);
    if (!plan)
        return fail(plan.error());
    auto owner = RowWriter::prepare(database, u"trading_accounts"_s, OnConflict::Ignore, {u"mode"_s, u"account"_s});
    auto row = RowWriter::prepare(database, u"risk_configurations"_s, OnConflict::Fail);
    if (!owner || !row)
        return fail(owner ? row.error() : owner.error());
    owner->text(name(mode)).text(account.value_or(AccountId{}).view());
    if (auto done = owner->run(); !done)
        return fail(done.error());
    for (const risk::LimitsVersion &version : plan->versions) {
        put(*row, configRowOf(mode, account, version));
        if (auto done = row->run(); !done)
            return fail(done.error());
    }
    if (auto done = transaction->commit(); !done)
        return fail(done.error());
    return plan;
}

Result<std::vector<LimitsOwner>> limitsOwners(const Database &database)
{
    // Of each owner the first version, whose check sum covers the two cells.
    return allRows<LimitsOwner>(database, "risk_configurations",
                                u"SELECT * FROM risk_configurations a WHERE version = (SELECT min(version) FROM"
                                " risk_configurations b WHERE b.mode = a.mode AND b.account = a.account)"
                                " ORDER BY mode, account"_s,
                                {}, [](RowReader &row) {
                                    const ConfigRow config = takeConfig(row);
                                    return LimitsOwner{config.mode, config.account.empty()
                                                                        ? std::nullopt
                                                                        : std::optional(config.account)};
                                });
}

Result<std::vector<LockoutRow>> lockouts(const Database &database, Mode mode, const std::optional<AccountId> &account,
                                         UtcTime since)
{
    return allRows<LockoutRow>(database, "lockouts",
                               u"SELECT * FROM lockouts WHERE mode = ? AND account = ? AND"
                               " (ended_at IS NULL OR ended_at >= ?) ORDER BY started_at, id"_s,
                               keyOf(mode, account) + QVariantList{nanoseconds(since)}, takeLockout);
}

Result<std::vector<NakedRow>> nakedDays(const Database &database, Mode mode, const AccountId &account)
{
    return allRows<NakedRow>(database, "naked", u"SELECT * FROM naked WHERE mode = ? AND account = ? ORDER BY day"_s,
                             keyOf(mode, account), takeNaked);
}

Result<std::optional<risk::TradePlan>> planBehind(const Database &database, Mode mode, const AccountId &account,
                                                  const risk::PositionKey &position, std::int64_t openTradeId)
{
    const auto rows = allRows<risk::TradePlan>(
        database, "plans",
        u"SELECT p.* FROM fills f JOIN plans p ON p.mode = f.mode AND p.account = f.account AND p.venue = f.venue"
        " AND p.symbol = f.symbol AND p.client_order_id = f.client_order_id"
        " WHERE f.mode = ? AND f.account = ? AND f.venue = ? AND f.symbol = ? AND f.trade_id = ?"_s,
        keyOf(mode, account) + QVariantList{qt(name(position.instrument.venue)), qt(position.instrument.symbol.view()),
                                            QVariant::fromValue<qlonglong>(openTradeId)},
        takePlan);
    if (!rows)
        return fail(rows.error());
    return rows->empty() ? std::nullopt : std::optional(rows->front());
}

Result<std::vector<risk::TradePlan>> openPlans(const Database &database, Mode mode, const AccountId &account, UtcTime since)
{
    // A fill at the instant of the last close is the one that turned the position round.
    return allRows<risk::TradePlan>(
        database, "plans",
        u"SELECT p.* FROM plans p WHERE p.mode = ? AND p.account = ? AND p.at >= ? AND (EXISTS(SELECT 1 FROM fills f"
        " WHERE f.mode = p.mode AND f.account = p.account AND f.venue = p.venue AND f.symbol = p.symbol"
        " AND f.position_side = p.position_side AND f.client_order_id = p.client_order_id AND f.venue_time >="
        " coalesce((SELECT max(t.closed_at) FROM trades t WHERE t.mode = p.mode AND t.account = p.account"
        " AND t.venue = p.venue AND t.symbol = p.symbol AND t.position_side = p.position_side), 0))"
        " OR EXISTS(SELECT 1 FROM orders o WHERE o.mode = p.mode AND o.account = p.account AND o.venue = p.venue"
        " AND o.symbol = p.symbol AND o.client_order_id = p.client_order_id"
        " AND o.status NOT IN ('filled', 'canceled', 'rejected', 'expired'))) ORDER BY p.at, p.client_order_id"_s,
        keyOf(mode, account) + QVariantList{nanoseconds(since)}, takePlan);
}

Result<risk::History> riskHistory(const Database &database, Mode mode, const AccountId &account, Venue venue,
                                  UtcTime since)
{
    risk::History history;
    history.account = venue;
    const QVariantList key = keyOf(mode, account);
    auto equity = allRows<risk::EquitySample>(
        database, "equity",
        u"SELECT * FROM equity WHERE mode = ? AND account = ? AND at >= coalesce((SELECT max(at) FROM equity"
        " WHERE mode = ? AND account = ? AND at <= ?), ?) ORDER BY at"_s,
        key + key + QVariantList{nanoseconds(since), nanoseconds(since)}, takeEquity);
    const auto nav = allRows<NavRow>(database, "nav", u"SELECT * FROM nav WHERE mode = ? AND account = ?"_s, key, takeNav);
    if (!equity || !nav)
        return fail(equity ? nav.error() : equity.error());
    history.equity = std::move(*equity);
    if (!nav->empty()) {
        history.nav = nav->front().nav;
        history.peakNav = nav->front().peak;
    }
    for (const auto &owner : {std::optional(account), std::optional<AccountId>()}) {
        const auto locks = lockouts(database, mode, owner, since);
        if (!locks)
            return fail(locks.error());
        for (const LockoutRow &row : *locks)
            (row.endedAt ? history.endedLockouts : history.lockouts).push_back(row.lockout);
    }
    auto lives = allRows<risk::LifeMemory>(database, "life_memory",
                                           u"SELECT * FROM life_memory WHERE mode = ? AND account = ?"_s, key, takeLife);
    auto tiers = allRows<risk::TierMemory>(database, "tier_memory",
                                           u"SELECT * FROM tier_memory WHERE mode = ? AND account = ?"_s, key, takeTier);
    if (!lives || !tiers)
        return fail(lives ? tiers.error() : lives.error());
    history.lives = std::move(*lives);
    history.tiers = std::move(*tiers);
    if (auto done = addFlows(database, mode, account, since, history); !done)
        return fail(done.error());
    auto findings = allRows<risk::Finding>(
        database, "findings", u"SELECT * FROM findings WHERE mode = ? AND account = ? AND at >= ? ORDER BY at, what"_s,
        key + QVariantList{nanoseconds(since)}, takeFinding);
    auto plans = openPlans(database, mode, account, since);
    if (!findings || !plans)
        return fail(findings ? plans.error() : findings.error());
    history.findings = std::move(*findings);
    history.plans = std::move(*plans);
    return history;
}

} // namespace core::storage
