#pragma once

#include <optional>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/ids.h"

namespace core::venue
{

/// What one line of a recording says.
struct RecordedLine {
    enum class Kind {
        Nothing, ///< empty, a subscription, the recorder's settings, an answer that nobody needs
        Stream,
        DepthSnapshot,
        ExchangeInfo
    };
    Kind kind{Kind::Nothing};
    UtcTime receivedAt;
    std::string_view payload; ///< points into the line
    Symbol symbol;            ///< of a Stream message or a snapshot; empty where the line does not say
};

/// Reads `<ns or µs> <json>`, `<seconds>: <json>`, `<url> -> <seconds>: <json>` and the recorders' own lines.
/// ParseFailed, without file and line number, on everything else; the JSON is judged by its ends only.
/// Source: data/README.md sections 2 to 4.
[[nodiscard]] Result<RecordedLine> parseRecordedLine(std::string_view line);

} // namespace core::venue
