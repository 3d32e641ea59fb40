#include "tests/recordings/binance_answers.h"

#include "core/exchange/binance/codec_words.h"

using namespace Qt::StringLiterals;

namespace tests
{

namespace
{
using tests::json;
[[nodiscard]] QJsonValue json(core::Side side)
{
    return side == core::Side::Buy ? u"BUY"_s : u"SELL"_s;
}
[[nodiscard]] QJsonValue json(core::PositionSide side)
{
    if (side == core::PositionSide::Both)
        return u"BOTH"_s;
    return side == core::PositionSide::Long ? u"LONG"_s : u"SHORT"_s;
}
[[nodiscard]] QJsonValue json(core::ReduceOnly reduceOnly)
{
    return reduceOnly == core::ReduceOnly::Yes;
}
[[nodiscard]] QJsonValue json(core::OrderType type)
{
    return json(std::string(bn::venueWord(type)));
}
[[nodiscard]] QJsonValue json(core::OrderStatus status)
{
    switch (status) {
    case core::OrderStatus::New:
        return u"NEW"_s;
    case core::OrderStatus::PartiallyFilled:
        return u"PARTIALLY_FILLED"_s;
    case core::OrderStatus::Filled:
        return u"FILLED"_s;
    case core::OrderStatus::Canceled:
        return u"CANCELED"_s;
    case core::OrderStatus::Rejected:
        return u"REJECTED"_s;
    case core::OrderStatus::Expired:
        return u"EXPIRED"_s;
    default:
        return u"?"_s;
    }
}
[[nodiscard]] QJsonArray json(const std::vector<core::Level> &levels)
{
    QJsonArray out;
    for (const core::Level &level : levels)
        out.append(QJsonArray{json(level.price), json(level.quantity)});
    return out;
}

[[nodiscard]] core::Quantity signedAmount(const core::Position &position)
{
    const bool isShort = position.direction == core::Direction::Short;
    return isShort ? core::Quantity::fromRaw(-position.quantity.raw()) : position.quantity;
}
[[nodiscard]] QString marginWord(const core::Position &position)
{
    return position.marginMode == core::MarginMode::Isolated ? u"isolated"_s : u"cross"_s;
}

[[nodiscard]] QJsonObject encodedTrade(const core::Trade &trade, bool aggregated)
{
    QJsonObject out{{u"s"_s, json(trade.instrument)}, {u"p"_s, json(trade.price)},
                    {u"q"_s, json(trade.quantity)},   {u"T"_s, json(trade.venueTime)},
                    {u"m"_s, trade.aggressor == core::Side::Sell}};
    out.insert(aggregated ? u"a"_s : u"t"_s, json(trade.id));
    if (aggregated) {
        out.insert(u"f"_s, json(trade.firstId));
        out.insert(u"l"_s, json(trade.lastId));
    } else {
        out.insert(u"X"_s, trade.kind == core::TradeKind::InsuranceFund ? u"INSURANCE_FUND"_s : u"MARKET"_s);
    }
    return out;
}

struct MarketEncoder {
    QString name;

