// What /exchange checks and answers: signatures, nonces, order rules, groups. Without sockets.
#include <QtTest/QtTest>

#include <fmt/format.h>

#include "tests/core/venue/hyperliquid/hyperliquid_fixture.h"

using namespace Qt::StringLiterals;
using tests::HyperliquidFixture;
using tests::limitOrder;
using tests::triggerOrder;

namespace
{
const std::string kRestingBuy = tests::orderAction(limitOrder(0, true, "59000", "0.001"));

[[nodiscard]] QString refusal(const QJsonObject &answer)
{
    return answer["status"_L1] == "err"_L1 ? answer["response"_L1].toString() : u"ok"_s;
}
} // namespace

class TestHlExchangeApi : public QObject
{
    Q_OBJECT

private slots:
    void hl11_theAgentOfTheAccountIsKnown();
    void hl11_aChangedActionNamesAStranger();
    void hl11_decimalsAreNormalisedBeforeTheyAreHashed();
    void hl11_theWrongNetworkNamesAStranger();
    void hl11_aMalformedSignatureIsNobody();
    void hl12_aNonceIsTakenOnce();
    void hl12_belowTheHundredHighestIsTooLow();
    void hl12_theWindowIsTwoDaysBackAndOneAhead();
    void hl12_eachSignerHasItsOwn();
    void hl17_tickLotAndMinimum_data();
    void hl17_tickLotAndMinimum();
    void hl17_theWholePositionMayBeSmall();
    void hl28_childrenWaitForTheParentAndDieWithIt();
    void hl28_childrenOfAFilledParentAreArmed();
};

void TestHlExchangeApi::hl11_theAgentOfTheAccountIsKnown()
{
    HyperliquidFixture venue;
    QVERIFY(venue.ok);
    QCOMPARE(HyperliquidFixture::first(venue.post(kRestingBuy)), u"resting"_s);
    QCOMPARE(HyperliquidFixture::first(venue.post(venue.tests[0].masterKey, kRestingBuy, {.nonce = venue.nextNonce()})),
             u"resting"_s);
    QCOMPARE(venue.mine("openOrders").toArray().size(), 2);
}

void TestHlExchangeApi::hl11_aChangedActionNamesAStranger()
{
    HyperliquidFixture venue;
    const auto signer = tests::hx::ActionSigner::fromHex(venue.tests[0].agentKey);
    const tests::hx::ActionEnvelope envelope{.nonce = venue.nextNonce()};
    const auto signature =
        signer->signL1(*tests::hx::parseActionJson(kRestingBuy, "a"), envelope, tests::hx::Network::Mainnet).signature;
    std::string other = kRestingBuy;
    other.replace(other.find("59000"), 5, "59001");
    const auto answer =
        venue.postText(tests::hx::requestJson(*tests::hx::parseActionJson(other, "a"), envelope, signature));
    const QString text = refusal(answer);
    QVERIFY2(text.startsWith("User or API Wallet 0x"_L1) && text.endsWith(" does not exist."_L1), qPrintable(text));
    QVERIFY(!text.contains(QString::fromStdString(venue.tests[0].agentAddress)));
    QVERIFY(venue.mine("openOrders").toArray().isEmpty());
}

void TestHlExchangeApi::hl11_decimalsAreNormalisedBeforeTheyAreHashed()
{
    HyperliquidFixture venue;
    // Signed as it should be, posted with trailing zeros: the venue normalises, and the signature fits.
    const auto signer = tests::hx::ActionSigner::fromHex(venue.tests[0].agentKey);
    tests::hx::ActionEnvelope envelope{.nonce = venue.nextNonce()};
    const auto clean = *tests::hx::parseActionJson(kRestingBuy, "a");
    std::string zeros = kRestingBuy;
    zeros.replace(zeros.find("59000"), 5, "59000.0");
    const auto padded = *tests::hx::parseActionJson(zeros, "a");
    auto answer = venue.postText(tests::hx::requestJson(
        padded, envelope, signer->signL1(clean, envelope, tests::hx::Network::Mainnet).signature));
    QCOMPARE(HyperliquidFixture::first(answer), u"resting"_s);
    // Signed over the zeros: a stranger.
    envelope.nonce = venue.nextNonce();
    answer = venue.postText(tests::hx::requestJson(
        padded, envelope, signer->signL1(padded, envelope, tests::hx::Network::Mainnet).signature));
    QVERIFY(refusal(answer).startsWith("User or API Wallet 0x"_L1));
}

void TestHlExchangeApi::hl11_theWrongNetworkNamesAStranger()
{
    HyperliquidFixture venue;
    const auto signer = tests::hx::ActionSigner::fromHex(venue.tests[0].agentKey);
    const tests::hx::ActionEnvelope envelope{.nonce = venue.nextNonce()};
    const auto action = *tests::hx::parseActionJson(kRestingBuy, "a");
    const auto answer = venue.postText(tests::hx::requestJson(
        action, envelope, signer->signL1(action, envelope, tests::hx::Network::Testnet).signature));
    QVERIFY(refusal(answer).startsWith("User or API Wallet 0x"_L1));
}

