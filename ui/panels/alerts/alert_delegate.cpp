#include "ui/panels/alerts/alert_delegate.h"

#include <QtGui/QPainter>
#include <QtWidgets/QListView>

#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/alerts_model.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

namespace
{

using core::orders::Severity;

constexpr int kLeft = 12;
constexpr int kRight = 10;

QString glyph(Severity severity)
{
    return severity == Severity::Critical ? u"✕"_s : severity == Severity::Warning ? u"⚠"_s : u"·"_s;
}

} // namespace

AlertDelegate::AlertDelegate(const theme::Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent), m_theme(theme)
{
}

QSize AlertDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *row = static_cast<const models::AlertsModel *>(index.model())->at(index.row());
    if (row == nullptr)
        return {};
    const auto *view = qobject_cast<const QListView *>(option.widget);
    const int width = view != nullptr ? view->viewport()->width() : option.rect.width();
    const QRect words = QFontMetrics(m_theme.textFont())
                            .boundingRect(QRect(0, 0, std::max(80, width - kLeft - kRight), 1000),
                                          Qt::TextWordWrap, QString::fromStdString(row->text));
    return {width, words.height() + 31};
}

void AlertDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    const auto *row = static_cast<const models::AlertsModel *>(index.model())->at(index.row());
    if (row == nullptr)
        return;
    const theme::Tokens &t = m_theme.tokens();
    const QRect box = option.rect;
    const QColor loud = row->severity == Severity::Critical  ? t.shortSide
                        : row->severity == Severity::Warning ? t.warn
                                                             : t.textSecondary;
    painter->save();
    painter->fillRect(box, option.state.testFlag(QStyle::State_Selected) ? t.select : t.panel);
    painter->fillRect(QRect(box.left(), box.top() + 4, 3, box.height() - 8),
                      row->severity == Severity::Info ? t.borderStrong : loud);
    painter->fillRect(QRect(box.left() + kLeft, box.bottom(), box.width() - kLeft, 1), t.border);

    const QRect head(box.left() + kLeft, box.top() + 5, box.width() - kLeft - kRight, 16);
    painter->setFont(m_theme.numericFont(11));
    painter->setPen(t.textMuted);
    painter->drawText(head, Qt::AlignRight | Qt::AlignVCenter, format::timeOfDay(row->at));
    const QFont bold = m_theme.textFont(11, QFont::Bold);
    painter->setFont(bold);
    painter->setPen(loud);
    const QString word = glyph(row->severity) + u' ' + format::Words::severity(row->severity).toUpper();
    painter->drawText(head, Qt::AlignLeft | Qt::AlignVCenter, word);
    QString detail = u" · "_s + format::Words::alertSource(row->source);
    if (row->instrument)
        detail += u" · "_s + format::text(row->instrument->symbol.view());
    if (row->count > 1)
        detail += u" ×"_s + QString::number(row->count);
    painter->setFont(m_theme.textFont(11));
    painter->setPen(t.textMuted);
    const int offset = QFontMetrics(bold).horizontalAdvance(word);
    painter->drawText(head.adjusted(offset, 0, -60, 0), Qt::AlignLeft | Qt::AlignVCenter, detail);

    painter->setFont(m_theme.textFont());
    painter->setPen(row->restored ? t.textSecondary : t.textPrimary);
    painter->drawText(QRect(head.left(), head.bottom() + 3, head.width(), box.height() - 26),
                      Qt::TextWordWrap | Qt::AlignTop, QString::fromStdString(row->text));
    painter->restore();
}

} // namespace ui::panels
