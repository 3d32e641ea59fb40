#include "ui/panels/positions/positions_panel.h"

#include <array>

#include <QtCore/QEvent>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QStackedLayout>
#include <QtWidgets/QTableView>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/state_page.h"
#include "ui/controls/table_setup.h"
#include "ui/panels/positions/totals_row.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

using models::PositionsModel;
using Phase = models::DockState::Phase;

namespace
{

struct Width {
    int wide; ///< 0: hidden
    int compact; ///< 0: hidden
};
/// Text + 12 px, worst cases measured in DejaVu Sans and both monos at 12 px.
constexpr std::array<Width, PositionsModel::kColumns> kWidths{{{140, 104},
                                                               {80, 78},
                                                               {84, 84},
                                                               {98, 78},
                                                               {80, 78},
                                                               {80, 78},
                                                               {84, 78},
                                                               {76, 60},
                                                               {88, 84},
                                                               {68, 0},
                                                               {0, 0},
                                                               {76, 49},
                                                               {92, 78},
                                                               {88, 0},
                                                               {120, 72}}};
constexpr int kCompactBelow = 1180;

} // namespace

PositionsPanel::PositionsPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_model(new PositionsModel(this)),
      m_table(controls::newTable(theme, this)), m_totals(nullptr),
      m_page(new controls::StatePage(theme, this)), m_stack(new QStackedLayout(this))
{
    m_table->setModel(m_model);
    m_table->setObjectName(u"positionsTable"_s);
    m_table->setAccessibleName(tr("Open positions"));
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicatorShown(false);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->horizontalHeader()->setSortIndicatorClearable(true);
    m_table->viewport()->installEventFilter(this);
    connect(m_table->horizontalHeader(), &QHeaderView::sectionClicked, m_table->horizontalHeader(),
            [header = m_table->horizontalHeader()] {
                header->setSortIndicatorShown(header->sortIndicatorSection() >= 0);
            });

    auto *content = new QWidget(this);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_table, 1);
    m_totals = new TotalsRow(theme, m_table, content);
    column->addWidget(m_totals);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_page);
    m_stack->addWidget(content);
    setMinimumSize(560, 120);
    fitColumns();
}

void PositionsPanel::fitColumns()
{
    const bool compact = width() < kCompactBelow;
    m_model->setCompact(compact);
    for (int column = 0; column < PositionsModel::kColumns; ++column) {
        const Width &w = kWidths[static_cast<std::size_t>(column)];
        const int pixels = compact ? w.compact : w.wide;
        m_table->setColumnHidden(column, pixels == 0);
        if (pixels > 0)
            m_table->setColumnWidth(column, pixels);
    }
}

void PositionsPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitColumns();
}

bool PositionsPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Enter)
        m_model->setHeld(true);
    else if (event->type() == QEvent::Leave)
        m_model->setHeld(false);
    return QWidget::eventFilter(watched, event);
}

void PositionsPanel::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    m_state = models::DockStates::positions(snapshot);
    const bool hasRows = snapshot != nullptr && !snapshot->account.positions.empty();
    if (snapshot != nullptr) {
        m_model->showSnapshot(*snapshot);
        m_totals->showTotals(m_model->totals());
    }
    const bool showTable = hasRows && m_state.phase != Phase::Loading && m_state.phase != Phase::Empty;
    m_page->showState(m_state);
    m_stack->setCurrentIndex(showTable ? 1 : 0);
}

QString PositionsPanel::totalsText() const
{
    return m_totals->text();
}

} // namespace ui::panels
