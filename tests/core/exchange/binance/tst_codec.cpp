#include "core/exchange/binance/codec.h"

#include <random>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QTest>

#include "event_equality.h"
#include "tests/support/shared_data.h"

namespace binance = core::exchange::binance;
using core::ErrorCode;
using core::UtcTime;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'700'000'000'123);

const QByteArray kDepth =
    R"({"e":"depthUpdate","E":1571889248277,"T":1571889248276,"s":"BTCUSDT","ps":"BTCUSDT",)"
    R"("U":390497796,"u":390497878,"pu":390497794,"b":[["7403.89","0.002"],["7403.80","0"]],)"
    R"("a":[["7405.96","3.340"]],"st":1})";
const QByteArray kTrade = R"({"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,)"
                          R"("p":"61800.30","q":"0.006","X":"MARKET","m":false})";
const QByteArray kAggTrade =
    R"({"e":"aggTrade","E":1767139200123,"s":"BTCUSDT","a":5933014,"p":"87001.10","q":"0.120",)"
    R"("nq":"0.100","f":100,"l":105,"T":1767139200100,"m":true,"st":1})";
const QByteArray kTicker =
    R"({"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BNBUSDT",)"
    R"("ps":"BNBUSDT","b":"25.35190000","B":"31.21","a":"25.36520000","A":"40.66","st":1})";
const QByteArray kMark =
    R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000",)"
    R"("ap":"11790.02000000","i":"11784.62659091","P":"11784.25641265","r":"-0.00038167",)"
    R"("T":1562306400000,"st":1})";
const QByteArray kKline =
    R"({"e":"kline","E":1638747660000,"s":"BTCUSDT","k":{"t":1638747660000,"T":1638747719999,)"
    R"("s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0005",)"
    R"("v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"0"}})";
const QByteArray kForceOrder =
    R"({"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT",)"
    R"("f":"IOC","q":"0.014","p":"9910","ap":"9910.5","X":"FILLED","l":"0.014","z":"0.014",)"
    R"("T":1568014460892},"st":1})";

const QByteArray kDay =
    R"({"e":"24hrTicker","E":123456789,"s":"BTCUSDT","p":"0.0015","P":"250.00","w":"0.0018","c":"0.0025",)"
    R"("Q":"10","o":"0.0010","h":"0.0025","l":"0.0010","v":"987654321012345.5","q":"18","O":0,"C":86400000,)"
    R"("F":-1,"L":18150,"n":18151,"ps":"BTCUSDT","st":1})";

[[nodiscard]] std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}
[[nodiscard]] QByteArray text(const std::string &words)
{
    return QByteArray::fromStdString(words);
}
[[nodiscard]] core::Price price(std::string_view digits)
{
    return core::parsePrice(digits).value();
}
[[nodiscard]] core::Quantity quantity(std::string_view digits)
{
    return core::parseQuantity(digits).value();
}
[[nodiscard]] QByteArray enveloped(const QByteArray &frame)
{
    return R"({"stream":"btcusdt@x","data":)" + frame + "}";
}
} // namespace

class TestCodec : public QObject
{
    Q_OBJECT

    /// What `decode` says, after checking that the fast and the general way say the same, bare and enveloped.
    static core::Result<binance::MarketEvent> decoded(binance::MarketDecoder &decoder,
                                                      const QByteArray &frame)
    {
        binance::MarketDecoder other;
        const auto fast = decoder.decode(view(frame), kReceived);
        const auto general = other.decodeGeneral(view(frame), kReceived);
        if (!tests::same(fast, general))
            qFatal("the two ways disagree on: %s", frame.constData());
        return fast;
    }
    template <class Event> static Event expectEvent(const QByteArray &frame, bool fastExpected = true)
    {
        binance::MarketDecoder decoder;
        const auto event = decoded(decoder, frame);
        if (!event)
            qFatal("refused: %s", event.error().detail.c_str());
        if ((decoder.generalFrames() == 0) != fastExpected)
            qFatal("took the wrong way: %s", frame.constData());
        const auto wrapped = decoded(decoder, enveloped(frame));
        if (!wrapped || !tests::same(*wrapped, *event))
            qFatal("the envelope changes the value: %s", frame.constData());
        return std::get<Event>(*event);
    }

private slots:
    void depthUpdateKeepsIdsTimesAndLevels()
    {
        binance::MarketDecoder decoder;
        const auto event = decoded(decoder, kDepth);
        QVERIFY(event.has_value());
        const auto *const update = std::get<const binance::DepthUpdate *>(*event);
        QCOMPARE(update->symbol.string(), std::string("BTCUSDT"));
        QCOMPARE(update->firstId, 390497796);
        QCOMPARE(update->lastId, 390497878);
        QCOMPARE(update->previousLastId, 390497794);
        QCOMPARE(core::toMilliseconds(update->eventTime), 1571889248277);
        QCOMPARE(core::toMilliseconds(update->venueTime), 1571889248276);
        QCOMPARE(update->receivedAt, kReceived);
        const std::vector<core::Level> bids{{price("7403.89"), quantity("0.002")},
                                            {price("7403.8"), quantity("0")}};
        const std::vector<core::Level> asks{{price("7405.96"), quantity("3.34")}};
        QVERIFY(update->bids == bids);
        QVERIFY(update->asks == asks);
        QCOMPARE(decoder.generalFrames(), std::uint64_t{0});
    }

