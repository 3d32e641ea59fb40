#pragma once

#include <QtCore/QAbstractTableModel>
#include <QtCore/QElapsedTimer>

#include "ui/models/position_row.h"
#include "ui/models/table_roles.h"

namespace ui::models
{

/// Open positions, nearest to liquidation first until the user sorts. The order is settled at most every five
/// seconds and never while `setHeld(true)` (hover): rows keep their place, new ones join at the end. Gui
/// thread.
class PositionsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        Symbol,
        Side,
        Size,
        Notional,
        Entry,
        Mark,
        LiqPrice,
        LiqDistance,
        Pnl,
        Roe,
        Margin,
        Leverage,
        Stop,
        RiskAtStop,
        Breaker
    };
    static constexpr int kColumns = Breaker + 1;
    static constexpr int kResortMs = 5000;

    explicit PositionsModel(QObject *parent = nullptr);

    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    void setCompact(bool compact);
    void setHeld(bool held);
    /// Sorts now if rows are out of order and nothing holds them.
    void resort();

    [[nodiscard]] const std::vector<PositionRow> &rows() const { return m_rows; }
    [[nodiscard]] PositionTotals totals() const { return totalsOf(m_rows); }
    [[nodiscard]] bool isCompact() const { return m_compact; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    [[nodiscard]] QString textOf(const PositionRow &row, int column) const;
    [[nodiscard]] Tone toneOf(const PositionRow &row, int column) const;
    [[nodiscard]] QString tooltipOf(const PositionRow &row, int column) const;
    [[nodiscard]] bool before(const PositionRow &a, const PositionRow &b) const;

    std::vector<PositionRow> m_rows;
    int m_sortColumn{LiqDistance};
    Qt::SortOrder m_sortOrder{Qt::AscendingOrder};
    bool m_compact{false};
    bool m_held{false};
    QElapsedTimer m_sorted;
};

} // namespace ui::models
