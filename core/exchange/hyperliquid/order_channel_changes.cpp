#include "core/exchange/hyperliquid/order_channel.h"

#include <algorithm>

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"

// Changing and cancelling orders.

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr int kCancelTriesMax = 5;
constexpr Duration kCancelAgainAfter = 300ms;
constexpr int kSweepsMost = 12;
constexpr Duration kSweepAgainAfter = 400ms;

} // namespace

void OrderChannel::modify(const OrderChange &change)
{
    Entry *entry = find(change.clientOrderId);
    const ClientOrderId id = change.clientOrderId;
    if (!entry || !entry->last || isFinal(entry->last->status))
        return refuseLater(id, Error{ErrorCode::NotFound, "no such live order is known here"});
    if (isConditional(entry->last->type))
        return refuseLater(id, Error{ErrorCode::Unsupported,
                                     "a stop cannot be changed safely here: place the new one, then cancel this"});
    if (entry->changing || entry->sending)
        return refuseLater(id, Error{ErrorCode::InUse, "another request for this order is on its way"});
    const ListedAsset *asset = m_assets.find(change.instrument.symbol);
    if (!asset || !isValidPrice(asset->instrument, change.limitPrice))
        return refuseLater(id, Error{ErrorCode::InvalidArgument, "modify: the price is not on the tick"});
    const Quantity done = std::max(entry->executed, entry->last->filled);
    const auto left = subtract(change.quantity, done);
    const auto size = left && left->isPositive() ? toValidSize(asset->instrument, *left)
                                                 : Result<Quantity>(fail(ErrorCode::InvalidArgument, ""));
    if (!size)
        return refuseLater(id, Error{ErrorCode::InvalidArgument, "modify: no more than is filled already"});
    const bool exposure = entry->last->reduceOnly == ReduceOnly::No;
    if (exposure && !m_blocks.empty() && change.quantity > entry->last->quantity)
        return refuseLater(id, m_blocks.begin()->second);
    entry->change = change;
    sendChange(*entry, *size, change.limitPrice, true);
}

void OrderChannel::sendChange(Entry &entry, Quantity remaining, Price price, bool ofTheUser)
{
    const ListedAsset *asset = m_assets.find(entry.instrument.symbol);
    if (!asset || !entry.last)
        return;
    ModifyItem item;
    if (entry.order.value > 0)
        item.reference = static_cast<std::uint64_t>(entry.order.value);
    else
        item.reference = Cloids::cloidOf(entry.id);
    item.order.asset = static_cast<std::uint32_t>(asset->id);
    item.order.isBuy = entry.last->side == Side::Buy;
    item.order.price = WireNumber(price);
    item.order.size = WireNumber(remaining);
    item.order.reduceOnly = entry.last->reduceOnly == ReduceOnly::Yes;
    item.order.terms = LimitTerms{entry.postOnly ? Tif::Alo : Tif::Gtc};
    if (!Cloids::orderNumberOf(entry.id))
        item.order.cloid = Cloids::cloidOf(entry.id);
    const ClientOrderId id = entry.id;
    const auto action = batchModifyAction(std::span(&item, 1));
    if (!action) {
        if (ofTheUser)
            refuseLater(id, action.error());
        return;
    }
    entry.changing = true;
    entry.heldCancel.reset();
    const Lane lane = item.order.reduceOnly || !ofTheUser ? Lane::Protective : Lane::Entry;
    m_actions.send(*action, lane, 1, [this, id, ofTheUser](const ActionOutcome &outcome) {
        if (m_listener)
            onChanged(id, outcome, ofTheUser);
    });
}

void OrderChannel::onChanged(const ClientOrderId &id, const ActionOutcome &outcome, bool ofTheUser)
{
    Entry *entry = find(id);
    if (!entry)
        return;
    const auto tell = [&](ports::RequestOutcome said, const Error &error) {
        if (ofTheUser && m_listener)
            m_listener->onRequestOutcome(id, said, error);
    };
    const auto releaseHeld = [&] {
        entry->changing = false;
        if (const auto held = std::exchange(entry->heldCancel, std::nullopt))
            static_cast<void>(adopt(*entry, *held, Source::Stream));
    };
    if (outcome.fate == ActionOutcome::Fate::NotSent) {
        releaseHeld();
        return tell(ports::RequestOutcome::Rejected, outcome.error);
    }
    const ItemStatus item = statusPerItem(outcome.reply, 1).front();
    const bool clear = outcome.fate == ActionOutcome::Fate::Answered;
    if (clear && item.refusal && item.refusal->reaction != Reaction::Ambiguous)
        return onChangeRefused(*entry, *item.refusal, ofTheUser);
    if (clear && item.order) {
        // A new number under the same cloid; the end of the old one is half of this, not news.
        if (entry->order != *item.order && entry->order.value < item.order->value) {
            entry->replaced.insert(entry->order.value);
            entry->order = *item.order;
        }
        entry->changing = false;
        entry->heldCancel.reset();
        OrderUpdate update = *entry->last;
        if (entry->change) {
            entry->total = entry->change->quantity;
            update.quantity = entry->change->quantity;
            update.limitPrice = entry->change->limitPrice;
        }
        update.venueOrderId = entry->order;
        if (item.kind == ItemStatus::Kind::Resting)
            entry->restsAtVenue = subtract(update.quantity, update.filled).value_or(Quantity{});
        tell(ports::RequestOutcome::Accepted, {});
        if (Entry *again = find(id); again && m_listener && !isFinal(again->last->status))
            deliver(*again, update, Source::Query);
        if (m_listener)
            emit fillsMissing(); // what the old one still executed tells whether the new one is too large
        return;
    }
    entry->doubtUntil = std::max(entry->doubtUntil, outcome.expiresAt + m_options.timings.absentMargin);
    entry->changeUnknown = true; // until the query has said which face lives, the end of the old one is no news
    tell(ports::RequestOutcome::Unknown,
         clear ? Error{ErrorCode::ParseFailed, "modify: an answer that says neither"} : outcome.error);
    if (Entry *again = find(id); again && m_listener)
        startQuery(*again);
}

