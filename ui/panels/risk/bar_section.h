#pragma once

#include <vector>

#include <QtWidgets/QWidget>

#include "ui/controls/headroom_bar.h"

class QLabel;
class QVBoxLayout;

namespace ui::panels
{

/// Headroom bars under one heading; takes no space without bars. An empty heading is not shown.
class BarSection final : public QWidget
{
    Q_OBJECT

public:
    BarSection(const QString &heading, const theme::Theme &theme, QWidget *parent);
    void showContents(const std::vector<controls::HeadroomBar::Content> &contents);
    [[nodiscard]] const std::vector<controls::HeadroomBar::Content> &contents() const { return m_contents; }

private:
    const theme::Theme &m_theme;
    QLabel *m_heading;                           // child
    QVBoxLayout *m_column;                       // child
    std::vector<controls::HeadroomBar *> m_bars; // children; those that are not needed now are hidden
    std::vector<controls::HeadroomBar::Content> m_contents;
};

} // namespace ui::panels
