#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/ports/exchange_client.h"
#include "core/venue/paper_account.h"

namespace core::venue
{

struct PaperOptions {
    PaperTerms terms; ///< its capabilities are replaced by those of the market's client
    std::chrono::milliseconds latency{20}; ///< each way: requests to the account, answers and events from it
    /// Called with each state that is about to be told, so that nothing told is forgotten; empty: nothing is kept.
    std::function<Result<void>(const PaperState &)> save{};
};

/// A simulated account on a real or replayed market: market calls go to another client, everything of the account to a
/// PaperAccount. Fills, refusals and margin follow the venue's rules; the market never sees the orders. The client of the
/// market needs no keys. Engine thread.
class PaperClient final : public QObject, public ports::ExchangeClient, private ports::ExchangeListener
{
    Q_OBJECT

public:
    /// The clock outlives it. REQUIRES: `market` was not started.
    PaperClient(std::unique_ptr<ports::ExchangeClient> market, PaperOptions options, const Clock &clock,
                QObject *parent = nullptr);
    ~PaperClient() override;

    template <class T> using Done = ports::Done<T>;

    void start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols) override;
    void stop(std::function<void()> done) override;

    void submit(const risk::Approved<OrderRequest> &order) override;
    void submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders) override;
    void modify(const risk::Approved<OrderChange> &change) override;
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order) override;
    void cancelAll(const std::optional<InstrumentKey> &instrument, Done<void> done) override;
    void queryOrder(const InstrumentKey &instrument, const ClientOrderId &order) override;
    void queryPositions() override;
    void queryFills(const InstrumentKey &instrument) override;

    void setLeverage(const InstrumentKey &instrument, int leverage, Done<void> done) override;
    void setMarginMode(const InstrumentKey &instrument, MarginMode mode, Done<void> done) override;
    void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after, Done<void> done) override;
    void keyRights(Done<ports::KeyRights> done) override;
    void feeRates(const InstrumentKey &instrument, Done<FeeRates> done) override;

    void instruments(Done<std::vector<Instrument>> done) override { m_market->instruments(std::move(done)); }
    void addSymbols(const std::vector<Symbol> &symbols) override { m_market->addSymbols(symbols); }
    /// What is held or rests stays watched.
    void removeSymbols(const std::vector<Symbol> &symbols) override;
    void watchCandles(const InstrumentKey &instrument, Duration length, bool on) override
    {
        m_market->watchCandles(instrument, length, on);
    }
    void candles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                 Done<std::vector<Candle>> done) override
    {
        m_market->candles(instrument, length, range, std::move(done));
    }
    void trades(const InstrumentKey &instrument, ports::TimeRange range, Done<std::vector<Trade>> done) override
    {
        m_market->trades(instrument, range, std::move(done));
    }
    void fundingRates(const InstrumentKey &instrument, ports::TimeRange range,
                      Done<std::vector<FundingRate>> done) override
    {
        m_market->fundingRates(instrument, range, std::move(done));
    }
    void fills(const InstrumentKey &instrument, ports::TimeRange range, Done<std::vector<Fill>> done) override;
    void fundingPayments(ports::TimeRange range, Done<std::vector<FundingPayment>> done) override;
    void transfers(ports::TimeRange range, Done<std::vector<Transfer>> done) override;
    /// Of this run: of earlier ones the newest fills alone are kept.
    void accountPast(ports::TimeRange range, const std::vector<InstrumentKey> &held, Done<ports::AccountPast> done) override;

    [[nodiscard]] ports::Capabilities capabilities() const override { return m_market->capabilities(); }
    [[nodiscard]] Venue venue() const override { return m_market->venue(); }
    [[nodiscard]] const PaperAccount &account() const { return m_account; }

    static constexpr std::chrono::milliseconds kTimerEvery{250};
    static constexpr int kTimersPerSnapshot = 20; ///< totals are told every five seconds, like a venue's answer to a query

private:
    using Line = std::deque<std::function<void()>>;

    // Of the market's client: passed on, and shown to the account.
    void onStreamStatus(const ports::StreamStatus &status) override;
    void onRequestBudget(const ports::RequestBudget &budget) override;
    void onInstrument(const Instrument &instrument) override;
    void onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness, UtcTime venueTime,
                UtcTime receivedAt) override;
    void onTrade(const Trade &trade) override;
    void onBestQuote(const BestQuote &quote) override;
    void onMark(const MarkPrice &mark) override;
    void onTicker(const Ticker &ticker) override;
    void onLiquidation(const Liquidation &liquidation) override;
    void onCandle(const Candle &candle) override;
    // It has no account of its own.
    void onAccount(const AccountSnapshot &, Source) override {}
    void onPositions(const std::vector<Position> &, Source, bool) override {}
    void onOrder(const OrderUpdate &, Source) override {}
    void onFill(const Fill &, Source) override {}
    void onRequestOutcome(const ClientOrderId &, ports::RequestOutcome, const Error &) override {}
    void onOrderAbsent(const ClientOrderId &) override {}
    void onReconciled() override {}
    void onReconciliationLost(const Error &) override {}

    /// Runs `what` after one latency; each line keeps its order.
    void later(Line &line, std::function<void()> what);
    void request(std::function<void()> what) { later(m_requests, std::move(what)); }
    /// The answer first, then what the account collected.
    void answer(std::function<void()> what);
    void answerOutcome(const ClientOrderId &order, const Result<void> &outcome);
    void flush();
    void save();
    void tell(const PaperEvent &event, Source source);
    void tellWhole();
    void reconcileWhenWhole();
    void tellStatus();
    void onTimer();

    const Clock &m_clock;
    std::unique_ptr<ports::ExchangeClient> m_market;
    PaperOptions m_options;
    PaperAccount m_account;
    ports::ExchangeListener *m_listener{nullptr};
    Line m_requests;
    Line m_answers;
    QTimer m_timer;
    UtcTime m_startedAt;
    int m_timers{0};
    bool m_reconciled{false};
    std::string m_trouble; ///< why the state could not be kept, or a contract not be listed
};

} // namespace core::venue
