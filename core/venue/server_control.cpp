// What the control endpoint sees and does, and the faults that are not on the wire.
#include <algorithm>

#include <QtCore/QCryptographicHash>

#include <fmt/format.h>

#include "core/venue/json_text.h"
#include "core/venue/money_math.h"
#include "core/venue/server_impl.h"

namespace core::venue
{

namespace
{
constexpr std::size_t kHashedLevels = 20;

[[nodiscard]] std::string_view statusText(OrderStatus status)
{
    switch (status) {
    case OrderStatus::New:
        return "NEW";
    case OrderStatus::PartiallyFilled:
        return "PARTIALLY_FILLED";
    case OrderStatus::Filled:
        return "FILLED";
    case OrderStatus::Canceled:
        return "CANCELED";
    case OrderStatus::Expired:
        return "EXPIRED";
    default:
        return "REJECTED";
    }
}

/// Of the best levels of what the public sees, as decimal text.
[[nodiscard]] std::string bookHash(const MatchingBook &book)
{
    std::string text;
    std::vector<Level> levels;
    for (const Side side : {Side::Buy, Side::Sell}) {
        book.copyShown(side, kHashedLevels, levels);
        for (const Level &level : levels)
            text += fmt::format("{}:{}:{};", side == Side::Buy ? 'b' : 'a', decimalText(level.price.raw()),
                                decimalText(level.quantity.raw()));
    }
    return QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha256).toHex().toStdString();
}

void writeOrder(JsonText &out, const VenueOrder &order)
{
    out.object()
        .number("id", order.id)
        .text("client_id", order.request.clientOrderId)
        .text("symbol", order.request.symbol.view())
        .text("side", order.request.side == Side::Buy ? "BUY" : "SELL")
        .text("quantity", decimalText(order.request.quantity.raw()))
        .text("filled", decimalText(order.filled.raw()))
        .text("status", statusText(order.status))
        .flag("reduce_only", order.request.reduceOnly == ReduceOnly::Yes)
        .number("created_ms", toMilliseconds(order.createdAt))
        .number("updated_ms", toMilliseconds(order.updatedAt))
        .endObject();
}

void writeAccount(JsonText &out, const VenueEngine &engine, std::size_t index)
{
    const Account &account = engine.account(index);
    out.object()
        .text("wallet", decimalText(account.wallet().raw()))
        .text("equity", decimalText(account.equity().raw()))
        .text("available", decimalText(account.available().raw()));
    out.key("positions").array();
    for (const auto &[key, leg] : account.positions())
        if (!leg.isFlat())
            out.object()
                .text("symbol", key.symbol.view())
                .text("quantity", decimalText(leg.quantity))
                .text("entry", decimalText(leg.entryPrice().raw()))
                .endObject();
    out.endArray().key("orders").array();
    for (const VenueOrder *order : engine.allOrders(index, nullptr))
        writeOrder(out, *order);
    out.endArray().key("conditional").array();
    for (const VenueAlgo *algo : engine.openAlgos(index, nullptr))
        out.object()
            .number("id", algo->id)
            .text("client_id", algo->request.clientAlgoId)
            .text("symbol", algo->request.symbol.view())
            .text("trigger", decimalText(algo->request.trigger.raw()))
            .endObject();
    out.endArray().endObject();
}

[[nodiscard]] Result<void> resultOf(const VenueResult<void> &done)
{
    if (done)
        return {};
    return fail(ErrorCode::Rejected, fmt::format("{}: {}", done.error().code, done.error().message));
}
} // namespace

Result<void> VenueServer::Impl::setFaults(FaultPlan plan)
{
    if (const auto valid = validate(plan); !valid)
        return valid;
    m_gate.set(std::move(plan), m_clock.monotonic());
    applyFaults();
    return {};
}

