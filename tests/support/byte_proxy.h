#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <QtCore/QByteArray>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

namespace tests
{

/// A TCP proxy in front of an HTTP/1.1 server on loopback that damages one exchange: cuts the request or the answer, holds
/// the answer up, or sends a part of it twice. Everything else passes unchanged. One request at a time per connection.
class ByteProxy final : public QTcpServer
{
    Q_OBJECT
public:
    enum class Damage {
        CutRequest, ///< the first `at` bytes of the request go on, then both sides are closed
        Cut,        ///< the first `at` bytes of the answer, then both sides are closed
        Delay,      ///< the first `at` bytes, then a pause, then the rest
        Duplicate,  ///< everything, then the first `at` bytes once more
    };

    explicit ByteProxy(quint16 upstreamPort, QObject *parent = nullptr);

    /// The next exchange whose request starts with `requestStart` is damaged, once.
    void arm(QByteArray requestStart, Damage damage, qsizetype at, std::chrono::milliseconds pause);
    [[nodiscard]] bool isArmed() const { return m_armed; }
    /// Bytes of the longest request and answer of the armed kind so far.
    [[nodiscard]] qsizetype requestBytes() const { return m_requestBytes; }
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
    qsizetype m_requestBytes{0};
    qsizetype m_replyBytes{0};
    int m_requests{0};
};

} // namespace tests
