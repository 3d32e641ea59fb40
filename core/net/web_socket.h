#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/pacer.h"

namespace core::net
{

struct WebSocketOptions {
    std::string name; ///< for error texts; addresses may hold secrets and are never printed
    Duration connectTimeout{std::chrono::seconds{10}};
    Duration reconnectMin{std::chrono::seconds{1}};
    Duration reconnectMax{std::chrono::seconds{60}};
    Duration pingEvery{std::chrono::seconds{10}}; ///< 0: none (the owner has pings of its own)
    Duration pongWithin{std::chrono::seconds{10}};
    Duration idleLimit{
        std::chrono::seconds{30}}; ///< no data frame for so long: reconnect. 0: the stream may be quiet
    Duration stableAfter{std::chrono::seconds{30}}; ///< open for so long: the back-off starts anew
    std::uint64_t frameBytesMax{std::uint64_t{16} * 1024 * 1024};
    std::uint64_t seed{1};
    Duration sendInterval{
        0}; ///< frames of ours, also pings, come at most so often after a burst; 0: no limit
    int sendBurst{1};
    std::shared_ptr<Pacer> connects; ///< shared by all sockets to one venue; none: no limit
};

/// A WebSocket that reconnects by itself until stopped: back-off with jitter, own pings, an idle deadline, a
/// limit on incoming frames. A frame is stamped before anything else happens to it. Owner thread with an
/// event loop; the callbacks come from that loop, never from inside a call, and never after `stop`. TLS is
/// always verified; ws:// goes to loopback only.
class WebSocket final : public QObject
{
    Q_OBJECT
public:
    enum class State {
        Stopped,
        Connecting,
        Open,
        Waiting, ///< for the next attempt
    };
    struct Callbacks {
        std::function<void()> opened;
        /// After `opened` for that connection, or instead of it. Not called for `stop`.
        std::function<void(const Error &why)> lost;
        std::function<void(std::string_view frame, UtcTime receivedAt)> frame;
        /// Asked before each attempt, in place of what `start` was given. May be absent.
        std::function<std::string()> address{};
    };

    WebSocket(WebSocketOptions options, const Clock &clock, Callbacks callbacks, QObject *parent = nullptr);
    ~WebSocket() override;

    /// Connects to this address until `stop` or the next `start`.
    void start(std::string address);
    void stop();
    /// Gives up the present connection and makes a new one after the back-off.
    void reconnect(Error why);
    /// In order, and no faster than `sendInterval` allows; what waits is dropped with the connection. False
    /// when not open.
    bool send(std::string_view text);

    [[nodiscard]] State state() const;
    [[nodiscard]] std::uint64_t connections() const; ///< how often it was open
    /// Since the other side last gave a sign of life: a frame, a pong, the opening. Absent when not open.
    [[nodiscard]] std::optional<Duration> quietFor() const;
    [[nodiscard]] bool isSendQueueEmpty() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::net
