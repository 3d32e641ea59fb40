#include "tests/support/bad_servers.h"

#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

namespace tests
{

Portal::Portal(const OwnCertificate &own, QByteArray answer) : m_answer(std::move(answer))
{
    setSslConfiguration(own.ofServer());
    connect(this, &QSslServer::sslErrors, this, [](QSslSocket *socket, const auto &) { socket->ignoreSslErrors(); });
    connect(this, &QTcpServer::pendingConnectionAvailable, this, [this] {
        QTcpSocket *socket = nextPendingConnection();
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
            const QByteArray bytes = socket->readAll();
            received += bytes;
            if (bytes.contains("\r\n\r\n"))
                socket->write(m_answer);
        });
    });
    connect(this, &QSslServer::startedEncryptionHandshake, this, [this] { ++handshakes; });
    listen(QHostAddress::LocalHost);
}

OldServer::OldServer()
{
    connect(this, &QTcpServer::newConnection, this, [this] {
        QTcpSocket *socket = nextPendingConnection();
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket, reads = 0]() mutable {
            constexpr char kAlert = 0x15; // 0x16 goes on with the handshake
            const QByteArray bytes = socket->readAll();
            received += bytes;
            if (++reads > 1) {
                m_wentOn = m_wentOn || (reads == 2 && !bytes.startsWith(kAlert));
                return;
            }
            ++hellos;
            // ServerHello: version 3.2, a random, no session, ECDHE-RSA-AES128-SHA, no compression
            QByteArray body = QByteArray::fromHex("0302") + QByteArray(32, 'r') + QByteArray::fromHex("00c01300");
            QByteArray message = QByteArray::fromHex("020000") + static_cast<char>(body.size()) + body;
            socket->write(QByteArray::fromHex("16030200") + static_cast<char>(message.size()) + message);
        });
    });
    listen(QHostAddress::LocalHost);
}

QByteArray loginPage(const QByteArray &status, const QByteArray &headers)
{
    const QByteArray page("<html><head><title>Welcome to our network</title></head><body>Log in</body></html>");
    return "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n" + headers +
           "Content-Length: " + QByteArray::number(page.size()) + "\r\n\r\n" + page;
}

void addPortalRows()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("its page with status 200") << loginPage("200 OK");
    QTest::newRow("sent elsewhere") << loginPage("302 Found", "Location: http://portal.example.org/login\r\n");
    QTest::newRow("sent elsewhere on the same machine") << loginPage("307 Temporary Redirect", "Location: /login\r\n");
    QTest::newRow("authentication of the network") << loginPage("511 Network Authentication Required");
}

void addCertificateRows()
{
    QTest::addColumn<const BadCertificate *>("shown");
    for (const BadCertificate &bad : kBadCertificates)
        QTest::newRow(bad.name) << &bad;
}

void trust(const OwnCertificate &own)
{
    QSslConfiguration trusting = QSslConfiguration::defaultConfiguration();
    trusting.addCaCertificate(own.certificate);
    QSslConfiguration::setDefaultConfiguration(trusting);
}

} // namespace tests
