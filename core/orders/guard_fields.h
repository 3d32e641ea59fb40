#pragma once

// Private to the codec: what each record consists of. One description serves the writer and the reader, so they cannot drift apart.
#include <array>
#include <string_view>
#include <type_traits>

#include "core/orders/guard_io.h"
#include "core/orders/risk_fields.h"

namespace core::orders::codec
{

inline std::string_view outcomeName(RequestOutcome outcome)
{
    switch (outcome) {
    case RequestOutcome::Accepted: return "accepted";
    case RequestOutcome::Rejected: return "rejected";
    case RequestOutcome::Unknown: return "unknown";
    }
    return "unknown";
}

/// Name of an enumerator; found by argument-dependent lookup except for the one that has no name of its own.
template <class E> std::string_view enumName(E value)
{
    if constexpr (std::same_as<E, RequestOutcome>)
        return outcomeName(value);
    else
        return name(value);
}

template <> struct Last<Venue> { static constexpr Venue value = Venue::Hyperliquid; };
template <> struct Last<Side> { static constexpr Side value = Side::Sell; };
template <> struct Last<PositionSide> { static constexpr PositionSide value = PositionSide::Short; };
template <> struct Last<OrderType> { static constexpr OrderType value = OrderType::Unknown; };
template <> struct Last<TimeInForce> { static constexpr TimeInForce value = TimeInForce::GoodTilDate; };
template <> struct Last<TriggerSource> { static constexpr TriggerSource value = TriggerSource::Last; };
template <> struct Last<Difference::What> { static constexpr Difference::What value = Difference::What::Transfer; };
template <> struct Last<OrderStatus> { static constexpr OrderStatus value = OrderStatus::Unknown; };
template <> struct Last<Freshness> { static constexpr Freshness value = Freshness::Lost; };
template <> struct Last<Direction> { static constexpr Direction value = Direction::Short; };
template <> struct Last<MarginMode> { static constexpr MarginMode value = MarginMode::Isolated; };
template <> struct Last<Source> { static constexpr Source value = Source::Query; };
template <> struct Last<risk::Arming> { static constexpr risk::Arming value = risk::Arming::Armed; };
template <> struct Last<RequestOutcome> {
    static constexpr RequestOutcome value = RequestOutcome::Unknown;
};
template <> struct Last<ErrorCode> { static constexpr ErrorCode value = ErrorCode::OutOfSync; };
template <> struct Last<Severity> { static constexpr Severity value = Severity::Critical; };

// ---- what each struct consists of, in the order in which it is written ----

template <class A, Is<MarginTier> V> void fields(A &a, V &v)
{
    a("floor", v.floor), a("cap", v.cap), a("maintenanceRate", v.maintenanceRate), a("deduction", v.deduction);
    a("leverageMax", v.leverageMax);
}
template <class A, Is<Instrument> V> void fields(A &a, V &v)
{
    a("key", v.key), a("base", v.base), a("quote", v.quote), a("tickSize", v.tickSize);
    a("significantDigits", v.significantDigits), a("priceMin", v.priceMin);
    a("priceMax", v.priceMax), a("stepSize", v.stepSize), a("quantityMin", v.quantityMin);
    a("quantityMax", v.quantityMax), a("marketStepSize", v.marketStepSize);
    a("marketQuantityMin", v.marketQuantityMin), a("marketQuantityMax", v.marketQuantityMax);
    a("notionalMin", v.notionalMin), a("priceUp", v.priceUp), a("priceDown", v.priceDown), a("trading", v.trading);
    a("isolatedOnly", v.isolatedOnly), a("marginTiers", v.marginTiers);
}
template <class A, Is<Position> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("positionSide", v.positionSide), a("direction", v.direction);
    a("quantity", v.quantity), a("entryPrice", v.entryPrice), a("markPrice", v.markPrice);
    a("unrealizedPnl", v.unrealizedPnl), a("liquidationPrice", v.liquidationPrice), a("leverage", v.leverage);
    a("marginMode", v.marginMode), a("initialMargin", v.initialMargin), a("maintenanceMargin", v.maintenanceMargin);
    a("isolatedMargin", v.isolatedMargin), a("venueTime", v.venueTime), a("receivedAt", v.receivedAt);
}
template <class A, Is<AccountSnapshot> V> void fields(A &a, V &v)
{
    a("account", v.account), a("asset", v.asset), a("walletBalance", v.walletBalance);
    a("unrealizedPnl", v.unrealizedPnl), a("equity", v.equity), a("available", v.available);
    a("initialMargin", v.initialMargin), a("maintenanceMargin", v.maintenanceMargin), a("venueTime", v.venueTime);
    a("receivedAt", v.receivedAt);
}
template <class A, Is<OrderUpdate> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("clientOrderId", v.clientOrderId), a("venueOrderId", v.venueOrderId);
    a("side", v.side), a("positionSide", v.positionSide), a("type", v.type), a("status", v.status);
    a("quantity", v.quantity), a("filled", v.filled), a("averagePrice", v.averagePrice);
    a("limitPrice", v.limitPrice), a("reduceOnly", v.reduceOnly), a("triggerPrice", v.triggerPrice);
    a("reason", v.reason);
    a("venueTime", v.venueTime), a("receivedAt", v.receivedAt);
}
template <class A, Is<Fill> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("tradeId", v.tradeId), a("venueOrderId", v.venueOrderId);
    a("clientOrderId", v.clientOrderId), a("side", v.side), a("positionSide", v.positionSide), a("price", v.price);
    a("quantity", v.quantity), a("fee", v.fee), a("feeAsset", v.feeAsset), a("realizedPnl", v.realizedPnl);
    a("maker", v.maker), a("venueTime", v.venueTime), a("receivedAt", v.receivedAt);
}
template <class A, Is<OrderRequest> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("clientOrderId", v.clientOrderId), a("side", v.side);
    a("positionSide", v.positionSide), a("type", v.type), a("timeInForce", v.timeInForce), a("quantity", v.quantity);
    a("limitPrice", v.limitPrice), a("reduceOnly", v.reduceOnly), a("triggerPrice", v.triggerPrice);
    a("triggerBy", v.triggerBy), a("callbackRate", v.callbackRate), a("activationPrice", v.activationPrice);
    a("goodTill", v.goodTill);
}
template <class A, Is<OrderChange> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("clientOrderId", v.clientOrderId), a("quantity", v.quantity);
    a("limitPrice", v.limitPrice);
}
template <class A, Is<Difference> V> void fields(A &a, V &v)
{
    a("what", v.what), a("instrument", v.instrument), a("id", v.id), a("ours", v.ours), a("venue", v.venue);
}

