#pragma once

namespace app
{
/// "0.1.0".
[[nodiscard]] const char *version();
} // namespace app
