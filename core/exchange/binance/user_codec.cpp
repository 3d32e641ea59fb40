#include "core/exchange/binance/codec.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/exchange/wire/general_reader.h"
#include "core/exchange/binance/codec_words.h"
#include "core/exchange/binance/user_schema.h"

namespace core::exchange::binance
{

namespace
{
/// Ours have at most 36 characters; a longer one was made elsewhere, and a fill must not be lost for its
/// name.
[[nodiscard]] ClientOrderId clientOrderId(std::string_view text)
{
    return *ClientOrderId::from(text.substr(0, ClientOrderId::kCapacity));
}

[[nodiscard]] PositionSide positionSide(std::string_view text)
{
    if (text == "LONG")
        return PositionSide::Long;
    return text == "SHORT" ? PositionSide::Short : PositionSide::Both;
}

[[nodiscard]] OrderStatus orderStatus(const schema::OrderFields &fields)
{
    struct Row {
        std::string_view text;
        OrderStatus status;
    };
    static constexpr std::array<Row, 7> kRows{{{"NEW", OrderStatus::New},
                                               {"PARTIALLY_FILLED", OrderStatus::PartiallyFilled},
                                               {"FILLED", OrderStatus::Filled},
                                               {"CANCELED", OrderStatus::Canceled},
                                               {"REJECTED", OrderStatus::Rejected},
                                               {"EXPIRED", OrderStatus::Expired},
                                               {"EXPIRED_IN_MATCH", OrderStatus::Expired}}};
    for (const Row &row : kRows) {
        if (row.text == fields.status)
            return row.status;
    }
    // Orders that the venue made itself (liquidation, ADL) say how far they got only by their quantities.
    if (fields.status == "NEW_INSURANCE" || fields.status == "NEW_ADL") {
        if (fields.filled.isZero())
            return OrderStatus::New;
        return fields.filled < fields.quantity ? OrderStatus::PartiallyFilled : OrderStatus::Filled;
    }
    return OrderStatus::Unknown;
}

/// The venue's expiry reason in words; section 5.3, field `er`.
[[nodiscard]] std::string expiryReason(std::string_view code)
{
    static constexpr std::array<std::string_view, 10> kWords{
        "",
        "self-trade prevention",
        "remainder of an immediate-or-cancel order",
        "remainder of an immediate-or-cancel order because of self-trade prevention",
        "knocked out by a reduce-only order of higher priority, or would have reversed the position",
        "account liquidated",
        "its position is gone",
        "symbol delisted",
        "expired after the stop triggered",
        "remainder of a market order"};
    if (code.empty() || code == "0")
        return {};
    if (code.size() == 1 && code.front() >= '1' && code.front() <= '9')
        return std::string(kWords[static_cast<std::size_t>(code.front() - '0')]);
    return "expiry reason " + std::string(code.substr(0, 32));
}

[[nodiscard]] std::optional<Price> presentPrice(Price price)
{
    return price.isZero() ? std::nullopt : std::optional(price);
}

[[nodiscard]] Fill toFill(const schema::OrderFields &fields, const OrderUpdate &order)
{
    Fill fill;
    fill.instrument = order.instrument;
    fill.tradeId = fields.tradeId;
    fill.venueOrderId = order.venueOrderId;
    fill.clientOrderId = order.clientOrderId;
    fill.side = order.side;
    fill.positionSide = order.positionSide;
    fill.price = fields.lastPrice;
    fill.quantity = fields.lastFilled;
    fill.fee = fields.fee;
    fill.feeAsset = *Asset::from(fields.feeAsset.substr(0, Asset::kCapacity));
    fill.realizedPnl = fields.realizedPnl;
    fill.maker = fields.maker;
    fill.venueTime = order.venueTime;
    fill.receivedAt = order.receivedAt;
    return fill;
}

[[nodiscard]] Result<UserEvent> toEvent(const schema::OrderFields &fields, UtcTime receivedAt)
{
    OrderEvent event;
    event.execution = fields.execution;
    OrderUpdate &order = event.order;
    order.instrument.symbol = fields.symbol;
    order.clientOrderId = clientOrderId(fields.clientId);
    order.venueOrderId = {fields.orderId};
    order.side = fields.side;
    order.positionSide = positionSide(fields.positionSide);
    order.type = orderType(fields.type);
    order.status = orderStatus(fields);
    order.quantity = fields.quantity;
    order.filled = fields.filled;
    order.averagePrice = presentPrice(fields.averagePrice);
    order.limitPrice = presentPrice(fields.price);
    order.reduceOnly = fields.reduceOnly ? ReduceOnly::Yes : ReduceOnly::No;
    order.triggerPrice = triggerOf(order.type, fields.stopPrice);
    order.reason = expiryReason(fields.expiry);
    if (order.type == OrderType::Unknown && order.reason.empty())
        order.reason = unknownType(fields.type);
    if (const std::string_view maker = venueMadeOrder(fields.clientId); !maker.empty())
        order.reason = order.reason.empty() ? std::string(maker) : std::string(maker) + ": " + order.reason;
    event.fromConditional = conditionalType(fields.originalType) || conditionalType(fields.type);
    event.feeKnown = !fields.feeAsset.empty();
    order.venueTime = fields.tradeTime;
    order.receivedAt = receivedAt;
    // A liquidation's CALCULATED event is an execution when it carries a quantity, and none when it does not.
    const bool executed = fields.execution == "TRADE" || fields.execution == "CALCULATED";
    if (executed && fields.lastFilled.isPositive()) {
        if (!fields.lastPrice.isPositive())
            return fail(ErrorCode::OutOfRange, "ORDER_TRADE_UPDATE.o.L: must be above 0 for a fill");
        event.fill = toFill(fields, order);
    }
    return UserEvent(std::move(event));
}

[[nodiscard]] std::optional<MarginMode> marginMode(std::string_view text)
{
    const auto equals = [text](std::string_view word) {
        return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(),
                                                        [](char a, char b) { return (a | 0x20) == b; });
    };
    if (equals("cross") || equals("crossed"))
        return MarginMode::Cross;
    return equals("isolated") ? std::optional(MarginMode::Isolated) : std::nullopt;
}

[[nodiscard]] Direction directionOf(std::int64_t amount, PositionSide side)
{
    if (amount != 0)
        return amount > 0 ? Direction::Long : Direction::Short;
    return side == PositionSide::Short ? Direction::Short : Direction::Long;
}

/// The one private reader per call: user events are rare, and nothing of an account outlives them.
class UserFrame
{
public:
    explicit UserFrame(UtcTime receivedAt) : m_receivedAt(receivedAt) {}
    [[nodiscard]] Result<UserEvent> decode(std::string_view frame);

private:
    [[nodiscard]] bool findEvent();
    template <class Schema> [[nodiscard]] bool read(typename Schema::Fields &fields);
    [[nodiscard]] Result<UserEvent> ignoreAll();
    [[nodiscard]] Result<UserEvent> decodeOrder();
    [[nodiscard]] Result<UserEvent> decodeAccount();
    [[nodiscard]] Result<UserEvent> decodeAlgo();
    [[nodiscard]] Result<UserEvent> decodeMarginCall();
    [[nodiscard]] Result<UserEvent> decodeConfig();
    [[nodiscard]] Result<UserEvent> decodeExpiry();