void OrderChannel::onChangeRefused(Entry &entry, const Refusal &refusal, bool ofTheUser)
{
    const ClientOrderId id = entry.id;
    entry.changing = false;
    const auto held = std::exchange(entry.heldCancel, std::nullopt);
    if (ofTheUser)
        m_listener->onRequestOutcome(id, ports::RequestOutcome::Rejected, refusal.error());
    Entry *again = find(id);
    if (!again || !m_listener)
        return;
    if (refusal.reaction == Reaction::OldOrderGone && again->last && !isFinal(again->last->status)) {
        // The old order was taken away and nothing put in its place: whoever it protected is naked now.
        OrderUpdate update = *again->last;
        update.status = OrderStatus::Canceled;
        update.reason = refusal.text;
        update.receivedAt = m_clock.now();
        deliver(*again, update, Source::Query);
        if (m_listener)
            emit activity();
        return;
    }
    if (held)
        static_cast<void>(adopt(*again, *held, Source::Stream));
    if (Entry *still = find(id); still && m_listener && refusal.reaction == Reaction::Reconcile)
        startQuery(*still);
}

/// The old order executed something after its rest had been handed to the new one: the new one is too large.
void OrderChannel::correctSize(Entry &entry)
{
    if (!entry.total || !entry.last || isFinal(entry.last->status) || entry.changing)
        return;
    const Quantity wanted = subtract(*entry.total, entry.executed).value_or(Quantity{});
    if (entry.restsAtVenue <= wanted)
        return;
    const ListedAsset *asset = m_assets.find(entry.instrument.symbol);
    const auto size = asset && wanted.isPositive() ? toValidSize(asset->instrument, wanted)
                                                   : Result<Quantity>(fail(ErrorCode::InvalidArgument, ""));
    if (size && entry.last->limitPrice)
        sendChange(entry, *size, *entry.last->limitPrice, false);
    else
        sendCancel(entry.id);
}

// ---- cancelling ----

void OrderChannel::cancel(const InstrumentKey &instrument, const ClientOrderId &order)
{
    Entry &entry = entryFor(instrument, order);
    entry.cancelTries = 0;
    entry.cancelling = true;
    sendCancel(order);
}

void OrderChannel::sendCancel(const ClientOrderId &id)
{
    Entry *entry = find(id);
    const ListedAsset *asset = entry ? m_assets.find(entry->instrument.symbol) : nullptr;
    if (!asset)
        return refuseLater(id, Error{ErrorCode::NotFound, "cancel: the contract is not listed here"});
    const auto number = static_cast<std::uint32_t>(asset->id);
    Result<ActionValue> action = fail(ErrorCode::NotFound, "");
    if (const auto order = Cloids::orderNumberOf(id)) {
        const CancelItem item{number, static_cast<std::uint64_t>(order->value)};
        action = cancelAction(std::span(&item, 1));
    } else {
        const CloidCancelItem item{number, Cloids::cloidOf(id)};
        action = cancelByCloidAction(std::span(&item, 1));
    }
    if (!action)
        return refuseLater(id, action.error());
    m_actions.send(*action, Lane::Cancel, 1, [this, id](const ActionOutcome &outcome) {
        if (m_listener)
            onCancelled(id, outcome);
    });
}

