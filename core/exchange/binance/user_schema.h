#pragma once

#include "core/exchange/binance/schema.h"

/// The documented fields of the private stream's events; read by the general reader only.
/// Source: reference/binance-usdm.md sections 5.3 and 5.4.
namespace core::exchange::binance::schema
{

struct OrderFields {
    std::uint32_t seen{0};
    std::uint32_t bodySeen{0};
    UtcTime transactionTime;
    UtcTime tradeTime;
    Symbol symbol;
    std::string_view clientId, type, originalType, timeInForce, execution, status, positionSide, feeAsset, expiry;
    Side side{Side::Buy};
    Quantity quantity, lastFilled, filled;
    Price price, averagePrice, lastPrice, stopPrice;
    Money fee, realizedPnl;
    std::int64_t orderId{0};
    std::int64_t tradeId{0};
    bool maker{false};
    bool reduceOnly{false};
};

/// The object `o` of ORDER_TRADE_UPDATE.
struct OrderBodySchema {
    using Fields = OrderFields;
    enum Bit : unsigned { s, c, S, o, f_, q, p, ap, x, X, i, l, z, L, N, n, T, t, m, R, ps, rp, er, ot, sp };
    static constexpr std::array<std::string_view, 25> keys{"s", "c", "S", "o", "f",  "q",  "p", "ap",
                                                           "x", "X", "i", "l", "z",  "L",  "N", "n",
                                                           "T", "t", "m", "R", "ps", "rp", "er", "ot", "sp"};
    static constexpr std::uint32_t required = bits({s, c, S, o, q, x, X, i, l, z, L, T, t});
    [[nodiscard]] static std::uint32_t seen(const Fields &f) { return f.bodySeen; }

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("s"):
            return r.once(f.bodySeen, s) && r.symbol(f.symbol);
        case keyOf("c"):
            return r.once(f.bodySeen, c) && r.text(f.clientId);
        case keyOf("S"):
            return r.once(f.bodySeen, S) && r.side(f.side);
        case keyOf("o"):
            return r.once(f.bodySeen, o) && r.text(f.type);
        case keyOf("f"):
            return r.once(f.bodySeen, f_) && r.text(f.timeInForce);
        case keyOf("q"):
            return r.once(f.bodySeen, q) && r.quantity(f.quantity);
        case keyOf("p"):
            return r.once(f.bodySeen, p) && r.price(f.price);
        case keyOf("ap"):
            return r.once(f.bodySeen, ap) && r.averagePrice(f.averagePrice);
        case keyOf("x"):
            return r.once(f.bodySeen, x) && r.text(f.execution);
        case keyOf("X"):
            return r.once(f.bodySeen, X) && r.text(f.status);
        case keyOf("i"):
            return r.once(f.bodySeen, i) && r.integer(f.orderId);
        case keyOf("l"):
            return r.once(f.bodySeen, l) && r.quantity(f.lastFilled);
        case keyOf("z"):
            return r.once(f.bodySeen, z) && r.quantity(f.filled);
        case keyOf("L"):
            return r.once(f.bodySeen, L) && r.price(f.lastPrice);
        case keyOf("N"):
            return r.once(f.bodySeen, N) && r.optionalText(f.feeAsset);
        case keyOf("n"):
            return r.once(f.bodySeen, n) && r.optionalMoney(f.fee);
        case keyOf("T"):
            return r.once(f.bodySeen, T) && r.time(f.tradeTime);
        case keyOf("t"):
            return r.once(f.bodySeen, t) && r.integer(f.tradeId);
        case keyOf("m"):
            return r.once(f.bodySeen, m) && r.boolean(f.maker);
        case keyOf("R"):
            return r.once(f.bodySeen, R) && r.boolean(f.reduceOnly);
        case keyOf("ps"):
            return r.once(f.bodySeen, ps) && r.text(f.positionSide);
        case keyOf("rp"):
            return r.once(f.bodySeen, rp) && r.computedMoney(f.realizedPnl);
        case keyOf("er"):
            return r.once(f.bodySeen, er) && r.text(f.expiry);
        case keyOf("ot"):
            return r.once(f.bodySeen, ot) && r.text(f.originalType);
        case keyOf("sp"):
            return r.once(f.bodySeen, sp) && r.averagePrice(f.stopPrice);
        default:
            return r.unknownMember();
        }
    }
};

