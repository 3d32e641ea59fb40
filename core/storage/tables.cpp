#include "core/storage/tables.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include <fmt/format.h>

namespace core::storage
{

namespace
{

constexpr Mode kModes[] = {Mode::Demo, Mode::Paper, Mode::Testnet, Mode::Live};
constexpr Venue kVenues[] = {Venue::Binance, Venue::Hyperliquid};
constexpr Side kSides[] = {Side::Buy, Side::Sell};
constexpr Direction kDirections[] = {Direction::Long, Direction::Short};
constexpr PositionSide kPositionSides[] = {PositionSide::Both, PositionSide::Long, PositionSide::Short};
constexpr OrderType kOrderTypes[] = {OrderType::Market,           OrderType::Limit,
                                     OrderType::StopMarket,       OrderType::StopLimit,
                                     OrderType::TakeProfitMarket, OrderType::TakeProfitLimit,
                                     OrderType::TrailingStop,     OrderType::Unknown};
constexpr OrderStatus kOrderStatuses[] = {
    OrderStatus::Pending,  OrderStatus::New,      OrderStatus::PartiallyFilled, OrderStatus::Filled,
    OrderStatus::Canceled, OrderStatus::Rejected, OrderStatus::Expired,         OrderStatus::Triggered, OrderStatus::Unknown};

/// Stable words of our own: a file must not change its meaning with a label of the orders room.
[[nodiscard]] std::string_view word(orders::Severity severity)
{
    switch (severity) {
    case orders::Severity::Info:
        return "info";
    case orders::Severity::Warning:
        return "warning";
    case orders::Severity::Critical:
        return "critical";
    }
    return "unknown";
}

[[nodiscard]] orders::Severity takeSeverity(RowReader &row)
{
    const std::string text = row.text();
    for (const auto severity :
         {orders::Severity::Info, orders::Severity::Warning, orders::Severity::Critical}) {
        if (word(severity) == text)
            return severity;
    }
    row.reject();
    return orders::Severity::Critical;
}

void putKey(RowWriter &row, const InstrumentKey &key)
{
    row.text(name(key.venue)).text(key.symbol.view());
}

[[nodiscard]] InstrumentKey takeKey(RowReader &row)
{
    const Venue venue = row.oneOf(kVenues);
    return {venue, row.shortText<Symbol>()};
}

[[nodiscard]] bool takeFlag(RowReader &row)
{
    const std::int64_t flag = row.integer();
    if (flag != 0 && flag != 1)
        row.reject();
    return flag == 1;
}

[[nodiscard]] std::string tiersText(const std::vector<MarginTier> &tiers)
{
    std::string text = "[";
    for (const MarginTier &tier : tiers) {
        text += fmt::format(R"({}["{}","{}","{}","{}",{}])", text.size() > 1 ? "," : "", tier.floor.text(),
                            tier.cap.text(), tier.maintenanceRate.text(), tier.deduction.text(),
                            tier.leverageMax);
    }
    return text + ']';
}

/// Reads what `tiersText` writes; absent: something else.
[[nodiscard]] std::optional<std::vector<MarginTier>> tiersFrom(const std::string &text)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text), &error);
    if (error.error != QJsonParseError::NoError || !document.isArray())
        return std::nullopt;
    std::vector<MarginTier> tiers;
    for (const QJsonValue &entry : document.array()) {
        const auto cell = [&entry](int index) { return parseDecimal(entry[index].toString().toStdString()); };
        const auto floor = cell(0), cap = cell(1), rate = cell(2), deduction = cell(3);
        if (!floor || !cap || !rate || !deduction || !entry[4].isDouble())
            return std::nullopt;
        tiers.push_back({Money::fromRaw(*floor), Money::fromRaw(*cap), Ratio::fromRaw(*rate), Money::fromRaw(*deduction),
                         entry[4].toInt()});
    }
    return tiers;
}

} // namespace

void put(RowWriter &row, const SessionRow &session)
{
    row.integer(session.id).time(session.info.startedAt);
    row.optionalInteger(session.stoppedAt ? std::optional(toNanoseconds(*session.stoppedAt)) : std::nullopt);
    row.text(name(session.info.mode)).text(session.info.version);
}

