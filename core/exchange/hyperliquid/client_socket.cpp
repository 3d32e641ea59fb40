#include "core/exchange/hyperliquid/client_socket.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr std::string_view kPing = R"({"method":"ping"})";
constexpr std::size_t kPongBytesMax = 64;

net::WebSocketOptions socketOptions(const ClientOptions &options, std::string name, std::uint64_t seed)
{
    net::WebSocketOptions result;
    result.name = std::move(name);
    result.connectTimeout = options.timings.connectTimeout;
    result.reconnectMin = options.timings.reconnectMin;
    result.reconnectMax = options.timings.reconnectMax;
    result.pingEvery = Duration::zero();
    result.idleLimit = Duration::zero();
    result.seed = seed;
    return result;
}

std::string request(std::string_view method, const std::string &subscription)
{
    std::string text = R"({"method":")";
    text += method;
    text += R"(","subscription":)";
    text += subscription;
    text += '}';
    return text;
}

/// A quarter of the shortest deadline, so that tests with short ones are served too.
std::chrono::milliseconds careInterval(const ClientTimings &timings)
{
    const Duration shortest =
        std::min({timings.pingEvery, timings.pongWithin, timings.frameWithin, timings.lineStaleAfter}) / 4;
    return std::chrono::ceil<std::chrono::milliseconds>(std::clamp<Duration>(shortest, 10ms, 1s));
}

} // namespace

ClientSocket::ClientSocket(const ClientOptions &options, const Clock &clock, std::string name,
                           std::uint64_t seed, net::WebSocket::Callbacks callbacks, QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_callbacks(std::move(callbacks)),
      m_socket(socketOptions(options, std::move(name), seed), clock,
               {.opened = [this] { onOpened(); },
                .lost =
                    [this](const Error &why) {
                        if (m_callbacks.lost)
                            m_callbacks.lost(why);
                    },
                .frame = [this](std::string_view frame, UtcTime at) { onFrame(frame, at); }})
{
    m_care.setInterval(careInterval(options.timings));
    connect(&m_care, &QTimer::timeout, this, &ClientSocket::care);
}

ClientSocket::~ClientSocket() = default;

void ClientSocket::start()
{
    m_care.start();
    m_socket.start(m_options.endpoints.webSocket);
}

void ClientSocket::stop()
{
    m_care.stop();
    m_socket.stop();
}

void ClientSocket::subscribe(const std::string &subscription)
{
    if (std::find(m_subscriptions.begin(), m_subscriptions.end(), subscription) != m_subscriptions.end())
        return;
    m_subscriptions.push_back(subscription);
    if (isOpen())
        static_cast<void>(m_socket.send(request("subscribe", subscription)));
}

void ClientSocket::unsubscribe(const std::string &subscription)
{
    if (std::erase(m_subscriptions, subscription) > 0 && isOpen())
        static_cast<void>(m_socket.send(request("unsubscribe", subscription)));
}

void ClientSocket::onOpened()
{
    m_frameAt = m_clock.monotonic();
    m_pongDue = false;
    for (const std::string &subscription : m_subscriptions)
        static_cast<void>(m_socket.send(request("subscribe", subscription)));
    if (m_callbacks.opened)
        m_callbacks.opened();
}

void ClientSocket::onFrame(std::string_view frame, UtcTime receivedAt)
{
    m_frameAt = m_clock.monotonic();
    if (frame.size() <= kPongBytesMax && frame.find(R"("pong")") != std::string_view::npos) {
        m_pongDue = false;
        return;
    }
    if (m_callbacks.frame)
        m_callbacks.frame(frame, receivedAt);
}

bool ClientSocket::isAlive() const
{
    return isOpen() && m_clock.monotonic() - m_frameAt <= m_options.timings.lineStaleAfter;
}

void ClientSocket::care()
{
    if (!isOpen())
        return;
    const Duration now = m_clock.monotonic();
    const ClientTimings &timings = m_options.timings;
    if (now - m_frameAt > timings.frameWithin) {
        m_frameAt = now;
        m_socket.reconnect(Error{ErrorCode::TimedOut, "no frame in time"});
        return;
    }
    if (m_pongDue && now - m_pingAt > timings.pongWithin) {
        m_pongDue = false;
        m_socket.reconnect(Error{ErrorCode::TimedOut, "no pong in time"});
        return;
    }
    if (!m_pongDue && now - m_frameAt >= timings.pingEvery) {
        m_pingAt = now;
        m_pongDue = m_socket.send(kPing);
    }
}

} // namespace core::exchange::hyperliquid
