#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/exchange/hyperliquid/endpoints.h"
#include "core/net/secret.h"

namespace core::exchange::hyperliquid
{

/// Every waiting time of the client. The defaults are those of reference/hyperliquid.md; tests shorten them.
struct ClientTimings {
    Duration requestTimeout{std::chrono::seconds{10}};
    Duration orderTimeout{std::chrono::seconds{10}}; ///< /exchange answers after the block; a time-out is ambiguous
    Duration connectTimeout{std::chrono::seconds{10}};
    Duration reconnectMin{std::chrono::milliseconds{500}}; ///< grows to reconnectMax, with jitter
    Duration reconnectMax{std::chrono::seconds{30}};
    Duration pingEvery{std::chrono::seconds{1}}; ///< of silence: a line that speaks is not pinged (60 of 2,000 a minute)
    Duration pongWithin{std::chrono::seconds{10}};
    Duration frameWithin{std::chrono::seconds{60}}; ///< no frame at all for so long: the line is dead
    Duration lineStaleAfter{std::chrono::milliseconds{2500}}; ///< no frame and no pong: nothing on it is trusted
    Duration instrumentsEvery{std::chrono::hours{1}};
    Duration bookStaleAfter{std::chrono::seconds{20}}; ///< l2Book comes about every 5 s
    Duration quoteStaleAfter{std::chrono::seconds{20}}; ///< bbo comes on change only; its age says little
    Duration markStaleAfter{std::chrono::seconds{6}}; ///< twice the interval of activeAssetCtx, about 3 s
    Duration accountPollEvery{std::chrono::seconds{30}};
    Duration accountProofWithin{std::chrono::seconds{60}}; ///< two polls without an answer, and no event: in doubt
    Duration accountPollAfterOrder{std::chrono::seconds{2}};
    Duration rateLimitPollEvery{std::chrono::hours{1}};
    Duration modePollEvery{std::chrono::minutes{5}};
    Duration clockCheckEvery{std::chrono::minutes{5}};
    Duration clockSkewMax{std::chrono::seconds{5}};
    Duration expiresAfter{std::chrono::seconds{8}};  ///< on every action that places something
    Duration orderQueryEvery{std::chrono::milliseconds{500}};
    Duration absentMargin{std::chrono::seconds{5}}; ///< past expiresAfter, before "never placed" is believed
    /// One action in so long when the address budget is used up: the venue takes one in 10 s as it counts them, and one
    /// that comes too early by the jitter of the line waits another turn.
    Duration exitsEvery{std::chrono::seconds{11}};
    Duration limitedPauseMin{std::chrono::seconds{10}}; ///< after a 429 without Retry-After
    Duration limitedPauseMax{std::chrono::seconds{60}};
};

/// The newest fill that is booked already. Trade ids of this venue are hashes: the time is what one asks by.
struct LastFill {
    std::int64_t tradeId{0};
    UtcTime time;
};

struct ClientOptions {
    Endpoints endpoints{};
    AccountId account{};
    /// "0x" + 40 hex digits of the account that is traded: the master, or one of its sub-accounts. Never the
    /// agent's. Empty: market data only.
    std::string address{};
    /// 64 hex digits, with or without "0x": the key of an agent (API wallet) of that account, or its own. None:
    /// the account is watched, and nothing can be sent.
    std::optional<net::Secret> agentKey{};
    Ratio marketSlippage{Ratio::fromRaw(5'000'000)}; ///< 5 %: worst price of a market order that names none
    std::map<Symbol, LastFill> lastFills{}; ///< per coin; older ones are not asked for
    std::uint64_t lastNonce{0};             ///< highest nonce that this key has used, where known
    /// Of this machine's address, shared with whatever else uses it. Below the venue's 1200: its minute does not begin
    /// when ours does.
    int weightPerMinute{1'100};
    std::uint64_t seed{1};                  ///< of the jitter
    ClientTimings timings{};
};

} // namespace core::exchange::hyperliquid
