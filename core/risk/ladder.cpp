#include "core/risk/ladder.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::risk
{

TierAction actionMax(BreakerKind kind)
{
    return kind == BreakerKind::DataStale ? TierAction::BlockNewRisk : TierAction::Flatten;
}

TierAction actionOf(BreakerKind kind, const Tier &tier)
{
    return std::min(tier.action, actionMax(kind));
}

bool isMoreSevere(BreakerKind kind, const Tier &a, const Tier &b)
{
    if (actionOf(kind, a) != actionOf(kind, b))
        return actionOf(kind, a) > actionOf(kind, b);
    if (a.fraction != b.fraction)
        return a.fraction > b.fraction;
    return lowIsBad(kind) ? a.trigger < b.trigger : a.trigger > b.trigger;
}

bool isReached(BreakerKind kind, const Tier &tier, Ratio reading)
{
    return lowIsBad(kind) ? reading <= tier.trigger : reading >= tier.trigger;
}

bool isBack(BreakerKind kind, const Tier &tier, Ratio reading)
{
    return lowIsBad(kind) ? reading >= tier.rearm : reading <= tier.rearm;
}

std::optional<Ladder::Hit> Ladder::peek(const Breaker &breaker, Ratio reading) const
{
    CORE_ASSERT(m_rungs.size() == breaker.tiers.size(), "REQUIRES: the ladder runs parallel to the tiers");
    std::optional<Hit> worst;
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        // A tier that re-arms at this reading is not reached by it: rearm lies on the good side of the trigger.
        if (!m_rungs[i].armed || !isReached(breaker.kind, breaker.tiers[i], reading))
            continue;
        if (!worst || isMoreSevere(breaker.kind, breaker.tiers[i], breaker.tiers[worst->tier]))
            worst = Hit{i, m_rungs[i].fires + 1};
    }
    return worst;
}

std::optional<Ladder::Hit> Ladder::step(const Breaker &breaker, Ratio reading, TakesBack takesBack)
{
    const std::optional<Hit> worst = peek(breaker, reading);
    spendReached(breaker, reading, takesBack);
    return worst;
}

void Ladder::spendReached(const Breaker &breaker, Ratio reading, TakesBack takesBack)
{
    follow(breaker, reading, takesBack);
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        if (m_rungs[i].armed && isReached(breaker.kind, breaker.tiers[i], reading)) {
            m_rungs[i].armed = false;
            ++m_rungs[i].fires;
        }
    }
}

void Ladder::follow(const Breaker &breaker, Ratio reading, TakesBack takesBack)
{
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        const Tier &tier = breaker.tiers[i];
        Rung &rung = m_rungs[i];
        if (isReached(breaker.kind, tier, reading)) {
            rung.active = true;
        } else if (takesBack == TakesBack::Yes && isBack(breaker.kind, tier, reading)) {
            rung.active = false;
            rung.armed = rung.armed || rung.fires < tier.firesMax;
        }
    }
}

void Ladder::clear(const Breaker &breaker)
{
    for (std::size_t i = 0; i < m_rungs.size(); ++i) {
        m_rungs[i].active = false;
        m_rungs[i].armed = m_rungs[i].armed || m_rungs[i].fires < breaker.tiers[i].firesMax;
    }
}

void Ladder::nextPeriod(bool readingRestarts)
{
    for (Rung &rung : m_rungs) {
        rung.fires = 0;
        if (readingRestarts)
            rung = {};
    }
}

void Ladder::spend(const Breaker &breaker, std::string_view tier, int fires)
{
    const auto known = std::ranges::find(breaker.tiers, tier, &Tier::id);
    if (known == breaker.tiers.end() || fires < 1)
        return;
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        if (isMoreSevere(breaker.kind, breaker.tiers[i], *known))
            continue;
        m_rungs[i].armed = false;
        m_rungs[i].active = true;
        m_rungs[i].fires = std::max(m_rungs[i].fires, breaker.tiers[i].id == tier ? fires : 1);
    }
}

void Ladder::reopen(const Breaker &breaker, std::string_view tier)
{
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        if (breaker.tiers[i].id == tier)
            m_rungs[i].armed = true;
    }
}

int Ladder::countFire(std::size_t tier)
{
    return ++m_rungs[tier].fires;
}

bool Ladder::isQuiet(const Breaker &breaker, Ratio reading) const
{
    const bool low = lowIsBad(breaker.kind); // once: this is asked of every tier at every mark
    for (std::size_t i = 0; i < breaker.tiers.size(); ++i) {
        const Tier &tier = breaker.tiers[i];
        const Rung &rung = m_rungs[i];
        if (low ? reading <= tier.trigger : reading >= tier.trigger) {
            if (rung.armed || !rung.active)
                return false;
        } else if (rung.active || (!rung.armed && rung.fires < tier.firesMax)) {
            if (low ? reading >= tier.rearm : reading <= tier.rearm)
                return false;
        }
    }
    return true;
}

Ladder carriedOver(const Ladder &ladder, const Breaker &from, const Breaker &to)
{
    Ladder result(to.tiers.size());
    for (std::size_t i = 0; i < to.tiers.size(); ++i) {
        for (std::size_t k = 0; k < from.tiers.size() && k < ladder.rungs().size(); ++k) {
            if (from.tiers[k].id == to.tiers[i].id)
                result.setRung(i, ladder.rungs()[k]);
        }
    }
    return result;
}

} // namespace core::risk
