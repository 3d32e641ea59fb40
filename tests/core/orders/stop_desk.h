#pragma once

#include <string>
#include <vector>

#include "core/orders/backstop.h"

/// A position and the keeper of its stops, as the guard would drive them: short words for tests.
namespace tests
{
using namespace core;
using namespace core::orders;
using What = BackstopKeeper::Wish::What;

inline Quantity quantity(std::string_view text)
{
    return parseQuantity(text).value();
}
inline Price price(std::string_view text)
{
    return parsePrice(text).value();
}
inline Ratio ratio(std::string_view text)
{
    return parseFixed<Ratio>(text).value();
}

inline Instrument stopInstrument(Venue venue = Venue::Binance)
{
    Instrument i;
    i.key = {venue, *Symbol::from(venue == Venue::Binance ? "BTCUSDT" : "BTC")};
    i.tickSize = price("0.1");
    i.stepSize = i.marketStepSize = i.quantityMin = i.marketQuantityMin = quantity("0.001");
    i.marketQuantityMax = quantity("120");
    i.notionalMin = parseMoney(venue == Venue::Binance ? "100" : "10").value();
    return i;
}

inline risk::BackstopLimits stopLimits()
{
    risk::BackstopLimits l;
    l.slippageAllowance = ratio("0.002");
    l.repinStep = ratio("0.001");
    l.liquidationBuffer = ratio("0.005");
    return l;
}

struct StopDesk {
    explicit StopDesk(Venue venue = Venue::Binance, PositionSide side = PositionSide::Both)
        : instrument(stopInstrument(venue))
    {
        position.life = {{instrument.key, side}, Direction::Long, UtcTime{std::chrono::hours{24 * 365 * 56}}};
        position.mark = price("60000");
        position.instrument = &instrument;
        keeper.setLimits(stopLimits());
        now = position.life.openedAt + std::chrono::minutes{1};
    }

    /// The position is `size`, its stop belongs at `trigger` (empty: nowhere), the mark is `mark` (empty: as
    /// before).
    void target(std::string_view size, std::string_view trigger, std::string_view mark = {})
    {
        position.quantity = quantity(size);
        if (!mark.empty())
            position.mark = price(mark);
        keeper.onTarget(now, position,
                        trigger.empty() ? std::nullopt : std::optional(BackstopPrice{price(trigger)}));
        drive();
    }
    void atMark()
    {
        keeper.onTarget(now, position, BackstopPrice{position.mark, BackstopPrice::BoundBy::Account, true});
        drive();
    }
    void drive()
    {
        wishes.clear();
        keeper.drive(now, wishes);
        for (const auto &wish : wishes)
            if (wish.what == What::Place)
                placed.push_back(wish.order);
    }
    void pass(Duration time)
    {
        now += time;
        drive();
    }
    [[nodiscard]] OrderUpdate word(const OrderRequest &order, OrderStatus status,
                                   std::string_view filled = "0", std::string reason = {}) const
    {
        OrderUpdate u;
        u.instrument = order.instrument;
        u.clientOrderId = order.clientOrderId;
        u.side = order.side;
        u.positionSide = order.positionSide;
        u.type = order.type;
        u.status = status;
        u.quantity = order.quantity;
        u.filled = quantity(filled);
        u.reduceOnly = order.reduceOnly;
        u.triggerPrice = order.triggerPrice;
        u.reason = std::move(reason);
        u.venueTime = u.receivedAt = now;
        return u;
    }
    void says(const OrderRequest &order, OrderStatus status, std::string_view filled = "0",
              std::string reason = {})
    {
        keeper.onOrder(now, word(order, status, filled, std::move(reason)));
        drive();
    }
    void refuses(const OrderRequest &order, const std::string &words)
    {
        keeper.onOutcome(now, order.clientOrderId, RequestOutcome::Rejected, words);
        drive();
    }
    /// A stop that the venue lists and this run has not sent.
    [[nodiscard]] OrderRequest foreign(std::string_view id, std::string_view size,
                                       std::string_view trigger) const
    {
        OrderRequest o;
        o.instrument = instrument.key;
        o.clientOrderId = *ClientOrderId::from(id);
        o.side = Side::Sell;
        o.positionSide = position.life.position.side;
        o.type = OrderType::StopMarket;
        o.quantity = quantity(size);
        o.reduceOnly = ReduceOnly::Yes;
        o.triggerPrice = price(trigger);
        return o;
    }
    [[nodiscard]] int count(What what) const
    {
        int n = 0;
        for (const auto &wish : wishes)
            n += wish.what == what ? 1 : 0;
        return n;
    }
    [[nodiscard]] bool cancels(const OrderRequest &order) const
    {
        for (const auto &wish : wishes)
            if (wish.what == What::Cancel && wish.stop == order.clientOrderId)
                return true;
        return false;
    }
    [[nodiscard]] std::string closes() const
    {
        for (const auto &wish : wishes)
            if (wish.what == What::ClosePosition)
                return wish.text;
        return {};
    }
    [[nodiscard]] std::string state() const
    {
        const auto rows = keeper.cover();
        return rows.empty() ? "none" : rows.front().state;
    }
    [[nodiscard]] std::string covered() const
    {
        const auto rows = keeper.cover();
        return rows.empty() ? "none" : rows.front().covered.text();
    }

    Instrument instrument;
    BackstopPosition position;
    BackstopKeeper keeper;
    UtcTime now;
    std::vector<BackstopKeeper::Wish> wishes; ///< of the last drive
    std::vector<OrderRequest> placed;         ///< since the start
};
} // namespace tests
