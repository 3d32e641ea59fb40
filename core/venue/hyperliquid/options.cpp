#include "core/venue/hyperliquid/options.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/venue/scenario_random.h"

namespace core::venue::hyperliquid
{

namespace
{
[[nodiscard]] Money dollars(std::int64_t whole)
{
    return Money::fromRaw(whole * kDecimalOne);
}

[[nodiscard]] tl::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorCode::InvalidArgument, std::move(detail));
}

[[nodiscard]] std::string keyText(ScenarioRandom &random)
{
    std::string text = "0x";
    for (int word = 0; word < 4; ++word)
        text += fmt::format("{:016x}", random.next());
    return text;
}

/// A random 256-bit number is a valid key but for one in 2^128.
[[nodiscard]] std::string addressOf(const std::string &key)
{
    const auto signer = exchange::hyperliquid::ActionSigner::fromHex(key);
    CORE_ASSERT(signer.has_value(), "Invariant: a generated key is a key");
    return signer->address().text();
}

[[nodiscard]] bool isAddress(const std::string &text)
{
    const auto parsed = exchange::hyperliquid::Address::parse(text);
    return parsed && parsed->text() == text;
}

[[nodiscard]] Result<void> checkCoin(const CoinOptions &coin, const std::string &where)
{
    if (coin.name.empty() || !Symbol::from(coin.name))
        return bad(where + ".name: must be 1 to 40 characters");
    if (coin.szDecimals < 0 || coin.szDecimals > 5)
        return bad(where + ".szDecimals: must be 0 to 5");
    if (coin.maxLeverage < 1 || coin.maxLeverage > 125)
        return bad(where + ".maxLeverage: must be 1 to 125");
    if (!coin.isDelisted && !coin.startPrice.isPositive())
        return bad(where + ".startPrice: must be above 0");
    Money floor;
    for (std::size_t i = 0; i < coin.tiers.size(); ++i) {
        const CoinOptions::Tier &tier = coin.tiers[i];
        if (i == 0 ? !tier.lowerBound.isZero() : tier.lowerBound <= floor)
            return bad(where + ".tiers: must start at 0 and ascend");
        if (tier.maxLeverage < 1 || tier.maxLeverage > coin.maxLeverage)
            return bad(where + ".tiers: leverage must be 1 to maxLeverage");
        floor = tier.lowerBound;
    }
    return {};
}
} // namespace

std::string_view wireText(AccountMode mode)
{
    switch (mode) {
    case AccountMode::Standard:
        return "disabled";
    case AccountMode::Unified:
        return "unifiedAccount";
    case AccountMode::PortfolioMargin:
        return "portfolioMargin";
    case AccountMode::Default:
        return "default";
    case AccountMode::DexAbstraction:
        return "dexAbstraction";
    }
    return "default";
}

std::vector<TestAccount> testAccounts(std::uint64_t seed, std::size_t count)
{
    ScenarioRandom random(seed ^ 0x68797065726C6971ULL);
    std::vector<TestAccount> made;
    for (std::size_t i = 0; i < count; ++i) {
        TestAccount account;
        account.masterKey = keyText(random);
        account.agentKey = keyText(random);
        account.masterAddress = addressOf(account.masterKey);
        account.agentAddress = addressOf(account.agentKey);
        account.accountAddress = account.masterAddress;
        made.push_back(std::move(account));
    }
    return made;
}

std::vector<CoinOptions> typicalCoins()
{
    const auto coin = [](std::string name, int szDecimals, int leverage, int table, std::string_view start) {
        CoinOptions made;
        made.name = std::move(name);
        made.szDecimals = szDecimals;
        made.maxLeverage = leverage;
        made.marginTableId = table;
        made.startPrice = parsePrice(start).value_or(Price{});
        return made;
    };
    std::vector<CoinOptions> coins{coin("BTC", 5, 40, 56, "83768"),  coin("ETH", 4, 25, 55, "3012.5"),
                                   coin("MATIC", 1, 20, 20, "0"),    coin("SOL", 2, 20, 54, "142.35"),
                                   coin("DOGE", 0, 10, 52, "0.1423"), coin("HYPE", 2, 10, 52, "41.237")};
    coins[0].tiers = {{dollars(0), 40}, {dollars(150'000'000), 20}};
    coins[1].tiers = {{dollars(0), 25}, {dollars(100'000'000), 15}};
    coins[2].isDelisted = true;
    coins[3].tiers = {{dollars(0), 20}, {dollars(70'000'000), 10}};
    coins[4].tiers = {{dollars(0), 10}, {dollars(20'000'000), 5}};
    coins[5].tiers = coins[4].tiers;
    return coins;
}

HyperliquidOptions typicalOptions(std::uint64_t seed, std::size_t accountCount)
{
    HyperliquidOptions options;
    options.seed = seed;
    options.coins = typicalCoins();
    for (const TestAccount &test : testAccounts(seed, accountCount)) {
        HyperliquidAccount account;
        account.address = test.accountAddress;
        account.balance = dollars(10'000);
        account.agents.push_back({test.agentAddress, "etrms", std::nullopt});
        options.accounts.push_back(std::move(account));
    }
    return options;
}

Result<void> validate(const HyperliquidOptions &options)
{
    if (const auto checked = venue::validate(options.faultPlan); !checked)
        return fail(checked.error().in("faultPlan"));
    if (std::none_of(options.coins.begin(), options.coins.end(),
                     [](const CoinOptions &coin) { return !coin.isDelisted; }))
        return bad("coins: at least one that trades is needed");
    std::set<std::string> names;
    for (std::size_t i = 0; i < options.coins.size(); ++i) {
        const std::string where = fmt::format("coins[{}]", i);
        if (const auto checked = checkCoin(options.coins[i], where); !checked)
            return checked;
        if (!names.insert(options.coins[i].name).second)
            return bad(where + ".name: is there twice");
    }
    std::set<std::string> addresses;
    for (std::size_t i = 0; i < options.accounts.size(); ++i) {
        const HyperliquidAccount &account = options.accounts[i];
        const std::string where = fmt::format("accounts[{}]", i);
        if (!isAddress(account.address))
            return bad(where + ".address: must be 0x and 40 lower-case hex digits");
        if (!addresses.insert(account.address).second)
            return bad(where + ".address: is there twice");
        if (!account.balance.isPositive())
            return bad(where + ".balance: must be above 0");
        for (const AgentOptions &agent : account.agents)
            if (!isAddress(agent.address) || !addresses.insert(agent.address).second)
                return bad(where + ".agents: addresses must be lower-case hex and unique");
    }
    for (std::size_t i = 0; i < options.accounts.size(); ++i)
        if (const std::string &master = options.accounts[i].master;
            !master.empty() && std::none_of(options.accounts.begin(), options.accounts.end(),
                                            [&](const auto &other) { return other.address == master; }))
            return bad(fmt::format("accounts[{}].master: is not among the accounts", i));
    if (options.weightPerMinute < 1)
        return bad("weightPerMinute: must be at least 1");
    if (options.httpPort != 0 && options.httpPort == options.webSocketPort)
        return bad("webSocketPort: must differ from httpPort");
    return {};
}

} // namespace core::venue::hyperliquid
