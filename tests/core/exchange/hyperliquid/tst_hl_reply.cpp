#include <QtTest/QTest>

#include "core/exchange/hyperliquid/rest_codec_reply.h"

using namespace core::exchange::hyperliquid;
using Kind = ItemStatus::Kind;

namespace
{
[[nodiscard]] ExchangeReply reply(const char *body)
{
    return parseExchangeReply(body);
}
[[nodiscard]] ExchangeReply orderReply(const char *statuses)
{
    return parseExchangeReply(
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":[)") + statuses + "]}}}");
}
} // namespace

class TestHlReply : public QObject
{
    Q_OBJECT

private slots:
    void hl19_eachStatusIsDecodedByItself()
    {
        const auto answer = orderReply(
            R"({"resting":{"oid":77738308,"cloid":"0x1234567890abcdef1234567890abcdef"}},)"
            R"({"filled":{"totalSz":"0.02","avgPx":"1891.4","oid":77747314}},)"
            R"({"error":"Insufficient margin to place order. asset=0"},"waitingForFill","waitingForTrigger",)"
            R"("somethingNew",{"parked":{"oid":5}},"success")");
        QVERIFY(answer.accepted());
        QCOMPARE(answer.type, std::string("order"));
        QCOMPARE(answer.items.size(), std::size_t{8});
        QCOMPARE(answer.items.at(0).kind, Kind::Resting);
        QCOMPARE(answer.items.at(0).order->value, std::int64_t{77738308});
        QCOMPARE(answer.items.at(0).cloid, std::string("0x1234567890abcdef1234567890abcdef"));
        QCOMPARE(answer.items.at(1).kind, Kind::Filled);
        QCOMPARE(answer.items.at(1).averagePrice->text(), std::string("1891.4"));
        QCOMPARE(answer.items.at(2).kind, Kind::Refused);
        QCOMPARE(answer.items.at(2).refusal->reaction, Reaction::Margin);
        QCOMPARE(answer.items.at(2).refusal->asset, std::optional<std::int64_t>(0));
        QCOMPARE(answer.items.at(3).kind, Kind::WaitingForFill);
        QCOMPARE(answer.items.at(4).kind, Kind::WaitingForTrigger);
        QCOMPARE(answer.items.at(5).kind, Kind::Unknown);
        QCOMPARE(answer.items.at(5).text, std::string("somethingNew"));
        QCOMPARE(answer.items.at(6).kind, Kind::Unknown);
        QCOMPARE(answer.items.at(7).kind, Kind::Success);
    }
    void hl19_aBrokenStatusLeavesItsNeighboursAlone_data()
    {
        QTest::addColumn<QByteArray>("status");
        for (const char *status :
             {R"({"filled":{"oid":1}})", R"({"resting":{}})", R"({"resting":{"oid":"x"}})", "null", "7",
              R"({"error":5})", R"({"resting":{"oid":1},"error":"both"})", "[]", "{}"})
            QTest::newRow(status) << QByteArray(status);
    }
    void hl19_aBrokenStatusLeavesItsNeighboursAlone()
    {
        QFETCH(QByteArray, status);
        const auto answer = orderReply((status + R"(,{"resting":{"oid":9}})").constData());
        QCOMPARE(answer.items.size(), std::size_t{2});
        QCOMPARE(answer.items.at(0).kind, Kind::Unknown);
        QCOMPARE(answer.items.at(1).kind, Kind::Resting);
    }

    void hl20_aSingleErrorCountsForTheWholeBatch()
    {
        const auto inStatuses = statusPerItem(orderReply(R"({"error":"Invalid TP/SL price. asset=3"})"), 3);
        QCOMPARE(inStatuses.size(), std::size_t{3});
        for (const ItemStatus &item : inStatuses) {
            QCOMPARE(item.kind, Kind::Refused);
            QCOMPARE(item.refusal->reaction, Reaction::TriggerPassed);
        }
        const auto topLevel = statusPerItem(
            reply(
                R"({"status":"err","response":"Order price cannot be more than 80% away from the reference price"})"),
            3);
        QCOMPARE(topLevel.size(), std::size_t{3});
        for (const ItemStatus &item : topLevel)
            QCOMPARE(item.kind, Kind::Refused);
    }
    void hl20_itemsThatTheReplyDoesNotMentionAreUnknown()
    {
        const auto items = statusPerItem(orderReply(R"({"resting":{"oid":1}})"), 2);
        QCOMPARE(items.at(0).kind, Kind::Resting);
        QCOMPARE(items.at(1).kind, Kind::Unknown);
        const auto none = statusPerItem(reply(R"({"status":"ok","response":{"type":"default"}})"), 1);
        QCOMPARE(none.at(0).kind, Kind::Unknown);
    }

