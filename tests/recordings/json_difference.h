#pragma once

#include <optional>
#include <string>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

/// Decoded values as plain JSON, to hold what was kept against what was sent.
namespace tests
{

/// Where `kept` says something else than `original`, in words; empty when it does not. Members that were not
/// kept do not count; decimals are compared by value at eight places, doubles exactly.
[[nodiscard]] QString difference(const QJsonValue &kept, const QJsonValue &original, const QString &path = {});

template <class Tag> [[nodiscard]] QJsonValue json(core::Fixed8<Tag> value)
{
    return QString::fromStdString(value.text());
}
[[nodiscard]] inline QJsonValue json(core::UtcTime time)
{
    return static_cast<qint64>(core::toMilliseconds(time));
}
[[nodiscard]] inline QJsonValue json(const std::string &text)
{
    return QString::fromStdString(text);
}
[[nodiscard]] inline QJsonValue json(const core::InstrumentKey &key)
{
    return QString::fromStdString(key.symbol.string());
}
[[nodiscard]] inline QJsonValue json(double value)
{
    return value;
}
[[nodiscard]] inline QJsonValue json(std::int64_t value)
{
    return static_cast<qint64>(value);
}
/// Absent values are no members.
template <class Value> void put(QJsonObject &out, const char *key, const std::optional<Value> &value)
{
    if (value)
        out.insert(QLatin1StringView(key), json(*value));
}
inline void putText(QJsonObject &out, const char *key, const std::string &text)
{
    if (!text.empty())
        out.insert(QLatin1StringView(key), json(text));
}

} // namespace tests
