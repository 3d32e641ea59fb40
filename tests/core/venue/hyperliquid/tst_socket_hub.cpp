// What /ws answers and sends: subscriptions, limits, heartbeat, account messages and their faults. Without sockets.
#include <QtTest/QtTest>

#include <fmt/format.h>

#include "core/venue/hyperliquid/socket_hub.h"
#include "tests/core/venue/hyperliquid/hyperliquid_fixture.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using tests::HyperliquidFixture;
using tests::limitOrder;

namespace
{
struct Wire {
    explicit Wire(HyperliquidFixture &venue)
        : hub(
              venue.desk, venue.tape, venue.info, venue.clock,
              [this](std::uint64_t id, std::string_view frame) {
                  sent << QString::fromStdString(fmt::format("{} {}", id, frame));
              },
              [&venue](const tests::hx::ActionValue &body) { return venue.exchange.answer(body); })
    {
    }
    [[nodiscard]] QStringList take() { return std::exchange(sent, {}); }
    void say(std::uint64_t id, const QString &text) { hub.onText(id, text.toStdString()); }
    void subscribe(std::uint64_t id, const QString &subscription)
    {
        say(id, u"{\"method\":\"subscribe\",\"subscription\":%1}"_s.arg(subscription));
    }
    QStringList sent;
    tests::hv::SocketHub hub;
};

[[nodiscard]] QString aboutMe(const HyperliquidFixture &venue, const QString &type)
{
    return u"{\"type\":\"%1\",\"user\":\"%2\"}"_s.arg(type, QString::fromStdString(venue.tests[0].accountAddress));
}
[[nodiscard]] bool has(const QStringList &frames, const QString &part)
{
    return std::any_of(frames.begin(), frames.end(), [&](const QString &frame) { return frame.contains(part); });
}
} // namespace

class TestHlSocketHub : public QObject
{
    Q_OBJECT

private slots:
    void acknowledgesInTheVenuesForm();
    void refusesWhatItDoesNotKnow();
    void answersPosts();
    void theSlowBookComesEveryFiveSeconds();
    void aFillReachesEveryStream();
    void hl49_aSilentMinuteEndsTheConnection();
    void hl49_aThousandSubscriptions();
    void hl49_tenUsers();
    void hl49_twoThousandMessagesAMinute();
    void hl50_messagesTwiceAndReversed();
    void hl50_repliesAreLostAfterExecution();
    void hl50_marketAndOrderFaults();
    void hl50_deleveragingIsAFill();
};

void TestHlSocketHub::acknowledgesInTheVenuesForm()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    QCOMPARE(wire.take(), QStringList{u"1 Websocket connection established."_s});
    const QString book = u"{\"type\":\"l2Book\",\"coin\":\"BTC\"}"_s;
    const QString echo = u"{\"type\":\"l2Book\",\"coin\":\"BTC\",\"nSigFigs\":null,\"mantissa\":null}"_s;
    wire.subscribe(1, book);
    QStringList frames = wire.take();
    QCOMPARE(frames.size(), 2);
    QCOMPARE(frames[0],
             u"1 {\"channel\":\"subscriptionResponse\",\"data\":{\"method\":\"subscribe\",\"subscription\":%1}}"_s.arg(echo));
    QVERIFY(frames[1].startsWith(u"1 {\"channel\":\"l2Book\",\"data\":{\"coin\":\"BTC\""_s));
    wire.subscribe(1, book);
    QVERIFY(has(wire.take(), u"Already subscribed: "_s));
    wire.say(1, u"{\"method\":\"unsubscribe\",\"subscription\":%1}"_s.arg(book));
    QVERIFY(has(wire.take(), u"unsubscribe"_s));
    wire.say(1, u"{\"method\":\"unsubscribe\",\"subscription\":%1}"_s.arg(book));
    QVERIFY(has(wire.take(), u"Already unsubscribed: "_s));
    wire.say(1, u"{\"method\":\"ping\"}"_s);
    QCOMPARE(wire.take(), QStringList{u"1 {\"channel\":\"pong\"}"_s});
}

void TestHlSocketHub::refusesWhatItDoesNotKnow()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    for (const QString &wanted : {aboutMe(venue, u"webData2"_s), u"{\"type\":\"trades\",\"coin\":\"NOPE\"}"_s,
                                  u"{\"type\":\"orderUpdates\"}"_s, u"{\"type\":\"candle\",\"coin\":\"BTC\",\"interval\":\"7m\"}"_s}) {
        (void)wire.take();
        wire.subscribe(1, wanted);
        QVERIFY2(has(wire.take(), u"Invalid subscription "_s), qPrintable(wanted));
    }
    wire.say(1, u"hello"_s);
    QVERIFY(has(wire.take(), u"Error parsing JSON into valid websocket request: hello"_s));
}

