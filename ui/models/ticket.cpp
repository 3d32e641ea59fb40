#include "ui/models/ticket.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/models/stop_cover.h"

namespace ui::models
{

namespace
{

using core::Money;
using core::Position;
using core::Price;
using core::Rounding;
using core::runtime::MarketSnapshot;
using core::runtime::TerminalSnapshot;

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::Ticket)
};

const MarketSnapshot *marketOf(const TerminalSnapshot &snapshot, const core::InstrumentKey &key)
{
    const auto found = std::find_if(snapshot.markets.begin(), snapshot.markets.end(),
                                    [&](const MarketSnapshot &market) { return market.key == key; });
    return found == snapshot.markets.end() ? nullptr : &*found;
}

const core::risk::Limits *limitsOf(const TerminalSnapshot &snapshot, core::Venue venue)
{
    for (const auto &account : snapshot.guard.accounts) {
        if (account.account == venue)
            return &account.limits;
    }
    return nullptr;
}

core::PositionSide legOf(const TerminalSnapshot &snapshot, const TicketForm &form)
{
    const bool hedge = std::any_of(snapshot.account.positions.begin(), snapshot.account.positions.end(), [&](const Position &p) {
        return p.instrument.venue == form.instrument.venue && p.positionSide != core::PositionSide::Both;
    });
    if (!hedge)
        return core::PositionSide::Both;
    // In hedge mode a reducing order goes to the other leg.
    return (form.side == core::Side::Buy) != form.reduceOnly ? core::PositionSide::Long : core::PositionSide::Short;
}

Position heldOf(const TerminalSnapshot &snapshot, const core::InstrumentKey &key, core::PositionSide side)
{
    for (const Position &position : snapshot.account.positions) {
        if (position.instrument == key && position.positionSide == side)
            return position;
    }
    Position none;
    none.instrument = key;
    none.positionSide = side;
    return none;
}

/// Σ|notional| at mark of what is open and of what rests and could open; absent: a mark or a price is missing.
std::optional<Money> grossOf(const TerminalSnapshot &snapshot, core::Venue venue)
{
    Money sum;
    const auto add = [&sum](std::optional<Price> price, core::Quantity quantity) {
        const auto value = price ? core::notional(*price, quantity, Rounding::Ceil) : core::Result<Money>(core::fail(core::ErrorCode::NotFound, "price"));
        const auto next = value ? core::add(sum, *value) : value;
        if (next)
            sum = *next;
        return next.has_value();
    };
    for (const Position &position : snapshot.account.positions) {
        if (position.instrument.venue == venue && !position.isFlat() && !add(position.markPrice, position.quantity))
            return std::nullopt;
    }
    for (const auto &order : snapshot.account.openOrders) {
        const auto rest = core::subtract(order.quantity, order.filled);
        if (order.instrument.venue != venue || order.reduceOnly == core::ReduceOnly::Yes || core::isFinal(order.status))
            continue;
        if (!rest || !add(order.limitPrice ? order.limitPrice : order.triggerPrice, *rest))
            return std::nullopt;
    }
    return sum;
}

std::vector<Position> accountPositions(const TerminalSnapshot &snapshot, core::Venue venue)
{
    std::vector<Position> held;
    std::copy_if(snapshot.account.positions.begin(), snapshot.account.positions.end(), std::back_inserter(held),
                 [venue](const Position &position) { return position.instrument.venue == venue; });
    return held;
}

