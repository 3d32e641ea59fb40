#include "core/venue/http_server.h"

#include <QtCore/QTimer>
#include <QtNetwork/QTcpSocket>

#include <fmt/format.h>

namespace core::venue
{

namespace
{
[[nodiscard]] std::string_view reasonOf(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 418:
        return "I'm a teapot";
    case 429:
        return "Too Many Requests";
    case 405:
        return "Method Not Allowed";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    default:
        return "Status";
    }
}
} // namespace

/// One client; a child of its socket, so that it goes with it.
class HttpServer::Connection : public QObject
{
public:
    Connection(QTcpSocket *socket, const Handler &handler)
        : QObject(socket), m_socket(socket), m_handler(handler)
    {
        connect(socket, &QTcpSocket::readyRead, this, [this] { onReadyRead(); });
        connect(socket, &QTcpSocket::disconnected, socket, &QTcpSocket::deleteLater);
    }

private:
    void onReadyRead()
    {
        const QByteArray bytes = m_socket->readAll();
        m_buffer.append(bytes.constData(), static_cast<std::size_t>(bytes.size()));
        while (!m_ended && takeRequest()) {
        }
    }

    [[nodiscard]] bool takeRequest()
    {
        const auto request = takeHttpRequest(m_buffer);
        if (!request) {
            refuse();
            return false;
        }
        if (!*request)
            return false;
        answer(m_handler(**request), (*request)->closes());
        return true;
    }

    void answer(const HttpReply &reply, bool closes)
    {
        if (reply.delay > Duration::zero())
            QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(reply.delay), Qt::PreciseTimer,
                               this, [this, reply, closes] { write(reply, closes); });
        else
            write(reply, closes);
    }

    void write(const HttpReply &reply, bool closes)
    {
        if (m_ended || reply.isSilent)
            return;
        if (reply.hangUp) {
            end();
            return;
        }
        std::string out = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n"
                                      "Content-Length: {}\r\n",
                                      reply.status, reasonOf(reply.status), reply.contentType, reply.body.size());
        for (const auto &[name, value] : reply.headers)
            out += fmt::format("{}: {}\r\n", name, value);
        out += closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
        out += reply.body;
        if (reply.isCut)
            out.resize(out.size() - reply.body.size() / 2 - 1);
        m_socket->write(out.data(), static_cast<qint64>(out.size()));
        if (reply.isCut) {
            m_socket->flush();
            end();
            return;
        }
        if (closes) {
            m_ended = true;
            m_socket->disconnectFromHost();
        }
    }

    void end()
    {
        m_ended = true;
        QTimer::singleShot(0, this, [this] { m_socket->abort(); });
    }

    void refuse()
    {
        write({.status = 400, .headers = {}, .body = R"({"code":-1000,"msg":"Malformed HTTP request."})"}, true);
    }

    QTcpSocket *m_socket; // parent
    const Handler &m_handler;
    std::string m_buffer;
    bool m_ended{false};
};

HttpServer::HttpServer(Handler handler, QObject *parent)
    : QObject(parent), m_handler(std::move(handler)), m_server(this)
{
    connect(&m_server, &QTcpServer::newConnection, this, [this] { onConnection(); });
}

HttpServer::~HttpServer() = default;

Result<std::uint16_t> HttpServer::listen(std::uint16_t port)
{
    if (!m_server.listen(QHostAddress::LocalHost, port)) {
        if (m_server.serverError() == QAbstractSocket::AddressInUseError)
            return fail(ErrorCode::InUse, fmt::format("httpPort: port {} is in use", port));
        return fail(ErrorCode::IoFailed,
                    fmt::format("httpPort: port {}: {}", port, m_server.errorString().toStdString()));
    }
    return m_server.serverPort();
}

void HttpServer::onConnection()
{
    while (QTcpSocket *socket = m_server.nextPendingConnection()) {
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        new Connection(socket, m_handler); // child of the socket
    }
}

} // namespace core::venue
