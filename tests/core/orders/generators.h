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

inline risk::RiskConfig config()
{
    risk::RiskConfig c = risk::defaultRiskConfig();
    c.schema = *rc::gen::arbitrary<int>();
    c.positionLoss.enabled = coin();
    c.positionLoss.tiers.resize(static_cast<std::size_t>(*rc::gen::inRange(0, 4)));
    for (auto &tier : c.positionLoss.tiers) {
        tier.id = anyText(5);
        tier.trigger = fixed<Ratio>();
        tier.action = oneOf<risk::LossAction>(3);
        tier.firesMax = *rc::gen::arbitrary<int>();
    }
    c.markStaleAfter = Duration{raw()};
    c.closeSlippageFirst = fixed<Ratio>();
    return c;
}

inline GuardInput input(std::size_t kind)
{
    switch (kind) {
    case 0: return InstrumentReport{instrument()};
    case 1: return ConfigChange{config()};
    case 2: return ArmingChange{oneOf<risk::Arming>(3), anyText(9)};
    case 3: return MarkTick{key(), fixed<Price>(), time()};
    case 4: return FreshnessReport{maybe(key()), oneOf<Freshness>(7)};
    case 5: {
        PositionsReport report;
        const int count = *rc::gen::inRange(0, 4);
        for (int i = 0; i < count; ++i)
            report.positions.push_back(position());
        report.source = oneOf<Source>(2);
        report.complete = coin();
        return report;
    }
    case 6:
        return AccountReport{{anyShort<AccountId>(), anyShort<Asset>(), fixed<Money>(), fixed<Money>(),
                              fixed<Money>(), fixed<Money>(), fixed<Money>(), fixed<Money>(), time(),
                              time()}};
    case 7: return OrderReport{order(), oneOf<Source>(2)};
    case 8: return FillReport{fill(), oneOf<Source>(2)};
    case 9:
        return OutcomeReport{anyShort<ClientOrderId>(), oneOf<RequestOutcome>(3), oneOf<ErrorCode>(15),
                             anyText(20)};
    case 10: return OrderAbsentReport{anyShort<ClientOrderId>()};
    case 11: return ReconciledReport{};
    case 12: return ReconciliationLostReport{};
    case 13: return DifferenceReport{{oneOf<Difference::What>(6), maybe(key()), anyText(9), anyText(9), anyText(9)}};
    case 14: return FlattenIntent{maybe(key()), anyText(9)};
    default: return TimerTick{};
    }
}

inline GuardInputRecord record()
{
    const auto kind = *rc::gen::inRange<std::size_t>(0, std::variant_size_v<GuardInput>);
    return {time(), input(kind)};
}
} // namespace tests::gen
