#include "tests/mutations/mutations.h"

#include <algorithm>
#include <array>

namespace tests
{

namespace
{
constexpr std::size_t kSentenceMax = 400;
constexpr std::size_t kDocumentMax = 20'000;
using namespace std::string_view_literals;
constexpr std::array kAwkward{"null"sv,
                              "\"\""sv,
                              "{}"sv,
                              "[]"sv,
                              "[[[[[[[["sv,
                              "true"sv,
                              "\"false\""sv,
                              "0"sv,
                              "-1"sv,
                              "\"-1\""sv,
                              "\"-0.00000001\""sv,
                              "1e999"sv,
                              "\"1e5\""sv,
                              "1.5"sv,
                              "0.123456789"sv,
                              "\"0.1234567890123\""sv,
                              "\"92233720368.54775808\""sv,
                              "9223372036854775807"sv,
                              "-9223372036854775808"sv,
                              "\"-9223372036854775808\""sv,
                              "18446744073709551616"sv,
                              "\"NaN\""sv,
                              "\"Infinity\""sv,
                              "\" 1\""sv,
                              "\"\\ud800\""sv,
                              "\"\xFF\xFE\""sv,
                              "\"a\\u0000b\\n\""sv,
                              "\"0123456789012345678901234567890123456789012345678901234567890123456789\""sv};

[[nodiscard]] bool endsValue(char c)
{
    return c == ',' || c == '}' || c == ']';
}
} // namespace

std::string Mutator::next()
{
    std::string text = m_documents[below(m_documents.size())];
    for (std::size_t i = 0, count = 1 + below(3); i < count; ++i)
        damage(text);
    if (text.size() > kDocumentMax)
        text.resize(kDocumentMax);
    return text;
}

void Mutator::damage(std::string &text)
{
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(text.size() - at, 1 + below(24));
    switch (below(8)) {
    case 0:
        if (at < text.size())
            text[at] = static_cast<char>(m_random());
        break;
    case 1:
        text.erase(at, length);
        break;
    case 2:
        text.insert(at, text.substr(at, length));
        break;
    case 3:
        text.resize(at);
        break;
    case 4: {
        const std::string &other = m_documents[below(m_documents.size())];
        text.insert(at, other.substr(below(other.size()), length));
        break;
    }
    default:
        replaceValue(text);
    }
}

void Mutator::replaceValue(std::string &text)
{
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i + 1 < text.size(); ++i)
        if (text[i] == ':' || text[i] == '[' || text[i] == ',')
            starts.push_back(i + 1);
    if (starts.empty())
        return;
    const std::size_t start = starts[below(starts.size())];
    std::size_t end = start;
    bool quoted = false;
    for (; end < text.size() && (quoted || !endsValue(text[end])); ++end)
        if (text[end] == '"')
            quoted = !quoted;
    text.replace(start, end - start, kAwkward[below(kAwkward.size())]);
}

bool isSound(const core::Error &error)
{
    return !error.detail.empty() && error.detail.size() <= kSentenceMax && error.detail.find('\n') == std::string::npos;
}

} // namespace tests
