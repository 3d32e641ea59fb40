#pragma once

#include <string>
#include <vector>

#include "tests/soak/trader.h"
#include "tests/soak/truth.h"

namespace tests::soak
{

/// Where the client and the exchange disagree; each list empty: they do not.
struct Disagreement {
    std::vector<std::string> orders;    ///< without a fate, with two, or with another one than the exchange's
    std::vector<std::string> fills;     ///< of one side only, or with another quantity
    std::vector<std::string> positions;
    std::vector<std::string> books; ///< filled in by whoever asks the exchange
    [[nodiscard]] bool isEmpty() const
    {
        return orders.empty() && fills.empty() && positions.empty() && books.empty();
    }
};

[[nodiscard]] Disagreement compare(const Trader &trader, const Truth &truth);

} // namespace tests::soak
