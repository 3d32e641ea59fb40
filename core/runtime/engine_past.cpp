// The venue's own word on what an account has lost: asked for when the account agrees with the venue, so that protection never waits
// for it. Until it is in, armed accounts take no new risk.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/runtime/engine_link.h"

using namespace std::chrono_literals;

namespace core::runtime
{

namespace
{
constexpr Duration kSayAfter = 30s;
constexpr Duration kAskAgainFirst = 2s;
constexpr Duration kAskAgainMost = 1min;
/// An account that trades without a pause is asked between its fills; so often in vain is a failure.
constexpr int kDisturbedMost = 30;
} // namespace

void Engine::Link::askPast()
{
    if (!hasAccount() || m_past.known || !m_reconciled)
        return;
    const UtcTime now = m_engine.m_clock.now();
    if (m_past.wantedSince == UtcTime{})
        m_past.wantedSince = now;
    if (!m_past.told && now - m_past.wantedSince >= kSayAfter) {
        m_past.told = true;
        m_engine.say(orders::Severity::Warning, "history-missing", "connection",
                     fmt::format("{} has not told the history of the account yet: losses of day, week and month may be larger than "
                                 "shown. While armed, no new risk is taken; stops and closes are not touched by this.",
                                 name(m_setup.venue)));
    }
    const std::optional<AccountSnapshot> &totals = board().venueTotals();
    if (m_venuePast.isAsking() || now < m_past.askAt || !totals)
        return;
    const risk::Limits &limits = m_setup.limits ? *m_setup.limits : m_engine.m_setup.limits;
    m_venuePast.ask({.now = now, .totals = *totals, .positions = board().openPositions(), .dayStartsAt = limits.dayStartsAt},
                    [this](const Result<VenuePast::Answer> &answer) { onPast(answer); });
}

void Engine::Link::onPast(const Result<VenuePast::Answer> &answer)
{
    if (m_engine.m_stopping)
        return;
    if (!answer) {
        pastFailed(answer.error());
        return;
    }
    m_past.known = true;
    const risk::History &history = answer->history;
    m_engine.feed(orders::HistoryReport{history});
    m_engine.feed(orders::VenueHistoryReport{m_setup.venue, true, {}});
    m_engine.say(orders::Severity::Info, "history-known", "connection",
                 fmt::format("{}: {} round trips, {} transfers since {} are counted in the limits.", name(m_setup.venue),
                             history.trips.size(), history.transfers.size(), isoMilliseconds(answer->completeFrom)));
    if (answer->unpriced.empty())
        return;
    const risk::PriceNeed &last = *std::ranges::max_element(answer->unpriced, {}, &risk::PriceNeed::at);
    m_engine.say(orders::Severity::Warning, "history-partial", "connection",
                 fmt::format("{} was open at {}, and the venue has no price of that moment: what the account was worth until then is "
                             "not known, and the limits count without it.",
                             last.instrument.symbol.view(), isoMilliseconds(last.at)));
}

void Engine::Link::pastFailed(const Error &why)
{
    const UtcTime now = m_engine.m_clock.now();
    if (why.code == ErrorCode::OutOfSync && ++m_past.disturbed < kDisturbedMost) {
        m_past.askAt = now + 1s;
        return;
    }
    m_past.disturbed = 0;
    m_past.askAt = now + std::min<Duration>(kAskAgainFirst * (1 << std::min(m_past.failures++, 5)), kAskAgainMost);
    if (std::exchange(m_past.why, why.detail) != why.detail)
        m_engine.feed(orders::VenueHistoryReport{m_setup.venue, false, why.detail});
}

} // namespace core::runtime
