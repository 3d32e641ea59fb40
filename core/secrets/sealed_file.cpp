#include "core/secrets/sealed_file.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace core::secrets
{

namespace
{
// magic 8 · version 1 · logN 1 · r 1 · p 1 · salt 16 · nonce 12 · cipher text · tag 16
constexpr std::string_view kMagic = "ETRMSEAL";
constexpr unsigned char kVersion = 1;
constexpr unsigned char kBlockSize = 8;
constexpr unsigned char kParallel = 1;
constexpr std::size_t kCostAt = 9;
constexpr std::size_t kSaltAt = 12;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kNonceAt = kSaltAt + kSaltSize;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kHeaderSize = kNonceAt + kNonceSize;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kFileBytesMax = 1U << 20U;

/// Bytes that are wiped when they go.
class Buffer
{
public:
    explicit Buffer(std::size_t size) : m_bytes(size) {}
    ~Buffer() { OPENSSL_cleanse(m_bytes.data(), m_bytes.size()); }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    [[nodiscard]] unsigned char *data() { return m_bytes.data(); }
    [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
    [[nodiscard]] std::string_view view() const
    {
        return {reinterpret_cast<const char *>(m_bytes.data()), m_bytes.size()};
    }

private:
    std::vector<unsigned char> m_bytes;
};

struct CipherFree {
    void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

const unsigned char *bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

tl::unexpected<Error> notOpened()
{
    return fail(ErrorCode::Unauthorized,
                "the sealed key file does not open: wrong passphrase, another machine, or a damaged file");
}

tl::unexpected<Error> broken()
{
    return fail(ErrorCode::Unavailable, "the cryptographic library refused to work");
}

Result<net::Secret> derive(const net::Secret &passphrase, std::string_view salt, std::string_view machine, int logN)
{
    std::string bound(salt);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    const std::string named = "etrms sealed file\n" + std::string(machine);
    SHA256(bytesOf(named), named.size(), digest.data());
    bound.append(reinterpret_cast<const char *>(digest.data()), digest.size());
    const std::uint64_t rounds = std::uint64_t{1} << logN;
    const std::uint64_t memory = 128 * kBlockSize * (rounds + 64);
    Buffer key(kKeySize);
    const std::string_view secret = passphrase.expose();
    if (EVP_PBE_scrypt(secret.data(), secret.size(), bytesOf(bound), bound.size(), rounds, kBlockSize, kParallel,
                       memory, key.data(), key.size()) != 1)
        return broken();
    return net::Secret(key.view());
}

void putCount(std::vector<unsigned char> &out, std::size_t count)
{
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        out.push_back(static_cast<unsigned char>(count >> shift));
}

/// Count, then length-prefixed name and bytes of each entry.
void pack(const SealedEntries &entries, std::vector<unsigned char> &out)
{
    std::size_t size = 4;
    for (const auto &[name, secret] : entries)
        size += 8 + name.size() + secret.expose().size();
    out.reserve(size); // no reallocation leaves a copy behind
    putCount(out, entries.size());
    for (const auto &[name, secret] : entries) {
        for (const std::string_view part : {std::string_view(name), secret.expose()}) {
            putCount(out, part.size());
            out.insert(out.end(), part.begin(), part.end());
        }
    }
}

std::optional<std::string_view> takePart(std::string_view &rest)
{
    if (rest.size() < 4)
        return std::nullopt;
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i)
        size = size << 8U | static_cast<unsigned char>(rest[i]);
    rest.remove_prefix(4);
    if (size > rest.size())
        return std::nullopt;
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
}

Result<SealedEntries> unpack(std::string_view plain)
{
    if (plain.size() < 4)
        return notOpened();
    plain.remove_prefix(4); // the count is implied by the bytes
    SealedEntries entries;
    while (!plain.empty()) {
        const auto name = takePart(plain);
        const auto secret = name ? takePart(plain) : std::nullopt;
        if (!secret)
            return notOpened();
        entries.insert_or_assign(std::string(*name), net::Secret(*secret));
    }
    return entries;
}

/// The header is what this version writes, and dear enough.
bool isHeaderSound(std::string_view bytes)
{
    if (bytes.size() < kHeaderSize + kTagSize || bytes.size() > kFileBytesMax || !bytes.starts_with(kMagic))
        return false;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    return at(kMagic.size()) == kVersion && at(kCostAt) >= ScryptCost::kLogNMin && at(kCostAt) <= ScryptCost::kLogNMax &&
           at(kCostAt + 1) == kBlockSize && at(kCostAt + 2) == kParallel;
}
} // namespace

Result<SealingKey> newSealingKey(const net::Secret &passphrase, std::string_view machine, ScryptCost cost)
{
    if (passphrase.expose().size() < 8)
        return fail(ErrorCode::InvalidArgument, "passphrase: at least 8 characters are needed");
    if (cost.logN < ScryptCost::kLogNMin || cost.logN > ScryptCost::kLogNMax)
        return fail(ErrorCode::InvalidArgument, "scrypt cost: between 2^15 and 2^20");
    SealingKey result{.salt = std::string(kSaltSize, '\0'), .logN = cost.logN, .key = net::Secret()};
    if (RAND_bytes(reinterpret_cast<unsigned char *>(result.salt.data()), kSaltSize) != 1)
        return broken();
    auto key = derive(passphrase, result.salt, machine, cost.logN);
    if (!key)
        return fail(std::move(key.error()));
    result.key = std::move(*key);
    return result;
}

Result<SealingKey> sealingKeyOf(std::string_view bytes, const net::Secret &passphrase, std::string_view machine)
{
    if (!isHeaderSound(bytes))
        return notOpened();
    SealingKey result{.salt = std::string(bytes.substr(kSaltAt, kSaltSize)),
                      .logN = static_cast<unsigned char>(bytes[kCostAt]),
                      .key = net::Secret()};
    auto key = derive(passphrase, result.salt, machine, result.logN);
    if (!key)
        return fail(std::move(key.error()));
    result.key = std::move(*key);
    return result;
}

Result<std::string> seal(const SealedEntries &entries, const SealingKey &key)
{
    std::string out(kMagic);
    for (const int value : {int{kVersion}, key.logN, int{kBlockSize}, int{kParallel}})
        out.push_back(static_cast<char>(value));
    out += key.salt;
    std::array<unsigned char, kNonceSize> nonce{};
    if (RAND_bytes(nonce.data(), kNonceSize) != 1)
        return broken();
    out.append(reinterpret_cast<const char *>(nonce.data()), nonce.size());

    std::vector<unsigned char> plain;
    pack(entries, plain);
    std::vector<unsigned char> sealed(plain.size());
    std::array<unsigned char, kTagSize> tag{};
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    const bool ok =
        cipher &&
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key.key.expose()), nonce.data()) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytesOf(out), static_cast<int>(out.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), sealed.data(), &written, plain.data(), static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), sealed.data() + written, &written) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, tag.data()) == 1;
    OPENSSL_cleanse(plain.data(), plain.size());
    if (!ok)
        return broken();
    out.append(reinterpret_cast<const char *>(sealed.data()), sealed.size());
    out.append(reinterpret_cast<const char *>(tag.data()), tag.size());
    if (out.size() > kFileBytesMax)
        return fail(ErrorCode::OutOfRange, "the sealed key file may not exceed 1 MiB");
    return out;
}

Result<SealedEntries> unseal(std::string_view bytes, const SealingKey &key)
{
    if (!isHeaderSound(bytes) || bytes.substr(kSaltAt, kSaltSize) != key.salt)
        return notOpened();
    const std::string_view header = bytes.substr(0, kHeaderSize);
    const std::string_view sealed = bytes.substr(kHeaderSize, bytes.size() - kHeaderSize - kTagSize);
    std::array<unsigned char, kTagSize> tag{};
    std::copy(bytes.end() - kTagSize, bytes.end(), tag.begin());
    Buffer plain(sealed.size());
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    // GCM compares the tag in constant time.
    const bool ok = cipher &&
                    EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key.key.expose()),
                                       bytesOf(bytes.substr(kNonceAt))) == 1 &&
                    EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytesOf(header),
                                      static_cast<int>(header.size())) == 1 &&
                    EVP_DecryptUpdate(cipher.get(), plain.data(), &written, bytesOf(sealed),
                                      static_cast<int>(sealed.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
                    EVP_DecryptFinal_ex(cipher.get(), plain.data() + written, &written) == 1;
    return ok ? unpack(plain.view()) : notOpened();
}

} // namespace core::secrets
