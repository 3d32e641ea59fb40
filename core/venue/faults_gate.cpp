#include "core/venue/faults_gate.h"

#include <algorithm>

namespace core::venue
{

namespace
{
/// Whether a rule for `wanted` looks at something that came on `channel`.
[[nodiscard]] bool covers(FaultChannel wanted, FaultChannel channel)
{
    if (wanted == FaultChannel::Any || wanted == channel || wanted == FaultChannel::WebSocket)
        return true; // the family has sorted requests from frames already
    return wanted == FaultChannel::Rest && channel == FaultChannel::Order;
}
} // namespace

void FaultGate::set(FaultPlan plan, Duration now)
{
    m_plan = std::move(plan);
    m_counts.assign(m_plan.rules.size(), {});
    m_random = ScenarioRandom(m_plan.seed);
    m_setAt = now;
}

bool FaultGate::isTime(const FaultRule &rule, Duration now) const
{
    const Duration at = age(now);
    return (!rule.venue || *rule.venue == m_skin) && at >= rule.from && (!rule.until || at < *rule.until);
}

bool FaultGate::isSelected(const FaultRule &rule, std::uint64_t number)
{
    const bool isFree = rule.numbers.empty() && rule.every == 0 && !rule.probability;
    const bool isNamed = std::find(rule.numbers.begin(), rule.numbers.end(), number) != rule.numbers.end();
    const bool isEvery = rule.every != 0 && number % rule.every == 0;
    // Drawn also when another selection hits already: what comes later must not depend on it.
    const bool isDrawn = rule.probability && static_cast<std::int64_t>(m_random.below(
                                                 static_cast<std::uint64_t>(kDecimalOne))) < rule.probability->raw();
    return isFree || isNamed || isEvery || isDrawn;
}

std::vector<const FaultRule *> FaultGate::strike(const FaultSubject &subject, Duration now)
{
    std::vector<const FaultRule *> struck;
    for (std::size_t i = 0; i < m_plan.rules.size(); ++i) {
        const FaultRule &rule = m_plan.rules[i];
        if (familyOf(rule.kind) != subject.family || !isTime(rule, now) || !covers(rule.channel, subject.channel))
            continue;
        if (!rule.stream.empty() && subject.name.find(rule.stream) == std::string_view::npos)
            continue;
        if (rule.kind == FaultKind::Throttled && subject.reducesRisk)
            continue;
        if (isSelected(rule, ++m_counts[i].seen))
            struck.push_back(&rule);
    }
    m_strikes += struck.size();
    return struck;
}

const FaultRule *FaultGate::active(FaultKind kind, Duration now) const
{
    for (const FaultRule &rule : m_plan.rules)
        if (rule.kind == kind && isTime(rule, now))
            return &rule;
    return nullptr;
}

const FaultRule *FaultGate::active(FaultKind kind, FaultChannel channel, Duration now) const
{
    for (const FaultRule &rule : m_plan.rules)
        if (rule.kind == kind && covers(rule.channel, channel) && isTime(rule, now))
            return &rule;
    return nullptr;
}

const FaultRule *FaultGate::due(FaultKind kind, Duration now)
{
    for (std::size_t i = 0; i < m_plan.rules.size(); ++i) {
        const FaultRule &rule = m_plan.rules[i];
        if (rule.kind != kind || m_counts[i].isDone || !isTime(rule, now))
            continue;
        m_counts[i].isDone = true;
        ++m_strikes;
        return &rule;
    }
    return nullptr;
}

} // namespace core::venue
