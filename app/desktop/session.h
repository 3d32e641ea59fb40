#pragma once

#include <memory>

#include "app/desktop/desktop_options.h"
#include "core/net/system_clock.h"
#include "core/runtime/account_desk.h"
#include "core/runtime/local_terminal.h"

namespace app::desktop
{

/// One run of the terminal: the loopback exchange when it is a demo, and the terminal that talks to whatever stands behind
/// the addresses. Lives on the gui thread.
class Session
{
public:
    /// With a named account it asks for a passphrase where one is needed and turns the application's event loop until the
    /// keys were tried. Errors name the option, directory, port or environment variable.
    /// `lease`: of the options' data directory, started; outlives the session.
    [[nodiscard]] static core::Result<std::unique_ptr<Session>> start(const DesktopOptions &options, const core::runtime::Lease &lease);
    [[nodiscard]] core::runtime::LocalTerminal &terminal() { return *m_terminal; }
    /// The accounts of this user, for the dialog.
    [[nodiscard]] core::runtime::Accounts &accounts() { return *m_accounts; }
    /// Null unless a demo.
    [[nodiscard]] const core::runtime::VenueHost *venue() const { return m_venue.get(); }
    /// Terminal first, exchange after it. The error says what could not be stored.
    [[nodiscard]] core::Result<void> stop();

private:
    Session() = default;
    /// What a run begins with, filled by one of the ways to start.
    struct Run {
        core::runtime::EngineSetup engine;
        decltype(core::runtime::LocalTerminalOptions::makeClients) makeClients;
    };
    [[nodiscard]] core::Result<void> startDemo(const DesktopOptions &options, Run &run);
    [[nodiscard]] core::Result<void> startTestnet(const DesktopOptions &options, Run &run);
    void startWatching(const DesktopOptions &options, Run &run);
    [[nodiscard]] core::Result<void> startPaper(const DesktopOptions &options, Run &run);
    [[nodiscard]] core::Result<void> startAccount(const DesktopOptions &options, Run &run);

    core::net::SystemClock m_clock;
    std::unique_ptr<core::runtime::AccountDesk> m_accounts;
    std::unique_ptr<core::runtime::VenueHost> m_venue;
    std::unique_ptr<core::runtime::LocalTerminal> m_terminal;
};

} // namespace app::desktop
