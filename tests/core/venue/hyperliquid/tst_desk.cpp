// What becomes of orders, positions and settings: triggers, reduce-only, modify, margin, agents, funding.
#include <QtTest/QtTest>

#include <fmt/format.h>

#include "tests/core/venue/hyperliquid/hyperliquid_fixture.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using tests::HyperliquidFixture;
using tests::limitOrder;
using tests::triggerOrder;

namespace
{
const std::string kCloid = "0x00000000000000000000000000000abc";

[[nodiscard]] QString refusal(const QJsonObject &answer)
{
    return answer["status"_L1] == "err"_L1 ? answer["response"_L1].toString() : u"ok"_s;
}
/// What orderUpdates would say, in order: "59000 open", …
[[nodiscard]] QStringList told(HyperliquidFixture &venue)
{
    QStringList lines;
    for (const auto &note : venue.desk.takeEvents().orders)
        lines << QString::fromStdString(note.order.terms.price.text() + ' ' + note.order.status);
    return lines;
}
} // namespace

class TestHlDesk : public QObject
{
    Q_OBJECT

private slots:
    void aStopFiresOnTheMarkAndClosesThePosition();
    void oneSiblingFillsAndTheOtherGoes();
    void reduceOnlyIsClippedAndShrinks();
    void sizeZeroIsTheWholePosition();
    void anIocFillsWhatIsThere();
    void postOnlyNamesTheQuote();
    void ownOrdersDoNotTradeWithEachOther();
    void cancelsByOidAndCloid();
    void aModifyMakesANewOrder();
    void aRefusedModifyLeavesNothing();
    void leverageAndMarginMode();
    void isolatedMarginIsAddedAndTaken();
    void theDeadMansSwitchHasAGate();
    void anExpiredActionIsNotExecuted();
    void anExhaustedBudgetLeavesOneInTenSeconds();
    void agentsAreApprovedReplacedAndRemoved();
    void aSubAccountIsTradedByTheMastersAgent();
    void fundingIsPaidAtTheFullHour();
    void eachModeKeepsItsMoneySomewhereElse_data();
    void eachModeKeepsItsMoneySomewhereElse();
    void aBatchHasTwoHundredAtMost();
    void clipsWhatATriggerWouldFlip();
    void aLiquidationIsTold();
    void aDelistedCoinIsOver();
};

void TestHlDesk::aStopFiresOnTheMarkAndClosesThePosition()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    QCOMPARE(venue.order(triggerOrder(0, false, "57000", "0.5", "59000", "sl")), u"resting"_s);
    const QJsonValue row = venue.mine("frontendOpenOrders").toArray()[0];
    QCOMPARE(row["orderType"_L1].toString(), u"Stop Market"_s);
    QCOMPARE(row["triggerCondition"_L1].toString(), u"Price below 59000"_s);
    QVERIFY(row["tif"_L1].isNull());
    (void)told(venue);
    venue.setMark(0, "59000.5");
    QVERIFY(told(venue).isEmpty());
    venue.setMark(0, "59000");
    QCOMPARE(told(venue), (QStringList{u"57000 triggered"_s, u"57000 filled"_s}));
    QCOMPARE(venue.desk.position(0, 0), 0);
    const QJsonArray fills = venue.mine("userFills").toArray();
    QCOMPARE(fills.size(), 2);
    QCOMPARE(fills[0]["dir"_L1].toString(), u"Close Long"_s);
    QCOMPARE(fills[0]["startPosition"_L1].toString(), u"0.5"_s);
    QCOMPARE(fills[0]["closedPnl"_L1].toString(), u"-0.5"_s); // gross: (60000 − 60001) × 0.5
    QCOMPARE(fills[0]["fee"_L1].toString(), u"13.5"_s);       // 30000 × 0.045 %
}

void TestHlDesk::oneSiblingFillsAndTheOtherGoes()
{
    HyperliquidFixture venue;
    QCOMPARE(HyperliquidFixture::first(venue.post(tests::groupAction("Gtc", "0.5"))), u"filled 0.5@60001"_s);
    (void)told(venue);
    venue.setMark(0, "61000");
    QCOMPARE(told(venue), (QStringList{u"58000 triggered"_s, u"58000 filled"_s, u"57000 siblingFilledCanceled"_s}));
    QVERIFY(venue.mine("frontendOpenOrders").toArray().isEmpty());
}

