#include "core/venue/hyperliquid/socket_hub.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/action_ids.h"

namespace core::venue::hyperliquid
{

namespace hl = exchange::hyperliquid;

namespace
{
enum class Needs { Nothing, Coin, User, UserAndCoin, CoinAndInterval };
struct Kind {
    std::string_view type;
    Needs needs;
};
constexpr Kind kKinds[] = {{"allMids", Needs::Nothing},
                           {"bbo", Needs::Coin},
                           {"l2Book", Needs::Coin},
                           {"trades", Needs::Coin},
                           {"candle", Needs::CoinAndInterval},
                           {"activeAssetCtx", Needs::Coin},
                           {"assetCtxs", Needs::Nothing},
                           {"allDexsAssetCtxs", Needs::Nothing},
                           {"activeAssetData", Needs::UserAndCoin},
                           {"orderUpdates", Needs::User},
                           {"userEvents", Needs::User},
                           {"userFills", Needs::User},
                           {"userFundings", Needs::User},
                           {"userNonFundingLedgerUpdates", Needs::User},
                           {"userHistoricalOrders", Needs::User},
                           {"clearinghouseState", Needs::User},
                           {"allDexsClearinghouseState", Needs::User},
                           {"openOrders", Needs::User},
                           {"spotState", Needs::User},
                           {"webData3", Needs::User},
                           {"notification", Needs::User},
                           {"twapStates", Needs::User},
                           {"userTwapHistory", Needs::User},
                           {"userTwapSliceFills", Needs::User}};

[[nodiscard]] bool readView(const hl::ActionValue &wanted, BookView &view, JsonText &echo)
{
    int mantissa = 0;
    for (const std::string_view name : {"nSigFigs", "mantissa"}) {
        const hl::ActionValue *value = wanted.find(name);
        echo.key(name);
        if (value == nullptr || value->isNull()) {
            echo.raw("null");
            continue;
        }
        if (value->integer() == nullptr || *value->integer() < 1 || *value->integer() > 5)
            return false;
        (name == "mantissa" ? mantissa : view.significantFigures) = static_cast<int>(*value->integer());
        echo.number(static_cast<std::int64_t>(*value->integer()));
    }
    view.mantissa = std::max(1, mantissa);
    if (const hl::ActionValue *fast = wanted.find("fast"); fast != nullptr && fast->boolean() != nullptr)
        view.isFast = *fast->boolean();
    if (view.isFast) {
        view.levels = 5;
        echo.flag("fast", true);
    }
    return view.significantFigures != 1 && (mantissa == 0 || view.significantFigures == 5);
}
} // namespace

SocketHub::SocketHub(const Desk &desk, const Tape &tape, InfoApi &info, const Clock &clock, Send send, Act act)
    : m_desk(desk), m_tape(tape), m_info(info), m_clock(clock), m_send(std::move(send)), m_act(std::move(act))
{
}

void SocketHub::open(ConnectionId id)
{
    m_connections[id].sentAt = m_clock.monotonic();
    reply(id, "Websocket connection established.");
}

void SocketHub::close(ConnectionId id)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end())
        return;
    for (const std::string &name : found->second.topics) {
        const auto topic = m_topics.find(name);
        topic->second.listeners.erase(id);
        if (topic->second.listeners.empty())
            m_topics.erase(topic);
    }
    m_connections.erase(found);
}

std::size_t SocketHub::subscriptionCount() const
{
    std::size_t count = 0;
    for (const auto &[id, connection] : m_connections)
        count += connection.topics.size();
    return count;
}

std::vector<SocketHub::ConnectionId> SocketHub::idle() const
{
    std::vector<ConnectionId> ids;
    for (const auto &[id, connection] : m_connections)
        if (m_clock.monotonic() - connection.sentAt >= kSilenceMost)
            ids.push_back(id);
    return ids;
}

std::string SocketHub::frameOf(std::string_view channel, std::string_view data)
{
    return fmt::format(R"({{"channel":"{}","data":{}}})", channel, data);
}

void SocketHub::reply(ConnectionId id, std::string_view frame)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end() || m_desk.options().faults.silentSockets)
        return;
    found->second.sentAt = m_clock.monotonic();
    m_send(id, frame);
}

void SocketHub::error(ConnectionId id, const std::string &text)
{
    reply(id, JsonText().object().text("channel", "error").text("data", text).endObject().take());
}

void SocketHub::onText(ConnectionId id, std::string_view text)
{
    const std::int64_t minute =
        std::chrono::floor<std::chrono::minutes>(m_clock.monotonic()).count();
    m_messages = minute == m_minute ? m_messages + 1 : 1;
    m_minute = minute;
    if (m_messages > kMessagesPerMinuteMax) {
        error(id, fmt::format("Cannot send more than {} messages per minute.", kMessagesPerMinuteMax));
        return;
    }
    const auto parsed = hl::parseActionJson(text, "frame");
    const std::string_view method = parsed ? parsed->textOf("method") : std::string_view{};
    if (method == "ping")
        reply(id, R"({"channel":"pong"})");
    else if (method == "subscribe" || method == "unsubscribe")
        onSubscribe(id, *parsed, method == "subscribe");
    else if (method == "post")
        onPost(id, *parsed);
    else
        error(id, fmt::format("Error parsing JSON into valid websocket request: {}", text.substr(0, 500)));
}

