#include "ui/panels/risk/action_list.h"

#include <algorithm>

#include <QtGui/QPainter>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::panels
{

namespace
{
constexpr int kLine = 34;
constexpr std::size_t kLinesMax = 5;
} // namespace

ActionList::ActionList(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize ActionList::sizeHint() const
{
    return {300, m_lines.empty() ? 0 : static_cast<int>(m_lines.size()) * kLine + 22};
}

void ActionList::showSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<Line> lines;
    for (const auto &action : snapshot.guard.actions) {
        const QString symbol = format::text(action.instrument.symbol.view());
        const int places = core::decimalPlaces(std::max<std::int64_t>(1, action.target.raw()));
        const auto share = core::ratioOf(action.closed, action.target, core::Rounding::Floor);
        Line line;
        line.share = share ? std::clamp(share->toDouble(), 0.0, 1.0) : 0.0;
        line.done = action.done;
        const QString took = format::age(snapshot.at - action.startedAt);
        if (action.done)
            //: a close that the venue confirmed; %1 symbol, %2 the step in words ("flat")
            line.text = tr("%1 %2").arg(symbol, QString::fromStdString(action.step).toUpper());
        else
            //: a running close; %1 symbol, %2 step ("sent", "verifying"), %3 number of attempts
            line.text = tr("%1 closing · %2 · attempt %3")
                            .arg(symbol, QString::fromStdString(action.step))
                            .arg(action.attempts);
        line.progress = tr("%1 of %2").arg(format::size(action.closed, places), format::size(action.target, places));
        if (!action.done)
            line.progress += QStringLiteral(" · ") + took;
        lines.push_back(std::move(line));
    }
    if (lines.size() > kLinesMax)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kLinesMax));
    if (lines == m_lines)
        return;
    const bool resized = lines.size() != m_lines.size();
    m_lines = std::move(lines);
    setAccessibleName(texts().join(QStringLiteral(". ")));
    if (resized)
        updateGeometry();
    update();
}

QStringList ActionList::texts() const
{
    QStringList list;
    for (const Line &line : m_lines)
        list << line.text + QStringLiteral(" ") + line.progress;
    return list;
}

void ActionList::paintEvent(QPaintEvent *)
{
    if (m_lines.empty())
        return;
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.setFont(m_theme.textFont(11, QFont::DemiBold));
    painter.setPen(t.textMuted);
    painter.drawText(QRect(0, 0, width(), 18), Qt::AlignLeft | Qt::AlignVCenter, tr("Actions"));
    int y = 20;
    for (const Line &line : m_lines) {
        const QColor colour = line.done ? t.longSide : t.warn;
        painter.fillRect(QRect(0, y, width(), kLine - 4), t.raised);
        painter.fillRect(QRect(0, y, 3, kLine - 4), colour);
        painter.fillRect(QRect(3, y + kLine - 6, static_cast<int>((width() - 3) * line.share), 2), colour);
        const QRect box(12, y, width() - 20, kLine - 6);
        painter.setFont(m_theme.numericFont(11));
        painter.setPen(t.textSecondary);
        painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, line.progress);
        const int used = QFontMetrics(painter.font()).horizontalAdvance(line.progress) + 8;
        const QFont font = m_theme.textFont(12, QFont::DemiBold);
        painter.setFont(font);
        painter.setPen(line.done ? t.longSide : t.textPrimary);
        const QString mark = line.done ? QStringLiteral("✓ ") : QString();
        painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(font).elidedText(mark + line.text, Qt::ElideRight, box.width() - used));
        y += kLine;
    }
}

} // namespace ui::panels
