#include "ui/shell/status_strip.h"

#include <algorithm>

#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

namespace
{

using core::Freshness;

struct VenueWord {
    enum class Level { Live, Connecting, Degraded, Lost } level{Level::Connecting};
    QString worstStream;
    QString reason;
};

/// The worst stream decides; one lost among living ones is "degraded", all lost is "lost".
VenueWord judge(const std::vector<core::ports::StreamStatus> &streams, core::Venue venue)
{
    VenueWord word;
    std::size_t all = 0;
    std::size_t lost = 0;
    std::size_t bad = 0;
    std::size_t connecting = 0;
    for (const auto &stream : streams) {
        if (stream.venue != venue)
            continue;
        ++all;
        if (stream.freshness == Freshness::Fresh)
            continue;
        if (stream.freshness == Freshness::Connecting) {
            ++connecting;
            continue;
        }
        ++bad;
        lost += stream.freshness == Freshness::Lost ? 1U : 0U;
        if (word.worstStream.isEmpty() || stream.freshness == Freshness::Lost) {
            word.worstStream = QString::fromStdString(stream.name);
            word.reason = format::Words::freshness(stream.freshness);
        }
    }
    if (all > 0 && lost == all)
        word.level = VenueWord::Level::Lost;
    else if (bad > 0)
        word.level = VenueWord::Level::Degraded;
    else if (connecting == 0 && all > 0)
        word.level = VenueWord::Level::Live;
    return word;
}

} // namespace

StatusStrip::StatusStrip(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(24);
    setObjectName(u"statusStrip"_s);
    setCursor(Qt::PointingHandCursor);
    setToolTip(tr("Press for all connections."));
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

std::vector<StatusStrip::Part> StatusStrip::venueParts(const core::runtime::TerminalSnapshot &snapshot,
                                                       const core::runtime::VenueView &view) const
{
    const theme::Tokens &t = m_theme.tokens();
    std::vector<Part> parts;
    const VenueWord word = judge(snapshot.streams, view.venue);
    const QString venue = format::Words::venue(view.venue);
    if (view.reach == core::runtime::VenueView::Reach::Unreached) {
        parts.push_back({tr("%1 does not answer").arg(venue), t.warn, true});
        return parts;
    }
    switch (word.level) {
    case VenueWord::Level::Live:
        parts.push_back({tr("%1 live").arg(venue), t.textPrimary, true});
        break;
    case VenueWord::Level::Connecting:
        parts.push_back({tr("%1 connecting").arg(venue), t.textSecondary, true});
        break;
    case VenueWord::Level::Degraded:
        //: %2 is a stream ("book BTCUSDT"), %3 what is wrong with it ("stale")
        parts.push_back({tr("%1 degraded: %2 %3").arg(venue, word.worstStream, word.reason), t.warn, true});
        break;
    case VenueWord::Level::Lost:
        parts.push_back({tr("%1 lost, reconnecting").arg(venue), t.warn, true});
        break;
    }
    std::optional<core::Duration> roundTrip;
    for (const auto &stream : snapshot.streams) {
        if (stream.venue == view.venue && stream.roundTrip)
            roundTrip = stream.roundTrip;
    }
    if (roundTrip && word.level != VenueWord::Level::Lost)
        parts.push_back({tr("round trip %1").arg(format::milliseconds(*roundTrip)), t.textSecondary, false});
    if (!snapshot.markets.empty() && snapshot.markets.front().key.venue == view.venue &&
        snapshot.markets.front().bookAge)
        parts.push_back({tr("book age %1").arg(format::age(*snapshot.markets.front().bookAge)),
                         snapshot.markets.front().book == Freshness::Fresh ? t.textSecondary : t.warn,
                         false});
    if (view.budget && view.budget->limit > 0) {
        const bool high = view.budget->used * 10 >= view.budget->limit * 8;
        parts.push_back({tr("weight %1/%2").arg(view.budget->used).arg(view.budget->limit),
                         high ? t.warn : t.textSecondary, false});
    }
    return parts;
}

void StatusStrip::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    const theme::Tokens &t = m_theme.tokens();
    std::vector<Part> left;
    std::vector<Part> right;
    QColor lamp = t.textMuted;
    if (m_silence > core::Duration::zero())
        left.push_back(
            {tr("Engine silent for %1: nothing on this screen is current").arg(format::age(m_silence)),
             t.warn, true});
    if (snapshot == nullptr) {
        left.push_back({tr("Starting the engine"), t.textSecondary, true});
    } else {
        auto level = VenueWord::Level::Live;
        for (const auto &venue : snapshot->venues) {
            for (Part &part : venueParts(*snapshot, venue))
                left.push_back(std::move(part));
            level = std::max(level, venue.reach == core::runtime::VenueView::Reach::Unreached
                                        ? VenueWord::Level::Lost
                                        : judge(snapshot->streams, venue.venue).level);
        }
        lamp = level == VenueWord::Level::Live         ? t.longSide
               : level == VenueWord::Level::Connecting ? t.textMuted
               : level == VenueWord::Level::Degraded   ? t.warn
                                                       : t.shortSide;
        const auto &storage = snapshot->storage;
        if (!storage.healthy)
            right.push_back({tr("Storage: %1").arg(QString::fromStdString(storage.problem)), t.warn, true});
        else
            right.push_back({storage.journalSavedAt
                                 ? tr("journal saved %1").arg(format::timeOfDay(*storage.journalSavedAt))
                                 : tr("journal not saved yet"),
                             t.textSecondary, false});
        right.push_back({format::timeOfDayZone(snapshot->at), t.textPrimary, false});
        right.push_back({u"ETRMS "_s + QString::fromStdString(snapshot->version), t.textMuted, false});
    }
    if (left == m_left && right == m_right && lamp == m_lamp)
        return;
    m_left = std::move(left);
    m_right = std::move(right);
    m_lamp = lamp;
    setAccessibleName(leftText() + u". "_s + rightText());
    update();
}

void StatusStrip::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        emit connectionsPressed();
}

void StatusStrip::showSilence(core::Duration silence)
{
    m_silence = silence;
}

QString StatusStrip::leftText() const
{
    QStringList texts;
    for (const Part &part : m_left)
        texts << part.text;
    return texts.join(u" · "_s);
}

QString StatusStrip::rightText() const
{
    QStringList texts;
    for (const Part &part : m_right)
        texts << part.text;
    return texts.join(u" · "_s);
}

void StatusStrip::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), t.window);
    painter.fillRect(QRect(0, 0, width(), 1), t.border);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_lamp);
    painter.drawEllipse(QRectF(10, height() / 2.0 - 3.5, 8, 8));
    const auto draw = [&](const Part &part, int x) {
        const QFont font = m_theme.textFont(11, part.bold ? QFont::DemiBold : QFont::Normal);
        painter.setFont(font);
        painter.setPen(part.colour);
        const int w = QFontMetrics(font).horizontalAdvance(part.text);
        painter.drawText(QRect(x, 1, w + 2, height() - 1), Qt::AlignVCenter | Qt::AlignLeft, part.text);
        return w;
    };
    int right = width() - 10;
    for (auto part = m_right.rbegin(); part != m_right.rend(); ++part) {
        const QFont font = m_theme.textFont(11, part->bold ? QFont::DemiBold : QFont::Normal);
        right -= QFontMetrics(font).horizontalAdvance(part->text);
        draw(*part, right);
        right -= 18;
    }
    painter.setClipRect(QRect(0, 0, right, height()));
    int x = 26;
    for (const Part &part : m_left)
        x += draw(part, x) + 18;
}

} // namespace ui::shell
