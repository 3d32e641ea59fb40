#include "core/exchange/binance/connection.h"

#include <algorithm>

#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

/// An address longer than this is refused by some servers on the way.
constexpr std::size_t kAddressMax = 1'800;
/// The venue disconnects at more than ten frames a second, pings included; it recommends at most five.
constexpr Duration kSendInterval = 250ms;
constexpr int kSendBurst = 3;

} // namespace

StreamConnection::StreamConnection(StreamRoute route, int number, const ClientOptions &options,
                                   std::shared_ptr<net::Pacer> connects, const Clock &clock,
                                   Callbacks callbacks)
    : m_route(route), m_title(std::string(name(route)) + " stream " + std::to_string(number)),
      m_base(
          (route == StreamRoute::Public ? options.endpoints.streamsPublic : options.endpoints.streamsMarket) +
          "/" + std::string(name(route)) + "/stream?streams="),
      m_socket(socketOptions(options, std::move(connects)), clock, socketCallbacks(std::move(callbacks)))
{
    // Changes of one turn of the event loop go out together.
    m_changes.setSingleShot(true);
    connect(&m_changes, &QTimer::timeout, this, &StreamConnection::sendChanges);
}

net::RenewalOptions StreamConnection::socketOptions(const ClientOptions &options,
                                                    std::shared_ptr<net::Pacer> connects) const
{
    net::RenewalOptions renewal;
    renewal.socket.name = m_title;
    renewal.socket.connectTimeout = options.timings.connectTimeout;
    renewal.socket.reconnectMin = options.timings.reconnectMin;
    renewal.socket.reconnectMax = options.timings.reconnectMax;
    renewal.socket.idleLimit = options.timings.streamIdleLimit;
    renewal.socket.seed = options.seed ^ std::hash<std::string>{}(m_title);
    renewal.socket.sendInterval = kSendInterval;
    renewal.socket.sendBurst = kSendBurst;
    renewal.socket.connects = std::move(connects);
    renewal.every = options.timings.renewEvery;
    renewal.jitter = options.timings.renewJitter;
    renewal.overlap = options.timings.renewOverlap;
    return renewal;
}

net::RenewingSocket::Callbacks StreamConnection::socketCallbacks(Callbacks callbacks)
{
    net::RenewingSocket::Callbacks socket;
    socket.address = [this] { return address(); };
    socket.subscribe = [this](net::WebSocket &line) { subscribe(line); };
    socket.opened = [this, opened = std::move(callbacks.opened)] {
        dataFrames = 0;
        opened();
    };
    socket.lost = std::move(callbacks.lost);
    socket.frame = std::move(callbacks.frame);
    return socket;
}

void StreamConnection::add(const std::vector<std::string> &streams)
{
    for (const std::string &stream : streams) {
        if (!m_wanted.insert(stream).second)
            continue;
        m_toAdd.insert(stream);
        m_toRemove.erase(stream);
    }
    if (m_wanted.empty())
        return;
    if (!m_started) {
        m_started = true;
        m_socket.start();
    } else {
        m_changes.start(0);
    }
}

void StreamConnection::remove(const std::vector<std::string> &streams)
{
    for (const std::string &stream : streams) {
        if (m_wanted.erase(stream) == 0)
            continue;
        m_toRemove.insert(stream);
        m_toAdd.erase(stream);
    }
    if (m_wanted.empty())
        stop();
    else
        m_changes.start(0);
}

void StreamConnection::askAgain(const std::vector<std::string> &streams)
{
    const auto send = [this](const std::string &text) { (void)m_socket.send(text); };
    request("UNSUBSCRIBE", streams, send);
    request("SUBSCRIBE", streams, send);
}

void StreamConnection::stop()
{
    m_started = false;
    m_changes.stop();
    m_toAdd.clear();
    m_toRemove.clear();
    m_socket.stop();
}

std::string StreamConnection::address()
{
    m_inAddress.clear();
    std::string address = m_base;
    for (const std::string &stream : m_wanted) {
        // Only the symbol can hold what an address cannot; '@' and '!' are said plainly, as the venue
        // documents them.
        const std::size_t end = std::min(stream.find('@'), stream.size());
        const std::string encoded =
            stream.front() == '!' ? stream : percentEncoded(stream.substr(0, end)) + stream.substr(end);
        if (!m_inAddress.empty() && address.size() + encoded.size() > kAddressMax)
            break;
        address += (m_inAddress.empty() ? "" : "/") + encoded;
        m_inAddress.insert(stream);
    }
    return address;
}

/// What the address did not say, or what has changed since it was made.
void StreamConnection::subscribe(net::WebSocket &line)
{
    std::vector<std::string> missing;
    std::vector<std::string> superfluous;
    std::set_difference(m_wanted.begin(), m_wanted.end(), m_inAddress.begin(), m_inAddress.end(),
                        std::back_inserter(missing));
    std::set_difference(m_inAddress.begin(), m_inAddress.end(), m_wanted.begin(), m_wanted.end(),
                        std::back_inserter(superfluous));
    const auto send = [&line](const std::string &text) { (void)line.send(text); };
    request("SUBSCRIBE", missing, send);
    request("UNSUBSCRIBE", superfluous, send);
}

void StreamConnection::sendChanges()
{
    const std::vector<std::string> added(m_toAdd.begin(), m_toAdd.end());
    const std::vector<std::string> removed(m_toRemove.begin(), m_toRemove.end());
    m_toAdd.clear();
    m_toRemove.clear();
    if (!isOpen()) // asked for when it opens
        return;
    const auto send = [this](const std::string &text) { (void)m_socket.send(text); };
    request("UNSUBSCRIBE", removed, send);
    request("SUBSCRIBE", added, send);
}

template <class Send>
void StreamConnection::request(std::string_view method, const std::vector<std::string> &streams,
                               const Send &send)
{
    for (std::size_t from = 0; from < streams.size(); from += kStreamsPerRequest) {
        std::string text = R"({"method":")" + std::string(method) + R"(","params":[)";
        const std::size_t end = std::min(streams.size(), from + kStreamsPerRequest);
        for (std::size_t i = from; i < end; ++i)
            text += (i == from ? "\"" : ",\"") + streams[i] + "\"";
        send(text + R"(],"id":)" + std::to_string(++m_requests) + "}");
    }
}

} // namespace core::exchange::binance
