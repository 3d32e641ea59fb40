#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/domain/fixed8.h"

namespace core::runtime
{

/// Totals that may leave the range of Fixed8 (a day's volume): exact in 128 bits. Quantities sum in units of 1e-8,
/// price × quantity in units of 1e-16.
class ExactSum
{
public:
    explicit ExactSum(int places) : m_places(places) {}
    static ExactSum ofQuantities() { return ExactSum(8); }
    static ExactSum ofProducts() { return ExactSum(16); }

    void add(Quantity quantity) { m_sum += quantity.raw(); }
    void add(Price price, Quantity quantity) { m_sum += static_cast<Wide>(price.raw()) * quantity.raw(); }

    /// Shortest exact decimal text.
    [[nodiscard]] std::string text() const
    {
        std::string digits;
        Wide rest = m_sum < 0 ? -m_sum : m_sum;
        do {
            digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
            rest /= 10;
        } while (rest != 0);
        const auto places = static_cast<std::size_t>(m_places);
        if (digits.size() <= places)
            digits.append(places + 1 - digits.size(), '0');
        std::reverse(digits.begin(), digits.end());
        digits.insert(digits.size() - places, 1, '.');
        digits.erase(digits.find_last_not_of('0') + 1);
        if (digits.back() == '.')
            digits.pop_back();
        return m_sum < 0 ? '-' + digits : digits;
    }

private:
    __extension__ using Wide = __int128;
    Wide m_sum{0};
    int m_places;
};

} // namespace core::runtime
