#include "ui/panels/positions/totals_row.h"

#include <QtGui/QPainter>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

#include "ui/models/positions_model.h"

namespace ui::panels
{

using models::PositionsModel;

TotalsRow::TotalsRow(const theme::Theme &theme, QTableView *table, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_table(table)
{
    setFixedHeight(theme::Theme::kRowHeight);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
    connect(table->horizontalScrollBar(), &QScrollBar::valueChanged, this, qOverload<>(&QWidget::update));
}

void TotalsRow::showTotals(const models::PositionTotals &totals)
{
    m_totals = totals;
    setAccessibleName(text());
    update();
}

QString TotalsRow::text() const
{
    const auto or_ = [](const std::optional<core::Money> &money) {
        return money ? format::money(*money) : format::missing();
    };
    //: totals of the positions table; %1 count, %2 and %3 notional, %4 unrealised profit and loss
    return tr("Total of %1 positions: long %2, short %3, uPnL %4")
        .arg(m_totals.count)
        .arg(or_(m_totals.longNotional), or_(m_totals.shortNotional),
             m_totals.unrealizedPnl ? format::change(*m_totals.unrealizedPnl) : format::missing());
}

void TotalsRow::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.raised);
    painter.fillRect(QRect(0, 0, width(), 1), t.borderStrong);
    const QHeaderView *header = m_table->horizontalHeader();
    const auto columnRect = [&](int first, int last) {
        const int left = header->sectionViewportPosition(first);
        const int right = header->sectionViewportPosition(last) + header->sectionSize(last);
        return QRect(left + 6, 1, right - left - 12, height() - 1);
    };
    const auto put = [&](const QRect &cell, const QString &text, const QColor &colour, Qt::Alignment align,
                         bool numeric) {
        painter.setFont(numeric ? m_theme.numericFont(12, QFont::Bold)
                                : m_theme.textFont(12, QFont::DemiBold));
        painter.setPen(m_totals.trusted || !numeric ? colour : t.textMuted);
        painter.drawText(cell, static_cast<int>(align | Qt::AlignVCenter) | Qt::TextSingleLine, text);
    };
    const auto amount = [&](const std::optional<core::Money> &money) {
        return money ? format::moneyShort(*money) : format::missing();
    };
    put(columnRect(PositionsModel::Symbol, PositionsModel::Symbol), tr("Total %1").arg(m_totals.count),
        t.textPrimary, Qt::AlignLeft, false);
    // Two sums do not fit under the one notional column: they run from the side column to the mark column.
    const QRect sums = columnRect(PositionsModel::Side, PositionsModel::Mark);
    const QString longs = tr("▲ %1").arg(amount(m_totals.longNotional));
    const auto toneOf = [&](const std::optional<core::Money> &sum, const QColor &colour) {
        return !sum || sum->isZero() ? t.textMuted : colour;
    };
    put(sums, longs, toneOf(m_totals.longNotional, t.longSide), Qt::AlignLeft, true);
    const int offset = QFontMetrics(m_theme.numericFont(12, QFont::Bold)).horizontalAdvance(longs) + 18;
    put(sums.adjusted(offset, 0, 0, 0), tr("▼ %1").arg(amount(m_totals.shortNotional)),
        toneOf(m_totals.shortNotional, t.shortSide), Qt::AlignLeft, true);
    const auto &pnl = m_totals.unrealizedPnl;
    const bool compact = static_cast<PositionsModel *>(m_table->model())->isCompact();
    put(columnRect(PositionsModel::Pnl, PositionsModel::Pnl),
        pnl ? (compact ? format::changeShort(*pnl) : format::change(*pnl)) : format::missing(),
        !pnl || pnl->isZero() ? t.textPrimary
        : pnl->isPositive()   ? t.longSide
                              : t.shortSide,
        Qt::AlignRight, true);
    if (!m_table->isColumnHidden(PositionsModel::Margin))
        put(columnRect(PositionsModel::Margin, PositionsModel::Margin), amount(m_totals.initialMargin),
            t.textSecondary, Qt::AlignRight, true);
}

} // namespace ui::panels
