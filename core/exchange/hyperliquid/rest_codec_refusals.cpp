#include "core/exchange/hyperliquid/rest_codec_reply.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace core::exchange::hyperliquid
{

namespace
{
/// What the venue writes, in lower case, anywhere in its sentence. The first that fits counts.
struct Known {
    std::string_view words;
    ErrorCode code;
    Reaction reaction;
};
constexpr std::array kKnown{
    // First: the sentence goes on with the reason, which is another entry of this list.
    Known{"error placing new order during modify", ErrorCode::Rejected, Reaction::OldOrderGone},
    Known{"price must be divisible by tick size", ErrorCode::Rejected, Reaction::Bug},
    Known{"order has invalid price", ErrorCode::Rejected, Reaction::Bug},
    Known{"order has invalid size", ErrorCode::Rejected, Reaction::Bug},
    Known{"order has zero size", ErrorCode::Rejected, Reaction::Bug},
    Known{"order must have minimum value of", ErrorCode::Rejected, Reaction::Rejected},
    Known{"insufficient margin to place order", ErrorCode::Rejected, Reaction::Margin},
    Known{"position to exceed margin tier limit", ErrorCode::Rejected, Reaction::Margin},
    Known{"reduce only order would increase position", ErrorCode::Rejected, Reaction::Reconcile},
    Known{"post only order would have immediately matched", ErrorCode::Rejected, Reaction::Reprice},
    Known{"could not immediately match against any resting orders", ErrorCode::Rejected, Reaction::Reprice},
    Known{"no liquidity available for market order", ErrorCode::Rejected, Reaction::Reprice},
    Known{"price too far from oracle", ErrorCode::Rejected, Reaction::Reprice},
    Known{"away from the reference price", ErrorCode::Rejected, Reaction::Reprice},
    Known{"invalid tp/sl price", ErrorCode::Rejected, Reaction::TriggerPassed},
    Known{"increase open interest while open interest is capped", ErrorCode::Rejected,
          Reaction::ExposureCapped},
    Known{"increase open interest too quickly", ErrorCode::Rejected, Reaction::ExposureCapped},
    Known{"while at open interest cap", ErrorCode::Rejected, Reaction::ExposureCapped},
    Known{"insufficient spot balance", ErrorCode::Rejected, Reaction::Margin},
    Known{"insufficient balance for withdrawal", ErrorCode::Rejected, Reaction::Margin},
    Known{"was never placed, already canceled, or filled", ErrorCode::NotFound, Reaction::Reconcile},
    Known{"cannot modify canceled or filled order", ErrorCode::NotFound, Reaction::Reconcile},
    Known{"only post-only orders allowed immediately after", ErrorCode::Unavailable, Reaction::RetryLater},
    Known{"trading is halted", ErrorCode::Unavailable, Reaction::RetryLater},
    Known{"too many cumulative requests sent", ErrorCode::RateLimited, Reaction::Budget},
    Known{"signed action over weight limit", ErrorCode::InvalidArgument, Reaction::Split},
    Known{"invalid nonce: duplicate nonce", ErrorCode::Rejected, Reaction::NonceReused},
    Known{"invalid nonce: nonce too low", ErrorCode::Rejected, Reaction::NonceTooLow},
    Known{"action already expired", ErrorCode::Rejected, Reaction::Expired},
    Known{"user or api wallet", ErrorCode::Unauthorized, Reaction::Signature},
    Known{"must deposit before performing actions", ErrorCode::Unauthorized, Reaction::Signature},
    Known{"unable to recover signer", ErrorCode::Unauthorized, Reaction::Signature},
    Known{"user has pending agent removal", ErrorCode::Unauthorized, Reaction::Configuration},
    Known{"extra agent already used", ErrorCode::Unauthorized, Reaction::Configuration},
    Known{"too many extra agents", ErrorCode::Unauthorized, Reaction::Configuration},
    Known{"vault not registered", ErrorCode::Unauthorized, Reaction::Configuration},
    Known{"cannot switch leverage type with open position", ErrorCode::Rejected, Reaction::Configuration},
    Known{"invalid leverage value", ErrorCode::Rejected, Reaction::Configuration},
    Known{"cross margin is not allowed for this asset", ErrorCode::Rejected, Reaction::Configuration},
    Known{"sufficient margin available to decrease leverage", ErrorCode::Rejected, Reaction::Configuration},
    Known{"abstraction transition not allowed", ErrorCode::Rejected, Reaction::Configuration},
    Known{"position does not use isolated margin", ErrorCode::Rejected, Reaction::Configuration},
    Known{"cannot remove isolated margin for this asset", ErrorCode::Rejected, Reaction::Configuration},
    Known{"action disabled when unified account is active", ErrorCode::Unsupported, Reaction::Configuration},
    Known{"cannot set scheduled cancel time until enough volume", ErrorCode::Unsupported,
          Reaction::FeatureLocked},
    Known{"invalid twap duration", ErrorCode::Rejected, Reaction::Bug},
    Known{"unexpected number of trigger orders", ErrorCode::Rejected, Reaction::Bug},
};

constexpr std::string_view kOldPrefix = "l1 error: ";
constexpr std::string_view kAssetMark = " asset=";
constexpr std::size_t kTextMax = 400; ///< a page of HTML is not an error text

[[nodiscard]] std::string lowered(std::string_view text)
{
    std::string out(text);
    for (char &c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// Takes " asset=N" off the end.
[[nodiscard]] std::optional<std::int64_t> takeAsset(std::string_view &text)
{
    const auto mark = text.rfind(kAssetMark);
    if (mark == std::string_view::npos)
        return std::nullopt;
    const std::string_view digits = text.substr(mark + kAssetMark.size());
    std::int64_t asset = 0;
    const char *const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, asset);
    if (digits.empty() || read.ec != std::errc{} || read.ptr != end)
        return std::nullopt;
    text = text.substr(0, mark);
    return asset;
}
} // namespace

Refusal classifyRefusal(std::string_view text)
{
    Refusal refusal;
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n'))
        text.remove_suffix(1);
    refusal.asset = takeAsset(text);
    if (lowered(text.substr(0, kOldPrefix.size())) == kOldPrefix)
        text.remove_prefix(kOldPrefix.size());
    refusal.text = text.substr(0, kTextMax);
    const std::string words = lowered(refusal.text);
    const auto *const found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known &entry) {
        return words.find(entry.words) != std::string::npos;
    });
    if (found == kKnown.end())
        return refusal;
    refusal.known = true;
    refusal.code = found->code;
    refusal.reaction = found->reaction;
    return refusal;
}

Refusal classifyTransport(int status, std::string_view body)
{
    Refusal refusal;
    refusal.known = true;
    refusal.text = status == 0 ? std::string("no answer") : "HTTP " + std::to_string(status);
    const std::string_view line = body.substr(0, std::min(body.find_first_of("\r\n"), kTextMax));
    if (!line.empty())
        refusal.text.append(": ").append(line);
    refusal.reaction = Reaction::Ambiguous;
    if (status == 400 || status == 415 || status == 422) {
        refusal.code = ErrorCode::InvalidArgument;
        refusal.reaction = Reaction::Bug;
    } else if (status == 429) {
        refusal.code = ErrorCode::RateLimited;
    } else {
        refusal.code = status == 0 ? ErrorCode::TimedOut : ErrorCode::Unavailable;
    }
    return refusal;
}

Refusal classifyPostError(std::string_view payload)
{
    int status = 0;
    const auto read = std::from_chars(payload.data(), payload.data() + payload.size(), status);
    if (read.ec != std::errc{} || status < 100 || status > 599)
        return classifyTransport(0, payload);
    std::string_view rest = payload.substr(static_cast<std::size_t>(read.ptr - payload.data()));
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
    return classifyTransport(status, rest);
}

} // namespace core::exchange::hyperliquid
