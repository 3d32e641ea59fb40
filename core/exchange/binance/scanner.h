#pragma once

#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/decimal.h"
#include "core/exchange/wire/swar.h"
#include "core/exchange/binance/schema.h"

namespace core::exchange::binance
{

/// Reads a frame whose bytes look as the venue writes them today: no blanks but one after a comma, plain
/// ASCII text, plain numbers. `false` never means "wrong", only "not for me": the general reader then
/// decides, so what is accepted here must be accepted there with the same value. Bounds: the frame ends with
/// '}', which no loop here steps over, so scans need no end check; what may step over a
/// '}' (`members`) checks the end itself.
class Scanner
{
public:
    /// REQUIRES: not empty; for anything but `take`, `text` and `atEnd` the last byte is '}'. `symbol` is the one of the last
    /// frame.
    Scanner(std::string_view frame, Symbol &symbol)
        : m_at(frame.data()), m_end(frame.data() + frame.size()), m_symbol(symbol)
    {
    }

    [[nodiscard]] bool atEnd() const { return m_at == m_end; }
    [[nodiscard]] bool take(char c)
    {
        if (m_at == m_end || *m_at != c)
            return false;
        ++m_at;
        return true;
    }
    [[nodiscard]] bool take(std::string_view literal)
    {
        if (static_cast<std::size_t>(m_end - m_at) < literal.size() ||
            std::memcmp(m_at, literal.data(), literal.size()) != 0)
            return false;
        m_at += literal.size();
        return true;
    }
    /// A string of printable ASCII without escapes.
    [[nodiscard]] bool text(std::string_view &out)
    {
        if (m_at == m_end || *m_at != '"')
            return false;
        const char *const begin = m_at + 1;
        const char *const p = wire::skipPlainText(begin, m_end);
        if (p == m_end || *p != '"')
            return false;
        out = {begin, static_cast<std::size_t>(p - begin)};
        m_at = p + 1;
        return true;
    }

    template <class Schema> [[nodiscard]] bool object(typename Schema::Fields &fields)
    {
        return take('{') && members<Schema>(fields);
    }
    /// The members up to and including the closing '}': in the order in which the venue writes them as long as it does, each
    /// known while compiling; from the first that stands elsewhere on in any order.
    template <class Schema> [[nodiscard]] bool members(typename Schema::Fields &fields)
    {
        if constexpr (requires { Schema::usual; }) {
            const Step step = inOrder<Schema>(fields, std::make_index_sequence<Schema::usual.size()>());
            if (step != Step::More)
                return step == Step::Done && (schema::seenOf<Schema>(fields) & Schema::required) == Schema::required;
        }
        for (;;) {
            schema::Key key = 0;
            if (!shortKey(key) || !Schema::member(*this, fields, key) || m_at == m_end)
                return false;
            const char separator = *m_at++;
            if (separator == '}')
                return (schema::seenOf<Schema>(fields) & Schema::required) == Schema::required;
            if (separator != ',')
                return false;
            if (m_at != m_end && *m_at == ' ')
                ++m_at;
        }
    }

