#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

/// Runs of decimal digits, eight at a time: no branch depends on how long a number is, so the varying lengths
/// of quantities cost no mispredictions.
namespace core::exchange::wire
{

struct DigitRun {
    std::uint64_t value{0};
    unsigned count{0}; ///< 0 to 8
};

inline constexpr std::array<std::uint64_t, 9> kPowersOfTen{1,       10,        100,        1'000,      10'000,
                                                           100'000, 1'000'000, 10'000'000, 100'000'000};

/// The digits from `p` on, at most eight; never reads at or behind `end`.
[[nodiscard]] inline DigitRun readDigits(const char *p, const char *end)
{
    DigitRun run;
    if (end - p < 8 || std::endian::native != std::endian::little) [[unlikely]] {
        while (p != end && run.count < 8 && static_cast<unsigned char>(*p - '0') <= 9) {
            run.value = run.value * 10 + static_cast<unsigned char>(*p++ - '0');
            ++run.count;
        }
        return run;
    }
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, p, sizeof bytes);
    bytes ^= 0x3030303030303030U; // a digit becomes 0 to 9
    // The high bit of the first byte above 9 is set here; carries can only spoil what stands behind it.
    const std::uint64_t others = ((bytes + 0x7676767676767676U) | bytes) & 0x8080808080808080U;
    run.count = static_cast<unsigned>(std::countr_zero(others)) / 8; // 64 / 8 when there is none
    if (run.count == 0)
        return run;
    bytes <<= 8 * (8 - run.count); // leading zeros in place of what follows
    bytes = bytes * 10 + (bytes >> 8U);
    run.value = (((bytes & 0x000000FF000000FFU) * 0x000F424000000064U) +
                 (((bytes >> 16U) & 0x000000FF000000FFU) * 0x0000271000000001U)) >>
                32U;
    return run;
}

/// The first byte from `p` on that is not printable ASCII, or is '"' or '\\'; `end` when there is none.
[[nodiscard]] inline const char *skipPlainText(const char *p, const char *end)
{
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHighs = 0x8080808080808080U;
    // Each term has its first high bit at the first such byte; borrows can only spoil what stands behind it.
    const auto zeroBytes = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
    if constexpr (std::endian::native == std::endian::little) {
        for (; end - p >= 8; p += 8) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, p, sizeof bytes);
            const std::uint64_t others =
                (zeroBytes(bytes ^ (kOnes * '"')) | zeroBytes(bytes ^ (kOnes * '\\')) |
                 zeroBytes(bytes ^ (kOnes * 0x7f)) | ((bytes - kOnes * ' ') & ~bytes) | bytes) &
                kHighs;
            if (others != 0)
                return p + std::countr_zero(others) / 8;
        }
    }
    while (p != end && *p >= ' ' && *p < '\x7f' && *p != '"' && *p != '\\')
        ++p;
    return p;
}

/// A decimal text without sign or exponent as an analysis value. False for anything else.
[[nodiscard]] inline bool parseAnalysisValue(std::string_view text, double &out)
{
    const std::size_t point = text.find('.');
    const std::size_t whole = point == std::string_view::npos ? text.size() : point;
    if (whole == 0 || whole + 1 == text.size() || text.size() > 64)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i != point && static_cast<unsigned char>(text[i] - '0') > 9)
            return false;
    }
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && stop == text.data() + text.size();
}

} // namespace core::exchange::wire
