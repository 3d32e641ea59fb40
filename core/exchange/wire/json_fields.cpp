#include "core/exchange/wire/json_fields.h"

#include <array>
#include <charconv>
#include <cmath>

#include <QtCore/QJsonDocument>

#include "core/exchange/wire/general_reader.h"

namespace core::exchange::wire
{
namespace
{

Result<QJsonDocument> parseDocument(std::string_view endpoint, std::string_view body)
{
    if (body.empty())
        return fail(ErrorCode::ParseFailed, std::string(endpoint) + ": empty answer");
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(
        QByteArray::fromRawData(body.data(), static_cast<qsizetype>(body.size())), &problem);
    if (problem.error != QJsonParseError::NoError)
        return fail(ErrorCode::ParseFailed, std::string(endpoint) + ": not JSON (" +
                                                problem.errorString().toStdString() + " at byte " +
                                                std::to_string(problem.offset) + ")");
    return document;
}

} // namespace

Result<std::int64_t> decimalOf(const QJsonValue &value)
{
    if (value.isString())
        return parseDecimal(value.toString().toStdString());
    if (!value.isDouble())
        return fail(ErrorCode::ParseFailed, "is not a decimal");
    const double number = value.toDouble();
    if (!(std::fabs(number) < 1e15))
        return fail(ErrorCode::OutOfRange, "does not fit");
    std::array<char, 64> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    if (error != std::errc{})
        return fail(ErrorCode::ParseFailed, "has too many decimals");
    return parseDecimal({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Result<QJsonObject> parseObject(std::string_view endpoint, std::string_view body)
{
    return parseDocument(endpoint, body).and_then([&](const QJsonDocument &document) -> Result<QJsonObject> {
        if (!document.isObject())
            return fail(ErrorCode::ParseFailed, std::string(endpoint) + ": an object is expected");
        return document.object();
    });
}

Result<QJsonArray> parseArray(std::string_view endpoint, std::string_view body)
{
    return parseDocument(endpoint, body).and_then([&](const QJsonDocument &document) -> Result<QJsonArray> {
        if (!document.isArray())
            return fail(ErrorCode::ParseFailed, std::string(endpoint) + ": an array is expected");
        return document.array();
    });
}

JsonFields::JsonFields(QJsonObject object, std::string context)
    : m_object(std::move(object)), m_context(std::move(context))
{
}

void JsonFields::fault(QLatin1StringView key, std::string_view what)
{
    if (!m_error)
        m_error = Error{ErrorCode::ParseFailed,
                        m_context + "." + std::string(key.data(), static_cast<std::size_t>(key.size())) +
                            ": " + std::string(what)};
}

bool JsonFields::has(QLatin1StringView key) const
{
    const QJsonValue found = m_object.value(key);
    return !found.isUndefined() && !found.isNull() && !(found.isString() && found.toString().isEmpty());
}

std::string JsonFields::text(QLatin1StringView key)
{
    const QJsonValue found = m_object.value(key);
    if (!found.isString())
        fault(key, found.isUndefined() ? "is missing" : "is not text");
    return found.toString().toStdString();
}

std::string JsonFields::optionalText(QLatin1StringView key) const
{
    return m_object.value(key).toString().toStdString();
}

std::int64_t JsonFields::integer(QLatin1StringView key)
{
    const QJsonValue found = m_object.value(key);
    if (found.isString()) {
        bool isNumber = false;
        const std::int64_t number = found.toString().toLongLong(&isNumber);
        if (!isNumber)
            fault(key, "is not an integer");
        return number;
    }
    if (!found.isDouble()) {
        fault(key, found.isUndefined() ? "is missing" : "is not an integer");
        return 0;
    }
    // toInteger answers the fallback for what is no 64-bit integer: two fallbacks tell.
    const qint64 number = found.toInteger(0);
    if (number == 0 && found.toInteger(1) != 0)
        fault(key, "is not an integer");
    return number;
}

std::int64_t JsonFields::integerOr(QLatin1StringView key, std::int64_t fallback)
{
    return has(key) ? integer(key) : fallback;
}

bool JsonFields::boolean(QLatin1StringView key)
{
    const QJsonValue found = m_object.value(key);
    if (found.isBool())
        return found.toBool();
    const QString text = found.toString().toLower();
    if (text != QLatin1StringView("true") && text != QLatin1StringView("false"))
        fault(key, found.isUndefined() ? "is missing" : "is neither true nor false");
    return text == QLatin1StringView("true");
}

bool JsonFields::booleanOr(QLatin1StringView key, bool fallback)
{
    return has(key) ? boolean(key) : fallback;
}

UtcTime JsonFields::time(QLatin1StringView key)
{
    const std::int64_t milliseconds = integer(key);
    // Nanoseconds of int64 end in 2262.
    if (milliseconds < 0 || milliseconds > 9'000'000'000'000) {
        fault(key, "is not a time");
        return UtcTime{};
    }
    return utcFromMilliseconds(milliseconds);
}

UtcTime JsonFields::timeOr(QLatin1StringView key, UtcTime fallback)
{
    return has(key) ? time(key) : fallback;
}

std::int64_t JsonFields::decimal(QLatin1StringView key)
{
    const QJsonValue found = m_object.value(key);
    if (found.isUndefined()) {
        fault(key, "is missing");
        return 0;
    }
    const auto raw = decimalOf(found);
    if (!raw)
        fault(key, raw.error().detail);
    return raw.value_or(0);
}

std::int64_t JsonFields::computedDecimal(QLatin1StringView key)
{
    const QJsonValue found = m_object.value(key);
    if (!found.isString())
        return decimal(key);
    const auto raw = parseRounded(found.toString().toStdString());
    if (!raw)
        fault(key, raw.error().detail);
    return raw.value_or(0);
}

} // namespace core::exchange::wire
