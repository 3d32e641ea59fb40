#include "core/risk/trip_book.h"

#include <algorithm>
#include <tuple>

#include "core/risk/behaviour.h"

namespace core::risk
{

bool TripFilter::takes(const Trip &trip) const
{
    const InstrumentKey &key = trip.position.instrument;
    return (!account || *account == key.venue) && (!instrument || *instrument == key);
}

bool TripBook::add(const Trip &trip)
{
    // Trips of one exit time keep a fixed order, so that the order of telling changes no count.
    const auto before = [](const Trip &a, const Trip &b) {
        return std::tie(a.closedAt, a.openedAt, a.position) < std::tie(b.closedAt, b.openedAt, b.position);
    };
    const auto at = std::ranges::lower_bound(m_trips, trip, before);
    if (at != m_trips.end() && !before(trip, *at))
        return false;
    m_trips.insert(at, trip);
    return true;
}

void TripBook::merge(const Trip &trip)
{
    const auto known = std::ranges::find_if(m_trips, [&](const Trip &old) {
        return old.closedAt == trip.closedAt && old.position == trip.position && old.direction == trip.direction;
    });
    if (known == m_trips.end()) {
        add(trip);
        return;
    }
    Trip joined = *known;
    joined.net = std::min(joined.net, trip.net);
    joined.openedAt = std::min(joined.openedAt, trip.openedAt);
    m_trips.erase(known);
    add(joined);
}

void TripBook::forgetBefore(UtcTime time)
{
    const auto end = std::ranges::find_if(m_trips, [&](const Trip &trip) { return trip.closedAt >= time; });
    m_trips.erase(m_trips.begin(), end);
}

int TripBook::consecutiveLosses(const TripFilter &filter) const
{
    int losses = 0;
    for (auto trip = m_trips.rbegin(); trip != m_trips.rend(); ++trip) {
        if (!filter.takes(*trip))
            continue;
        const int result = outcome(*trip);
        if (result > 0)
            break;
        losses += result < 0 ? 1 : 0;
    }
    return losses;
}

int TripBook::lossesSince(UtcTime start, const TripFilter &filter) const
{
    return static_cast<int>(std::ranges::count_if(m_trips, [&](const Trip &trip) {
        return trip.closedAt >= start && filter.takes(trip) && outcome(trip) < 0;
    }));
}

int TripBook::openedSince(UtcTime start, const TripFilter &filter) const
{
    return static_cast<int>(std::ranges::count_if(
        m_trips, [&](const Trip &trip) { return trip.openedAt >= start && filter.takes(trip); }));
}

Wide TripBook::netSince(UtcTime start, const TripFilter &filter) const
{
    Wide sum = 0;
    for (const Trip &trip : m_trips) {
        if (trip.closedAt >= start && filter.takes(trip))
            sum += wide(trip.net);
    }
    return sum;
}

} // namespace core::risk
