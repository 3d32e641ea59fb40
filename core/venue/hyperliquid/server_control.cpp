// What the control endpoint sees and does, and the faults that are not on the wire.
#include <cstdlib>

#include <QtCore/QCryptographicHash>

#include <fmt/format.h>

#include "core/venue/hyperliquid/server_impl.h"
#include "core/venue/json_text.h"

namespace core::venue::hyperliquid
{

namespace
{
constexpr std::size_t kHashedLevels = 20;

/// Of the best levels, as decimal text.
[[nodiscard]] std::string bookHash(const Desk &desk, std::size_t asset)
{
    std::string text;
    for (const Side side : {Side::Buy, Side::Sell})
        for (const BookRow &row : desk.levels(asset, side, kHashedLevels))
            text += fmt::format("{}:{}:{};", side == Side::Buy ? 'b' : 'a', decimalText(row.price.raw()),
                                decimalText(row.quantity.raw()));
    return QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha256).toHex().toStdString();
}

void writeAccount(JsonText &out, const Desk &desk, std::size_t account)
{
    const Account &own = desk.engine().account(account);
    out.object()
        .text("wallet", decimalText(own.wallet().raw()))
        .text("equity", decimalText(own.equity().raw()))
        .text("available", decimalText(own.available().raw()));
    out.key("positions").array();
    for (std::size_t asset = 0; asset < desk.universe().size(); ++asset)
        if (const SignedQuantity held = desk.position(account, asset); held != 0)
            out.object()
                .text("symbol", desk.universe().coin(asset).name)
                .text("quantity", decimalText(held))
                .endObject();
    out.endArray().key("orders").array();
    const auto write = [&](const DeskOrder &order) {
        out.object()
            .number("id", order.oid)
            .text("client_id", order.terms.cloid)
            .text("symbol", desk.universe().coin(order.asset()).name)
            .text("side", order.terms.side == Side::Buy ? "BUY" : "SELL")
            .text("quantity", decimalText(order.terms.size.raw()))
            .text("filled", decimalText(order.filled.raw()))
            .text("status", order.status)
            .flag("reduce_only", order.terms.reduceOnly)
            .number("created_ms", toMilliseconds(order.placedAt))
            .number("updated_ms", toMilliseconds(order.statusAt))
            .endObject();
    };
    for (const DeskOrder *order : desk.openOrders(account))
        write(*order);
    for (const DeskOrder *order : desk.history(account))
        if (!order->isOpen())
            write(*order);
    out.endArray().endObject();
}

[[nodiscard]] Result<void> resultOf(const Refusal &refusal)
{
    if (!refusal)
        return {};
    return fail(ErrorCode::Rejected, *refusal);
}
} // namespace

Result<void> HyperliquidServer::Impl::setFaults(FaultPlan plan)
{
    if (const auto valid = venue::validate(plan); !valid)
        return valid;
    m_gate.set(std::move(plan), m_clock.monotonic());
    applyFaults();
    return {};
}

/// Before every request and with every step of the market. Switches that a test has set by hand stay, as long
/// as no rule speaks of them.
void HyperliquidServer::Impl::applyFaults()
{
    const Duration now = m_clock.monotonic();
    const FaultRule *skew = m_gate.active(FaultKind::ClockSkew, now);
    m_clock.setSkew(skew == nullptr ? Duration{0} : skew->length);
    const bool postOnly = m_gate.active(FaultKind::PostOnlyWindow, now) != nullptr;
    const bool halted = m_gate.active(FaultKind::Halted, now) != nullptr;
    const bool refuses = m_gate.active(FaultKind::TriggerRejected, now) != nullptr;
    const FaultRule *partial = m_gate.active(FaultKind::PartialFills, now);
    const bool usedUp = m_gate.active(FaultKind::BudgetExhausted, now) != nullptr;
    const bool rules = postOnly || halted || refuses || usedUp || partial != nullptr;
    if (rules || m_isRuled) {
        DeskFaults &faults = m_options.faults;
        faults.postOnlyWindow = postOnly;
        faults.isHalted = halted;
        faults.rejectTriggered = refuses;
        faults.budgetUsedUp = usedUp;
        faults.iocFillMost = partial == nullptr ? Ratio::fromRaw(kDecimalOne) : partial->share;
    }
    m_isRuled = rules;
    if (!m_options.accounts.empty()) {
        if (m_gate.due(FaultKind::Liquidation, now) != nullptr)
            m_desk->liquidate(0);
        if (const FaultRule *rule = m_gate.due(FaultKind::Deleveraging, now))
            for (std::size_t asset = 0; asset < m_desk->universe().size(); ++asset) {
                const Quantity held = Quantity::fromRaw(std::llabs(m_desk->position(0, asset)));
                const auto part = scaled(held, rule->share, Rounding::Floor);
                const VenueInstrument &instrument = m_desk->universe().instrument(asset);
                const Quantity less = floorToStep(part.value_or(Quantity{}), instrument.contract.stepSize);
                const auto &mark = m_desk->engine().market(m_desk->universe().symbol(asset)).mark;
                if (mark && less.isPositive())
                    static_cast<void>(m_desk->deleverage(0, asset, less, *mark));
            }
    }
    m_wire.onTimer();
}

std::string HyperliquidServer::Impl::stateText() const
{
    JsonText out;
    out.object().text("venue", "hyperliquid").number("time_ms", toMilliseconds(m_clock.now()));
    out.key("accounts").array();
    for (std::size_t i = 0; i < m_options.accounts.size(); ++i)
        writeAccount(out, *m_desk, i);
    out.endArray().key("books").object();
    for (std::size_t asset = 0; asset < m_desk->universe().size(); ++asset)
        out.key(m_desk->universe().coin(asset).name).object().text("sha256", bookHash(*m_desk, asset)).endObject();
    out.endObject().key("counters");
    m_counters.write(out);
    out.number("strikes", static_cast<std::int64_t>(m_gate.strikes()));
    return out.endObject().take();
}

Result<void> HyperliquidServer::Impl::control(const ControlCall &call)
{
    const bool needsCoin = call.kind != ControlCall::Kind::Transfer && call.kind != ControlCall::Kind::Liquidate;
    const auto asset = m_desk->universe().assetOf(call.symbol);
    if (needsCoin && !asset)
        return fail(ErrorCode::NotFound, "symbol: is not listed here");
    if (call.account >= m_options.accounts.size())
        return fail(ErrorCode::NotFound, "account: there is none with this number");
    std::optional<Price> price = call.price;
    if (!price && needsCoin)
        price = m_desk->engine().market(m_desk->universe().symbol(*asset)).mark;
    Result<void> done;
    switch (call.kind) {
    case ControlCall::Kind::Transfer:
        done = resultOf(m_desk->transfer(call.account, Money::fromRaw(call.amount)));
        break;
    case ControlCall::Kind::Liquidate:
        m_desk->liquidate(call.account);
        break;
    case ControlCall::Kind::Funding:
        m_desk->settleFunding(*asset, Ratio::fromRaw(call.amount));
        break;
    case ControlCall::Kind::Delist:
        m_desk->delist(*asset);
        break;
    case ControlCall::Kind::Deleverage:
        if (!price)
            return fail(ErrorCode::Unavailable, "price: there is no mark price yet");
        done = resultOf(m_desk->deleverage(call.account, *asset, Quantity::fromRaw(call.amount), *price));
        break;
    case ControlCall::Kind::Mark:
        if (price)
            m_market->setMark(*asset, *price);
        break;
    }
    flush();
    return done;
}

} // namespace core::venue::hyperliquid
