#include "core/runtime/engine_link.h"

#include <array>

#include <fmt/format.h>

#include "core/market/order_book.h"

namespace core::runtime
{

namespace
{
constexpr Duration kEstimateCandle = std::chrono::hours{1};
constexpr Duration kEstimateHistory = std::chrono::hours{95 * 24};
constexpr Duration kClockNews = std::chrono::milliseconds{100}; ///< what the offset changes by before it is news
constexpr Duration kDepthToGuardEvery = std::chrono::seconds{1};
/// Distances from the mid, as shares of 1e-8: 5 to 200 bps.
constexpr std::array<std::int64_t, 7> kDepthSteps{50'000, 100'000, 200'000, 500'000, 1'000'000, 1'500'000, 2'000'000};

/// Absent: one side is empty, or a number does not fit.
[[nodiscard]] std::optional<risk::Depth> depthOf(const InstrumentKey &instrument, const market::OrderBook &book, UtcTime at)
{
    const auto bid = book.best(Side::Buy);
    const auto ask = book.best(Side::Sell);
    if (!bid || !ask || book.isCrossed())
        return std::nullopt;
    risk::Depth depth;
    depth.instrument = instrument;
    depth.mid = Price::fromRaw(bid->price.raw() + (ask->price.raw() - bid->price.raw()) / 2);
    depth.at = at;
    depth.complete = true;
    for (const std::int64_t step : kDepthSteps)
        depth.steps.push_back({Ratio::fromRaw(step), {}, {}});
    std::vector<Level> levels;
    for (const Side side : {Side::Buy, Side::Sell}) {
        const bool bids = side == Side::Buy;
        const auto edge = [&](std::int64_t step) {
            return scaled(depth.mid, Ratio::fromRaw(bids ? kDecimalOne - step : kDecimalOne + step),
                          bids ? Rounding::Ceil : Rounding::Floor);
        };
        const auto last = edge(kDepthSteps.back());
        if (!last)
            return std::nullopt;
        levels.clear();
        book.copyLevelsWithin(side, *last, levels);
        depth.complete = depth.complete && book.levelCount(side) > levels.size();
        std::size_t next = 0;
        Quantity sum;
        for (risk::Depth::Step &step : depth.steps) {
            const auto worst = edge(step.distance.raw());
            if (!worst)
                return std::nullopt;
            for (; next < levels.size() && (bids ? levels[next].price >= *worst : levels[next].price <= *worst); ++next) {
                const auto more = add(sum, levels[next].quantity);
                if (!more)
                    return std::nullopt;
                sum = *more;
            }
            (bids ? step.bids : step.asks) = sum;
        }
    }
    return depth;
}
} // namespace

Engine::Link::Link(Engine &engine, const ClientSetup &setup, std::unique_ptr<ports::ExchangeClient> client)
    : m_engine(engine), m_setup(setup), m_client(std::move(client)), m_venuePast(*m_client, setup.venue)
{
}

const AccountId &Engine::Link::account() const
{
    return m_setup.label.empty() ? m_engine.m_setup.account : m_setup.label;
}

AccountBoard &Engine::Link::board() { return m_engine.m_accounts.at(m_setup.venue); }

void Engine::Link::start()
{
    if (hasAccount()) {
        const ports::Capabilities can = m_client->capabilities();
        m_engine.feed(orders::CapabilitiesReport{.account = m_setup.venue,
                                                 .conditionalOrders = can.conditionalOrders,
                                                 .deadManTimer = can.deadManTimer,
                                                 .deadManPerInstrument = can.deadManPerInstrument,
                                                 .deadManKillsStops = can.deadManKillsStops,
                                                 .hedgeMode = can.hedgeMode,
                                                 .triggerByLast = can.triggerByLast});
    }
    m_client->start(*this, m_setup.symbols);
}

void Engine::Link::onStreamStatus(const ports::StreamStatus &status)
{
    static constexpr std::string_view kTrades = "trades ";
    ports::StreamStatus named = status;
    named.venue = m_setup.venue;
    if (named.name.starts_with(kTrades)) {
        if (const auto symbol = Symbol::from(std::string_view(named.name).substr(kTrades.size())))
            m_engine.m_markets.onTradesFreshness({m_setup.venue, *symbol}, named.freshness);
    }
    if (named.clockOffset && hasAccount() &&
        (!m_clockTold || std::chrono::abs(*named.clockOffset - *m_clockTold) > kClockNews)) {
        m_clockTold = named.clockOffset;
        m_engine.feed(orders::ClockReport{m_setup.venue, *named.clockOffset});
    }
    if (auto news = m_engine.m_streams.onStatus(named)) {
        news->at = m_engine.stamp();
        m_engine.alert(std::move(*news));
    }
    m_engine.m_dirty = true;
}

void Engine::Link::onRequestBudget(const ports::RequestBudget &budget)
{
    m_engine.m_streams.onBudget(m_setup.venue, budget);
    m_engine.m_dirty = true;
}

void Engine::Link::onInstrument(const Instrument &instrument)
{
    m_engine.m_markets.describe(instrument);
    m_engine.noteRecord(m_engine.m_records.instrument(instrument));
    if (hasAccount())
        m_engine.feed(orders::InstrumentReport{instrument});
    if (m_engine.onDescribed)
        m_engine.onDescribed(instrument);
    if (hasAccount() && m_hoursAsked.insert(instrument.key).second)
        askHours(instrument.key);
    m_engine.m_dirty = true;
}

void Engine::Link::askHours(const InstrumentKey &instrument)
{
    const UtcTime now = m_engine.m_clock.now();
    m_client->watchCandles(instrument, kEstimateCandle, true);
    m_client->candles(instrument, kEstimateCandle, {now - kEstimateHistory, now},
                      [this, instrument](Result<std::vector<Candle>> candles) {
                          if (!candles) { // told at the next reconnect of the market streams again
                              m_hoursAsked.erase(instrument);
                              return;
                          }
                          for (const Candle &candle : *candles)
                              keepHour(candle);
                      });
}

void Engine::Link::keepHour(const Candle &candle)
{
    if (!candle.closed || candle.length != kEstimateCandle)
        return;
    Channels &channels = m_engine.m_channels;
    if (channels.analysisHours.push(candle).wake && channels.wakeAnalysis)
        channels.wakeAnalysis();
}

void Engine::Link::onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness, UtcTime,
                          UtcTime receivedAt)
{
    m_engine.m_markets.onBook(instrument, book, freshness, receivedAt);
    m_engine.m_dirty = true;
    if (hasAccount() && freshness == Freshness::Fresh)
        tellDepth(instrument, book, receivedAt);
}

