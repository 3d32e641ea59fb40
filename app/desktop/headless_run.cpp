#include "app/desktop/headless_run.h"

#include <cstdio>
#include <limits>

#include <fmt/format.h>

using namespace Qt::StringLiterals;

namespace app::desktop
{

TappedTerminal::TappedTerminal(core::runtime::Terminal &inner, Watch watch) : m_inner(inner), m_watch(std::move(watch))
{
    connect(&m_inner, &Terminal::changed, this, &Terminal::changed);
}

std::shared_ptr<const core::runtime::TerminalSnapshot> TappedTerminal::snapshot() const
{
    return m_inner.snapshot();
}

std::shared_ptr<const core::analysis::ProfileSnapshot> TappedTerminal::profile() const
{
    return m_inner.profile();
}

std::vector<std::shared_ptr<const core::market::DepthColumn>> TappedTerminal::takeColumns()
{
    return m_inner.takeColumns();
}

std::vector<core::Trade> TappedTerminal::takeTrades()
{
    return m_inner.takeTrades();
}

std::vector<core::runtime::AlertRow> TappedTerminal::takeAlerts()
{
    auto rows = m_inner.takeAlerts();
    for (const auto &row : rows)
        m_watch(row);
    return rows;
}

void TappedTerminal::send(const core::runtime::Intent &intent)
{
    m_inner.send(intent);
}

void HeadlessReport::say(const QString &line)
{
    std::puts(qUtf8Printable(line));
    std::fflush(stdout);
}

void HeadlessReport::onAlert(const core::runtime::AlertRow &alert)
{
    if (alert.restored)
        return; // of an earlier run
    m_waiting.push_back(alert);
    if (alert.code == core::orders::kAlertBreakerClose && !m_firedAt)
        m_firedAt = alert.at;
    if (alert.code == core::orders::kAlertCloseVerified)
        m_closeVerified = true;
}

void HeadlessReport::printStored(std::uint64_t durableJob)
{
    while (!m_waiting.empty() && m_waiting.front().record && *m_waiting.front().record <= durableJob) {
        print(m_waiting.front(), "");
        m_waiting.pop_front();
    }
}

void HeadlessReport::print(const core::runtime::AlertRow &alert, const char *remark)
{
    say(QString::fromStdString(fmt::format("{} {:<8} {:<22} {}{}", core::isoMilliseconds(alert.at),
                                           core::orders::name(alert.severity), alert.code, alert.text, remark)));
}

void HeadlessReport::onNotStored()
{
    for (const core::runtime::AlertRow &alert : m_waiting)
        print(alert, " (not stored)");
    m_waiting.clear();
}

void HeadlessReport::onAllStored()
{
    printStored(std::numeric_limits<std::uint64_t>::max());
}

void HeadlessReport::onSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    printStored(snapshot.storage.durableJob);
    const auto stamped = [&](const std::string &text) {
        say(QString::fromStdString(core::isoMilliseconds(snapshot.at) + ' ' + text));
    };
    if (!m_sawBook && !snapshot.markets.empty() && snapshot.markets.front().book == core::Freshness::Fresh &&
        !snapshot.markets.front().bids.empty() && !snapshot.markets.front().asks.empty()) {
        m_sawBook = true;
        const auto &market = snapshot.markets.front();
        stamped(fmt::format("book     {} live, bid {} ask {}", market.key.symbol.view(),
                            market.bids.front().price.text(), market.asks.front().price.text()));
    }
    if (!m_sawPosition && !snapshot.account.positions.empty()) {
        m_sawPosition = true;
        const core::Position &position = snapshot.account.positions.front();
        stamped(fmt::format("position {} {} {} entry {}", position.instrument.symbol.view(),
                            core::name(position.direction), position.quantity.text(), position.entryPrice.text()));
    }
    if (!m_flatByQuery && m_firedAt && snapshot.account.positionsAnsweredAt &&
        *snapshot.account.positionsAnsweredAt > *m_firedAt && snapshot.account.positions.empty()) {
        m_flatByQuery = true;
        stamped("venue    reports the position flat");
    }
}

QString HeadlessReport::verdict() const
{
    if (succeeded())
        return u"result   the breaker fired and the venue reports the position flat"_s;
    if (!m_sawBook)
        return u"result   FAILED: no order book arrived"_s;
    if (!m_sawPosition)
        return u"result   FAILED: no position was seen"_s;
    if (!m_firedAt)
        return u"result   FAILED: the breaker did not fire"_s;
    return u"result   FAILED: the breaker fired, but the venue did not report the position flat"_s;
}

} // namespace app::desktop
