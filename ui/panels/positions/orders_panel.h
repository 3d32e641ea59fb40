#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/dock_state.h"
#include "ui/models/orders_model.h"
#include "ui/theme/theme.h"

class QStackedLayout;
class QTableView;

namespace ui::controls
{
class StatePage;
}

namespace ui::panels
{

/// Orders that rest at the venue, or the page that says why there are none.
class OrdersPanel final : public QWidget
{
    Q_OBJECT

public:
    OrdersPanel(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] const models::DockState &state() const { return m_state; }
    [[nodiscard]] controls::StatePage *page() const { return m_page; }

private:
    models::DockState m_state;
    models::OrdersModel *m_model; // child
    QTableView *m_table;          // child
    controls::StatePage *m_page;  // child
    QStackedLayout *m_stack;      // child
};

} // namespace ui::panels
