#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/storage/journal.h"
#include "core/storage/records.h"

namespace core::runtime::drill
{

/// A journal row and the hash that chains it to the one before.
struct ChainedRow {
    storage::JournalRow row;
    storage::Hash hash{};
};

/// The journal on a disk that writes in groups: a crash forgets what was not committed. Rows are chained by the hash of
/// core/storage's journal; one session per run of the program.
class DrillDisk
{
public:
    /// A run of the program begins.
    void beginSession() { ++m_session; }
    void append(storage::JournalKind kind, UtcTime at, std::string payload);
    void commit();
    void crash();

    /// The committed ones are chained.
    [[nodiscard]] const std::vector<ChainedRow> &rows() const { return m_rows; }
    [[nodiscard]] std::size_t durable() const { return m_durable; }
    [[nodiscard]] std::int64_t session() const { return m_session; }
    /// Hash of the last committed row, in hex: equal ends mean equal journals.
    [[nodiscard]] std::string digest() const;

private:
    std::vector<ChainedRow> m_rows;
    std::size_t m_durable{0};
    std::int64_t m_session{0};
};

/// What a walk along a journal found: a row that does not follow from the one before, or one that a fresh guard decides
/// differently from the same inputs.
struct JournalCheck {
    std::size_t rows{0};                 ///< that were good
    std::optional<std::int64_t> badSeq; ///< absent: every byte is as it was written
    std::string what;
};
[[nodiscard]] JournalCheck checkChain(const std::vector<ChainedRow> &rows);
/// Each session into a fresh guard. What the last one decided may miss its end: the program was killed.
[[nodiscard]] JournalCheck checkReplay(const std::vector<ChainedRow> &rows);

} // namespace core::runtime::drill
