#include "core/exchange/hyperliquid/market_streams.h"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/market/order_book.h"

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 100ms;
constexpr Duration kStatusEvery = 1s;
/// The venue grants 10 connections (one is the account's) and 1000 subscriptions in all.
constexpr std::size_t kLinesMost = 8;
constexpr std::size_t kCoinsPerLine = 25;
constexpr std::size_t kTradesRemembered = 2'000;

std::string subscription(std::string_view type, const Symbol &symbol)
{
    return fmt::format(R"({{"type":"{}","coin":"{}"}})", type, symbol.view());
}

std::string candleSubscription(const Symbol &symbol, std::string_view interval)
{
    return fmt::format(R"({{"type":"candle","coin":"{}","interval":"{}"}})", symbol.view(), interval);
}

constexpr std::string_view kTypes[] = {"l2Book", "bbo", "trades", "activeAssetCtx"};

} // namespace

struct MarketStreams::Line {
    std::unique_ptr<ClientSocket> socket;
    std::size_t coins{0};
};

/// Everything about one coin.
struct MarketStreams::Market {
    explicit Market(const Instrument &from) : instrument(from.key), book(from.tickSize)
    {
        const std::string name = from.key.symbol.string();
        bookStatus.name = "book " + name;
        tradeStatus.name = "trades " + name;
        markStatus.name = "mark " + name;
        bookStatus.venue = tradeStatus.venue = markStatus.venue = Venue::Hyperliquid;
    }

    InstrumentKey instrument;
    market::OrderBook book;
    Line *line{nullptr};
    ports::StreamStatus bookStatus, tradeStatus, markStatus;
    bool hasBook{false};
    UtcTime bookTime;
    Duration bookAt{0}, quoteAt{0}, markAt{0}, statusAt{0};
    std::optional<Bbo> bbo;
    std::optional<Price> mark, mid, last;
    std::optional<Freshness> published;
    std::set<std::pair<UtcTime, std::int64_t>> tradesSeen;
    std::deque<std::pair<UtcTime, std::int64_t>> tradeOrder;
    std::map<Duration, std::optional<Candle>> candles;
};

MarketStreams::MarketStreams(const ClientOptions &options, const Clock &clock, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock)
{
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &MarketStreams::care);
}

MarketStreams::~MarketStreams() = default;

void MarketStreams::start(ports::ExchangeListener &listener)
{
    m_listener = &listener;
    m_care.start();
}

void MarketStreams::stop()
{
    m_care.stop();
    for (const auto &line : m_lines)
        line->socket->stop();
    m_listener = nullptr;
}

MarketStreams::Market *MarketStreams::find(const Symbol &symbol) const
{
    // A handful of coins: a walk is quicker than a hash.
    for (const auto &market : m_markets) {
        if (market->instrument.symbol == symbol)
            return market.get();
    }
    return nullptr;
}

MarketStreams::Line &MarketStreams::lineWithRoom()
{
    const auto least = std::min_element(m_lines.begin(), m_lines.end(),
                                        [](const auto &a, const auto &b) { return a->coins < b->coins; });
    if (least != m_lines.end() && ((*least)->coins < kCoinsPerLine || m_lines.size() >= kLinesMost))
        return **least;
    auto line = std::make_unique<Line>();
    Line *at = line.get();
    const std::size_t number = m_lines.size();
    line->socket = std::make_unique<ClientSocket>(
        m_options, m_clock, fmt::format("market stream {}", number + 1), m_options.seed * 17 + number,
        net::WebSocket::Callbacks{.opened = [this, at] { onOpened(*at); },
                                  .lost = [this, at](const Error &why) { onLost(*at, why); },
                                  .frame =
                                      [this, at](std::string_view frame, UtcTime when) {
                                          onFrame(*at, frame, when);
                                      }},
        nullptr);
    m_lines.push_back(std::move(line));
    at->socket->start();
    return *at;
}

void MarketStreams::add(const Instrument &instrument)
{
    if (Market *known = find(instrument.key.symbol)) {
        if (known->book.tickSize() != instrument.tickSize) {
            known->book = market::OrderBook(instrument.tickSize);
            known->hasBook = false;
        }
        return;
    }
    m_markets.push_back(std::make_unique<Market>(instrument));
    Market &market = *m_markets.back();
    market.line = &lineWithRoom();
    ++market.line->coins;
    for (const std::string_view type : kTypes)
        market.line->socket->subscribe(subscription(type, instrument.key.symbol));
}