void TestHlDesk::reduceOnlyIsClippedAndShrinks()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, false, "61000", "0.5", "Gtc", true)),
             u"error Reduce only order would increase position. asset=0"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1", "Gtc", true)),
             u"error Reduce only order would increase position. asset=0"_s);
    // Oversized: rests with the size of the position.
    QCOMPARE(venue.order(limitOrder(0, false, "61000", "2", "Gtc", true)), u"resting"_s);
    QJsonValue row = venue.mine("openOrders").toArray()[0];
    QCOMPARE(row["sz"_L1].toString(), u"0.5"_s);
    QCOMPARE(row["origSz"_L1].toString(), u"2.0"_s);
    // An IOC never flips.
    QCOMPARE(venue.order(limitOrder(0, false, "59000", "0.2", "Ioc", true)), u"filled 0.2@60000"_s);
    row = venue.mine("openOrders").toArray()[0];
    QCOMPARE(row["sz"_L1].toString(), u"0.3"_s);
    // A second one that together exceeds the position ends the older.
    (void)told(venue);
    QCOMPARE(venue.order(limitOrder(0, false, "62000", "0.1", "Gtc", true)), u"resting"_s);
    QCOMPARE(told(venue), (QStringList{u"62000 open"_s, u"61000 reduceOnlyCanceled"_s}));
    QCOMPARE(venue.order(limitOrder(0, false, "59000", "5", "Ioc", true)), u"filled 0.3@60000"_s);
    QCOMPARE(venue.desk.position(0, 0), 0);
    QVERIFY(told(venue).contains(u"62000 reduceOnlyCanceled"_s));
    QVERIFY(venue.mine("openOrders").toArray().isEmpty());
}

void TestHlDesk::sizeZeroIsTheWholePosition()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    QCOMPARE(venue.order(limitOrder(0, false, "59000", "0", "Ioc", true)), u"filled 0.5@60000"_s);
    QCOMPARE(venue.desk.position(0, 0), 0);
    // positionTpsl of size 0 follows the position, whatever it is then.
    QCOMPARE(venue.order(limitOrder(0, true, "60002", "0.2", "Ioc")), u"filled 0.2@60001"_s);
    QCOMPARE(venue.order(triggerOrder(0, false, "57000", "0", "59000", "sl"), "positionTpsl"), u"waitingForTrigger"_s);
    QVERIFY(venue.order(limitOrder(0, true, "60002", "0.1", "Ioc")).startsWith("filled 0.1"_L1));
    venue.setMark(0, "58999");
    QCOMPARE(venue.desk.position(0, 0), 0);
}

void TestHlDesk::anIocFillsWhatIsThere()
{
    tests::hv::HyperliquidOptions options = tests::hv::typicalOptions(7, 2);
    options.accounts[0].balance = tests::money("1000000");
    HyperliquidFixture venue(options);
    QCOMPARE(venue.order(limitOrder(0, true, "60000.5", "1", "Ioc")),
             u"error Price must be divisible by tick size. asset=0"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "60000", "1", "Ioc")),
             u"error Order could not immediately match against any resting orders. asset=0"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "2", "Ioc")), u"filled 1@60001"_s);
    QCOMPARE(told(venue).last(), u"60001 canceled"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "60002", "1", "Ioc")), u"filled 1@60002"_s);
    const QJsonArray history = venue.mine("historicalOrders").toArray();
    QCOMPARE(history[0]["status"_L1].toString(), u"filled"_s);
    QCOMPARE(history[1]["status"_L1].toString(), u"canceled"_s);
    QCOMPARE(history[2]["status"_L1].toString(), u"iocCancelRejected"_s);
}

void TestHlDesk::postOnlyNamesTheQuote()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.1", "Alo")),
             u"error Post only order would have immediately matched, bbo was 60000@60001. asset=0"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "60000", "0.1", "Alo")), u"resting"_s);
    venue.options.faults.postOnlyWindow = true;
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1")),
             u"error Only post-only orders allowed immediately after a network upgrade asset=0"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1", "Alo")), u"resting"_s);
}

