#include "core/exchange/hyperliquid/action.h"

#include <algorithm>

#include "core/exchange/hyperliquid/action_canonical.h"
#include "core/exchange/hyperliquid/msgpack.h"
#include "tests/core/exchange/hyperliquid_signing/signing_support.h"

using namespace core::exchange::hyperliquid;
using tests::bytes;

namespace
{
WireNumber number(std::string_view text)
{
    return WireNumber(core::parsePrice(text).value());
}

WireOrder limitOrder(std::string_view price = "97123", std::string_view size = "0.00123")
{
    WireOrder order;
    order.isBuy = true;
    order.price = number(price);
    order.size = number(size);
    return order;
}

WireOrder stopOrder(std::string_view size)
{
    WireOrder order;
    order.asset = 1;
    order.price = number("2755");
    order.size = number(size);
    order.reduceOnly = true;
    order.terms = TriggerTerms{true, number("2900"), TriggerPurpose::StopLoss};
    return order;
}

QByteArray json(const core::Result<ActionValue> &action)
{
    return action ? bytes(jsonText(*action)) : bytes("error: " + action.error().detail);
}
QByteArray one(const WireOrder &order, Grouping grouping = Grouping::None)
{
    return json(orderAction(std::span(&order, 1), grouping));
}
const Cloid kCloid = Cloid::parse("0x9E3779B97F4A7C169F6AAF6180332FBD").value();
} // namespace

