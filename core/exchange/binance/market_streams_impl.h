#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/market_streams.h"

namespace core::exchange::binance
{

/// Everything about one contract.
struct MarketStreams::Market {
    static constexpr std::size_t kQuotesKept = 1024;

    explicit Market(const Instrument &from)
        : instrument(from.key), sync(from.key, from.tickSize), name(from.key.symbol.string())
    {
        book.name = "book " + name;
        trades.name = "trades " + name;
        mark.name = "mark " + name;
        book.venue = trades.venue = mark.venue = Venue::Binance;
        for (const StreamKind kind : {StreamKind::Depth, StreamKind::BookTicker})
            publicStreams.push_back(streamName(from.key.symbol, kind));
        for (const StreamKind kind :
             {StreamKind::AggregateTrade, StreamKind::MarkPrice, StreamKind::ForceOrder, StreamKind::Ticker})
            marketStreams.push_back(streamName(from.key.symbol, kind));
        lowerName = publicStreams.front().substr(0, publicStreams.front().find('@'));
    }

    InstrumentKey instrument;
    BookSync sync;
    std::string name;
    std::string lowerName;
    std::vector<std::string> publicStreams;
    std::vector<std::string> marketStreams;
    StreamConnection *publicLine{nullptr};
    StreamConnection *marketLine{nullptr};
    bool removed{false};

    ports::StreamStatus book;
    ports::StreamStatus trades;
    ports::StreamStatus mark;
    Duration lastDepthAt{0};
    Duration lastQuoteAt{0};
    Duration lastMarkAt{0};
    Duration lastStatusAt{0};
    Duration publicSince{0}; ///< when the streams were asked for on an open connection; 0: not open
    Duration marketSince{0};

    // The newest of each kind: overlapping connections bring things twice, in order.
    std::int64_t tradeId{0};
    std::int64_t quoteId{0};
    UtcTime tradeTime, quoteTime, markTime, tickerTime;
    Liquidation liquidation;

    std::optional<Freshness> overruled; ///< Diverged or Stale by rule, until the next synchronisation
    std::optional<Freshness> publishedFreshness;
    std::array<BestQuote, kQuotesKept> quotes; ///< ring, ids rising
    std::size_t quoteCount{0};

    bool snapshotRunning{false};
    bool snapshotWanted{false};
    Duration snapshotNotBefore{0};
    Duration snapshotPause{0};
    std::uint64_t epoch{0};

    [[nodiscard]] const BestQuote *quoteWithId(std::int64_t id) const
    {
        const std::size_t kept = std::min(quoteCount, kQuotesKept);
        for (std::size_t back = 1; back <= kept; ++back) {
            const BestQuote &quote = quotes[(quoteCount - back) % kQuotesKept];
            if (quote.updateId <= id)
                return quote.updateId == id ? &quote : nullptr;
        }
        return nullptr;
    }
    /// An older connection cannot come between any more: whatever comes first now is news.
    void forgetPublicIds() { quoteId = 0, quoteTime = {}; }
    void forgetMarketIds() { tradeId = 0, tradeTime = markTime = tickerTime = {}, liquidation = {}; }
};

} // namespace core::exchange::binance