    QJsonObject operator()(const bn::DepthUpdate *depth) const
    {
        return {{u"s"_s, json(depth->symbol.string())},      {u"U"_s, json(depth->firstId)},
                {u"u"_s, json(depth->lastId)},      {u"pu"_s, json(depth->previousLastId)},
                {u"E"_s, json(depth->eventTime)},   {u"T"_s, json(depth->venueTime)},
                {u"b"_s, json(depth->bids)},        {u"a"_s, json(depth->asks)}};
    }
    QJsonObject operator()(const core::Trade &trade) const { return encodedTrade(trade, name == "aggTrade"_L1); }
    QJsonObject operator()(const core::BestQuote &quote) const
    {
        return {{u"s"_s, json(quote.instrument)},    {u"u"_s, json(quote.updateId)},
                {u"b"_s, json(quote.bid.price)},     {u"B"_s, json(quote.bid.quantity)},
                {u"a"_s, json(quote.ask.price)},     {u"A"_s, json(quote.ask.quantity)},
                {u"T"_s, json(quote.venueTime)}};
    }
    QJsonObject operator()(const core::MarkPrice &mark) const
    {
        QJsonObject out{{u"s"_s, json(mark.instrument)}, {u"p"_s, json(mark.mark)}, {u"E"_s, json(mark.venueTime)}};
        put(out, "i", mark.index);
        put(out, "r", mark.fundingRate);
        put(out, "T", mark.nextFundingTime);
        return out;
    }
    QJsonObject operator()(const core::Candle &candle) const
    {
        return {{u"s"_s, json(candle.instrument)},
                {u"k"_s, QJsonObject{{u"t"_s, json(candle.openTime)},
                                     {u"T"_s, json(candle.openTime + candle.length - std::chrono::milliseconds{1})},
                                     {u"o"_s, json(candle.open)},
                                     {u"c"_s, json(candle.close)},
                                     {u"h"_s, json(candle.high)},
                                     {u"l"_s, json(candle.low)},
                                     {u"v"_s, json(candle.volume)},
                                     {u"V"_s, json(candle.takerBuyVolume)},
                                     {u"q"_s, json(candle.quoteVolume)},
                                     {u"n"_s, json(candle.trades)},
                                     {u"x"_s, candle.closed}}}};
    }
    QJsonObject operator()(const bn::Liquidation &liquidation) const
    {
        return {{u"o"_s, QJsonObject{{u"s"_s, json(liquidation.instrument)},
                                     {u"S"_s, json(liquidation.side)},
                                     {u"p"_s, json(liquidation.price)},
                                     {u"ap"_s, json(liquidation.averagePrice)},
                                     {u"q"_s, json(liquidation.quantity)},
                                     {u"T"_s, json(liquidation.venueTime)}}}};
    }
    QJsonObject operator()(const core::Ticker &ticker) const
    {
        QJsonObject out{{u"s"_s, json(ticker.instrument)},   {u"c"_s, json(ticker.last)},
                        {u"o"_s, json(ticker.open)},         {u"v"_s, json(ticker.baseVolume)},
                        {u"q"_s, json(ticker.quoteVolume)},  {u"E"_s, json(ticker.venueTime)}};
        put(out, "h", ticker.high);
        put(out, "l", ticker.low);
        return out;
    }
    QJsonObject operator()(const bn::ControlReply &reply) const { return {{u"id"_s, json(reply.id)}}; }
    template <class Other> QJsonObject operator()(const Other &) const { return {}; }
};

struct UserEncoder {
    QJsonObject operator()(const bn::OrderEvent &event) const
    {
        const core::OrderUpdate &order = event.order;
        QJsonObject out{{u"s"_s, json(order.instrument)},
                        {u"c"_s, json(order.clientOrderId.string())},
                        {u"S"_s, json(order.side)},
                        {u"q"_s, json(order.quantity)},
                        {u"z"_s, json(order.filled)},
                        {u"x"_s, json(event.execution)},
                        {u"X"_s, json(order.status)},
                        {u"i"_s, json(order.venueOrderId.value)},
                        {u"T"_s, json(order.venueTime)},
                        {u"R"_s, json(order.reduceOnly)},
                        {u"ps"_s, json(order.positionSide)}};
        if (!event.fromConditional)
            out.insert(u"o"_s, json(order.type));
        put(out, "p", order.limitPrice);
        put(out, "ap", order.averagePrice);
        if (event.fill)
            putFill(out, *event.fill, event.feeKnown);
        return {{u"o"_s, out}};
    }
    QJsonObject operator()(const bn::AccountEvent &event) const
    {
        QJsonArray balances;
        for (const bn::AccountEvent::Balance &balance : event.balances) {
            QJsonObject row{{u"a"_s, json(balance.asset.string())},
                            {u"wb"_s, json(balance.wallet)},
                            {u"cw"_s, json(balance.crossWallet)}};
            put(row, "bc", balance.change);
            balances.append(row);
        }
        QJsonArray positions;
        for (const core::Position &position : event.positions) {
            QJsonObject row{{u"s"_s, json(position.instrument)},
                            {u"pa"_s, json(signedAmount(position))},
                            {u"ep"_s, json(position.entryPrice)},
                            {u"mt"_s, marginWord(position)},
                            {u"ps"_s, json(position.positionSide)}};
            put(row, "up", position.unrealizedPnl);
            if (position.isolatedMargin && position.unrealizedPnl)
                row.insert(u"iw"_s, json(core::Money::fromRaw(position.isolatedMargin->raw() -
                                                              position.unrealizedPnl->raw())));
            positions.append(row);
        }
        return {{u"T"_s, json(event.venueTime)},
                {u"a"_s, QJsonObject{{u"m"_s, json(event.reason)}, {u"B"_s, balances}, {u"P"_s, positions}}}};
    }
    QJsonObject operator()(const bn::AlgoEvent &event) const
    {
        QJsonObject out{{u"caid"_s, json(event.clientAlgoId.string())}, {u"aid"_s, json(event.algoId)},
                        {u"o"_s, json(event.type)},                     {u"s"_s, json(event.instrument)},
                        {u"S"_s, json(event.side)},                     {u"ps"_s, json(event.positionSide)},
                        {u"q"_s, json(event.quantity)},                 {u"aq"_s, json(event.executed)},
                        {u"X"_s, json(event.status)},                   {u"R"_s, json(event.reduceOnly)},
                        {u"rm"_s, json(event.reason)}};
        put(out, "tp", event.triggerPrice);
        put(out, "p", event.limitPrice);
        put(out, "ap", event.averagePrice);
        return {{u"o"_s, out}};
    }
    template <class Other> QJsonObject operator()(const Other &) const { return {}; }

private:
    static void putFill(QJsonObject &out, const core::Fill &fill, bool feeKnown)
    {
        out.insert(u"t"_s, json(fill.tradeId));
        out.insert(u"l"_s, json(fill.quantity));
        out.insert(u"L"_s, json(fill.price));
        out.insert(u"rp"_s, json(fill.realizedPnl));
        out.insert(u"m"_s, fill.maker);
        if (!feeKnown)
            return;
        out.insert(u"n"_s, json(fill.fee));
        out.insert(u"N"_s, json(fill.feeAsset.string()));
    }
};
} // namespace

QJsonObject encoded(const bn::MarketEvent &event, const QString &name)
{
    return std::visit(MarketEncoder{name}, event);
}

QJsonObject encoded(const bn::UserEvent &event)
{
    return std::visit(UserEncoder{}, event);
}

QJsonValue encoded(const bn::DepthSnapshot &snapshot)
{
    return QJsonObject{{u"lastUpdateId"_s, json(snapshot.lastUpdateId)},
                       {u"E"_s, json(snapshot.eventTime)},
                       {u"T"_s, json(snapshot.venueTime)},
                       {u"bids"_s, json(snapshot.bids)},
                       {u"asks"_s, json(snapshot.asks)}};
}

QJsonValue encoded(const core::Position &position)
{
    QJsonObject out{{u"symbol"_s, json(position.instrument)},
                    {u"positionAmt"_s, json(signedAmount(position))},
                    {u"entryPrice"_s, json(position.entryPrice)},
                    {u"positionSide"_s, json(position.positionSide)},
                    {u"marginType"_s, marginWord(position)},
                    {u"updateTime"_s, json(position.venueTime)}};
    put(out, "markPrice", position.markPrice);
    put(out, "unRealizedProfit", position.unrealizedPnl);
    put(out, "liquidationPrice", position.liquidationPrice);
    put(out, "isolatedMargin", position.isolatedMargin);
    if (position.leverage)
        out.insert(u"leverage"_s, QString::number(*position.leverage));
    return out;
}

QJsonValue encoded(const core::AccountSnapshot &account)
{
    return QJsonObject{{u"asset"_s, json(account.asset.string())},
                       {u"walletBalance"_s, json(account.walletBalance)},
                       {u"unrealizedProfit"_s, json(account.unrealizedPnl)},
                       {u"marginBalance"_s, json(account.equity)},
                       {u"availableBalance"_s, json(account.available)},
                       {u"initialMargin"_s, json(account.initialMargin)},
                       {u"maintMargin"_s, json(account.maintenanceMargin)},
                       {u"updateTime"_s, json(account.venueTime)}};
}

QJsonValue encoded(const bn::AssetBalance &balance)
{
    return QJsonObject{{u"asset"_s, json(balance.asset.string())},
                       {u"balance"_s, json(balance.wallet)},
                       {u"crossWalletBalance"_s, json(balance.crossWallet)},
                       {u"crossUnPnl"_s, json(balance.crossUnrealizedPnl)},
                       {u"availableBalance"_s, json(balance.available)},
                       {u"updateTime"_s, json(balance.venueTime)}};
}

QJsonValue encoded(const core::OrderUpdate &order)
{
    QJsonObject out{{u"symbol"_s, json(order.instrument)},
                    {u"clientOrderId"_s, json(order.clientOrderId.string())},
                    {u"orderId"_s, json(order.venueOrderId.value)},
                    {u"side"_s, json(order.side)},
                    {u"positionSide"_s, json(order.positionSide)},
                    {u"type"_s, json(order.type)},
                    {u"status"_s, json(order.status)},
                    {u"origQty"_s, json(order.quantity)},
                    {u"executedQty"_s, json(order.filled)},
                    {u"reduceOnly"_s, json(order.reduceOnly)},
                    {u"updateTime"_s, json(order.venueTime)}};
    put(out, "avgPrice", order.averagePrice);
    put(out, "price", order.limitPrice);
    return out;
}

QJsonValue encoded(const bn::AlgoEvent &algo)
{
    QJsonObject out{{u"algoId"_s, json(algo.algoId)},
                    {u"clientAlgoId"_s, json(algo.clientAlgoId.string())},
                    {u"type"_s, json(algo.type)},
                    {u"symbol"_s, json(algo.instrument)},
                    {u"side"_s, json(algo.side)},
                    {u"positionSide"_s, json(algo.positionSide)},
                    {u"quantity"_s, json(algo.quantity)},
                    {u"algoStatus"_s, json(algo.status)},
                    {u"reduceOnly"_s, json(algo.reduceOnly)},
                    {u"updateTime"_s, json(algo.venueTime)}};
    put(out, "triggerPrice", algo.triggerPrice);
    put(out, "price", algo.limitPrice);
    return out;
}

QJsonValue encoded(const core::Fill &fill)
{
    return QJsonObject{{u"symbol"_s, json(fill.instrument)},
                       {u"id"_s, json(fill.tradeId)},
                       {u"orderId"_s, json(fill.venueOrderId.value)},
                       {u"side"_s, json(fill.side)},
                       {u"positionSide"_s, json(fill.positionSide)},
                       {u"price"_s, json(fill.price)},
                       {u"qty"_s, json(fill.quantity)},
                       {u"realizedPnl"_s, json(fill.realizedPnl)},
                       {u"commission"_s, json(fill.fee)},
                       {u"commissionAsset"_s, json(fill.feeAsset.string())},
                       {u"maker"_s, fill.maker},
                       {u"time"_s, json(fill.venueTime)}};
}

QJsonValue encoded(const core::Trade &trade)
{
    QJsonObject out = encodedTrade(trade, true);
    out.remove(u"s"_s);
    return out;
}

QJsonValue encoded(const core::Candle &candle)
{
    return QJsonArray{json(candle.openTime),
                      json(candle.open),
                      json(candle.high),
                      json(candle.low),
                      json(candle.close),
                      json(candle.volume),
                      json(candle.openTime + candle.length - std::chrono::milliseconds{1}),
                      json(candle.quoteVolume),
                      json(candle.trades),
                      json(candle.takerBuyVolume)};
}

QJsonValue encoded(const core::FundingRate &rate)
{
    return QJsonObject{{u"symbol"_s, json(rate.instrument)},
                       {u"fundingRate"_s, json(rate.rate)},
                       {u"fundingTime"_s, json(rate.time)}};
}

QJsonValue encoded(const core::MarkPrice &mark)
{
    QJsonObject out{{u"symbol"_s, json(mark.instrument)},
                    {u"markPrice"_s, json(mark.mark)},
                    {u"time"_s, json(mark.venueTime)}};
    put(out, "indexPrice", mark.index);
    put(out, "lastFundingRate", mark.fundingRate);
    put(out, "nextFundingTime", mark.nextFundingTime);
    return out;
}

QJsonObject contractsByName(const bn::ExchangeInfo &info)
{
    QJsonObject out;
    for (const core::Instrument &contract : info.instruments) {
        out.insert(QString::fromStdString(contract.key.symbol.string()),
                   QJsonObject{{u"baseAsset"_s, json(contract.base.string())},
                               {u"marginAsset"_s, json(contract.quote.string())},
                               {u"trading"_s, contract.trading},
                               {u"PRICE_FILTER"_s, QJsonObject{{u"tickSize"_s, json(contract.tickSize)},
                                                               {u"minPrice"_s, json(contract.priceMin)},
                                                               {u"maxPrice"_s, json(contract.priceMax)}}},
                               {u"LOT_SIZE"_s, QJsonObject{{u"stepSize"_s, json(contract.stepSize)},
                                                           {u"minQty"_s, json(contract.quantityMin)},
                                                           {u"maxQty"_s, json(contract.quantityMax)}}},
                               {u"MARKET_LOT_SIZE"_s, QJsonObject{{u"stepSize"_s, json(contract.marketStepSize)},
                                                                  {u"minQty"_s, json(contract.marketQuantityMin)},
                                                                  {u"maxQty"_s, json(contract.marketQuantityMax)}}},
                               {u"MIN_NOTIONAL"_s, QJsonObject{{u"notional"_s, json(contract.notionalMin)}}},
                               {u"PERCENT_PRICE"_s, QJsonObject{{u"multiplierUp"_s, json(contract.priceUp)},
                                                                {u"multiplierDown"_s, json(contract.priceDown)}}}});
    }
    return out;
}

QJsonObject contractsByName(const QJsonObject &exchangeInfo)
{
    QJsonObject out;
    for (const QJsonValue &listed : exchangeInfo.value("symbols"_L1).toArray()) {
        QJsonObject contract = listed.toObject();
        contract.insert(u"trading"_s, contract.value("status"_L1) == u"TRADING"_s);
        for (const QJsonValue &filter : contract.take("filters"_L1).toArray())
            contract.insert(filter["filterType"_L1].toString(), filter);
        out.insert(contract.value("symbol"_L1).toString(), contract);
    }
    return out;
}

} // namespace tests
