#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/venue/account.h"
#include "core/venue/engine_types.h"
#include "core/venue/matching.h"
#include "core/venue/options.h"
#include "core/venue/orders.h"

namespace core::venue
{

/// Matching, margin, conditional orders and liquidation of all accounts: the exchange behind the wire. Pure;
/// one thread; time is the injected clock. Events leave through the listener while a call runs.
class VenueEngine final : private MatchListener
{
public:
    /// REQUIRES: validate(options). The clock outlives the engine.
    VenueEngine(const VenueOptions &options, const Clock &clock);
    /// Without contracts and accounts: both are added as they become known. The clock outlives the engine.
    VenueEngine(const VenueRules &rules, Ratio makerFee, Ratio takerFee, const Clock &clock);
    ~VenueEngine() override;
    VenueEngine(const VenueEngine &) = delete;
    VenueEngine &operator=(const VenueEngine &) = delete;
    void setListener(AccountListener *listener) { m_listener = listener; }

    // Contracts and accounts that become known later, and what an earlier run left. REQUIRES of all `restore…`: the
    // contract is listed, its book is empty; nothing is told to the listener.
    /// Lists a contract for all accounts, or gives a listed one new filters and tiers. Unsupported: the tick changed.
    [[nodiscard]] Result<void> addInstrument(const VenueInstrument &listed);
    /// Its index.
    std::size_t addAccount(Money balance, int leverage, bool hedge);
    void restoreLeg(std::size_t account, const PositionKey &key, const AccountPosition &leg);
    void restoreAlgo(const VenueAlgo &algo);
    void restoreOrder(const VenueOrder &order);
    void restoreFill(const VenueFill &fill);
    /// The next ids.
    struct Counters {
        std::int64_t order{1};
        std::int64_t trade{1};
        std::int64_t algo{1};
        std::int64_t row{1};
        friend bool operator==(const Counters &, const Counters &) = default;
    };
    [[nodiscard]] Counters counters() const { return {m_nextOrder, m_nextTrade, m_nextAlgo, m_nextRow}; }
    void continueAt(const Counters &counters);

    // The market, from the feed.
    [[nodiscard]] Result<void> assignBook(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                          UtcTime venueTime, std::span<const Level> bids,
                                          std::span<const Level> asks);
    [[nodiscard]] Result<void> applyDiff(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                         UtcTime venueTime, std::span<const Level> bids,
                                         std::span<const Level> asks);
    void onTrade(const Symbol &symbol, const Trade &trade);
    /// Settles funding when the time that was announced has come.
    void onMark(const Symbol &symbol, const MarkPrice &mark);
    /// Once, when every book is there: the positions that the options put on the accounts.
    [[nodiscard]] Result<void> placeInitialPositions();
    /// Good-till dates and dead-man timers that are due. Call it every few milliseconds.
    void onTimer();

    // Orders.
    [[nodiscard]] VenueResult<const VenueOrder *> place(std::size_t account, NewOrder request);
    /// Every check of `place`; nothing happens.
    [[nodiscard]] VenueResult<void> checkOrder(std::size_t account, NewOrder request) const;
    /// New total quantity and price of a resting limit order, with a new place in the queue. Canceled instead when the
    /// quantity is not above what is filled, or a post-only order would take now.
    struct OrderChangeRequest {
        std::int64_t orderId{0};
        std::string clientOrderId{};
        Side side{Side::Buy};
        Quantity quantity;
        Price price;
        std::optional<std::int64_t> modifyId{};
    };
    [[nodiscard]] VenueResult<const VenueOrder *> modify(std::size_t account, const Symbol &symbol,
                                                         const OrderChangeRequest &change);
    [[nodiscard]] VenueResult<const VenueOrder *>
    cancel(std::size_t account, const Symbol &symbol, std::int64_t orderId, std::string_view clientOrderId);
    void cancelAll(std::size_t account, const Symbol &symbol);
    /// Dead-man timer: at `at` the resting orders of the symbol are canceled; without a symbol the account's, with the
    /// conditional ones. Absent `at`: disarmed. Each call replaces the timer.
    void setCountdown(std::size_t account, const Symbol *symbol, std::optional<UtcTime> at);
    /// By id, else the newest with this client id; nullptr when there is none.
    [[nodiscard]] const VenueOrder *findOrder(std::size_t account, const Symbol &symbol, std::int64_t orderId,
                                              std::string_view clientOrderId) const;
    [[nodiscard]] std::vector<const VenueOrder *> openOrders(std::size_t account, const Symbol *symbol) const;
    /// Alive and finished, by id.
    [[nodiscard]] std::vector<const VenueOrder *> allOrders(std::size_t account, const Symbol *symbol) const;
    [[nodiscard]] std::vector<const VenueFill *> fills(std::size_t account, const Symbol &symbol) const;
    [[nodiscard]] const std::vector<std::unique_ptr<VenueFill>> &fills() const { return m_fills; }
    [[nodiscard]] const std::vector<OrderAmendment> &amendments() const { return m_amendments; }

