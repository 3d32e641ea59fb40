#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/orders/guard_io.h"

class QString;

namespace core::runtime
{

/// Why something was decided: the input that led to it, the limit with its numbers, and everything that followed under the same
/// id. Found by replaying the journal, so it is what the engine saw and not what somebody wrote about it.
struct DecisionWhy {
    struct Row {
        std::int64_t seq{0};
        UtcTime at;
        std::string payload; ///< canonical JSON of the journal
    };
    std::int64_t session{0};
    std::string decision;
    Row input;
    std::optional<orders::Verdict> verdict; ///< absent: a person's wish or upkeep of stops, not a limit
    std::vector<std::string> texts;         ///< of its alerts, in order
    std::vector<Row> rows;                  ///< decisions of this id, the first one as well
};

/// `id`: of a decision ("etr-…"), or of an order that the guard sent. `session` absent: the newest in which it occurs.
/// NotFound names the nearest ids, or the last ones where none is near. Corrupt when the journal does not replay. Reads only.
[[nodiscard]] Result<DecisionWhy> whyDecided(const QString &path, std::optional<std::int64_t> session, const std::string &id);

} // namespace core::runtime
