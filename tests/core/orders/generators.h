#pragma once

#include <rapidcheck.h>

#include "core/orders/guard_io.h"

/// Generators of every guard input; raw values over the whole range, text with quotes, control bytes and
/// UTF-8.
namespace tests::gen
{
using namespace core;
using namespace core::orders;

inline std::int64_t raw() { return *rc::gen::arbitrary<std::int64_t>(); }
inline bool coin() { return *rc::gen::arbitrary<bool>(); }
inline UtcTime time() { return utcFromNanoseconds(raw()); }

template <class E> E oneOf(int count) { return static_cast<E>(*rc::gen::inRange(0, count)); }
template <class T> T fixed() { return T::fromRaw(raw()); }
template <class T> std::optional<T> maybe(T value) { return coin() ? std::optional<T>(value) : std::nullopt; }

inline std::string anyText(int pieces)
{
    static const std::vector<std::string> kPieces{"a", "Z",   "9", " ", "\"",    "\\",   "\n", "\x01",
                                                  "é", "₿", "𝛑", "/", "u0041", "\x7f", ":"};
    std::string out;
    const int count = *rc::gen::inRange(0, pieces);
    for (int i = 0; i < count; ++i)
        out += kPieces[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(kPieces.size())))];
    return out;
}
template <class Short> Short anyShort()
{
    std::string out = anyText(6);
    return *Short::from(out);
}
inline InstrumentKey key() { return {oneOf<Venue>(2), anyShort<Symbol>()}; }

inline Venue venue() { return oneOf<Venue>(2); }
template <class Make> auto some(int most, Make make)
{
    std::vector<decltype(make())> values;
    const int count = *rc::gen::inRange(0, most);
    for (int i = 0; i < count; ++i)
        values.push_back(make());
    return values;
}

inline Position position()
{
    Position p;
    p.instrument = key();
    p.positionSide = oneOf<PositionSide>(3);
    p.direction = oneOf<Direction>(2);
    p.quantity = fixed<Quantity>();
    p.entryPrice = fixed<Price>();
    p.markPrice = maybe(fixed<Price>());
    p.unrealizedPnl = maybe(fixed<Money>());
    p.liquidationPrice = maybe(fixed<Price>());
    p.leverage = maybe(*rc::gen::arbitrary<int>());
    p.marginMode = maybe(oneOf<MarginMode>(2));
    p.initialMargin = maybe(fixed<Money>());
    p.maintenanceMargin = maybe(fixed<Money>());
    p.venueTime = time();
    p.receivedAt = time();
    return p;
}

inline Instrument instrument()
{
    Instrument i;
    i.key = key();
    i.base = anyShort<Asset>();
    i.quote = anyShort<Asset>();
    i.tickSize = fixed<Price>();
    i.priceMax = fixed<Price>();
    i.stepSize = fixed<Quantity>();
    i.quantityMax = fixed<Quantity>();
    i.marketStepSize = fixed<Quantity>();
    i.marketQuantityMax = fixed<Quantity>();
    i.notionalMin = fixed<Money>();
    i.priceUp = fixed<Ratio>();
    i.trading = coin();
    const int tiers = *rc::gen::inRange(0, 3);
    for (int k = 0; k < tiers; ++k)
        i.marginTiers.push_back(
            {fixed<Money>(), fixed<Money>(), fixed<Ratio>(), fixed<Money>(), *rc::gen::arbitrary<int>()});
    return i;
}

inline OrderUpdate order()
{
    OrderUpdate o;
    o.instrument = key();
    o.clientOrderId = anyShort<ClientOrderId>();
    o.venueOrderId = {raw()};
    o.side = oneOf<Side>(2);
    o.positionSide = oneOf<PositionSide>(3);
    o.type = oneOf<OrderType>(7);
    o.status = oneOf<OrderStatus>(9);
    o.quantity = fixed<Quantity>();
    o.filled = fixed<Quantity>();
    o.averagePrice = maybe(fixed<Price>());
    o.limitPrice = maybe(fixed<Price>());
    o.reduceOnly = oneOf<ReduceOnly>(2);
    o.triggerPrice = maybe(fixed<Price>());
    o.reason = anyText(20);
    o.venueTime = time();
    o.receivedAt = time();
    return o;
}

inline Fill fill()
{
    Fill f;
    f.instrument = key();
    f.tradeId = raw();
    f.venueOrderId = {raw()};
    f.clientOrderId = anyShort<ClientOrderId>();
    f.side = oneOf<Side>(2);
    f.positionSide = oneOf<PositionSide>(3);
    f.price = fixed<Price>();
    f.quantity = fixed<Quantity>();
    f.fee = fixed<Money>();
    f.feeAsset = anyShort<Asset>();
    f.realizedPnl = fixed<Money>();
    f.maker = coin();
    f.venueTime = time();
    f.receivedAt = time();
    return f;
}

