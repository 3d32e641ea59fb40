#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/messages.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// Orders on their way and their fate: sends, repeats only what is known not to have happened, asks for what
/// is unknown until it is known. Never sends a second time while the first try may be live. Engine thread;
/// the listener is called from the event loop only. Source: reference/binance-usdm.md
/// sections 6.2, 6.4, 6.6, 8.
class OrderChannel final : public QObject
{
    Q_OBJECT
public:
    OrderChannel(const ClientOptions &options, const Clock &clock, RestGateway &rest, QObject *parent);
    ~OrderChannel() override;

    void start(ports::ExchangeListener &listener);
    void stop();
    void submit(const OrderRequest &request);
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order);
    void query(const InstrumentKey &instrument, const ClientOrderId &order);

    /// A state from the private stream; hands it on.
    void onStreamOrder(const OrderUpdate &update);
    /// The list of open orders after a reconnect: hands them on, and asks for those of ours that are missing
    /// in it. `done` is called when the fate of every one of them is known.
    void reconcile(const std::vector<OrderUpdate> &open, std::function<void()> done);
    /// Orders are refused with this reason; empty: not.
    void block(std::optional<Error> why) { m_blocked = std::move(why); }
    [[nodiscard]] std::optional<ClientOrderId> clientIdOf(const InstrumentKey &instrument,
                                                          VenueOrderId id) const;

signals:
    /// Something of ours moved: balances and positions are worth asking for.
    void activity();
    /// An acknowledged order without an event: the private stream cannot be trusted.
    void eventMissing(core::ClientOrderId order);
    /// A query found executed quantity: fills of this contract are worth asking for.
    void fillsMissing(core::InstrumentKey instrument);

private:
    struct Entry {
        InstrumentKey instrument;
        ClientOrderId id;
        std::optional<OrderRequest> request; ///< sent by us
        std::optional<OrderUpdate> last;
        std::uint64_t attempt{0}; ///< an answer to an older one is void
        int retries{0};
        bool sending{false}; ///< sent or about to be sent again, no verdict yet
        bool clockRepaired{false};
        bool unknownBefore{false};
        bool eventSeen{false}; ///< for the present attempt
        std::optional<Duration> eventDueBy;
        bool querying{false};
        std::uint64_t queryRound{0};
        std::size_t queryTries{0};
        int absentTries{0};
        Duration firstAbsentAt{0};
        int cancelTries{0};
        Duration touchedAt{0};
    };

    void attempt(const ClientOrderId &id);
    void onSubmitted(const ClientOrderId &id, std::uint64_t attempt, const RestResult &result);
    void onAcknowledged(Entry &entry, const RestAnswer &answer);
    void onSubmitFailed(Entry &entry, const RestFailure &failure);
    void becomeUnknown(Entry &entry, const Error &why);
    void conclude(Entry &entry, ports::RequestOutcome outcome, const Error &error);
    void retryLater(Entry &entry, Duration delay);
    void repairClockAndResend(Entry &entry, const Error &why);
    void sendCancel(const ClientOrderId &id);
    void onCancelled(const ClientOrderId &id, const RestResult &result);
    void startQuery(Entry &entry);
    void scheduleQuery(Entry &entry, Duration delay);
    void sendQuery(const ClientOrderId &id, std::uint64_t round);
    void onQueried(const ClientOrderId &id, std::uint64_t round, const RestResult &result);
    void onAbsentAnswer(Entry &entry);
    void endQuery(Entry &entry);
    [[nodiscard]] Duration nextQueryDelay(const Entry &entry) const;
    /// Takes the update over unless a newer one is known; true when it was news.
    bool adopt(Entry &entry, const OrderUpdate &update);
    void deliver(const OrderUpdate &update, Source source);
    void checkReconciled();
    void care();
    void forgetOld();
    [[nodiscard]] Entry *find(const ClientOrderId &id);
    Entry &entryFor(const InstrumentKey &instrument, const ClientOrderId &id);
    void after(Duration delay, std::function<void()> action);

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    ports::ExchangeListener *m_listener{nullptr};
    std::map<ClientOrderId, Entry> m_entries;
    std::map<std::pair<Symbol, std::int64_t>, ClientOrderId> m_byVenueId;
    std::vector<ClientOrderId> m_reconciling;
    std::function<void()> m_reconciled;
    std::optional<Error> m_blocked;
    QTimer m_care;
    std::uint64_t m_generation{0};
};

} // namespace core::exchange::binance
