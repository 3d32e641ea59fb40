#pragma once

#include <memory>
#include <string>

#include <QtCore/QObject>
#include <QtCore/QString>

#include "core/secrets/sealed_file.h"
#include "core/secrets/secret_store.h"

namespace core::secrets
{

/// Secrets in one sealed file of the data directory, for machines without a key store. Open until it goes: the key of
/// the file is in memory, its secrets are not. The file is the user's alone (0600); a looser one is refused. Written
/// through a temporary file, so a crash leaves the old one. Owner thread with an event loop.
class SealedStore final : public QObject, public SecretStore
{
    Q_OBJECT
public:
    /// Makes the file when there is none. Unauthorized (does not open, loose permissions), InvalidArgument (passphrase
    /// too short for a new file), IoFailed. Takes about half a second of one core, by design.
    [[nodiscard]] static Result<std::unique_ptr<SealedStore>> open(const QString &path, const net::Secret &passphrase,
                                                                   ScryptCost cost = {});
    [[nodiscard]] static bool exists(const QString &path);

    [[nodiscard]] std::string place() const override;
    void read(const std::string &name, Done<net::Secret> done) override;
    void write(const std::string &name, net::Secret secret, Done<void> done) override;
    void remove(const std::string &name, Done<void> done) override;

private:
    SealedStore(QString path, SealingKey key) : m_path(std::move(path)), m_key(std::move(key)) {}
    [[nodiscard]] Result<SealedEntries> load() const;
    [[nodiscard]] Result<void> save(const SealedEntries &entries) const;
    void change(const std::string &name, std::shared_ptr<net::Secret> secret, Done<void> done);

    QString m_path;
    SealingKey m_key;
};

} // namespace core::secrets
