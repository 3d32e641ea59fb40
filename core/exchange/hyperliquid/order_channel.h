#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/hyperliquid/action_channel.h"
#include "core/exchange/hyperliquid/cloids.h"
#include "core/exchange/hyperliquid/messages_account.h"
#include "core/exchange/hyperliquid/order_channel_wire.h"

namespace core::exchange::hyperliquid
{

/// Why entries are not taken; several may hold at once. Exits and cancels always go.
enum class Block { NotReconciled, Clock, AccountMode, Key };

/// Orders on their way and their fate. Everything is keyed by cloid first and by the venue's id second; what may have
/// been executed is asked for until it is known, past its expiry, and never sent again. Engine thread; the listener
/// is called from the event loop only. Source: reference/hyperliquid.md sections 5, 8.
class OrderChannel final : public QObject
{
    Q_OBJECT
public:
    OrderChannel(const ClientOptions &options, const Clock &clock, InfoGateway &rest, ActionChannel &actions,
                 const AssetTable &assets, SurroundingsOf surroundings, QObject *parent);
    ~OrderChannel() override;

    void start(ports::ExchangeListener &listener, std::string accountAddress);
    void stop();
    void submit(const std::vector<OrderRequest> &requests);
    /// Orders that may come next, to be signed ahead.
    void keepReady(const std::vector<OrderRequest> &requests);
    void modify(const OrderChange &change);
    void cancel(const InstrumentKey &instrument, const ClientOrderId &order);
    void cancelAll(const std::optional<InstrumentKey> &instrument, ports::Done<void> done);
    void query(const InstrumentKey &instrument, const ClientOrderId &order);

    void onStreamOrders(const std::vector<OrderRow> &rows);
    /// Gives a fill the name of its order and counts it. REQUIRES: each fill once.
    void onFill(FillRow &row);
    /// All open orders: hands them on and asks for those of ours that are missing among them; with `report` what
    /// differs is told. `done` when the fate of every one is known.
    void reconcile(const std::vector<OrderRow> &open, bool report, std::function<void()> done);
    /// Our id of its order, or what the venue calls that.
    [[nodiscard]] ClientOrderId nameOf(const Fill &fill) const
    {
        return m_cloids.nameOf(fill.clientOrderId.view(), fill.venueOrderId);
    }
    void block(Block reason, std::optional<Error> why);

    /// The dexes whose open orders are looked at; "" is the venue's own.
    std::set<std::string> dexes{""};

signals:
    void activity();
    /// Executed quantity is known of, whose fills are not here yet.
    void fillsMissing();

private:
    struct Entry {
        InstrumentKey instrument;
        ClientOrderId id;
        std::optional<OrderRequest> request;
        std::optional<OrderUpdate> last;
        VenueOrderId order{};
        Quantity executed;             ///< by fills
        bool sending{false};
        bool eventSeen{false};
        UtcTime sentAt{};              ///< venue's clock; epoch: not sent in this run
        UtcTime doubtUntil{};          ///< before it, "unknown" of the venue does not mean "never placed"
        bool querying{false};
        std::uint64_t round{0};
        int cancelTries{0};
        bool cancelling{false};
        // a change on its way, and what it leaves behind
        bool changing{false};
        bool changeUnknown{false}; ///< its answer said neither; a query will
        std::optional<OrderChange> change;
        std::optional<Quantity> total;   ///< what the last change asked for in all
        std::set<std::int64_t> replaced; ///< venue ids of before
        std::optional<OrderRow> heldCancel;
        Quantity restsAtVenue;
        bool postOnly{false};
        Duration touchedAt{0};
    };
    struct Sweep; ///< one cancelAll

    // placing
    void sendBatch(Lane lane, std::vector<std::pair<ClientOrderId, WireOrder>> orders);
    void onPlaced(const std::vector<ClientOrderId> &ids, const ActionOutcome &outcome);
    void onItem(Entry &entry, const ItemStatus &item, const ActionOutcome &outcome);
    void refuseLater(const ClientOrderId &id, Error why);
    void conclude(Entry &entry, ports::RequestOutcome outcome, const Error &error);
    void becomeUnknown(Entry &entry, const Error &why, UtcTime expiresAt);
    [[nodiscard]] std::optional<Error> refusalOf(const OrderRequest &request) const;
    [[nodiscard]] OrderUpdate fromReply(const Entry &entry, const ItemStatus &item, UtcTime receivedAt) const;
    // changing and cancelling
    void sendChange(Entry &entry, Quantity remaining, Price price, bool ofTheUser);
    void onChanged(const ClientOrderId &id, const ActionOutcome &outcome, bool ofTheUser);
    void onChangeRefused(Entry &entry, const Refusal &refusal, bool ofTheUser);
    void correctSize(Entry &entry);
    void sendCancel(const ClientOrderId &id);
    void onCancelled(const ClientOrderId &id, const ActionOutcome &outcome);
    void sweep(const std::shared_ptr<Sweep> &state);
    void onSwept(const std::shared_ptr<Sweep> &state, const std::vector<OrderRow> &open);
    // asking
    void startQuery(Entry &entry);
    void scheduleQuery(Entry &entry, Duration delay);
    void sendQuery(const ClientOrderId &id, std::uint64_t round);
    void onQueried(const ClientOrderId &id, std::uint64_t round, const InfoResult &result);
    void onNotKnown(Entry &entry);
    void askFillsOf(Entry &entry);
    void onFillsOf(const ClientOrderId &id, std::uint64_t round, const InfoResult &result);
    void endQuery(Entry &entry);
    void reconcileWithout(const ClientOrderId &id);
    void checkReconciled();
    // taking over
    /// True when it was news.
    bool adopt(Entry &entry, const OrderRow &row, Source source);
    bool learnType(Entry &entry, const OrderUpdate &listed, Source source);
    [[nodiscard]] OrderUpdate named(const Entry &entry, const OrderRow &row) const;
    void deliver(Entry &entry, OrderUpdate update, Source source);
    [[nodiscard]] Cloid cloidOf(const ClientOrderId &id) const;
    [[nodiscard]] Entry *find(const ClientOrderId &id);
    Entry &entryFor(const InstrumentKey &instrument, const ClientOrderId &id, const std::optional<Cloid> &cloid = {});
    Entry &entryFor(const OrderRow &row);
    void forgetOld();
    void after(Duration delay, std::function<void()> action);

    const ClientOptions &m_options;
    const Clock &m_clock;
    InfoGateway &m_rest;
    ActionChannel &m_actions;
    const AssetTable &m_assets;
    SurroundingsOf m_surroundings;
    ports::ExchangeListener *m_listener{nullptr};
    std::string m_address;
    Cloids m_cloids;
    std::vector<std::pair<ClientOrderId, Cloid>> m_foreseen; ///< of `keepReady`: their hashes are made already
    std::map<ClientOrderId, Entry> m_entries;
    std::vector<ClientOrderId> m_reconciling;
    std::function<void()> m_reconciled;
    std::map<Block, Error> m_blocks;
    QTimer m_care;
    std::uint64_t m_generation{0};
};

} // namespace core::exchange::hyperliquid
