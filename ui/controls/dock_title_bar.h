#pragma once

#include <QtWidgets/QWidget>

#include "ui/models/dock_state.h"
#include "ui/theme/theme.h"

class QDockWidget;
class QHBoxLayout;
class QToolButton;

namespace ui::controls
{

class StateChip;

/// Title of a dock or of the central panel: name, detail (count or symbol), state chip, and for a dock the
/// float and close buttons. Floating docks read "Dock back".
class DockTitleBar final : public QWidget
{
    Q_OBJECT

public:
    DockTitleBar(const QString &name, const theme::Theme &theme, QWidget *parent,
                 QDockWidget *dock = nullptr);

    void setDetail(const QString &detail);
    void showState(const models::DockState &state);
    void showNotice(const QString &words); ///< "PAUSED – C returns to live"; empty hides it
    [[nodiscard]] QString chipText() const;
    /// Extra widgets sit right of the detail; they become children.
    void addTool(QWidget *tool);

    /// A tabbed dock's name stands in its tab: the bar then takes no space.
    void setCollapsed(bool collapsed);

    [[nodiscard]] QSize sizeHint() const override { return {120, m_collapsed ? 0 : kHeight}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {60, m_collapsed ? 0 : kHeight}; }
    static constexpr int kHeight = 26;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    QString m_name;
    QString m_detail;
    bool m_collapsed{false};
    QHBoxLayout *m_row;            // child
    StateChip *m_chip;             // child
    StateChip *m_notice;           // child
    QToolButton *m_float{nullptr}; // child
};

} // namespace ui::controls
