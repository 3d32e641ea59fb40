#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/net/secret.h"

namespace core::secrets
{

/// What a sealed file holds, by name.
using SealedEntries = std::map<std::string, net::Secret>;

/// Work factor of scrypt: N = 2^logN, r = 8, p = 1; memory 128 · N · r bytes. Below `kLogNMin` nothing is opened, so
/// that a lowered header cannot cheapen a guess.
struct ScryptCost {
    static constexpr int kLogNMin = 15;
    static constexpr int kLogNMax = 20;
    int logN{17};
};

/// Key of one sealed file: from passphrase, salt and machine. Kept while the file is open; wiped with it.
struct SealingKey {
    std::string salt; ///< 16 bytes
    int logN{0};
    net::Secret key; ///< 32 bytes
};

/// The bytes of a file: header (authenticated), AES-256-GCM over the entries. The machine's id goes into the key, so a
/// copy does not open elsewhere. Source: RFC 7914 (scrypt), NIST SP 800-38D (GCM).
[[nodiscard]] Result<SealingKey> newSealingKey(const net::Secret &passphrase, std::string_view machine,
                                               ScryptCost cost = {});
/// The key that `bytes` was sealed with, if passphrase and machine are the ones.
[[nodiscard]] Result<SealingKey> sealingKeyOf(std::string_view bytes, const net::Secret &passphrase,
                                              std::string_view machine);
/// A new nonce each time.
[[nodiscard]] Result<std::string> seal(const SealedEntries &entries, const SealingKey &key);
/// Unauthorized for a wrong passphrase, another machine and damage alike: they cannot be told apart.
[[nodiscard]] Result<SealedEntries> unseal(std::string_view bytes, const SealingKey &key);

} // namespace core::secrets
