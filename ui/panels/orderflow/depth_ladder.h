#pragma once

#include <optional>

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/format/format.h"
#include "ui/panels/orderflow/ladder_rows.h"
#include "ui/theme/theme.h"

class QToolButton;

namespace ui::panels
{

/// Bid size | price | ask size, the spread in the middle, size bars behind the text. Read-only: nothing here
/// trades. Repaints only when a shown row changed. Own resting orders carry a mark.
class DepthLadder final : public QWidget
{
    Q_OBJECT

public:
    DepthLadder(const theme::Theme &theme, QWidget *parent);
    void showMarket(const core::runtime::MarketSnapshot *market,
                    const std::vector<core::OrderUpdate> &ownOrders, bool trusted);
    void setFrozen(bool frozen) { m_frozen = frozen; }
    /// Ticks per row: 1, 5, 10 or 50.
    void setGrouping(int ticks);
    [[nodiscard]] int grouping() const { return m_grouping; }
    [[nodiscard]] const std::vector<LadderRow> &bids() const { return m_bids; }
    [[nodiscard]] const std::vector<LadderRow> &asks() const { return m_asks; }

signals:
    /// Below zero: the pointer left.
    void priceHovered(double price);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void rebuild();
    void paintRow(QPainter &painter, int y, const LadderRow &row, core::Side side, double share) const;
    void paintMiddle(QPainter &painter, int y) const;
    [[nodiscard]] int rowsPerSide() const;
    [[nodiscard]] std::optional<core::Price> priceAt(int y) const;

    static constexpr int kRow = 18;
    static constexpr int kHeader = 24;
    static constexpr int kMiddle = 26;

    const theme::Theme &m_theme;
    QToolButton *m_group; // child
    std::optional<core::runtime::MarketSnapshot> m_market;
    std::vector<core::Price> m_ownPrices;
    std::vector<LadderRow> m_bids;
    std::vector<LadderRow> m_asks;
    format::Places m_places;
    int m_grouping{1};
    bool m_trusted{false};
    bool m_frozen{false};
    int m_hoverY{-1};
};

} // namespace ui::panels
