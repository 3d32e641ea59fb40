#include "core/exchange/binance/market_streams.h"

#include "core/exchange/binance/market_streams_impl.h"
#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kSnapshotBackoffMax = 4s;
/// A storm of resynchronisations leaves room for everybody else's questions.
constexpr int kSnapshotsAtOnce = 8;

} // namespace

template <class Step>
void MarketStreams::follow(Market &market, const Step &step, UtcTime venueTime, UtcTime receivedAt)
{
    if (step.fault) {
        if (step.fault->code == ErrorCode::OutOfSync)
            ++market.book.lost;
        market.book.lastError = step.fault->detail;
    }
    if (market.sync.isSynchronised()) {
        if (market.snapshotPause > Duration::zero())
            market.book.lastError.clear();
        market.snapshotPause = Duration::zero();
        market.overruled.reset();
    }
    if (step.requestSnapshot)
        wantSnapshot(market);
    if (step.bookChanged || bookFreshness(market) != market.publishedFreshness)
        publishBook(market, venueTime, receivedAt);
}

template void MarketStreams::follow(Market &, const BookSync::Step &, UtcTime, UtcTime);

void MarketStreams::onInstrumentChanged(const Instrument &instrument)
{
    Market *market = find(instrument.key.symbol);
    if (!market || !m_listener || market->sync.book().tickSize() == instrument.tickSize)
        return;
    market->sync = BookSync(instrument.key, instrument.tickSize);
    market->epoch = ++m_epochs;
    market->snapshotWanted = market->snapshotRunning = false;
    market->quoteCount = 0;
    publishBook(*market, {}, m_clock.now());
}

/// The connection that carried the book is gone.
void MarketStreams::forgetConnection(Market &market, const Error &why)
{
    market.publicSince = Duration::zero();
    market.epoch = ++m_epochs;
    ++market.book.reconnects;
    market.book.lastError = why.detail;
    market.quoteCount = 0;
    market.snapshotWanted = market.snapshotRunning = false;
    follow(market, market.sync.onDisconnected(), {}, m_clock.now());
    publishBook(market, {}, m_clock.now());
}

void MarketStreams::onDepth(const DepthUpdate &update)
{
    Market *market = find(update.symbol);
    if (!market)
        return;
    market->lastDepthAt = m_clock.monotonic();
    market->book.lastMessageAt = update.receivedAt;
    ++market->book.messages;
    const auto step = market->sync.onUpdate(update);
    if (step.bookChanged) {
        if (const BestQuote *quote = market->quoteWithId(market->sync.lastUpdateId()))
            checkAgainstQuote(*market, *quote);
    }
    follow(*market, step, update.venueTime, update.receivedAt);
}

void MarketStreams::onQuote(const BestQuote &quote)
{
    Market *market = find(quote.instrument.symbol);
    if (!market || (quote.updateId <= market->quoteId && quote.venueTime <= market->quoteTime))
        return;
    market->quoteId = quote.updateId;
    market->quoteTime = quote.venueTime;
    market->lastQuoteAt = m_clock.monotonic();
    market->quotes[market->quoteCount++ % Market::kQuotesKept] = quote;
    checkAgainstQuote(*market, quote);
    if (m_listener)
        m_listener->onBestQuote(quote);
}

/// The same fact from two sources: at equal ids the best prices must be equal.
void MarketStreams::checkAgainstQuote(Market &market, const BestQuote &quote)
{
    if (!market.sync.isSynchronised() || quote.updateId != market.sync.lastUpdateId())
        return;
    const auto bid = market.sync.book().best(Side::Buy);
    const auto ask = market.sync.book().best(Side::Sell);
    if (bid && ask && bid->price == quote.bid.price && ask->price == quote.ask.price)
        return;
    resynchronise(market, Freshness::Diverged,
                  Error{ErrorCode::OutOfSync, market.name + ": best prices differ from bookTicker at id " +
                                                  std::to_string(quote.updateId)});
}

void MarketStreams::resynchronise(Market &market, Freshness because, const Error &why)
{
    market.overruled = because;
    follow(market, market.sync.onDecodeError(why), {}, m_clock.now());
}

void MarketStreams::wantSnapshot(Market &market)
{
    market.snapshotWanted = market.publicLine->isOpen();
    if (market.snapshotWanted && !market.snapshotRunning && m_snapshotsRunning < kSnapshotsAtOnce &&
        m_clock.monotonic() >= market.snapshotNotBefore)
        requestSnapshot(market);
}

void MarketStreams::requestSnapshot(Market &market)
{
    const Duration now = m_clock.monotonic();
    market.snapshotWanted = false;
    market.snapshotRunning = true;
    // 1, 2, 4 s between the attempts of one need; a success ends the growth.
    market.snapshotPause =
        market.snapshotPause == Duration::zero()
            ? m_options.timings.snapshotEvery
            : std::min<Duration>(market.snapshotPause * 2,
                                 std::max(kSnapshotBackoffMax, m_options.timings.snapshotEvery));
    market.snapshotNotBefore = now + market.snapshotPause;
    RestCall call{.path = "/fapi/v1/depth", .lane = net::Lane::Normal, .cost = {.weight = 20, .orders = 0}};
    appendParameter(call.query, "symbol", market.name);
    appendParameter(call.query, "limit", "1000");
    ++m_snapshotsRunning;
    m_rest.call(std::move(call),
                [this, symbol = market.instrument.symbol, epoch = market.epoch](const RestResult &result) {
                    --m_snapshotsRunning;
                    Market *asked = find(symbol);
                    if (m_listener && asked && asked->epoch == epoch)
                        onSnapshot(*asked, result);
                });
}

void MarketStreams::onSnapshot(Market &market, const RestResult &result)
{
    market.snapshotRunning = false;
    const auto retry = [&](const Error &why, std::optional<Duration> after) {
        market.book.lastError = why.detail;
        market.snapshotWanted = true;
        if (after)
            market.snapshotNotBefore = std::max(market.snapshotNotBefore, m_clock.monotonic() + *after);
    };
    if (!result) {
        retry(result.error().error, result.error().retryAfter);
        return;
    }
    const auto snapshot = parseDepthSnapshot(result->body);
    if (!snapshot) {
        retry(snapshot.error(), std::nullopt);
        return;
    }
    const auto step = market.sync.onSnapshot(*snapshot);
    follow(market, step, snapshot->venueTime, result->receivedAt);
}

Freshness MarketStreams::bookFreshness(const Market &market) const
{
    if (!market.publicLine->isOpen())
        return market.publicLine->hasBeenOpen() ? Freshness::Lost : Freshness::Connecting;
    const Freshness freshness = market.sync.freshness(m_clock.now(), m_options.timings.bookStaleAfter);
    if (market.overruled)
        return *market.overruled;
    // The age once more by the monotonic clock: a wall clock that was set back makes everything look young.
    if (freshness == Freshness::Fresh &&
        m_clock.monotonic() - market.lastDepthAt > m_options.timings.bookStaleAfter)
        return Freshness::Stale;
    return freshness;
}

void MarketStreams::publishBook(Market &market, UtcTime venueTime, UtcTime receivedAt)
{
    if (!m_listener || market.removed)
        return;
    const Freshness freshness = bookFreshness(market);
    const bool changed = market.publishedFreshness != freshness;
    market.publishedFreshness = freshness;
    m_listener->onBook(market.instrument, market.sync.book(), freshness, venueTime, receivedAt);
    if (changed)
        publishStatus(market.book, freshness);
}
} // namespace core::exchange::binance
