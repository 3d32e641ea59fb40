#include "core/venue/hyperliquid/market.h"

#include <algorithm>

#include "core/venue/scenario.h"

namespace core::venue::hyperliquid
{

/// The market of one coin.
class Market::Feed final : public FeedListener
{
public:
    Feed(Market &market, std::size_t asset) : m_market(market), m_asset(asset) {}

    [[nodiscard]] Result<void> start(std::unique_ptr<MarketSource> source, const VenueOptions &options, UtcTime epoch)
    {
        const Symbol symbol = m_market.m_desk.universe().symbol(m_asset);
        m_feed = std::make_unique<MarketFeed>(std::move(source), options, *this, [this, symbol](const Symbol &) {
            return m_market.m_desk.engine().book(symbol).middle();
        });
        return m_feed->start(epoch);
    }
    void advance(Duration elapsed) { m_feed->advance(elapsed); }
    [[nodiscard]] std::optional<Duration> nextAt() const { return m_feed->nextAt(); }
    void mark(MarkPrice mark);

    void onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &) override
    {
        m_ok = m_market.m_desk
                   .assignBook(m_asset, snapshot.lastUpdateId, snapshot.venueTime, snapshot.bids, snapshot.asks)
                   .has_value();
    }
    void onDepth(const exchange::binance::DepthUpdate &update, std::string_view) override
    {
        m_ok = m_market.m_desk.applyDiff(m_asset, update.lastId, update.venueTime, update.bids, update.asks).has_value();
        m_market.m_hub.onBook(m_asset);
    }
    void onTrade(const Trade &trade, std::string_view) override
    {
        m_market.m_desk.onTrade(m_asset, trade);
        m_market.m_hub.onTrade(m_asset, m_market.m_tape.onTrade(m_asset, trade));
    }
    void onMark(const MarkPrice &generated, std::string_view) override { mark(generated); }
    void onAggregateTrade(const Trade &, std::string_view) override {}
    void onBookTicker(const BestQuote &, std::string_view) override {}
    void onCandle(const Symbol &, std::string_view, std::string_view) override {}
    void onFeedError(const Error &) override { m_ok = false; }

private:
    Market &m_market;
    std::size_t m_asset;
    std::unique_ptr<MarketFeed> m_feed;
    std::optional<UtcTime> m_hour;
    bool m_ok{true};
};

void Market::Feed::mark(MarkPrice mark)
{
    const Desk &desk = m_market.m_desk;
    const std::int64_t tick = desk.universe().instrument(m_asset).contract.tickSize.raw();
    const auto onGrid = [tick](Price price) {
        return Price::fromRaw(roundToStep(price.raw(), tick, Rounding::HalfEven));
    };
    mark.mark = onGrid(mark.mark);
    mark.index = onGrid(mark.index.value_or(mark.mark));
    mark.fundingRate = desk.universe().coin(m_asset).fundingRate;
    const auto hour = std::chrono::ceil<std::chrono::hours>(mark.venueTime + Duration{1});
    mark.nextFundingTime = hour;
    if (m_hour && hour != *m_hour)
        m_market.m_tape.onFunding(m_asset, *mark.fundingRate, Ratio{}, *m_hour);
    m_hour = hour;
    m_market.m_desk.onMark(m_asset, mark);
    m_market.m_hub.onMark(m_asset);
}

Market::Market(Desk &desk, Tape &tape, SocketHub &hub, const HyperliquidOptions &options, const Clock &clock)
    : m_desk(desk), m_tape(tape), m_hub(hub), m_options(options), m_clock(clock)
{
}

Market::~Market() = default;

Result<void> Market::start()
{
    const UtcTime epoch = m_clock.now();
    const Universe &universe = m_desk.universe();
    for (std::size_t asset = 0; asset < universe.size(); ++asset) {
        auto &feed = m_feeds.emplace_back();
        if (universe.coin(asset).isDelisted)
            continue;
        VenueInstrument generated = universe.instrument(asset);
        generated.contract.tickSize = universe.marketTick(asset);
        ScenarioOptions scenario;
        scenario.kind = m_options.scenario;
        scenario.seed = m_options.seed + asset;
        scenario.symbol = universe.symbol(asset);
        scenario.startPrice = universe.coin(asset).startPrice;
        auto source = makeScenario(scenario, generated);
        if (!source)
            return fail(source.error().in(universe.coin(asset).name));
        VenueOptions options;
        options.instruments = {generated};
        options.market = scenario;
        feed = std::make_unique<Feed>(*this, asset);
        if (const auto started = feed->start(std::move(*source), options, epoch); !started)
            return started;
    }
    return {};
}

void Market::advance(Duration elapsed)
{
    for (const auto &feed : m_feeds)
        if (feed != nullptr)
            feed->advance(elapsed);
}

std::optional<Duration> Market::nextAt() const
{
    std::optional<Duration> next;
    for (const auto &feed : m_feeds) {
        const auto own = feed == nullptr ? std::nullopt : feed->nextAt();
        if (own)
            next = next ? std::min(*next, *own) : *own;
    }
    return next;
}

void Market::setMark(std::size_t asset, Price mark)
{
    if (m_feeds[asset] == nullptr)
        return;
    MarkPrice made;
    made.instrument = {Venue::Hyperliquid, m_desk.universe().symbol(asset)};
    made.mark = mark;
    made.index = mark;
    made.venueTime = m_clock.now();
    made.receivedAt = made.venueTime;
    m_feeds[asset]->mark(made);
}

} // namespace core::venue::hyperliquid
