#include "core/exchange/binance/user_event_window.h"

#include <iterator>

#include <fmt/format.h>

namespace core::exchange::binance
{
namespace
{

/// Writes down everything that an event says, except when it came. The event time `E` is left out: it is stamped by
/// the server that sends, and two connections may lead to two of them.
class Identity
{
public:
    template <class... Parts> void say(const Parts &...parts) { (one(parts), ...); }
    [[nodiscard]] std::string take() { return std::move(m_text); }

private:
    void one(std::string_view text) { fmt::format_to(std::back_inserter(m_text), "{}:{}|", text.size(), text); }
    void one(const std::string &text) { one(std::string_view(text)); }
    void one(const char *text) { one(std::string_view(text)); }
    void one(std::int64_t number) { fmt::format_to(std::back_inserter(m_text), "{}|", number); }
    void one(int number) { one(std::int64_t{number}); }
    void one(bool flag) { one(std::int64_t{flag}); }
    void one(UtcTime time) { one(toMilliseconds(time)); }
    void one(VenueOrderId id) { one(id.value); }
    void one(const InstrumentKey &key) { one(key.symbol); }
    template <class Text>
    auto one(const Text &text) -> decltype(text.view(), void())
    {
        one(std::string_view(text.view()));
    }
    template <class Number>
    auto one(const Number &number) -> decltype(number.raw(), void())
    {
        one(std::int64_t{number.raw()});
    }
    template <class Word>
        requires std::is_enum_v<Word>
    void one(Word word)
    {
        one(static_cast<std::int64_t>(word));
    }
    template <class Value> void one(const std::optional<Value> &value)
    {
        if (value)
            one(*value);
        else
            m_text += "-|";
    }

    std::string m_text;
};

void describe(Identity &id, const OrderEvent &event)
{
    const OrderUpdate &order = event.order;
    id.say("order", order.venueTime, order.instrument, order.venueOrderId, order.clientOrderId, event.execution,
           order.status, order.side, order.positionSide, order.quantity, order.filled, order.averagePrice,
           order.limitPrice, order.triggerPrice, order.reason);
    if (const auto &fill = event.fill)
        id.say(fill->tradeId, fill->price, fill->quantity, fill->fee, fill->feeAsset, fill->realizedPnl, fill->maker);
}

void describe(Identity &id, const AccountEvent &event)
{
    id.say("account", event.venueTime, event.reason, event.symbol);
    for (const AccountEvent::Balance &balance : event.balances)
        id.say(balance.asset, balance.wallet, balance.crossWallet, balance.change);
    for (const Position &position : event.positions)
        id.say(position.instrument, position.positionSide, position.direction, position.quantity, position.entryPrice,
               position.unrealizedPnl, position.marginMode, position.isolatedMargin);
}

void describe(Identity &id, const AlgoEvent &event)
{
    id.say("algo", event.venueTime, event.instrument, event.algoId, event.clientAlgoId, event.status, event.childOrder,
           event.quantity, event.executed, event.averagePrice, event.limitPrice, event.triggerPrice, event.reason);
}

void describe(Identity &id, const MarginCall &event)
{
    id.say("margin", event.venueTime);
    for (const std::string &position : event.positions)
        id.say(position);
}

void describe(Identity &id, const AccountConfigEvent &event)
{
    id.say("config", event.venueTime, event.symbol, event.leverage, event.multiAssets);
}

void describe(Identity &id, const ListenKeyExpired &event)
{
    id.say("key", event.venueTime);
}

} // namespace

bool UserEventWindow::add(const UserEvent &event)
{
    Identity id;
    const bool known = std::visit(
        [&id](const auto &one) {
            if constexpr (requires { describe(id, one); }) {
                describe(id, one);
                return true;
            } else {
                return false;
            }
        },
        event);
    if (!known) // nothing is done with it
        return true;
    const auto [place, isNew] = m_seen.insert(id.take());
    if (!isNew)
        return false;
    m_order.push_back(*place);
    if (m_order.size() > m_remembered) {
        m_seen.erase(m_order.front());
        m_order.pop_front();
    }
    return true;
}

void UserEventWindow::clear()
{
    m_seen.clear();
    m_order.clear();
}

} // namespace core::exchange::binance
