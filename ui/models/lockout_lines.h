#pragma once

#include <vector>

#include <QtCore/QString>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// One running lockout in words: where, why, and how long it still lasts.
struct LockoutLine {
    QString id;
    QString text;
    bool releasable{false}; ///< its time is over and it ends by a typed confirmation only
    friend bool operator==(const LockoutLine &, const LockoutLine &) = default;
};

/// Those of the snapshot, the one that lasts longest first.
[[nodiscard]] std::vector<LockoutLine> lockoutLines(const core::runtime::TerminalSnapshot &snapshot);

} // namespace ui::models