SessionRow takeSession(RowReader &row)
{
    SessionRow session;
    session.id = row.integer();
    session.info.startedAt = row.time();
    if (const auto stopped = row.optionalInteger())
        session.stoppedAt = utcFromNanoseconds(*stopped);
    session.info.mode = row.oneOf(kModes);
    session.info.version = row.text();
    return session;
}

void put(RowWriter &row, const Instrument &instrument, UtcTime at)
{
    putKey(row, instrument.key);
    row.text(instrument.base.view()).text(instrument.quote.view());
    row.fixed(instrument.tickSize).fixed(instrument.priceMin).fixed(instrument.priceMax);
    row.fixed(instrument.stepSize).fixed(instrument.quantityMin).fixed(instrument.quantityMax);
    row.fixed(instrument.marketStepSize)
        .fixed(instrument.marketQuantityMin)
        .fixed(instrument.marketQuantityMax);
    row.fixed(instrument.notionalMin).fixed(instrument.priceUp).fixed(instrument.priceDown);
    row.integer(instrument.trading ? 1 : 0).text(tiersText(instrument.marginTiers)).time(at);
    row.integer(instrument.significantDigits).integer(instrument.isolatedOnly ? 1 : 0);
}

void putBare(RowWriter &row, const InstrumentKey &key)
{
    constexpr int kUnknownColumns = 19;
    putKey(row, key);
    for (int i = 0; i < kUnknownColumns; ++i)
        row.null();
}

std::optional<Instrument> takeInstrument(RowReader &row)
{
    Instrument instrument;
    instrument.key = takeKey(row);
    const auto base = row.optionalText();
    if (!base) {
        row.skipToCheck();
        return std::nullopt;
    }
    const auto asset = [&row](const std::string &text) {
        const auto value = Asset::from(text);
        if (!value)
            row.reject();
        return value.value_or(Asset{});
    };
    instrument.base = asset(*base);
    instrument.quote = asset(row.text());
    for (Price *price : {&instrument.tickSize, &instrument.priceMin, &instrument.priceMax})
        *price = row.fixed<Price>();
    for (Quantity *quantity :
         {&instrument.stepSize, &instrument.quantityMin, &instrument.quantityMax, &instrument.marketStepSize,
          &instrument.marketQuantityMin, &instrument.marketQuantityMax})
        *quantity = row.fixed<Quantity>();
    instrument.notionalMin = row.fixed<Money>();
    instrument.priceUp = row.fixed<Ratio>();
    instrument.priceDown = row.fixed<Ratio>();
    instrument.trading = takeFlag(row);
    const auto tiers = tiersFrom(row.text());
    if (!tiers)
        row.reject();
    instrument.marginTiers = tiers.value_or(std::vector<MarginTier>{});
    static_cast<void>(row.time());
    instrument.significantDigits = static_cast<int>(row.optionalInteger().value_or(0));
    instrument.isolatedOnly = row.optionalInteger().value_or(0) != 0;
    return instrument;
}

void put(RowWriter &row, Mode mode, const AccountSnapshot &account)
{
    row.text(name(mode)).text(account.account.view()).text(account.asset.view());
    row.time(account.receivedAt).time(account.venueTime);
    row.fixed(account.walletBalance)
        .fixed(account.unrealizedPnl)
        .fixed(account.equity)
        .fixed(account.available);
    row.fixed(account.initialMargin).fixed(account.maintenanceMargin);
}

AccountSnapshot takeAccount(RowReader &row)
{
    AccountSnapshot account;
    static_cast<void>(row.oneOf(kModes));
    account.account = row.shortText<AccountId>();
    account.asset = row.shortText<Asset>();
    account.receivedAt = row.time();
    account.venueTime = row.time();
    account.walletBalance = row.fixed<Money>();
    account.unrealizedPnl = row.fixed<Money>();
    account.equity = row.fixed<Money>();
    account.available = row.fixed<Money>();
    account.initialMargin = row.fixed<Money>();
    account.maintenanceMargin = row.fixed<Money>();
    return account;
}

