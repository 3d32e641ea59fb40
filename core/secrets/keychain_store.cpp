#include "core/secrets/keychain_store.h"

#include <openssl/crypto.h>

#include <qt6keychain/keychain.h>

namespace core::secrets
{

namespace
{
QString service()
{
    return QStringLiteral("etrms");
}

/// The library's own texts may quote what it was given; only its code is handed on.
Error errorOf(QKeychain::Error error)
{
    switch (error) {
    case QKeychain::EntryNotFound:
        return {ErrorCode::NotFound, "the system's key store has no such entry"};
    case QKeychain::AccessDeniedByUser:
    case QKeychain::AccessDenied:
        return {ErrorCode::Unauthorized, "the system's key store refused access"};
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return {ErrorCode::Unavailable, "this machine offers no key store"};
    case QKeychain::NoError:
    case QKeychain::CouldNotDeleteEntry:
    case QKeychain::OtherError:
        break;
    }
    return {ErrorCode::Unavailable, "the system's key store did not answer as expected"};
}

QString keyOf(const std::string &name)
{
    return QString::fromStdString(name);
}

void wipe(QByteArray &bytes)
{
    OPENSSL_cleanse(bytes.data(), static_cast<std::size_t>(bytes.size()));
}
} // namespace

void KeychainStore::probe(Done<void> done)
{
    read("no such entry", [done = std::move(done)](const Result<net::Secret> &answer) {
        if (answer || answer.error().code == ErrorCode::NotFound)
            done({});
        else
            done(fail(answer.error()));
    });
}

void KeychainStore::read(const std::string &name, Done<net::Secret> done)
{
    auto *job = new QKeychain::ReadPasswordJob(service(), this); // child; deletes itself
    job->setKey(keyOf(name));
    connect(job, &QKeychain::Job::finished, this, [job, done = std::move(done)] {
        if (job->error() != QKeychain::NoError) {
            done(fail(errorOf(job->error())));
            return;
        }
        QByteArray bytes = job->binaryData();
        net::Secret secret(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        wipe(bytes);
        done(std::move(secret));
    });
    job->start();
}

void KeychainStore::write(const std::string &name, net::Secret secret, Done<void> done)
{
    auto *job = new QKeychain::WritePasswordJob(service(), this); // child; deletes itself
    job->setKey(keyOf(name));
    const std::string_view text = secret.expose();
    QByteArray bytes(text.data(), static_cast<qsizetype>(text.size()));
    job->setBinaryData(bytes);
    connect(job, &QKeychain::Job::finished, this, [job, done = std::move(done)] {
        done(job->error() == QKeychain::NoError ? Result<void>() : fail(errorOf(job->error())));
    });
    job->start();
}

void KeychainStore::remove(const std::string &name, Done<void> done)
{
    auto *job = new QKeychain::DeletePasswordJob(service(), this); // child; deletes itself
    job->setKey(keyOf(name));
    connect(job, &QKeychain::Job::finished, this, [job, done = std::move(done)] {
        const bool gone = job->error() == QKeychain::NoError || job->error() == QKeychain::EntryNotFound;
        done(gone ? Result<void>() : fail(errorOf(job->error())));
    });
    job->start();
}

} // namespace core::secrets
