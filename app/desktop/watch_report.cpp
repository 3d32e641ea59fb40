#include "app/desktop/watch_report.h"

#include <cstdio>

#include <fmt/format.h>

using namespace Qt::StringLiterals;

namespace app::desktop
{

void WatchReport::say(const QString &line)
{
    std::puts(qUtf8Printable(line));
    std::fflush(stdout);
}

void WatchReport::onSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    using Reach = core::runtime::VenueView::Reach;
    const auto stamped = [&](const std::string &text) {
        say(QString::fromStdString(core::isoMilliseconds(snapshot.at) + ' ' + text));
    };
    for (const auto &venue : snapshot.venues) {
        if (venue.reach == Reach::Trying || !m_said.emplace(venue.venue, venue.reach).second)
            continue;
        stamped(fmt::format("venue    {} at {} {}{}{}", name(venue.venue), venue.address,
                            venue.reach == Reach::Reached ? "reached" : "NOT REACHED", venue.why.empty() ? "" : ": ",
                            venue.why));
    }
    for (const auto &market : snapshot.markets) {
        m_watched.insert(market.key);
        const bool live = market.book == core::Freshness::Fresh && !market.bids.empty() && !market.asks.empty();
        if (!live || !m_live.insert(market.key).second)
            continue;
        stamped(fmt::format("book     {} live, bid {} ask {}", text(market.key), market.bids.front().price.text(),
                            market.asks.front().price.text()));
    }
}

QString WatchReport::verdict() const
{
    return u"result   %1 of %2 markets came to life"_s.arg(m_live.size()).arg(m_watched.size());
}

} // namespace app::desktop
