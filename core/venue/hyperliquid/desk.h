#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/venue/engine.h"
#include "core/venue/hyperliquid/desk_events.h"
#include "core/venue/hyperliquid/universe.h"

namespace core::venue::hyperliquid
{

/// Hyperliquid's rules around the matching engine: order checks and texts, triggers and their groups,
/// reduce-only, leverage, the dead man's switch, hourly funding. Keeps the venue's own record of orders and
/// fills. Answers are the venue's; what happened is collected until `takeEvents`. One thread, no sockets.
class Desk final : private AccountListener
{
public:
    /// Options and clock outlive the desk; its faults may be changed at any time.
    Desk(const HyperliquidOptions &options, const Clock &clock);
    ~Desk() override;
    Desk(const Desk &) = delete;
    Desk &operator=(const Desk &) = delete;

    // The market.
    [[nodiscard]] Result<void> assignBook(std::size_t asset, std::int64_t id, UtcTime at,
                                          std::span<const Level> bids, std::span<const Level> asks);
    [[nodiscard]] Result<void> applyDiff(std::size_t asset, std::int64_t id, UtcTime at,
                                         std::span<const Level> bids, std::span<const Level> asks);
    void onTrade(std::size_t asset, const Trade &trade);
    void onMark(std::size_t asset, const MarkPrice &mark);
    [[nodiscard]] Result<void> placeInitialPositions() { return m_engine.placeInitialPositions(); }
    /// Scheduled cancels.
    void onTimer();
    /// Ends every order of the coin, closes its positions at the mark, and refuses new orders.
    void delist(std::size_t asset);
    /// Takes a part of a winner's position at this price. The engine's text when that cannot be.
    [[nodiscard]] Refusal deleverage(std::size_t account, std::size_t asset, Quantity size, Price price);
    /// As when its margin is used up.
    void liquidate(std::size_t account);
    /// Funding of the coin now, at this rate.
    void settleFunding(std::size_t asset, Ratio rate);
    /// A deposit, or a withdrawal when negative.
    [[nodiscard]] Refusal transfer(std::size_t account, Money amount);

    // Actions; `account` is an index into the options.
    [[nodiscard]] PlaceReply place(std::size_t account, const std::vector<OrderTerms> &orders,
                                   Grouping grouping);
    /// The refusal, or nothing.
    [[nodiscard]] Refusal cancel(std::size_t account, std::int64_t asset, const OrderKey &key);
    [[nodiscard]] PlaceOutcome modify(std::size_t account, const OrderKey &key, const OrderTerms &terms,
                                      bool alwaysPlace);
    [[nodiscard]] Refusal setLeverage(std::size_t account, std::int64_t asset, bool isCross, int leverage);
    [[nodiscard]] Refusal adjustIsolatedMargin(std::size_t account, std::int64_t asset, Money change);
    [[nodiscard]] Refusal scheduleCancel(std::size_t account, std::optional<UtcTime> at);

    // Reading.
    [[nodiscard]] const VenueEngine &engine() const { return m_engine; }
    [[nodiscard]] const Universe &universe() const { return m_universe; }
    [[nodiscard]] const HyperliquidOptions &options() const { return m_options; }
    [[nodiscard]] const DeskOrder *find(std::size_t account, const OrderKey &key) const;
    /// Oldest first; children of a waiting parent are left out (they are listed in it).
    [[nodiscard]] std::vector<const DeskOrder *> openOrders(std::size_t account) const;
    /// Newest first, at most `options.retainedOrdersMax`.
    [[nodiscard]] std::vector<const DeskOrder *> history(std::size_t account) const;
    [[nodiscard]] const DeskOrder &order(std::int64_t oid) const { return m_orders.at(oid); }
    [[nodiscard]] const std::vector<DeskFill> &fills(std::size_t account) const { return m_books[account].fills; }
    [[nodiscard]] const std::vector<FundingRow> &fundings(std::size_t account) const
    {
        return m_books[account].fundings;
    }
    [[nodiscard]] const std::vector<LedgerRow> &ledger(std::size_t account) const { return m_books[account].ledger; }
    [[nodiscard]] const CoinSetting &setting(std::size_t account, std::size_t asset) const;
    [[nodiscard]] Money tradedVolume(std::size_t account) const { return m_books[account].volume; }
    [[nodiscard]] SignedQuantity position(std::size_t account, std::size_t asset) const;
    /// Best first: what the market shows and what our accounts rest.
    [[nodiscard]] std::vector<BookRow> levels(std::size_t asset, Side side, std::size_t most) const;

