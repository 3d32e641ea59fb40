#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/exchange_client.h"
#include "tests/soak/counted.h"

namespace tests::soak
{

/// One order of ours and everything that the client said of it, in short.
struct OrderRecord {
    core::Symbol symbol;
    bool isAccepted{false};
    bool isRefused{false}; ///< the answer to the order itself, not to a change of it
    bool isAbsent{false};
    std::optional<core::OrderStatus> status{};
    core::Quantity filled;
    int changes{0};        ///< asked for
    std::string trouble{}; ///< two fates, or life after "never existed"
};

/// A book as the client showed it.
struct ShownBook {
    std::int64_t venueMs{0};
    std::uint64_t hash{0};
};

/// Counts of one client.
struct TraderFigures {
    std::uint64_t messages{0};
    std::uint64_t reconciled{0};
    std::uint64_t lostTrust{0};
    std::uint64_t differences{0};
    std::uint64_t unknownOutcomes{0};
    std::uint64_t refusedOutcomes{0};
    std::uint64_t absent{0};
    std::uint64_t crossedWhileFresh{0};
    core::Duration silenceMost{0};   ///< without any market message
    core::Duration untrustedMost{0}; ///< from onReconciliationLost to onReconciled
    core::Duration doubtedMost{0};   ///< untrusted, or the account's stream was not fresh
};

/// Remembers what one client says. On the engine thread.
class Trader final : public core::ports::ExchangeListener
{
public:
    Trader(core::Venue venue, std::size_t depth, const core::Clock &clock);

    [[nodiscard]] core::Venue venue() const { return m_venue; }
    void onSent(const core::OrderRequest &request);
    [[nodiscard]] bool isReady(std::size_t books) const { return m_isTrusted && m_fresh.size() >= books; }
    [[nodiscard]] bool isTrusted() const { return m_isTrusted; }
    /// Trusted, and the client says that its account is fresh.
    [[nodiscard]] bool isSure() const;
    /// Why not; empty when it did not say.
    [[nodiscard]] std::string doubt() const;
    [[nodiscard]] bool isFresh(const core::Symbol &symbol) const { return m_fresh.contains(symbol); }
    [[nodiscard]] std::size_t freshBooks() const { return m_fresh.size(); }
    /// Of the line that was lost most often.
    [[nodiscard]] std::uint64_t reconnects() const;
    /// From now on, what the books show is kept for a while.
    void watch() { m_isWatching = true; }
    void endSilence();

    KeptHash<core::ClientOrderId, OrderRecord> orders;
    KeptMap<core::ClientOrderId, core::OrderUpdate> live; ///< as last heard; not ended
    KeptMap<std::pair<core::Symbol, std::int64_t>, core::Quantity> fills;
    std::vector<std::string> fillTrouble; ///< one identity with two contents
    std::map<core::Symbol, core::Position> positions;
    std::map<core::Symbol, core::Instrument> instruments;
    std::map<core::Symbol, core::Price> marks;
    std::map<core::Symbol, std::pair<core::Price, core::Price>> tops;
    std::map<core::Symbol, std::deque<ShownBook>> shown;
    std::map<std::string, core::ports::StreamStatus> streams;
    TraderFigures figures;

    void onStreamStatus(const core::ports::StreamStatus &status) override;
    void onRequestBudget(const core::ports::RequestBudget &) override {}
    void onInstrument(const core::Instrument &instrument) override { instruments[instrument.key.symbol] = instrument; }
    void onBook(const core::InstrumentKey &instrument, const core::market::OrderBook &book, core::Freshness freshness,
                core::UtcTime venueTime, core::UtcTime receivedAt) override;
    void onTrade(const core::Trade &) override { heard(); }
    void onBestQuote(const core::BestQuote &) override { heard(); }
    void onMark(const core::MarkPrice &mark) override;
    void onTicker(const core::Ticker &) override { heard(); }
    void onAccount(const core::AccountSnapshot &, core::Source) override {}
    void onPositions(const std::vector<core::Position> &rows, core::Source source, bool complete) override;
    void onOrder(const core::OrderUpdate &order, core::Source source) override;
    void onFill(const core::Fill &fill, core::Source source) override;
    void onDifference(const core::Difference &) override { ++figures.differences; }
    void onRequestOutcome(const core::ClientOrderId &order, core::RequestOutcome outcome,
                          const core::Error &error) override;
    void onOrderAbsent(const core::ClientOrderId &order) override;
    void onReconciled() override;
    void onReconciliationLost(const core::Error &why) override;

private:
    void heard();
    void noteDoubt();

    core::Venue m_venue;
    std::size_t m_depth;
    const core::Clock &m_clock;
    bool m_isTrusted{false};
    bool m_isWatching{false};
    std::optional<core::Duration> m_lostAt;
    std::optional<core::Duration> m_doubtedAt;
    std::optional<core::Duration> m_heardAt;
    std::map<core::Symbol, bool> m_fresh;
};

} // namespace tests::soak
