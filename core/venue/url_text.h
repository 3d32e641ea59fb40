#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace core::venue
{

/// Percent-decoded bytes; nullopt when a '%' is not followed by two hex digits. `plusIsBlank`: as in form
/// data.
[[nodiscard]] std::optional<std::string> percentDecoded(std::string_view text, bool plusIsBlank);
/// Value of a hex digit, or -1.
[[nodiscard]] int hexDigit(char c);

} // namespace core::venue
