#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/base/clock.h"

namespace bench
{

using SteadyTime = std::chrono::steady_clock::time_point;

/// One complete request; `at` was read before anything else happened to it.
struct WireRequest {
    std::string_view method;
    std::string_view target;
    std::string_view body;
    SteadyTime at;
};

/// Where a frame goes.
enum class Route { Public, Market, Account, Echo };

/// A recorded frame and how long after the first one it came, as recorded.
struct ReplayFrame {
    std::chrono::nanoseconds after{0};
    Route route{Route::Public};
    std::string text;
};

/// HTTP and WebSocket on loopback, with as little between socket and answer as the sockets allow; it decides nothing, so the
/// same machinery serves both venues and the echo. Lives on a thread of its own with an event loop.
class WireServer final : public QObject
{
public:
    using Answer = std::function<std::string(const WireRequest &)>;

    explicit WireServer(Answer answer);
    ~WireServer() override;

    [[nodiscard]] quint16 httpPort() const { return m_http.serverPort(); }
    [[nodiscard]] quint16 webSocketPort() const { return m_streams.serverPort(); }
    /// Written to the kernel when it returns, as far as the kernel takes it. The time is read just before.
    SteadyTime push(Route route, const QString &frame);
    /// Over and over, `factor` times as fast as recorded. `prepare` may change a frame before it goes out.
    void replay(std::vector<ReplayFrame> frames, int factor, std::function<void(std::string &)> prepare);
    [[nodiscard]] std::uint64_t replayed() const { return m_replayed; }
    [[nodiscard]] bool isListening(Route route) const;

private:
    struct Peer {
        QWebSocket *socket;
        Route route;
    };
    void onHttp();
    void onStream();
    void onBytes(QTcpSocket *socket, QByteArray &bytes);
    void onSocket();
    void tick();

    Answer m_answer;
    QTcpServer m_http;
    QTcpServer m_streams; ///< hands its connections to m_sockets
    QWebSocketServer m_sockets;
    std::vector<Peer> m_peers;
    std::vector<ReplayFrame> m_frames;
    std::function<void(std::string &)> m_prepare;
    QTimer m_ticks;
    SteadyTime m_replayStart;
    int m_factor{1};
    std::size_t m_next{0};
    std::uint64_t m_replayed{0};
};

} // namespace bench
