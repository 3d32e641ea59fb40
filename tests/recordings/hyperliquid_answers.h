#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QList>
#include <QtCore/QString>

#include "core/exchange/hyperliquid/messages_info.h"
#include "tests/recordings/json_difference.h"

/// Recorded answers of Hyperliquid, and a plain encoder to hold what was decoded against what was sent.
namespace tests
{

struct HlAnswer {
    QString file;
    QString type; ///< of the request: "userFills"
    QByteArray body;
};
/// All requests and answers of the cassettes; nothing when the folder is not there.
[[nodiscard]] QList<HlAnswer> cassettes();
/// Lines of a gzip file.
[[nodiscard]] QList<QByteArray> gzipLines(const QString &path);

namespace hl = core::exchange::hyperliquid;
[[nodiscard]] QJsonValue encoded(const hl::BookSnapshot &book);
[[nodiscard]] QJsonValue encoded(const core::Trade &trade);
[[nodiscard]] QJsonValue encoded(const core::Candle &candle);
[[nodiscard]] QJsonValue encoded(const core::FundingRate &rate);
[[nodiscard]] QJsonValue encoded(const hl::AssetContext &context);
[[nodiscard]] QJsonValue encoded(const hl::MetaAsset &asset);
[[nodiscard]] QJsonValue encoded(const hl::Meta &meta);
[[nodiscard]] QJsonValue encoded(const hl::FillRow &row);
[[nodiscard]] QJsonValue encoded(const hl::OrderRow &row);
[[nodiscard]] QJsonValue encodedWithStatus(const hl::OrderRow &row);
[[nodiscard]] QJsonValue encoded(const hl::FundingRow &row);
[[nodiscard]] QJsonValue encoded(const hl::LedgerRow &row);
[[nodiscard]] QJsonValue encoded(const hl::PerpAccount &account);
[[nodiscard]] QJsonValue encoded(const hl::SpotAccount &account);
[[nodiscard]] QJsonValue encoded(const hl::Agent &agent);
template <class Row> [[nodiscard]] QJsonValue encodedRows(const std::vector<Row> &rows)
{
    QJsonArray out;
    for (const Row &row : rows)
        out.append(encoded(row));
    return out;
}

} // namespace tests
