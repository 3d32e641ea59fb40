#include "tests/e2e/machine.h"

#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "core/secrets/sealed_store.h"

using namespace Qt::StringLiterals;

namespace tests
{

Machine::Machine(const QJsonObject &addresses)
{
    QDir(folder.path()).mkdir(u"data"_s);
    write(endpoints(), QJsonDocument(addresses).toJson());
}

void Machine::write(const QString &path, const QByteArray &bytes) const
{
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write(bytes);
}

bool Machine::keep(const core::secrets::AccountProfile &profile, const std::string &apiKey, const std::string &secret) const
{
    const core::secrets::AccountBook book(data() + u"/accounts.json"_s);
    auto store = core::secrets::SealedStore::open(data() + u"/keys.sealed"_s, core::net::Secret(kPassphrase.toStdString()),
                                                  {.logN = core::secrets::ScryptCost::kLogNMin});
    if (!store || !book.save({profile}))
        return false;
    int written = 0;
    const auto count = [&written](const core::Result<void> &result) { written += result ? 1 : 0; };
    if (!apiKey.empty())
        (*store)->write(apiKeyName(profile), core::net::Secret(apiKey), count);
    (*store)->write(secretName(profile), core::net::Secret(secret), count);
    return QTest::qWaitFor([&] { return written == (apiKey.empty() ? 1 : 2); }, 20'000);
}

QByteArray Machine::bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList Machine::holding(const QByteArray &bytes) const
{
    QStringList names;
    QDirIterator files(folder.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext())
        if (const QString name = files.next(); bytesOf(name).contains(bytes))
            names << name;
    return names;
}

QJsonObject place(const std::string &rest, const QString &field, const std::string &streams)
{
    return {{u"rest"_s, QString::fromStdString(rest)}, {field, QString::fromStdString(streams)}};
}

} // namespace tests