void TestHlDesk::ownOrdersDoNotTradeWithEachOther()
{
    HyperliquidFixture venue;
    venue.setBook(0, {{"59000", "1"}}, {{"62000", "1"}});
    QCOMPARE(venue.order(limitOrder(0, false, "60500", "0.1")), u"resting"_s);
    (void)told(venue);
    QCOMPARE(venue.order(limitOrder(0, true, "60500", "0.1")), u"resting"_s);
    QCOMPARE(told(venue), (QStringList{u"60500 selfTradeCanceled"_s, u"60500 open"_s}));
    QVERIFY(venue.mine("userFills").toArray().isEmpty());
}

void TestHlDesk::cancelsByOidAndCloid()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1", "Gtc", false, kCloid)), u"resting"_s);
    QCOMPARE(venue.mine("orderStatus", R"(,"oid":")" + kCloid + '"')["order"_L1]["status"_L1].toString(), u"open"_s);
    const std::string cancel =
        R"({"type":"cancelByCloid","cancels":[{"asset":0,"cloid":")" + kCloid + R"("}]})";
    QCOMPARE(HyperliquidFixture::first(venue.post(cancel)), u"success"_s);
    QCOMPARE(HyperliquidFixture::first(venue.post(cancel)),
             u"error Order was never placed, already canceled, or filled. asset=0"_s);
    QCOMPARE(venue.mine("orderStatus", R"(,"oid":")" + kCloid + '"')["order"_L1]["status"_L1].toString(),
             u"canceled"_s);
    QCOMPARE(venue.mine("orderStatus", R"(,"oid":12345)")["status"_L1].toString(), u"unknownOid"_s);
    venue.options.faults.forgetOrders = true;
    QCOMPARE(venue.mine("orderStatus", R"(,"oid":")" + kCloid + '"')["status"_L1].toString(), u"unknownOid"_s);
}

void TestHlDesk::aModifyMakesANewOrder()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1", "Gtc", false, kCloid)), u"resting"_s);
    const auto oid = venue.mine("openOrders").toArray()[0]["oid"_L1].toInteger();
    const QJsonObject answer =
        venue.post(fmt::format(R"({{"type":"batchModify","modifies":[{{"oid":{},"order":{}}}]}})", oid,
                               limitOrder(0, true, "59100", "0.2", "Gtc", false, kCloid)));
    QCOMPARE(HyperliquidFixture::first(answer), u"resting"_s);
    const QJsonArray open = venue.mine("openOrders").toArray();
    QCOMPARE(open.size(), 1);
    QVERIFY(open[0]["oid"_L1].toInteger() > oid);
    QCOMPARE(open[0]["limitPx"_L1].toString(), u"59100.0"_s);
    QCOMPARE(HyperliquidFixture::first(
                 venue.post(fmt::format(R"({{"type":"batchModify","modifies":[{{"oid":{},"order":{}}}]}})", oid,
                                        limitOrder(0, true, "59100", "0.2")))),
             u"error Cannot modify canceled or filled order asset=0"_s);
    QCOMPARE(refusal(venue.post(fmt::format(R"({{"type":"modify","oid":"{}","order":{}}})", kCloid,
                                            limitOrder(0, true, "59200", "0.2", "Alo", false, kCloid)))),
             u"ok"_s);
}

void TestHlDesk::aRefusedModifyLeavesNothing()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "59000", "0.1", "Gtc", false, kCloid)), u"resting"_s);
    const QJsonObject answer =
        venue.post(fmt::format(R"({{"type":"batchModify","modifies":[{{"oid":"{}","order":{}}}]}})", kCloid,
                               limitOrder(0, true, "60001", "0.1", "Gtc", false, kCloid)));
    QVERIFY2(HyperliquidFixture::first(answer).startsWith(
                 "error Error placing new order during modify: Post only order would have"_L1),
             qPrintable(HyperliquidFixture::first(answer)));
    QVERIFY(venue.mine("openOrders").toArray().isEmpty());
}

