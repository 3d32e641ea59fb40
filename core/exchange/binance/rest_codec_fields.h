#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/order.h"
#include "core/exchange/wire/json_fields.h"

/// What the readers of REST answers share.
namespace core::exchange::binance
{

[[nodiscard]] inline std::string at(std::string_view endpoint, qsizetype index)
{
    return std::string(endpoint) + "[" + std::to_string(index) + "]";
}

/// Reads each element of an array with `read(wire::JsonFields &) -> Result<T>`; the first failure ends it.
template <class T, class Read>
[[nodiscard]] Result<std::vector<T>> readEach(std::string_view endpoint, const QJsonArray &array, Read read)
{
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(array.size()));
    for (qsizetype i = 0; i < array.size(); ++i) {
        if (!array.at(i).isObject())
            return fail(ErrorCode::ParseFailed, at(endpoint, i) + ": an object is expected");
        wire::JsonFields fields(array.at(i).toObject(), at(endpoint, i));
        Result<T> value = read(fields);
        if (!value)
            return fail(value.error());
        values.push_back(std::move(*value));
    }
    return values;
}

template <class T, class Read>
[[nodiscard]] Result<std::vector<T>> readArray(std::string_view endpoint, std::string_view body, Read read)
{
    return wire::parseArray(endpoint, body).and_then([&](const QJsonArray &array) {
        return readEach<T>(endpoint, array, read);
    });
}

[[nodiscard]] PositionSide readPositionSide(wire::JsonFields &fields); ///< absent: Both
[[nodiscard]] Side readSide(wire::JsonFields &fields);
[[nodiscard]] Result<OrderUpdate> readOrder(wire::JsonFields &fields, UtcTime receivedAt);

} // namespace core::exchange::binance
