#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/runtime/drill/market_path.h"
#include "core/runtime/drill/timeline.h"
#include "core/venue/paper_account.h"

namespace core::runtime::drill
{

/// One venue with one account: the loopback exchange's engine under the venue's rules, its markets, and what it knows
/// better than anybody: sizes, orders, and how long which part of a position had no resting stop. One thread.
class DrillExchange
{
public:
    DrillExchange(const DrillPlan &plan, std::size_t venue, Timeline &timeline);
    DrillExchange(const DrillExchange &) = delete;
    DrillExchange &operator=(const DrillExchange &) = delete;

    /// What the venue offers its users.
    [[nodiscard]] static ports::Capabilities capabilitiesOf(Venue venue);

    /// Everything that happens to the account, in order, while a call runs.
    std::function<void(const venue::PaperEvent &)> onEvent;
    /// A new order of this client id was accepted.
    std::function<void(const ClientOrderId &)> onPlaced;
    /// A new price of one market, at every step of the markets, after the account has felt it.
    std::function<void(std::size_t market)> onMarket;

    /// Opens the holdings. REQUIRES: called once, first.
    void open();
    /// To the market of this time since the start.
    void step(Duration at);

    [[nodiscard]] Result<void> submit(const OrderRequest &order);
    [[nodiscard]] Result<void> modify(const OrderChange &change);
    [[nodiscard]] Result<void> cancel(const InstrumentKey &instrument, const ClientOrderId &order);
    void cancelAll(const std::optional<InstrumentKey> &instrument);
    void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after);

    [[nodiscard]] bool isClosed() const { return m_closed; } ///< maintenance
    [[nodiscard]] const VenuePlan &plan() const { return m_plan; }
    [[nodiscard]] const venue::PaperAccount &account() const { return m_account; }
    [[nodiscard]] const MarketPath &market(std::size_t index) const { return *m_markets[index]; }
    [[nodiscard]] std::size_t marketCount() const { return m_markets.size(); }
    [[nodiscard]] std::size_t indexOf(const InstrumentKey &instrument) const;
    /// + for long, − for short, raw.
    [[nodiscard]] std::int64_t size(std::size_t market) const { return m_sizes[market]; }
    /// Part of the position that no resting reduce-only stop covers.
    [[nodiscard]] Quantity naked(std::size_t market);
    /// Σ naked notional × seconds so far.
    [[nodiscard]] double nakedNotionalSeconds() const { return m_nakedNotionalSeconds; }

private:
    void drain();
    void note(const venue::PaperEvent &event);
    void accrue(std::size_t market);

    const DrillPlan &m_drill;
    const VenuePlan &m_plan;
    Timeline &m_timeline;
    venue::PaperAccount m_account;
    std::vector<std::unique_ptr<MarketPath>> m_markets;
    std::map<Symbol, std::size_t> m_index;
    std::vector<std::int64_t> m_sizes;
    std::vector<Quantity> m_naked;
    std::vector<UtcTime> m_accruedAt;
    double m_nakedNotionalSeconds{0};
    std::int64_t m_prints{0};
    bool m_coverStale{true};
    bool m_closed{false};
};

} // namespace core::runtime::drill
