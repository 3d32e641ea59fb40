#include "core/exchange/binance/rest_codec.h"

#include <algorithm>
#include <limits>

#include "core/exchange/binance/rest_codec_fields.h"

namespace core::exchange::binance
{
namespace
{
using namespace Qt::StringLiterals;

net::BudgetLimits limitsOf(const std::vector<InstrumentList::Limit> &stated)
{
    net::BudgetLimits limits;
    for (const auto &one : stated) {
        const auto limit = static_cast<int>(std::min<std::int64_t>(one.limit, 1'000'000));
        if (one.type == "REQUEST_WEIGHT" && one.interval == "MINUTE" && one.intervalNumber == 1)
            limits.weightPerMinute = limit;
        else if (one.type == "ORDERS" && one.interval == "MINUTE" && one.intervalNumber == 1)
            limits.ordersPerMinute = limit;
        else if (one.type == "ORDERS" && one.interval == "SECOND" && one.intervalNumber == 10)
            limits.ordersPer10Seconds = limit;
    }
    return limits;
}

MarginMode readMarginMode(wire::JsonFields &fields, QLatin1StringView key)
{
    std::string text = fields.text(key);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (text == "isolated")
        return MarginMode::Isolated;
    if (text != "cross" && text != "crossed")
        fields.fault(key, "is neither cross nor isolated");
    return MarginMode::Cross;
}

Result<Position> readPosition(wire::JsonFields &fields, const SymbolConfigs &configs, UtcTime receivedAt)
{
    Position position;
    position.instrument = {Venue::Binance, fields.identity<Symbol>("symbol"_L1)};
    position.positionSide = readPositionSide(fields);
    const auto amount = fields.fixed<Quantity>("positionAmt"_L1);
    position.direction = amount.isNegative() ? Direction::Short : Direction::Long;
    if (amount.isZero() && position.positionSide == PositionSide::Short)
        position.direction = Direction::Short;
    if (amount.raw() == std::numeric_limits<std::int64_t>::min())
        fields.fault("positionAmt"_L1, "does not fit");
    else
        position.quantity = amount.isNegative() ? Quantity::fromRaw(-amount.raw()) : amount;
    position.entryPrice = fields.notNegative("entryPrice"_L1, fields.computed<Price>("entryPrice"_L1));
    position.markPrice = fields.optionalComputed<Price>("markPrice"_L1);
    position.unrealizedPnl = fields.optionalComputed<Money>("unRealizedProfit"_L1);
    position.liquidationPrice = fields.optionalComputed<Price>("liquidationPrice"_L1);
    if (position.liquidationPrice && !position.liquidationPrice->isPositive())
        position.liquidationPrice.reset();
    const auto isolated = fields.optionalComputed<Money>("isolatedMargin"_L1);
    position.initialMargin = fields.optionalComputed<Money>("positionInitialMargin"_L1);
    position.maintenanceMargin = fields.optionalComputed<Money>("maintMargin"_L1);
    position.venueTime = fields.timeOr("updateTime"_L1, UtcTime{});
    position.receivedAt = receivedAt;
    if (const auto config = configs.find(position.instrument.symbol); config != configs.end()) {
        position.leverage = config->second.leverage;
        position.marginMode = config->second.marginMode;
    }
    if (fields.has("leverage"_L1))
        position.leverage =
            static_cast<int>(std::clamp<std::int64_t>(fields.integer("leverage"_L1), 0, 1000));
    if (fields.has("marginType"_L1))
        position.marginMode = readMarginMode(fields, "marginType"_L1);
    if (position.marginMode == MarginMode::Isolated)
        position.isolatedMargin = isolated;
    return fields.finish(std::move(position));
}

Result<std::vector<MarginTier>> readTiers(const wire::JsonFields &symbol)
{
    auto tiers =
        readEach<MarginTier>(symbol.context() + ".brackets", symbol.value("brackets"_L1).toArray(),
                             [](wire::JsonFields &fields) -> Result<MarginTier> {
                                 MarginTier tier;
                                 tier.floor = fields.notNegative("notionalFloor"_L1, fields.fixed<Money>("notionalFloor"_L1));
                                 const auto cap = wire::decimalOf(fields.value("notionalCap"_L1));
                                 if (cap)
                                     tier.cap = Money::fromRaw(*cap);
                                 else if (cap.error().code == ErrorCode::OutOfRange)
                                     tier.cap = Money::fromRaw(std::numeric_limits<std::int64_t>::max());
                                 else
                                     fields.fault("notionalCap"_L1, cap.error().detail);
                                 tier.maintenanceRate =
                                     fields.notNegative("maintMarginRatio"_L1, fields.fixed<Ratio>("maintMarginRatio"_L1));
                                 tier.deduction = fields.fixed<Money>("cum"_L1);
                                 tier.leverageMax = static_cast<int>(
                                     std::clamp<std::int64_t>(fields.integer("initialLeverage"_L1), 1, 1000));
                                 return fields.finish(std::move(tier));
                             });
    if (tiers) {
        std::sort(tiers->begin(), tiers->end(),
                  [](const MarginTier &a, const MarginTier &b) { return a.floor < b.floor; });
    }
    return tiers;
}

} // namespace

Result<ExchangeInfo> parseExchangeInfo(std::string_view body, std::span<const Symbol> wanted)
{
    return parseInstrumentList(body, wanted).map([](InstrumentList list) {
        return ExchangeInfo{limitsOf(list.limits), std::move(list.instruments), std::move(list.refused)};
    });
}

Result<SymbolConfigs> parseSymbolConfigs(std::string_view body)
{
    using Row = std::pair<Symbol, SymbolConfig>;
    const auto rows = readArray<Row>("symbolConfig", body, [](wire::JsonFields &fields) {
        Row row;
        row.first = fields.identity<Symbol>("symbol"_L1);
        row.second.leverage =
            static_cast<int>(std::clamp<std::int64_t>(fields.integer("leverage"_L1), 0, 1000));
        row.second.marginMode = readMarginMode(fields, "marginType"_L1);
        return fields.finish(std::move(row));
    });
    if (!rows)
        return fail(rows.error());
    return SymbolConfigs(rows->begin(), rows->end());
}

Result<std::vector<Position>> parsePositionRisk(std::string_view body, const SymbolConfigs &configs,
                                                UtcTime receivedAt)
{
    return readArray<Position>("positionRisk", body, [&](wire::JsonFields &fields) {
        return readPosition(fields, configs, receivedAt);
    });
}

Result<std::vector<AccountSnapshot>> parseAccount(std::string_view body, const AccountId &account,
                                                  UtcTime receivedAt)
{
    const auto root = wire::parseObject("account", body);
    if (!root)
        return fail(root.error());
    if (!root->value("assets"_L1).isArray())
        return fail(ErrorCode::ParseFailed, "account.assets: an array is expected");
    return readEach<AccountSnapshot>("account.assets", root->value("assets"_L1).toArray(),
                                     [&](wire::JsonFields &fields) {
                                         AccountSnapshot snapshot;
                                         snapshot.account = account;
                                         snapshot.asset = fields.identity<Asset>("asset"_L1);
                                         snapshot.walletBalance = fields.fixed<Money>("walletBalance"_L1);
                                         snapshot.unrealizedPnl = fields.computed<Money>("unrealizedProfit"_L1);
                                         snapshot.equity = fields.computed<Money>("marginBalance"_L1);
                                         snapshot.available = fields.computed<Money>("availableBalance"_L1);
                                         snapshot.initialMargin = fields.computed<Money>("initialMargin"_L1);
                                         snapshot.maintenanceMargin = fields.computed<Money>("maintMargin"_L1);
                                         snapshot.venueTime = fields.timeOr("updateTime"_L1, UtcTime{});
                                         snapshot.receivedAt = receivedAt;
                                         return fields.finish(std::move(snapshot));
                                     });
}

Result<std::vector<AssetBalance>> parseBalances(std::string_view body)
{
    return readArray<AssetBalance>("balance", body, [](wire::JsonFields &fields) {
        AssetBalance balance;
        balance.asset = fields.identity<Asset>("asset"_L1);
        balance.wallet = fields.fixed<Money>("balance"_L1);
        balance.crossWallet = fields.fixed<Money>("crossWalletBalance"_L1);
        balance.crossUnrealizedPnl = fields.fixed<Money>("crossUnPnl"_L1);
        balance.available = fields.fixed<Money>("availableBalance"_L1);
        balance.venueTime = fields.timeOr("updateTime"_L1, UtcTime{});
        return fields.finish(std::move(balance));
    });
}

Result<bool> parseHedgeMode(std::string_view body)
{
    return wire::parseObject("positionMode", body).and_then([](const QJsonObject &object) {
        wire::JsonFields fields(object, "positionMode");
        return fields.finish(fields.boolean("dualSidePosition"_L1));
    });
}

Result<std::map<Symbol, std::vector<MarginTier>>> parseLeverageBrackets(std::string_view body)
{
    QJsonArray array;
    if (const auto rows = wire::parseArray("leverageBracket", body)) {
        array = *rows;
    } else {
        const auto object = wire::parseObject("leverageBracket", body);
        if (!object)
            return fail(object.error());
        array.append(*object);
    }
    std::map<Symbol, std::vector<MarginTier>> result;
    for (qsizetype i = 0; i < array.size(); ++i) {
        wire::JsonFields fields(array.at(i).toObject(), at("leverageBracket", i));
        const auto symbol = fields.identity<Symbol>("symbol"_L1);
        const auto factor = fields.optionalFixed<Ratio>("notionalCoef"_L1);
        if (factor && !factor->isPositive())
            fields.fault("notionalCoef"_L1, "must be above 0");
        auto tiers = readTiers(fields);
        if (!tiers)
            return fail(tiers.error());
        if (fields.error())
            return fail(*fields.error());
        for (MarginTier &tier : *tiers) {
            if (!factor)
                break;
            const auto floor = scaled(tier.floor, *factor, Rounding::Floor);
            const auto cap = scaled(tier.cap, *factor, Rounding::Floor);
            if (!floor)
                return fail(floor.error().in(fields.context() + ".notionalFloor"));
            tier.floor = *floor;
            tier.cap = cap.value_or(Money::fromRaw(std::numeric_limits<std::int64_t>::max()));
        }
        result[symbol] = std::move(*tiers);
    }
    return result;
}

Result<std::vector<MarkPrice>> parsePremiumIndex(std::string_view body, UtcTime receivedAt)
{
    QJsonArray array;
    if (const auto rows = wire::parseArray("premiumIndex", body)) {
        array = *rows;
    } else {
        const auto object = wire::parseObject("premiumIndex", body);
        if (!object)
            return fail(object.error());
        array.append(*object);
    }
    return readEach<MarkPrice>("premiumIndex", array, [&](wire::JsonFields &fields) {
        MarkPrice mark;
        mark.instrument = {Venue::Binance, fields.identity<Symbol>("symbol"_L1)};
        mark.mark = fields.fixed<Price>("markPrice"_L1);
        mark.index = fields.optionalFixed<Price>("indexPrice"_L1);
        mark.fundingRate = fields.optionalFixed<Ratio>("lastFundingRate"_L1);
        if (const UtcTime next = fields.timeOr("nextFundingTime"_L1, UtcTime{}); next != UtcTime{})
            mark.nextFundingTime = next;
        mark.venueTime = fields.time("time"_L1);
        mark.receivedAt = receivedAt;
        return fields.finish(std::move(mark));
    });
}

Result<UtcTime> parseServerTime(std::string_view body)
{
    return wire::parseObject("time", body).and_then([](const QJsonObject &object) {
        wire::JsonFields fields(object, "time");
        return fields.finish(fields.time("serverTime"_L1));
    });
}

Result<net::Secret> parseListenKey(std::string_view body)
{
    const auto object = wire::parseObject("listenKey", body);
    if (!object)
        return fail(object.error());
    const std::string key = object->value("listenKey"_L1).toString().toStdString();
    const bool clean = std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-';
    });
    if (key.empty() || !clean)
        return fail(ErrorCode::ParseFailed, "listenKey.listenKey: is missing or malformed");
    return net::Secret(key);
}

} // namespace core::exchange::binance
