#include "core/runtime/limits_keeper.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace core::runtime
{

LimitsKeeper::LimitsKeeper(Setup setup, const Clock &clock) : m_setup(std::move(setup)), m_clock(clock)
{
    connect(&m_timer, &QTimer::timeout, this, &LimitsKeeper::look);
    m_timer.start(kLookEvery);
    look();
}

const storage::Database *LimitsKeeper::database()
{
    if (m_database)
        return &*m_database;
    auto opened = storage::Database::open(m_setup.database, storage::Access::ReadWrite, m_clock.now());
    if (!opened) {
        trouble(opened.error());
        return nullptr;
    }
    m_database.emplace(std::move(*opened));
    return &*m_database;
}

void LimitsKeeper::trouble(const Error &error)
{
    if (!std::exchange(m_inTrouble, true)) // once per episode
        m_setup.answers({}, "The limits on record cannot be read, the present ones stay: " + error.detail);
}

void LimitsKeeper::look()
{
    const storage::Database *file = database();
    if (file == nullptr)
        return;
    const auto counter = storage::limitsCounter(*file, m_setup.mode);
    if (!counter) {
        trouble(counter.error());
        m_database.reset(); // another try with a fresh connection
        return;
    }
    m_inTrouble = false;
    const bool waitIsOver = m_nextAt && m_clock.now() >= *m_nextAt;
    if (m_counter == *counter && !waitIsOver)
        return;
    m_counter = *counter;
    m_nextAt.reset();
    for (const GuardedAccount &account : m_setup.accounts)
        tell(account.venue, account.account);
    tell(std::nullopt, std::nullopt);
}

void LimitsKeeper::tell(std::optional<Venue> venue, const std::optional<AccountId> &account)
{
    const auto now = storage::currentLimits(*m_database, m_setup.mode, account, m_clock.now());
    if (!now) {
        // A version that cannot be read changes nothing: what holds goes on.
        m_setup.answers({}, "The limits on record cannot be read, the present ones stay: " + now.error().detail);
        return;
    }
    if (!*now)
        return; // none yet: the engine's own hold
    if ((*now)->pending)
        m_nextAt = m_nextAt ? std::min(*m_nextAt, (*now)->pending->validFrom) : (*now)->pending->validFrom;
    const risk::LimitsVersion &holding = (*now)->holding;
    const auto [told, isFirst] = m_told.try_emplace(venue, holding.version);
    if (!isFirst && told->second == holding.version)
        return;
    told->second = holding.version;
    m_setup.holds(orders::LimitsChange{venue, holding.limits});
}

void LimitsKeeper::change(const SetLimits &wish)
{
    IntentAnswer answer{.id = wish.id, .accepted = false, .reasons = {}};
    const auto refuse = [&](std::string code, const std::string &text) {
        answer.reasons = {{std::move(code), {}, {}, std::nullopt, text}};
        m_setup.answers(std::move(answer), "Limits were not changed: " + text);
    };
    const storage::Database *file = database();
    if (file == nullptr)
        return refuse("storage", "the database cannot be opened.");
    std::optional<AccountId> account;
    for (const GuardedAccount &guarded : m_setup.accounts) {
        if (wish.account && guarded.venue == *wish.account)
            account = guarded.account;
    }
    if (wish.account && !account)
        return refuse("no-account", "no such account is guarded.");
    const auto plan = storage::changeLimits(*file, m_setup.mode, account, {wish.limits, wish.by, wish.reason}, m_clock.now());
    if (!plan)
        return refuse("invalid-limits", plan.error().detail);
    answer.accepted = true;
    m_setup.answers(std::move(answer),
                    plan->looserFrom ? fmt::format("Limits were changed; what is looser holds from {} on.",
                                                   isoMilliseconds(*plan->looserFrom))
                    : plan->versions.empty() ? std::string("The limits are as they were.")
                                             : std::string("Limits were changed; they hold now."));
    look();
}

} // namespace core::runtime