void MarketStreams::remove(const Symbol &symbol)
{
    Market *market = find(symbol);
    if (!market)
        return;
    for (const std::string_view type : kTypes)
        market->line->socket->unsubscribe(subscription(type, symbol));
    for (const auto &[length, candle] : market->candles)
        market->line->socket->unsubscribe(candleSubscription(symbol, intervalWord(length)));
    --market->line->coins;
    std::erase_if(m_markets, [market](const auto &owned) { return owned.get() == market; });
}

bool MarketStreams::watchCandles(const Symbol &symbol, Duration length, bool on)
{
    Market *market = find(symbol);
    const std::string_view word = intervalWord(length);
    if (!market || word.empty())
        return false;
    if (on && market->candles.emplace(length, std::nullopt).second)
        market->line->socket->subscribe(candleSubscription(symbol, word));
    else if (!on && market->candles.erase(length) > 0)
        market->line->socket->unsubscribe(candleSubscription(symbol, word));
    return true;
}

Surroundings MarketStreams::surroundings(const Symbol &symbol) const
{
    Surroundings around;
    const Market *market = find(symbol);
    if (!market)
        return around;
    around.mark = market->mark;
    around.mid = market->mid;
    if (market->bbo && market->bbo->bid && market->bbo->ask) {
        const std::int64_t bid = market->bbo->bid->price.raw();
        around.mid = Price::fromRaw(bid + (market->bbo->ask->price.raw() - bid) / 2);
    }
    return around;
}

// ---- the line ----

void MarketStreams::onOpened(Line &line)
{
    for (const auto &market : m_markets) {
        if (market->line != &line)
            continue;
        market->bookAt = market->quoteAt = market->markAt = Duration::zero();
        market->bbo.reset();
        market->hasBook = false;
    }
}

void MarketStreams::onLost(Line &line, const Error &why)
{
    for (const auto &owned : m_markets) {
        Market &market = *owned;
        if (market.line != &line)
            continue;
        market.hasBook = false;
        market.bbo.reset();
        // Prices of before the break are nobody's estimate any more.
        market.mark.reset();
        market.mid.reset();
        for (ports::StreamStatus *status : {&market.bookStatus, &market.tradeStatus, &market.markStatus}) {
            ++status->reconnects;
            status->lastError = why.detail;
        }
        publishBook(market, {}, m_clock.now());
        publishStatus(market.tradeStatus, Freshness::Lost);
        publishStatus(market.markStatus, Freshness::Lost);
        if (!m_listener)
            return;
    }
}

void MarketStreams::onFrame(Line &line, std::string_view frame, UtcTime receivedAt)
{
    if (!m_listener)
        return;
    const auto event = m_decoder.decode(frame, receivedAt);
    if (!event) {
        onUndecodable(line, frame, event.error());
        return;
    }
    if (const auto *book = std::get_if<const BookSnapshot *>(&*event))
        onBook(**book);
    else if (const auto *bbo = std::get_if<Bbo>(&*event))
        onBbo(*bbo);
    else if (const auto *trades = std::get_if<const TradeBatch *>(&*event))
        onTrades(**trades);
    else if (const auto *context = std::get_if<ContextUpdate>(&*event))
        onContext(*context);
    else if (const auto *batch = std::get_if<const CandleBatch *>(&*event))
        onCandles(**batch);
    else if (const auto *notice = std::get_if<ErrorNotice>(&*event))
        onUndecodable(line, notice->text, Error{ErrorCode::Rejected, "the venue says: " + notice->text});
}

/// What cannot be read is counted where it belongs, as far as the text tells; the next snapshot makes it good.
void MarketStreams::onUndecodable(Line &line, std::string_view frame, const Error &why)
{
    for (const auto &market : m_markets) {
        const std::string quoted = '"' + market->instrument.symbol.string() + '"';
        if (market->line != &line || frame.find(quoted) == std::string_view::npos)
            continue;
        ports::StreamStatus &status = frame.find("\"trades\"") != std::string_view::npos ? market->tradeStatus
                                      : frame.find("\"activeAssetCtx\"") != std::string_view::npos
                                          ? market->markStatus
                                          : market->bookStatus;
        ++status.lost;
        status.lastError = why.detail.substr(0, 200);
    }
}

