#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/venue/faults_gate.h"

namespace core::venue
{

/// The last step of every WebSocket frame of a loopback exchange: sends it, or does to it what the plan says.
/// Owns the listening socket, since half a frame and a silent line need the TCP connection under the
/// WebSocket. Lives on the thread of its parent; the gate, the clock and the server outlive it.
class FaultsWire : public QObject
{
    Q_OBJECT
public:
    FaultsWire(QWebSocketServer &server, FaultGate &gate, const Clock &clock, QObject *parent);
    ~FaultsWire() override;

    /// On loopback; 0: any free port. InUse names the port.
    [[nodiscard]] Result<std::uint16_t> listen(std::uint16_t port);
    /// A socket that came out of the server.
    void attach(QWebSocket *socket, FaultChannel channel);
    /// `event`: the name of what the frame tells; empty for acknowledgements.
    void send(QWebSocket *socket, FaultChannel channel, std::string_view event, std::string_view frame);
    /// Every few milliseconds: lines that have to fall silent do.
    void onTimer();

private:
    struct Line {
        QPointer<QTcpSocket> tcp;
        FaultChannel channel{FaultChannel::WebSocket};
        struct Frame {
            Duration dueAt{0};
            QByteArray text;
        };
        std::deque<Frame> waiting;
        std::optional<Frame> held; ///< goes after the next one
        Duration freeAt{0};        ///< slow line: when the last byte is through
        bool isDead{false};        ///< half-open or cut
    };

    void onConnection();
    void put(QWebSocket *socket, Line &line, const QByteArray &text, Duration dueAt);
    void cut(Line &line, const QByteArray &text);
    void silence(Line &line);
    void keepTime();
    void flush();

    QWebSocketServer &m_server;
    FaultGate &m_gate;
    const Clock &m_clock;
    QTcpServer m_listener;
    QTimer m_timer;
    std::map<quint16, QPointer<QTcpSocket>> m_byPort; ///< of the peer, until the handshake is done
    std::map<QWebSocket *, Line> m_lines;
};

/// The value of the first member named `member` in the frame's text: a name that no frame hides in a string
/// before it. Empty when there is none.
[[nodiscard]] std::string_view eventNameOf(std::string_view frame, std::string_view member);

} // namespace core::venue
