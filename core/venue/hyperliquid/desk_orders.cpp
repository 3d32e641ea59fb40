// Placing, cancelling, changing: reference/hyperliquid.md sections 5.1 to 5.7.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/venue/hyperliquid/desk.h"

namespace core::venue::hyperliquid
{

namespace
{
constexpr std::string_view kNotThere = "Order was never placed, already canceled, or filled.";

[[nodiscard]] TimeInForce engineTif(OrderTif tif)
{
    if (tif == OrderTif::Alo)
        return TimeInForce::PostOnly;
    return tif == OrderTif::Gtc ? TimeInForce::GoodTilCancel : TimeInForce::ImmediateOrCancel;
}

[[nodiscard]] bool isImmediate(OrderTif tif)
{
    return engineTif(tif) == TimeInForce::ImmediateOrCancel;
}

[[nodiscard]] PlaceOutcome refused(const OrderTerms &terms, std::string_view text)
{
    PlaceOutcome outcome;
    outcome.cloid = terms.cloid;
    outcome.error = fmt::format("{} asset={}", text, terms.asset);
    return outcome;
}

[[nodiscard]] Price averageOf(const DeskOrder &order)
{
    return Price::fromRaw(
        mulDiv(order.filledQuote.raw(), kDecimalOne, order.filled.raw(), Rounding::HalfEven).value_or(0));
}
} // namespace

PlaceReply Desk::place(std::size_t account, const std::vector<OrderTerms> &orders, Grouping grouping)
{
    PlaceReply reply;
    if (orders.empty()) {
        reply.refusal = "Order batch is empty";
        return reply;
    }
    if (const auto refusal = checkBatch(orders, grouping)) {
        if (grouping != Grouping::None) {
            reply.refusal = *refusal;
        } else { // one error for all of them
            PlaceOutcome outcome;
            outcome.error = *refusal;
            reply.outcomes.push_back(std::move(outcome));
        }
        return reply;
    }
    if (grouping == Grouping::Parent) {
        placeGroup(account, orders, reply);
        return reply;
    }
    for (const OrderTerms &terms : orders)
        reply.outcomes.push_back(placeOne(account, terms, grouping));
    return reply;
}

PlaceOutcome Desk::placeOne(std::size_t account, const OrderTerms &terms, Grouping grouping)
{
    if (const auto objection = objectionTo(account, terms, grouping, false)) {
        DeskOrder &order = record(account, terms, Stage::Working);
        finish(order, objection->status);
        settle();
        return refused(terms, objection->text);
    }
    if (terms.trigger)
        return storeTrigger(account, terms, grouping, 0);
    DeskOrder &order = record(account, terms, Stage::Working);
    if (terms.size.isZero()) {
        order.remaining = Quantity::fromRaw(std::llabs(position(account, order.asset())));
        order.terms.size = order.remaining;
    }
    return work(order);
}

PlaceOutcome Desk::storeTrigger(std::size_t account, const OrderTerms &terms, Grouping grouping, std::int64_t parent)
{
    DeskOrder &order = record(account, terms, parent == 0 ? Stage::WaitingForTrigger : Stage::WaitingForFill);
    order.parent = parent;
    order.isPositionTpsl = grouping == Grouping::Position;
    order.isWholePosition = terms.size.isZero();
    PlaceOutcome outcome;
    outcome.oid = order.oid;
    outcome.cloid = terms.cloid;
    if (parent != 0) {
        outcome.kind = PlaceOutcome::Kind::WaitingForFill;
        return outcome;
    }
    const bool bare = m_options.faults.bareTriggerStatus || order.isPositionTpsl;
    outcome.kind = bare ? PlaceOutcome::Kind::WaitingForTrigger : PlaceOutcome::Kind::Resting;
    tell(order, "open");
    return outcome;
}

void Desk::placeGroup(std::size_t account, const std::vector<OrderTerms> &orders, PlaceReply &reply)
{
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (const auto objection = objectionTo(account, orders[i], Grouping::Parent, i > 0)) {
            reply.outcomes.push_back(refused(orders[i], objection->text)); // one error for all of them
            return;
        }
    }
    DeskOrder &parent = record(account, orders.front(), Stage::Working);
    std::vector<PlaceOutcome> children;
    for (std::size_t i = 1; i < orders.size(); ++i) {
        children.push_back(storeTrigger(account, orders[i], Grouping::Parent, parent.oid));
        parent.children.push_back(children.back().oid);
    }
    reply.outcomes.push_back(work(parent));
    for (PlaceOutcome &child : children) {
        const auto found = m_orders.find(child.oid);
        if (found != m_orders.end() && found->second.stage == Stage::WaitingForTrigger)
            child.kind = PlaceOutcome::Kind::WaitingForTrigger;
        reply.outcomes.push_back(std::move(child));
    }
}

