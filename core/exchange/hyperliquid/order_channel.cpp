#include "core/exchange/hyperliquid/order_channel.h"

#include <algorithm>

#include "core/exchange/hyperliquid/client_requests.h"

// Placing orders, and taking over what the venue says of them.

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 5s;
constexpr Duration kForgetAfter = 10min;
constexpr std::size_t kEntriesKept = 1'000;

Quantity plus(Quantity a, Quantity b)
{
    return add(a, b).value_or(a);
}

bool hasLived(const OrderUpdate &order)
{
    return order.status != OrderStatus::Rejected && order.status != OrderStatus::Unknown;
}

} // namespace

OrderChannel::OrderChannel(const ClientOptions &options, const Clock &clock, InfoGateway &rest,
                           ActionChannel &actions, const AssetTable &assets, SurroundingsOf surroundings,
                           QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest), m_actions(actions), m_assets(assets),
      m_surroundings(std::move(surroundings))
{
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &OrderChannel::forgetOld);
    connect(&m_actions, &ActionChannel::keyWasRefused, this,
            [this](const Error &why) { block(Block::Key, why); });
}

OrderChannel::~OrderChannel() = default;

void OrderChannel::start(ports::ExchangeListener &listener, std::string accountAddress)
{
    m_listener = &listener;
    m_address = std::move(accountAddress);
    m_care.start();
}

void OrderChannel::stop()
{
    ++m_generation;
    m_care.stop();
    m_listener = nullptr;
    m_reconciled = nullptr;
}

void OrderChannel::after(Duration delay, std::function<void()> action)
{
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(std::max(delay, Duration::zero())), this,
                       [this, born = m_generation, action = std::move(action)] {
                           if (born == m_generation && m_listener)
                               action();
                       });
}

void OrderChannel::block(Block reason, std::optional<Error> why)
{
    if (why)
        m_blocks[reason] = std::move(*why);
    else
        m_blocks.erase(reason);
}

OrderChannel::Entry *OrderChannel::find(const ClientOrderId &id)
{
    const auto it = m_entries.find(id);
    return it == m_entries.end() ? nullptr : &it->second;
}

OrderChannel::Entry &OrderChannel::entryFor(const InstrumentKey &instrument, const ClientOrderId &id,
                                            const std::optional<Cloid> &cloid)
{
    Entry &entry = m_entries[id];
    if (entry.id.empty()) {
        entry.id = id;
        if (const auto order = Cloids::orderNumberOf(id))
            entry.order = *order;
        else
            static_cast<void>(cloid ? m_cloids.add(id, *cloid) : m_cloids.add(id));
    }
    entry.instrument = instrument;
    entry.touchedAt = m_clock.monotonic();
    return entry;
}

OrderChannel::Entry &OrderChannel::entryFor(const OrderRow &row)
{
    const OrderUpdate &update = row.update;
    return entryFor(update.instrument, m_cloids.nameOf(update.clientOrderId.view(), update.venueOrderId));
}

// ---- placing ----

std::optional<Error> OrderChannel::refusalOf(const OrderRequest &request) const
{
    if (request.reduceOnly == ReduceOnly::Yes || m_blocks.empty())
        return std::nullopt;
    return m_blocks.begin()->second;
}

void OrderChannel::refuseLater(const ClientOrderId &id, Error why)
{
    after(Duration::zero(), [this, id, why = std::move(why)] {
        m_listener->onRequestOutcome(id, ports::RequestOutcome::Rejected, why);
    });
}

Cloid OrderChannel::cloidOf(const ClientOrderId &id) const
{
    for (const auto &[known, cloid] : m_foreseen) {
        if (known == id)
            return cloid;
    }
    return Cloids::cloidOf(id);
}

void OrderChannel::submit(const std::vector<OrderRequest> &requests)
{
    std::map<Lane, std::vector<std::pair<ClientOrderId, WireOrder>>> lanes;
    for (const OrderRequest &request : requests) {
        const ClientOrderId id = request.clientOrderId;
        if (const auto refusal = refusalOf(request)) {
            refuseLater(id, *refusal);
            continue;
        }
        const ListedAsset *asset = m_assets.find(request.instrument.symbol);
        if (!asset) {
            refuseLater(id, Error{ErrorCode::NotFound, request.instrument.symbol.string() + ": not listed here"});
            continue;
        }
        const auto order = wireOrder(*asset, request, m_surroundings(request.instrument.symbol),
                                     m_options.marketSlippage, cloidOf(id));
        if (!order) {
            refuseLater(id, order.error());
            continue;
        }
        if (const Entry *known = find(id); known && (known->sending || (known->querying && known->sentAt != UtcTime{}))) {
            after(Duration::zero(), [this, id] {
                m_listener->onRequestOutcome(
                    id, ports::RequestOutcome::Unknown,
                    Error{ErrorCode::TimedOut, "the fate of the same order is still being asked for"});
            });
            continue;
        }
        const Lane lane = laneOf(request);
        // One that lies ready leaves first and is written down then: answers come from the event loop only.
        const auto done = [this, id](const ActionOutcome &outcome) {
            if (m_listener)
                onPlaced({id}, outcome);
        };
        const bool isSent = requests.size() == 1 && m_actions.sendReady(*order, lane, done);
        Entry &entry = entryFor(request.instrument, id, order->cloid);
        entry.request = request;
        entry.sending = true;
        entry.eventSeen = false;
        entry.postOnly = request.timeInForce == TimeInForce::PostOnly;
        entry.sentAt = m_rest.venueNow();
        if (!isSent)
            lanes[lane].emplace_back(id, *order);
    }
    for (auto &[lane, orders] : lanes)
        sendBatch(lane, std::move(orders));
}

