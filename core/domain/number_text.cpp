#include "core/domain/number_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace core
{

namespace
{
/// `text` padded with zeros to `places` digits after the point.
void padPlaces(std::string &text, int places)
{
    if (places <= 0)
        return;
    const std::size_t point = text.find('.');
    const std::size_t have = point == std::string::npos ? 0 : text.size() - point - 1;
    if (point == std::string::npos)
        text.push_back('.');
    if (have < static_cast<std::size_t>(places))
        text.append(static_cast<std::size_t>(places) - have, '0');
}

void groupThousands(std::string &text)
{
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    std::size_t at = std::min(text.find('.'), text.size());
    while (at > first + 3) {
        at -= 3;
        text.insert(at, 1, ',');
    }
}
} // namespace

std::string priceText(Price price, const Instrument *instrument)
{
    std::string text = price.text();
    if (instrument != nullptr && instrument->tickSize.isPositive())
        padPlaces(text, decimalPlaces(instrument->tickSize.raw()));
    groupThousands(text);
    return text;
}

std::string quantityText(Quantity quantity, const Instrument *instrument)
{
    std::string text = quantity.text();
    if (instrument != nullptr && instrument->stepSize.isPositive())
        padPlaces(text, decimalPlaces(instrument->stepSize.raw()));
    groupThousands(text);
    return text;
}

std::string percentText(Ratio ratio)
{
    const auto percent = mulDiv(ratio.raw(), 100, 1, Rounding::TowardZero);
    if (!percent)
        return "beyond range";
    std::string text = decimalText(roundToStep(*percent, kDecimalOne / 100, Rounding::TowardZero));
    groupThousands(text);
    return text + " %";
}

std::string secondsText(Duration duration)
{
    const auto hundredths = duration.count() / 10'000'000;
    return fmt::format("{}.{:02} s", hundredths / 100, hundredths % 100);
}

std::string timeOfDayText(UtcTime time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const auto ofDay = ((seconds % 86'400) + 86'400) % 86'400;
    return fmt::format("{:02}:{:02}:{:02} UTC", ofDay / 3'600, ofDay / 60 % 60, ofDay % 60);
}

std::string positionText(const InstrumentKey &key, Direction direction, Quantity quantity,
                         const Instrument *instrument)
{
    return fmt::format("{} {} {}", key.symbol.view(), name(direction), quantityText(quantity, instrument));
}

} // namespace core