void put(RowWriter &row, Mode mode, const AccountId &account, const Position &position)
{
    row.text(name(mode)).text(account.view());
    putKey(row, position.instrument);
    row.text(name(position.positionSide)).text(name(position.direction));
    row.fixed(position.quantity).fixed(position.entryPrice).optionalFixed(position.markPrice);
    row.optionalFixed(position.unrealizedPnl).optionalFixed(position.liquidationPrice);
    row.optionalInteger(position.leverage);
    if (position.marginMode)
        row.text(name(*position.marginMode));
    else
        row.null();
    row.optionalFixed(position.initialMargin).optionalFixed(position.maintenanceMargin);
    row.time(position.venueTime).time(position.receivedAt);
}

PositionRow takePosition(RowReader &row)
{
    PositionRow result;
    Position &position = result.position;
    result.mode = row.oneOf(kModes);
    result.account = row.shortText<AccountId>();
    position.instrument = takeKey(row);
    position.positionSide = row.oneOf(kPositionSides);
    position.direction = row.oneOf(kDirections);
    position.quantity = row.fixed<Quantity>();
    position.entryPrice = row.fixed<Price>();
    position.markPrice = row.optionalFixed<Price>();
    position.unrealizedPnl = row.optionalFixed<Money>();
    position.liquidationPrice = row.optionalFixed<Price>();
    if (const auto leverage = row.optionalInteger())
        position.leverage = static_cast<int>(*leverage);
    if (const auto mode = row.optionalText()) {
        position.marginMode = *mode == name(MarginMode::Cross) ? MarginMode::Cross : MarginMode::Isolated;
        if (*mode != name(*position.marginMode))
            row.reject();
    }
    position.initialMargin = row.optionalFixed<Money>();
    position.maintenanceMargin = row.optionalFixed<Money>();
    position.venueTime = row.time();
    position.receivedAt = row.time();
    return result;
}

void put(RowWriter &row, const PositionKey &key, const OpeningPosition &opening)
{
    row.text(name(key.mode)).text(key.account.view());
    putKey(row, key.instrument);
    row.text(name(key.positionSide)).text(name(opening.direction));
    row.fixed(opening.quantity).fixed(opening.entryPrice).time(opening.seenAt);
}

OpeningPosition takeBaseline(RowReader &row)
{
    constexpr int kKeyColumns = 5;
    for (int i = 0; i < kKeyColumns; ++i)
        static_cast<void>(row.text());
    OpeningPosition opening;
    opening.direction = row.oneOf(kDirections);
    opening.quantity = row.fixed<Quantity>();
    opening.entryPrice = row.fixed<Price>();
    opening.seenAt = row.time();
    return opening;
}

void put(RowWriter &row, const OrderRow &stored)
{
    const OrderUpdate &order = stored.order;
    row.text(name(stored.mode)).text(stored.account.view());
    putKey(row, order.instrument);
    row.text(order.clientOrderId.view()).integer(order.venueOrderId.value);
    row.text(name(order.side)).text(name(order.positionSide)).text(name(order.type)).text(name(order.status));
    row.fixed(order.quantity)
        .fixed(order.filled)
        .optionalFixed(order.averagePrice)
        .optionalFixed(order.limitPrice);
    row.integer(order.reduceOnly == ReduceOnly::Yes ? 1 : 0).text(order.reason).text(stored.decisionId);
    row.time(order.venueTime).time(order.receivedAt).optionalFixed(order.triggerPrice);
}

OrderRow takeOrder(RowReader &row)
{
    OrderRow stored;
    OrderUpdate &order = stored.order;
    stored.mode = row.oneOf(kModes);
    stored.account = row.shortText<AccountId>();
    order.instrument = takeKey(row);
    order.clientOrderId = row.shortText<ClientOrderId>();
    order.venueOrderId = {row.integer()};
    order.side = row.oneOf(kSides);
    order.positionSide = row.oneOf(kPositionSides);
    order.type = row.oneOf(kOrderTypes);
    order.status = row.oneOf(kOrderStatuses);
    order.quantity = row.fixed<Quantity>();
    order.filled = row.fixed<Quantity>();
    order.averagePrice = row.optionalFixed<Price>();
    order.limitPrice = row.optionalFixed<Price>();
    order.reduceOnly = takeFlag(row) ? ReduceOnly::Yes : ReduceOnly::No;
    order.reason = row.text();
    stored.decisionId = row.text();
    order.venueTime = row.time();
    order.receivedAt = row.time();
    order.triggerPrice = row.optionalFixed<Price>();
    return stored;
}

