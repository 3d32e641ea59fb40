#include "core/net/web_socket.h"

#include <deque>

#include <QtCore/QRegularExpression>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QNetworkRequest>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslError>
#include <QtWebSockets/QWebSocket>

#include "core/net/backoff.h"
#include "core/net/origin.h"

namespace core::net
{

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace
{

constexpr auto kCareInterval = 100ms;

std::chrono::milliseconds wholeMilliseconds(Duration duration)
{
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

/// The name is never looked up, see HttpConnection::open.
QUrl urlOf(const std::string &address)
{
    QUrl url = QUrl::fromEncoded(QByteArray::fromStdString(address), QUrl::StrictMode);
    if (url.host() == u"localhost"_s)
        url.setHost(u"127.0.0.1"_s);
    return url;
}

/// Not errorString(): it may repeat the address, which may hold a secret.
std::string words(QAbstractSocket::SocketError code)
{
    switch (code) {
    case QAbstractSocket::HostNotFoundError:
        return "Host not found";
    case QAbstractSocket::ConnectionRefusedError:
        return "Connection refused";
    case QAbstractSocket::RemoteHostClosedError:
        return "The other side closed the connection";
    case QAbstractSocket::NetworkError:
        return "Network unreachable or connection reset";
    case QAbstractSocket::SocketTimeoutError:
        return "No answer in time";
    case QAbstractSocket::SocketAccessError:
        return "Not permitted on this machine";
    case QAbstractSocket::SocketResourceError:
        return "Too many open sockets on this machine";
    case QAbstractSocket::SslHandshakeFailedError:
        return "TLS handshake failed";
    case QAbstractSocket::ProxyConnectionRefusedError:
    case QAbstractSocket::ProxyConnectionClosedError:
    case QAbstractSocket::ProxyConnectionTimeoutError:
    case QAbstractSocket::ProxyNotFoundError:
    case QAbstractSocket::ProxyProtocolError:
    case QAbstractSocket::ProxyAuthenticationRequiredError:
        return "The proxy does not let it through";
    default:
        return "socket error " + std::to_string(code);
    }
}

/// What stopped a connection that was never open: the socket below, or a server that does not speak WebSocket
/// there.
std::string whyNotConnected(const QWebSocket &socket, QAbstractSocket::SocketError code,
                            const std::string &certificateProblem)
{
    if (!certificateProblem.empty())
        return words(QAbstractSocket::SslHandshakeFailedError) + ": " + certificateProblem;
    if (socket.error() != QAbstractSocket::UnknownSocketError)
        return words(socket.error());
    // QWebSocket says "refused" of a refused handshake too.
    if (code != QAbstractSocket::UnknownSocketError && code != QAbstractSocket::ConnectionRefusedError)
        return words(code);
    static const QRegularExpression kStatus(u"status code: ([0-9]{3})"_s);
    const auto status = kStatus.match(socket.errorString());
    return "The server refused the WebSocket handshake" +
           (status.hasMatch() ? " with HTTP " + status.captured(1).toStdString() : std::string{});
}

} // namespace

struct WebSocket::Impl {
    Impl(WebSocket &owner, WebSocketOptions given, const Clock &time, Callbacks called)
        : q(owner), options(std::move(given)), clock(time), callbacks(std::move(called)),
          backoff(options.reconnectMin, options.reconnectMax, options.seed),
          sends(options.sendInterval, options.sendBurst)
    {
        care.setInterval(kCareInterval);
        QObject::connect(&care, &QTimer::timeout, &q, [this] { takeCare(); });
        retry.setSingleShot(true);
        QObject::connect(&retry, &QTimer::timeout, &q, [this] { openInTurn(); });
        flush.setSingleShot(true);
        QObject::connect(&flush, &QTimer::timeout, &q, [this] { sendDue(); });
    }

    WebSocket &q;
    WebSocketOptions options;
    const Clock &clock;
    Callbacks callbacks;
    Backoff backoff;
    Pacer sends;
    std::deque<std::string> waiting; ///< to be sent
    QTimer care;
    QTimer retry;
    QTimer flush;
    bool hasTurn{false};         ///< a place among the connects was taken and its time has come
    QWebSocket *socket{nullptr}; ///< child of q
    std::string address;
    std::string certificateProblem; ///< the first one of this attempt
    State state{State::Stopped};
    std::uint64_t connections{0};
    Duration since{0}; ///< of the present state
    Duration lastFrame{0};
    Duration lastPing{0};
    Duration lastPong{0};
    Duration lastSign{0}; ///< frame or pong, whichever came later

    void openInTurn()
    {
        const Duration wait =
            options.connects && !hasTurn ? options.connects->reserve(clock.monotonic()) : Duration::zero();
        hasTurn = wait > Duration::zero();
        if (hasTurn)
            retry.start(wholeMilliseconds(wait));
        else
            open();
    }

    void open()
    {
        drop();
        if (callbacks.address)
            address = callbacks.address();
        if (const auto origin = parseOrigin(address); !origin) {
            lose(origin.error());
            return;
        }
        socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, &q);
        socket->setMaxAllowedIncomingFrameSize(options.frameBytesMax);
        socket->setMaxAllowedIncomingMessageSize(options.frameBytesMax);
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
        tls.setProtocol(QSsl::TlsV1_2OrLater);
        socket->setSslConfiguration(tls);
        certificateProblem.clear();
        listen();
        enter(State::Connecting);
        care.start();
        socket->open(urlOf(address));
    }

    void listen()
    {
        QObject::connect(socket, &QWebSocket::connected, &q, [this] { onOpen(); });
        QObject::connect(socket, &QWebSocket::textMessageReceived, &q, [this](const QString &text) {
            const UtcTime receivedAt = clock.now();
            deliver(text.toUtf8(), receivedAt);
        });
        QObject::connect(socket, &QWebSocket::binaryMessageReceived, &q, [this](const QByteArray &bytes) {
            const UtcTime receivedAt = clock.now();
            deliver(bytes, receivedAt);
        });
        QObject::connect(socket, &QWebSocket::pong, &q, [this] { lastPong = lastSign = clock.monotonic(); });
        QObject::connect(socket, &QWebSocket::disconnected, &q, [this] {
            if (state == State::Connecting)
                loseWithoutReason();
            else
                lose(Error{ErrorCode::Unavailable, "closed with code " + std::to_string(socket->closeCode())});
        });
        QObject::connect(socket, &QWebSocket::sslErrors, &q, [this](const QList<QSslError> &problems) {
            if (!problems.isEmpty())
                certificateProblem = problems.front().errorString().toStdString();
        });
        QObject::connect(socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), &q,
                         [this](QAbstractSocket::SocketError code) {
                             lose(Error{ErrorCode::Unavailable, state == State::Connecting
                                                                    ? whyNotConnected(*socket, code, certificateProblem)
                                                                    : words(code)});
                         });
    }

