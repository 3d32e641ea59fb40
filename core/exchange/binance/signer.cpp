#include "core/exchange/binance/signer.h"

#include <algorithm>
#include <array>
#include <cstddef>

// SHA-256 without OpenSSL's providers: an order that is signed cold must not wait for what they look up and allocate.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

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

using KeyBlock = std::array<unsigned char, SHA256_CBLOCK>;

/// The hash after the key's block, combined with `pad` (RFC 2104).
[[nodiscard]] SHA256_CTX startedWith(const KeyBlock &key, unsigned char pad)
{
    KeyBlock block{};
    for (std::size_t i = 0; i < block.size(); ++i)
        block[i] = static_cast<unsigned char>(key[i] ^ pad);
    SHA256_CTX state{};
    const bool done = SHA256_Init(&state) == 1 && SHA256_Update(&state, block.data(), block.size()) == 1;
    CORE_ASSERT(done, "Invariant: SHA-256 cannot fail");
    OPENSSL_cleanse(block.data(), block.size());
    return state;
}
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

/// HMAC-SHA256 with the two blocks that hold the key hashed once, not per request. Not the key itself, but enough to sign
/// with: wiped at the end.
struct HmacSigner::Impl {
    SHA256_CTX inner{};
    SHA256_CTX outer{};

    Impl() = default;
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;
    ~Impl()
    {
        OPENSSL_cleanse(&inner, sizeof inner);
        OPENSSL_cleanse(&outer, sizeof outer);
    }

    [[nodiscard]] std::array<char, 2 * kDigestBytes> hex(std::string_view payload) const
    {
        std::array<unsigned char, kDigestBytes> digest{};
        SHA256_CTX state = inner;
        bool done = SHA256_Update(&state, payload.data(), payload.size()) == 1 && SHA256_Final(digest.data(), &state) == 1;
        state = outer;
        done = done && SHA256_Update(&state, digest.data(), digest.size()) == 1 && SHA256_Final(digest.data(), &state) == 1;
        CORE_ASSERT(done, "Invariant: SHA-256 cannot fail");
        OPENSSL_cleanse(&state, sizeof state);
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
    KeyBlock key{};
    if (secret.size() <= key.size())
        std::copy(secret.begin(), secret.end(), key.begin());
    else
        SHA256(reinterpret_cast<const unsigned char *>(secret.data()), secret.size(), key.data());
    m_impl->inner = startedWith(key, 0x36);
    m_impl->outer = startedWith(key, 0x5C);
    OPENSSL_cleanse(key.data(), key.size());
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