    void hl21_anIocSaysHowMuchOfItWasFilled()
    {
        const auto answer = orderReply(R"({"filled":{"totalSz":"0.01","avgPx":"1891.4","oid":1}})");
        const auto asked = core::parseQuantity("0.02").value();
        QVERIFY(*answer.items.at(0).totalSize < asked);
        QCOMPARE(answer.items.at(0).totalSize->text(), std::string("0.01"));
    }

    void hl22_whatIsNoReplyIsAmbiguousAndNeverThrows_data()
    {
        QTest::addColumn<QByteArray>("body");
        for (const char *body : {"", " ", "null", "[]", "<html>502</html>", "{}", R"({"status":"maybe"})",
                                 "{\"status\":\"ok", R"({"response":"x"})"})
            QTest::newRow(*body == '\0' ? "empty" : body) << QByteArray(body);
    }
    void hl22_whatIsNoReplyIsAmbiguousAndNeverThrows()
    {
        QFETCH(QByteArray, body);
        const auto answer = parseExchangeReply({body.constData(), static_cast<std::size_t>(body.size())});
        QVERIFY(!answer.accepted());
        QCOMPARE(answer.refusal->reaction, Reaction::Ambiguous);
        QCOMPARE(statusPerItem(answer, 1).at(0).kind, Kind::Unknown);
    }
    void hl22_errWithTextObjectOrNothingIsARefusal()
    {
        const auto text = reply(R"({"status":"err","response":"Action already expired"})");
        QCOMPARE(text.refusal->reaction, Reaction::Expired);
        QCOMPARE(text.refusal->text, std::string("Action already expired"));
        const auto object = reply(R"({"status":"err","response":{"type":"order","data":{"x":1}}})");
        QVERIFY(!object.accepted());
        QCOMPARE(object.refusal->reaction, Reaction::Reconcile);
        const auto nothing = reply(R"({"status":"err"})");
        QVERIFY(!nothing.accepted());
        QCOMPARE(nothing.refusal->reaction, Reaction::Reconcile);
    }

    void cancelsAndDefaultsAreRead()
    {
        const auto answer =
            reply(R"({"status":"ok","response":{"type":"cancel","data":{"statuses":["success",)"
                  R"({"error":"Order was never placed, already canceled, or filled. asset=0"}]}}})");
        QCOMPARE(answer.items.at(0).kind, Kind::Success);
        QCOMPARE(answer.items.at(1).refusal->reaction, Reaction::Reconcile);
        QCOMPARE(answer.items.at(1).refusal->code, core::ErrorCode::NotFound);
        QVERIFY(reply(R"({"response":{"type":"default"},"status":"ok"})").accepted());
        QVERIFY(
            reply(
                R"({"status":"ok","response":{"type":"twapOrder","data":{"status":{"running":{"twapId":1}}}}})")
                .accepted());
    }

