#include "ui/panels/risk/action_list.h"

#include <algorithm>

#include <QtGui/QPainter>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::panels
{

namespace
{
constexpr int kLine = 44;
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
        const auto digits = [](core::Quantity size) {
            return size.isZero() ? 0 : core::decimalPlaces(size.raw());
        };
        const int places = std::max(digits(action.target), digits(action.closed));
        const QString step = QString::fromStdString(action.step);
        const auto share = core::ratioOf(action.closed, action.target, core::Rounding::Floor);
        Line line;
        line.share = share ? std::clamp(share->toDouble(), 0.0, 1.0) : 0.0;
        line.done = action.done;
        const QString took = format::age(snapshot.at - action.startedAt);
        if (action.done && step.startsWith(u"flat"))
            //: the venue confirmed that nothing is left; %1 symbol, %2 may add how long it took (" in 1.8 s")
            line.text = tr("%1 FLAT%2").arg(symbol, step.mid(4));
        else if (action.done)
            line.text = tr("%1: %2").arg(symbol, step);
        else
            //: a running close; %1 symbol, %2 step ("sent", "verifying"), %3 number of attempts
            line.text = tr("%1 closing · %2 · attempt %3").arg(symbol, step).arg(action.attempts);
        line.progress = tr("%1 of %2 closed")
                            .arg(format::size(action.closed, places), format::size(action.target, places));
        if (!action.done)
            line.progress += QStringLiteral(" · ") + took;
        lines.push_back(std::move(line));
    }
    if (lines.size() > kLinesMax)
        lines.resize(kLinesMax); // the engine lists running ones first, then the newest finished
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
        const QRect box(12, y + 3, width() - 20, 18);
        const QFont font = m_theme.textFont(12, QFont::DemiBold);
        painter.setFont(font);
        painter.setPen(line.done ? t.longSide : t.textPrimary);
        const QString mark = line.done ? QStringLiteral("✓ ") : QString();
        painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(font).elidedText(mark + line.text, Qt::ElideRight, box.width()));
        painter.setFont(m_theme.numericFont(11));
        painter.setPen(t.textSecondary);
        painter.drawText(box.translated(0, 17), Qt::AlignLeft | Qt::AlignVCenter, line.progress);
        y += kLine;
    }
}

} // namespace ui::panels
