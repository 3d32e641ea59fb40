// Canonical JSON of the guard's inputs and outputs. The reader takes keys in their fixed order only and then
// compares with its own encoding, so exactly one text stands for a value.
#include "core/orders/guard_io.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "core/base/json_quote.h"
#include "core/orders/guard_fields.h"

namespace core::orders
{

std::string_view name(Severity severity)
{
    switch (severity) {
    case Severity::Info: return "info";
    case Severity::Warning: return "warning";
    case Severity::Critical: return "critical";
    }
    return "unknown";
}

namespace
{
using codec::enumName;
using codec::fields;
using codec::kInputNames;
using codec::kOutputNames;
using codec::Last;

class Writer
{
public:
    explicit Writer(std::string &out) : m_out(out) {}

    template <class T> void operator()(std::string_view key, const T &value)
    {
        m_out.append(m_first ? "\"" : ",\"").append(key).append("\":");
        m_first = false;
        put(value);
    }
    template <class T> void object(const T &value)
    {
        m_out.push_back('{');
        m_first = true;
        fields(*this, value);
        m_out.push_back('}');
        m_first = false;
    }
    void number(std::int64_t value)
    {
        std::array<char, 24> buffer{};
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
        m_out.append(buffer.data(), end);
    }

private:
    void put(bool value) { m_out.append(value ? "true" : "false"); }
    void put(int value) { number(value); }
    void put(std::int64_t value) { number(value); }
    void put(UtcTime value) { number(toNanoseconds(value)); }
    void put(Duration value) { number(value.count()); }
    void put(VenueOrderId value) { number(value.value); }
    void put(ReduceOnly value) { put(value == ReduceOnly::Yes); }
    void put(const std::string &value) { text(value); }
    template <std::size_t N, class Tag> void put(const ShortText<N, Tag> &value) { text(value.view()); }
    template <class Tag> void put(Fixed8<Tag> value)
    {
        m_out.push_back('"');
        appendDecimal(m_out, value.raw());
        m_out.push_back('"');
    }
    void put(const InstrumentKey &key)
    {
        m_out.append("\"").append(name(key.venue)).push_back(':');
        appendJsonEscaped(m_out, key.symbol.view());
        m_out.push_back('"');
    }
    template <class T> void put(const std::optional<T> &value)
    {
        if (value)
            put(*value);
        else
            m_out.append("null");
    }
    template <class T> void put(const std::vector<T> &values)
    {
        m_out.push_back('[');
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0)
                m_out.push_back(',');
            put(values[i]);
        }
        m_out.push_back(']');
    }
    template <class E>
    requires std::is_enum_v<E>
    void put(E value) { m_out.append("\"").append(enumName(value)).push_back('"'); }
    template <class T>
    requires requires(Writer &w, const T &v) { fields(w, v); }
    void put(const T &value) { object(value); }

    void text(std::string_view value)
    {
        m_out.push_back('"');
        appendJsonEscaped(m_out, value);
        m_out.push_back('"');
    }

    std::string &m_out;
    bool m_first{true};
};

/// Takes exactly what Writer produces; after the first failure nothing more is read.
class Reader
{
public:
    explicit Reader(std::string_view line) : m_line(line) {}

