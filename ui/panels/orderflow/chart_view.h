#pragma once

#include <optional>
#include <vector>

#include <QtCore/QBasicTimer>
#include <QtWidgets/QWidget>

#include "ui/format/format.h"
#include "ui/models/table_roles.h"
#include "ui/panels/orderflow/heat_ring.h"
#include "ui/panels/orderflow/price_range.h"
#include "ui/panels/orderflow/profile_source.h"
#include "ui/panels/orderflow/trade_bubbles.h"
#include "ui/theme/theme.h"

namespace ui::panels
{

/// A horizontal line with a tag on the axis: entry, liquidation, next breaker, own order.
struct ChartLine {
    enum class Kind { Entry, Liquidation, Breaker, OwnOrder };
    double price{0.0};
    QString label;
    Kind kind{Kind::Entry};
    models::Tone tone{models::Tone::Primary};
    friend bool operator==(const ChartLine &, const ChartLine &) = default;
};

/// Volume profile | heatmap with bubbles, quotes and lines | price axis, over one shared PriceRange. Repaints
/// only the part whose data changed. Wheel zooms time, Ctrl+wheel price, drag pans and pauses, double click
/// or goLive() returns.
class ChartView final : public QWidget
{
    Q_OBJECT

public:
    ChartView(const theme::Theme &theme, QWidget *parent);

    void append(const std::vector<std::shared_ptr<const core::market::DepthColumn>> &columns,
                const std::vector<core::Trade> &trades);
    void showProfile(const ProfilePointer &profile);
    void showLines(std::vector<ChartLine> lines);
    void showLastPrice(std::optional<core::Price> price, int move, format::Places places);
    /// False: everything is muted and the time since the newest column is hatched.
    void setTrusted(bool trusted);
    void setHoveredPrice(double price); ///< from the ladder; below zero: none
    void clear();

    [[nodiscard]] PriceRange &range() { return m_range; }
    [[nodiscard]] const HeatRing &ring() const { return m_ring; }
    [[nodiscard]] bool isPaused() const { return m_paused; }
    [[nodiscard]] QRect heatArea() const { return m_heat; }
    [[nodiscard]] QRect profileArea() const { return m_profileArea; }
    [[nodiscard]] QRect axisArea() const { return m_axis; }
    /// y of a price in each of the three areas, as they draw it.
    [[nodiscard]] double yOf(double price) const
    {
        return m_range.toY(price, m_heat.height()) + m_heat.top();
    }
    [[nodiscard]] QString readout() const;
    [[nodiscard]] std::vector<QString> axisTags() const; ///< texts of the tags that are shown

    void goLive();
    void setPaused(bool paused);
    void pan(int slots_, double priceShare);
    void zoomTime(int steps);
    void zoomPrice(double factor, double anchorPrice);
    void undoZoom();
    /// Ends a running auto-centre movement at its goal; pictures are then the same each time.
    void settle();

signals:
    void pausedChanged(bool paused);
    void scaleChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    struct View {
        PriceRange::Span span;
        std::size_t zoom{0};
    };
    struct Tag {
        double price{0.0};
        double y{0.0};
        QString text;
        QColor back;
        QColor words;
        bool filled{true};
        bool last{false};
    };

    void layoutAreas();
    void applyGeometry();
    void followPrice();
    [[nodiscard]] std::optional<PriceRange::Span> visibleMiddles() const;
    void stepCentre();
    void rememberView();
    void rangeChanged();
    [[nodiscard]] double middlePrice() const;
    [[nodiscard]] double slotPixels() const;
    [[nodiscard]] double slotX(HeatRing::Slot slot) const;
    [[nodiscard]] HeatRing::Slot slotAt(double x) const;
    [[nodiscard]] QRect pictureArea() const; ///< heat area without the free space right of now
    [[nodiscard]] std::vector<Tag> tags() const;
    [[nodiscard]] QColor lineColour(const ChartLine &line) const;
    [[nodiscard]] double tickStep() const;

    void paintHeat(QPainter &painter);
    void paintHatch(QPainter &painter, const QRect &area) const;
    void paintLevels(QPainter &painter) const;
    void paintLines(QPainter &painter) const;
    void paintProfile(QPainter &painter) const;
    void paintAxis(QPainter &painter) const;
    void paintTime(QPainter &painter) const;
    void paintCrosshair(QPainter &painter) const;

    const theme::Theme &m_theme;
    PriceRange m_range;
    HeatRing m_ring;
    TradeBubbles m_bubbles;
    ProfilePointer m_profile;
    std::vector<ChartLine> m_lines;
    std::optional<core::Price> m_last;
    int m_lastMove{0};
    format::Places m_places;
    bool m_trusted{true};
    bool m_paused{false};
    std::size_t m_zoom;
    std::optional<PriceRange::Span> m_spanGoal; ///< where a running movement ends
    bool m_autoSpan{true};                      ///< until the user zooms the price
    QBasicTimer m_centreTimer;
    std::vector<View> m_undo;
    double m_hoveredPrice{-1.0};
    std::optional<QPoint> m_pointer;
    std::optional<QPoint> m_dragFrom;
    PriceRange::Span m_dragSpan;
    HeatRing::Slot m_dragSlot{0};
    QRect m_profileArea;
    QRect m_heat;
    QRect m_axis;
    QRect m_time;
};

} // namespace ui::panels
