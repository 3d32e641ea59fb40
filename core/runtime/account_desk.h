#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QString>

#include "core/runtime/account_client.h"
#include "core/runtime/accounts.h"
#include "core/runtime/worker_thread.h"
#include "core/secrets/keychain_store.h"
#include "core/secrets/sealed_store.h"

namespace core::runtime
{

/// The accounts of a data directory: accounts.json, and keys in the system's key store or the sealed file. The trial of
/// a key runs on a thread of its own.
class AccountDesk final : public Accounts
{
    Q_OBJECT
public:
    using Addresses = std::function<VenueAddresses(secrets::Environment)>;

    /// Keys for tests: `useSystemStore` false goes straight to the sealed file.
    AccountDesk(QString dataDir, Addresses addresses, const Clock &clock, bool useSystemStore = true,
                secrets::ScryptCost cost = {});
    ~AccountDesk() override;

    /// Reads the list and finds the key store. REQUIRES: called once, first.
    void open(Done<void> done);
    [[nodiscard]] const std::vector<secrets::AccountProfile> &accounts() const override { return m_accounts; }
    [[nodiscard]] KeyPlace keyPlace() const override { return m_place; }
    [[nodiscard]] Result<void> unlock(const net::Secret &passphrase) override;
    void test(const secrets::AccountProfile &profile, AccountKeys keys, Done<ports::KeyRights> done) override;
    void testStored(const std::string &label, Done<ports::KeyRights> done) override;
    void add(const secrets::AccountProfile &profile, AccountKeys keys, Done<ports::KeyRights> done) override;
    void remove(const std::string &label, Done<void> done) override;
    /// For the engine's client; not for the screen.
    void keysOf(const std::string &label, Done<AccountKeys> done);

private:
    [[nodiscard]] secrets::SecretStore *store();
    [[nodiscard]] const secrets::AccountProfile *find(const std::string &label) const;
    void storeKeys(const secrets::AccountProfile &profile, std::shared_ptr<AccountKeys> keys, Done<void> done);
    [[nodiscard]] Result<void> checkNew(const secrets::AccountProfile &profile) const;

    QString m_dataDir;
    Addresses m_addresses;
    const Clock &m_clock;
    bool m_useSystemStore;
    secrets::ScryptCost m_cost;
    secrets::AccountBook m_book;
    std::vector<secrets::AccountProfile> m_accounts;
    KeyPlace m_place{KeyPlace::Unknown};
    secrets::KeychainStore m_keychain;
    std::unique_ptr<secrets::SealedStore> m_sealed;
    WorkerThread<KeyTest> m_tester{QStringLiteral("key test")};
};

} // namespace core::runtime
