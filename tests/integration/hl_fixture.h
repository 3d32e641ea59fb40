#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/exchange/hyperliquid/client.h"
#include "core/net/system_clock.h"
#include "core/venue/hyperliquid/options.h"
#include "core/venue/hyperliquid/server.h"
#include "tests/core/exchange/hyperliquid_client/scripted_venue.h"

namespace tests::hl
{

/// The loopback exchange as Hyperliquid with one funded account, and the real client in front of it.
class LoopbackFixture
{
public:
    LoopbackFixture();
    ~LoopbackFixture();

    core::net::SystemClock clock;
    core::venue::hyperliquid::HyperliquidOptions venueOptions;
    core::exchange::hyperliquid::ClientOptions options;
    std::unique_ptr<core::venue::hyperliquid::HyperliquidServer> venue;
    std::unique_ptr<core::exchange::hyperliquid::HyperliquidClient> client;
    Listener seen;
    core::InstrumentKey btc;
    std::string restUrl, webSocketUrl;

    /// Opens the exchange and points the options of the client at it. False with a printed reason.
    [[nodiscard]] bool openVenue();
    void startClient();
    /// Opens, starts, waits for reconciliation and a fresh book.
    [[nodiscard]] bool startAll();
    [[nodiscard]] quint16 restPort() const;

    [[nodiscard]] core::OrderRequest market(const std::string &id, core::Side side, std::string_view quantity,
                                            core::ReduceOnly reduceOnly = core::ReduceOnly::No) const;
    /// `away`: so many percent behind the mark, so that it rests.
    [[nodiscard]] core::OrderRequest resting(const std::string &id, core::Side side, std::string_view quantity,
                                             int away) const;
    void submit(const core::OrderRequest &request);
    void submit(const std::vector<core::OrderRequest> &requests);

    /// As the venue has it.
    [[nodiscard]] std::size_t ordersWithCloid(const std::string &id) const;
    [[nodiscard]] std::size_t openOrders() const;
    [[nodiscard]] core::Quantity executed(const std::string &id) const;
    [[nodiscard]] std::int64_t position() const; ///< raw, negative: short
};

} // namespace tests::hl
