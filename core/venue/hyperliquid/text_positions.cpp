// JSON of positions and balances: reference/hyperliquid.md sections 2.3, 2.4.
#include <algorithm>
#include <cstdlib>

#include "core/venue/hyperliquid/text.h"

namespace core::venue::hyperliquid
{

namespace
{
[[nodiscard]] bool isUnified(const Desk &desk, std::size_t account)
{
    const AccountMode mode = desk.options().accounts[account].mode;
    return mode == AccountMode::Unified || mode == AccountMode::PortfolioMargin;
}

[[nodiscard]] std::int64_t signedValue(const AccountPosition &position)
{
    const std::int64_t value = position.notionalAtMark().raw();
    return position.quantity < 0 ? -value : value;
}

void writePosition(JsonText &out, const Desk &desk, std::size_t account, std::size_t asset)
{
    const Account &own = desk.engine().account(account);
    const Symbol &symbol = desk.universe().symbol(asset);
    const AccountPosition &position = own.position(symbol);
    const CoinSetting &setting = desk.setting(account, asset);
    const Money unrealized = position.unrealized();
    const Money initial = position.initialMargin();
    const std::int64_t isolatedEquity = position.isolatedWallet.raw() + unrealized.raw();
    out.object().text("type", "oneWay").key("position").object();
    out.text("coin", desk.universe().coin(asset).name)
        .text("szi", numberText(position.quantity))
        .key("leverage")
        .object()
        .text("type", setting.isCross ? "cross" : "isolated")
        .number("value", position.leverage);
    if (position.isolated)
        out.text("rawUsd", numberText(isolatedEquity - signedValue(position)));
    out.endObject()
        .text("entryPx", numberText(position.entryPrice().raw()))
        .text("positionValue", numberText(position.notionalAtMark().raw()))
        .text("unrealizedPnl", numberText(unrealized.raw()))
        .text("returnOnEquity",
              numberText(ratioOf(unrealized, initial, Rounding::HalfEven).value_or(Ratio{}).raw()))
        .key("liquidationPx");
    if (const auto liquidation = own.liquidationPriceOf(symbol); liquidation && liquidation->isPositive())
        out.text(numberText(liquidation->raw()));
    else
        out.raw("null");
    // The sign is not documented: positive is taken to be paid.
    const std::string funding = numberText(-position.funding.raw());
    out.text("marginUsed", numberText(position.isolated ? isolatedEquity : initial.raw()))
        .number("maxLeverage", desk.universe().coin(asset).maxLeverage)
        .key("cumFunding")
        .object()
        .text("allTime", funding)
        .text("sinceOpen", funding)
        .text("sinceChange", "0.0")
        .endObject()
        .endObject()
        .endObject();
}

void writeSummary(JsonText &out, std::string_view name, std::int64_t value, std::int64_t notionals,
                  std::int64_t cash, std::int64_t margin)
{
    out.key(name)
        .object()
        .text("accountValue", numberText(value))
        .text("totalNtlPos", numberText(notionals))
        .text("totalRawUsd", numberText(cash))
        .text("totalMarginUsed", numberText(margin))
        .endObject();
}

/// Sums over the positions of one margin type, or of both.
struct Sums {
    std::int64_t notionals{0};
    std::int64_t signedValues{0};
    std::int64_t margin{0};
};
[[nodiscard]] Sums sumsOf(const Desk &desk, const Account &own, bool withIsolated)
{
    Sums sums;
    for (std::size_t asset = 0; asset < desk.universe().size(); ++asset) {
        const AccountPosition &position = own.position(desk.universe().symbol(asset));
        if (position.isFlat() || (position.isolated && !withIsolated))
            continue;
        sums.notionals += position.notionalAtMark().raw();
        sums.signedValues += signedValue(position);
        sums.margin += position.isolated ? position.isolatedWallet.raw() + position.unrealized().raw()
                                         : position.initialMargin().raw();
    }
    return sums;
}

/// max(0, equity − max(initial margin, a tenth of the notionals) − margin of resting orders), six decimals.
[[nodiscard]] std::int64_t withdrawable(const Account &own, const Sums &cross)
{
    const std::int64_t held = std::max(cross.margin, cross.notionals / 10);
    return std::max<std::int64_t>(0, own.crossEquity().raw() - held - own.orderMargin().raw()) / 100 * 100;
}
} // namespace

std::string clearinghouseText(const Desk &desk, std::size_t account)
{
    const Account &own = desk.engine().account(account);
    const Sums all = sumsOf(desk, own, true);
    const Sums cross = sumsOf(desk, own, false);
    const bool unified = isUnified(desk, account);
    // The dollars of a unified account are in its spot state; what is left here belongs to the positions.
    const std::int64_t value = unified ? cross.margin + own.crossUnrealized().raw() : own.crossEquity().raw();
    const std::int64_t isolated = own.equity().raw() - own.crossEquity().raw();
    JsonText out;
    out.object();
    writeSummary(out, "marginSummary", value + isolated, all.notionals, value + isolated - all.signedValues, all.margin);
    writeSummary(out, "crossMarginSummary", value, cross.notionals, value - cross.signedValues, cross.margin);
    out.text("crossMaintenanceMarginUsed", numberText(own.crossMaintenance().raw()))
        .text("withdrawable", numberText(unified ? 0 : withdrawable(own, cross)))
        .key("assetPositions")
        .array();
    for (std::size_t asset = 0; asset < desk.universe().size(); ++asset)
        if (desk.position(account, asset) != 0)
            writePosition(out, desk, account, asset);
    out.endArray().number("time", toMilliseconds(desk.engine().clock().now())).endObject();
    return out.take();
}

std::string spotText(const Desk &desk, std::size_t account)
{
    const Account &own = desk.engine().account(account);
    const AccountMode mode = desk.options().accounts[account].mode;
    JsonText out;
    out.object().key("balances").array();
    if (isUnified(desk, account))
        out.object()
            .text("coin", "USDC")
            .number("token", 0)
            .text("total", numberText(own.wallet().raw()))
            .text("hold", numberText(own.initialMargin().raw() + own.orderMargin().raw()))
            .text("entryNtl", "0.0")
            .endObject();
    out.endArray();
    if (mode == AccountMode::PortfolioMargin) {
        const std::int64_t after = own.equity().raw() - own.maintenance().raw();
        out.flag("portfolioMarginEnabled", true)
            .text("portfolioMarginRatio",
                  numberText(ratioOf(own.maintenance(), own.equity(), Rounding::HalfEven).value_or(Ratio{}).raw()))
            .key("tokenToAvailableAfterMaintenance")
            .array()
            .array()
            .number(0)
            .text(numberText(after))
            .endArray()
            .endArray();
    }
    out.endObject();
    return out.take();
}

std::string activeAssetText(const Desk &desk, std::size_t account, std::size_t asset)
{
    const Universe &universe = desk.universe();
    const CoinSetting &setting = desk.setting(account, asset);
    const Price mark = desk.engine().market(universe.symbol(asset)).mark.value_or(universe.coin(asset).startPrice);
    const Money available = availableOf(desk, account);
    const SignedQuantity held = desk.position(account, asset);
    const Quantity step = universe.instrument(asset).contract.stepSize;
    const auto sizeFor = [&](Side side) {
        const auto power = mulDiv(available.raw(), setting.leverage, 1, Rounding::Floor).value_or(0);
        const auto fresh = mulDiv(power, kDecimalOne, std::max<std::int64_t>(1, mark.raw()), Rounding::Floor);
        const bool closes = side == Side::Sell ? held > 0 : held < 0;
        return roundToStep(fresh.value_or(0) + (closes ? 2 * std::llabs(held) : 0), step.raw(), Rounding::Floor);
    };
    JsonText out;
    out.object()
        .text("user", desk.options().accounts[account].address)
        .text("coin", universe.coin(asset).name)
        .key("leverage")
        .object()
        .text("type", setting.isCross ? "cross" : "isolated")
        .number("value", setting.leverage)
        .endObject()
        .key("maxTradeSzs")
        .array()
        .text(numberText(sizeFor(Side::Buy)))
        .text(numberText(sizeFor(Side::Sell)))
        .endArray()
        .key("availableToTrade")
        .array()
        .text(numberText(available.raw()))
        .text(numberText(available.raw()))
        .endArray()
        .text("markPx", numberText(mark.raw()))
        .endObject();
    return out.take();
}

} // namespace core::venue::hyperliquid