bool Desk::sendToEngine(DeskOrder &order, Quantity size, Objection &objection)
{
    NewOrder request;
    request.symbol = m_universe.symbol(order.asset());
    request.side = order.terms.side;
    request.type = OrderType::Limit;
    request.timeInForce = engineTif(order.terms.tif);
    request.quantity = size;
    request.price = order.terms.price;
    request.reduceOnly = order.terms.reduceOnly ? ReduceOnly::Yes : ReduceOnly::No;
    request.selfTrade = SelfTrade::ExpireMaker;
    request.clientOrderId = std::to_string(order.oid);
    if (const auto placed = m_engine.place(order.account, std::move(request)); !placed) {
        objection = translated(placed.error(), order.terms);
        return false;
    }
    return true;
}

/// Gives a recorded order to the engine; the order may be over when this returns.
PlaceOutcome Desk::work(DeskOrder &order)
{
    const std::int64_t oid = order.oid;
    const OrderTerms terms = order.terms;
    Quantity size = order.remaining;
    if (isImmediate(terms.tif) && m_options.faults.iocFillMost.raw() < kDecimalOne)
        size = floorToStep(scaled(size, m_options.faults.iocFillMost, Rounding::Floor).value_or(size),
                           m_universe.instrument(order.asset()).contract.stepSize);
    Objection objection{"Order could not immediately match against any resting orders.", "iocCancelRejected"};
    if (!size.isPositive() || !sendToEngine(order, size, objection)) {
        finish(order, objection.status);
        settle();
        return refused(terms, objection.text);
    }
    const DeskOrder after = m_orders.at(oid);
    if (after.isOpen()) {
        if (isImmediate(terms.tif)) // less was sent than ordered
            finish(m_orders.at(oid), "canceled");
        else if (after.filled.isZero())
            tell(m_orders.at(oid), "open");
    }
    m_touched.insert({after.account, after.asset()});
    settle();
    PlaceOutcome outcome;
    outcome.oid = oid;
    outcome.cloid = terms.cloid;
    if (isImmediate(terms.tif) && after.filled.isZero())
        return refused(terms, objection.text);
    if (after.isOpen() && !isImmediate(terms.tif)) {
        outcome.kind = PlaceOutcome::Kind::Resting;
    } else if (after.filled.isPositive()) {
        outcome.kind = PlaceOutcome::Kind::Filled;
        outcome.filled = after.filled;
        outcome.averagePrice = averageOf(after);
    } else {
        return refused(terms, "Reduce only order would increase position.");
    }
    return outcome;
}

std::string Desk::keyText(const OrderKey &key)
{
    if (const auto *oid = std::get_if<std::int64_t>(&key))
        return std::to_string(*oid);
    return std::get<std::string>(key);
}

Refusal Desk::cancel(std::size_t account, std::int64_t asset, const OrderKey &key)
{
    const DeskOrder *found = find(account, key);
    if (found == nullptr || !found->isOpen() || found->terms.asset != asset)
        return fmt::format("{} asset={}", kNotThere, asset);
    cancelOrder(m_orders.at(found->oid), "canceled");
    settle();
    return std::nullopt;
}

void Desk::cancelOrder(DeskOrder &order, std::string_view status)
{
    const VenueOrder *engineOrder =
        order.engineId == 0 ? nullptr
                            : m_engine.findOrder(order.account, m_universe.symbol(order.asset()), order.engineId, {});
    if (engineOrder == nullptr || !engineOrder->isOpen()) {
        finish(order, status);
        return;
    }
    m_cancelStatus = status;
    const auto cancelled = m_engine.cancel(order.account, m_universe.symbol(order.asset()), order.engineId, {});
    m_cancelStatus = "canceled";
    CORE_ASSERT(cancelled.has_value(), "Invariant: an open order can be cancelled");
}

