#include "core/orders/flatten_plan.h"

#include <set>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::orders;

namespace
{
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }
Price price(std::string_view text) { return parsePrice(text).value(); }
Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }

Instrument btc()
{
    Instrument i;
    i.key = {Venue::Binance, *Symbol::from("BTCUSDT")};
    i.tickSize = price("0.1");
    i.stepSize = i.marketStepSize = i.quantityMin = i.marketQuantityMin = quantity("0.001");
    i.quantityMax = quantity("1000");
    i.marketQuantityMax = quantity("120");
    i.notionalMin = parseMoney("100").value();
    i.priceUp = ratio("1.05");
    i.priceDown = ratio("0.95");
    return i;
}
} // namespace

class TestFlattenPlan : public QObject
{
    Q_OBJECT

private slots:
    void theLimitKeepsItsBound_data()
    {
        QTest::addColumn<bool>("sells");
        QTest::addColumn<QByteArray>("mark");
        QTest::addColumn<QByteArray>("slippage");
        QTest::addColumn<QByteArray>("tick");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *title, bool sells, const char *mark, const char *slippage,
                            const char *tick, const char *expected) {
            QTest::newRow(title) << sells << QByteArray(mark) << QByteArray(slippage) << QByteArray(tick)
                                 << QByteArray(expected);
        };
        row("sell rounds up", true, "60000.05", "0.005", "0.1", "59700.1"); // bound 59700.04975
        row("buy rounds down", false, "60000.05", "0.005", "0.1", "60300"); // bound 60300.05025
        row("sell on the tick", true, "60000", "0.005", "0.1", "59700");
        row("sell, a coarse tick", true, "10.3", "0.005", "1", "10");
        row("buy, a coarse tick", false, "10.3", "0.005", "1", "11");
        row("sell inside the venue's band", true, "60000", "0.08", "0.1", "57000");
        row("buy inside the venue's band", false, "60000", "0.08", "0.1", "63000");
        row("sell below one tick: market only", true, "0.05", "0.005", "0.1", "");
    }
    void theLimitKeepsItsBound()
    {
        QFETCH(bool, sells);
        QFETCH(QByteArray, mark);
        QFETCH(QByteArray, slippage);
        QFETCH(QByteArray, tick);
        QFETCH(QByteArray, expected);
        Instrument instrument = btc();
        instrument.tickSize = price(tick.toStdString());
        if (tick == "1")
            instrument.priceUp = instrument.priceDown = {};
        const auto got = closeLimit(price(mark.toStdString()), sells ? Side::Sell : Side::Buy,
                                    ratio(slippage.toStdString()), instrument);
        QCOMPARE(got ? got->text() : std::string(), expected.toStdString());
    }

    void theLimitStandsOnTheGridOfSignificantDigits_data()
    {
        QTest::addColumn<bool>("sells");
        QTest::addColumn<QByteArray>("mark");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("bitcoin, five digits are whole dollars, sell") << true << QByteArray("58128.05") << QByteArray("57838");
        QTest::newRow("bitcoin, buy") << false << QByteArray("58128.05") << QByteArray("58418");
        QTest::newRow("ether, one decimal, sell") << true << QByteArray("2296.45") << QByteArray("2285");
        QTest::newRow("ether, buy") << false << QByteArray("2296.45") << QByteArray("2307.9");
        QTest::newRow("a coin of cents, sell") << true << QByteArray("0.123456") << QByteArray("0.12284");
        QTest::newRow("above a hundred thousand whole dollars stay allowed") << true << QByteArray("123456.7")
                                                                             << QByteArray("122840");
    }
    /// Hyperliquid: a tick of 0.1 is listed, and a price above 10,000 must still be whole. Beside that grid our own gate
    /// refuses the close, and the position stays open for the pause before the next attempt.
    void theLimitStandsOnTheGridOfSignificantDigits()
    {
        QFETCH(bool, sells);
        QFETCH(QByteArray, mark);
        QFETCH(QByteArray, expected);
        Instrument instrument;
        instrument.tickSize = price("0.00001");
        instrument.significantDigits = 5;
        const auto got = closeLimit(price(mark.toStdString()), sells ? Side::Sell : Side::Buy, ratio("0.005"), instrument);
        QVERIFY(got);
        QVERIFY(isValidPrice(instrument, *got));
        QCOMPARE(got->text(), expected.toStdString());
    }
    void everyLimitPassesTheVenuesRuleAndKeepsItsBound()
    {
        QVERIFY(rc::check("closeLimit", [](bool sells) {
            Instrument instrument;
            instrument.tickSize = Price::fromRaw(*rc::gen::element<std::int64_t>(100, 1'000, 100'000, 10'000'000));
            instrument.significantDigits = *rc::gen::element(0, 5);
            const Price mark = Price::fromRaw(*rc::gen::inRange<std::int64_t>(1'000'000'000, 20'000'000'000'000));
            const Ratio slippage = ratio("0.005");
            const auto got = closeLimit(mark, sells ? Side::Sell : Side::Buy, slippage, instrument);
            RC_ASSERT(got.has_value());
            RC_ASSERT(isValidPrice(instrument, *got));
            RC_ASSERT((sells ? *got <= mark : *got >= mark));
        }));
    }

    void theMarkOfALimitKeepsItsBoundWithinATenthOfTheSlippage()
    {
        QVERIFY(rc::check("limitReference", [](bool sells) {
            const Side side = sells ? Side::Sell : Side::Buy;
            const Price mark = Price::fromRaw(*rc::gen::inRange<std::int64_t>(1'000, 20'000'000'000'000));
            const Ratio slippage = ratio("0.005");
            RC_ASSERT(limitReference(mark, side, slippage, Venue::Binance) == mark);
            const Price from = limitReference(mark, side, slippage, Venue::Hyperliquid);
            const std::int64_t tighter = sells ? from.raw() - mark.raw() : mark.raw() - from.raw();
            RC_ASSERT(tighter >= 0 && tighter <= mark.raw() / 2'000);
            // A mark just beyond it, up to the next step, has the next step.
            const auto next = nextReference(from, side, slippage, Venue::Hyperliquid);
            RC_ASSERT(next.has_value() == (from.raw() / 2'000 >= 1));
            if (next)
                RC_ASSERT(sells ? *next < from : *next > from);
        }));
    }

    void bn30_piecesAddUpAndFit()
    {
        QVERIFY(rc::check("slices", [](bool market) {
            const Instrument instrument = btc();
            const Quantity total = Quantity::fromRaw(100'000 * *rc::gen::inRange<std::int64_t>(1, 2'000'000));
            const auto pieces = slices(total, instrument, market ? OrderType::Market : OrderType::Limit);
            std::int64_t sum = 0;
            for (const Quantity piece : pieces) {
                RC_ASSERT(piece.isPositive() && piece <= instrument.marketQuantityMax);
                RC_ASSERT(piece.raw() % instrument.stepSize.raw() == 0);
                sum += piece.raw();
            }
            RC_ASSERT(sum == total.raw() || (pieces.size() == kSlicesMax && sum < total.raw()));
        }));
        QCOMPARE(slices(quantity("250"), btc(), OrderType::Market).size(), std::size_t{3});
    }

    void idsAreStableDistinctAndAllowed()
    {
        const risk::Life life{{btc().key, PositionSide::Both}, Direction::Long,
                                utcFromMilliseconds(1'700'000'000'000)};
        const std::string decision = decisionId(life, "position-loss", "close", 1);
        // Pinned: a change of the derivation would make earlier orders unknown after an update.
        QCOMPARE(decision, std::string("etr-0a84397d138f12505b3d9b94"));
        std::set<std::string> seen{decision};
        risk::Life other = life;
        other.openedAt += std::chrono::milliseconds{1};
        QVERIFY(seen.insert(decisionId(other, "position-loss", "close", 1)).second);
        other = life;
        other.direction = Direction::Short;
        QVERIFY(seen.insert(decisionId(other, "position-loss", "close", 1)).second);
        other = life;
        other.position.instrument.venue = Venue::Hyperliquid;
        QVERIFY(seen.insert(decisionId(other, "position-loss", "close", 1)).second);
        QVERIFY(seen.insert(decisionId(life, "position-loss", "close", 2)).second);
        QVERIFY(seen.insert(decisionId(life, "position-loss", "reduce", 1)).second);
        QVERIFY(seen.insert(decisionId(life, "position-lossc", "lose", 1)).second);
        for (const int attempt : {1, 2, 9, 10, 999, 9'999}) {
            for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, kSlicesMax - 1}) {
                const ClientOrderId id = orderId(decision, attempt, piece);
                QVERIFY(!id.empty() && id.view().size() <= 36);
                for (const char c : id.view())
                    QVERIFY((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
                QVERIFY(seen.insert(id.string()).second);
            }
        }
        QCOMPARE(orderId(decision, 1, 0).string(), decision + "-1");
    }

    void partialClosesNeverExceedThePosition()
    {
        QVERIFY(rc::check("partialClose", [](std::int64_t position, std::int64_t fraction, std::int64_t step,
                                             std::int64_t least, std::int64_t money, std::int64_t at,
                                             bool exempt) {
            const LotRules rules{Quantity::fromRaw(step), Quantity::fromRaw(least), Money::fromRaw(money),
                                 exempt};
            const auto got = partialClose(Quantity::fromRaw(position), Ratio::fromRaw(fraction), rules,
                                          Price::fromRaw(at));
            if (got)
                RC_ASSERT(got->quantity.isPositive() && got->quantity.raw() <= position);
        }));
    }
};

QTEST_APPLESS_MAIN(TestFlattenPlan)
#include "tst_flatten_plan.moc"
