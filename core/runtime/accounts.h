#pragma once

#include <functional>
#include <string>
#include <vector>

#include <QtCore/QObject>

#include "core/net/secret.h"
#include "core/ports/exchange_client.h"
#include "core/secrets/account_book.h"

namespace core::runtime
{

/// The parts of one account's key. Binance: API key, and HMAC secret or Ed25519 private key (PEM). Hyperliquid: only
/// `secret`, the agent's private key.
struct AccountKeys {
    net::Secret apiKey;
    net::Secret secret;
};

/// Where keys are kept on this machine, and whether they can be reached now.
enum class KeyPlace {
    Unknown,       ///< not looked yet
    SystemStore,   ///< the system's key store answers
    NewSealedFile, ///< none there; a sealed file will be made with the passphrase that is given
    LockedFile,    ///< the sealed file waits for its passphrase
    OpenFile,      ///< the sealed file is open
};

/// The accounts of this user as the screen sees them: a list without secrets; keys go in and never come out here. An
/// account is added only after its key was tried at the venue; a key that may withdraw is refused. Gui thread; nothing
/// blocks but `unlock` (half a second); answers come from the event loop, and none after destruction.
class Accounts : public QObject
{
    Q_OBJECT
public:
    template <class T> using Done = std::function<void(Result<T>)>;
    using QObject::QObject;

    [[nodiscard]] virtual const std::vector<secrets::AccountProfile> &accounts() const = 0;
    [[nodiscard]] virtual KeyPlace keyPlace() const = 0;
    /// Opens the sealed file, or makes it.
    [[nodiscard]] virtual Result<void> unlock(const net::Secret &passphrase) = 0;
    /// What the key may do; nothing is stored.
    virtual void test(const secrets::AccountProfile &profile, AccountKeys keys, Done<ports::KeyRights> done) = 0;
    virtual void testStored(const std::string &label, Done<ports::KeyRights> done) = 0;
    /// Tests, then stores key and account. Unauthorized while the key store is locked.
    virtual void add(const secrets::AccountProfile &profile, AccountKeys keys, Done<ports::KeyRights> done) = 0;
    /// Key first, then the line in the list.
    virtual void remove(const std::string &label, Done<void> done) = 0;

signals:
    /// The list or the key store changed.
    void changed();
};

} // namespace core::runtime
