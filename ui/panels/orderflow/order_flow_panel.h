#pragma once

#include <memory>
#include <vector>

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/models/dock_state.h"
#include "ui/panels/orderflow/profile_source.h"
#include "ui/theme/theme.h"

class QAction;
class QStackedLayout;

namespace ui::controls
{
class DockTitleBar;
class StatePage;
} // namespace ui::controls

namespace ui::panels
{

class ChartView;
class DepthLadder;
class HeatLegend;

/// The central panel: chart and ladder of the shown (first) market, their title with state, and the page shown before
/// there is anything to draw.
class OrderFlowPanel final : public QWidget
{
    Q_OBJECT

public:
    OrderFlowPanel(const theme::Theme &theme, QWidget *parent);

    void append(const std::vector<std::shared_ptr<const core::market::DepthColumn>> &columns,
                const std::vector<core::Trade> &trades);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot, const ProfilePointer &profile);
    /// What the page offers when no venue answers.
    void setRescue(QAction *demo, QAction *retry);
    /// What comes next belongs to this market: the picture of another one is wiped.
    void follow(const core::InstrumentKey &instrument);
    void goLive();
    void toggleFreeze();

    [[nodiscard]] const models::DockState &state() const { return m_state; }
    [[nodiscard]] ChartView *chart() const { return m_chart; }
    [[nodiscard]] DepthLadder *ladder() const { return m_ladder; }
    [[nodiscard]] controls::StatePage *page() const { return m_page; }
    [[nodiscard]] controls::DockTitleBar *title() const { return m_title; }

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    const theme::Theme &m_theme;
    models::DockState m_state;
    controls::DockTitleBar *m_title; // child
    controls::StatePage *m_page;     // child
    ChartView *m_chart;              // child
    DepthLadder *m_ladder;           // child
    HeatLegend *m_legend;            // child
    QStackedLayout *m_stack;         // child
    QAction *m_demo{nullptr};        // observer
    QAction *m_retry{nullptr};       // observer
    std::optional<core::InstrumentKey> m_shown;
    std::optional<core::Price> m_last;
    int m_lastMove{0};
};

} // namespace ui::panels
