// The loopback Hyperliquid as a program: prints one JSON line with its URLs and test accounts, then serves.
// hyperliquid_loopback [seed] [unified]
#include <cstdio>
#include <cstdlib>

#include <QtCore/QCoreApplication>

#include "core/net/system_clock.h"
#include "core/venue/hyperliquid/announcement.h"

int main(int argc, char **argv)
{
    namespace hl = core::venue::hyperliquid;
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const std::uint64_t seed = arguments.size() > 1 ? arguments[1].toULongLong() : 1;
    const core::net::SystemClock clock;
    hl::HyperliquidOptions options = hl::typicalOptions(seed, 2);
    options.scenario = core::venue::ScenarioOptions::Kind::Calm;
    if (arguments.size() > 2)
        for (hl::HyperliquidAccount &account : options.accounts)
            account.mode = hl::AccountMode::Unified;
    hl::HyperliquidServer server(std::move(options), clock);
    const auto endpoints = server.start();
    if (!endpoints) {
        std::fputs(endpoints.error().detail.c_str(), stderr);
        return 1;
    }
    std::puts(hl::announcementText(*endpoints, hl::testAccounts(seed, 2)).c_str());
    std::fflush(stdout);
    return QCoreApplication::exec();
}
