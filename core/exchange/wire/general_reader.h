#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"
#include "core/domain/market_data.h"
#include "core/exchange/wire/keys.h"

namespace core::exchange::wire
{

/// Decimal text of any number of places, rounded half to even at the eighth; otherwise as strict as
/// parseDecimal.
[[nodiscard]] Result<std::int64_t> parseRounded(std::string_view text);

/// Reads any valid JSON with simdjson and says which field breaks which rule. One document at a time; `false`
/// from a reading function means that `error()` is set. Strict: every byte is checked, also of members that
/// nobody keeps; numbers are taken from their text, so neither their size nor their digits are lost. One
/// thread; keeps its buffers.
class GeneralReader
{
public:
    /// Beyond this a frame or answer is refused before it is read.
    static constexpr std::size_t kDocumentBytesMax = 32U << 20U;
    static constexpr int kDepthMax = 32;

    /// Copies the bytes (simdjson reads past the end) and finds the structure. `what` starts the names in
    /// errors.
    [[nodiscard]] bool load(std::string_view bytes, std::string_view what);
    /// Back to the start, for another pass. Texts handed out before are gone.
    void rewind(std::string_view what);
    /// The current value is called `what` in errors from here on (a frame's `data` is "trade").
    void rename(std::string_view what) { m_path = what; }
    [[nodiscard]] const Error &error() const { return m_error; }
    /// True when nothing but blanks follows what was read.
    [[nodiscard]] bool finish();

    enum class Kind { Object, Array, Text, Number, Boolean, Null };
    [[nodiscard]] bool rootKind(Kind &out);
    [[nodiscard]] bool kind(Kind &out);

    /// Calls `visit(name)` for each member of the root object; the member's value is then current.
    template <class Visit> [[nodiscard]] bool rootMembers(Visit &&visit)
    {
        simdjson::ondemand::object object;
        if (!check(m_document.get_object().get(object)))
            return false;
        return eachMember(object, visit);
    }
    template <class Visit> [[nodiscard]] bool rootElements(Visit &&visit)
    {
        simdjson::ondemand::array array;
        if (!check(m_document.get_array().get(array)))
            return false;
        return eachElement(array, visit);
    }
    /// The same for the current value.
    template <class Visit> [[nodiscard]] bool members(Visit &&visit)
    {
        simdjson::ondemand::object object;
        if (!expect(Kind::Object, "expects an object") || !check(m_value.get_object().get(object)))
            return false;
        return eachMember(object, visit);
    }
    template <class Visit> [[nodiscard]] bool elements(Visit &&visit)
    {
        simdjson::ondemand::array array;
        if (!expect(Kind::Array, "expects an array") || !check(m_value.get_array().get(array)))
            return false;
        return eachElement(array, visit);
    }
    template <class Schema> [[nodiscard]] bool object(typename Schema::Fields &fields)
    {
        return members([&](std::string_view name) { return Schema::member(*this, fields, keyOf(name)); }) &&
               complete<Schema>(fields);
    }
    template <class Schema> [[nodiscard]] bool rootObject(typename Schema::Fields &fields)
    {
        return rootMembers(
                   [&](std::string_view name) { return Schema::member(*this, fields, keyOf(name)); }) &&
               complete<Schema>(fields);
    }

