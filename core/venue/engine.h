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
#include "core/venue/matching.h"
#include "core/venue/options.h"
#include "core/venue/orders.h"

namespace core::venue
{

/// A refusal in the venue's own words, as {"code":…,"msg":…} says it.
struct VenueError {
    int code{-1000};
    std::string message;
    int httpStatus{400};
};
template <class T> using VenueResult = tl::expected<T, VenueError>;

/// Gets the events of the accounts in the order in which they happen.
class AccountListener
{
public:
    virtual ~AccountListener() = default;
    /// `fill` is set when the event is an execution.
    virtual void onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill) = 0;
    /// Wallet and, when set, one position changed. `reason`: ORDER, INSURANCE_CLEAR, …
    virtual void onAccountEvent(std::size_t account, std::string_view reason, const Symbol *symbol) = 0;
    virtual void onAlgoEvent(const VenueAlgo &algo) = 0;
    virtual void onLeverageEvent(std::size_t account, const Symbol &symbol, int leverage) = 0;
};

/// What the market said last about one contract.
struct MarketState {
    std::int64_t lastUpdateId{0};
    UtcTime bookEventTime;
    UtcTime bookTime;
    bool hasBook{false};
    std::optional<Price> lastPrice;
    std::optional<Price> mark;
    std::optional<Price> index;
    Ratio fundingRate;
    UtcTime nextFundingTime;
    UtcTime markTime;
};

/// Matching, margin, conditional orders and liquidation of all accounts: the exchange behind the wire. Pure;
/// one thread; time is the injected clock. Events leave through the listener while a call runs.
class VenueEngine final : private MatchListener
{
public:
    /// REQUIRES: validate(options). The clock outlives the engine.
    VenueEngine(const VenueOptions &options, const Clock &clock);
    ~VenueEngine() override;
    VenueEngine(const VenueEngine &) = delete;
    VenueEngine &operator=(const VenueEngine &) = delete;
    void setListener(AccountListener *listener) { m_listener = listener; }

    // The market, from the feed.
    [[nodiscard]] Result<void> assignBook(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                          UtcTime venueTime, std::span<const Level> bids,
                                          std::span<const Level> asks);
    [[nodiscard]] Result<void> applyDiff(const Symbol &symbol, std::int64_t lastUpdateId, UtcTime eventTime,
                                         UtcTime venueTime, std::span<const Level> bids,
                                         std::span<const Level> asks);
    void onTrade(const Symbol &symbol, const Trade &trade);
    void onMark(const Symbol &symbol, const MarkPrice &mark);
    /// Once, when every book is there: the positions that the options put on the accounts.
    [[nodiscard]] Result<void> placeInitialPositions();

    // Orders.
    [[nodiscard]] VenueResult<const VenueOrder *> place(std::size_t account, NewOrder request);
    [[nodiscard]] VenueResult<const VenueOrder *>
    cancel(std::size_t account, const Symbol &symbol, std::int64_t orderId, std::string_view clientOrderId);
    void cancelAll(std::size_t account, const Symbol &symbol);
    /// By id, else the newest with this client id; nullptr when there is none.
    [[nodiscard]] const VenueOrder *findOrder(std::size_t account, const Symbol &symbol, std::int64_t orderId,
                                              std::string_view clientOrderId) const;
    [[nodiscard]] std::vector<const VenueOrder *> openOrders(std::size_t account, const Symbol *symbol) const;
    [[nodiscard]] std::vector<const VenueFill *> fills(std::size_t account, const Symbol &symbol) const;

    // Conditional orders.
    [[nodiscard]] VenueResult<const VenueAlgo *> placeAlgo(std::size_t account, NewAlgo request);
    [[nodiscard]] VenueResult<const VenueAlgo *> cancelAlgo(std::size_t account, std::int64_t algoId,
                                                            std::string_view clientAlgoId);
    void cancelAllAlgos(std::size_t account, const Symbol &symbol);
    [[nodiscard]] const VenueAlgo *findAlgo(std::size_t account, std::int64_t algoId,
                                            std::string_view clientAlgoId) const;
    [[nodiscard]] std::vector<const VenueAlgo *> openAlgos(std::size_t account, const Symbol *symbol) const;

    [[nodiscard]] VenueResult<Money> setLeverage(std::size_t account, const Symbol &symbol, int leverage);

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

    // MatchListener
    Quantity reducible(const BookOrder &order) override;
    void onExecution(const BookOrder &order, Price price, Quantity quantity, bool maker) override;
    void onExpired(const BookOrder &order, Expiry why) override;

    [[nodiscard]] Market *marketOf(const Symbol &symbol);
    [[nodiscard]] const Market &knownMarket(const Symbol &symbol) const;
    [[nodiscard]] VenueOrder *orderById(std::int64_t id);
    [[nodiscard]] std::optional<VenueError> checkFilters(const Market &market, const NewOrder &request) const;
    /// Clips the quantity to what can be reduced.
    [[nodiscard]] std::optional<VenueError> checkReduceOnly(std::size_t account, NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkMargin(std::size_t account, const Market &market,
                                                        const NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkMatching(std::size_t account, const Market &market,
                                                          const NewOrder &request) const;
    [[nodiscard]] std::optional<VenueError> checkAlgo(std::size_t account, const Market &market,
                                                      const NewAlgo &request) const;
    [[nodiscard]] static BookOrder bookOrder(std::size_t account, std::int64_t id, const Market &market,
                                             const NewOrder &request, bool bounded);
    /// The checks are done: makes it live.
    VenueOrder &accept(std::size_t account, Market &market, Acceptance what);
    void cancelOpen(VenueOrder &order, Expiry why);
    void close(const VenueOrder &order);
    void touch(std::size_t account, const Symbol &symbol);
    void settleTouched();
    void refreshOrderNotionals(std::size_t account, const Symbol &symbol);
    void afterExternalChange(Market &market);
    void evaluateTriggers(Market &market);
    [[nodiscard]] bool heldBack(const NewAlgo &algo, const Market &market) const;
    void fire(VenueAlgo &algo, Market &market);
    void setAlgoStatus(VenueAlgo &algo, AlgoStatus status);
    void liquidateWhereDue();
    void liquidate(std::size_t account);
    [[nodiscard]] std::string makeClientId(std::string_view prefix);

    VenueOptions m_options;
    const Clock &m_clock;
    AccountListener *m_listener{nullptr};
    std::map<Symbol, std::unique_ptr<Market>> m_markets;
    std::vector<Account> m_accounts;
    std::map<std::int64_t, VenueOrder> m_orders;
    std::map<std::int64_t, VenueAlgo> m_algos;
    std::vector<std::unique_ptr<VenueFill>> m_fills;
    std::set<std::int64_t> m_open;      ///< ids of orders that rest or are being matched
    std::set<std::int64_t> m_openAlgos; ///< not yet triggered
    std::map<std::tuple<std::size_t, Symbol, std::string>, std::int64_t> m_newestByClientId;
    std::set<std::pair<std::size_t, Symbol>>
        m_touched;                            ///< whose orders and margin have to be looked at again
    std::vector<std::int64_t> m_childrenDone; ///< algos whose child came to its end
    std::int64_t m_nextOrder;
    std::int64_t m_nextTrade;
    std::int64_t m_nextAlgo;
    std::uint64_t m_nextClientId{1};
};

} // namespace core::venue
