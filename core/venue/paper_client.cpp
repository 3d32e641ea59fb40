#include "core/venue/paper_client.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/risk/approved.h"

namespace core::venue
{

namespace
{
PaperTerms withCapabilities(PaperTerms terms, const ports::Capabilities &capabilities)
{
    terms.capabilities = capabilities;
    return terms;
}

template <class Row> std::vector<Row> within(ports::TimeRange range, std::vector<Row> rows)
{
    std::erase_if(rows, [&](const Row &row) { return row.venueTime < range.from || row.venueTime >= range.to; });
    return rows;
}
} // namespace

PaperClient::PaperClient(std::unique_ptr<ports::ExchangeClient> market, PaperOptions options, const Clock &clock,
                         QObject *parent)
    : QObject(parent), m_clock(clock), m_market(std::move(market)), m_options(std::move(options)),
      m_account(withCapabilities(std::move(m_options.terms), m_market->capabilities()), clock)
{
    connect(&m_timer, &QTimer::timeout, this, &PaperClient::onTimer);
}

PaperClient::~PaperClient() = default;

void PaperClient::start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols)
{
    CORE_ASSERT(m_listener == nullptr, "REQUIRES: called once");
    m_listener = &listener;
    m_startedAt = m_clock.now();
    std::vector<Symbol> wanted = symbols;
    for (const Symbol &held : m_account.missing())
        if (std::find(wanted.begin(), wanted.end(), held) == wanted.end())
            wanted.push_back(held);
    m_timer.start(kTimerEvery);
    m_market->start(*this, wanted);
    answer([this] {
        tellStatus();
        reconcileWhenWhole();
    });
}

void PaperClient::stop(std::function<void()> done)
{
    m_timer.stop();
    m_listener = nullptr;
    m_requests.clear();
    m_answers.clear();
    save();
    m_market->stop(std::move(done));
}

void PaperClient::later(Line &line, std::function<void()> what)
{
    if (m_listener == nullptr)
        return;
    line.push_back(std::move(what));
    // One timer for each entry, and each takes the oldest: the order holds whatever the timers do.
    QTimer::singleShot(m_options.latency, Qt::PreciseTimer, this, [&line] {
        if (line.empty())
            return; // stopped
        const auto next = std::move(line.front());
        line.pop_front();
        next();
    });
}

void PaperClient::answer(std::function<void()> what)
{
    later(m_answers, std::move(what));
    flush();
}

void PaperClient::answerOutcome(const ClientOrderId &order, const Result<void> &outcome)
{
    answer([this, order, outcome] {
        m_listener->onRequestOutcome(order, outcome ? RequestOutcome::Accepted : RequestOutcome::Rejected,
                                     outcome ? Error{} : outcome.error());
    });
}

void PaperClient::flush()
{
    save();
    for (PaperEvent &event : m_account.takeEvents())
        later(m_answers, [this, event = std::move(event)] { tell(event, Source::Stream); });
}

void PaperClient::save()
{
    if (!m_account.takeDirty() || !m_options.save)
        return;
    const auto saved = m_options.save(m_account.state());
    const std::string trouble = saved ? std::string() : saved.error().detail;
    if (trouble == m_trouble)
        return;
    m_trouble = trouble;
    tellStatus();
}

void PaperClient::tell(const PaperEvent &event, Source source)
{
    struct Teller {
        ports::ExchangeListener &to;
        Source source;
        void operator()(const OrderUpdate &order) const { to.onOrder(order, source); }
        void operator()(const Fill &fill) const { to.onFill(fill, source); }
        void operator()(const FundingPayment &payment) const { to.onFunding(payment, source); }
        void operator()(const Transfer &transfer) const { to.onTransfer(transfer, source); }
        void operator()(const std::vector<Position> &positions) const { to.onPositions(positions, source, false); }
        void operator()(const AccountSnapshot &account) const { to.onAccount(account, source); }
    };
    std::visit(Teller{*m_listener, source}, event);
}

void PaperClient::tellWhole()
{
    m_listener->onAccount(m_account.snapshot(), Source::Query);
    m_listener->onPositions(m_account.positions(), Source::Query, true);
}