struct OrderSchema {
    using Fields = OrderFields;
    static constexpr std::string_view event = "ORDER_TRADE_UPDATE";
    enum Bit : unsigned { e, E, T, o };
    static constexpr std::array<std::string_view, 4> keys{"e", "E", "T", "o"};
    static constexpr std::uint32_t required = bits({e, E, T, o});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.transactionTime);
        case keyOf("o"):
            return r.once(f.seen, o) && r.template object<OrderBodySchema>(f);
        default:
            return r.unknownMember();
        }
    }
};

struct BalanceSchema {
    struct Fields {
        std::uint32_t seen{0};
        Asset asset;
        Money wallet, crossWallet, change;
    };
    enum Bit : unsigned { a, wb, cw, bc };
    static constexpr std::array<std::string_view, 4> keys{"a", "wb", "cw", "bc"};
    static constexpr std::uint32_t required = bits({a, wb, cw});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("a"):
            return r.once(f.seen, a) && r.asset(f.asset);
        case keyOf("wb"):
            return r.once(f.seen, wb) && r.signedMoney(f.wallet);
        case keyOf("cw"):
            return r.once(f.seen, cw) && r.signedMoney(f.crossWallet);
        case keyOf("bc"):
            return r.once(f.seen, bc) && r.computedMoney(f.change);
        default:
            return r.unknownMember();
        }
    }
};

struct PositionSchema {
    struct Fields {
        std::uint32_t seen{0};
        Symbol symbol;
        std::int64_t amount{0}; ///< signed
        Price entry;
        Money unrealized, isolatedWallet;
        std::string_view marginType, positionSide;
    };
    enum Bit : unsigned { s, pa, ep, up, mt, ps, iw };
    static constexpr std::array<std::string_view, 7> keys{"s", "pa", "ep", "up", "mt", "ps", "iw"};
    static constexpr std::uint32_t required = bits({s, pa, ep});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.symbol);
        case keyOf("pa"):
            return r.once(f.seen, pa) && r.signedDecimal(f.amount);
        case keyOf("ep"):
            return r.once(f.seen, ep) && r.averagePrice(f.entry);
        case keyOf("up"):
            return r.once(f.seen, up) && r.computedMoney(f.unrealized);
        case keyOf("mt"):
            return r.once(f.seen, mt) && r.text(f.marginType);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.text(f.positionSide);
        case keyOf("iw"):
            return r.once(f.seen, iw) && r.computedMoney(f.isolatedWallet);
        default:
            return r.unknownMember();
        }
    }
};

struct AccountFields {
    std::uint32_t seen{0};
    std::uint32_t bodySeen{0};
    AccountEvent *event{nullptr};
    std::string_view reason;
};

/// The object `a` of ACCOUNT_UPDATE. What did not change is not listed; either list may be absent.
struct AccountBodySchema {
    using Fields = AccountFields;
    enum Bit : unsigned { m, B, P, S };
    static constexpr std::array<std::string_view, 4> keys{"m", "B", "P", "S"};
    static constexpr std::uint32_t required = bits({m});
    [[nodiscard]] static std::uint32_t seen(const Fields &f) { return f.bodySeen; }

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("m"):
            return r.once(f.bodySeen, m) && r.text(f.reason);
        case keyOf("B"):
            return r.once(f.bodySeen, B) && r.elements([&] { return readBalance(r, *f.event); });
        case keyOf("P"):
            return r.once(f.bodySeen, P) && r.elements([&] { return readPosition(r, *f.event); });
        case keyOf("S"):
            return r.once(f.bodySeen, S) && r.symbol(f.event->symbol);
        default:
            return r.unknownMember();
        }
    }
    template <class Reader> static bool readBalance(Reader &r, AccountEvent &event)
    {
        BalanceSchema::Fields fields;
        if (!r.template object<BalanceSchema>(fields))
            return false;
        const bool said = (fields.seen & bits({BalanceSchema::bc})) != 0;
        event.balances.push_back({fields.asset, fields.wallet, fields.crossWallet,
                                  said ? std::optional(fields.change) : std::nullopt});
        return true;
    }
    template <class Reader> static bool readPosition(Reader &r, AccountEvent &event);
};

