#pragma once

#include <set>

#include <QtCore/QString>

#include "core/runtime/snapshots.h"

namespace app::desktop
{

/// The record of a headless watch: one line on stdout when a venue is reached or is not, when a market comes to life, and
/// the verdict at the end.
class WatchReport
{
public:
    void onSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    void say(const QString &line);
    /// At least one market's book came to life.
    [[nodiscard]] bool succeeded() const { return !m_live.empty(); }
    [[nodiscard]] QString verdict() const;

private:
    std::set<std::pair<core::Venue, core::runtime::VenueView::Reach>> m_said;
    std::set<core::InstrumentKey> m_live;
    std::set<core::InstrumentKey> m_watched;
};

} // namespace app::desktop
