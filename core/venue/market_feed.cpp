#include "core/venue/market_feed.h"

#include <algorithm>

#include "core/venue/json_text.h"

namespace core::venue
{

namespace
{
constexpr std::int64_t kFundingHours = 8;

[[nodiscard]] UtcTime nextFunding(UtcTime now)
{
    const Duration interval = std::chrono::hours{kFundingHours};
    return UtcTime{(now.time_since_epoch() / interval + 1) * interval};
}
} // namespace

std::string markPriceText(const Symbol &symbol, const MarkPrice &mark)
{
    const std::int64_t price = mark.mark.raw();
    JsonText out;
    out.object()
        .text("e", "markPriceUpdate")
        .number("E", toMilliseconds(mark.venueTime))
        .text("s", symbol.view())
        .fixed("p", price, 8)
        .fixed("ap", price, 8)
        .fixed("i", mark.index.value_or(mark.mark).raw(), 8)
        .fixed("P", price, 8)
        .fixed("r", mark.fundingRate.value_or(Ratio{}).raw(), 8)
        .number("T", toMilliseconds(mark.nextFundingTime.value_or(nextFunding(mark.venueTime))))
        .number("st", 1)
        .endObject();
    return out.take();
}

/// What the feed adds for one symbol.
struct MarketFeed::PerSymbol {
    Symbol symbol;
    Ratio fundingRate;
    Duration fundingInterval{std::chrono::hours{kFundingHours}};
    bool makesMarks{false};
    std::optional<TradeJoiner> joiner;
};

/// Passes everything on and joins trades where the source has no joined ones.
class MarketFeed::Tap final : public FeedListener
{
public:
    explicit Tap(MarketFeed &feed) : m_feed(feed) {}
    void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &symbol) override
    {
        m_feed.m_listener.onBookStart(snapshot, symbol);
    }
    void onDepth(const exchange::binance::DepthUpdate &update, std::string_view data) override
    {
        m_feed.m_listener.onDepth(update, data);
    }
    void onTrade(const Trade &trade, std::string_view data) override
    {
        m_feed.m_listener.onTrade(trade, data);
        static_cast<void>(m_feed.joinOwn(trade));
    }
    void onAggregateTrade(const Trade &trade, std::string_view data) override
    {
        m_feed.m_listener.onAggregateTrade(trade, data);
    }
    void onBookTicker(const BestQuote &quote, std::string_view data) override
    {
        m_feed.m_listener.onBookTicker(quote, data);
    }
    void onMark(const MarkPrice &mark, std::string_view data) override
    {
        m_feed.m_listener.onMark(mark, data);
    }
    void onCandle(const Symbol &symbol, std::string_view stream, std::string_view data) override
    {
        m_feed.m_listener.onCandle(symbol, stream, data);
    }
    void onFeedError(const Error &error) override { m_feed.m_listener.onFeedError(error); }

private:
    MarketFeed &m_feed;
};

MarketFeed::MarketFeed(std::unique_ptr<MarketSource> source, const VenueOptions &options,
                       FeedListener &listener, Middle middle)
    : m_source(std::move(source)), m_listener(listener), m_middle(std::move(middle)),
      m_tap(std::make_unique<Tap>(*this)), m_markInterval(options.markInterval)
{
    if (const auto *recording = std::get_if<RecordingOptions>(&options.market))
        m_speed = recording->speed;
    for (const VenueInstrument &instrument : options.instruments) {
        const Symbol &symbol = instrument.contract.key.symbol;
        auto entry = std::make_unique<PerSymbol>();
        entry->symbol = symbol;
        entry->fundingRate = instrument.fundingRate;
        entry->fundingInterval = instrument.fundingInterval;
        entry->makesMarks = !m_source->hasMark(symbol);
        if (!m_source->hasAggregateTrades(symbol))
            entry->joiner.emplace(symbol, instrument.pricePrecision, instrument.quantityPrecision);
        m_symbols.push_back(std::move(entry));
    }
    m_emitJoined = [this](const Trade &joined, std::string_view data) {
        m_listener.onAggregateTrade(joined, data);
    };
}

MarketFeed::~MarketFeed() = default;

Result<void> MarketFeed::start(UtcTime epoch)
{
    m_epoch = epoch;
    return m_source->start(epoch, *m_tap);
}

Duration MarketFeed::realTime(Duration at) const
{
    const auto scaledCount = mulDiv(at.count(), kDecimalOne, m_speed.raw(), Rounding::Ceil);
    return Duration{scaledCount.value_or(at.count())};
}

std::optional<Duration> MarketFeed::nextWork() const
{
    auto next = m_source->nextAt();
    if (next)
        next = std::min(*next, m_nextMark);
    for (const auto &entry : m_symbols)
        if (entry->joiner)
            if (const auto due = entry->joiner->dueAt())
                next = next ? std::min(*next, *due) : *due;
    return next;
}

std::optional<Duration> MarketFeed::nextAt() const
{
    const auto next = nextWork();
    return next ? std::optional(realTime(*next)) : std::nullopt;
}

void MarketFeed::advance(Duration elapsed, std::size_t stepsMax)
{
    const Duration until{mulDiv(elapsed.count(), m_speed.raw(), kDecimalOne, Rounding::Floor).value_or(0)};
    for (std::size_t steps = 0; steps < stepsMax; ++steps) {
        const auto next = nextWork();
        if (!next || *next > until)
            return;
        m_at = *next;
        for (const auto &entry : m_symbols)
            if (entry->joiner)
                entry->joiner->flushDue(m_at, m_emitJoined);
        const auto sourceAt = m_source->nextAt();
        if (sourceAt && m_nextMark <= m_at) {
            for (const auto &entry : m_symbols)
                if (entry->makesMarks)
                    makeMark(*entry);
            m_nextMark += m_markInterval;
        }
        if (sourceAt && *sourceAt <= m_at)
            m_source->step(*m_tap);
    }
}

bool MarketFeed::joinOwn(const Trade &trade)
{
    for (const auto &entry : m_symbols) {
        if (!entry->joiner || !(entry->symbol == trade.instrument.symbol))
            continue;
        entry->joiner->onTrade(trade, m_at, m_emitJoined);
        return true;
    }
    return false;
}

void MarketFeed::makeMark(const PerSymbol &entry)
{
    const auto middle = m_middle(entry.symbol);
    if (!middle)
        return;
    MarkPrice mark;
    mark.instrument = {Venue::Binance, entry.symbol};
    mark.mark = *middle;
    mark.index = *middle;
    mark.fundingRate = entry.fundingRate;
    mark.venueTime = m_epoch + realTime(m_at);
    mark.receivedAt = mark.venueTime;
    mark.nextFundingTime =
        UtcTime{(mark.venueTime.time_since_epoch() / entry.fundingInterval + 1) * entry.fundingInterval};
    m_listener.onMark(mark, markPriceText(entry.symbol, mark));
}

} // namespace core::venue