void OrderChannel::keepReady(const std::vector<OrderRequest> &requests)
{
    std::vector<WireOrder> orders;
    m_foreseen.clear();
    for (const OrderRequest &request : requests) {
        const ClientOrderId &id = request.clientOrderId;
        if (m_foreseen.empty() || m_foreseen.back().first != id)
            m_foreseen.emplace_back(id, Cloids::cloidOf(id));
        const ListedAsset *asset = m_assets.find(request.instrument.symbol);
        if (!asset)
            continue;
        const auto order = wireOrder(*asset, request, m_surroundings(request.instrument.symbol),
                                     m_options.marketSlippage, m_foreseen.back().second);
        if (order)
            orders.push_back(*order);
    }
    m_actions.keepReady(std::move(orders));
}

void OrderChannel::sendBatch(Lane lane, std::vector<std::pair<ClientOrderId, WireOrder>> orders)
{
    for (std::size_t from = 0; from < orders.size(); from += kActionItemsMax) {
        const std::size_t to = std::min(orders.size(), from + kActionItemsMax);
        std::vector<ClientOrderId> ids;
        std::vector<WireOrder> items;
        for (std::size_t i = from; i < to; ++i) {
            ids.push_back(orders[i].first);
            items.push_back(orders[i].second);
        }
        auto action = orderAction(items);
        if (!action) {
            for (const ClientOrderId &id : ids) {
                find(id)->sending = false;
                refuseLater(id, action.error());
            }
            continue;
        }
        m_actions.send(std::move(*action), lane, items.size(),
                       [this, ids](const ActionOutcome &outcome) {
                           if (m_listener)
                               onPlaced(ids, outcome);
                       });
    }
}

void OrderChannel::onPlaced(const std::vector<ClientOrderId> &ids, const ActionOutcome &outcome)
{
    const std::vector<ItemStatus> items = statusPerItem(outcome.reply, ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Entry *entry = find(ids[i]);
        if (!m_listener || !entry || !entry->sending)
            continue;
        entry->touchedAt = m_clock.monotonic();
        switch (outcome.fate) {
        case ActionOutcome::Fate::Answered:
            onItem(*entry, items[i], outcome);
            break;
        case ActionOutcome::Fate::NotSent:
            conclude(*entry, ports::RequestOutcome::Rejected, outcome.error);
            break;
        case ActionOutcome::Fate::Ambiguous:
            becomeUnknown(*entry, outcome.error, outcome.expiresAt);
            break;
        }
    }
    if (m_listener)
        emit activity();
}

void OrderChannel::onItem(Entry &entry, const ItemStatus &item, const ActionOutcome &outcome)
{
    const ClientOrderId id = entry.id;
    using Kind = ItemStatus::Kind;
    if (item.kind == Kind::Refused && item.refusal && item.refusal->reaction != Reaction::Ambiguous) {
        if (entry.eventSeen && entry.last && !isFinal(entry.last->status))
            return becomeUnknown(entry, item.refusal->error(), outcome.expiresAt); // the stream shows it alive
        conclude(entry, ports::RequestOutcome::Rejected, item.refusal->error());
        return;
    }
    if (item.kind == Kind::Unknown || item.kind == Kind::Refused || item.kind == Kind::Success)
        return becomeUnknown(entry,
                             item.refusal ? item.refusal->error()
                                          : Error{ErrorCode::ParseFailed, "order: an answer that says neither: " +
                                                                              item.text.substr(0, 80)},
                             outcome.expiresAt);
    if (item.order)
        entry.order = *item.order;
    conclude(entry, ports::RequestOutcome::Accepted, {});
    Entry *again = find(id);
    if (!m_listener || !again)
        return;
    const bool news = !again->last || (item.kind == Kind::Filled && !isFinal(again->last->status));
    if (news)
        deliver(*again, fromReply(*again, item, outcome.receivedAt), Source::Query);
    again = find(id);
    if (again && m_listener && !item.order)
        startQuery(*again); // the venue gave no id: it is found by cloid
}

