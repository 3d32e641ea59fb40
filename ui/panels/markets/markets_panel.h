#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/dock_state.h"
#include "ui/models/markets_model.h"
#include "ui/theme/theme.h"

class QStackedLayout;
class QTableView;

namespace ui::controls
{
class StatePage;
}

namespace ui::panels
{

/// The watched markets of every venue; Enter or a double click shows one.
class MarketsPanel final : public QWidget
{
    Q_OBJECT

public:
    MarketsPanel(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] models::MarketsModel *model() const { return m_model; }
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] controls::StatePage *page() const { return m_page; }

signals:
    void marketChosen(const core::InstrumentKey &instrument);

private:
    models::MarketsModel *m_model; // child
    QTableView *m_table;           // child
    controls::StatePage *m_page;   // child
    QStackedLayout *m_stack;       // child
};

} // namespace ui::panels