void PaperClient::reconcileWhenWhole()
{
    if (m_reconciled || !m_account.isWhole())
        return;
    m_reconciled = true;
    tellWhole();
    for (const OrderUpdate &order : m_account.openOrders())
        m_listener->onOrder(order, Source::Query);
    m_listener->onReconciled();
}

void PaperClient::tellStatus()
{
    if (m_listener == nullptr)
        return;
    ports::StreamStatus status;
    status.venue = venue();
    status.name = "account";
    status.freshness = m_reconciled || m_account.isWhole() ? Freshness::Fresh : Freshness::Connecting;
    status.lastMessageAt = m_clock.now();
    status.lastError = m_trouble;
    m_listener->onStreamStatus(status);
}

void PaperClient::onTimer()
{
    m_account.onTimer();
    flush();
    if (++m_timers % kTimersPerSnapshot != 0 || !m_reconciled)
        return;
    answer([this] {
        tellWhole();
        tellStatus();
    });
}

void PaperClient::submit(const risk::Approved<OrderRequest> &order)
{
    request([this, order = order.request()] { answerOutcome(order.clientOrderId, m_account.submit(order)); });
}

void PaperClient::submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders)
{
    for (const auto &order : orders)
        submit(order);
}

void PaperClient::modify(const risk::Approved<OrderChange> &change)
{
    request([this, change = change.request()] { answerOutcome(change.clientOrderId, m_account.modify(change)); });
}

void PaperClient::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    request([this, instrument, order] { answerOutcome(order, m_account.cancel(instrument, order)); });
}

void PaperClient::cancelAll(const std::optional<InstrumentKey> &instrument, Done<void> done)
{
    request([this, instrument, done = std::move(done)] {
        m_account.cancelAll(instrument);
        flush();
        answer([done] { done({}); });
    });
}

void PaperClient::queryOrder(const InstrumentKey &instrument, const ClientOrderId &order)
{
    request([this, instrument, order] {
        answer([this, order, found = m_account.findOrder(instrument, order)] {
            for (const OrderUpdate &update : found)
                m_listener->onOrder(update, Source::Query);
            if (found.empty())
                m_listener->onOrderAbsent(order);
        });
    });
}

void PaperClient::queryPositions()
{
    request([this] { answer([this] { tellWhole(); }); });
}

void PaperClient::queryFills(const InstrumentKey &instrument)
{
    request([this, instrument] {
        answer([this, fills = m_account.fills(instrument.symbol)] {
            for (const Fill &fill : fills)
                m_listener->onFill(fill, Source::Query);
        });
    });
}

void PaperClient::setLeverage(const InstrumentKey &instrument, int leverage, Done<void> done)
{
    request([this, instrument, leverage, done = std::move(done)] {
        answer([done, outcome = m_account.setLeverage(instrument, leverage)] { done(outcome); });
    });
}

void PaperClient::setMarginMode(const InstrumentKey &instrument, MarginMode mode, Done<void> done)
{
    request([this, instrument, mode, done = std::move(done)] {
        answer([done, outcome = m_account.setMarginMode(instrument, mode)] { done(outcome); });
    });
}

void PaperClient::setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after, Done<void> done)
{
    request([this, instrument, after, done = std::move(done)] {
        m_account.setDeadMan(instrument, after);
        answer([done] { done({}); });
    });
}

void PaperClient::keyRights(Done<ports::KeyRights> done)
{
    answer([this, done = std::move(done)] {
        ports::KeyRights rights;
        rights.reads = true;
        rights.trades = true;
        rights.withdraws = false;
        rights.remarks = {"paper account: simulated, no money moves", "no funding is paid while the program is closed"};
        if (m_account.usesTypicalTiers())
            rights.remarks.emplace_back("the venue does not publish its margin tiers without a key: typical ones are used");
        done(rights);
    });
}

void PaperClient::feeRates(const InstrumentKey &, Done<FeeRates> done)
{
    answer([this, done = std::move(done)] { done(m_account.fees()); });
}

void PaperClient::removeSymbols(const std::vector<Symbol> &symbols)
{
    std::vector<Symbol> removed = symbols;
    const auto keep = [&removed](const InstrumentKey &key) {
        std::erase(removed, key.symbol);
    };
    for (const Position &position : m_account.positions())
        keep(position.instrument);
    for (const OrderUpdate &order : m_account.openOrders())
        keep(order.instrument);
    if (!removed.empty())
        m_market->removeSymbols(removed);
}

