#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/exchange/binance/messages.h"
#include "core/exchange/wire/keys.h"

/// The documented fields of each market event, written once and read by two readers: the scanner (fast, gives
/// up on anything unusual) and the general reader (simdjson, says what is wrong). A schema names its keys,
/// the keys that must be there, and for each key what is read from its value. Fields this program does not
/// keep are `ignored`. `usual`: the keys behind "e" in the orders in which the venue wrote
/// them over the years, where speed counts; one may stand at two places. Source: reference/binance-usdm.md section 4.3; field sets of the recordings of 2021,
/// 2023, 2024 and 2026.
namespace core::exchange::binance::schema
{

using wire::bits;
using wire::Key;
using wire::keyOf;
using wire::seenOf;

/// The venue's two universes share streams: 1 is USDⓈ-M, anything else is not ours.
inline constexpr std::int64_t kUsdMargined = 1;

/// What every event has besides its own fields; `value` of each is where those go, so that nothing is copied.
struct EventFields {
    std::uint32_t seen{0};
    std::int64_t universe{kUsdMargined};
};

struct DepthFields : EventFields {
    DepthUpdate *value{nullptr};
};

struct DepthSchema {
    using Fields = DepthFields;
    static constexpr std::string_view event = "depthUpdate";
    enum Bit : unsigned { e, E, T, s, U, u, pu, b, a, ps, st };
    static constexpr std::array<std::string_view, 11> keys{"e",  "E", "T", "s",  "U", "u",
                                                           "pu", "b", "a", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, E, T, s, U, u, pu, b, a});
    static constexpr std::array<std::string_view, 10> usual{"E", "T", "s", "ps", "U", "u", "pu", "b", "a", "st"};

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.time(f.value->eventTime);
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.value->venueTime);
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->symbol);
        case keyOf("U"):
            return r.once(f.seen, U) && r.integer(f.value->firstId);
        case keyOf("u"):
            return r.once(f.seen, u) && r.integer(f.value->lastId);
        case keyOf("pu"):
            return r.once(f.seen, pu) && r.integer(f.value->previousLastId);
        case keyOf("b"):
            return r.once(f.seen, b) && r.levels(f.value->bids);
        case keyOf("a"):
            return r.once(f.seen, a) && r.levels(f.value->asks);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct TradeFields : EventFields {
    Trade *value{nullptr};
    bool aggregated{false}; ///< names its first and last print itself
};

struct AggregateTradeFields : TradeFields {
    AggregateTradeFields() { aggregated = true; }
};

struct TradeSchema {
    using Fields = TradeFields;
    static constexpr std::string_view event = "trade";
    enum Bit : unsigned { e, E, T, s, t, p, q, X, m, ps, st };
    static constexpr std::array<std::string_view, 11> keys{"e", "E", "T", "s",  "t", "p",
                                                           "q", "X", "m", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, T, s, t, p, q, m});
    static constexpr std::array<std::string_view, 9> usual{"E", "T", "s", "t", "p", "q", "X", "m", "st"};

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.value->venueTime);
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("t"):
            return r.once(f.seen, t) && r.integer(f.value->id);
        case keyOf("p"):
            return r.once(f.seen, p) && r.price(f.value->price);
        case keyOf("q"):
            return r.once(f.seen, q) && r.quantity(f.value->quantity);
        case keyOf("X"):
            return r.once(f.seen, X) && r.tradeKind(f.value->kind);
        case keyOf("m"):
            return r.once(f.seen, m) && r.buyerIsMaker(f.value->aggressor);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct AggregateTradeSchema {
    using Fields = AggregateTradeFields;
    static constexpr std::string_view event = "aggTrade";
    enum Bit : unsigned { e, E, T, s, a, p, q, nq, f_, l, m, ps, st };
    static constexpr std::array<std::string_view, 13> keys{"e",  "E", "T", "s", "a",  "p", "q",
                                                           "nq", "f", "l", "m", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, T, s, a, p, q, f_, l, m});
    static constexpr std::array<std::string_view, 11> usual{"E", "s", "a", "p", "q", "nq", "f", "l", "T", "m", "st"};

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.value->venueTime);
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("a"):
            return r.once(f.seen, a) && r.integer(f.value->id);
        case keyOf("p"):
            return r.once(f.seen, p) && r.price(f.value->price);
        case keyOf("q"):
            return r.once(f.seen, q) && r.quantity(f.value->quantity);
        case keyOf("nq"):
            return r.once(f.seen, nq) && r.ignored();
        case keyOf("f"):
            return r.once(f.seen, f_) && r.integer(f.value->firstId);
        case keyOf("l"):
            return r.once(f.seen, l) && r.integer(f.value->lastId);
        case keyOf("m"):
            return r.once(f.seen, m) && r.buyerIsMaker(f.value->aggressor);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct QuoteFields : EventFields {
    BestQuote *value{nullptr};
};

