#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/position_row.h"
#include "ui/theme/theme.h"

class QTableView;

namespace ui::panels
{

/// The row below the table that never scrolls: count, long and short notional, uPnL and margin under their
/// columns.
class TotalsRow final : public QWidget
{
    Q_OBJECT

public:
    TotalsRow(const theme::Theme &theme, QTableView *table, QWidget *parent);
    void showTotals(const models::PositionTotals &totals);
    [[nodiscard]] QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    QTableView *m_table; // sibling; same parent
    models::PositionTotals m_totals;
};

} // namespace ui::panels
