// What the risk engine keeps: versions of limits, equity, NAV, lockouts.
#include <algorithm>

#include <fmt/format.h>

#include "core/storage/queries.h"
#include "core/storage/recorder.h"
#include "core/storage/risk_repositories.h"
#include "core/storage/tables.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{
constexpr std::string_view kByStart = "start";

/// The row of `sql` as it stands; absent when there is none.
template <class Row, class Take>
[[nodiscard]] Result<std::optional<Row>> known(const Database &database, std::string_view table, const QString &sql,
                                               const QVariantList &key, Take take)
{
    return allRows<Row>(database, table, sql, key, take).map([](std::vector<Row> rows) {
        return rows.empty() ? std::nullopt : std::optional<Row>(std::move(rows.front()));
    });
}
} // namespace

Result<Recorder::Outcome> Recorder::write(const RecordConfig &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    const auto rows = configRows(*m_database, m_session.info.mode, job.account);
    if (!rows)
        return fail(rows.error());
    const bool aPersonHasSetThem = !rows->empty() && rows->back().by != kByStart;
    if (aPersonHasSetThem || (!rows->empty() && rows->back().toml == job.toml))
        return Outcome{}; // said again at every start
    const std::int64_t version = rows->empty() ? 1 : rows->back().version + 1;
    put(*m_configRow, ConfigRow{m_session.info.mode, job.account, version, job.at, std::string(kByStart), job.toml,
                                job.at, {}, textHash(job.toml)});
    return m_configRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordLimits &job)
{
    if (auto parent = needAccount(job.account.value_or(AccountId{})); !parent)
        return fail(parent.error());
    const auto rows = configRows(*m_database, m_session.info.mode, job.account);
    if (!rows)
        return fail(rows.error());
    const std::int64_t next = rows->empty() ? 1 : rows->back().version + 1;
    if (job.version.version != next) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("limits: version {} cannot be stored, {} is next", job.version.version, next));
    }
    put(*m_configRow, configRowOf(m_session.info.mode, job.account, job.version));
    return m_configRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordEquity &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    put(*m_equityRow, m_session.info.mode, job);
    return m_equityRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordNav &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    put(*m_navRow, m_session.info.mode, job);
    return m_navRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordLockout &job)
{
    const AccountId account = job.account.value_or(AccountId{});
    if (auto parent = needAccount(account); !parent)
        return fail(parent.error());
    const auto before = known<LockoutRow>(
        *m_database, "lockouts", u"SELECT * FROM lockouts WHERE mode = ? AND account = ? AND id = ?"_s,
        {qt(name(m_session.info.mode)), qt(account.view()), qt(job.lockout.id)}, takeLockout);
    if (!before)
        return fail(before.error());
    RecordLockout kept = job;
    if (*before) {
        kept.lockout.until = std::max(kept.lockout.until, (*before)->lockout.until);
        kept.lockout.needsRelease = kept.lockout.needsRelease || (*before)->lockout.needsRelease;
        if ((*before)->endedAt)
            kept.endedAt = (*before)->endedAt;
    }
    put(*m_lockoutRow, m_session.info.mode, kept);
    return m_lockoutRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordNaked &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    const auto before = known<NakedRow>(
        *m_database, "naked", u"SELECT * FROM naked WHERE mode = ? AND account = ? AND day = ?"_s,
        {qt(name(m_session.info.mode)), qt(job.account.view()), nanoseconds(job.day)}, takeNaked);
    if (!before)
        return fail(before.error());
    if (*before && (*before)->notionalSeconds >= job.notionalSeconds)
        return Outcome{};
    put(*m_nakedRow, m_session.info.mode, job);
    return m_nakedRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordMemory &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    for (auto *forget : {&m_forgetLives, &m_forgetTiers}) {
        (*forget)->bindText(0, name(m_session.info.mode));
        (*forget)->bindText(1, job.account.view());
        if (auto done = (*forget)->run(); !done)
            return fail(done.error());
    }
    for (const risk::LifeMemory &life : job.lives) {
        put(*m_lifeRow, m_session.info.mode, job.account, life);
        if (auto done = m_lifeRow->run(); !done)
            return fail(done.error());
    }
    for (const risk::TierMemory &tier : job.tiers) {
        put(*m_tierRow, m_session.info.mode, job.account, tier);
        if (auto done = m_tierRow->run(); !done)
            return fail(done.error());
    }
    return Outcome{};
}

Result<Recorder::Outcome> Recorder::write(const RecordFinding &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    put(*m_findingRow, m_session.info.mode, job);
    return m_findingRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordPlan &job)
{
    if (auto parents = needBoth(job.account, job.plan.position.instrument); !parents)
        return fail(parents.error());
    put(*m_planRow, m_session.info.mode, job);
    return m_planRow->run().map([](int) { return Outcome{}; });
}

} // namespace core::storage
