#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/market_data.h"
#include "core/exchange/binance/messages.h"
#include "core/venue/options.h"

namespace core::venue
{

/// What the market does, frame by frame. `data` is the event's JSON exactly as it goes on the wire, without
/// envelope.
class FeedListener
{
public:
    virtual ~FeedListener() = default;
    virtual void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &symbol) = 0;
    virtual void onDepth(const exchange::binance::DepthUpdate &update, std::string_view data) = 0;
    virtual void onTrade(const Trade &trade, std::string_view data) = 0;
    virtual void onAggregateTrade(const Trade &trade, std::string_view data) = 0;
    virtual void onBookTicker(const BestQuote &quote, std::string_view data) = 0;
    virtual void onMark(const MarkPrice &mark, std::string_view data) = 0;
    virtual void onCandle(const Symbol &symbol, std::string_view stream, std::string_view data) = 0;
    /// A frame that could not be read; the feed goes on with the next one.
    virtual void onFeedError(const Error &error) = 0;
};

/// A market over time, in offsets from its start. One thread.
class MarketSource
{
public:
    MarketSource() = default;
    MarketSource(const MarketSource &) = delete;
    MarketSource &operator=(const MarketSource &) = delete;
    virtual ~MarketSource() = default;
    /// The books as they are at offset 0: onBookStart for every symbol. `epoch` is the venue time of offset
    /// 0.
    [[nodiscard]] virtual Result<void> start(UtcTime epoch, FeedListener &listener) = 0;
    /// Offset of what comes next; nullopt when nothing comes any more.
    [[nodiscard]] virtual std::optional<Duration> nextAt() const = 0;
    virtual void step(FeedListener &listener) = 0;
    /// Whether the source brings mark prices and joined trades for this symbol by itself.
    [[nodiscard]] virtual bool hasMark(const Symbol &symbol) const = 0;
    [[nodiscard]] virtual bool hasAggregateTrades(const Symbol &symbol) const = 0;
    [[nodiscard]] virtual std::vector<Symbol> symbols() const = 0;
};

/// The JSON of one markPriceUpdate, as the venue writes it today.
[[nodiscard]] std::string markPriceText(const Symbol &symbol, const MarkPrice &mark);

/// Contracts as the first seconds of a recording show them: tick and step from the prices and quantities
/// seen, digits from their texts, everything else as `typicalInstrument` has it.
[[nodiscard]] Result<std::vector<VenueInstrument>> instrumentsOf(const RecordingOptions &options);

/// Opens the files and looks into their first seconds. NotFound or ParseFailed says which file, line and
/// rule.
[[nodiscard]] Result<std::unique_ptr<MarketSource>> openRecording(const RecordingOptions &options);

/// Joins prints of one price and aggressor within 100 ms, as the venue's aggTrade stream does.
class TradeJoiner
{
public:
    static constexpr Duration kWindow{std::chrono::milliseconds{100}};
    using Emit = std::function<void(const Trade &joined, std::string_view data)>;

    /// `data` of what is emitted has the digits given.
    TradeJoiner(Symbol symbol, int pricePrecision, int quantityPrecision);
    void onTrade(const Trade &trade, Duration at, const Emit &deliver);
    /// Emits what is older than the window at `at`.
    void flushDue(Duration at, const Emit &deliver);
    [[nodiscard]] std::optional<Duration> dueAt() const;

private:
    void flush(const Emit &deliver);

    Symbol m_symbol;
    int m_pricePrecision;
    int m_quantityPrecision;
    std::optional<Trade> m_open;
    Duration m_openedAt{0};
    std::int64_t m_nextId{1};
    std::string m_data;
};

/// Plays a source against the clock and adds what the source lacks: joined trades, and mark prices from the
/// middle of the book. Sends nothing by itself: `advance` plays everything that is due. One thread.
class MarketFeed
{
public:
    using Middle = std::function<std::optional<Price>(const Symbol &)>;
    /// Listener outlives the feed; `middle` reads the served book.
    MarketFeed(std::unique_ptr<MarketSource> source, const VenueOptions &options, FeedListener &listener,
               Middle middle);
    ~MarketFeed();

    [[nodiscard]] Result<void> start(UtcTime epoch);
    /// Plays what is due at `elapsed` since the start (real time; the speed is applied here), in at most so many steps:
    /// `nextAt` says whether something is left.
    void advance(Duration elapsed, std::size_t stepsMax = std::numeric_limits<std::size_t>::max());
    /// A trade of our own accounts: joined like the market's. False where the source brings joined trades by itself.
    [[nodiscard]] bool joinOwn(const Trade &trade);
    /// When `advance` has work again; nullopt: never.
    [[nodiscard]] std::optional<Duration> nextAt() const;
    /// What a server plays in one go: a market that has fallen behind, on a busy machine or because its clock jumped,
    /// catches up between requests and handshakes and not instead of them.
    static constexpr std::size_t kStepsAtOnce = 256;

private:
    class Tap;
    struct PerSymbol;
    [[nodiscard]] std::optional<Duration> nextWork() const;
    [[nodiscard]] Duration realTime(Duration at) const;
    void makeMark(const PerSymbol &entry);

    std::unique_ptr<MarketSource> m_source;
    FeedListener &m_listener;
    Middle m_middle;
    std::vector<std::unique_ptr<PerSymbol>> m_symbols;
    std::unique_ptr<Tap> m_tap;
    TradeJoiner::Emit m_emitJoined;
    Ratio m_speed{Ratio::fromRaw(kDecimalOne)};
    Duration m_markInterval;
    UtcTime m_epoch;
    Duration m_at{0}; ///< offset that is being played, in the source's time
    Duration m_nextMark{0};
};

} // namespace core::venue
