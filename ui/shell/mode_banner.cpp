#include "ui/shell/mode_banner.h"

#include <algorithm>

#include <QtCore/QCoreApplication>
#include <QtGui/QPainter>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::shell
{

using core::runtime::Mode;
using core::runtime::Place;
using core::runtime::TerminalSnapshot;

namespace
{
class Sentences
{
    Q_DECLARE_TR_FUNCTIONS(ui::shell::ModeBanner)

public:
    static QString of(const TerminalSnapshot &snapshot)
    {
        const auto &lease = snapshot.lease;
        if (!lease.ours && lease.holder)
            //: %1 is a program, %2 its process number, %3 the local time since when
            return tr("READ-ONLY — guarded by %1 (process %2) since %3. This window watches and sends nothing.")
                .arg(QString::fromStdString(lease.holder->holder))
                .arg(lease.holder->process)
                .arg(format::timeOfDay(lease.holder->takenAt));
        switch (snapshot.mode) {
        case Mode::Live:
            return tr("LIVE — real money at %1. Orders are real.").arg(format::Words::venue(snapshot.venue));
        case Mode::Demo:
            return tr("DEMO — simulated market and account. No order leaves this computer.");
        case Mode::Testnet:
            return tr("TESTNET — the test system of %1. No real money, and prices that are not the market's.")
                .arg(format::Words::venue(snapshot.venue));
        case Mode::Replay:
            return tr("REPLAY — a recording. Nothing here is happening now.");
        case Mode::Paper:
            return tr("PAPER — live market, simulated account. No order leaves this computer.");
        case Mode::Watching:
            return watching(snapshot);
        }
        return {};
    }

private:
    static QString watching(const TerminalSnapshot &snapshot)
    {
        const QString testnets = venuesAt(snapshot, Place::Testnet);
        if (!testnets.isEmpty())
            return tr("TESTNET — watching the test system of %1: its prices are not the market's. No account is connected.")
                .arg(testnets);
        const QString own = venuesAt(snapshot, Place::Loopback);
        if (!own.isEmpty())
            return tr("WATCHING — prices of %1 come from this computer, not from the market. No account is connected.").arg(own);
        return tr("WATCHING — live public markets of %1. No account is connected; nothing can be ordered.")
            .arg(venuesAt(snapshot, Place::Production));
    }

    static QString venuesAt(const TerminalSnapshot &snapshot, Place place)
    {
        QStringList names;
        for (const auto &venue : snapshot.venues) {
            if (venue.place == place)
                names << format::Words::venue(venue.venue);
        }
        //: between the names of two venues
        return names.join(tr(" and "));
    }
};

/// Watching a test system must look like one.
[[nodiscard]] Mode lookOf(const TerminalSnapshot &snapshot)
{
    if (snapshot.mode != Mode::Watching)
        return snapshot.mode;
    const auto stands = [&](Place place) {
        return std::any_of(snapshot.venues.begin(), snapshot.venues.end(),
                           [place](const auto &venue) { return venue.place == place; });
    };
    return stands(Place::Testnet) ? Mode::Testnet : stands(Place::Loopback) ? Mode::Replay : Mode::Watching;
}
} // namespace

ModeBanner::ModeBanner(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(24);
    setObjectName(QStringLiteral("modeBanner"));
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void ModeBanner::showSnapshot(const TerminalSnapshot &snapshot)
{
    const QString text = Sentences::of(snapshot);
    if (text == m_text)
        return;
    m_text = text;
    m_look = lookOf(snapshot);
    setAccessibleName(text);
    setToolTip(text);
    update();
}

void ModeBanner::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QColor back = t.raised;
    QColor words = t.textPrimary;
    switch (m_look) {
    case Mode::Testnet:
        back = t.testnet;
        words = t.onTestnet;
        break;
    case Mode::Replay:
        back = t.replay;
        words = t.onReplay;
        break;
    case Mode::Demo:
    case Mode::Paper:
        back = t.demo;
        words = t.onDemo;
        break;
    case Mode::Live:
    case Mode::Watching:
        break;
    }
    QPainter painter(this);
    painter.fillRect(rect(), back);
    painter.setPen(words);
    painter.setFont(m_theme.textFont(theme::Theme::kTextPixels, QFont::DemiBold));
    painter.drawText(rect(), Qt::AlignCenter, m_text);
}

} // namespace ui::shell
