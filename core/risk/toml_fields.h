#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/risk/limits.h"

namespace core::risk
{

/// Longest text that is read at all.
inline constexpr std::size_t kTomlBytesMax = 65'536;

struct TomlValue {
    enum class Kind { Text, Integer, Boolean };
    Kind kind{Kind::Text};
    std::string text; ///< Text: without the quotes; else the literal
    bool used{false};
};

/// A strict subset of TOML as "path" → value: "key", "table.key", "array[1].inner[0].key". Lines, values and tables that are not
/// understood and keys given twice are entries of `errors`; nothing is repaired.
class TomlDocument
{
public:
    /// `tables`: the plain ones. `arrays`: those in double brackets; an inner one is named "outer.inner".
    TomlDocument(std::initializer_list<std::string_view> tables, std::initializer_list<std::string_view> arrays,
                 std::vector<FieldError> &errors)
        : m_tables(tables), m_arrays(arrays), m_errors(errors)
    {
    }
    void read(std::string_view toml);

    /// Replaces or adds one value, written as in the file or, for a text, without quotes. An error as in `read`.
    void set(const std::string &path, std::string_view literal);
    void remove(const std::string &path) { m_values.erase(path); }

    /// Marks the value as used. nullptr and an entry of the errors when it is missing.
    [[nodiscard]] const TomlValue *find(const std::string &path);
    [[nodiscard]] bool has(const std::string &path) const { return m_values.contains(path); }
    /// How often an array's header came: "array", "array[1].inner".
    [[nodiscard]] std::size_t count(const std::string &array) const;
    [[nodiscard]] bool hasTable(std::string_view table) const;
    void reportUnused();
    [[nodiscard]] const std::map<std::string, TomlValue> &values() const { return m_values; }

private:
    void reject(int line, std::string rule);
    void readLine(std::string_view line, int number);
    void readHeader(std::string_view line, int number);
    bool openTable(std::string_view name);
    bool openArray(std::string_view name);

    std::vector<std::string_view> m_tables;
    std::vector<std::string_view> m_arrays;
    std::vector<FieldError> &m_errors;
    std::map<std::string, TomlValue> m_values;
    std::map<std::string, std::size_t> m_counts; ///< of tables and of array elements seen, by path
    std::string m_prefix;
};

/// One field at a time; each failure is one entry of the errors, and the value stays empty.
class TomlFields
{
public:
    TomlFields(TomlDocument &document, std::vector<FieldError> &errors) : m_document(document), m_errors(errors) {}

    [[nodiscard]] int integer(const std::string &path);
    [[nodiscard]] bool boolean(const std::string &path);
    [[nodiscard]] std::string text(const std::string &path);
    [[nodiscard]] Ratio level(const std::string &path, Unit unit);
    [[nodiscard]] Duration duration(const std::string &path);
    /// As duration; absent when the text is `word`.
    [[nodiscard]] std::optional<Duration> durationOr(const std::string &path, std::string_view word);
    /// The one of `values` whose name() the text is.
    template <class Enum>
    [[nodiscard]] Enum oneOf(const std::string &path, std::initializer_list<Enum> values)
    {
        const TomlValue *value = m_document.find(path);
        if (value == nullptr)
            return *values.begin();
        std::string words;
        for (const Enum candidate : values) {
            if (value->kind == TomlValue::Kind::Text && value->text == name(candidate))
                return candidate;
            words += words.empty() ? "\"" : ", \"";
            words += name(candidate);
            words += '"';
        }
        m_errors.push_back({path, "must be one of " + words});
        return *values.begin();
    }

private:
    TomlDocument &m_document;
    std::vector<FieldError> &m_errors;
};

/// "30 %", "3 x", "3 sigma", "4", "90 min" (also "30 s", "48 h"): exact for every level that a file can hold.
[[nodiscard]] std::string unitText(Unit unit, Ratio level);
/// "3 s", "1500 ms", "15 min", "24 h": the largest unit that fits.
[[nodiscard]] std::string durationText(Duration duration);
/// "field: rule; field: rule"; after 40 of them only how many more.
[[nodiscard]] std::string joined(const std::vector<FieldError> &errors);

} // namespace core::risk
