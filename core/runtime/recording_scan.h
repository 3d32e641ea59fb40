#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

namespace core::runtime
{

/// The steps that a recording's own numbers show: the greatest common divisor of every price and every quantity. A
/// recording carries no instrument list that is sure to be of its time, and a tick that is too large would drop levels.
struct RecordedSteps {
    Price tick;
    Quantity step;
};
/// Reads all files once. Symbols without a usable depth or trade message are absent. Errors as opening the files.
[[nodiscard]] Result<std::map<Symbol, RecordedSteps>> scanSteps(const std::vector<std::string> &paths);

} // namespace core::runtime