void addSize(const TerminalSnapshot &snapshot, const TicketForm &form, const MarketSnapshot &market, TicketView &view)
{
    const auto *limits = limitsOf(snapshot, form.instrument.venue);
    const auto gross = grossOf(snapshot, form.instrument.venue);
    if (limits == nullptr || !snapshot.account.totals || !gross) {
        view.sizeWhy = Text::tr("No size: the account, its limits or a mark is not known.");
        return;
    }
    if (!form.stop || !view.fees || !view.fillAt || !market.instrument) {
        view.sizeWhy = !form.stop         ? Text::tr("No size yet: a stop is needed.")
                       : !view.fees       ? Text::tr("No size yet: your fee rate is needed.")
                       : !view.fillAt     ? Text::tr("No size yet: a price is needed, or a fresh mark.")
                                          : Text::tr("No size yet: the venue has not described this market.");
        return;
    }
    core::risk::SizingInput input{.direction = form.side == core::Side::Buy ? core::Direction::Long : core::Direction::Short,
                                  .entry = *view.fillAt,
                                  .stop = *form.stop,
                                  .equity = snapshot.account.totals->equity,
                                  .feeIn = view.fees->taker,
                                  .feeOut = view.fees->taker,
                                  .instrument = &*market.instrument,
                                  .limits = limits->sizing,
                                  .grossOthers = *gross};
    for (const auto &account : snapshot.guard.accounts) {
        if (account.account == form.instrument.venue)
            input.state = account.state.riskMultiplier.toDouble();
    }
    const Position own = heldOf(snapshot, form.instrument, legOf(snapshot, form));
    if (const auto others = core::subtract(snapshot.account.totals->maintenanceMargin, own.maintenanceMargin.value_or(Money{})))
        input.maintenanceOthers = *others;
    if (snapshot.sizing != nullptr)
        core::risk::feed(input, *snapshot.sizing, *limits, accountPositions(snapshot, form.instrument.venue));
    const auto answer = core::risk::size(input);
    if (answer)
        view.size = *answer;
    else
        view.sizeWhy = Text::tr("No size: %1").arg(QString::fromStdString(answer.error().detail));
}

/// By the venue's word on this account; else the rate that was typed.
std::optional<core::FeeRates> feesOf(const TerminalSnapshot &snapshot, const core::InstrumentKey &key,
                                     const std::optional<core::Ratio> &typed)
{
    const MarketSnapshot *market = marketOf(snapshot, key);
    if (market != nullptr && market->fees)
        return market->fees;
    return typed ? std::optional(core::FeeRates{*typed, *typed}) : std::nullopt;
}

/// Where the whole position is stopped after the fill. What is held already has its own stops: of the two prices the one that
/// loses more counts, and none when a part has none.
std::optional<Price> stopAfter(const TerminalSnapshot &snapshot, const TicketForm &form, const TicketView &view, const Position &before)
{
    const bool isBuy = form.side == core::Side::Buy;
    const bool adds = !before.isFlat() && (before.direction == core::Direction::Long) == isBuy;
    if (before.isFlat())
        return view.stop;
    const StopCover cover = stopCover(snapshot, before);
    const std::optional<Price> own = cover.whole ? cover.farthest : std::nullopt;
    if (form.reduceOnly)
        return own;
    if (!adds) // it takes from the position, or turns it round
        return view.quantityLeftOpens ? view.stop : own;
    if (!own || !view.stop)
        return std::nullopt;
    return isBuy ? std::min(*own, *view.stop) : std::max(*own, *view.stop);
}

std::vector<core::risk::StoppedPosition> othersOf(const TerminalSnapshot &snapshot, const Position &own,
                                                  const std::optional<core::Ratio> &typed, core::Ratio fee, bool &marksKnown)
{
    std::vector<core::risk::StoppedPosition> others;
    for (const Position &position : snapshot.account.positions) {
        const bool same = position.instrument == own.instrument && position.positionSide == own.positionSide;
        if (same || position.isFlat() || position.instrument.venue != own.instrument.venue)
            continue;
        marksKnown = marksKnown && position.markPrice.has_value();
        const StopCover cover = stopCover(snapshot, position);
        const auto rates = feesOf(snapshot, position.instrument, typed);
        others.push_back({{position.instrument, position.positionSide}, position.direction, position.quantity,
                          position.markPrice.value_or(Price{}), cover.whole ? cover.farthest : std::nullopt,
                          rates ? rates->taker : fee});
    }
    return others;
}

