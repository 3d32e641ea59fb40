#include "core/secrets/sealed_store.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtCore/QSysInfo>
#include <QtCore/QTimer>

namespace core::secrets
{

namespace
{
constexpr QFileDevice::Permissions kOwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
constexpr qint64 kBytesMax = 1 << 20;

Error ioError(const QString &path, const QString &why)
{
    return {ErrorCode::IoFailed, (path + QStringLiteral(": ") + why).toStdString()};
}

Result<std::string> readOwned(const QString &path)
{
    const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup |
                        QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther;
    if ((QFileInfo(path).permissions() & others) != 0)
        return fail(ErrorCode::Unauthorized, path.toStdString() + ": other users may read this file; make it "
                                                                  "yours alone (chmod 600) and check who had access");
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ioError(path, file.errorString()));
    return file.read(kBytesMax + 1).toStdString();
}

Result<void> writeOwned(const QString &path, const std::string &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(kOwnerOnly) ||
        file.write(bytes.data(), static_cast<qint64>(bytes.size())) != static_cast<qint64>(bytes.size()) ||
        !file.commit())
        return fail(ioError(path, file.errorString()));
    return {};
}

std::string machineId()
{
    return QSysInfo::machineUniqueId().toStdString();
}
} // namespace

bool SealedStore::exists(const QString &path)
{
    return QFileInfo::exists(path);
}

Result<std::unique_ptr<SealedStore>> SealedStore::open(const QString &path, const net::Secret &passphrase,
                                                       ScryptCost cost)
{
    if (!exists(path)) {
        auto key = newSealingKey(passphrase, machineId(), cost);
        if (!key)
            return fail(std::move(key.error()));
        if (!QDir().mkpath(QFileInfo(path).absolutePath()))
            return fail(ioError(path, QStringLiteral("its folder cannot be made")));
        std::unique_ptr<SealedStore> store(new SealedStore(path, std::move(*key)));
        if (auto saved = store->save({}); !saved)
            return fail(std::move(saved.error()));
        return store;
    }
    auto bytes = readOwned(path);
    if (!bytes)
        return fail(std::move(bytes.error()));
    auto key = sealingKeyOf(*bytes, passphrase, machineId());
    if (!key)
        return fail(std::move(key.error()));
    if (auto entries = unseal(*bytes, *key); !entries)
        return fail(std::move(entries.error()));
    return std::unique_ptr<SealedStore>(new SealedStore(path, std::move(*key)));
}

std::string SealedStore::place() const
{
    return "the sealed file " + m_path.toStdString();
}

Result<SealedEntries> SealedStore::load() const
{
    auto bytes = readOwned(m_path);
    if (!bytes)
        return fail(std::move(bytes.error()));
    return unseal(*bytes, m_key);
}

Result<void> SealedStore::save(const SealedEntries &entries) const
{
    auto bytes = seal(entries, m_key);
    if (!bytes)
        return fail(std::move(bytes.error()));
    return writeOwned(m_path, *bytes);
}

void SealedStore::read(const std::string &name, Done<net::Secret> done)
{
    QTimer::singleShot(0, this, [this, name, done = std::move(done)] {
        auto entries = load();
        if (!entries) {
            done(fail(std::move(entries.error())));
            return;
        }
        const auto found = entries->find(name);
        if (found == entries->end())
            done(fail(ErrorCode::NotFound, place() + " has no entry " + name));
        else
            done(std::move(found->second));
    });
}

void SealedStore::change(const std::string &name, std::shared_ptr<net::Secret> secret, Done<void> done)
{
    QTimer::singleShot(0, this, [this, name, secret = std::move(secret), done = std::move(done)] {
        auto entries = load();
        if (!entries) {
            done(fail(std::move(entries.error())));
            return;
        }
        if (secret)
            entries->insert_or_assign(name, std::move(*secret));
        else
            entries->erase(name);
        done(save(*entries));
    });
}

void SealedStore::write(const std::string &name, net::Secret secret, Done<void> done)
{
    change(name, std::make_shared<net::Secret>(std::move(secret)), std::move(done));
}

void SealedStore::remove(const std::string &name, Done<void> done)
{
    change(name, nullptr, std::move(done));
}

} // namespace core::secrets
