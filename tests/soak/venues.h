#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <QtCore/QObject>

#include "core/net/system_clock.h"
#include "core/runtime/worker_thread.h"
#include "core/venue/hyperliquid/server.h"
#include "core/venue/server.h"

namespace tests::soak
{

/// What both processes agree on; the keys of the accounts follow from the seed.
struct SoakSetup {
    std::uint64_t seed{1};
    int symbols{50};
};
[[nodiscard]] std::string binanceKey(std::uint64_t seed);
[[nodiscard]] std::string binanceSecret(std::uint64_t seed);
[[nodiscard]] std::vector<core::Symbol> binanceSymbols(const SoakSetup &setup);
/// A fifth as many as on Binance, five at least: Hyperliquid sends whole books.
[[nodiscard]] std::vector<core::Symbol> hyperliquidSymbols(const SoakSetup &setup);
/// What goes wrong on this venue, one fault after the other.
[[nodiscard]] core::venue::FaultPlan faultsOf(const SoakSetup &setup, core::Venue venue, core::Duration span);

/// The books as the exchange had them in the last seconds: what a client shows has to be one of them, at its time.
class BookMemory
{
public:
    void add(const std::string &symbol, std::int64_t milliseconds, std::uint64_t hash);
    /// "same", "differs", or "unknown" when nothing is remembered within `tolerance` of that time.
    [[nodiscard]] std::string judge(const std::string &symbol, std::int64_t milliseconds, std::uint64_t hash,
                                    std::int64_t tolerance) const;

private:
    struct Entry {
        std::int64_t milliseconds{0};
        std::uint64_t hash{0};
    };
    std::map<std::string, std::deque<Entry>> m_entries;
};

/// Both loopback exchanges, each on a thread of its own; answers one line of text with lines of text.
class Venues
{
public:
    explicit Venues(const SoakSetup &setup);
    /// "ready <binance rest> <ws> <hyperliquid rest> <ws>", or "failed …".
    [[nodiscard]] std::string start();
    /// faults <seconds> | calm | watch | truth binance|hyperliquid | book <venue> <symbol> <ms> <hash> | figures
    [[nodiscard]] std::vector<std::string> answer(const std::string &command);

private:
    class Watcher;

    void setFaults(core::Duration span);
    [[nodiscard]] std::vector<std::string> binanceTruth();
    [[nodiscard]] std::vector<std::string> hyperliquidTruth();
    [[nodiscard]] std::string judgeBook(const std::vector<std::string> &parts);
    void watch();

    SoakSetup m_setup;
    core::net::SystemClock m_clock;
    BookMemory m_binanceBooks;     ///< on the exchange's thread only
    BookMemory m_hyperliquidBooks; ///< on the exchange's thread only
    core::runtime::WorkerThread<core::venue::VenueServer> m_binance;
    core::runtime::WorkerThread<core::venue::hyperliquid::HyperliquidServer> m_hyperliquid;
};

/// The child process: serves until its standard input ends.
[[nodiscard]] int serveVenues(const SoakSetup &setup);

} // namespace tests::soak
