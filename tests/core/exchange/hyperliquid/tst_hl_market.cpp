#include <random>

#include <QtTest/QTest>

#include "core/exchange/hyperliquid/codec.h"
#include "tests/core/exchange/hyperliquid/hl_equality.h"

using namespace core::exchange::hyperliquid;
using core::Price;
using core::Quantity;
using core::UtcTime;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);

const QByteArray kBook =
    R"({"channel":"l2Book","data":{"coin":"BTC","time":1790358575700,"levels":[[{"px":"83767.0","sz":"6.87634","n":45},)"
    R"({"px":"83766.0","sz":"0.1","n":1}],[{"px":"83768.0","sz":"0.30543","n":3}]]}})";
const QByteArray kBbo =
    R"({"channel":"bbo","data":{"coin":"ETH","time":1790358575700,"bbo":[{"px":"2100.5","sz":"3.2","n":2},null]}})";
const QByteArray kTrades =
    R"({"channel":"trades","data":[{"coin":"BTC","side":"B","px":"105056.0","sz":"0.00219","time":1737918794873,)"
    R"("hash":"0xde47","tid":121451470284048,"users":["0xe9ed","0x6802"]},{"coin":"BTC","side":"A","px":"105055.0",)"
    R"("sz":"0.5","time":1737918796007,"hash":"0x2b25","tid":588047386913648,"users":["0xb024","0x6802"]}]})";
const QByteArray kContext =
    R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"-0.0000015186","openInterest":"27353.17682",)"
    R"("prevDayPx":"76317.0","dayNtlVlm":"1516669192.1953897476","premium":"-0.0005927453","oraclePx":"77605.0",)"
    R"("markPx":"77562.0","midPx":"77558.5","impactPxs":["77558.0","77559.0"],"dayBaseVlm":"19707.77457"}}})";
const QByteArray kCandle =
    R"({"channel":"candle","data":{"t":1790344800000,"T":1790348399999,"s":"BTC","i":"1h","o":"83912.0","c":"84010.0",)"
    R"("h":"84039.0","l":"83133.0","v":"3997.94344","n":35095}})";
const QByteArray kDexes =
    R"({"channel":"allDexsAssetCtxs","data":{"ctxs":[["",[{"funding":"0.0000125","openInterest":"1.0","prevDayPx":"2.0",)"
    R"("dayNtlVlm":"3.0","premium":null,"oraclePx":"4.0","markPx":"5.0","midPx":null,"impactPxs":null,"dayBaseVlm":"6.0"}]],)"
    R"(["xyz",[]]]}})";

[[nodiscard]] std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}
[[nodiscard]] Price price(std::string_view digits)
{
    return core::parsePrice(digits).value();
}
[[nodiscard]] Quantity quantity(std::string_view digits)
{
    return core::parseQuantity(digits).value();
}
[[nodiscard]] core::Result<MarketEvent> decoded(const QByteArray &frame)
{
    static MarketDecoder decoder;
    return decoder.decode(view(frame), kReceived);
}
template <class Event> [[nodiscard]] Event expectEvent(const QByteArray &frame)
{
    const auto event = decoded(frame);
    if (!event)
        qFatal("refused: %s", event.error().detail.c_str());
    return std::get<Event>(*event);
}
const std::array<QByteArray, 6> &frames()
{
    static const std::array<QByteArray, 6> all{kBook, kBbo, kTrades, kContext, kCandle, kDexes};
    return all;
}
} // namespace

class TestHlMarket : public QObject
{
    Q_OBJECT

private slots:
    void everyFrequentFrameTakesTheFastPathWithTheSameValue()
    {
        MarketDecoder fast;
        MarketDecoder general;
        for (const QByteArray &frame : frames()) {
            const auto a = fast.decode(view(frame), kReceived);
            QVERIFY2(a.has_value(), frame.constData());
            QVERIFY2(tests::same(a, general.decodeGeneral(view(frame), kReceived)), frame.constData());
        }
        QCOMPARE(fast.generalFrames(), std::uint64_t{0});
    }

