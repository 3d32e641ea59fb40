#include "core/runtime/lease_rule.h"

namespace core::runtime
{

std::optional<LeaseRule::Attempt> LeaseRule::onSeen(Duration now, const std::optional<LeaseRecord> &newest, bool dead)
{
    if (!newest)
        return m_token ? std::nullopt : std::optional(Attempt{1, false});
    if (m_token) {
        if (newest->token > *m_token)
            onLost();
        else
            return std::nullopt;
    }
    if (newest->released || dead)
        return Attempt{newest->token + 1, false};
    const bool news = !m_seen || m_seen->token != newest->token || m_seen->beat != newest->beat;
    if (news) {
        m_seen = newest;
        m_seenAt = now;
        return std::nullopt;
    }
    return now - m_seenAt >= kTakeAfter ? std::optional(Attempt{newest->token + 1, true}) : std::nullopt;
}

void LeaseRule::onTaken(Duration startedAt, Duration finishedAt, const Attempt &attempt)
{
    m_token = attempt.token;
    m_renewedAt = startedAt;
    m_actsFrom = attempt.fromLiving ? finishedAt + kActWithin : finishedAt;
    m_seen.reset();
}

void LeaseRule::onRenewed(Duration startedAt)
{
    if (m_token && startedAt > m_renewedAt)
        m_renewedAt = startedAt;
}

void LeaseRule::onLost()
{
    m_token.reset();
    m_seen.reset();
}

std::optional<LeaseRule::Window> LeaseRule::window() const
{
    return m_token ? std::optional(Window{m_actsFrom, m_renewedAt + kActWithin}) : std::nullopt;
}

bool LeaseRule::mayAct(Duration now) const
{
    const auto when = window();
    return when && now >= when->from && now < when->until;
}

} // namespace core::runtime
