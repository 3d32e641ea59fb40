#include "core/exchange/hyperliquid/rest_codec.h"

#include "core/exchange/hyperliquid/codec_rows.h"
#include "core/exchange/hyperliquid/user_codec_rows.h"

namespace core::exchange::hyperliquid
{

namespace
{
using At = Reader::At;

[[nodiscard]] bool isNullBody(std::string_view body)
{
    const auto first = body.find_first_not_of(" \t\r\n");
    const auto last = body.find_last_not_of(" \t\r\n");
    return first != std::string_view::npos && body.substr(first, last - first + 1) == "null";
}

[[nodiscard]] bool readMetaAsset(Reader &reader, MetaAsset &out)
{
    bool onlyIsolated = false;
    const bool read =
        reader.object(must("name", [&] { return reader.words(out.name); }),
                      must("szDecimals", [&] { return reader.whole(out.sizeDecimals); }),
                      must("maxLeverage", [&] { return reader.whole(out.leverageMax); }),
                      may("marginTableId", [&] { return reader.whole(out.marginTable.emplace()); }),
                      may("isDelisted", [&] { return reader.boolean(out.delisted); }),
                      may("onlyIsolated", [&] { return reader.boolean(onlyIsolated); }),
                      may("marginMode", [&] { return reader.words(out.marginMode); }));
    out.isolatedOnly = onlyIsolated || out.marginMode == "strictIsolated" || out.marginMode == "noCross";
    return read;
}

[[nodiscard]] bool readMarginTable(Reader &reader, MetaMarginTable &out)
{
    const auto tier = [&](MetaMarginTier &row) {
        return reader.object(must("lowerBound", [&] { return reader.exactValue(row.lowerBound); }),
                             must("maxLeverage", [&] { return reader.whole(row.leverageMax); }));
    };
    std::size_t parts = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        parts = index + 1;
        if (index > 1)
            return reader.ignored();
        return index == 0 ? reader.whole(out.id)
                          : reader.object(must("marginTiers", [&] { return reader.rows(out.tiers, tier); }));
    });
    return read && (parts >= 2 || reader.refuse(ErrorCode::ParseFailed, "expects an id and a table"));
}

[[nodiscard]] bool readMeta(Reader &reader, At at, Meta &out)
{
    return reader.object(
        at,
        must("universe",
             [&] {
                 return reader.rows(out.universe, [&](MetaAsset &row) { return readMetaAsset(reader, row); });
             }),
        may("marginTables",
            [&] {
                return reader.rows(out.marginTables,
                                   [&](MetaMarginTable &row) { return readMarginTable(reader, row); });
            }),
        may("collateralToken", [&] { return reader.whole(out.collateralToken); }));
}

/// A meta, or a pair of it and its contexts.
[[nodiscard]] bool readMetaOrPair(Reader &reader, Meta &out)
{
    Reader::Kind kind{};
    if (!reader.kind(kind))
        return false;
    if (kind == Reader::Kind::Object)
        return readMeta(reader, At::Here, out);
    return reader.indexed(
        [&](std::size_t index) { return index == 0 ? readMeta(reader, At::Here, out) : reader.ignored(); });
}

[[nodiscard]] bool readPerpDex(Reader &reader, PerpDex &out)
{
    bool own = false;
    if (!reader.isNull(own))
        return false;
    if (own)
        return reader.ignored();
    return reader.object(must("name", [&] { return reader.words(out.name); }),
                         may("fullName", [&] { return reader.words(out.fullName); }));
}
} // namespace

Result<Meta> parseMeta(std::string_view body)
{
    return parsed<Meta>("meta", body,
                        [](Reader &reader, Meta &out) { return readMeta(reader, At::Root, out); });
}

Result<std::vector<Meta>> parseAllPerpMetas(std::string_view body)
{
    return parsed<std::vector<Meta>>("allPerpMetas", body, [](Reader &reader, std::vector<Meta> &out) {
        return reader.rootRows(out, [&](Meta &row) { return readMetaOrPair(reader, row); });
    });
}

