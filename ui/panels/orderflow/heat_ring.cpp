#include "ui/panels/orderflow/heat_ring.h"

#include <algorithm>
#include <cmath>

#include <QtGui/QPainter>

namespace ui::panels
{

using core::market::DepthColumn;

namespace
{
constexpr int kCalibrateEvery = 16;      ///< columns
constexpr float kCalibrateDrift = 1.35F; ///< limits may be this factor off before everything is redrawn
} // namespace

HeatRing::HeatRing(const theme::Theme &theme, const PriceRange &range)
    : m_theme(theme), m_range(range), m_scale(theme.tokens().heat)
{
}

void HeatRing::themeChanged()
{
    m_scale.setStops(m_theme.tokens().heat);
    m_dirty = true;
}

void HeatRing::clear()
{
    m_columns.clear();
    m_interval = {};
    m_right.reset();
    m_calibrated = false;
    m_dirty = true;
}

HeatRing::Slot HeatRing::slotOf(core::UtcTime time) const
{
    if (m_interval <= core::Duration::zero())
        return 0;
    const std::int64_t since = time.time_since_epoch().count();
    const std::int64_t step = m_interval.count();
    return since >= 0 ? since / step : (since - step + 1) / step;
}

core::UtcTime HeatRing::timeOf(Slot slot) const
{
    return core::UtcTime{m_interval * slot};
}

HeatRing::Slot HeatRing::firstSlotOf(const DepthColumn &column) const
{
    return slotOf(column.at);
}

HeatRing::Slot HeatRing::slotsOf(const DepthColumn &column) const
{
    return std::max<Slot>(1, (column.length.count() + m_interval.count() / 2) / m_interval.count());
}

const DepthColumn *HeatRing::columnAt(Slot slot) const
{
    const auto after =
        std::upper_bound(m_columns.begin(), m_columns.end(), slot,
                         [this](Slot value, const auto &column) { return value < firstSlotOf(*column); });
    if (after == m_columns.begin())
        return nullptr;
    const DepthColumn *column = std::prev(after)->get();
    return slot < firstSlotOf(*column) + slotsOf(*column) ? column : nullptr;
}

int HeatRing::ringX(Slot slot) const
{
    const Slot wrapped = slot % m_slotsShown;
    return static_cast<int>(wrapped < 0 ? wrapped + m_slotsShown : wrapped) * m_pixelsPerSlot;
}

void HeatRing::setGeometry(QSize pixels, int pixelsPerSlot)
{
    if (pixels == m_size && pixelsPerSlot == m_pixelsPerSlot)
        return;
    m_size = pixels;
    m_pixelsPerSlot = std::max(1, pixelsPerSlot);
    m_slotsShown = std::max(1, m_size.width() / m_pixelsPerSlot);
    m_dirty = true;
}

void HeatRing::setRightSlot(std::optional<Slot> slot)
{
    if (slot == m_right)
        return;
    m_right = slot;
    m_dirty = true;
}

void HeatRing::append(std::shared_ptr<const DepthColumn> column)
{
    if (column == nullptr || column->length <= core::Duration::zero())
        return;
    if (m_interval == core::Duration::zero() || column->length < m_interval) {
        m_interval = column->length; // the shortest column is one interval; longer ones bridge several
        m_dirty = true;
    }
    const Slot first = firstSlotOf(*column);
    const Slot count = slotsOf(*column);
    if (!m_columns.empty() && first <= firstSlotOf(*m_columns.back()))
        clear(), m_interval = column->length; // time went back: another recording began
    const Slot before = m_newest;
    const bool hadColumns = !m_columns.empty();
    m_columns.push_back(std::move(column));
    if (m_columns.size() > kColumnsMax)
        m_columns.pop_front();
    m_newest = first + count - 1;

    if (m_dirty || m_right || !hadColumns || m_newest - before >= m_slotsShown || m_image.isNull()) {
        m_dirty = m_dirty || !m_right;
        return;
    }
    if (first > before + 1)
        drawGap(before + 1, first - before - 1);
    drawColumn(*m_columns.back(), first, count);
    if (++m_sinceCalibration >= kCalibrateEvery)
        recalibrate();
}

void HeatRing::drawGap(Slot first, Slot count)
{
    const QRgb dark = m_theme.tokens().panel.rgb();
    const QRgb line = theme::mixed(m_theme.tokens().panel, m_theme.tokens().borderStrong, 0.55).rgb();
    for (Slot slot = std::max(first, first + count - m_slotsShown); slot < first + count; ++slot) {
        const int x = ringX(slot);
        for (int y = 0; y < m_size.height(); ++y) {
            auto *row = reinterpret_cast<QRgb *>(m_image.scanLine(y)) + x;
            for (int i = 0; i < m_pixelsPerSlot; ++i)
                row[i] = ((slot * m_pixelsPerSlot + i + y) % 9 + 9) % 9 < 2 ? line : dark;
        }
    }
    m_bidY.reset();
    m_askY.reset();
}

void HeatRing::addSide(const core::market::DepthColumnSide &side, double tick)
{
    const int height = m_size.height();
    const double perPrice = height / m_range.span().size();
    const double top = m_range.span().high;
    const double tickPixels = tick * perPrice;
    const std::size_t count = std::min(side.ticks.size(), side.quantities.size());
    for (std::size_t i = 0; i < count; ++i) {
        const double middle = (top - static_cast<double>(side.ticks[i]) * tick) * perPrice;
        if (tickPixels <= 1.0) {
            const double y = std::floor(middle);
            if (y >= 0 && y < height)
                m_scratch[static_cast<std::size_t>(y)] += side.quantities[i];
            continue;
        }
        const int from = std::max(0, static_cast<int>(std::ceil(std::max(-1.0, middle - tickPixels / 2.0))));
        const int to = static_cast<int>(std::ceil(std::min<double>(height, middle + tickPixels / 2.0)));
        for (int y = from; y < to; ++y)
            m_scratch[static_cast<std::size_t>(y)] = side.quantities[i];
    }
}

void HeatRing::fillScratch(const DepthColumn &column)
{
    m_scratch.assign(static_cast<std::size_t>(m_size.height()), 0.0F);
    const double tick = column.tickSize.toDouble();
    addSide(column.bids, tick);
    addSide(column.asks, tick);
}

void HeatRing::drawBest(int x, int width, std::int32_t tick, double tickSize, QRgb colour,
                        std::optional<int> &previousY)
{
    const int height = m_size.height();
    const double at = m_range.toY(static_cast<double>(tick) * tickSize, height);
    if (!(at > -height && at < 2.0 * height)) {
        previousY.reset();
        return;
    }
    const int y = static_cast<int>(std::lround(at));
    const auto put = [&](int px, int py) {
        if (py >= 0 && py < height)
            reinterpret_cast<QRgb *>(m_image.scanLine(py))[px] = colour;
    };
    if (previousY) {
        for (int step = std::min(*previousY, y); step <= std::max(*previousY, y); ++step)
            put(x, step);
    }
    for (int i = 0; i < width; ++i) {
        put(x + i, y);
        put(x + i, y + (y + 1 < height ? 1 : 0));
    }
    previousY = y;
}

void HeatRing::drawColumn(const DepthColumn &column, Slot first, Slot count)
{
    if (column.gap) {
        drawGap(first, count);
        return;
    }
    fillScratch(column);
    ++m_columnDraws;
    const double tick = column.tickSize.toDouble();
    const QRgb bid = m_theme.tokens().longSide.rgb();
    const QRgb ask = m_theme.tokens().shortSide.rgb();
    for (Slot slot = std::max(first, first + count - m_slotsShown); slot < first + count; ++slot) {
        const int x = ringX(slot);
        for (int y = 0; y < m_size.height(); ++y) {
            const QRgb colour = m_scale.colour(m_scratch[static_cast<std::size_t>(y)]);
            auto *row = reinterpret_cast<QRgb *>(m_image.scanLine(y)) + x;
            std::fill_n(row, m_pixelsPerSlot, colour);
        }
        drawBest(x, m_pixelsPerSlot, column.bestBidTick, tick, bid, m_bidY);
        drawBest(x, m_pixelsPerSlot, column.bestAskTick, tick, ask, m_askY);
    }
}

void HeatRing::recalibrate()
{
    m_sinceCalibration = 0;
    if (m_columns.empty() || !m_range.isValid() || m_size.isEmpty())
        return;
    std::vector<float> sizes;
    const std::size_t shown = std::min(m_columns.size(), static_cast<std::size_t>(m_slotsShown));
    const std::size_t stride = std::max<std::size_t>(1, shown / 24);
    for (std::size_t i = m_columns.size() - shown; i < m_columns.size(); i += stride) {
        if (m_columns[i]->gap)
            continue;
        fillScratch(*m_columns[i]);
        std::copy_if(m_scratch.begin(), m_scratch.end(), std::back_inserter(sizes),
                     [](float s) { return s > 0.0F; });
    }
    float low = 0.0F;
    float high = 0.0F;
    if (!HeatScale::limitsOf(sizes, low, high))
        return;
    const float ratio = high / m_scale.high();
    if (m_calibrated && ratio < kCalibrateDrift && ratio > 1.0F / kCalibrateDrift)
        return;
    m_scale.setLimits(low, high);
    m_calibrated = true;
    m_dirty = true;
}

void HeatRing::redraw()
{
    m_dirty = false;
    ++m_fullDraws;
    if (m_size.isEmpty() || !m_range.isValid())
        return;
    const QSize ringSize(m_slotsShown * m_pixelsPerSlot, m_size.height());
    if (m_image.size() != ringSize)
        m_image = QImage(ringSize, QImage::Format_RGB32);
    m_image.fill(m_scale.background());
    recalibrate();
    m_dirty = false;
    m_bidY.reset();
    m_askY.reset();
    const Slot right = rightSlot();
    const Slot left = right - m_slotsShown + 1;
    std::optional<Slot> end;
    for (const auto &column : m_columns) {
        const Slot first = firstSlotOf(*column);
        const Slot last = first + slotsOf(*column) - 1;
        if (last < left || first > right) {
            end = last + 1;
            continue;
        }
        if (end && first > *end)
            drawGap(std::max(*end, left), std::min(first, right + 1) - std::max(*end, left));
        const Slot from = std::max(first, left);
        drawColumn(*column, from, std::min(last, right) - from + 1);
        end = last + 1;
    }
}

void HeatRing::paint(QPainter &painter, const QRectF &target)
{
    if (m_dirty)
        redraw();
    if (m_image.isNull())
        return;
    // The ring is split behind the column of the right edge; what does not divide evenly stays at the left.
    const int split = ringX(rightSlot() + 1);
    const double ratio = static_cast<double>(m_size.height()) / target.height();
    const double olderWidth = (m_image.width() - split) / ratio;
    const double x = target.right() - m_image.width() / ratio;
    painter.drawImage(QRectF(x, target.top(), olderWidth, target.height()), m_image,
                      QRectF(split, 0, m_image.width() - split, m_image.height()));
    if (split > 0)
        painter.drawImage(QRectF(x + olderWidth, target.top(), split / ratio, target.height()), m_image,
                          QRectF(0, 0, split, m_image.height()));
}

QImage HeatRing::image() const
{
    if (m_image.isNull())
        return {};
    QImage ordered(m_image.size(), m_image.format());
    QPainter painter(&ordered);
    const int split = ringX(rightSlot() + 1);
    painter.drawImage(0, 0, m_image, split, 0, m_image.width() - split, m_image.height());
    painter.drawImage(m_image.width() - split, 0, m_image, 0, 0, split, m_image.height());
    return ordered;
}

} // namespace ui::panels
