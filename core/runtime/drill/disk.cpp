#include "core/runtime/drill/disk.h"

#include <deque>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/orders/guard.h"

namespace core::runtime::drill
{

namespace
{
storage::Hash hashAfter(const storage::Hash &previous, const storage::JournalRow &row)
{
    return storage::journalHash(previous, row.seq, row.session, row.at, storage::name(row.kind), row.payload);
}
} // namespace

void DrillDisk::append(storage::JournalKind kind, UtcTime at, std::string payload)
{
    const auto seq = static_cast<std::int64_t>(m_rows.size()) + 1;
    m_rows.push_back({{.seq = seq, .session = m_session, .at = at, .kind = kind, .payload = std::move(payload)}, {}});
}

void DrillDisk::commit()
{
    for (; m_durable < m_rows.size(); ++m_durable)
        m_rows[m_durable].hash =
            hashAfter(m_durable == 0 ? storage::Hash{} : m_rows[m_durable - 1].hash, m_rows[m_durable].row);
}

void DrillDisk::crash() { m_rows.resize(m_durable); }

std::string DrillDisk::digest() const
{
    std::string text;
    if (m_durable == 0)
        return text;
    for (const char byte : m_rows[m_durable - 1].hash)
        text += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    return text;
}

JournalCheck checkChain(const std::vector<ChainedRow> &rows)
{
    JournalCheck check;
    storage::Hash previous{};
    for (const ChainedRow &entry : rows) {
        if (hashAfter(previous, entry.row) != entry.hash) {
            check.badSeq = entry.row.seq;
            check.what = "its content does not match its hash";
            return check;
        }
        previous = entry.hash;
        ++check.rows;
    }
    return check;
}

JournalCheck checkReplay(const std::vector<ChainedRow> &rows)
{
    JournalCheck check;
    std::int64_t session = 0;
    std::unique_ptr<orders::Guard> guard;
    std::vector<orders::GuardOutput> outputs;
    std::deque<std::string> expected;
    const auto bad = [&check](const storage::JournalRow &row, std::string what) {
        check.badSeq = row.seq;
        check.what = std::move(what);
        return check;
    };
    for (const ChainedRow &entry : rows) {
        const storage::JournalRow &row = entry.row;
        if (row.session != session) {
            guard = std::make_unique<orders::Guard>();
            session = row.session;
            expected.clear(); // the run before was killed with these unwritten
        }
        if (row.kind == storage::JournalKind::Decision) {
            if (expected.empty() || expected.front() != row.payload)
                return bad(row, fmt::format("journaled {} replayed {}", row.payload,
                                            expected.empty() ? "nothing" : expected.front()));
            expected.pop_front();
        } else if (row.kind == storage::JournalKind::Input) {
            if (!expected.empty())
                return bad(row, "a decision is missing before it: " + expected.front());
            const auto record = orders::decodeGuardInput(row.payload);
            if (!record)
                return bad(row, record.error().detail);
            outputs.clear();
            guard->apply(*record, outputs);
            for (const orders::GuardOutput &output : outputs)
                expected.push_back(orders::encode(output));
        }
        ++check.rows;
    }
    return check;
}

} // namespace core::runtime::drill
