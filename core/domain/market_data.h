#pragma once

#include <cstdint>
#include <optional>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

namespace core
{

enum class Side { Buy, Sell };
[[nodiscard]] constexpr Side opposite(Side side) { return side == Side::Buy ? Side::Sell : Side::Buy; }

/// One price of a book with everything that rests there. Quantity 0 in a change means: the level is gone.
struct Level {
    Price price;
    Quantity quantity;
    friend constexpr bool operator==(const Level &, const Level &) = default;
};

/// What kind of print it was. Only Market belongs into profiles and candles.
enum class TradeKind { Market, InsuranceFund, Other };

/// One print, or several of one price and aggressor joined by the venue.
struct Trade {
    InstrumentKey instrument;
    std::int64_t id{0};      ///< venue's id of the (joined) trade
    std::int64_t firstId{0}; ///< ids of the single prints that it covers
    std::int64_t lastId{0};
    Price price;
    Quantity quantity;
    Side aggressor{Side::Buy};
    TradeKind kind{TradeKind::Market};
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// Best bid and ask. `updateId` is comparable with the depth stream's ids of the same symbol.
struct BestQuote {
    InstrumentKey instrument;
    std::int64_t updateId{0};
    Level bid;
    Level ask;
    UtcTime venueTime;
    UtcTime receivedAt;
};

struct MarkPrice {
    InstrumentKey instrument;
    Price mark;
    std::optional<Price> index;
    std::optional<Ratio> fundingRate;        ///< of the running interval; positive: longs pay
    std::optional<UtcTime> nextFundingTime;
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// Half-open interval [openTime, openTime + length). `closed` candles never change again.
struct Candle {
    InstrumentKey instrument;
    UtcTime openTime;
    Duration length{std::chrono::minutes{1}};
    Price open, high, low, close;
    Quantity volume;
    Quantity takerBuyVolume;
    Money quoteVolume;
    std::int64_t trades{0};
    bool closed{false};
    bool synthetic{false}; ///< no trade in the interval: O=H=L=C=previous close
};

/// A forced order that the venue published; of one second perhaps only the largest.
struct Liquidation {
    InstrumentKey instrument;
    Side side{Side::Sell}; ///< Sell: a long was liquidated
    Price price;
    Quantity quantity;
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// The last 24 hours of one contract. Volumes are analysis values: they may exceed the range of Quantity.
struct Ticker {
    InstrumentKey instrument;
    Price last;
    Price open; ///< 24 h ago
    std::optional<Price> high, low;
    double baseVolume{0};
    double quoteVolume{0};
    std::optional<double> openInterest; ///< base units
    UtcTime venueTime;
    UtcTime receivedAt;
};

/// What was (or is to be) paid per unit of notional at `time`; positive: longs pay.
struct FundingRate {
    InstrumentKey instrument;
    Ratio rate;
    UtcTime time;
    friend bool operator==(const FundingRate &, const FundingRate &) = default;
};

/// State of one stream or of what is built from it. Only Fresh may feed a decision.
enum class Freshness {
    Connecting, ///< nothing received yet
    Fresh,
    Stale,    ///< older than its limit
    Gapped,   ///< the sequence has a hole, a new snapshot is on its way
    Crossed,  ///< best bid ≥ best ask
    Diverged, ///< disagrees with a second source of the same fact
    Lost,     ///< no connection
};
[[nodiscard]] std::string_view name(Freshness freshness);
[[nodiscard]] std::string_view name(Side side);

} // namespace core
