// What the engine says to people; English, with its numbers.
#include <fmt/format.h>

#include "core/domain/number_text.h"
#include "core/risk/engine_impl.h"

namespace core::risk
{

namespace
{
/// A reading in words; "{}" stands for the level.
std::string_view phrase(BreakerKind kind)
{
    static constexpr std::array<std::string_view, kBreakerKinds> kPhrases{
        "loss {} of margin",
        "loss {} of equity",
        "{} of the way from the best mark to the trailing stop",
        "{} of the best open profit given back",
        "open for {}",
        "{} away from liquidation",
        "{} away from liquidation",
        "{} away from liquidation at its volatility",
        "short-term volatility {} of the usual",
        "leaving now costs {} of slippage",
        "loss of the day {} of equity",
        "loss of the week {} of equity",
        "loss of the month {} of equity",
        "{} below the peak",
        "{} of the day's best profit left",
        "maintenance margin {} of the margin balance",
        "leverage {}",
        "gross exposure {} of equity",
        "net exposure {} of equity",
        "correlated exposure {} of equity",
        "funding of 24 hours {} of equity",
        "losses in a row: {}",
        "trades today: {}",
        "losing trades today: {}",
        "data {} old"};
    return kPhrases[static_cast<std::size_t>(kind)];
}

std::string said(BreakerKind kind, Ratio level)
{
    std::string text(phrase(kind));
    const std::string number = level == kWorst ? std::string("beyond measure") : readingText(kind, level);
    return text.replace(text.find("{}"), 2, number);
}

std::string_view scopeWords(Scope scope)
{
    switch (scope) {
    case Scope::Position:
        return "it";
    case Scope::Symbol:
        return "every position of the symbol";
    case Scope::Account:
        return "every position of the account";
    case Scope::AllAccounts:
        break;
    }
    return "every position";
}

std::string actionWords(Scope scope, TierAction action, Ratio fraction)
{
    switch (action) {
    case TierAction::Alert:
        return "An alert; nothing is sent.";
    case TierAction::BlockNewRisk:
        return "No new risk.";
    case TierAction::Reduce:
        return fmt::format("Closing {} of {}.", percentText(fraction), scopeWords(scope));
    case TierAction::Close:
        return fmt::format("Closing {}.", scopeWords(scope));
    case TierAction::Flatten:
        break;
    }
    return fmt::format("Closing {}.", scopeWords(scope == Scope::AllAccounts ? scope : Scope::Account));
}
} // namespace

std::string text(const Subject &subject)
{
    std::string result; // appended by hand: order ids are made of it while a breach waits
    result.reserve(80);
    result.append(name(subject.kind)).append(1, '/').append(name(subject.scope));
    if (subject.account)
        result.append(1, '/').append(name(*subject.account));
    if (subject.instrument)
        result.append(1, '/').append(subject.instrument->symbol.view());
    if (subject.side)
        result.append(1, '/').append(name(*subject.side));
    return result;
}

std::string RiskEngine::Impl::subjectWords(const Where &where) const
{
    switch (where.scope) {
    case Scope::Position: {
        const Slot &slot = slots[where.slot];
        const auto &rules = markets[where.market].rules;
        return positionText(markets[where.market].key, slot.life.direction, slot.position.quantity, rules ? &*rules : nullptr);
    }
    case Scope::Symbol:
        return markets[where.market].key.symbol.string();
    case Scope::Account:
        return fmt::format("account on {}", name(venueOf(where.account)));
    case Scope::AllAccounts:
        break;
    }
    return "all accounts";
}

std::string RiskEngine::Impl::firedText(const Fired &fired) const
{
    const Subject &subject = fired.subject;
    const auto market = subject.instrument ? knownMarket(*subject.instrument) : std::nullopt;
    const Instrument *rules = market && markets[*market].rules ? &*markets[*market].rules : nullptr;
    const std::string whose = subject.scope == Scope::Position && subject.instrument
                                  ? positionText(*subject.instrument, fired.direction, fired.quantity, rules)
                              : subject.instrument ? subject.instrument->symbol.string()
                              : subject.account    ? fmt::format("account on {}", name(*subject.account))
                                                   : std::string("all accounts");
    std::string result = fmt::format("{}: {} {} {}", whose, said(subject.kind, fired.reading),
                                     lowIsBad(subject.kind) ? "≤" : "≥", levelText(subject.kind, fired.trigger));
    if (fired.mark)
        result += fmt::format(" (mark {})", priceText(*fired.mark, rules));
    result += ". ";
    if (fired.escalated)
        result += "The action before had no effect in time. ";
    if (!fired.acts && fired.action != TierAction::Alert)
        result += "Alert only: nothing is sent; armed, it would be: ";
    return result + actionWords(subject.scope, fired.action, fired.fraction);
}

std::string RiskEngine::Impl::standingText(const Where &where, const Breaker &breaker, const Standing &standing) const
{
    if (!standing.reading)
        return fmt::format("{}: {} cannot be told now: {}.", subjectWords(where), name(breaker.kind), standing.why);
    std::string result = fmt::format("{}: {}", subjectWords(where), said(breaker.kind, *standing.reading));
    if (!standing.nextTrigger)
        return result + ". Every step is reached.";
    result += fmt::format("; at {}", levelText(breaker.kind, *standing.nextTrigger));
    const auto &rules = markets.empty() ? std::optional<Instrument>{} : markets[where.market].rules;
    if (standing.priceAtNext)
        result += fmt::format(" (mark {})", priceText(*standing.priceAtNext, rules ? &*rules : nullptr));
    if (standing.headroom)
        result += fmt::format(", {} of loss away", decimalText(roundToStep(standing.headroom->raw(), kDecimalOne / 100, Rounding::Floor)));
    Ratio fraction;
    for (const Tier &tier : breaker.tiers) {
        if (standing.nextTier && tier.id == *standing.nextTier)
            fraction = tier.fraction;
    }
    return result + ": " + actionWords(where.scope, standing.nextAction, fraction);
}

} // namespace core::risk
