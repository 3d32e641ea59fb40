#include "ui/controls/wrapped_text.h"

#include <QtWidgets/QHeaderView>

namespace ui::controls
{

namespace
{
constexpr int kSides = 12; ///< the style's own margins, left and right
constexpr int kLines = 6;  ///< above and below together
} // namespace

WrappedText::WrappedText(const QHeaderView &header, int column, QObject *parent)
    : QStyledItemDelegate(parent), m_header(header), m_column(column)
{
}

QSize WrappedText::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.setHeight(std::max(size.height(), option.fontMetrics.height() + kLines));
    if (index.column() != m_column)
        return size;
    const int width = std::max(40, m_header.sectionSize(m_column) - kSides);
    const QRect needed = option.fontMetrics.boundingRect(QRect(0, 0, width, 10'000), Qt::TextWordWrap,
                                                         index.data(Qt::DisplayRole).toString());
    return {width, std::max(size.height(), needed.height() + kLines)};
}

} // namespace ui::controls
