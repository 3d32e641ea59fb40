#pragma once

#include <vector>

#include "core/risk/facts.h"
#include "core/risk/wide.h"

namespace core::risk
{

/// Of a pair that no matrix tells of: methods.md 8.7.
inline constexpr Ratio kUnknownCorrelation = Ratio::fromRaw(80'000'000);

/// Correlated exposure √(x'Rx) of signed notionals x, methods.md 8.8, kept in step with each change in O(members). Integer
/// arithmetic (x in 1e-4 of money, R in 1e-8): the order of the changes leaves no trace.
class CorrelatedSum
{
public:
    /// Index of a new member with x = 0. `correlations`: with each earlier member.
    std::size_t add(const std::vector<Ratio> &correlations);
    void setCorrelation(std::size_t a, std::size_t b, Ratio correlation);
    /// `notional` in 1e-16 of money, signed.
    void set(std::size_t member, Wide notional);
    /// In 1e-8 of money, rounded up; absent: a notional beyond the range.
    [[nodiscard]] std::optional<Money> exposure() const;
    [[nodiscard]] std::size_t size() const { return m_x.size(); }

private:
    [[nodiscard]] std::int64_t &at(std::size_t a, std::size_t b) { return m_r[a * m_stride + b]; }

    std::size_t m_stride{0};
    std::vector<std::int64_t> m_r; ///< row-major, m_stride wide
    std::vector<std::int64_t> m_x;
    std::vector<Wide> m_rx;
    Wide m_square{0};
    int m_outside{0};
    std::vector<bool> m_isOutside;
};

} // namespace core::risk
