#include "app/cli/guard_status.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "core/risk/limits.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
using core::runtime::AlertRow;
using core::runtime::TerminalSnapshot;

std::string leaseText(const TerminalSnapshot &snapshot)
{
    const core::runtime::LeaseView &lease = snapshot.lease;
    if (lease.ours)
        return "acting";
    if (!lease.holder)
        return "watching: nobody holds the lease yet";
    return fmt::format("watching: {} (process {} on {}) guards since {}", lease.holder->holder, lease.holder->process,
                       lease.holder->host, core::isoMilliseconds(lease.holder->takenAt));
}

std::string accountsText(const TerminalSnapshot &snapshot)
{
    std::string text;
    for (const core::orders::AccountGuardView &account : snapshot.guard.accounts)
        text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", name(account.account), name(account.arming),
                            account.blind        ? "blind"
                            : account.reconciled ? "reconciled"
                                                 : "not reconciled");
    return text.empty() ? "no account has answered yet" : text;
}

/// The limit that is used most.
const core::risk::Standing *tightest(const TerminalSnapshot &snapshot)
{
    const core::risk::Standing *worst = nullptr;
    for (const core::risk::Standing &standing : snapshot.guard.standings) {
        if (standing.used && (worst == nullptr || *standing.used > *worst->used))
            worst = &standing;
    }
    return worst;
}

/// What is said at once when it changes.
std::string kindOf(const TerminalSnapshot &snapshot)
{
    return leaseText(snapshot) + accountsText(snapshot) + (snapshot.storage.healthy ? "" : "storage");
}

QByteArray jsonLine(const TerminalSnapshot &snapshot, const char *why)
{
    QJsonArray accounts;
    for (const core::orders::AccountGuardView &account : snapshot.guard.accounts)
        accounts.append(QJsonObject{{u"venue"_s, QString::fromLatin1(name(account.account).data())},
                                    {u"arming"_s, QString::fromLatin1(name(account.arming).data())},
                                    {u"reconciled"_s, account.reconciled},
                                    {u"blind"_s, account.blind}});
    QJsonObject line{{u"at"_s, QString::fromStdString(core::isoMilliseconds(snapshot.at))},
                     {u"why"_s, QString::fromLatin1(why)},
                     {u"acting"_s, snapshot.lease.ours},
                     {u"lease"_s, QString::fromStdString(leaseText(snapshot))},
                     {u"accounts"_s, accounts},
                     {u"positions"_s, static_cast<qint64>(snapshot.account.positions.size())},
                     {u"orders"_s, static_cast<qint64>(snapshot.account.openOrders.size())},
                     {u"lockouts"_s, static_cast<qint64>(snapshot.guard.lockouts.size())},
                     {u"storage"_s, snapshot.storage.healthy}};
    if (const auto *worst = tightest(snapshot)) {
        line[u"limit"_s] = QString::fromStdString(text(worst->subject));
        line[u"limit_used"_s] = worst->used->toDouble();
    }
    return QJsonDocument(line).toJson(QJsonDocument::Compact);
}
} // namespace

bool hasEntryOrders(const TerminalSnapshot &snapshot)
{
    return std::any_of(snapshot.account.openOrders.begin(), snapshot.account.openOrders.end(),
                       [](const core::OrderUpdate &order) { return order.reduceOnly == core::ReduceOnly::No; });
}

std::string statusText(const TerminalSnapshot &snapshot)
{
    std::string line = fmt::format("{} · {} · {} positions, {} orders", leaseText(snapshot), accountsText(snapshot),
                                   snapshot.account.positions.size(), snapshot.account.openOrders.size());
    if (const auto *worst = tightest(snapshot))
        line += fmt::format(" · nearest limit: {} {:.0f} % used", name(worst->subject.kind), worst->used->toDouble() * 100);
    if (!snapshot.guard.lockouts.empty())
        line += fmt::format(" · {} lockouts", snapshot.guard.lockouts.size());
    if (!snapshot.storage.healthy)
        line += " · storage: " + snapshot.storage.problem;
    return line;
}

GuardStatus::GuardStatus(core::runtime::Terminal &terminal, const core::Clock &clock, std::chrono::seconds every, bool json)
    : m_terminal(terminal), m_clock(clock), m_json(json)
{
    connect(&terminal, &core::runtime::Terminal::changed, this, &GuardStatus::onChanged);
    connect(&m_timer, &QTimer::timeout, this, [this] { say("status"); });
    m_timer.start(every);
}

void GuardStatus::say(const char *why)
{
    const auto snapshot = m_terminal.snapshot();
    if (snapshot && m_json)
        std::puts(jsonLine(*snapshot, why).constData());
    else if (snapshot)
        fmt::print("{} {}: {}\n", core::isoMilliseconds(snapshot->at), why, statusText(*snapshot));
    else
        fmt::print("{} {}: starting\n", core::isoMilliseconds(m_clock.now()), why);
    std::fflush(stdout);
}

void GuardStatus::onChanged()
{
    if (const auto snapshot = m_terminal.snapshot()) {
        std::string kind = kindOf(*snapshot);
        const bool isFirst = m_kind.empty();
        if (std::exchange(m_kind, std::move(kind)) != m_kind)
            say(isFirst ? "start" : "change");
    }
    for (const AlertRow &row : m_terminal.takeAlerts()) {
        if (row.restored)
            continue;
        if (m_json)
            std::puts(QJsonDocument(QJsonObject{{u"at"_s, QString::fromStdString(core::isoMilliseconds(row.at))},
                                                {u"alert"_s, QString::fromStdString(row.code)},
                                                {u"severity"_s, QString::fromLatin1(name(row.severity).data())},
                                                {u"text"_s, QString::fromStdString(row.text)}})
                          .toJson(QJsonDocument::Compact)
                          .constData());
        else
            fmt::print("{} {} {}: {}\n", core::isoMilliseconds(row.at), name(row.severity), row.code, row.text);
    }
    std::fflush(stdout);
}

} // namespace app::cli
