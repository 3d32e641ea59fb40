#include "ui/panels/markets/markets_panel.h"

#include <array>

#include <QtWidgets/QStackedLayout>
#include <QtWidgets/QTableView>

#include "ui/controls/state_page.h"
#include "ui/controls/table_setup.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

using models::MarketsModel;

MarketsPanel::MarketsPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_model(new MarketsModel(this)), m_table(controls::newTable(theme, this)),
      m_page(new controls::StatePage(theme, this)), m_stack(new QStackedLayout(this))
{
    static constexpr std::array<int, MarketsModel::kColumns> kWidths{98, 56, 80, 52, 62};
    m_table->setModel(m_model);
    m_table->setObjectName(u"marketsTable"_s);
    m_table->setAccessibleName(tr("Watched markets"));
    for (int column = 0; column < MarketsModel::kColumns; ++column)
        m_table->setColumnWidth(column, kWidths[static_cast<std::size_t>(column)]);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_page);
    m_stack->addWidget(m_table);
    setMinimumSize(300, 120);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        if (const core::InstrumentKey *key = m_model->keyAt(index.row()))
            emit marketChosen(*key);
    });
}

void MarketsPanel::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    if (snapshot != nullptr)
        m_model->showSnapshot(*snapshot);
    const bool any = m_model->rowCount() > 0;
    m_page->showState(any || snapshot != nullptr
                          ? models::DockState{models::DockState::Phase::Empty, {}, tr("No market is watched.")}
                          : models::DockState{});
    m_stack->setCurrentIndex(any ? 1 : 0);
}

} // namespace ui::panels
