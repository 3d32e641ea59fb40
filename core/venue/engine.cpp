#include "core/venue/engine.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/venue/engine_market.h"

namespace core::venue
{

namespace
{
// Beyond 2^53, as the exchange's ids are: a client that reads them as doubles must fail here, not there.
constexpr std::int64_t kFirstOrderId = 8'389'766'079'988'521'101;
constexpr std::int64_t kFirstTradeId = 7'000'000'001;
constexpr std::int64_t kFirstAlgoId = 2'146'760;
} // namespace

VenueEngine::VenueEngine(const VenueOptions &options, const Clock &clock)
    : m_options(options), m_clock(clock), m_nextOrder(kFirstOrderId), m_nextTrade(kFirstTradeId),
      m_nextAlgo(kFirstAlgoId)
{
    CORE_ASSERT(validate(m_options).has_value(), "REQUIRES: valid options");
    for (const VenueInstrument &instrument : m_options.instruments)
        m_markets.emplace(instrument.contract.key.symbol, std::make_unique<Market>(instrument));
    for (const AccountOptions &account : m_options.accounts) {
        Account &made = m_accounts.emplace_back(account.balance, account.leverage);
        for (const VenueInstrument &instrument : m_options.instruments) {
            const Symbol &symbol = instrument.contract.key.symbol;
            made.addInstrument(symbol, instrument.contract.marginTiers);
            made.setLeverage(symbol, std::min(account.leverage, instrument.contract.marginTiers.front().leverageMax));
            made.setIsolated(symbol, account.isolated || instrument.contract.isolatedOnly);
        }
        made.setHedge(account.hedge);
    }
}

VenueEngine::~VenueEngine() = default;

VenueEngine::Market *VenueEngine::marketOf(const Symbol &symbol)
{
    const auto found = m_markets.find(symbol);
    return found == m_markets.end() ? nullptr : found->second.get();
}

const VenueEngine::Market &VenueEngine::knownMarket(const Symbol &symbol) const
{
    const auto found = m_markets.find(symbol);
    CORE_ASSERT(found != m_markets.end(), "REQUIRES: a symbol of the venue");
    return *found->second;
}

const VenueInstrument *VenueEngine::instrument(const Symbol &symbol) const
{
    const auto found = m_markets.find(symbol);
    return found == m_markets.end() ? nullptr : &found->second->instrument;
}

const MarketState &VenueEngine::market(const Symbol &symbol) const
{
    return knownMarket(symbol).state;
}

const MatchingBook &VenueEngine::book(const Symbol &symbol) const
{
    return knownMarket(symbol).book;
}

Result<void> VenueEngine::assignBook(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                     UtcTime venueTime, std::span<const Level> bids,
                                     std::span<const Level> asks)
{
    Market *market = marketOf(symbol);
    if (market == nullptr)
        return fail(ErrorCode::NotFound, "symbol " + symbol.string() + " is not listed here");
    const auto done = market->book.assign(bids, asks);
    market->setBookIds(lastUpdateId, eventTime, venueTime);
    afterExternalChange(*market);
    return done;
}

Result<void> VenueEngine::applyDiff(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                    UtcTime venueTime, std::span<const Level> bids,
                                    std::span<const Level> asks)
{
    Market *market = marketOf(symbol);
    if (market == nullptr)
        return fail(ErrorCode::NotFound, "symbol " + symbol.string() + " is not listed here");
    const auto done = market->book.apply(bids, asks);
    market->setBookIds(lastUpdateId, eventTime, venueTime);
    afterExternalChange(*market);
    return done;
}

void VenueEngine::afterExternalChange(Market &market)
{
    m_matching = &market;
    m_printsMakers = true;
    market.book.matchResting(*this);
    m_printsMakers = false;
    settleTouched();
}

void VenueEngine::onTrade(const Symbol &symbol, const Trade &trade)
{
    Market *market = marketOf(symbol);
    if (market == nullptr || trade.kind != TradeKind::Market)
        return;
    market->state.lastPrice = trade.price;
    market->state.hasPrint = true;
    m_matching = market;
    market->book.onPrint(trade, *this);
    settleTouched();
    evaluateTriggers(*market);
}

void VenueEngine::onMark(const Symbol &symbol, const MarkPrice &mark)
{
    Market *market = marketOf(symbol);
    if (market == nullptr || !mark.mark.isPositive())
        return;
    MarketState &state = market->state;
    const UtcTime due = state.nextFundingTime;
    const Ratio rate = state.fundingRate;
    state.mark = mark.mark;
    state.index = mark.index ? mark.index : state.index;
    state.fundingRate = mark.fundingRate.value_or(state.fundingRate);
    state.markTime = mark.venueTime;
    for (Account &account : m_accounts)
        account.setMark(symbol, mark.mark);
    if (due != UtcTime{} && mark.venueTime >= due)
        settleFundingOf(*market, due, rate);
    const Duration interval = market->instrument.fundingInterval;
    const UtcTime next{(mark.venueTime.time_since_epoch() / interval + 1) * interval};
    state.nextFundingTime = mark.nextFundingTime.value_or(next);
    if (due != UtcTime{} && state.nextFundingTime <= due && mark.venueTime >= due)
        state.nextFundingTime = next; // the source still names the one that was settled
    evaluateTriggers(*market);
    watchMargin(symbol);
}

Result<void> VenueEngine::placeInitialPositions()
{
    for (auto &[symbol, market] : m_markets) {
        const auto middle = market->book.middle();
        if (!middle || market->state.mark)
            continue;
        market->state.mark = middle;
        market->state.markTime = m_clock.now();
        for (Account &account : m_accounts)
            account.setMark(symbol, *middle);
    }
    for (std::size_t i = 0; i < m_accounts.size(); ++i) {
        for (const InitialPosition &wanted : m_options.accounts[i].positions) {
            const auto entry = wanted.entryPrice ? wanted.entryPrice : book(wanted.symbol).middle();
            if (!entry)
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format("accounts[{}].positions: {} has no book at the start of the market, so the "
                                "entry price must be given",
                                i, wanted.symbol.view()));
            if (!notional(*entry, wanted.quantity, Rounding::HalfEven))
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("accounts[{}].positions: the notional does not fit", i));
            const SignedQuantity signedQuantity =
                wanted.direction == Direction::Long ? wanted.quantity.raw() : -wanted.quantity.raw();
            const PositionSide leg = !m_accounts[i].isHedge()                ? PositionSide::Both
                                     : wanted.direction == Direction::Long ? PositionSide::Long
                                                                           : PositionSide::Short;
            m_accounts[i].setPosition(wanted.symbol, signedQuantity, *entry, m_clock.now(), leg);
        }
    }
    return {};
}