    // What a schema reads.
    [[nodiscard]] bool once(std::uint32_t &seen, unsigned bit)
    {
        const std::uint32_t mask = 1U << bit;
        const bool first = (seen & mask) == 0;
        seen |= mask;
        return first;
    }
    [[nodiscard]] bool integer(std::int64_t &out)
    {
        const char *p = m_at;
        wire::DigitRun run = wire::readDigits(p, m_end);
        p += run.count;
        std::uint64_t value = run.value;
        if (run.count == 8) {
            run = wire::readDigits(p, m_end);
            p += run.count;
            value = value * wire::kPowersOfTen[run.count] + run.value;
            if (run.count == 8) { // ids of 17 and more digits
                run = wire::readDigits(p, m_end);
                if (run.count > 2)
                    return false;
                p += run.count;
                value = value * wire::kPowersOfTen[run.count] + run.value;
            }
        }
        const auto digits = p - m_at;
        if (digits == 0 || (*m_at == '0' && digits > 1))
            return false;
        out = static_cast<std::int64_t>(value);
        m_at = p;
        return true;
    }
    [[nodiscard]] bool time(UtcTime &out)
    {
        constexpr std::int64_t kMillisecondsMax = 9'223'372'036'854;
        std::int64_t milliseconds = 0;
        if (!integer(milliseconds) || milliseconds > kMillisecondsMax)
            return false;
        out = utcFromMilliseconds(milliseconds);
        return true;
    }
    [[nodiscard]] bool optionalTime(std::optional<UtcTime> &out)
    {
        UtcTime value;
        if (!time(value))
            return false;
        out = value == UtcTime{} ? std::nullopt : std::optional(value);
        return true;
    }
    [[nodiscard]] bool price(Price &out)
    {
        std::int64_t raw = 0;
        if (!decimal(raw))
            return false;
        out = Price::fromRaw(raw);
        return true;
    }
    [[nodiscard]] bool averagePrice(Price &out) { return price(out); }
    [[nodiscard]] bool quantity(Quantity &out)
    {
        std::int64_t raw = 0;
        if (!decimal(raw))
            return false;
        out = Quantity::fromRaw(raw);
        return true;
    }
    [[nodiscard]] bool money(Money &out)
    {
        std::int64_t raw = 0;
        if (!decimal(raw))
            return false;
        out = Money::fromRaw(raw);
        return true;
    }
    [[nodiscard]] bool optionalPrice(std::optional<Price> &out)
    {
        std::int64_t raw = 0;
        if (!decimal(raw))
            return false;
        out = raw == 0 ? std::nullopt : std::optional(Price::fromRaw(raw));
        return true;
    }
    [[nodiscard]] bool optionalRatio(std::optional<Ratio> &out)
    {
        // The only signed number of the public streams: look past the sign by hand.
        if (*m_at != '"')
            return false;
        const bool negative = m_at[1] == '-';
        const char *p = m_at + (negative ? 2 : 1);
        std::int64_t raw = 0;
        if (!digitsToQuote(p, raw))
            return false;
        m_at = p;
        out = Ratio::fromRaw(negative ? -raw : raw);
        return true;
    }
    [[nodiscard]] bool analysisValue(double &out)
    {
        std::string_view digits;
        return text(digits) && wire::parseAnalysisValue(digits, out);
    }
    [[nodiscard]] bool symbol(Symbol &out)
    {
        if (!sameSymbol()) {
            std::string_view name;
            if (!text(name) || name.empty() || name.size() > Symbol::kCapacity)
                return false;
            m_symbol = *Symbol::from(name);
        }
        out = m_symbol;
        return true;
    }
    [[nodiscard]] bool boolean(bool &out)
    {
        if (take("true")) {
            out = true;
            return true;
        }
        out = false;
        return take("false");
    }
    [[nodiscard]] bool buyerIsMaker(Side &aggressor)
    {
        bool maker = false;
        if (!boolean(maker))
            return false;
        aggressor = maker ? Side::Sell : Side::Buy;
        return true;
    }
    [[nodiscard]] bool side(Side &out)
    {
        std::string_view name;
        if (!text(name) || (name != "BUY" && name != "SELL"))
            return false;
        out = name == "BUY" ? Side::Buy : Side::Sell;
        return true;
    }
    [[nodiscard]] bool tradeKind(TradeKind &out)
    {
        std::string_view name;
        if (!text(name))
            return false;
        out = name == "MARKET" ? TradeKind::Market
                               : (name == "INSURANCE_FUND" ? TradeKind::InsuranceFund : TradeKind::Other);
        return true;
    }
    /// A plain string or integer that nobody keeps.
    [[nodiscard]] bool ignored()
    {
        std::string_view skippedText;
        if (*m_at == '"')
            return text(skippedText);
        if (*m_at == '-')
            ++m_at;
        std::int64_t skipped = 0;
        return integer(skipped);
    }
    [[nodiscard]] bool unknownMember() { return false; }

    [[nodiscard]] bool levels(std::vector<Level> &out)
    {
        out.clear();
        if (!take('['))
            return false;
        if (*m_at == ']') {
            ++m_at;
            return true;
        }
        const char *p = m_at;
        for (;;) {
            if (p[0] != '[' || p[1] != '"')
                return false;
            p += 2;
            std::int64_t priceRaw = 0;
            std::int64_t quantityRaw = 0;
            if (!digitsToQuote(p, priceRaw) || priceRaw == 0 || p[0] != ',' || p[1] != '"')
                return false;
            p += 2;
            if (!digitsToQuote(p, quantityRaw) || *p != ']')
                return false;
            ++p;
            out.push_back({Price::fromRaw(priceRaw), Quantity::fromRaw(quantityRaw)});
            const char separator = *p;
            if (separator == ',') {
                ++p;
                continue;
            }
            if (separator != ']')
                return false;
            m_at = p + 1;
            return true;
        }
    }

private:
    enum class Step { More, Done, Wrong };

