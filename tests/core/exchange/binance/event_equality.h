#pragma once

#include <algorithm>

#include "core/exchange/binance/messages.h"

/// Field by field, for the differential tests and fuzz targets: two decoders must agree on everything they
/// keep.
namespace tests
{

[[nodiscard]] inline bool same(const core::exchange::binance::DepthUpdate *a,
                               const core::exchange::binance::DepthUpdate *b)
{
    return a->symbol == b->symbol && a->firstId == b->firstId && a->lastId == b->lastId &&
           a->previousLastId == b->previousLastId && a->eventTime == b->eventTime &&
           a->venueTime == b->venueTime && a->receivedAt == b->receivedAt && a->bids == b->bids &&
           a->asks == b->asks;
}
[[nodiscard]] inline bool same(const core::Trade &a, const core::Trade &b)
{
    return a.instrument == b.instrument && a.id == b.id && a.firstId == b.firstId && a.lastId == b.lastId &&
           a.price == b.price && a.quantity == b.quantity && a.aggressor == b.aggressor && a.kind == b.kind &&
           a.venueTime == b.venueTime && a.receivedAt == b.receivedAt;
}
[[nodiscard]] inline bool same(const core::BestQuote &a, const core::BestQuote &b)
{
    return a.instrument == b.instrument && a.updateId == b.updateId && a.bid == b.bid && a.ask == b.ask &&
           a.venueTime == b.venueTime && a.receivedAt == b.receivedAt;
}
[[nodiscard]] inline bool same(const core::MarkPrice &a, const core::MarkPrice &b)
{
    return a.instrument == b.instrument && a.mark == b.mark && a.index == b.index &&
           a.fundingRate == b.fundingRate && a.nextFundingTime == b.nextFundingTime &&
           a.venueTime == b.venueTime && a.receivedAt == b.receivedAt;
}
[[nodiscard]] inline bool same(const core::Candle &a, const core::Candle &b)
{
    return a.instrument == b.instrument && a.openTime == b.openTime && a.length == b.length &&
           a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close &&
           a.volume == b.volume && a.takerBuyVolume == b.takerBuyVolume && a.quoteVolume == b.quoteVolume &&
           a.trades == b.trades && a.closed == b.closed && a.synthetic == b.synthetic;
}
[[nodiscard]] inline bool same(const core::exchange::binance::Liquidation &a,
                               const core::exchange::binance::Liquidation &b)
{
    return a.instrument == b.instrument && a.side == b.side && a.price == b.price &&
           a.averagePrice == b.averagePrice && a.quantity == b.quantity && a.venueTime == b.venueTime &&
           a.receivedAt == b.receivedAt;
}
[[nodiscard]] inline bool same(const core::Ticker &a, const core::Ticker &b)
{
    return a.instrument == b.instrument && a.last == b.last && a.open == b.open && a.high == b.high &&
           a.low == b.low && a.baseVolume == b.baseVolume && a.quoteVolume == b.quoteVolume &&
           a.openInterest == b.openInterest && a.venueTime == b.venueTime && a.receivedAt == b.receivedAt;
}
[[nodiscard]] inline bool same(const core::exchange::binance::MarketRows &a,
                               const core::exchange::binance::MarketRows &b)
{
    const auto equal = [](const auto &x, const auto &y) { return same(x, y); };
    return std::equal(a.marks.begin(), a.marks.end(), b.marks.begin(), b.marks.end(), equal) &&
           std::equal(a.tickers.begin(), a.tickers.end(), b.tickers.begin(), b.tickers.end(), equal);
}
[[nodiscard]] inline bool same(const core::exchange::binance::ControlReply &a,
                               const core::exchange::binance::ControlReply &b)
{
    return a.id == b.id && a.code == b.code && a.message == b.message;
}
[[nodiscard]] inline bool same(const core::exchange::binance::Ignored &a,
                               const core::exchange::binance::Ignored &b)
{
    return a.event == b.event;
}

[[nodiscard]] inline bool same(const core::exchange::binance::MarketEvent &a,
                               const core::exchange::binance::MarketEvent &b)
{
    if (a.index() != b.index())
        return false;
    return std::visit([&](const auto &left) { return same(left, std::get<std::decay_t<decltype(left)>>(b)); },
                      a);
}
/// Accepted with the same value, or refused with the same words.
[[nodiscard]] inline bool same(const core::Result<core::exchange::binance::MarketEvent> &a,
                               const core::Result<core::exchange::binance::MarketEvent> &b)
{
    if (a.has_value() != b.has_value())
        return false;
    return a ? same(*a, *b) : a.error() == b.error();
}

} // namespace tests
