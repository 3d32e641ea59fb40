#include "core/exchange/binance/codec_history.h"

#include <QtTest/QTest>

#include "core/exchange/binance/stream_names.h"

using namespace core;
using namespace core::exchange::binance;
using namespace std::chrono_literals;

namespace
{

const InstrumentKey kKey{Venue::Binance, Symbol::from("BTCUSDT").value()};
const std::string kRow =
    R"([1499040000000,"0.0163","0.8","0.0157","0.0158","148976.1",1499040059999,"2434.19",308,)"
    R"("1756.87402397","28.46694368","0"])";
const std::string kNext =
    R"([1499040060000,"0.0158","0.8","0.0157","0.0160","1.5",1499040119999,"2.5",2,"1","1","0"])";

} // namespace

class TestCodecHistory : public QObject
{
    Q_OBJECT
private slots:
    void bn14_onlyWhatHasEndedIsClosed()
    {
        const std::string body = "[" + kRow + "," + kNext + "]";
        const auto candles = parseKlines(body, kKey, utcFromMilliseconds(1499040100000));
        QVERIFY2(candles.has_value(), candles ? "" : candles.error().detail.c_str());
        QCOMPARE(candles->size(), std::size_t{2});
        const Candle &first = (*candles)[0];
        QVERIFY(first.closed);
        QVERIFY(!(*candles)[1].closed); // runs until 1499040119999
        QCOMPARE(first.length, Duration{1min});
        QCOMPARE(first.open, parsePrice("0.0163").value());
        QCOMPARE(first.takerBuyVolume, parseQuantity("1756.87402397").value());
        QCOMPARE(first.trades, 308);
        // The last millisecond itself still belongs to it.
        QVERIFY(!parseKlines("[" + kRow + "]", kKey, utcFromMilliseconds(1499040059999)).value()[0].closed);
        QVERIFY(parseKlines("[" + kRow + "]", kKey, utcFromMilliseconds(1499040060000)).value()[0].closed);
    }

    void holesAreFilledWithTheCloseBefore()
    {
        auto candles = parseKlines("[" + kRow + "]", kKey, utcFromMilliseconds(1600000000000)).value();
        candles.push_back(candles[0]);
        candles[1].openTime += 3min;
        const auto filled = withoutHoles(candles, 1min);
        QCOMPARE(filled.size(), std::size_t{4});
        for (std::size_t i = 1; i < filled.size(); ++i)
            QCOMPARE(filled[i].openTime - filled[i - 1].openTime, Duration{1min});
        for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
            QVERIFY(filled[i].synthetic && filled[i].closed);
            QCOMPARE(filled[i].open, candles[0].close);
            QCOMPARE(filled[i].high, candles[0].close);
            QVERIFY(filled[i].volume.isZero());
        }
        QVERIFY(!filled[3].synthetic);
        QVERIFY(withoutHoles({}, 1min).empty());
    }

    void tradesAndRatesAreRead()
    {
        const auto trades = parseAggregateTrades(
            R"([{"a":26129,"p":"0.01633102","q":"4.70443515","nq":"4.7","f":27781,"l":27782,"T":1498793709153,"m":true}])",
            kKey, UtcTime{});
        QVERIFY2(trades.has_value(), trades ? "" : trades.error().detail.c_str());
        QCOMPARE((*trades)[0].id, 26129);
        QCOMPARE((*trades)[0].lastId, 27782);
        QCOMPARE((*trades)[0].aggressor, Side::Sell);
        QCOMPARE((*trades)[0].price, parsePrice("0.01633102").value());
        const auto rates = parseFundingRates(
            R"([{"symbol":"BTCUSDT","fundingRate":"-0.0375","fundingTime":1570608000000,"markPrice":""},)"
            R"({"symbol":"BTCUSDT","fundingRate":"0.0001","fundingTime":1570636800000,"rateType":"Regular"}])");
        QVERIFY2(rates.has_value(), rates ? "" : rates.error().detail.c_str());
        QCOMPARE((*rates)[0].rate, parseFixed<Ratio>("-0.0375").value());
        QCOMPARE(toMilliseconds((*rates)[1].time), 1570636800000);
    }

    void whatIsWrongNamesItsRow_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("nothing") << QByteArray() << QByteArray("klines");
        QTest::newRow("HTML") << QByteArray("<html>") << QByteArray("klines");
        QTest::newRow("an object") << QByteArray("{}") << QByteArray("klines");
        QTest::newRow("cut off") << QByteArray::fromStdString("[" + kRow) << QByteArray("klines");
        QTest::newRow("too few fields") << QByteArray("[[1,\"1\"]]") << QByteArray("klines[0]: a candle has");
        QTest::newRow("ends before it begins")
            << QByteArray::fromStdString("[" + kRow + "]").replace("1499040059999", "1499030059999")
            << QByteArray("klines[0]");
        QTest::newRow("a price that is a number in the second row")
            << QByteArray::fromStdString("[" + kRow + "," + kNext + "]").replace(R"("0.0160")", "0.0160")
            << QByteArray("klines[1][4]");
    }
    void whatIsWrongNamesItsRow()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, words);
        const auto candles = parseKlines(body.toStdString(), kKey, UtcTime{});
        QVERIFY(!candles);
        QVERIFY2(QByteArray::fromStdString(candles.error().detail).contains(words),
                 candles.error().detail.c_str());
        QVERIFY(!parseAggregateTrades(body.toStdString(), kKey, UtcTime{}));
        QVERIFY(!parseFundingRates(body.toStdString()));
    }

    void bn09_everyStreamIsAskedForOnItsDocumentedRoute()
    {
        const Symbol symbol = Symbol::from("BTCUSDT").value();
        const auto row = [&](StreamKind kind, std::string_view route, const std::string &stream) {
            QCOMPARE(name(routeOf(kind)), route);
            QCOMPARE(streamName(symbol, kind), stream);
        };
        row(StreamKind::Depth, "public", "btcusdt@depth@100ms");
        row(StreamKind::BookTicker, "public", "btcusdt@bookTicker");
        row(StreamKind::AggregateTrade, "market", "btcusdt@aggTrade");
        row(StreamKind::MarkPrice, "market", "btcusdt@markPrice@1s");
        row(StreamKind::ForceOrder, "market", "btcusdt@forceOrder");
        row(StreamKind::Ticker, "market", "btcusdt@ticker");
        QCOMPARE(name(routeOf(StreamKind::Kline)), "market");
        QCOMPARE(name(routeOf(StreamKind::ContractInfo)), "market");
        QCOMPARE(klineStream(symbol, intervalName(Duration{4h}).value()), std::string("btcusdt@kline_4h"));
        QVERIFY(!intervalName(Duration{7min}).has_value());
    }
};

QTEST_APPLESS_MAIN(TestCodecHistory)
#include "tst_codec_history.moc"
