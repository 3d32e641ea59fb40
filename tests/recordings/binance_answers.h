#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>

#include "core/exchange/binance/codec.h"
#include "core/exchange/binance/rest_codec.h"
#include "tests/recordings/json_difference.h"

/// A plain encoder of what was decoded from Binance, in the venue's own words and places.
namespace tests
{

namespace bn = core::exchange::binance;

/// A frame of the public streams; an empty object for what was ignored.
[[nodiscard]] QJsonObject encoded(const bn::MarketEvent &event, const QString &name);
/// A frame of the private stream; an empty object for what was ignored.
[[nodiscard]] QJsonObject encoded(const bn::UserEvent &event);

// Answers over REST.
[[nodiscard]] QJsonValue encoded(const bn::DepthSnapshot &snapshot);
[[nodiscard]] QJsonValue encoded(const core::Position &position);
[[nodiscard]] QJsonValue encoded(const core::AccountSnapshot &account);
[[nodiscard]] QJsonValue encoded(const bn::AssetBalance &balance);
[[nodiscard]] QJsonValue encoded(const core::OrderUpdate &order);
[[nodiscard]] QJsonValue encoded(const bn::AlgoEvent &algo);
[[nodiscard]] QJsonValue encoded(const core::Fill &fill);
[[nodiscard]] QJsonValue encoded(const core::Trade &trade); ///< a row of aggTrades
[[nodiscard]] QJsonValue encoded(const core::Candle &candle); ///< the first ten fields of a row
[[nodiscard]] QJsonValue encoded(const core::FundingRate &rate);
[[nodiscard]] QJsonValue encoded(const core::MarkPrice &mark);
template <class Row> [[nodiscard]] QJsonValue encodedRows(const std::vector<Row> &rows)
{
    QJsonArray out;
    for (const Row &row : rows)
        out.append(encoded(row));
    return out;
}

/// exchangeInfo by name: {SYMBOL: {"baseAsset":…, FILTER: {…}}}, of what was kept and of what was sent.
[[nodiscard]] QJsonObject contractsByName(const bn::ExchangeInfo &info);
[[nodiscard]] QJsonObject contractsByName(const QJsonObject &exchangeInfo);

} // namespace tests