void TestHlSocketHub::answersPosts()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    (void)wire.take();
    wire.say(1, u"{\"method\":\"post\",\"id\":7,\"request\":{\"type\":\"info\",\"payload\":{\"type\":\"l2Book\",\"coin\":\"ETH\"}}}"_s);
    QVERIFY(wire.take().first().startsWith(
        u"1 {\"channel\":\"post\",\"data\":{\"id\":7,\"response\":{\"type\":\"info\",\"payload\":{\"type\":\"l2Book\",\"data\":{\"coin\":\"ETH\""_s));
    wire.say(1, u"{\"method\":\"post\",\"id\":8,\"request\":{\"type\":\"info\",\"payload\":{\"type\":\"nope\"}}}"_s);
    QVERIFY(has(wire.take(), u"\"id\":8,\"response\":{\"type\":\"error\",\"payload\":\"422 Failed to"_s));
    const auto signer = tests::hx::ActionSigner::fromHex(venue.tests[0].agentKey);
    const tests::hx::ActionEnvelope envelope{.nonce = venue.nextNonce()};
    const auto action = *tests::hx::parseActionJson("{\"type\":\"noop\"}", "a");
    const std::string body = tests::hx::requestJson(
        action, envelope, signer->signL1(action, envelope, tests::hx::Network::Mainnet).signature);
    wire.say(1, u"{\"method\":\"post\",\"id\":9,\"request\":{\"type\":\"action\",\"payload\":%1}}"_s.arg(
                    QString::fromStdString(body)));
    QVERIFY(has(wire.take(), u"\"id\":9,\"response\":{\"type\":\"action\",\"payload\":{\"status\":\"ok\""_s));
}

void TestHlSocketHub::theSlowBookComesEveryFiveSeconds()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    wire.subscribe(1, u"{\"type\":\"l2Book\",\"coin\":\"BTC\"}"_s);
    wire.hub.onBlock();
    (void)wire.take();
    int books = 0;
    for (int block = 0; block < 100; ++block) { // ten seconds
        venue.clock.advance(100ms);
        wire.hub.onBlock();
        books += static_cast<int>(wire.take().size());
    }
    QCOMPARE(books, 2);
}

void TestHlSocketHub::aFillReachesEveryStream()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    for (const QString &type : {u"orderUpdates"_s, u"userFills"_s, u"userEvents"_s, u"clearinghouseState"_s,
                                u"openOrders"_s, u"webData3"_s})
        wire.subscribe(1, aboutMe(venue, type));
    QVERIFY(has(wire.take(), u"\"isSnapshot\":true"_s));
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    wire.hub.publish(venue.desk.takeEvents());
    const QStringList frames = wire.take();
    QVERIFY(has(frames, u"{\"channel\":\"orderUpdates\",\"data\":[{\"order\":{\"coin\":\"BTC\",\"side\":\"B\""_s));
    QVERIFY(has(frames, u"\"status\":\"filled\""_s));
    QVERIFY(has(frames, u"{\"channel\":\"userFills\",\"data\":{\"user\":"_s));
    QVERIFY(has(frames, u"{\"channel\":\"user\",\"data\":{\"fills\":["_s));
    QVERIFY(has(frames, u"\"szi\":\"0.5\""_s));
    QVERIFY(!has(frames, u"isSnapshot"_s));
    // Somebody else hears nothing.
    wire.hub.open(2);
    wire.subscribe(2, u"{\"type\":\"orderUpdates\",\"user\":\"%1\"}"_s.arg(
                          QString::fromStdString(venue.tests[1].accountAddress)));
    (void)wire.take();
    QVERIFY(venue.order(limitOrder(0, true, "59000", "0.1")) == "resting"_L1);
    wire.hub.publish(venue.desk.takeEvents());
    for (const QString &frame : wire.take())
        QVERIFY(frame.startsWith("1 "_L1));
}

void TestHlSocketHub::hl49_aSilentMinuteEndsTheConnection()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    wire.hub.open(2);
    venue.clock.advance(59s);
    QVERIFY(wire.hub.idle().empty());
    wire.say(2, u"{\"method\":\"ping\"}"_s);
    venue.clock.advance(1s);
    QCOMPARE(wire.hub.idle(), std::vector<std::uint64_t>{1});
}

void TestHlSocketHub::hl49_aThousandSubscriptions()
{
    auto options = tests::hv::typicalOptions(7, 2);
    for (int i = 0; i < 220; ++i) {
        auto coin = options.coins[4];
        coin.name = fmt::format("COIN{}", i);
        options.coins.push_back(coin);
    }
    HyperliquidFixture venue(options);
    Wire wire(venue);
    wire.hub.open(1);
    for (const auto &coin : options.coins)
        for (const QString &type : {u"bbo"_s, u"trades"_s, u"l2Book"_s, u"activeAssetCtx"_s, u"fast"_s}) {
            (void)wire.take();
            const QString kind = type == "fast"_L1 ? u"\"l2Book\",\"fast\":true"_s : u"\"%1\""_s.arg(type);
            const bool fits = wire.hub.subscriptionCount() < 1000;
            wire.subscribe(1, u"{\"type\":%1,\"coin\":\"%2\"}"_s.arg(kind, QString::fromStdString(coin.name)));
            QCOMPARE(has(wire.take(), u"Cannot subscribe to more than 1000 channels."_s), !fits);
        }
    QCOMPARE(wire.hub.subscriptionCount(), 1000U);
}

