#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

namespace tests
{

/// A TCP line to a server on loopback that can go bad in the middle of things. Bytes that it does not pass stay where
/// they are, as in a network that swallows packets: neither side learns of it.
class LineProxy final : public QTcpServer
{
public:
    enum class Mode {
        Pass,
        Hole,    ///< open on both sides, and nothing passes: half-open, no FIN
        Mute,    ///< new connections are accepted and never answered; a stalled handshake
        Trickle, ///< one byte a second to the client
    };

    explicit LineProxy(quint16 upstreamPort);

    /// Of the lines that are open and of those to come; a line that was in a hole stays in it.
    void setMode(Mode mode);
    /// Cuts every line without a word.
    void reset();
    [[nodiscard]] int accepted() const { return m_accepted; }
    [[nodiscard]] int open() const { return static_cast<int>(m_lines.size()); }

private:
    struct Line {
        QTcpSocket *client{nullptr};
        QTcpSocket *upstream{nullptr};
        bool lost{false}; ///< was in a hole
    };
    void onClient();
    void pass(Line &line) const;
    void forget(const std::shared_ptr<Line> &line);

    quint16 m_upstreamPort;
    Mode m_mode{Mode::Pass};
    std::vector<std::shared_ptr<Line>> m_lines;
    QTimer m_seconds;
    int m_accepted{0};
};

} // namespace tests
