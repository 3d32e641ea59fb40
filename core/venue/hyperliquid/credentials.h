#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/venue/hyperliquid/desk_records.h"
#include "core/venue/hyperliquid/options.h"

namespace core::venue::hyperliquid
{

/// Who may act for which account, and which nonces each key has used. Addresses are lower-case text. Refusals
/// are the venue's. One thread. Source: reference/hyperliquid.md sections 4.5, 4.6, 4.8.
class Credentials
{
public:
    struct Agent {
        std::string address;
        std::string name;
        std::optional<UtcTime> validUntil;
    };
    using Account = tl::expected<std::size_t, std::string>;

    explicit Credentials(const HyperliquidOptions &options);

    [[nodiscard]] std::optional<std::size_t> accountOf(std::string_view address) const;
    /// The account that an L1 action of this signer is for; `vault` empty: the signer's master.
    [[nodiscard]] Account actingFor(const std::string &signer, const std::string &vault, UtcTime now) const;
    /// User-signed actions are the signer's own.
    [[nodiscard]] Account ownerOf(const std::string &signer) const;

    /// `text` is the agent's name with its optional " valid_until <ms>"; the zero address removes that name.
    [[nodiscard]] Refusal approve(std::size_t master, const std::string &address, std::string_view text, UtcTime now);
    [[nodiscard]] const std::vector<Agent> &agentsOf(std::size_t master) const { return m_agents[master]; }
    /// Whose agent this is.
    [[nodiscard]] std::optional<std::size_t> masterOfAgent(std::string_view address, UtcTime now) const;

    /// Takes the nonce, or says why not.
    [[nodiscard]] Refusal useNonce(const std::string &signer, std::uint64_t nonce, UtcTime now);

private:
    static constexpr std::size_t kNoncesKept = 100;
    static constexpr std::size_t kNamedAgentsMax = 3;

    const HyperliquidOptions &m_options;
    std::vector<std::vector<Agent>> m_agents; ///< by account
    std::map<std::size_t, UtcTime> m_removals; ///< pending until
    std::set<std::string, std::less<>> m_usedAddresses;
    std::map<std::string, std::set<std::uint64_t>> m_nonces;
};

} // namespace core::venue::hyperliquid
