#pragma once

#include <QtCore/QByteArray>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslKey>

namespace tests
{

/// A certificate that nobody else has signed, made for this run.
struct OwnCertificate {
    /// `names`: as OpenSSL writes a subjectAltName. Seconds from now.
    explicit OwnCertificate(const QByteArray &names = "IP:127.0.0.1", long validFrom = -3600, long validTo = 3600);

    /// Of a server that shows this certificate.
    [[nodiscard]] QSslConfiguration ofServer() const;

    QSslCertificate certificate;
    QSslKey key;
};

} // namespace tests