    template <class T> void operator()(std::string_view key, T &value)
    {
        if (!m_first)
            literal(",");
        m_first = false;
        literal("\"");
        literal(key);
        literal("\":");
        if (m_error == nullptr)
            m_field = key;
        take(value);
    }
    template <class T> void object(T &value)
    {
        literal("{");
        m_first = true;
        fields(*this, value);
        literal("}");
        m_first = false;
    }
    void literal(std::string_view expected)
    {
        if (m_error != nullptr)
            return;
        if (!m_line.substr(m_at).starts_with(expected))
            failed("is not in canonical form");
        else
            m_at += expected.size();
    }
    /// The text up to the next quote, without escapes: names of alternatives.
    std::string_view word()
    {
        literal("\"");
        const std::size_t end = m_line.find('"', m_at);
        if (m_error != nullptr || end == std::string_view::npos) {
            failed("text has no end");
            return {};
        }
        const std::string_view result = m_line.substr(m_at, end - m_at);
        m_at = end + 1;
        return result;
    }
    [[nodiscard]] bool atEnd() const { return m_at == m_line.size(); }
    void failed(const char *rule)
    {
        if (m_error == nullptr)
            m_error = rule;
    }
    [[nodiscard]] bool ok() const { return m_error == nullptr; }
    [[nodiscard]] Error error() const
    {
        return {ErrorCode::ParseFailed,
                fmt::format("guard input, byte {}, field '{}': {}", m_at, m_field,
                            m_error == nullptr ? "is not in canonical form" : m_error)};
    }
    void take(UtcTime &value) { value = utcFromNanoseconds(number<std::int64_t>()); }

private:
    template <class N> N number()
    {
        N value{};
        if (m_error != nullptr)
            return value;
        const char *const from = m_line.data() + m_at;
        const auto [end, code] = std::from_chars(from, m_line.data() + m_line.size(), value);
        if (code != std::errc{})
            failed("must be a whole number in its range");
        else
            m_at += static_cast<std::size_t>(end - from);
        return value;
    }
    void take(bool &value)
    {
        value = m_line.substr(m_at).starts_with("true");
        literal(value ? "true" : "false");
    }
    void take(int &value) { value = number<int>(); }
    void take(std::int64_t &value) { value = number<std::int64_t>(); }
    void take(Duration &value) { value = Duration{number<std::int64_t>()}; }
    void take(VenueOrderId &value) { value.value = number<std::int64_t>(); }
    void take(ReduceOnly &value)
    {
        bool yes = false;
        take(yes);
        value = yes ? ReduceOnly::Yes : ReduceOnly::No;
    }
    void take(std::string &value) { value = text(); }
    template <std::size_t N, class Tag> void take(ShortText<N, Tag> &value)
    {
        const auto shortText = ShortText<N, Tag>::from(text());
        if (shortText)
            value = *shortText;
        else
            failed("is too long");
    }
    template <class Tag> void take(Fixed8<Tag> &value)
    {
        const auto parsed = parseFixed<Fixed8<Tag>>(word());
        if (parsed)
            value = *parsed;
        else
            failed("must be decimal text");
    }
    void take(InstrumentKey &value)
    {
        const std::string both = text();
        const std::size_t colon = both.find(':');
        const auto venue = parseVenue(std::string_view(both).substr(0, colon));
        if (colon == std::string::npos || !venue) {
            failed("must be venue:symbol");
            return;
        }
        const auto symbol = Symbol::from(std::string_view(both).substr(colon + 1));
        if (symbol)
            value = {*venue, *symbol};
        else
            failed("is too long");
    }
    template <class T> void take(std::optional<T> &value)
    {
        if (m_line.substr(m_at).starts_with("null")) {
            literal("null");
            value.reset();
            return;
        }
        take(value.emplace());
    }
    template <class T> void take(std::vector<T> &values)
    {
        literal("[");
        values.clear();
        if (m_line.substr(m_at).starts_with("]")) {
            literal("]");
            return;
        }
        while (m_error == nullptr) {
            take(values.emplace_back());
            if (!m_line.substr(m_at).starts_with(","))
                break;
            literal(",");
        }
        literal("]");
    }
    template <class E>
    requires std::is_enum_v<E>
    void take(E &value)
    {
        const std::string_view given = word();
        for (int i = 0; i <= static_cast<int>(Last<E>::value); ++i) {
            if (enumName(static_cast<E>(i)) == given) {
                value = static_cast<E>(i);
                return;
            }
        }
        failed("is not a known word");
    }
    template <class T>
    requires requires(Reader &r, T &v) { fields(r, v); }
    void take(T &value) { object(value); }

    std::string text()
    {
        literal("\"");
        std::string out;
        while (m_error == nullptr) {
            if (m_at >= m_line.size()) {
                failed("text has no end");
                break;
            }
            const char c = m_line[m_at++];
            if (c == '"')
                break;
            out.push_back(c == '\\' ? escape() : c);
        }
        return out;
    }
    char escape()
    {
        const std::string_view rest = m_line.substr(m_at);
        if (rest.starts_with('"') || rest.starts_with('\\')) {
            ++m_at;
            return rest.front();
        }
        unsigned value = 0;
        if (rest.size() < 5 || !rest.starts_with("u00") ||
            std::from_chars(rest.data() + 3, rest.data() + 5, value, 16).ptr != rest.data() + 5) {
            failed("has an escape that is not known here");
            return ' ';
        }
        m_at += 5;
        return static_cast<char>(value & 0x7FU);
    }

    std::string_view m_line;
    std::size_t m_at{0};
    const char *m_error{nullptr};
    std::string_view m_field{"at"};
    bool m_first{true};
};

template <std::size_t... I>
bool takeAlternative(Reader &reader, std::string_view kind, GuardInput &input, std::index_sequence<I...>)
{
    return ((kind == kInputNames[I] && (reader.object(input.emplace<I>()), true)) || ...);
}
} // namespace

std::string encode(const GuardInputRecord &record)
{
    std::string out;
    out.reserve(256);
    out.append("{\"at\":");
    Writer writer(out);
    writer.number(toNanoseconds(record.at));
    out.append(",\"").append(kInputNames[record.input.index()]).append("\":");
    std::visit([&writer](const auto &input) { writer.object(input); }, record.input);
    out.push_back('}');
    return out;
}

std::string encode(const GuardOutput &output)
{
    std::string out;
    out.reserve(640); // an order, which nothing should hold up
    out.append("{\"").append(kOutputNames[output.index()]).append("\":");
    Writer writer(out);
    std::visit([&writer](const auto &value) { writer.object(value); }, output);
    out.push_back('}');
    return out;
}

Result<GuardInputRecord> decodeGuardInput(std::string_view line)
{
    GuardInputRecord record;
    Reader reader(line);
    reader.literal("{\"at\":");
    reader.take(record.at);
    reader.literal(",");
    const std::string_view kind = reader.word();
    reader.literal(":");
    if (reader.ok() &&
        !takeAlternative(reader, kind, record.input, std::make_index_sequence<kInputNames.size()>{}))
        reader.failed("is not a known kind of input");
    reader.literal("}");
    if (!reader.ok() || !reader.atEnd())
        return fail(reader.error());
    // Leading zeros, "-0", a raw control byte, invalid UTF-8: whatever slipped through is not what encode
    // writes.
    if (encode(record) != line)
        return fail(ErrorCode::ParseFailed, "guard input: is not in canonical form");
    return record;
}

} // namespace core::orders
