#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/net/http_reply.h"

namespace core::net
{

enum class HttpMethod { Get, Post, Put, Delete };
[[nodiscard]] std::string_view name(HttpMethod method);

/// `target` (path and encoded query) and `body` are sent byte for byte: what was signed is what goes out.
struct HttpRequest {
    HttpMethod method{HttpMethod::Get};
    std::string address{}; ///< "https://host[:port]"
    std::string target{};  ///< "/path?query"
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};       ///< not with Get
    bool onlyReads{false};    ///< a Post that changes nothing: like a Get it may be sent again on a fresh connection
    Duration timeout{
        std::chrono::seconds{10}}; ///< for everything: waiting for a connection, sending, the answer
};

/// Why there is no answer. `maybeSent`: the other side may have received the request and acted on it.
struct HttpFailure {
    Error error;
    bool maybeSent{false};
};
using HttpResult = tl::expected<HttpReply, HttpFailure>;

/// HTTP/1.1 over kept connections, written for requests that move money: on a ready connection the bytes are
/// handed to the kernel inside `send`; a request that changes something is never repeated here
/// (QNetworkAccessManager repeats it silently when a kept connection ends); a failure says whether anything
/// went out. After 403, 418 or 429 what waits for a connection to that address is answered and not sent. TLS is always verified, plain HTTP goes to loopback only, redirects are not followed. Owner
/// thread with an event loop; answers come from that loop, never from inside a call, and never after
/// destruction.
class HttpClient final : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(HttpResult)>;

    explicit HttpClient(const Clock &clock, QObject *parent = nullptr);
    ~HttpClient() override;

    void send(HttpRequest request, Callback done);
    /// Keeps this many idle connections open, so that the next request does not wait for a handshake.
    void keepWarm(const std::string &address, int connections);
    /// Ends everything; callbacks that are still due are dropped.
    void abortAll();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::net
