#include "core/exchange/binance/market_streams.h"

#include <algorithm>
#include <array>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 100ms;
constexpr Duration kStatusEvery = 1s;
constexpr std::size_t kQuotesKept = 1024;
constexpr Duration kSnapshotBackoffMax = 4s;

std::string lowered(std::string_view text)
{
    std::string result(text);
    for (char &c : result) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

} // namespace

/// Everything about one contract.
struct MarketStreams::Market {
    explicit Market(const Instrument &from)
        : instrument(from.key), sync(from.key, from.tickSize), name(from.key.symbol.string()),
          lowerName(lowered(name))
    {
        book.name = "book " + name;
        trades.name = "trades " + name;
        mark.name = "mark " + name;
        book.venue = trades.venue = mark.venue = Venue::Binance;
    }

    InstrumentKey instrument;
    BookSync sync;
    std::string name;
    std::string lowerName;
    ports::StreamStatus book;
    ports::StreamStatus trades;
    ports::StreamStatus mark;
    Duration lastDepthAt{0};
    Duration lastQuoteAt{0};
    Duration lastMarkAt{0};
    Duration lastStatusAt{0};
    Duration publicSince{0}; ///< when the present connections opened; 0: not open
    Duration marketSince{0};

    std::optional<Freshness> overruled; ///< Diverged or Stale by rule, until the next synchronisation
    std::optional<Freshness> publishedFreshness;
    std::array<BestQuote, kQuotesKept> quotes; ///< ring, ids rising
    std::size_t quoteCount{0};

    bool snapshotRunning{false};
    bool snapshotWanted{false};
    Duration snapshotNotBefore{0};
    Duration snapshotPause{0};
    std::uint64_t connection{0}; ///< answers to questions of an older connection are void

    const BestQuote *quoteWithId(std::int64_t id) const
    {
        const std::size_t kept = std::min(quoteCount, kQuotesKept);
        for (std::size_t back = 1; back <= kept; ++back) {
            const BestQuote &quote = quotes[(quoteCount - back) % kQuotesKept];
            if (quote.updateId <= id)
                return quote.updateId == id ? &quote : nullptr;
        }
        return nullptr;
    }
};

MarketStreams::MarketStreams(const ClientOptions &options, const Clock &clock, RestGateway &rest,
                             QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest)
{
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &MarketStreams::care);
}

MarketStreams::~MarketStreams() = default;

void MarketStreams::start(ports::ExchangeListener &listener, const std::vector<Instrument> &instruments)
{
    m_listener = &listener;
    for (const Instrument &instrument : instruments)
        m_markets.push_back(std::make_unique<Market>(instrument));
    if (m_markets.empty())
        return;
    openSockets();
    m_care.start();
}

void MarketStreams::stop()
{
    m_care.stop();
    if (m_public)
        m_public->stop();
    if (m_market)
        m_market->stop();
    m_listener = nullptr;
}

void MarketStreams::openSockets()
{
    const auto make = [this](Route route, std::string name, std::uint64_t seed) {
        net::WebSocketOptions options;
        options.name = std::move(name);
        options.connectTimeout = m_options.timings.connectTimeout;
        options.reconnectMin = m_options.timings.reconnectMin;
        options.reconnectMax = m_options.timings.reconnectMax;
        options.seed = seed;
        net::WebSocket::Callbacks callbacks;
        callbacks.opened = [this, route] { onOpened(route); };
        callbacks.lost = [this, route](const Error &why) { onLost(route, why); };
        callbacks.frame = [this, route](std::string_view frame, UtcTime at) { onFrame(route, frame, at); };
        return std::make_unique<net::WebSocket>(std::move(options), m_clock, std::move(callbacks));
    };
    m_public = make(Route::Public, "public stream", m_options.seed * 2);
    m_market = make(Route::Market, "market stream", m_options.seed * 2 + 1);

    std::string publicStreams;
    std::string marketStreams;
    for (const auto &market : m_markets) {
        const std::string symbol = percentEncoded(market->lowerName);
        const auto separator = [](const std::string &streams) { return streams.empty() ? "" : "/"; };
        publicStreams += separator(publicStreams) + symbol + "@depth@100ms/" + symbol + "@bookTicker";
        marketStreams += separator(marketStreams) + symbol + "@aggTrade/" + symbol + "@markPrice@1s";
    }
    m_public->start(m_options.endpoints.streamsPublic + "/public/stream?streams=" + publicStreams);
    m_market->start(m_options.endpoints.streamsMarket + "/market/stream?streams=" + marketStreams);
}

net::WebSocket &MarketStreams::socket(Route route)
{
    return route == Route::Public ? *m_public : *m_market;
}

