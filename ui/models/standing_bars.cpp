#include "ui/models/standing_bars.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

namespace
{

using Content = controls::HeadroomBar::Content;
using Group = StandingBar::Group;
using Word = core::orders::BreakerView::Word;
using core::risk::Scope;
using core::risk::Standing;
using core::runtime::TerminalSnapshot;

constexpr double kNear = 0.8;

int placesOf(const TerminalSnapshot &snapshot, const core::InstrumentKey &key, core::Price price)
{
    for (const auto &market : snapshot.markets) {
        if (market.key == key && market.instrument)
            return format::placesOf(*market.instrument).price;
    }
    return format::guessedPlaces(price).price;
}

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::StandingBars)

public:
    static Content margin(const TerminalSnapshot &snapshot, bool trusted)
    {
        Content content{.name = tr("Margin ratio"),
                        .value = format::missing(),
                        .word = format::Words::breaker(Word::Unknown),
                        .share = {},
                        .alarmed = false,
                        .trusted = trusted,
                        .detail = {}};
        const auto &totals = snapshot.account.totals;
        if (!totals || !totals->equity.isPositive())
            return content;
        if (const auto ratio = core::ratioOf(totals->maintenanceMargin, totals->equity, core::Rounding::HalfEven)) {
            content.share = ratio->toDouble();
            content.value = format::percent(*ratio);
            content.word = !trusted                  ? tr("Stale")
                           : *content.share >= kNear ? format::Words::breaker(Word::Near)
                                                     : format::Words::breaker(Word::Watching);
            content.detail = tr("maintenance ÷ equity, liquidation at 100 %");
        }
        return content;
    }

    static QString subject(const TerminalSnapshot &snapshot, const core::risk::Subject &subject)
    {
        const QString what = format::Words::breakerTitle(subject.kind);
        if (subject.instrument) {
            QString who = format::text(subject.instrument->symbol.view());
            if (subject.side && *subject.side != core::PositionSide::Both)
                who += u' ' + (*subject.side == core::PositionSide::Long ? tr("long leg") : tr("short leg"));
            //: a limit of one position or symbol; %1 symbol, %2 what it measures
            return tr("%1 · %2").arg(who, what.toLower());
        }
        if (subject.account && snapshot.guard.accounts.size() > 1)
            return tr("%1 · %2").arg(format::Words::venue(*subject.account), what.toLower());
        return what;
    }

    static QString value(const Standing &standing)
    {
        if (!standing.reading)
            return format::missing();
        const QString now = format::Words::level(standing.subject.kind, *standing.reading);
        const QString limit = format::Words::level(standing.subject.kind, standing.limit);
        return core::risk::lowIsBad(standing.subject.kind) ? tr("%1, limit %2").arg(now, limit)
                                                           : tr("%1 of %2").arg(now, limit);
    }

    static QString detail(const TerminalSnapshot &snapshot, const Standing &standing)
    {
        if (!standing.reading)
            return QString::fromStdString(standing.why);
        if (!standing.nextTrigger)
            return tr("its last step is reached");
        const QString action = format::Words::tierAction(standing.nextAction);
        const QString at = format::Words::level(standing.subject.kind, *standing.nextTrigger);
        QString text = tr("%1 at %2").arg(action, at);
        if (standing.headroom)
            //: %1 "close at 30 %", %2 dollars that may still be lost before that
            text = tr("%1, %2 to go").arg(text, format::dollars(*standing.headroom));
        if (standing.priceAtNext && standing.subject.instrument)
            text = tr("%1, mark %2").arg(text, format::price(*standing.priceAtNext,
                                                             placesOf(snapshot, *standing.subject.instrument,
                                                                      *standing.priceAtNext)));
        return text;
    }

    static Content content(const TerminalSnapshot &snapshot, const Standing &standing, Word word, bool trusted)
    {
        Content content{.name = subject(snapshot, standing.subject),
                        .value = value(standing),
                        .word = format::Words::breaker(word),
                        .share = {},
                        .alarmed = word == Word::Tripped,
                        .trusted = trusted && word != Word::Unknown,
                        .detail = detail(snapshot, standing)};
        if (standing.used)
            content.share = std::max(0.0, standing.used->toDouble());
        content.explanation = QString::fromStdString(standing.sentence);
        if (!standing.why.empty())
            content.explanation += u'\n' + QString::fromStdString(standing.why);
        if (word == Word::Tripped && !standing.trippedText.empty()) {
            content.detail = QString::fromStdString(standing.trippedText);
            content.value.clear(); // the latched number stands in the text; the live one would contradict it
        }
        return content;
    }

    /// A latched breaker whose position is gone: there is no standing any more, but it must not vanish from the screen.
    static Content latched(const core::orders::BreakerView &view, bool trusted)
    {
        return {.name = tr("%1 · %2").arg(format::text(view.instrument.symbol.view()),
                                          format::Words::breakerTitle(core::risk::BreakerKind::LossOnMargin).toLower()),
                .value = {},
                .word = format::Words::breaker(Word::Tripped),
                .share = view.metric && view.limit && view.limit->isPositive()
                             ? std::optional(std::max(0.0, view.metric->toDouble() / view.limit->toDouble()))
                             : std::nullopt,
                .alarmed = true,
                .trusted = trusted,
                .detail = QString::fromStdString(view.trippedText)};
    }

    static QString account(const core::orders::AccountGuardView &account)
    {
        QString arming = format::Words::arming(account.arming);
        if (account.blind)
            arming = tr("%1, BLIND: %2").arg(arming, QString::fromStdString(account.blindReason));
        else if (!account.reconciled)
            arming = tr("%1, not reconciled").arg(arming);
        const QString head = tr("%1 · %2 · %3")
                                 .arg(format::Words::venue(account.account), arming,
                                      format::Words::tradingState(account.state.state));
        const QString room = account.headroom
                                 ? tr("%1 · %2 to the next limit that closes").arg(head, format::dollars(*account.headroom))
                                 : head;
        return room + habits(account.habits);
    }

    static QString habits(const core::orders::HabitsView &habits)
    {
        QString text;
        if (habits.tilt && *habits.tilt >= 1)
            text += tr(" · tilt %1 of 100").arg(static_cast<int>(*habits.tilt));
        if (habits.leverageCap)
            text += tr(" · leverage ladder: at most %1× equity").arg(*habits.leverageCap);
        return text;
    }
};