void TestHlExchangeApi::hl11_aMalformedSignatureIsNobody()
{
    HyperliquidFixture venue;
    const auto answer = venue.postText(R"({"action":{"type":"noop"},"nonce":1795305600137,)"
                                       R"("signature":{"r":"0x","s":"0x1","v":27}})");
    QCOMPARE(refusal(answer), u"Unable to recover signer."_s);
    QVERIFY(venue.postText(R"({"action":{"type":"noop"},"nonce":"1"})").isEmpty());
    QCOMPARE(venue.last.status, 422);
    QCOMPARE(venue.last.body, "Failed to deserialize the JSON body into the target type");
}

void TestHlExchangeApi::hl12_aNonceIsTakenOnce()
{
    HyperliquidFixture venue;
    const std::uint64_t nonce = venue.nextNonce();
    QCOMPARE(refusal(venue.post(venue.tests[0].agentKey, R"({"type":"noop"})", {.nonce = nonce})), u"ok"_s);
    QCOMPARE(refusal(venue.post(venue.tests[0].agentKey, kRestingBuy, {.nonce = nonce})),
             u"Invalid nonce: duplicate nonce %1"_s.arg(nonce));
    QVERIFY(venue.mine("openOrders").toArray().isEmpty());
}

void TestHlExchangeApi::hl12_belowTheHundredHighestIsTooLow()
{
    HyperliquidFixture venue;
    const std::uint64_t base = venue.nextNonce();
    for (std::uint64_t i = 1; i <= 100; ++i)
        QCOMPARE(refusal(venue.post(venue.tests[0].agentKey, R"({"type":"noop"})", {.nonce = base + 2 * i})), u"ok"_s);
    QCOMPARE(refusal(venue.post(venue.tests[0].agentKey, R"({"type":"noop"})", {.nonce = base + 1})),
             u"Invalid nonce: nonce too low %1 < %2"_s.arg(base + 1).arg(base + 2));
    // Between kept ones there is room.
    QCOMPARE(refusal(venue.post(venue.tests[0].agentKey, R"({"type":"noop"})", {.nonce = base + 3})), u"ok"_s);
}

void TestHlExchangeApi::hl12_theWindowIsTwoDaysBackAndOneAhead()
{
    HyperliquidFixture venue;
    const std::uint64_t now = venue.nextNonce();
    const std::uint64_t day = 86'400'000;
    const auto noop = [&](std::uint64_t nonce) {
        return refusal(venue.post(venue.tests[0].agentKey, R"({"type":"noop"})", {.nonce = nonce}));
    };
    QCOMPARE(noop(now - 2 * day), u"Invalid nonce: nonce too low %1 < %1"_s.arg(now - 2 * day));
    QCOMPARE(noop(now - 2 * day + 1), u"ok"_s);
    QCOMPARE(noop(now + day - 1), u"ok"_s);
    QVERIFY(noop(now + day).startsWith("Invalid nonce:"_L1));
}

void TestHlExchangeApi::hl12_eachSignerHasItsOwn()
{
    HyperliquidFixture venue;
    const std::uint64_t nonce = venue.nextNonce();
    for (const std::string &key : {venue.tests[0].agentKey, venue.tests[0].masterKey, venue.tests[1].agentKey})
        QCOMPARE(refusal(venue.post(key, R"({"type":"noop"})", {.nonce = nonce})), u"ok"_s);
}

void TestHlExchangeApi::hl17_tickLotAndMinimum_data()
{
    QTest::addColumn<QString>("order");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, const std::string &order, const char *answer) {
        QTest::newRow(name) << QString::fromStdString(order) << QString::fromLatin1(answer);
    };
    row("a whole price of five digits", limitOrder(0, true, "59001", "0.001"), "resting");
    row("a sixth significant digit", limitOrder(0, true, "59001.5", "0.001"),
        "error Price must be divisible by tick size. asset=0");
    row("whole prices may be longer", limitOrder(0, false, "100001", "0.001"), "resting");
    row("too many decimals", limitOrder(3, true, "0.00001", "1000000"), "error Price must be divisible by tick size. asset=3");
    row("price zero", limitOrder(0, true, "0", "0.001"), "error Order has invalid price. asset=0");
    row("finer than the lot", limitOrder(0, true, "59000", "0.001001"), "error Order has invalid size. asset=0");
    row("size zero", limitOrder(0, true, "59000", "0"), "error Order has zero size. asset=0");
    row("nine dollars", limitOrder(1, true, "2900", "0.0031"), "error Order must have minimum value of $10. asset=1");
    row("ten dollars", limitOrder(1, true, "2900", "0.0035"), "resting");
    row("nobody's asset", limitOrder(17, true, "2900", "1"), "error Invalid asset. asset=17");
    row("a delisted coin", limitOrder(2, true, "1", "100"), "error Trading is halted asset=2");
    row("far from the mark", limitOrder(0, true, "1000", "1"),
        "error Order price cannot be more than 80% away from the reference price");
    row("beyond the margin", limitOrder(0, true, "59000", "100"), "error Insufficient margin to place order. asset=0");
    row("a stop above the mark to sell", triggerOrder(0, false, "60500", "0.001", "61000", "sl"),
        "error Invalid TP/SL price. asset=0");
    row("a stop whose limit lies before it", triggerOrder(0, false, "59500", "0.001", "59000", "sl"),
        "error Invalid TP/SL price. asset=0");
    row("a take-profit below the mark to sell", triggerOrder(0, false, "58000", "0.001", "59000", "tp"),
        "error Invalid TP/SL price. asset=0");
}

