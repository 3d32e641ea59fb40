#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/connections_model.h"
#include "ui/models/dock_state.h"
#include "ui/theme/theme.h"

class QLabel;
class QTableView;

namespace ui::panels
{

/// Every connection: a line per venue (where, reached, budget, clock), and a row per stream.
class ConnectionsPanel final : public QWidget
{
    Q_OBJECT

public:
    ConnectionsPanel(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] models::ConnectionsModel *model() const { return m_model; }
    [[nodiscard]] QString venuesText() const;

private:
    models::ConnectionsModel *m_model; // child
    QLabel *m_venues;                  // child
    QTableView *m_table;               // child
};

} // namespace ui::panels
