#pragma once

#include <optional>
#include <vector>

#include "core/risk/config.h"

namespace core::risk
{

/// What one tier remembers within a position life.
struct TierState {
    bool armed{true};
    int fires{0};
    friend bool operator==(const TierState &, const TierState &) = default;
};

/// One breaker on one position life; a new life starts with a new value. `tiers` runs parallel to the
/// configuration's.
struct BreakerState {
    std::vector<TierState> tiers;
    friend bool operator==(const BreakerState &, const BreakerState &) = default;
};

/// The most severe tier that was reached, and how many times it has fired with this one.
struct Firing {
    std::size_t tier{0};
    int fireNumber{1};
    friend bool operator==(const Firing &, const Firing &) = default;
};

[[nodiscard]] BreakerState freshState(const PositionLossBreaker &breaker);
/// Keeps what tiers of the same id remember when the configuration changes; new ids start armed.
[[nodiscard]] BreakerState migrated(const BreakerState &state, const PositionLossBreaker &from,
                                    const PositionLossBreaker &to);

/// The tier that would act at `metric`, without changing anything.
[[nodiscard]] std::optional<Firing> peek(const PositionLossBreaker &breaker, const BreakerState &state,
                                         Ratio metric);
/// methods.md 7.2: re-arms tiers with metric ≤ rearm, then fires those with metric ≥ trigger: all reached
/// ones are disarmed and counted, only the most severe is returned. REQUIRES: state runs parallel to the
/// breaker's tiers.
[[nodiscard]] std::optional<Firing> step(const PositionLossBreaker &breaker, BreakerState &state,
                                         Ratio metric);

/// True when `a` does more than `b`: close over reduce over alert, then the larger fraction, then the higher
/// trigger.
[[nodiscard]] bool moreSevere(const LossTier &a, const LossTier &b);

} // namespace core::risk