    // Conditional orders.
    [[nodiscard]] VenueResult<const VenueAlgo *> placeAlgo(std::size_t account, NewAlgo request);
    [[nodiscard]] VenueResult<const VenueAlgo *> cancelAlgo(std::size_t account, std::int64_t algoId,
                                                            std::string_view clientAlgoId);
    void cancelAllAlgos(std::size_t account, const Symbol &symbol);
    [[nodiscard]] const VenueAlgo *findAlgo(std::size_t account, std::int64_t algoId,
                                            std::string_view clientAlgoId) const;
    [[nodiscard]] std::vector<const VenueAlgo *> openAlgos(std::size_t account, const Symbol *symbol) const;
    [[nodiscard]] std::vector<const VenueAlgo *> allAlgos(std::size_t account, const Symbol *symbol) const;

    // Settings of an account.
    [[nodiscard]] VenueResult<Money> setLeverage(std::size_t account, const Symbol &symbol, int leverage);
    [[nodiscard]] VenueResult<void> setIsolated(std::size_t account, const Symbol &symbol, bool isolated);
    [[nodiscard]] VenueResult<void> setHedge(std::size_t account, bool hedge);
    /// Positive: into the isolated leg.
    [[nodiscard]] VenueResult<void> changeMargin(std::size_t account, const PositionKey &key, Money amount);

    // Control calls: what the world outside the matching does.
    void setFaults(EngineFaults faults) { m_faults = faults; }
    /// As when its margin is used up: cancels its orders and closes its cross legs.
    void liquidate(std::size_t account) { liquidateCross(account); }
    /// Negative: a withdrawal; -2018 when it is not available. `reason`: DEPOSIT, WITHDRAW, …; empty: by the sign.
    [[nodiscard]] VenueResult<void> transfer(std::size_t account, Money amount, std::string_view reason = {});
    /// Settles funding of the contract now, at this rate.
    void settleFunding(const Symbol &symbol, Ratio rate);
    /// Takes `quantity` off the leg at this price by the venue's own order (client id "adl_autoclose").
    [[nodiscard]] VenueResult<void> deleverage(std::size_t account, const PositionKey &key, Quantity quantity,
                                               Price price);
    /// Ends the contract: orders expire, every position is closed at this price ("settlement_autoclose-…").
    void settleContract(const Symbol &symbol, Price price);

    // Reading.
    [[nodiscard]] const VenueOptions &options() const { return m_options; }
    [[nodiscard]] const Clock &clock() const { return m_clock; }
    [[nodiscard]] const VenueInstrument *instrument(const Symbol &symbol) const;
    [[nodiscard]] const MarketState &market(const Symbol &symbol) const;
    [[nodiscard]] const MatchingBook &book(const Symbol &symbol) const;
    [[nodiscard]] const Account &account(std::size_t index) const { return m_accounts[index]; }
    [[nodiscard]] std::size_t accountCount() const { return m_accounts.size(); }
    /// Largest position notional that `leverage` allows.
    [[nodiscard]] Money notionalMax(const Symbol &symbol, int leverage) const;
    [[nodiscard]] const std::vector<VenueIncome> &incomes() const { return m_incomes; }
    [[nodiscard]] const std::vector<MarginChange> &marginChanges() const { return m_marginChanges; }
    [[nodiscard]] const std::vector<FundingSettlement> &fundingHistory() const { return m_funding; }
    /// Sum of the long legs of all accounts.
    [[nodiscard]] Quantity openInterest(const Symbol &symbol) const;

private:
    struct Market;
    struct Acceptance {
        NewOrder request;
        std::string shownType;
        std::string originalType;
        std::int64_t algoId{0};
        bool liquidation{false};
        std::optional<Price> stopPrice{};
        WorkingType working{WorkingType::ContractPrice};
    };
    using Owner = std::pair<std::size_t, Symbol>;

    // MatchListener
    Quantity reducible(const BookOrder &order) override;
    void onExecution(const BookOrder &order, Price price, Quantity quantity, bool maker) override;
    void onExpired(const BookOrder &order, Expiry why) override;
    void onShrunk(const BookOrder &order, Quantity less) override;
    void onShown(Side side, Price price) override;

