#pragma once

#include <QtCore/QString>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// The worst breaker of the account in words, for the top-bar pill.
struct BreakerSummary {
    core::orders::BreakerView::Word word{core::orders::BreakerView::Word::Unknown};
    QString text;      ///< "Breakers: Watching"
    QString shortText; ///< "Watching"
    QString tooltip;
};

/// Tripped beats Near beats Unknown beats Paused beats Watching. No breaker at all and a known, flat account:
/// Watching.
[[nodiscard]] BreakerSummary worstBreaker(const core::runtime::TerminalSnapshot *snapshot);

} // namespace ui::models
