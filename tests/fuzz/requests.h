#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <QtCore/QJsonDocument>

#include "tests/fuzz/check.h"

namespace fuzz
{

/// An answer of the loopback exchange is JSON, whatever was asked.
inline void checkJson(const std::string &body)
{
    QJsonParseError problem;
    static_cast<void>(QJsonDocument::fromJson("[" + QByteArray::fromStdString(body) + "]", &problem));
    require(problem.error == QJsonParseError::NoError);
}

/// Up to the next `end`, which is taken off too.
[[nodiscard]] inline std::string_view takePart(std::string_view &rest, char end)
{
    const std::size_t at = std::min(rest.find(end), rest.size());
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return part;
}

/// Calls `ask(kind, rest)` for each line, by its first letter; so many that an input stays quick.
template <class Ask> void eachRequest(std::string_view bytes, Ask ask)
{
    constexpr int kRequestsMost = 32;
    for (int i = 0; i < kRequestsMost && !bytes.empty(); ++i)
        if (const std::string_view line = takePart(bytes, '\n'); !line.empty())
            ask(line.front(), line.substr(1));
}

} // namespace fuzz
