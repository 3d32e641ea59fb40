#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

namespace core::venue
{

/// What goes wrong. `length` and the other parameters are those of FaultRule.
enum class FaultKind {
    // An HTTP request and its answer.
    Delay,              ///< the answer leaves `length` later
    LoseRequest,        ///< not executed; the connection ends
    LoseReply,          ///< executed; the connection ends
    CutReply,           ///< executed; the connection is reset in the middle of the answer
    NoReply,            ///< executed; nothing comes and the connection stays
    Limited,            ///< 429 (-1003), with Retry-After when there is a `length`
    Banned,             ///< 418 (-1003 naming the time: `until`, or `length` from now)
    Forbidden,          ///< 403 with HTML
    BadGateway,         ///< 502 with HTML
    UnknownExecuted,    ///< 503 "Unknown error, …" after execution
    UnknownNotExecuted, ///< the same text, and nothing happened
    Unavailable,        ///< 503 "Service Unavailable.", nothing happened
    Throttled,          ///< 503 -1008; what reduces and cancels passes
    StaleTimestamp,     ///< -1021
    ConditionalRefused, ///< -4120
    Maintenance,        ///< 503 -1016
    ExpiredAction,      ///< Hyperliquid: "Action already expired"
    BudgetExhausted,    ///< Hyperliquid: "Too many cumulative requests sent …"
    // Frames of a WebSocket.
    DropFrames,
    DelayFrames, ///< by `length`, in order
    DuplicateFrames,
    ReorderFrames, ///< the frame leaves after the next one
    CutFrame,      ///< half of it, then the connection is reset
    HalfOpen,      ///< nothing comes, no pong either, and no end: until the client gives the line up
    SlowFrames,    ///< `rate` bytes per second
    // The venue.
    ListenKeyEnds,   ///< once, at `from`; with the event when `told`
    PostOnlyWindow,  ///< as after a network upgrade
    Halted,
    TriggerRejected, ///< what a stop sends when it fires is refused
    PartialFills,    ///< `share` of a market or IOC order fills, the rest expires
    Liquidation,     ///< once, at `from`: of the first account
    Deleveraging,    ///< once, at `from`: `share` of each position of the first account
    ClockSkew,       ///< the venue's clock is `length` ahead (negative: behind)
};

/// Which requests or frames. Rest: every HTTP request; Order: those that place, change or cancel, on a socket
/// too; WebSocket: every frame; the others: frames of that kind of stream.
enum class FaultChannel { Any, Rest, Order, Public, Market, Private, WebSocket };

/// One fault: what, where, which of them, for how long. Numbers count what the rule looks at, from 1 since the
/// plan was set. Times count from there too. Without a selection every one is struck.
struct FaultRule {
    FaultKind kind{FaultKind::Delay};
    std::optional<Venue> venue{};           ///< absent: both skins
    FaultChannel channel{FaultChannel::Any};
    std::string stream{};                   ///< part of an event's name, a path or an action's type; empty: all
    std::vector<std::uint64_t> numbers{};   ///< these
    std::uint64_t every{0};                 ///< or each n-th; 0: not
    std::optional<Ratio> probability{};     ///< or so many of them, by the plan's seed
    Duration from{0};
    std::optional<Duration> until{};        ///< absent: for ever
    Duration length{0};
    Ratio share{Ratio::fromRaw(kDecimalOne / 2)};
    std::int64_t rate{1024};
    bool told{false};
    friend bool operator==(const FaultRule &, const FaultRule &) = default;
};

/// What a loopback exchange does wrong on purpose. A value; same plan and same traffic, same faults.
struct FaultPlan {
    std::uint64_t seed{1};
    std::vector<FaultRule> rules;
    friend bool operator==(const FaultPlan &, const FaultPlan &) = default;
};

[[nodiscard]] std::string_view name(FaultKind kind);       ///< "lose-reply"
[[nodiscard]] std::string_view name(FaultChannel channel); ///< "private"
[[nodiscard]] std::optional<FaultKind> faultKind(std::string_view name);
[[nodiscard]] std::optional<FaultChannel> faultChannel(std::string_view name);
[[nodiscard]] const std::vector<FaultKind> &faultKinds();

/// What a fault is about.
enum class FaultFamily { Request, Frame, Venue };
[[nodiscard]] FaultFamily familyOf(FaultKind kind);

/// InvalidArgument naming the field ("rules[1].until_ms: …").
[[nodiscard]] Result<void> validate(const FaultPlan &plan);
/// {"seed":1,"rules":[{"kind":"lose-reply","channel":"order","numbers":[2],…}]}; unknown members are refused.
/// InvalidArgument naming the field.
[[nodiscard]] Result<FaultPlan> parseFaultPlan(std::string_view json);
[[nodiscard]] std::string faultPlanText(const FaultPlan &plan);

/// One fault after the other over `span`, with quiet pauses; same seed, same plan. For soaks and drills.
[[nodiscard]] FaultPlan randomFaultPlan(std::uint64_t seed, Venue venue, Duration span);

} // namespace core::venue