Group groupOf(Scope scope)
{
    return scope == Scope::Account ? Group::Account : scope == Scope::AllAccounts ? Group::AllAccounts : Group::Positions;
}

} // namespace

std::optional<core::Venue> venueOf(const core::risk::Subject &subject)
{
    if (subject.account)
        return *subject.account;
    if (subject.instrument)
        return subject.instrument->venue;
    return std::nullopt;
}

Word wordOf(const Standing &standing, const core::orders::GuardView &guard)
{
    if (standing.tripped)
        return Word::Tripped;
    core::risk::Arming arming = guard.arming;
    for (const auto &account : guard.accounts) {
        const std::optional<core::Venue> venue = venueOf(standing.subject);
        if (venue && account.account == *venue)
            arming = account.arming;
    }
    if (arming == core::risk::Arming::Off)
        return Word::Paused;
    if (!standing.reading || !standing.used)
        return Word::Unknown;
    return standing.used->toDouble() >= kNear ? Word::Near : Word::Watching;
}

std::vector<StandingBar> standingBars(const TerminalSnapshot &snapshot, bool trusted)
{
    std::vector<StandingBar> bars{{Group::Account, Text::margin(snapshot, trusted)}};
    const auto &guard = snapshot.guard;
    for (const Standing &standing : guard.standings) {
        const Word word = wordOf(standing, guard);
        const bool loud = word == Word::Tripped || word == Word::Near;
        bars.push_back({loud ? Group::Loud : groupOf(standing.subject.scope),
                        Text::content(snapshot, standing, word, trusted)});
    }
    for (const auto &view : guard.breakers) {
        const bool known = std::any_of(guard.standings.begin(), guard.standings.end(), [&](const Standing &standing) {
            return standing.subject.kind == core::risk::BreakerKind::LossOnMargin && standing.tripped &&
                   standing.subject.instrument == view.instrument && standing.subject.side == view.side;
        });
        if (view.word == Word::Tripped && !known)
            bars.push_back({Group::Loud, Text::latched(view, trusted)});
    }
    std::stable_sort(bars.begin(), bars.end(), [](const StandingBar &a, const StandingBar &b) {
        if (a.group != b.group)
            return a.group < b.group;
        return a.group == Group::Loud && a.content.alarmed && !b.content.alarmed;
    });
    return bars;
}

QStringList accountLines(const core::orders::GuardView &guard)
{
    QStringList lines;
    for (const auto &account : guard.accounts)
        lines << Text::account(account);
    return lines;
}

} // namespace ui::models