template <class A, Is<InstrumentReport> V> void fields(A &a, V &v) { a("instrument", v.instrument); }
template <class A, Is<DifferenceReport> V> void fields(A &a, V &v) { a("difference", v.difference); }
template <class A, Is<LimitsChange> V> void fields(A &a, V &v) { a("account", v.account), a("limits", v.limits); }
template <class A, Is<ArmingChange> V> void fields(A &a, V &v)
{
    a("account", v.account), a("arming", v.arming), a("by", v.by);
}
template <class A, Is<MarkTick> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("mark", v.mark), a("venueTime", v.venueTime);
}
template <class A, Is<FreshnessReport> V> void fields(A &a, V &v)
{
    a("account", v.account), a("instrument", v.instrument), a("freshness", v.freshness);
}
template <class A, Is<PositionsReport> V> void fields(A &a, V &v)
{
    a("account", v.account), a("positions", v.positions), a("source", v.source), a("complete", v.complete);
}
template <class A, Is<AccountReport> V> void fields(A &a, V &v)
{
    a("account", v.account), a("totals", v.totals);
}
template <class A, Is<OrderReport> V> void fields(A &a, V &v) { a("order", v.order), a("source", v.source); }
template <class A, Is<FillReport> V> void fields(A &a, V &v) { a("fill", v.fill), a("source", v.source); }
template <class A, Is<OutcomeReport> V> void fields(A &a, V &v)
{
    a("order", v.order), a("outcome", v.outcome), a("code", v.code), a("detail", v.detail);
}
template <class A, Is<OrderAbsentReport> V> void fields(A &a, V &v) { a("order", v.order); }
template <class A, Is<ReconciledReport> V> void fields(A &a, V &v) { a("account", v.account); }
template <class A, Is<ReconciliationLostReport> V> void fields(A &a, V &v) { a("account", v.account); }
template <class A, Is<TransferReport> V> void fields(A &a, V &v) { a("transfer", v.transfer); }
template <class A, Is<FundingReport> V> void fields(A &a, V &v) { a("payment", v.payment); }
template <class A, Is<EstimateReport> V> void fields(A &a, V &v) { a("estimate", v.estimate); }
template <class A, Is<DepthReport> V> void fields(A &a, V &v) { a("depth", v.depth); }
template <class A, Is<CorrelationReport> V> void fields(A &a, V &v) { a("correlation", v.correlation); }
template <class A, Is<HistoryReport> V> void fields(A &a, V &v) { a("history", v.history); }
template <class A, Is<VenueHistoryReport> V> void fields(A &a, V &v) { a("account", v.account), a("known", v.known), a("why", v.why); }
template <class A, Is<CapabilitiesReport> V> void fields(A &a, V &v)
{
    a("account", v.account), a("conditionalOrders", v.conditionalOrders), a("deadManTimer", v.deadManTimer);
    a("deadManPerInstrument", v.deadManPerInstrument), a("deadManKillsStops", v.deadManKillsStops);
    a("hedgeMode", v.hedgeMode), a("triggerByLast", v.triggerByLast);
}
template <class A, Is<DeadManReport> V> void fields(A &a, V &v)
{
    a("account", v.account), a("instrument", v.instrument), a("after", v.after), a("outcome", v.outcome);
    a("code", v.code), a("detail", v.detail);
}
template <class A, Is<FeeRates> V> void fields(A &a, V &v) { a("maker", v.maker), a("taker", v.taker); }
template <class A, Is<FeesReport> V> void fields(A &a, V &v) { a("instrument", v.instrument), a("rates", v.rates); }
template <class A, Is<OrderIntent> V> void fields(A &a, V &v)
{
    a("id", v.id), a("order", v.order), a("plannedRisk", v.plannedRisk), a("setup", v.setup);
    a("reason", v.reason), a("by", v.by), a("stop", v.stop);
}
template <class A, Is<ChangeIntent> V> void fields(A &a, V &v)
{
    a("id", v.id), a("change", v.change), a("reason", v.reason), a("by", v.by);
}
template <class A, Is<CancelIntent> V> void fields(A &a, V &v)
{
    a("id", v.id), a("instrument", v.instrument), a("order", v.order), a("by", v.by);
}
template <class A, Is<CancelAllIntent> V> void fields(A &a, V &v)
{
    a("id", v.id), a("account", v.account), a("instrument", v.instrument), a("by", v.by);
}
template <class A, Is<FlattenIntent> V> void fields(A &a, V &v)
{
    a("account", v.account), a("instrument", v.instrument), a("side", v.side), a("lock", v.lock), a("by", v.by);
}
template <class A, Is<LockoutRelease> V> void fields(A &a, V &v) { a("lockout", v.lockout), a("by", v.by); }
template <class A, Is<ClockReport> V> void fields(A &a, V &v) { a("account", v.account), a("offset", v.offset); }
template <class A, Is<TimerTick> V> void fields(A &, V &) {}

