#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/base/clock.h"
#include "core/orders/guard.h"
#include "core/ports/exchange_client.h"
#include "core/runtime/account_board.h"
#include "core/runtime/alert_feed.h"
#include "core/runtime/analysis_worker.h"
#include "core/runtime/channels.h"
#include "core/runtime/lease.h"
#include "core/runtime/market_board.h"
#include "core/runtime/record_keeper.h"
#include "core/runtime/sizing_board.h"
#include "core/runtime/stream_board.h"

namespace core::runtime
{

/// What one client of the engine is there for.
struct ClientSetup {
    Venue venue{Venue::Binance};
    Place place{Place::Production};
    std::string address{};          ///< for people
    std::vector<Symbol> symbols{};  ///< the first one is shown when it is the first client's
    bool account{true};             ///< a guarded account is here; false: markets only
    AccountId label{};              ///< of that account; empty: EngineSetup::account
    std::optional<risk::Limits> limits{}; ///< of that account; absent: EngineSetup::limits
};

/// What one terminal runs with.
struct EngineSetup {
    Mode mode{Mode::Demo};
    AccountId account;
    std::vector<ClientSetup> clients{}; ///< at most one per venue; each may carry an account
    risk::Limits limits{risk::defaultLimits()};
    std::optional<risk::Limits> group{}; ///< over all accounts together
    std::vector<risk::History> histories{}; ///< what earlier runs know of the accounts
    risk::Arming arming{risk::Arming::AlertOnly};
    std::string armedBy{}; ///< who asked for that arming, for the journal
    std::string version{};
    const Lease *lease{nullptr}; ///< the fence: nothing that changes anything leaves while it is not held; null: always held
    bool watches{false};         ///< another program acts: no arming, no orders
};

/// The engine thread's object: single writer of the trading truth. It turns what the venues say into guard inputs, journals
/// them, carries out the decisions on the same thread, and publishes snapshots, columns, trades and alerts.
/// Lives on the engine thread; every method runs there.
class Engine final : public QObject
{
    Q_OBJECT

public:
    /// `lastAlertId`: of the alerts of earlier runs.
    Engine(const Clock &clock, EngineSetup setup, Channels &channels, RecordKeeper &records, std::int64_t lastAlertId);
    ~Engine() override;

    /// Called on the engine thread when a venue described an instrument, and when another market is shown.
    std::function<void(const Instrument &)> onDescribed;
    std::function<void(const InstrumentKey &)> onShown;
    /// Takes a wish for other limits where versions of them are kept; empty: only tighter values are taken, for this run.
    std::function<void(const SetLimits &)> onSetLimits;

    /// Takes the clients, in the order of EngineSetup::clients, and starts them. REQUIRES: called once.
    void start(std::vector<std::unique_ptr<ports::ExchangeClient>> clients);
    void handle(const Intent &intent);
    /// From the analysis thread.
    void takeEstimates(const EstimateNews &news);
    /// From who keeps the versions of limits.
    void holdLimits(orders::LimitsChange change);
    void answerLimits(IntentAnswer answer, std::string text);
    /// An alert from outside the engine.
    void say(orders::Severity severity, std::string code, std::string source, std::string text);
    /// No new intents, sockets down, last state published; then `done`.
    void stop(std::function<void()> done);

    /// The shown market may be left for a living one so long after the start, as long as nobody chose.
    static constexpr Duration kFallBackAfter = std::chrono::seconds{4};

private:
    class Link;
    friend class Link;

    /// Journals the input, applies it, journals each decision and carries it out. What is heard meanwhile comes after it.
    void feed(orders::GuardInput input);
    void take(const orders::GuardInputRecord &record);
    void prepareOrders();
    void carryOut(const orders::GuardOutput &output);
    // engine_fence.cpp
    [[nodiscard]] bool mayLeave(const orders::GuardOutput &output) const;
    /// It was not sent: the guard hears so.
    void turnBack(const orders::GuardOutput &output);
    [[nodiscard]] bool refusesIntents();
    /// The client of the guarded account at `venue`; null: there is none.
    [[nodiscard]] ports::ExchangeClient *accountClient(Venue venue) const;
    [[nodiscard]] bool hasAccount() const;
    [[nodiscard]] AccountView accountView(UtcTime now);
    [[nodiscard]] const AccountId &labelOf(Venue venue) const;
    /// What the next start needs to know of each account's equity.
    void keepHistory();
    void keepMemory();
    void refused(const orders::IntentRefused &refusal);
    void alert(AlertRow row);
    void answered(IntentAnswer answer);
    void setLimits(const SetLimits &wish);
    /// False: a record did not fit into the queue. An alarm, once per episode.
    void noteRecord(bool stored);
    void judgeFreshness();
    void refreshAccountView();
    void show(const InstrumentKey &instrument);
    void fallBackToLive();
    void everySecond();
    void sampleDepth();
    void publish();
    [[nodiscard]] UtcTime stamp();

    const Clock &m_clock;
    EngineSetup m_setup;
    Channels &m_channels;
    RecordKeeper &m_records;
    std::vector<std::unique_ptr<Link>> m_links;
    orders::Guard m_guard;
    AlertFeed m_alerts;
    MarketBoard m_markets;
    std::map<Venue, AccountBoard> m_accounts; ///< of each guarded account
    StreamBoard m_streams;
    SizingBoard m_sizing;

    QTimer m_publishTimer;
    QTimer m_secondTimer;
    QTimer m_depthTimer;
    QTimer m_prepareTimer; ///< not while ticks and reports wait
    Duration m_markStaleAfter{0};
    Duration m_accountStaleAfter{0};
    UtcTime m_historyAt;
    UtcTime m_startedAt;
    UtcTime m_lastStamp;
    std::map<Venue, risk::History> m_memories; ///< as handed to the records
    std::vector<IntentAnswer> m_answers;
    std::optional<PreviewAnswer> m_preview;
    std::uint64_t m_sequence{0};
    std::size_t m_clientsUp{0};
    std::deque<orders::GuardInput> m_inputs; ///< heard, and not yet taken
    std::vector<orders::GuardOutput> m_decisions; ///< of the input that is being taken
    bool m_feeding{false};
    bool m_dirty{true};
    bool m_stopping{false};
    bool m_storageTrouble{false};
    bool m_fenceTold{false};
    bool m_marketChosen{false}; ///< by a person, or by falling back
};

} // namespace core::runtime
