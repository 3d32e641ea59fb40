#include "core/net/http_connection.h"

#include <QtNetwork/QHostAddress>
#include <QtNetwork/QSslConfiguration>

#include "core/base/assert.h"

namespace core::net
{

using namespace Qt::StringLiterals;

HttpConnection::HttpConnection(Origin origin, const Clock &clock, QObject *parent)
    : QObject(parent), m_origin(std::move(origin)), m_clock(clock)
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    m_socket.setSslConfiguration(tls);
    if (m_origin.secure)
        connect(&m_socket, &QSslSocket::encrypted, this, &HttpConnection::becomeIdle);
    else
        connect(&m_socket, &QAbstractSocket::connected, this, &HttpConnection::becomeIdle);
    connect(&m_socket, &QIODevice::readyRead, this, &HttpConnection::onReadyRead);
    connect(&m_socket, &QAbstractSocket::errorOccurred, this, [this] { onGone(m_socket.errorString()); });
    connect(&m_socket, &QAbstractSocket::disconnected, this, [this] { onGone(u"connection ended"_s); });
}

HttpConnection::~HttpConnection()
{
    m_socket.disconnect(this);
    m_socket.abort();
}

void HttpConnection::open()
{
    m_socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket.setSocketOption(QAbstractSocket::KeepAliveOption, 1);
    // The name is never looked up: a resolver that sends "localhost" elsewhere must not get plain text.
    const QString host =
        m_origin.host == "localhost" ? u"127.0.0.1"_s : QString::fromStdString(m_origin.host);
    if (m_origin.secure)
        m_socket.connectToHostEncrypted(host, m_origin.port);
    else
        m_socket.connectToHost(host, m_origin.port);
}

void HttpConnection::write(std::string_view request)
{
    CORE_ASSERT(m_state == State::Idle, "REQUIRES: an idle connection");
    m_state = State::Busy;
    m_reader = HttpReplyReader{};
    m_sentAt = m_clock.monotonic();
    m_socket.write(request.data(), static_cast<qint64>(request.size()));
    m_socket.flush();
}

void HttpConnection::close()
{
    m_state = State::Closed;
    m_socket.disconnect(this);
    m_socket.abort();
}

void HttpConnection::becomeIdle()
{
    m_socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_state = State::Idle;
    m_idleSince = m_clock.monotonic();
    emit ready();
}

void HttpConnection::onReadyRead()
{
    while (m_state != State::Closed && m_socket.bytesAvailable() > 0) {
        const QByteArray bytes = m_socket.readAll();
        if (m_state != State::Busy) {
            // An answer to nothing would be taken for the answer to the next request.
            finish(Error{ErrorCode::ParseFailed, "bytes that answer no request"});
            return;
        }
        const auto complete = m_reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
        if (!complete) {
            finish(complete.error());
            return;
        }
        if (!*complete)
            continue;
        HttpReply reply = m_reader.take();
        reply.roundTrip = m_clock.monotonic() - m_sentAt;
        m_used = true;
        const bool reusable = m_reader.keepAlive() && !m_reader.excess();
        m_state = State::Idle;
        m_idleSince = m_clock.monotonic();
        emit replied(std::move(reply));
        if (!reusable) {
            finish(Error{ErrorCode::Unavailable, "connection not kept"});
            return;
        }
        if (m_state == State::Idle)
            emit ready();
    }
}

void HttpConnection::onGone(const QString &why)
{
    if (m_state == State::Closed)
        return;
    if (m_state == State::Busy) {
        onReadyRead();
        if (m_state == State::Busy && m_reader.started() && m_reader.finishAtEnd()) {
            HttpReply reply = m_reader.take();
            reply.roundTrip = m_clock.monotonic() - m_sentAt;
            m_state = State::Idle;
            emit replied(std::move(reply));
        }
    }
    finish(Error{ErrorCode::Unavailable, why.toStdString()});
}

void HttpConnection::finish(Error why)
{
    if (m_state == State::Closed)
        return;
    close();
    emit closed(std::move(why));
}

} // namespace core::net