void TestHlDesk::leverageAndMarginMode()
{
    HyperliquidFixture venue;
    const auto set = [&](bool cross, int leverage) {
        return refusal(venue.post(fmt::format(R"({{"type":"updateLeverage","asset":0,"isCross":{},"leverage":{}}})",
                                              cross, leverage)));
    };
    QCOMPARE(set(true, 41), u"Invalid leverage value"_s);
    QCOMPARE(set(true, 10), u"ok"_s);
    QCOMPARE(set(true, 10), u"ok"_s);
    const QJsonValue data = venue.mine("activeAssetData", R"(,"coin":"BTC")");
    QCOMPARE(data["leverage"_L1]["value"_L1].toInt(), 10);
    QCOMPARE(data["leverage"_L1]["type"_L1].toString(), u"cross"_s);
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    QCOMPARE(set(false, 10), u"Cannot switch leverage type with open position."_s);
    QVERIFY(set(true, 1).startsWith("Cross position does not have sufficient margin available to decrease"_L1));
    const QJsonValue state = venue.mine("clearinghouseState");
    const QJsonValue position = state["assetPositions"_L1][0]["position"_L1];
    QCOMPARE(position["szi"_L1].toString(), u"0.5"_s);
    QCOMPARE(position["marginUsed"_L1].toString(), u"3000.0"_s); // 30000 ÷ 10
    QCOMPARE(position["maxLeverage"_L1].toInt(), 40);
    QCOMPARE(state["crossMaintenanceMarginUsed"_L1].toString(), u"375.0"_s); // 30000 ÷ 80
    // 10000 − 0.5 (mark below entry) − fee 13.500225
    QCOMPARE(state["marginSummary"_L1]["accountValue"_L1].toString(), u"9985.999775"_s);
}

void TestHlDesk::isolatedMarginIsAddedAndTaken()
{
    HyperliquidFixture venue;
    const auto move = [&](std::int64_t micros) {
        return refusal(venue.post(
            fmt::format(R"({{"type":"updateIsolatedMargin","asset":1,"isBuy":true,"ntli":{}}})", micros)));
    };
    QCOMPARE(move(1'000'000), u"Position does not use isolated margin."_s);
    QCOMPARE(refusal(venue.post(R"({"type":"updateLeverage","asset":1,"isCross":false,"leverage":10})")), u"ok"_s);
    QCOMPARE(venue.order(limitOrder(1, true, "3001", "1", "Ioc")), u"filled 1@3000.1"_s);
    const auto position = [&] { return venue.mine("clearinghouseState")["assetPositions"_L1][0]["position"_L1]; };
    QCOMPARE(position()["leverage"_L1]["type"_L1].toString(), u"isolated"_s);
    const double before = position()["marginUsed"_L1].toString().toDouble();
    QCOMPARE(move(50'000'000), u"ok"_s);
    QCOMPARE(position()["marginUsed"_L1].toString().toDouble() - before, 50.0);
    // equity of the position = rawUsd + szi × mark
    QCOMPARE(position()["leverage"_L1]["rawUsd"_L1].toString().toDouble() + 3000.0,
             position()["marginUsed"_L1].toString().toDouble());
    QCOMPARE(move(-40'000'000), u"ok"_s); // what stays covers the initial margin and the open loss
    QVERIFY(move(-300'000'000).startsWith("Cannot remove isolated margin for this asset."_L1));
    QVERIFY(position()["liquidationPx"_L1].toString().toDouble() > 2700);
}

void TestHlDesk::theDeadMansSwitchHasAGate()
{
    HyperliquidFixture venue;
    const auto arm = [](HyperliquidFixture &at) {
        return refusal(at.post(fmt::format(R"({{"type":"scheduleCancel","time":{}}})",
                                           core::toMilliseconds(at.clock.now()) + 6000)));
    };
    QCOMPARE(arm(venue),
             u"Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $0."_s);
    QVERIFY(refusal(venue.post(R"({"type":"scheduleCancel"})")).startsWith("Cannot set scheduled"_L1));
    auto options = tests::hv::typicalOptions(7, 2);
    options.accounts[0].tradedVolume = tests::money("1000000");
    HyperliquidFixture other(options);
    QCOMPARE(other.order(limitOrder(0, true, "59000", "0.1")), u"resting"_s);
    QCOMPARE(arm(other), u"ok"_s);
    other.clock.advance(5s);
    other.desk.onTimer();
    QCOMPARE(other.mine("openOrders").toArray().size(), 1);
    other.clock.advance(1s);
    other.desk.onTimer();
    QVERIFY(other.mine("openOrders").toArray().isEmpty());
    QCOMPARE(told(other).last(), u"59000 scheduledCancel"_s);
}

