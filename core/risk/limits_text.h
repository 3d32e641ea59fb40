#pragma once

#include <string_view>
#include <vector>

#include "core/risk/limits.h"

namespace core::risk
{

/// What a file of schema 1 can say: staleness, slippages and the tiers on a position's loss on margin (alert, reduce, close).
struct Schema1 {
    int schema{1};
    Duration markStaleAfter{0};
    Duration accountStaleAfter{0};
    Ratio closeSlippageFirst;
    Ratio closeSlippageSecond;
    bool enabled{true};
    std::vector<Tier> tiers;
};
/// Reads the text only: every missing, malformed, unknown or duplicate field is an entry of the error's detail; walls are the
/// business of who asks. NewerVersion when it is another schema.
[[nodiscard]] Result<Schema1> parseSchema1(std::string_view toml);
/// The Standard preset with what the old file said in its place; errors name the fields of the old file.
[[nodiscard]] Result<Limits> overStandard(const Schema1 &old);

} // namespace core::risk
