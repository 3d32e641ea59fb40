#include "core/exchange/hyperliquid/signer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "core/base/assert.h"
#include "core/exchange/hyperliquid/action_canonical.h"
#include "core/exchange/hyperliquid/msgpack.h"
#include "core/exchange/hyperliquid/signer_user_actions.h"

namespace core::exchange::hyperliquid
{

namespace
{
constexpr std::size_t kDigestBytes = std::tuple_size_v<Digest>;
constexpr std::uint8_t kRecoveryBase = 27;

struct ContextDeleter {
    void operator()(secp256k1_context *context) const { secp256k1_context_destroy(context); }
};

/// Bytes of a key; wiped whatever happens to them.
struct KeyBytes {
    std::array<std::uint8_t, 32> bytes{};
    KeyBytes() = default;
    KeyBytes(const KeyBytes &) = delete;
    KeyBytes &operator=(const KeyBytes &) = delete;
    ~KeyBytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

/// Blinds the multiplications with the key against an observer of time or power. Without fresh randomness the
/// signatures are the same, only unblinded.
void blind(secp256k1_context *context)
{
    KeyBytes seed;
    if (RAND_bytes(seed.bytes.data(), static_cast<int>(seed.bytes.size())) != 1)
        return;
    const int done = secp256k1_context_randomize(context, seed.bytes.data());
    CORE_ASSERT(done == 1, "Invariant: a context of secp256k1 takes a seed");
}

[[nodiscard]] Address addressOf(const secp256k1_context *context, const secp256k1_pubkey &key)
{
    std::array<std::uint8_t, 65> serialized{};
    std::size_t size = serialized.size();
    const int done = secp256k1_ec_pubkey_serialize(context, serialized.data(), &size, &key,
                                                   SECP256K1_EC_UNCOMPRESSED);
    CORE_ASSERT(done == 1 && size == serialized.size(), "Invariant: a public key serializes to 65 bytes");
    const Digest hash = keccak256(std::span(serialized).subspan(1)); // without the 0x04 in front
    std::array<std::uint8_t, Address::kBytes> bytes{};
    std::copy(hash.end() - static_cast<std::ptrdiff_t>(bytes.size()), hash.end(), bytes.begin());
    return Address::fromBytes(bytes);
}

void appendBigEndian(std::vector<std::uint8_t> &out, std::uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// "0x" and 1 to 64 digits; the venue takes them without leading zeros.
[[nodiscard]] bool readScalar(std::string_view text, Digest &out)
{
    if (!text.starts_with("0x") || text.size() < 3 || text.size() > 2 + 2 * kDigestBytes)
        return false;
    text.remove_prefix(2);
    std::string padded(2 * kDigestBytes - text.size(), '0');
    return readHex(padded.append(text), out);
}

/// The constant parts of a phantom agent's EIP-712 hash.
struct PhantomAgent {
    Digest domain = Keccak256()
                        .add(keccak256("EIP712Domain(string name,string version,uint256 chainId,"
                                       "address verifyingContract)"))
                        .add(keccak256("Exchange"))
                        .add(keccak256("1"))
                        .add(chainWord())
                        .add(Digest{})
                        .finish();
    Digest type = keccak256("Agent(string source,bytes32 connectionId)");
    Digest mainnet = keccak256("a");
    Digest testnet = keccak256("b");

    [[nodiscard]] static Digest chainWord()
    {
        Digest chainId{}; // 1337 on both networks
        chainId[30] = 0x05;
        chainId[31] = 0x39;
        return chainId;
    }
};
} // namespace

std::string Signature::rText() const
{
    return hexText(r);
}

std::string Signature::sText() const
{
    return hexText(s);
}

Result<Signature> parseSignature(std::string_view r, std::string_view s, std::uint64_t v)
{
    Signature signature;
    if (!readScalar(r, signature.r))
        return fail(ErrorCode::InvalidArgument, "signature.r: expects 0x and 1 to 64 hex digits");
    if (!readScalar(s, signature.s))
        return fail(ErrorCode::InvalidArgument, "signature.s: expects 0x and 1 to 64 hex digits");
    if (v != kRecoveryBase && v != kRecoveryBase + 1)
        return fail(ErrorCode::InvalidArgument, "signature.v: expects 27 or 28");
    signature.v = static_cast<std::uint8_t>(v);
    return signature;
}

Digest connectionId(const ActionValue &action, const ActionEnvelope &envelope)
{
    std::vector<std::uint8_t> bytes;
    bytes.reserve(512);
    appendMsgpack(bytes, action);
    appendBigEndian(bytes, envelope.nonce);
    bytes.push_back(envelope.vault ? 1 : 0);
    if (envelope.vault)
        bytes.insert(bytes.end(), envelope.vault->bytes().begin(), envelope.vault->bytes().end());
    if (envelope.expiresAfter) {
        bytes.push_back(0);
        appendBigEndian(bytes, *envelope.expiresAfter);
    }
    return keccak256(bytes);
}

Digest l1Digest(const Digest &connectionId, Network network)
{
    static const PhantomAgent kAgent;
    const Digest structHash = Keccak256()
                                  .add(kAgent.type)
                                  .add(network == Network::Mainnet ? kAgent.mainnet : kAgent.testnet)
                                  .add(connectionId)
                                  .finish();
    return Keccak256().add("\x19\x01").add(kAgent.domain).add(structHash).finish();
}

struct ActionSigner::Impl {
    KeyBytes key;
    std::unique_ptr<secp256k1_context, ContextDeleter> context;
};

ActionSigner::ActionSigner(std::unique_ptr<Impl> impl) : m_impl(std::move(impl))
{
    secp256k1_pubkey publicKey{};
    const int done =
        secp256k1_ec_pubkey_create(m_impl->context.get(), &publicKey, m_impl->key.bytes.data());
    CORE_ASSERT(done == 1, "Invariant: a verified key has a public key");
    m_address = addressOf(m_impl->context.get(), publicKey);
}

ActionSigner::~ActionSigner() = default;
ActionSigner::ActionSigner(ActionSigner &&) noexcept = default;
ActionSigner &ActionSigner::operator=(ActionSigner &&) noexcept = default;

Result<ActionSigner> ActionSigner::fromHex(std::string_view privateKey)
{
    auto impl = std::make_unique<Impl>();
    if (!readHex(privateKey, impl->key.bytes))
        return fail(ErrorCode::InvalidArgument,
                    "a private key of Hyperliquid is 64 hex digits, with or without 0x in front");
    impl->context.reset(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
    if (secp256k1_ec_seckey_verify(impl->context.get(), impl->key.bytes.data()) != 1)
        return fail(ErrorCode::InvalidArgument, "the number is outside the range of private keys");
    blind(impl->context.get());
    return ActionSigner(std::move(impl));
}

Signature ActionSigner::sign(const Digest &digest) const
{
    secp256k1_ecdsa_recoverable_signature raw{};
    const int done = secp256k1_ecdsa_sign_recoverable(m_impl->context.get(), &raw, digest.data(),
                                                      m_impl->key.bytes.data(), nullptr, nullptr);
    std::array<std::uint8_t, 2 * kDigestBytes> compact{};
    int recoveryId = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(m_impl->context.get(), compact.data(),
                                                            &recoveryId, &raw);
    // 2 and 3 need an r that exceeds the group's order, with a chance of 2^-127.
    CORE_ASSERT(done == 1 && (recoveryId == 0 || recoveryId == 1),
                "Invariant: a verified key signs any digest");
    Signature signature;
    std::copy_n(compact.begin(), kDigestBytes, signature.r.begin());
    std::copy_n(compact.begin() + static_cast<std::ptrdiff_t>(kDigestBytes), kDigestBytes,
                signature.s.begin());
    signature.v = static_cast<std::uint8_t>(kRecoveryBase + recoveryId);
    return signature;
}

L1Signature ActionSigner::signL1(const ActionValue &action, const ActionEnvelope &envelope,
                                 Network network) const
{
    L1Signature result;
    result.connectionId = hyperliquid::connectionId(action, envelope);
    result.signature = sign(l1Digest(result.connectionId, network));
    return result;
}

Result<Signature> ActionSigner::signUser(const ActionValue &action) const
{
    return hashUserAction(action).map([this](const UserActionHashes &hashes) { return sign(hashes.digest); });
}

std::string requestJson(const ActionValue &action, const ActionEnvelope &envelope, const Signature &signature)
{
    std::string body;
    body.reserve(512);
    body.append(R"({"action":)");
    appendJson(body, action);
    fmt::format_to(std::back_inserter(body), R"(,"nonce":{},"signature":{{"r":"{}","s":"{}","v":{}}})",
                   envelope.nonce, signature.rText(), signature.sText(), signature.v);
    if (envelope.vault)
        fmt::format_to(std::back_inserter(body), R"(,"vaultAddress":"{}")", envelope.vault->text());
    if (envelope.expiresAfter)
        fmt::format_to(std::back_inserter(body), R"(,"expiresAfter":{})", *envelope.expiresAfter);
    body.push_back('}');
    return body;
}

Result<Address> recoverSigner(const Digest &digest, const Signature &signature)
{
    const secp256k1_context *const context = secp256k1_context_static;
    std::array<std::uint8_t, 2 * kDigestBytes> compact{};
    std::copy(signature.r.begin(), signature.r.end(), compact.begin());
    std::copy(signature.s.begin(), signature.s.end(),
              compact.begin() + static_cast<std::ptrdiff_t>(kDigestBytes));
    secp256k1_ecdsa_recoverable_signature raw{};
    secp256k1_pubkey publicKey{};
    const bool known = signature.v == kRecoveryBase || signature.v == kRecoveryBase + 1;
    if (!known ||
        secp256k1_ecdsa_recoverable_signature_parse_compact(context, &raw, compact.data(),
                                                            signature.v - kRecoveryBase) != 1 ||
        secp256k1_ecdsa_recover(context, &publicKey, &raw, digest.data()) != 1)
        return fail(ErrorCode::Unauthorized, "Unable to recover signer.");
    return addressOf(context, publicKey);
}

Result<Address> recoverL1Signer(const ActionValue &posted, const ActionEnvelope &envelope, Network network,
                                const Signature &signature)
{
    const auto action = canonicalAction(posted);
    if (!action)
        return fail(action.error());
    return recoverSigner(l1Digest(connectionId(*action, envelope), network), signature);
}

Result<Address> recoverUserSigner(const ActionValue &posted, const Signature &signature)
{
    const auto hashes = hashUserAction(posted);
    if (!hashes)
        return fail(hashes.error());
    return recoverSigner(hashes->digest, signature);
}

} // namespace core::exchange::hyperliquid
