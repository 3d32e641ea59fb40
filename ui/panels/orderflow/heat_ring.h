#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <QtGui/QImage>

#include "core/market/depth_history.h"
#include "ui/panels/orderflow/heat_scale.h"
#include "ui/panels/orderflow/price_range.h"
#include "ui/theme/theme.h"

class QPainter;

namespace ui::panels
{

/// The heatmap as a ring of device-pixel columns: a new interval writes its own few pixels and the picture is
/// drawn as two blits, so scrolling repaints nothing that stands. Everything is redrawn from the stored
/// columns only when zoom, size, price range or colour limits change. Gaps are hatched. Best bid and ask are
/// drawn as steps. Gui thread.
class HeatRing
{
public:
    /// Number of the interval since the epoch; time on screen is linear in it.
    using Slot = std::int64_t;
    static constexpr std::size_t kColumnsMax = 1200;

    HeatRing(const theme::Theme &theme, const PriceRange &range);

    void append(std::shared_ptr<const core::market::DepthColumn> column);
    void clear();
    /// Size of the picture in device pixels; pixels of one interval. Redraws when something changed.
    void setGeometry(QSize pixels, int pixelsPerSlot);
    /// The interval at the right edge; absent: follow the newest.
    void setRightSlot(std::optional<Slot> slot);
    void invalidate() { m_dirty = true; }
    void themeChanged();
    /// Draws into `target` (device-independent; its device size is the size given to setGeometry).
    void paint(QPainter &painter, const QRectF &target);

    [[nodiscard]] bool isEmpty() const { return m_columns.empty(); }
    [[nodiscard]] const std::deque<std::shared_ptr<const core::market::DepthColumn>> &columns() const
    {
        return m_columns;
    }
    [[nodiscard]] core::Duration interval() const { return m_interval; }
    [[nodiscard]] Slot newestSlot() const { return m_newest; }
    [[nodiscard]] Slot rightSlot() const { return m_right.value_or(m_newest); }
    [[nodiscard]] Slot slotOf(core::UtcTime time) const;
    [[nodiscard]] core::UtcTime timeOf(Slot slot) const;
    [[nodiscard]] const core::market::DepthColumn *columnAt(Slot slot) const;
    [[nodiscard]] const HeatScale &scale() const { return m_scale; }
    [[nodiscard]] int pixelsPerSlot() const { return m_pixelsPerSlot; }
    [[nodiscard]] QSize pixelSize() const { return m_size; }
    /// How often everything was redrawn and how often a column was added: shows that scrolling stays cheap.
    [[nodiscard]] std::uint64_t fullDraws() const { return m_fullDraws; }
    [[nodiscard]] std::uint64_t columnDraws() const { return m_columnDraws; }
    [[nodiscard]] QImage image() const; ///< in screen order, for tests

private:
    [[nodiscard]] Slot firstSlotOf(const core::market::DepthColumn &column) const;
    [[nodiscard]] Slot slotsOf(const core::market::DepthColumn &column) const;
    void redraw();
    void recalibrate();
    void drawGap(Slot first, Slot count);
    void drawColumn(const core::market::DepthColumn &column, Slot first, Slot count);
    void fillScratch(const core::market::DepthColumn &column);
    void addSide(const core::market::DepthColumnSide &side, double tick);
    void drawBest(int x, int width, std::int32_t tick, double tickSize, QRgb colour,
                  std::optional<int> &previousY);
    [[nodiscard]] int ringX(Slot slot) const;

    const theme::Theme &m_theme;
    const PriceRange &m_range;
    HeatScale m_scale;
    std::deque<std::shared_ptr<const core::market::DepthColumn>> m_columns;
    core::Duration m_interval{0};
    Slot m_newest{0};
    std::optional<Slot> m_right;
    QImage m_image;
    QSize m_size;
    int m_pixelsPerSlot{2};
    int m_slotsShown{0};
    bool m_dirty{true};
    bool m_calibrated{false};
    int m_sinceCalibration{0};
    std::vector<float> m_scratch; ///< resting size per pixel row of the column being drawn
    std::optional<int> m_bidY;
    std::optional<int> m_askY;
    std::uint64_t m_fullDraws{0};
    std::uint64_t m_columnDraws{0};
};

} // namespace ui::panels