    /// The error comes after the end that it caused; only when none comes there was none.
    void loseWithoutReason()
    {
        QMetaObject::invokeMethod(
            socket,
            [this, ended = socket] {
                if (socket == ended && state == State::Connecting)
                    lose(Error{ErrorCode::Unavailable,
                               whyNotConnected(*socket, QAbstractSocket::UnknownSocketError, certificateProblem)});
            },
            Qt::QueuedConnection);
    }

    void enter(State next)
    {
        state = next;
        since = clock.monotonic();
    }

    void onOpen()
    {
        enter(State::Open);
        lastFrame = lastPing = lastPong = lastSign = since;
        ++connections;
        if (callbacks.opened)
            callbacks.opened();
    }

    void deliver(const QByteArray &bytes, UtcTime receivedAt)
    {
        if (state != State::Open)
            return;
        lastFrame = lastSign = clock.monotonic();
        if (callbacks.frame)
            callbacks.frame({bytes.constData(), static_cast<std::size_t>(bytes.size())}, receivedAt);
    }

    /// Away with the socket, silently. We may stand inside one of its signals.
    void drop()
    {
        if (!socket)
            return;
        waiting.clear();
        flush.stop();
        socket->disconnect(&q);
        socket->abort();
        socket->deleteLater();
        socket = nullptr;
    }