void put(RowWriter &row, const FillRow &stored, std::int64_t arrival)
{
    const Fill &fill = stored.fill;
    row.text(name(stored.mode)).text(stored.account.view());
    putKey(row, fill.instrument);
    row.integer(fill.tradeId)
        .integer(arrival)
        .integer(fill.venueOrderId.value)
        .text(fill.clientOrderId.view());
    row.text(name(fill.side)).text(name(fill.positionSide)).fixed(fill.price).fixed(fill.quantity);
    row.fixed(fill.fee).text(fill.feeAsset.view()).fixed(fill.realizedPnl).integer(fill.maker ? 1 : 0);
    row.time(fill.venueTime).time(fill.receivedAt);
}

StoredFill takeFill(RowReader &row)
{
    StoredFill stored;
    Fill &fill = stored.row.fill;
    stored.row.mode = row.oneOf(kModes);
    stored.row.account = row.shortText<AccountId>();
    fill.instrument = takeKey(row);
    fill.tradeId = row.integer();
    stored.arrival = row.integer();
    fill.venueOrderId = {row.integer()};
    fill.clientOrderId = row.shortText<ClientOrderId>();
    fill.side = row.oneOf(kSides);
    fill.positionSide = row.oneOf(kPositionSides);
    fill.price = row.fixed<Price>();
    fill.quantity = row.fixed<Quantity>();
    fill.fee = row.fixed<Money>();
    fill.feeAsset = row.shortText<Asset>();
    fill.realizedPnl = row.fixed<Money>();
    fill.maker = takeFlag(row);
    fill.venueTime = row.time();
    fill.receivedAt = row.time();
    return stored;
}

void put(RowWriter &row, const FundingRow &stored)
{
    const FundingPayment &payment = stored.payment;
    row.text(name(stored.mode)).text(stored.account.view());
    putKey(row, payment.instrument);
    row.time(payment.venueTime).fixed(payment.amount).text(payment.asset.view()).optionalFixed(payment.rate);
}

FundingRow takeFunding(RowReader &row)
{
    FundingRow stored;
    stored.mode = row.oneOf(kModes);
    stored.account = row.shortText<AccountId>();
    stored.payment.instrument = takeKey(row);
    stored.payment.venueTime = row.time();
    stored.payment.amount = row.fixed<Money>();
    stored.payment.asset = row.shortText<Asset>();
    stored.payment.rate = row.optionalFixed<Ratio>();
    return stored;
}

void put(RowWriter &row, const TransferRow &stored)
{
    const Transfer &transfer = stored.transfer;
    row.text(name(stored.mode)).text(stored.account.view()).text(name(transfer.venue)).text(transfer.id);
    row.text(transfer.kind).fixed(transfer.amount).text(transfer.asset.view()).time(transfer.venueTime);
}

TransferRow takeTransfer(RowReader &row)
{
    TransferRow stored;
    stored.mode = row.oneOf(kModes);
    stored.account = row.shortText<AccountId>();
    stored.transfer.venue = row.oneOf(kVenues);
    stored.transfer.id = row.text();
    stored.transfer.kind = row.text();
    stored.transfer.amount = row.fixed<Money>();
    stored.transfer.asset = row.shortText<Asset>();
    stored.transfer.venueTime = row.time();
    return stored;
}