/// What the guard may reckon with when it closes in slices; at most once a second and instrument, for the journal's sake.
void Engine::Link::tellDepth(const InstrumentKey &instrument, const market::OrderBook &book, UtcTime receivedAt)
{
    UtcTime &last = m_depthAt[instrument];
    if (receivedAt - last < kDepthToGuardEvery)
        return;
    if (auto depth = depthOf(instrument, book, receivedAt)) {
        last = receivedAt;
        m_engine.m_sizing.onDepth(*depth);
        m_engine.feed(orders::DepthReport{std::move(*depth)});
    }
}

void Engine::Link::onTrade(const Trade &trade)
{
    Channels &channels = m_engine.m_channels;
    m_engine.m_markets.onTrade(trade);
    if (m_engine.m_markets.isShown(trade.instrument))
        static_cast<void>(channels.screenTrades.push(trade).wake); // the screen wakes with the next snapshot
    if (channels.analysisTrades.push(trade).wake && channels.wakeAnalysis)
        channels.wakeAnalysis();
    m_engine.m_dirty = true;
}

void Engine::Link::onBestQuote(const BestQuote &)
{
    // The book carries the same prices; the client compares the two and reports Diverged.
}

void Engine::Link::onMark(const MarkPrice &mark)
{
    m_engine.m_markets.onMark(mark);
    m_engine.judgeFreshness();
    if (hasAccount())
        m_engine.feed(orders::MarkTick{mark.instrument, mark.mark, mark.venueTime});
    m_engine.refreshAccountView();
}

