#include "tests/soak/compare.h"

#include <set>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/cloids.h"

namespace tests::soak
{

using namespace core;

namespace
{
[[nodiscard]] std::string wireIdOf(Venue venue, const ClientOrderId &id)
{
    return venue == Venue::Binance ? id.string() : exchange::hyperliquid::Cloids::cloidOf(id).text();
}

/// Fates that mean the same: how an order that is not over is called depends on who looked when.
[[nodiscard]] OrderStatus kindOf(OrderStatus status, Quantity filled)
{
    if (isFinal(status))
        return status;
    return filled.isZero() ? OrderStatus::New : OrderStatus::PartiallyFilled;
}

/// Of the exchange's orders with one id of ours: the one that counts. A change puts a new order in the place of the old
/// one; when the new one is refused, the old one is over all the same.
[[nodiscard]] const TruthOrder &lastOf(const std::vector<TruthOrder> &orders)
{
    for (auto entry = orders.rbegin(); entry != orders.rend(); ++entry)
        if (entry->status != OrderStatus::Rejected)
            return *entry;
    return orders.back();
}

[[nodiscard]] std::string textOf(const TruthOrder &order)
{
    return fmt::format("{} with {} filled", name(order.status), order.filled.text());
}

[[nodiscard]] std::string textOf(const OrderRecord &order)
{
    if (order.status)
        return fmt::format("{} with {} filled", name(*order.status), order.filled.text());
    return order.isAbsent ? "absent" : order.isRefused ? "refused" : order.isAccepted ? "acknowledged" : "unanswered";
}

/// Empty: the two agree.
[[nodiscard]] std::string objectionTo(const OrderRecord &ours, const std::vector<TruthOrder> *theirs)
{
    if (!ours.trouble.empty())
        return ours.trouble;
    const bool neverLived = ours.isRefused || ours.isAbsent || ours.status == OrderStatus::Rejected;
    if (theirs == nullptr)
        return neverLived ? std::string() : fmt::format("{} here, unknown there", textOf(ours));
    if (theirs->size() > 1U + static_cast<std::size_t>(ours.changes))
        return fmt::format("{} times there", theirs->size());
    const TruthOrder &last = lastOf(*theirs);
    if (last.status == OrderStatus::Rejected && neverLived)
        return {};
    Quantity filled;
    for (const TruthOrder &order : *theirs)
        filled = add(filled, order.filled).value_or(filled);
    const bool agrees = ours.status && kindOf(*ours.status, ours.filled) == kindOf(last.status, last.filled) &&
                        (ours.filled == last.filled || ours.filled == filled);
    return agrees ? std::string() : fmt::format("{} here, {} there", textOf(ours), textOf(last));
}

void compareFills(const Trader &trader, const Truth &truth, std::vector<std::string> &out)
{
    for (const auto &[key, quantity] : truth.fills) {
        const auto symbol = Symbol::from(key.first);
        const auto found = symbol ? trader.fills.find({*symbol, key.second}) : trader.fills.end();
        if (found == trader.fills.end())
            out.push_back(fmt::format("fill {} of {}: {} there, none here", key.second, key.first, quantity.text()));
        else if (found->second != quantity)
            out.push_back(fmt::format("fill {} of {}: {} there, {} here", key.second, key.first, quantity.text(),
                                      found->second.text()));
    }
    for (const auto &[key, quantity] : trader.fills)
        if (!truth.fills.contains({key.first.string(), key.second}))
            out.push_back(fmt::format("fill {} of {}: {} here, none there", key.second, key.first.view(), quantity.text()));
    out.insert(out.end(), trader.fillTrouble.begin(), trader.fillTrouble.end());
}

void comparePositions(const Trader &trader, const Truth &truth, std::vector<std::string> &out)
{
    std::map<std::string, std::int64_t> ours;
    for (const auto &[symbol, position] : trader.positions)
        ours[symbol.string()] =
            position.direction == Direction::Long ? position.quantity.raw() : -position.quantity.raw();
    std::set<std::string> symbols;
    for (const auto &[symbol, unused] : ours)
        symbols.insert(symbol);
    for (const auto &[symbol, unused] : truth.positions)
        symbols.insert(symbol);
    for (const std::string &symbol : symbols) {
        const auto here = ours.find(symbol);
        const auto there = truth.positions.find(symbol);
        const std::int64_t hereRaw = here == ours.end() ? 0 : here->second;
        const std::int64_t thereRaw = there == truth.positions.end() ? 0 : there->second;
        if (hereRaw != thereRaw)
            out.push_back(fmt::format("position {}: {} here, {} there", symbol, decimalText(hereRaw), decimalText(thereRaw)));
    }
}
} // namespace

Disagreement compare(const Trader &trader, const Truth &truth)
{
    Disagreement result;
    std::set<std::string> ours;
    for (const auto &[id, record] : trader.orders) {
        const std::string wireId = wireIdOf(trader.venue(), id);
        ours.insert(wireId);
        const auto found = truth.orders.find(wireId);
        const std::string objection = objectionTo(record, found == truth.orders.end() ? nullptr : &found->second);
        if (!objection.empty())
            result.orders.push_back(fmt::format("order {} {} ({}): {}", id.view(), record.symbol.view(), wireId, objection));
    }
    for (const auto &[wireId, orders] : truth.orders)
        if ((trader.venue() == Venue::Hyperliquid || wireId.starts_with("soak")) && !ours.contains(wireId))
            result.orders.push_back(fmt::format("order {}: {} there, unknown here", wireId, textOf(orders.back())));
    compareFills(trader, truth, result.fills);
    comparePositions(trader, truth, result.positions);
    return result;
}

} // namespace tests::soak
