#include "ui/models/positions_model.h"

#include <algorithm>
#include <numeric>

namespace ui::models
{

namespace
{

bool sameLeg(const PositionRow &a, const PositionRow &b)
{
    return a.position.instrument == b.position.instrument &&
           a.position.positionSide == b.position.positionSide;
}

/// Unknown values go to the end, whichever way the column is sorted.
template <class Value>
bool less(const std::optional<Value> &a, const std::optional<Value> &b, Qt::SortOrder order)
{
    if (!a || !b)
        return a.has_value() && !b.has_value();
    return order == Qt::AscendingOrder ? *a < *b : *b < *a;
}

} // namespace

PositionsModel::PositionsModel(QObject *parent) : QAbstractTableModel(parent) {}

int PositionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int PositionsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

void PositionsModel::showSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<PositionRow> fresh = positionRows(snapshot);
    for (int i = static_cast<int>(m_rows.size()) - 1; i >= 0; --i) {
        const auto at = static_cast<std::size_t>(i);
        const bool stays = std::any_of(fresh.begin(), fresh.end(),
                                       [&](const PositionRow &row) { return sameLeg(row, m_rows[at]); });
        if (!stays) {
            beginRemoveRows({}, i, i);
            m_rows.erase(m_rows.begin() + i);
            endRemoveRows();
        }
    }
    for (PositionRow &row : fresh) {
        const auto known = std::find_if(m_rows.begin(), m_rows.end(),
                                        [&](const PositionRow &other) { return sameLeg(row, other); });
        if (known != m_rows.end()) {
            *known = std::move(row);
            continue;
        }
        const int end = static_cast<int>(m_rows.size());
        beginInsertRows({}, end, end);
        m_rows.push_back(std::move(row));
        endInsertRows();
        m_sorted.invalidate(); // a new danger takes its place at once
    }
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, kColumns - 1));
    if (!m_sorted.isValid() || m_sorted.elapsed() >= kResortMs)
        resort();
}

void PositionsModel::setCompact(bool compact)
{
    if (compact == m_compact)
        return;
    m_compact = compact;
    emit headerDataChanged(Qt::Horizontal, 0, kColumns - 1);
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, kColumns - 1));
}

void PositionsModel::setHeld(bool held)
{
    m_held = held;
}

bool PositionsModel::before(const PositionRow &a, const PositionRow &b) const
{
    const core::Position &p = a.position;
    const core::Position &q = b.position;
    const auto some = [](const auto &value) { return std::optional(value); };
    switch (m_sortColumn) {
    case Symbol:
        return less(some(p.instrument), some(q.instrument), m_sortOrder);
    case Side:
        return less(some(p.direction), some(q.direction), m_sortOrder);
    case Size:
        return less(some(p.quantity), some(q.quantity), m_sortOrder);
    case Notional:
        return less(a.notional, b.notional, m_sortOrder);
    case Entry:
        return less(some(p.entryPrice), some(q.entryPrice), m_sortOrder);
    case Mark:
        return less(p.markPrice, q.markPrice, m_sortOrder);
    case LiqPrice:
        return less(p.liquidationPrice, q.liquidationPrice, m_sortOrder);
    case Pnl:
        return less(p.unrealizedPnl, q.unrealizedPnl, m_sortOrder);
    case Roe:
        return less(a.roe, b.roe, m_sortOrder);
    case Margin:
        return less(p.initialMargin, q.initialMargin, m_sortOrder);
    case Leverage:
        return less(p.leverage, q.leverage, m_sortOrder);
    case Stop:
        return less(a.cover.nearest, b.cover.nearest, m_sortOrder);
    case RiskAtStop:
        return less(a.cover.loss, b.cover.loss, m_sortOrder);
    case Breaker: {
        const auto left = a.breaker ? a.breaker->distanceToNext : std::nullopt;
        const auto right = b.breaker ? b.breaker->distanceToNext : std::nullopt;
        return less(left, right, m_sortOrder);
    }
    default:
        return less(a.liquidationDistance, b.liquidationDistance, m_sortOrder);
    }
}

void PositionsModel::resort()
{
    if (m_held)
        return;
    m_sorted.start();
    const auto inOrder = [this](const PositionRow &a, const PositionRow &b) { return before(a, b); };
    if (std::is_sorted(m_rows.begin(), m_rows.end(), inOrder))
        return;
    emit layoutAboutToBeChanged();
    const QModelIndexList from = persistentIndexList();
    std::vector<std::size_t> order(m_rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return before(m_rows[a], m_rows[b]); });
    std::vector<PositionRow> sorted;
    std::vector<int> placeOf(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        placeOf[order[i]] = static_cast<int>(i);
        sorted.push_back(std::move(m_rows[order[i]]));
    }
    m_rows = std::move(sorted);
    QModelIndexList to;
    for (const QModelIndex &old : from)
        to.append(index(placeOf[static_cast<std::size_t>(old.row())], old.column()));
    changePersistentIndexList(from, to);
    emit layoutChanged();
}

void PositionsModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column < 0 ? int{LiqDistance} : column;
    m_sortOrder = column < 0 ? Qt::AscendingOrder : order;
    const bool held = m_held; // the user's own click moves rows also under the hand
    m_held = false;
    resort();
    m_held = held;
}

QVariant PositionsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= static_cast<int>(m_rows.size()))
        return {};
    const PositionRow &row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return textOf(row, column);
    case Qt::ToolTipRole:
        return tooltipOf(row, column);
    case Qt::TextAlignmentRole:
        return QVariant(column <= Side ? Qt::AlignLeft | Qt::AlignVCenter
                                       : Qt::AlignRight | Qt::AlignVCenter);
    case ToneRole:
        return static_cast<int>(toneOf(row, column));
    case NumericRole:
        return column > Side;
    case BoldRole:
        return column == Side || column == Symbol || column == Pnl || (column == Stop && !row.cover.whole);
    case ChipRole:
        return column == Stop && row.trusted && !row.cover.nearest;
    case GaugeRole: {
        if (column != Breaker || !row.breaker || !row.breaker->metric || !row.breaker->limit ||
            !row.breaker->limit->isPositive())
            return {};
        return std::clamp(row.breaker->metric->toDouble() / row.breaker->limit->toDouble(), 0.0, 1.0);
    }
    default:
        return {};
    }
}

QVariant PositionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(section <= Side ? Qt::AlignLeft | Qt::AlignVCenter
                                        : Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Symbol:
        return tr("Symbol");
    case Side:
        return tr("Side");
    case Size:
        return tr("Size");
    case Notional:
        return tr("Notional $");
    case Entry:
        return tr("Entry");
    case Mark:
        return tr("Mark");
    case LiqPrice:
        return tr("Liq. price");
    case LiqDistance:
        return m_compact ? tr("Liq. %") : tr("Liq. dist %");
    case Pnl:
        return tr("uPnL $");
    case Roe:
        return tr("ROE %");
    case Margin:
        return tr("Margin $");
    case Leverage:
        return tr("Lev.");
    case Stop:
        return tr("Stop");
    case RiskAtStop:
        return tr("Risk@stop $");
    case Breaker:
        return m_compact ? tr("Breaker") : tr("Next breaker");
    default:
        return {};
    }
}

} // namespace ui::models
