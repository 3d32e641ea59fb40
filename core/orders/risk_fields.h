#pragma once

// Private to the codec, with guard_fields.h: the values of core/risk that travel in the guard's records.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <type_traits>

#include "core/risk/engine.h"

namespace core::orders::codec
{

template <class V, class T>
concept Is = std::same_as<std::remove_const_t<V>, T>;

/// The last enumerator; values before it have names.
template <class E> struct Last;
template <> struct Last<risk::BreakerKind> { static constexpr risk::BreakerKind value = risk::BreakerKind::DataStale; };
template <> struct Last<risk::Scope> { static constexpr risk::Scope value = risk::Scope::AllAccounts; };
template <> struct Last<risk::TierAction> { static constexpr risk::TierAction value = risk::TierAction::Flatten; };
template <> struct Last<risk::Enforcement> { static constexpr risk::Enforcement value = risk::Enforcement::Enforced; };
template <> struct Last<risk::Finding::What> {
    static constexpr risk::Finding::What value = risk::Finding::What::StopWidened;
};

template <class A, Is<Transfer> V> void fields(A &a, V &v)
{
    a("venue", v.venue), a("id", v.id), a("kind", v.kind), a("amount", v.amount), a("asset", v.asset);
    a("venueTime", v.venueTime);
}
template <class A, Is<FundingPayment> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("amount", v.amount), a("asset", v.asset), a("rate", v.rate);
    a("venueTime", v.venueTime);
}
template <class A, Is<risk::Subject> V> void fields(A &a, V &v)
{
    a("kind", v.kind), a("scope", v.scope), a("account", v.account), a("instrument", v.instrument), a("side", v.side);
}
template <class A, Is<risk::Tier> V> void fields(A &a, V &v)
{
    a("id", v.id), a("trigger", v.trigger), a("rearm", v.rearm), a("action", v.action), a("fraction", v.fraction);
    a("firesMax", v.firesMax), a("escalateAfter", v.escalateAfter), a("coolingOff", v.coolingOff);
}
template <class A, Is<risk::Breaker> V> void fields(A &a, V &v)
{
    a("kind", v.kind), a("scope", v.scope), a("enabled", v.enabled), a("tiers", v.tiers);
    a("atrMultiple", v.atrMultiple), a("distance", v.distance), a("activation", v.activation);
}
template <class A, Is<risk::BehaviourLimits> V> void fields(A &a, V &v)
{
    a("leverageLadder", v.leverageLadder), a("ladderLosses", v.ladderLosses), a("ladderFactor", v.ladderFactor);
    a("revenge", v.revenge), a("revengeWindow", v.revengeWindow), a("revengeRisk", v.revengeRisk);
    a("escalation", v.escalation), a("escalationRisk", v.escalationRisk), a("overtrading", v.overtrading);
    a("overholding", v.overholding), a("tilt", v.tilt), a("tiltWarn", v.tiltWarn), a("tiltLock", v.tiltLock);
}
template <class A, Is<risk::SizingLimits> V> void fields(A &a, V &v)
{
    a("riskPerTrade", v.riskPerTrade), a("kellyFraction", v.kellyFraction), a("positionMax", v.positionMax);
    a("leverageMax", v.leverageMax), a("correlatedMax", v.correlatedMax), a("volatilityTarget", v.volatilityTarget);
    a("slippageAllowance", v.slippageAllowance), a("liquidityBps", v.liquidityBps);
    a("liquidityHourShare", v.liquidityHourShare);
}
template <class A, Is<risk::BackstopLimits> V> void fields(A &a, V &v)
{
    a("enabled", v.enabled), a("slippageAllowance", v.slippageAllowance), a("repinStep", v.repinStep);
    a("repinEvery", v.repinEvery), a("coverWithin", v.coverWithin), a("liquidationBuffer", v.liquidationBuffer);
    a("deadMan", v.deadMan);
}
template <class A, Is<risk::GateLimits> V> void fields(A &a, V &v)
{
    a("orderNotionalMax", v.orderNotionalMax), a("priceBand", v.priceBand), a("ordersPerSecond", v.ordersPerSecond);
    a("ordersPerMinute", v.ordersPerMinute);
}
template <class A, Is<risk::Limits> V> void fields(A &a, V &v)
{
    a("schema", v.schema), a("breakers", v.breakers), a("behaviour", v.behaviour), a("sizing", v.sizing);
    a("backstop", v.backstop), a("gate", v.gate), a("markStaleAfter", v.markStaleAfter);
    a("accountStaleAfter", v.accountStaleAfter), a("closeSlippageFirst", v.closeSlippageFirst);
    a("closeSlippageSecond", v.closeSlippageSecond), a("dayStartsAt", v.dayStartsAt);
    a("loosenAfter", v.loosenAfter), a("coolingOffBase", v.coolingOffBase), a("coolingOffCap", v.coolingOffCap);
}
template <class A, Is<risk::PositionKey> V> void fields(A &a, V &v) { a("instrument", v.instrument), a("side", v.side); }
template <class A, Is<risk::Estimate> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("atr", v.atr), a("sigmaDay", v.sigmaDay), a("sigmaUsual", v.sigmaUsual);
    a("sigmaShort", v.sigmaShort), a("hourVolume", v.hourVolume), a("at", v.at);
}
template <class A, Is<risk::Depth::Step> V> void fields(A &a, V &v)
{
    a("distance", v.distance), a("bids", v.bids), a("asks", v.asks);
}
template <class A, Is<risk::Depth> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("mid", v.mid), a("steps", v.steps), a("complete", v.complete), a("at", v.at);
}
template <class A, Is<risk::Correlation> V> void fields(A &a, V &v)
{
    a("instruments", v.instruments), a("values", v.values), a("at", v.at);
}
template <class A, Is<risk::Trip> V> void fields(A &a, V &v)
{
    a("position", v.position), a("direction", v.direction), a("openedAt", v.openedAt), a("closedAt", v.closedAt);
    a("net", v.net), a("fees", v.fees), a("notional", v.notional), a("plannedRisk", v.plannedRisk);
    a("leverage", v.leverage), a("hasSetup", v.hasSetup);
}
template <class A, Is<risk::Lockout> V> void fields(A &a, V &v)
{
    a("id", v.id), a("scope", v.scope), a("account", v.account), a("instrument", v.instrument);
    a("reason", v.reason), a("startedAt", v.startedAt), a("until", v.until), a("needsRelease", v.needsRelease);
}
template <class A, Is<risk::Finding> V> void fields(A &a, V &v)
{
    // Eight places are what it is kept to.
    Ratio severity = Ratio::fromRaw(std::llround(std::clamp(v.severity, 0.0, 1.0) * static_cast<double>(kDecimalOne)));
    a("what", v.what), a("severity", severity), a("at", v.at), a("text", v.text);
    if constexpr (!std::is_const_v<V>)
        v.severity = severity.toDouble();
}
template <class A, Is<risk::TradePlan> V> void fields(A &a, V &v)
{
    a("position", v.position), a("order", v.order), a("risk", v.risk), a("leverage", v.leverage), a("setup", v.setup);
    a("at", v.at);
}
template <class A, Is<risk::EquitySample> V> void fields(A &a, V &v)
{
    a("account", v.account), a("at", v.at), a("equity", v.equity);
}
template <class A, Is<risk::LifeMemory> V> void fields(A &a, V &v)
{
    a("position", v.position), a("direction", v.direction), a("openedAt", v.openedAt), a("best", v.best);
    a("trailStop", v.trailStop), a("watched", v.watched);
}
template <class A, Is<risk::TierMemory> V> void fields(A &a, V &v)
{
    a("subject", v.subject), a("tier", v.tier), a("period", v.period), a("fires", v.fires), a("armed", v.armed);
    a("active", v.active);
}
template <class A, Is<risk::Opening> V> void fields(A &a, V &v)
{
    a("position", v.position), a("direction", v.direction), a("openedAt", v.openedAt), a("isKnown", v.isKnown);
    a("seenAt", v.seenAt);
}
template <class A, Is<risk::History> V> void fields(A &a, V &v)
{
    a("account", v.account), a("equity", v.equity), a("trips", v.trips), a("transfers", v.transfers);
    a("funding", v.funding), a("lockouts", v.lockouts), a("peakNav", v.peakNav), a("nav", v.nav);
    a("lives", v.lives), a("tiers", v.tiers), a("findings", v.findings), a("plans", v.plans);
    a("openings", v.openings), a("endedLockouts", v.endedLockouts);
}

} // namespace core::orders::codec
