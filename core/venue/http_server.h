#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <QtCore/QObject>
#include <QtNetwork/QTcpServer>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/venue/http_request.h"

class QTcpSocket;

namespace core::venue
{

struct HttpReply {
    int status{200};
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool hangUp{false}; ///< no answer: the connection ends
    Duration delay{0};
    bool isSilent{false}; ///< no answer, and the connection stays
    bool isCut{false};    ///< half of the answer, then the connection is reset
    std::string contentType{"application/json;charset=UTF-8"};
};

/// HTTP/1.1 on a loopback port: keep-alive, pipelining, Content-Length bodies; nothing else. QtHttpServer
/// normalises the query before one can see it, and the venue signs raw bytes; hence this one. Lives on the
/// thread of its parent.
class HttpServer : public QObject
{
    Q_OBJECT

public:
    using Handler = std::function<HttpReply(const HttpRequest &)>;

    HttpServer(Handler handler, QObject *parent);
    ~HttpServer() override;
    /// InUse names the port. 0: any free one.
    [[nodiscard]] Result<std::uint16_t> listen(std::uint16_t port);

private:
    class Connection;
    void onConnection();

    Handler m_handler;
    QTcpServer m_server;
};

} // namespace core::venue
