#pragma once

#include <functional>
#include <memory>

#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/risk/config.h"
#include "core/runtime/worker_thread.h"
#include "core/venue/server.h"

namespace core::runtime
{

/// The loopback exchange on a thread of its own. Made, used and destroyed on the owner's thread.
class VenueHost
{
public:
    /// Serving when it returns. `noticed` is called on the venue's thread with one line each.
    [[nodiscard]] static Result<std::unique_ptr<VenueHost>> start(venue::VenueOptions options, const Clock &clock,
                                                                  std::function<void(const QString &)> noticed = {});
    [[nodiscard]] const venue::Endpoints &endpoints() const { return m_endpoints; }

private:
    VenueHost() : m_thread(QStringLiteral("venue")) {}

    WorkerThread<venue::VenueServer> m_thread;
    venue::Endpoints m_endpoints;
};

/// A market and an account to try the program on: one position with leverage, and limits that fit it.
struct DemoVenue {
    venue::VenueOptions options;
    Symbol symbol; ///< of the position
    std::string apiKey;
    std::string apiSecret; ///< made anew each time; valid on this venue only
    risk::RiskConfig limits;
};
/// "flash-crash", "calm", "trend", "range", "vacuum", "funding-spike", "outage".
[[nodiscard]] Result<venue::ScenarioOptions::Kind> parseScenario(std::string_view name);
/// BTCUSDT order flow out of a seeded process; same seed, same market.
[[nodiscard]] DemoVenue demoVenue(venue::ScenarioOptions::Kind kind, std::uint64_t seed);
/// More contracts (BTCUSDT first) and flat accounts of 10,000 USDT beside the demo's, up to `accounts` in all: the first
/// signs with HMAC, the second as well, the third with an Ed25519 key and a key that may withdraw comes last. Keys are made
/// anew each time. REQUIRES: a generated market; symbols 1 to 64, accounts at least 1.
void enlarge(DemoVenue &demo, std::size_t symbols, std::size_t accounts);
/// The same account on a recorded market, position in the first symbol. `speed` 2: twice as fast. Errors as opening it.
[[nodiscard]] Result<DemoVenue> demoVenueOn(const std::vector<std::string> &recordings, Ratio speed);

} // namespace core::runtime
