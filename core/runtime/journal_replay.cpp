#include "core/runtime/journal_replay.h"

#include <deque>

#include <fmt/format.h>

#include "core/orders/guard.h"
#include "core/storage/repositories.h"

namespace core::runtime
{

namespace
{
class Comparison
{
public:
    /// False: stop reading.
    [[nodiscard]] bool take(const storage::JournalRow &row)
    {
        m_report.session = row.session;
        switch (row.kind) {
        case storage::JournalKind::Input: return input(row);
        case storage::JournalKind::Decision: return decision(row);
        case storage::JournalKind::Note: return true;
        }
        return true;
    }
    [[nodiscard]] Result<JournalReplay> finish()
    {
        if (m_error)
            return fail(*m_error);
        if (m_report.inputs == 0)
            return fail(ErrorCode::NotFound, "the journal holds no inputs to replay");
        m_report.missingAtEnd = m_pending.size();
        return m_report;
    }

private:
    [[nodiscard]] bool input(const storage::JournalRow &row)
    {
        if (!m_pending.empty()) {
            m_report.difference = {row.seq, {}, m_pending.front()};
            return false;
        }
        const auto record = orders::decodeGuardInput(row.payload);
        if (!record) {
            m_error = record.error().in(fmt::format("journal row {}", row.seq));
            return false;
        }
        m_outputs.clear();
        m_guard.apply(*record, m_outputs);
        for (const orders::GuardOutput &output : m_outputs)
            m_pending.push_back(orders::encode(output));
        ++m_report.inputs;
        return true;
    }
    [[nodiscard]] bool decision(const storage::JournalRow &row)
    {
        if (m_pending.empty() || m_pending.front() != row.payload) {
            m_report.difference = {row.seq, row.payload, m_pending.empty() ? std::string() : m_pending.front()};
            return false;
        }
        m_pending.pop_front();
        ++m_report.decisions;
        return true;
    }

    orders::Guard m_guard;
    std::vector<orders::GuardOutput> m_outputs;
    std::deque<std::string> m_pending;
    JournalReplay m_report;
    std::optional<Error> m_error;
};
} // namespace

Result<JournalReplay> replayJournal(const QString &path, std::optional<std::int64_t> session)
{
    const auto database = storage::Database::open(path, storage::Access::ReadOnly, UtcTime{});
    if (!database)
        return fail(database.error());
    Comparison comparison;
    const auto read = storage::eachJournalRow(*database, session,
                                              [&](const storage::JournalRow &row) { return comparison.take(row); });
    if (!read)
        return fail(read.error());
    return comparison.finish();
}

} // namespace core::runtime