// ---- book and quotes ----

void MarketStreams::onBook(const BookSnapshot &snapshot)
{
    Market *market = find(snapshot.instrument.symbol);
    if (!market)
        return;
    ++market->bookStatus.messages;
    market->bookStatus.lastMessageAt = snapshot.receivedAt;
    market->bookAt = m_clock.monotonic();
    if (market->hasBook && snapshot.venueTime < market->bookTime)
        return;
    market->bookTime = snapshot.venueTime;
    const auto assigned = market->book.assign(snapshot.bids, snapshot.asks);
    market->hasBook = assigned.has_value();
    if (!assigned) {
        ++market->bookStatus.lost;
        market->bookStatus.lastError = assigned.error().detail;
        market->book.clear();
    } else if (market->bbo && market->bbo->venueTime > snapshot.venueTime) {
        layOver(*market, *market->bbo);
    }
    publishBook(*market, snapshot.venueTime, snapshot.receivedAt);
}

/// The best prices are newer than the snapshot: what lies before them is gone, and they themselves are sure. Deeper levels
/// stay as last seen.
void MarketStreams::layOver(Market &market, const Bbo &bbo)
{
    const auto side = [&market](Side which, const std::optional<Level> &best) {
        std::vector<Level> changes;
        std::vector<Level> known;
        market.book.copyLevels(which, SIZE_MAX, known);
        for (const Level &level : known) {
            const bool before = !best || (which == Side::Buy ? level.price > best->price : level.price < best->price);
            if (before)
                changes.push_back({level.price, Quantity{}});
        }
        if (best)
            changes.push_back(*best);
        return changes;
    };
    const std::vector<Level> bids = side(Side::Buy, bbo.bid);
    const std::vector<Level> asks = side(Side::Sell, bbo.ask);
    if (const auto applied = market.book.apply(bids, asks); !applied) {
        ++market.bookStatus.lost;
        market.bookStatus.lastError = applied.error().detail;
        market.hasBook = false;
        market.book.clear();
    }
}

void MarketStreams::onBbo(const Bbo &bbo)
{
    Market *market = find(bbo.instrument.symbol);
    if (!market || (market->bbo && bbo.venueTime < market->bbo->venueTime))
        return;
    ++market->bookStatus.messages;
    market->bookStatus.lastMessageAt = bbo.receivedAt;
    market->quoteAt = m_clock.monotonic();
    market->bbo = bbo;
    if (market->hasBook && bbo.venueTime >= market->bookTime) {
        layOver(*market, bbo);
        publishBook(*market, bbo.venueTime, bbo.receivedAt);
    }
    if (const auto quote = toBestQuote(bbo); quote && m_listener)
        m_listener->onBestQuote(*quote);
}

Freshness MarketStreams::bookFreshness(const Market &market) const
{
    if (!market.line->socket->isOpen())
        return market.line->socket->connections() == 0 ? Freshness::Connecting : Freshness::Lost;
    if (!market.hasBook)
        return Freshness::Connecting;
    if (market.book.isCrossed())
        return Freshness::Crossed;
    const Duration now = m_clock.monotonic();
    const ClientTimings &timings = m_options.timings;
    const Duration newest = std::max(market.quoteAt, market.markAt);
    const bool alive =
        market.line->socket->isAlive() && now - std::max(newest, market.bookAt) <= timings.markStaleAfter;
    const bool depth = now - market.bookAt <= timings.bookStaleAfter;
    return alive && depth ? Freshness::Fresh : Freshness::Stale;
}

void MarketStreams::publishBook(Market &market, UtcTime venueTime, UtcTime receivedAt)
{
    if (!m_listener)
        return;
    const Freshness freshness = bookFreshness(market);
    const bool changed = market.published != freshness;
    market.published = freshness;
    m_listener->onBook(market.instrument, market.book, freshness, venueTime, receivedAt);
    if (changed)
        publishStatus(market.bookStatus, freshness);
}

