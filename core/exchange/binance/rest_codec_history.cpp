#include "core/exchange/binance/rest_codec.h"

#include <array>

#include "core/exchange/binance/rest_codec_fields.h"

// Answers about what happened to the account and what its key may do.

namespace core::exchange::binance
{
using namespace Qt::StringLiterals;

Result<std::vector<Fill>> parseUserTrades(std::string_view body, UtcTime receivedAt)
{
    return readArray<Fill>("userTrades", body, [&](wire::JsonFields &fields) {
        Fill fill;
        fill.instrument = {Venue::Binance, fields.identity<Symbol>("symbol"_L1)};
        fill.tradeId = fields.integer("id"_L1);
        fill.venueOrderId = {fields.integer("orderId"_L1)};
        fill.side = readSide(fields);
        fill.positionSide = readPositionSide(fields);
        fill.price = fields.fixed<Price>("price"_L1);
        fill.quantity = fields.fixed<Quantity>("qty"_L1);
        fill.fee = fields.fixed<Money>("commission"_L1);
        fill.feeAsset = fields.shortText<Asset>("commissionAsset"_L1);
        fill.realizedPnl = fields.computed<Money>("realizedPnl"_L1);
        // As in the stream: a fill of nothing, or for nothing, would poison every sum.
        if (!fill.price.isPositive())
            fields.fault("price"_L1, "must be above 0");
        if (!fill.quantity.isPositive())
            fields.fault("qty"_L1, "must be above 0");
        fill.maker = fields.boolean("maker"_L1);
        fill.venueTime = fields.time("time"_L1);
        fill.receivedAt = receivedAt;
        return fields.finish(std::move(fill));
    });
}

Result<std::vector<IncomeRow>> parseIncome(std::string_view body)
{
    return readArray<IncomeRow>("income", body, [](wire::JsonFields &fields) {
        IncomeRow row;
        row.symbol = Symbol::from(fields.optionalText("symbol"_L1)).value_or(Symbol{});
        row.type = fields.text("incomeType"_L1);
        row.amount = fields.fixed<Money>("income"_L1);
        row.asset = fields.shortText<Asset>("asset"_L1);
        row.time = fields.time("time"_L1);
        // Unique per type and user; some rows of trades carry it as text.
        row.transaction = fields.has("tranId"_L1) ? fields.integerOr("tranId"_L1, 0) : 0;
        row.trade = fields.optionalText("tradeId"_L1);
        return fields.finish(std::move(row));
    });
}

bool isTransfer(const IncomeRow &row)
{
    // What belongs to trading counts as result; everything else came or went without a trade.
    static constexpr std::array<std::string_view, 5> kResults{"REALIZED_PNL", "FUNDING_FEE", "COMMISSION",
                                                              "INSURANCE_CLEAR", "DELIVERED_SETTELMENT"};
    for (const std::string_view result : kResults) {
        if (row.type == result)
            return false;
    }
    return true;
}

Result<AccountRights> parseAccountRights(std::string_view body)
{
    return wire::parseObject("accountConfig", body).and_then([](const QJsonObject &object) {
        wire::JsonFields fields(object, "accountConfig");
        AccountRights rights;
        rights.trades = fields.boolean("canTrade"_L1);
        rights.movesMoney = fields.booleanOr("canWithdraw"_L1, false);
        rights.hedgeMode = fields.booleanOr("dualSidePosition"_L1, false);
        rights.multiAssets = fields.booleanOr("multiAssetsMargin"_L1, false);
        return fields.finish(rights);
    });
}

Result<FeeRates> parseCommissionRate(std::string_view body)
{
    return wire::parseObject("commissionRate", body).and_then([](const QJsonObject &object) {
        wire::JsonFields fields(object, "commissionRate");
        FeeRates rates;
        rates.maker = fields.fixed<Ratio>("makerCommissionRate"_L1);
        rates.taker = fields.fixed<Ratio>("takerCommissionRate"_L1);
        return fields.finish(rates);
    });
}

Result<ApiRestrictions> parseApiRestrictions(std::string_view body)
{
    return wire::parseObject("apiRestrictions", body).and_then([](const QJsonObject &object) {
        wire::JsonFields fields(object, "apiRestrictions");
        ApiRestrictions rights;
        rights.restrictedToAddress = fields.boolean("ipRestrict"_L1);
        rights.reads = fields.booleanOr("enableReading"_L1, false);
        rights.withdraws = fields.boolean("enableWithdrawals"_L1);
        rights.transfers = fields.booleanOr("enableInternalTransfer"_L1, false) ||
                           fields.booleanOr("permitsUniversalTransfer"_L1, false);
        rights.tradesFutures = fields.booleanOr("enableFutures"_L1, false);
        if (const UtcTime ends = fields.timeOr("tradingAuthorityExpirationTime"_L1, UtcTime{}); ends != UtcTime{})
            rights.expires = ends;
        return fields.finish(rights);
    });
}

} // namespace core::exchange::binance
