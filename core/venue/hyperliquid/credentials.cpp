#include "core/venue/hyperliquid/credentials.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/venue/request_time.h"

namespace core::venue::hyperliquid
{

namespace
{
constexpr std::string_view kZeroAddress = "0x0000000000000000000000000000000000000000";
constexpr std::string_view kValidUntil = " valid_until ";
constexpr Duration kRemovalTakes = std::chrono::seconds{5};

[[nodiscard]] bool isAlive(const Credentials::Agent &agent, UtcTime now)
{
    return !agent.validUntil || now < *agent.validUntil;
}

/// False when the suffix is there and wrong.
[[nodiscard]] bool splitName(std::string_view text, Credentials::Agent &agent)
{
    const std::size_t at = text.find(kValidUntil);
    agent.name = text.substr(0, at);
    if (at == std::string_view::npos)
        return agent.name.size() <= 16;
    const std::string_view digits = text.substr(at + kValidUntil.size());
    std::int64_t milliseconds = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), milliseconds);
    if (error != std::errc() || end != digits.data() + digits.size())
        return false;
    agent.validUntil = requestTime(milliseconds);
    return agent.name.size() <= 16;
}
} // namespace

Credentials::Credentials(const HyperliquidOptions &options) : m_options(options), m_agents(options.accounts.size())
{
    for (std::size_t i = 0; i < options.accounts.size(); ++i)
        for (const AgentOptions &agent : options.accounts[i].agents) {
            m_agents[i].push_back({agent.address, agent.name, agent.validUntil});
            m_usedAddresses.insert(agent.address);
        }
}

std::optional<std::size_t> Credentials::accountOf(std::string_view address) const
{
    for (std::size_t i = 0; i < m_options.accounts.size(); ++i)
        if (m_options.accounts[i].address == address)
            return i;
    return std::nullopt;
}

std::optional<std::size_t> Credentials::masterOfAgent(std::string_view address, UtcTime now) const
{
    for (std::size_t i = 0; i < m_agents.size(); ++i)
        for (const Agent &agent : m_agents[i])
            if (agent.address == address && isAlive(agent, now))
                return i;
    return std::nullopt;
}

Credentials::Account Credentials::ownerOf(const std::string &signer) const
{
    if (const auto account = accountOf(signer); account && m_options.accounts[*account].master.empty())
        return *account;
    return tl::unexpected(fmt::format("Must deposit before performing actions. User: {}", signer));
}

Credentials::Account Credentials::actingFor(const std::string &signer, const std::string &vault, UtcTime now) const
{
    auto master = accountOf(signer);
    if (!master)
        master = masterOfAgent(signer, now);
    if (!master)
        return tl::unexpected(fmt::format("User or API Wallet {} does not exist.", signer));
    if (vault.empty())
        return *master;
    const auto sub = accountOf(vault);
    if (!sub || m_options.accounts[*sub].master != m_options.accounts[*master].address)
        return tl::unexpected(fmt::format("Vault not registered: {}", vault));
    return *sub;
}

Refusal Credentials::approve(std::size_t master, const std::string &address, std::string_view text, UtcTime now)
{
    if (const auto pending = m_removals.find(master); pending != m_removals.end() && now < pending->second)
        return "User has pending agent removal";
    Agent made;
    made.address = address;
    if (!splitName(text, made))
        return "Invalid agent name.";
    if (made.validUntil && *made.validUntil > now + std::chrono::days{180})
        return "Invalid agent name.";
    std::vector<Agent> &agents = m_agents[master];
    if (address == kZeroAddress) {
        if (std::erase_if(agents, [&](const Agent &agent) { return agent.name == made.name; }) > 0)
            m_removals[master] = now + kRemovalTakes;
        return std::nullopt;
    }
    if (m_usedAddresses.contains(address) || accountOf(address))
        return "Extra agent already used.";
    const auto named = std::count_if(agents.begin(), agents.end(), [&](const Agent &agent) {
        return !agent.name.empty() && agent.name != made.name && isAlive(agent, now);
    });
    if (!made.name.empty() && static_cast<std::size_t>(named) >= kNamedAgentsMax)
        return fmt::format("Too many extra agents for cumulative volume traded. Current limit is {}",
                           kNamedAgentsMax);
    std::erase_if(agents, [&](const Agent &agent) { return agent.name == made.name; });
    agents.push_back(std::move(made));
    m_usedAddresses.insert(address);
    return std::nullopt;
}

Refusal Credentials::useNonce(const std::string &signer, std::uint64_t nonce, UtcTime now)
{
    const std::int64_t time = toMilliseconds(now);
    const auto lowest = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time - 2 * 86'400'000LL));
    const auto highest = static_cast<std::uint64_t>(time + 86'400'000LL);
    if (nonce <= lowest)
        return fmt::format("Invalid nonce: nonce too low {} < {}", nonce, lowest);
    if (nonce >= highest)
        return fmt::format("Invalid nonce: nonce too high {} > {}", nonce, highest);
    std::set<std::uint64_t> &used = m_nonces[signer];
    if (used.contains(nonce))
        return fmt::format("Invalid nonce: duplicate nonce {}", nonce);
    if (used.size() >= kNoncesKept && nonce < *used.begin())
        return fmt::format("Invalid nonce: nonce too low {} < {}", nonce, *used.begin());
    used.insert(nonce);
    if (used.size() > kNoncesKept)
        used.erase(used.begin());
    return std::nullopt;
}

} // namespace core::venue::hyperliquid