// ---- prints, marks, candles ----

/// The first batch of a subscription repeats recent prints.
void MarketStreams::onTrades(const TradeBatch &batch)
{
    std::vector<const Trade *> ordered;
    for (const Trade &trade : batch.trades)
        ordered.push_back(&trade);
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const Trade *a, const Trade *b) { return a->venueTime < b->venueTime; });
    for (const Trade *trade : ordered) {
        Market *market = find(trade->instrument.symbol);
        if (!market || !m_listener)
            continue;
        const std::pair key{trade->venueTime, trade->id};
        if (!market->tradesSeen.insert(key).second)
            continue;
        market->tradeOrder.push_back(key);
        if (market->tradeOrder.size() > kTradesRemembered) {
            market->tradesSeen.erase(market->tradeOrder.front());
            market->tradeOrder.pop_front();
        }
        ++market->tradeStatus.messages;
        market->tradeStatus.lastMessageAt = trade->receivedAt;
        market->last = trade->price;
        m_listener->onTrade(*trade);
    }
}

void MarketStreams::onContext(const ContextUpdate &update)
{
    Market *market = find(update.mark.instrument.symbol);
    if (!market)
        return;
    ++market->markStatus.messages;
    market->markStatus.lastMessageAt = update.mark.receivedAt;
    market->markAt = m_clock.monotonic();
    market->mark = update.mark.mark;
    market->mid = update.context.mid;
    m_listener->onMark(update.mark);
    if (const auto ticker = toTicker(update, market->last.value_or(update.context.mid.value_or(update.mark.mark)));
        ticker && m_listener)
        m_listener->onTicker(*ticker);
    if (m_listener && market->markStatus.freshness != Freshness::Fresh)
        publishStatus(market->markStatus, Freshness::Fresh);
}

void MarketStreams::onCandles(const CandleBatch &batch)
{
    for (const Candle &candle : batch.candles) {
        if (m_listener)
            onCandle(candle);
    }
}

/// The venue never says that a candle is closed: the next one does.
void MarketStreams::onCandle(const Candle &candle)
{
    Market *market = find(candle.instrument.symbol);
    const auto slot = market ? market->candles.find(candle.length) : std::map<Duration, std::optional<Candle>>::iterator{};
    if (!market || slot == market->candles.end())
        return;
    std::optional<Candle> &running = slot->second;
    if (running && candle.openTime < running->openTime)
        return;
    if (running && candle.openTime > running->openTime) {
        Candle closed = *running;
        closed.closed = true;
        m_listener->onCandle(closed);
    }
    running = candle;
    if (m_listener)
        m_listener->onCandle(candle);
}

// ---- care ----

void MarketStreams::care()
{
    const Duration now = m_clock.monotonic();
    for (const auto &owned : m_markets) {
        Market &market = *owned;
        if (!m_listener)
            return;
        if (bookFreshness(market) != market.published)
            publishBook(market, {}, m_clock.now());
        const bool open = market.line->socket->isOpen();
        const Freshness mark = !open                               ? market.markStatus.freshness
                               : market.markAt == Duration::zero() ? Freshness::Connecting
                               : !market.line->socket->isAlive() ||
                                       now - market.markAt > m_options.timings.markStaleAfter
                                   ? Freshness::Stale
                                   : Freshness::Fresh;
        if (m_listener && mark != market.markStatus.freshness)
            publishStatus(market.markStatus, mark);
        // Prints come when people trade; what is known is whether the line that carries them is alive.
        if (m_listener && mark != market.tradeStatus.freshness)
            publishStatus(market.tradeStatus, mark);
        if (!m_listener || now - market.statusAt < kStatusEvery)
            continue;
        market.statusAt = now;
        for (ports::StreamStatus *status : {&market.bookStatus, &market.tradeStatus, &market.markStatus})
            publishStatus(*status, status->freshness);
    }
}

void MarketStreams::publishStatus(ports::StreamStatus &status, Freshness freshness)
{
    status.freshness = freshness;
    if (m_listener)
        m_listener->onStreamStatus(status);
}

} // namespace core::exchange::hyperliquid