void TestHlDesk::anExpiredActionIsNotExecuted()
{
    HyperliquidFixture venue;
    const std::string order = tests::orderAction(limitOrder(0, true, "59000", "0.001"));
    const auto now = static_cast<std::uint64_t>(core::toMilliseconds(venue.clock.now()));
    QCOMPARE(refusal(venue.post(venue.tests[0].agentKey, order, {.nonce = now, .expiresAfter = now - 1})),
             u"Action already expired"_s);
    QCOMPARE(venue.budget.used(0), 5);
    QCOMPARE(HyperliquidFixture::first(
                 venue.post(venue.tests[0].agentKey, order, {.nonce = now + 1, .expiresAfter = now + 5000})),
             u"resting"_s);
}

void TestHlDesk::anExhaustedBudgetLeavesOneInTenSeconds()
{
    auto options = tests::hv::typicalOptions(7, 2);
    options.requestBudget = 3;
    HyperliquidFixture venue(options);
    const auto noop = [&] { return refusal(venue.post(R"({"type":"noop"})")); };
    QCOMPARE(noop(), u"ok"_s);
    QCOMPARE(noop(), u"ok"_s);
    QCOMPARE(noop(), u"ok"_s); // the one that is spared
    QCOMPARE(noop(), u"Too many cumulative requests sent (3 > 3) for cumulative volume traded $0. Place taker orders "
                     "to free up 1 request per USDC traded."_s);
    venue.clock.advance(9s);
    QVERIFY(noop().startsWith("Too many"_L1));
    venue.clock.advance(1s);
    QCOMPARE(noop(), u"ok"_s);
    QVERIFY(noop().startsWith("Too many"_L1));
    // Cancels have more.
    QCOMPARE(HyperliquidFixture::first(venue.post(R"({"type":"cancel","cancels":[{"a":0,"o":1}]})")),
             u"error Order was never placed, already canceled, or filled. asset=0"_s);
}

void TestHlDesk::agentsAreApprovedReplacedAndRemoved()
{
    HyperliquidFixture venue;
    const auto master = tests::hx::ActionSigner::fromHex(venue.tests[0].masterKey);
    const auto fresh = tests::hv::testAccounts(99, 3);
    const auto approve = [&](const std::string &agent, std::string_view name) {
        const std::uint64_t nonce = venue.nextNonce();
        const auto action = tests::hx::approveAgentAction(tests::hx::Network::Mainnet,
                                                          *tests::hx::Address::parse(agent), name, nonce);
        return refusal(venue.postText(
            tests::hx::requestJson(*action, {.nonce = nonce}, *master->signUser(*action))));
    };
    const auto noop = [&](const std::string &key) {
        return refusal(venue.post(key, R"({"type":"noop"})", {.nonce = venue.nextNonce()}));
    };
    const auto unknown = [](const std::string &address) {
        return u"User or API Wallet %1 does not exist."_s.arg(QString::fromStdString(address));
    };
    QCOMPARE(noop(fresh[0].agentKey), unknown(fresh[0].agentAddress));
    QCOMPARE(approve(fresh[0].agentAddress, "bot"), u"ok"_s);
    QCOMPARE(noop(fresh[0].agentKey), u"ok"_s);
    QCOMPARE(venue.mine("extraAgents").toArray().size(), 2);
    QCOMPARE(approve(fresh[1].agentAddress, "bot"), u"ok"_s); // the same name: replaced
    QCOMPARE(noop(fresh[0].agentKey), unknown(fresh[0].agentAddress));
    QCOMPARE(approve(fresh[0].agentAddress, "bot"), u"Extra agent already used."_s);
    QCOMPARE(approve("0x0000000000000000000000000000000000000000", "bot"), u"ok"_s);
    QCOMPARE(noop(fresh[1].agentKey), unknown(fresh[1].agentAddress));
    QCOMPARE(approve(fresh[2].agentAddress, "bot"), u"User has pending agent removal"_s);
    venue.clock.advance(5s);
    const auto until = core::toMilliseconds(venue.clock.now()) + 60'000;
    QCOMPARE(approve(fresh[2].agentAddress, fmt::format("bot valid_until {}", until)), u"ok"_s);
    QCOMPARE(noop(fresh[2].agentKey), u"ok"_s);
    QCOMPARE(venue.ask(R"({"type":"userRole","user":")" + fresh[2].agentAddress + R"("})")["role"_L1].toString(),
             u"agent"_s);
    venue.clock.advance(61s);
    QCOMPARE(noop(fresh[2].agentKey), unknown(fresh[2].agentAddress));
}