struct AccountSchema {
    using Fields = AccountFields;
    static constexpr std::string_view event = "ACCOUNT_UPDATE";
    enum Bit : unsigned { e, E, T, a };
    static constexpr std::array<std::string_view, 4> keys{"e", "E", "T", "a"};
    static constexpr std::uint32_t required = bits({e, T, a});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.event->venueTime);
        case keyOf("a"):
            return r.once(f.seen, a) && r.template object<AccountBodySchema>(f);
        default:
            return r.unknownMember();
        }
    }
};

struct AlgoFields {
    std::uint32_t seen{0};
    std::uint32_t bodySeen{0};
    AlgoEvent *event{nullptr};
    std::string_view clientId, type, positionSide, status, childId, reason;
    std::string_view executed, averagePrice; ///< of the child; of no meaning, and sometimes "", before the trigger
    std::string_view triggerPrice, limitPrice;
    bool reduceOnly{false};
};

/// The object `o` of ALGO_UPDATE.
struct AlgoBodySchema {
    using Fields = AlgoFields;
    enum Bit : unsigned { caid, aid, s, S, X, ai, rm, o, ps, q, ap, aq, tp, p, R };
    static constexpr std::array<std::string_view, 15> keys{"caid", "aid", "s",  "S",  "X",  "ai", "rm", "o",
                                                           "ps",   "q",   "ap", "aq", "tp", "p",  "R"};
    static constexpr std::uint32_t required = bits({caid, aid, s, S, X, o, q});
    [[nodiscard]] static std::uint32_t seen(const Fields &f) { return f.bodySeen; }

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("caid"):
            return r.once(f.bodySeen, caid) && r.text(f.clientId);
        case keyOf("aid"):
            return r.once(f.bodySeen, aid) && r.integer(f.event->algoId);
        case keyOf("s"):
            return r.once(f.bodySeen, s) && r.symbol(f.event->instrument.symbol);
        case keyOf("S"):
            return r.once(f.bodySeen, S) && r.side(f.event->side);
        case keyOf("X"):
            return r.once(f.bodySeen, X) && r.text(f.status);
        case keyOf("ai"):
            return r.once(f.bodySeen, ai) && r.optionalText(f.childId);
        case keyOf("rm"):
            return r.once(f.bodySeen, rm) && r.optionalText(f.reason);
        case keyOf("o"):
            return r.once(f.bodySeen, o) && r.text(f.type);
        case keyOf("ps"):
            return r.once(f.bodySeen, ps) && r.text(f.positionSide);
        case keyOf("q"):
            return r.once(f.bodySeen, q) && r.quantity(f.event->quantity);
        case keyOf("ap"):
            return r.once(f.bodySeen, ap) && r.optionalText(f.averagePrice);
        case keyOf("aq"):
            return r.once(f.bodySeen, aq) && r.optionalText(f.executed);
        case keyOf("tp"):
            return r.once(f.bodySeen, tp) && r.optionalText(f.triggerPrice);
        case keyOf("p"):
            return r.once(f.bodySeen, p) && r.optionalText(f.limitPrice);
        case keyOf("R"):
            return r.once(f.bodySeen, R) && r.boolean(f.reduceOnly);
        default:
            return r.unknownMember();
        }
    }
};

struct AlgoSchema {
    using Fields = AlgoFields;
    static constexpr std::string_view event = "ALGO_UPDATE";
    enum Bit : unsigned { e, E, T, o };
    static constexpr std::array<std::string_view, 4> keys{"e", "E", "T", "o"};
    static constexpr std::uint32_t required = bits({e, T, o});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.ignored();
        case keyOf("T"):
            return r.once(f.seen, T) && r.time(f.event->venueTime);
        case keyOf("o"):
            return r.once(f.seen, o) && r.template object<AlgoBodySchema>(f);
        default:
            return r.unknownMember();
        }
    }
};

