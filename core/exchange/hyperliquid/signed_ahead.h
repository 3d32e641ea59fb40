#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/exchange/hyperliquid/nonce.h"
#include "core/exchange/hyperliquid/signer.h"

namespace core::exchange::hyperliquid
{

/// Who signs, and what every signature covers beside the order.
struct SigningTerms {
    const ActionSigner &signer; ///< outlives the call
    Network network{Network::Mainnet};
    std::optional<Address> vault{};
    Duration expiresAfter{std::chrono::seconds{8}};
};

/// Orders that may be needed at once, signed while nothing else is to be done: a signature takes longer than everything
/// else between a breach and the socket. An order is taken only as a whole, once, and while it is young: its nonce must
/// still stand among the 100 highest that the venue keeps, and its expiry must leave the usual time. Taking one makes all
/// others of its contract void: they were made for the same decision, or for the position before it. Pure; one thread.
/// Source: reference/hyperliquid.md 4.5.
class SignedAhead
{
public:
    struct Signed {
        WireOrder order;
        ActionValue action;
        ActionEnvelope envelope;
        std::string body;     ///< of POST /exchange
        UtcTime signedAt;     ///< venue's clock
        UtcTime expiresAt;
        std::uint64_t sentBefore{0};
        bool isVoid{false}; ///< waits to be thrown away; not on the way of an order
    };
    static constexpr std::size_t kKeptMost = 32;
    static constexpr Duration kReadyFor = std::chrono::seconds{3};
    static constexpr Duration kRenewAfter = std::chrono::milliseconds{1'500};
    static constexpr Duration kClockBackMost = std::chrono::seconds{1};
    static constexpr std::uint64_t kSentMost = 50; ///< actions sent since: half of the nonces that the venue keeps

    /// Replaces the earlier list; beyond `kKeptMost` the first ones. What is not in it any more is void at once.
    void want(std::vector<WireOrder> orders);
    /// Signs the first one that is missing or old; false when none is. `now`: the venue's clock; `sent`: actions sent with
    /// this key so far.
    bool signNext(const SigningTerms &terms, NonceSource &nonces, UtcTime now, std::uint64_t sent);
    /// The one that equals `order` in everything, if it is still good.
    [[nodiscard]] std::optional<Signed> take(const WireOrder &order, UtcTime now, std::uint64_t sent);
    [[nodiscard]] static bool isGood(const Signed &ready, UtcTime now, std::uint64_t sent);
    void clear();
    [[nodiscard]] std::size_t size() const; ///< of those that are not void

private:
    std::vector<WireOrder> m_wanted;
    std::vector<Signed> m_signed;
};

} // namespace core::exchange::hyperliquid
