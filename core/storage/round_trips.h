#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
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

/// A position that was there before the first fill we know: its entry is the venue's, its opening time and
/// fees are not known.
struct OpeningPosition {
    Direction direction{Direction::Long};
    Quantity quantity;
    Price entryPrice;
    UtcTime seenAt;
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
    RoundTripBuilder(PositionKey key, Asset pnlAsset, std::optional<OpeningPosition> opening = std::nullopt);

    /// The round trip that this fill completes, if any. REQUIRES: not applied before, not older than the last
    /// one.
    [[nodiscard]] Result<std::optional<TradeRow>> apply(const Fill &fill);

    [[nodiscard]] bool isFlat() const { return m_open.sign == 0; }
    /// Signed: long > 0. In counts of 1e-8.
    [[nodiscard]] std::int64_t positionRaw() const { return m_open.sign * m_open.quantity; }
    /// Running average (unchanged by reductions). REQUIRES: not flat.
    [[nodiscard]] Price averageEntry() const { return m_open.average; }

private:
    __extension__ using Wide = __int128;
    struct Trip {
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
    [[nodiscard]] Result<void> increase(Trip &trip, const Fill &fill, std::int64_t quantity, Money fee) const;
    [[nodiscard]] Result<void> reduce(Trip &trip, const Fill &fill, std::int64_t quantity, Money fee) const;
    [[nodiscard]] Result<void> addFee(Trip &trip, const Fill &fill, Money fee) const;
    [[nodiscard]] Result<TradeRow> finished(const Trip &trip, const Fill &last) const;
    [[nodiscard]] Result<Trip> unseenTrip(const Fill &fill) const;

    PositionKey m_key;
    Asset m_pnlAsset;
    Trip m_open;
};

/// The order in which fills happened: venue time, then trade id on Binance (ascending there), else as given.
void sortFills(Venue venue, std::vector<Fill> &fills);
/// Sorts, drops repeated trade ids, and builds. Open remainders give no row.
[[nodiscard]] Result<std::vector<TradeRow>> buildRoundTrips(const PositionKey &key, const Asset &pnlAsset,
                                                            std::optional<OpeningPosition> opening,
                                                            std::vector<Fill> fills);

} // namespace core::storage
