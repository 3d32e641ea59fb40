#include "tests/recordings/hyperliquid_answers.h"

#include <zlib.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>

#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;

namespace tests
{

namespace
{
using tests::json;
[[nodiscard]] QJsonValue json(core::Side side)
{
    return side == core::Side::Buy ? u"B"_s : u"A"_s;
}

/// The single-quoted scalar that begins at `at` (behind the quote): '' is a quote, a line break and its
/// indentation one blank.
[[nodiscard]] QByteArray scalar(const QByteArray &yaml, qsizetype at)
{
    QByteArray out;
    for (; at < yaml.size(); ++at) {
        const char c = yaml.at(at);
        if (c == '\'') {
            if (at + 1 >= yaml.size() || yaml.at(at + 1) != '\'')
                break;
            ++at;
        }
        if (c != '\n') {
            out.append(c);
            continue;
        }
        while (at + 1 < yaml.size() && yaml.at(at + 1) == ' ')
            ++at;
        out.append(' ');
    }
    return out;
}

[[nodiscard]] QJsonArray levels(const std::vector<core::Level> &levels,
                                const std::vector<std::int32_t> &orders)
{
    QJsonArray out;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        QJsonObject level{{u"px"_s, json(levels[i].price)}, {u"sz"_s, json(levels[i].quantity)}};
        if (orders.at(i) != hl::BookSnapshot::kOrdersUnknown)
            level.insert("n"_L1, orders[i]);
        out.append(level);
    }
    return out;
}
} // namespace

