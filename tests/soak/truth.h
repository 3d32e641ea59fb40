#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/domain/market_data.h"
#include "core/domain/order.h"

namespace tests::soak
{

inline constexpr std::size_t kBinanceDepth = 200;    ///< levels per side that are compared
inline constexpr std::size_t kHyperliquidDepth = 20; ///< what l2Book shows

/// One order of the venue's book of record. A change of an order makes a second one with the same id on Hyperliquid.
struct TruthOrder {
    std::int64_t venueId{0};
    core::OrderStatus status{core::OrderStatus::New};
    core::Quantity filled;
};

/// All that the exchange knows of our account, by the client's id as the wire spells it.
struct Truth {
    std::map<std::string, std::vector<TruthOrder>> orders; ///< each list by venue id
    std::map<std::pair<std::string, std::int64_t>, core::Quantity> fills; ///< symbol and trade id
    std::map<std::string, std::int64_t> positions;                       ///< symbol → signed raw; flat ones are left out
};

/// Lines between the two processes, one fact each.
[[nodiscard]] std::string orderLine(const std::string &wireId, const TruthOrder &order);
[[nodiscard]] std::string fillLine(std::string_view symbol, std::int64_t tradeId, core::Quantity quantity);
[[nodiscard]] std::string positionLine(std::string_view symbol, std::int64_t signedRaw);
/// Nothing where a line makes no sense.
[[nodiscard]] std::optional<Truth> parseTruth(const std::vector<std::string> &lines);

/// Of every price and quantity in order; equal books, equal numbers.
[[nodiscard]] std::uint64_t hashOf(std::span<const core::Level> bids, std::span<const core::Level> asks);

/// Words of a line; blanks separate.
[[nodiscard]] std::vector<std::string> words(std::string_view line);
/// Decimal digits with an optional sign; 0 where it is none.
[[nodiscard]] std::int64_t numberIn(const std::string &word);

} // namespace tests::soak