    void aBookIsReadWholeWithItsOrderCounts()
    {
        const auto *const book = expectEvent<const BookSnapshot *>(kBook);
        QCOMPARE(core::text(book->instrument), std::string("hyperliquid:BTC"));
        QCOMPARE(book->bids.size(), std::size_t{2});
        QCOMPARE(book->bids.at(0).price, price("83767"));
        QCOMPARE(book->bids.at(0).quantity, quantity("6.87634"));
        QCOMPARE(book->bidOrders, (std::vector<std::int32_t>{45, 1}));
        QCOMPARE(book->asks.at(0).price, price("83768"));
        QCOMPARE(book->askOrders, (std::vector<std::int32_t>{3}));
        QCOMPARE(book->venueTime, core::utcFromMilliseconds(1'790'358'575'700));
        QCOMPARE(book->receivedAt, kReceived);
        QVERIFY(!book->fast);
    }

    void aShorterBookForgetsTheLevelsOfTheLastOne()
    {
        MarketDecoder decoder;
        QVERIFY(decoder.decode(view(kBook), kReceived).has_value());
        const auto event = decoder.decode(
            R"({"channel":"l2Book","data":{"coin":"BTC","time":1,"levels":[[],[]],"fast":true}})", kReceived);
        const auto *const book = std::get<const BookSnapshot *>(event.value());
        QVERIFY(book->bids.empty() && book->asks.empty() && book->bidOrders.empty() && book->fast);
    }

    void anEmptySideOfTheBboIsAbsent()
    {
        const auto bbo = expectEvent<Bbo>(kBbo);
        QCOMPARE(bbo.bid->price, price("2100.5"));
        QVERIFY(!bbo.ask);
        QVERIFY(!toBestQuote(bbo));
        auto both = bbo;
        both.ask = core::Level{price("2100.6"), quantity("1")};
        QCOMPARE(toBestQuote(both)->updateId, std::int64_t{1'790'358'575'700});
    }

    void tradesKeepTheAggressorAndTheirIds()
    {
        const auto *const batch = expectEvent<const TradeBatch *>(kTrades);
        QCOMPARE(batch->trades.size(), std::size_t{2});
        QCOMPARE(batch->trades.at(0).aggressor, core::Side::Buy);
        QCOMPARE(batch->trades.at(1).aggressor, core::Side::Sell);
        QCOMPARE(batch->trades.at(0).id, std::int64_t{121'451'470'284'048});
        QCOMPARE(batch->trades.at(0).price, price("105056"));
    }

    void aContextIsAMarkWithItsOracleAndHourlyFunding()
    {
        const auto update = expectEvent<ContextUpdate>(kContext);
        QCOMPARE(update.mark.mark, price("77562"));
        QCOMPARE(update.mark.index, std::optional(price("77605")));
        QCOMPARE(update.mark.fundingRate->raw(),
                 std::int64_t{-152}); // ten decimals, half to even at the eighth
        QCOMPARE(update.mark.nextFundingTime, std::optional(core::utcFromMilliseconds(1'790'362'800'000)));
        QCOMPARE(update.context.mid, std::optional(price("77558.5")));
        QCOMPARE(update.context.openInterest.value(), 27353.17682);
        const auto ticker = toTicker(update, price("77560"));
        QCOMPARE(ticker->open, price("76317"));
        QCOMPARE(ticker->last, price("77560"));
    }

    void theNextFundingIsTheNextFullHour()
    {
        QCOMPARE(nextFullHour(core::utcFromMilliseconds(3'600'000)), core::utcFromMilliseconds(7'200'000));
        QCOMPARE(nextFullHour(core::utcFromMilliseconds(3'599'999)), core::utcFromMilliseconds(3'600'000));
    }

    void aCandleIsNeverClosedByItself()
    {
        const auto *const batch = expectEvent<const CandleBatch *>(kCandle);
        QCOMPARE(batch->candles.size(), std::size_t{1});
        QCOMPARE(batch->candles.at(0).length, core::Duration{std::chrono::hours{1}});
        QVERIFY(!batch->candles.at(0).closed);
        QCOMPARE(batch->candles.at(0).volume, quantity("3997.94344"));
        QByteArray listed = kCandle;
        listed.replace("\"data\":{", "\"data\":[{").replace("35095}}", "35095}]}");
        QCOMPARE(expectEvent<const CandleBatch *>(listed)->candles.size(), std::size_t{1});
    }