    // What a schema reads.
    [[nodiscard]] bool once(std::uint32_t &seen, unsigned bit);
    [[nodiscard]] bool integer(std::int64_t &out);
    /// The digits of the number as they stand there; valid until the next pass.
    [[nodiscard]] bool number(std::string_view &token);
    [[nodiscard]] bool time(UtcTime &out);
    [[nodiscard]] bool optionalTime(std::optional<UtcTime> &out);
    [[nodiscard]] bool price(Price &out);
    /// A quotient that the venue computed: it may have any number of places; rounded half to even at the
    /// eighth.
    [[nodiscard]] bool averagePrice(Price &out);
    [[nodiscard]] bool quantity(Quantity &out);
    [[nodiscard]] bool money(Money &out);
    [[nodiscard]] bool signedMoney(Money &out);
    /// Like averagePrice, with a sign.
    [[nodiscard]] bool computedMoney(Money &out);
    [[nodiscard]] bool signedDecimal(std::int64_t &out);
    [[nodiscard]] bool optionalPrice(std::optional<Price> &out);
    [[nodiscard]] bool optionalRatio(std::optional<Ratio> &out);
    [[nodiscard]] bool symbol(Symbol &out);
    /// Valid until the next pass.
    [[nodiscard]] bool text(std::string_view &out);
    /// null reads as empty.
    [[nodiscard]] bool optionalText(std::string_view &out);
    /// null reads as 0.
    [[nodiscard]] bool optionalMoney(Money &out);
    [[nodiscard]] bool asset(Asset &out);
    /// Decimal text that may exceed the fixed-point range: volumes of 24 hours.
    [[nodiscard]] bool analysisValue(double &out);
    [[nodiscard]] bool boolean(bool &out);
    [[nodiscard]] bool buyerIsMaker(Side &aggressor);
    [[nodiscard]] bool side(Side &out);
    [[nodiscard]] bool tradeKind(TradeKind &out);
    [[nodiscard]] bool levels(std::vector<Level> &out);
    /// Any valid JSON value.
    [[nodiscard]] bool ignored() { return skip(0); }
    [[nodiscard]] bool unknownMember() { return skip(0); }

    /// The content of a text or the digits of a number, whichever stands there. Valid until the next pass.
    [[nodiscard]] bool scalar(std::string_view &out);
    /// The current value as it stands, whatever it is; what it holds is not checked.
    [[nodiscard]] bool rawJson(std::string &out);

    /// Sets the error of the current field.
    [[nodiscard]] bool refuse(ErrorCode code, std::string_view rule);
    /// Sets the error for a member of the current object that is not there.
    [[nodiscard]] bool missing(std::string_view name);

private:
    [[nodiscard]] bool check(simdjson::error_code code);
    [[nodiscard]] bool expect(Kind wanted, std::string_view rule);
    [[nodiscard]] bool skip(int depth);
    [[nodiscard]] bool nonNegative(std::int64_t &raw);

    template <class Schema> [[nodiscard]] bool complete(const typename Schema::Fields &fields)
    {
        const std::uint32_t absent = Schema::required & ~seenOf<Schema>(fields);
        for (unsigned bit = 0; bit < Schema::keys.size(); ++bit) {
            if ((absent & (1U << bit)) != 0)
                return missing(Schema::keys[bit]);
        }
        return true;
    }
    template <class Visit> [[nodiscard]] bool eachMember(simdjson::ondemand::object &object, Visit &visit)
    {
        for (auto item : object) {
            simdjson::ondemand::field field;
            std::string_view name;
            if (!check(std::move(item).get(field)) || !check(field.unescaped_key().get(name)))
                return false;
            m_value = field.value();
            const std::size_t mark = m_path.size();
            m_path.append(".").append(
                name.substr(0, 40)); // a name of the venue is short; never echo a page of it
            if (!visit(name))
                return false;
            m_path.resize(std::min(mark, m_path.size()));
        }
        return true;
    }
    template <class Visit> [[nodiscard]] bool eachElement(simdjson::ondemand::array &array, Visit &visit)
    {
        std::size_t index = 0;
        for (auto item : array) {
            if (!check(std::move(item).get(m_value)))
                return false;
            const std::size_t mark = m_path.size();
            appendIndex(index++);
            if (!visit())
                return false;
            m_path.resize(mark);
        }
        return true;
    }
    void appendIndex(std::size_t index);

    simdjson::ondemand::parser m_parser;
    std::string m_buffer;
    simdjson::ondemand::document m_document;
    simdjson::ondemand::value m_value;
    std::string m_path;
    Error m_error;
};

} // namespace core::exchange::wire