QList<HlAnswer> cassettes()
{
    QList<HlAnswer> out;
    const QDir folder(sharedDir() + u"/data/hyperliquid/rest-cassettes"_s);
    for (const QString &name : folder.entryList({u"*.yaml"_s}, QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArray yaml = file.readAll();
        for (qsizetype at = yaml.indexOf("body: '"); at >= 0; at = yaml.indexOf("body: '", at + 1)) {
            const QByteArray request = scalar(yaml, at + 7);
            const qsizetype answer = yaml.indexOf("string: '", at);
            if (answer < 0)
                break;
            out.append({name, QJsonDocument::fromJson(request).object().value("type"_L1).toString(),
                        scalar(yaml, answer + 9)});
        }
    }
    return out;
}

QList<QByteArray> gzipLines(const QString &path)
{
    QByteArray bytes;
    const gzFile file = gzopen(QFile::encodeName(path).constData(), "rb");
    if (file == nullptr)
        return {};
    QByteArray chunk(1 << 16, '\0');
    for (int read = 0; (read = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0;)
        bytes.append(chunk.constData(), read);
    gzclose(file);
    return bytes.trimmed().split('\n');
}

QJsonValue encoded(const hl::BookSnapshot &book)
{
    return QJsonObject{
        {u"coin"_s, json(book.instrument)},
        {u"time"_s, json(book.venueTime)},
        {u"levels"_s, QJsonArray{levels(book.bids, book.bidOrders), levels(book.asks, book.askOrders)}}};
}

QJsonValue encoded(const core::Trade &trade)
{
    return QJsonObject{{u"coin"_s, json(trade.instrument)}, {u"side"_s, json(trade.aggressor)},
                       {u"px"_s, json(trade.price)},        {u"sz"_s, json(trade.quantity)},
                       {u"time"_s, json(trade.venueTime)},  {u"tid"_s, json(trade.id)}};
}

QJsonValue encoded(const core::Candle &candle)
{
    return QJsonObject{{u"s"_s, json(candle.instrument)},
                       {u"t"_s, json(candle.openTime)},
                       {u"T"_s, json(candle.openTime + candle.length - std::chrono::milliseconds{1})},
                       {u"o"_s, json(candle.open)},
                       {u"c"_s, json(candle.close)},
                       {u"h"_s, json(candle.high)},
                       {u"l"_s, json(candle.low)},
                       {u"v"_s, json(candle.volume)},
                       {u"n"_s, json(candle.trades)}};
}

QJsonValue encoded(const core::FundingRate &rate)
{
    return QJsonObject{{u"coin"_s, json(rate.instrument)},
                       {u"fundingRate"_s, json(rate.rate)},
                       {u"time"_s, json(rate.time)}};
}

QJsonValue encoded(const hl::AssetContext &context)
{
    QJsonObject out{{u"markPx"_s, json(context.mark)}};
    put(out, "oraclePx", context.oracle);
    put(out, "funding", context.funding);
    put(out, "premium", context.premium);
    put(out, "midPx", context.mid);
    put(out, "prevDayPx", context.previousDay);
    put(out, "openInterest", context.openInterest);
    put(out, "dayNtlVlm", context.dayNotional);
    put(out, "dayBaseVlm", context.dayBaseVolume);
    if (context.impactBid && context.impactAsk)
        out.insert("impactPxs"_L1, QJsonArray{json(*context.impactBid), json(*context.impactAsk)});
    return out;
}

QJsonValue encoded(const hl::MetaAsset &asset)
{
    return QJsonObject{{u"name"_s, json(asset.name)},
                       {u"szDecimals"_s, asset.sizeDecimals},
                       {u"maxLeverage"_s, asset.leverageMax}};
}

QJsonValue encoded(const hl::Meta &meta)
{
    QJsonObject out{{u"universe"_s, encodedRows(meta.universe)}};
    put(out, "collateralToken", meta.collateralToken);
    return out;
}

QJsonValue encoded(const hl::FillRow &row)
{
    const core::Fill &fill = row.fill;
    QJsonObject out{{u"coin"_s, json(fill.instrument)}, {u"px"_s, json(fill.price)},
                    {u"sz"_s, json(fill.quantity)},     {u"side"_s, json(fill.side)},
                    {u"time"_s, json(fill.venueTime)},  {u"oid"_s, json(fill.venueOrderId.value)},
                    {u"fee"_s, json(fill.fee)},         {u"closedPnl"_s, json(fill.realizedPnl)},
                    {u"crossed"_s, !fill.maker},        {u"dir"_s, json(row.direction)},
                    {u"hash"_s, json(row.hash)}};
    put(out, "startPosition", row.startPosition);
    if (fill.tradeId != 0)
        out.insert("tid"_L1, json(fill.tradeId));
    putText(out, "feeToken", fill.feeAsset.string());
    putText(out, "cloid", fill.clientOrderId.string());
    if (row.liquidation && row.liquidation->mark)
        out.insert("liquidation"_L1, QJsonObject{{u"markPx"_s, json(*row.liquidation->mark)},
                                                 {u"liquidatedUser"_s, json(row.liquidation->user)},
                                                 {u"method"_s, json(row.liquidation->method)}});
    return out;
}

QJsonValue encoded(const hl::OrderRow &row)
{
    const core::OrderUpdate &update = row.update;
    QJsonObject out{{u"coin"_s, json(update.instrument)},
                    {u"side"_s, json(update.side)},
                    {u"sz"_s, json(row.remaining)},
                    {u"origSz"_s, json(update.quantity)},
                    {u"oid"_s, json(update.venueOrderId.value)},
                    {u"timestamp"_s, json(row.placedAt)},
                    {u"reduceOnly"_s, update.reduceOnly == core::ReduceOnly::Yes},
                    {u"isPositionTpsl"_s, row.wholePosition},
                    {u"isTrigger"_s, update.triggerPrice.has_value()},
                    {u"children"_s, encodedRows(row.children)}};
    put(out, "limitPx", update.limitPrice);
    put(out, "triggerPx", update.triggerPrice);
    putText(out, "orderType", row.venueType);
    putText(out, "tif", row.timeInForce);
    putText(out, "cloid", update.clientOrderId.string());
    return out;
}

QJsonValue encodedWithStatus(const hl::OrderRow &row)
{
    return QJsonObject{{u"order"_s, encoded(row)},
                       {u"status"_s, json(row.venueStatus)},
                       {u"statusTimestamp"_s, json(row.update.venueTime)}};
}

QJsonValue encoded(const hl::FundingRow &row)
{
    QJsonObject delta{{u"coin"_s, json(row.payment.instrument)}, {u"usdc"_s, json(row.payment.amount)}};
    put(delta, "fundingRate", row.payment.rate);
    put(delta, "szi", row.position);
    return QJsonObject{
        {u"time"_s, json(row.payment.venueTime)}, {u"hash"_s, json(row.hash)}, {u"delta"_s, delta}};
}

QJsonValue encoded(const hl::LedgerRow &row)
{
    QJsonObject delta{{u"type"_s, json(row.kind)}};
    if (row.transfer) {
        const auto amount = row.transfer->amount;
        const auto size = core::Money::fromRaw(amount.isNegative() ? -amount.raw() : amount.raw());
        delta.insert(row.kind == "spotTransfer" ? "amount"_L1 : "usdc"_L1, json(size));
    }
    put(delta, "fee", row.fee);
    putText(delta, "user", row.user);
    putText(delta, "destination", row.destination);
    return QJsonObject{{u"time"_s, json(row.venueTime)}, {u"hash"_s, json(row.hash)}, {u"delta"_s, delta}};
}

QJsonValue encoded(const hl::PerpAccount &account)
{
    const auto summary = [](const hl::MarginSummary &value) {
        return QJsonObject{{u"accountValue"_s, json(value.accountValue)},
                           {u"totalNtlPos"_s, json(value.notional)},
                           {u"totalRawUsd"_s, json(value.rawUsd)},
                           {u"totalMarginUsed"_s, json(value.marginUsed)}};
    };
    QJsonArray positions;
    for (const hl::PositionRow &row : account.positions) {
        const core::Position &position = row.position;
        const bool isolated = position.marginMode == core::MarginMode::Isolated;
        QJsonObject out{
            {u"coin"_s, json(position.instrument)},
            {u"szi"_s, json(row.size)},
            {u"entryPx"_s, json(position.entryPrice)},
            {u"positionValue"_s, json(row.positionValue)},
            {u"marginUsed"_s, json(isolated ? *position.isolatedMargin : *position.initialMargin)},
            {u"leverage"_s, QJsonObject{{u"type"_s, isolated ? u"isolated"_s : u"cross"_s},
                                        {u"value"_s, *position.leverage}}}};
        put(out, "liquidationPx", position.liquidationPrice);
        put(out, "unrealizedPnl", position.unrealizedPnl);
        positions.append(QJsonObject{{u"position"_s, out}});
    }
    QJsonObject out{{u"withdrawable"_s, json(account.withdrawable)}, {u"assetPositions"_s, positions}};
    if (account.all)
        out.insert("marginSummary"_L1, summary(*account.all));
    if (account.cross)
        out.insert("crossMarginSummary"_L1, summary(*account.cross));
    put(out, "crossMaintenanceMarginUsed", account.crossMaintenance);
    put(out, "time", account.venueTime);
    return out;
}

QJsonValue encoded(const hl::SpotAccount &account)
{
    QJsonArray balances;
    for (const hl::SpotBalance &row : account.balances) {
        QJsonObject out{{u"coin"_s, QString::fromStdString(row.coin.string())}};
        put(out, "token", row.token);
        put(out, "total", row.total);
        put(out, "hold", row.hold);
        balances.append(out);
    }
    return QJsonObject{{u"balances"_s, balances}};
}

QJsonValue encoded(const hl::Agent &agent)
{
    QJsonObject out{{u"name"_s, json(agent.name)}, {u"address"_s, json(agent.address)}};
    put(out, "validUntil", agent.validUntil);
    return out;
}

} // namespace tests