/// One position of MARGIN_CALL.
struct MarginCallPositionSchema {
    struct Fields {
        std::uint32_t seen{0};
        Symbol symbol;
        std::string_view positionSide, amount, mark;
    };
    enum Bit : unsigned { s, ps, pa, mp };
    static constexpr std::array<std::string_view, 4> keys{"s", "ps", "pa", "mp"};
    static constexpr std::uint32_t required = bits({s});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("s"):
            return r.once(f.seen, s) && r.symbol(f.symbol);
        case keyOf("ps"):
            return r.once(f.seen, ps) && r.text(f.positionSide);
        case keyOf("pa"):
            return r.once(f.seen, pa) && r.text(f.amount);
        case keyOf("mp"):
            return r.once(f.seen, mp) && r.text(f.mark);
        default:
            return r.unknownMember();
        }
    }
};

struct MarginCallSchema {
    struct Fields {
        std::uint32_t seen{0};
        MarginCall *event{nullptr};
    };
    static constexpr std::string_view event = "MARGIN_CALL";
    enum Bit : unsigned { e, E, p };
    static constexpr std::array<std::string_view, 3> keys{"e", "E", "p"};
    static constexpr std::uint32_t required = bits({e, p});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.time(f.event->venueTime);
        case keyOf("p"):
            return r.once(f.seen, p) && r.elements([&] { return readPosition(r, *f.event); });
        default:
            return r.unknownMember();
        }
    }
    template <class Reader> static bool readPosition(Reader &r, MarginCall &event);
};

/// `ac` (leverage of a contract) or `ai` (multi-assets mode).
struct AccountConfigSchema {
    struct Fields {
        std::uint32_t seen{0};
        std::uint32_t bodySeen{0};
        AccountConfigEvent *event{nullptr};
        std::int64_t leverage{0};
        bool multiAssets{false};
    };
    static constexpr std::string_view event = "ACCOUNT_CONFIG_UPDATE";
    enum Bit : unsigned { e, E, ac, ai };
    enum BodyBit : unsigned { s, l, j };
    static constexpr std::array<std::string_view, 4> keys{"e", "E", "ac", "ai"};
    static constexpr std::uint32_t required = bits({e});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.time(f.event->venueTime);
        case keyOf("ac"):
            return r.once(f.seen, ac) && r.members([&](std::string_view name) { return body(r, f, keyOf(name)); });
        case keyOf("ai"):
            return r.once(f.seen, ai) && r.members([&](std::string_view name) { return body(r, f, keyOf(name)); });
        default:
            return r.unknownMember();
        }
    }
    template <class Reader> static bool body(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("s"):
            return r.once(f.bodySeen, s) && r.symbol(f.event->symbol);
        case keyOf("l"):
            return r.once(f.bodySeen, l) && r.integer(f.leverage);
        case keyOf("j"):
            return r.once(f.bodySeen, j) && r.boolean(f.multiAssets);
        default:
            return r.unknownMember();
        }
    }
};

struct ListenKeyExpiredSchema {
    struct Fields {
        std::uint32_t seen{0};
        UtcTime venueTime;
    };
    static constexpr std::string_view event = "listenKeyExpired";
    enum Bit : unsigned { e, E };
    static constexpr std::array<std::string_view, 2> keys{"e", "E"};
    static constexpr std::uint32_t required = bits({e, E});

    template <class Reader> static bool member(Reader &r, Fields &f, Key key)
    {
        switch (key) {
        case keyOf("e"):
            return r.once(f.seen, e) && r.ignored();
        case keyOf("E"):
            return r.once(f.seen, E) && r.time(f.venueTime);
        default:
            return r.unknownMember(); // the key itself is a credential: never read
        }
    }
};

} // namespace core::exchange::binance::schema
