#include "core/runtime/stream_board.h"

#include <algorithm>

#include <fmt/format.h>

namespace core::runtime
{

namespace
{
[[nodiscard]] std::string_view title(Venue venue)
{
    return venue == Venue::Binance ? "Binance" : "Hyperliquid";
}
} // namespace

/// With one venue its streams need no surname.
std::string StreamBoard::title(const ports::StreamStatus &status) const
{
    return m_venues.size() < 2 ? status.name : fmt::format("{} of {}", status.name, runtime::title(status.venue));
}

std::optional<AlertRow> StreamBoard::onStatus(const ports::StreamStatus &status)
{
    const Key key{status.venue, status.name};
    ports::StreamStatus &known = m_streams[key];
    const bool was = known.freshness == Freshness::Fresh;
    const bool is = status.freshness == Freshness::Fresh;
    const bool wasEverLive = m_everLive.contains(key);
    if (is)
        m_everLive.insert(key);
    known = status;
    if (!wasEverLive || was == is)
        return std::nullopt;
    AlertRow row;
    row.severity = is ? orders::Severity::Info : orders::Severity::Warning;
    row.code = is ? "stream-live" : "stream-" + std::string(name(status.freshness));
    row.source = "connection";
    row.text = is ? fmt::format("{} is live again.", title(status))
                  : fmt::format("{} is {}{}{}.", title(status), name(status.freshness),
                                status.lastError.empty() ? "" : ": ", status.lastError);
    return row;
}

void StreamBoard::onBudget(Venue venue, const ports::RequestBudget &budget)
{
    for (VenueView &view : m_venues) {
        if (view.venue == venue)
            view.budget = budget;
    }
}

bool StreamBoard::judge(UtcTime now)
{
    bool changed = false;
    for (VenueView &view : m_venues) {
        std::string why;
        UtcTime newest;
        bool live = false;
        for (const auto &[key, stream] : m_streams) {
            if (key.first != view.venue)
                continue;
            // An answer to a single question is no market yet: at least one stream of data must live.
            live = live || (stream.freshness == Freshness::Fresh && stream.name != "rest");
            if (!stream.lastError.empty() && stream.freshness != Freshness::Fresh &&
                (why.empty() || stream.lastMessageAt > newest)) {
                why = stream.lastError;
                newest = stream.lastMessageAt;
            }
        }
        if (live)
            m_lastLive[view.venue] = now;
        const auto since = m_lastLive.try_emplace(view.venue, m_startedAt).first->second;
        const auto reach = live                          ? VenueView::Reach::Reached
                           : now - since >= kReachWithin ? VenueView::Reach::Unreached
                                                         : VenueView::Reach::Trying;
        changed = changed || reach != view.reach || why != view.why;
        if (reach == VenueView::Reach::Unreached && view.reach == VenueView::Reach::Trying)
            m_toSay.insert(view.venue);
        view.reach = reach;
        view.why = std::move(why);
    }
    return changed;
}

std::vector<AlertRow> StreamBoard::takeUnreached()
{
    std::vector<AlertRow> rows;
    for (const VenueView &view : m_venues) {
        if (m_toSay.erase(view.venue) == 0)
            continue;
        AlertRow row;
        row.severity = orders::Severity::Warning;
        row.code = "venue-unreached";
        row.source = "connection";
        row.text = fmt::format("{} does not answer at {}{}{}. It is tried on.", runtime::title(view.venue), view.address,
                               view.why.empty() ? "" : ": ", view.why);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<ports::StreamStatus> StreamBoard::streams() const
{
    std::vector<ports::StreamStatus> all;
    for (const auto &[key, status] : m_streams)
        all.push_back(status);
    return all;
}

} // namespace core::runtime
