#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/market/order_book.h"
#include "core/ports/exchange_client.h"
#include "core/venue/engine.h"
#include "core/venue/paper_state.h"

namespace core::venue
{

/// What a paper account begins with and how its venue behaves.
struct PaperTerms {
    Venue venue{Venue::Binance};
    AccountId account;
    Asset asset;   ///< it is settled in
    Money balance; ///< of a new account; > 0
    int leverage{20};
    bool hedgeMode{false};
    VenueRules rules;
    Ratio makerFee;
    Ratio takerFee;
    ports::Capabilities capabilities;
    std::optional<PaperState> state; ///< of an earlier run: it goes on from there
};
/// The venue's rules and the fees of its lowest tier; 10,000 USDT or USDC.
[[nodiscard]] PaperTerms paperTerms(Venue venue, const AccountId &account);

using PaperEvent = std::variant<OrderUpdate, Fill, FundingPayment, Transfer, std::vector<Position>, AccountSnapshot>;

/// A simulated account on a market that others make: the loopback exchange's engine without a wire. Fills come from the
/// visible book and from prints, never from a book that is not fresh: while it is not, takers are refused by name, and
/// prints and marks wait. What happened is collected until `takeEvents`. Pure; one thread; time is the clock.
class PaperAccount final : private AccountListener
{
public:
    /// The clock outlives it.
    PaperAccount(const PaperTerms &terms, const Clock &clock);
    ~PaperAccount() override;

    /// Lists the contract and brings back what an earlier run left in it; again with new filters.
    [[nodiscard]] Result<void> describe(const Instrument &contract);
    /// Everything that an earlier run left has its contract.
    [[nodiscard]] bool isWhole() const { return m_missing.empty(); }
    [[nodiscard]] const std::set<Symbol> &missing() const { return m_missing; }
    [[nodiscard]] bool usesTypicalTiers() const { return m_typicalTiers; }
    [[nodiscard]] FeeRates fees() const { return {m_terms.makerFee, m_terms.takerFee}; }

    // The market. A contract that is not described is ignored.
    void onBook(const Symbol &symbol, const market::OrderBook &book, Freshness freshness, UtcTime venueTime);
    void onTrade(const Trade &trade);
    void onMark(const MarkPrice &mark);
    /// Good-till dates and dead-man timers. Call it every few hundred milliseconds.
    void onTimer();
    /// Funding of the contract now, at this rate.
    void settleFunding(const Symbol &symbol, Ratio rate);
    void setFaults(EngineFaults faults) { m_engine.setFaults(faults); }

    // Requests. The error is a refusal: nothing was done.
    [[nodiscard]] Result<void> submit(const OrderRequest &order);
    [[nodiscard]] Result<void> modify(const OrderChange &change);
    /// Fine also when the order has ended; NotFound when there never was one.
    [[nodiscard]] Result<void> cancel(const InstrumentKey &instrument, const ClientOrderId &order);
    void cancelAll(const std::optional<InstrumentKey> &instrument);
    [[nodiscard]] Result<void> setLeverage(const InstrumentKey &instrument, int leverage);
    [[nodiscard]] Result<void> setMarginMode(const InstrumentKey &instrument, MarginMode mode);
    void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after);

    [[nodiscard]] std::vector<PaperEvent> takeEvents();
    /// Something that `state` holds changed since the last call.
    [[nodiscard]] bool takeDirty() { return std::exchange(m_dirty, false); }

    // Reading.
    [[nodiscard]] std::vector<OrderUpdate> findOrder(const InstrumentKey &instrument, const ClientOrderId &order) const;
    [[nodiscard]] std::vector<OrderUpdate> openOrders() const;
    [[nodiscard]] std::vector<Position> positions() const; ///< open ones
    [[nodiscard]] AccountSnapshot snapshot() const;
    [[nodiscard]] std::vector<Fill> fills(const Symbol &symbol) const;
    [[nodiscard]] std::vector<Fill> fills() const; ///< of all contracts
    [[nodiscard]] const std::vector<VenueIncome> &incomes() const { return m_engine.incomes(); }
    [[nodiscard]] FundingPayment fundingOf(const VenueIncome &row) const;
    [[nodiscard]] Transfer transferOf(const VenueIncome &row) const;
    [[nodiscard]] PaperState state() const;

    static constexpr std::size_t kLevelsMax = 500;   ///< of a book's side
    static constexpr std::size_t kHeldTradesMax = 1'000; ///< while the book is not fresh; the newest
    static constexpr std::size_t kEndedKept = 100;   ///< ended orders and fills over a restart

private:
    struct Market {
        Freshness freshness{Freshness::Connecting};
        bool live{false}; ///< the engine has a book
        std::int64_t updates{0};
        std::vector<Level> bids, asks; ///< what the engine has
        std::deque<Trade> heldTrades;
        std::optional<MarkPrice> heldMark;
    };

    // AccountListener
    void onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill) override;
    void onAccountEvent(const AccountChange &change) override;
    void onAlgoEvent(const VenueAlgo &algo) override;
    void onLeverageEvent(std::size_t account, const Symbol &symbol, int leverage) override;
    void onIncome(const VenueIncome &row) override;

    void dropBook(const Symbol &symbol, Market &market);
    [[nodiscard]] bool feedBook(const Symbol &symbol, Market &market, const market::OrderBook &book, UtcTime venueTime);
    void release(const Symbol &symbol, Market &market);
    void bringBack(const Symbol &symbol);
    /// After each call of the engine: positions and totals that it touched.
    void settle();
    [[nodiscard]] const VenueAlgo *algoOf(const VenueOrder &order) const;
    [[nodiscard]] Result<void> checkLive(const OrderRequest &order) const;

    PaperTerms m_terms;
    const Clock &m_clock;
    VenueEngine m_engine;
    std::map<Symbol, Market> m_markets;
    PaperState m_pending; ///< of contracts that are not described yet
    std::set<Symbol> m_missing;
    std::vector<PaperEvent> m_events;
    std::set<PositionKey> m_touched;
    bool m_totalsTouched{false};
    bool m_dirty{false};
    bool m_typicalTiers{false};
};

} // namespace core::venue
