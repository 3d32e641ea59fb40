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

constexpr qsizetype kNakedNamed = 3; ///< the rest is counted: the limits below stay in sight

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
    static QString more(int count)
    {
        //: after a list of symbols
        return tr("%n more position(s) not fully covered", nullptr, count);
    }
    static QString closing() { return tr("A stop of this position failed, or none can rest any more: it is being closed."); }
    static QString placing() { return tr("A stop is on its way to the venue and does not rest yet."); }
    static QString unknown() { return tr("No clear answer to a stop: the venue is asked what became of it. Until then it protects nothing."); }
    static QString off()
    {
        return tr("Auto-close is not armed, or resting stops are switched off: the program places none, and nothing protects "
                  "this position when it is gone.");
    }
    static QString none() { return tr("No stop rests at the venue: nothing protects this position when this program is gone."); }
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
        cover.farthest = stop->triggerPrice;
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

StopCover stopCover(const core::runtime::TerminalSnapshot &snapshot, const core::Position &position)
{
    StopCover cover = stopCover(position, snapshot.account.openOrders);
    const auto &kept = snapshot.guard.cover;
    const auto known = std::find_if(kept.begin(), kept.end(), [&](const auto &one) {
        return one.position.instrument == position.instrument && one.position.side == position.positionSide;
    });
    if (known == kept.end())
        return cover;
    const bool differs = known->covered != cover.covered || known->trigger != cover.nearest;
    cover.covered = std::min(known->covered, position.quantity);
    cover.nearest = known->trigger;
    cover.whole = known->covered >= position.quantity;
    cover.state = known->state;
    if (differs || !cover.whole)
        cover.loss.reset(); // reckoned from other stops than those that count
    return cover;
}

QString coverReason(const StopCover &cover)
{
    if (cover.state == "closing")
        return Text::closing();
    if (cover.whole)
        return {};
    if (cover.state == "placing" || cover.state == "replacing")
        return Text::placing();
    if (cover.state == "unknown")
        return Text::unknown();
    if (cover.state == "off")
        return Text::off();
    return Text::none();
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
    const auto more = naked.size() - kNakedNamed;
    if (more > 1)
        naked = naked.first(kNakedNamed) << Text::more(static_cast<int>(more));
    CoverLine line = naked.isEmpty() ? CoverLine{Text::whole(), false} : CoverLine{Text::naked(naked), true};
    if (!exposed.isEmpty())
        line.text += u'\n' + exposed;
    return line;
}

} // namespace ui::models
