#pragma once

#include <vector>

#include <QtWidgets/QWidget>

#include "ui/controls/headroom_bar.h"
#include "ui/models/dock_state.h"
#include "ui/theme/theme.h"

class QLabel;
class QScrollArea;
class QStackedLayout;
class QVBoxLayout;

namespace ui::controls
{
class StatePage;
}

namespace ui::panels
{

class AccountSummary;
class ActionList;

/// Account totals, how much of every limit is used, and what the program is closing right now.
class RiskPanel final : public QWidget
{
    Q_OBJECT

public:
    RiskPanel(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] const models::DockState &state() const { return m_state; }
    [[nodiscard]] controls::StatePage *page() const { return m_page; }
    [[nodiscard]] std::vector<controls::HeadroomBar::Content> bars() const;
    [[nodiscard]] QStringList actionTexts() const;
    [[nodiscard]] AccountSummary *summary() const { return m_summary; }

private:
    [[nodiscard]] controls::HeadroomBar::Content
    marginContent(const core::runtime::TerminalSnapshot &snapshot) const;
    [[nodiscard]] controls::HeadroomBar::Content
    breakerContent(const core::runtime::TerminalSnapshot &snapshot,
                   const core::orders::BreakerView &view) const;

    const theme::Theme &m_theme;
    models::DockState m_state;
    controls::StatePage *m_page;                 // child
    QStackedLayout *m_stack;                     // child
    AccountSummary *m_summary;                   // child
    ActionList *m_actions;                       // child
    QVBoxLayout *m_column;                       // child
    QVBoxLayout *m_barColumn;                    // child
    std::vector<controls::HeadroomBar *> m_bars; // children; the first one is the margin bar
};

} // namespace ui::panels
