#include "core/orders/backstop_slot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/orders/fnv.h"

namespace core::orders
{

namespace
{
using Stage = RestingStop::Stage;
constexpr std::string_view kPrefix = "ebs-";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr unsigned kLifeDigits = 16;
constexpr unsigned kNumberDigits = 12;
/// A position follows the fill of its stop within this, or the position is believed.
constexpr Duration kFollowsWithin = std::chrono::seconds{2};

void appendHex(std::string &out, std::uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i > 0; --i)
        out.push_back(kHex[static_cast<std::size_t>((value >> (4U * (i - 1U))) & 15U)]);
}

Quantity sum(Quantity a, Quantity b)
{
    return add(a, b).value_or(Quantity::fromRaw(std::numeric_limits<std::int64_t>::max()));
}
} // namespace

bool StopSlot::covers(const RestingStop &stop) const
{
    if (stop.stage != Stage::Resting || stop.cancelAt || !stop.reduces || stop.side != closingSide() ||
        stop.type != OrderType::StopMarket || !stop.trigger)
        return false;
    // Behind the liquidation price it protects nothing. (Of a hedge leg that price may lie on the other
    // side.)
    const bool beyond = liquidation && liquidation->isPositive() &&
                        (isLong() ? *stop.trigger <= *liquidation && *liquidation < mark
                                  : *stop.trigger >= *liquidation && *liquidation > mark);
    return !beyond;
}

Quantity StopSlot::unitsOf(const RestingStop &stop) const
{
    return stop.quantity.isZero() ? open : std::min(open, stop.left());
}

void StopSlot::follow(UtcTime now, std::int64_t units)
{
    if (now - followedAt >= kFollowsWithin)
        unfollowed = 0;
    unfollowed += units;
    followedAt = now;
}

Quantity StopSlot::expected(UtcTime now) const
{
    if (unfollowed <= 0 || now - followedAt >= kFollowsWithin)
        return open;
    return Quantity::fromRaw(std::max<std::int64_t>(0, open.raw() - unfollowed));
}

Quantity StopSlot::covered() const
{
    Quantity units;
    for (const auto &[id, stop] : stops)
        if (covers(stop))
            units = sum(units, unitsOf(stop));
    return std::min(units, open);
}

Quantity StopSlot::coveredByOthers() const
{
    Quantity units;
    for (const auto &[id, stop] : stops)
        if (!stop.isOurs && covers(stop) && pinned && isAsTight(*stop.trigger, *pinned))
            units = sum(units, unitsOf(stop));
    return std::min(units, open);
}

Quantity StopSlot::kept(bool restingOnly) const
{
    Quantity units;
    for (const auto &[id, stop] : stops) {
        const bool lost = stop.isPending() && stop.isDoubted;
        const bool counts = restingOnly ? covers(stop) : !stop.cancelAt && !lost && stop.side == closingSide();
        if (stop.isOurs && !stop.isStale && counts)
            units = sum(units, stop.left());
    }
    return units;
}

bool StopSlot::hasPending() const
{
    return anyLive([](const RestingStop &stop) { return stop.isOurs && stop.isPending() && !stop.isDoubted; });
}

bool StopSlot::hasFired() const
{
    return anyLive([](const RestingStop &stop) { return stop.isOurs && stop.stage == Stage::Triggered; });
}

bool StopSlot::hasLiveOfOurs() const
{
    return anyLive([](const RestingStop &stop) { return stop.isOurs; });
}

bool StopSlot::hasStale() const
{
    return anyLive([](const RestingStop &stop) { return stop.isStale; });
}

bool StopSlot::isCancelling() const
{
    return anyLive([](const RestingStop &stop) { return stop.cancelAt.has_value(); });
}

std::optional<Price> StopSlot::firstTrigger() const
{
    std::optional<Price> first;
    for (const auto &[id, stop] : stops)
        if (covers(stop) && (!first || isAsTight(*stop.trigger, *first)))
            first = stop.trigger;
    return first;
}

std::string StopSlot::state(bool enabled) const
{
    if (!closeWhy.empty())
        return "closing";
    if (covered() >= open)
        return hasPending() || hasStale() ? "replacing" : "covered";
    const auto has = [&](Stage stage) {
        return anyLive([stage](const RestingStop &stop) { return stop.isOurs && stop.stage == stage; });
    };
    if (has(Stage::Unknown))
        return "unknown";
    if (has(Stage::Sent))
        return "placing";
    return enabled ? "naked" : "off";
}

ClientOrderId stopId(const risk::Life &life, std::uint64_t number)
{
    Fnv hash;
    hash.add(name(life.position.instrument.venue));
    hash.add(life.position.instrument.symbol.view());
    hash.add(name(life.position.side));
    hash.add(name(life.direction));
    hash.add(toNanoseconds(life.openedAt));
    std::string text(kPrefix);
    appendHex(text, static_cast<std::uint64_t>(hash.value() >> 64U), kLifeDigits);
    appendHex(text, number, kNumberDigits);
    return ClientOrderId::from(text).value_or(ClientOrderId{});
}

std::optional<std::uint64_t> stopNumber(const ClientOrderId &id, UtcTime now)
{
    const std::string_view text = id.view();
    if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kLifeDigits + kNumberDigits ||
        text.find_first_not_of(kHex, kPrefix.size()) != std::string_view::npos)
        return std::nullopt;
    std::uint64_t number = 0;
    std::from_chars(text.data() + kPrefix.size() + kLifeDigits, text.data() + text.size(), number, 16);
    const auto at = static_cast<std::int64_t>(number);
    const bool isTime = at <= toMilliseconds(now + std::chrono::days{1}) &&
                        at >= toMilliseconds(now - std::chrono::days{400});
    return isTime ? std::optional(number) : std::nullopt;
}

StopRefusal stopRefusal(std::string_view detail)
{
    constexpr std::array<std::string_view, 7> kWouldTrigger{"code -2021",
                                                            "code -4142",
                                                            "immediately trigger",
                                                            "Invalid TP/SL price",
                                                            "badTriggerPx",
                                                            "must be below the mark",
                                                            "must be above the mark"};
    constexpr std::array<std::string_view, 5> kTooMany{"code -4045", "code -2025", "code -4118",
                                                       "max stop order", "tooManyOpenOrders"};
    const auto holds = [&](std::string_view word) { return detail.find(word) != std::string_view::npos; };
    if (std::any_of(kWouldTrigger.begin(), kWouldTrigger.end(), holds))
        return StopRefusal::WouldTrigger;
    return std::any_of(kTooMany.begin(), kTooMany.end(), holds) ? StopRefusal::TooMany : StopRefusal::Other;
}

} // namespace core::orders