    void contextsOfAllDexesStandByPosition()
    {
        const auto *const table = expectEvent<const ContextTable *>(kDexes);
        QCOMPARE(table->dexes.size(), std::size_t{2});
        QCOMPARE(table->dexes.at(0).contexts.size(), std::size_t{1});
        QCOMPARE(table->dexes.at(0).contexts.at(0).mark, price("5"));
        QVERIFY(!table->dexes.at(0).contexts.at(0).mid);
        QCOMPARE(table->dexes.at(1).name, std::string("xyz"));
        const auto one = expectEvent<const ContextTable *>(
            R"({"channel":"assetCtxs","data":{"dex":"xyz","ctxs":[{"markPx":"5.0"}]}})");
        QCOMPARE(one->dexes.size(), std::size_t{1});
        QCOMPARE(one->dexes.at(0).name, std::string("xyz"));
    }

    void allMidsMixesPerpsSpotAndOutcomes()
    {
        const auto *const mids = expectEvent<const Mids *>(
            R"({"channel":"allMids","data":{"mids":{"@142":"80907.5","BTC":"80868.5","PURR/USDC":"0.067131"}}})");
        QCOMPARE(mids->rows.size(), std::size_t{3});
        QCOMPARE(mids->rows.at(1).mid, price("80868.5"));
    }

