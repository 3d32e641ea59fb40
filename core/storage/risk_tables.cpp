#include "core/storage/tables.h"

#include <cmath>
#include <limits>

namespace core::storage
{

namespace
{
constexpr Mode kModes[] = {Mode::Demo, Mode::Paper, Mode::Testnet, Mode::Live};
constexpr Venue kVenues[] = {Venue::Binance, Venue::Hyperliquid};
constexpr PositionSide kSides[] = {PositionSide::Both, PositionSide::Long, PositionSide::Short};
constexpr Direction kDirections[] = {Direction::Long, Direction::Short};
constexpr risk::Scope kScopes[] = {risk::Scope::Position, risk::Scope::Symbol, risk::Scope::Account,
                                   risk::Scope::AllAccounts};
constexpr risk::Finding::What kFindings[] = {risk::Finding::What::Revenge,     risk::Finding::What::Escalation,
                                             risk::Finding::What::Streak,      risk::Finding::What::Overtrading,
                                             risk::Finding::What::Overholding, risk::Finding::What::StopWidened};

void skipKey(RowReader &row)
{
    static_cast<void>(row.oneOf(kModes));
    static_cast<void>(row.shortText<AccountId>());
}
} // namespace

void put(RowWriter &row, const ConfigRow &config)
{
    row.text(name(config.mode)).text(config.account.view()).integer(config.version).time(config.askedAt);
    row.text(config.by).text(config.toml).time(config.validFrom).text(config.reason).text(config.hash);
}

ConfigRow takeConfig(RowReader &row)
{
    ConfigRow config;
    config.mode = row.oneOf(kModes);
    config.account = row.shortText<AccountId>();
    config.version = row.integer();
    config.askedAt = row.time();
    config.by = row.text();
    config.toml = row.text();
    config.validFrom = row.time();
    config.reason = row.text();
    config.hash = row.text();
    return config;
}

ConfigRow configRowOf(Mode mode, const std::optional<AccountId> &account, const risk::LimitsVersion &version)
{
    std::string toml = risk::toToml(version.limits);
    std::string hash = textHash(toml);
    return {mode,       account.value_or(AccountId{}), version.version,   version.askedAt, version.by,
            std::move(toml), version.validFrom,         version.reason, std::move(hash)};
}

void put(RowWriter &row, Mode mode, const RecordEquity &equity)
{
    row.text(name(mode)).text(equity.account.view()).time(equity.sample.at);
    row.text(name(equity.sample.account)).fixed(equity.sample.equity);
}

risk::EquitySample takeEquity(RowReader &row)
{
    risk::EquitySample sample;
    skipKey(row);
    sample.at = row.time();
    sample.account = row.oneOf(kVenues);
    sample.equity = row.fixed<Money>();
    return sample;
}

void put(RowWriter &row, Mode mode, const RecordNav &nav)
{
    row.text(name(mode)).text(nav.account.view()).time(nav.at).fixed(nav.nav).fixed(nav.peak);
}

NavRow takeNav(RowReader &row)
{
    NavRow nav;
    skipKey(row);
    nav.at = row.time();
    nav.nav = row.fixed<Ratio>();
    nav.peak = row.fixed<Ratio>();
    return nav;
}

void put(RowWriter &row, Mode mode, const RecordLockout &stored)
{
    const risk::Lockout &lockout = stored.lockout;
    row.text(name(mode)).text(stored.account.value_or(AccountId{}).view()).text(lockout.id).text(name(lockout.scope));
    if (lockout.account)
        row.text(name(*lockout.account));
    else
        row.null();
    if (lockout.instrument)
        row.text(name(lockout.instrument->venue)).text(lockout.instrument->symbol.view());
    else
        row.null().null();
    row.text(lockout.reason).time(lockout.startedAt).time(lockout.until).integer(lockout.needsRelease ? 1 : 0);
    row.optionalInteger(stored.endedAt ? std::optional(toNanoseconds(*stored.endedAt)) : std::nullopt);
}

LockoutRow takeLockout(RowReader &row)
{
    LockoutRow stored;
    risk::Lockout &lockout = stored.lockout;
    skipKey(row);
    lockout.id = row.text();
    lockout.scope = row.oneOf(kScopes);
    const auto venueOf = [&row](const std::optional<std::string> &word) -> std::optional<Venue> {
        if (!word)
            return std::nullopt;
        const auto venue = parseVenue(*word);
        if (!venue)
            row.reject();
        return venue ? std::optional(*venue) : std::nullopt;
    };
    lockout.account = venueOf(row.optionalText());
    const auto venue = venueOf(row.optionalText());
    const auto symbol = row.optionalText();
    if (venue.has_value() != symbol.has_value()) {
        row.reject();
    } else if (venue) {
        const auto shortSymbol = Symbol::from(*symbol);
        if (shortSymbol)
            lockout.instrument = InstrumentKey{*venue, *shortSymbol};
        else
            row.reject();
    }
    lockout.reason = row.text();
    lockout.startedAt = row.time();
    lockout.until = row.time();
    lockout.needsRelease = row.integer() != 0;
    if (const auto ended = row.optionalInteger())
        stored.endedAt = utcFromNanoseconds(*ended);
    return stored;
}

void put(RowWriter &row, Mode mode, const RecordNaked &naked)
{
    row.text(name(mode)).text(naked.account.view()).time(naked.day).fixed(naked.notionalSeconds);
}

NakedRow takeNaked(RowReader &row)
{
    NakedRow naked;
    skipKey(row);
    naked.day = row.time();
    naked.notionalSeconds = row.fixed<Money>();
    return naked;
}

void put(RowWriter &row, Mode mode, const AccountId &account, const risk::LifeMemory &life)
{
    row.text(name(mode)).text(account.view()).text(name(life.position.instrument.venue));
    row.text(life.position.instrument.symbol.view()).text(name(life.position.side)).text(name(life.direction));
    row.time(life.openedAt).fixed(life.best).optionalFixed(life.trailStop).integer(life.watched ? 1 : 0);
}

risk::LifeMemory takeLife(RowReader &row)
{
    risk::LifeMemory life;
    skipKey(row);
    life.position.instrument.venue = row.oneOf(kVenues);
    life.position.instrument.symbol = row.shortText<Symbol>();
    life.position.side = row.oneOf(kSides);
    life.direction = row.oneOf(kDirections);
    life.openedAt = row.time();
    life.best = row.fixed<Price>();
    life.trailStop = row.optionalFixed<Price>();
    life.watched = row.integer() != 0;
    return life;
}

void put(RowWriter &row, Mode mode, const AccountId &account, const risk::TierMemory &tier)
{
    row.text(name(mode)).text(account.view()).text(tier.subject).text(tier.tier).time(tier.period);
    row.integer(tier.fires).integer(tier.armed ? 1 : 0).integer(tier.active ? 1 : 0);
}

risk::TierMemory takeTier(RowReader &row)
{
    risk::TierMemory tier;
    skipKey(row);
    tier.subject = row.text();
    tier.tier = row.text();
    tier.period = row.time();
    const std::int64_t fires = row.integer();
    if (fires < 0 || fires > std::numeric_limits<int>::max())
        row.reject();
    else
        tier.fires = static_cast<int>(fires);
    tier.armed = row.integer() != 0;
    tier.active = row.integer() != 0;
    return tier;
}

void put(RowWriter &row, Mode mode, const RecordFinding &stored)
{
    const risk::Finding &finding = stored.finding;
    row.text(name(mode)).text(stored.account.view()).time(finding.at).text(name(finding.what));
    row.integer(std::llround(finding.severity * static_cast<double>(kDecimalOne))).text(finding.text);
}

risk::Finding takeFinding(RowReader &row)
{
    risk::Finding finding;
    skipKey(row);
    finding.at = row.time();
    finding.what = row.oneOf(kFindings);
    finding.severity = row.fixed<Ratio>().toDouble();
    finding.text = row.text();
    return finding;
}

void put(RowWriter &row, Mode mode, const RecordPlan &stored)
{
    const risk::TradePlan &plan = stored.plan;
    const InstrumentKey &instrument = plan.position.instrument;
    row.text(name(mode)).text(stored.account.view()).text(name(instrument.venue)).text(instrument.symbol.view());
    row.text(name(plan.position.side)).text(plan.order.view()).time(plan.at).optionalFixed(plan.risk);
    row.optionalInteger(plan.leverage).text(plan.setup);
}

risk::TradePlan takePlan(RowReader &row)
{
    risk::TradePlan plan;
    skipKey(row);
    plan.position.instrument.venue = row.oneOf(kVenues);
    plan.position.instrument.symbol = row.shortText<Symbol>();
    plan.position.side = row.oneOf(kSides);
    plan.order = row.shortText<ClientOrderId>();
    plan.at = row.time();
    plan.risk = row.optionalFixed<Money>();
    if (const auto leverage = row.optionalInteger()) {
        plan.leverage = static_cast<int>(*leverage);
        if (*plan.leverage != *leverage)
            row.reject();
    }
    plan.setup = row.text();
    return plan;
}

} // namespace core::storage
