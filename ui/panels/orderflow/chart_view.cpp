#include "ui/panels/orderflow/chart_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtGui/QWheelEvent>

namespace ui::panels
{

namespace
{

constexpr std::array<int, 7> kZooms{1, 2, 3, 4, 6, 8, 12}; ///< pixels per interval
constexpr std::size_t kZoomAtStart = 1;
constexpr int kTimeStrip = 20;
constexpr double kFreeShare = 0.10; ///< empty space right of now
constexpr double kKeepShare = 0.30; ///< auto-centre when the price is farther than this share from the middle
constexpr double kSpanAtStart = 0.0032;  ///< of the price
constexpr double kRoomAroundMove = 1.85; ///< the price at the end of a move then stays in the middle 60 %
constexpr double kSpanMin = 0.0002;
constexpr double kSpanMax = 0.5;
constexpr std::size_t kUndoMax = 50;
constexpr int kNarrowBelow = 800;

} // namespace

ChartView::ChartView(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_ring(theme, m_range), m_bubbles(theme), m_zoom(kZoomAtStart)
{
    setObjectName(QStringLiteral("chartView"));
    setAccessibleName(tr("Order-flow chart"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(320, 200);
    connect(&m_range, &PriceRange::changed, this, &ChartView::rangeChanged);
    connect(&m_theme, &theme::Theme::changed, this, [this] {
        m_ring.themeChanged();
        m_bubbles.themeChanged();
        update();
    });
}

void ChartView::rangeChanged()
{
    m_ring.invalidate();
    update();
}

void ChartView::layoutAreas()
{
    const bool narrow = width() < kNarrowBelow;
    const int profile = narrow ? 90 : 130;
    const int axis = narrow ? 70 : 78;
    const int plot = std::max(1, height() - kTimeStrip);
    m_profileArea = QRect(0, 0, profile, plot);
    m_axis = QRect(width() - axis, 0, axis, plot);
    m_heat = QRect(profile, 0, std::max(1, width() - profile - axis), plot);
    m_time = QRect(0, plot, width(), kTimeStrip);
}

QRect ChartView::pictureArea() const
{
    QRect area = m_heat;
    area.setWidth(std::max(1, static_cast<int>(m_heat.width() * (1.0 - kFreeShare))));
    return area;
}

void ChartView::applyGeometry()
{
    const double ratio = devicePixelRatioF();
    const QSize pixels = (QSizeF(pictureArea().size()) * ratio).toSize();
    m_ring.setGeometry(pixels, static_cast<int>(std::lround(kZooms[m_zoom] * ratio)));
}

void ChartView::resizeEvent(QResizeEvent *)
{
    layoutAreas();
    applyGeometry();
}

double ChartView::slotPixels() const
{
    return m_ring.pixelsPerSlot() / devicePixelRatioF();
}

double ChartView::slotX(HeatRing::Slot slot) const
{
    return pictureArea().right() + 1 - (static_cast<double>(m_ring.rightSlot() - slot) + 0.5) * slotPixels();
}

HeatRing::Slot ChartView::slotAt(double x) const
{
    const double back = (pictureArea().right() + 1 - x) / slotPixels();
    return m_ring.rightSlot() - static_cast<HeatRing::Slot>(std::floor(back));
}

double ChartView::middlePrice() const
{
    for (auto column = m_ring.columns().rbegin(); column != m_ring.columns().rend(); ++column) {
        if (!(*column)->gap)
            return (static_cast<double>((*column)->bestBidTick) +
                    static_cast<double>((*column)->bestAskTick)) /
                   2.0 * (*column)->tickSize.toDouble();
    }
    return m_last ? m_last->toDouble() : 0.0;
}

void ChartView::append(const std::vector<std::shared_ptr<const core::market::DepthColumn>> &columns,
                       const std::vector<core::Trade> &trades)
{
    if (columns.empty() && trades.empty())
        return;
    for (const auto &column : columns) {
        const bool restarts =
            !m_ring.isEmpty() && column != nullptr && column->at <= m_ring.columns().back()->at;
        if (restarts)
            m_bubbles.clear();
        m_ring.append(column);
    }
    if (m_ring.interval() > core::Duration::zero()) {
        for (const core::Trade &trade : trades) {
            if (trade.kind == core::TradeKind::Market)
                m_bubbles.append(trade, m_ring.slotOf(trade.receivedAt));
        }
        m_bubbles.dropBefore(m_ring.newestSlot() - static_cast<HeatRing::Slot>(HeatRing::kColumnsMax));
    }
    if (!m_paused) {
        followPrice();
        update(m_heat.united(QRect(m_heat.left(), m_time.top(), m_heat.width(), m_time.height())));
    }
}

std::optional<PriceRange::Span> ChartView::visibleMiddles() const
{
    std::optional<PriceRange::Span> span;
    const auto shown = static_cast<HeatRing::Slot>(m_ring.pixelSize().width() / m_ring.pixelsPerSlot());
    for (auto at = m_ring.columns().rbegin(); at != m_ring.columns().rend(); ++at) {
        const auto &column = **at;
        if (m_ring.slotOf(column.at) < m_ring.newestSlot() - shown)
            break;
        if (column.gap)
            continue;
        const double middle =
            (static_cast<double>(column.bestBidTick) + static_cast<double>(column.bestAskTick)) / 2.0 *
            column.tickSize.toDouble();
        span = span ? PriceRange::Span{std::min(span->low, middle), std::max(span->high, middle)}
                    : PriceRange::Span{middle, middle};
    }
    return span;
}

/// Keeps the price in the middle 60 % and, unless the user chose a zoom, the whole visible move inside the
/// picture.
void ChartView::followPrice()
{
    const double middle = middlePrice();
    if (!(middle > 0.0))
        return;
    const double calm = middle * kSpanAtStart;
    if (!m_range.isValid()) {
        m_range.set({middle - calm / 2.0, middle + calm / 2.0});
        return;
    }
    PriceRange::Span goal = m_spanGoal.value_or(m_range.span());
    const auto move = visibleMiddles();
    if (m_autoSpan && move) {
        const double wanted = std::max(calm, move->size() * kRoomAroundMove);
        if (wanted > goal.size() * 1.05 || wanted < goal.size() * 0.55) {
            const double centre = wanted > calm ? move->middle() : middle;
            goal = {centre - wanted / 2.0, centre + wanted / 2.0};
        }
    }
    if (std::abs(middle - goal.middle()) > goal.size() * kKeepShare) {
        const double half = goal.size() / 2.0;
        goal = {middle - half, middle + half};
    }
    if (goal == m_spanGoal.value_or(m_range.span()))
        return;
    m_spanGoal = goal;
    if (!m_centreTimer.isActive())
        m_centreTimer.start(33, this);
}

void ChartView::stepCentre()
{
    if (!m_spanGoal || m_paused) {
        m_centreTimer.stop();
        m_spanGoal.reset();
        return;
    }
    const PriceRange::Span span = m_range.span();
    const PriceRange::Span goal = *m_spanGoal;
    const double pixel = span.size() / std::max(1, m_heat.height());
    if (std::abs(goal.low - span.low) < 2 * pixel && std::abs(goal.high - span.high) < 2 * pixel) {
        settle();
        return;
    }
    constexpr double kStep = 0.22; // of the rest, thirty times a second
    m_range.set({span.low + (goal.low - span.low) * kStep, span.high + (goal.high - span.high) * kStep});
}

void ChartView::settle()
{
    m_centreTimer.stop();
    if (!m_spanGoal)
        return;
    const PriceRange::Span goal = *m_spanGoal;
    m_spanGoal.reset();
    m_range.set(goal);
}

void ChartView::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_centreTimer.timerId())
        stepCentre();
    else
        QWidget::timerEvent(event);
}

void ChartView::showProfile(const ProfilePointer &profile)
{
    if (profile == m_profile)
        return;
    m_profile = profile;
    update(m_profileArea);
    update(QRect(0, m_time.top(), m_profileArea.width(), m_time.height()));
}

void ChartView::showLines(std::vector<ChartLine> lines)
{
    if (lines == m_lines)
        return;
    m_lines = std::move(lines);
    update(m_heat.united(m_axis));
}

void ChartView::showLastPrice(std::optional<core::Price> price, int move, format::Places places)
{
    if (price == m_last && move == m_lastMove && places.price == m_places.price)
        return;
    m_last = price;
    m_lastMove = move;
    m_places = places;
    update(m_axis);
}

void ChartView::setTrusted(bool trusted)
{
    if (trusted == m_trusted)
        return;
    m_trusted = trusted;
    update();
}

void ChartView::setHoveredPrice(double price)
{
    if (price == m_hoveredPrice)
        return;
    m_hoveredPrice = price;
    update();
}

void ChartView::clear()
{
    m_ring.clear();
    m_bubbles.clear();
    m_profile.reset();
    m_lines.clear();
    m_last.reset();
    m_spanGoal.reset();
    update();
}

void ChartView::setPaused(bool paused)
{
    if (paused == m_paused)
        return;
    m_paused = paused;
    if (paused)
        m_ring.setRightSlot(m_ring.newestSlot());
    else
        m_ring.setRightSlot(std::nullopt);
    emit pausedChanged(paused);
    update();
}

void ChartView::goLive()
{
    setPaused(false);
    m_autoSpan = true;
    m_spanGoal.reset();
    followPrice();
    update();
}

void ChartView::pan(int slots_, double priceShare)
{
    setPaused(true);
    m_ring.setRightSlot(m_ring.rightSlot() + slots_);
    const double move = m_range.span().size() * priceShare;
    m_range.set({m_range.span().low + move, m_range.span().high + move});
    update();
}

void ChartView::rememberView()
{
    m_undo.push_back({m_range.span(), m_zoom});
    if (m_undo.size() > kUndoMax)
        m_undo.erase(m_undo.begin());
}

void ChartView::zoomTime(int steps)
{
    const auto last = static_cast<int>(kZooms.size()) - 1;
    const auto next = static_cast<std::size_t>(std::clamp(static_cast<int>(m_zoom) + steps, 0, last));
    if (next == m_zoom)
        return;
    rememberView();
    m_zoom = next;
    applyGeometry();
    update();
}

void ChartView::zoomPrice(double factor, double anchorPrice)
{
    const PriceRange::Span span = m_range.span();
    const double size = span.size() * factor;
    if (!m_range.isValid() || size < anchorPrice * kSpanMin || size > anchorPrice * kSpanMax)
        return;
    rememberView();
    m_range.set(
        {anchorPrice - (anchorPrice - span.low) * factor, anchorPrice + (span.high - anchorPrice) * factor});
}

void ChartView::undoZoom()
{
    if (m_undo.empty())
        return;
    const View view = m_undo.back();
    m_undo.pop_back();
    m_zoom = view.zoom;
    m_spanGoal.reset();
    m_range.set(view.span);
    applyGeometry();
    update();
}

void ChartView::wheelEvent(QWheelEvent *event)
{
    const int delta = event->angleDelta().y();
    if (delta == 0)
        return;
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        zoomPrice(delta > 0 ? 0.85 : 1.0 / 0.85, m_range.toPrice(event->position().y(), m_heat.height()));
    } else {
        const HeatRing::Slot under = slotAt(event->position().x());
        zoomTime(delta > 0 ? 1 : -1);
        if (m_paused) // live zooms at "now", which stays where it is
            m_ring.setRightSlot(m_ring.rightSlot() + under - slotAt(event->position().x()));
    }
    event->accept();
}

void ChartView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_range.isValid())
        return;
    m_dragFrom = event->position().toPoint();
    m_dragSpan = m_range.span();
    m_dragSlot = m_ring.rightSlot();
}