void OrderChannel::onCancelled(const ClientOrderId &id, const ActionOutcome &outcome)
{
    Entry *entry = find(id);
    if (!entry)
        return;
    const ItemStatus item = statusPerItem(outcome.reply, 1).front();
    const bool answered = outcome.fate == ActionOutcome::Fate::Answered;
    const bool done = answered && item.kind == ItemStatus::Kind::Success;
    const bool ended = answered && item.refusal && item.refusal->reaction == Reaction::Reconcile;
    const bool refused = answered && !done && !ended && item.refusal &&
                         item.refusal->reaction != Reaction::Ambiguous &&
                         item.refusal->reaction != Reaction::RetryLater;
    // Cancelling twice does no harm: an unclear answer is asked again.
    if (!done && !ended && !refused && ++entry->cancelTries < kCancelTriesMax) {
        after(kCancelAgainAfter * entry->cancelTries, [this, id] { sendCancel(id); });
        return;
    }
    const bool ofTheUser = std::exchange(entry->cancelling, false);
    if (ofTheUser) {
        if (done || ended)
            m_listener->onRequestOutcome(id, ports::RequestOutcome::Accepted, {});
        else if (refused)
            m_listener->onRequestOutcome(id, ports::RequestOutcome::Rejected, item.refusal->error());
        else if (outcome.fate == ActionOutcome::Fate::NotSent)
            m_listener->onRequestOutcome(id, ports::RequestOutcome::Rejected, outcome.error);
        else
            m_listener->onRequestOutcome(id, ports::RequestOutcome::Unknown,
                                         answered ? Error{ErrorCode::Unavailable, item.text} : outcome.error);
    }
    // "Never placed, already canceled, or filled" does not tell which, and "success" not what was filled before.
    if (Entry *again = find(id); again && m_listener && !(again->last && isFinal(again->last->status)))
        startQuery(*again);
}

/// One wish to have no order left, over as many rounds as that takes.
struct OrderChannel::Sweep {
    std::optional<InstrumentKey> instrument;
    ports::Done<void> done;
    std::set<std::string> toAsk;
    std::vector<OrderRow> open;
    int rounds{0};
    std::optional<Error> trouble;
    int outstanding{0};
};

void OrderChannel::cancelAll(const std::optional<InstrumentKey> &instrument, ports::Done<void> done)
{
    auto state = std::make_shared<Sweep>();
    state->instrument = instrument;
    state->done = std::move(done);
    sweep(state);
}

/// Looks at every dex in use, then cancels what it found; done when it finds nothing.
void OrderChannel::sweep(const std::shared_ptr<Sweep> &state)
{
    if (++state->rounds > kSweepsMost) {
        const Error why = state->trouble.value_or(Error{ErrorCode::Rejected, "orders are still open"});
        state->done(fail(why.in("cancel all")));
        return;
    }
    state->open.clear();
    state->trouble.reset();
    state->outstanding = static_cast<int>(dexes.size());
    for (const std::string &dex : dexes) {
        m_rest.info(userRequest("frontendOpenOrders", m_address, Lane::Cancel, dex),
                    [this, state](const InfoResult &result) {
                        if (!m_listener)
                            return;
                        auto rows = result ? parseOpenOrders(result->body, result->receivedAt)
                                           : Result<std::vector<OrderRow>>(fail(result.error().error));
                        if (rows)
                            state->open.insert(state->open.end(), rows->begin(), rows->end());
                        else
                            state->trouble = rows.error();
                        if (--state->outstanding == 0)
                            onSwept(state, state->open);
                    });
    }
}

void OrderChannel::onSwept(const std::shared_ptr<Sweep> &state, const std::vector<OrderRow> &open)
{
    std::vector<CancelItem> items;
    for (const OrderRow &row : open) {
        const ListedAsset *asset = m_assets.find(row.update.instrument.symbol);
        const bool meant = !state->instrument || *state->instrument == row.update.instrument;
        if (!meant)
            continue;
        if (asset)
            items.push_back({static_cast<std::uint32_t>(asset->id),
                             static_cast<std::uint64_t>(row.update.venueOrderId.value)});
        else
            state->trouble = Error{ErrorCode::NotFound, row.update.instrument.symbol.string() +
                                                            ": an open order of a contract that is not listed"};
    }
    const auto again = [this, state] { after(kSweepAgainAfter, [this, state] { sweep(state); }); };
    if (items.empty()) {
        if (state->trouble)
            return again();
        state->done({});
        return;
    }
    for (std::size_t from = 0; from < items.size(); from += kActionItemsMax) {
        const std::size_t count = std::min(kActionItemsMax, items.size() - from);
        const auto action = cancelAction(std::span(items).subspan(from, count));
        if (!action) {
            state->trouble = action.error();
            continue;
        }
        ++state->outstanding;
        m_actions.send(*action, Lane::Cancel, count, [this, state, again](const ActionOutcome &outcome) {
            if (!m_listener)
                return;
            if (outcome.fate == ActionOutcome::Fate::NotSent)
                state->trouble = outcome.error;
            else if (outcome.reply.refusal)
                state->trouble = outcome.reply.refusal->error();
            if (--state->outstanding == 0)
                again();
        });
    }
    if (state->outstanding == 0)
        again();
}

} // namespace core::exchange::hyperliquid
