// Account, settings, history and listen keys: reference/binance-usdm.md sections 5.1, 6.9 to 6.12.
#include <algorithm>

#include "core/venue/api_context.h"
#include "core/venue/binance_text.h"
#include "core/venue/json_text.h"

namespace core::venue
{

namespace
{
constexpr Duration kListenKeyLife{std::chrono::minutes{60}};
constexpr std::string_view kSuccess = R"({"code":200,"msg":"success"})";

/// v3 lists only these.
[[nodiscard]] bool isTouched(const AccountPosition &position)
{
    return !position.isFlat() || position.bidNotional.isPositive() || position.askNotional.isPositive();
}

/// The eleven totals, equal in v2 and v3; the asset row repeats most of them.
void writeTotals(JsonText &out, const Account &account)
{
    const std::int64_t initial = account.initialMargin().raw();
    const std::int64_t orders = account.orderMargin().raw();
    out.fixed("totalInitialMargin", initial + orders, 8)
        .fixed("totalMaintMargin", account.maintenance().raw(), 8)
        .fixed("totalWalletBalance", account.wallet().raw(), 8)
        .fixed("totalUnrealizedProfit", account.unrealized().raw(), 8)
        .fixed("totalMarginBalance", account.equity().raw(), 8)
        .fixed("totalPositionInitialMargin", initial, 8)
        .fixed("totalOpenOrderInitialMargin", orders, 8)
        .fixed("totalCrossWalletBalance", account.crossWallet().raw(), 8)
        .fixed("totalCrossUnPnl", account.crossUnrealized().raw(), 8)
        .fixed("availableBalance", account.available().raw(), 8)
        .fixed("maxWithdrawAmount", std::min(account.available(), std::max(Money{}, account.wallet())).raw(),
               8);
}

/// Of the balance: funded at `start`. A row of time 0 counts as not initialised with some clients.
[[nodiscard]] UtcTime updatedAt(const Account &account, UtcTime start)
{
    UtcTime latest = start;
    for (const auto &[key, position] : account.positions())
        latest = std::max(latest, position.updatedAt);
    return latest;
}

void writeAsset(JsonText &out, const Account &account, std::string_view asset, UtcTime start, bool v2)
{
    const std::int64_t initial = account.initialMargin().raw();
    const std::int64_t orders = account.orderMargin().raw();
    out.object()
        .text("asset", asset)
        .fixed("walletBalance", account.wallet().raw(), 8)
        .fixed("unrealizedProfit", account.unrealized().raw(), 8)
        .fixed("marginBalance", account.equity().raw(), 8)
        .fixed("maintMargin", account.maintenance().raw(), 8)
        .fixed("initialMargin", initial + orders, 8)
        .fixed("positionInitialMargin", initial, 8)
        .fixed("openOrderInitialMargin", orders, 8)
        .fixed("crossWalletBalance", account.crossWallet().raw(), 8)
        .fixed("crossUnPnl", account.crossUnrealized().raw(), 8)
        .fixed("availableBalance", account.available().raw(), 8)
        .fixed("maxWithdrawAmount", std::min(account.available(), std::max(Money{}, account.wallet())).raw(),
               8);
    if (v2)
        out.flag("marginAvailable", true);
    out.number("updateTime", toMilliseconds(updatedAt(account, start))).endObject();
}

void writeAccountPosition(JsonText &out, const VenueEngine &engine, std::size_t index, const PositionKey &key,
                          bool v2)
{
    const Account &account = engine.account(index);
    const Symbol &symbol = key.symbol;
    const AccountPosition &position = account.position(symbol, key.side);
    const std::int64_t value = position.notionalAtMark().raw();
    const std::int64_t initial = position.initialMargin().raw();
    const std::int64_t orders = position.orderMargin().raw();
    out.object()
        .text("symbol", symbol.view())
        .text("positionSide", venueText(key.side))
        .text("positionAmt", positionAmount(*engine.instrument(symbol), position.quantity))
        .fixed("unrealizedProfit", position.unrealized().raw(), 8);
    if (v2)
        out.text("leverage", fmt::format("{}", position.leverage))
            .flag("isolated", position.isolated)
            .text("entryPrice", position.entryPrice().text())
            .text("breakEvenPrice", breakEvenPrice(position).text())
            .text("maxNotional", engine.notionalMax(symbol, position.leverage).text())
            .text("bidNotional", position.bidNotional.text())
            .text("askNotional", position.askNotional.text())
            .fixed("positionInitialMargin", initial, 8)
            .fixed("openOrderInitialMargin", orders, 8);
    else
        out.text("isolatedMargin", isolatedMargin(position).text());
    out.fixed("notional", position.quantity < 0 ? -value : value, 8)
        .text("isolatedWallet", position.isolatedWallet.text())
        .fixed("initialMargin", initial + orders, 8)
        .fixed("maintMargin", account.maintenance(key).raw(), 8)
        .number("updateTime", toMilliseconds(position.updatedAt))
        .endObject();
}
} // namespace

VenueResult<std::string> BinanceApi::positionRiskV3(Context &context)
{
    if (context.parameters.has("symbol"))
        if (const auto symbol = symbolOf(context); !symbol)
            return tl::unexpected(symbol.error());
    JsonText out;
    out.array();
    for (const auto &[key, position] : m_engine.account(context.account).positions()) {
        const bool wanted =
            !context.parameters.has("symbol") || key.symbol.view() == context.parameters.get("symbol");
        if (wanted && isTouched(position))
            writePositionRiskV3(out, m_engine, context.account, key);
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::accountV2(Context &context)
{
    const Account &account = m_engine.account(context.account);
    JsonText out;
    out.object()
        .number("feeTier", 0)
        .flag("feeBurn", false)
        .flag("canTrade", true)
        .flag("canDeposit", true)
        .flag("canWithdraw", false)
        .number("updateTime", 0)
        .flag("multiAssetsMargin", false)
        .number("tradeGroupId", -1);
    writeTotals(out, account);
    out.key("assets").array();
    writeAsset(out, account, m_engine.options().instruments.front().contract.quote.view(), m_startedAt, true);
    out.endArray().key("positions").array();
    for (const auto &[key, position] : account.positions())
        writeAccountPosition(out, m_engine, context.account, key, true);
    return out.endArray().endObject().take();
}

VenueResult<std::string> BinanceApi::accountV3(Context &context)
{
    const Account &account = m_engine.account(context.account);
    JsonText out;
    out.object();
    writeTotals(out, account);
    out.key("assets").array();
    writeAsset(out, account, m_engine.options().instruments.front().contract.quote.view(), m_startedAt, false);
    out.endArray().key("positions").array();
    for (const auto &[key, position] : account.positions())
        if (isTouched(position))
            writeAccountPosition(out, m_engine, context.account, key, false);
    return out.endArray().endObject().take();
}

VenueResult<std::string> BinanceApi::balance(Context &context)
{
    const Account &account = m_engine.account(context.account);
    JsonText out;
    out.array()
        .object()
        .text("accountAlias", "SgsR")
        .text("asset", m_engine.options().instruments.front().contract.quote.view())
        .fixed("balance", account.wallet().raw(), 8)
        .fixed("crossWalletBalance", account.crossWallet().raw(), 8)
        .fixed("crossUnPnl", account.crossUnrealized().raw(), 8)
        .fixed("availableBalance", account.available().raw(), 8)
        .fixed("maxWithdrawAmount", std::min(account.available(), std::max(Money{}, account.wallet())).raw(),
               8)
        .flag("marginAvailable", true)
        .number("updateTime", toMilliseconds(updatedAt(account, m_startedAt)))
        .endObject();
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::accountConfig(Context &context)
{
    JsonText out;
    out.object()
        .number("feeTier", 0)
        .flag("canTrade", true)
        .flag("canDeposit", true)
        .flag("canWithdraw", false)
        .flag("dualSidePosition", m_engine.account(context.account).isHedge())
        .number("updateTime", 0)
        .flag("multiAssetsMargin", false)
        .number("tradeGroupId", -1)
        .endObject();
    return out.take();
}

VenueResult<std::string> BinanceApi::symbolConfig(Context &context)
{
    if (context.parameters.has("symbol"))
        if (const auto symbol = symbolOf(context); !symbol)
            return tl::unexpected(symbol.error());
    JsonText out;
    out.array();
    for (const VenueInstrument &instrument : m_engine.options().instruments) {
        const Symbol &symbol = instrument.contract.key.symbol;
        if (context.parameters.has("symbol") && symbol.view() != context.parameters.get("symbol"))
            continue;
        const AccountPosition &settings = m_engine.account(context.account).settings(symbol);
        out.object()
            .text("symbol", symbol.view())
            .text("marginType", settings.isolated ? "ISOLATED" : "CROSSED")
            .flag("isAutoAddMargin", false)
            .number("leverage", settings.leverage)
            .text("maxNotionalValue", m_engine.notionalMax(symbol, settings.leverage).text())
            .endObject();
    }
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::getPositionMode(Context &context)
{
    return JsonText().object().flag("dualSidePosition", m_engine.account(context.account).isHedge()).endObject().take();
}

VenueResult<std::string> BinanceApi::setPositionMode(Context &context)
{
    if (const auto present = context.parameters.mandatory("dualSidePosition"); !present)
        return tl::unexpected(present.error());
    const auto dual = flag(context.parameters, "dualSidePosition", false);
    if (!dual)
        return tl::unexpected(dual.error());
    if (const auto done = m_engine.setHedge(context.account, *dual); !done)
        return tl::unexpected(done.error());
    return std::string(kSuccess);
}

VenueResult<std::string> BinanceApi::setLeverage(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const auto leverage = wholeNumber(context.parameters, "leverage");
    if (!leverage)
        return tl::unexpected(leverage.error());
    if (!*leverage)
        return malformed("leverage");
    const int wanted = static_cast<int>(std::clamp<std::int64_t>(**leverage, -1, 1'000));
    const auto most = m_engine.setLeverage(context.account, *symbol, wanted);
    if (!most)
        return tl::unexpected(most.error());
    return JsonText()
        .object()
        .number("leverage", wanted)
        .text("maxNotionalValue", most->text())
        .text("symbol", symbol->view())
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::userTrades(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    const ApiParameters &parameters = context.parameters;
    const auto fromId = wholeNumber(parameters, "fromId");
    const auto orderId = wholeNumber(parameters, "orderId");
    const auto from = wholeNumber(parameters, "startTime");
    const auto to = wholeNumber(parameters, "endTime");
    const auto limit = wholeNumber(parameters, "limit");
    for (const auto *number : {&fromId, &orderId, &from, &to, &limit})
        if (!*number)
            return tl::unexpected(number->error());
    const std::int64_t most = limit->value_or(500);
    if (most < 1 || most > 1000)
        return invalidValue("limit");
    if (*fromId && (*from || *to))
        return refuse(-1128, "Combination of optional parameters invalid.");
    if (*from && *to && (**from > **to))
        return refuse(-1023, "Start time is greater than end time.");
    std::vector<const VenueFill *> rows;
    for (const VenueFill *fill : m_engine.fills(context.account, *symbol)) {
        const std::int64_t at = toMilliseconds(fill->at);
        if ((*fromId && fill->tradeId < **fromId) || (*orderId && fill->orderId != **orderId) ||
            (*from && at < **from) || (*to && at > **to))
            continue;
        rows.push_back(fill);
    }
    // With a beginning the oldest ones are asked for, without one the newest.
    const auto count = static_cast<std::size_t>(most);
    if (rows.size() > count && !*fromId && !*from)
        rows.erase(rows.begin(), rows.end() - most);
    rows.resize(std::min(rows.size(), count));
    JsonText out;
    out.array();
    for (const VenueFill *fill : rows)
        writeFill(out, m_engine, *fill);
    return out.endArray().take();
}

VenueResult<std::string> BinanceApi::commissionRate(Context &context)
{
    const auto symbol = symbolOf(context);
    if (!symbol)
        return tl::unexpected(symbol.error());
    return JsonText()
        .object()
        .text("symbol", symbol->view())
        .text("makerCommissionRate", m_engine.options().makerFee.text())
        .text("takerCommissionRate", m_engine.options().takerFee.text())
        .text("rpiCommissionRate", "0")
        .endObject()
        .take();
}

VenueResult<std::string> BinanceApi::orderRateLimit(Context &)
{
    return fmt::format(R"([{{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":{}}},)"
                       R"({{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":{}}}])",
                       m_engine.options().orderLimitPerTenSeconds, m_engine.options().orderLimitPerMinute);
}

VenueResult<std::string> BinanceApi::createListenKey(Context &context)
{
    const UtcTime now = m_engine.clock().now();
    ListenKey &key = m_keys[context.account];
    if (key.key.empty() || key.validUntil <= now) {
        // 64 letters and digits; a loopback exchange has nothing to hide behind them.
        constexpr std::string_view kAlphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        std::uint64_t state = static_cast<std::uint64_t>(toNanoseconds(now)) +
                              ++m_keysMade * 0x9E3779B97F4A7C15ULL + context.account;
        key.key.clear();
        for (int i = 0; i < 64; ++i) {
            state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9ULL + 0x94D049BB133111EBULL;
            key.key += kAlphabet[(state >> 33U) % kAlphabet.size()];
        }
    }
    key.validUntil = now + kListenKeyLife;
    return JsonText().object().text("listenKey", key.key).endObject().take();
}

VenueResult<std::string> BinanceApi::extendListenKey(Context &context)
{
    onTimer();
    const auto found = m_keys.find(context.account);
    if (found == m_keys.end())
        return refuse(-1125, "This listenKey does not exist.");
    found->second.validUntil = m_engine.clock().now() + kListenKeyLife;
    return JsonText().object().text("listenKey", found->second.key).endObject().take();
}

VenueResult<std::string> BinanceApi::closeListenKey(Context &context)
{
    const auto found = m_keys.find(context.account);
    if (found == m_keys.end())
        return refuse(-1125, "This listenKey does not exist.");
    const std::string key = found->second.key;
    m_keys.erase(found);
    if (m_listenKeys != nullptr)
        m_listenKeys->onListenKeyClosed(key);
    return "{}";
}

void BinanceApi::onTimer()
{
    const UtcTime now = m_engine.clock().now();
    for (auto entry = m_keys.begin(); entry != m_keys.end();) {
        if (entry->second.validUntil > now) {
            ++entry;
            continue;
        }
        const std::size_t account = entry->first;
        const std::string key = entry->second.key;
        entry = m_keys.erase(entry);
        if (m_listenKeys != nullptr)
            m_listenKeys->onListenKeyExpired(account, key);
    }
}

void BinanceApi::endListenKeys(bool tells)
{
    for (const auto &[account, key] : std::exchange(m_keys, {})) {
        if (m_listenKeys == nullptr)
            continue;
        if (tells)
            m_listenKeys->onListenKeyExpired(account, key.key);
        else
            m_listenKeys->onListenKeyClosed(key.key);
    }
}

const std::string *BinanceApi::listenKeyOf(std::size_t account) const
{
    const auto found = m_keys.find(account);
    return found == m_keys.end() || found->second.validUntil <= m_engine.clock().now() ? nullptr
                                                                                       : &found->second.key;
}

} // namespace core::venue