void ChartView::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    m_pointer = at;
    if (m_dragFrom && (at - *m_dragFrom).manhattanLength() > 4) {
        setPaused(true);
        const double price = (at.y() - m_dragFrom->y()) * m_dragSpan.size() / std::max(1, m_heat.height());
        m_ring.setRightSlot(m_dragSlot -
                            static_cast<HeatRing::Slot>((at.x() - m_dragFrom->x()) / slotPixels()));
        m_range.set({m_dragSpan.low + price, m_dragSpan.high + price});
    }
    update();
}

void ChartView::mouseReleaseEvent(QMouseEvent *)
{
    m_dragFrom.reset();
}

void ChartView::mouseDoubleClickEvent(QMouseEvent *)
{
    goLive();
}

void ChartView::leaveEvent(QEvent *)
{
    m_pointer.reset();
    update();
}

void ChartView::keyPressEvent(QKeyEvent *event)
{
    const int steps = event->modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
    switch (event->key()) {
    case Qt::Key_Left:
        pan(-steps, 0.0);
        return;
    case Qt::Key_Right:
        pan(steps, 0.0);
        return;
    case Qt::Key_Up:
        pan(0, 0.01 * steps);
        return;
    case Qt::Key_Down:
        pan(0, -0.01 * steps);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

QString ChartView::readout() const
{
    if (!m_pointer || !m_heat.contains(*m_pointer) || !m_range.isValid() || m_ring.isEmpty())
        return {};
    const HeatRing::Slot slot = slotAt(m_pointer->x());
    const double price = m_range.toPrice(m_pointer->y() - m_heat.top(), m_heat.height());
    const auto raw = static_cast<std::int64_t>(std::llround(price * static_cast<double>(core::kDecimalOne)));
    const QString priceText = format::price(core::Price::fromRaw(raw), m_places.price);
    const core::market::DepthColumn *column = m_ring.columnAt(slot);
    if (column == nullptr || column->gap)
        return tr("%1 · %2").arg(format::timeOfDayZone(m_ring.timeOf(slot)), priceText);
    // Everything inside the pixel row under the pointer.
    const double half = m_range.span().size() / m_heat.height() / 2.0;
    const double tick = column->tickSize.toDouble();
    double resting = 0.0;
    for (const auto *side : {&column->bids, &column->asks}) {
        for (std::size_t i = 0; i < std::min(side->ticks.size(), side->quantities.size()); ++i) {
            if (std::abs(static_cast<double>(side->ticks[i]) * tick - price) <= std::max(half, tick / 2.0))
                resting += static_cast<double>(side->quantities[i]);
        }
    }
    const TradeBubbles::Traded traded = m_bubbles.tradedAt(slot);
    //: %1 time, %2 price, %3 resting size, %4 and %5 size bought and sold by aggressors
    return tr("%1 · %2 · resting %3 · bought %4 · sold %5")
        .arg(format::timeOfDayZone(m_ring.timeOf(slot)), priceText, format::shortAmount(resting),
             format::shortAmount(traded.buy), format::shortAmount(traded.sell));
}

} // namespace ui::panels
