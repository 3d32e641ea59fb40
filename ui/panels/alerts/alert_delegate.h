#pragma once

#include <QtWidgets/QStyledItemDelegate>

#include "ui/theme/theme.h"

namespace ui::panels
{

/// One alert as a small card: ⚠ WARNING · Risk · BTCUSDT ×3 … 14:35:02, then the wrapped sentence.
class AlertDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    AlertDelegate(const theme::Theme &theme, QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    const theme::Theme &m_theme;
};

} // namespace ui::panels