bool MarketStreams::isOpen(Route route) const
{
    const auto &socket = route == Route::Public ? m_public : m_market;
    return socket && socket->state() == net::WebSocket::State::Open;
}

MarketStreams::Market *MarketStreams::find(const Symbol &symbol)
{
    // A handful of contracts: a walk is quicker than a hash.
    for (const auto &market : m_markets) {
        if (market->instrument.symbol == symbol)
            return market.get();
    }
    return nullptr;
}

void MarketStreams::onInstrumentChanged(const Instrument &instrument)
{
    Market *market = find(instrument.key.symbol);
    if (!market || !m_listener || market->sync.book().tickSize() == instrument.tickSize)
        return;
    market->sync = BookSync(instrument.key, instrument.tickSize);
    ++market->connection;
    market->snapshotWanted = market->snapshotRunning = false;
    market->quoteCount = 0;
    publishBook(*market, {}, m_clock.now());
}

void MarketStreams::onOpened(Route route)
{
    for (const auto &market : m_markets) {
        if (route == Route::Public) {
            market->publicSince = m_clock.monotonic();
            market->lastDepthAt = market->lastQuoteAt = Duration::zero();
        } else {
            market->marketSince = m_clock.monotonic();
            market->lastMarkAt = Duration::zero();
        }
    }
}

void MarketStreams::onLost(Route route, const Error &why)
{
    for (const auto &market : m_markets) {
        if (route == Route::Public) {
            market->publicSince = Duration::zero();
            ++market->connection;
            ++market->book.reconnects;
            market->book.lastError = why.detail;
            market->quoteCount = 0;
            market->snapshotWanted = market->snapshotRunning = false;
            follow(*market, market->sync.onDisconnected(), {}, m_clock.now());
            publishBook(*market, {}, m_clock.now());
            if (!m_listener)
                return;
        } else {
            market->marketSince = Duration::zero();
            for (ports::StreamStatus *status : {&market->trades, &market->mark}) {
                ++status->reconnects;
                status->lastError = why.detail;
                publishStatus(*status, Freshness::Lost);
                if (!m_listener)
                    return;
            }
        }
    }
}

void MarketStreams::onFrame(Route route, std::string_view frame, UtcTime receivedAt)
{
    const auto event = m_decoder.decode(frame, receivedAt);
    if (!event) {
        onUndecodable(route, frame, event.error());
        return;
    }
    if (const auto *depth = std::get_if<const DepthUpdate *>(&*event))
        onDepth(**depth);
    else if (const auto *quote = std::get_if<BestQuote>(&*event))
        onQuote(*quote);
    else if (const auto *trade = std::get_if<Trade>(&*event))
        onTrade(*trade);
    else if (const auto *mark = std::get_if<MarkPrice>(&*event))
        onMark(*mark);
    else if (const auto *ignored = std::get_if<Ignored>(&*event);
             ignored && ignored->event == "serverShutdown")
        socket(route).reconnect(Error{ErrorCode::Unavailable, "the venue announced its shutdown"});
}

/// A frame of the depth stream that cannot be read is a hole in it; of any other, one print or price is
/// missing.
void MarketStreams::onUndecodable(Route route, std::string_view frame, const Error &why)
{
    const auto names = [&](const Market &market) {
        return frame.find(market.name) != std::string_view::npos ||
               frame.find(market.lowerName) != std::string_view::npos;
    };
    const bool named =
        std::any_of(m_markets.begin(), m_markets.end(), [&](const auto &m) { return names(*m); });
    for (const auto &market : m_markets) {
        if (named && !names(*market))
            continue;
        if (route == Route::Public) {
            ++market->book.lost;
            market->book.lastError = why.detail;
            follow(*market, market->sync.onDecodeError(why), {}, m_clock.now());
        } else {
            ports::StreamStatus &status =
                frame.find("arkPrice") != std::string_view::npos ? market->mark : market->trades;
            ++status.lost;
            status.lastError = why.detail;
        }
        if (!m_listener)
            return;
    }
}

