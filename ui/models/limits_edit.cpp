#include "ui/models/limits_edit.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/standing_bars.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

namespace
{

using core::risk::Breaker;
using core::risk::Limits;
using core::risk::Standing;
using core::risk::Tier;
using core::risk::TierAction;

/// "field: rule; field: rule", as withValues writes it.
std::vector<core::risk::FieldError> errorsOf(const std::string &detail)
{
    std::vector<core::risk::FieldError> errors;
    std::size_t at = 0;
    while (at < detail.size()) {
        const std::size_t end = std::min(detail.find("; ", at), detail.size());
        const std::string one = detail.substr(at, end - at);
        const std::size_t colon = one.find(": ");
        if (colon == std::string::npos)
            errors.push_back({{}, one});
        else
            errors.push_back({one.substr(0, colon), one.substr(colon + 2)});
        at = end + 2;
    }
    return errors;
}

/// The most severe step that this reading has reached.
const Tier *reached(const Breaker &breaker, core::Ratio reading)
{
    const Tier *worst = nullptr;
    for (const Tier &tier : breaker.tiers) {
        const bool is = core::risk::lowIsBad(breaker.kind) ? reading <= tier.trigger : reading >= tier.trigger;
        if (is && (worst == nullptr || tier.action >= worst->action))
            worst = &tier;
    }
    return worst;
}

/// Readings of these depend on the breaker's own distances: today's says nothing about other ones.
bool sameMeasure(const Breaker &a, const Breaker &b)
{
    return a.atrMultiple == b.atrMultiple && a.distance == b.distance && a.activation == b.activation;
}

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::LimitsEdit)

public:
    static QString change(const core::risk::LimitChange &change)
    {
        return tr("%1: %2 → %3").arg(QString::fromStdString(change.field), QString::fromStdString(change.from),
                                     QString::fromStdString(change.to));
    }
    static QString atOnce(const QString &change) { return tr("At once: %1").arg(change); }
    static QString later(core::UtcTime from, const QString &change)
    {
        //: %1 a time, %2 the change
        return tr("Looser, not taken over now; it would have to wait until %1: %2").arg(format::iso(from), change);
    }
    static QString who(const core::risk::Subject &subject)
    {
        const QString what = format::Words::breakerTitle(subject.kind);
        return subject.instrument
                   ? tr("%1 · %2").arg(format::text(subject.instrument->symbol.view()), what.toLower())
                   : what;
    }
    static QString past(const Standing &standing, const Tier &tier)
    {
        return tr("%1 is %2 now, past %3: would %4 at once.")
            .arg(who(standing.subject), format::Words::level(standing.subject.kind, *standing.reading),
                 format::Words::level(standing.subject.kind, tier.trigger), format::Words::tierAction(tier.action));
    }
    static QString unread(int count) { return tr("%n limit(s) cannot be judged now.", nullptr, count); }
    static QString calm() { return tr("No limit would act on today's numbers."); }
};

} // namespace

LimitsEdit::LimitsEdit(Limits holding) : m_holding(std::move(holding)), m_base(m_holding), m_wanted(m_holding) {}

void LimitsEdit::usePreset(Limits preset)
{
    m_base = std::move(preset);
    m_typed.clear();
    judge();
}

void LimitsEdit::setValue(const std::string &path, const std::string &value)
{
    m_typed[path] = value;
    judge();
}

void LimitsEdit::judge()
{
    m_errors.clear();
    std::map<std::string, std::string> typed = m_typed;
    // What cannot be read hides what is merely out of range: it is told, left out, and the rest is judged again.
    for (;;) {
        const auto changed = core::risk::withValues(m_base, {typed.begin(), typed.end()});
        if (changed) {
            if (m_errors.empty())
                m_wanted = *changed;
            return;
        }
        bool lighter = false;
        for (auto &error : errorsOf(changed.error().detail)) {
            lighter = typed.erase(error.field) > 0 || lighter;
            m_errors.push_back(std::move(error));
        }
        if (!lighter)
            return;
    }
}

std::vector<std::pair<std::string, std::string>> LimitsEdit::values() const
{
    auto values = core::risk::fieldValues(m_base);
    for (auto &[path, value] : values) {
        if (const auto typed = m_typed.find(path); typed != m_typed.end())
            value = typed->second;
    }
    return values;
}

QString LimitsEdit::errorOf(const std::string &path) const
{
    const auto found = std::find_if(m_errors.begin(), m_errors.end(), [&](const auto &error) { return error.field == path; });
    return found == m_errors.end() ? QString() : QString::fromStdString(found->rule);
}

std::vector<core::risk::LimitChange> LimitsEdit::changes() const
{
    return core::risk::changes(m_holding, m_wanted);
}

QStringList LimitsTexts::changes(const LimitsEdit &edit, core::UtcTime now)
{
    QStringList atOnce;
    QStringList later;
    for (const auto &change : edit.changes()) {
        if (change.loosens)
            later << Text::later(now + edit.holding().loosenAfter, Text::change(change));
        else
            atOnce << Text::atOnce(Text::change(change));
    }
    return atOnce + later;
}

QStringList LimitsTexts::now(const core::orders::GuardView &guard, std::optional<core::Venue> account, const Limits &limits)
{
    const Limits *held = guard.group ? &*guard.group : nullptr;
    for (const auto &view : guard.accounts) {
        if (account && view.account == *account)
            held = &view.limits;
    }
    QStringList lines;
    int unread = 0;
    for (const Standing &standing : guard.standings) {
        const bool all = standing.subject.scope == core::risk::Scope::AllAccounts;
        const std::optional<core::Venue> venue = venueOf(standing.subject);
        if (account ? (all || !venue || *venue != *account) : !all)
            continue;
        const Breaker *wanted = core::risk::find(limits, standing.subject.kind, standing.subject.scope);
        if (wanted == nullptr || !wanted->enabled)
            continue;
        const Breaker *before =
            held != nullptr ? core::risk::find(*held, standing.subject.kind, standing.subject.scope) : nullptr;
        if (!standing.reading || before == nullptr || !sameMeasure(*before, *wanted)) {
            ++unread;
            continue;
        }
        const Tier *tier = reached(*wanted, *standing.reading);
        if (tier != nullptr && tier->action > TierAction::Alert)
            lines << Text::past(standing, *tier);
    }
    if (lines.isEmpty())
        lines << Text::calm();
    if (unread > 0)
        lines << Text::unread(unread);
    return lines;
}

} // namespace ui::models
