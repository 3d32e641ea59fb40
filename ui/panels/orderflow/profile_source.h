#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "core/analysis/volume_profile.h"
#include "core/runtime/terminal.h"

namespace ui::panels
{

/// What Terminal::profile() points to.
using ProfilePointer = decltype(std::declval<const core::runtime::Terminal &>().profile());

} // namespace ui::panels
