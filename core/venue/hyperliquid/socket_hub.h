#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/venue/hyperliquid/info_api.h"
#include "core/venue/hyperliquid/text.h"

namespace core::venue::hyperliquid
{

/// What one client asked to hear; `echo` is the venue's normal form of it and its identity.
struct Subscription {
    std::string type;
    std::string echo;
    std::optional<std::size_t> asset;
    std::optional<std::size_t> account; ///< absent with a user: an address that nobody uses
    std::string user;                   ///< empty: about the market
    std::string interval;
    BookView view;
};

/// The /ws side: subscriptions, acknowledgements, posts, heartbeat, limits; and what goes out when the market
/// moved or an account changed. No sockets: text in, text out. One thread. Source: reference/hyperliquid.md
/// section 6.
class SocketHub
{
public:
    using ConnectionId = std::uint64_t;
    using Send = std::function<void(ConnectionId, std::string_view frame)>;
    using Act = std::function<WireAnswer(const exchange::hyperliquid::ActionValue &body)>;

    static constexpr std::size_t kSubscriptionsMax = 1000;
    static constexpr std::size_t kUsersMax = 10;
    static constexpr int kMessagesPerMinuteMax = 2000;
    static constexpr Duration kSilenceMost = std::chrono::seconds{60};

    /// Everything outlives the hub. `act` serves a posted action.
    SocketHub(const Desk &desk, const Tape &tape, InfoApi &info, const Clock &clock, Send send, Act act);

    void open(ConnectionId id);
    void close(ConnectionId id);
    void onText(ConnectionId id, std::string_view text);
    [[nodiscard]] std::size_t subscriptionCount() const;

    // What happened.
    void onTrade(std::size_t asset, const PublicTrade &trade);
    void onBook(std::size_t asset);
    void onMark(std::size_t asset);
    /// Pending trades and candles go out, and the books whose time has come.
    void onBlock();
    void publish(const DeskEvents &events);
    /// Connections to which nothing was sent for a minute.
    [[nodiscard]] std::vector<ConnectionId> idle() const;

private:
    struct Connection {
        Duration sentAt{0};
        std::set<std::string, std::less<>> topics;
    };
    struct Topic {
        Subscription subscription;
        std::set<ConnectionId> listeners;
        Duration sentAt{-std::chrono::hours{1}};
        std::string last; ///< what was sent last, where only changes go out
    };

    void reply(ConnectionId id, std::string_view frame);
    void error(ConnectionId id, const std::string &text);
    void toTopic(Topic &topic, std::string_view channel, std::string_view data);
    void toUser(Topic &topic, std::string_view channel, std::string_view data);
    void onSubscribe(ConnectionId id, const exchange::hyperliquid::ActionValue &request, bool isSubscribing);
    void onPost(ConnectionId id, const exchange::hyperliquid::ActionValue &request);
    [[nodiscard]] std::optional<Subscription> parse(const exchange::hyperliquid::ActionValue &wanted) const;
    [[nodiscard]] bool isOverUsers(ConnectionId id, const std::string &user) const;
    /// What a new subscriber gets at once; empty when nothing.
    [[nodiscard]] std::string snapshotOf(const Subscription &subscription, std::string &channel) const;
    [[nodiscard]] std::string userSnapshotOf(const Subscription &subscription) const;
    void publishAccount(Topic &topic, const DeskEvents &events);
    void publishEvents(Topic &topic, const DeskEvents &events);
    void publishState(Topic &topic);
    [[nodiscard]] std::string fillsText(const DeskEvents &events, std::size_t account) const;
    [[nodiscard]] static std::string frameOf(std::string_view channel, std::string_view data);

    const Desk &m_desk;
    const Tape &m_tape;
    InfoApi &m_info;
    const Clock &m_clock;
    Send m_send;
    Act m_act;
    std::map<ConnectionId, Connection> m_connections;
    std::map<std::string, Topic, std::less<>> m_topics;
    std::map<std::size_t, std::vector<PublicTrade>> m_trades; ///< since the last block
    std::int64_t m_minute{-1};
    int m_messages{0};
    std::vector<std::pair<ConnectionId, std::string>> m_held; ///< user messages of this moment, when reversed
    bool m_holding{false};
};

} // namespace core::venue::hyperliquid
