#include "core/exchange/binance/market_streams.h"

#include "core/exchange/binance/market_streams_impl.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kStatusEvery = 1s;

} // namespace

void MarketStreams::publishStatus(ports::StreamStatus &status, Freshness freshness)
{
    status.freshness = freshness;
    if (m_listener)
        m_listener->onStreamStatus(status);
}

void MarketStreams::care()
{
    const Duration now = m_clock.monotonic();
    for (std::size_t i = 0; i < m_markets.size(); ++i) {
        Market &market = *m_markets[i];
        if (!m_listener)
            return;
        if (market.removed)
            continue;
        follow(market, market.sync.onTimer(m_clock.now()), {}, m_clock.now());
        if (market.snapshotWanted && !market.removed)
            wantSnapshot(market);
        watchBook(market, now);
        watchMark(market, now);
        if (!m_listener || market.removed || now - market.lastStatusAt < kStatusEvery)
            continue;
        market.lastStatusAt = now;
        publishStatus(market.book, bookFreshness(market));
        publishStatus(market.mark, market.mark.freshness);
        publishStatus(market.trades, market.trades.freshness);
    }
}

/// By rule: a book that stands still while the best quote moves, a stream that never spoke.
void MarketStreams::watchBook(Market &market, Duration now)
{
    const ClientTimings &timings = m_options.timings;
    if (!m_listener || market.removed || !market.publicLine->isOpen() ||
        market.publicSince == Duration::zero())
        return;
    const bool spoke = market.lastDepthAt > Duration::zero();
    if (!spoke && now - market.publicSince > timings.firstDataWithin) {
        market.publicSince = now;
        market.book.lastError = "route error: no depth within the first-data deadline";
        // Where others speak the connection is right and this contract alone is silent.
        if (market.publicLine->dataFrames == 0) {
            market.publicSince = Duration::zero();
            market.publicLine->reconnect(Error{ErrorCode::Unavailable, market.book.lastError});
        } else {
            market.publicLine->askAgain(market.publicStreams);
            publishStatus(market.book, bookFreshness(market));
        }
    } else if (spoke && market.sync.isSynchronised() && now - market.lastDepthAt > timings.bookSilentAfter &&
               market.lastQuoteAt > market.lastDepthAt && !market.overruled) {
        resynchronise(market, Freshness::Stale,
                      Error{ErrorCode::OutOfSync, market.name + ": no depth while bookTicker moves"});
    }
}

/// By age, and a stream that never spoke.
void MarketStreams::watchMark(Market &market, Duration now)
{
    const ClientTimings &timings = m_options.timings;
    if (!m_listener || market.removed || !market.marketLine->isOpen() ||
        market.marketSince == Duration::zero())
        return;
    const bool spoke = market.lastMarkAt > Duration::zero();
    if (!spoke && now - market.marketSince > timings.firstDataWithin) {
        market.marketSince = now;
        market.mark.lastError = "route error: no mark price within the first-data deadline";
        if (market.marketLine->dataFrames == 0) {
            market.marketSince = Duration::zero();
            market.marketLine->reconnect(Error{ErrorCode::Unavailable, market.mark.lastError});
        } else {
            market.marketLine->askAgain(market.marketStreams);
            publishStatus(market.mark, Freshness::Lost);
        }
        return;
    }
    const Freshness mark = !spoke
                               ? market.mark.lastError.empty() ? Freshness::Connecting : market.mark.freshness
                           : now - market.lastMarkAt > timings.markStaleAfter ? Freshness::Stale
                                                                              : Freshness::Fresh;
    if (mark != market.mark.freshness)
        publishStatus(market.mark, mark);
    // Prints come when people trade; what is known is whether the socket that carries them is alive.
    if (m_listener && mark != market.trades.freshness)
        publishStatus(market.trades, mark);
}

} // namespace core::exchange::binance
