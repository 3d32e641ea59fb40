#pragma once

#include <string>
#include <string_view>

#include "core/venue/hyperliquid/desk.h"
#include "core/venue/hyperliquid/tape.h"
#include "core/venue/json_text.h"

/// JSON of the venue: rows that several answers and streams share. Source: reference/hyperliquid.md section 2.
namespace core::venue::hyperliquid
{

/// "97000.0": at least one decimal, as this venue writes its numbers.
[[nodiscard]] std::string numberText(std::int64_t raw);
/// 64 digits.
[[nodiscard]] std::string hashText(std::uint64_t number);
[[nodiscard]] std::string_view sideText(Side side);

[[nodiscard]] std::string metaText(const Universe &universe);
[[nodiscard]] std::string assetCtxText(const Desk &desk, const Tape &tape, std::size_t asset);
/// [ctx, …] by position.
[[nodiscard]] std::string assetCtxsText(const Desk &desk, const Tape &tape);
/// {"BTC":"83767.5",…}; the delisted are not in it.
[[nodiscard]] std::string midsText(const Desk &desk);

struct BookView {
    std::size_t levels{20};
    int significantFigures{0}; ///< 0: as they are
    int mantissa{1};
    bool isFast{false};
};
[[nodiscard]] std::string bookText(const Desk &desk, std::size_t asset, const BookView &view, UtcTime at);
[[nodiscard]] std::string bboText(const Desk &desk, std::size_t asset, UtcTime at);
void writeTrade(JsonText &out, const Universe &universe, std::size_t asset, const PublicTrade &trade);
void writeCandle(JsonText &out, std::string_view coin, std::string_view interval, const Candle &candle);

/// Rows of openOrders and orderUpdates.
void writePlainOrder(JsonText &out, const Universe &universe, const DeskOrder &order);
/// Rows of frontendOpenOrders; children that wait for it are inside.
void writeFrontendOrder(JsonText &out, const Desk &desk, const DeskOrder &order);
/// {"order":…,"status":…,"statusTimestamp":…}
void writeOrderStatus(JsonText &out, const Desk &desk, const DeskOrder &order);
void writeFill(JsonText &out, const Universe &universe, const DeskFill &fill, std::string_view liquidated);
/// `isFlat`: as the stream has it; otherwise in the envelope of the REST answer.
void writeFunding(JsonText &out, const Universe &universe, const FundingRow &row, bool isFlat);
void writeLedger(JsonText &out, const LedgerRow &row);

[[nodiscard]] std::string clearinghouseText(const Desk &desk, std::size_t account);
[[nodiscard]] std::string emptyClearinghouseText(UtcTime at);
[[nodiscard]] std::string spotText(const Desk &desk, std::size_t account);
[[nodiscard]] std::string activeAssetText(const Desk &desk, std::size_t account, std::size_t asset);
/// Equity that a client should see: of the perps alone, whatever the account's mode.
[[nodiscard]] Money equityOf(const Desk &desk, std::size_t account);
[[nodiscard]] Money availableOf(const Desk &desk, std::size_t account);

} // namespace core::venue::hyperliquid
