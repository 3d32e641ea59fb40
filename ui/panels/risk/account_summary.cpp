#include "ui/panels/risk/account_summary.h"

#include <QtGui/QPainter>

#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/position_row.h"

using namespace Qt::StringLiterals;

namespace ui::panels
{

AccountSummary::AccountSummary(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(118);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void AccountSummary::showSnapshot(const core::runtime::TerminalSnapshot &snapshot, bool trusted)
{
    std::vector<Fact> facts;
    const auto &totals = snapshot.account.totals;
    const auto amount = [&](const QString &label, auto member) {
        facts.push_back(
            {label, totals ? format::money((*totals).*member) : format::missing(), 0, totals.has_value()});
    };
    amount(tr("Equity"), &core::AccountSnapshot::equity);
    // The day's start is not recorded yet, so its result is unknown and must not look like zero.
    facts.push_back({tr("Day PnL"), format::missing(), 0, false});
    const std::int64_t open = totals ? totals->unrealizedPnl.raw() : 0;
    facts.push_back({tr("Open PnL"), totals ? format::change(totals->unrealizedPnl) : format::missing(),
                     open > 0   ? 1
                     : open < 0 ? -1
                                : 0,
                     totals.has_value()});
    amount(tr("Available"), &core::AccountSnapshot::available);
    amount(tr("Initial margin"), &core::AccountSnapshot::initialMargin);

    const models::PositionRow *worst = nullptr;
    const auto rows = models::positionRows(snapshot);
    for (const auto &row : rows) {
        if (row.liquidationDistance &&
            (worst == nullptr || *row.liquidationDistance < *worst->liquidationDistance))
            worst = &row;
    }
    QString liquidation = format::missing();
    if (worst != nullptr)
        liquidation = format::percent(*worst->liquidationDistance) + u" "_s +
                      format::text(worst->position.instrument.symbol.view());
    facts.push_back({tr("Nearest liquidation"), liquidation, 0, worst != nullptr});

    const QString asset = totals ? format::text(totals->asset.view()) : QString();
    if (facts == m_facts && asset == m_asset && trusted == m_trusted)
        return;
    m_facts = std::move(facts);
    m_asset = asset;
    m_trusted = trusted;
    setAccessibleName(tr("Account: equity %1 %2").arg(m_facts.front().value, m_asset));
    update();
}

QString AccountSummary::textOf(const QString &label) const
{
    for (const Fact &fact : m_facts) {
        if (fact.label == label)
            return fact.value;
    }
    return {};
}

void AccountSummary::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    if (m_facts.empty())
        return;
    const auto colourOf = [&](const Fact &fact) {
        if (!m_trusted || !fact.known)
            return t.textMuted;
        return fact.sign > 0 ? t.longSide : fact.sign < 0 ? t.shortSide : t.textPrimary;
    };
    const int half = width() / 2;
    for (std::size_t i = 0; i < m_facts.size(); ++i) {
        const Fact &fact = m_facts[i];
        const int column = static_cast<int>(i % 2);
        const int row = static_cast<int>(i / 2);
        const int y = row == 0 ? 0 : 4 + row * 38;
        const QRect box(column * half, y, half - 8, 40);
        painter.setFont(m_theme.textFont(11));
        painter.setPen(t.textMuted);
        QString label = fact.label;
        if (i == 0 && !m_asset.isEmpty())
            label += u" · "_s + m_asset;
        painter.drawText(QRect(box.left(), box.top() + 2, box.width(), 15), Qt::AlignLeft | Qt::AlignVCenter,
                         label);
        painter.setFont(i == 0 ? m_theme.numericFont(20, QFont::Bold) : m_theme.numericFont(13));
        painter.setPen(colourOf(fact));
        painter.drawText(QRect(box.left(), box.top() + 17, box.width() + 8, i == 0 ? 24 : 19),
                         Qt::AlignLeft | Qt::AlignVCenter, fact.value);
    }
}

} // namespace ui::panels
