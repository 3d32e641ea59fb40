// Settings and cash-flow history of an account: reference/binance-usdm.md sections 6.9, 6.10, 6.12.
#include <algorithm>

#include "core/venue/api_context.h"
#include "core/venue/binance_text.h"
#include "core/venue/json_text.h"

namespace core::venue
{

namespace
{
constexpr std::string_view kDone = R"({"code":200,"msg":"success"})";

[[nodiscard]] std::string_view incomeType(VenueIncome::Kind kind)
{
    switch (kind) {
    case VenueIncome::Kind::Transfer:
        return "TRANSFER";
    case VenueIncome::Kind::RealizedPnl:
        return "REALIZED_PNL";
    case VenueIncome::Kind::FundingFee:
        return "FUNDING_FEE";
    case VenueIncome::Kind::Commission:
        return "COMMISSION";
    case VenueIncome::Kind::InsuranceClear:
        return "INSURANCE_CLEAR";
    }
    return "TRANSFER";
}
} // namespace

VenueResult<std::string> BinanceApi::income(Context &context)
{
    if (context.parameters.has("page"))
        return refuse(-1106, "Parameter 'page' sent when not required.");
    if (context.parameters.has("symbol"))
        if (const auto symbol = symbolOf(context); !symbol)
            return tl::unexpected(symbol.error());
    const auto range = rangeOf(context.parameters, 100, 1000);
    if (!range)
        return tl::unexpected(range.error());
    const std::string_view type = context.parameters.get("incomeType");
    std::vector<const VenueIncome *> rows;
    for (const VenueIncome &row : m_engine.incomes()) {
        const std::string_view symbol = row.symbol ? row.symbol->view() : std::string_view{};
        if (row.account == context.account && range->holds(row.at) && isVisible(row.at) &&
            (type.empty() || incomeType(row.kind) == type) &&
            (!context.parameters.has("symbol") || symbol == context.parameters.get("symbol")))
            rows.push_back(&row);
    }
    cut(rows, *range, range->from.has_value());
    JsonText out;
    out.array();
    for (const VenueIncome *row : rows)
        out.object()
            .text("symbol", row->symbol ? row->symbol->view() : std::string_view{})
            .text("incomeType", incomeType(row->kind))
            .fixed("income", row->amount.raw(), 8)
            .text("asset", m_engine.options().instruments.front().contract.quote.view())
            .text("info", row->reason.empty() ? incomeType(row->kind) : std::string_view(row->reason))
            .number("time", toMilliseconds(row->at))
            .number("tranId", row->id)
            .text("tradeId", row->tradeId == 0 ? std::string() : fmt::format("{}", row->tradeId))
            .endObject();
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::setMarginType(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto type = context.parameters.mandatory("marginType");
    if (!type)
        return tl::unexpected(type.error());
    if (*type != "ISOLATED" && *type != "CROSSED")
        return invalidValue("marginType");
    if (*type == "ISOLATED" && m_multiAssets[context.account])
        return refuse(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.");
    if (const auto done = m_engine.setIsolated(context.account, *symbol, *type == "ISOLATED"); !done)
        return tl::unexpected(done.error());
    return std::string(kDone);
}

VenueResult<std::string> BinanceApi::changeMargin(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto leg = legOf(context.parameters);
    if (!leg)
        return tl::unexpected(leg.error());
    const auto amount = decimalOf<Money>(context.parameters, "amount");
    if (!amount)
        return tl::unexpected(amount.error());
    const auto type = wholeNumber(context.parameters, "type");
    if (!type)
        return tl::unexpected(type.error());
    if (!*type || (**type != 1 && **type != 2))
        return malformed("type");
    if (!amount->isPositive())
        return refuse(-4055, "Amount must be positive.");
    const Money change = **type == 1 ? *amount : Money::fromRaw(-amount->raw());
    if (const auto done = m_engine.changeMargin(context.account, {*symbol, *leg}, change); !done)
        return tl::unexpected(done.error());
    return JsonText()
        .object()
        .key("amount")
        .raw(amount->text())
        .number("code", 200)
        .text("msg", "Successfully modify position margin.")
        .number("type", **type)
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::marginHistory(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto range = rangeOf(context.parameters, 500, 500);
    if (!range)
        return tl::unexpected(range.error());
    const auto type = wholeNumber(context.parameters, "type");
    if (!type)
        return tl::unexpected(type.error());
    JsonText out;
    out.array();
    for (const MarginChange &row : m_engine.marginChanges()) {
        const int kind = row.amount.isPositive() ? 1 : 2;
        if (row.account != context.account || !(row.key.symbol == *symbol) || !range->holds(row.at) ||
            (*type && **type != kind))
            continue;
        out.object()
            .text("symbol", symbol->view())
            .number("type", kind)
            .text("deltaType", "USER_ADJUST")
            .text("amount", row.amount.isPositive() ? row.amount.text() : Money::fromRaw(-row.amount.raw()).text())
            .text("asset", m_engine.instrument(*symbol)->contract.quote.view())
            .number("time", toMilliseconds(row.at))
            .text("positionSide", venueText(row.key.side))
            .endObject();
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::getMultiAssets(Context &context)
{
    return JsonText().object().flag("multiAssetsMargin", m_multiAssets[context.account]).endObject().take();
}

VenueResult<std::string> BinanceApi::setMultiAssets(Context &context)
{
    if (const auto present = context.parameters.mandatory("multiAssetsMargin"); !present)
        return tl::unexpected(present.error());
    const auto wanted = flag(context.parameters, "multiAssetsMargin", false);
    if (!wanted)
        return tl::unexpected(wanted.error());
    if (m_multiAssets[context.account] == *wanted)
        return refuse(-4171, "No need to change Multi-Assets mode.");
    const Account &account = m_engine.account(context.account);
    if (std::any_of(account.positions().begin(), account.positions().end(),
                    [](const auto &entry) { return entry.second.isolated; }))
        return refuse(-4167, "Unable to adjust to Multi-Assets mode with symbols of isolated margin mode.");
    if (!m_engine.openOrders(context.account, nullptr).empty())
        return refuse(-4170, "Unable to adjust Multi-Assets Mode with open orders.");
    m_multiAssets[context.account] = *wanted;
    return std::string(kDone);
}

VenueResult<std::string> BinanceApi::getFeeBurn(Context &context)
{
    return JsonText().object().flag("feeBurn", m_feeBurn[context.account]).endObject().take();
}

VenueResult<std::string> BinanceApi::setFeeBurn(Context &context)
{
    if (const auto present = context.parameters.mandatory("feeBurn"); !present)
        return tl::unexpected(present.error());
    const auto wanted = flag(context.parameters, "feeBurn", false);
    if (!wanted)
        return tl::unexpected(wanted.error());
    m_feeBurn[context.account] = *wanted;
    return std::string(kDone);
}

VenueResult<std::string> BinanceApi::adlQuantile(Context &context)
{
    const auto symbols = symbolsOf(context);
    if (!symbols)
        return tl::unexpected(symbols.error());
    const Account &account = m_engine.account(context.account);
    JsonText out;
    out.array();
    for (const Symbol &symbol : *symbols) {
        if (!account.hasPosition(symbol))
            continue;
        out.object().text("symbol", symbol.view()).key("adlQuantile").object();
        if (account.isHedge())
            out.number("LONG", 2).number("SHORT", 2).number("HEDGE", 0);
        else
            out.number("LONG", 0).number("SHORT", 0).number("BOTH", 2);
        out.endObject().endObject();
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::tradingStatus(Context &)
{
    return JsonText()
        .object()
        .key("indicators")
        .object()
        .endObject()
        .number("updateTime", toMilliseconds(m_engine.clock().now()))
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::apiRestrictions(Context &context)
{
    const bool withdraws = m_engine.options().accounts[context.account].canWithdraw;
    return JsonText()
        .object()
        .flag("ipRestrict", false)
        .number("createTime", 1'698'645'219'000)
        .flag("enableReading", true)
        .flag("enableWithdrawals", withdraws)
        .flag("enableInternalTransfer", false)
        .flag("enableMargin", false)
        .flag("enableFutures", true)
        .flag("permitsUniversalTransfer", false)
        .flag("enableVanillaOptions", false)
        .flag("enableFixApiTrade", false)
        .flag("enableFixReadOnly", false)
        .flag("enableSpotAndMarginTrading", false)
        .flag("enablePortfolioMarginTrading", false)
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::positionRiskV2(Context &context)
{
    const auto symbols = symbolsOf(context);
    if (!symbols)
        return tl::unexpected(symbols.error());
    const Account &account = m_engine.account(context.account);
    JsonText out;
    out.array();
    for (const auto &[key, position] : account.positions()) {
        if (std::find(symbols->begin(), symbols->end(), key.symbol) == symbols->end())
            continue;
        const std::int64_t value = position.notionalAtMark().raw();
        out.object()
            .text("symbol", key.symbol.view())
            .text("positionAmt", positionAmount(*m_engine.instrument(key.symbol), position.quantity))
            .text("entryPrice", position.entryPrice().text())
            .text("breakEvenPrice", breakEvenPrice(position).text())
            .fixed("markPrice", position.mark.raw(), 8)
            .fixed("unRealizedProfit", position.unrealized().raw(), 8)
            .text("liquidationPrice", account.liquidationPriceOf(key.symbol, key.side).value_or(Price{}).text())
            .text("leverage", fmt::format("{}", position.leverage))
            .text("maxNotionalValue", m_engine.notionalMax(key.symbol, position.leverage).text())
            .text("marginType", position.isolated ? "isolated" : "cross")
            .text("isolatedMargin", isolatedMargin(position).text())
            .text("isAutoAddMargin", "false")
            .text("positionSide", venueText(key.side))
            .fixed("notional", position.quantity < 0 ? -value : value, 8)
            .text("isolatedWallet", position.isolatedWallet.text())
            .number("updateTime", toMilliseconds(position.updatedAt))
            .endObject();
    }
    return out.endArray().take();
}

} // namespace core::venue