    void tradeKeepsItsSideKindAndId()
    {
        const auto trade = expectEvent<core::Trade>(kTrade);
        QCOMPARE(trade.id, 5266583935);
        QCOMPARE(trade.firstId, 5266583935);
        QCOMPARE(trade.lastId, 5266583935);
        QCOMPARE(trade.price, price("61800.3"));
        QCOMPARE(trade.quantity, quantity("0.006"));
        QCOMPARE(trade.aggressor, core::Side::Buy);
        QCOMPARE(trade.kind, core::TradeKind::Market);
        QCOMPARE(core::toMilliseconds(trade.venueTime), 1723161256321);
        QCOMPARE(trade.receivedAt, kReceived);
        QCOMPARE(trade.instrument.venue, core::Venue::Binance);
    }

    void tradeKinds_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<int>("kind");
        QTest::newRow("insurance fund")
            << QByteArray(kTrade).replace("MARKET", "INSURANCE_FUND") << int(core::TradeKind::InsuranceFund);
        QTest::newRow("something else")
            << QByteArray(kTrade).replace("MARKET", "NA") << int(core::TradeKind::Other);
        QTest::newRow("not said, as in the documentation")
            << QByteArray(kTrade).replace(R"("X":"MARKET",)", "") << int(core::TradeKind::Market);
        QTest::newRow("no market trade may stand at price 0")
            << QByteArray(kTrade).replace("MARKET", "NA").replace("61800.30", "0")
            << int(core::TradeKind::Other);
    }
    void tradeKinds()
    {
        QFETCH(QByteArray, frame);
        QFETCH(int, kind);
        QCOMPARE(int(expectEvent<core::Trade>(frame).kind), kind);
    }

    void aggregateTradeNamesTheSinglePrints()
    {
        const auto trade = expectEvent<core::Trade>(kAggTrade);
        QCOMPARE(trade.id, 5933014);
        QCOMPARE(trade.firstId, 100);
        QCOMPARE(trade.lastId, 105);
        QCOMPARE(trade.aggressor, core::Side::Sell); // the buyer was the maker
        QCOMPARE(trade.quantity, quantity("0.12"));
    }

    void bookTickerKeepsBothSides()
    {
        const auto quote = expectEvent<core::BestQuote>(kTicker);
        QCOMPARE(quote.updateId, 400900217);
        QVERIFY((quote.bid == core::Level{price("25.3519"), quantity("31.21")}));
        QVERIFY((quote.ask == core::Level{price("25.3652"), quantity("40.66")}));
        QCOMPARE(core::toMilliseconds(quote.venueTime), 1568014460891);
    }

    void markPriceKeepsFunding()
    {
        const auto mark = expectEvent<core::MarkPrice>(kMark);
        QCOMPARE(mark.mark, price("11794.15"));
        QVERIFY(mark.index == price("11784.62659091"));
        QVERIFY(mark.fundingRate == core::Ratio::fromRaw(-38167));
        QCOMPARE(core::toMilliseconds(mark.nextFundingTime.value()), 1562306400000);
        QCOMPARE(core::toMilliseconds(mark.venueTime), 1562305380000);
    }

    void markPriceOfAContractWithoutFunding()
    {
        const QByteArray dated = QByteArray(kMark).replace("-0.00038167", "").replace("11784.62659091", "");
        const auto mark =
            expectEvent<core::MarkPrice>(QByteArray(dated).replace("1562306400000", "0"), false);
        QVERIFY(!mark.index);
        QVERIFY(!mark.fundingRate);
        QVERIFY(!mark.nextFundingTime);
    }

    void candleSpansItsInterval()
    {
        const auto candle = expectEvent<core::Candle>(kKline);
        QCOMPARE(core::toMilliseconds(candle.openTime), 1638747660000);
        QCOMPARE(candle.length, core::Duration(std::chrono::minutes{1}));
        QCOMPARE(candle.open, price("0.001"));
        QCOMPARE(candle.high, price("0.0025"));
        QCOMPARE(candle.low, price("0.0005"));
        QCOMPARE(candle.close, price("0.002"));
        QCOMPARE(candle.volume, quantity("1000"));
        QCOMPARE(candle.takerBuyVolume, quantity("500"));
        QCOMPARE(candle.quoteVolume, core::parseMoney("1").value());
        QCOMPARE(candle.trades, 100);
        QVERIFY(!candle.closed);
        QVERIFY(!candle.synthetic);
        QVERIFY(expectEvent<core::Candle>(QByteArray(kKline).replace(R"("x":false)", R"("x":true)")).closed);
        QVERIFY(expectEvent<core::Candle>(QByteArray(kKline).replace(R"("n":100)", R"("n":0)")).synthetic);
    }

    void liquidationOfALong()
    {
        const auto liquidation = expectEvent<binance::Liquidation>(kForceOrder);
        QCOMPARE(liquidation.side, core::Side::Sell);
        QCOMPARE(liquidation.price, price("9910"));
        QCOMPARE(liquidation.averagePrice, price("9910.5"));
        QCOMPARE(liquidation.quantity, quantity("0.014"));
        QCOMPARE(core::toMilliseconds(liquidation.venueTime), 1568014460892);
    }

    void tickerKeepsVolumesBeyondTheFixedRange()
    {
        const auto day = expectEvent<core::Ticker>(kDay);
        QCOMPARE(day.last, price("0.0025"));
        QCOMPARE(day.open, price("0.001"));
        QCOMPARE(day.high.value(), price("0.0025"));
        QCOMPARE(day.low.value(), price("0.001"));
        QCOMPARE(day.baseVolume, 987654321012345.5);
        QCOMPARE(day.quoteVolume, 18.0);
        QVERIFY(!day.openInterest);
        QCOMPARE(core::toMilliseconds(day.venueTime), 123456789);
    }

    void bn15_rowsOfTheOtherUniverseAreDropped_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QByteArrayList>("kept");
        const auto rows = [](QByteArray row) {
            const QByteArray ours = QByteArray(row).replace(R"("s":"BTCUSDT")", R"("s":"OURS")");
            const QByteArray coin = QByteArray(row)
                                        .replace(R"("s":"BTCUSDT")", R"("s":"COIN_PERP")")
                                        .replace(R"("st":1)", R"("st":2)");
            const QByteArray silent =
                QByteArray(row).replace(R"("s":"BTCUSDT")", R"("s":"SILENT")").replace(R"(,"st":1)", "");
            return "[" + ours + "," + coin + "," + silent + "," + coin + "]";
        };
        const QByteArrayList kept{"OURS", "SILENT"};
        QTest::newRow("marks") << rows(kMark) << kept;
        QTest::newRow("marks in an envelope") << enveloped(rows(kMark)) << kept;
        QTest::newRow("24 h") << rows(kDay) << kept;
        QTest::newRow("24 h in an envelope") << enveloped(rows(kDay)) << kept;
        QTest::newRow("the data stand before the stream's name")
            << R"({"data":)" + rows(kDay) + R"(,"stream":"!ticker@arr"})" << kept;
    }
    void bn15_rowsOfTheOtherUniverseAreDropped()
    {
        QFETCH(QByteArray, frame);
        QFETCH(QByteArrayList, kept);
        binance::MarketDecoder decoder;
        const auto event = decoded(decoder, frame);
        QVERIFY2(event.has_value(), event ? "" : event.error().detail.c_str());
        const auto &rows = std::get<binance::MarketRows>(*event);
        QByteArrayList names;
        for (const auto &mark : rows.marks)
            names += text(mark.instrument.symbol.string());
        for (const auto &ticker : rows.tickers)
            names += text(ticker.instrument.symbol.string());
        QCOMPARE(names, kept);
    }

    void bn16_emptyTextsZeroTimesAndWhatIsNewDoNotRaise()
    {
        const auto mark = expectEvent<core::MarkPrice>(QByteArray(
            R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT_261225","p":"11794.15","ap":"",)"
            R"("i":"","P":"","r":"","T":0,"new":{"deep":[1,"x",null]},"st":1})"),
            false);
        QVERIFY(!mark.index && !mark.fundingRate && !mark.nextFundingTime);
        QCOMPARE(expectEvent<core::Trade>(QByteArray(kTrade).replace("MARKET", "SOMETHING_NEW")).kind,
                 core::TradeKind::Other);
        const auto liquidation =
            expectEvent<binance::Liquidation>(QByteArray(kForceOrder).replace("LIMIT", "NEW_KIND"));
        QCOMPARE(liquidation.side, core::Side::Sell);
    }

    void whatDeviatesIsDecodedToTheSameValue_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QByteArray>("plain");
        QTest::newRow("blanks") << QByteArray(kTrade).replace("\":", "\" : ") << kTrade;
        QTest::newRow("line break at the end") << kTrade + "\n" << kTrade;
        QTest::newRow("another key order")
            << QByteArray(kTrade).replace(R"("e":"trade",)", "").replace("}", R"(,"e":"trade"})") << kTrade;
        QTest::newRow("unknown fields")
            << QByteArray(kTrade).replace("}", R"(,"new":{"a":[1,2.5e3,null,true,"x"]},"zz":"y"})") << kTrade;
        QTest::newRow("an unknown field with a number of 400 digits")
            << QByteArray(kTrade).replace("}", R"(,"zz":)" + QByteArray(400, '7') + "}") << kTrade;
        QTest::newRow("escapes in a text")
            << QByteArray(kTrade).replace("BTCUSDT", R"(BTC\u0055SDT)") << kTrade;
        QTest::newRow("escapes in a key") << QByteArray(kTrade).replace(R"("p":)", R"("\u0070":)") << kTrade;
        QTest::newRow("zeros past the eighth place")
            << QByteArray(kTrade).replace("61800.30", "61800.3000000000") << kTrade;
        QTest::newRow("leading zeros in a text")
            << QByteArray(kTrade).replace("61800.30", "000000061800.30") << kTrade;
        QTest::newRow("pretty-printed depth") << QByteArray(kDepth).replace(",", ",\n  ") << kDepth;
        QTest::newRow("a large id")
            << QByteArray(kAggTrade).replace("5933014", "0005933014").replace("000", "") << kAggTrade;
    }
    void whatDeviatesIsDecodedToTheSameValue()
    {
        QFETCH(QByteArray, frame);
        QFETCH(QByteArray, plain);
        binance::MarketDecoder a;
        binance::MarketDecoder b;
        const auto left = decoded(a, frame);
        const auto right = decoded(b, plain);
        QVERIFY2(left.has_value(), left ? "" : left.error().detail.c_str());
        QVERIFY(tests::same(left, right));
        const auto wrapped = a.decode(view("{ \"data\":" + frame + ",\"stream\":\"x\"}"), kReceived);
        QVERIFY(tests::same(wrapped, right));
    }

    void aSymbolThatIsNotAsciiIsKept()
    {
        const auto trade = expectEvent<core::Trade>(QByteArray(kTrade).replace("BTCUSDT", "测试USDT"), false);
        QCOMPARE(trade.instrument.symbol.string(), std::string("测试USDT"));
    }

    void idsBeyondDoublesAreExact()
    {
        const auto trade =
            expectEvent<core::Trade>(QByteArray(kTrade).replace("5266583935", "8389766079988521101"), false);
        QCOMPARE(trade.id, 8389766079988521101);
        const auto largest =
            expectEvent<core::Trade>(QByteArray(kTrade).replace("5266583935", "9223372036854775807"), false);
        QCOMPARE(largest.id, std::numeric_limits<std::int64_t>::max());
    }

    void errorsNameTheField_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("words");
        const int parse = int(ErrorCode::ParseFailed);
        const int range = int(ErrorCode::OutOfRange);
        const auto with = [](QByteArray frame, const char *before, const QByteArray &after) {
            return frame.replace(before, after);
        };
        const QByteArray digits(400, '9');
        QTest::newRow("missing price")
            << with(kTrade, R"("p":"61800.30",)", "") << parse << QByteArray("trade.p: is missing");
        QTest::newRow("missing symbol")
            << with(kDepth, R"("s":"BTCUSDT",)", "") << parse << QByteArray("depthUpdate.s: is missing");
        QTest::newRow("missing bids") << with(kDepth, R"("b":[["7403.89","0.002"],["7403.80","0"]],)", "")
                                      << parse << QByteArray("depthUpdate.b: is missing");
        QTest::newRow("missing close")
            << with(kKline, R"("c":"0.0020",)", "") << parse << QByteArray("kline.k.c: is missing");
        QTest::newRow("missing body")
            << QByteArray(R"({"e":"forceOrder","E":1})") << parse << QByteArray("forceOrder.o: is missing");
        QTest::newRow("missing event")
            << QByteArray(R"({"E":1,"s":"BTCUSDT"})") << parse << QByteArray("frame.e: is missing");
        QTest::newRow("price as a number") << with(kTrade, R"("61800.30")", "61800.30") << parse
                                           << QByteArray("trade.p: expects a decimal number as text");
        QTest::newRow("id as a text") << with(kTrade, "5266583935", R"("5266583935")") << parse
                                      << QByteArray("trade.t: expects an integer");
        QTest::newRow("id with a fraction") << with(kTrade, "5266583935", "5266583935.5") << parse
                                            << QByteArray("trade.t: expects an integer");
        QTest::newRow("id with an exponent")
            << with(kTrade, "5266583935", "5e9") << parse << QByteArray("trade.t: expects an integer");
        QTest::newRow("id with a leading zero")
            << with(kTrade, "5266583935", "05266583935") << parse << QByteArray("trade.t: is no JSON number");
        QTest::newRow("side as a text")
            << with(kTrade, "false", R"("false")") << parse << QByteArray("trade.m: expects true or false");
        QTest::newRow("side misspelt")
            << with(kTrade, "false", "falsy") << parse << QByteArray("trade.m: expects true or false");
        QTest::newRow("levels as an object") << with(kDepth, R"([["7405.96","3.340"]])", "{}") << parse
                                             << QByteArray("depthUpdate.a: expects an array");
        QTest::newRow("a level of three")
            << with(kDepth, R"("3.340"])", R"("3.340","1"])") << parse
            << QByteArray("depthUpdate.a[0][2]: a level is a price and a quantity");
        QTest::newRow("a level of one") << with(kDepth, R"(["7403.80","0"])", R"(["7403.80"])") << parse
                                        << QByteArray("depthUpdate.b[1]: a level is a price and a quantity");
        QTest::newRow("NaN") << with(kTrade, R"("61800.30")", "NaN") << parse << QByteArray("trade.p: ");
        QTest::newRow("NaN as a text") << with(kTrade, "61800.30", "NaN") << parse << QByteArray("trade.p: ");
        QTest::newRow("infinity as a text")
            << with(kDepth, "3.340", "Infinity") << parse << QByteArray("depthUpdate.a[0][1]: ");
        QTest::newRow("price of 400 digits")
            << with(kTrade, "61800.30", digits) << parse << QByteArray("trade.p: ");
        QTest::newRow("price too large")
            << with(kTrade, "61800.30", "92233720369") << range << QByteArray("trade.p: ");
        QTest::newRow("id of 400 digits") << with(kTrade, "5266583935", digits) << range
                                          << QByteArray("trade.t: does not fit into 64 bits");
        QTest::newRow("id one past the largest") << with(kTrade, "5266583935", "9223372036854775808") << range
                                                 << QByteArray("trade.t: does not fit into 64 bits");
        QTest::newRow("nine decimal places") << with(kTrade, "61800.30", "61800.300000001") << parse
                                             << QByteArray("trade.p: more than eight decimal places");
        QTest::newRow("negative price")
            << with(kTrade, "61800.30", "-61800.30") << range << QByteArray("trade.p: must not be negative");
        QTest::newRow("negative quantity") << with(kDepth, "0.002", "-0.002") << range
                                           << QByteArray("depthUpdate.b[0][1]: must not be negative");
        QTest::newRow("a level at price 0")
            << with(kDepth, "7403.89", "0.00") << range << QByteArray("depthUpdate.b[0][0]: must be above 0");
        QTest::newRow("a market trade at price 0")
            << with(kTrade, "61800.30", "0.00") << range << QByteArray("trade.p: must be above 0");
        QTest::newRow("a mark of 0") << with(kMark, "11794.15000000", "0") << range
                                     << QByteArray("markPriceUpdate.p: must be above 0");
        QTest::newRow("exponent in a price")
            << with(kTrade, "61800.30", "6e4") << parse << QByteArray("trade.p: ");
        QTest::newRow("plus sign") << with(kTrade, "61800.30", "+61800.30") << parse
                                   << QByteArray("trade.p: ");
        QTest::newRow("empty price") << with(kTrade, "61800.30", "") << parse << QByteArray("trade.p: ");
        QTest::newRow("empty symbol")
            << with(kTrade, "BTCUSDT", "") << parse << QByteArray("trade.s: expects a symbol");
        QTest::newRow("symbol of 41 bytes") << with(kTrade, "BTCUSDT", QByteArray(41, 'A')) << parse
                                            << QByteArray("trade.s: expects a symbol");
        QTest::newRow("negative time")
            << with(kTrade, "1723161256321", "-1") << range << QByteArray("trade.T: is no time");
        QTest::newRow("time past the year 2262")
            << with(kTrade, "1723161256321", "9223372036855") << range << QByteArray("trade.T: is no time");
        QTest::newRow("duplicate price") << with(kTrade, R"("q":)", R"("p":"1","q":)") << parse
                                         << QByteArray("trade.p: stands there twice");
        QTest::newRow("duplicate event") << with(kTrade, R"("q":)", R"("e":"trade","q":)") << parse
                                         << QByteArray(".e: stands there twice");
        QTest::newRow("duplicate inside the body") << with(kKline, R"("n":100)", R"("n":100,"n":100)")
                                                   << parse << QByteArray("kline.k.n: stands there twice");
        QTest::newRow("candle that ends before it begins")
            << with(kKline, "1638747719999", "1638747659999") << range << QByteArray("kline.k.T: ");
        QTest::newRow("side of a liquidation") << with(kForceOrder, "SELL", "SOLD") << parse
                                               << QByteArray("forceOrder.o.S: expects BUY or SELL");
        QTest::newRow("garbage in an unknown field")
            << with(kTrade, "}", R"(,"zz":[1,}])") << parse << QByteArray("");
        QTest::newRow("a bare word in an unknown field")
            << with(kTrade, "}", R"(,"zz":nul})") << parse << QByteArray("trade.zz: ");
        QTest::newRow("a bad number in an unknown field")
            << with(kTrade, "}", R"(,"zz":1.})") << parse << QByteArray("trade.zz: ");
        QTest::newRow("a bad escape in an unknown field")
            << with(kTrade, "}", R"(,"zz":"\q"})") << parse << QByteArray("trade.zz: ");
        QTest::newRow("nested without end")
            << with(kTrade, "}", ",\"zz\":" + QByteArray(200, '[') + QByteArray(200, ']') + "}") << parse
            << QByteArray("nested deeper");
        QTest::newRow("no UTF-8") << with(kTrade, "BTCUSDT", "BTC\xff") << parse
                                  << QByteArray("frame: not valid JSON");
        QTest::newRow("a control byte in a text")
            << with(kTrade, "BTCUSDT", "BTC\x01") << parse << QByteArray("");
        QTest::newRow("something behind") << kTrade + "{}" << parse << QByteArray("");
        QTest::newRow("two frames") << kTrade + kTrade << parse << QByteArray("");
        QTest::newRow("a number") << QByteArray("42") << parse << QByteArray("frame: ");
        QTest::newRow("nothing") << QByteArray() << parse << QByteArray("frame: ");
        QTest::newRow("blanks only") << QByteArray("   ") << parse << QByteArray("frame: ");
        QTest::newRow("garbage") << QByteArray("garbage}") << parse << QByteArray("frame: ");
        QTest::newRow("envelope without event") << QByteArray(R"({"stream":"x","data":{"E":1}})") << parse
                                                << QByteArray("frame.data.e: is missing");
        QTest::newRow("envelope around a text") << QByteArray(R"({"stream":"x","data":"y"})") << parse
                                                << QByteArray("frame.data: expects an object");
        QTest::newRow("data beside an event")
            << QByteArray(R"({"e":"x","data":{"e":"x"}})") << parse << QByteArray("frame: has both data and e");
        QTest::newRow("event name that is no text")
            << QByteArray(R"({"data":{"e":5}})") << parse << QByteArray("frame.data.e: ");
        QTest::newRow("a notice that is a text")
            << QByteArray(R"({"event":"serverShutdown"})") << parse << QByteArray("frame.e: is missing");
        QTest::newRow("a notice without a name that can be read")
            << QByteArray(R"({"event":{"E":1,"e":5}})") << parse << QByteArray("frame.event.e: ");
        QTest::newRow("two notices") << QByteArray(R"({"event":{"e":"x"},"event":{"e":"x"}})") << parse
                                     << QByteArray("frame.event: stands there twice");
        QTest::newRow("rows: an event name that is no text")
            << QByteArray(R"([{"e":5}])") << parse << QByteArray("rows[0].e: ");
        QTest::newRow("rows: one is no JSON") << QByteArray("[{\"e\":\"x\"},@]") << parse << QByteArray("");
        QTest::newRow("rows: a mark that is no text")
            << "[" + kMark + "," + with(kMark, R"("11794.15000000")", "11794") + "]" << parse
            << QByteArray("rows[1].p: expects a decimal number as text");
        QTest::newRow("rows: a mark of 0") << "[" + kMark + "," + with(kMark, "11794.15000000", "0") + "]" << range
                                           << QByteArray("markPriceUpdate.p: must be above 0");
        QTest::newRow("a candle of fewer trades than none")
            << with(kKline, R"("n":100)", R"("n":-100)") << range << QByteArray("kline.k.n: must not be negative");
        QTest::newRow("a reply whose code is no number")
            << QByteArray(R"({"code":"x","id":1})") << parse << QByteArray("reply.code: ");
        QTest::newRow("a reply whose code is beyond every code")
            << QByteArray(R"({"code":99999999999,"id":1})") << range << QByteArray("reply.code: is no error code");
        QTest::newRow("a reply whose message is no text")
            << QByteArray(R"({"error":{"code":1,"msg":5},"id":1})") << parse << QByteArray("reply.error.msg: ");
        QTest::newRow("a reply with two ids")
            << QByteArray(R"({"result":null,"id":1,"id":2})") << parse << QByteArray("reply.id: stands there twice");
        QTest::newRow("data twice") << QByteArray(R"({"data":{"e":"x"},"data":{"e":"x"}})") << parse
                                    << QByteArray("frame.data: stands there twice");
    }
    void errorsNameTheField()
    {
        QFETCH(QByteArray, frame);
        QFETCH(int, code);
        QFETCH(QByteArray, words);
        binance::MarketDecoder decoder;
        const auto event = decoded(decoder, frame);
        QVERIFY(!event.has_value());
        QCOMPARE(int(event.error().code), code);
        QVERIFY2(text(event.error().detail).contains(words), event.error().detail.c_str());
        QVERIFY(event.error().detail.size() < 200); // never echoes the frame
    }

    void everyTruncationIsAnError()
    {
        for (const QByteArray &frame : {kDepth, kTrade, kAggTrade, kTicker, kMark, kKline, kForceOrder}) {
            for (const QByteArray &whole : {frame, enveloped(frame)}) {
                binance::MarketDecoder decoder;
                for (qsizetype size = 0; size < whole.size(); ++size) {
                    // An own allocation of exactly this size, so that a sanitizer sees a read behind the end.
                    const std::vector<char> cut(whole.begin(), whole.begin() + size);
                    QVERIFY(!decoder.decode({cut.data(), cut.size()}, kReceived).has_value());
                }
            }
        }
    }

    void whatIsOfNoInterestIsIgnored_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QByteArray>("event");
        QTest::newRow("an unknown event")
            << QByteArray(R"({"e":"somethingNew","x":[1,2,{"y":null}]})") << QByteArray("somethingNew");
        QTest::newRow("mini ticker") << QByteArray(R"({"e":"24hrMiniTicker","E":1,"s":"BTCUSDT"})")
                                     << QByteArray("24hrMiniTicker");
        QTest::newRow("coin-margined 24 h")
            << QByteArray(kDay).replace(R"("st":1)", R"("st":2)") << QByteArray("24hrTicker");
        QTest::newRow("24 h of a contract that never traded")
            << QByteArray(kDay).replace(R"("c":"0.0025")", R"("c":"0")") << QByteArray("24hrTicker");
        QTest::newRow("coin-margined trade")
            << QByteArray(kAggTrade).replace(R"("st":1)", R"("st":2)") << QByteArray("aggTrade");
        QTest::newRow("coin-margined depth")
            << QByteArray(kDepth).replace(R"("st":1)", R"("st":2)") << QByteArray("depthUpdate");
        QTest::newRow("coin-margined ticker")
            << QByteArray(kTicker).replace(R"("st":1)", R"("st":2)") << QByteArray("bookTicker");
        QTest::newRow("coin-margined mark")
            << QByteArray(kMark).replace(R"("st":1)", R"("st":2)") << QByteArray("markPriceUpdate");
        QTest::newRow("coin-margined liquidation")
            << QByteArray(kForceOrder).replace(R"("st":1)", R"("st":2)") << QByteArray("forceOrder");
        QTest::newRow("coin-margined inside the body")
            << QByteArray(kForceOrder).replace(R"(892},"st":1})", R"(892,"ps":"X","st":2}})")
            << QByteArray("forceOrder");
        QTest::newRow("coin-margined print")
            << QByteArray(kTrade).replace(R"("m":false)", R"("m":false,"ps":"BTCUSD","st":2)") << QByteArray("trade");
        QTest::newRow("coin-margined mark of a pair")
            << QByteArray(kMark).replace(R"("st":1)", R"("ps":"BTCUSD","st":2)") << QByteArray("markPriceUpdate");
        QTest::newRow("coin-margined candle")
            << QByteArray(kKline).replace(R"("B":"0"}})", R"("B":"0"},"ps":"BTCUSD","st":2})") << QByteArray("kline");
        QTest::newRow("all markets at once")
            << QByteArray(R"([{"e":"24hrMiniTicker"}])") << QByteArray("24hrMiniTicker");
        QTest::newRow("all markets, enveloped")
            << QByteArray(R"({"stream":"!x@arr","data":[{"e":"x"}]})") << QByteArray("x");
        QTest::newRow("no rows") << QByteArray("[]") << QByteArray("array");
        QTest::newRow("rows of two kinds") << QByteArray(R"([{"e":"x"},{"e":"y"}])") << QByteArray("array");
        QTest::newRow("rows that are no events") << QByteArray(R"([1,{"a":2},null])") << QByteArray("array");
        QTest::newRow("shutdown notice")
            << QByteArray(R"({"event":{"e":"serverShutdown","E":1}})") << QByteArray("serverShutdown");
    }
    void whatIsOfNoInterestIsIgnored()
    {
        QFETCH(QByteArray, frame);
        QFETCH(QByteArray, event);
        binance::MarketDecoder decoder;
        const auto got = decoded(decoder, frame);
        QVERIFY2(got.has_value(), got ? "" : got.error().detail.c_str());
        QCOMPARE(text(std::get<binance::Ignored>(*got).event), event);
    }

    void repliesToControlMessages_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<qint64>("id");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("subscribed") << QByteArray(R"({"result":null,"id":1})") << qint64{1} << -1
                                    << QByteArray();
        QTest::newRow("list") << QByteArray(R"({"result":["btcusdt@aggTrade"],"id":3})") << qint64{3} << -1
                              << QByteArray();
        QTest::newRow("property") << QByteArray(R"({"result":true,"id":2})") << qint64{2} << -1
                                  << QByteArray();
        QTest::newRow("error") << QByteArray(R"({"error":{"code":2,"msg":"Invalid request"},"id":9})")
                               << qint64{9} << 2 << QByteArray("Invalid request");
        QTest::newRow("bare error without id") << QByteArray(R"({"code":3,"msg":"Invalid JSON"})")
                                               << qint64{0} << 3 << QByteArray("Invalid JSON");
        QTest::newRow("id is null") << QByteArray(R"({"code":0,"msg":"Unknown property","id":null})")
                                    << qint64{0} << 0 << QByteArray("Unknown property");
    }
    void repliesToControlMessages()
    {
        QFETCH(QByteArray, frame);
        QFETCH(qint64, id);
        QFETCH(int, code);
        QFETCH(QByteArray, message);
        binance::MarketDecoder decoder;
        const auto event = decoded(decoder, frame);
        QVERIFY2(event.has_value(), event ? "" : event.error().detail.c_str());
        const auto &reply = std::get<binance::ControlReply>(*event);
        QCOMPARE(reply.id, id);
        QCOMPARE(reply.code.value_or(-1), code);
        QCOMPARE(text(reply.message), message);
    }

    void mutatedFramesNeverCrashAndBothWaysAgree()
    {
        const std::vector<QByteArray> frames{kDepth, kTrade, kAggTrade, kTicker, kMark, kKline, kForceOrder};
        const QByteArray alphabet = "{}[]\",:0123456789.-eEtfnu \\\x01\x7f\xc3\xa9stupab";
        std::mt19937_64 random(20240808); // NOLINT: the same frames in every run
        const auto below = [&](std::size_t limit) { return static_cast<qsizetype>(random() % limit); };
        binance::MarketDecoder fast;
        binance::MarketDecoder general;
        int accepted = 0;
        for (int round = 0; round < 100'000; ++round) {
            QByteArray frame = frames[static_cast<std::size_t>(below(frames.size()))];
            if (round % 2 == 0)
                frame = enveloped(frame);
            for (qsizetype edits = 1 + below(3); edits > 0 && !frame.isEmpty(); --edits) {
                const qsizetype at = below(static_cast<std::size_t>(frame.size()));
                const char byte = alphabet[below(static_cast<std::size_t>(alphabet.size()))];
                switch (below(5)) {
                case 0:
                    frame[at] = byte;
                    break;
                case 1:
                    frame.insert(at, byte);
                    break;
                case 2:
                    frame.remove(at, 1 + below(4));
                    break;
                case 3:
                    frame.truncate(at);
                    break;
                default:
                    frame.insert(at, frame.mid(below(static_cast<std::size_t>(frame.size())), 1 + below(24)));
                    break;
                }
            }
            const std::vector<char> exact(frame.begin(), frame.end());
            const std::string_view bytes(exact.data(), exact.size());
            const auto a = fast.decode(bytes, kReceived);
            const auto b = general.decodeGeneral(bytes, kReceived);
            if (!tests::same(a, b))
                QFAIL(("the two ways disagree on: " + frame).constData());
            accepted += a.has_value() ? 1 : 0;
        }
        QVERIFY(accepted > 5'000); // the mutation is mild enough to reach the decoders' depths
        QVERIFY(accepted < 90'000);
    }

    void depthSnapshotIsRead()
    {
        const auto snapshot = binance::parseDepthSnapshot(
            R"({"lastUpdateId":1027024,"E":1589436922972,"T":1589436922959,"bids":[["4.00000000","431.00000000"]],)"
            R"("asks":[["4.00000200","12.00000000"]]})");
        QVERIFY(snapshot.has_value());
        QCOMPARE(snapshot->lastUpdateId, 1027024);
        QCOMPARE(core::toMilliseconds(snapshot->eventTime), 1589436922972);
        QCOMPARE(core::toMilliseconds(snapshot->venueTime), 1589436922959);
        QVERIFY((snapshot->bids == std::vector<core::Level>{{price("4"), quantity("431")}}));
        QVERIFY((snapshot->asks == std::vector<core::Level>{{price("4.000002"), quantity("12")}}));
    }

    void depthSnapshotErrorsNameTheField_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("an error of the venue") << QByteArray(R"({"code":-1121,"msg":"Invalid symbol."})")
                                               << QByteArray("depth.lastUpdateId: is missing");
        QTest::newRow("missing asks")
            << QByteArray(R"({"lastUpdateId":1,"bids":[]})") << QByteArray("depth.asks: is missing");
        QTest::newRow("id as a text") << QByteArray(R"({"lastUpdateId":"1","bids":[],"asks":[]})")
                                      << QByteArray("depth.lastUpdateId: expects an integer");
        QTest::newRow("bids twice") << QByteArray(R"({"lastUpdateId":1,"bids":[],"bids":[],"asks":[]})")
                                    << QByteArray("depth.bids: stands there twice");
        QTest::newRow("negative") << QByteArray(
                                         R"({"lastUpdateId":1,"bids":[["1","1"],["2","-1"]],"asks":[]})")
                                  << QByteArray("depth.bids[1][1]: must not be negative");
        QTest::newRow("web page") << QByteArray("<html><body>403</body></html>") << QByteArray("depth: ");
        QTest::newRow("empty") << QByteArray() << QByteArray("depth: ");
        QTest::newRow("truncated") << QByteArray(R"({"lastUpdateId":1,"bids":[["1","1"],)")
                                   << QByteArray("depth");
        QTest::newRow("an array") << QByteArray("[]") << QByteArray("depth: ");
    }
    void depthSnapshotErrorsNameTheField()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, words);
        const auto snapshot = binance::parseDepthSnapshot(view(body));
        QVERIFY(!snapshot.has_value());
        QVERIFY2(text(snapshot.error().detail).contains(words), snapshot.error().detail.c_str());
    }

    void documentedSamplesDecode()
    {
        REQUIRE_SHARED();
        const QDir folder(tests::sharedDir() + QStringLiteral("/data/binance-usdm/message-samples/market"));
        const QStringList names = folder.entryList(QDir::Files);
        QCOMPARE(names.size(), 9);
        int ignored = 0;
        for (const QString &name : names) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            binance::MarketDecoder decoder;
            const auto event = decoded(decoder, file.readAll());
            QVERIFY2(event.has_value(), qPrintable(name));
            ignored += std::holds_alternative<binance::Ignored>(*event) ? 1 : 0;
        }
        QCOMPARE(ignored, 0);
    }

    void framesOf2026DecodeOnTheFastWay()
    {
        REQUIRE_SHARED();
        QFile file(tests::sharedDir() +
                   QStringLiteral("/data/binance-usdm/frames-2026-08-08/recorded_frames.jsonl"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        binance::MarketDecoder decoder;
        std::vector<std::size_t> kinds;
        while (!file.atEnd()) {
            const auto event = decoder.decode(view(file.readLine().trimmed()), kReceived);
            QVERIFY2(event.has_value(), event ? "" : event.error().detail.c_str());
            kinds.push_back(event->index());
            if (const auto *const candle = std::get_if<core::Candle>(&*event)) {
                QVERIFY(candle->closed);
                QCOMPARE(candle->quoteVolume, core::parseMoney("590577.9688").value());
            }
            if (const auto *const liquidation = std::get_if<binance::Liquidation>(&*event))
                QCOMPARE(liquidation->averagePrice, price("0.1355"));
        }
        QVERIFY((kinds == std::vector<std::size_t>{1, 3, 4, 5}));
        QCOMPARE(decoder.generalFrames(), std::uint64_t{0});
    }
};

QTEST_APPLESS_MAIN(TestCodec)
#include "tst_codec.moc"
