#include "tests/support/own_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <QtNetwork/QSslSocket>

namespace tests
{

namespace
{
template <class Write> QByteArray pem(Write write)
{
    BIO *out = BIO_new(BIO_s_mem());
    write(out);
    char *bytes = nullptr;
    const auto size = BIO_get_mem_data(out, &bytes);
    const QByteArray result(bytes, static_cast<qsizetype>(size));
    BIO_free(out);
    return result;
}
} // namespace

OwnCertificate::OwnCertificate(const QByteArray &names, long validFrom, long validTo)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), validFrom);
    X509_gmtime_adj(X509_getm_notAfter(x509), validTo);
    X509_set_pubkey(x509, pair);
    const QByteArray name("ETRMS test"); // Qt takes the common name for a host name as well
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char *>(name.constData()), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.constData());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(x509, pair, EVP_sha256());
    certificate = QSslCertificate(pem([x509](BIO *out) { PEM_write_bio_X509(out, x509); }));
    key = QSslKey(pem([pair](BIO *out) { PEM_write_bio_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr); }),
                  QSsl::Ec);
    X509_free(x509);
    EVP_PKEY_free(pair);
}

QSslConfiguration OwnCertificate::ofServer() const
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificate(certificate);
    tls.setPrivateKey(key);
    tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    return tls;
}

} // namespace tests
