#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

namespace core::exchange::wire
{

/// 1e-8 counts of a decimal text or a JSON number. A number is taken by its shortest decimal form, so 0.0065
/// is exactly that; a ninth decimal is an error, as in text.
[[nodiscard]] Result<std::int64_t> decimalOf(const QJsonValue &value);

/// The object or array in `body`. ParseFailed naming `endpoint`; `body` may be anything, HTML and nothing
/// included.
[[nodiscard]] Result<QJsonObject> parseObject(std::string_view endpoint, std::string_view body);
[[nodiscard]] Result<QJsonArray> parseArray(std::string_view endpoint, std::string_view body);

/// Reads named fields of one JSON object and remembers the first thing that was wrong ("context.field: …"),
/// so that a reader is a list of fields and one check at its end. A failed field reads as its zero.
class JsonFields
{
public:
    JsonFields(QJsonObject object, std::string context);

    [[nodiscard]] std::string text(QLatin1StringView key);
    [[nodiscard]] std::string optionalText(QLatin1StringView key) const; ///< absent, null or no text: empty
    [[nodiscard]] std::int64_t integer(QLatin1StringView key);           ///< also as text
    [[nodiscard]] std::int64_t integerOr(QLatin1StringView key, std::int64_t fallback);
    [[nodiscard]] bool booleanOr(QLatin1StringView key, bool fallback); ///< also "true", "false"
    [[nodiscard]] bool boolean(QLatin1StringView key);
    [[nodiscard]] UtcTime time(QLatin1StringView key); ///< milliseconds
    [[nodiscard]] UtcTime timeOr(QLatin1StringView key, UtcTime fallback);
    template <class Value> [[nodiscard]] Value fixed(QLatin1StringView key)
    {
        return Value::fromRaw(decimal(key));
    }
    /// Absent, null and "" are no value.
    template <class Value> [[nodiscard]] std::optional<Value> optionalFixed(QLatin1StringView key)
    {
        return has(key) ? std::optional<Value>(fixed<Value>(key)) : std::nullopt;
    }
    /// Sums and quotients that the venue worked out come with any number of decimals: rounded at the eighth place.
    template <class Value> [[nodiscard]] Value computed(QLatin1StringView key)
    {
        return Value::fromRaw(computedDecimal(key));
    }
    template <class Value> [[nodiscard]] std::optional<Value> optionalComputed(QLatin1StringView key)
    {
        return has(key) ? std::optional<Value>(computed<Value>(key)) : std::nullopt;
    }
    /// `value` as read from `key`; a sign that it cannot have is a fault.
    template <class Value> [[nodiscard]] Value notNegative(QLatin1StringView key, Value value)
    {
        if (value.isNegative())
            fault(key, "must not be negative");
        return value;
    }
    /// A text that identifies something.
    template <class Text> [[nodiscard]] Text identity(QLatin1StringView key)
    {
        const Text read = shortText<Text>(key);
        if (read.empty())
            fault(key, "is empty");
        return read;
    }
    template <class Text> [[nodiscard]] Text shortText(QLatin1StringView key)
    {
        const auto result = Text::from(text(key));
        if (!result)
            fault(key, "longer than expected");
        return result.value_or(Text{});
    }
    [[nodiscard]] bool has(QLatin1StringView key) const;
    [[nodiscard]] QJsonValue value(QLatin1StringView key) const { return m_object.value(key); }
    [[nodiscard]] const std::string &context() const { return m_context; }

    void fault(QLatin1StringView key, std::string_view what);
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }
    /// `value`, unless a field failed.
    template <class T> [[nodiscard]] Result<T> finish(T value) const
    {
        if (m_error)
            return fail(*m_error);
        return value;
    }

private:
    [[nodiscard]] std::int64_t decimal(QLatin1StringView key);
    [[nodiscard]] std::int64_t computedDecimal(QLatin1StringView key);

    QJsonObject m_object;
    std::string m_context;
    std::optional<Error> m_error;
};

} // namespace core::exchange::wire