    [[nodiscard]] DeskEvents takeEvents() { return std::exchange(m_events, {}); }
    void addLedger(std::size_t account, std::string_view kind, Money usdc, std::string_view extra);

private:
    // AccountListener
    void onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill) override;
    void onAccountEvent(const AccountChange &change) override;
    void onAlgoEvent(const VenueAlgo &) override {}
    void onLeverageEvent(std::size_t, const Symbol &, int) override {}
    void onIncome(const VenueIncome &row) override;
    void onOwnTrade(const Symbol &symbol, const Trade &trade) override;
    void onShownLevel(const Symbol &symbol, Side side, Price price) override;

    // Checks (desk_checks.cpp): the text of the refusal and the status it is remembered under.
    struct Objection {
        std::string text;
        std::string_view status{"rejected"};
    };
    [[nodiscard]] std::optional<Objection> objectionTo(std::size_t account, const OrderTerms &terms,
                                                       Grouping grouping, bool isChild) const;
    [[nodiscard]] std::optional<Objection> checkVenueState(std::size_t account, const OrderTerms &terms) const;
    [[nodiscard]] std::optional<Objection> checkNumbers(const OrderTerms &terms, bool sizeMayBeZero) const;
    [[nodiscard]] std::optional<Objection> checkTrigger(const OrderTerms &terms) const;
    [[nodiscard]] std::optional<Objection> checkAgainstPosition(std::size_t account, const OrderTerms &terms) const;
    [[nodiscard]] std::optional<Objection> checkMatching(std::size_t account, const OrderTerms &terms) const;
    [[nodiscard]] std::optional<std::string> checkBatch(const std::vector<OrderTerms> &orders,
                                                        Grouping grouping) const;
    [[nodiscard]] Objection translated(const VenueError &error, const OrderTerms &terms) const;
    [[nodiscard]] std::string quoteText(std::size_t asset) const;

    // Orders.
    DeskOrder &record(std::size_t account, const OrderTerms &terms, Stage stage);
    [[nodiscard]] PlaceOutcome placeOne(std::size_t account, const OrderTerms &terms, Grouping grouping);
    [[nodiscard]] PlaceOutcome storeTrigger(std::size_t account, const OrderTerms &terms, Grouping grouping,
                                            std::int64_t parent);
    [[nodiscard]] PlaceOutcome work(DeskOrder &order);
    [[nodiscard]] bool sendToEngine(DeskOrder &order, Quantity size, Objection &objection);
    void placeGroup(std::size_t account, const std::vector<OrderTerms> &orders, PlaceReply &reply);
    void cancelOrder(DeskOrder &order, std::string_view status);
    void tell(DeskOrder &order, std::string_view status);
    void finish(DeskOrder &order, std::string_view status);
    [[nodiscard]] DeskOrder *orderOf(const VenueOrder &order);
    void recordVenueOrder(const VenueOrder &order);
    void addFill(DeskOrder &order, const VenueOrder &executed, const VenueFill &fill);
    [[nodiscard]] static std::string keyText(const OrderKey &key);

    // What follows (desk_triggers.cpp).
    void settle();
    void afterFinish(DeskOrder &order);
    void afterPositionChange(std::size_t account, std::size_t asset);
    void shrinkReduceOnly(std::size_t account, std::size_t asset);
    void evaluateTriggers(std::size_t asset, Price mark);
    void fire(DeskOrder &order);

    const HyperliquidOptions &m_options;
    const Clock &m_clock;
    Universe m_universe;
    VenueEngine m_engine;
    std::vector<AccountBook> m_books;
    std::map<std::int64_t, DeskOrder> m_orders;
    std::set<std::int64_t> m_open;
    std::map<std::pair<std::size_t, std::string>, std::int64_t> m_newestByCloid;
    std::vector<std::int64_t> m_finished; ///< whose families have to be looked at
    std::set<std::pair<std::size_t, std::size_t>> m_touched;
    DeskEvents m_events;
    std::string_view m_cancelStatus{"canceled"};
    std::int64_t m_nextOid{560'000'000'001};
    std::uint64_t m_nextHash{1};
    std::uint64_t m_modifies{0};
};

} // namespace core::venue::hyperliquid
