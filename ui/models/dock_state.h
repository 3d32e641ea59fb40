#pragma once

#include <optional>

#include <QtCore/QCoreApplication>
#include <QtCore/QString>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// What a dock shows about its data. Derived from the engine's freshness words and nothing else; the screen
/// never judges data itself. `Error` and `Stale` keep the last good numbers, drawn muted.
struct DockState {
    enum class Phase { Loading, Empty, Live, Stale, Error };
    Phase phase{Phase::Loading};
    QString chip;     ///< "STALE 12 s", "OFFLINE"; empty when live
    QString sentence; ///< whole sentence for the page, tooltip and screen readers
    bool unreached{false}; ///< no venue answers at all: the page offers another try and the demo
    [[nodiscard]] bool isTrusted() const { return phase == Phase::Live || phase == Phase::Empty; }
    friend bool operator==(const DockState &, const DockState &) = default;
};

class DockStates
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::DockStates)

public:
    /// Worst of book and trades of the shown instrument; before the first book, also who does not answer and where.
    [[nodiscard]] static DockState orderFlow(const core::runtime::TerminalSnapshot *snapshot);
    /// Account stream, and marks of the shown market where it holds a position.
    [[nodiscard]] static DockState positions(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] static DockState orders(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] static DockState account(const core::runtime::TerminalSnapshot *snapshot);
    /// The account, and the marks that its open result is computed with.
    [[nodiscard]] static DockState risk(const core::runtime::TerminalSnapshot *snapshot);
    /// The mark of one instrument; nothing when it is not among the watched markets.
    [[nodiscard]] static std::optional<core::Freshness>
    markOf(const core::runtime::TerminalSnapshot &snapshot, const core::InstrumentKey &instrument);
    /// Newest error line of the venue's streams; empty when there is none.
    [[nodiscard]] static QString lastError(const core::runtime::TerminalSnapshot &snapshot, core::Venue venue);
    /// The venue counts as not reached: who was tried, where, and what came of it. Nothing when it is reached or not judged yet.
    [[nodiscard]] static std::optional<DockState> unreached(const core::runtime::TerminalSnapshot &snapshot,
                                                            core::Venue venue);
};

} // namespace ui::models