PlaceOutcome Desk::modify(std::size_t account, const OrderKey &key, const OrderTerms &terms, bool alwaysPlace)
{
    const DeskOrder *found = find(account, key);
    const bool isOpen = found != nullptr && found->isOpen();
    if (!isOpen && !alwaysPlace)
        return refused(terms, "Cannot modify canceled or filled order");
    if (auto refusal = checkBatch({terms}, Grouping::None))
        return refused(terms, *refusal);
    OrderTerms changed = terms;
    if (!alwaysPlace) {
        if (terms.trigger || isImmediate(terms.tif))
            return refused(terms, "Cannot modify to an order that is not post-only or resting");
        changed.tif = OrderTif::Alo;
    }
    Grouping grouping = Grouping::None;
    if (isOpen) {
        grouping = found->isPositionTpsl ? Grouping::Position : Grouping::None;
        cancelOrder(m_orders.at(found->oid), "canceled");
        settle();
    }
    if (m_options.faults.breakModifies.contains(++m_modifies))
        return refused(terms, "Error placing new order during modify: Insufficient margin to place order.");
    PlaceOutcome outcome = placeOne(account, changed, grouping);
    if (outcome.kind == PlaceOutcome::Kind::Refused)
        outcome.error = "Error placing new order during modify: " + outcome.error;
    return outcome;
}

Refusal Desk::setLeverage(std::size_t account, std::int64_t asset, bool isCross, int leverage)
{
    if (!m_universe.has(asset))
        return fmt::format("Invalid asset. asset={}", asset);
    const auto index = static_cast<std::size_t>(asset);
    CoinSetting &setting = m_books[account].settings.at(index);
    if (leverage < 1 || leverage > m_universe.coin(index).maxLeverage)
        return "Invalid leverage value";
    if (isCross && m_universe.coin(index).onlyIsolated)
        return "Cross margin is not allowed for this asset.";
    if (isCross != setting.isCross && position(account, index) != 0)
        return "Cannot switch leverage type with open position.";
    if (isCross != setting.isCross) {
        for (const VenueOrder *order : m_engine.openOrders(account, &m_universe.symbol(index)))
            if (order->isOpen())
                return "Cannot switch leverage type with open orders.";
        if (!m_engine.setIsolated(account, m_universe.symbol(index), !isCross))
            return "Cannot switch leverage type with open position.";
    }
    if (const auto done = m_engine.setLeverage(account, m_universe.symbol(index), leverage); !done)
        return isCross ? "Cross position does not have sufficient margin available to decrease leverage. To decrease "
                         "leverage, deposit more collateral."
                       : "Isolated position does not have sufficient margin available to decrease leverage. To "
                         "decrease leverage, add margin to the position.";
    setting = {.isCross = isCross, .leverage = leverage};
    m_events.accounts.insert(account);
    return std::nullopt;
}

Refusal Desk::adjustIsolatedMargin(std::size_t account, std::int64_t asset, Money change)
{
    if (!m_universe.has(asset))
        return fmt::format("Invalid asset. asset={}", asset);
    const auto index = static_cast<std::size_t>(asset);
    if (setting(account, index).isCross || position(account, index) == 0)
        return "Position does not use isolated margin.";
    const auto done = m_engine.changeMargin(account, {m_universe.symbol(index), PositionSide::Both}, change);
    if (!done && done.error().code == -4050)
        return "Insufficient margin to place order.";
    if (!done)
        return "Cannot remove isolated margin for this asset. To remove margin, reduce the position.";
    m_events.accounts.insert(account);
    return std::nullopt;
}

Refusal Desk::scheduleCancel(std::size_t account, std::optional<UtcTime> at)
{
    AccountBook &book = m_books[account];
    if (book.volume < m_options.scheduleCancelVolume)
        return fmt::format("Cannot set scheduled cancel time until enough volume traded. Required: ${}. Traded: ${}.",
                           m_options.scheduleCancelVolume.text(), book.volume.text());
    const std::int64_t day = std::chrono::floor<std::chrono::days>(m_clock.now()).time_since_epoch().count();
    if (book.cancelDay != day)
        book.cancelsToday = 0;
    book.cancelDay = day;
    if (at && *at < m_clock.now() + std::chrono::seconds{5})
        return "Scheduled cancel time must be at least 5 seconds in the future.";
    if (at && book.cancelsToday >= 10)
        return "Too many scheduled cancels triggered today.";
    book.cancelAt = at;
    return std::nullopt;
}

} // namespace core::venue::hyperliquid