class TestActions : public QObject
{
    Q_OBJECT

private slots:
    void buildsEveryActionInTheOrderThatIsHashed_data()
    {
        QTest::addColumn<QByteArray>("built");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *what, const QByteArray &built, const char *expected) {
            QTest::newRow(what) << built << QByteArray(expected);
        };
        WireOrder order = limitOrder();
        row("limit", one(order),
            R"({"type":"order","orders":[{"a":0,"b":true,"p":"97123","s":"0.00123","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"})");
        order.terms = LimitTerms{Tif::Alo};
        order.cloid = kCloid;
        row("post-only with id", one(order),
            R"({"type":"order","orders":[{"a":0,"b":true,"p":"97123","s":"0.00123","r":false,"t":{"limit":{"tif":"Alo"}},"c":"0x9e3779b97f4a7c169f6aaf6180332fbd"}],"grouping":"na"})");
        row("stop of a position", one(stopOrder("0"), Grouping::PositionTpsl),
            R"({"type":"order","orders":[{"a":1,"b":false,"p":"2755","s":"0","r":true,"t":{"trigger":{"isMarket":true,"triggerPx":"2900","tpsl":"sl"}}}],"grouping":"positionTpsl"})");
        const CancelItem cancel{7, 287'286'372'177};
        row("cancel", json(cancelAction(std::span(&cancel, 1))),
            R"({"type":"cancel","cancels":[{"a":7,"o":287286372177}]})");
        row("fast cancel", json(cancelAction(std::span(&cancel, 1), CancelSpeed::Fast)),
            R"({"type":"cancel","cancels":[{"a":7,"o":287286372177}],"f":true})");
        const CloidCancelItem byCloid{4, kCloid};
        row("cancel by cloid", json(cancelByCloidAction(std::span(&byCloid, 1))),
            R"({"type":"cancelByCloid","cancels":[{"asset":4,"cloid":"0x9e3779b97f4a7c169f6aaf6180332fbd"}]})");
        const ModifyItem change{std::uint64_t{549'961'856'293}, limitOrder("96999")};
        row("modify", json(modifyAction(change)),
            R"({"type":"modify","oid":549961856293,"order":{"a":0,"b":true,"p":"96999","s":"0.00123","r":false,"t":{"limit":{"tif":"Gtc"}}}})");
        const ModifyItem byId{kCloid, limitOrder("96999")};
        row("batch of changes", json(batchModifyAction(std::span(&byId, 1))),
            R"({"type":"batchModify","modifies":[{"oid":"0x9e3779b97f4a7c169f6aaf6180332fbd","order":{"a":0,"b":true,"p":"96999","s":"0.00123","r":false,"t":{"limit":{"tif":"Gtc"}}}}]})");
        row("leverage", json(updateLeverageAction(0, core::MarginMode::Cross, 5)),
            R"({"type":"updateLeverage","asset":0,"isCross":true,"leverage":5})");
        row("add margin", json(updateIsolatedMarginAction(4, core::parseMoney("1").value())),
            R"({"type":"updateIsolatedMargin","asset":4,"isBuy":true,"ntli":1000000})");
        row("remove margin", json(updateIsolatedMarginAction(4, core::parseMoney("-0.000001").value())),
            R"({"type":"updateIsolatedMargin","asset":4,"isBuy":true,"ntli":-1})");
        row("dead man", json(scheduleCancelAction(1'795'305'660'000U)),
            R"({"type":"scheduleCancel","time":1795305660000})");
        row("no dead man", json(scheduleCancelAction(std::nullopt)), R"({"type":"scheduleCancel"})");
        row("noop", json(noopAction()), R"({"type":"noop"})");
        row("agent",
            json(approveAgentAction(Network::Mainnet, Address::parse("0x8C967e73e6b15087c42A10D344cFf4c96D877f1D").value(),
                                    "desk1 valid_until 1803081600000", 1'795'305'600'777U)),
            R"({"type":"approveAgent","signatureChainId":"0x66eee","hyperliquidChain":"Mainnet","agentAddress":"0x8c967e73e6b15087c42a10d344cff4c96d877f1d","agentName":"desk1 valid_until 1803081600000","nonce":1795305600777})");
    }
    void buildsEveryActionInTheOrderThatIsHashed()
    {
        QFETCH(QByteArray, built);
        QFETCH(QByteArray, expected);
        QCOMPARE(built, expected);
        if (!expected.contains("approveAgent")) // and the venue's reading of it changes nothing
            QCOMPARE(json(canonicalAction(tests::parsed(built))), expected);
    }

    void hl02_buildersCannotEmitABadForm()
    {
        // A text of the venue with zeros behind becomes the same order.
        QCOMPARE(one(limitOrder("97000.0", "0.00100")), one(limitOrder("97000", "0.001")));
        // A cloid or a flag that is not used leaves no trace; no builder takes free text or a null.
        QVERIFY(!one(limitOrder()).contains("null") && !one(limitOrder()).contains("\"c\""));
        const CancelItem cancel{1, 5};
        QVERIFY(!json(cancelAction(std::span(&cancel, 1))).contains("\"f\""));
        QVERIFY(!json(scheduleCancelAction(std::nullopt)).contains("time"));
        // "No vault" is a missing optional; the zero address is another payload.
        QVERIFY(connectionId(noopAction(), {1}) != connectionId(noopAction(), {1, Address{}}));
        QVERIFY(connectionId(noopAction(), {1}) != connectionId(noopAction(), {1, {}, 0}));
    }

    void refusesWhatCouldCloseAPosition_data()
    {
        QTest::addColumn<QByteArray>("built");
        QTest::newRow("size 0") << one(limitOrder("97123", "0"));
        WireOrder close = limitOrder("97123", "0");
        close.reduceOnly = true;
        QTest::newRow("size 0, reduce only") << one(close);
        QTest::newRow("size 0, limit in a position group") << one(close, Grouping::PositionTpsl);
        QTest::newRow("size 0, lone stop") << one(stopOrder("0"));
        QTest::newRow("negative size") << one(limitOrder("97123", "-1"));
        QTest::newRow("negative size of a position") << one(stopOrder("-1"), Grouping::PositionTpsl);
        QTest::newRow("price 0") << one(limitOrder("0"));
        WireOrder stop = stopOrder("1");
        stop.terms = TriggerTerms{};
        QTest::newRow("trigger price 0") << one(stop);
        QTest::newRow("no orders") << json(orderAction({}));
        QTest::newRow("change to size 0") << json(modifyAction({std::uint64_t{1}, limitOrder("97123", "0")}));
        QTest::newRow("leverage 0") << json(updateLeverageAction(0, core::MarginMode::Cross, 0));
        QTest::newRow("margin finer than a millionth")
            << json(updateIsolatedMarginAction(0, core::parseMoney("0.0000001").value()));
        QTest::newRow("no change of margin") << json(updateIsolatedMarginAction(0, core::Money{}));
        QTest::newRow("a long name") << json(approveAgentAction(Network::Mainnet, Address{}, "seventeen letters", 1));
    }
    void refusesWhatCouldCloseAPosition()
    {
        QFETCH(QByteArray, built);
        QVERIFY2(built.startsWith("error: "), built.constData());
    }

    void hl05_batchesOf16And200HaveALongHeaderAnd201IsRefused()
    {
        // {"type":"order","orders": … is 83, "type", "order", "orders", then the list
        const QByteArray head = "83a474797065a56f72646572a66f7264657273";
        const auto packed = [](std::size_t count) {
            const auto action = orderAction(std::vector<WireOrder>(count, limitOrder()));
            return action ? bytes(hexDigits(msgpack(*action))) : QByteArray();
        };
        QVERIFY(packed(15).startsWith(head + "9f86"));
        QVERIFY(packed(16).startsWith(head + "dc001086"));
        QVERIFY(packed(200).startsWith(head + "dc00c886"));
        QVERIFY(packed(201).isEmpty());
        QVERIFY(!cancelAction(std::vector<CancelItem>(201)).has_value());
        QVERIFY(!cancelByCloidAction(std::vector<CloidCancelItem>(201)).has_value());
        QVERIFY(!batchModifyAction(std::vector<ModifyItem>(201, {std::uint64_t{1}, limitOrder()})).has_value());
        QVERIFY(cancelAction(std::vector<CancelItem>(200)).has_value());
    }

    void hl06_addressesAndCloidsAreLowerCaseOrRefused()
    {
        QCOMPARE(bytes(kCloid.text()), QByteArray("0x9e3779b97f4a7c169f6aaf6180332fbd"));
        QCOMPARE(bytes(Address::parse("0x8C967e73e6b15087c42A10D344cFf4c96D877f1D").value().text()),
                 QByteArray("0x8c967e73e6b15087c42a10d344cff4c96d877f1d"));
        for (const std::string_view bad :
             {"", "0x", "9e3779b97f4a7c169f6aaf6180332fbd", "0X9e3779b97f4a7c169f6aaf6180332fbd",
              "0x9e3779b97f4a7c169f6aaf6180332fb", "0x9e3779b97f4a7c169f6aaf6180332fbd0",
              "0x9e3779b97f4a7c169f6aaf6180332fbg", " 0x9e3779b97f4a7c169f6aaf6180332fbd"})
            QVERIFY2(!Cloid::parse(bad).has_value(), bad.data());
        QVERIFY(!Address::parse("8c967e73e6b15087c42a10d344cff4c96d877f1d").has_value());
        QVERIFY(!Address::parse("0x8c967e73e6b15087c42a10d344cff4c96d877f1").has_value());
        const BuilderFee fee{Address::parse("0x8C967e73e6b15087c42A10D344cFf4c96D877f1D").value(), 10};
        const WireOrder order = limitOrder();
        QVERIFY(json(orderAction(std::span(&order, 1), Grouping::None, fee))
                    .endsWith(R"("grouping":"na","builder":{"b":"0x8c967e73e6b15087c42a10d344cff4c96d877f1d","f":10}})"));
    }

    void hl07_absentOptionsAreAbsentEverywhere()
    {
        const WireOrder order = limitOrder();
        const auto action = orderAction(std::span(&order, 1));
        QVERIFY(action.has_value());
        for (const std::string_view key : {"c", "f", "a", "time", "builder", "destination"})
            QVERIFY(action->find(key) == nullptr && (key == "a" || action->find("orders")->array()->front().find(key) == nullptr));
        const QByteArray body = bytes(requestJson(*action, {5}, Signature{}));
        QVERIFY(!body.contains("vaultAddress") && !body.contains("expiresAfter") && !body.contains("null"));
        const QByteArray full = bytes(requestJson(*action, {5, Address{}, 9}, Signature{}));
        QVERIFY(full.endsWith(R"(,"vaultAddress":"0x0000000000000000000000000000000000000000","expiresAfter":9})"));
        QCOMPARE(bytes(jsonText(tests::parsed(full))), full);
        // Posted nulls and falses are not hashed by the venue either.
        QCOMPARE(json(canonicalAction(tests::parsed(
                     R"({"type":"batchModify","a":false,"modifies":[{"order":{"t":{"trigger":null,"limit":{"tif":"Gtc"}},"a":0,"b":true,"p":"1.50","r":false,"s":"1","c":null},"oid":1}]})"))),
                 QByteArray(
                     R"({"type":"batchModify","modifies":[{"oid":1,"order":{"a":0,"b":true,"p":"1.5","s":"1","r":false,"t":{"limit":{"tif":"Gtc"}}}}]})"));
    }

    void theVenueNamesTheFieldThatItCannotRead_data()
    {
        QTest::addColumn<QByteArray>("posted");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("no type") << QByteArray("{}") << QByteArray("action.type: is missing");
        QTest::newRow("no list") << QByteArray(R"({"type":"cancel"})") << QByteArray("action.cancels: is missing");
        QTest::newRow("no array") << QByteArray(R"({"type":"cancel","cancels":{}})")
                                  << QByteArray("action.cancels: expects an array");
        QTest::newRow("text for a number") << QByteArray(R"({"type":"cancel","cancels":[{"a":0,"o":1},{"a":"0","o":1}]})")
                                           << QByteArray("action.cancels[1].a: expects an integer");
        QTest::newRow("number for a text")
            << QByteArray(
                   R"({"type":"order","orders":[{"a":0,"b":true,"p":1,"s":"1","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"})")
            << QByteArray("action.orders[0].p: expects text");
        QTest::newRow("no number in a text")
            << QByteArray(
                   R"({"type":"order","orders":[{"a":0,"b":true,"p":"1e5","s":"1","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"})")
            << QByteArray("action.orders[0].p: expects a plain decimal number");
        QTest::newRow("a null where a value must be") << QByteArray(R"({"type":"updateLeverage","asset":null})")
                                                      << QByteArray("action.asset: expects an integer");
    }
    void theVenueNamesTheFieldThatItCannotRead()
    {
        QFETCH(QByteArray, posted);
        QFETCH(QByteArray, words);
        QCOMPARE(json(canonicalAction(tests::parsed(posted))), "error: " + words);
    }
};

QTEST_APPLESS_MAIN(TestActions)
#include "tst_actions.moc"
