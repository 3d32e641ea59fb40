#include "core/venue/paper_account.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/venue/paper_words.h"

namespace core::venue
{

namespace
{
constexpr std::size_t kAccount = 0; ///< the engine's only one

template <class T> Result<void> outcome(const VenueResult<T> &result)
{
    if (!result)
        return fail(refusal(result.error()));
    return {};
}

/// Ids that no earlier account had: venue ids and trade ids identify records for ever.
VenueEngine::Counters freshCounters(UtcTime now)
{
    const std::int64_t first = std::max<std::int64_t>(1, toMilliseconds(now)) * 1'000;
    return {first, first, first, first};
}
} // namespace

PaperTerms paperTerms(Venue venue, const AccountId &account)
{
    PaperTerms terms;
    terms.venue = venue;
    terms.account = account;
    terms.balance = Money::fromRaw(10'000 * kDecimalOne);
    const bool hyperliquid = venue == Venue::Hyperliquid;
    terms.asset = Asset::from(hyperliquid ? "USDC" : "USDT").value_or(Asset{});
    terms.makerFee = Ratio::fromRaw(hyperliquid ? 15'000 : 20'000);
    terms.takerFee = Ratio::fromRaw(hyperliquid ? 45'000 : 50'000);
    if (hyperliquid) {
        terms.rules.reduceOnly = VenueRules::ReduceOnlyRule::Shrink;
        terms.rules.fundingOn = VenueRules::FundingReference::Index;
        terms.rules.openOrdersMax = 1'000;
    }
    return terms;
}

PaperAccount::PaperAccount(const PaperTerms &terms, const Clock &clock)
    : m_terms(terms), m_clock(clock), m_engine(terms.rules, terms.makerFee, terms.takerFee, clock)
{
    const bool goesOn = m_terms.state.has_value();
    m_engine.addAccount(goesOn ? m_terms.state->wallet : m_terms.balance, m_terms.leverage,
                        goesOn ? m_terms.state->hedge : m_terms.hedgeMode);
    m_engine.continueAt(goesOn ? m_terms.state->counters : freshCounters(clock.now()));
    if (goesOn)
        m_pending = std::move(*m_terms.state);
    m_terms.state.reset();
    for (const PaperState::Leg &leg : m_pending.legs)
        if (!leg.position.isFlat())
            m_missing.insert(leg.key.symbol);
    for (const VenueOrder &order : m_pending.orders)
        if (order.isOpen())
            m_missing.insert(order.request.symbol);
    for (const VenueAlgo &algo : m_pending.algos)
        if (algo.isOpen())
            m_missing.insert(algo.request.symbol);
    m_engine.setListener(this);
    m_dirty = true;
}

PaperAccount::~PaperAccount() = default;

Result<void> PaperAccount::checkLive(const OrderRequest &order) const
{
    const auto market = m_markets.find(order.instrument.symbol);
    if (market == m_markets.end())
        return fail(ErrorCode::NotFound,
                    fmt::format("paper: {} is not watched: add it to the markets first", order.instrument.symbol.view()));
    const bool takes = order.type == OrderType::Market || order.timeInForce == TimeInForce::ImmediateOrCancel ||
                       order.timeInForce == TimeInForce::FillOrKill;
    if (takes && !isConditional(order.type) && !market->second.live)
        return fail(ErrorCode::Rejected,
                    fmt::format("paper: the book of {} is {}: an order that takes would fill at a price that is not there",
                                order.instrument.symbol.view(), name(market->second.freshness)));
    return {};
}

Result<void> PaperAccount::submit(const OrderRequest &order)
{
    if (auto live = checkLive(order); !live)
        return live;
    const Instrument &contract = m_engine.instrument(order.instrument.symbol)->contract;
    if (auto offered = checkOffered(order, contract, m_terms.capabilities); !offered)
        return fail(offered.error().in("paper"));
    auto done = isConditional(order.type) ? outcome(m_engine.placeAlgo(kAccount, newAlgo(order)))
                                          : outcome(m_engine.place(kAccount, newOrder(order)));
    settle();
    return done;
}

Result<void> PaperAccount::modify(const OrderChange &change)
{
    const Symbol &symbol = change.instrument.symbol;
    const VenueOrder *order = m_engine.findOrder(kAccount, symbol, 0, change.clientOrderId.view());
    if (order == nullptr)
        return fail(ErrorCode::NotFound, "paper: there is no such limit order");
    const VenueInstrument *listed = m_engine.instrument(symbol);
    if (listed != nullptr && !isValidPrice(listed->contract, change.limitPrice))
        return fail(ErrorCode::Rejected, "paper: the price is not one of the contract's");
    auto done = outcome(m_engine.modify(kAccount, symbol,
                                        {.orderId = order->id,
                                         .side = order->request.side,
                                         .quantity = change.quantity,
                                         .price = change.limitPrice}));
    settle();
    return done;
}

Result<void> PaperAccount::cancel(const InstrumentKey &instrument, const ClientOrderId &id)
{
    const VenueOrder *order = m_engine.findOrder(kAccount, instrument.symbol, 0, id.view());
    const VenueAlgo *algo = m_engine.findAlgo(kAccount, 0, id.view());
    if (order == nullptr && algo == nullptr)
        return fail(ErrorCode::NotFound, "paper: there is no such order");
    Result<void> done;
    if (order != nullptr && order->isOpen())
        done = outcome(m_engine.cancel(kAccount, instrument.symbol, order->id, {}));
    else if (algo != nullptr && algo->isOpen())
        done = outcome(m_engine.cancelAlgo(kAccount, algo->id, {}));
    settle();
    return done;
}

void PaperAccount::cancelAll(const std::optional<InstrumentKey> &instrument)
{
    for (const auto &[symbol, market] : m_markets) {
        if (instrument && !(instrument->symbol == symbol))
            continue;
        m_engine.cancelAll(kAccount, symbol);
        m_engine.cancelAllAlgos(kAccount, symbol);
    }
    settle();
}

Result<void> PaperAccount::setLeverage(const InstrumentKey &instrument, int leverage)
{
    auto done = outcome(m_engine.setLeverage(kAccount, instrument.symbol, leverage));
    settle();
    return done;
}

Result<void> PaperAccount::setMarginMode(const InstrumentKey &instrument, MarginMode mode)
{
    auto done = outcome(m_engine.setIsolated(kAccount, instrument.symbol, mode == MarginMode::Isolated));
    m_dirty = true;
    settle();
    return done;
}

void PaperAccount::setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after)
{
    const auto at = after ? std::optional(m_clock.now() + *after) : std::nullopt;
    m_engine.setCountdown(kAccount, m_terms.capabilities.deadManPerInstrument ? &instrument.symbol : nullptr, at);
}

const VenueAlgo *PaperAccount::algoOf(const VenueOrder &order) const
{
    return order.algoId == 0 ? nullptr : m_engine.findAlgo(kAccount, order.algoId, {});
}

void PaperAccount::onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill)
{
    m_dirty = true;
    const VenueAlgo *algo = algoOf(order);
    if (algo != nullptr && execution == "NEW")
        return; // its conditional order has said Triggered
    if (fill != nullptr)
        m_events.emplace_back(fillOf(*fill, &order, m_terms.venue, m_terms.asset, m_clock.now()));
    m_events.emplace_back(orderUpdate(order, algo, m_terms.venue, m_clock.now()));
    m_totalsTouched = true;
}