template <class A, Is<RaiseAlert> V> void fields(A &a, V &v)
{
    a("severity", v.severity), a("code", v.code), a("instrument", v.instrument), a("decisionId", v.decisionId);
    a("text", v.text);
}
template <class A, Is<Verdict::Target> V> void fields(A &a, V &v)
{
    a("decisionId", v.decisionId), a("instrument", v.instrument), a("side", v.side), a("direction", v.direction);
    a("quantity", v.quantity), a("closing", v.closing), a("entryPrice", v.entryPrice);
}
template <class A, Is<Verdict> V> void fields(A &a, V &v)
{
    a("decisionId", v.decisionId), a("subject", v.subject), a("tier", v.tier), a("action", v.action);
    a("fireNumber", v.fireNumber), a("arming", v.arming), a("acts", v.acts), a("escalated", v.escalated);
    a("reading", v.reading), a("trigger", v.trigger), a("mark", v.mark), a("markTime", v.markTime);
    a("targets", v.targets), a("text", v.text);
}
template <class A, Is<SendOrder> V> void fields(A &a, V &v)
{
    a("decisionId", v.decisionId), a("order", v.order.request());
}
template <class A, Is<CancelOrder> V> void fields(A &a, V &v)
{
    a("decisionId", v.decisionId), a("instrument", v.instrument), a("order", v.order);
}
template <class A, Is<QueryOrder> V> void fields(A &a, V &v)
{
    a("instrument", v.instrument), a("order", v.order);
}
template <class A, Is<QueryPositions> V> void fields(A &a, V &v) { a("account", v.account); }
template <class A, Is<ChangeOrder> V> void fields(A &a, V &v) { a("change", v.change.request()); }
template <class A, Is<CancelAllOrders> V> void fields(A &a, V &v)
{
    a("decisionId", v.decisionId), a("account", v.account), a("instrument", v.instrument);
}
template <class A, Is<SetDeadMan> V> void fields(A &a, V &v)
{
    a("account", v.account), a("instrument", v.instrument), a("after", v.after);
}
template <class A, Is<IntentReason> V> void fields(A &a, V &v)
{
    a("code", v.code), a("got", v.got), a("limit", v.limit), a("until", v.until), a("text", v.text);
}
template <class A, Is<IntentAccepted> V> void fields(A &a, V &v)
{
    a("intent", v.intent), a("order", v.order), a("advice", v.advice);
}
template <class A, Is<IntentRefused> V> void fields(A &a, V &v) { a("intent", v.intent), a("reasons", v.reasons); }
template <class A, Is<LockoutRecord> V> void fields(A &a, V &v) { a("lockout", v.lockout), a("ended", v.ended); }
template <class A, Is<FindingRecord> V> void fields(A &a, V &v) { a("account", v.account), a("finding", v.finding); }
template <class A, Is<PlanRecord> V> void fields(A &a, V &v) { a("plan", v.plan); }
template <class A, Is<CoverRecord> V> void fields(A &a, V &v)
{
    a("account", v.account), a("day", v.day), a("nakedNotionalSeconds", v.nakedNotionalSeconds);
}
template <class A, Is<ActionVerified> V> void fields(A &a, V &v)
{
    a("decisionId", v.decisionId), a("instrument", v.instrument), a("took", v.took), a("closed", v.closed);
    a("averagePrice", v.averagePrice), a("attempts", v.attempts), a("byQueryAt", v.byQueryAt);
    a("byStreamAt", v.byStreamAt);
}

// The name of each alternative; the order is the variant's.
inline constexpr std::array<std::string_view, 32> kInputNames{
    "instrument",   "limits",      "arming",    "mark",         "freshness",          "positions",  "account",
    "order",        "fill",        "outcome",   "absent",       "reconciled",         "reconciliationLost",
    "difference",   "flatten",     "timer",     "transfer",           "funding",    "estimate",
    "depth",        "correlation", "history",   "capabilities", "orderIntent",        "changeIntent",
    "cancelIntent", "cancelAllIntent", "release", "deadMan", "fees", "clock", "venueHistory"};
static_assert(std::variant_size_v<GuardInput> == kInputNames.size());
inline constexpr std::array<std::string_view, 16> kOutputNames{
    "alert",     "verdict",    "send",     "cancel",   "queryOrder", "queryPositions", "verified",
    "change",    "cancelAll",  "deadMan",  "accepted", "refused",    "lockout",        "cover",
    "finding",   "plan"};
static_assert(std::variant_size_v<GuardOutput> == kOutputNames.size());

} // namespace core::orders::codec
