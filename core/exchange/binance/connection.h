#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/stream_names.h"
#include "core/net/renewing_socket.h"

namespace core::exchange::binance
{

/// One socket on one route and the streams that are wanted on it. What its address can hold is asked for
/// there, the rest and every later change by SUBSCRIBE and UNSUBSCRIBE, spaced. Replaced before the venue's
/// 24 hours are over. Nothing is open while no stream is wanted. Engine thread; callbacks as those of
/// net::WebSocket. Source: reference/binance-usdm.md sections 4.1 and 4.2.
class StreamConnection final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t kStreamsMax = 200; ///< our choice; the venue allows 1024
    static constexpr std::size_t kStreamsPerRequest = 50;

    struct Callbacks {
        std::function<void()> opened;
        std::function<void(const Error &why)> lost;
        std::function<void(std::string_view frame, UtcTime receivedAt)> frame;
    };

    /// `number` distinguishes the connections of one route.
    StreamConnection(StreamRoute route, int number, const ClientOptions &options,
                     std::shared_ptr<net::Pacer> connects, const Clock &clock, Callbacks callbacks);

    void add(const std::vector<std::string> &streams);
    void remove(const std::vector<std::string> &streams);
    /// Leaves and asks again: what was acknowledged and stayed silent.
    void askAgain(const std::vector<std::string> &streams);
    void reconnect(Error why) { m_socket.reconnect(std::move(why)); }
    void renew() { (void)m_socket.renew(); }
    void stop();

    [[nodiscard]] StreamRoute route() const { return m_route; }
    [[nodiscard]] const std::string &title() const { return m_title; } ///< "public stream 1"
    [[nodiscard]] std::size_t size() const { return m_wanted.size(); }
    [[nodiscard]] bool isOpen() const { return m_socket.state() == net::WebSocket::State::Open; }
    /// It was open before, or not yet once.
    [[nodiscard]] bool hasBeenOpen() const { return m_socket.connections() > 0; }
    [[nodiscard]] std::uint64_t renewals() const { return m_socket.renewals(); }

    /// Data frames of the present connection; the owner counts, for it knows which are data.
    std::uint64_t dataFrames{0};

private:
    [[nodiscard]] net::RenewingSocket::Callbacks socketCallbacks(Callbacks callbacks);
    [[nodiscard]] net::RenewalOptions socketOptions(const ClientOptions &options,
                                                    std::shared_ptr<net::Pacer> connects) const;
    [[nodiscard]] std::string address();
    void subscribe(net::WebSocket &line);
    void sendChanges();
    template <class Send>
    void request(std::string_view method, const std::vector<std::string> &streams, const Send &send);

    StreamRoute m_route;
    std::string m_title;
    std::string m_base;
    std::set<std::string> m_wanted;
    std::set<std::string> m_inAddress; ///< of the newest address
    std::set<std::string> m_toAdd, m_toRemove;
    std::uint64_t m_requests{0};
    bool m_started{false};
    QTimer m_changes;
    net::RenewingSocket m_socket;
};

} // namespace core::exchange::binance
