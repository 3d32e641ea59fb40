#pragma once

#include <vector>

#include "core/risk/facts.h"
#include "core/risk/wide.h"

namespace core::risk
{

/// Which trips count. Absent: all.
struct TripFilter {
    std::optional<Venue> account;
    std::optional<InstrumentKey> instrument;
    [[nodiscard]] bool takes(const Trip &trip) const;
};

/// Finished round trips in order of their exits, each once. A value.
class TripBook
{
public:
    /// False: it was here already.
    bool add(const Trip &trip);
    /// From a second source: the same trip where both end a position at one instant. Of the two the worse result and the earlier
    /// opening stay.
    void merge(const Trip &trip);
    void forgetBefore(UtcTime time);
    [[nodiscard]] const std::vector<Trip> &trips() const { return m_trips; }

    /// Losses since the last win; scratches neither add nor reset. methods.md 9.1.
    [[nodiscard]] int consecutiveLosses(const TripFilter &filter) const;
    [[nodiscard]] int lossesSince(UtcTime start, const TripFilter &filter) const;
    /// Trips that were opened at or after `start`.
    [[nodiscard]] int openedSince(UtcTime start, const TripFilter &filter) const;
    /// Net result of the trips that ended at or after `start`.
    [[nodiscard]] Wide netSince(UtcTime start, const TripFilter &filter) const;

private:
    std::vector<Trip> m_trips;
};

} // namespace core::risk
