#include "ui/panels/alerts/alerts_panel.h"

#include <QtCore/QEvent>
#include <QtWidgets/QListView>
#include <QtWidgets/QStackedLayout>

#include "ui/controls/state_page.h"
#include "ui/panels/alerts/alert_delegate.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

AlertsPanel::AlertsPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_model(new models::AlertsModel(this)), m_list(new QListView(this)),
      m_page(new controls::StatePage(theme, this)), m_stack(new QStackedLayout(this))
{
    m_list->setObjectName(u"alertsList"_s);
    m_list->setAccessibleName(tr("Alerts"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new AlertDelegate(theme, m_list));
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollBarPolicy(
        Qt::ScrollBarAlwaysOn); // a bar that comes and goes would re-wrap every row
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->installEventFilter(this);
    m_list->viewport()->installEventFilter(this);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_page);
    m_stack->addWidget(m_list);
    m_page->showState({models::DockState::Phase::Empty,
                       {},
                       tr("No alerts. Breakers, connection and storage report here.")});
    setMinimumSize(300, 90);
}

void AlertsPanel::append(const std::vector<core::runtime::AlertRow> &alerts)
{
    if (alerts.empty())
        return;
    m_model->append(alerts);
    m_stack->setCurrentIndex(1);
}

void AlertsPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_list->doItemsLayout(); // the sentences wrap at the new width
}

bool AlertsPanel::eventFilter(QObject *watched, QEvent *event)
{
    const bool looked = event->type() == QEvent::FocusIn || event->type() == QEvent::MouseButtonPress ||
                        event->type() == QEvent::Wheel;
    if (looked)
        m_model->markAllRead();
    return QWidget::eventFilter(watched, event);
}

} // namespace ui::panels
