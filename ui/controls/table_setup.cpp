#include "ui/controls/table_setup.h"

#include <QtWidgets/QHeaderView>
#include <QtWidgets/QTableView>

#include "ui/controls/table_delegate.h"

namespace ui::controls
{

QTableView *newTable(const theme::Theme &theme, QWidget *parent)
{
    auto *table = new QTableView(parent);
    table->setItemDelegate(new TableDelegate(theme, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(theme::Theme::kRowHeight);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->horizontalHeader()->setMinimumSectionSize(20);
    table->horizontalHeader()->setFixedHeight(theme::Theme::kRowHeight);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    return table;
}

} // namespace ui::controls
