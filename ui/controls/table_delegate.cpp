#include "ui/controls/table_delegate.h"

#include <QtGui/QPainter>
#include <QtWidgets/QTableView>

namespace ui::controls
{

QColor toneColour(const theme::Tokens &t, models::Tone tone)
{
    switch (tone) {
    case models::Tone::Primary:
        return t.textPrimary;
    case models::Tone::Secondary:
        return t.textSecondary;
    case models::Tone::Muted:
        return t.textMuted;
    case models::Tone::Long:
        return t.longSide;
    case models::Tone::Short:
        return t.shortSide;
    case models::Tone::Warn:
        return t.warn;
    case models::Tone::Critical:
        return t.shortSide;
    }
    return t.textPrimary;
}

QColor gaugeColour(const theme::Tokens &t, double share)
{
    return share >= 0.8 ? t.shortSide : share >= 0.5 ? t.warn : t.gauge;
}

TableDelegate::TableDelegate(const theme::Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent), m_theme(theme)
{
}

void TableDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    const theme::Tokens &t = m_theme.tokens();
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool striped = index.row() % 2 == 1;
    painter->save();
    painter->fillRect(option.rect, selected ? t.select : striped ? t.stripe : t.panel);
    if (selected && index.column() == 0)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 2, option.rect.height()), t.accent);

    const bool numeric = index.data(models::NumericRole).toBool();
    const auto weight = index.data(models::BoldRole).toBool() ? QFont::DemiBold : QFont::Normal;
    const auto tone = static_cast<models::Tone>(index.data(models::ToneRole).toInt());
    const QFont font = numeric ? m_theme.numericFont(12, QFont::Normal) : m_theme.textFont(12, weight);
    painter->setFont(font);
    const QRect cell = option.rect.adjusted(6, 0, -6, 0);
    const auto align = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();

    const QVariant gauge = index.data(models::GaugeRole);
    QRect words = cell;
    if (gauge.isValid()) {
        const double share = gauge.toDouble();
        const QRect track(cell.left(), cell.bottom() - 3, cell.width(), 2);
        painter->fillRect(track, t.border);
        painter->fillRect(QRect(track.left(), track.top(), static_cast<int>(track.width() * share), 2),
                          gaugeColour(t, share));
        words.adjust(0, 0, 0, -3);
    }
    const bool chip = index.data(models::ChipRole).toBool();
    painter->setPen(chip ? t.window : toneColour(t, tone));
    const QString text = QFontMetrics(font).elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight,
                                                       words.width() + 4);
    if (chip) {
        const QRect block = QFontMetrics(font).boundingRect(words, static_cast<int>(align) | Qt::TextSingleLine, text);
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(toneColour(t, tone));
        painter->drawRoundedRect(block.adjusted(-4, -1, 4, 1), 3, 3);
    }
    painter->drawText(words, static_cast<int>(align) | Qt::TextSingleLine, text);
    painter->restore();
}

} // namespace ui::controls
