#include "ui/models/panic_steps.h"

#include <algorithm>

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/position_row.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

namespace
{

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::PanicSteps)

public:
    static QString lock(bool held)
    {
        return held ? tr("✓ New risk is locked until you release it") : tr("… Locking new risk");
    }
    static QString entries(qsizetype left)
    {
        return left == 0 ? tr("✓ No entry orders are left")
                         : tr("… Cancelling %n entry order(s)", nullptr, static_cast<int>(left));
    }
    static QString action(const core::orders::ActionView &action, core::UtcTime now)
    {
        const QString symbol = format::text(action.instrument.symbol.view());
        const QString step = QString::fromStdString(action.step);
        if (action.done)
            return step.startsWith(u"flat") ? tr("✓ %1 %2").arg(symbol, step) : tr("✕ %1: %2").arg(symbol, step);
        //: %1 symbol, %2 step, %3 number of attempts, %4 time since it was begun
        return tr("… %1: %2, attempt %3, %4").arg(symbol, step).arg(action.attempts).arg(format::age(now - action.startedAt));
    }
    static QString unknown() { return tr("Not known yet whether anything is left: the account is not fresh."); }
    static QString flat() { return tr("FLAT"); }
    static QString left(const QStringList &rest) { return tr("NOT FLAT: %1 left").arg(rest.join(u", "_s)); }
};

} // namespace

QStringList panicSteps(const core::runtime::TerminalSnapshot &snapshot, std::optional<core::Venue> venue,
                       const std::optional<core::InstrumentKey> &instrument, core::UtcTime sentAt)
{
    const auto isOurs = [&](const core::InstrumentKey &key) {
        return instrument ? key == *instrument : !venue || key.venue == *venue;
    };
    QStringList lines;
    const auto &lockouts = snapshot.guard.lockouts;
    lines << Text::lock(std::any_of(lockouts.begin(), lockouts.end(), [](const core::risk::Lockout &lockout) {
        return lockout.needsRelease && lockout.reason == "manual";
    }));
    const auto &orders = snapshot.account.openOrders;
    lines << Text::entries(std::count_if(orders.begin(), orders.end(), [&](const core::OrderUpdate &order) {
        return isOurs(order.instrument) && order.reduceOnly == core::ReduceOnly::No && !core::isFinal(order.status);
    }));
    for (const auto &action : snapshot.guard.actions) {
        if (isOurs(action.instrument) && action.startedAt >= sentAt)
            lines << Text::action(action, snapshot.at);
    }
    QStringList rest;
    for (const PositionRow &row : positionRows(snapshot)) {
        if (isOurs(row.position.instrument))
            rest << format::text(row.position.instrument.symbol.view()) + u' ' +
                        format::size(row.position.quantity, row.places.size);
    }
    const bool known = snapshot.account.positionsKnown && snapshot.account.freshness == core::Freshness::Fresh &&
                       snapshot.guard.reconciled && snapshot.at > sentAt;
    lines << (!rest.isEmpty() ? Text::left(rest) : known ? Text::flat() : Text::unknown());
    return lines;
}

} // namespace ui::models