    template <class Schema, std::size_t... place>
    [[nodiscard]] Step inOrder(typename Schema::Fields &fields, std::index_sequence<place...>)
    {
        Step step = Step::More;
        static_cast<void>((next<Schema, wire::keyOf(Schema::usual[place])>(fields, step) && ...));
        return step;
    }
    /// Reads that member if it stands here. False: this was the last one, or it is wrong; `step` says which.
    template <class Schema, schema::Key key> [[nodiscard]] bool next(typename Schema::Fields &fields, Step &step)
    {
        if (!takeKey<key>())
            return true; // not in this frame, or further on
        if (!Schema::member(*this, fields, key) || m_at == m_end) {
            step = Step::Wrong;
            return false;
        }
        const char separator = *m_at++;
        if (separator == ',') {
            if (m_at != m_end && *m_at == ' ')
                ++m_at;
            return true;
        }
        step = separator == '}' ? Step::Done : Step::Wrong;
        return false;
    }
    template <schema::Key key> [[nodiscard]] bool takeKey()
    {
        static_assert(key != 0 && key <= 0xFFFF, "one character or two");
        constexpr std::size_t kLength = key <= 0xFF ? 1 : 2;
        constexpr char kText[] = {'"', static_cast<char>(key & 0xFF), kLength == 1 ? '"' : static_cast<char>(key >> 8U),
                                  kLength == 1 ? ':' : '"', ':'};
        if (m_end - m_at < 6 || std::memcmp(m_at, &kText[0], kLength + 3) != 0)
            return false;
        m_at += kLength + 3;
        return true;
    }
    /// The same one comes again and again: compared as two words where it is short.
    [[nodiscard]] bool sameSymbol()
    {
        const std::string_view known = m_symbol.view();
        const std::size_t size = known.size();
        if (size == 0 || size > 16 || m_end - m_at < 24 || *m_at != '"' || m_at[size + 1] != '"')
            return false;
        const auto word = [](const char *p, std::size_t bytes) {
            std::uint64_t value = 0;
            std::memcpy(&value, p, sizeof value);
            return bytes >= 8 ? value : value & ((1ULL << (8 * bytes)) - 1);
        };
        static_assert(std::endian::native != std::endian::little || Symbol::kCapacity >= 16);
        if constexpr (std::endian::native != std::endian::little)
            return false;
        const std::size_t rest = size > 8 ? size - 8 : 0;
        if (word(m_at + 1, size) != word(known.data(), size) ||
            (rest > 0 && word(m_at + 9, rest) != word(known.data() + 8, rest)))
            return false;
        m_at += size + 2;
        return true;
    }
    [[nodiscard]] bool shortKey(schema::Key &out)
    {
        // The shortest member with the closing brace is `"k":1}`: below that there is nothing to read.
        if (m_end - m_at < 6)
            return false;
        if constexpr (std::endian::native == std::endian::little) {
            std::uint32_t four = 0;
            std::memcpy(&four, m_at, sizeof four);
            if ((four & 0xFFFF00FFU) == 0x3A220022U) { // "k": with any k
                m_at += 4;
                out = (four >> 8U) & 0xFFU;
                return true;
            }
        }
        if (m_at[0] != '"')
            return false;
        const char *p = m_at + 1;
        schema::Key key = static_cast<unsigned char>(*p++);
        if (*p != '"')
            key |= static_cast<schema::Key>(static_cast<unsigned char>(*p++)) << 8U;
        if (p[0] != '"' || p[1] != ':')
            return false;
        m_at = p + 2;
        out = key;
        return true;
    }
    [[nodiscard]] bool decimal(std::int64_t &raw)
    {
        if (*m_at != '"')
            return false;
        const char *p = m_at + 1;
        if (!digitsToQuote(p, raw))
            return false;
        m_at = p;
        return true;
    }
    /// From behind the opening quote to behind the closing one: 1–10 digits, optionally '.' and 1–8 digits.
    /// Most are short (5 + 2, 1 + 3), and for those a plain loop beats eight digits at a time.
    [[nodiscard]] static bool digitsToQuote(const char *&cursor, std::int64_t &raw)
    {
        const char *p = cursor;
        std::uint64_t value = 0;
        std::uint64_t digit = 0;
        while ((digit = static_cast<unsigned char>(*p - '0')) <= 9) {
            value = value * 10 + digit;
            ++p;
        }
        const auto whole = p - cursor;
        if (whole == 0 || whole > 10)
            return false;
        std::ptrdiff_t places = 0;
        if (*p == '.') {
            const char *const fraction = ++p;
            while ((digit = static_cast<unsigned char>(*p - '0')) <= 9) {
                value = value * 10 + digit;
                ++p;
            }
            places = p - fraction;
            if (places == 0 || places > 8)
                return false;
        }
        if (*p != '"')
            return false;
        raw = static_cast<std::int64_t>(value * wire::kPowersOfTen[static_cast<std::size_t>(8 - places)]);
        cursor = p + 1;
        return true;
    }

    const char *m_at;
    const char *m_end;
    Symbol &m_symbol;
};

} // namespace core::exchange::binance
