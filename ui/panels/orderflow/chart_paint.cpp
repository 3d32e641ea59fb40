#include <algorithm>
#include <cmath>

#include <QtGui/QPaintEvent>
#include <QtGui/QPainter>

#include "ui/controls/table_delegate.h"
#include "ui/panels/orderflow/chart_view.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

namespace
{

constexpr int kTagHeight = 17;

/// 1, 2 or 5 × a power of ten, at least `least`.
double niceStep(double least)
{
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (power * factor >= least)
            return power * factor;
    }
    return power * 10.0;
}

core::Price priceOf(double value)
{
    return core::Price::fromRaw(
        static_cast<std::int64_t>(std::llround(value * static_cast<double>(core::kDecimalOne))));
}

} // namespace

void ChartView::paintEvent(QPaintEvent *event)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    const QRect dirty = event->rect();
    if (!m_range.isValid()) {
        painter.fillRect(rect(), t.panel);
        return;
    }
    const auto part = [&](const QRect &area, auto paintPart) {
        if (!dirty.intersects(area))
            return;
        painter.save();
        painter.setClipRect(area);
        paintPart();
        painter.restore();
    };
    part(m_heat, [&] { paintHeat(painter); });
    part(m_profileArea, [&] { paintProfile(painter); });
    part(m_axis, [&] { paintAxis(painter); });
    part(m_time, [&] { paintTime(painter); });
    painter.setClipRect(QRect(0, 0, width(), m_time.top()));
    paintCrosshair(painter);
}

void ChartView::paintHatch(QPainter &painter, const QRect &area) const
{
    const theme::Tokens &t = m_theme.tokens();
    painter.save();
    painter.setClipRect(area);
    painter.fillRect(area, t.panel);
    painter.setPen(QPen(theme::mixed(t.panel, t.borderStrong, 0.55), 2));
    for (int x = area.left() - area.height(); x < area.right(); x += 9)
        painter.drawLine(x, area.bottom() + 1, x + area.height(), area.top());
    painter.restore();
}

