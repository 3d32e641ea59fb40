#include "ui/models/position_row.h"

#include "ui/models/dock_state.h"

namespace ui::models
{

namespace
{

using core::Rounding;

std::optional<core::Ratio> distance(core::Price mark, core::Price target)
{
    const auto gap = mark > target ? core::subtract(mark, target) : core::subtract(target, mark);
    if (!gap)
        return std::nullopt;
    const auto ratio = core::ratioOf(*gap, mark, Rounding::HalfEven);
    return ratio ? std::optional(*ratio) : std::nullopt;
}

format::Places placesFor(const core::runtime::TerminalSnapshot &snapshot, const core::Position &position)
{
    for (const auto &market : snapshot.markets) {
        if (market.key == position.instrument && market.instrument)
            return format::placesOf(*market.instrument);
    }
    return format::guessedPlaces(position.entryPrice);
}

/// A tripped breaker first, then the one with the smallest way to go.
const core::orders::BreakerView *nearest(const core::runtime::TerminalSnapshot &snapshot,
                                         const core::InstrumentKey &instrument)
{
    const core::orders::BreakerView *best = nullptr;
    for (const auto &view : snapshot.guard.breakers) {
        if (view.instrument != instrument)
            continue;
        const bool better =
            best == nullptr || view.word == core::orders::BreakerView::Word::Tripped ||
            (view.distanceToNext && best->distanceToNext && *view.distanceToNext < *best->distanceToNext);
        if (better)
            best = &view;
    }
    return best;
}

void accumulate(std::optional<core::Money> &sum, const std::optional<core::Money> &value)
{
    if (!sum)
        return;
    if (!value) {
        sum.reset();
        return;
    }
    const auto next = core::add(*sum, *value);
    sum = next ? std::optional(*next) : std::nullopt;
}

} // namespace

std::vector<PositionRow> positionRows(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<PositionRow> rows;
    for (const core::Position &position : snapshot.account.positions) {
        if (position.isFlat())
            continue;
        PositionRow row;
        row.position = position;
        row.places = placesFor(snapshot, position);
        if (position.markPrice && position.markPrice->isPositive()) {
            if (const auto value = core::notional(*position.markPrice, position.quantity, Rounding::HalfEven))
                row.notional = *value;
            if (position.liquidationPrice)
                row.liquidationDistance = distance(*position.markPrice, *position.liquidationPrice);
        }
        if (position.unrealizedPnl && position.initialMargin && position.initialMargin->isPositive()) {
            if (const auto ratio =
                    core::ratioOf(*position.unrealizedPnl, *position.initialMargin, Rounding::HalfEven))
                row.roe = *ratio;
        }
        if (const auto *breaker = nearest(snapshot, position.instrument))
            row.breaker = *breaker;
        row.cover = stopCover(snapshot, position);
        const auto mark = DockStates::markOf(snapshot, position.instrument);
        row.trusted = snapshot.account.freshness == core::Freshness::Fresh &&
                      (!mark || *mark == core::Freshness::Fresh);
        rows.push_back(std::move(row));
    }
    return rows;
}

PositionTotals totalsOf(const std::vector<PositionRow> &rows)
{
    PositionTotals totals;
    totals.count = rows.size();
    totals.longNotional = core::Money{};
    totals.shortNotional = core::Money{};
    totals.unrealizedPnl = core::Money{};
    totals.initialMargin = core::Money{};
    for (const PositionRow &row : rows) {
        accumulate(row.position.direction == core::Direction::Long ? totals.longNotional
                                                                   : totals.shortNotional,
                   row.notional);
        accumulate(totals.unrealizedPnl, row.position.unrealizedPnl);
        accumulate(totals.initialMargin, row.position.initialMargin);
        totals.trusted = totals.trusted && row.trusted;
    }
    return totals;
}

} // namespace ui::models