void addPreview(const TerminalSnapshot &snapshot, const TicketForm &form, const MarketSnapshot &market, TicketView &view)
{
    const auto *limits = limitsOf(snapshot, form.instrument.venue);
    if (!view.order || !view.fillAt || !view.fees || limits == nullptr || !snapshot.account.totals) {
        view.previewWhy = Text::tr("No preview yet: size, price and fee rate are needed, and a known account.");
        return;
    }
    core::risk::PreviewInput input;
    input.order = *view.order;
    input.fillAt = *view.fillAt;
    input.instrument = market.instrument ? &*market.instrument : nullptr;
    input.fees = *view.fees;
    input.wallet = snapshot.account.totals->walletBalance;
    input.before = heldOf(snapshot, form.instrument, view.order->positionSide);
    view.quantityLeftOpens = !input.before.isFlat() && view.order->quantity > input.before.quantity;
    input.stop = stopAfter(snapshot, form, view, input.before);
    const Money own = input.before.maintenanceMargin.value_or(Money{});
    const Money ownOpen = input.before.unrealizedPnl.value_or(Money{});
    const auto maintenance = core::subtract(snapshot.account.totals->maintenanceMargin, own);
    const auto unrealized = core::subtract(snapshot.account.totals->unrealizedPnl, ownOpen);
    bool marksKnown = true;
    input.others = othersOf(snapshot, input.before, form.fee, view.fees->taker, marksKnown);
    if (!maintenance || !unrealized || !marksKnown ||
        (!input.before.isFlat() && (!input.before.maintenanceMargin || !input.before.unrealizedPnl))) {
        view.previewWhy = Text::tr("No preview: a mark or a margin of the open positions is not known.");
        return;
    }
    input.maintenanceOthers = *maintenance;
    input.unrealizedOthers = *unrealized;
    if (market.markPrice)
        input.fundingRate = market.markPrice->fundingRate;
    // Not known for every market: then the rate is shown as one payment.
    if (view.fundingEvery)
        input.fundingEvery = *view.fundingEvery;
    input.slippageAllowance = limits->sizing.slippageAllowance;
    const auto result = core::risk::preview(input);
    if (!result) {
        view.previewWhy = Text::tr("No preview: %1").arg(QString::fromStdString(result.error().detail));
        return;
    }
    view.preview = *result;
    const Position &after = result->execution.position;
    view.question = core::runtime::AskPreview{.id = 0,
                                              .life = {{after.instrument, after.positionSide}, after.direction, snapshot.at},
                                              .after = after,
                                              .cost = std::max(result->fee, Money{})};
    if (view.stop) {
        core::risk::PreviewInput alone = input;
        alone.stop = view.stop;
        alone.others.clear();
        alone.before = Position{};
        const auto planned = core::risk::preview(alone);
        if (planned)
            view.plannedRisk = planned->worstLoss;
    }
}

} // namespace

core::orders::OrderIntent intentOf(const TicketView &view, const TicketForm &form)
{
    core::orders::OrderIntent intent;
    if (view.order)
        intent.order = *view.order;
    intent.plannedRisk = view.plannedRisk;
    intent.setup = form.setup;
    intent.reason = form.reason;
    intent.by = "order ticket";
    intent.stop = view.stop;
    return intent;
}

TicketView ticketView(const TerminalSnapshot &snapshot, const TicketForm &form)
{
    TicketView view;
    const MarketSnapshot *market = marketOf(snapshot, form.instrument);
    if (market == nullptr) {
        view.sizeWhy = view.previewWhy = Text::tr("This market is not watched.");
        return view;
    }
    view.fees = feesOf(snapshot, form.instrument, form.fee);
    view.feesOfVenue = market->fees.has_value();
    view.stop = form.reduceOnly ? std::nullopt : form.stop;
    view.stopIsLeftOut = form.reduceOnly && form.stop;
    if (form.instrument.venue == core::Venue::Hyperliquid)
        view.fundingEvery = std::chrono::hours{1}; // every hour, all of them: reference/hyperliquid.md
    if (!form.market)
        view.fillAt = form.limit;
    else if (market->markPrice && market->mark == core::Freshness::Fresh)
        view.fillAt = market->markPrice->mark;
    const bool sized = form.quantity && form.quantity->isPositive();
    if (sized && view.fillAt && view.fillAt->isPositive()) {
        core::OrderRequest order;
        order.instrument = form.instrument;
        order.side = form.side;
        order.positionSide = legOf(snapshot, form);
        order.type = form.market ? core::OrderType::Market : core::OrderType::Limit;
        order.quantity = *form.quantity;
        if (!form.market)
            order.limitPrice = form.limit;
        order.reduceOnly = form.reduceOnly ? core::ReduceOnly::Yes : core::ReduceOnly::No;
        view.order = order;
    }
    addSize(snapshot, form, *market, view);
    addPreview(snapshot, form, *market, view);
    if (view.question)
        view.question->order = intentOf(view, form);
    return view;
}

} // namespace ui::models