    /// The venue did accept the action: what else it says may be anything.
    void whatIsAcceptedStaysAcceptedWithoutDetails_data()
    {
        QTest::addColumn<QByteArray>("body");
        for (const char *body :
             {R"({"status":"ok"})", R"({"status":"ok","response":null})", R"({"status":"ok","response":"done"})",
              R"({"status":"ok","response":{"type":5}})", R"({"status":"ok","response":{"type":"order","data":"x"}})",
              R"({"status":"ok","response":{"type":"order","data":{"statuses":"x"}}})"})
            QTest::newRow(body) << QByteArray(body);
    }
    void whatIsAcceptedStaysAcceptedWithoutDetails()
    {
        QFETCH(QByteArray, body);
        const auto answer = reply(body.constData());
        QVERIFY(answer.accepted());
        QVERIFY(answer.items.empty());
        QCOMPARE(statusPerItem(answer, 2).at(1).kind, Kind::Unknown);
    }
    void aBrokenAnswerIsAmbiguous_data()
    {
        QTest::addColumn<QByteArray>("body");
        for (const char *body : {R"({"status":@})", R"({"status":"ok","response":@})", R"({"status":"ok","response":{"data":@}})",
                                 R"({"status":"ok","response":{"data":{"statuses":[@]}}})"})
            QTest::newRow(body) << QByteArray(body);
    }
    void aBrokenAnswerIsAmbiguous()
    {
        QFETCH(QByteArray, body);
        QCOMPARE(statusPerItem(reply(body.constData()), 1).at(0).kind, Kind::Unknown);
    }

