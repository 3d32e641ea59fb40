#pragma once

#include <deque>
#include <functional>
#include <optional>

#include <QtCore/QString>

#include "core/runtime/terminal.h"

namespace app::desktop
{

/// Stands between the window and the terminal and shows every alert to somebody else as well. Gui thread.
class TappedTerminal final : public core::runtime::Terminal
{
    Q_OBJECT

public:
    using Watch = std::function<void(const core::runtime::AlertRow &)>;

    TappedTerminal(core::runtime::Terminal &inner, Watch watch);
    [[nodiscard]] std::shared_ptr<const core::runtime::TerminalSnapshot> snapshot() const override;
    [[nodiscard]] std::shared_ptr<const core::analysis::ProfileSnapshot> profile() const override;
    [[nodiscard]] std::vector<std::shared_ptr<const core::market::DepthColumn>> takeColumns() override;
    [[nodiscard]] std::vector<core::Trade> takeTrades() override;
    [[nodiscard]] std::vector<core::runtime::AlertRow> takeAlerts() override;
    void send(const core::runtime::Intent &intent) override;
    [[nodiscard]] std::shared_ptr<const core::runtime::Past> past() const override { return m_inner.past(); }
    void readPast() override { m_inner.readPast(); }

private:
    core::runtime::Terminal &m_inner;
    Watch m_watch;
};

/// The record of a headless demo: one line on stdout per thing that happened, and the verdict at the end.
class HeadlessReport
{
public:
    /// Printed once it is on disk: what was reported is never missing there.
    void onAlert(const core::runtime::AlertRow &alert);
    /// Looks for what no alert says: first prices, the position, the venue's own answer that it is flat.
    void onSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    /// The database was closed in good order: everything is on disk.
    void onAllStored();
    /// The disk refused: what was held back is said as not stored.
    void onNotStored();
    /// "screenshot demo-out/demo.png" and the like.
    void say(const QString &line);
    /// The breaker closed the position, and the newest complete answer of the venue after that lists no position.
    [[nodiscard]] bool succeeded() const { return m_firedAt.has_value() && m_closeVerified && m_flatByQuery; }
    /// One line: what is missing, or that nothing is.
    [[nodiscard]] QString verdict() const;

private:
    void printStored(std::uint64_t durableJob);
    void print(const core::runtime::AlertRow &alert, const char *remark);

    std::deque<core::runtime::AlertRow> m_waiting;
    bool m_sawBook{false};
    bool m_sawPosition{false};
    bool m_closeVerified{false};
    bool m_flatByQuery{false};
    std::optional<core::UtcTime> m_firedAt; ///< when the breaker decided to close
};

} // namespace app::desktop
