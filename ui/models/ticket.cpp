#include "ui/models/ticket.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/stop_cover.h"

using namespace Qt::StringLiterals;

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
    if (!form.stop || !form.fee || !view.fillAt || !market.instrument) {
        view.sizeWhy = !form.stop         ? Text::tr("No size yet: a stop is needed.")
                       : !form.fee        ? Text::tr("No size yet: your fee rate is needed.")
                       : !view.fillAt     ? Text::tr("No size yet: a price is needed, or a fresh mark.")
                                          : Text::tr("No size yet: the venue has not described this market.");
        return;
    }
    core::risk::SizingInput input{.direction = form.side == core::Side::Buy ? core::Direction::Long : core::Direction::Short,
                                  .entry = *view.fillAt,
                                  .stop = *form.stop,
                                  .equity = snapshot.account.totals->equity,
                                  .feeIn = *form.fee,
                                  .feeOut = *form.fee,
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

std::vector<core::risk::StoppedPosition> othersOf(const TerminalSnapshot &snapshot, const Position &own, core::Ratio fee,
                                                  bool &marksKnown)
{
    std::vector<core::risk::StoppedPosition> others;
    for (const Position &position : snapshot.account.positions) {
        const bool same = position.instrument == own.instrument && position.positionSide == own.positionSide;
        if (same || position.isFlat() || position.instrument.venue != own.instrument.venue)
            continue;
        marksKnown = marksKnown && position.markPrice.has_value();
        const StopCover cover = stopCover(position, snapshot.account.openOrders);
        others.push_back({{position.instrument, position.positionSide}, position.direction, position.quantity,
                          position.markPrice.value_or(Price{}), cover.whole ? cover.nearest : std::nullopt, fee});
    }
    return others;
}

void addPreview(const TerminalSnapshot &snapshot, const TicketForm &form, const MarketSnapshot &market, TicketView &view)
{
    const auto *limits = limitsOf(snapshot, form.instrument.venue);
    if (!view.order || !view.fillAt || !form.fee || limits == nullptr || !snapshot.account.totals) {
        view.previewWhy = Text::tr("No preview yet: size, price and fee rate are needed, and a known account.");
        return;
    }
    core::risk::PreviewInput input;
    input.order = *view.order;
    input.fillAt = *view.fillAt;
    input.stop = form.stop;
    input.instrument = market.instrument ? &*market.instrument : nullptr;
    input.fees = {*form.fee, *form.fee};
    input.wallet = snapshot.account.totals->walletBalance;
    input.before = heldOf(snapshot, form.instrument, view.order->positionSide);
    const Money own = input.before.maintenanceMargin.value_or(Money{});
    const Money ownOpen = input.before.unrealizedPnl.value_or(Money{});
    const auto maintenance = core::subtract(snapshot.account.totals->maintenanceMargin, own);
    const auto unrealized = core::subtract(snapshot.account.totals->unrealizedPnl, ownOpen);
    bool marksKnown = true;
    input.others = othersOf(snapshot, input.before, *form.fee, marksKnown);
    if (!maintenance || !unrealized || !marksKnown ||
        (!input.before.isFlat() && (!input.before.maintenanceMargin || !input.before.unrealizedPnl))) {
        view.previewWhy = Text::tr("No preview: a mark or a margin of the open positions is not known.");
        return;
    }
    input.maintenanceOthers = *maintenance;
    input.unrealizedOthers = *unrealized;
    // The length of the interval is not known for every market: with both at 8 h the answer is one payment.
    if (market.markPrice)
        input.fundingRate = market.markPrice->fundingRate;
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
    if (form.stop && !form.reduceOnly) {
        core::risk::PreviewInput alone = input;
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

QStringList TicketTexts::sizing(const TicketView &view, int places)
{
    if (!view.size)
        return {view.sizeWhy};
    const auto &answer = *view.size;
    QStringList lines;
    if (answer.reason.empty())
        lines << Text::tr("Size %1 at %2× equity, bound by %3.")
                     .arg(format::size(answer.quantity, places), QString::number(answer.leverage, 'f', 2),
                          QString::fromStdString(answer.binding));
    else
        lines << Text::tr("No size: %1.").arg(QString::fromStdString(answer.reason));
    for (const auto &cap : answer.caps) {
        const QString mark = cap.name == answer.binding ? u"▶ "_s : u"· "_s;
        lines << mark + Text::tr("%1: %2 — %3")
                            .arg(QString::fromStdString(cap.name),
                                 cap.quantity ? QString::number(*cap.quantity, 'g', 6) : format::missing(),
                                 QString::fromStdString(cap.text));
    }
    if (!answer.complete)
        lines << Text::tr("⚠ Not every constraint could be evaluated.");
    return lines;
}

QStringList TicketTexts::preview(const TicketView &view, int pricePlaces)
{
    if (!view.preview)
        return {view.previewWhy};
    const auto &p = *view.preview;
    QStringList lines;
    const QString missing = format::missing();
    lines << Text::tr("Worst loss with every stop: %1")
                 .arg(p.worstLoss ? format::dollars(*p.worstLoss)
                                  : missing + u" ("_s + QString::fromStdString(p.worstLossWhy) + u')');
    const QString liquidation = p.liquidationAfter ? u"≈ "_s + format::price(*p.liquidationAfter, pricePlaces)
                                : !p.liquidationWhy.empty()
                                    ? missing + u" ("_s + QString::fromStdString(p.liquidationWhy) + u')'
                                    : Text::tr("none");
    lines << Text::tr("Liquidation after: %1").arg(liquidation);
    lines << Text::tr("Fee: %1").arg(format::dollars(p.fee));
    lines << Text::tr("Funding at the next payment: %1").arg(p.fundingPer8h ? format::change(*p.fundingPer8h) : missing);
    return lines;
}

QStringList TicketTexts::headroom(const core::runtime::PreviewAnswer &answer)
{
    QStringList reached;
    QStringList others;
    for (const auto &change : core::risk::headroomChanges(answer.before, answer.after)) {
        QString what = format::Words::breakerTitle(change.subject.kind);
        if (change.subject.instrument)
            what = format::text(change.subject.instrument->symbol.view()) + u" · "_s + what.toLower();
        const auto level = [&](const std::optional<core::Ratio> &ratio) {
            return ratio ? format::Words::level(change.subject.kind, *ratio) : format::missing();
        };
        const auto room = [](const std::optional<Money> &money) { return money ? format::dollars(*money) : format::missing(); };
        QString line = Text::tr("%1: %2 → %3").arg(what, level(change.readingBefore), level(change.readingAfter));
        if (change.before || change.after)
            line = Text::tr("%1, room %2 → %3").arg(line, room(change.before), room(change.after));
        if (change.breaches)
            reached << Text::tr("✕ %1: this order would reach it").arg(line);
        else if (change.readingBefore != change.readingAfter || change.before != change.after)
            others << line;
    }
    return reached + others;
}

QStringList TicketTexts::safeguards(const core::risk::SafeguardVerdict &verdict)
{
    QStringList lines;
    for (const auto &note : verdict.notes) {
        QString line = (note.refuses ? u"✕ "_s : u"⚠ "_s) + QString::fromStdString(note.text);
        if (note.until)
            line += u' ' + Text::tr("Until %1.").arg(format::timeOfDayZone(*note.until));
        lines << line;
    }
    if (verdict.wantsReason)
        lines << Text::tr("Type a reason: the tilt score asks for one.");
    if (verdict.tilt >= 1)
        lines << Text::tr("Tilt score %1 of 100.").arg(static_cast<int>(verdict.tilt));
    if (verdict.leverageCap)
        lines << Text::tr("Leverage ladder: rung %1, all positions at most %2× equity.").arg(verdict.rung).arg(*verdict.leverageCap);
    return lines;
}

QString TicketTexts::advice(const std::vector<core::orders::IntentReason> &advice)
{
    QStringList lines;
    for (const auto &reason : advice)
        lines << u"⚠ "_s + QString::fromStdString(reason.text);
    return lines.join(u'\n');
}

QStringList TicketTexts::blocks(const std::vector<core::risk::Block> &blocks)
{
    QStringList lines;
    for (const auto &block : blocks) {
        QString line = Text::tr("✕ No new risk: %1").arg(QString::fromStdString(block.reason));
        if (!block.number.empty())
            line += Text::tr(" (%1)").arg(QString::fromStdString(block.number));
        if (!block.limit.empty())
            line += Text::tr(", limit %1").arg(QString::fromStdString(block.limit));
        if (block.until)
            line += Text::tr(", until %1").arg(format::timeOfDayZone(*block.until));
        lines << line;
    }
    return lines;
}

} // namespace ui::models
