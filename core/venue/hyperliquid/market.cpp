#include "core/venue/hyperliquid/market.h"

#include "core/venue/scenario.h"

namespace core::venue::hyperliquid
{

Market::Market(Desk &desk, Tape &tape, SocketHub &hub, const HyperliquidOptions &options, const Clock &clock)
    : m_desk(desk), m_tape(tape), m_hub(hub), m_options(options), m_clock(clock), m_hours(desk.universe().size())
{
}

Market::~Market() = default;

Result<void> Market::start()
{
    const Universe &universe = m_desk.universe();
    ScenarioOptions scenario;
    scenario.kind = m_options.scenario;
    scenario.seed = m_options.seed;
    VenueOptions options;
    for (std::size_t asset = 0; asset < universe.size(); ++asset) {
        if (universe.coin(asset).isDelisted)
            continue;
        VenueInstrument generated = universe.instrument(asset);
        generated.contract.tickSize = universe.marketTick(asset);
        options.instruments.push_back(generated);
        if (scenario.symbol.empty()) {
            scenario.symbol = universe.symbol(asset);
            scenario.startPrice = universe.coin(asset).startPrice;
        } else {
            scenario.more.push_back({universe.symbol(asset), universe.coin(asset).startPrice});
        }
    }
    options.market = scenario;
    auto source = makeScenario(scenario, options.instruments);
    if (!source)
        return fail(source.error());
    FeedListener &listener = *this; // a private base: nobody else shall feed it
    m_feed = std::make_unique<MarketFeed>(std::move(*source), options, listener, [this](const Symbol &symbol) {
        return m_desk.engine().book(symbol).middle();
    });
    return m_feed->start(m_clock.now());
}

std::optional<std::size_t> Market::tradingAsset(const Symbol &symbol) const
{
    const auto asset = m_desk.universe().assetOf(symbol.view());
    return asset && !m_desk.universe().coin(*asset).isDelisted ? asset : std::nullopt;
}

void Market::onBookStart(const exchange::binance::DepthSnapshot &snapshot, const Symbol &symbol)
{
    const auto asset = tradingAsset(symbol);
    if (asset && !m_desk.assignBook(*asset, snapshot.lastUpdateId, snapshot.venueTime, snapshot.bids, snapshot.asks))
        ++m_errors;
}

void Market::onDepth(const exchange::binance::DepthUpdate &update, std::string_view)
{
    const auto asset = tradingAsset(update.symbol);
    if (!asset)
        return;
    if (!m_desk.applyDiff(*asset, update.lastId, update.venueTime, update.bids, update.asks))
        ++m_errors;
    m_hub.onBook(*asset);
}

void Market::onTrade(const Trade &trade, std::string_view)
{
    const auto asset = tradingAsset(trade.instrument.symbol);
    if (!asset)
        return;
    m_desk.onTrade(*asset, trade);
    m_hub.onTrade(*asset, m_tape.onTrade(*asset, trade));
}

void Market::onMark(const MarkPrice &mark, std::string_view)
{
    if (const auto asset = tradingAsset(mark.instrument.symbol))
        apply(*asset, mark);
}

void Market::apply(std::size_t asset, MarkPrice mark)
{
    const Universe &universe = m_desk.universe();
    const std::int64_t tick = universe.instrument(asset).contract.tickSize.raw();
    const auto onGrid = [tick](Price price) {
        return Price::fromRaw(roundToStep(price.raw(), tick, Rounding::HalfEven));
    };
    mark.mark = onGrid(mark.mark);
    mark.index = onGrid(mark.index.value_or(mark.mark));
    const Ratio usual = universe.coin(asset).fundingRate;
    // A scenario that raises the rate states it for eight hours.
    if (!mark.fundingRate || *mark.fundingRate == usual)
        mark.fundingRate = usual;
    else
        mark.fundingRate = Ratio::fromRaw(mark.fundingRate->raw() / 8);
    const auto hour = std::chrono::ceil<std::chrono::hours>(mark.venueTime + Duration{1});
    mark.nextFundingTime = hour;
    if (m_hours[asset] && hour != *m_hours[asset])
        m_tape.onFunding(asset, *mark.fundingRate, Ratio{}, *m_hours[asset]);
    m_hours[asset] = hour;
    m_desk.onMark(asset, mark);
    m_hub.onMark(asset);
}

void Market::setMark(std::size_t asset, Price mark)
{
    MarkPrice made;
    made.instrument = {Venue::Hyperliquid, m_desk.universe().symbol(asset)};
    made.mark = mark;
    made.index = mark;
    made.venueTime = m_clock.now();
    made.receivedAt = made.venueTime;
    apply(asset, made);
}

} // namespace core::venue::hyperliquid
