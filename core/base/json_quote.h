#pragma once

#include <string>
#include <string_view>

namespace core
{

/// Appends `text` as it stands inside a JSON string, always the same bytes: quotes, backslashes and control characters
/// escaped, the rest as UTF-8; a byte that is no UTF-8 is written as U+FFFD.
void appendJsonEscaped(std::string &out, std::string_view text);

} // namespace core
