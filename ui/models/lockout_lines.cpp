#include "ui/models/lockout_lines.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::models
{

namespace
{

using core::risk::Lockout;
using core::risk::Scope;

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::LockoutLines)

public:
    static QString where(const Lockout &lockout)
    {
        if (lockout.instrument)
            return tr("%1 on %2").arg(format::text(lockout.instrument->symbol.view()),
                                      format::Words::venue(lockout.instrument->venue));
        if (lockout.scope == Scope::AllAccounts || !lockout.account)
            return tr("all accounts");
        return tr("account on %1").arg(format::Words::venue(*lockout.account));
    }

    static QString line(const Lockout &lockout, core::UtcTime now)
    {
        const QString head = tr("No new risk: %1 (%2)").arg(where(lockout), QString::fromStdString(lockout.reason));
        if (lockout.until > now)
            return lockout.needsRelease
                       ? tr("%1, %2 left, then until it is released").arg(head, format::countdown(lockout.until - now))
                       : tr("%1, %2 left").arg(head, format::countdown(lockout.until - now));
        return lockout.needsRelease ? tr("%1, until it is released").arg(head) : tr("%1, ending").arg(head);
    }
};

} // namespace

std::vector<LockoutLine> lockoutLines(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<Lockout> lockouts = snapshot.guard.lockouts;
    std::stable_sort(lockouts.begin(), lockouts.end(),
                     [](const Lockout &a, const Lockout &b) { return a.until > b.until; });
    std::vector<LockoutLine> lines;
    for (const Lockout &lockout : lockouts) {
        if (lockout.until <= snapshot.at && !lockout.needsRelease)
            continue; // those of the last days, kept for the escalation
        lines.push_back({QString::fromStdString(lockout.id), Text::line(lockout, snapshot.at),
                         lockout.needsRelease && lockout.until <= snapshot.at});
    }
    return lines;
}

} // namespace ui::models