void TestHlDesk::aSubAccountIsTradedByTheMastersAgent()
{
    auto options = tests::hv::typicalOptions(7, 2);
    const std::string sub = "0x1111111111111111111111111111111111111111";
    tests::hv::HyperliquidAccount added;
    added.address = sub;
    added.master = options.accounts[0].address;
    added.balance = tests::money("500");
    options.accounts.push_back(added);
    HyperliquidFixture venue(options);
    const std::string order = tests::orderAction(limitOrder(0, true, "59000", "0.001"));
    const auto vault = *tests::hx::Address::parse(sub);
    QCOMPARE(HyperliquidFixture::first(
                 venue.post(venue.tests[0].agentKey, order, {.nonce = venue.nextNonce(), .vault = vault})),
             u"resting"_s);
    QVERIFY(venue.mine("openOrders").toArray().isEmpty());
    QCOMPARE(venue.ask(R"({"type":"openOrders","user":")" + sub + R"("})").toArray().size(), 1);
    QCOMPARE(refusal(venue.post(venue.tests[1].agentKey, order, {.nonce = venue.nextNonce(), .vault = vault})),
             u"Vault not registered: "_s + QString::fromStdString(sub));
    QCOMPARE(venue.ask(R"({"type":"userRole","user":")" + sub + R"("})")["role"_L1].toString(), u"subAccount"_s);
    QCOMPARE(venue.mine("subAccounts").toArray().size(), 1);
}

void TestHlDesk::fundingIsPaidAtTheFullHour()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    venue.setMark(0, "60000");
    venue.clock.advance(1h);
    venue.setMark(0, "60000");
    const QJsonArray rows = venue.mine("userFunding", R"(,"startTime":0)").toArray();
    QCOMPARE(rows.size(), 1);
    const QJsonValue delta = rows[0]["delta"_L1];
    QCOMPARE(delta["usdc"_L1].toString(), u"-0.375"_s); // 0.5 × 60000 × 0.0000125, paid by the long
    QCOMPARE(delta["szi"_L1].toString(), u"0.5"_s);
    QCOMPARE(delta["coin"_L1].toString(), u"BTC"_s);
}

void TestHlDesk::eachModeKeepsItsMoneySomewhereElse_data()
{
    using tests::hv::AccountMode;
    QTest::addColumn<int>("mode");
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("perps");
    QTest::addColumn<QString>("spot");
    const auto row = [](const char *name, AccountMode mode, const char *word, const char *perps, const char *spot) {
        QTest::newRow(name) << static_cast<int>(mode) << QString::fromLatin1(word) << QString::fromLatin1(perps)
                            << QString::fromLatin1(spot);
    };
    row("standard", AccountMode::Standard, "disabled", "10000.0", "");
    row("never chosen", AccountMode::Default, "default", "10000.0", "");
    row("unified", AccountMode::Unified, "unifiedAccount", "0.0", "10000.0");
    row("portfolio margin", AccountMode::PortfolioMargin, "portfolioMargin", "0.0", "10000.0");
}

void TestHlDesk::eachModeKeepsItsMoneySomewhereElse()
{
    QFETCH(int, mode);
    QFETCH(QString, word);
    QFETCH(QString, perps);
    QFETCH(QString, spot);
    auto options = tests::hv::typicalOptions(7, 2);
    options.accounts[0].mode = static_cast<tests::hv::AccountMode>(mode);
    HyperliquidFixture venue(options);
    QCOMPARE(venue.mine("userAbstraction").toString(), word);
    QCOMPARE(venue.mine("clearinghouseState")["marginSummary"_L1]["accountValue"_L1].toString(), perps);
    const QJsonValue balance = venue.mine("spotClearinghouseState")["balances"_L1][0];
    QCOMPARE(balance["total"_L1].toString(), spot);
    // With a position: equity − margin in use is what may be traded with, whatever the mode.
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.1", "Ioc")), u"filled 0.1@60001"_s);
    const auto &account = venue.desk.engine().account(0);
    QCOMPARE(venue.mine("activeAssetData", ",\"coin\":\"BTC\"")["availableToTrade"_L1][0].toString(),
             QString::fromStdString(core::Money::fromRaw(account.equity().raw() - account.initialMargin().raw()).text()));
}