/// The venue does not stamp its reply: it carries the moment of sending, which is not after anything of its stream.
OrderUpdate OrderChannel::fromReply(const Entry &entry, const ItemStatus &item, UtcTime receivedAt) const
{
    const OrderRequest &request = *entry.request;
    OrderUpdate update;
    update.instrument = entry.instrument;
    update.clientOrderId = entry.id;
    update.venueOrderId = entry.order;
    update.side = request.side;
    update.type = request.type;
    update.status = OrderStatus::New;
    update.quantity = request.quantity;
    update.limitPrice = request.limitPrice;
    update.reduceOnly = request.reduceOnly;
    update.triggerPrice = request.triggerPrice;
    update.venueTime = entry.sentAt;
    update.receivedAt = receivedAt;
    if (item.kind != ItemStatus::Kind::Filled)
        return update;
    update.filled = item.totalSize.value_or(Quantity{});
    update.averagePrice = item.averagePrice;
    const bool immediate =
        request.type == OrderType::Market || request.timeInForce == TimeInForce::ImmediateOrCancel;
    if (update.filled >= update.quantity)
        update.status = OrderStatus::Filled;
    else
        update.status = immediate ? OrderStatus::Canceled : OrderStatus::PartiallyFilled;
    return update;
}

void OrderChannel::conclude(Entry &entry, ports::RequestOutcome outcome, const Error &error)
{
    entry.sending = false;
    if (outcome == ports::RequestOutcome::Rejected)
        entry.sentAt = {}; // it is not there: nothing to look for later
    m_listener->onRequestOutcome(entry.id, outcome, error);
}

void OrderChannel::becomeUnknown(Entry &entry, const Error &why, UtcTime expiresAt)
{
    const ClientOrderId id = entry.id;
    if (entry.eventSeen && entry.last) {
        conclude(entry, ports::RequestOutcome::Accepted, {});
    } else {
        entry.doubtUntil = std::max(entry.doubtUntil, expiresAt + m_options.timings.absentMargin);
        conclude(entry, ports::RequestOutcome::Unknown, why);
    }
    if (Entry *again = find(id); again && m_listener)
        startQuery(*again);
}

// ---- taking over ----

OrderUpdate OrderChannel::named(const Entry &entry, const OrderRow &row) const
{
    OrderUpdate update = row.update;
    update.clientOrderId = entry.id;
    if (entry.request) {
        // The stream says neither type nor trigger.
        if (row.venueType.empty()) {
            update.type = entry.request->type;
            update.triggerPrice = entry.request->triggerPrice;
        }
        update.limitPrice = update.type == OrderType::Market ? entry.request->limitPrice : update.limitPrice;
        update.type = entry.request->type == OrderType::Market ? OrderType::Market : update.type;
        if (!entry.total)
            update.quantity = std::max(update.quantity, entry.request->quantity);
    } else if (row.venueType.empty() && entry.last) {
        update.type = entry.last->type;
        update.triggerPrice = entry.last->triggerPrice;
        if (update.type == OrderType::Unknown && update.reason.empty())
            update.reason = entry.last->reason;
    }
    if (entry.total) {
        // After a change the venue counts the new order from nothing.
        const Quantity ofThisOne = row.filledIsBound ? Quantity{} : update.filled;
        const auto before = subtract(*entry.total, row.update.quantity);
        update.quantity = *entry.total;
        update.filled = std::max(entry.executed,
                                 before && !before->isNegative() ? plus(*before, ofThisOne) : entry.executed);
    } else if (row.filledIsBound) {
        // What the answer said was executed stays so, also before the fills are here.
        const bool isSame = entry.last && entry.last->venueOrderId == update.venueOrderId;
        const Quantity known = isSame ? std::max(entry.executed, entry.last->filled) : entry.executed;
        update.filled = std::min(known, update.filled);
    } else {
        update.filled = std::max(entry.executed, update.filled);
    }
    update.filled = std::min(update.filled, update.quantity);
    if (update.status == OrderStatus::New && update.filled.isPositive())
        update.status = OrderStatus::PartiallyFilled;
    return update;
}

/// A list is older than the stream's word and yet says what the stream does not: what kind of order it is.
bool OrderChannel::learnType(Entry &entry, const OrderUpdate &listed, Source source)
{
    if (entry.last->type != OrderType::Unknown || isFinal(entry.last->status) || isFinal(listed.status) ||
        (listed.type == OrderType::Unknown && listed.reason == entry.last->reason))
        return false;
    OrderUpdate update = *entry.last;
    update.type = listed.type;
    update.triggerPrice = listed.triggerPrice;
    update.reason = listed.reason;
    deliver(entry, std::move(update), source);
    return true;
}

