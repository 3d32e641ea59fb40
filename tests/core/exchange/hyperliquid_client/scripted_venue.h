#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtNetwork/QTcpServer>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/exchange/hyperliquid/client.h"
#include "core/net/system_clock.h"
#include "core/risk/approved.h"
#include "tests/core/exchange/hyperliquid_client/hl_listener.h"

namespace tests::hl
{

/// Keys of nobody: the private key 0123… of the published examples, its address, and an account that has approved it.
inline constexpr std::string_view kAgentKey = "0x0123456789012345678901234567890123456789012345678901234567890123";
inline constexpr std::string_view kAgentAddress = "0x14791697260e4c9a71f18484c9f997b308e59325";
inline constexpr std::string_view kAccount = "0x00000000000000000000000000000000000000aa";

/// A venue of a few lines: answers each info type and /exchange by what a test gave, in words of the reference. Starts as
/// an empty account with an approved agent, one coin (BTC, id 0) and a book. Loopback only; same thread.
class ScriptedVenue final : public QObject
{
    Q_OBJECT
public:
    struct Reply {
        int status{200};
        QByteArray body{};
        bool drop{false}; ///< the connection ends instead of an answer
        std::vector<std::pair<QByteArray, QByteArray>> headers{};
    };
    using Handler = std::function<Reply(const QJsonObject &request)>;

    explicit ScriptedVenue(QObject *parent = nullptr);
    ~ScriptedVenue() override;

    std::map<std::string, Handler> info; ///< by type
    Handler exchange;
    std::vector<QJsonObject> asked;      ///< infos, in order
    std::vector<QJsonObject> actions;    ///< whole bodies of /exchange
    std::vector<std::string> frames;     ///< everything that came over the sockets
    bool pongs{true};
    bool greets{false}; ///< with a frame that is no JSON
    std::int64_t skewMs{0};

    [[nodiscard]] core::exchange::hyperliquid::Endpoints endpoints() const;
    /// To every socket that is open.
    void push(const QByteArray &frame);
    void dropSockets();
    [[nodiscard]] std::size_t sockets() const { return m_sockets.size(); }
    [[nodiscard]] int askedFor(std::string_view type) const;
    [[nodiscard]] bool subscribed(std::string_view part) const;
    void pushMarket(std::string_view bidPrice, std::string_view askPrice, std::string_view mark);

private:
    void onConnection();
    void onRequest(QTcpSocket *socket, const QByteArray &target, const QByteArray &body);
    void onSocket();

    QTcpServer m_http;
    QWebSocketServer m_webSockets;
    std::vector<QWebSocket *> m_sockets;
};

[[nodiscard]] std::int64_t nowMs();
/// JSON with single quotes, as moc can read it.
[[nodiscard]] QByteArray q(const char *text);

/// A client with short waits in front of a scripted venue.
struct ScriptedClient {
    ScriptedClient();
    ~ScriptedClient();

    core::net::SystemClock clock;
    ScriptedVenue venue;
    core::exchange::hyperliquid::ClientOptions options;
    Listener seen;
    std::unique_ptr<core::exchange::hyperliquid::HyperliquidClient> client;

    void start(const std::vector<std::string> &coins = {"BTC"});
    /// Started, reconciled, and the book is fresh.
    [[nodiscard]] bool startAll();
    [[nodiscard]] core::OrderRequest limit(const std::string &id, core::Side side, std::string_view price,
                                           std::string_view quantity) const;
    void submit(const std::vector<core::OrderRequest> &requests);
    [[nodiscard]] core::InstrumentKey btc() const;
};

/// As `approved` for orders.
[[nodiscard]] core::risk::Approved<core::OrderChange> approvedChange(const core::OrderChange &change);
/// Short waits, so that what takes a venue seconds takes a test little.
[[nodiscard]] core::exchange::hyperliquid::ClientTimings quickTimings();
[[nodiscard]] bool waitFor(const std::function<bool()> &condition, int milliseconds = 8000);

} // namespace tests::hl