    void repliesOfTheSocket()
    {
        const auto reply = expectEvent<SubscriptionReply>(
            R"({"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"l2Book",)"
            R"("coin":"BTC","nSigFigs":null,"mantissa":null}}})");
        QVERIFY(reply.subscribed);
        QCOMPARE(reply.type, std::string("l2Book"));
        QCOMPARE(reply.coin, std::string("BTC"));
        QCOMPARE(expectEvent<Pong>(R"({"channel":"pong"})"), Pong{});
        const auto post = expectEvent<PostAnswer>(
            R"({"channel":"post","data":{"id":123,"response":{"type":"info","payload":{"type":"l2Book",)"
            R"("data":{"coin":"ETH","levels":[[],[]],"time":1}}}}})");
        QCOMPARE(post.id, std::int64_t{123});
        QCOMPARE(post.kind, PostAnswer::Kind::Info);
        QCOMPARE(post.infoType, std::string("l2Book"));
        QCOMPARE(post.payload, std::string(R"({"coin":"ETH","levels":[[],[]],"time":1})"));
        const auto action = expectEvent<PostAnswer>(
            R"({"channel":"post","data":{"id":256,"response":{"type":"action","payload":{"status":"err","response":"x"}}}})");
        QCOMPARE(action.kind, PostAnswer::Kind::Action);
        QCOMPARE(action.payload, std::string(R"({"status":"err","response":"x"})"));
        const auto error = expectEvent<PostAnswer>(
            R"({"channel":"post","data":{"id":1,"response":{"type":"error","payload":"422 Failed"}}})");
        QCOMPARE(error.payload, std::string("422 Failed"));
    }

    // Checklist 39.
    void hl39_aNonJsonGreetingIsIgnored()
    {
        QCOMPARE(expectEvent<Ignored>("Websocket connection established.").channel, std::string("text"));
        QCOMPARE(expectEvent<Ignored>("").channel, std::string("text"));
    }
    void hl39_anUnknownChannelIsIgnored()
    {
        QCOMPARE(expectEvent<Ignored>(R"({"channel":"outcomeMetaUpdates","data":{"a":[1]}})").channel,
                 std::string("outcomeMetaUpdates"));
    }
    void hl39_theErrorChannelIsANotice()
    {
        QCOMPARE(expectEvent<ErrorNotice>(R"({"channel":"error","data":"Already subscribed: x"})").text,
                 std::string("Already subscribed: x"));
    }
    void hl39_numbersForTextsAndTextsForNumbersAreTheSame()
    {
        QByteArray book = kBook;
        book.replace("\"83767.0\"", "83767.0")
            .replace("\"6.87634\"", "6.87634e0")
            .replace("1790358575700", "\"1790358575700\"");
        MarketDecoder a;
        MarketDecoder b;
        QVERIFY(tests::same(a.decode(view(book), kReceived), b.decode(view(kBook), kReceived)));
        QByteArray context = kContext;
        context.replace("\"-0.0000015186\"", "-1.5186e-6").replace("\"27353.17682\"", "27353.17682");
        QVERIFY(tests::same(a.decode(view(context), kReceived), b.decode(view(kContext), kReceived)));
    }
    void anExponentMovesThePointAndNothingElse_data()
    {
        QTest::addColumn<QByteArray>("number");
        QTest::addColumn<QByteArray>("size");
        QTest::newRow("to the right, beyond the figures") << QByteArray("1.5e+3") << QByteArray("1500");
        QTest::newRow("to the right, within") << QByteArray("1.2345E2") << QByteArray("123.45");
        QTest::newRow("to the left") << QByteArray("125e-8") << QByteArray("0.00000125");
    }
    void anExponentMovesThePointAndNothingElse()
    {
        QFETCH(QByteArray, number);
        QFETCH(QByteArray, size);
        MarketDecoder decoder;
        const auto event = decoder.decode(view(QByteArray(kBook).replace("\"6.87634\"", number)), kReceived);
        QVERIFY2(event.has_value(), event ? "" : event.error().detail.c_str());
        const auto *const book = std::get<const BookSnapshot *>(*event);
        QCOMPARE(QByteArray::fromStdString(book->bids.at(0).quantity.text()), size);
    }
    void aContextWithoutYesterdaysPriceIsNoTicker()
    {
        QByteArray frame = kContext;
        frame.replace("\"prevDayPx\"", "\"prevDayPX\"");
        const auto update = expectEvent<ContextUpdate>(frame);
        QVERIFY(!toTicker(update, price("1")));
        QVERIFY(toTicker(expectEvent<ContextUpdate>(kContext), price("1")));
    }
    void aFrameBeyondEveryBoundIsRefusedUnread()
    {
        MarketDecoder decoder;
        const auto event = decoder.decode("{\"channel\":\"" + std::string(std::size_t{33} << 20, 'x') + "\"}", kReceived);
        QVERIFY(!event);
        QCOMPARE(event.error().code, core::ErrorCode::OutOfRange);
        QVERIFY2(event.error().detail.starts_with("frame: "), event.error().detail.c_str());
    }
    void hl39_aChannelOfTheAccountIsHandedOn()
    {
        QCOMPARE(expectEvent<UserFrame>(R"({"channel":"orderUpdates","data":[]})"), UserFrame{});
        QCOMPARE(expectEvent<UserFrame>(R"({"channel":"user","data":{"fills":[]}})"), UserFrame{});
    }

    void refusalsNameTheField_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, QByteArray frame, const char *words) {
            QTest::newRow(name) << frame << QString::fromLatin1(words);
        };
        QByteArray book = kBook;
        row("ninth decimal in a book", QByteArray(kBook).replace("6.87634", "0.123456789"),
            "l2Book.levels[0][0].sz: ");
        row("price 0", QByteArray(kBook).replace("83766.0", "0.0"),
            "l2Book.levels[0][1].px: must be above 0");
        row("negative size", QByteArray(kBook).replace("\"0.1\"", "\"-0.1\""),
            "l2Book.levels[0][1].sz: must not be negative");
        row("level without price", QByteArray(kBook).replace("\"px\":\"83766.0\",", ""),
            "l2Book.levels[0][1].px: is missing");
        row("one side", QByteArray(kBook).replace(",[{\"px\":\"83768.0\",\"sz\":\"0.30543\",\"n\":3}]", ""),
            "l2Book.levels: a book has two sides");
        row("ninth decimal in a trade", QByteArray(kTrades).replace("0.00219", "0.000000001"),
            "trades[0].sz: ");
        row("side is a word", QByteArray(kTrades).replace("\"A\"", "\"Ask\""),
            "trades[1].side: expects B or A");
        row("trade of nothing", QByteArray(kTrades).replace("\"0.5\"", "\"0.0\""),
            "trades[1].sz: must be above 0");
        row("no mark", QByteArray(kContext).replace("markPx", "markPX"),
            "activeAssetCtx.ctx.markPx: is missing");
        row("no channel", R"({"data":{}})", "frame.channel: is missing");
        row("no data", R"({"channel":"bbo"})", "frame.data: is missing");
        row("cut", kBook.left(kBook.size() - 20), "frame");
        row("member twice", QByteArray(kBook).replace("\"time\":1790358575700", "\"time\":1,\"time\":2"),
            "l2Book.time: stands there twice");
        row("three sides of a book", QByteArray(kBook).replace("\"levels\":[", "\"levels\":[[],"),
            "l2Book.levels[2]: a book has two sides");
        row("count of orders that is no number", QByteArray(kBook).replace("\"n\":45", "\"n\":\"many\""),
            "l2Book.levels[0][0].n: expects an integer");
        row("count of orders beyond 32 bits", QByteArray(kBook).replace("\"n\":45", "\"n\":4500000000"),
            "l2Book.levels[0][0].n: does not fit into 32 bits");
        row("time beyond 64 bits", QByteArray(kBook).replace("1790358575700", "99999999999999999999"),
            "l2Book.time: does not fit into 64 bits");
        row("time that is no number", QByteArray(kBook).replace("1790358575700", "true"),
            "l2Book.time: expects text or a number");
        row("exponent that no decimal has", QByteArray(kBook).replace("\"6.87634\"", "1e99"),
            "l2Book.levels[0][0].sz: has an exponent that no decimal of ours has");
        row("exponent that no machine reads", QByteArray(kBook).replace("\"6.87634\"", "1e99999999999"),
            "l2Book.levels[0][0].sz: has an exponent");
        row("price that is a list", QByteArray(kBook).replace("\"83767.0\"", "[83767.0]"),
            "l2Book.levels[0][0].px: expects text or a number");
        row("coin that is a number", QByteArray(kBook).replace("\"BTC\"", "5"), "l2Book.coin: ");
        row("coin without a name", QByteArray(kBook).replace("\"BTC\"", "\"\""),
            "l2Book.coin: expects a symbol");
        row("side that is a number", QByteArray(kTrades).replace("\"A\"", "1"), "trades[1].side: ");
        row("three sides of the best prices", QByteArray(kBbo).replace("\"bbo\":[", "\"bbo\":[null,"),
            "bbo.bbo[2]: a bbo has two sides");
        row("a best price that is no JSON", QByteArray(kBbo).replace("\"bbo\":[", "\"bbo\":[@,"), "");
        row("three parts of a dex", R"({"channel":"allDexsAssetCtxs","data":{"ctxs":[["",[],1]]}})",
            "allDexsAssetCtxs.ctxs[0][2]: expects a dex and its contexts");
        row("a mark that is a list", QByteArray(kContext).replace("\"markPx\":", "\"markPx\":[],\"x\":"),
            "activeAssetCtx.ctx.markPx: ");
        row("three impact prices", QByteArray(kContext).replace("\"impactPxs\":[", "\"impactPxs\":[\"1.0\","),
            "activeAssetCtx.ctx.impactPxs[2]: expects two prices");
        row("a mid that is a list", R"({"channel":"allMids","data":{"mids":{"BTC":[]}}})", "allMids.mids.BTC: ");
        row("an answer without an id", R"({"channel":"post","data":{"response":{"type":"error","payload":"x"}}})",
            "post.id: is missing");
        row("an answer whose content is no object",
            R"({"channel":"post","data":{"id":1,"response":{"type":"info","payload":7}}})", "post.payload");
        row("something behind", kBook + "x", "frame: ");
    }
    void refusalsNameTheField()
    {
        QFETCH(QByteArray, frame);
        QFETCH(QString, words);
        const auto event = decoded(frame);
        QVERIFY(!event);
        const QString detail = QString::fromStdString(event.error().detail);
        QVERIFY2(detail.startsWith(words), qPrintable(detail));
    }

    void bothWaysAgreeOnMutatedFrames()
    {
        std::mt19937_64 random(20261122); // fixed: a failure must come again
        MarketDecoder fast;
        MarketDecoder general;
        constexpr std::string_view kBytes = "0123456789.-\"{}[],:nulltrue \\eE";
        for (int round = 0; round < 30'000; ++round) {
            std::string frame(view(frames().at(random() % frames().size())));
            for (std::uint64_t edits = random() % 3 + 1; edits > 0; --edits) {
                const std::size_t at = random() % frame.size();
                switch (random() % 3) {
                case 0:
                    frame[at] = kBytes[random() % kBytes.size()];
                    break;
                case 1:
                    frame.erase(at, random() % 4 + 1);
                    break;
                default:
                    frame.insert(at, 1, kBytes[random() % kBytes.size()]);
                }
                if (frame.empty())
                    break;
            }
            const auto a = fast.decode(frame, kReceived);
            const auto b = general.decodeGeneral(frame, kReceived);
            QVERIFY2(tests::same(a, b), frame.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestHlMarket)
#include "tst_hl_market.moc"
