#pragma once

#include <set>

#include "core/venue/engine.h"

namespace core::venue
{

/// One contract inside the engine: its rules, its book and what the market said last.
struct VenueEngine::Market {
    explicit Market(const VenueInstrument &listed) : instrument(listed), book(listed.contract.tickSize)
    {
        state.fundingRate = listed.fundingRate;
    }
    void setBookIds(std::int64_t lastUpdateId, UtcTime eventTime, UtcTime venueTime)
    {
        state.lastUpdateId = lastUpdateId;
        state.bookEventTime = eventTime;
        state.bookTime = venueTime;
        state.hasBook = true;
    }

    VenueInstrument instrument;
    MatchingBook book;
    MarketState state;
    std::set<std::int64_t> openAlgos{}; ///< of this contract, not yet triggered
};

} // namespace core::venue
