#pragma once

#include <limits>

#include "core/exchange/wire/cursor.h"
#include "core/exchange/hyperliquid/codec_general.h"

namespace core::exchange::hyperliquid
{

/// Reads the frequent frames as the venue writes them today: `channel` before `data`, no blanks, members in
/// any order. `false` never means "wrong", only "not for me": the general decoder then decides, so what is
/// accepted here must be accepted there with the same value.
class Scanner
{
public:
    /// REQUIRES: not empty, last byte '}'. `symbol` is the one of the last frame: the same comes again and
    /// again.
    Scanner(std::string_view frame, Symbol &symbol) : m_cursor(frame), m_symbol(symbol) {}

    /// The whole frame. `event` is undefined after `false`.
    [[nodiscard]] bool frame(UtcTime receivedAt, MarketScratch &scratch, MarketEvent &event);

private:
    [[nodiscard]] bool book(BookSnapshot &out);
    [[nodiscard]] bool side(std::vector<Level> &levels, std::vector<std::int32_t> &orders);
    [[nodiscard]] bool level(Level &out, std::int32_t &orders);
    [[nodiscard]] bool bbo(Bbo &out);
    [[nodiscard]] bool bestSide(std::optional<Level> &out);
    [[nodiscard]] bool trades(UtcTime receivedAt, std::vector<Trade> &out);
    [[nodiscard]] bool trade(Trade &out);
    [[nodiscard]] bool tradeMember(Trade &out, std::uint32_t &seen);
    [[nodiscard]] bool activeContext(ContextUpdate &out);
    [[nodiscard]] bool context(AssetContext &out);
    [[nodiscard]] bool contextMember(AssetContext &out, std::uint32_t &seen);
    [[nodiscard]] bool contexts(std::vector<AssetContext> &out);
    [[nodiscard]] bool allDexes(std::vector<ContextTable::Dex> &out);
    [[nodiscard]] bool candle(Candle &out);

    [[nodiscard]] bool symbol(InstrumentKey &out);
    [[nodiscard]] bool moment(UtcTime &out);
    [[nodiscard]] bool positivePrice(Price &out);
    [[nodiscard]] bool quantity(Quantity &out);
    /// A decimal text with a sign and any number of places, rounded like the general reader does.
    [[nodiscard]] bool rounded(std::int64_t &raw);
    [[nodiscard]] bool computed(std::optional<Price> &out);
    [[nodiscard]] bool computed(std::optional<Ratio> &out);
    [[nodiscard]] bool analysis(std::optional<double> &out);
    [[nodiscard]] bool skipText();
    [[nodiscard]] bool once(std::uint32_t &seen, unsigned bit)
    {
        const std::uint32_t mask = 1U << bit;
        const bool first = (seen & mask) == 0;
        seen |= mask;
        return first;
    }
    /// Members separated by commas up to '}'.
    template <class Visit> [[nodiscard]] bool members(Visit &&visit)
    {
        if (!m_cursor.take('{'))
            return false;
        do {
            if (!visit())
                return false;
        } while (m_cursor.take(','));
        return m_cursor.take('}');
    }
    /// Elements separated by commas up to ']'.
    template <class Visit> [[nodiscard]] bool elements(Visit &&visit)
    {
        if (!m_cursor.take('['))
            return false;
        if (m_cursor.take(']'))
            return true;
        do {
            if (!visit())
                return false;
        } while (m_cursor.take(','));
        return m_cursor.take(']');
    }

    wire::Cursor m_cursor;
    Symbol &m_symbol;
};

} // namespace core::exchange::hyperliquid
