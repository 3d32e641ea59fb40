#include "core/orders/flatten_plan.h"
#include "core/risk/position_math.h"
#include "tests/oracles/oracle_file.h"

using namespace core;
using namespace core::risk;
using namespace Qt::StringLiterals;

namespace
{
Direction directionOf(const QJsonValue &side)
{
    return side.toString() == "short"_L1 || side.toDouble() < 0 ? Direction::Short : Direction::Long;
}

std::vector<MarginTier> tiersOf(const QJsonArray &array)
{
    std::vector<MarginTier> tiers;
    for (const QJsonValue &value : array) {
        const QJsonObject tier = value.toObject();
        tiers.push_back({oracle::fixed<Money>(tier[u"floor"]), oracle::fixed<Money>(tier[u"cap"]),
                         oracle::fixed<Ratio>(tier[u"mmr"]), oracle::fixed<Money>(tier[u"cum"]), 1});
    }
    return tiers;
}

MarginTier onlyTier(Ratio rate, Money deduction)
{
    return {Money{}, Money::fromRaw(std::numeric_limits<std::int64_t>::max()), rate, deduction, 1};
}

/// wallet − maintenance of the others + their uPnL.
Money crossMargin(const QJsonObject &input)
{
    return Money::fromRaw(oracle::fixed<Money>(input[u"wallet_balance"]).raw() -
                          oracle::fixed<Money>(input[u"tmm_other"]).raw() +
                          oracle::fixed<Money>(input[u"upnl_other"]).raw());
}

struct Answer {
    std::optional<core::risk::Liquidation> liquidation;
    std::vector<MarginTier> tiers;
};

std::optional<Answer> liquidationOf(const oracle::Case &c)
{
    const QJsonObject &in = c.input;
    const Quantity size = oracle::fixed<Quantity>(in[u"qty"]);
    const Direction direction = directionOf(in[u"side"]);
    Price entry = oracle::fixed<Price>(in[u"entry"]);
    Money margin;
    std::vector<MarginTier> tiers;
    if (c.kind == "liq_known_tier"_L1) {
        tiers = {onlyTier(oracle::fixed<Ratio>(in[u"mmr"]), oracle::fixed<Money>(in[u"cum"]))};
        margin = crossMargin(in);
    } else if (c.kind == "liq_tiers_isolated"_L1) {
        tiers = tiersOf(in[u"tiers"].toArray());
        margin = oracle::fixed<Money>(in[u"isolated_wallet"]);
    } else if (c.kind == "liq_tiers_cross"_L1) {
        tiers = tiersOf(in[u"tiers"].toArray());
        margin = crossMargin(in);
    } else if (c.kind == "liq_hyperliquid"_L1) {
        // Margin as of the given price: then that price takes the place of the entry, and mmr is half of 1 ÷
        // maxLeverage.
        const auto rate = mulDiv(kDecimalOne, 1, 2 * in[u"max_leverage"].toInteger(), Rounding::HalfEven);
        tiers = {onlyTier(Ratio::fromRaw(rate.value()), Money{})};
        margin = oracle::fixed<Money>(in[u"isolated_margin"]);
        entry = oracle::fixed<Price>(in[u"price"]);
    } else {
        return std::nullopt;
    }
    return Answer{liquidation(direction, size, entry, margin, tiers), tiers};
}
} // namespace

