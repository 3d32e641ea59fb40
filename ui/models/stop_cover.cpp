#include "ui/models/stop_cover.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/position_row.h"

namespace ui::models
{

namespace
{

using core::Direction;
using core::Money;
using core::Quantity;
using core::Rounding;

bool protects(const core::OrderUpdate &order, const core::Position &position)
{
    const core::Side closing = position.direction == Direction::Long ? core::Side::Sell : core::Side::Buy;
    const bool stop = order.type == core::OrderType::StopMarket || order.type == core::OrderType::StopLimit;
    const bool live = order.status == core::OrderStatus::New || order.status == core::OrderStatus::PartiallyFilled;
    const bool closes = order.reduceOnly == core::ReduceOnly::Yes || position.positionSide != core::PositionSide::Both;
    return order.instrument == position.instrument && order.positionSide == position.positionSide &&
           order.side == closing && stop && live && closes && order.triggerPrice.has_value();
}

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::StopCover)

public:
    static QString whole() { return tr("Every open unit has a resting stop at its venue."); }
    static QString naked(const QStringList &parts) { return tr("⚠ NAKED: %1").arg(parts.join(QStringLiteral(", "))); }
    static QString today(core::Money moneySeconds)
    {
        //: notional without a resting stop, summed over the seconds of the UTC day
        return tr("Naked today: %1 × seconds").arg(format::dollars(moneySeconds));
    }
    static QString part(const PositionRow &row, const StopCover &cover)
    {
        const QString symbol = format::text(row.position.instrument.symbol.view());
        if (cover.covered.isZero())
            return tr("%1 has no resting stop").arg(symbol);
        //: %1 symbol, %2 size with a stop, %3 size held
        return tr("%1 has stops for %2 of %3")
            .arg(symbol, format::size(cover.covered, row.places.size), format::size(row.position.quantity, row.places.size));
    }
};

} // namespace

StopCover stopCover(const core::Position &position, const std::vector<core::OrderUpdate> &orders)
{
    std::vector<const core::OrderUpdate *> stops;
    for (const auto &order : orders) {
        if (protects(order, position))
            stops.push_back(&order);
    }
    const bool isLong = position.direction == Direction::Long;
    std::sort(stops.begin(), stops.end(), [isLong](const auto *a, const auto *b) {
        return isLong ? *a->triggerPrice > *b->triggerPrice : *a->triggerPrice < *b->triggerPrice;
    });
    StopCover cover;
    std::optional<Money> loss = Money{};
    for (const auto *stop : stops) {
        const auto rest = core::subtract(stop->quantity, stop->filled);
        const auto open = core::subtract(position.quantity, cover.covered);
        if (!rest || !open)
            continue;
        const Quantity taken = std::min(*rest, *open);
        if (!taken.isPositive())
            continue;
        if (!cover.nearest)
            cover.nearest = stop->triggerPrice;
        const auto covered = core::add(cover.covered, taken);
        const auto way = isLong ? core::subtract(position.entryPrice, *stop->triggerPrice)
                                : core::subtract(*stop->triggerPrice, position.entryPrice);
        const auto part = way ? core::notional(*way, taken, Rounding::Ceil) : core::Result<Money>(core::fail(way.error()));
        const auto sum = loss && part ? core::add(*loss, *part) : core::Result<Money>(Money{});
        if (loss && part && sum)
            loss = *sum;
        else
            loss.reset();
        if (covered)
            cover.covered = *covered;
    }
    cover.whole = cover.covered >= position.quantity;
    if (cover.whole)
        cover.loss = loss;
    return cover;
}

CoverLine coverLine(const core::runtime::TerminalSnapshot &snapshot)
{
    if (!snapshot.account.connected || !snapshot.account.positionsKnown)
        return {};
    QStringList naked;
    const auto rows = positionRows(snapshot);
    for (const PositionRow &row : rows) {
        if (!row.cover.whole)
            naked << Text::part(row, row.cover);
    }
    const core::Money today = snapshot.guard.nakedNotionalSeconds;
    const QString exposed = today.isPositive() ? Text::today(today) : QString();
    if (rows.empty())
        return {exposed, false};
    CoverLine line = naked.isEmpty() ? CoverLine{Text::whole(), false} : CoverLine{Text::naked(naked), true};
    if (!exposed.isEmpty())
        line.text += u'\n' + exposed;
    return line;
}

} // namespace ui::models
