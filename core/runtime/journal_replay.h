#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.h"

class QString;

namespace core::runtime
{

/// Outcome of applying a session's journaled inputs to a fresh guard and comparing what it decides with what was journaled.
struct JournalReplay {
    std::int64_t session{0};
    std::uint64_t inputs{0};
    std::uint64_t decisions{0};    ///< journaled ones that were compared
    std::uint64_t missingAtEnd{0}; ///< decided now, not journaled: the program died in between
    struct Difference {
        std::int64_t seq{0}; ///< journal row
        std::string journaled;
        std::string replayed; ///< empty: nothing was decided
    };
    std::optional<Difference> difference; ///< the first one; absent: byte-identical
};

/// Replays one session (absent: the newest with journal rows) of the database file. Reads only. Errors: as opening, a
/// journal row that is no guard input, an empty journal (NotFound).
[[nodiscard]] Result<JournalReplay> replayJournal(const QString &path, std::optional<std::int64_t> session);

} // namespace core::runtime
