#include "ui/panels/orderflow/chart_lines.h"

#include <QtCore/QCoreApplication>

#include "ui/format/words.h"

namespace ui::panels
{

namespace
{

class Labels
{
    Q_DECLARE_TR_FUNCTIONS(ui::panels::ChartLine)

public:
    static QString entry(const core::Position &p, int places)
    {
        //: label of the entry line; %1 side, %2 size
        return tr("%1 %2 entry").arg(format::Words::side(p.direction), format::size(p.quantity, places));
    }
    static QString liquidation() { return tr("Liquidation"); }
    static QString breaker(const core::orders::BreakerView &view)
    {
        const QString action = format::Words::tierAction(view.nextAction);
        //: label of the line at which a breaker acts; %1 action (alert, close), %2 share of margin lost
        return view.nextTrigger
                   ? tr("Breaker: %1 at %2 of margin").arg(action, format::percent(*view.nextTrigger))
                   : tr("Breaker: %1").arg(action);
    }
    static QString order(const core::OrderUpdate &order, int places)
    {
        return order.side == core::Side::Buy ? tr("Buy %1").arg(format::size(order.quantity, places))
                                             : tr("Sell %1").arg(format::size(order.quantity, places));
    }
};

} // namespace

std::vector<ChartLine> chartLines(const core::runtime::TerminalSnapshot &snapshot,
                                  const core::runtime::MarketSnapshot &market, format::Places places)
{
    std::vector<ChartLine> lines;
    for (const core::Position &p : snapshot.account.positions) {
        if (p.instrument != market.key || p.isFlat())
            continue;
        const auto tone = p.direction == core::Direction::Long ? models::Tone::Long : models::Tone::Short;
        lines.push_back(
            {p.entryPrice.toDouble(), Labels::entry(p, places.size), ChartLine::Kind::Entry, tone});
        if (p.liquidationPrice)
            lines.push_back({p.liquidationPrice->toDouble(), Labels::liquidation(),
                             ChartLine::Kind::Liquidation, models::Tone::Critical});
    }
    for (const auto &view : snapshot.guard.breakers) {
        if (view.instrument == market.key && view.priceAtNext)
            lines.push_back({view.priceAtNext->toDouble(), Labels::breaker(view), ChartLine::Kind::Breaker,
                             models::Tone::Warn});
    }
    for (const core::OrderUpdate &order : snapshot.account.openOrders) {
        if (order.instrument == market.key && order.limitPrice)
            lines.push_back({order.limitPrice->toDouble(), Labels::order(order, places.size),
                             ChartLine::Kind::OwnOrder, models::Tone::Primary});
    }
    return lines;
}

} // namespace ui::panels
