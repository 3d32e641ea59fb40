#pragma once

#include <QtWidgets/QStyledItemDelegate>

#include "ui/models/table_roles.h"
#include "ui/theme/theme.h"

namespace ui::controls
{

[[nodiscard]] QColor toneColour(const theme::Tokens &tokens, models::Tone tone);

/// Draws a table cell from its roles: stripe, selection with accent bar, fixed-pitch numbers, tone, and a
/// thin gauge with ticks at 50 and 80 %. Text that does not fit loses its end visibly (…), numbers never lose
/// digits: columns are sized.
class TableDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    TableDelegate(const theme::Theme &theme, QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    const theme::Theme &m_theme;
};

/// Fill of a headroom gauge: calm below 50 %, warn from 50 %, critical from 80 % of the limit.
[[nodiscard]] QColor gaugeColour(const theme::Tokens &tokens, double share);

} // namespace ui::controls
