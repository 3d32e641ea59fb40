#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/orders/backstop.h"

namespace core::orders
{

/// One stop order at the venue, ours or a person's, as far as we know it.
struct RestingStop {
    /// Refused, Absent: not live as far as the venue said; a later word that it rests revives it. Done is for
    /// good.
    enum class Stage { Sent, Unknown, Resting, Triggered, Refused, Absent, Done };
    Stage stage{Stage::Sent};
    bool isOurs{false};
    bool isStale{false}; ///< to be cancelled as soon as others cover the position
    bool hasRested{false};
    bool isUnderstood{true}; ///< its words (side, size, trigger) are those that we sent
    Side side{Side::Sell};
    OrderType type{OrderType::StopMarket};
    bool reduces{true};
    Quantity quantity; ///< 0: the whole position
    Quantity filled;
    std::optional<Price> trigger;
    UtcTime sentAt;
    std::optional<UtcTime> askedAt;
    std::optional<UtcTime> cancelAt;
    std::optional<UtcTime> triggeredAt;
    bool isDoubted{false}; ///< nobody has seen it for so long that its place is filled by another one

    [[nodiscard]] bool isLive() const { return stage <= Stage::Triggered; }
    [[nodiscard]] bool isPending() const { return stage == Stage::Sent || stage == Stage::Unknown; }
    [[nodiscard]] Quantity left() const { return Quantity::fromRaw(quantity.raw() - filled.raw()); }
};

/// What the venue demands of one stop order.
struct StopRules {
    Quantity step;
    Quantity least;
    Quantity most; ///< 0: no limit
    Money notionalLeast;
};

/// One position with its stops: the values, and what can be read from them. The keeper moves it.
struct StopSlot {
    risk::PositionKey key;
    // what is open
    risk::Life life;
    StopRules rules;
    Quantity open;
    Price mark;
    std::optional<Price> liquidation;
    bool isFlatVerified{false};
    // where its stops belong
    std::optional<BackstopPrice> price;
    std::optional<Price> pinned;                ///< the trigger of the stops that are not stale
    std::map<ClientOrderId, RestingStop> stops; ///< live
    std::map<ClientOrderId, RestingStop> ended; ///< late news must not be taken for a new stop
    // pace
    UtcTime pinnedAt;
    UtcTime notBefore;
    int refusals{0};
    bool cancelsFirst{false}; ///< the venue has refused one more
    int freed{0};             ///< places won by cancelling first
    // fills of our stops that the position has not followed yet; negative: it was ahead of them
    std::int64_t unfollowed{0};
    UtcTime followedAt;
    // naked and closing
    Money naked;
    std::optional<UtcTime> nakedSince;
    std::string closeWhy;
    UtcTime closeAgainAt;
    bool saysUnbounded{false};
    bool isRestless{true}; ///< time alone may ask for something; `drive` looks at no other

    [[nodiscard]] bool isLong() const { return life.direction == Direction::Long; }
    [[nodiscard]] Side closingSide() const { return isLong() ? Side::Sell : Side::Buy; }
    /// `a` triggers no later than `b`.
    [[nodiscard]] bool isAsTight(Price a, Price b) const { return isLong() ? a >= b : a <= b; }
    [[nodiscard]] bool isPriced() const { return price && !price->atMark; }

    /// Rests, is not being cancelled, and would close units of this position.
    [[nodiscard]] bool covers(const RestingStop &stop) const;
    /// Units of `stop` within the position.
    [[nodiscard]] Quantity unitsOf(const RestingStop &stop) const;
    /// A fill (+) or a smaller position (−): the two tell of the same units, in either order.
    void follow(UtcTime now, std::int64_t units);
    /// Open units that the position has not lost by fills that we know of.
    [[nodiscard]] Quantity expected(UtcTime now) const;
    [[nodiscard]] Quantity covered() const;
    /// Σ of people's stops that trigger no later than ours would.
    [[nodiscard]] Quantity coveredByOthers() const;
    /// Σ of ours that are to stay: resting, sent, or triggered and not filled.
    [[nodiscard]] Quantity kept(bool restingOnly) const;
    [[nodiscard]] bool hasPending() const;
    /// One of ours works as an order now: what it leaves open is known when it has ended.
    [[nodiscard]] bool hasFired() const;
    [[nodiscard]] bool hasLiveOfOurs() const;
    [[nodiscard]] bool hasStale() const;
    [[nodiscard]] bool isCancelling() const;
    [[nodiscard]] std::optional<Price> firstTrigger() const;
    [[nodiscard]] std::string state(bool enabled) const;

private:
    template <class Test> [[nodiscard]] bool anyLive(Test test) const
    {
        return std::any_of(stops.begin(), stops.end(), [&](const auto &entry) { return test(entry.second); });
    }
};

/// "ebs-", the life's hash, the number. design.md section 5: deterministic, so a retry cannot double an
/// order.
[[nodiscard]] ClientOrderId stopId(const risk::Life &life, std::uint64_t number);
/// The number of an id of that form; absent: not ours. Numbers are times: one that is a day ahead of `now` or
/// 400 days old is somebody else's (on Hyperliquid a foreign id of 128 random bits could look like one).
[[nodiscard]] std::optional<std::uint64_t> stopNumber(const ClientOrderId &id, UtcTime now);

/// What a refusal means for a stop, from the venue's words. Sources: reference/binance-usdm.md section 8,
/// reference/hyperliquid.md sections 3 and 8.
enum class StopRefusal { WouldTrigger, TooMany, Other };
[[nodiscard]] StopRefusal stopRefusal(std::string_view detail);

} // namespace core::orders