inline risk::Breaker breaker()
{
    risk::Breaker b;
    b.kind = oneOf<risk::BreakerKind>(static_cast<int>(risk::kBreakerKinds));
    b.scope = oneOf<risk::Scope>(4);
    b.enabled = coin();
    b.tiers = some(3, [] {
        return risk::Tier{anyText(5),     fixed<Ratio>(), fixed<Ratio>(),
                          oneOf<risk::TierAction>(5), fixed<Ratio>(), *rc::gen::arbitrary<int>(),
                          Duration{raw()}, maybe(Duration{raw()})};
    });
    b.atrMultiple = maybe(fixed<Ratio>());
    b.distance = maybe(fixed<Ratio>());
    b.activation = maybe(fixed<Ratio>());
    return b;
}
inline risk::Limits limits()
{
    risk::Limits l;
    l.schema = *rc::gen::arbitrary<int>();
    l.breakers = some(4, breaker);
    l.behaviour.ladderFactor = fixed<Ratio>();
    l.behaviour.tilt = oneOf<risk::Enforcement>(3);
    l.behaviour.revengeWindow = Duration{raw()};
    l.sizing.riskPerTrade = fixed<Ratio>();
    l.sizing.liquidityHourShare = fixed<Ratio>();
    l.backstop.enabled = coin();
    l.backstop.deadMan = maybe(Duration{raw()});
    l.gate.orderNotionalMax = fixed<Ratio>();
    l.gate.ordersPerMinute = *rc::gen::arbitrary<int>();
    l.closeSlippageFirst = fixed<Ratio>();
    l.coolingOffCap = Duration{raw()};
    return l;
}
inline Transfer transfer()
{
    return {venue(), anyText(9), anyText(9), fixed<Money>(), anyShort<Asset>(), time()};
}
inline FundingPayment funding() { return {key(), fixed<Money>(), anyShort<Asset>(), maybe(fixed<Ratio>()), time()}; }
inline risk::Estimate estimate()
{
    const auto share = [] { return maybe(fixed<Ratio>()); };
    return {key(), share(), share(), share(), share(), maybe(fixed<Money>()), time()};
}
inline risk::Depth depth()
{
    return {key(), fixed<Price>(),
            some(4, [] { return risk::Depth::Step{fixed<Ratio>(), fixed<Quantity>(), fixed<Quantity>()}; }), coin(),
            time()};
}
inline risk::Correlation correlation() { return {some(4, key), some(5, [] { return fixed<Ratio>(); }), time()}; }
inline risk::Trip trip()
{
    return {{key(), oneOf<PositionSide>(3)}, oneOf<Direction>(2),  time(), time(),
            fixed<Money>(),                  fixed<Money>(),       fixed<Money>(),
            maybe(fixed<Money>()),           maybe(*rc::gen::arbitrary<int>()), coin()};
}
inline risk::Lockout lockout()
{
    return {anyText(9), oneOf<risk::Scope>(4), maybe(venue()), maybe(key()), anyText(9), time(), time(), coin()};
}
inline risk::Finding finding()
{
    // Severities are kept to eight places.
    const double severity = static_cast<double>(*rc::gen::inRange<std::int64_t>(0, 100'000'001)) / 1e8;
    return {oneOf<risk::Finding::What>(6), severity, time(), anyText(20)};
}
inline risk::TradePlan plan()
{
    return {{key(), oneOf<PositionSide>(3)},          anyShort<ClientOrderId>(), maybe(fixed<Money>()),
            maybe(*rc::gen::arbitrary<int>()), anyText(9),                time()};
}
inline risk::History history()
{
    return {venue(),
            some(3, [] { return risk::EquitySample{venue(), time(), fixed<Money>()}; }),
            some(3, trip),
            some(3, transfer),
            some(3, funding),
            some(3, lockout),
            maybe(fixed<Ratio>()),
            maybe(fixed<Ratio>()),
            some(3, [] {
                return risk::LifeMemory{{key(), oneOf<PositionSide>(3)}, oneOf<Direction>(2), time(), fixed<Price>(),
                                        maybe(fixed<Price>()),           coin()};
            }),
            some(3, [] {
                return risk::TierMemory{anyText(9), anyText(5), time(), *rc::gen::arbitrary<int>(), coin(), coin()};
            }),
            some(3, finding),
            some(3, plan),
            some(3, [] {
                return risk::Opening{{key(), oneOf<PositionSide>(3)}, oneOf<Direction>(2), time(), coin(), time()};
            }),
            some(3, lockout)};
}
inline OrderRequest request()
{
    OrderRequest r;
    r.instrument = key();
    r.clientOrderId = anyShort<ClientOrderId>();
    r.side = oneOf<Side>(2);
    r.positionSide = oneOf<PositionSide>(3);
    r.type = oneOf<OrderType>(7);
    r.timeInForce = oneOf<TimeInForce>(5);
    r.quantity = fixed<Quantity>();
    r.limitPrice = maybe(fixed<Price>());
    r.reduceOnly = oneOf<ReduceOnly>(2);
    r.triggerPrice = maybe(fixed<Price>());
    r.triggerBy = oneOf<TriggerSource>(2);
    r.callbackRate = maybe(fixed<Ratio>());
    r.activationPrice = maybe(fixed<Price>());
    r.goodTill = maybe(time());
    return r;
}