void MarketStreams::onDepth(const DepthUpdate &update)
{
    Market *market = find(update.symbol);
    if (!market || !m_listener)
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

void MarketStreams::onQuote(const BestQuote &quote)
{
    Market *market = find(quote.instrument.symbol);
    if (!market || !m_listener)
        return;
    market->lastQuoteAt = m_clock.monotonic();
    market->quotes[market->quoteCount++ % kQuotesKept] = quote;
    checkAgainstQuote(*market, quote);
    if (m_listener)
        m_listener->onBestQuote(quote);
}

void MarketStreams::onTrade(const Trade &trade)
{
    Market *market = find(trade.instrument.symbol);
    if (!market || !m_listener)
        return;
    ++market->trades.messages;
    market->trades.lastMessageAt = trade.receivedAt;
    m_listener->onTrade(trade);
}

void MarketStreams::onMark(const MarkPrice &mark)
{
    Market *market = find(mark.instrument.symbol);
    if (!market || !m_listener)
        return;
    ++market->mark.messages;
    market->mark.lastMessageAt = mark.receivedAt;
    market->lastMarkAt = m_clock.monotonic();
    m_listener->onMark(mark);
    if (m_listener && market->mark.freshness != Freshness::Fresh)
        publishStatus(market->mark, Freshness::Fresh);
}

void MarketStreams::wantSnapshot(Market &market)
{
    if (!isOpen(Route::Public) || market.snapshotRunning) {
        market.snapshotWanted = isOpen(Route::Public);
        return;
    }
    const Duration now = m_clock.monotonic();
    if (now >= market.snapshotNotBefore)
        requestSnapshot(market);
    else
        market.snapshotWanted = true;
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
    m_rest.call(std::move(call), [this, &market, connection = market.connection](const RestResult &result) {
        if (m_listener && connection == market.connection)
            onSnapshot(market, result);
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
    if (!isOpen(Route::Public))
        return m_public && m_public->connections() == 0 ? Freshness::Connecting : Freshness::Lost;
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
    if (!m_listener)
        return;
    const Freshness freshness = bookFreshness(market);
    const bool changed = market.publishedFreshness != freshness;
    market.publishedFreshness = freshness;
    m_listener->onBook(market.instrument, market.sync.book(), freshness, venueTime, receivedAt);
    if (changed)
        publishStatus(market.book, freshness);
}

void MarketStreams::publishStatus(ports::StreamStatus &status, Freshness freshness)
{
    status.freshness = freshness;
    if (m_listener)
        m_listener->onStreamStatus(status);
}

void MarketStreams::care()
{
    const Duration now = m_clock.monotonic();
    for (const auto &owned : m_markets) {
        Market &market = *owned;
        if (!m_listener)
            return;
        follow(market, market.sync.onTimer(m_clock.now()), {}, m_clock.now());
        if (market.snapshotWanted && !market.snapshotRunning && isOpen(Route::Public) &&
            now >= market.snapshotNotBefore)
            requestSnapshot(market);
        watchSilence(market, now);
        if (!m_listener || now - market.lastStatusAt < kStatusEvery)
            continue;
        market.lastStatusAt = now;
        publishStatus(market.book, bookFreshness(market));
        publishStatus(market.mark, market.mark.freshness);
        publishStatus(market.trades, market.trades.freshness);
    }
}

/// By age and by rule: old marks, a book that stands still while the best quote moves, streams that never
/// spoke.
void MarketStreams::watchSilence(Market &market, Duration now)
{
    const ClientTimings &timings = m_options.timings;
    if (isOpen(Route::Public) && market.publicSince > Duration::zero()) {
        const bool spoke = market.lastDepthAt > Duration::zero();
        if (!spoke && now - market.publicSince > timings.firstDataWithin) {
            market.publicSince = Duration::zero();
            market.book.lastError = "route error: no depth within the first-data deadline";
            m_public->reconnect(Error{ErrorCode::Unavailable, market.book.lastError});
        } else if (spoke && market.sync.isSynchronised() &&
                   now - market.lastDepthAt > timings.bookSilentAfter &&
                   market.lastQuoteAt > market.lastDepthAt && !market.overruled) {
            resynchronise(market, Freshness::Stale,
                          Error{ErrorCode::OutOfSync, market.name + ": no depth while bookTicker moves"});
        }
    }
    if (!m_listener || !isOpen(Route::Market) || market.marketSince == Duration::zero())
        return;
    const bool spoke = market.lastMarkAt > Duration::zero();
    if (!spoke && now - market.marketSince > timings.firstDataWithin) {
        market.marketSince = Duration::zero();
        market.mark.lastError = "route error: no mark price within the first-data deadline";
        m_market->reconnect(Error{ErrorCode::Unavailable, market.mark.lastError});
        return;
    }
    const Freshness mark = !spoke                                             ? Freshness::Connecting
                           : now - market.lastMarkAt > timings.markStaleAfter ? Freshness::Stale
                                                                              : Freshness::Fresh;
    if (mark != market.mark.freshness)
        publishStatus(market.mark, mark);
    // Prints come when people trade; what is known is whether the socket that carries them is alive.
    if (m_listener && mark != market.trades.freshness)
        publishStatus(market.trades, mark);
}

} // namespace core::exchange::binance
