#include "core/venue/hyperliquid/info_api.h"

#include <algorithm>

#include "core/exchange/hyperliquid/action_ids.h"
#include "core/venue/hyperliquid/text.h"

namespace core::venue::hyperliquid
{

InfoApi::InfoApi(const Desk &desk, const Tape &tape, const Credentials &credentials, const RequestBudget &budget,
                 const Clock &clock)
    : m_desk(desk), m_tape(tape), m_credentials(credentials), m_budget(budget), m_clock(clock)
{
}

InfoApi::Handler InfoApi::handlerOf(std::string_view type)
{
    static constexpr Row kRows[] = {
        {"meta", &InfoApi::meta},
        {"metaAndAssetCtxs", &InfoApi::metaAndAssetCtxs},
        {"allPerpMetas", &InfoApi::allPerpMetas},
        {"allMids", &InfoApi::allMids},
        {"perpDexs", &InfoApi::perpDexs},
        {"marginTable", &InfoApi::marginTable},
        {"maxMarketOrderNtls", &InfoApi::maxMarketOrderNtls},
        {"perpsAtOpenInterestCap", &InfoApi::perpsAtOpenInterestCap},
        {"exchangeStatus", &InfoApi::exchangeStatus},
        {"predictedFundings", &InfoApi::predictedFundings},
        {"spotMeta", &InfoApi::spotMeta},
        {"spotMetaAndAssetCtxs", &InfoApi::spotMetaAndAssetCtxs},
        {"l2Book", &InfoApi::book},
        {"candleSnapshot", &InfoApi::candleSnapshot},
        {"recentTrades", &InfoApi::recentTrades},
        {"fundingHistory", &InfoApi::fundingHistory},
        {"clearinghouseState", &InfoApi::clearinghouseState},
        {"spotClearinghouseState", &InfoApi::spotClearinghouseState},
        {"userAbstraction", &InfoApi::userAbstraction},
        {"activeAssetData", &InfoApi::activeAssetData},
        {"openOrders", &InfoApi::openOrders},
        {"frontendOpenOrders", &InfoApi::frontendOpenOrders},
        {"orderStatus", &InfoApi::orderStatus},
        {"historicalOrders", &InfoApi::historicalOrders},
        {"userFills", &InfoApi::userFills},
        {"userFillsByTime", &InfoApi::userFillsByTime},
        {"userFunding", &InfoApi::userFunding},
        {"userNonFundingLedgerUpdates", &InfoApi::userLedger},
        {"userFees", &InfoApi::userFees},
        {"userRateLimit", &InfoApi::userRateLimit},
        {"extraAgents", &InfoApi::extraAgents},
        {"userRole", &InfoApi::userRole},
        {"subAccounts", &InfoApi::subAccounts},
        {"maxBuilderFee", &InfoApi::maxBuilderFee},
        {"portfolio", &InfoApi::portfolio},
        {"approvedBuilders", &InfoApi::emptyList},
        {"twapHistory", &InfoApi::emptyList},
        {"userTwapSliceFills", &InfoApi::emptyList},
        {"userVaultEquities", &InfoApi::emptyList},
        {"delegations", &InfoApi::emptyList},
    };
    for (const Row &row : kRows)
        if (row.type == type)
            return row.handler;
    return nullptr;
}

int InfoApi::weightOf(const Value &request)
{
    static constexpr std::string_view kLight[] = {"l2Book",      "allMids",
                                                  "orderStatus", "clearinghouseState",
                                                  "exchangeStatus", "spotClearinghouseState"};
    const std::string_view type = request.textOf("type");
    if (type == "userRole")
        return 60;
    return std::find(std::begin(kLight), std::end(kLight), type) != std::end(kLight) ? 2 : 20;
}

WireAnswer InfoApi::answer(const Value &request)
{
    m_extraWeight = 0;
    const Handler handler = handlerOf(request.textOf("type"));
    return handler == nullptr ? cannotDeserialize() : (this->*handler)(request);
}

bool InfoApi::readUser(const Value &request, std::optional<std::size_t> &account) const
{
    const auto address = exchange::hyperliquid::Address::parse(request.textOf("user"));
    if (!address)
        return false;
    account = m_credentials.accountOf(address->text());
    return true;
}

std::optional<InfoApi::Range> InfoApi::rangeOf(const Value &request)
{
    const Value *from = request.find("startTime");
    const Value *to = request.find("endTime");
    if (from == nullptr || from->integer() == nullptr)
        return std::nullopt;
    Range range{utcFromMilliseconds(static_cast<std::int64_t>(std::min<std::uint64_t>(*from->integer(), 9'000'000'000'000))), {}};
    if (to != nullptr && to->integer() != nullptr)
        range.to = utcFromMilliseconds(
            static_cast<std::int64_t>(std::min<std::uint64_t>(*to->integer(), 9'000'000'000'000)));
    return range;
}

// Orders.

WireAnswer InfoApi::openOrders(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    out.array();
    if (account && request.textOf("dex").empty())
        for (const DeskOrder *order : m_desk.openOrders(*account))
            writePlainOrder(out, m_desk.universe(), *order);
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::frontendOpenOrders(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    out.array();
    if (account && request.textOf("dex").empty())
        for (const DeskOrder *order : m_desk.openOrders(*account))
            writeFrontendOrder(out, m_desk, *order);
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::orderStatus(const Value &request)
{
    std::optional<std::size_t> account;
    const Value *wanted = request.find("oid");
    if (!readUser(request, account) || wanted == nullptr)
        return cannotDeserialize();
    OrderKey key = std::int64_t{0};
    if (wanted->integer() != nullptr) {
        key = static_cast<std::int64_t>(*wanted->integer());
    } else {
        const auto cloid = exchange::hyperliquid::Cloid::parse(request.textOf("oid"));
        if (!cloid)
            return cannotDeserialize();
        key = cloid->text();
    }
    const DeskOrder *order = account ? m_desk.find(*account, key) : nullptr;
    if (order == nullptr || (m_desk.options().faults.forgetOrders && !order->isOpen()))
        return {200, R"({"status":"unknownOid"})"};
    JsonText out;
    out.object().text("status", "order").key("order");
    writeOrderStatus(out, m_desk, *order);
    out.endObject();
    return {200, out.take()};
}

WireAnswer InfoApi::historicalOrders(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    out.array();
    if (account) {
        const auto orders = m_desk.history(*account);
        for (const DeskOrder *order : orders)
            writeOrderStatus(out, m_desk, *order);
        count(orders.size());
    }
    out.endArray();
    return {200, out.take()};
}

// Fills, funding, ledger.

WireAnswer InfoApi::userFills(const Value &request)
{
    constexpr std::size_t kMost = 2000;
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    out.array();
    if (account) {
        const auto &fills = m_desk.fills(*account);
        std::size_t rows = 0;
        for (auto fill = fills.rbegin(); fill != fills.rend() && rows < kMost; ++fill, ++rows)
            writeFill(out, m_desk.universe(), *fill, m_desk.options().accounts[*account].address);
        count(rows);
    }
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::userFillsByTime(const Value &request)
{
    constexpr std::size_t kMost = 2000;
    std::optional<std::size_t> account;
    const auto range = rangeOf(request);
    if (!readUser(request, account) || !range)
        return cannotDeserialize();
    JsonText out;
    out.array();
    std::size_t rows = 0;
    if (account)
        for (const DeskFill &fill : m_desk.fills(*account))
            if (range->has(fill.at) && rows < kMost) {
                writeFill(out, m_desk.universe(), fill, m_desk.options().accounts[*account].address);
                ++rows;
            }
    count(rows);
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::userFunding(const Value &request)
{
    constexpr std::size_t kMost = 500;
    std::optional<std::size_t> account;
    const auto range = rangeOf(request);
    if (!readUser(request, account) || !range)
        return cannotDeserialize();
    JsonText out;
    out.array();
    std::size_t rows = 0;
    if (account)
        for (const FundingRow &row : m_desk.fundings(*account))
            if (range->has(row.at) && rows < kMost) {
                writeFunding(out, m_desk.universe(), row, false);
                ++rows;
            }
    count(rows);
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::userLedger(const Value &request)
{
    constexpr std::size_t kMost = 500;
    std::optional<std::size_t> account;
    const auto range = rangeOf(request);
    if (!readUser(request, account) || !range)
        return cannotDeserialize();
    JsonText out;
    out.array();
    std::size_t rows = 0;
    if (account)
        for (const LedgerRow &row : m_desk.ledger(*account))
            if (range->has(row.at) && rows < kMost) {
                writeLedger(out, row);
                ++rows;
            }
    count(rows);
    out.endArray();
    return {200, out.take()};
}

} // namespace core::venue::hyperliquid
