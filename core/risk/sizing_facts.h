#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/domain/account.h"
#include "core/risk/facts.h"
#include "core/risk/sizing.h"

namespace core::risk
{

/// What is known of one account's results that a size depends on.
struct ResultFacts {
    std::optional<double> drawdown; ///< from the peak of the NAV index, a fraction; absent: no NAV yet
    KellyEvidence evidence;         ///< of the own trades with a planned risk, in units of it
    double streak{1};               ///< methods.md 8.10
    friend bool operator==(const ResultFacts &, const ResultFacts &) = default;
};
[[nodiscard]] ResultFacts resultFacts(const History &history);

/// Estimates that were measured elsewhere, for sizing an order on any instrument. What is missing here is missing in the answer.
struct SizingFacts {
    std::map<InstrumentKey, Estimate> estimates;
    std::map<InstrumentKey, Depth> depths;
    std::optional<Correlation> correlation;
    std::map<Venue, ResultFacts> results;
};

/// Fills in what `facts` know: volatilities, drawdown, streak, Kelly evidence, correlations and covariances of the open
/// `positions` (at their marks) with the instrument, book depth on the side of the entry, hourly volume. `limits`: whose drawdown
/// limit scales the risk. Nothing else of `input` is changed. REQUIRES: direction, instrument and limits are set.
void feed(SizingInput &input, const SizingFacts &facts, const Limits &limits, const std::vector<Position> &positions);

} // namespace core::risk
