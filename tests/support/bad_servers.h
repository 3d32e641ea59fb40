#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QMetaType>
#include <QtNetwork/QSslServer>
#include <QtNetwork/QTcpServer>

#include "tests/support/own_certificate.h"

namespace tests
{

/// Stands between a client and its venue, shows `own` and says `answer` to every request that it can read. Loopback,
/// the port is a free one.
class Portal : public QSslServer
{
public:
    Portal(const OwnCertificate &own, QByteArray answer);
    [[nodiscard]] std::string port() const { return std::to_string(serverPort()); }

    QByteArray received; ///< in the clear
    int handshakes{0};

private:
    QByteArray m_answer;
};

/// Speaks the first words of TLS 1.1 to whoever calls, and keeps what comes back.
class OldServer : public QTcpServer
{
public:
    OldServer();
    [[nodiscard]] std::string port() const { return std::to_string(serverPort()); }
    /// Somebody called, and nobody went on with the handshake: after our answer came nothing, or an alert.
    [[nodiscard]] bool wasRefused() const { return hellos > 0 && !m_wentOn; }

    int hellos{0};
    QByteArray received;

private:
    bool m_wentOn{false};
};

/// A page that asks to log in to the network, with these status words and headers.
[[nodiscard]] QByteArray loginPage(const QByteArray &status, const QByteArray &headers = {});

/// Rows of the current test's data, column "answer": what captive portals say.
void addPortalRows();

/// A certificate that says what it should not, for a test's rows.
struct BadCertificate {
    const char *name;
    const char *hosts; ///< as OpenSSL writes a subjectAltName
    long validFrom;    ///< seconds from now
    long validTo;
    bool trusted; ///< its signer is one that this machine trusts
};
inline constexpr BadCertificate kBadCertificates[] = {
    {"signed by nobody known, as a proxy does that signs anew", "IP:127.0.0.1", -3600, 3600, false},
    {"expired", "IP:127.0.0.1", -7200, -3600, true},
    {"not valid yet", "IP:127.0.0.1", 3600, 7200, true},
    {"another host's", "DNS:venue.example.org", -3600, 3600, true},
    {"another address's", "IP:127.0.0.2", -3600, 3600, true},
};

/// Rows of the current test's data, column "shown".
void addCertificateRows();

/// From now on until the default configuration is set again, this process trusts `own`.
void trust(const OwnCertificate &own);

} // namespace tests

Q_DECLARE_METATYPE(const tests::BadCertificate *)
