#pragma once

#include <map>

#include "core/risk/engine.h"

/// A risk engine with one account that can be trusted, and short words for what it is told.
namespace tests
{
using namespace core;
using namespace core::risk;
using namespace std::chrono_literals;

template <class T> T fixed(std::string_view text) { return parseFixed<T>(text).value(); }
inline Ratio percent(std::string_view text) { return Ratio::fromRaw(fixed<Ratio>(text).raw() / 100); }
inline InstrumentKey on(Venue venue, std::string_view symbol) { return {venue, *Symbol::from(symbol)}; }
inline InstrumentKey coin(std::string_view symbol) { return on(Venue::Binance, symbol); }

inline Tier tierAt(std::string id, Ratio trigger, Ratio rearm, TierAction action)
{
    Tier tier;
    tier.id = std::move(id);
    tier.trigger = trigger;
    tier.rearm = rearm;
    tier.action = action;
    if (action == TierAction::Reduce)
        tier.fraction = percent("50");
    return tier;
}
inline Breaker only(BreakerKind kind, Scope scope, std::vector<Tier> tiers)
{
    Breaker breaker;
    breaker.kind = kind;
    breaker.scope = scope;
    breaker.tiers = std::move(tiers);
    return breaker;
}

struct EngineDesk {
    /// Wednesday 2026-11-18 10:00 UTC.
    UtcTime now = parseIso8601("2026-11-18T10:00:00Z").value();
    RiskEngine engine;
    std::vector<RiskDecision> out;
    std::map<std::pair<InstrumentKey, PositionSide>, std::pair<Life, Position>> open;
    std::map<InstrumentKey, Price> marks;
    std::map<Venue, Money> equities;

    explicit EngineDesk(std::vector<Breaker> breakers = {}, Arming arming = Arming::Armed)
    {
        limits(std::move(breakers));
        tell(ArmingSet{Venue::Binance, arming});
        fresh();
    }

    void tell(RiskFact fact) { engine.apply({now, std::move(fact)}, out); }
    void limits(std::vector<Breaker> breakers, std::optional<Venue> account = Venue::Binance)
    {
        Limits limits;
        limits.breakers = std::move(breakers);
        tell(LimitsSet{account, limits});
    }
    void fresh(Venue venue = Venue::Binance) { tell(FreshnessSet{venue, {}, true, true}); }
    void equity(std::string_view money, Venue venue = Venue::Binance)
    {
        AccountSnapshot totals;
        totals.equity = totals.walletBalance = fixed<Money>(money);
        totals.venueTime = now;
        equities[venue] = totals.equity;
        tell(AccountSet{venue, totals});
    }
    void mark(std::string_view symbol, std::string_view price, Venue venue = Venue::Binance)
    {
        marks[on(venue, symbol)] = fixed<Price>(price);
        tell(MarkSet{on(venue, symbol), fixed<Price>(price), now});
    }
    Position position(std::string_view symbol, Direction direction, std::string_view quantity, std::string_view entry,
                      Venue venue = Venue::Binance) const
    {
        Position position;
        position.instrument = on(venue, symbol);
        position.direction = direction;
        position.quantity = fixed<Quantity>(quantity);
        position.entryPrice = fixed<Price>(entry);
        position.leverage = 10;
        position.marginMode = MarginMode::Cross;
        return position;
    }
    void put(const Position &position)
    {
        const auto key = std::pair(position.instrument, position.positionSide);
        const auto before = open.find(key);
        const bool goesOn = before != open.end() && (position.isFlat() || before->second.second.direction == position.direction);
        const Life life = goesOn ? before->second.first : Life{{key.first, key.second}, position.direction, now};
        tell(PositionSet{life, position});
        if (position.isFlat())
            open.erase(key);
        else
            open[key] = {life, position};
    }
    void hold(std::string_view symbol, Direction direction, std::string_view quantity, std::string_view entry,
              Venue venue = Venue::Binance)
    {
        put(position(symbol, direction, quantity, entry, venue));
    }
    /// Time goes on in whole seconds, each with the marks and the account heard again.
    void pass(Duration duration)
    {
        const UtcTime until = now + duration;
        const Duration step = duration > 10min ? Duration{duration / 200} : Duration{1s};
        while (now < until) {
            now = std::min(now + step, until);
            refresh();
            tell(TimePassed{});
        }
    }
    void refresh()
    {
        for (const auto &[venue, money] : equities)
            fresh(venue);
        for (const auto &[key, price] : marks)
            tell(MarkSet{key, price, now});
    }
    void trip(std::string_view symbol, std::string_view net, std::string_view fees = "0", Duration lasted = 10s)
    {
        Trip trip;
        trip.position = {coin(symbol), PositionSide::Both};
        trip.openedAt = now - lasted;
        trip.closedAt = now;
        trip.net = fixed<Money>(net);
        trip.fees = fixed<Money>(fees);
        tell(TripSet{trip});
    }
    template <class T> std::vector<T> take()
    {
        std::vector<T> found;
        for (const RiskDecision &decision : out) {
            if (const T *value = std::get_if<T>(&decision))
                found.push_back(*value);
        }
        out.clear();
        return found;
    }
    std::vector<Fired> fired() { return take<Fired>(); }
    /// "tier action" of each firing, joined by ", "; the actions of alert-only in brackets.
    std::string firings()
    {
        std::string text;
        for (const Fired &fired : take<Fired>()) {
            text += text.empty() ? "" : ", ";
            const std::string action(name(fired.action));
            text += fired.tier + " " + (fired.acts || fired.action == TierAction::Alert ? action : "[" + action + "]");
        }
        return text;
    }
    std::optional<Standing> standing(BreakerKind kind, Scope scope) const
    {
        for (const Standing &standing : engine.standings()) {
            if (standing.subject.kind == kind && standing.subject.scope == scope)
                return standing;
        }
        return std::nullopt;
    }
    std::string blockReasons(const InstrumentKey &key) const
    {
        std::string text;
        for (const Block &block : engine.blocks(key))
            text += (text.empty() ? "" : ", ") + block.reason;
        return text;
    }
};
} // namespace tests
