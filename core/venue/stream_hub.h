#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace core::venue
{

enum class StreamRoute { Public, Market, Private, Unrouted };

/// Which stream goes to which WebSocket: routes, raw and combined frames, control messages. A stream on the
/// wrong route and a stream that does not exist are acknowledged and silent. No sockets: text in, text out.
/// One thread. Source: reference/binance-usdm.md sections 1.2 and 4.2.
class StreamHub
{
public:
    using ConnectionId = std::uint64_t;
    using Send = std::function<void(ConnectionId, std::string_view frame)>;

    explicit StreamHub(Send send) : m_send(std::move(send)) {}

    /// `target` is path and query of the handshake, raw. NotFound for a path that is none of ours.
    [[nodiscard]] Result<void> open(ConnectionId id, std::string_view target);
    void close(ConnectionId id);
    /// A text frame from the client; the answer is sent.
    void onText(ConnectionId id, std::string_view text);

    /// To every connection that may see and wants `stream`. `data` is the event's bytes.
    void publish(std::string_view stream, std::string_view data);
    /// To every private connection that listens with this key and wants this kind of event.
    void publishPrivate(std::string_view listenKey, std::string_view event, std::string_view data);
    /// The key is void: nothing comes any more on sockets that used it; they stay open.
    void dropListenKey(std::string_view listenKey);
    [[nodiscard]] bool hasSubscriber(std::string_view stream) const;
    /// Names of the streams that somebody receives.
    [[nodiscard]] std::vector<std::string> activeStreams() const;
    [[nodiscard]] std::size_t connectionCount() const { return m_connections.size(); }

private:
    struct PrivateListener {
        std::string listenKey;
        std::string events; ///< names joined by '/'; empty: everything
    };
    struct Connection {
        StreamRoute route{StreamRoute::Unrouted};
        bool combined{false};
        std::vector<std::string> streams; ///< as subscribed, for LIST_SUBSCRIPTIONS
        std::vector<PrivateListener> keys;
    };

    void subscribe(ConnectionId id, Connection &connection, const std::string &stream);
    void unsubscribe(ConnectionId id, Connection &connection, const std::string &stream);
    void openPrivate(Connection &connection, std::string_view rest, std::string_view query);
    [[nodiscard]] std::string answer(ConnectionId id, Connection &connection, std::string_view text);
    void deliver(ConnectionId id, const Connection &connection, std::string_view stream,
                 std::string_view data);

    Send m_send;
    std::map<ConnectionId, Connection> m_connections;
    std::map<std::string, std::set<ConnectionId>, std::less<>>
        m_byStream; ///< only what may be seen on its route
    std::string m_frame;
};

} // namespace core::venue
