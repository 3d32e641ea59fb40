#pragma once

#include <chrono>
#include <string>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/runtime/terminal.h"

namespace app::cli
{

/// What a person who guards without a display reads: a line at the start, each `every`, when what it says changes in kind (arming,
/// reconciled, lease, blind), and every alert as it comes. Standard output; JSON lines with `json`. Main thread.
class GuardStatus final : public QObject
{
    Q_OBJECT
public:
    GuardStatus(core::runtime::Terminal &terminal, const core::Clock &clock, std::chrono::seconds every, bool json);
    /// A line now, with a word on why.
    void say(const char *why);

private:
    void onChanged();

    core::runtime::Terminal &m_terminal;
    const core::Clock &m_clock;
    const bool m_json;
    std::string m_kind; ///< what the last line said in kind
    QTimer m_timer;
};

/// Orders at the venue that could open or enlarge a position.
[[nodiscard]] bool hasEntryOrders(const core::runtime::TerminalSnapshot &snapshot);
/// "armed · binance reconciled, hyperliquid connecting · 2 positions · nearest limit day loss 62 % · …".
[[nodiscard]] std::string statusText(const core::runtime::TerminalSnapshot &snapshot);

} // namespace app::cli
