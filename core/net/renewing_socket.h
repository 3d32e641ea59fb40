#pragma once

#include <deque>
#include <memory>
#include <string>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/net/backoff.h"
#include "core/net/web_socket.h"

namespace core::net
{

struct RenewalOptions {
    WebSocketOptions socket;
    Duration every{std::chrono::minutes{23 * 60 + 30}}; ///< a connection is replaced at this age; 0: never
    Duration jitter{std::chrono::minutes{10}};          ///< earlier by up to this much
    Duration overlap{std::chrono::seconds{3}};          ///< both are open for at least this long
    std::size_t heldBytesMax{32U << 20U};
    bool mayBeQuiet{false}; ///< the replacement need not have brought a frame to take over
};

/// A WebSocket that is replaced before the venue ends it. The replacement opens beside the old connection;
/// what it brings is held until the old one goes, then handed on: nothing is lost, and what both brought
/// comes twice, the later copy with the same ids. A consumer that drops known ids sees every event once and
/// in order. Should the held frames become too many, the change is made at once. Owner thread; the rules of
/// net::WebSocket for callbacks.
class RenewingSocket final : public QObject
{
    Q_OBJECT
public:
    struct Callbacks {
        std::function<std::string()> address; ///< of each new connection
        /// A new connection is there, a replacement too: subscribe on it what its address does not say.
        std::function<void(WebSocket &line)> subscribe;
        std::function<void()> opened;               ///< after being without connection
        std::function<void(const Error &why)> lost; ///< no connection is left
        std::function<void(std::string_view frame, UtcTime receivedAt)> frame;
    };

    RenewingSocket(RenewalOptions options, const Clock &clock, Callbacks callbacks,
                   QObject *parent = nullptr);
    ~RenewingSocket() override;

    void start();
    void stop();
    void reconnect(Error why);
    /// The replacement is made now (the venue announced its shutdown, the address changed). False when none can
    /// be: without a connection, or one is on its way already, to the address of then.
    bool renew();
    /// On every open connection. False when there is none.
    bool send(std::string_view text);

    [[nodiscard]] WebSocket::State state() const;
    [[nodiscard]] std::uint64_t connections() const
    {
        return m_openings;
    } ///< how often it came out of being without
    [[nodiscard]] std::uint64_t renewals() const { return m_renewals; }
    /// As net::WebSocket::quietFor, of the connection that serves.
    [[nodiscard]] std::optional<Duration> quietFor() const;

private:
    struct Held {
        std::string frame;
        UtcTime receivedAt;
    };

    [[nodiscard]] std::unique_ptr<WebSocket> makeLine();
    void retire(std::unique_ptr<WebSocket> &line);
    void onOpened(WebSocket &line);
    void onLost(WebSocket &line, const Error &why);
    void onFrame(WebSocket &line, std::string_view frame, UtcTime receivedAt);
    [[nodiscard]] bool isReplacementReady() const;
    void changeWhenReady();
    void change();

    RenewalOptions m_options;
    const Clock &m_clock;
    Callbacks m_callbacks;
    Jitter m_jitter;
    std::unique_ptr<WebSocket> m_line;
    std::unique_ptr<WebSocket> m_replacement;
    std::uint64_t m_lineCount{0};
    std::deque<Held> m_held;
    std::size_t m_heldBytes{0};
    Duration m_replacementSince{0};
    QTimer m_due;
    QTimer m_overlap;
    std::uint64_t m_openings{0};
    std::uint64_t m_renewals{0};
};

} // namespace core::net
