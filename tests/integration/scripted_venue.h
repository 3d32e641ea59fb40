#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <QtNetwork/QTcpServer>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "tests/integration/client_fixture.h"

namespace tests
{

/// An exchange that says what it is told, word for word, and writes down what it was asked; for what the
/// loopback exchange does not do, or not on command. Unsigned; one account, flat, without orders, until the
/// script says otherwise.
class ScriptedVenue
{
public:
    struct Request {
        std::string method;
        std::string path;
        std::map<std::string, std::string> parameters; ///< decoded
        std::string query;                             ///< as it came
    };
    struct Answer {
        int status{200};
        std::string body{};
        bool silent{false};             ///< executed or not: the connection ends without a word
        std::chrono::milliseconds after{0};
    };
    using Handler = std::function<Answer(const Request &)>;

    ScriptedVenue();
    ~ScriptedVenue();

    /// "POST /fapi/v1/order"; replaces what was there.
    void on(const std::string &what, Handler handler) { m_handlers[what] = std::move(handler); }
    void on(const std::string &what, std::string body);
    /// Answers in turn; the last one stays.
    void onEach(const std::string &what, std::vector<Answer> answers);
    [[nodiscard]] std::vector<Request> asked(const std::string &what) const;
    [[nodiscard]] int count(const std::string &what) const { return static_cast<int>(asked(what).size()); }
    [[nodiscard]] const std::vector<Request> &all() const { return m_requests; }
    /// One frame of the private stream, on the newest connection.
    void say(const std::string &frame);
    /// Open connections of the private stream, the oldest first.
    [[nodiscard]] const QList<QWebSocket *> &privatePeers() const { return m_peers; }
    /// REST connections that stand open now; a client keeps some for the next request.
    [[nodiscard]] int restConnections() const { return m_restConnections; }
    [[nodiscard]] int privateConnections() const { return m_connections; }
    [[nodiscard]] const std::vector<std::string> &privatePaths() const { return m_paths; }
    void dropPrivate();
    void forgetRequests() { m_requests.clear(); }
    [[nodiscard]] quint16 streamPort() const { return m_streams.serverPort(); }
    [[nodiscard]] quint16 restPort() const { return m_http.serverPort(); }

    [[nodiscard]] std::string restUrl() const;
    [[nodiscard]] std::string streamUrl() const;

private:
    void onBytes(QTcpSocket *socket);
    void answer(QTcpSocket *socket, const Request &request);

    QTcpServer m_http;
    QWebSocketServer m_streams;
    std::map<std::string, Handler> m_handlers;
    std::vector<Request> m_requests;
    QList<QWebSocket *> m_peers;
    std::vector<std::string> m_paths;
    int m_connections{0};
    int m_restConnections{0};
};

/// A client in front of a scripted exchange.
class ScriptedFixture
{
public:
    ScriptedFixture();
    ~ScriptedFixture();
    core::net::SystemClock clock;
    core::exchange::binance::ClientOptions options;
    ScriptedVenue venue;
    Recorder seen;
    std::unique_ptr<core::exchange::binance::BinanceClient> client;
    core::Symbol symbol;
    core::InstrumentKey instrument;

    void start();
    [[nodiscard]] bool startAndReconcile();
    [[nodiscard]] core::OrderRequest limit(const std::string &id, core::Side side, std::string_view quantity,
                                           std::string_view price) const;
    [[nodiscard]] core::OrderRequest stop(const std::string &id, core::Side side, std::string_view quantity,
                                          std::string_view trigger) const;
    void submit(const core::OrderRequest &request);
    [[nodiscard]] static core::ClientOrderId id(std::string_view text);
    /// Milliseconds since 1970, as the venue's events carry them.
    [[nodiscard]] std::string now() const;

    /// Frames and answers. `more` is put into the object as it is: R"(,"er":"5")".
    [[nodiscard]] std::string orderEvent(const std::string &clientId, std::int64_t venueId, const std::string &status,
                                         const std::string &execution, const std::string &filled = "0",
                                         std::int64_t tradeId = 0, const std::string &originalType = "LIMIT") const;
    [[nodiscard]] std::string algoEvent(const std::string &clientId, std::int64_t algoId, const std::string &status,
                                        const std::string &child = "", const std::string &reason = "",
                                        const std::string &executed = "0") const;
    [[nodiscard]] std::string order(const std::string &clientId, std::int64_t venueId, const std::string &status,
                                    const std::string &filled = "0", const std::string &quantity = "0.5",
                                    const std::string &price = "60000") const;
    [[nodiscard]] std::string walletEvent(const std::string &wallet) const;
    [[nodiscard]] static std::string position(const std::string &amount, const std::string &time);
    [[nodiscard]] std::string algo(const std::string &clientId, std::int64_t algoId, const std::string &status,
                                   const std::string &child = "") const;
};

} // namespace tests