void Engine::Link::onTicker(const Ticker &ticker)
{
    m_engine.m_markets.onTicker(ticker);
    m_engine.m_dirty = true;
}

void Engine::Link::onLiquidation(const Liquidation &liquidation)
{
    m_engine.m_markets.onLiquidation(liquidation);
    m_engine.m_dirty = true;
}

void Engine::Link::onCandle(const Candle &candle)
{
    if (candle.closed)
        m_engine.noteRecord(m_engine.m_records.candle(candle));
    keepHour(candle);
}

bool Engine::Link::isAccountTalk()
{
    if (hasAccount())
        return true;
    if (!m_saidForeign) {
        m_saidForeign = true;
        m_engine.say(orders::Severity::Warning, "foreign-account", "connection",
                     fmt::format("{} speaks of an account although it was given none: ignored.", name(m_setup.venue)));
    }
    return false;
}

void Engine::Link::onAccount(const AccountSnapshot &account, Source)
{
    if (!isAccountTalk())
        return;
    AccountSnapshot ours = account;
    ours.account = this->account();
    board().onAccount(ours);
    m_engine.judgeFreshness();
    m_engine.noteRecord(m_engine.m_records.account(ours));
    m_engine.feed(orders::AccountReport{m_setup.venue, ours});
    m_engine.refreshAccountView();
}

void Engine::Link::watchPositions(const std::vector<Position> &positions)
{
    std::vector<Symbol> missing;
    for (const Position &position : positions) {
        if (position.isFlat() || m_engine.m_markets.find(position.instrument))
            continue;
        m_engine.m_markets.expect(position.instrument);
        missing.push_back(position.instrument.symbol);
    }
    if (!missing.empty())
        m_client->addSymbols(missing);
}

void Engine::Link::onPositions(const std::vector<Position> &positions, Source source, bool complete)
{
    if (!isAccountTalk())
        return;
    const AccountId &id = account();
    watchPositions(positions);
    for (const Position &closed : board().onPositions(positions, complete, m_engine.m_clock.now()))
        m_engine.noteRecord(m_engine.m_records.position(id, closed));
    for (const Position &position : positions)
        m_engine.noteRecord(m_engine.m_records.position(id, position));
    m_engine.judgeFreshness();
    m_engine.feed(orders::PositionsReport{m_setup.venue, positions, source, complete});
    m_engine.refreshAccountView();
}

void Engine::Link::tellUnknownType(const OrderUpdate &order)
{
    AlertRow row;
    row.at = m_engine.stamp();
    row.severity = orders::Severity::Warning;
    row.code = "order-type-unknown";
    row.source = "account";
    row.instrument = order.instrument;
    row.text = fmt::format("{} {} {} {}: {}. It is shown, and counts as no protection: look at it at the venue.",
                           order.instrument.symbol.view(), order.side == Side::Buy ? "buy" : "sell",
                           order.quantity.text(), order.clientOrderId.view(), order.reason);
    m_engine.alert(std::move(row));
}

void Engine::Link::onOrder(const OrderUpdate &order, Source source)
{
    if (!isAccountTalk())
        return;
    if (board().onOrder(order))
        tellUnknownType(order);
    m_engine.noteRecord(m_engine.m_records.order(account(), order));
    m_engine.feed(orders::OrderReport{order, source});
    m_engine.refreshAccountView();
}

