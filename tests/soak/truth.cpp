#include "tests/soak/truth.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace tests::soak
{

using namespace core;

namespace
{
constexpr std::uint64_t kOffset = 0xCBF29CE484222325ULL;
constexpr std::uint64_t kPrime = 0x100000001B3ULL;

void mix(std::uint64_t &hash, std::int64_t value)
{
    for (int byte = 0; byte < 8; ++byte) {
        hash ^= (static_cast<std::uint64_t>(value) >> (byte * 8)) & 0xFFU;
        hash *= kPrime;
    }
}
} // namespace

std::string orderLine(const std::string &wireId, const TruthOrder &order)
{
    return fmt::format("o {} {} {} {}", wireId, order.venueId, static_cast<int>(order.status), order.filled.raw());
}

std::string fillLine(std::string_view symbol, std::int64_t tradeId, Quantity quantity)
{
    return fmt::format("f {} {} {}", symbol, tradeId, quantity.raw());
}

std::string positionLine(std::string_view symbol, std::int64_t signedRaw)
{
    return fmt::format("p {} {}", symbol, signedRaw);
}

std::optional<Truth> parseTruth(const std::vector<std::string> &lines)
{
    Truth truth;
    for (const std::string &line : lines) {
        const auto parts = words(line);
        if (parts.size() == 5 && parts[0] == "o")
            truth.orders[parts[1]].push_back({numberIn(parts[2]), static_cast<OrderStatus>(numberIn(parts[3])),
                                              Quantity::fromRaw(numberIn(parts[4]))});
        else if (parts.size() == 4 && parts[0] == "f")
            truth.fills[{parts[1], numberIn(parts[2])}] = Quantity::fromRaw(numberIn(parts[3]));
        else if (parts.size() == 3 && parts[0] == "p")
            truth.positions[parts[1]] = numberIn(parts[2]);
        else
            return std::nullopt;
    }
    for (auto &[id, orders] : truth.orders)
        std::sort(orders.begin(), orders.end(),
                  [](const TruthOrder &a, const TruthOrder &b) { return a.venueId < b.venueId; });
    return truth;
}

std::uint64_t hashOf(std::span<const Level> bids, std::span<const Level> asks)
{
    std::uint64_t hash = kOffset;
    for (const auto side : {bids, asks}) {
        mix(hash, static_cast<std::int64_t>(side.size()));
        for (const Level &level : side) {
            mix(hash, level.price.raw());
            mix(hash, level.quantity.raw());
        }
    }
    return hash;
}

std::vector<std::string> words(std::string_view line)
{
    std::vector<std::string> result;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        if (end > 0)
            result.emplace_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return result;
}

std::int64_t numberIn(const std::string &word)
{
    std::int64_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
}

} // namespace tests::soak
