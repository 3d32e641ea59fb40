#include "core/exchange/hyperliquid/user_codec_rows.h"

#include <array>
#include <limits>

namespace core::exchange::hyperliquid
{

namespace
{
struct ModeWord {
    std::string_view word;
    AccountMode mode;
    std::string_view name;
};
constexpr std::array<ModeWord, 5> kModes{
    {{"disabled", AccountMode::Standard, "standard"},
     {"unifiedAccount", AccountMode::Unified, "unified"},
     {"portfolioMargin", AccountMode::PortfolioMargin, "portfolio margin"},
     {"default", AccountMode::Default, "default"},
     {"dexAbstraction", AccountMode::DexAbstraction, "dex abstraction"}}};

[[nodiscard]] bool readSummary(Reader &reader, std::optional<MarginSummary> &out)
{
    MarginSummary &summary = out.emplace();
    return reader.object(must("accountValue", [&] { return reader.roundedValue(summary.accountValue); }),
                         must("totalNtlPos", [&] { return reader.roundedValue(summary.notional); }),
                         must("totalRawUsd", [&] { return reader.roundedValue(summary.rawUsd); }),
                         must("totalMarginUsed", [&] { return reader.roundedValue(summary.marginUsed); }));
}

[[nodiscard]] bool readLeverage(Reader &reader, MarginMode &mode, int &leverage, std::optional<Money> &rawUsd)
{
    return reader.object(must("type",
                              [&] {
                                  std::string_view word;
                                  if (!reader.text(word))
                                      return false;
                                  mode = word == "isolated" ? MarginMode::Isolated : MarginMode::Cross;
                                  return word == "isolated" || word == "cross" ||
                                         reader.refuse(ErrorCode::ParseFailed, "expects cross or isolated");
                              }),
                         must("value", [&] { return reader.whole(leverage); }),
                         may("rawUsd", [&] { return reader.roundedValue(rawUsd); }));
}

[[nodiscard]] bool readPositionFields(Reader &reader, PositionRow &out, Money &marginUsed)
{
    Position &position = out.position;
    MarginMode mode{};
    int leverage = 0;
    const bool read = reader.object(
        must("coin", [&] { return reader.coin(position.instrument); }),
        must("szi", [&] { return reader.exactValue(out.size); }),
        must("leverage", [&] { return readLeverage(reader, mode, leverage, out.rawUsd); }),
        may("entryPx", [&] { return reader.computedPrice(position.entryPrice); }),
        must("positionValue", [&] { return reader.roundedValue(out.positionValue); }),
        may("unrealizedPnl", [&] { return reader.roundedValue(position.unrealizedPnl); }),
        may("liquidationPx", [&] { return reader.computedPrice(position.liquidationPrice); }),
        must("marginUsed", [&] { return reader.roundedValue(marginUsed); }),
        may("maxLeverage", [&] { return reader.whole(out.leverageMax.emplace()); }), may("cumFunding", [&] {
            return reader.object(may("sinceOpen", [&] { return reader.roundedValue(out.fundingSinceOpen); }));
        }));
    position.leverage = leverage;
    position.marginMode = mode;
    return read;
}

[[nodiscard]] bool readPosition(Reader &reader, PositionRow &out, UtcTime receivedAt)
{
    Money marginUsed;
    if (!reader.object(must("position", [&] { return readPositionFields(reader, out, marginUsed); })))
        return false;
    Position &position = out.position;
    const std::int64_t size = out.size.raw();
    if (size == std::numeric_limits<std::int64_t>::min())
        return reader.refuse(ErrorCode::OutOfRange, "does not fit");
    position.direction = size < 0 ? Direction::Short : Direction::Long;
    position.quantity = Quantity::fromRaw(size < 0 ? -size : size);
    if (position.quantity.isPositive() && !position.entryPrice.isPositive())
        return reader.refuse(ErrorCode::ParseFailed, "a position without an entry price");
    if (position.marginMode == MarginMode::Isolated)
        position.isolatedMargin = marginUsed;
    else
        position.initialMargin = marginUsed;
    position.receivedAt = receivedAt;
    return true;
}

[[nodiscard]] bool readBalance(Reader &reader, SpotBalance &out)
{
    return reader.object(must("coin", [&] { return reader.symbol(out.coin); }),
                         may("token", [&] { return reader.whole(out.token); }),
                         must("total", [&] { return reader.moneyIfItFits(out.total); }),
                         may("hold", [&] { return reader.moneyIfItFits(out.hold); }));
}

/// [token, "amount"].
[[nodiscard]] bool readTokenAmount(Reader &reader, std::pair<std::int64_t, Money> &out)
{
    std::size_t parts = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        parts = index + 1;
        return index == 0 ? reader.whole(out.first)
                          : (index == 1 ? reader.roundedValue(out.second) : reader.ignored());
    });
    return read && (parts >= 2 || reader.refuse(ErrorCode::ParseFailed, "expects a token and an amount"));
}

