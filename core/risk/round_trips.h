#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/risk/facts.h"

namespace core::risk
{

/// A position that was there before the first fill we know: its entry is the venue's, its opening time and
/// fees are not known.
struct OpeningPosition {
    Direction direction{Direction::Long};
    Quantity quantity;
    Price entryPrice;
    UtcTime seenAt;
};

/// From flat to flat.
struct RoundTrip {
    Direction direction{Direction::Long};
    std::int64_t openTradeId{0};  ///< of the fill that opened it; 0: opened before the record began
    std::int64_t closeTradeId{0}; ///< of the fill that closed it
    UtcTime openedAt;
    UtcTime closedAt;
    Quantity size;    ///< everything that was opened (= everything that was closed)
    Quantity sizeMax; ///< largest position on the way
    Price entryPrice; ///< size-weighted over all increases
    Price exitPrice;  ///< size-weighted over all reductions
    Money gross;      ///< sum of the venue's realised results
    Money fees;
    Money net;        ///< gross − fees, without funding
    std::string note;
};

/// Builds round trips from fills in order: flat to flat; a flip closes one and opens the next with the
/// remainder (its fee is split by quantity); entry = size-weighted over increases, unchanged by reductions.
/// Gross = the venue's realised results, so Σ net = Σ realised − Σ fees exactly. A fee in another asset than
/// `pnlAsset` is not converted: it is named in `note`. Pure value; OutOfRange when a sum does not fit.
/// Source: methods.md 6.10.
class RoundTripBuilder
{
public:
    /// `pnlAsset` may be empty (unknown): then the first fee's asset counts as the asset of the fees.
    RoundTripBuilder(PositionSide side, Asset pnlAsset, std::optional<OpeningPosition> opening = std::nullopt);

    /// The round trip that this fill completes, if any. REQUIRES: not applied before, not older than the last
    /// one.
    [[nodiscard]] Result<std::optional<RoundTrip>> apply(const Fill &fill);

    [[nodiscard]] bool isFlat() const { return m_open.sign == 0; }
    /// Signed: long > 0. In counts of 1e-8.
    [[nodiscard]] std::int64_t positionRaw() const { return m_open.sign * m_open.quantity; }
    /// Running average (unchanged by reductions). REQUIRES: not flat.
    [[nodiscard]] Price averageEntry() const { return m_open.average; }

private:
    __extension__ using Wide = __int128;
    struct Open {
        int sign{0}; ///< +1 long, −1 short, 0 flat
        std::int64_t quantity{0};
        std::int64_t quantityMax{0};
        Price average;
        std::int64_t opened{0}; ///< quantity of all increases
        std::int64_t closed{0};
        Wide openedNotional{0}; ///< × 1e-16
        Wide closedNotional{0};
        Money gross;
        Money fees;
        std::int64_t openTradeId{0};
        UtcTime openedAt;
        std::string note;
        std::vector<std::pair<Asset, Money>> otherFees;
    };
    [[nodiscard]] Result<void> increase(Open &trip, const Fill &fill, std::int64_t quantity, Money fee) const;
    [[nodiscard]] Result<void> reduce(Open &trip, const Fill &fill, std::int64_t quantity, Money fee) const;
    [[nodiscard]] Result<void> addFee(Open &trip, const Fill &fill, Money fee) const;
    [[nodiscard]] Result<RoundTrip> finished(const Open &trip, const Fill &last) const;
    [[nodiscard]] Result<Open> unseenTrip(const Fill &fill) const;

    PositionSide m_side;
    Asset m_pnlAsset;
    Open m_open;
};

/// The order in which fills happened: venue time, then trade id on Binance (ascending there), else as given.
void sortFills(Venue venue, std::vector<Fill> &fills);

} // namespace core::risk