Result<MetaAndContexts> parseMetaAndAssetCtxs(std::string_view body)
{
    return parsed<MetaAndContexts>("metaAndAssetCtxs", body, [](Reader &reader, MetaAndContexts &out) {
        std::size_t parts = 0;
        const bool read = reader.rootElements([&] {
            switch (parts++) {
            case 0:
                return readMeta(reader, At::Here, out.meta);
            case 1:
                return readContexts(reader, out.contexts);
            default:
                return reader.refuse(ErrorCode::ParseFailed, "expects the list and its contexts");
            }
        });
        return read &&
               (parts == 2 || reader.refuse(ErrorCode::ParseFailed, "expects the list and its contexts")) &&
               (out.contexts.size() == out.meta.universe.size() ||
                reader.refuse(ErrorCode::ParseFailed, "has not one context for each contract"));
    });
}

Result<std::vector<PerpDex>> parsePerpDexs(std::string_view body)
{
    return parsed<std::vector<PerpDex>>("perpDexs", body, [](Reader &reader, std::vector<PerpDex> &out) {
        return reader.rootRows(out, [&](PerpDex &row) { return readPerpDex(reader, row); });
    });
}

Result<std::vector<TokenRow>> parseSpotTokens(std::string_view body)
{
    return parsed<std::vector<TokenRow>>("spotMeta", body, [](Reader &reader, std::vector<TokenRow> &out) {
        const auto token = [&](TokenRow &row) {
            return reader.object(must("index", [&] { return reader.whole(row.index); }),
                                 must("name", [&] { return reader.words(row.name); }),
                                 may("szDecimals", [&] { return reader.whole(row.sizeDecimals); }));
        };
        return reader.object(At::Root, must("tokens", [&] { return reader.rows(out, token); }));
    });
}

Result<Mids> parseAllMids(std::string_view body, UtcTime receivedAt)
{
    return parsed<Mids>("allMids", body, [&](Reader &reader, Mids &out) {
        out.receivedAt = receivedAt;
        return readMids(reader, At::Root, out.rows);
    });
}

Result<BookSnapshot> parseL2Book(std::string_view body, UtcTime receivedAt)
{
    if (isNullBody(body))
        return fail(ErrorCode::NotFound, "l2Book: the venue does not know the coin");
    return parsed<BookSnapshot>("l2Book", body, [&](Reader &reader, BookSnapshot &out) {
        out.receivedAt = receivedAt;
        return readBook(reader, At::Root, out);
    });
}

Result<std::vector<Candle>> parseCandleSnapshot(std::string_view body, UtcTime venueNow)
{
    return parsed<std::vector<Candle>>("candleSnapshot", body, [&](Reader &reader, std::vector<Candle> &out) {
        return reader.rootRows(out, [&](Candle &candle) {
            UtcTime lastMoment;
            const bool read = readCandle(reader, candle, lastMoment);
            candle.closed = lastMoment < venueNow;
            return read;
        });
    });
}

Result<std::vector<Trade>> parseRecentTrades(std::string_view body, UtcTime receivedAt)
{
    return parsed<std::vector<Trade>>("recentTrades", body, [&](Reader &reader, std::vector<Trade> &out) {
        return reader.rootRows(out, [&](Trade &trade) {
            const bool read = readTrade(reader, trade);
            trade.receivedAt = receivedAt;
            return read;
        });
    });
}

Result<std::vector<FundingRate>> parseFundingHistory(std::string_view body)
{
    return parsed<std::vector<FundingRate>>(
        "fundingHistory", body, [](Reader &reader, std::vector<FundingRate> &out) {
            return reader.rootRows(out, [&](FundingRate &row) {
                return reader.object(must("coin", [&] { return reader.coin(row.instrument); }),
                                     must("fundingRate", [&] { return reader.roundedValue(row.rate); }),
                                     must("time", [&] { return reader.moment(row.time); }));
            });
        });
}

