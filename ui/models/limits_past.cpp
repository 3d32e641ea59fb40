#include "ui/models/limits_past.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

namespace
{

using core::risk::PastTier;
using core::risk::TierAction;
using core::risk::WhatIf;

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::LimitsPast)

public:
    static QString day(core::UtcTime at) { return format::iso(at).left(10); }
    static QString pending() { return tr("Reading the record of the last 90 days."); }
    static QString unreadable(const std::string &why)
    {
        return tr("The record of the last 90 days could not be read: %1").arg(QString::fromStdString(why));
    }
    static QString none() { return tr("No history yet: in the last 90 days no equity and no trade is on record."); }
    static QString span(const WhatIf &report)
    {
        //: %1 and %2 are dates
        return tr("On record from %1 to %2 (UTC), with %n finished trade(s).", nullptr, static_cast<int>(report.trips))
            .arg(day(report.from), day(report.to));
    }
    static QString acted(int times)
    {
        return times == 0 ? tr("These limits would not have acted.")
                          : tr("These limits would have acted %n time(s), alerts not counted.", nullptr, times);
    }
    static QString noneJudged() { return tr("None of these limits can be held against it."); }
    static QString basis()
    {
        return tr("Equity and trades as they were, not what a limit would have prevented. Positions, marks and books are not on record.");
    }
    static QString tier(const PastTier &tier)
    {
        const QString action = format::Words::tierAction(tier.action);
        //: %1 an action such as "close", %2 how often
        return tier.times == 0 ? tr("%1 never").arg(action) : tr("%1 %2×").arg(action, QString::number(tier.times));
    }
    static QString line(const QStringList &tiers) { return tr("In 90 days: %1").arg(tiers.join(u", "_s)); }
    static QString notOnRecord() { return tr("In 90 days: cannot be told, its readings are not on record."); }
};

} // namespace

LimitsPast::LimitsPast(const core::runtime::Past *past, std::optional<core::Venue> account, const core::risk::Limits &limits)
{
    if (past == nullptr || !past->problem.empty()) {
        m_summary = past == nullptr ? Text::pending() : Text::unreadable(past->problem);
        return;
    }
    std::vector<core::risk::History> histories;
    for (const auto &history : past->accounts) {
        if (!account || history.account == *account)
            histories.push_back(history);
    }
    m_report = core::risk::whatIf(histories, limits, past->from, past->to);
    if (!m_report) {
        m_summary = Text::none();
        return;
    }
    int acted = 0;
    for (const PastTier &tier : m_report->tiers)
        acted += tier.action == TierAction::Alert ? 0 : tier.times;
    const QString verdict = m_report->tiers.empty() ? Text::noneJudged() : Text::acted(acted);
    m_summary = QStringList{Text::span(*m_report), verdict, Text::basis()}.join(u' ');
}

QString LimitsPast::of(const core::risk::Breaker &breaker) const
{
    if (!m_report || !breaker.enabled)
        return {};
    if (!core::risk::isOnRecord(breaker.kind))
        return Text::notOnRecord();
    QStringList tiers;
    for (const PastTier &tier : m_report->tiers) {
        if (tier.kind == breaker.kind && tier.scope == breaker.scope)
            tiers << Text::tier(tier);
    }
    return Text::line(tiers);
}

} // namespace ui::models