void put(RowWriter &row, const TradeRow &trade)
{
    row.text(name(trade.mode)).text(trade.account.view());
    putKey(row, trade.instrument);
    row.text(name(trade.positionSide)).integer(trade.openTradeId).integer(trade.closeTradeId);
    row.text(name(trade.side))
        .time(trade.openedAt)
        .time(trade.closedAt)
        .fixed(trade.size)
        .fixed(trade.sizeMax);
    row.fixed(trade.entryPrice).fixed(trade.exitPrice).fixed(trade.grossPnl).fixed(trade.fees);
    row.optionalFixed(trade.funding).fixed(trade.netPnl).text(trade.pnlAsset.view());
    row.optionalFixed(trade.initialRisk).optionalFixed(trade.rMultiple).optionalFixed(trade.mae);
    row.optionalFixed(trade.mfe).text(trade.setup).text(trade.note);
}

TradeRow takeTrade(RowReader &row)
{
    TradeRow trade;
    trade.mode = row.oneOf(kModes);
    trade.account = row.shortText<AccountId>();
    trade.instrument = takeKey(row);
    trade.positionSide = row.oneOf(kPositionSides);
    trade.openTradeId = row.integer();
    trade.closeTradeId = row.integer();
    trade.side = row.oneOf(kDirections);
    trade.openedAt = row.time();
    trade.closedAt = row.time();
    trade.size = row.fixed<Quantity>();
    trade.sizeMax = row.fixed<Quantity>();
    trade.entryPrice = row.fixed<Price>();
    trade.exitPrice = row.fixed<Price>();
    trade.grossPnl = row.fixed<Money>();
    trade.fees = row.fixed<Money>();
    trade.funding = row.optionalFixed<Money>();
    trade.netPnl = row.fixed<Money>();
    trade.pnlAsset = row.shortText<Asset>();
    trade.initialRisk = row.optionalFixed<Money>();
    trade.rMultiple = row.optionalFixed<Ratio>();
    trade.mae = row.optionalFixed<Money>();
    trade.mfe = row.optionalFixed<Money>();
    trade.setup = row.text();
    trade.note = row.text();
    return trade;
}

void put(RowWriter &row, const Candle &candle)
{
    putKey(row, candle.instrument);
    row.integer(candle.length.count()).time(candle.openTime);
    row.fixed(candle.open).fixed(candle.high).fixed(candle.low).fixed(candle.close);
    row.fixed(candle.volume).fixed(candle.takerBuyVolume).fixed(candle.quoteVolume).integer(candle.trades);
    row.integer(candle.closed ? 1 : 0).integer(candle.synthetic ? 1 : 0);
}

Candle takeCandle(RowReader &row)
{
    Candle candle;
    candle.instrument = takeKey(row);
    candle.length = Duration{row.integer()};
    candle.openTime = row.time();
    candle.open = row.fixed<Price>();
    candle.high = row.fixed<Price>();
    candle.low = row.fixed<Price>();
    candle.close = row.fixed<Price>();
    candle.volume = row.fixed<Quantity>();
    candle.takerBuyVolume = row.fixed<Quantity>();
    candle.quoteVolume = row.fixed<Money>();
    candle.trades = row.integer();
    candle.closed = takeFlag(row);
    candle.synthetic = takeFlag(row);
    return candle;
}

void put(RowWriter &row, const AlertRow &stored)
{
    const orders::RaiseAlert &alert = stored.alert;
    row.integer(stored.id)
        .integer(stored.session)
        .time(stored.at)
        .text(word(alert.severity))
        .text(alert.code);
    if (alert.instrument)
        putKey(row, *alert.instrument);
    else
        row.null().null();
    row.text(alert.decisionId).text(alert.text);
}

AlertRow takeAlert(RowReader &row)
{
    AlertRow stored;
    stored.id = row.integer();
    stored.session = row.integer();
    stored.at = row.time();
    stored.alert.severity = takeSeverity(row);
    stored.alert.code = row.text();
    const auto venue = row.optionalText();
    const auto symbol = row.optionalText();
    if (venue && symbol) {
        const auto parsed = parseVenue(*venue);
        const auto shortSymbol = Symbol::from(*symbol);
        if (parsed && shortSymbol)
            stored.alert.instrument = InstrumentKey{*parsed, *shortSymbol};
        else
            row.reject();
    }
    stored.alert.decisionId = row.text();
    stored.alert.text = row.text();
    return stored;
}

} // namespace core::storage
