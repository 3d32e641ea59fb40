#pragma once

#include <array>
#include <vector>

#include <QtWidgets/QWidget>

#include "ui/controls/headroom_bar.h"
#include "ui/models/dock_state.h"
#include "ui/theme/theme.h"

class QLabel;
class QStackedLayout;

namespace ui::controls
{
class StatePage;
}

namespace ui::panels
{

class AccountSummary;
class ActionList;
class BarSection;
class LockoutList;

/// Account totals, arming and state of each account, running lockouts, what has no resting stop, how much of every limit is
/// used, and what the program is closing right now.
class RiskPanel final : public QWidget
{
    Q_OBJECT

public:
    RiskPanel(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] const models::DockState &state() const { return m_state; }
    [[nodiscard]] controls::StatePage *page() const { return m_page; }
    /// All of them, from top to bottom.
    [[nodiscard]] std::vector<controls::HeadroomBar::Content> bars() const;
    [[nodiscard]] QStringList actionTexts() const;
    [[nodiscard]] QStringList lockoutTexts() const;
    [[nodiscard]] QString accountsText() const;
    [[nodiscard]] QString coverText() const;
    [[nodiscard]] AccountSummary *summary() const { return m_summary; }

signals:
    void releaseRequested(const QString &lockout);

private:
    const theme::Theme &m_theme;
    models::DockState m_state;
    controls::StatePage *m_page;           // child
    QStackedLayout *m_stack;               // child
    AccountSummary *m_summary;             // child
    QLabel *m_accounts;                    // child
    LockoutList *m_lockouts;               // child
    QLabel *m_cover;                       // child
    ActionList *m_actions;                 // child
    std::array<BarSection *, 4> m_sections; // children, in the order of StandingBar::Group
};

} // namespace ui::panels
