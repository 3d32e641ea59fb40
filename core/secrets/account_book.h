#pragma once

#include <optional>
#include <string>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "core/base/result.h"
#include "core/domain/ids.h"

namespace core::secrets
{

/// Where an account lives. Keys of one environment are refused by another.
enum class Environment { Production, Testnet };
/// How its requests are signed: Binance HMAC or Ed25519; Hyperliquid's agent key (secp256k1).
enum class KeyType { Hmac, Ed25519, Agent };
[[nodiscard]] std::string_view name(Environment environment);
[[nodiscard]] std::string_view name(KeyType type);

/// One account as the user added it. No secret is in it; those are in a SecretStore under `secretName`.
struct AccountProfile {
    std::string label; ///< 1 to 40 of A-Z a-z 0-9 _ - and blank; unique
    Venue venue{Venue::Binance};
    Environment environment{Environment::Production};
    KeyType keyType{KeyType::Hmac};
    std::string address;         ///< Hyperliquid: of the account, 0x + 40 hex digits, lower case
    std::string vaultAddress;    ///< Hyperliquid: of a sub-account or vault that the agent acts for; else empty
    bool hedgeMode{false};       ///< Binance
    friend bool operator==(const AccountProfile &, const AccountProfile &) = default;
};

/// Under which names the parts of an account's key are kept: "LABEL/api-key", "LABEL/secret".
[[nodiscard]] std::string apiKeyName(const AccountProfile &profile);
[[nodiscard]] std::string secretName(const AccountProfile &profile);

/// InvalidArgument naming the field and the rule.
[[nodiscard]] Result<void> validate(const AccountProfile &profile);

/// What accounts.json holds. Pure. ParseFailed and InvalidArgument name the place; an unknown member of an account is
/// refused by name.
[[nodiscard]] Result<std::vector<AccountProfile>> parseAccounts(const QByteArray &json);
[[nodiscard]] QByteArray accountsText(const std::vector<AccountProfile> &profiles);

/// accounts.json of a data directory. Unknown members are refused by name, so that a newer file is not half read.
class AccountBook
{
public:
    explicit AccountBook(QString path) : m_path(std::move(path)) {}
    /// Empty when there is no file. ParseFailed and InvalidArgument name the place.
    [[nodiscard]] Result<std::vector<AccountProfile>> load() const;
    /// Replaces the file as a whole. REQUIRES: each profile is valid; InvalidArgument for a label that is there twice.
    [[nodiscard]] Result<void> save(const std::vector<AccountProfile> &profiles) const;

private:
    QString m_path;
};

} // namespace core::secrets
