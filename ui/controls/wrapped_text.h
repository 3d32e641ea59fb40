#pragma once

#include <QtWidgets/QStyledItemDelegate>

class QHeaderView;

namespace ui::controls
{

/// Rows of a tree as high as the text of one column needs at that column's width: nothing is cut off.
class WrappedText final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    WrappedText(const QHeaderView &header, int column, QObject *parent);
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    const QHeaderView &m_header; ///< of the view, which outlives its delegate
    int m_column;
};

} // namespace ui::controls
