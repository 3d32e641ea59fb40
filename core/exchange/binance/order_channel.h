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
#include "core/exchange/binance/order_entry.h"
#include "core/exchange/binance/order_parameters.h"
#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// Orders on their way and their fate: sends, repeats only what is known not to have happened, asks for what
/// is unknown until it is known, and joins a conditional order with the order it turns into. Never sends a
/// second time while the first try may be live. Engine thread; the listener is called from the event loop
/// only. Source: reference/binance-usdm.md sections 5.4, 6.2 to 6.7, 8.
class OrderChannel final : public QObject
{
    Q_OBJECT
public:
    /// Both stores of open orders, as one.
    struct OpenOrders {
        std::vector<OrderUpdate> plain;
        std::vector<AlgoEvent> conditional;
        std::optional<InstrumentKey> only; ///< of one contract; absent: of all
    };

    OrderChannel(const ClientOptions &options, const Clock &clock, RestGateway &rest, QObject *parent);
    ~OrderChannel() override;

    void start(ports::ExchangeListener &listener);
    void stop();
    void submit(const OrderRequest &request);
    void submitBatch(const std::vector<OrderRequest> &requests);
    void modify(const OrderChange &change);
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order);
    void query(const InstrumentKey &instrument, const ClientOrderId &order);

    /// From the private stream; handed on, or held until it is known whose child the order is.
    void onStreamOrder(const OrderEvent &event);
    void onStreamAlgo(const AlgoEvent &event);
    /// Everything open, asked for after the stream was broken: hands it on, and asks for those of ours that
    /// are missing. `differences`: what we believed wrongly is reported. `done`: the fate of all is known.
    void reconcile(const OpenOrders &open, bool differences, std::function<void()> done);
    /// The same in between: what changed at the venue after `before` is not looked at, its event may be on
    /// the way.
    void audit(const OpenOrders &open, UtcTime before);
    /// Asks for those of ours that should be in a list and are not.
    void askForMissing(const OpenOrders &open);
    /// Orders are refused with this reason; empty: not.
    void block(std::optional<Error> why) { m_blocked = std::move(why); }
    [[nodiscard]] std::optional<ClientOrderId> clientIdOf(const InstrumentKey &instrument,
                                                          VenueOrderId id) const;

signals:
    /// Something of ours moved: balances and positions are worth asking for.
    void activity();
    /// An acknowledged order without an event: the private stream cannot be trusted.
    void eventMissing(core::ClientOrderId order);
    /// Executed quantity without its fills (or a fill without its fee): worth asking for.
    void fillsMissing(core::InstrumentKey instrument);
    /// A fill of the stream, under the id of the order that caused it.
    void filled(core::Fill fill);

