#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

class QAction;
class QMenu;
class QToolButton;

namespace ui::controls
{
class HoldButton;
class StateChip;
} // namespace ui::controls

namespace ui::shell
{

class MarketStrip;

/// The bar that never hides and never moves: menu, market, mode, breakers, auto-close, panic.
class TopBar final : public QWidget
{
    Q_OBJECT

public:
    TopBar(const theme::Theme &theme, QMenu *menu, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    void setAutoCloseMenu(QMenu *menu);
    void setPanicMenu(QMenu *menu);

    [[nodiscard]] controls::HoldButton *panic() const { return m_panic; }
    [[nodiscard]] controls::StateChip *autoClose() const { return m_autoClose; }
    [[nodiscard]] controls::StateChip *breakers() const { return m_breakers; }

signals:
    void breakersPressed();
    void autoClosePressed();
    void panicHeld();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void showBreakers(const core::runtime::TerminalSnapshot *snapshot);
    void showArming(const core::runtime::TerminalSnapshot *snapshot);

    const theme::Theme &m_theme;
    MarketStrip *m_market;            // child
    controls::StateChip *m_mode;      // child
    controls::StateChip *m_breakers;  // child
    controls::StateChip *m_autoClose; // child
    QToolButton *m_autoCloseMenu;     // child
    controls::HoldButton *m_panic;    // child
    QToolButton *m_panicMenu;         // child
};

} // namespace ui::shell
