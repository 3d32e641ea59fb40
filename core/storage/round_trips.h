#pragma once

#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/risk/round_trips.h"
#include "core/storage/records.h"

namespace core::storage
{

/// Which position the fills belong to. All fills given to one builder must match it.
struct PositionKey {
    Mode mode{Mode::Demo};
    AccountId account;
    InstrumentKey instrument;
    PositionSide positionSide{PositionSide::Both};
    friend auto operator<=>(const PositionKey &, const PositionKey &) = default;
};

using risk::OpeningPosition;
using risk::sortFills;

/// risk::RoundTripBuilder for the rows of one position of one account.
class RoundTripBuilder
{
public:
    /// `pnlAsset` may be empty (unknown): then the first fee's asset counts as the asset of the fees.
    RoundTripBuilder(PositionKey key, Asset pnlAsset, std::optional<OpeningPosition> opening = std::nullopt);

    /// The round trip that this fill completes, if any. REQUIRES: not applied before, not older than the last
    /// one.
    [[nodiscard]] Result<std::optional<TradeRow>> apply(const Fill &fill);

    [[nodiscard]] bool isFlat() const { return m_trips.isFlat(); }
    /// Signed: long > 0. In counts of 1e-8.
    [[nodiscard]] std::int64_t positionRaw() const { return m_trips.positionRaw(); }
    /// Running average (unchanged by reductions). REQUIRES: not flat.
    [[nodiscard]] Price averageEntry() const { return m_trips.averageEntry(); }

private:
    PositionKey m_key;
    Asset m_pnlAsset;
    risk::RoundTripBuilder m_trips;
};

/// Sorts, drops repeated trade ids, and builds. Open remainders give no row.
[[nodiscard]] Result<std::vector<TradeRow>> buildRoundTrips(const PositionKey &key, const Asset &pnlAsset,
                                                            std::optional<OpeningPosition> opening,
                                                            std::vector<Fill> fills);

} // namespace core::storage
