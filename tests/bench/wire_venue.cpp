#include "tests/bench/wire_venue.h"

#include <algorithm>
#include <optional>

#include <QtNetwork/QHostAddress>

using namespace Qt::StringLiterals;

namespace bench
{
namespace
{
constexpr std::string_view kLength = "content-length:";

/// Length of a request's body; the client of ours writes the field, in whatever case.
[[nodiscard]] qsizetype bodyLength(const QByteArray &head)
{
    const QByteArray lower = head.toLower();
    const qsizetype at = lower.indexOf(QByteArray::fromRawData(kLength.data(), static_cast<qsizetype>(kLength.size())));
    if (at < 0)
        return 0;
    const qsizetype from = at + static_cast<qsizetype>(kLength.size());
    qsizetype end = lower.indexOf('\r', from);
    end = end < 0 ? lower.size() : end;
    return lower.mid(from, end - from).trimmed().toLongLong();
}

/// Hyperliquid says on one address what it wants, in its first frames; Binance by the path.
[[nodiscard]] std::optional<Route> routeOfPath(const QString &path)
{
    if (path.startsWith(u"/public"_s))
        return Route::Public;
    if (path.startsWith(u"/market"_s))
        return Route::Market;
    if (path.startsWith(u"/private"_s))
        return Route::Account;
    return path.startsWith(u"/echo"_s) ? std::optional(Route::Echo) : std::nullopt;
}
} // namespace

WireServer::WireServer(Answer answer) : m_answer(std::move(answer)), m_sockets(u"bench"_s, QWebSocketServer::NonSecureMode)
{
    connect(&m_http, &QTcpServer::newConnection, this, &WireServer::onHttp);
    connect(&m_sockets, &QWebSocketServer::newConnection, this, &WireServer::onSocket);
    connect(&m_ticks, &QTimer::timeout, this, &WireServer::tick);
    m_ticks.setTimerType(Qt::PreciseTimer);
    m_ticks.setInterval(1);
    connect(&m_streams, &QTcpServer::newConnection, this, &WireServer::onStream);
    if (!m_http.listen(QHostAddress::LocalHost) || !m_streams.listen(QHostAddress::LocalHost))
        qFatal("no port on loopback");
}

WireServer::~WireServer()
{
    for (const Peer &peer : m_peers)
        peer.socket->disconnect(this);
}

void WireServer::onHttp()
{
    while (QTcpSocket *socket = m_http.nextPendingConnection()) {
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        const auto bytes = std::make_shared<QByteArray>();
        connect(socket, &QTcpSocket::readyRead, this, [this, socket, bytes] { onBytes(socket, *bytes); });
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    }
}

/// A small frame must not wait for the answer to the one before, as venues do it too.
void WireServer::onStream()
{
    while (QTcpSocket *socket = m_streams.nextPendingConnection()) {
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        m_sockets.handleConnection(socket);
    }
}

void WireServer::onBytes(QTcpSocket *socket, QByteArray &bytes)
{
    const SteadyTime at = std::chrono::steady_clock::now();
    bytes += socket->readAll();
    for (;;) {
        const qsizetype head = bytes.indexOf("\r\n\r\n");
        if (head < 0)
            return;
        const qsizetype whole = head + 4 + bodyLength(bytes.left(head));
        if (bytes.size() < whole)
            return;
        const std::string_view text(bytes.constData(), static_cast<std::size_t>(whole));
        const std::size_t blank = text.find(' ');
        const std::size_t end = text.find(' ', blank + 1);
        const std::string body = m_answer({.method = text.substr(0, blank),
                                           .target = text.substr(blank + 1, end - blank - 1),
                                           .body = text.substr(static_cast<std::size_t>(head) + 4),
                                           .at = at});
        const std::string reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body;
        socket->write(reply.data(), static_cast<qint64>(reply.size()));
        socket->flush();
        bytes.remove(0, whole);
    }
}

void WireServer::onSocket()
{
    while (QWebSocket *socket = m_sockets.nextPendingConnection()) {
        socket->setParent(this);
        const auto known = routeOfPath(socket->requestUrl().path());
        if (known)
            m_peers.push_back({socket, *known});
        connect(socket, &QWebSocket::textMessageReceived, this,
                [this, socket, named = known.has_value()](const QString &text) mutable {
                    if (text.contains(u"\"ping\""_s))
                        socket->sendTextMessage(uR"({"channel":"pong"})"_s);
                    if (named || !text.contains(u"subscribe"_s))
                        return;
                    named = true;
                    m_peers.push_back({socket, text.contains(u"\"user\""_s) ? Route::Account : Route::Market});
                });
        connect(socket, &QWebSocket::disconnected, this, [this, socket] {
            std::erase_if(m_peers, [socket](const Peer &peer) { return peer.socket == socket; });
            socket->deleteLater();
        });
    }
}

SteadyTime WireServer::push(Route route, const QString &frame)
{
    const SteadyTime at = std::chrono::steady_clock::now();
    for (const Peer &peer : m_peers) {
        if (peer.route != route)
            continue;
        peer.socket->sendTextMessage(frame);
        peer.socket->flush();
    }
    return at;
}

bool WireServer::isListening(Route route) const
{
    return std::any_of(m_peers.begin(), m_peers.end(), [route](const Peer &peer) { return peer.route == route; });
}

void WireServer::replay(std::vector<ReplayFrame> frames, int factor, std::function<void(std::string &)> prepare)
{
    m_frames = std::move(frames);
    m_factor = factor;
    m_prepare = std::move(prepare);
    m_next = 0;
    m_replayStart = std::chrono::steady_clock::now();
    if (!m_frames.empty())
        m_ticks.start();
}

void WireServer::tick()
{
    const auto recorded = (std::chrono::steady_clock::now() - m_replayStart) * m_factor;
    while (m_next < m_frames.size() && m_frames[m_next].after <= recorded) {
        std::string text = m_frames[m_next].text;
        if (m_prepare)
            m_prepare(text);
        static_cast<void>(push(m_frames[m_next].route, QString::fromStdString(text)));
        ++m_next;
        ++m_replayed;
    }
    if (m_next == m_frames.size()) {
        m_next = 0;
        m_replayStart = std::chrono::steady_clock::now();
    }
}

} // namespace bench
