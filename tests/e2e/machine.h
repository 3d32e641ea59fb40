#pragma once

#include <string>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QTemporaryDir>

#include "core/secrets/account_book.h"

namespace tests
{

inline const QByteArray kPassphrase = "CanaryPassphraseOfTheSealedFile";

/// A folder as it stands on a user's machine: addresses of the venues, accounts, sealed keys.
struct Machine {
    explicit Machine(const QJsonObject &addresses);
    [[nodiscard]] QString data() const { return folder.filePath(QStringLiteral("data")); }
    [[nodiscard]] QString endpoints() const { return folder.filePath(QStringLiteral("endpoints.json")); }
    void write(const QString &path, const QByteArray &bytes) const;
    /// The account as the dialog would have stored it; without a trial.
    [[nodiscard]] bool keep(const core::secrets::AccountProfile &profile, const std::string &apiKey, const std::string &secret) const;
    [[nodiscard]] static QByteArray bytesOf(const QString &path);
    /// Names of the files of this machine that hold these bytes.
    [[nodiscard]] QStringList holding(const QByteArray &bytes) const;
    QTemporaryDir folder;
};

/// One venue of an addresses file.
[[nodiscard]] QJsonObject place(const std::string &rest, const QString &field, const std::string &streams);

} // namespace tests
