#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/exchange/wire/general_reader.h"
#include "core/exchange/hyperliquid/messages_user.h"

namespace core::exchange::hyperliquid
{

/// A member of an object and how it is read; see `must` and `may`.
template <class Read> struct Member {
    std::string_view name;
    bool required{false};
    Read read;
};
/// Has to be there, and null is for `read` to judge.
template <class Read> [[nodiscard]] Member<Read> must(std::string_view name, Read read)
{
    return {name, true, std::move(read)};
}
/// May be absent or null: `read` is not called then.
template <class Read> [[nodiscard]] Member<Read> may(std::string_view name, Read read)
{
    return {name, false, std::move(read)};
}

/// Analysis values: finite, from plain decimal text; the same for both ways of decoding.
[[nodiscard]] std::optional<double> analysisValue(std::string_view text);

/// Reads values as this venue writes them: text or number for every decimal and integer, blanks around the
/// digits allowed. Prices and sizes of orders, books and trades are strict (no ninth decimal); what the venue
/// computed is rounded half to even at the eighth. Strictness and errors: see wire::GeneralReader.
class Reader : public wire::GeneralReader
{
public:
    /// Unknown members are checked as JSON and skipped; a member that stands there twice is an error.
    template <class... Reads> [[nodiscard]] bool object(Member<Reads>... wanted)
    {
        return read([this](auto &&visit) { return this->members(visit); }, wanted...);
    }
    enum class At { Root, Here };
    /// The same for the root value, or for either.
    template <class... Reads> [[nodiscard]] bool object(At at, Member<Reads>... wanted)
    {
        return read([this, at](auto &&visit) { return at == At::Root ? this->rootMembers(visit) : this->members(visit); },
                    wanted...);
    }
    /// Every element of an array: `row(value)` fills a new element of `out`.
    template <class Row, class Fill> [[nodiscard]] bool rows(std::vector<Row> &out, Fill &&fill)
    {
        return elements([&] { return fill(out.emplace_back()); });
    }
    template <class Row, class Fill> [[nodiscard]] bool rootRows(std::vector<Row> &out, Fill &&fill)
    {
        return rootElements([&] { return fill(out.emplace_back()); });
    }
    /// Like `elements`, told the index.
    template <class Visit> [[nodiscard]] bool indexed(Visit &&visit)
    {
        std::size_t index = 0;
        return elements([&] { return visit(index++); });
    }

    [[nodiscard]] bool exact(std::int64_t &raw);   ///< no ninth decimal
    [[nodiscard]] bool rounded(std::int64_t &raw); ///< half to even at the eighth
    template <class Tag> [[nodiscard]] bool exactValue(Fixed8<Tag> &out)
    {
        std::int64_t raw = 0;
        if (!exact(raw))
            return false;
        out = Fixed8<Tag>::fromRaw(raw);
        return true;
    }
    template <class Tag> [[nodiscard]] bool roundedValue(Fixed8<Tag> &out)
    {
        std::int64_t raw = 0;
        if (!rounded(raw))
            return false;
        out = Fixed8<Tag>::fromRaw(raw);
        return true;
    }
    template <class Tag> [[nodiscard]] bool roundedValue(std::optional<Fixed8<Tag>> &out)
    {
        return roundedValue(out.emplace());
    }
    /// Stays absent when it is beyond the range of Money (coins by the trillion).
    [[nodiscard]] bool moneyIfItFits(std::optional<Money> &out);
    [[nodiscard]] bool price(Price &out);         ///< exact, above 0
    [[nodiscard]] bool priceOrZero(Price &out);   ///< exact, 0 where the venue means none
    [[nodiscard]] bool computedPrice(Price &out); ///< rounded, not negative
    [[nodiscard]] bool computedPrice(std::optional<Price> &out) { return computedPrice(out.emplace()); }
    [[nodiscard]] bool size(Quantity &out); ///< exact, not negative
    [[nodiscard]] bool sizeAboveZero(Quantity &out);
    [[nodiscard]] bool
    roundedSize(Quantity &out); ///< of fills: spot dust has ten decimals and must not lose its row
    [[nodiscard]] bool analysis(std::optional<double> &out);

    [[nodiscard]] bool whole(std::int64_t &out); ///< an integer as number or text
    [[nodiscard]] bool whole(int &out);
    [[nodiscard]] bool whole(std::optional<std::int64_t> &out) { return whole(out.emplace()); }
    [[nodiscard]] bool moment(UtcTime &out); ///< milliseconds
    [[nodiscard]] bool moment(std::optional<UtcTime> &out) { return moment(out.emplace()); }
    [[nodiscard]] bool words(std::string &out);
    [[nodiscard]] bool coin(InstrumentKey &out);
    [[nodiscard]] bool bidOrAsk(Side &out); ///< "B" or "A"
    [[nodiscard]] bool isNull(bool &out);

    /// The frame's or answer's value, or the first thing that was wrong with it.
    template <class Value> [[nodiscard]] Result<Value> result(bool read, Value &&value)
    {
        if (!read || !finish())
            return fail(error());
        return std::forward<Value>(value);
    }

private:
    /// The digits at the current place, without blanks and without an exponent.
    [[nodiscard]] bool digits(std::string_view &out);

    template <class Walk, class... Reads> [[nodiscard]] bool read(Walk &&walk, Member<Reads> &...wanted)
    {
        static_assert(sizeof...(Reads) <= 32);
        std::uint32_t seen = 0;
        const auto visit = [&](std::string_view name) {
            bool known = false;
            bool good = true;
            unsigned bit = 0;
            const auto offer = [&](auto &member) {
                const unsigned mine = bit++;
                if (known || name != member.name)
                    return;
                known = true;
                good = once(seen, mine) && readMember(member);
            };
            (offer(wanted), ...);
            return known ? good : ignored();
        };
        if (!walk(visit))
            return false;
        unsigned bit = 0;
        bool complete = true;
        const auto demand = [&](const auto &member) {
            const bool there = (seen & (1U << bit++)) != 0;
            if (complete && member.required && !there)
                complete = missing(member.name);
        };
        (demand(wanted), ...);
        return complete;
    }
    template <class Read> [[nodiscard]] bool readMember(Member<Read> &member)
    {
        if (!member.required) {
            bool absent = false;
            if (!isNull(absent))
                return false;
            if (absent)
                return ignored();
        }
        return member.read();
    }

    std::string m_plain;
};

/// Loads an answer, lets `read(reader, value)` fill a fresh value, and hands it on when all of it was right.
template <class Value, class Read>
[[nodiscard]] Result<Value> parsed(std::string_view endpoint, std::string_view body, Read &&read)
{
    Reader reader;
    Value value{};
    if (!reader.load(body, endpoint))
        return fail(reader.error());
    const bool good = read(reader, value);
    return reader.result(good, std::move(value));
}

} // namespace core::exchange::hyperliquid
