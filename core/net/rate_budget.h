#pragma once

#include <optional>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/backoff.h"

namespace core::net
{

/// What a request is for. Under pressure History stops first, then Normal; Protective (reduce, cancel, stop,
/// and what is needed to know whether one worked) goes on while any budget exists.
enum class Lane { Protective, Normal, History };

/// What one request costs: weight of the address, places in the order windows of the account.
struct RequestCost {
    int weight{1};
    int orders{0};
    int funding{0}; ///< places in the pool of the funding history
};

struct BudgetLimits {
    int weightPerMinute{2400};
    int ordersPer10Seconds{300};
    int ordersPerMinute{1200};
    int fundingPer5Minutes{500};
    friend bool operator==(const BudgetLimits &, const BudgetLimits &) = default;
};

/// The request budget of one address and account: four windows aligned to the venue's wall clock, lanes with
/// reserves, and the pauses that the venue orders. Its counters are estimates; a header may raise them, never
/// lower them (others may share the address). Pure: the venue's time comes in and must not go back. One
/// thread. Source: reference/binance-usdm.md section 7.
class RateBudget
{
public:
    /// Why not now, and the earliest time at which asking again makes sense.
    struct Refusal {
        UtcTime retryAt;
        Error error;
    };
    enum class Pool { Weight, Orders, Funding };

    explicit RateBudget(BudgetLimits limits = {}, std::uint64_t seed = 1);

    void setLimits(const BudgetLimits &limits) { m_limits = limits; }
    /// Books the cost when it may be sent; otherwise says until when not.
    [[nodiscard]] std::optional<Refusal> take(Lane lane, RequestCost cost, UtcTime now);
    /// Headers of an answer. A count of an older window is not applied to the new one: `sentAt` decides.
    void onHeaders(std::optional<int> weight, std::optional<int> orders10Seconds,
                   std::optional<int> ordersMinute, UtcTime sentAt, UtcTime now);
    /// 429: nothing of this pool until the window ends (or as long as the venue says), longer on repetition.
    void onLimited(Pool pool, std::optional<Duration> retryAfter, UtcTime now);
    /// 418: nothing at all until `until` + 1 s; without a stated time 5 minutes. Afterwards one probe.
    void onBanned(std::optional<UtcTime> until, UtcTime now);
    /// 403 from the edge: nothing at all for 5 minutes.
    void onForbidden(UtcTime now);
    /// After a ban or a 403 only the probe may be sent, until it worked.
    [[nodiscard]] bool probeNeeded(UtcTime now) const { return m_probeNeeded && now >= m_stoppedUntil; }
    [[nodiscard]] std::optional<Refusal> takeProbe(UtcTime now);
    void onSuccess(UtcTime now);

    [[nodiscard]] int weightUsed(UtcTime now) const;
    [[nodiscard]] int weightLimit() const { return m_limits.weightPerMinute; }

private:
    struct Window {
        Duration length;
        UtcTime start;
        int used{0};
        void roll(UtcTime now);
        [[nodiscard]] UtcTime end() const { return start + length; }
    };

    void roll(UtcTime now);

    BudgetLimits m_limits;
    Jitter m_jitter;
    Window m_weight{std::chrono::minutes{1}, {}, 0};
    Window m_orders10Seconds{std::chrono::seconds{10}, {}, 0};
    Window m_ordersMinute{std::chrono::minutes{1}, {}, 0};
    Window m_funding{std::chrono::minutes{5}, {}, 0};
    UtcTime m_stoppedUntil; ///< ban or 403
    UtcTime m_weightPausedUntil;
    UtcTime m_ordersPausedUntil;
    UtcTime m_fundingPausedUntil;
    int m_limitedInARow{0};
    bool m_probeNeeded{false};
    UtcTime m_probeAgainAt;
};

} // namespace core::net
