#include "ui/panels/orderflow/order_flow_panel.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QStackedLayout>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/dock_title_bar.h"
#include "ui/controls/state_page.h"
#include "ui/format/words.h"
#include "ui/panels/orderflow/chart_lines.h"
#include "ui/panels/orderflow/chart_view.h"
#include "ui/panels/orderflow/depth_ladder.h"
#include "ui/panels/orderflow/heat_legend.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

using Phase = models::DockState::Phase;

OrderFlowPanel::OrderFlowPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_title(new controls::DockTitleBar(tr("Order flow"), theme, this)),
      m_page(new controls::StatePage(theme, this)), m_chart(nullptr), m_ladder(nullptr),
      m_legend(new HeatLegend(theme, m_title)), m_stack(nullptr)
{
    setObjectName(u"orderflow"_s);
    setMinimumSize(560, 320);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Order flow"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_title);
    m_title->addTool(m_legend);

    auto *body = new QWidget(this);
    auto *row = new QHBoxLayout(body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_chart = new ChartView(theme, body);
    m_ladder = new DepthLadder(theme, body);
    row->addWidget(m_chart, 1);
    row->addWidget(m_ladder);
    m_stack = new QStackedLayout;
    m_stack->addWidget(m_page);
    m_stack->addWidget(body);
    column->addLayout(m_stack, 1);

    connect(m_chart, &ChartView::pausedChanged, this, [this](bool paused) {
        m_title->showNotice(paused ? tr("PAUSED – C returns to live") : QString());
        m_ladder->setFrozen(paused);
    });
    connect(m_ladder, &DepthLadder::priceHovered, m_chart, &ChartView::setHoveredPrice);
}

void OrderFlowPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_ladder->setFixedWidth(width() < 1050 ? 216 : 254);
}

void OrderFlowPanel::append(const std::vector<std::shared_ptr<const core::market::DepthColumn>> &columns,
                            const std::vector<core::Trade> &trades)
{
    m_chart->append(columns, trades);
}

void OrderFlowPanel::showSnapshot(const core::runtime::TerminalSnapshot *snapshot,
                                  const ProfilePointer &profile)
{
    m_state = models::DockStates::orderFlow(snapshot);
    m_title->showState(m_state);
    m_page->showState(m_state, m_state.unreached ? m_demo : nullptr, m_state.unreached ? m_retry : nullptr);
    const core::runtime::MarketSnapshot *market =
        snapshot != nullptr && !snapshot->markets.empty() ? &snapshot->markets.front() : nullptr;
    if (market == nullptr) {
        m_stack->setCurrentIndex(0);
        m_title->setDetail({});
        return;
    }
    follow(market->key);
    m_title->setDetail(format::text(market->key.symbol.view()) + u" · "_s +
                       format::Words::venue(market->key.venue));

    const bool drawable = m_chart->range().isValid() || !market->bids.empty();
    m_stack->setCurrentIndex(drawable && m_state.phase != Phase::Loading ? 1 : 0);
    const bool trusted = m_state.phase == Phase::Live;
    m_chart->setTrusted(trusted);
    m_chart->showProfile(profile);

    const auto last = market->lastTrade ? std::optional(market->lastTrade->price) : std::nullopt;
    if (last && m_last && *last != *m_last)
        m_lastMove = *last > *m_last ? 1 : -1;
    m_last = last;
    const format::Places places = market->instrument ? format::placesOf(*market->instrument)
                                  : last             ? format::guessedPlaces(*last)
                                                     : format::Places{};
    m_chart->showLastPrice(last, m_lastMove, places);
    m_chart->showLines(chartLines(*snapshot, *market, places));
    m_ladder->showMarket(market, snapshot->account.openOrders, trusted);
    if (m_chart->ring().scale().high() > 0.0F && !m_chart->ring().isEmpty())
        m_legend->showScale(m_chart->ring().scale(),
                            market->instrument ? format::text(market->instrument->base.view()) : QString());
}

void OrderFlowPanel::setRescue(QAction *demo, QAction *retry)
{
    m_demo = demo;
    m_retry = retry;
}

void OrderFlowPanel::follow(const core::InstrumentKey &instrument)
{
    if (m_shown == instrument)
        return;
    if (m_shown) {
        m_chart->clear();
        m_chart->goLive();
        m_last.reset();
        m_lastMove = 0;
    }
    m_shown = instrument;
}

void OrderFlowPanel::goLive()
{
    m_chart->goLive();
}

void OrderFlowPanel::toggleFreeze()
{
    m_chart->setPaused(!m_chart->isPaused());
}

} // namespace ui::panels