void TestHlSocketHub::hl49_tenUsers()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    for (int i = 0; i < 11; ++i) {
        (void)wire.take();
        wire.subscribe(1, u"{\"type\":\"userFills\",\"user\":\"0x%1\"}"_s.arg(i, 40, 16, QLatin1Char('0')));
        QCOMPARE(has(wire.take(), u"Cannot track more than 10 total users."_s), i == 10);
    }
}

void TestHlSocketHub::hl49_twoThousandMessagesAMinute()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    for (int i = 0; i < 2000; ++i)
        wire.say(1, u"{\"method\":\"ping\"}"_s);
    QVERIFY(!has(wire.take(), u"error"_s));
    wire.say(1, u"{\"method\":\"ping\"}"_s);
    QVERIFY(has(wire.take(), u"Cannot send more than 2000 messages per minute."_s));
    venue.clock.advance(60s);
    wire.say(1, u"{\"method\":\"ping\"}"_s);
    QCOMPARE(wire.take(), QStringList{u"1 {\"channel\":\"pong\"}"_s});
}

void TestHlSocketHub::hl50_messagesTwiceAndReversed()
{
    HyperliquidFixture venue;
    Wire wire(venue);
    wire.hub.open(1);
    wire.subscribe(1, aboutMe(venue, u"orderUpdates"_s));
    wire.subscribe(1, aboutMe(venue, u"userFills"_s));
    (void)wire.take();
    const auto channels = [&] {
        QVERIFY2(venue.order(limitOrder(0, true, "60001", "0.01", "Ioc")).startsWith("filled"_L1), "filled");
        wire.hub.publish(venue.desk.takeEvents());
    };
    channels();
    const QStringList plain = wire.take();
    QCOMPARE(plain.size(), 2);
    venue.options.faults.duplicateUserMessages = true;
    channels();
    QStringList twice = wire.take();
    QCOMPARE(twice.size(), 4);
    QCOMPARE(twice[0], twice[1]);
    venue.options.faults.duplicateUserMessages = false;
    venue.options.faults.reverseUserMessages = true;
    channels();
    const QStringList reversed = wire.take();
    QCOMPARE(reversed.size(), 2);
    QCOMPARE(reversed[0].left(24), plain[1].left(24));
}

void TestHlSocketHub::hl50_repliesAreLostAfterExecution()
{
    HyperliquidFixture venue;
    venue.options.faults.loseActionReplies = {1};
    venue.options.faults.dropActions = {2};
    venue.options.faults.expireActions = {3};
    (void)venue.order(limitOrder(0, true, "59000", "0.1"));
    QVERIFY(venue.last.isLost);
    QCOMPARE(venue.mine("openOrders").toArray().size(), 1);
    (void)venue.order(limitOrder(0, true, "59000", "0.1"));
    QVERIFY(venue.last.isLost);
    QCOMPARE(venue.mine("openOrders").toArray().size(), 1);
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1")), u"err Action already expired"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1")), u"resting"_s);
}

void TestHlSocketHub::hl50_marketAndOrderFaults()
{
    HyperliquidFixture venue;
    auto &faults = venue.options.faults;
    faults.isHalted = true;
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1")), u"error Trading is halted asset=0"_s);
    faults.isHalted = false;
    faults.openInterestCapped = {"BTC"};
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1")),
             u"error Order would increase open interest while open interest is capped asset=0"_s);
    faults.openInterestCapped.clear();
    faults.iocFillMost = core::Ratio::fromRaw(core::kDecimalOne / 4);
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.4", "Ioc")), u"filled 0.1@60001"_s);
    faults.bareTriggerStatus = true;
    QCOMPARE(venue.order(tests::triggerOrder(0, false, "57000", "0.1", "59000", "sl")), u"waitingForTrigger"_s);
    const std::string cloid = "0x000000000000000000000000000000aa";
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1", "Gtc", false, cloid)), u"resting"_s);
    faults.breakModifies = {1};
    const auto answer = venue.post(fmt::format("{{\"type\":\"batchModify\",\"modifies\":[{{\"oid\":\"{}\",\"order\":{}}}]}}",
                                               cloid, limitOrder(0, true, "59100", "0.1", "Gtc", false, cloid)));
    QVERIFY(HyperliquidFixture::first(answer).startsWith("error Error placing new order during modify: "_L1));
    QCOMPARE(venue.mine("openOrders").toArray().size(), 1); // the trigger alone
}

void TestHlSocketHub::hl50_deleveragingIsAFill()
{
    HyperliquidFixture venue;
    QVERIFY(venue.order(limitOrder(0, true, "60001", "0.4", "Ioc")).startsWith("filled"_L1));
    QVERIFY(!venue.desk.deleverage(0, 0, tests::quantity("0.3"), tests::price("60500")));
    QCOMPARE(venue.desk.position(0, 0), tests::quantity("0.1").raw());
    QCOMPARE(venue.mine("userFills").toArray()[0]["px"_L1].toString(), u"60500.0"_s);
}

QTEST_GUILESS_MAIN(TestHlSocketHub)
#include "tst_socket_hub.moc"
