#pragma once

#include <map>
#include <vector>

#include "core/base/result.h"
#include "core/risk/facts.h"

namespace core::risk
{

/// What a venue says of one account's past, and the state that it led to. Rows are of [from, the state]; those that came after
/// the state are left out by who asks.
struct VenueFacts {
    Venue account{Venue::Binance};
    UtcTime from;                    ///< nothing is missing from here on
    UtcTime asOf;                    ///< of the state
    Asset asset;                     ///< of the wallet; rows in another one do not change it
    Money wallet;
    std::vector<Position> positions; ///< open ones
    std::vector<Fill> fills;
    std::map<InstrumentKey, Asset> settledIn; ///< of contracts that are not settled in `asset`
    std::vector<FundingPayment> funding;
    std::vector<Transfer> transfers;
    std::vector<UtcTime> starts;     ///< of the periods that limits count from, oldest first
};

/// A position that was open at one of the starts: its worth then needs the price of that moment.
struct PriceNeed {
    InstrumentKey instrument;
    UtcTime at;
    friend auto operator<=>(const PriceNeed &, const PriceNeed &) = default;
};
[[nodiscard]] std::vector<PriceNeed> pricesNeeded(const VenueFacts &facts);

/// The history that limits count from, rebuilt: equity at moments when nothing was open, when it stood highest between two
/// transfers, and at the starts; round trips; openings of what is open. Before a start with a position whose price is not in
/// `prices` no equity is told: it is not known. Exact where the rows are whole. OutOfRange when a sum does not fit.
/// Source: methods.md 6.10 to 6.12.
[[nodiscard]] Result<History> venueHistory(const VenueFacts &facts, const std::map<PriceNeed, Price> &prices);

} // namespace core::risk
