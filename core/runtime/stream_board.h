#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/runtime/snapshots.h"

namespace core::runtime
{

/// Every stream of every venue, and whether a venue is reached at all. Decides nothing. Engine thread.
class StreamBoard
{
public:
    /// So long a venue may be without a living stream before it counts as not reached.
    static constexpr Duration kReachWithin = std::chrono::seconds{8};

    void expect(VenueView venue) { m_venues.push_back(std::move(venue)); }
    void started(UtcTime now) { m_startedAt = now; }
    /// The alert to raise, if the change is news: a stream that was live is no more, or is live again.
    [[nodiscard]] std::optional<AlertRow> onStatus(const ports::StreamStatus &status);
    void onBudget(Venue venue, const ports::RequestBudget &budget);
    /// Judges who is reached. True when that changed.
    [[nodiscard]] bool judge(UtcTime now);
    /// An alert for each venue that counts as not reached since the last call.
    [[nodiscard]] std::vector<AlertRow> takeUnreached();

    [[nodiscard]] const std::vector<VenueView> &venues() const { return m_venues; }
    [[nodiscard]] std::vector<ports::StreamStatus> streams() const;

private:
    using Key = std::pair<Venue, std::string>;
    [[nodiscard]] std::string title(const ports::StreamStatus &status) const;

    std::vector<VenueView> m_venues;
    std::map<Key, ports::StreamStatus> m_streams;
    std::set<Key> m_everLive; ///< becoming live for the first time is no news
    std::map<Venue, UtcTime> m_lastLive;
    std::set<Venue> m_toSay;
    UtcTime m_startedAt;
};

} // namespace core::runtime
