#include "core/exchange/binance/signer.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base/assert.h"

namespace core::exchange::binance
{

namespace
{
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kSeedHexDigits = 2 * kSeedBytes;
constexpr std::size_t kSeedBase64Digits = 44; ///< with one '=' at the end
constexpr std::size_t kSignatureBytes = 64;
constexpr std::string_view kPemStart = "-----BEGIN";

struct KeyDeleter {
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); } // wipes the private part
};
struct DigestDeleter {
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};
struct BioDeleter {
    void operator()(BIO *bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

/// Room for a decoded seed and the padding that base64 leaves; wiped.
struct SeedBytes {
    std::array<unsigned char, kSeedBytes + 4> bytes{};
    SeedBytes() = default;
    SeedBytes(const SeedBytes &) = delete;
    SeedBytes &operator=(const SeedBytes &) = delete;
    ~SeedBytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

[[nodiscard]] std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

[[nodiscard]] int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

[[nodiscard]] bool readHexSeed(std::string_view text, SeedBytes &seed)
{
    if (text.size() != kSeedHexDigits)
        return false;
    for (std::size_t i = 0; i < kSeedBytes; ++i) {
        const int high = hexDigit(text[2 * i]);
        const int low = hexDigit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        seed.bytes[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return true;
}

[[nodiscard]] bool readBase64Seed(std::string_view text, SeedBytes &seed)
{
    if (text.size() != kSeedBase64Digits || text.back() != '=' || text[text.size() - 2] == '=')
        return false;
    const int decoded = EVP_DecodeBlock(seed.bytes.data(), reinterpret_cast<const unsigned char *>(text.data()),
                                        static_cast<int>(text.size()));
    return decoded == static_cast<int>(kSeedBytes) + 1; // the padding counts as a byte
}

/// No pass phrase is ever asked for: a terminal prompt would hang an engine.
int noPassPhrase(char *, int, int, void *)
{
    return -1;
}

[[nodiscard]] Result<Key> keyOfPem(std::string_view pem)
{
    const std::unique_ptr<BIO, BioDeleter> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, &noPassPhrase, nullptr) : nullptr);
    ERR_clear_error(); // what OpenSSL noted about a bad file would surface in somebody's TLS error
    if (!key)
        return fail(ErrorCode::InvalidArgument,
                    "the PEM text is not a private key in PKCS#8 form without a pass phrase");
    const int type = EVP_PKEY_get_base_id(key.get());
    if (type == EVP_PKEY_RSA)
        return fail(ErrorCode::Unsupported, "this is an RSA key; create an Ed25519 or an HMAC key at the exchange instead");
    if (type != EVP_PKEY_ED25519)
        return fail(ErrorCode::Unsupported, "this private key is not an Ed25519 key");
    return key;
}

[[nodiscard]] Result<Key> keyOfText(std::string_view text)
{
    if (text.starts_with(kPemStart))
        return keyOfPem(text);
    SeedBytes seed;
    if (!readHexSeed(text, seed) && !readBase64Seed(text, seed))
        return fail(ErrorCode::InvalidArgument,
                    "an Ed25519 key is PEM text, or 32 bytes in base64 or as 64 hex digits");
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.bytes.data(), kSeedBytes));
    CORE_ASSERT(key != nullptr, "Invariant: any 32 bytes are an Ed25519 seed");
    return key;
}
} // namespace

struct Ed25519Signer::Impl {
    Key key;
};

Ed25519Signer::Ed25519Signer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Ed25519Signer::~Ed25519Signer() = default;
Ed25519Signer::Ed25519Signer(Ed25519Signer &&) noexcept = default;
Ed25519Signer &Ed25519Signer::operator=(Ed25519Signer &&) noexcept = default;

Result<Ed25519Signer> Ed25519Signer::fromKey(std::string_view key)
{
    auto parsed = keyOfText(trimmed(key));
    if (!parsed)
        return fail(parsed.error());
    auto impl = std::make_unique<Impl>();
    impl->key = std::move(*parsed);
    return Ed25519Signer(std::move(impl));
}

std::string Ed25519Signer::signature(std::string_view payload) const
{
    const std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
    std::array<unsigned char, kSignatureBytes> bytes{};
    std::size_t size = bytes.size();
    const bool done =
        context != nullptr &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_impl->key.get()) == 1 &&
        EVP_DigestSign(context.get(), bytes.data(), &size,
                       reinterpret_cast<const unsigned char *>(payload.data()), payload.size()) == 1;
    CORE_ASSERT(done && size == bytes.size(), "Invariant: Ed25519 signs any bytes");
    std::array<unsigned char, kSignatureBytes / 3 * 4 + 5> text{};
    const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {reinterpret_cast<const char *>(text.data()), static_cast<std::size_t>(length)};
}

std::string_view name(KeyType type)
{
    return type == KeyType::Hmac ? "hmac" : "ed25519";
}

Result<KeyType> parseKeyType(std::string_view text)
{
    for (const KeyType type : {KeyType::Hmac, KeyType::Ed25519}) {
        if (name(type) == text)
            return type;
    }
    if (text == "rsa")
        return fail(ErrorCode::Unsupported, "RSA keys are not supported; use hmac or ed25519");
    return fail(ErrorCode::InvalidArgument, "the key type must be hmac or ed25519");
}

Result<Signer> Signer::make(KeyType type, std::string_view secret)
{
    if (type == KeyType::Ed25519)
        return Ed25519Signer::fromKey(secret).map([](Ed25519Signer &&signer) { return Signer(std::move(signer)); });
    if (secret.empty())
        return fail(ErrorCode::InvalidArgument, "the HMAC secret is empty");
    if (trimmed(secret).starts_with(kPemStart))
        return fail(ErrorCode::InvalidArgument,
                    "this is a private key in PEM form, not an HMAC secret; set the key type to ed25519");
    return Signer(HmacSigner(secret));
}

std::string Signer::signature(std::string_view payload) const
{
    return std::visit([payload](const auto &signer) { return signer.signature(payload); }, m_signer);
}

void Signer::sign(std::string &query) const
{
    if (const auto *const hmac = std::get_if<HmacSigner>(&m_signer))
        return hmac->sign(query); // hex needs no encoding
    const std::string text = signature(query);
    appendParameter(query, "signature", text);
}

std::string webSocketPayload(std::vector<std::pair<std::string, std::string>> parameters)
{
    std::sort(parameters.begin(), parameters.end());
    std::string payload;
    for (const auto &[name, value] : parameters) {
        if (name == "signature")
            continue;
        if (!payload.empty())
            payload.push_back('&');
        payload.append(name).append(1, '=').append(value);
    }
    return payload;
}

} // namespace core::exchange::binance
