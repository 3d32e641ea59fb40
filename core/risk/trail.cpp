#include "core/risk/trail.h"

#include "core/risk/position_math.h"
#include "core/risk/wide.h"

namespace core::risk
{

namespace
{
Wide signedGap(Direction direction, Price from, Price to)
{
    return sign(direction) * (static_cast<Wide>(to.raw()) - from.raw());
}
/// Towards the mark, so that a stop never lies further than it was asked for.
Price floored(Wide a, Wide b)
{
    return Price::fromRaw(saturated(mulDivWide(a, b, kWideOne, Rounding::Floor)));
}
} // namespace

void followBest(Trail &trail, Direction direction, Price entry, Price mark)
{
    if (trail.best.isZero())
        trail.best = entry;
    if (signedGap(direction, trail.best, mark) > 0)
        trail.best = mark;
}

std::optional<TrailDistance> trailDistance(const Breaker &breaker, Price entry, Price best,
                                           std::optional<Price> atr)
{
    const Ratio activation = breaker.activation.value_or(Ratio{});
    if (breaker.distance)
        return TrailDistance{floored(best.raw(), breaker.distance->raw()),
                             floored(entry.raw(), activation.raw())};
    if (!breaker.atrMultiple || !atr)
        return std::nullopt;
    return TrailDistance{floored(atr->raw(), breaker.atrMultiple->raw()),
                         floored(atr->raw(), activation.raw())};
}

void ratchet(Trail &trail, Direction direction, Price entry, const std::optional<TrailDistance> &distance)
{
    if (!distance)
        return;
    if (!trail.stop && signedGap(direction, entry, trail.best) < distance->activation.raw())
        return;
    const Price candidate = Price::fromRaw(
        saturated(static_cast<Wide>(trail.best.raw()) - sign(direction) * static_cast<Wide>(distance->distance.raw())));
    if (!trail.stop || signedGap(direction, *trail.stop, candidate) > 0)
        trail.stop = candidate;
}

std::optional<Ratio> trailReading(const Trail &trail, Direction direction, Price mark)
{
    if (!trail.stop)
        return std::nullopt;
    const Wide wayBack = signedGap(direction, mark, trail.best);
    const Wide distance = signedGap(direction, *trail.stop, trail.best);
    if (distance <= 0)
        return Ratio::fromRaw(kDecimalOne);
    // Floor: exactly at the stop it is exactly 1, one tick before it is less.
    return ratioOfWide(wayBack, distance, Rounding::Floor);
}

std::optional<Ratio> giveback(const Trail &trail, Direction direction, Price entry, Price mark)
{
    const Wide best = signedGap(direction, entry, trail.best);
    if (best <= 0)
        return std::nullopt;
    return ratioOfWide(signedGap(direction, mark, trail.best), best, Rounding::Ceil);
}

} // namespace core::risk
