#include "ui/models/breaker_summary.h"

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::models
{

namespace
{

using Word = core::orders::BreakerView::Word;

int rank(Word word)
{
    switch (word) {
    case Word::Tripped:
        return 4;
    case Word::Near:
        return 3;
    case Word::Unknown:
        return 2;
    case Word::Paused:
        return 1;
    case Word::Watching:
        return 0;
    }
    return 2;
}

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::BreakerSummary)

public:
    static BreakerSummary of(Word word)
    {
        const QString name = format::Words::breaker(word);
        return {word, tr("Breakers: %1").arg(name), name, {}};
    }
    static QString tooltip(const core::orders::BreakerView &view)
    {
        const QString symbol = format::text(view.instrument.symbol.view());
        const QString title = format::Words::breakerTitle(core::risk::BreakerKind::LossOnMargin);
        if (view.word == Word::Tripped && !view.trippedText.empty())
            return tr("%1 of %2 tripped: %3").arg(title, symbol, QString::fromStdString(view.trippedText));
        if (view.metric && view.limit)
            return tr("%1 of %2: %3 of %4 of margin")
                .arg(title, symbol, format::percent(*view.metric), format::percent(*view.limit));
        return tr("%1 of %2 cannot be evaluated: its data is missing or stale").arg(title, symbol);
    }
    static QString none() { return tr("No position, so no breaker is near"); }
    static QString pending() { return tr("The engine has not reported yet"); }
};

} // namespace

BreakerSummary worstBreaker(const core::runtime::TerminalSnapshot *snapshot)
{
    if (snapshot == nullptr) {
        BreakerSummary summary = Text::of(Word::Unknown);
        summary.tooltip = Text::pending();
        return summary;
    }
    const core::orders::BreakerView *worst = nullptr;
    for (const auto &view : snapshot->guard.breakers) {
        if (worst == nullptr || rank(view.word) > rank(worst->word))
            worst = &view;
    }
    if (worst == nullptr) {
        const bool known = snapshot->account.positionsKnown && snapshot->account.positions.empty() &&
                           snapshot->account.freshness == core::Freshness::Fresh;
        BreakerSummary summary = Text::of(known ? Word::Watching : Word::Unknown);
        summary.tooltip = known ? Text::none() : Text::pending();
        return summary;
    }
    BreakerSummary summary = Text::of(worst->word);
    summary.tooltip = Text::tooltip(*worst);
    return summary;
}

} // namespace ui::models
