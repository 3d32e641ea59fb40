#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/alerts_model.h"
#include "ui/theme/theme.h"

class QListView;
class QStackedLayout;

namespace ui::controls
{
class StatePage;
}

namespace ui::panels
{

/// The alert feed: severity as icon, word and stripe; the sentence wraps, nothing is cut off.
class AlertsPanel final : public QWidget
{
    Q_OBJECT

public:
    AlertsPanel(const theme::Theme &theme, QWidget *parent);
    void append(const std::vector<core::runtime::AlertRow> &alerts);
    [[nodiscard]] models::AlertsModel *model() const { return m_model; }

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    models::AlertsModel *m_model; // child
    QListView *m_list;            // child
    controls::StatePage *m_page;  // child
    QStackedLayout *m_stack;      // child
};

} // namespace ui::panels
