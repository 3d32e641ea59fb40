#include "ui/panels/connections/connections_panel.h"

#include <array>

#include <QtWidgets/QLabel>
#include <QtWidgets/QTableView>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/table_setup.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

using models::ConnectionsModel;

ConnectionsPanel::ConnectionsPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_model(new ConnectionsModel(this)), m_venues(new QLabel(this)),
      m_table(controls::newTable(theme, this))
{
    static constexpr std::array<int, ConnectionsModel::kColumns> kWidths{160, 140, 70, 84, 84, 56, 84, 84, 200};
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_venues->setObjectName(u"connectionVenues"_s);
    m_venues->setTextFormat(Qt::PlainText); // addresses and errors come from outside
    m_venues->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_venues->setContentsMargins(10, 6, 10, 6);
    m_venues->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long error must not widen the window
    column->addWidget(m_venues);
    m_table->setModel(m_model);
    m_table->setObjectName(u"connectionsTable"_s);
    m_table->setAccessibleName(tr("Connections"));
    for (int i = 0; i < ConnectionsModel::kColumns; ++i)
        m_table->setColumnWidth(i, kWidths[static_cast<std::size_t>(i)]);
    column->addWidget(m_table, 1);
    setMinimumSize(560, 120);
}

void ConnectionsPanel::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    if (snapshot == nullptr)
        return;
    m_model->showSnapshot(*snapshot);
    QStringList lines;
    for (const auto &venue : snapshot->venues)
        lines << ConnectionsModel::venueLine(*snapshot, venue);
    const QString text = lines.join(u'\n');
    if (text == m_venues->text())
        return;
    m_venues->setText(text);
    m_venues->setToolTip(text);
    m_venues->setAccessibleName(text);
}

QString ConnectionsPanel::venuesText() const
{
    return m_venues->text();
}

} // namespace ui::panels
