#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/base/clock.h"
#include "core/market/depth_history.h"
#include "core/orders/guard.h"
#include "core/ports/exchange_client.h"
#include "core/runtime/alert_feed.h"
#include "core/runtime/channels.h"
#include "core/runtime/record_keeper.h"

namespace core::runtime
{

/// What one terminal runs with.
struct EngineSetup {
    Mode mode{Mode::Demo};
    AccountId account;
    std::vector<Symbol> symbols;
    risk::RiskConfig config;
    risk::Arming arming{risk::Arming::AlertOnly};
    std::string armedBy; ///< who asked for that arming, for the journal
    std::string version;
};

/// The engine thread's object: single writer of the trading truth. It turns what the venue says into guard inputs, journals
/// them, carries out the decisions on the same thread, and publishes snapshots, columns, trades and alerts.
/// Lives on the engine thread; every method runs there.
class Engine final : public QObject, private ports::ExchangeListener
{
    Q_OBJECT

public:
    /// `lastAlertId`: of the alerts of earlier runs.
    Engine(const Clock &clock, EngineSetup setup, Channels &channels, RecordKeeper &records, std::int64_t lastAlertId);
    ~Engine() override;

    /// Called on the engine thread when the venue described an instrument; `shown`: it is the one in the order-flow dock.
    std::function<void(const Instrument &, bool shown)> onDescribed;

    /// Takes the client and starts it. REQUIRES: called once.
    void start(std::unique_ptr<ports::ExchangeClient> client);
    void handle(const Intent &intent);
    /// An alert from outside the engine.
    void say(orders::Severity severity, std::string code, std::string source, std::string text);
    /// No new intents, sockets down, last state published; then `done`.
    void stop(std::function<void()> done);

private:
    struct Market {
        MarketSnapshot view;
        const market::OrderBook *book{nullptr};
        std::unique_ptr<market::DepthHistory> history;
        std::optional<UtcTime> bookChangedAt;
        std::optional<UtcTime> markReceivedAt;
        Freshness reportedMark{Freshness::Connecting};
    };

    // ports::ExchangeListener
    void onStreamStatus(const ports::StreamStatus &status) override;
    void onRequestBudget(const ports::RequestBudget &budget) override;
    void onInstrument(const Instrument &instrument) override;
    void onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness,
                UtcTime venueTime, UtcTime receivedAt) override;
    void onTrade(const Trade &trade) override;
    void onBestQuote(const BestQuote &quote) override;
    void onMark(const MarkPrice &mark) override;
    void onAccount(const AccountSnapshot &account, Source source) override;
    void onPositions(const std::vector<Position> &positions, Source source, bool complete) override;
    void onOrder(const OrderUpdate &order, Source source) override;
    void onFill(const Fill &fill, Source source) override;
    void onRequestOutcome(const ClientOrderId &order, ports::RequestOutcome outcome, const Error &error) override;
    void onOrderAbsent(const ClientOrderId &order) override;
    void onReconciled() override;
    void onReconciliationLost(const Error &why) override;

    /// Journals the input, applies it, journals the decisions, carries them out.
    void feed(orders::GuardInput input);
    void carryOut(const orders::GuardOutput &output);
    void alert(AlertRow row);
    /// A record did not fit into the queue: an alarm, once per episode.
    void recordRefused();
    void reportFreshness();
    void sampleDepth();
    void refreshAccountView();
    void publish();
    [[nodiscard]] Market &marketOf(const InstrumentKey &instrument);
    [[nodiscard]] UtcTime stamp();

    const Clock &m_clock;
    EngineSetup m_setup;
    Channels &m_channels;
    RecordKeeper &m_records;
    std::unique_ptr<ports::ExchangeClient> m_client;
    orders::Guard m_guard;
    AlertFeed m_alerts;

    std::map<InstrumentKey, Market> m_markets;
    std::vector<InstrumentKey> m_order; ///< of the markets, as configured
    AccountView m_account;
    std::map<std::pair<InstrumentKey, PositionSide>, Position> m_positions;
    std::map<ClientOrderId, OrderUpdate> m_openOrders;
    std::optional<AccountSnapshot> m_venueTotals;
    std::optional<UtcTime> m_accountHeardAt;
    Freshness m_reportedAccount{Freshness::Connecting};
    std::map<std::string, ports::StreamStatus> m_streams;
    std::set<std::string> m_everLive; ///< names of streams; becoming live for the first time is no news
    std::optional<ports::RequestBudget> m_budget;

    QTimer m_publishTimer;
    QTimer m_secondTimer;
    QTimer m_depthTimer;
    UtcTime m_lastStamp;
    std::uint64_t m_sequence{0};
    bool m_dirty{true};
    bool m_stopping{false};
    bool m_storageTrouble{false};
};

} // namespace core::runtime