inline GuardInput input(std::size_t kind)
{
    switch (kind) {
    case 0: return InstrumentReport{instrument()};
    case 1: return LimitsChange{maybe(venue()), limits()};
    case 2: return ArmingChange{maybe(venue()), oneOf<risk::Arming>(3), anyText(9)};
    case 3: return MarkTick{key(), fixed<Price>(), time()};
    case 4: return FreshnessReport{venue(), maybe(key()), oneOf<Freshness>(7)};
    case 5: {
        PositionsReport report;
        report.account = venue();
        const int count = *rc::gen::inRange(0, 4);
        for (int i = 0; i < count; ++i)
            report.positions.push_back(position());
        report.source = oneOf<Source>(2);
        report.complete = coin();
        return report;
    }
    case 6:
        return AccountReport{venue(),
                             {anyShort<AccountId>(), anyShort<Asset>(), fixed<Money>(), fixed<Money>(),
                              fixed<Money>(), fixed<Money>(), fixed<Money>(), fixed<Money>(), time(),
                              time()}};
    case 7: return OrderReport{order(), oneOf<Source>(2)};
    case 8: return FillReport{fill(), oneOf<Source>(2)};
    case 9:
        return OutcomeReport{anyShort<ClientOrderId>(), oneOf<RequestOutcome>(3), oneOf<ErrorCode>(15),
                             anyText(20)};
    case 10: return OrderAbsentReport{anyShort<ClientOrderId>()};
    case 11: return ReconciledReport{venue()};
    case 12: return ReconciliationLostReport{venue()};
    case 13: return DifferenceReport{{oneOf<Difference::What>(6), maybe(key()), anyText(9), anyText(9), anyText(9)}};
    case 14:
        return FlattenIntent{maybe(venue()), maybe(key()), maybe(oneOf<PositionSide>(3)), coin(), anyText(9)};
    case 15: return TimerTick{};
    case 16: return TransferReport{transfer()};
    case 17: return FundingReport{funding()};
    case 18: return EstimateReport{estimate()};
    case 19: return DepthReport{depth()};
    case 20: return CorrelationReport{correlation()};
    case 21: return HistoryReport{history()};
    case 22: return CapabilitiesReport{venue(), coin(), coin(), coin(), coin(), coin(), coin()};
    case 23:
        return OrderIntent{anyText(9),           request(),  maybe(fixed<Money>()), anyText(9),
                           anyText(20), anyText(9), maybe(fixed<Price>())};
    case 24:
        return ChangeIntent{anyText(9), {key(), anyShort<ClientOrderId>(), fixed<Quantity>(), fixed<Price>()},
                            anyText(9), anyText(9)};
    case 25: return CancelIntent{anyText(9), key(), anyShort<ClientOrderId>(), anyText(9)};
    case 26: return CancelAllIntent{anyText(9), maybe(venue()), maybe(key()), anyText(9)};
    case 27: return LockoutRelease{anyText(20), anyText(9)};
    case 28:
        return DeadManReport{venue(), maybe(key()), maybe(Duration{raw()}), oneOf<RequestOutcome>(3), oneOf<ErrorCode>(15),
                             anyText(20)};
    case 29: return FeesReport{key(), {fixed<Ratio>(), fixed<Ratio>()}};
    case 30: return ClockReport{venue(), Duration{raw()}};
    case 31: return VenueHistoryReport{venue(), coin(), anyText(20)};
    default: return TimerTick{};
    }
}

inline GuardInputRecord record()
{
    const auto kind = *rc::gen::inRange<std::size_t>(0, std::variant_size_v<GuardInput>);
    return {time(), input(kind)};
}
} // namespace tests::gen
