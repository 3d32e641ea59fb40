#include "tests/support/byte_proxy.h"

#include <QtCore/QTimer>

#include "core/net/http_reply.h"

namespace tests
{

struct ByteProxy::Link {
    QTcpSocket *client{nullptr};   ///< child of the proxy
    QTcpSocket *upstream{nullptr}; ///< child of the proxy
    QByteArray request;
    QByteArray reply;
    core::net::HttpReplyReader reader;
    bool watched{false}; ///< the running request is of the armed kind
    bool damaged{false}; ///< and its answer is to be damaged
};

namespace
{

/// Head and body; negative while the head is not complete.
qsizetype requestLength(const QByteArray &bytes)
{
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return -1;
    const QByteArray head = bytes.left(end + 2).toLower();
    const qsizetype at = head.indexOf("\r\ncontent-length:");
    if (at < 0)
        return end + 4;
    const qsizetype from = at + 17;
    return end + 4 + head.mid(from, head.indexOf("\r\n", from) - from).trimmed().toLongLong();
}

} // namespace

ByteProxy::ByteProxy(quint16 upstreamPort, QObject *parent) : QTcpServer(parent), m_upstreamPort(upstreamPort)
{
    connect(this, &QTcpServer::newConnection, this, &ByteProxy::onClient);
    listen(QHostAddress::LocalHost);
}

void ByteProxy::arm(QByteArray requestStart, Damage damage, qsizetype at, std::chrono::milliseconds pause)
{
    m_requestStart = std::move(requestStart);
    m_damage = damage;
    m_at = at;
    m_pause = pause;
    m_armed = true;
}

void ByteProxy::onClient()
{
    while (QTcpSocket *client = nextPendingConnection()) {
        const auto link = std::make_shared<Link>();
        link->client = client;
        link->upstream = new QTcpSocket(this);
        connect(client, &QTcpSocket::readyRead, this, [this, link] { onRequestBytes(link); });
        connect(link->upstream, &QTcpSocket::readyRead, this, [this, link] { onReplyBytes(link); });
        connect(client, &QTcpSocket::disconnected, link->upstream,
                [link] { link->upstream->disconnectFromHost(); });
        connect(link->upstream, &QTcpSocket::disconnected, client,
                [link] { link->client->disconnectFromHost(); });
        connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
        connect(link->upstream, &QTcpSocket::disconnected, link->upstream, &QObject::deleteLater);
        client->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        connect(link->upstream, &QTcpSocket::connected, link->upstream,
                [link] { link->upstream->setSocketOption(QAbstractSocket::LowDelayOption, 1); });
        link->upstream->connectToHost(QHostAddress::LocalHost, m_upstreamPort);
    }
}

void ByteProxy::onRequestBytes(const std::shared_ptr<Link> &link)
{
    link->request += link->client->readAll();
    const qsizetype length = requestLength(link->request);
    if (length < 0 || link->request.size() < length)
        return;
    const QByteArray whole = link->request.left(length);
    link->request.remove(0, length);
    link->watched = !m_requestStart.isEmpty() && whole.startsWith(m_requestStart);
    link->damaged = link->watched && m_armed;
    link->reader = core::net::HttpReplyReader{};
    link->reply.clear();
    if (link->watched) {
        ++m_requests;
        m_requestBytes = std::max(m_requestBytes, whole.size());
    }
    if (link->damaged)
        m_armed = false;
    if (link->damaged && m_damage == Damage::CutRequest) {
        link->upstream->write(whole.left(m_at));
        link->upstream->disconnectFromHost();
        link->client->disconnectFromHost();
        return;
    }
    link->upstream->write(whole);
}

void ByteProxy::onReplyBytes(const std::shared_ptr<Link> &link)
{
    const QByteArray bytes = link->upstream->readAll();
    if (!link->watched) {
        link->client->write(bytes);
        return;
    }
    link->reply += bytes;
    const auto complete = link->reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    if (!complete || !*complete)
        return;
    m_replyBytes = std::max(m_replyBytes, link->reply.size());
    const QByteArray whole = std::exchange(link->reply, {});
    link->watched = false;
    if (link->damaged)
        sendDamaged(link, whole);
    else
        link->client->write(whole);
}

void ByteProxy::sendDamaged(const std::shared_ptr<Link> &link, const QByteArray &whole)
{
    link->damaged = false;
    switch (m_damage) {
    case Damage::CutRequest:
        break; // the answer to a request that was cut at its very end, on a connection that is closing
    case Damage::Cut:
        link->client->write(whole.left(m_at));
        link->client->flush();
        link->client->disconnectFromHost();
        break;
    case Damage::Delay:
        link->client->write(whole.left(m_at));
        link->client->flush();
        QTimer::singleShot(m_pause, link->client,
                           [link, rest = whole.mid(m_at)] { link->client->write(rest); });
        break;
    case Damage::Duplicate:
        link->client->write(whole);
        link->client->write(whole.left(m_at));
        link->client->flush();
        break;
    }
}

} // namespace tests
