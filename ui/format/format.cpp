#include "ui/format/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <QtCore/QLocale>

#include "core/base/decimal.h"

using namespace Qt::StringLiterals;

namespace ui::format
{

namespace
{

constexpr QChar kMinus{0x2212};
constexpr QChar kNoBreakSpace{0x00A0};

std::int64_t stepFor(int places)
{
    std::int64_t step = core::kDecimalOne;
    for (int i = 0; i < places; ++i)
        step /= 10;
    return step;
}

/// Rounded to `step`, or the value itself next to the edge of the range, where rounding could leave it.
std::int64_t rounded(std::int64_t raw, std::int64_t step)
{
    constexpr std::int64_t kEdge = std::numeric_limits<std::int64_t>::max() - core::kDecimalOne;
    if (raw > kEdge || raw < -kEdge)
        return raw;
    return core::roundToStep(raw, step, core::Rounding::HalfEven);
}

QString grouped(std::uint64_t whole)
{
    const QString digits = QString::number(whole);
    const QString separator = QLocale().groupSeparator();
    QString text;
    for (qsizetype i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            text += separator;
        text += digits[i];
    }
    return text;
}

bool isLarge(core::Money money)
{
    constexpr std::int64_t kLimit = 10'000 * core::kDecimalOne;
    return money.raw() >= kLimit || money.raw() <= -kLimit;
}

QString twoDigits(std::int64_t value)
{
    return QString::number(value).rightJustified(2, u'0');
}

} // namespace

QString fixed(std::int64_t raw, int places, Sign sign)
{
    const std::int64_t value = rounded(raw, stepFor(places));
    const std::uint64_t magnitude =
        value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    constexpr auto kOne = static_cast<std::uint64_t>(core::kDecimalOne);
    QString text;
    if (value < 0)
        text += kMinus;
    else if (value > 0 && sign == Sign::Always)
        text += u'+';
    text += grouped(magnitude / kOne);
    if (places > 0) {
        const QString fraction = QString::number(magnitude % kOne).rightJustified(8, u'0');
        text += QLocale().decimalPoint();
        text += QStringView(fraction).left(places);
    }
    return text;
}

QString price(core::Price price, int places)
{
    return fixed(price.raw(), places);
}
QString size(core::Quantity quantity, int places)
{
    return fixed(quantity.raw(), places);
}
QString money(core::Money money)
{
    return fixed(money.raw(), 2);
}
QString moneyShort(core::Money money)
{
    return fixed(money.raw(), isLarge(money) ? 0 : 2);
}
QString change(core::Money money)
{
    return fixed(money.raw(), 2, Sign::Always);
}
QString changeShort(core::Money money)
{
    return fixed(money.raw(), isLarge(money) ? 0 : 2, Sign::Always);
}

QString dollars(core::Money money)
{
    QString text = fixed(money.raw(), 2);
    text.insert(text.startsWith(kMinus) ? 1 : 0, u'$');
    return text;
}

QString percentDigits(core::Ratio ratio, Sign sign)
{
    constexpr std::int64_t kEdge = std::numeric_limits<std::int64_t>::max() / 100;
    return fixed(std::clamp(ratio.raw(), -kEdge, kEdge) * 100, 2, sign);
}

QString percent(core::Ratio ratio, Sign sign)
{
    return percentDigits(ratio, sign) + kNoBreakSpace + u'%';
}

QString multiple(core::Ratio ratio)
{
    return fixed(ratio.raw(), 2) + QChar(0x00D7);
}

QString funding(core::Ratio rate)
{
    constexpr std::int64_t kEdge = std::numeric_limits<std::int64_t>::max() / 100;
    return fixed(std::clamp(rate.raw(), -kEdge, kEdge) * 100, 4, Sign::Always) + kNoBreakSpace + u'%';
}

QString milliseconds(core::Duration duration)
{
    const auto count = std::chrono::round<std::chrono::milliseconds>(duration).count();
    return QString::number(count) + kNoBreakSpace + u"ms"_s;
}

QString age(core::Duration age)
{
    const auto tenths =
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(age).count() / 100);
    if (tenths < 100)
        return QString::number(tenths / 10) + QLocale().decimalPoint() + QString::number(tenths % 10) +
               kNoBreakSpace + u's';
    const std::int64_t whole = tenths / 10;
    if (whole < 60)
        return QString::number(whole) + kNoBreakSpace + u's';
    if (whole < 3600)
        return twoDigits(whole / 60) + u':' + twoDigits(whole % 60);
    return countdown(std::chrono::seconds{whole});
}

QString countdown(core::Duration left)
{
    const std::int64_t whole =
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(left).count());
    return twoDigits(whole / 3600) + u':' + twoDigits(whole / 60 % 60) + u':' + twoDigits(whole % 60);
}

QString timeOfDay(core::UtcTime time)
{
    const auto sinceMidnight = time - std::chrono::floor<std::chrono::days>(time);
    return countdown(std::chrono::floor<std::chrono::seconds>(sinceMidnight));
}

QString timeOfDayZone(core::UtcTime time)
{
    return timeOfDay(time) + kNoBreakSpace + u"UTC"_s;
}

QString iso(core::UtcTime time)
{
    return QString::fromStdString(core::isoMilliseconds(time));
}

QString shortAmount(double value)
{
    struct Unit {
        double from;
        QLatin1StringView suffix;
    };
    static constexpr std::array<Unit, 3> kUnits{{{1e9, "B"_L1}, {1e6, "M"_L1}, {1e3, "k"_L1}}};
    double shown = value;
    QLatin1StringView suffix;
    for (const Unit &unit : kUnits) {
        if (std::abs(value) >= unit.from) {
            shown = value / unit.from;
            suffix = unit.suffix;
            break;
        }
    }
    const double size = std::abs(shown);
    const int places = size >= 100 || shown == std::floor(shown) ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
    QString text = QLocale::c().toString(shown, 'f', places);
    if (text.contains(u'.')) {
        while (text.endsWith(u'0'))
            text.chop(1);
        if (text.endsWith(u'.'))
            text.chop(1);
    }
    text.replace(u'.', QLocale().decimalPoint());
    text.replace(u'-', kMinus);
    return text + suffix;
}

Places placesOf(const core::Instrument &instrument)
{
    return {core::decimalPlaces(instrument.tickSize.raw()), core::decimalPlaces(instrument.stepSize.raw())};
}

Places guessedPlaces(core::Price price)
{
    const std::int64_t raw = std::abs(price.raw());
    if (raw >= 1'000 * core::kDecimalOne)
        return {1, 3};
    if (raw >= 10 * core::kDecimalOne)
        return {2, 2};
    if (raw >= core::kDecimalOne)
        return {3, 1};
    if (raw >= core::kDecimalOne / 10)
        return {4, 0};
    return {7, 0};
}

} // namespace ui::format
