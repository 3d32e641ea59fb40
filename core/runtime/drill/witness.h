#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/orders/guard_io.h"
#include "core/runtime/drill/exchange.h"
#include "core/runtime/drill/guarded_run.h"

namespace core::runtime::drill
{

/// One promise that was not kept.
struct Violation {
    std::string rule; ///< "I1" … "I7", "loss", "R3"
    UtcTime at;
    std::string text;
};

/// What one drill came to.
struct DrillResult {
    std::uint64_t seed{0};
    Weather weather{Weather::Calm};
    bool gap{false};
    bool thin{false}; ///< DrillPlan::hasThinBook
    int kills{0};
    int ordersSent{0};
    int ordersUnaccounted{0};
    int ordersDoubled{0};          ///< more than one order at the venue for one decision
    int increasedWhileLocked{0};
    int breaches{0};               ///< positions that reached a limit which closes them
    int breachesActedOn{0};
    bool withinLimit{true};        ///< every loss within its limit and the allowance
    double worstExcess{0};         ///< loss beyond limit and allowance ÷ allowance base (the notional)
    double unexplainedByGap{0};    ///< of it, what the gap is too small for; money
    double nakedNotionalSeconds{0};
    Duration nakedLongest{0};      ///< while program, line and venue were well
    std::vector<std::chrono::nanoseconds> toWire;
    std::vector<Duration> toOrder; ///< from the price at the venue that breached to the first order, in simulated time
    std::vector<Duration> toFlat;  ///< from the decision to flat at the venue, likewise
    std::uint64_t inputs{0};
    std::string digest;            ///< of the journal
    std::vector<Violation> violations;
};

/// Share of the notional by which a close may cost more than its limit says: the first close's slippage bound, the
/// fees, and what the price does between two marks.
inline constexpr double kAllowance = 0.01;

/// Looks at one venue and at what the program decides, after every step, and keeps the promises (targets.md, I1–I7).
/// It trusts the exchange alone.
class Witness
{
public:
    Witness(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange, DrillResult &result);

    void onEvent(const venue::PaperEvent &event);
    /// The account as it is when the program begins.
    void begin();
    void onMarket(std::size_t market);
    /// The venue stands still.
    void onClosed();
    void onDecision(const orders::GuardOutput &output);
    /// Everything has settled: what must be true now. `well`: program, line and venue are.
    void atEnd(const GuardedRun &run, bool well);

    /// The program was killed; what it decided later than this is not on its disk.
    void onKilled(UtcTime durableUntil);

private:
    /// From flat to flat, as the exchange sees it.
    struct Life {
        Direction direction{Direction::Long};
        double entryNotional{0}; ///< of the largest size
        double limit{0};         ///< largest loss that its own limits allow
        double realized{0};
        double gapLoss{0};
        bool breached{false};
        UtcTime breachedAt{};
        bool answered{false}; ///< the program has sent an order for it
    };
    /// No new risk on what it covers, from when the program said so.
    struct Lock {
        risk::Lockout lockout;
        UtcTime saidAt;
        std::vector<std::int64_t> sizes; ///< of the positions, then
    };
    void violated(std::string rule, std::string text);
    void onFill(const Fill &fill);
    void onSend(const OrderRequest &order);
    void onVerdict(const orders::Verdict &verdict);
    void onLockout(const orders::LockoutRecord &record);
    void watchAccount();
    void breach(Life &life);
    void endLife(std::size_t market);
    void judgeAccount();
    void judgeOrders(const GuardedRun &run);
    void judgePositions();
    void judgeLocks();
    [[nodiscard]] double lossLimit(double entryNotional, std::size_t market) const;
    [[nodiscard]] double openLoss(std::size_t market) const;
    [[nodiscard]] bool isLocked(const InstrumentKey &instrument) const;
    [[nodiscard]] std::string_view symbolOf(std::size_t market) const;

    const VenuePlan &m_venue;
    Timeline &m_timeline;
    DrillExchange &m_exchange;
    DrillResult &m_result;
    risk::Limits m_limits;
    double m_equityAtStart{0};
    std::optional<double> m_accountLimit; ///< largest loss of the day, money
    bool m_accountBreached{false};
    double m_tradedNotional{0};           ///< of all lives
    double m_gapLoss{0};                  ///< likewise
    std::vector<std::int64_t> m_sizes;
    std::vector<double> m_entries;
    std::vector<std::optional<Life>> m_lives;
    std::vector<std::optional<UtcTime>> m_closing; ///< when the program decided to close it
    std::vector<double> m_marks;       ///< the newest ones
    std::vector<bool> m_wasClosed;     ///< the price moved on while nobody could trade
    std::vector<Lock> m_locks;
    std::set<ClientOrderId> m_accepted;
};

/// An id that the program gives to its own orders.
[[nodiscard]] bool isOurs(const ClientOrderId &order);

} // namespace core::runtime::drill