bool OrderChannel::adopt(Entry &entry, const OrderRow &row, Source source)
{
    entry.touchedAt = m_clock.monotonic();
    const VenueOrderId number = row.update.venueOrderId;
    if (entry.replaced.contains(number.value))
        return false; // the old face of a changed order
    if (entry.changing && source == Source::Stream && number == entry.order &&
        row.update.status == OrderStatus::Canceled) {
        entry.heldCancel = row; // half of a change, or the end of the order: the answer tells
        return false;
    }
    const bool isNewFace = entry.order.value != 0 && number.value != entry.order.value;
    if (isNewFace) {
        if (number.value < entry.order.value)
            return false;
        entry.replaced.insert(entry.order.value);
        entry.heldCancel.reset();
        if (entry.changing && entry.change)
            entry.total = entry.change->quantity;
    }
    const bool sameOrder = entry.last && entry.last->venueOrderId == number;
    OrderUpdate update = named(entry, row);
    if (isNewFace && update.status == OrderStatus::Rejected && entry.last && hasLived(*entry.last)) {
        // The new face of a change never lived, and the old one is over all the same: the order has ended, once.
        entry.order = number;
        if (isFinal(entry.last->status))
            return false;
        OrderUpdate ended = *entry.last;
        ended.status = OrderStatus::Canceled;
        ended.reason = update.reason;
        ended.venueTime = update.venueTime;
        ended.receivedAt = update.receivedAt;
        update = std::move(ended);
    }
    if (sameOrder && ((isFinal(entry.last->status) && !isFinal(update.status)) ||
                      (!isFinal(update.status) && update.venueTime < entry.last->venueTime)))
        return learnType(entry, update, source);
    if (number.value != 0)
        entry.order = number;
    entry.restsAtVenue = isFinal(update.status) ? Quantity{} : row.remaining;
    entry.postOnly = entry.postOnly || row.timeInForce == "Alo";
    if (entry.last == update)
        return false;
    const bool fillsDue = update.filled > entry.executed || (row.filledIsBound && isFinal(update.status));
    deliver(entry, update, source);
    if (fillsDue && m_listener && source == Source::Query)
        emit fillsMissing();
    return true;
}

void OrderChannel::deliver(Entry &entry, OrderUpdate update, Source source)
{
    entry.last = std::move(update);
    const OrderUpdate copy = *entry.last;
    if (m_listener)
        m_listener->onOrder(copy, source);
}

void OrderChannel::onStreamOrders(const std::vector<OrderRow> &rows)
{
    for (const OrderRow &row : rows) {
        Entry &entry = entryFor(row);
        const ClientOrderId id = entry.id;
        entry.eventSeen = true;
        const bool known = row.update.status != OrderStatus::Unknown;
        if (known)
            static_cast<void>(adopt(entry, row, Source::Stream));
        Entry *again = find(id);
        if (!m_listener)
            return;
        if (again && !known)
            startQuery(*again);
        else if (again && again->querying && !again->sending && again->last)
            endQuery(*again);
    }
    if (m_listener)
        emit activity();
}

void OrderChannel::onFill(FillRow &row)
{
    const Fill &fill = row.fill;
    Entry &entry =
        entryFor(fill.instrument, m_cloids.nameOf(fill.clientOrderId.view(), fill.venueOrderId));
    row.fill.clientOrderId = entry.id;
    entry.executed = plus(entry.executed, fill.quantity);
    entry.eventSeen = true;
    // An order that ended before its fills were here is told once more, complete.
    if (entry.last && entry.last->filled < entry.executed) {
        OrderUpdate update = *entry.last;
        update.filled = std::min(entry.executed, update.quantity);
        if (update.filled == update.quantity)
            update.status = OrderStatus::Filled;
        else if (update.status == OrderStatus::New)
            update.status = OrderStatus::PartiallyFilled;
        deliver(entry, update, Source::Query);
    }
    if (entry.total && entry.replaced.contains(fill.venueOrderId.value))
        correctSize(entry);
}

void OrderChannel::forgetOld()
{
    if (m_entries.size() < kEntriesKept)
        return;
    const Duration now = m_clock.monotonic();
    std::erase_if(m_entries, [&](const auto &pair) {
        const Entry &entry = pair.second;
        const bool over = !entry.last || isFinal(entry.last->status);
        return over && !entry.querying && !entry.sending && !entry.changing && !entry.cancelling &&
               now - entry.touchedAt > kForgetAfter;
    });
}

} // namespace core::exchange::hyperliquid
