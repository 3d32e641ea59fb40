#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <QtCore/QByteArray>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

namespace tests
{

/// A TCP proxy in front of an HTTP/1.1 server on loopback that damages one answer on its way back: cuts it, holds it up,
/// or sends a part of it twice. It passes everything else through unchanged. One request at a time per connection.
class ByteProxy final : public QTcpServer
{
    Q_OBJECT
public:
    enum class Damage {
        Cut,       ///< the first `at` bytes, then both sides are closed
        Delay,     ///< the first `at` bytes, then a pause, then the rest
        Duplicate, ///< everything, then the first `at` bytes once more
    };

    explicit ByteProxy(quint16 upstreamPort, QObject *parent = nullptr);

    /// The next answer to a request that starts with `requestStart` is damaged, once.
    void arm(QByteArray requestStart, Damage damage, qsizetype at, std::chrono::milliseconds pause);
    /// Not damaged any more.
    void disarm() { m_armed = false; }
    [[nodiscard]] bool isArmed() const { return m_armed; }
    /// Bytes of the longest answer to an armed kind of request so far.
    [[nodiscard]] qsizetype replyBytes() const { return m_replyBytes; }
    [[nodiscard]] int requests() const { return m_requests; } ///< that started with `requestStart`

private:
    struct Link;
    void onClient();
    void onRequestBytes(const std::shared_ptr<Link> &link);
    void onReplyBytes(const std::shared_ptr<Link> &link);
    void sendDamaged(const std::shared_ptr<Link> &link, const QByteArray &whole);

    quint16 m_upstreamPort;
    QByteArray m_requestStart;
    Damage m_damage{Damage::Cut};
    qsizetype m_at{0};
    std::chrono::milliseconds m_pause{0};
    bool m_armed{false};
    qsizetype m_replyBytes{0};
    int m_requests{0};
};

} // namespace tests
