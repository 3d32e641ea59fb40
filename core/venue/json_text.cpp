#include "core/venue/json_text.h"

namespace core::venue
{

std::string JsonText::fixedText(std::int64_t raw, int places)
{
    std::int64_t unit = 1;
    for (int i = places; i < 8; ++i)
        unit *= 10;
    return raw % unit == 0 ? decimalTextFixed(raw, places) : decimalText(raw);
}

void JsonText::quote(std::string_view value)
{
    m_text += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            m_text += '\\';
            m_text += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(m_text), "\\u{:04x}",
                           static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            m_text += c;
        }
    }
    m_text += '"';
}

} // namespace core::venue
