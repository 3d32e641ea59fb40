#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/domain/market_data.h"

namespace core::exchange::hyperliquid
{

/// `l2Book`: the whole book as the venue shows it (at most 20 levels a side, best first), never a change.
struct BookSnapshot {
    static constexpr std::int32_t kOrdersUnknown = -1;
    InstrumentKey instrument;
    std::vector<Level> bids;
    std::vector<Level> asks;
    std::vector<std::int32_t>
        bidOrders; ///< beside `bids`: how many orders rest there; kOrdersUnknown where not said
    std::vector<std::int32_t> askOrders;
    bool fast{false}; ///< the five-level variant
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// `bbo`: an absent side is empty.
struct Bbo {
    InstrumentKey instrument;
    std::optional<Level> bid;
    std::optional<Level> ask;
    UtcTime venueTime;
    UtcTime receivedAt;
};
/// nullopt while a side is empty. `updateId` is the venue's millisecond: the only order there is.
[[nodiscard]] std::optional<BestQuote> toBestQuote(const Bbo &bbo);

/// `trades`: in the venue's order. The first batch of a subscription repeats recent ones: identity is
/// (venueTime, coin, id).
struct TradeBatch {
    std::vector<Trade> trades;
};

/// `candle`: mostly one. Never `closed`: the venue does not say, the next candle does. Taker and quote volume
/// are not said (0).
struct CandleBatch {
    std::vector<Candle> candles;
};

/// State of one contract. The venue's texts may have ten decimals: rates are rounded half to even at the
/// eighth.
struct AssetContext {
    Price mark;
    std::optional<Price> oracle;
    std::optional<Ratio> funding; ///< of the running hour; positive: longs pay
    std::optional<Ratio> premium;
    std::optional<Price> mid; ///< absent: the book is empty
    std::optional<Price> impactBid, impactAsk;
    std::optional<Price> previousDay;
    std::optional<double> openInterest; ///< base units; analysis only, like the two below
    std::optional<double> dayNotional;
    std::optional<double> dayBaseVolume;
    friend bool operator==(const AssetContext &, const AssetContext &) = default;
};

/// `activeAssetCtx`. The venue does not stamp it: `mark.venueTime` is the time of receipt, and the next
/// payment of funding is the next full hour.
struct ContextUpdate {
    MarkPrice mark;
    AssetContext context;
};
[[nodiscard]] MarkPrice toMarkPrice(const InstrumentKey &instrument, const AssetContext &context,
                                    UtcTime receivedAt);
/// The venue's context lacks the last price: the caller has it from the trades. nullopt without yesterday's
/// price.
[[nodiscard]] std::optional<Ticker> toTicker(const ContextUpdate &update, Price last);

/// `assetCtxs`, `allDexsAssetCtxs`: contexts by position in the universe of their dex ("" is the venue's
/// own).
struct ContextTable {
    struct Dex {
        std::string name;
        std::vector<AssetContext> contexts;
        friend bool operator==(const Dex &, const Dex &) = default;
    };
    std::vector<Dex> dexes;
    UtcTime receivedAt;
};

/// `allMids`: perps, spot pairs ("@107") and outcomes mixed.
struct Mids {
    struct Row {
        Symbol symbol;
        Price mid;
        friend bool operator==(const Row &, const Row &) = default;
    };
    std::vector<Row> rows;
    UtcTime receivedAt;
};

/// Echo of a subscription, normalised by the venue: match by these fields, never by text. Absent ones are
/// empty.
struct SubscriptionReply {
    bool subscribed{true}; ///< false: the answer to an unsubscribe
    std::string type;
    std::string coin;
    std::string user;
    std::string interval;
    std::string dex;
    friend bool operator==(const SubscriptionReply &, const SubscriptionReply &) = default;
};

/// Channel `error`: carries no id; what it is about stands in the text.
struct ErrorNotice {
    std::string text;
    friend bool operator==(const ErrorNotice &, const ErrorNotice &) = default;
};
struct Pong {
    friend bool operator==(const Pong &, const Pong &) = default;
};

/// Answer to a request over the socket. `payload` is JSON for the parsers of rest_codec.h: of Info the inner
/// `data`, of Action the reply as over HTTP; of Error plain text ("422 …": as an HTTP status, so perhaps
/// ambiguous).
struct PostAnswer {
    enum class Kind { Info, Action, Error, Unknown };
    std::int64_t id{0};
    Kind kind{Kind::Unknown};
    std::string infoType; ///< "l2Book"; empty unless Info
    std::string payload;
    friend bool operator==(const PostAnswer &, const PostAnswer &) = default;
};

/// A channel of the account came on this socket: the same bytes are for decodeUserEvent.
struct UserFrame {
    friend bool operator==(const UserFrame &, const UserFrame &) = default;
};
/// Of no interest: an unknown channel, or `text` for a frame that is no JSON object (the venue greets so).
struct Ignored {
    std::string channel;
    friend bool operator==(const Ignored &, const Ignored &) = default;
};

/// Pointers point into the decoder and live until its next call.
using MarketEvent = std::variant<const BookSnapshot *, Bbo, const TradeBatch *, ContextUpdate,
                                 const CandleBatch *, const Mids *, const ContextTable *, SubscriptionReply,
                                 ErrorNotice, Pong, PostAnswer, UserFrame, Ignored>;

} // namespace core::exchange::hyperliquid
