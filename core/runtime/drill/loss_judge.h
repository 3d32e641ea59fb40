#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/risk/limits.h"
#include "core/runtime/drill/drill_result.h"
#include "core/runtime/drill/exchange.h"
#include "core/runtime/drill/reference_exit.h"

namespace core::runtime::drill
{

/// Holds each loss of one venue against its limit: of a position from flat to flat, and of the account since the program
/// began. What nobody could have kept is measured, not excused: ReferenceExits that begin with the breach and, step by step,
/// until one mark interval and a way there and back after the first instant from which the account could be acted for; the
/// dearest of them is what leaving cost. Beyond that a loss may exceed its limit by the slippage bound of the first close in
/// the limits, as a share of the notional. Trusts the exchange alone, and the plan for when the program could act.
class LossJudge
{
public:
    LossJudge(const DrillPlan &plan, std::size_t venue, Timeline &timeline, DrillExchange &exchange, DrillResult &result);

    /// The program is there and its line is, both for as long as they may take to be of use again.
    std::function<bool()> canAct;

    /// The account as it is when the program begins.
    void begin();
    /// An order that takes from this position was lost or left unclear on its way: nobody acts before the next one.
    void onLostOrder(const InstrumentKey &instrument, Duration nextAfter);
    void onFill(const Fill &fill);
    /// A new book that can be traded.
    void onMarket(std::size_t market);
    void atEnd();

    [[nodiscard]] std::int64_t size(std::size_t market) const { return m_sizes[market]; }
    [[nodiscard]] const std::vector<std::int64_t> &sizes() const { return m_sizes; }
    /// Beyond a limit that closes it, by more than roundings; `account`: the one of the day.
    [[nodiscard]] bool isBeyond(std::size_t market) const;
    [[nodiscard]] bool accountIsBeyond() const;
    /// The program has sent an order for it. Time since its breach with the first one after it.
    [[nodiscard]] std::optional<Duration> answered(std::size_t market);

private:
    /// From flat to flat, as the exchange sees it.
    struct Life {
        Direction direction{Direction::Long};
        double entryNotional{0}; ///< of the largest size
        double limit{0};         ///< largest loss that its own limits allow
        double realized{0};      ///< fees of what was closed included
        std::optional<UtcTime> breachedAt;
        bool answered{false};
        std::vector<ReferenceExit> exits;
        UtcTime exitsUntil{}; ///< until then another exit begins with every price
        std::pair<UtcTime, std::int64_t> lastExit{}; ///< when, and the size then
        double liquidationFee{0}; ///< the venue's own, taken before anybody could act
    };
    void watch(std::size_t market);
    void beginExit(std::size_t market);
    void watchAccount();
    void breach(Life &life);
    void endLife(std::size_t market);
    void judge(std::string_view what, double loss, double limit, double notional, const std::vector<ReferenceExit> &exits,
               std::optional<UtcTime> breachedAt);
    [[nodiscard]] ReferenceExit::Piece pieceOf(std::size_t market) const;
    [[nodiscard]] double lossLimit(double entryNotional, std::size_t market) const;
    [[nodiscard]] double openLoss(std::size_t market) const;
    [[nodiscard]] double accountLoss() const;
    [[nodiscard]] double takerFee() const;
    [[nodiscard]] std::string_view symbolOf(std::size_t market) const;

    const VenuePlan &m_venue;
    Timeline &m_timeline;
    DrillExchange &m_exchange;
    DrillResult &m_result;
    risk::Limits m_limits;
    Duration m_reaction;
    double m_equityAtStart{0};
    std::optional<double> m_accountLimit; ///< largest loss of the day, money
    std::optional<UtcTime> m_accountBreachedAt;
    std::vector<ReferenceExit> m_accountExits;
    UtcTime m_accountExitsUntil;
    UtcTime m_lastAccountExitAt;
    double m_liquidationFees{0};
    double m_tradedNotional{0}; ///< of all lives that ended
    std::vector<std::int64_t> m_sizes;
    std::vector<double> m_entries;
    std::vector<std::optional<Life>> m_lives;
};

} // namespace core::runtime::drill
