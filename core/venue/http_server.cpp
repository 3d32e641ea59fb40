#include "core/venue/http_server.h"

#include <algorithm>
#include <charconv>

#include <QtCore/QTimer>
#include <QtNetwork/QTcpSocket>

#include <fmt/format.h>

namespace core::venue
{

namespace
{
constexpr std::size_t kHeadMax = 64U * 1024U;
constexpr std::size_t kBodyMax = 1024U * 1024U;

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

[[nodiscard]] std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

[[nodiscard]] std::string lowerCase(std::string_view text)
{
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// The head without its final blank line; false when it is no HTTP/1.x request.
[[nodiscard]] bool parseHead(std::string_view head, HttpRequest &request)
{
    const std::size_t lineEnd = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, lineEnd);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first || !line.substr(last + 1).starts_with("HTTP/1."))
        return false;
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.method = line.substr(0, first);
    request.path = target.substr(0, mark);
    request.query = mark < target.size() ? target.substr(mark + 1) : std::string_view{};
    head.remove_prefix(std::min(lineEnd + 2, head.size()));
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view field = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos)
            return false;
        request.headers.emplace_back(lowerCase(field.substr(0, colon)), trimmed(field.substr(colon + 1)));
    }
    return !request.path.empty() && request.path.front() == '/';
}
} // namespace

std::string HttpRequest::header(std::string_view lowerCaseName) const
{
    for (const auto &[name, value] : headers)
        if (name == lowerCaseName)
            return value;
    return {};
}

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
        const std::size_t headEnd = m_buffer.find("\r\n\r\n");
        if (headEnd == std::string::npos) {
            if (m_buffer.size() > kHeadMax)
                refuse();
            return false;
        }
        HttpRequest request;
        if (!parseHead(std::string_view(m_buffer).substr(0, headEnd), request) ||
            !request.header("transfer-encoding").empty()) {
            refuse();
            return false;
        }
        const std::string lengthText = request.header("content-length");
        std::size_t length = 0;
        if (!lengthText.empty()) {
            const auto [end, error] =
                std::from_chars(lengthText.data(), lengthText.data() + lengthText.size(), length);
            if (error != std::errc() || end != lengthText.data() + lengthText.size() || length > kBodyMax) {
                refuse();
                return false;
            }
        }
        if (m_buffer.size() < headEnd + 4 + length)
            return false;
        request.body = m_buffer.substr(headEnd + 4, length);
        m_buffer.erase(0, headEnd + 4 + length);
        const bool closes = lowerCase(request.header("connection")) == "close";
        answer(m_handler(request), closes);
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
