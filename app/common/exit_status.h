#pragma once

namespace app
{
/// The command line's contract (design.md section 11).
enum ExitStatus { Done = 0, Failed = 1, Usage = 2 };
} // namespace app
