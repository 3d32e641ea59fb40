#include "core/base/json_quote.h"

#include <cstddef>

namespace core
{

namespace
{
/// Length of the valid UTF-8 sequence at the front, 0 when there is none.
std::size_t utf8Length(std::string_view text)
{
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned>(static_cast<unsigned char>(text[i]));
    };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return 0;
    }
    const bool overlongOrSurrogate = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0) ||
                                     (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
    return length > 1 && overlongOrSurrogate ? 0 : length;
}
} // namespace

void appendJsonEscaped(std::string &out, std::string_view text)
{
    static constexpr std::string_view kHex = "0123456789abcdef";
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        std::size_t length = 1;
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(text.front());
        } else if (c < 0x20) {
            out.append("\\u00").push_back(kHex[c >> 4U]);
            out.push_back(kHex[c & 15U]);
        } else if (c < 0x80) {
            out.push_back(text.front());
        } else {
            length = utf8Length(text);
            out.append(length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length));
            length = length == 0 ? 1 : length;
        }
        text.remove_prefix(length);
    }
}

} // namespace core
