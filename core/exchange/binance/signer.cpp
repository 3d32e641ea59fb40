#include "core/exchange/binance/signer.h"

#include <array>
#include <cstddef>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/base/assert.h"

namespace core::exchange::binance
{

namespace
{
constexpr std::size_t kDigestBytes = 32;

[[nodiscard]] constexpr bool isUnreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

void appendPercentEncoded(std::string &out, std::string_view value)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (isUnreserved(byte)) {
            out.push_back(c);
            continue;
        }
        out.push_back('%');
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 0x0FU]);
    }
}

struct MacDeleter {
    void operator()(EVP_MAC *mac) const { EVP_MAC_free(mac); }
};
/// Freeing the context cleanses the key inside it (OpenSSL's HMAC provider does so).
struct MacContextDeleter {
    void operator()(EVP_MAC_CTX *context) const { EVP_MAC_CTX_free(context); }
};
} // namespace

void appendParameter(std::string &query, std::string_view name, std::string_view value)
{
    if (!query.empty())
        query.push_back('&');
    query.append(name);
    query.push_back('=');
    appendPercentEncoded(query, value);
}

std::string percentEncoded(std::string_view value)
{
    std::string out;
    out.reserve(value.size() + value.size() / 2);
    appendPercentEncoded(out, value);
    return out;
}

/// Only OpenSSL's context holds the key: there is no second copy of ours that could be forgotten.
struct HmacSigner::Impl {
    std::unique_ptr<EVP_MAC, MacDeleter> mac;
    std::unique_ptr<EVP_MAC_CTX, MacContextDeleter> context;

    [[nodiscard]] std::array<char, 2 * kDigestBytes> hex(std::string_view payload) const
    {
        std::array<unsigned char, kDigestBytes> digest{};
        std::size_t written = 0;
        // A null key restarts from the prepared key state: the two key blocks are hashed once, not per
        // request.
        const bool done =
            EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1 &&
            EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char *>(payload.data()),
                           payload.size()) == 1 &&
            EVP_MAC_final(context.get(), digest.data(), &written, digest.size()) == 1;
        CORE_ASSERT(done && written == kDigestBytes,
                    "Invariant: HMAC-SHA256 of a prepared context cannot fail");
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::array<char, 2 * kDigestBytes> text{};
        for (std::size_t i = 0; i < kDigestBytes; ++i) {
            text[2 * i] = kDigits[digest[i] >> 4U];
            text[2 * i + 1] = kDigits[digest[i] & 0x0FU];
        }
        return text;
    }
};

HmacSigner::HmacSigner(std::string_view secret) : m_impl(std::make_unique<Impl>())
{
    m_impl->mac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    CORE_ASSERT(m_impl->mac != nullptr, "Invariant: OpenSSL offers HMAC");
    m_impl->context.reset(EVP_MAC_CTX_new(m_impl->mac.get()));
    std::array<char, 7> digestName{"SHA256"};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digestName.data(), 0),
        OSSL_PARAM_construct_end()};
    // An empty view may carry a null pointer, which OpenSSL would read as "keep the old key".
    const char *const key = secret.empty() ? "" : secret.data();
    const int ready = EVP_MAC_init(m_impl->context.get(), reinterpret_cast<const unsigned char *>(key),
                                   secret.size(), parameters.data());
    CORE_ASSERT(ready == 1, "Invariant: OpenSSL prepares HMAC-SHA256");
}

HmacSigner::~HmacSigner() = default;
HmacSigner::HmacSigner(HmacSigner &&) noexcept = default;
HmacSigner &HmacSigner::operator=(HmacSigner &&) noexcept = default;

std::string HmacSigner::signature(std::string_view payload) const
{
    const auto text = m_impl->hex(payload);
    return {text.data(), text.size()};
}

void HmacSigner::sign(std::string &query) const
{
    const auto text = m_impl->hex(query);
    query.append(query.empty() ? "signature=" : "&signature=");
    query.append(text.data(), text.size());
}

} // namespace core::exchange::binance
