// Where each limit stands.
#include <algorithm>

#include <fmt/format.h>

#include "core/domain/number_text.h"
#include "core/risk/engine_impl.h"

namespace core::risk
{

std::vector<Standing> RiskEngine::Impl::standings() const
{
    std::vector<Standing> result;
    eachWatch(*this, [&](const Where &where, const Watch &watch) {
        if (breakerOf(where, watch).enabled)
            result.push_back(standingOf(where, watch));
    });
    std::ranges::sort(result, {}, &Standing::subject); // not by what appeared first
    return result;
}

Standing RiskEngine::Impl::standingOf(const Where &where, const Watch &watch) const
{
    const Breaker &breaker = breakerOf(where, watch);
    Reading reading = read(where, breaker);
    if (const std::string_view past = unknownPast(where, breaker.kind); reading.isValue() && !past.empty() && !watch.tripped)
        reading = Reading::undefined(past);
    Standing standing;
    standing.subject = subjectOf(where, breaker);
    standing.why = reading.why;
    standing.limit = breaker.tiers.back().trigger;
    standing.tripped = watch.tripped;
    if (watch.trip)
        standing.trippedText = fmt::format("{} · {} at {} · {}", timeOfDayText(watch.trip->at), name(watch.trip->action),
                                           levelText(breaker.kind, watch.trip->trigger),
                                           readingText(breaker.kind, watch.trip->reading));
    const Tier *next = nullptr;
    const Tier *nextAlert = nullptr;
    for (const Tier &tier : breaker.tiers) {
        const bool ahead = !reading.isValue() || !isReached(breaker.kind, tier, reading.value);
        if (!ahead)
            continue;
        const Tier *&first = actionOf(breaker.kind, tier) > TierAction::Alert ? next : nextAlert;
        first = first == nullptr ? &tier : first;
    }
    next = next != nullptr ? next : nextAlert;
    if (next != nullptr) {
        standing.nextTier = next->id;
        standing.nextTrigger = next->trigger;
        standing.nextAction = actionOf(breaker.kind, *next);
    }
    if (reading.isValue()) {
        standing.reading = reading.value;
        const Wide value = reading.value.raw();
        const Wide limit = standing.limit.raw();
        const Wide part = lowIsBad(breaker.kind) ? limit : value;
        const Wide whole = lowIsBad(breaker.kind) ? value : limit;
        standing.used = whole > 0 ? ratioOfWide(part, whole, Rounding::Ceil) : kWorst;
    }
    if (next != nullptr && reading.isValue()) {
        if (const auto loss = lossTo(where, breaker, next->trigger))
            standing.headroom = moneyOfWide(std::max<Wide>(*loss, 0), Rounding::Floor);
        if (where.scope == Scope::Position)
            standing.priceAtNext = priceAt(slots[where.slot], breaker, next->trigger);
    }
    standing.sentence = standingText(where, breaker, standing);
    return standing;
}

} // namespace core::risk