Quantity VenueEngine::openInterest(const Symbol &symbol) const
{
    std::int64_t sum = 0;
    for (const Account &account : m_accounts)
        for (const auto &[key, leg] : account.positions())
            if (key.symbol == symbol && leg.quantity > 0)
                sum += leg.quantity;
    return Quantity::fromRaw(sum);
}

void VenueEngine::touch(std::size_t account, const Symbol &symbol)
{
    m_touched.insert({account, symbol});
}

/// What follows from executions, once the matching has let go of its book.
void VenueEngine::settleTouched()
{
    const bool shrink = m_options.rules.reduceOnly == VenueRules::ReduceOnlyRule::Shrink;
    while (!m_touched.empty()) {
        const auto touched = std::exchange(m_touched, {});
        for (const auto &[account, symbol] : touched) {
            m_matching = marketOf(symbol);
            m_matching->book.sweepReduceOnly(account, shrink, *this);
            refreshOrderNotionals(account, symbol);
            expireBoundAlgos(account, symbol);
        }
    }
    finishChildren();
    if (m_evaluating)
        return; // the evaluation that called goes on by itself
    while (!m_printed.empty()) {
        const Symbol symbol = *m_printed.begin();
        m_printed.erase(m_printed.begin());
        evaluateTriggers(*marketOf(symbol));
    }
}

void VenueEngine::finishChildren()
{
    for (const std::int64_t id : std::exchange(m_childrenDone, {})) {
        VenueAlgo &algo = m_algos.at(id);
        algo.status = AlgoStatus::Finished;
        algo.updatedAt = m_clock.now();
        if (m_listener != nullptr)
            m_listener->onAlgoEvent(algo);
    }
}

void VenueEngine::refreshOrderNotionals(std::size_t account, const Symbol &symbol)
{
    std::map<PositionSide, std::pair<std::int64_t, std::int64_t>> sums;
    for (const VenueOrder *order : openOrders(account, &symbol)) {
        if (!order->request.price || reduces(order->request))
            continue;
        const Quantity open = Quantity::fromRaw(order->request.quantity.raw() - order->filled.raw());
        auto &[bids, asks] = sums[order->request.positionSide];
        (order->request.side == Side::Buy ? bids : asks) +=
            notional(*order->request.price, open, Rounding::HalfEven).value_or(Money{}).raw();
    }
    Account &own = m_accounts[account];
    for (const PositionSide leg : own.isHedge() ? std::vector{PositionSide::Long, PositionSide::Short}
                                                : std::vector{PositionSide::Both})
        own.setOrderNotionals({symbol, leg}, Money::fromRaw(sums[leg].first), Money::fromRaw(sums[leg].second));
}

std::string VenueEngine::makeClientId(std::string_view prefix)
{
    return fmt::format("{}{}{:06}", prefix, toMilliseconds(m_clock.now()), m_nextClientId++);
}

void VenueEngine::onTimer()
{
    const UtcTime now = m_clock.now();
    while (!m_goodTill.empty() && m_goodTill.begin()->first <= now) {
        const std::int64_t id = m_goodTill.begin()->second;
        m_goodTill.erase(m_goodTill.begin());
        if (VenueOrder *order = orderById(id); order != nullptr && order->isOpen())
            cancelOpen(*order, OrderStatus::Expired, Expiry::None);
    }
    settleTouched();
    for (auto timer = m_countdowns.begin(); timer != m_countdowns.end();) {
        if (timer->second > now) {
            ++timer;
            continue;
        }
        const auto [account, symbol] = timer->first;
        timer = m_countdowns.erase(timer);
        for (const VenueOrder *order : openOrders(account, symbol ? &*symbol : nullptr))
            cancelOpen(*orderById(order->id), OrderStatus::Canceled, Expiry::None);
        settleTouched();
        if (!symbol)
            for (const VenueAlgo *algo : openAlgos(account, nullptr))
                setAlgoStatus(m_algos.at(algo->id), AlgoStatus::Canceled);
    }
}

void VenueEngine::setCountdown(std::size_t account, const Symbol *symbol, std::optional<UtcTime> at)
{
    const std::pair key{account, symbol == nullptr ? std::nullopt : std::optional(*symbol)};
    if (at)
        m_countdowns[key] = *at;
    else
        m_countdowns.erase(key);
}

} // namespace core::venue