class TestMargin : public QObject
{
    Q_OBJECT

private slots:
    void liquidationPrices()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"margin_liquidation.json"_s)) {
            const auto answer = liquidationOf(c);
            if (!answer)
                continue;
            ++run;
            const auto &got = answer->liquidation;
            const QJsonValue price = c.expected[u"liq_price"];
            QVERIFY2(price.isNull() == !got.has_value(), qPrintable(c.name));
            if (got)
                QVERIFY2(c.tolerance.holds(got->price.toDouble(), price.toDouble()), qPrintable(c.name));
            if (c.expected.contains(u"tier_at_liq") && got)
                QVERIFY2(static_cast<int>(got->tier) == c.expected[u"tier_at_liq"].toInt(-1),
                         qPrintable(c.name));
            const auto held = notional(oracle::fixed<Price>(c.input[u"entry"]),
                                       oracle::fixed<Quantity>(c.input[u"qty"]), Rounding::HalfEven);
            if (c.expected.contains(u"tier_at_entry"))
                QVERIFY2(marginTierOf(answer->tiers, *held) ==
                             static_cast<std::size_t>(c.expected[u"tier_at_entry"].toInt(-1)),
                         qPrintable(c.name));
            if (c.expected.contains(u"maintenance_at_entry"))
                QVERIFY2(c.tolerance.holds(maintenanceMargin(answer->tiers, *held)->toDouble(),
                                           c.expected[u"maintenance_at_entry"].toDouble()),
                         qPrintable(c.name));
        }
        if (run == 0)
            QSKIP("no case of these kinds here");
    }

    void profit()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"margin_liquidation.json"_s)) {
            if (c.kind != "pnl"_L1)
                continue;
            ++run;
            const QJsonObject &in = c.input;
            const Direction direction = directionOf(in[u"side"]);
            const Quantity size = oracle::fixed<Quantity>(in[u"qty"]);
            const Price entry = oracle::fixed<Price>(in[u"entry"]);
            const Price mark = oracle::fixed<Price>(in[u"mark"]);
            const Ratio feeIn = oracle::fixed<Ratio>(in[u"fee_in_rate"]);
            const Ratio feeOut = oracle::fixed<Ratio>(in[u"fee_out_rate"]);
            const Money funding = oracle::fixed<Money>(in[u"funding_net_received"]);
            Position position;
            position.direction = direction;
            position.quantity = size;
            position.entryPrice = entry;
            position.leverage = in[u"leverage"].toInt();
            const double roe = roePercent(direction, entry, mark, *position.leverage);
            QVERIFY2(std::abs(lossOnMargin(position, mark)->toDouble() * 100 + roe) <= 1.1e-6,
                     qPrintable(c.name));
            const QJsonObject got{
                {u"upnl"_s, unrealizedPnl(direction, size, entry, mark, Rounding::HalfEven)->toDouble()},
                {u"roe_pct"_s, roe},
                {u"seed_drawdown_pct"_s, -roe},
                {u"net_if_closed_at_mark"_s,
                 netIfClosed(direction, size, entry, mark, feeIn, feeOut, funding)->toDouble()},
                {u"break_even_exit"_s,
                 breakEvenExit(direction, size, entry, feeIn, feeOut, funding)->toDouble()},
                {u"initial_margin"_s, initialMargin(position)->money.toDouble()},
                {u"notional"_s, notional(mark, size, Rounding::HalfEven)->toDouble()}};
            for (auto it = c.expected.begin(); it != c.expected.end(); ++it) {
                QVERIFY2(got.contains(it.key()), qPrintable(it.key()));
                QVERIFY2(c.tolerance.holds(got[it.key()].toDouble(), it.value().toDouble()),
                         qPrintable(c.name + u": "_s + it.key()));
            }
        }
        if (run == 0)
            QSKIP("no case of this kind here");
    }

    void partialCloses()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"sizing.json"_s)) {
            if (c.kind != "partial_close"_L1)
                continue;
            ++run;
            const QJsonObject &in = c.input;
            const std::int64_t held = oracle::fixed<Quantity>(in[u"position"]).raw();
            const Quantity size = Quantity::fromRaw(held < 0 ? -held : held);
            const orders::LotRules rules{oracle::fixed<Quantity>(in[u"step"]),
                                         oracle::fixed<Quantity>(in[u"min_qty"]),
                                         oracle::fixed<Money>(in[u"min_notional"]),
                                         in[u"reduce_only_exempt_from_min_notional"].toBool()};
            const auto got = orders::partialClose(size, oracle::fixed<Ratio>(in[u"fraction"]), rules,
                                                  oracle::fixed<Price>(in[u"price"]));
            QVERIFY2(got.has_value(), qPrintable(c.name));
            const auto same = [](Quantity quantity, const QJsonValue &text) {
                return quantity == oracle::fixed<Quantity>(text);
            };
            QVERIFY2(same(got->quantity, c.expected[u"close_qty"]), qPrintable(c.name));
            QVERIFY2(same(Quantity::fromRaw(size.raw() - got->quantity.raw()), c.expected[u"remaining"]),
                     qPrintable(c.name));
            const Side side = orders::closingSide(held < 0 ? Direction::Short : Direction::Long);
            QVERIFY2(c.expected[u"side"].toString() == (side == Side::Sell ? "sell"_L1 : "buy"_L1),
                     qPrintable(c.name));
            const QLatin1StringView action = got->kind == orders::PartialClose::Kind::Partial ? "partial"_L1
                                             : got->kind == orders::PartialClose::Kind::Full
                                                 ? "full"_L1
                                                 : "full_because_remainder_below_minimum"_L1;
            QVERIFY2(c.expected[u"action"].toString() == action, qPrintable(c.name));
        }
        if (run == 0)
            QSKIP("no case of this kind here");
    }
};

QTEST_APPLESS_MAIN(TestMargin)
#include "tst_margin.moc"