std::optional<Subscription> SocketHub::parse(const hl::ActionValue &wanted) const
{
    const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const Kind &row) { return row.type == wanted.textOf("type"); });
    if (kind == std::end(kKinds) || !wanted.textOf("dex").empty())
        return std::nullopt;
    Subscription made;
    made.type = kind->type;
    JsonText echo;
    echo.object().text("type", made.type);
    if (kind->needs == Needs::User || kind->needs == Needs::UserAndCoin) {
        const auto user = hl::Address::parse(wanted.textOf("user"));
        if (!user)
            return std::nullopt;
        made.user = user->text();
        for (std::size_t i = 0; i < m_desk.options().accounts.size(); ++i)
            if (m_desk.options().accounts[i].address == made.user)
                made.account = i;
        echo.text("user", made.user);
    }
    if (kind->needs != Needs::Nothing && kind->needs != Needs::User) {
        made.asset = m_desk.universe().assetOf(wanted.textOf("coin"));
        if (!made.asset)
            return std::nullopt;
        echo.text("coin", wanted.textOf("coin"));
    }
    if (kind->needs == Needs::CoinAndInterval) {
        made.interval = wanted.textOf("interval");
        if (!m_tape.candles().candles(m_desk.universe().symbol(*made.asset), made.interval, {}, {}, 1))
            return std::nullopt;
        echo.text("interval", made.interval);
    }
    if (made.type == "l2Book" && !readView(wanted, made.view, echo))
        return std::nullopt;
    if (made.type == "userFills")
        echo.flag("aggregateByTime", false);
    echo.endObject();
    made.echo = echo.take();
    return made;
}

bool SocketHub::isOverUsers(ConnectionId, const std::string &user) const
{
    std::set<std::string> users{user};
    for (const auto &[name, topic] : m_topics)
        if (!topic.subscription.user.empty())
            users.insert(topic.subscription.user);
    return users.size() > kUsersMax;
}

void SocketHub::onSubscribe(ConnectionId id, const hl::ActionValue &request, bool isSubscribing)
{
    const hl::ActionValue *wanted = request.find("subscription");
    const auto subscription = wanted == nullptr ? std::nullopt : parse(*wanted);
    if (!subscription) {
        error(id, fmt::format("Invalid subscription {}", wanted == nullptr ? "null" : hl::jsonText(*wanted)));
        return;
    }
    const auto connection = m_connections.find(id);
    if (connection == m_connections.end())
        return;
    auto &topics = connection->second.topics;
    const std::string ack =
        frameOf("subscriptionResponse", fmt::format(R"({{"method":"{}","subscription":{}}})",
                                                    isSubscribing ? "subscribe" : "unsubscribe", subscription->echo));
    if (!isSubscribing) {
        if (topics.erase(subscription->echo) == 0) {
            error(id, "Already unsubscribed: " + subscription->echo);
            return;
        }
        const auto topic = m_topics.find(subscription->echo);
        topic->second.listeners.erase(id);
        if (topic->second.listeners.empty())
            m_topics.erase(topic);
        reply(id, ack);
        return;
    }
    if (topics.contains(subscription->echo)) {
        error(id, "Already subscribed: " + subscription->echo);
        return;
    }
    if (subscriptionCount() >= kSubscriptionsMax) {
        error(id, fmt::format("Cannot subscribe to more than {} channels.", kSubscriptionsMax));
        return;
    }
    if (!subscription->user.empty() && isOverUsers(id, subscription->user)) {
        error(id, fmt::format("Cannot track more than {} total users.", kUsersMax));
        return;
    }
    topics.insert(subscription->echo);
    Topic &topic = m_topics[subscription->echo];
    topic.subscription = *subscription;
    topic.listeners.insert(id);
    reply(id, ack);
    std::string channel;
    const std::string data = snapshotOf(*subscription, channel);
    if (!data.empty())
        reply(id, frameOf(channel, data));
}

void SocketHub::onPost(ConnectionId id, const hl::ActionValue &request)
{
    const hl::ActionValue *number = request.find("id");
    const hl::ActionValue *inner = request.find("request");
    const hl::ActionValue *payload = inner == nullptr ? nullptr : inner->find("payload");
    const std::string_view type = inner == nullptr ? std::string_view{} : inner->textOf("type");
    if (number == nullptr || number->integer() == nullptr || payload == nullptr ||
        (type != "info" && type != "action")) {
        error(id, fmt::format("Error parsing JSON into valid websocket request: {}", hl::jsonText(request).substr(0, 500)));
        return;
    }
    const WireAnswer answer = type == "info" ? m_info.answer(*payload) : m_act(*payload);
    if (answer.isLost)
        return;
    std::string response;
    if (answer.status != 200)
        response = JsonText()
                       .object()
                       .text("type", "error")
                       .text("payload", fmt::format("{} {}", answer.status, answer.body))
                       .endObject()
                       .take();
    else if (type == "info")
        response = fmt::format(R"({{"type":"info","payload":{{"type":"{}","data":{}}}}})", payload->textOf("type"),
                               answer.body);
    else
        response = fmt::format(R"({{"type":"action","payload":{}}})", answer.body);
    reply(id, frameOf("post", fmt::format(R"({{"id":{},"response":{}}})", *number->integer(), response)));
}

} // namespace core::venue::hyperliquid
