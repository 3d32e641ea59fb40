#pragma once

#include <vector>

#include "core/runtime/snapshots.h"
#include "ui/controls/headroom_bar.h"

namespace ui::models
{

/// One limit as the risk dock draws it, and under which heading.
struct StandingBar {
    enum class Group { Loud, Account, AllAccounts, Positions }; ///< Loud: near or tripped, whatever its scope
    Group group{Group::Account};
    controls::HeadroomBar::Content content;
    friend bool operator==(const StandingBar &, const StandingBar &) = default;
};

/// Every limit that the guard watches, loud ones first, else by group and subject: within a group the order does not depend on
/// the numbers. The first account bar is the margin ratio.
[[nodiscard]] std::vector<StandingBar> standingBars(const core::runtime::TerminalSnapshot &snapshot, bool trusted);
/// The account that a limit belongs to; absent: all of them together.
[[nodiscard]] std::optional<core::Venue> venueOf(const core::risk::Subject &subject);
/// The word of one limit: Paused where its account is switched off, Unknown without a reading, Near from four fifths.
[[nodiscard]] core::orders::BreakerView::Word wordOf(const core::risk::Standing &standing,
                                                     const core::orders::GuardView &guard);

/// "Binance USD-M · ALERT-ONLY · normal · $212.40 to the next limit that closes", a line per account.
[[nodiscard]] QStringList accountLines(const core::orders::GuardView &guard);

} // namespace ui::models
