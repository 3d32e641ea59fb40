#include "core/risk/lockout_book.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace core::risk
{

Duration coolingOff(Duration base, Duration cap, int breaches)
{
    const Duration most = std::max(base, cap);
    Duration result = base;
    for (int i = 1; i < breaches && result < most; ++i)
        result = std::min(result * 2, most);
    return std::min(result, most);
}

int LockoutBook::breachesSince(UtcTime since, std::optional<Venue> account) const
{
    std::set<UtcTime> instants; // several limits that break at once are one breach
    for (const auto *list : {&m_running, &m_past}) {
        for (const Lockout &lockout : *list) {
            if (lockout.startedAt > since && lockout.account == account)
                instants.insert(lockout.startedAt);
        }
    }
    return static_cast<int>(instants.size());
}

bool LockoutBook::breachAt(UtcTime instant, std::optional<Venue> account) const
{
    return std::ranges::any_of(m_running, [&](const Lockout &lockout) {
        return lockout.startedAt == instant && lockout.account == account;
    });
}

bool LockoutBook::add(const Lockout &lockout)
{
    const auto same = std::ranges::find(m_running, lockout.id, &Lockout::id);
    if (same == m_running.end()) {
        std::erase_if(m_past, [&](const Lockout &old) { return old.id == lockout.id; });
        m_running.push_back(lockout);
        std::ranges::sort(m_running, {}, &Lockout::id);
        return true;
    }
    const Lockout before = *same;
    same->until = std::max(same->until, lockout.until);
    same->needsRelease = same->needsRelease || lockout.needsRelease;
    return *same != before;
}

void LockoutBook::addPast(const Lockout &lockout)
{
    const auto isSame = [&](const Lockout &old) { return old.id == lockout.id; };
    if (std::ranges::none_of(m_running, isSame) && std::ranges::none_of(m_past, isSame))
        m_past.push_back(lockout);
}

std::optional<UtcTime> LockoutBook::latestEnd(const Lockout &like, UtcTime now) const
{
    std::optional<UtcTime> latest;
    for (const Lockout &lockout : m_running) {
        if (lockout.reason == like.reason && lockout.scope == like.scope && lockout.account == like.account &&
            lockout.instrument == like.instrument && lockout.until > now)
            latest = std::max(latest.value_or(lockout.until), lockout.until);
    }
    return latest;
}

std::vector<Lockout> LockoutBook::expire(UtcTime now)
{
    std::vector<Lockout> ended;
    const auto isOver = [&](const Lockout &lockout) { return !lockout.needsRelease && lockout.until <= now; };
    if (std::ranges::any_of(m_running, isOver)) {
        std::ranges::copy_if(m_running, std::back_inserter(ended), isOver);
        std::erase_if(m_running, isOver);
        m_past.insert(m_past.end(), ended.begin(), ended.end());
    }
    std::erase_if(m_past, [&](const Lockout &lockout) { return lockout.startedAt + kRemembered <= now; });
    return ended;
}

std::optional<Lockout> LockoutBook::release(std::string_view id, UtcTime now)
{
    const auto found = std::ranges::find(m_running, id, &Lockout::id);
    if (found == m_running.end() || !found->needsRelease || found->until > now)
        return std::nullopt;
    const Lockout released = *found;
    m_running.erase(found);
    m_past.push_back(released);
    return released;
}

} // namespace core::risk