    [[nodiscard]] Market *marketOf(const Symbol &symbol);
    [[nodiscard]] const Market &knownMarket(const Symbol &symbol) const;
    [[nodiscard]] VenueOrder *orderById(std::int64_t id);
    /// A reduce-only order, or one that closes a leg in hedge mode.
    [[nodiscard]] static bool reduces(const NewOrder &request);
    [[nodiscard]] std::optional<VenueError> checkLeg(std::size_t account, PositionSide leg,
                                                     ReduceOnly reduceOnly) const;
    [[nodiscard]] std::optional<VenueError> checkRequest(std::size_t account, const Market &market,
                                                         NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkFilters(const Market &market, const NewOrder &request) const;
    /// Clips the quantity to what can be reduced.
    [[nodiscard]] std::optional<VenueError> checkReduceOnly(std::size_t account, NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkMargin(std::size_t account, const Market &market,
                                                        const NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkMatching(std::size_t account, const Market &market,
                                                          const NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkAlgo(std::size_t account, const Market &market,
                                                      const NewAlgo &request) const;
    [[nodiscard]] std::optional<VenueError> checkChange(std::size_t account, const Market &market,
                                                        const VenueOrder &order,
                                                        const OrderChangeRequest &change) const;
    [[nodiscard]] bool cutByFault(const VenueOrder &order, BookOrder &what, const Market &market) const;
    [[nodiscard]] static BookOrder bookOrder(std::size_t account, std::int64_t id, const Market &market,
                                             const NewOrder &request, bool bounded);
    /// The checks are done: makes it live.
    VenueOrder &accept(std::size_t account, Market &market, Acceptance what);
    void submit(VenueOrder &order, Market &market);
    void cancelOpen(VenueOrder &order, OrderStatus end, Expiry why);
    void close(const VenueOrder &order);
    VenueFill &bookFill(VenueOrder &order, Price price, Quantity quantity, bool maker, Ratio feeRate);
    void printOwn(Market &market, Price price, Quantity quantity, Side aggressor, std::int64_t tradeId);
    void touch(std::size_t account, const Symbol &symbol);
    void settleTouched();
    void finishChildren();
    void refreshOrderNotionals(std::size_t account, const Symbol &symbol);
    void afterExternalChange(Market &market);
    void evaluateTriggers(Market &market);
    [[nodiscard]] bool isDue(VenueAlgo &algo, const Market &market);
    [[nodiscard]] bool followTrail(VenueAlgo &algo, Price price);
    [[nodiscard]] bool heldBack(const NewAlgo &algo, const Market &market) const;
    void fire(VenueAlgo &algo, Market &market);
    [[nodiscard]] static NewOrder childOf(const VenueAlgo &algo);
    void setAlgoStatus(VenueAlgo &algo, AlgoStatus status);
    void expireBoundAlgos(std::size_t account, const Symbol &symbol);
    void settleFundingOf(Market &market, UtcTime at, Ratio rate);
    void watchMargin(const Symbol &symbol);
    void callMargin(std::size_t account);
    void liquidateCross(std::size_t account);
    void liquidateIsolated(std::size_t account, const PositionKey &key);
    void sendLiquidation(std::size_t account, const PositionKey &key);
    void clearDeficit(std::size_t account, Money deficit);
    void closeByVenue(std::size_t account, const PositionKey &key, Quantity quantity, Price price,
                      std::string clientOrderId);
    void addIncome(VenueIncome row);
    void tell(const AccountChange &change);
    [[nodiscard]] std::string makeClientId(std::string_view prefix);

    VenueOptions m_options;
    const Clock &m_clock;
    AccountListener *m_listener{nullptr};
    EngineFaults m_faults{};
    std::map<Symbol, std::unique_ptr<Market>> m_markets;
    std::vector<Account> m_accounts;
    std::map<std::int64_t, VenueOrder> m_orders;
    std::map<std::int64_t, VenueAlgo> m_algos;
    std::vector<std::unique_ptr<VenueFill>> m_fills;
    std::vector<VenueIncome> m_incomes;
    std::vector<MarginChange> m_marginChanges;
    std::vector<FundingSettlement> m_funding;
    std::vector<OrderAmendment> m_amendments;
    std::map<Owner, std::set<std::int64_t>> m_open; ///< ids of orders that rest or are being matched
    std::map<std::size_t, std::set<std::int64_t>> m_openAlgos; ///< by account, not yet triggered
    std::map<std::tuple<std::size_t, Symbol, std::string>, std::int64_t> m_newestByClientId;
    std::multimap<UtcTime, std::int64_t> m_goodTill;
    std::map<std::pair<std::size_t, std::optional<Symbol>>, UtcTime> m_countdowns;
    std::set<Owner> m_touched; ///< whose orders and margin have to be looked at again
    std::set<Symbol> m_printed; ///< own trades moved the last price: triggers have to be looked at
    std::set<std::pair<std::size_t, PositionKey>> m_marginCalled; ///< cross: the empty symbol
    std::vector<std::int64_t> m_childrenDone; ///< algos whose child came to its end
    Market *m_matching{nullptr};   ///< whose book is at work
    bool m_printsMakers{false};    ///< resting orders are being filled by the external book
    bool m_evaluating{false};
    std::int64_t m_nextOrder;
    std::int64_t m_nextTrade;
    std::int64_t m_nextAlgo;
    std::int64_t m_nextRow{9'689'322'392};
    std::uint64_t m_nextClientId{1};
};

} // namespace core::venue
