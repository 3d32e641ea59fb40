#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/records.h"

namespace core::storage
{

using Hash = std::array<char, 32>;

/// SHA-256 over: previous hash (32 bytes) ‖ seq ‖ session ‖ at in ns (8 bytes each, big endian) ‖ length of
/// kind (4 bytes, big endian) ‖ kind ‖ length of payload (8 bytes, big endian) ‖ payload. Row 1 follows 32
/// zero bytes.
[[nodiscard]] Hash journalHash(const Hash &previous, std::int64_t seq, std::int64_t session, UtcTime at,
                               std::string_view kind, std::string_view payload);

/// The end of the chain, kept in its own row and changed in the same transaction as the journal.
struct JournalHead {
    std::int64_t seq{0}; ///< 0: empty
    Hash hash{};
};
[[nodiscard]] Result<JournalHead> journalHead(const Database &database);

/// What a walk along the chain found. `firstBadSeq` absent: every row follows from the one before, up to the
/// head.
struct ChainReport {
    std::int64_t rows{0}; ///< rows that were good
    std::optional<std::int64_t> firstBadSeq;
    std::string what; ///< "payload, time or kind was changed", "row is missing", …; empty when good
};
/// Walks the whole chain. Finds changed, deleted, inserted and swapped rows, and a cut-off tail (against the
/// head).
[[nodiscard]] Result<ChainReport> verifyChain(const Database &database);
/// The same over the last `rows` rows only (at program start).
[[nodiscard]] Result<ChainReport> verifyChainTail(const Database &database, std::int64_t rows);

} // namespace core::storage
