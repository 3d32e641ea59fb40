#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/domain/fixed8.h"

namespace core::exchange::hyperliquid
{

/// A price, size or amount as this venue hashes it: plain decimal, no exponent, no trailing zero, no "-0". It can only
/// be made from a fixed-point value, so no text of the venue ("97000.0") is echoed into an action.
class WireNumber
{
public:
    WireNumber() : WireNumber(0) {}
    template <class Tag> explicit WireNumber(Fixed8<Tag> value) : WireNumber(value.raw()) {}

    [[nodiscard]] const std::string &text() const { return m_text; }
    [[nodiscard]] bool isPositive() const { return m_raw > 0; }
    [[nodiscard]] bool isZero() const { return m_raw == 0; }
    friend bool operator==(const WireNumber &, const WireNumber &) = default;

private:
    explicit WireNumber(std::int64_t raw) : m_raw(raw), m_text(decimalText(raw)) {}

    std::int64_t m_raw{0};
    std::string m_text;
};

/// Decimal text in the same form ("100.10" → "100.1", ".5" → "0.5"); of any size up to 64 characters. ParseFailed on
/// an exponent, a '+', nothing, and on a ninth non-zero decimal: never rounded. Source: section 4.4.
[[nodiscard]] Result<std::string> wireNumberText(std::string_view text);

} // namespace core::exchange::hyperliquid
