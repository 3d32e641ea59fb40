// State, limits and roles of accounts: reference/hyperliquid.md sections 2.3, 2.4, 2.7.
#include <fmt/format.h>

#include "core/exchange/hyperliquid/action_ids.h"
#include "core/venue/hyperliquid/info_api.h"
#include "core/venue/hyperliquid/text.h"

namespace core::venue::hyperliquid
{

WireAnswer InfoApi::clearinghouseState(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    if (!account || !request.textOf("dex").empty())
        return {200, emptyClearinghouseText(m_clock.now())};
    return {200, clearinghouseText(m_desk, *account)};
}

WireAnswer InfoApi::spotClearinghouseState(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    return {200, account ? spotText(m_desk, *account) : R"({"balances":[]})"};
}

WireAnswer InfoApi::userAbstraction(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    const AccountMode mode = account ? m_desk.options().accounts[*account].mode : AccountMode::Default;
    return {200, fmt::format("\"{}\"", wireText(mode))};
}

WireAnswer InfoApi::activeAssetData(const Value &request)
{
    std::optional<std::size_t> account;
    const auto asset = m_desk.universe().assetOf(request.textOf("coin"));
    if (!readUser(request, account) || request.textOf("coin").empty())
        return cannotDeserialize();
    if (!account || !asset)
        return {200, "null"};
    return {200, activeAssetText(m_desk, *account, *asset)};
}

WireAnswer InfoApi::userFees(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    const std::string taker = m_desk.options().takerFee.text();
    const std::string maker = m_desk.options().makerFee.text();
    JsonText out;
    out.object().key("dailyUserVlm").array().endArray();
    out.key("feeSchedule")
        .object()
        .text("cross", taker)
        .text("add", maker)
        .text("spotCross", "0.0007")
        .text("spotAdd", "0.0004")
        .key("tiers")
        .object()
        .key("vip")
        .array()
        .endArray()
        .key("mm")
        .array()
        .endArray()
        .endObject()
        .text("referralDiscount", "0.04")
        .key("stakingDiscountTiers")
        .array()
        .endArray()
        .endObject();
    out.text("userCrossRate", taker)
        .text("userAddRate", maker)
        .text("userSpotCrossRate", "0.0007")
        .text("userSpotAddRate", "0.0004")
        .text("activeReferralDiscount", "0.0")
        .key("trial")
        .raw("null")
        .text("feeTrialEscrow", "0.0")
        .key("stakingLink")
        .raw("null")
        .key("activeStakingDiscount")
        .object()
        .text("bpsOfMaxSupply", "0.0")
        .text("discount", "0.0")
        .endObject()
        .endObject();
    return {200, out.take()};
}

WireAnswer InfoApi::userRateLimit(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    const Money volume = account ? m_desk.tradedVolume(*account) : Money{};
    const std::int64_t used = m_desk.options().faults.budgetUsedUp ? m_budget.cap(volume)
                              : account                             ? m_budget.used(*account)
                                                                    : 0;
    JsonText out;
    out.object()
        .text("cumVlm", numberText(volume.raw()))
        .number("nRequestsUsed", used)
        .number("nRequestsCap", m_budget.cap(volume))
        .number("nRequestsSurplus", 0)
        .endObject();
    return {200, out.take()};
}

WireAnswer InfoApi::extraAgents(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    out.array();
    if (account)
        for (const Credentials::Agent &agent : m_credentials.agentsOf(*account))
            if (!agent.name.empty()) // the unnamed one is not listed
                out.object()
                    .text("name", agent.name)
                    .text("address", agent.address)
                    .number("validUntil", toMilliseconds(agent.validUntil.value_or(
                                              m_clock.now() + std::chrono::days{90})))
                    .endObject();
    out.endArray();
    return {200, out.take()};
}

WireAnswer InfoApi::userRole(const Value &request)
{
    const auto address = exchange::hyperliquid::Address::parse(request.textOf("user"));
    if (!address)
        return cannotDeserialize();
    const auto &accounts = m_desk.options().accounts;
    if (const auto account = m_credentials.accountOf(address->text())) {
        const std::string &master = accounts[*account].master;
        if (master.empty())
            return {200, R"({"role":"user"})"};
        return {200, fmt::format(R"({{"role":"subAccount","data":{{"master":"{}"}}}})", master)};
    }
    if (const auto master = m_credentials.masterOfAgent(address->text(), m_clock.now()))
        return {200, fmt::format(R"({{"role":"agent","data":{{"user":"{}"}}}})", accounts[*master].address)};
    return {200, R"({"role":"missing"})"};
}

WireAnswer InfoApi::subAccounts(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    bool isAny = false;
    const auto &accounts = m_desk.options().accounts;
    out.array();
    for (std::size_t i = 0; account && i < accounts.size(); ++i) {
        if (accounts[i].master.empty() || accounts[i].master != accounts[*account].address)
            continue;
        isAny = true;
        out.object()
            .text("name", fmt::format("sub{}", i))
            .text("subAccountUser", accounts[i].address)
            .text("master", accounts[i].master)
            .key("clearinghouseState")
            .raw(clearinghouseText(m_desk, i))
            .key("spotState")
            .raw(spotText(m_desk, i))
            .endObject();
    }
    out.endArray();
    return {200, isAny ? out.take() : "null"};
}

WireAnswer InfoApi::maxBuilderFee(const Value &request)
{
    std::optional<std::size_t> account;
    return readUser(request, account) ? WireAnswer{200, "0"} : cannotDeserialize();
}

WireAnswer InfoApi::portfolio(const Value &request)
{
    std::optional<std::size_t> account;
    if (!readUser(request, account))
        return cannotDeserialize();
    JsonText out;
    out.array();
    for (const std::string_view span : {"day", "week", "month", "allTime", "perpDay", "perpWeek", "perpMonth",
                                        "perpAllTime"}) {
        out.array().text(span).object().key("accountValueHistory").array();
        if (account)
            out.array()
                .number(toMilliseconds(m_clock.now()))
                .text(numberText(equityOf(m_desk, *account).raw()))
                .endArray();
        out.endArray().key("pnlHistory").array().endArray();
        out.text("vlm", numberText(account ? m_desk.tradedVolume(*account).raw() : 0)).endObject().endArray();
    }
    out.endArray();
    return {200, out.take()};
}

std::string InfoApi::webData(std::size_t account) const
{
    const HyperliquidAccount &own = m_desk.options().accounts[account];
    JsonText out;
    out.object().key("userState").object().key("agentAddress");
    std::optional<Credentials::Agent> unnamed;
    for (const Credentials::Agent &agent : m_credentials.agentsOf(account))
        if (agent.name.empty())
            unnamed = agent;
    if (unnamed)
        out.text(unnamed->address);
    else
        out.raw("null");
    out.key("agentValidUntil");
    if (unnamed && unnamed->validUntil)
        out.number(toMilliseconds(*unnamed->validUntil));
    else
        out.raw("null");
    out.number("serverTime", toMilliseconds(m_clock.now()))
        .text("cumLedger", numberText(own.balance.raw()))
        .flag("isVault", false)
        .text("user", own.address)
        .text("abstraction", wireText(own.mode))
        .endObject();
    out.key("perpDexStates").array().object().text("totalVaultEquity", "0.0").endObject().endArray();
    out.endObject();
    return out.take();
}

} // namespace core::venue::hyperliquid