struct BookTickerSchema {
    using Fields = QuoteFields;
    static constexpr std::string_view event = "bookTicker";
    enum Bit : unsigned { e, u, E, T, s, b, B, a, A, ps, st };
    static constexpr std::array<std::string_view, 11> keys{"e", "u", "E", "T",  "s", "b",
                                                           "B", "a", "A", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, u, T, s, b, B, a, A});
    static constexpr std::array<std::string_view, 12> usual{"u", "E", "T", "s", "ps", "b", "B", "a", "A", "T", "E", "st"};

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("u"):
            return r.once(f.seen, u) && r.integer(f.value->updateId);
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.value->venueTime);
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("b"):
            return r.once(f.seen, b) && r.price(f.value->bid.price);
        case keyOf("B"):
            return r.once(f.seen, B) && r.quantity(f.value->bid.quantity);
        case keyOf("a"):
            return r.once(f.seen, a) && r.price(f.value->ask.price);
        case keyOf("A"):
            return r.once(f.seen, A) && r.quantity(f.value->ask.quantity);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct MarkFields : EventFields {
    MarkPrice *value{nullptr};
};

/// Index, rate and funding time are empty or 0 for contracts without funding.
struct MarkPriceSchema {
    using Fields = MarkFields;
    static constexpr std::string_view event = "markPriceUpdate";
    enum Bit : unsigned { e, E, s, p, ap, i, P, r_, T, ps, st };
    static constexpr std::array<std::string_view, 11> keys{"e", "E", "s", "p",  "ap", "i",
                                                           "P", "r", "T", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, E, s, p});
    static constexpr std::array<std::string_view, 10> usual{"E", "s", "p", "ap", "P", "i", "P", "r", "T", "st"};

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.time(f.value->venueTime);
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("p"):
            return r.once(f.seen, p) && r.price(f.value->mark);
        case keyOf("ap"):
            return r.once(f.seen, ap) && r.ignored();
        case keyOf("i"):
            return r.once(f.seen, i) && r.optionalPrice(f.value->index);
        case keyOf("P"):
            return r.once(f.seen, P) && r.ignored();
        case keyOf("r"):
            return r.once(f.seen, r_) && r.optionalRatio(f.value->fundingRate);
        case keyOf("T"):
            return r.once(f.seen, T) && r.optionalTime(f.value->nextFundingTime);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct CandleFields : EventFields {
    Candle *value{nullptr};
    UtcTime closeTime; ///< last millisecond of the interval
    std::uint32_t bodySeen{0};
};

/// The object `k` inside a kline event.
struct CandleBodySchema {
    using Fields = CandleFields;
    enum Bit : unsigned { t, T, s, i, f_, L, o, c, h, l, v, n, x, q, V, Q, B };
    static constexpr std::array<std::string_view, 17> keys{"t", "T", "s", "i", "f", "L", "o", "c", "h",
                                                           "l", "v", "n", "x", "q", "V", "Q", "B"};
    static constexpr std::uint32_t required = bits({t, T, o, c, h, l, v, n, x, q, V});
    [[nodiscard]] static std::uint32_t seen(const Fields &f) { return f.bodySeen; }

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("t"):
            return r.once(f.bodySeen, t) && r.time(f.value->openTime);
        case keyOf("T"):
            return r.once(f.bodySeen, T) && r.time(f.closeTime);
        case keyOf("s"):
            return r.once(f.bodySeen, s) && r.ignored();
        case keyOf("i"):
            return r.once(f.bodySeen, i) && r.ignored();
        case keyOf("f"):
            return r.once(f.bodySeen, f_) && r.ignored();
        case keyOf("L"):
            return r.once(f.bodySeen, L) && r.ignored();
        case keyOf("o"):
            return r.once(f.bodySeen, o) && r.price(f.value->open);
        case keyOf("c"):
            return r.once(f.bodySeen, c) && r.price(f.value->close);
        case keyOf("h"):
            return r.once(f.bodySeen, h) && r.price(f.value->high);
        case keyOf("l"):
            return r.once(f.bodySeen, l) && r.price(f.value->low);
        case keyOf("v"):
            return r.once(f.bodySeen, v) && r.quantity(f.value->volume);
        case keyOf("n"):
            return r.once(f.bodySeen, n) && r.integer(f.value->trades);
        case keyOf("x"):
            return r.once(f.bodySeen, x) && r.boolean(f.value->closed);
        case keyOf("q"):
            return r.once(f.bodySeen, q) && r.money(f.value->quoteVolume);
        case keyOf("V"):
            return r.once(f.bodySeen, V) && r.quantity(f.value->takerBuyVolume);
        case keyOf("Q"):
            return r.once(f.bodySeen, Q) && r.ignored();
        case keyOf("B"):
            return r.once(f.bodySeen, B) && r.ignored();
        default:
            return r.unknownMember();
        }
    }
};