    void lose(const Error &why)
    {
        if (state == State::Stopped || state == State::Waiting)
            return;
        drop();
        enter(State::Waiting);
        retry.start(wholeMilliseconds(backoff.next()));
        if (callbacks.lost)
            callbacks.lost(why.in(options.name));
    }

    void takeCare()
    {
        const Duration now = clock.monotonic();
        if (state == State::Connecting && now - since > options.connectTimeout) {
            lose(Error{ErrorCode::TimedOut, "no connection in time"});
            return;
        }
        if (state != State::Open)
            return;
        if (now - since > options.stableAfter)
            backoff.reset();
        if (options.idleLimit > Duration::zero() && now - lastFrame > options.idleLimit) {
            lose(Error{ErrorCode::TimedOut, "no data in time"});
            return;
        }
        if (options.pingEvery <= Duration::zero())
            return;
        // One ping at a time; a pong that answers none of ours also proves life.
        const bool awaitsPong = lastPing > lastPong;
        if (awaitsPong && now - lastPing > options.pongWithin) {
            lose(Error{ErrorCode::TimedOut, "no pong in time"});
            return;
        }
        if (!awaitsPong && now - lastPong > options.pingEvery) {
            lastPing = now;
            (void)sends.reserve(now); // the venue counts it
            socket->ping();
        }
    }

    /// One frame goes for each place in the row; the timer stands for the place of the first one that waits.
    void sendDue()
    {
        while (!waiting.empty() && socket) {
            const std::string text = std::move(waiting.front());
            waiting.pop_front();
            socket->sendTextMessage(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
            if (waiting.empty())
                return;
            if (const Duration wait = sends.reserve(clock.monotonic()); wait > Duration::zero()) {
                flush.start(wholeMilliseconds(wait));
                return;
            }
        }
    }
};

WebSocket::WebSocket(WebSocketOptions options, const Clock &clock, Callbacks callbacks, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(*this, std::move(options), clock, std::move(callbacks)))
{
}

WebSocket::~WebSocket()
{
    stop();
}

void WebSocket::start(std::string address)
{
    stop();
    m_impl->address = std::move(address);
    m_impl->enter(State::Connecting);
    m_impl->retry.start(0);
}

void WebSocket::stop()
{
    m_impl->retry.stop();
    m_impl->hasTurn = false;
    m_impl->care.stop();
    m_impl->drop();
    m_impl->state = State::Stopped;
}

void WebSocket::reconnect(Error why)
{
    QMetaObject::invokeMethod(
        this, [this, why = std::move(why)] { m_impl->lose(why); }, Qt::QueuedConnection);
}

bool WebSocket::send(std::string_view text)
{
    if (m_impl->state != State::Open)
        return false;
    m_impl->waiting.emplace_back(text);
    if (m_impl->waiting.size() > 1)
        return true;
    if (const Duration wait = m_impl->sends.reserve(m_impl->clock.monotonic()); wait > Duration::zero())
        m_impl->flush.start(wholeMilliseconds(wait));
    else
        m_impl->sendDue();
    return true;
}

bool WebSocket::isSendQueueEmpty() const
{
    return m_impl->waiting.empty();
}

WebSocket::State WebSocket::state() const
{
    return m_impl->state;
}

std::optional<Duration> WebSocket::quietFor() const
{
    if (m_impl->state != State::Open)
        return std::nullopt;
    return m_impl->clock.monotonic() - m_impl->lastSign;
}

std::uint64_t WebSocket::connections() const
{
    return m_impl->connections;
}

} // namespace core::net
