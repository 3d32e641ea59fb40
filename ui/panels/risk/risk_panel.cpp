#include "ui/panels/risk/risk_panel.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStackedLayout>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/state_page.h"
#include "ui/models/standing_bars.h"
#include "ui/models/stop_cover.h"
#include "ui/panels/risk/account_summary.h"
#include "ui/panels/risk/action_list.h"
#include "ui/panels/risk/bar_section.h"
#include "ui/panels/risk/lockout_list.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

using controls::HeadroomBar;
using Phase = models::DockState::Phase;

RiskPanel::RiskPanel(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_page(new controls::StatePage(theme, this)), m_stack(new QStackedLayout(this))
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
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(6);
    m_summary = new AccountSummary(theme, content);
    m_accounts = new QLabel(content);
    m_accounts->setObjectName(u"accountStates"_s);
    m_lockouts = new LockoutList(theme, content);
    m_cover = new QLabel(content);
    m_cover->setObjectName(u"stopCover"_s);
    m_actions = new ActionList(theme, content);
    for (QLabel *label : {m_accounts, m_cover}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->hide();
    }
    // What is near or tripped stands on top, where a small window still shows it; within a group the order never changes.
    m_sections = {new BarSection({}, theme, content), new BarSection(tr("Account limits"), theme, content),
                  new BarSection(tr("All accounts together"), theme, content),
                  new BarSection(tr("Positions and symbols"), theme, content)};
    for (QWidget *part : {static_cast<QWidget *>(m_summary), static_cast<QWidget *>(m_lockouts),
                          static_cast<QWidget *>(m_actions), static_cast<QWidget *>(m_sections[0]),
                          static_cast<QWidget *>(m_accounts), static_cast<QWidget *>(m_cover),
                          static_cast<QWidget *>(m_sections[1]), static_cast<QWidget *>(m_sections[2]),
                          static_cast<QWidget *>(m_sections[3])})
        column->addWidget(part);
    column->addStretch(1);
    scroll->setWidget(content);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_page);
    m_stack->addWidget(scroll);
    setMinimumSize(300, 230);
    connect(m_lockouts, &LockoutList::releaseRequested, this, &RiskPanel::releaseRequested);
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
    m_lockouts->showLines(models::lockoutLines(*snapshot));
    const auto show = [](QLabel *label, const QString &text) {
        if (text != label->text())
            label->setText(text);
        label->setVisible(!text.isEmpty());
    };
    show(m_accounts, models::accountLines(snapshot->guard).join(u'\n'));
    const models::CoverLine cover = models::coverLine(*snapshot);
    show(m_cover, cover.text);
    m_cover->setStyleSheet(cover.naked ? u"color: %1; font-weight: 600;"_s.arg(m_theme.tokens().warn.name()) : QString());
    std::array<std::vector<HeadroomBar::Content>, 4> contents;
    for (auto &bar : models::standingBars(*snapshot, m_state.isTrusted()))
        contents[static_cast<std::size_t>(bar.group)].push_back(std::move(bar.content));
    for (std::size_t i = 0; i < m_sections.size(); ++i)
        m_sections[i]->showContents(contents[i]);
}

std::vector<HeadroomBar::Content> RiskPanel::bars() const
{
    std::vector<HeadroomBar::Content> contents;
    for (const BarSection *section : m_sections)
        contents.insert(contents.end(), section->contents().begin(), section->contents().end());
    return contents;
}

QStringList RiskPanel::actionTexts() const
{
    return m_actions->texts();
}

QStringList RiskPanel::lockoutTexts() const
{
    return m_lockouts->texts();
}

QString RiskPanel::accountsText() const
{
    return m_accounts->text();
}

QString RiskPanel::coverText() const
{
    return m_cover->text();
}

} // namespace ui::panels
