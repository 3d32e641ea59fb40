#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/exchange/binance/endpoints.h"
#include "core/exchange/binance/signer.h"
#include "core/net/secret.h"

namespace core::exchange::binance
{

/// Key and secret of one account. The kind of key cannot be told from the key. Moved in, wiped with the client.
struct Credentials {
    net::Secret apiKey;
    net::Secret secret; ///< of an Ed25519 key: the private key, as text
    KeyType keyType{KeyType::Hmac};
};

/// Every waiting time of the client. The defaults are those of reference/binance-usdm.md; tests shorten them.
struct ClientTimings {
    Duration requestTimeout{std::chrono::seconds{10}};
    Duration orderTimeout{std::chrono::seconds{5}};
    Duration connectTimeout{std::chrono::seconds{10}};
    Duration reconnectMin{std::chrono::seconds{1}}; ///< grows to reconnectMax, with jitter
    Duration reconnectMax{std::chrono::seconds{60}};
    Duration connectEvery{std::chrono::seconds{1}};          ///< between two connects, after the first ones
    Duration renewEvery{std::chrono::minutes{23 * 60 + 30}}; ///< the venue ends a connection after 24 h
    Duration renewJitter{std::chrono::minutes{10}};
    Duration renewOverlap{std::chrono::seconds{3}};
    Duration streamIdleLimit{std::chrono::seconds{30}};
    Duration clockSyncEvery{std::chrono::minutes{10}};
    Duration instrumentsEvery{std::chrono::minutes{60}};
    Duration bookStaleAfter{std::chrono::seconds{2}};
    Duration markStaleAfter{std::chrono::seconds{2}};   ///< twice the interval of markPrice@1s
    Duration bookSilentAfter{std::chrono::seconds{5}};  ///< no depth while bookTicker moves: resynchronise
    Duration firstDataWithin{std::chrono::seconds{10}}; ///< silence beyond is a route error
    Duration snapshotEvery{
        std::chrono::seconds{1}}; ///< at most one snapshot per symbol in this time; back-off starts here
    Duration privatePingEvery{std::chrono::seconds{1}}; ///< a quiet account says nothing: pongs prove the line
    Duration privatePongWithin{std::chrono::seconds{5}}; ///< else the line is given up
    Duration privateStaleAfter{std::chrono::milliseconds{2500}}; ///< no frame and no pong for so long
    Duration listenKeyEvery{std::chrono::minutes{30}};
    Duration listenKeyRetry{std::chrono::seconds{60}};
    Duration listenKeyGrace{std::chrono::minutes{5}}; ///< not extended for longer than that: the stream is not proven
    Duration accountPollEvery{std::chrono::seconds{30}};
    Duration accountProofWithin{std::chrono::seconds{60}}; ///< two polls without an answer, and no event: in doubt
    Duration accountPollAfterOrder{std::chrono::seconds{2}};
    Duration eventAfterAckWithin{
        std::chrono::seconds{5}}; ///< an acknowledged order without event: the stream is dead
    std::array<Duration, 5> orderQueries{std::chrono::milliseconds{500}, std::chrono::seconds{1},
                                         std::chrono::seconds{2}, std::chrono::seconds{4},
                                         std::chrono::seconds{8}};
    Duration orderAbsentAfter{
        std::chrono::seconds{10}}; ///< "does not exist" counts only over this time and three tries
    Duration auditEvery{std::chrono::minutes{5}}; ///< orders, positions, balances and fills against the venue's
    Duration auditGrace{std::chrono::seconds{2}}; ///< what changed within it may be on the way
    Duration incomeAfter{std::chrono::milliseconds{300}}; ///< a funding event; its row in the cash flow
    Duration deadManEvery{std::chrono::seconds{30}};
    std::array<Duration, 3> orderRetries{std::chrono::milliseconds{200}, std::chrono::milliseconds{400},
                                         std::chrono::milliseconds{800}};
};

struct ClientOptions {
    Endpoints endpoints;
    AccountId account;
    std::optional<Credentials> credentials; ///< none: market data only
    bool hedgeMode{false}; ///< the mode this program is set to; a differing account blocks orders
    std::map<Symbol, std::int64_t>
        lastTradeIds;      ///< newest fill already booked, per symbol; older ones are not asked for
    std::optional<UtcTime> incomeSince; ///< funding and transfers from then on; absent: from the start on
    std::uint64_t seed{1}; ///< of the jitter
    ClientTimings timings;
};

} // namespace core::exchange::binance
