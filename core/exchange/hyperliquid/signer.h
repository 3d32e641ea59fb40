#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/exchange/hyperliquid/action.h"
#include "core/exchange/hyperliquid/keccak.h"

namespace core::exchange::hyperliquid
{

/// ECDSA on secp256k1 with s ≤ n/2 and v 27 or 28. Texts are "0x" and 64 digits.
struct Signature {
    Digest r{};
    Digest s{};
    std::uint8_t v{27};

    [[nodiscard]] std::string rText() const;
    [[nodiscard]] std::string sText() const;
    friend bool operator==(const Signature &, const Signature &) = default;
};
/// "0x" and 1 to 64 digits each (leading zeros may be missing), v 27 or 28. InvalidArgument names the part.
[[nodiscard]] Result<Signature> parseSignature(std::string_view r, std::string_view s, std::uint64_t v);

/// What an L1 signature covers beside the action. Posted and signed values must be the same.
struct ActionEnvelope {
    std::uint64_t nonce{0};
    std::optional<Address> vault{};             ///< vault or sub-account that the action is for
    std::optional<std::uint64_t> expiresAfter{}; ///< ms; the venue refuses the action afterwards
};

/// keccak256 of action ‖ nonce ‖ vault ‖ expiresAfter. Source: section 4.2.
[[nodiscard]] Digest connectionId(const ActionValue &action, const ActionEnvelope &envelope);
/// The EIP-712 digest of the phantom agent: what is signed for an L1 action.
[[nodiscard]] Digest l1Digest(const Digest &connectionId, Network network);

struct L1Signature {
    Digest connectionId{};
    Signature signature{};
};

/// One private key of Hyperliquid (an agent's, for trading). The key is wiped on destruction, is never copied and
/// cannot be printed. Signatures are deterministic (RFC 6979). One thread at a time. Source: sections 4.1 to 4.7.
class ActionSigner
{
public:
    /// 64 hex digits, with or without "0x". InvalidArgument, which never repeats the text, on anything that is no key.
    [[nodiscard]] static Result<ActionSigner> fromHex(std::string_view privateKey);
    ~ActionSigner();
    ActionSigner(ActionSigner &&) noexcept;
    ActionSigner &operator=(ActionSigner &&) noexcept;

    [[nodiscard]] const Address &address() const { return m_address; }
    [[nodiscard]] Signature sign(const Digest &digest) const;
    /// Orders, cancels, leverage: everything that an agent may do.
    [[nodiscard]] L1Signature signL1(const ActionValue &action, const ActionEnvelope &envelope, Network network) const;
    /// Actions of table 4.7 (see signer_user_actions.h). InvalidArgument names the missing or wrong field.
    [[nodiscard]] Result<Signature> signUser(const ActionValue &action) const;

private:
    struct Impl;
    explicit ActionSigner(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> m_impl;
    Address m_address;
};

/// The body of POST /exchange.
[[nodiscard]] std::string requestJson(const ActionValue &action, const ActionEnvelope &envelope,
                                      const Signature &signature);

/// Whose signature it is. Any well-formed signature names somebody: a wrong digest names a stranger. Unauthorized when
/// nobody can be named.
[[nodiscard]] Result<Address> recoverSigner(const Digest &digest, const Signature &signature);
/// The same from what was posted: the action is made canonical first, as the venue does (`canonicalAction`).
[[nodiscard]] Result<Address> recoverL1Signer(const ActionValue &posted, const ActionEnvelope &envelope,
                                              Network network, const Signature &signature);
[[nodiscard]] Result<Address> recoverUserSigner(const ActionValue &posted, const Signature &signature);

} // namespace core::exchange::hyperliquid
