#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/hyperliquid/client_options.h"
#include "core/net/web_socket.h"

namespace core::exchange::hyperliquid
{

/// One connection to /ws with its subscriptions: subscribes to everything anew whenever it opens (the venue
/// resumes nothing), pings in the venue's own words when it hears nothing, and takes a line without any frame or
/// without a pong for dead. Engine thread; callbacks from the event loop only. Source: reference/hyperliquid.md section 6.1.
class ClientSocket final : public QObject
{
    Q_OBJECT
public:
    ClientSocket(const ClientOptions &options, const Clock &clock, std::string name, std::uint64_t seed,
                 net::WebSocket::Callbacks callbacks, QObject *parent);
    ~ClientSocket() override;

    void start();
    void stop();
    /// `subscription` is its JSON object, `{"type":"bbo","coin":"BTC"}`.
    void subscribe(const std::string &subscription);
    void unsubscribe(const std::string &subscription);
    void reconnect(Error why) { m_socket.reconnect(std::move(why)); }

    [[nodiscard]] bool isOpen() const { return m_socket.state() == net::WebSocket::State::Open; }
    /// For so short a time nothing came, no pong either, that the line may be silent by nature.
    [[nodiscard]] bool isAlive() const;
    [[nodiscard]] std::uint64_t connections() const { return m_socket.connections(); }
    [[nodiscard]] std::size_t subscriptions() const { return m_subscriptions.size(); }

private:
    void onOpened();
    void onFrame(std::string_view frame, UtcTime receivedAt);
    void care();

    const ClientOptions &m_options;
    const Clock &m_clock;
    net::WebSocket::Callbacks m_callbacks;
    std::vector<std::string> m_subscriptions;
    QTimer m_care;
    Duration m_frameAt{0};
    Duration m_pingAt{0};
    bool m_pongDue{false};
    net::WebSocket m_socket;
};

} // namespace core::exchange::hyperliquid
