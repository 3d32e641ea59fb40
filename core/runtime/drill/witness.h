#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/orders/guard_io.h"
#include "core/runtime/drill/exchange.h"
#include "core/runtime/drill/guarded_run.h"
#include "core/runtime/drill/loss_judge.h"

namespace core::runtime::drill
{

/// Looks at one venue and at what the program decides, after every step, and keeps the promises (targets.md, I1–I7).
/// It trusts the exchange alone.
class Witness
{
public:
    Witness(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange, DrillResult &result);

    LossJudge &losses() { return m_losses; }
    void onEvent(const venue::PaperEvent &event);
    /// The account as it is when the program begins.
    void begin();
    /// A new order of this client id rests or is executed at the venue.
    void onPlaced(const ClientOrderId &order);
    void onMarket(std::size_t market);
    void onDecision(const orders::GuardOutput &output);
    /// Everything has settled: what must be true now. `well`: program, line and venue are.
    void atEnd(const GuardedRun &run, bool well);

    /// The program was killed; what it decided later than this is not on its disk.
    void onKilled(UtcTime durableUntil);

private:
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
    void watchCover(std::size_t market);
    void judgeOrders(const GuardedRun &run);
    void judgePositions();
    void judgeLocks();
    [[nodiscard]] bool isLocked(const InstrumentKey &instrument) const;
    [[nodiscard]] std::string_view symbolOf(std::size_t market) const;

    const VenuePlan &m_venue;
    Timeline &m_timeline;
    DrillExchange &m_exchange;
    DrillResult &m_result;
    risk::Limits m_limits;
    LossJudge m_losses;
    std::vector<std::optional<UtcTime>> m_closing; ///< when the program decided to close it
    std::vector<std::optional<UtcTime>> m_nakedSince; ///< while somebody could do something about it
    std::vector<Lock> m_locks;
    std::set<ClientOrderId> m_placed;
};

/// An id that the program gives to its own orders.
[[nodiscard]] bool isOurs(const ClientOrderId &order);

} // namespace core::runtime::drill