    void everyDescribedTextHasItsReaction_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("reaction");
        const auto row = [](const char *text, Reaction reaction) {
            QTest::newRow(text) << QString::fromLatin1(text) << static_cast<int>(reaction);
        };
        row("Price must be divisible by tick size. asset=0", Reaction::Bug);
        row("Order has invalid price.", Reaction::Bug);
        row("Order must have minimum value of $10. asset=4", Reaction::Rejected);
        row("Order must have minimum value of 10 USDC.", Reaction::Rejected);
        row("Order has zero size.", Reaction::Bug);
        row("L1 error: Insufficient margin to place order.", Reaction::Margin);
        row("Reduce only order would increase position. asset=1", Reaction::Reconcile);
        row("Post only order would have immediately matched, bbo was 83767@83768. asset=0",
            Reaction::Reprice);
        row("Order could not immediately match against any resting orders. asset=0", Reaction::Reprice);
        row("Invalid TP/SL price. asset=0", Reaction::TriggerPassed);
        row("No liquidity available for market order.", Reaction::Reprice);
        row("Order would increase open interest while open interest is capped", Reaction::ExposureCapped);
        row("Order would increase open interest too quickly", Reaction::ExposureCapped);
        row("Order rejected due to price more aggressive than oracle while at open interest cap",
            Reaction::ExposureCapped);
        row("Order price too far from oracle", Reaction::Reprice);
        row("Price too far from oracle", Reaction::Reprice);
        row("Order price cannot be more than 80% away from the reference price", Reaction::Reprice);
        row("Order price cannot be more than 95% away from the reference price", Reaction::Reprice);
        row("Order would cause position to exceed margin tier limit at current leverage", Reaction::Margin);
        row("Order has insufficient spot balance to trade", Reaction::Margin);
        row("Order was never placed, already canceled, or filled.", Reaction::Reconcile);
        row("Cannot modify canceled or filled order", Reaction::Reconcile);
        row("Error placing new order during modify: Insufficient margin to place order.",
            Reaction::OldOrderGone);
        row("Only post-only orders allowed immediately after a network upgrade", Reaction::RetryLater);
        row("ONLY post-only orders allowed immediately after network upgrade", Reaction::RetryLater);
        row("Trading is halted", Reaction::RetryLater);
        row("Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0.",
            Reaction::Budget);
        row("Signed action over weight limit of 200.", Reaction::Split);
        row("Invalid nonce: duplicate nonce 1795305600137", Reaction::NonceReused);
        row("Invalid nonce: nonce too low 1 < 2", Reaction::NonceTooLow);
        row("Action already expired", Reaction::Expired);
        row("User or API Wallet 0xabc does not exist.", Reaction::Signature);
        row("Must deposit before performing actions. User: 0xabc", Reaction::Signature);
        row("Unable to recover signer.", Reaction::Signature);
        row("User has pending agent removal", Reaction::Configuration);
        row("Extra agent already used.", Reaction::Configuration);
        row("Too many extra agents for cumulative volume traded. Current limit is 3",
            Reaction::Configuration);
        row("Vault not registered: 0xabc", Reaction::Configuration);
        row("Cannot switch leverage type with open position.", Reaction::Configuration);
        row("Invalid leverage value", Reaction::Configuration);
        row("Cross margin is not allowed for this asset.", Reaction::Configuration);
        row("Cross position does not have sufficient margin available to decrease leverage. To decrease "
            "leverage, deposit "
            "more collateral.",
            Reaction::Configuration);
        row("Abstraction transition not allowed", Reaction::Configuration);
        row("Position does not use isolated margin.", Reaction::Configuration);
        row("Cannot remove isolated margin for this asset. To remove margin, reduce the position.",
            Reaction::Configuration);
        row("Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $5.",
            Reaction::FeatureLocked);
        row("Action disabled when unified account is active", Reaction::Configuration);
        row("Insufficient balance for withdrawal.", Reaction::Margin);
        row("Invalid TWAP duration: 1 min(s)", Reaction::Bug);
        row("TWAP was never placed, already canceled, or filled.", Reaction::Reconcile);
        row("Unexpected number of trigger orders", Reaction::Bug);
    }
    void everyDescribedTextHasItsReaction()
    {
        QFETCH(QString, text);
        QFETCH(int, reaction);
        const Refusal refusal = classifyRefusal(text.toStdString());
        QCOMPARE(static_cast<int>(refusal.reaction), reaction);
        QVERIFY(refusal.known);
        QVERIFY(refusal.text.find("asset=") == std::string::npos);
        QVERIFY(!refusal.text.starts_with("L1 error"));
    }
    void onlyANumberAtTheEndIsAnAsset_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("asset"); // -1: none
        QTest::newRow("a number") << QByteArray("Order has zero size. asset=7 \n") << 7;
        QTest::newRow("a word") << QByteArray("Order has zero size. asset=BTC") << -1;
        QTest::newRow("nothing") << QByteArray("Order has zero size. asset=") << -1;
        QTest::newRow("beyond 64 bits") << QByteArray("Order has zero size. asset=99999999999999999999") << -1;
    }
    void onlyANumberAtTheEndIsAnAsset()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, asset);
        const Refusal refusal = classifyRefusal(text.toStdString());
        QCOMPARE(static_cast<int>(refusal.asset.value_or(-1)), asset);
        QCOMPARE(refusal.reaction, Reaction::Bug);
    }
    void aPostErrorWithoutAStatusIsAmbiguous_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"", "Failed", "9 lives", "600 is no status", "99999999999 neither"})
            QTest::newRow(*text ? text : "nothing") << QByteArray(text);
    }
    void aPostErrorWithoutAStatusIsAmbiguous()
    {
        QFETCH(QByteArray, text);
        const Refusal refusal = classifyPostError(text.toStdString());
        QCOMPARE(refusal.reaction, Reaction::Ambiguous);
        QCOMPARE(refusal.code, core::ErrorCode::TimedOut);
        QVERIFY(refusal.text.starts_with("no answer"));
    }
    void aTextNobodyDescribedIsAPlainRejection()
    {
        const Refusal refusal = classifyRefusal("The moon is full. asset=110003");
        QVERIFY(!refusal.known);
        QCOMPARE(refusal.reaction, Reaction::Rejected);
        QCOMPARE(refusal.asset, std::optional<std::int64_t>(110'003));
        QCOMPARE(refusal.text, std::string("The moon is full."));
    }

    void aTransportFailureIsAmbiguousUnlessOurBytesWereWrong_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("ambiguous");
        for (const int status : {400, 415, 422})
            QTest::addRow("%d", status) << status << false;
        for (const int status : {0, 403, 408, 429, 500, 502, 503, 504})
            QTest::addRow("%d", status) << status << true;
    }
    void aTransportFailureIsAmbiguousUnlessOurBytesWereWrong()
    {
        QFETCH(int, status);
        QFETCH(bool, ambiguous);
        QCOMPARE(classifyTransport(status, "<html>\nx").reaction == Reaction::Ambiguous, ambiguous);
        if (status == 0)
            return;
        const auto text = std::to_string(status) + " Failed";
        QCOMPARE(classifyPostError(text).reaction == Reaction::Ambiguous, ambiguous);
    }
};

QTEST_APPLESS_MAIN(TestHlReply)
#include "tst_hl_reply.moc"
