#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

/// Damaged inputs for parsers, the same on every run: a fuzzer without coverage for code that needs Qt.
namespace tests
{

inline constexpr int kMutations = 20'000;

/// Turns good documents into bad ones: bytes flipped, ranges cut, doubled or moved to another document's, values of
/// JSON replaced by awkward ones (too long, too large, negative, of another type, not UTF-8).
class Mutator
{
public:
    Mutator(std::vector<std::string> documents, std::uint64_t seed) : m_documents(std::move(documents)), m_random(seed) {}

    [[nodiscard]] std::string next();

private:
    [[nodiscard]] std::size_t below(std::size_t bound) { return bound == 0 ? 0 : m_random() % bound; }
    void damage(std::string &text);
    void replaceValue(std::string &text);

    std::vector<std::string> m_documents;
    std::mt19937_64 m_random;
};

/// Accepted, or refused with one line that a person can read.
[[nodiscard]] bool isSound(const core::Error &error);
template <class Value> [[nodiscard]] bool isSound(const core::Result<Value> &result)
{
    return result.has_value() || isSound(result.error());
}

} // namespace tests