struct KlineSchema {
    using Fields = CandleFields;
    static constexpr std::string_view event = "kline";
    enum Bit : unsigned { e, E, s, k, ps, st };
    static constexpr std::array<std::string_view, 6> keys{"e", "E", "s", "k", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, s, k});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("k"):
            return r.once(f.seen, k) && r.template object<CandleBodySchema>(f);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct LiquidationFields : EventFields {
    Liquidation *value{nullptr};
    std::int64_t bodyUniverse{kUsdMargined};
    std::uint32_t bodySeen{0};
};

/// The object `o` inside a forceOrder event; `st` and `ps` stand here in frames of 2026, beside it in the
/// documentation.
struct LiquidationBodySchema {
    using Fields = LiquidationFields;
    enum Bit : unsigned { s, S, o, f_, q, p, ap, X, l, z, T, ps, st };
    static constexpr std::array<std::string_view, 13> keys{"s", "S", "o", "f", "q",  "p", "ap",
                                                           "X", "l", "z", "T", "ps", "st"};
    static constexpr std::uint32_t required = bits({s, S, q, p, ap, T});
    [[nodiscard]] static std::uint32_t seen(const Fields &f) { return f.bodySeen; }

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("s"):
            return r.once(f.bodySeen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("S"):
            return r.once(f.bodySeen, S) && r.side(f.value->side);
        case keyOf("o"):
            return r.once(f.bodySeen, o) && r.ignored();
        case keyOf("f"):
            return r.once(f.bodySeen, f_) && r.ignored();
        case keyOf("q"):
            return r.once(f.bodySeen, q) && r.quantity(f.value->quantity);
        case keyOf("p"):
            return r.once(f.bodySeen, p) && r.price(f.value->price);
        case keyOf("ap"):
            return r.once(f.bodySeen, ap) && r.averagePrice(f.value->averagePrice);
        case keyOf("X"):
            return r.once(f.bodySeen, X) && r.ignored();
        case keyOf("l"):
            return r.once(f.bodySeen, l) && r.ignored();
        case keyOf("z"):
            return r.once(f.bodySeen, z) && r.ignored();
        case keyOf("T"):
            return r.once(f.bodySeen, T) && r.time(f.value->venueTime);
        case keyOf("ps"):
            return r.once(f.bodySeen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.bodySeen, st) && r.integer(f.bodyUniverse);
        default:
            return r.unknownMember();
        }
    }
};

struct ForceOrderSchema {
    using Fields = LiquidationFields;
    static constexpr std::string_view event = "forceOrder";
    enum Bit : unsigned { e, E, o, ps, st };
    static constexpr std::array<std::string_view, 5> keys{"e", "E", "o", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, o});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("o"):
            return r.once(f.seen, o) && r.template object<LiquidationBodySchema>(f);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.ignored();
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return r.unknownMember();
        }
    }
};

struct TickerFields : EventFields {
    Ticker *value{nullptr};
};

/// The last 24 hours. Volumes are read as analysis values: some coins trade more units than a Quantity holds.
struct TickerSchema {
    using Fields = TickerFields;
    static constexpr std::string_view event = "24hrTicker";
    enum Bit : unsigned { e, E, s, p, P, w, c, Q, o, h, l, v, q, O, C, F, L, n, ps, st };
    static constexpr std::array<std::string_view, 20> keys{
        "e", "E", "s", "p", "P", "w", "c", "Q", "o", "h", "l", "v", "q", "O", "C", "F", "L", "n", "ps", "st"};
    static constexpr std::uint32_t required = bits({e, E, s, c, o, v, q});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.time(f.value->venueTime);
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.value->instrument.symbol);
        case keyOf("c"):
            return r.once(f.seen, c) && r.price(f.value->last);
        case keyOf("o"):
            return r.once(f.seen, o) && r.price(f.value->open);
        case keyOf("h"):
            return r.once(f.seen, h) && r.optionalPrice(f.value->high);
        case keyOf("l"):
            return r.once(f.seen, l) && r.optionalPrice(f.value->low);
        case keyOf("v"):
            return r.once(f.seen, v) && r.analysisValue(f.value->baseVolume);
        case keyOf("q"):
            return r.once(f.seen, q) && r.analysisValue(f.value->quoteVolume);
        case keyOf("st"):
            return r.once(f.seen, st) && r.integer(f.universe);
        default:
            return other(r, f, key);
        }
    }

private:
    template <class Reader> static bool other(Reader &r, Fields &f, Key key)
    {
        for (const auto &[name, bit] : {std::pair{"p", p},
                                        {"P", P},
                                        {"w", w},
                                        {"Q", Q},
                                        {"O", O},
                                        {"C", C},
                                        {"F", F},
                                        {"L", L},
                                        {"n", n},
                                        {"ps", ps}}) {
            if (key == keyOf(name))
                return r.once(f.seen, bit) && r.ignored();
        }
        return r.unknownMember();
    }
};

} // namespace core::exchange::binance::schema