void PaperClient::fills(const InstrumentKey &instrument, ports::TimeRange range, Done<std::vector<Fill>> done)
{
    answer([rows = within(range, m_account.fills(instrument.symbol)), done = std::move(done)] { done(rows); });
}

void PaperClient::fundingPayments(ports::TimeRange range, Done<std::vector<FundingPayment>> done)
{
    std::vector<FundingPayment> rows;
    for (const VenueIncome &row : m_account.incomes())
        if (row.kind == VenueIncome::Kind::FundingFee)
            rows.push_back(m_account.fundingOf(row));
    answer([rows = within(range, std::move(rows)), done = std::move(done)] { done(rows); });
}

void PaperClient::transfers(ports::TimeRange range, Done<std::vector<Transfer>> done)
{
    std::vector<Transfer> rows;
    for (const VenueIncome &row : m_account.incomes())
        if (row.kind == VenueIncome::Kind::Transfer || row.kind == VenueIncome::Kind::InsuranceClear)
            rows.push_back(m_account.transferOf(row));
    answer([rows = within(range, std::move(rows)), done = std::move(done)] { done(rows); });
}

void PaperClient::accountPast(ports::TimeRange range, const std::vector<InstrumentKey> &, Done<ports::AccountPast> done)
{
    range.from = std::max(range.from, m_startedAt);
    ports::AccountPast past;
    past.completeFrom = range.from;
    past.fills = within(range, m_account.fills());
    for (const VenueIncome &row : m_account.incomes()) {
        if (row.kind == VenueIncome::Kind::FundingFee)
            past.funding.push_back(m_account.fundingOf(row));
        else if (row.kind == VenueIncome::Kind::Transfer || row.kind == VenueIncome::Kind::InsuranceClear)
            past.transfers.push_back(m_account.transferOf(row));
    }
    past.funding = within(range, std::move(past.funding));
    past.transfers = within(range, std::move(past.transfers));
    answer([past = std::move(past), done = std::move(done)] { done(past); });
}

void PaperClient::onStreamStatus(const ports::StreamStatus &status)
{
    if (m_listener != nullptr)
        m_listener->onStreamStatus(status);
}

void PaperClient::onRequestBudget(const ports::RequestBudget &budget)
{
    if (m_listener != nullptr)
        m_listener->onRequestBudget(budget);
}

void PaperClient::onInstrument(const Instrument &instrument)
{
    if (m_listener == nullptr)
        return;
    m_listener->onInstrument(instrument);
    if (const auto listed = m_account.describe(instrument); !listed) {
        m_trouble = listed.error().detail;
        tellStatus();
    }
    if (!m_reconciled && m_account.isWhole())
        answer([this] { reconcileWhenWhole(); });
}

void PaperClient::onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness,
                         UtcTime venueTime, UtcTime receivedAt)
{
    if (m_listener == nullptr)
        return;
    m_listener->onBook(instrument, book, freshness, venueTime, receivedAt);
    m_account.onBook(instrument.symbol, book, freshness, venueTime);
    flush();
}

void PaperClient::onTrade(const Trade &trade)
{
    if (m_listener == nullptr)
        return;
    m_listener->onTrade(trade);
    m_account.onTrade(trade);
    flush();
}

void PaperClient::onBestQuote(const BestQuote &quote)
{
    if (m_listener != nullptr)
        m_listener->onBestQuote(quote);
}

void PaperClient::onMark(const MarkPrice &mark)
{
    if (m_listener == nullptr)
        return;
    m_listener->onMark(mark);
    m_account.onMark(mark);
    flush();
}

void PaperClient::onTicker(const Ticker &ticker)
{
    if (m_listener != nullptr)
        m_listener->onTicker(ticker);
}

void PaperClient::onLiquidation(const Liquidation &liquidation)
{
    if (m_listener != nullptr)
        m_listener->onLiquidation(liquidation);
}

void PaperClient::onCandle(const Candle &candle)
{
    if (m_listener != nullptr)
        m_listener->onCandle(candle);
}

} // namespace core::venue