private:
    using Entry = OrderEntry;
    using Outcome = ports::RequestOutcome;
    enum class Question { Order, Algo, Child };
    struct HeldEvent {
        OrderEvent event;
        Duration dueBy{0};
    };

    // order_channel.cpp: sending
    [[nodiscard]] std::optional<std::string> accept(const OrderRequest &request);
    Entry &writeDown(const OrderRequest &request, std::string query);
    void begin(Entry &entry, std::uint64_t attempt);
    void send(const OrderRequest &request, const std::string &query, std::uint64_t attempt);
    void refuse(const ClientOrderId &id, Outcome outcome, Error why);
    void attempt(const ClientOrderId &id);
    void onSubmitted(const ClientOrderId &id, std::uint64_t attempt, const RestResult &result);
    void onAcknowledged(Entry &entry, const RestAnswer &answer);
    void acknowledge(Entry &entry, const OrderUpdate &order);
    void onSubmitFailed(Entry &entry, const RestFailure &failure);
    void becomeUnknown(Entry &entry, const Error &why);
    void conclude(Entry &entry, Outcome outcome, const Error &error);
    void retryLater(Entry &entry, Duration delay);
    void repairClockAndResend(Entry &entry, const Error &why);
    // order_channel_change.cpp: batches and changes
    void attemptBatch(const std::vector<ClientOrderId> &ids, net::Lane lane);
    void onBatch(const std::vector<std::pair<ClientOrderId, std::uint64_t>> &sent, const RestResult &result);
    void sendChange(const ClientOrderId &id);
    void onChanged(const ClientOrderId &id, std::uint64_t number, const RestResult &result);
    void onChangeFailed(Entry &entry, const RestFailure &failure);
    void changeUnknown(Entry &entry, const Error &why);
    void concludeChange(Entry &entry, Outcome outcome, const Error &error);
    /// True when the question of the change is still open.
    bool judgeChange(Entry &entry);
    // order_channel_query.cpp: cancels and questions
    void sendCancel(const ClientOrderId &id);
    void onCancelled(const ClientOrderId &id, const RestResult &result);
    void settleCancel(Entry &entry);
    void startQuery(Entry &entry);
    void scheduleQuery(Entry &entry, Duration delay);
    void sendQuery(const ClientOrderId &id, std::uint64_t round);
    void onQueried(const ClientOrderId &id, std::uint64_t round, Question question, const RestResult &result);
    void onQueryFailed(Entry &entry, Question question, const RestFailure &failure);
    [[nodiscard]] bool readAnswer(Entry &entry, Question question, const RestAnswer &answer);
    void onAbsentAnswer(Entry &entry, Question question);
    void finishQuery(Entry &entry);
    void endQuery(Entry &entry);
    [[nodiscard]] Duration nextQueryDelay(const Entry &entry) const;
    // order_channel_stream.cpp: what the venue says
    /// Takes the update over unless a newer one is known; true when it was news.
    bool adopt(Entry &entry, const OrderUpdate &update);
    /// Joins and tells; true when something was told.
    bool adoptAlgo(Entry &entry, const AlgoEvent &event, Source source);
    bool adoptChild(Entry &entry, const OrderUpdate &child, Source source);
    bool tellNews(Entry &entry, Source source);
    void deliver(const OrderUpdate &update, Source source);
    void takeOrderEvent(Entry &entry, const OrderEvent &event, bool child);
    void takeForeign(const OrderEvent &event);
    void handFill(const OrderEvent &event, const ClientOrderId &id);
    void releaseHeld(const InstrumentKey &instrument, VenueOrderId child);
    [[nodiscard]] bool mayBeChild(const OrderEvent &event) const;
    [[nodiscard]] std::vector<ClientOrderId> missingIn(const OpenOrders &open) const;
    void takeListed(const OpenOrders &open, bool differences, std::optional<UtcTime> before);
    void report(const OrderUpdate &now, const std::optional<OrderUpdate> &before);
    void reconcileWithout(const ClientOrderId &id);
    void checkReconciled();
    void care();
    void forgetOld();

    [[nodiscard]] Entry *find(const ClientOrderId &id);
    [[nodiscard]] Entry *findByVenueId(const InstrumentKey &instrument, VenueOrderId id);
    Entry &entryFor(const InstrumentKey &instrument, const ClientOrderId &id);
    void after(Duration delay, std::function<void()> action);
    [[nodiscard]] AccountMode mode() const { return m_options.hedgeMode ? AccountMode::Hedge : AccountMode::OneWay; }

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    ports::ExchangeListener *m_listener{nullptr};
    std::map<ClientOrderId, Entry> m_entries;
    std::map<std::pair<Symbol, std::int64_t>, ClientOrderId> m_byVenueId;
    std::vector<HeldEvent> m_held;
    std::vector<ClientOrderId> m_reconciling;
    std::function<void()> m_reconciled;
    std::optional<Error> m_blocked;
    QTimer m_care;
    std::uint64_t m_generation{0};
    Duration m_startedAt{0}; ///< monotonic
};

} // namespace core::exchange::binance
