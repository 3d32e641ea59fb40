#pragma once

#include "core/exchange/hyperliquid/messages.h"
#include "tests/core/exchange/binance/event_equality.h"

/// Field by field, for the differential tests and fuzz targets: two decoders must agree on everything they
/// keep.
namespace tests
{

namespace hl = core::exchange::hyperliquid;

[[nodiscard]] inline bool same(const hl::BookSnapshot *a, const hl::BookSnapshot *b)
{
    return a->instrument == b->instrument && a->bids == b->bids && a->asks == b->asks &&
           a->bidOrders == b->bidOrders && a->askOrders == b->askOrders && a->fast == b->fast &&
           a->venueTime == b->venueTime && a->receivedAt == b->receivedAt;
}
[[nodiscard]] inline bool same(const hl::Bbo &a, const hl::Bbo &b)
{
    return a.instrument == b.instrument && a.bid == b.bid && a.ask == b.ask && a.venueTime == b.venueTime &&
           a.receivedAt == b.receivedAt;
}
template <class Row> [[nodiscard]] bool sameRows(const std::vector<Row> &a, const std::vector<Row> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Row &left, const Row &right) { return same(left, right); });
}
[[nodiscard]] inline bool same(const hl::TradeBatch *a, const hl::TradeBatch *b)
{
    return sameRows(a->trades, b->trades);
}
[[nodiscard]] inline bool same(const hl::CandleBatch *a, const hl::CandleBatch *b)
{
    return sameRows(a->candles, b->candles);
}
[[nodiscard]] inline bool same(const hl::ContextUpdate &a, const hl::ContextUpdate &b)
{
    return same(a.mark, b.mark) && a.context == b.context;
}
[[nodiscard]] inline bool same(const hl::Mids *a, const hl::Mids *b)
{
    return a->rows == b->rows && a->receivedAt == b->receivedAt;
}
[[nodiscard]] inline bool same(const hl::ContextTable *a, const hl::ContextTable *b)
{
    return a->dexes == b->dexes && a->receivedAt == b->receivedAt;
}
[[nodiscard]] inline bool same(const hl::MarketEvent &a, const hl::MarketEvent &b)
{
    if (a.index() != b.index())
        return false;
    return std::visit(
        [&](const auto &left) {
            const auto &right = std::get<std::decay_t<decltype(left)>>(b);
            // `same` first would find the variant's again: every alternative converts to it.
            if constexpr (!std::is_pointer_v<std::decay_t<decltype(left)>> && requires { left == right; })
                return left == right;
            else
                return same(left, right);
        },
        a);
}
/// Accepted with the same value, or refused with the same words.
[[nodiscard]] inline bool same(const core::Result<hl::MarketEvent> &a, const core::Result<hl::MarketEvent> &b)
{
    if (a.has_value() != b.has_value())
        return false;
    return a ? same(*a, *b) : a.error() == b.error();
}

} // namespace tests
