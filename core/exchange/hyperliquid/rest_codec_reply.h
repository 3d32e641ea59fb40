#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

/// Answers of `POST /exchange`. Pure, any thread. Source: reference/hyperliquid.md sections 5, 8.
namespace core::exchange::hyperliquid
{

/// What a refusal asks of the caller.
enum class Reaction {
    Rejected,       ///< this order is not live; nothing else to do
    Bug,            ///< rejected, and our rounding or composition is wrong: alarm, never retry
    Reconcile,      ///< the state is not what we thought: read it before anything else
    Reprice,        ///< not live: a new price from the newest book may work
    TriggerPassed,  ///< trigger on the wrong side: if the mark is beyond the stop, close at market
    ExposureCapped, ///< the venue takes no new exposure here; closing is allowed
    Margin,         ///< not enough margin: refresh, shrink, never loop
    OldOrderGone,   ///< a modify removed the old order and placed nothing: protect again at once
    RetryLater,     ///< not done, because of the venue's state (upgrade, halt): again in seconds
    Budget,         ///< the address has no requests left: one per 10 s, exits only
    Split,          ///< too many items in one action
    NonceReused,    ///< another process uses the key, or a resend: reconcile
    NonceTooLow,    ///< clock behind or burst
    Expired,        ///< came after expiresAfter: not done, safe to sign anew
    Signature,      ///< key unknown, revoked, or the hash is wrong: stop trading, alarm
    Configuration,  ///< the user has to change something
    FeatureLocked,  ///< scheduleCancel before enough volume was traded
    Ambiguous,      ///< it may have been done: resolve by client order id
};

/// One refusal. `text` is the venue's, without the trailing " asset=N" and the old "L1 error: ".
struct Refusal {
    std::string text;
    ErrorCode code{ErrorCode::Rejected};
    Reaction reaction{Reaction::Rejected};
    std::optional<std::int64_t> asset;
    bool known{false}; ///< false: a text nobody has described; judged as a plain rejection
    [[nodiscard]] Error error() const { return {code, text}; }
    friend bool operator==(const Refusal &, const Refusal &) = default;
};
/// By prefix or substring, letters of either case.
[[nodiscard]] Refusal classifyRefusal(std::string_view text);
/// What an HTTP status other than 200 (or no answer: 0) means for a signed action. Only 400, 415 and 422 are
/// certain not to have been done. `body` may be anything; its first line is kept.
[[nodiscard]] Refusal classifyTransport(int status, std::string_view body);
/// The same for PostAnswer::Kind::Error, whose text begins with the status ("422 Failed to …").
[[nodiscard]] Refusal classifyPostError(std::string_view payload);

/// Fate of one item of an action.
struct ItemStatus {
    enum class Kind {
        Resting, ///< on the book, or the trigger is stored
        Filled,  ///< `totalSize` may be less than asked: the rest of an IOC was cancelled silently
        Refused,
        WaitingForFill,    ///< child of an unfilled parent; no id yet
        WaitingForTrigger, ///< trigger stored; no id given
        Success,           ///< of a cancel
        Unknown            ///< an entry nobody has described: resolve by cloid
    };
    Kind kind{Kind::Unknown};
    std::optional<VenueOrderId> order;
    std::string cloid; ///< as on the wire; empty when absent
    std::optional<Quantity> totalSize;
    std::optional<Price> averagePrice;
    std::optional<Refusal> refusal;
    std::string text; ///< the entry as it came, when Unknown
    friend bool operator==(const ItemStatus &, const ItemStatus &) = default;
};

/// `refusal` is set for status "err" and for what is no known reply (then Ambiguous). `items` only where the
/// reply has statuses: "default" replies (leverage, modify) have none.
struct ExchangeReply {
    std::string type; ///< "order", "cancel", "default", …
    std::vector<ItemStatus> items;
    std::optional<Refusal> refusal;
    [[nodiscard]] bool accepted() const { return !refusal; }
};
/// Never an error: bytes that are no reply (empty, HTML, another shape) are an Ambiguous refusal.
[[nodiscard]] ExchangeReply parseExchangeReply(std::string_view body);

/// One status per item of a batch of `count`: a refusal of the whole, or its single error, counts for all;
/// items that the reply does not mention are Unknown.
[[nodiscard]] std::vector<ItemStatus> statusPerItem(const ExchangeReply &reply, std::size_t count);

} // namespace core::exchange::hyperliquid
