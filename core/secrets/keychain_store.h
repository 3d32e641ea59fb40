#pragma once

#include <QtCore/QObject>

#include "core/secrets/secret_store.h"

namespace core::secrets
{

/// The system's key store (Secret Service or KWallet, Keychain, Credential Manager) through QtKeychain, under the
/// service name "etrms". Unavailable where there is none or it is locked away. Owner thread with an event loop.
class KeychainStore final : public QObject, public SecretStore
{
    Q_OBJECT
public:
    explicit KeychainStore(QObject *parent = nullptr) : QObject(parent) {}

    /// Whether there is one that answers; asks for an entry that does not exist.
    void probe(Done<void> done);

    [[nodiscard]] std::string place() const override { return "the system's key store"; }
    void read(const std::string &name, Done<net::Secret> done) override;
    void write(const std::string &name, net::Secret secret, Done<void> done) override;
    void remove(const std::string &name, Done<void> done) override;
};

} // namespace core::secrets