void TestHlExchangeApi::hl17_tickLotAndMinimum()
{
    QFETCH(QString, order);
    QFETCH(QString, answer);
    HyperliquidFixture venue;
    QCOMPARE(venue.order(order.toStdString()), answer);
}

void TestHlExchangeApi::hl17_theWholePositionMayBeSmall()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(1, true, "3001", "0.005", "Ioc")), u"filled 0.005@3000.1"_s);
    QCOMPARE(venue.order(limitOrder(1, false, "2999", "0.002", "Ioc", true)),
             u"error Order must have minimum value of $10. asset=1"_s);
    QCOMPARE(venue.order(limitOrder(1, false, "2999", "0.003", "Ioc", true)),
             u"error Order must have minimum value of $10. asset=1"_s);
    venue.setBook(1, {{"1500", "10"}}, {{"1501", "10"}});
    venue.setMark(1, "1500");
    // 0.005 × 1500 = $7.50: all of it, even without reduce-only.
    QCOMPARE(venue.order(limitOrder(1, false, "1500", "0.005", "Ioc")), u"filled 0.005@1500"_s);
    QCOMPARE(venue.desk.position(0, 1), 0);
}

void TestHlExchangeApi::hl28_childrenWaitForTheParentAndDieWithIt()
{
    tests::hv::HyperliquidOptions options = tests::hv::typicalOptions(7, 2);
    options.accounts[0].balance = tests::money("1000000");
    HyperliquidFixture venue(options);
    // One BTC at 60001; the rest of 2.5 stays: partly filled.
    const QJsonObject answer = venue.post(tests::groupAction("Gtc", "2.5"));
    QCOMPARE(HyperliquidFixture::status(answer, 0), u"resting"_s);
    QCOMPARE(HyperliquidFixture::status(answer, 1), u"waitingForFill"_s);
    QCOMPARE(HyperliquidFixture::status(answer, 2), u"waitingForFill"_s);
    const QJsonArray open = venue.mine("frontendOpenOrders").toArray();
    QCOMPARE(open.size(), 1);
    QCOMPARE(open[0]["children"_L1].toArray().size(), 2);
    QCOMPARE(venue.desk.position(0, 0), core::kDecimalOne);
    const QJsonValue oid = open[0]["oid"_L1];
    const auto cancelled =
        venue.post(fmt::format(R"({{"type":"cancel","cancels":[{{"a":0,"o":{}}}]}})", oid.toInteger()));
    QCOMPARE(HyperliquidFixture::first(cancelled), u"success"_s);
    // The position is naked now: that is what the client has to notice.
    QVERIFY(venue.mine("frontendOpenOrders").toArray().isEmpty());
    QCOMPARE(venue.desk.position(0, 0), core::kDecimalOne);
    int childrenCancelled = 0;
    for (const auto &note : venue.desk.takeEvents().orders)
        childrenCancelled += note.order.parent != 0 && note.order.status == "canceled" ? 1 : 0;
    QCOMPARE(childrenCancelled, 2);
}

void TestHlExchangeApi::hl28_childrenOfAFilledParentAreArmed()
{
    HyperliquidFixture venue;
    const QJsonObject answer = venue.post(tests::groupAction("Gtc", "0.5"));
    QCOMPARE(HyperliquidFixture::status(answer, 0), u"filled 0.5@60001"_s);
    QCOMPARE(HyperliquidFixture::status(answer, 1), u"waitingForTrigger"_s);
    QCOMPARE(venue.mine("frontendOpenOrders").toArray().size(), 2);
    // An IOC that fills in part takes its children with it.
    HyperliquidFixture other;
    other.options.faults.iocFillMost = core::Ratio::fromRaw(core::kDecimalOne / 2);
    const QJsonObject partly = other.post(tests::groupAction("Ioc", "0.5"));
    QCOMPARE(HyperliquidFixture::status(partly, 0), u"filled 0.25@60001"_s);
    QVERIFY(other.mine("frontendOpenOrders").toArray().isEmpty());
}

QTEST_GUILESS_MAIN(TestHlExchangeApi)
#include "tst_exchange_api.moc"
