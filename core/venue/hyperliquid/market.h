#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/venue/hyperliquid/socket_hub.h"
#include "core/venue/market_feed.h"

namespace core::venue::hyperliquid
{

/// One generated market for each coin that trades, played into desk, tape and sockets. Marks lie on the price
/// grid; funding is settled at full hours. One thread. Everything outlives it.
class Market
{
public:
    Market(Desk &desk, Tape &tape, SocketHub &hub, const HyperliquidOptions &options, const Clock &clock);
    ~Market();
    Market(const Market &) = delete;
    Market &operator=(const Market &) = delete;

    [[nodiscard]] Result<void> start();
    /// Plays what is due at `elapsed` since the start.
    void advance(Duration elapsed);
    [[nodiscard]] std::optional<Duration> nextAt() const;
    /// A mark and oracle price out of the blue; the generated ones follow.
    void setMark(std::size_t asset, Price mark);

private:
    class Feed;
    std::vector<std::unique_ptr<Feed>> m_feeds;
    Desk &m_desk;
    Tape &m_tape;
    SocketHub &m_hub;
    const HyperliquidOptions &m_options;
    const Clock &m_clock;
};

} // namespace core::venue::hyperliquid
