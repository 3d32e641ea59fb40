#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/venue/hyperliquid/socket_hub.h"
#include "core/venue/market_feed.h"

namespace core::venue::hyperliquid
{

/// The generated market of all coins that trade, played into desk, tape and sockets. Marks lie on the price
/// grid; funding is settled at full hours. One thread. Everything outlives it.
class Market final : private FeedListener
{
public:
    Market(Desk &desk, Tape &tape, SocketHub &hub, const HyperliquidOptions &options, const Clock &clock);
    ~Market() override;
    Market(const Market &) = delete;
    Market &operator=(const Market &) = delete;

    [[nodiscard]] Result<void> start();
    /// Plays what is due at `elapsed` since the start.
    void advance(Duration elapsed) { m_feed->advance(elapsed, MarketFeed::kStepsAtOnce); }
    [[nodiscard]] std::optional<Duration> nextAt() const { return m_feed->nextAt(); }
    /// A mark and oracle price out of the blue; the generated ones follow.
    void setMark(std::size_t asset, Price mark);
    /// Changes of the book that could not be applied.
    [[nodiscard]] std::uint64_t errorCount() const { return m_errors; }

private:
    // FeedListener
    void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &symbol) override;
    void onDepth(const exchange::binance::DepthUpdate &update, std::string_view data) override;
    void onTrade(const Trade &trade, std::string_view data) override;
    void onMark(const MarkPrice &mark, std::string_view data) override;
    void onAggregateTrade(const Trade &, std::string_view) override {}
    void onBookTicker(const BestQuote &, std::string_view) override {}
    void onCandle(const Symbol &, std::string_view, std::string_view) override {}
    void onFeedError(const Error &) override { ++m_errors; }

    [[nodiscard]] std::optional<std::size_t> tradingAsset(const Symbol &symbol) const;
    void apply(std::size_t asset, MarkPrice mark);

    Desk &m_desk;
    Tape &m_tape;
    SocketHub &m_hub;
    const HyperliquidOptions &m_options;
    const Clock &m_clock;
    std::unique_ptr<MarketFeed> m_feed;
    std::vector<std::optional<UtcTime>> m_hours; ///< by asset: end of the running hour
    std::uint64_t m_errors{0};
};

} // namespace core::venue::hyperliquid
