#pragma once

#include <optional>

#include <QtCore/QStringList>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// Progress of a panic over one instrument, one venue or everything, a line per step with ✓ or …: lock, entry orders, each
/// closing, and at last "FLAT" or what is left. "FLAT" only on a fresh, reconciled account: an unknown is never called flat.
[[nodiscard]] QStringList panicSteps(const core::runtime::TerminalSnapshot &snapshot, std::optional<core::Venue> venue,
                                     const std::optional<core::InstrumentKey> &instrument, core::UtcTime sentAt);

} // namespace ui::models