void PaperAccount::onAlgoEvent(const VenueAlgo &algo)
{
    m_dirty = true;
    if (algo.status != AlgoStatus::Triggering && algo.status != AlgoStatus::Finished)
        m_events.emplace_back(orderUpdate(algo, m_terms.venue, m_clock.now()));
}

void PaperAccount::onAccountEvent(const AccountChange &change)
{
    m_dirty = true;
    m_totalsTouched = true;
    m_touched.insert(change.legs.begin(), change.legs.end());
}

void PaperAccount::onLeverageEvent(std::size_t, const Symbol &symbol, int)
{
    m_dirty = true;
    m_totalsTouched = true;
    for (const auto &[key, leg] : m_engine.account(kAccount).positions())
        if (key.symbol == symbol)
            m_touched.insert(key);
}

void PaperAccount::onIncome(const VenueIncome &row)
{
    if (row.kind == VenueIncome::Kind::FundingFee)
        m_events.emplace_back(fundingOf(row));
    else if (row.kind == VenueIncome::Kind::Transfer || row.kind == VenueIncome::Kind::InsuranceClear)
        m_events.emplace_back(transferOf(row));
}

FundingPayment PaperAccount::fundingOf(const VenueIncome &row) const
{
    return {.instrument = {m_terms.venue, row.symbol.value_or(Symbol{})},
            .amount = row.amount,
            .asset = m_terms.asset,
            .rate = row.rate,
            .venueTime = row.at};
}

Transfer PaperAccount::transferOf(const VenueIncome &row) const
{
    return {.venue = m_terms.venue,
            .id = fmt::format("paper-{}", row.id),
            .kind = row.kind == VenueIncome::Kind::InsuranceClear ? "INSURANCE_CLEAR" : row.reason,
            .amount = row.amount,
            .asset = m_terms.asset,
            .venueTime = row.at};
}

void PaperAccount::settle()
{
    if (!m_touched.empty()) {
        std::vector<Position> rows;
        for (const PositionKey &key : std::exchange(m_touched, {}))
            rows.push_back(positionOf(m_engine.account(kAccount), key, m_terms.venue, m_clock.now()));
        m_events.emplace_back(std::move(rows));
    }
    if (std::exchange(m_totalsTouched, false))
        m_events.emplace_back(snapshot());
}

std::vector<PaperEvent> PaperAccount::takeEvents()
{
    return std::exchange(m_events, {});
}

} // namespace core::venue