    wire::GeneralReader m_reader;
    UtcTime m_receivedAt;
    bool m_enveloped{false};
    bool m_named{false};
    std::string m_event;
};

bool UserFrame::findEvent()
{
    std::string_view text;
    std::uint32_t seen = 0;
    const auto name = [&](std::string_view member) {
        if (member != "e")
            return true;
        if (!m_reader.once(seen, 0) || !m_reader.text(text))
            return false;
        m_event = text;
        m_named = true;
        return true;
    };
    return m_reader.rootMembers([&](std::string_view member) {
        if (member != "data")
            return name(member);
        if (!m_reader.once(seen, 1))
            return false;
        m_enveloped = true;
        return m_reader.members(name);
    });
}

template <class Schema> bool UserFrame::read(typename Schema::Fields &fields)
{
    m_reader.rewind(Schema::event);
    if (!m_enveloped)
        return m_reader.rootObject<Schema>(fields) && m_reader.finish();
    const bool done = m_reader.rootMembers([&](std::string_view member) {
        if (member != "data")
            return m_reader.ignored();
        m_reader.rename(Schema::event);
        return m_reader.object<Schema>(fields);
    });
    return done && m_reader.finish();
}

Result<UserEvent> UserFrame::ignoreAll()
{
    m_reader.rewind("frame");
    if (!m_reader.rootMembers([&](std::string_view) { return m_reader.ignored(); }) || !m_reader.finish())
        return fail(m_reader.error());
    return UserEvent(Ignored{m_event});
}

Result<UserEvent> UserFrame::decodeOrder()
{
    schema::OrderFields fields;
    if (!read<schema::OrderSchema>(fields))
        return fail(m_reader.error());
    return toEvent(fields, m_receivedAt);
}

Result<UserEvent> UserFrame::decodeAccount()
{
    AccountEvent event;
    event.receivedAt = m_receivedAt;
    schema::AccountFields fields;
    fields.event = &event;
    if (!read<schema::AccountSchema>(fields))
        return fail(m_reader.error());
    event.reason = fields.reason;
    for (Position &position : event.positions) {
        position.venueTime = event.venueTime;
        position.receivedAt = m_receivedAt;
    }
    return UserEvent(std::move(event));
}

Result<UserEvent> UserFrame::decodeAlgo()
{
    AlgoEvent event;
    event.receivedAt = m_receivedAt;
    schema::AlgoFields fields;
    fields.event = &event;
    if (!read<schema::AlgoSchema>(fields))
        return fail(m_reader.error());
    event.clientAlgoId = clientOrderId(fields.clientId);
    event.status = fields.status;
    event.reason = fields.reason;
    event.type = conditionalType(fields.type).value_or(OrderType::Unknown);
    if (event.type == OrderType::Unknown && event.reason.empty())
        event.reason = unknownType(fields.type);
    event.positionSide = positionSide(fields.positionSide);
    event.reduceOnly = fields.reduceOnly ? ReduceOnly::Yes : ReduceOnly::No;
    // Of no meaning before the trigger, where "" stands too; a quotient needs not fit eight places.
    event.averagePrice = presentPrice(parsePrice(fields.averagePrice).value_or(Price{}));
    event.executed = parseQuantity(fields.executed).value_or(Quantity{});
    event.limitPrice = presentPrice(parsePrice(fields.limitPrice).value_or(Price{}));
    const auto trigger = parsePrice(fields.triggerPrice.empty() ? "0" : fields.triggerPrice);
    if (!trigger)
        return fail(trigger.error().in("ALGO_UPDATE.o.tp"));
    event.triggerPrice = presentPrice(*trigger);
    const auto child = childOrderOf(fields.childId);
    if (!child)
        return fail(child.error().in("ALGO_UPDATE.o.ai"));
    event.childOrder = *child;
    return UserEvent(std::move(event));
}

Result<UserEvent> UserFrame::decodeMarginCall()
{
    MarginCall event;
    schema::MarginCallSchema::Fields fields;
    fields.event = &event;
    if (!read<schema::MarginCallSchema>(fields))
        return fail(m_reader.error());
    return UserEvent(std::move(event));
}

Result<UserEvent> UserFrame::decodeConfig()
{
    AccountConfigEvent event;
    schema::AccountConfigSchema::Fields fields;
    fields.event = &event;
    if (!read<schema::AccountConfigSchema>(fields))
        return fail(m_reader.error());
    if ((fields.bodySeen & schema::bits({schema::AccountConfigSchema::l})) != 0)
        event.leverage = static_cast<int>(std::clamp<std::int64_t>(fields.leverage, 0, 1000));
    if ((fields.bodySeen & schema::bits({schema::AccountConfigSchema::j})) != 0)
        event.multiAssets = fields.multiAssets;
    return UserEvent(std::move(event));
}

Result<UserEvent> UserFrame::decodeExpiry()
{
    schema::ListenKeyExpiredSchema::Fields fields;
    if (!read<schema::ListenKeyExpiredSchema>(fields))
        return fail(m_reader.error());
    return UserEvent(ListenKeyExpired{fields.venueTime});
}

Result<UserEvent> UserFrame::decode(std::string_view frame)
{
    if (!m_reader.load(frame, "frame") || !findEvent())
        return fail(m_reader.error());
    if (!m_named)
        return fail(ErrorCode::ParseFailed, m_enveloped ? "frame.data.e: is missing" : "frame.e: is missing");
    if (m_event == schema::OrderSchema::event)
        return decodeOrder();
    if (m_event == schema::AccountSchema::event)
        return decodeAccount();
    if (m_event == schema::AlgoSchema::event)
        return decodeAlgo();
    if (m_event == schema::MarginCallSchema::event)
        return decodeMarginCall();
    if (m_event == schema::AccountConfigSchema::event)
        return decodeConfig();
    if (m_event == schema::ListenKeyExpiredSchema::event)
        return decodeExpiry();
    return ignoreAll();
}
} // namespace

