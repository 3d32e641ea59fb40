#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/exchange/wire/swar.h"

namespace core::exchange::wire
{

/// Steps through bytes that look as a venue writes them: no blanks, plain ASCII texts, plain numbers. `false`
/// never means "wrong", only "not for me". Bounds: the bytes end with '}', which no loop here steps over, so
/// single looks ahead need no end check; what may step over a '}' checks the end itself.
class Cursor
{
public:
    /// REQUIRES: not empty, last byte '}'.
    explicit Cursor(std::string_view frame) : m_at(frame.data()), m_end(frame.data() + frame.size()) {}

    [[nodiscard]] bool atEnd() const { return m_at == m_end; }
    /// The byte here and `ahead` bytes on; '}' beyond the end.
    [[nodiscard]] char look(std::ptrdiff_t ahead = 0) const
    {
        return m_end - m_at > ahead ? m_at[ahead] : '}';
    }
    [[nodiscard]] bool take(char c)
    {
        if (m_at == m_end || *m_at != c)
            return false;
        ++m_at;
        return true;
    }
    [[nodiscard]] bool take(std::string_view literal)
    {
        if (static_cast<std::size_t>(m_end - m_at) < literal.size() ||
            std::memcmp(m_at, literal.data(), literal.size()) != 0)
            return false;
        m_at += literal.size();
        return true;
    }
    /// A literal whose length is known while compiling: one or two comparisons of words.
    template <std::size_t Size> [[nodiscard]] bool take(const char (&literal)[Size])
    {
        constexpr std::ptrdiff_t kLength = Size - 1;
        if (m_end - m_at < kLength || std::memcmp(m_at, &literal[0], kLength) != 0)
            return false;
        m_at += kLength;
        return true;
    }
    /// A string of printable ASCII without escapes.
    [[nodiscard]] bool text(std::string_view &out)
    {
        if (look() != '"')
            return false;
        const char *const begin = m_at + 1;
        const char *const p = skipPlainText(begin, m_end);
        if (p == m_end || *p != '"')
            return false;
        out = {begin, static_cast<std::size_t>(p - begin)};
        m_at = p + 1;
        return true;
    }
    /// 1 to 18 digits without leading zeros.
    [[nodiscard]] bool integer(std::int64_t &out)
    {
        const char *p = m_at;
        std::uint64_t value = 0;
        for (DigitRun run{0, 8}; run.count == 8 && p - m_at < 24;) {
            run = readDigits(p, m_end);
            p += run.count;
            value = value * kPowersOfTen[run.count] + run.value;
        }
        const auto digits = p - m_at;
        if (digits == 0 || digits > 18 || (*m_at == '0' && digits > 1))
            return false;
        out = static_cast<std::int64_t>(value);
        m_at = p;
        return true;
    }
    /// A quoted decimal without sign: 1–10 digits, optionally '.' and 1–8 digits. Leaves the place unchanged
    /// when not.
    [[nodiscard]] bool quotedDecimal(std::int64_t &raw)
    {
        if (look() != '"')
            return false;
        const char *p = m_at + 1;
        if (!digitsToQuote(p, raw))
            return false;
        m_at = p;
        return true;
    }

private:
    /// From behind the opening quote to behind the closing one. Most numbers are short (6 + 1, 1 + 5), and
    /// for those a plain loop beats eight digits at a time.
    [[nodiscard]] static bool digitsToQuote(const char *&cursor, std::int64_t &raw)
    {
        const char *p = cursor;
        std::uint64_t value = 0;
        std::uint64_t digit = 0;
        while ((digit = static_cast<unsigned char>(*p - '0')) <= 9) {
            value = value * 10 + digit;
            ++p;
        }
        const auto whole = p - cursor;
        if (whole == 0 || whole > 10)
            return false;
        std::ptrdiff_t places = 0;
        if (*p == '.') {
            const char *const fraction = ++p;
            while ((digit = static_cast<unsigned char>(*p - '0')) <= 9) {
                value = value * 10 + digit;
                ++p;
            }
            places = p - fraction;
            if (places == 0 || places > 8)
                return false;
        }
        if (*p != '"')
            return false;
        raw = static_cast<std::int64_t>(value * kPowersOfTen[static_cast<std::size_t>(8 - places)]);
        cursor = p + 1;
        return true;
    }

    const char *m_at;
    const char *m_end;
};

} // namespace core::exchange::wire