Result<PerpAccount> parseClearinghouseState(std::string_view body, UtcTime receivedAt)
{
    return parsed<PerpAccount>("clearinghouseState", body, [&](Reader &reader, PerpAccount &out) {
        return readPerpAccount(reader, At::Root, out, receivedAt);
    });
}

Result<SpotAccount> parseSpotClearinghouseState(std::string_view body)
{
    return parsed<SpotAccount>("spotClearinghouseState", body, [](Reader &reader, SpotAccount &out) {
        return readSpotAccount(reader, At::Root, out);
    });
}

Result<AssetSetting> parseActiveAssetData(std::string_view body)
{
    return parsed<AssetSetting>("activeAssetData", body, [](Reader &reader, AssetSetting &out) {
        return readAssetSetting(reader, At::Root, out);
    });
}

Result<std::vector<OrderRow>> parseOpenOrders(std::string_view body, UtcTime receivedAt)
{
    return parsed<std::vector<OrderRow>>("openOrders", body, [&](Reader &reader, std::vector<OrderRow> &out) {
        return reader.rootRows(out, [&](OrderRow &row) { return readOrder(reader, row, receivedAt); });
    });
}

Result<FoundOrder> parseOrderStatus(std::string_view body, UtcTime receivedAt)
{
    return parsed<FoundOrder>("orderStatus", body, [&](Reader &reader, FoundOrder &out) {
        std::string status;
        const bool read = reader.object(
            At::Root, must("status", [&] { return reader.words(status); }),
            may("order", [&] { return readOrderWithStatus(reader, out.emplace(), receivedAt); }));
        if (!read)
            return false;
        if (status == "unknownOid" && !out)
            return true;
        return (status == "order" && out) ||
               reader.refuse(ErrorCode::ParseFailed, "expects an order or unknownOid");
    });
}

Result<std::vector<OrderRow>> parseHistoricalOrders(std::string_view body, UtcTime receivedAt)
{
    return parsed<std::vector<OrderRow>>("historicalOrders", body,
                                         [&](Reader &reader, std::vector<OrderRow> &out) {
                                             return reader.rootRows(out, [&](OrderRow &row) {
                                                 return readOrderWithStatus(reader, row, receivedAt);
                                             });
                                         });
}

Result<std::vector<FillRow>> parseUserFills(std::string_view body, UtcTime receivedAt)
{
    return parsed<std::vector<FillRow>>("userFills", body, [&](Reader &reader, std::vector<FillRow> &out) {
        return reader.rootRows(out, [&](FillRow &row) { return readFill(reader, row, receivedAt); });
    });
}

Result<std::vector<FillRow>> parseTwapSliceFills(std::string_view body, UtcTime receivedAt)
{
    return parsed<std::vector<FillRow>>(
        "userTwapSliceFills", body, [&](Reader &reader, std::vector<FillRow> &out) {
            return reader.rootRows(out, [&](FillRow &row) {
                std::optional<std::int64_t> twapId;
                const bool read =
                    reader.object(must("fill", [&] { return readFill(reader, row, receivedAt); }),
                                  may("twapId", [&] { return reader.whole(twapId); }));
                if (twapId)
                    row.twapId = twapId;
                return read;
            });
        });
}

Result<std::vector<FundingRow>> parseUserFunding(std::string_view body)
{
    return parsed<std::vector<FundingRow>>(
        "userFunding", body, [](Reader &reader, std::vector<FundingRow> &out) {
            return reader.rootRows(out, [&](FundingRow &row) { return readFunding(reader, row); });
        });
}

Result<std::vector<LedgerRow>> parseLedgerUpdates(std::string_view body, std::string_view account)
{
    return parsed<std::vector<LedgerRow>>(
        "userNonFundingLedgerUpdates", body, [&](Reader &reader, std::vector<LedgerRow> &out) {
            return reader.rootRows(out, [&](LedgerRow &row) { return readLedger(reader, row, account); });
        });
}

} // namespace core::exchange::hyperliquid
