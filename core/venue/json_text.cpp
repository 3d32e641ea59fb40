#include "core/venue/json_text.h"

#include "core/base/json_quote.h"

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
    appendJsonEscaped(m_text, value);
    m_text += '"';
}

} // namespace core::venue