void ChartView::paintHeat(QPainter &painter)
{
    const theme::Tokens &t = m_theme.tokens();
    painter.fillRect(m_heat, QColor(m_ring.scale().background()));
    const QRect picture = pictureArea();
    m_ring.paint(painter, QRectF(picture));
    if (!m_trusted && !m_paused)
        paintHatch(painter, QRect(picture.right() + 1, m_heat.top(), m_heat.right() - picture.right(),
                                  m_heat.height()));
    else
        painter.fillRect(QRect(picture.right() + 1, m_heat.top(), 1, m_heat.height()), t.border);
    paintLevels(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    const HeatRing::Slot left = slotAt(m_heat.left() - 16);
    const HeatRing::Slot right = m_paused ? m_ring.rightSlot() : m_ring.rightSlot() + 4;
    m_bubbles.paint(
        painter, left, right, devicePixelRatioF(), [this](HeatRing::Slot slot) { return slotX(slot); },
        [this](double price) { return yOf(price); });
    painter.setRenderHint(QPainter::Antialiasing, false);
    paintLines(painter);
    if (m_last && m_trusted) {
        const int y = static_cast<int>(std::lround(yOf(m_last->toDouble())));
        painter.setPen(QPen(m_lastMove < 0 ? t.shortSide : t.longSide, 1, Qt::DotLine));
        painter.drawLine(picture.right() + 2, y, m_heat.right(), y);
    }
}

void ChartView::paintLevels(QPainter &painter) const
{
    if (m_profile == nullptr || !m_profile->levels)
        return;
    const theme::Tokens &t = m_theme.tokens();
    const auto &levels = *m_profile->levels;
    const double pocY = yOf(levels.poc.toDouble());
    const auto mark = [&](core::Price price, const QString &name, const QColor &colour) {
        const int y = static_cast<int>(std::lround(yOf(price.toDouble())));
        if (y < m_heat.top() || y > m_heat.bottom())
            return;
        const bool covered = price != levels.poc && std::abs(pocY - y) < kTagHeight;
        painter.setPen(QPen(colour, 1, Qt::DotLine));
        painter.drawLine(m_heat.left(), y, m_heat.right(), y);
        if (covered)
            return;
        painter.setFont(m_theme.textFont(11));
        const int w = QFontMetrics(painter.font()).horizontalAdvance(name) + 8;
        const QRect box(m_heat.left(), y - 8, w, 16);
        painter.fillRect(box, t.window);
        painter.setPen(colour);
        painter.drawText(box, Qt::AlignCenter, name);
    };
    mark(levels.vah, tr("VAH"), t.textMuted);
    mark(levels.val, tr("VAL"), t.textMuted);
    mark(levels.poc, tr("POC"), t.accent);
}

QColor ChartView::lineColour(const ChartLine &line) const
{
    const theme::Tokens &t = m_theme.tokens();
    switch (line.kind) {
    case ChartLine::Kind::Liquidation:
        return t.shortSide;
    case ChartLine::Kind::Breaker:
        return t.warn;
    case ChartLine::Kind::OwnOrder:
        return t.accent;
    case ChartLine::Kind::Entry:
        return controls::toneColour(t, line.tone);
    }
    return t.textPrimary;
}

void ChartView::paintLines(QPainter &painter) const
{
    const theme::Tokens &t = m_theme.tokens();
    for (const ChartLine &line : m_lines) {
        const int y = static_cast<int>(std::lround(yOf(line.price)));
        if (y < m_heat.top() || y > m_heat.bottom())
            continue;
        const QColor colour = lineColour(line);
        painter.setPen(QPen(colour, 1, line.kind == ChartLine::Kind::Entry ? Qt::SolidLine : Qt::DashLine));
        painter.drawLine(m_heat.left(), y, m_heat.right(), y);
        const QFont font = m_theme.textFont(11, QFont::DemiBold);
        painter.setFont(font);
        const int w = QFontMetrics(font).horizontalAdvance(line.label) + 10;
        // Right of the level names, above its own line, so that it covers no print at "now".
        const QRect box(m_heat.left() + 44, y - 17, w, 16);
        painter.fillRect(box, t.window);
        painter.setPen(colour);
        painter.drawText(box, Qt::AlignCenter, line.label);
    }
}

void ChartView::paintProfile(QPainter &painter) const
{
    const theme::Tokens &t = m_theme.tokens();
    painter.fillRect(m_profileArea, t.panel);
    painter.fillRect(QRect(m_profileArea.right(), m_profileArea.top(), 1, m_profileArea.height()), t.border);
    if (m_profile == nullptr || m_profile->rows.empty()) {
        painter.setFont(m_theme.textFont(11));
        painter.setPen(t.textMuted);
        painter.drawText(m_profileArea.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("No trades yet in this session"));
        return;
    }
    const double tick = m_profile->tickSize.toDouble();
    const auto perRow = static_cast<double>(m_profile->ticksPerRow);
    const auto top = [&](std::size_t i) {
        return yOf((static_cast<double>(m_profile->rows[i].lowTick) + perRow - 0.5) * tick);
    };
    const auto bottom = [&](std::size_t i) {
        return yOf((static_cast<double>(m_profile->rows[i].lowTick) - 0.5) * tick);
    };
    double largest = 0.0;
    for (std::size_t i = 0; i < m_profile->rows.size(); ++i) {
        if (bottom(i) >= m_profileArea.top() && top(i) <= m_profileArea.bottom())
            largest = std::max(largest, m_profile->rows[i].volume.toDouble());
    }
    if (!(largest > 0.0))
        return;
    const double full = m_profileArea.width() - 10;
    const auto &levels = m_profile->levels;
    for (std::size_t i = 0; i < m_profile->rows.size(); ++i) {
        const double from = top(i);
        const double to = bottom(i);
        if (to < m_profileArea.top() || from > m_profileArea.bottom())
            continue;
        const int y = static_cast<int>(std::lround(from));
        const int h = std::max(1, static_cast<int>(std::lround(to)) - y - (to - from > 3.0 ? 1 : 0));
        const auto &row = m_profile->rows[i];
        const int w = static_cast<int>(std::lround(row.volume.toDouble() / largest * full));
        const bool inside = levels && i >= levels->valRow && i <= levels->vahRow;
        const bool poc = levels && i == levels->pocRow;
        const QColor colour = !m_trusted ? t.border
                              : poc      ? t.accent
                              : inside   ? t.profileBar
                                         : theme::mixed(t.panel, t.profileBar, 0.55);
        painter.fillRect(QRect(m_profileArea.left(), y, w, h), colour);
    }
}

double ChartView::tickStep() const
{
    return niceStep(m_range.span().size() / std::max(1, m_axis.height()) * 46.0);
}

std::vector<ChartView::Tag> ChartView::tags() const
{
    const theme::Tokens &t = m_theme.tokens();
    std::vector<Tag> list;
    const auto place = [&](double price) { return yOf(price); };
    for (const ChartLine &line : m_lines) {
        const double y = place(line.price);
        const QString price = format::price(priceOf(line.price), m_places.price);
        const bool above = y < m_axis.top();
        const bool below = y > m_axis.bottom();
        Tag tag{
            line.price, std::clamp(y, m_axis.top() + kTagHeight / 2.0, m_axis.bottom() - kTagHeight / 2.0),
            price,      lineColour(line),
            t.window,   true,
            false};
        if (above || below) {
            tag.text = (above ? u"▲"_s : u"▼"_s) + price;
            tag.words = tag.back;
            tag.back = t.raised;
        }
        list.push_back(std::move(tag));
    }
    if (m_last) {
        const QColor back = !m_trusted       ? t.borderStrong
                            : m_lastMove > 0 ? t.longSide
                            : m_lastMove < 0 ? t.shortSide
                                             : t.textSecondary;
        list.push_back({m_last->toDouble(), place(m_last->toDouble()), format::price(*m_last, m_places.price),
                        back, t.window, true, true});
    }
    // Tags push each other apart, away from the last price, which stays where it belongs.
    std::stable_sort(list.begin(), list.end(), [](const Tag &a, const Tag &b) { return a.price > b.price; });
    const auto anchor = std::find_if(list.begin(), list.end(), [](const Tag &tag) { return tag.last; });
    const auto base = anchor == list.end() ? 0 : anchor - list.begin();
    for (auto i = base + 1; i < static_cast<std::ptrdiff_t>(list.size()); ++i) {
        auto &tag = list[static_cast<std::size_t>(i)];
        tag.y = std::max(tag.y, list[static_cast<std::size_t>(i - 1)].y + kTagHeight + 1);
    }
    for (auto i = base - 1; i >= 0; --i) {
        auto &tag = list[static_cast<std::size_t>(i)];
        tag.y = std::min(tag.y, list[static_cast<std::size_t>(i + 1)].y - kTagHeight - 1);
    }
    // And back into the axis where the push would have carried them out.
    double limit = m_axis.bottom() - kTagHeight / 2.0;
    for (auto tag = list.rbegin(); tag != list.rend(); ++tag) {
        tag->y = std::min(tag->y, limit);
        limit = tag->y - kTagHeight - 1;
    }
    limit = m_axis.top() + kTagHeight / 2.0;
    for (Tag &tag : list) {
        tag.y = std::max(tag.y, limit);
        limit = tag.y + kTagHeight + 1;
    }
    return list;
}

std::vector<QString> ChartView::axisTags() const
{
    std::vector<QString> texts;
    for (const Tag &tag : tags())
        texts.push_back(tag.text);
    return texts;
}

void ChartView::paintAxis(QPainter &painter) const
{
    const theme::Tokens &t = m_theme.tokens();
    painter.fillRect(m_axis, t.panel);
    painter.fillRect(QRect(m_axis.left(), m_axis.top(), 1, m_axis.height()), t.border);
    painter.setFont(m_theme.numericFont(11));
    const std::vector<Tag> shown = tags();
    const double step = tickStep();
    const double first = std::ceil(m_range.span().low / step) * step;
    for (int i = 0;; ++i) {
        const double price = first + i * step;
        if (price > m_range.span().high)
            break;
        const int y = static_cast<int>(std::lround(yOf(price)));
        painter.fillRect(QRect(m_axis.left(), y, 4, 1), t.borderStrong);
        const bool covered = std::any_of(
            shown.begin(), shown.end(), [y](const Tag &tag) { return std::abs(tag.y - y) < kTagHeight - 2; });
        if (covered || y < 8 || y > m_axis.bottom() - 8)
            continue;
        painter.setPen(t.textMuted);
        painter.drawText(QRect(m_axis.left() + 6, y - 8, m_axis.width() - 10, 16),
                         Qt::AlignVCenter | Qt::AlignRight, format::price(priceOf(price), m_places.price));
    }
    for (const Tag &tag : shown) {
        const QRect box(m_axis.left() + 1, static_cast<int>(std::lround(tag.y)) - kTagHeight / 2,
                        m_axis.width() - 1, kTagHeight);
        painter.fillRect(box, tag.back);
        painter.setFont(m_theme.numericFont(11, tag.last ? QFont::Bold : QFont::Normal));
        painter.setPen(tag.words);
        painter.drawText(box.adjusted(0, 0, -3, 0), Qt::AlignVCenter | Qt::AlignRight, tag.text);
    }
}

void ChartView::paintTime(QPainter &painter) const
{
    const theme::Tokens &t = m_theme.tokens();
    painter.fillRect(m_time, t.panel);
    painter.fillRect(QRect(m_time.left(), m_time.top(), m_time.width(), 1), t.border);
    painter.setFont(m_theme.numericFont(11));
    painter.setPen(t.textMuted);
    if (m_profile != nullptr && !m_profile->rows.empty())
        //: traded volume of the session, in base units
        painter.drawText(QRect(8, m_time.top() + 1, m_profileArea.width() - 8, m_time.height() - 1),
                         Qt::AlignVCenter | Qt::AlignLeft,
                         tr("Σ %1").arg(format::shortAmount(m_profile->total.toDouble())));
    painter.drawText(QRect(m_axis.left() + 4, m_time.top() + 1, m_axis.width() - 8, m_time.height() - 1),
                     Qt::AlignVCenter | Qt::AlignRight, u"UTC"_s);
    if (m_ring.isEmpty())
        return;
    constexpr std::int64_t kSecond = 1'000'000'000;
    constexpr std::int64_t kSteps[] = {5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
    const double secondPixels = slotPixels() * 1e9 / static_cast<double>(m_ring.interval().count());
    std::int64_t step = kSteps[std::size(kSteps) - 1];
    for (const std::int64_t candidate : kSteps) {
        if (static_cast<double>(candidate) * secondPixels >= 84.0) {
            step = candidate;
            break;
        }
    }
    const HeatRing::Slot right = m_ring.rightSlot();
    const std::int64_t now = core::toNanoseconds(m_ring.timeOf(right + 1)) / kSecond;
    painter.save();
    painter.setClipRect(QRect(m_heat.left(), m_time.top(), m_heat.width(), m_time.height()));
    for (std::int64_t at = (now / step + 1) * step;; at -= step) {
        const double back =
            static_cast<double>(core::toNanoseconds(m_ring.timeOf(right + 1)) - at * kSecond) * 1e-9;
        const int x = static_cast<int>(std::lround(pictureArea().right() + 1 - back * secondPixels));
        if (x < m_heat.left() + 34) // no half labels
            break;
        painter.fillRect(QRect(x, m_time.top(), 1, 4), t.borderStrong);
        painter.drawText(QRect(x - 40, m_time.top() + 3, 80, m_time.height() - 3), Qt::AlignCenter,
                         format::timeOfDay(core::UtcTime{std::chrono::seconds{at}}));
    }
    painter.restore();
}

void ChartView::paintCrosshair(QPainter &painter) const
{
    const theme::Tokens &t = m_theme.tokens();
    const bool inside = m_pointer && (m_heat.contains(*m_pointer) || m_profileArea.contains(*m_pointer) ||
                                      m_axis.contains(*m_pointer));
    const double y = inside ? m_pointer->y() : m_hoveredPrice > 0.0 ? yOf(m_hoveredPrice) : -1.0;
    if (y < 0.0 || y > m_heat.bottom())
        return;
    painter.setPen(QPen(t.textSecondary, 1, Qt::DashLine));
    const int row = static_cast<int>(std::lround(y));
    painter.drawLine(0, row, m_axis.left(), row);
    if (inside && m_heat.contains(*m_pointer))
        painter.drawLine(m_pointer->x(), m_heat.top(), m_pointer->x(), m_heat.bottom());
    const QRect tag(m_axis.left() + 1, row - kTagHeight / 2, m_axis.width() - 1, kTagHeight);
    painter.fillRect(tag, t.textPrimary);
    painter.setFont(m_theme.numericFont(11));
    painter.setPen(t.window);
    painter.drawText(
        tag.adjusted(2, 0, -3, 0), Qt::AlignVCenter | Qt::AlignRight,
        format::price(priceOf(m_range.toPrice(y - m_heat.top(), m_heat.height())), m_places.price));
    const QString words = readout();
    if (words.isEmpty())
        return;
    const QFont font = m_theme.numericFont(11);
    const int w = QFontMetrics(font).horizontalAdvance(words) + 16;
    const QRect box(m_heat.left() + 8, m_heat.top() + 8, w, 20);
    painter.fillRect(box, t.raised);
    painter.setPen(t.border);
    painter.drawRect(box.adjusted(0, 0, -1, -1));
    painter.setPen(t.textPrimary);
    painter.drawText(box, Qt::AlignCenter, words);
}

} // namespace ui::panels
