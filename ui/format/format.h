#pragma once

#include <optional>

#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/instrument.h"

/// Numbers and times for people. Separators follow the default QLocale, digits stay Latin, minus is U+2212, a
/// change always carries its sign and zero carries none. Pure functions; gui thread.
namespace ui::format
{

enum class Sign { OnlyMinus, Always };

/// A count of 1e-8 with exactly `places` (0 to 8) digits, half-even, grouped.
[[nodiscard]] QString fixed(std::int64_t raw, int places, Sign sign = Sign::OnlyMinus);

[[nodiscard]] QString price(core::Price price, int places);
[[nodiscard]] QString size(core::Quantity quantity, int places);
[[nodiscard]] QString money(core::Money money);       ///< 1,234.50
[[nodiscard]] QString moneyShort(core::Money money);  ///< no decimals from 10,000 up
[[nodiscard]] QString dollars(core::Money money);     ///< −$318.12
[[nodiscard]] QString change(core::Money money);      ///< +34.93, 0.00
[[nodiscard]] QString changeShort(core::Money money); ///< as change, no decimals from 10,000 up
[[nodiscard]] QString percent(core::Ratio ratio, Sign sign = Sign::OnlyMinus); ///< 12.39 %
[[nodiscard]] QString percentDigits(core::Ratio ratio,
                                    Sign sign = Sign::OnlyMinus); ///< 12.39, unit in the header
[[nodiscard]] QString multiple(core::Ratio ratio);                ///< 1.20×
[[nodiscard]] QString funding(core::Ratio rate);                  ///< +0.0100 %
[[nodiscard]] QString milliseconds(core::Duration duration);      ///< 42 ms
[[nodiscard]] QString age(core::Duration age);                    ///< 0.4 s, 12 s, 02:14
[[nodiscard]] QString countdown(core::Duration left);             ///< 02:14:33
[[nodiscard]] QString timeOfDay(core::UtcTime time);              ///< 14:35:02
[[nodiscard]] QString timeOfDayZone(core::UtcTime time);          ///< 14:35:02 UTC
[[nodiscard]] QString iso(core::UtcTime time);                    ///< for tooltips
[[nodiscard]] QString shortAmount(double value);                  ///< 1.2k, 34M: chart axes and legends only
[[nodiscard]] inline QString missing()
{
    return QStringLiteral("\u2014");
}

/// Decimals of an instrument's price and size; by magnitude while the venue has not described it.
struct Places {
    int price{2};
    int size{3};
};
[[nodiscard]] Places placesOf(const core::Instrument &instrument);
[[nodiscard]] Places guessedPlaces(core::Price price);

} // namespace ui::format