/// [buy, sell].
template <class Read> [[nodiscard]] bool readPair(Reader &reader, Read &&one)
{
    std::size_t parts = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        parts = index + 1;
        return index > 1 ? reader.refuse(ErrorCode::ParseFailed, "expects two numbers") : one(index == 0);
    });
    return read && (parts == 2 || reader.refuse(ErrorCode::ParseFailed, "expects two numbers"));
}
} // namespace

AccountMode accountMode(std::string_view word)
{
    for (const ModeWord &entry : kModes) {
        if (entry.word == word)
            return entry.mode;
    }
    return AccountMode::Unknown;
}

std::string_view name(AccountMode mode)
{
    for (const ModeWord &entry : kModes) {
        if (entry.mode == mode)
            return entry.name;
    }
    return "unknown";
}

bool readPerpAccount(Reader &reader, Reader::At at, PerpAccount &out, UtcTime receivedAt)
{
    const bool read = reader.object(
        at, may("marginSummary", [&] { return readSummary(reader, out.all); }),
        may("crossMarginSummary", [&] { return readSummary(reader, out.cross); }),
        may("crossMaintenanceMarginUsed", [&] { return reader.roundedValue(out.crossMaintenance); }),
        must("withdrawable", [&] { return reader.roundedValue(out.withdrawable); }),
        must("assetPositions",
             [&] {
                 return reader.rows(out.positions,
                                    [&](PositionRow &row) { return readPosition(reader, row, receivedAt); });
             }),
        may("time", [&] { return reader.moment(out.venueTime); }));
    for (PositionRow &row : out.positions)
        row.position.venueTime = out.venueTime.value_or(receivedAt);
    return read;
}

bool readSpotAccount(Reader &reader, Reader::At at, SpotAccount &out)
{
    return reader.object(
        at,
        must("balances",
             [&] {
                 return reader.rows(out.balances, [&](SpotBalance &row) { return readBalance(reader, row); });
             }),
        may("portfolioMarginEnabled", [&] { return reader.boolean(out.portfolioMargin.emplace()); }),
        may("portfolioMarginRatio", [&] { return reader.roundedValue(out.portfolioMarginRatio); }),
        may("tokenToAvailableAfterMaintenance", [&] {
            return reader.rows(out.availableAfterMaintenance, [&](std::pair<std::int64_t, Money> &row) {
                return readTokenAmount(reader, row);
            });
        }));
}

bool readAssetSetting(Reader &reader, Reader::At at, AssetSetting &out)
{
    std::optional<Money> rawUsd;
    return reader.object(
        at, must("coin", [&] { return reader.coin(out.instrument); }),
        may("user", [&] { return reader.words(out.user); }),
        must("leverage", [&] { return readLeverage(reader, out.marginMode, out.leverage, rawUsd); }),
        must("maxTradeSzs",
             [&] {
                 return readPair(reader,
                                 [&](bool buy) { return reader.size(buy ? out.buyMax : out.sellMax); });
             }),
        must("availableToTrade",
             [&] {
                 return readPair(reader, [&](bool buy) {
                     return reader.roundedValue(buy ? out.availableToBuy : out.availableToSell);
                 });
             }),
        may("markPx", [&] { return reader.computedPrice(out.mark); }));
}

} // namespace core::exchange::hyperliquid