std::string Engine::Link::venueText(const Fill &fill) const
{
    const MarketSnapshot *market = m_engine.m_markets.find(fill.instrument);
    const std::int64_t tick = market && market->instrument ? market->instrument->tickSize.raw() : 1;
    const bool onTick = fill.price.raw() % tick == 0;
    return fmt::format("{} {} {} at {}, fee {} {}.", fill.side == Side::Buy ? "Bought" : "Sold", fill.quantity.text(),
                       fill.instrument.symbol.view(),
                       onTick ? decimalTextFixed(fill.price.raw(), decimalPlaces(tick)) : fill.price.text(),
                       fill.fee.text(), fill.feeAsset.view());
}

void Engine::Link::onFill(const Fill &fill, Source source)
{
    if (!isAccountTalk())
        return;
    m_engine.noteRecord(m_engine.m_records.fill(account(), fill));
    m_venuePast.onFill(fill);
    m_engine.feed(orders::FillReport{fill, source});
    if (source != Source::Stream)
        return;
    AlertRow row;
    row.at = m_engine.stamp();
    row.code = "fill";
    row.source = "account";
    row.instrument = fill.instrument;
    row.text = venueText(fill);
    m_engine.alert(std::move(row));
}

void Engine::Link::onFunding(const FundingPayment &payment, Source)
{
    if (!isAccountTalk())
        return;
    m_venuePast.onFunding(payment);
    m_engine.feed(orders::FundingReport{payment});
    m_engine.noteRecord(m_engine.m_records.funding(account(), payment));
    board().onFunding(payment);
    m_engine.m_dirty = true;
}

void Engine::Link::onTransfer(const Transfer &transfer, Source)
{
    if (!isAccountTalk())
        return;
    m_venuePast.onTransfer(transfer);
    m_engine.feed(orders::TransferReport{transfer});
    m_engine.noteRecord(m_engine.m_records.transfer(account(), transfer));
    board().onTransfer(transfer);
    m_engine.m_dirty = true;
}

void Engine::Link::onDifference(const Difference &difference)
{
    if (!isAccountTalk())
        return;
    m_engine.feed(orders::DifferenceReport{difference});
    AlertRow row;
    row.at = m_engine.stamp();
    row.severity = orders::Severity::Warning;
    row.code = "difference";
    row.source = "connection";
    row.instrument = difference.instrument;
    row.text = fmt::format("{}{}{}{}{}: we had {}, the venue says {}. The venue's word was taken over.",
                           difference.instrument ? difference.instrument->symbol.view() : std::string_view(),
                           difference.instrument ? " " : "", name(difference.what), difference.id.empty() ? "" : " ",
                           difference.id, difference.ours, difference.venue);
    m_engine.alert(std::move(row));
}

void Engine::Link::onRequestOutcome(const ClientOrderId &order, ports::RequestOutcome outcome, const Error &error)
{
    if (isAccountTalk())
        m_engine.feed(orders::OutcomeReport{order, outcome, error.code, error.detail});
}

void Engine::Link::onOrderAbsent(const ClientOrderId &order)
{
    if (!isAccountTalk())
        return;
    board().onOrderAbsent(order);
    m_engine.feed(orders::OrderAbsentReport{order});
    m_engine.refreshAccountView();
}

void Engine::Link::onReconciled()
{
    if (!isAccountTalk())
        return;
    m_reconciled = true;
    m_engine.judgeFreshness();
    m_engine.feed(orders::ReconciledReport{m_setup.venue});
    m_engine.say(orders::Severity::Info, "reconciled", "connection",
                 "Orders, positions and balances agree with the venue.");
    askPast();
}

void Engine::Link::onReconciliationLost(const Error &why)
{
    if (!isAccountTalk())
        return;
    m_reconciled = false;
    m_engine.feed(orders::ReconciliationLostReport{m_setup.venue});
    m_engine.say(orders::Severity::Warning, "reconciliation-lost", "connection",
                 fmt::format("The account view is not trustworthy until the venue was asked again: {}.", why.detail));
}

} // namespace core::runtime
