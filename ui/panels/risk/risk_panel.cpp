#include "ui/panels/risk/risk_panel.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStackedLayout>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/state_page.h"
#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/position_row.h"
#include "ui/panels/risk/account_summary.h"
#include "ui/panels/risk/action_list.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

using controls::HeadroomBar;
using Phase = models::DockState::Phase;
using Word = core::orders::BreakerView::Word;

RiskPanel::RiskPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_page(new controls::StatePage(theme, this)),
      m_stack(new QStackedLayout(this)), m_summary(nullptr), m_actions(nullptr), m_column(nullptr),
      m_barColumn(nullptr)
{
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::StrongFocus);
    scroll->setAccessibleName(tr("Risk"));
    auto *content = new QWidget(scroll);
    content->setAutoFillBackground(true);
    content->setBackgroundRole(QPalette::Base);
    m_column = new QVBoxLayout(content);
    m_column->setContentsMargins(12, 8, 12, 8);
    m_column->setSpacing(6);
    m_summary = new AccountSummary(theme, content);
    m_actions = new ActionList(theme, content);
    m_barColumn = new QVBoxLayout;
    m_barColumn->setSpacing(4);
    m_column->addWidget(m_summary);
    m_column->addWidget(m_actions);
    m_column->addLayout(m_barColumn);
    m_column->addStretch(1);
    scroll->setWidget(content);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_page);
    m_stack->addWidget(scroll);
    setMinimumSize(300, 230);
}

HeadroomBar::Content RiskPanel::marginContent(const core::runtime::TerminalSnapshot &snapshot) const
{
    HeadroomBar::Content content;
    content.name = tr("Margin ratio");
    content.trusted = m_state.isTrusted();
    content.value = format::missing();
    content.word = format::Words::breaker(Word::Unknown);
    const auto &totals = snapshot.account.totals;
    if (!totals || !totals->equity.isPositive())
        return content;
    if (const auto ratio =
            core::ratioOf(totals->maintenanceMargin, totals->equity, core::Rounding::HalfEven)) {
        content.share = ratio->toDouble();
        content.value = format::percent(*ratio);
        content.word = !content.trusted        ? tr("Stale")
                       : *content.share >= 0.8 ? format::Words::breaker(Word::Near)
                                               : format::Words::breaker(Word::Watching);
        content.detail = tr("maintenance ÷ equity, liquidation at 100 %");
    }
    return content;
}

HeadroomBar::Content RiskPanel::breakerContent(const core::runtime::TerminalSnapshot &snapshot,
                                               const core::orders::BreakerView &view) const
{
    HeadroomBar::Content content;
    //: a breaker of one position; %1 symbol, %2 what it measures
    content.name = tr("%1 · %2").arg(format::text(view.instrument.symbol.view()),
                                     format::Words::breakerTitle(core::risk::BreakerKind::LossOnMargin).toLower());
    content.word = format::Words::breaker(view.word);
    content.alarmed = view.word == Word::Tripped;
    content.trusted = m_state.isTrusted() && view.word != Word::Unknown;
    content.value = format::missing();
    if (view.metric && view.limit && view.limit->isPositive()) {
        content.share = std::max(0.0, view.metric->toDouble() / view.limit->toDouble());
        content.value = tr("%1 of %2").arg(format::percent(*view.metric), format::percent(*view.limit));
    }
    if (view.word == Word::Tripped) {
        content.detail = QString::fromStdString(view.trippedText);
        if (!content.detail.isEmpty())
            content.value.clear(); // the latched number stands in the text; the live one would contradict it
    } else if (view.priceAtNext && view.nextTrigger) {
        format::Places places = format::guessedPlaces(*view.priceAtNext);
        for (const auto &market : snapshot.markets) {
            if (market.key == view.instrument && market.instrument)
                places = format::placesOf(*market.instrument);
        }
        //: %1 the action (alert, close), %2 the mark price that triggers it, %3 the way there in percent
        content.detail =
            tr("%1 at %2, %3 away")
                .arg(format::Words::tierAction(view.nextAction),
                     format::price(*view.priceAtNext, places.price),
                     view.distanceToNext ? format::percent(*view.distanceToNext) : format::missing());
    }
    return content;
}

void RiskPanel::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    m_state = models::DockStates::risk(snapshot);
    m_page->showState(m_state);
    const bool hasNumbers = snapshot != nullptr && snapshot->account.totals.has_value();
    m_stack->setCurrentIndex(hasNumbers && m_state.phase != Phase::Loading ? 1 : 0);
    if (snapshot == nullptr)
        return;
    m_summary->showSnapshot(*snapshot, m_state.isTrusted());
    m_actions->showSnapshot(*snapshot);
    // What is near or tripped stands on top, where a small window still shows it; within a group the order
    // never changes.
    const auto isLoud = [](const core::orders::BreakerView &view) {
        return view.word == Word::Near || view.word == Word::Tripped;
    };
    std::vector<HeadroomBar::Content> contents;
    for (const auto &view : snapshot->guard.breakers) {
        if (isLoud(view))
            contents.push_back(breakerContent(*snapshot, view));
    }
    contents.push_back(marginContent(*snapshot));
    for (const auto &view : snapshot->guard.breakers) {
        if (!isLoud(view))
            contents.push_back(breakerContent(*snapshot, view));
    }
    while (m_bars.size() < contents.size()) {
        m_bars.push_back(new HeadroomBar(m_theme, m_summary->parentWidget()));
        m_barColumn->addWidget(m_bars.back());
    }
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        m_bars[i]->setVisible(i < contents.size());
        if (i < contents.size())
            m_bars[i]->showContent(contents[i]);
    }
}

std::vector<HeadroomBar::Content> RiskPanel::bars() const
{
    std::vector<HeadroomBar::Content> contents;
    for (const HeadroomBar *bar : m_bars) {
        if (!bar->isHidden())
            contents.push_back(bar->content());
    }
    return contents;
}

QStringList RiskPanel::actionTexts() const
{
    return m_actions->texts();
}

} // namespace ui::panels
