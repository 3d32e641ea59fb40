#include "ui/panels/positions/orders_panel.h"

#include <array>

#include <QtWidgets/QStackedLayout>
#include <QtWidgets/QTableView>

#include "ui/controls/state_page.h"
#include "ui/controls/table_setup.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

OrdersPanel::OrdersPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_model(new models::OrdersModel(this)), m_table(controls::newTable(theme, this)),
      m_page(new controls::StatePage(theme, this)), m_stack(new QStackedLayout(this))
{
    static constexpr std::array<int, models::OrdersModel::kColumns> kWidths{132, 76, 70, 96, 90,
                                                                            76,  96, 66, 180};
    m_table->setModel(m_model);
    m_table->setObjectName(u"ordersTable"_s);
    m_table->setAccessibleName(tr("Open orders"));
    for (int column = 0; column < models::OrdersModel::kColumns; ++column)
        m_table->setColumnWidth(column, kWidths[static_cast<std::size_t>(column)]);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_page);
    m_stack->addWidget(m_table);
    setMinimumSize(560, 120);
}

void OrdersPanel::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    m_state = models::DockStates::orders(snapshot);
    if (snapshot != nullptr)
        m_model->showSnapshot(*snapshot);
    m_page->showState(m_state);
    const bool showTable = m_model->rowCount() > 0 && m_state.phase != models::DockState::Phase::Loading;
    m_stack->setCurrentIndex(showTable ? 1 : 0);
}

} // namespace ui::panels
