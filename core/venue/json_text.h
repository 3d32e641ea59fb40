#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/base/decimal.h"

namespace core::venue
{

/// Writes JSON text in the order of the calls, as compactly as the venue does. Values that are amounts go out
/// as decimal text; text is escaped.
class JsonText
{
public:
    JsonText &object() { return open('{'); }
    JsonText &array() { return open('['); }
    JsonText &end(char bracket)
    {
        m_text += bracket;
        m_comma = true;
        return *this;
    }
    JsonText &endObject() { return end('}'); }
    JsonText &endArray() { return end(']'); }
    JsonText &key(std::string_view name)
    {
        separate();
        quote(name);
        m_text += ':';
        m_comma = false;
        return *this;
    }
    JsonText &text(std::string_view value)
    {
        separate();
        quote(value);
        m_comma = true;
        return *this;
    }
    JsonText &raw(std::string_view value)
    {
        separate();
        m_text += value;
        m_comma = true;
        return *this;
    }
    JsonText &number(std::int64_t value)
    {
        separate();
        fmt::format_to(std::back_inserter(m_text), "{}", value);
        m_comma = true;
        return *this;
    }
    /// Decimal text with `places` digits where they suffice, else as many as needed.
    JsonText &fixed(std::int64_t raw, int places) { return text(fixedText(raw, places)); }

    JsonText &text(std::string_view name, std::string_view value) { return key(name).text(value); }
    JsonText &number(std::string_view name, std::int64_t value) { return key(name).number(value); }
    JsonText &flag(std::string_view name, bool value) { return key(name).raw(value ? "true" : "false"); }
    JsonText &fixed(std::string_view name, std::int64_t raw, int places)
    {
        return key(name).fixed(raw, places);
    }

    [[nodiscard]] std::string take() { return std::move(m_text); }
    [[nodiscard]] static std::string fixedText(std::int64_t raw, int places);

private:
    JsonText &open(char bracket)
    {
        separate();
        m_text += bracket;
        m_comma = false;
        return *this;
    }
    void separate()
    {
        if (m_comma)
            m_text += ',';
    }
    void quote(std::string_view value);

    std::string m_text;
    bool m_comma{false};
};

} // namespace core::venue
