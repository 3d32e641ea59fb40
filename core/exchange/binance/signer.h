#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace core::exchange::binance
{

/// `name=value` appended to `query` with '&' where needed; value percent-encoded as UTF-8 (unreserved characters
/// stay, space is %20). What is appended is exactly what is signed and sent.
void appendParameter(std::string &query, std::string_view name, std::string_view value);
[[nodiscard]] std::string percentEncoded(std::string_view value);

/// HMAC-SHA256 over the query bytes, lower-case hex. Keeps one prepared context per key; the secret is wiped on destruction
/// and cannot be printed. Not copyable; one thread. Source: reference/binance-usdm.md section 2.
class HmacSigner
{
public:
    explicit HmacSigner(std::string_view secret);
    ~HmacSigner();
    HmacSigner(HmacSigner &&) noexcept;
    HmacSigner &operator=(HmacSigner &&) noexcept;

    [[nodiscard]] std::string signature(std::string_view payload) const;
    /// Appends "&signature=…" as the last parameter, without allocating beyond the growth of `query`.
    void sign(std::string &query) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Ed25519 over the query bytes, base64 in one line. The key lives inside OpenSSL, which wipes it; it cannot be printed.
/// Not copyable; one thread. Source: reference/binance-usdm.md section 2.4.
class Ed25519Signer
{
public:
    /// A PKCS#8 key as PEM, or its 32-byte seed in base64 or as 64 hex digits. Unsupported for an RSA or another kind of
    /// key, InvalidArgument for what is no key; neither repeats the text.
    [[nodiscard]] static Result<Ed25519Signer> fromKey(std::string_view key);
    ~Ed25519Signer();
    Ed25519Signer(Ed25519Signer &&) noexcept;
    Ed25519Signer &operator=(Ed25519Signer &&) noexcept;

    /// Not percent-encoded.
    [[nodiscard]] std::string signature(std::string_view payload) const;

private:
    struct Impl;
    explicit Ed25519Signer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// How requests are signed. It cannot be told from the API key, so the user says it.
enum class KeyType { Hmac, Ed25519 };
[[nodiscard]] std::string_view name(KeyType type); ///< "hmac", "ed25519"
[[nodiscard]] Result<KeyType> parseKeyType(std::string_view text);

/// A signer of either type. Not copyable; one thread.
class Signer
{
public:
    /// InvalidArgument or Unsupported, never with the secret in it: an empty secret, a private key file given as an HMAC
    /// secret, a key of another kind.
    [[nodiscard]] static Result<Signer> make(KeyType type, std::string_view secret);

    /// As it stands in WebSocket requests: lower-case hex or base64, not percent-encoded.
    [[nodiscard]] std::string signature(std::string_view payload) const;
    /// Appends "&signature=…", percent-encoded, as the last parameter.
    void sign(std::string &query) const;

private:
    explicit Signer(std::variant<HmacSigner, Ed25519Signer> signer) : m_signer(std::move(signer)) {}

    std::variant<HmacSigner, Ed25519Signer> m_signer;
};

/// What is signed for the WebSocket API: all parameters but `signature`, sorted by name, raw. Source: section 2.6.
[[nodiscard]] std::string webSocketPayload(std::vector<std::pair<std::string, std::string>> parameters);

} // namespace core::exchange::binance
