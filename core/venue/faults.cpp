#include "core/venue/faults.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/venue/scenario_random.h"

namespace core::venue
{

namespace
{
struct KindRow {
    FaultKind kind;
    std::string_view name;
    FaultFamily family;
};
constexpr FaultFamily kRequest = FaultFamily::Request;
constexpr FaultFamily kFrame = FaultFamily::Frame;
constexpr std::array kKinds{
    KindRow{FaultKind::Delay, "delay", kRequest},
    KindRow{FaultKind::LoseRequest, "lose-request", kRequest},
    KindRow{FaultKind::LoseReply, "lose-reply", kRequest},
    KindRow{FaultKind::CutReply, "cut-reply", kRequest},
    KindRow{FaultKind::NoReply, "no-reply", kRequest},
    KindRow{FaultKind::Limited, "limited", kRequest},
    KindRow{FaultKind::Banned, "banned", kRequest},
    KindRow{FaultKind::Forbidden, "forbidden", kRequest},
    KindRow{FaultKind::BadGateway, "bad-gateway", kRequest},
    KindRow{FaultKind::UnknownExecuted, "unknown-executed", kRequest},
    KindRow{FaultKind::UnknownNotExecuted, "unknown-not-executed", kRequest},
    KindRow{FaultKind::Unavailable, "unavailable", kRequest},
    KindRow{FaultKind::Throttled, "throttled", kRequest},
    KindRow{FaultKind::StaleTimestamp, "stale-timestamp", kRequest},
    KindRow{FaultKind::ConditionalRefused, "conditional-refused", kRequest},
    KindRow{FaultKind::Maintenance, "maintenance", kRequest},
    KindRow{FaultKind::ExpiredAction, "expired-action", kRequest},
    KindRow{FaultKind::BudgetExhausted, "budget-exhausted", kRequest},
    KindRow{FaultKind::DropFrames, "drop-frames", kFrame},
    KindRow{FaultKind::DelayFrames, "delay-frames", kFrame},
    KindRow{FaultKind::DuplicateFrames, "duplicate-frames", kFrame},
    KindRow{FaultKind::ReorderFrames, "reorder-frames", kFrame},
    KindRow{FaultKind::CutFrame, "cut-frame", kFrame},
    KindRow{FaultKind::HalfOpen, "half-open", kFrame},
    KindRow{FaultKind::SlowFrames, "slow-frames", kFrame},
    KindRow{FaultKind::ListenKeyEnds, "listen-key-ends", FaultFamily::Venue},
    KindRow{FaultKind::PostOnlyWindow, "post-only-window", FaultFamily::Venue},
    KindRow{FaultKind::Halted, "halted", FaultFamily::Venue},
    KindRow{FaultKind::TriggerRejected, "trigger-rejected", FaultFamily::Venue},
    KindRow{FaultKind::PartialFills, "partial-fills", FaultFamily::Venue},
    KindRow{FaultKind::Liquidation, "liquidation", FaultFamily::Venue},
    KindRow{FaultKind::Deleveraging, "deleveraging", FaultFamily::Venue},
    KindRow{FaultKind::ClockSkew, "clock-skew", FaultFamily::Venue},
};
constexpr std::array<std::string_view, 7> kChannels{"any", "rest", "order", "public", "market", "private", "ws"};

[[nodiscard]] const KindRow &rowOf(FaultKind kind)
{
    return *std::find_if(kKinds.begin(), kKinds.end(), [kind](const KindRow &row) { return row.kind == kind; });
}

[[nodiscard]] tl::unexpected<Error> bad(std::size_t index, std::string_view what)
{
    return fail(ErrorCode::InvalidArgument, fmt::format("rules[{}].{}", index, what));
}

[[nodiscard]] Result<void> checkChannel(const FaultRule &rule, std::size_t index)
{
    const bool isRequestChannel = rule.channel == FaultChannel::Rest || rule.channel == FaultChannel::Order;
    const FaultFamily family = familyOf(rule.kind);
    if (family == kFrame && isRequestChannel)
        return bad(index, "channel: a fault of frames needs public, market, private or ws");
    if (family == kRequest && !isRequestChannel && rule.channel != FaultChannel::Any)
        return bad(index, "channel: a fault of requests needs rest or order");
    if (family == FaultFamily::Venue && rule.channel != FaultChannel::Any)
        return bad(index, "channel: this fault has none");
    return {};
}

/// What the two venues have no words for.
[[nodiscard]] bool isForeign(FaultKind kind, Venue venue)
{
    using enum FaultKind;
    static constexpr std::array kHyperliquidOnly{ExpiredAction, BudgetExhausted, PostOnlyWindow, Halted};
    static constexpr std::array kBinanceOnly{Banned,      UnknownExecuted, UnknownNotExecuted, Unavailable,
                                             Throttled,   StaleTimestamp,  ConditionalRefused, Maintenance,
                                             ListenKeyEnds};
    const auto in = [kind](const auto &list) { return std::find(list.begin(), list.end(), kind) != list.end(); };
    return venue == core::Venue::Binance ? in(kHyperliquidOnly) : in(kBinanceOnly);
}
} // namespace

std::string_view name(FaultKind kind)
{
    return rowOf(kind).name;
}

std::string_view name(FaultChannel channel)
{
    return kChannels[static_cast<std::size_t>(channel)];
}

std::optional<FaultKind> faultKind(std::string_view name)
{
    for (const KindRow &row : kKinds)
        if (row.name == name)
            return row.kind;
    return std::nullopt;
}

std::optional<FaultChannel> faultChannel(std::string_view name)
{
    for (std::size_t i = 0; i < kChannels.size(); ++i)
        if (kChannels[i] == name)
            return static_cast<FaultChannel>(i);
    return std::nullopt;
}

const std::vector<FaultKind> &faultKinds()
{
    static const std::vector<FaultKind> kAll = [] {
        std::vector<FaultKind> kinds;
        for (const KindRow &row : kKinds)
            kinds.push_back(row.kind);
        return kinds;
    }();
    return kAll;
}

FaultFamily familyOf(FaultKind kind)
{
    return rowOf(kind).family;
}

Result<void> validate(const FaultPlan &plan)
{
    for (std::size_t i = 0; i < plan.rules.size(); ++i) {
        const FaultRule &rule = plan.rules[i];
        if (const auto checked = checkChannel(rule, i); !checked)
            return checked;
        if (rule.venue && isForeign(rule.kind, *rule.venue))
            return bad(i, "kind: this venue does not fail like that");
        if (std::find(rule.numbers.begin(), rule.numbers.end(), 0U) != rule.numbers.end())
            return bad(i, "numbers: count from 1");
        if (rule.probability && (rule.probability->isNegative() || rule.probability->raw() > kDecimalOne))
            return bad(i, "probability: must be 0 to 1");
        if (rule.from < Duration::zero())
            return bad(i, "from_ms: must not be negative");
        if (rule.until && *rule.until <= rule.from)
            return bad(i, "until_ms: must be after from_ms");
        if (rule.length < Duration::zero() && rule.kind != FaultKind::ClockSkew)
            return bad(i, "length_ms: must not be negative");
        if (rule.share.isNegative() || rule.share.raw() > kDecimalOne)
            return bad(i, "share: must be 0 to 1");
        if (rule.rate < 1)
            return bad(i, "rate: must be above 0");
    }
    return {};
}

FaultPlan randomFaultPlan(std::uint64_t seed, core::Venue venue, Duration span)
{
    using std::chrono::milliseconds;
    ScenarioRandom random(seed);
    FaultPlan plan{.seed = seed, .rules = {}};
    const auto between = [&random](std::int64_t low, std::int64_t high) {
        return milliseconds(low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low))));
    };
    std::vector<FaultKind> kinds;
    for (const FaultKind kind : faultKinds())
        if (!isForeign(kind, venue) && kind != FaultKind::Liquidation && kind != FaultKind::Deleveraging)
            kinds.push_back(kind);
    for (Duration at = between(1'000, 4'000); at < span; at += between(2'000, 8'000)) {
        FaultRule rule;
        rule.kind = kinds[random.below(kinds.size())];
        rule.venue = venue;
        rule.from = at;
        at += between(500, 5'000);
        rule.until = std::min(at, span);
        if (*rule.until <= rule.from)
            break;
        rule.length = between(50, 1'500);
        if (rule.kind == FaultKind::ClockSkew && random.below(2) == 0)
            rule.length = -rule.length;
        rule.share = Ratio::fromRaw(static_cast<std::int64_t>(random.below(9) + 1) * (kDecimalOne / 10));
        rule.rate = static_cast<std::int64_t>(256 + random.below(8'192));
        rule.told = random.below(2) == 0;
        if (familyOf(rule.kind) == kRequest)
            rule.channel = random.below(2) == 0 ? FaultChannel::Order : FaultChannel::Rest;
        if (familyOf(rule.kind) == kFrame) {
            static constexpr std::array kFrames{FaultChannel::Public, FaultChannel::Market, FaultChannel::Private,
                                                FaultChannel::WebSocket};
            rule.channel = kFrames[random.below(kFrames.size())];
        }
        if (familyOf(rule.kind) != FaultFamily::Venue && random.below(3) == 0)
            rule.probability = Ratio::fromRaw(static_cast<std::int64_t>(random.below(8) + 2) * (kDecimalOne / 10));
        plan.rules.push_back(std::move(rule));
    }
    return plan;
}

} // namespace core::venue