void TestHlDesk::aBatchHasTwoHundredAtMost()
{
    HyperliquidFixture venue;
    const auto batch = [](int count) {
        std::string orders;
        for (int i = 0; i < count; ++i)
            orders += (i == 0 ? "" : ",") + limitOrder(0, true, "30000", "0.001", "Alo");
        return tests::orderAction(orders);
    };
    const QJsonObject most = venue.post(batch(200));
    QCOMPARE(HyperliquidFixture::status(most, 199), u"resting"_s);
    QCOMPARE(venue.budget.used(0), 200);
    QCOMPARE(refusal(venue.post(batch(201))), u"Signed action over weight limit of 200."_s);
    QCOMPARE(venue.mine("openOrders").toArray().size(), 200);
}

void TestHlDesk::clipsWhatATriggerWouldFlip()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(0, true, "60001", "0.5", "Ioc")), u"filled 0.5@60001"_s);
    QCOMPARE(venue.order(triggerOrder(0, false, "57000", "0.5", "59000", "sl")), u"resting"_s);
    QCOMPARE(venue.order(limitOrder(0, false, "59000", "0.3", "Ioc", true)), u"filled 0.3@60000"_s);
    venue.setMark(0, "58000");
    QCOMPARE(venue.desk.position(0, 0), 0);
    QVERIFY(venue.mine("frontendOpenOrders").toArray().isEmpty());
    // Flat: the trigger finds nothing to reduce.
    venue.setMark(0, "60000");
    QCOMPARE(venue.order(triggerOrder(0, false, "57000", "0.5", "59000", "sl")), u"resting"_s);
    venue.setMark(0, "58000");
    QVERIFY(told(venue).contains(u"57000 reduceOnlyCanceled"_s));
    QCOMPARE(venue.desk.position(0, 0), 0);
}

void TestHlDesk::aLiquidationIsTold()
{
    HyperliquidFixture venue;
    QCOMPARE(refusal(venue.post(R"({"type":"updateLeverage","asset":1,"isCross":true,"leverage":25})")), u"ok"_s);
    QVERIFY(venue.order(limitOrder(1, true, "3001", "70", "Ioc")).startsWith("filled 70@"_L1));
    (void)venue.desk.takeEvents();
    venue.setBook(1, {{"2850", "500"}}, {{"2851", "500"}});
    venue.setMark(1, "2850");
    const auto events = venue.desk.takeEvents();
    QCOMPARE(venue.desk.position(0, 1), 0);
    QCOMPARE(events.liquidations.size(), 1U);
    QVERIFY(!events.fills.empty() && events.fills.back().isLiquidation);
    const QJsonValue fill = venue.mine("userFills").toArray()[0];
    QCOMPARE(fill["liquidation"_L1]["liquidatedUser"_L1].toString(),
             QString::fromStdString(venue.tests[0].accountAddress));
    QCOMPARE(venue.mine("userNonFundingLedgerUpdates", R"(,"startTime":0)")[0]["delta"_L1]["type"_L1].toString(),
             u"liquidation"_s);
}

void TestHlDesk::aDelistedCoinIsOver()
{
    HyperliquidFixture venue;
    QCOMPARE(venue.order(limitOrder(1, true, "3001", "1", "Ioc")), u"filled 1@3000.1"_s);
    QCOMPARE(venue.order(limitOrder(1, true, "2900", "1")), u"resting"_s);
    venue.desk.delist(1);
    QVERIFY(told(venue).contains(u"2900 delistedCanceled"_s));
    QCOMPARE(venue.desk.position(0, 1), 0);
    QVERIFY(venue.ask(R"({"type":"meta"})")["universe"_L1][1]["isDelisted"_L1].toBool());
    QCOMPARE(venue.order(limitOrder(1, true, "2900", "1")), u"error Trading is halted asset=1"_s);
}

QTEST_GUILESS_MAIN(TestHlDesk)
#include "tst_desk.moc"
