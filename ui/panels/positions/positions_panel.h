#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/dock_state.h"
#include "ui/models/positions_model.h"
#include "ui/theme/theme.h"

class QAction;
class QStackedLayout;
class QTableView;

namespace ui::controls
{
class StatePage;
}

namespace ui::panels
{

class TotalsRow;

/// The positions table with its pinned totals, or the page that says why there is none.
class PositionsPanel final : public QWidget
{
    Q_OBJECT

public:
    PositionsPanel(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] const models::DockState &state() const { return m_state; }
    [[nodiscard]] models::PositionsModel *model() const { return m_model; }
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] controls::StatePage *page() const { return m_page; }
    [[nodiscard]] QString totalsText() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitColumns();

    const theme::Theme &m_theme;
    models::DockState m_state;
    models::PositionsModel *m_model; // child
    QTableView *m_table;             // child
    TotalsRow *m_totals;             // child
    controls::StatePage *m_page;     // child
    QStackedLayout *m_stack;         // child
};

} // namespace ui::panels
