#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"

namespace core
{

// Numbers as people read them in alerts: English, dot and thousands commas, never the locale's.

/// "61,234.5": at least the places of the tick, all digits that are there.
[[nodiscard]] std::string priceText(Price price, const Instrument *instrument);
/// "0.250": the places of the step.
[[nodiscard]] std::string quantityText(Quantity quantity, const Instrument *instrument);
/// "31.2 %", at most two places, rounded down toward zero so that nothing looks reached that is not.
[[nodiscard]] std::string percentText(Ratio ratio);
/// "0.42 s".
[[nodiscard]] std::string secondsText(Duration duration);
/// "14:35:02 UTC".
[[nodiscard]] std::string timeOfDayText(UtcTime time);
/// "BTCUSDT long 0.250".
[[nodiscard]] std::string positionText(const InstrumentKey &key, Direction direction, Quantity quantity,
                                       const Instrument *instrument);

} // namespace core