template <class Reader> bool schema::AccountBodySchema::readPosition(Reader &r, AccountEvent &event)
{
    PositionSchema::Fields fields;
    if (!r.template object<PositionSchema>(fields))
        return false;
    if (fields.amount == std::numeric_limits<std::int64_t>::min())
        return r.refuse(ErrorCode::OutOfRange, "the amount has no positive counterpart");
    Position position;
    position.instrument.symbol = fields.symbol;
    position.positionSide = positionSide(fields.positionSide);
    position.direction = directionOf(fields.amount, position.positionSide);
    position.quantity = Quantity::fromRaw(fields.amount < 0 ? -fields.amount : fields.amount);
    position.entryPrice = fields.entry;
    if ((fields.seen & bits({PositionSchema::up})) != 0)
        position.unrealizedPnl = fields.unrealized;
    position.marginMode = marginMode(fields.marginType);
    if (position.marginMode == MarginMode::Isolated && (fields.seen & bits({PositionSchema::iw})) != 0) {
        const auto margin = add(fields.isolatedWallet, fields.unrealized);
        if (margin)
            position.isolatedMargin = *margin;
    }
    event.positions.push_back(position);
    return true;
}

template <class Reader> bool schema::MarginCallSchema::readPosition(Reader &r, MarginCall &call)
{
    MarginCallPositionSchema::Fields fields;
    if (!r.template object<MarginCallPositionSchema>(fields))
        return false;
    std::string line = fields.symbol.string();
    line.append(" ").append(fields.positionSide).append(" ").append(fields.amount.substr(0, 24));
    if (!fields.mark.empty())
        line.append(" at mark ").append(fields.mark.substr(0, 24));
    call.positions.push_back(std::move(line));
    return true;
}

Result<UserEvent> decodeUserEvent(std::string_view frame, UtcTime receivedAt)
{
    return UserFrame(receivedAt).decode(frame);
}

} // namespace core::exchange::binance