/// Before every request and with every step of the market: a fault begins and ends on time.
void VenueServer::Impl::applyFaults()
{
    const Duration now = m_clock.monotonic();
    const FaultRule *skew = m_gate.active(FaultKind::ClockSkew, now);
    m_clock.setSkew(skew == nullptr ? Duration{0} : skew->length);
    const FaultRule *partial = m_gate.active(FaultKind::PartialFills, now);
    m_engine->setFaults({.rejectsTriggered = m_gate.active(FaultKind::TriggerRejected, now) != nullptr,
                         .fillMost = partial == nullptr ? Ratio::fromRaw(kDecimalOne) : partial->share});
    if (const FaultRule *ends = m_gate.due(FaultKind::ListenKeyEnds, now))
        m_api->endListenKeys(ends->told);
    if (m_engine->accountCount() > 0) {
        if (m_gate.due(FaultKind::Liquidation, now) != nullptr)
            m_engine->liquidate(0);
        if (const FaultRule *rule = m_gate.due(FaultKind::Deleveraging, now)) {
            const auto legs = m_engine->account(0).positions(); // a copy: fills change it
            for (const auto &[key, leg] : legs) {
                const auto part = scaled(money::magnitude(leg.quantity), rule->share, Rounding::Floor);
                const Quantity less =
                    floorToStep(part.value_or(Quantity{}), m_engine->instrument(key.symbol)->contract.stepSize);
                if (const auto mark = m_engine->market(key.symbol).mark; mark && less.isPositive())
                    static_cast<void>(m_engine->deleverage(0, key, less, *mark));
            }
        }
    }
    m_wire.onTimer();
}

std::string VenueServer::Impl::stateText() const
{
    JsonText out;
    out.object().text("venue", "binance").number("time_ms", toMilliseconds(m_clock.now()));
    out.key("accounts").array();
    for (std::size_t i = 0; i < m_engine->accountCount(); ++i)
        writeAccount(out, *m_engine, i);
    out.endArray().key("books").object();
    for (const VenueInstrument &instrument : m_engine->options().instruments) {
        const Symbol &symbol = instrument.contract.key.symbol;
        out.key(symbol.view())
            .object()
            .number("update_id", m_engine->market(symbol).lastUpdateId)
            .text("sha256", bookHash(m_engine->book(symbol)))
            .endObject();
    }
    out.endObject().key("counters");
    m_counters.write(out);
    out.number("strikes", static_cast<std::int64_t>(m_gate.strikes()));
    return out.endObject().take();
}

Result<void> VenueServer::Impl::control(const ControlCall &call)
{
    const bool needsSymbol = call.kind != ControlCall::Kind::Transfer && call.kind != ControlCall::Kind::Liquidate;
    const auto symbol = Symbol::from(call.symbol);
    if (needsSymbol && (!symbol || m_engine->instrument(*symbol) == nullptr))
        return fail(ErrorCode::NotFound, "symbol: is not traded here");
    if (call.account >= m_engine->accountCount())
        return fail(ErrorCode::NotFound, "account: there is none with this number");
    std::optional<Price> price = call.price;
    if (!price && needsSymbol)
        price = m_engine->market(*symbol).mark;
    switch (call.kind) {
    case ControlCall::Kind::Transfer:
        return resultOf(m_engine->transfer(call.account, Money::fromRaw(call.amount)));
    case ControlCall::Kind::Liquidate:
        m_engine->liquidate(call.account);
        return {};
    case ControlCall::Kind::Funding:
        m_engine->settleFunding(*symbol, Ratio::fromRaw(call.amount));
        return {};
    default:
        break;
    }
    if (!price)
        return fail(ErrorCode::Unavailable, "price: there is no mark price yet");
    if (call.kind == ControlCall::Kind::Deleverage)
        return resultOf(m_engine->deleverage(call.account, {*symbol, PositionSide::Both},
                                             Quantity::fromRaw(call.amount), *price));
    if (call.kind == ControlCall::Kind::Delist)
        m_engine->settleContract(*symbol, *price);
    else
        m_engine->onMark(*symbol, markAt(*symbol, *price));
    return {};
}

/// As the venue would announce it now, with the funding that stands.
MarkPrice VenueServer::Impl::markAt(const Symbol &symbol, Price price) const
{
    const MarketState &state = m_engine->market(symbol);
    MarkPrice mark;
    mark.instrument = {Venue::Binance, symbol};
    mark.mark = price;
    mark.index = state.index.value_or(price);
    mark.fundingRate = state.fundingRate;
    mark.nextFundingTime = state.nextFundingTime;
    mark.venueTime = mark.receivedAt = m_clock.now();
    return mark;
}

} // namespace core::venue
