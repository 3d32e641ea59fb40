#include <QtTest/QTest>

#include "core/exchange/hyperliquid/user_codec.h"

using namespace core::exchange::hyperliquid;
using core::OrderStatus;
using core::UtcTime;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);
constexpr std::string_view kMe = "0x360878d351f05975e25f1807a27895e1e5e004fb";

[[nodiscard]] std::string view(const QByteArray &bytes)
{
    return bytes.toStdString();
}
template <class Event> [[nodiscard]] Event expectEvent(const QByteArray &frame)
{
    const auto event = decodeUserEvent(view(frame), kReceived, kMe);
    if (!event)
        qFatal("refused: %s", event.error().detail.c_str());
    return std::get<Event>(*event);
}
[[nodiscard]] QByteArray orderUpdate(const QByteArray &order, const QByteArray &status)
{
    return R"({"channel":"orderUpdates","data":[{"order":)" + order + ",\"status\":\"" + status +
           "\",\"statusTimestamp\":1790360000500}]}";
}
const QByteArray kOrder =
    R"({"coin":"BTC","side":"A","limitPx":"29792.0","sz":"0.3","oid":91490942,"timestamp":1681247412573,"origSz":"0.5",)"
    R"("cloid":"0x1234567890abcdef1234567890abcdef"})";
const QByteArray kFill =
    R"({"coin":"BTC","px":"66653.0","sz":"0.001","side":"A","time":1781528065899,"startPosition":"-0.0213",)"
    R"("dir":"Open Short","closedPnl":"0.0","hash":"0xe29f","oid":55030848197,"crossed":false,"fee":"0.009997",)"
    R"("tid":745210434703679,"cloid":"0xe8d5fd7ebbb4c3cff4d1803472a11463","liquidation":{"liquidatedUser":"0x3608",)"
    R"("markPx":"66607.0","method":"market"},"feeToken":"USDC","twapId":null})";
const QByteArray kTrigger =
    R"({"coin":"BTC","side":"A","limitPx":"76500.0","sz":"0.5","oid":91490942,"timestamp":1681247412573,)"
    R"("triggerCondition":"Price below 80000","isTrigger":true,"triggerPx":"80000.0","children":[],"isPositionTpsl":false,)"
    R"("reduceOnly":true,"orderType":"Stop Market","origSz":"0.5","tif":null,"cloid":null})";
} // namespace

class TestHlUser : public QObject
{
    Q_OBJECT

private slots:
    void anOrderUpdateIsAbsolute()
    {
        const auto rows = expectEvent<OrderRows>(orderUpdate(kOrder, "open")).rows;
        QCOMPARE(rows.size(), std::size_t{1});
        const core::OrderUpdate &update = rows.at(0).update;
        QCOMPARE(update.status, OrderStatus::PartiallyFilled);
        QCOMPARE(update.side, core::Side::Sell);
        QCOMPARE(update.quantity.text(), std::string("0.5"));
        QCOMPARE(update.filled.text(), std::string("0.2"));
        QCOMPARE(rows.at(0).remaining.text(), std::string("0.3"));
        QCOMPARE(update.clientOrderId.string(), std::string("0x1234567890abcdef1234567890abcdef"));
        QCOMPARE(update.venueOrderId.value, std::int64_t{91490942});
        QCOMPARE(update.venueTime, core::utcFromMilliseconds(1'790'360'000'500));
        QVERIFY(!rows.at(0).filledIsBound);
    }
    void aShrunkReduceOnlyOrderIsNotCalledPartlyFilled()
    {
        QByteArray order = kOrder;
        order.replace("\"origSz\"", "\"reduceOnly\":true,\"origSz\"");
        const auto row = expectEvent<OrderRows>(orderUpdate(order, "open")).rows.at(0);
        QCOMPARE(row.update.status, OrderStatus::New);
        QVERIFY(row.filledIsBound);
    }
    void moreLeftThanOrderedIsRefused()
    {
        const auto event = decodeUserEvent(
            view(orderUpdate(QByteArray(kOrder).replace("\"0.3\"", "\"0.6\""), "open")), kReceived);
        QVERIFY(!event);
        QVERIFY2(QString::fromStdString(event.error().detail)
                     .startsWith(QLatin1StringView("orderUpdates[0].order")),
                 event.error().detail.c_str());
    }
    void everyStatusWordHasItsStatus_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<int>("status");
        const auto rows = [](OrderStatus status, std::initializer_list<const char *> words) {
            for (const char *word : words)
                QTest::newRow(word) << QByteArray(word) << static_cast<int>(status);
        };
        rows(OrderStatus::New, {"open"});
        rows(OrderStatus::Filled, {"filled"});
        rows(OrderStatus::Triggered, {"triggered"});
        rows(OrderStatus::Canceled,
             {"canceled", "marginCanceled", "vaultWithdrawalCanceled", "openInterestCapCanceled",
              "selfTradeCanceled", "reduceOnlyCanceled", "siblingFilledCanceled", "delistedCanceled",
              "liquidatedCanceled", "outcomeSettledCanceled", "scheduledCancel", "internalCancel",
              "somethingNewCanceled"});
        rows(OrderStatus::Rejected,
             {"rejected", "tickRejected", "minTradeNtlRejected", "perpMarginRejected", "reduceOnlyRejected",
              "badAloPxRejected", "iocCancelRejected", "badTriggerPxRejected",
              "marketOrderNoLiquidityRejected", "positionIncreaseAtOpenInterestCapRejected",
              "positionFlipAtOpenInterestCapRejected", "tooAggressiveAtOpenInterestCapRejected",
              "openInterestIncreaseRejected", "insufficientSpotBalanceRejected", "oracleRejected",
              "perpMaxPositionRejected", "tooManyOpenOrdersRejected", "somethingNewRejected"});
        rows(OrderStatus::Unknown, {"pondering", "", "Open", "cancelledd"});
    }
    void everyStatusWordHasItsStatus()
    {
        QFETCH(QByteArray, word);
        QFETCH(int, status);
        QCOMPARE(static_cast<int>(orderStatus(word.toStdString())), status);
    }
    void aReasonIsKeptWhereTheVenueEndedTheOrder()
    {
        const auto row = expectEvent<OrderRows>(orderUpdate(kOrder, "marginCanceled")).rows.at(0);
        QCOMPARE(row.update.status, OrderStatus::Canceled);
        QCOMPARE(row.update.reason, std::string("marginCanceled"));
        QVERIFY(expectEvent<OrderRows>(orderUpdate(kOrder, "canceled")).rows.at(0).update.reason.empty());
        QCOMPARE(expectEvent<OrderRows>(orderUpdate(kOrder, "pondering")).rows.at(0).update.reason,
                 std::string("pondering"));
    }
    void anOpenTriggerKeepsBothPrices()
    {
        const auto orders = expectEvent<OpenOrders>(
            R"({"channel":"openOrders","data":{"dex":"","user":"0xabc","orders":[)" + kTrigger + "]}}");
        const OrderRow &row = orders.rows.at(0);
        QCOMPARE(row.update.type, core::OrderType::StopMarket);
        QCOMPARE(row.update.triggerPrice->text(), std::string("80000"));
        QCOMPARE(row.update.limitPrice->text(), std::string("76500"));
        QCOMPARE(row.update.reduceOnly, core::ReduceOnly::Yes);
        QVERIFY(row.update.clientOrderId.empty());
    }
    void everyTypeWordHasItsType_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<int>("type");
        QTest::addColumn<QByteArray>("reason");
        const auto row = [](const char *word, core::OrderType type, const char *reason = "") {
            QTest::newRow(*word ? word : "not said") << QByteArray(word) << static_cast<int>(type) << QByteArray(reason);
        };
        row("Market", core::OrderType::Market);
        row("Limit", core::OrderType::Limit);
        row("Stop Limit", core::OrderType::StopLimit);
        row("Take Profit Market", core::OrderType::TakeProfitMarket);
        row("Twap Slice", core::OrderType::Limit);
        row("Trailing Stop", core::OrderType::Unknown, "unknown order type Trailing Stop");
        row("stop market", core::OrderType::Unknown, "unknown order type stop market");
        row("", core::OrderType::Unknown);
    }
    void everyTypeWordHasItsType()
    {
        QFETCH(QByteArray, word);
        QFETCH(int, type);
        QFETCH(QByteArray, reason);
        const auto orders =
            expectEvent<OpenOrders>(R"({"channel":"openOrders","data":{"dex":"","user":"0xabc","orders":[)" +
                                    QByteArray(kTrigger).replace("Stop Market", word) + "]}}");
        const core::OrderUpdate &update = orders.rows.at(0).update;
        QCOMPARE(static_cast<int>(update.type), type);
        QCOMPARE(QByteArray::fromStdString(update.reason), reason);
        QCOMPARE(update.triggerPrice->text(), std::string("80000"));
    }
    void theStreamDoesNotSayTheTypeOfAnOrder()
    {
        const auto update = expectEvent<OrderRows>(orderUpdate(kOrder, "open")).rows.at(0).update;
        QCOMPARE(update.type, core::OrderType::Unknown);
        QVERIFY(update.reason.empty());
    }
    void aPositionTriggerOfSizeZeroIsKept()
    {
        QByteArray trigger = kTrigger;
        trigger.replace("\"sz\":\"0.5\"", "\"sz\":\"0.0\"")
            .replace("\"origSz\":\"0.5\"", "\"origSz\":\"0.0\"");
        trigger.replace("\"isPositionTpsl\":false", "\"isPositionTpsl\":true");
        const auto orders =
            expectEvent<OpenOrders>(R"({"channel":"openOrders","data":{"orders":[)" + trigger + "]}}");
        QVERIFY(orders.rows.at(0).wholePosition);
    }

    void aFillKeepsItsFeeAndGrossResult()
    {
        const auto fills = expectEvent<FillRows>(R"({"channel":"user","data":{"fills":[)" + kFill + "]}}");
        QVERIFY(!fills.snapshot);
        const FillRow &row = fills.rows.at(0);
        QCOMPARE(row.fill.price.text(), std::string("66653"));
        QCOMPARE(row.fill.fee.text(), std::string("0.009997"));
        QCOMPARE(row.fill.feeAsset.string(), std::string("USDC"));
        QVERIFY(row.fill.maker);
        QCOMPARE(row.liquidation->mark->text(), std::string("66607"));
        const auto snapshot = expectEvent<FillRows>(
            R"({"channel":"userFills","data":{"user":"0xabc","isSnapshot":true,"fills":[)" + kFill + "]}}");
        QVERIFY(snapshot.snapshot);
        QCOMPARE(snapshot.user, std::string("0xabc"));
        QCOMPARE(snapshot.rows, fills.rows);
    }
    void aRebateIsANegativeFee()
    {
        const auto fills =
            expectEvent<FillRows>(R"({"channel":"user","data":{"fills":[)" +
                                  QByteArray(kFill).replace("\"0.009997\"", "\"-0.009997\"") + "]}}");
        QVERIFY(fills.rows.at(0).fill.fee.isNegative());
    }

    // Checklist 36, the pure part.
    void hl36_thePositionAfterAFillIsStartPlusOrMinusSize()
    {
        const auto sold =
            expectEvent<FillRows>(R"({"channel":"user","data":{"fills":[)" + kFill + "]}}").rows.at(0);
        QCOMPARE(positionAfter(sold)->text(), std::string("-0.0223"));
        const auto bought = expectEvent<FillRows>(R"({"channel":"user","data":{"fills":[)" +
                                                  QByteArray(kFill).replace("\"A\"", "\"B\"") + "]}}")
                                .rows.at(0);
        QCOMPARE(positionAfter(bought)->text(), std::string("-0.0203"));
        FillRow silent = sold;
        silent.startPosition.reset();
        QVERIFY(!positionAfter(silent));
    }

    // Checklist 37.
    void hl37_fundingPaidIsNegative()
    {
        const QByteArray row =
            R"({"time":1681948800000,"coin":"ETH","usdc":"-3.625312","szi":"49.1477","fundingRate":"0.0000417","nSamples":null})";
        const auto rows = expectEvent<FundingRows>(
            R"({"channel":"userFundings","data":{"user":"0xabc","isSnapshot":true,"fundings":[)" + row +
            "]}}");
        QVERIFY(rows.snapshot);
        QCOMPARE(rows.rows.at(0).payment.amount.text(), std::string("-3.625312"));
        QCOMPARE(rows.rows.at(0).payment.asset.string(), std::string("USDC"));
        QCOMPARE(rows.rows.at(0).payment.venueTime, core::utcFromMilliseconds(1'681'948'800'000));
        const auto single = expectEvent<FundingRows>(R"({"channel":"user","data":{"funding":)" + row + "}}");
        QCOMPARE(single.rows, rows.rows);
    }
    void hl37_aStrayBlankBeforeTheNumberIsNoError()
    {
        const auto rows = expectEvent<FundingRows>(
            R"({"channel":"userFundings","data":{"user":"a","fundings":[{"time":1,"coin":"ETH","usdc":" -3.6","szi":"1"}]}})");
        QCOMPARE(rows.rows.at(0).payment.amount.text(), std::string("-3.6"));
    }

    void theLedgerTellsTheSignWhereItCan_data()
    {
        QTest::addColumn<QByteArray>("delta");
        QTest::addColumn<QByteArray>("amount"); // empty: absent
        QTest::addColumn<bool>("within");
        QTest::newRow("deposit") << QByteArray(R"({"type":"deposit","usdc":"2703997.4500000002"})")
                                 << QByteArray("2703997.45") << false;
        QTest::newRow("withdraw") << QByteArray(R"({"type":"withdraw","usdc":"10.0","nonce":1,"fee":"1.0"})")
                                  << QByteArray("-10") << false;
        QTest::newRow("to spot") << QByteArray(
                                        R"({"type":"accountClassTransfer","usdc":"12.0","toPerp":false})")
                                 << QByteArray("-12") << true;
        const QByteArray me(kMe.data(), static_cast<qsizetype>(kMe.size()));
        QTest::newRow("received")
            << "{\"type\":\"internalTransfer\",\"usdc\":\"5.0\",\"user\":\"0xother\",\"destination\":\"" +
                   me + "\",\"fee\":\"1.0\"}"
            << QByteArray("5") << false;
        QTest::newRow("sent")
            << "{\"type\":\"spotTransfer\",\"token\":\"HYPE\",\"amount\":\"5.0\",\"user\":\"" + me +
                   "\",\"destination\":\"0xother\",\"fee\":\"1.0\"}"
            << QByteArray("-5") << false;
        QTest::newRow("between strangers")
            << QByteArray(
                   R"({"type":"internalTransfer","usdc":"5.0","user":"0xa","destination":"0xb","fee":"1.0"})")
            << QByteArray() << false;
        QTest::newRow("to or from the contracts is not said")
            << QByteArray(R"({"type":"accountClassTransfer","usdc":"12.0"})") << QByteArray() << true;
        QTest::newRow("unknown kind")
            << QByteArray(R"({"type":"teleport","usdc":"5.0","x":[1]})") << QByteArray() << false;
        QTest::newRow("liquidation")
            << QByteArray(R"({"type":"liquidation","accountValue":"1.0","leverageType":"Cross"})")
            << QByteArray() << false;
        QTest::newRow("more than Money holds")
            << "{\"type\":\"spotTransfer\",\"token\":\"PURR\",\"amount\":\"999999999999.0\",\"user\":\"" +
                   me + "\",\"destination\":\"0xother\"}"
            << QByteArray() << false;
    }
    void theLedgerTellsTheSignWhereItCan()
    {
        QFETCH(QByteArray, delta);
        QFETCH(QByteArray, amount);
        QFETCH(bool, within);
        const auto rows = expectEvent<LedgerRows>(
            R"({"channel":"userNonFundingLedgerUpdates","data":{"user":"u","nonFundingLedgerUpdates":[{"time":5,"hash":"0x1",)"
            R"("delta":)" +
            delta + "}]}}");
        const LedgerRow &row = rows.rows.at(0);
        QCOMPARE(QByteArray::fromStdString(row.transfer ? row.transfer->amount.text() : std::string{}),
                 amount);
        QCOMPARE(row.withinAccount, within);
    }

    void venueCancelsAndLiquidationOfTheAccount()
    {
        const auto cancels = expectEvent<VenueCancels>(
            R"({"channel":"user","data":{"nonUserCancel":[{"coin":"BTC","oid":7}]}})");
        QCOMPARE(cancels.rows.at(0).order.value, std::int64_t{7});
        const auto notice = expectEvent<LiquidationNotice>(
            R"({"channel":"user","data":{"liquidation":{"lid":1,"liquidator":"0xa","liquidated_user":"0xb",)"
            R"("liquidated_ntl_pos":"100.5","liquidated_account_value":"3"}}})");
        QCOMPARE(notice.notional->text(), std::string("100.5"));
        QCOMPARE(expectEvent<Ignored>(R"({"channel":"user","data":{"twapHistory":[]}})").channel,
                 std::string("user"));
        const auto two =
            decodeUserEvent(R"({"channel":"user","data":{"fills":[],"nonUserCancel":[]}})", kReceived);
        QVERIFY(!two);
    }

    void theAccountsStateOfOneAndOfAllDexes()
    {
        const QByteArray state =
            R"({"marginSummary":{"accountValue":"38252.7","totalNtlPos":"377667.0","totalRawUsd":"-339414.3",)"
            R"("totalMarginUsed":"37766.7"},"crossMarginSummary":{"accountValue":"38252.7","totalNtlPos":"377667.0",)"
            R"("totalRawUsd":"-339414.3","totalMarginUsed":"37766.7"},"crossMaintenanceMarginUsed":"4720.8375",)"
            R"("withdrawable":"486.0","assetPositions":[{"type":"oneWay","position":{"coin":"BTC","szi":"-4.5",)"
            R"("leverage":{"type":"isolated","value":10,"rawUsd":"-95.059824"},"entryPx":"81285.0","positionValue":"377667.0",)"
            R"("unrealizedPnl":"11884.306507","returnOnEquity":"0.32","liquidationPx":"74501.802790436",)"
            R"("marginUsed":"37766.7","maxLeverage":40,"cumFunding":{"allTime":"1","sinceOpen":"982.43637"}}}],)"
            R"("time":1790360864964})";
        const auto one = expectEvent<PerpAccounts>(
            R"({"channel":"clearinghouseState","data":{"dex":"xyz","user":"u","clearinghouseState":)" +
            state + "}}");
        QCOMPARE(one.dexes.at(0).first, std::string("xyz"));
        const PositionRow &row = one.dexes.at(0).second.positions.at(0);
        QCOMPARE(row.position.direction, core::Direction::Short);
        QCOMPARE(row.position.quantity.text(), std::string("4.5"));
        QCOMPARE(row.position.liquidationPrice->text(), std::string("74501.80279044"));
        QCOMPARE(row.position.isolatedMargin->text(), std::string("37766.7"));
        QVERIFY(!row.position.initialMargin);
        QCOMPARE(row.fundingSinceOpen->text(), std::string("982.43637"));
        const auto all = expectEvent<PerpAccounts>(
            R"({"channel":"allDexsClearinghouseState","data":{"user":"u","clearinghouseStates":[["",)" +
            state + R"(],["xyz",)" + state + "]]}}");
        QVERIFY(all.allDexes);
        QCOMPARE(all.dexes.size(), std::size_t{2});
        QCOMPARE(all.dexes.at(1).second, one.dexes.at(0).second);
    }
    void anOrderThatDoesNotSayWhatWasOrderedIsWhatRemains()
    {
        const auto row =
            expectEvent<OrderRows>(orderUpdate(QByteArray(kOrder).replace("\"origSz\":\"0.5\",", ""), "open")).rows.at(0);
        QCOMPARE(row.update.quantity.text(), std::string("0.3"));
        QVERIFY(row.update.filled.isZero());
    }
    void historyOfOrdersIsRead()
    {
        const auto history = expectEvent<HistoryRows>(
            R"({"channel":"userHistoricalOrders","data":{"user":"0xabc","isSnapshot":true,"orderHistory":[{"order":)" + kOrder +
            R"(,"status":"filled","statusTimestamp":1790360000500}]}})");
        QVERIFY(history.snapshot);
        QCOMPARE(history.rows.at(0).update.status, OrderStatus::Filled);
        QCOMPARE(history.rows.at(0).update.venueOrderId.value, std::int64_t{91'490'942});
    }
    void newsOfATwapIsIgnored_data()
    {
        QTest::addColumn<QByteArray>("channel");
        for (const char *channel : {"twapStates", "userTwapHistory", "userTwapSliceFills"})
            QTest::newRow(channel) << QByteArray(channel);
    }
    void newsOfATwapIsIgnored()
    {
        QFETCH(QByteArray, channel);
        const QByteArray good = R"({"channel":"twap","data":{"user":"u","states":[[1,{}]]}})";
        QCOMPARE(expectEvent<Ignored>(QByteArray(good).replace("twap", channel)).channel, channel.toStdString());
        const QByteArray bad = R"({"channel":"twap","data":{"user":@}})";
        QVERIFY(!decodeUserEvent(view(QByteArray(bad).replace("twap", channel)), kReceived));
    }
    void positionsThatCannotBeAreRefused_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *name, const char *from, const char *to, const char *words) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QString::fromLatin1(words);
        };
        const char *const place = "clearinghouseState.clearinghouseState.assetPositions[0]";
        const auto at = [&](const char *rest) { return QByteArray(place) + rest; };
        row("a position without an entry price", R"("entryPx":"81285.0",)", "", at(": a position without").constData());
        row("a position that is a text", R"({"coin":"BTC")", R"("x","y":{"coin":"BTC")", at(".position: ").constData());
        row("a margin mode of tomorrow", "\"isolated\"", "\"partial\"",
            at(".position.leverage.type: expects cross or isolated").constData());
        row("a margin mode that is a number", "\"isolated\"", "5", at(".position.leverage.type: ").constData());
        row("a size beyond every range", "\"-4.5\"", "\"-92233720368.54775808\"", at("").constData());
    }
    void positionsThatCannotBeAreRefused()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, words);
        const QByteArray good =
            R"({"channel":"clearinghouseState","data":{"clearinghouseState":{"withdrawable":"486.0","assetPositions":[)"
            R"({"type":"oneWay","position":{"coin":"BTC","szi":"-4.5","leverage":{"type":"isolated","value":10},)"
            R"("entryPx":"81285.0","positionValue":"1","marginUsed":"1"}}]}}})";
        QVERIFY(decodeUserEvent(view(good), kReceived).has_value());
        const auto event = decodeUserEvent(view(QByteArray(good).replace(from, to)), kReceived);
        QVERIFY(!event);
        QVERIFY2(QString::fromStdString(event.error().detail).startsWith(words), event.error().detail.c_str());
    }
    void ofPortfolioMarginWhatIsLeftIsKeptByToken()
    {
        const auto spot = expectEvent<SpotState>(
            R"({"channel":"spotState","data":{"user":"u","spotState":{"balances":[{"coin":"PURR","total":"999999999999.0"}],)"
            R"("portfolioMarginEnabled":true,"portfolioMarginRatio":"0.25",)"
            R"("tokenToAvailableAfterMaintenance":[[0,"12.5"],[150,"0.1","more"]]}}})");
        QCOMPARE(spot.account.availableAfterMaintenance.size(), std::size_t{2});
        QCOMPARE(spot.account.availableAfterMaintenance.at(0).second.text(), std::string("12.5"));
        QCOMPARE(spot.account.availableAfterMaintenance.at(1).first, std::int64_t{150});
        QVERIFY(!spot.account.balances.at(0).total); // coins by the trillion do not fit: not known, and not 0
        const auto half = decodeUserEvent(
            R"({"channel":"spotState","data":{"spotState":{"balances":[],"tokenToAvailableAfterMaintenance":[[0]]}}})",
            kReceived);
        QVERIFY(!half);
        QVERIFY2(half.error().detail.ends_with("tokenToAvailableAfterMaintenance[0]: expects a token and an amount"),
                 half.error().detail.c_str());
        const auto words = decodeUserEvent(
            R"({"channel":"spotState","data":{"spotState":{"balances":[{"coin":"USDC","total":"much"}]}}})", kReceived);
        QVERIFY(!words);
        QVERIFY2(words.error().detail.starts_with("spotState.spotState.balances[0].total: "), words.error().detail.c_str());
    }
    void everyAccountModeHasItsName_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char *word, const char *said) { QTest::newRow(word) << QByteArray(word) << QByteArray(said); };
        row("disabled", "standard");
        row("unifiedAccount", "unified");
        row("portfolioMargin", "portfolio margin");
        row("default", "default");
        row("dexAbstraction", "dex abstraction");
        row("tomorrow", "unknown");
    }
    void everyAccountModeHasItsName()
    {
        QFETCH(QByteArray, word);
        QFETCH(QByteArray, said);
        QCOMPARE(QByteArray::fromStdString(std::string(name(accountMode(word.toStdString())))), said);
    }
    void theRestOfTheChannels()
    {
        const auto spot = expectEvent<SpotState>(
            R"({"channel":"spotState","data":{"user":"u","spotState":{"balances":[{"coin":"USDC","token":0,"total":"14.6",)"
            R"("hold":"0.0","entryNtl":"0.0"},{"coin":"+10","total":"1","hold":"0"}]}}})");
        QCOMPARE(spot.account.balances.at(0).total->text(), std::string("14.6"));
        QVERIFY(!spot.account.balances.at(1).token);
        const auto setting = expectEvent<AssetSetting>(
            R"({"channel":"activeAssetData","data":{"user":"u","coin":"BTC","leverage":{"type":"cross","value":3},)"
            R"("maxTradeSzs":["1.5","2.5"],"availableToTrade":["100.1","200.2"],"markPx":"5.0"}})");
        QCOMPARE(setting.leverage, 3);
        QCOMPARE(setting.sellMax.text(), std::string("2.5"));
        const auto web = expectEvent<WebData>(
            R"({"channel":"webData3","data":{"userState":{"agentAddress":"0xa","agentValidUntil":1795305600000,)"
            R"("serverTime":1,"cumLedger":"0.0","isVault":false,"user":"u","abstraction":"unifiedAccount"},)"
            R"("perpDexStates":[{"totalVaultEquity":"0.0"}]}})");
        QCOMPARE(*web.mode, AccountMode::Unified);
        QCOMPARE(web.agentAddress, std::string("0xa"));
        QCOMPARE(expectEvent<Notification>(R"({"channel":"notification","data":{"notification":"hi"}})").text,
                 std::string("hi"));
        QCOMPARE(expectEvent<Ignored>(R"({"channel":"l2Book","data":{}})").channel, std::string("l2Book"));
        QCOMPARE(expectEvent<Ignored>("Websocket connection established.").channel, std::string("text"));
    }
    void refusalsNameTheField_data()
    {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<QString>("words");
        const QByteArray fills = R"({"channel":"userFills","data":{"user":"u","fills":[)" + kFill + "]}}";
        QTest::newRow("negative size") << QByteArray(fills).replace("\"0.001\"", "\"-0.001\"")
                                       << QString::fromLatin1("userFills.fills[0].sz: ");
        QTest::newRow("no fee") << QByteArray(fills).replace("\"fee\"", "\"feE\"")
                                << QString::fromLatin1("userFills.fills[0].fee: is missing");
        QTest::newRow("no side") << QByteArray(fills).replace("\"side\":\"A\"", "\"side\":\"S\"")
                                 << QString::fromLatin1("userFills.fills[0].side: ");
        const auto row = [](const char *name, const QByteArray &given, const char *said) {
            QTest::newRow(name) << given << QString::fromLatin1(said);
        };
        const auto update = [](const char *before, const QByteArray &after) {
            return orderUpdate(QByteArray(kOrder).replace(before, after), "open");
        };
        row("a frame that is cut", R"({"channel":"user")", "frame");
        row("data that is missing", R"({"channel":"user"})", "frame.data: is missing");
        row("funding after fills", R"({"channel":"user","data":{"fills":[],"funding":{}}})",
            "user.funding: a second event in one frame");
        row("a dex without its state",
            R"({"channel":"allDexsClearinghouseState","data":{"clearinghouseStates":[["xyz"]]}})",
            "allDexsClearinghouseState.clearinghouseStates[0]: expects a dex and its state");
        row("an account mode that is a number", R"({"channel":"webData3","data":{"userState":{"abstraction":5}}})",
            "webData3.userState.abstraction: ");
        row("an order id of its owner that is too long", update("0x1234567890abcdef1234567890abcdef", QByteArray(37, 'f')),
            "orderUpdates[0].order.cloid: expects a client order id of at most 36 bytes");
        row("an order id of its owner that is a number", update("\"0x1234567890abcdef1234567890abcdef\"", "12"),
            "orderUpdates[0].order.cloid: ");
        row("a flag that is a text", update("\"origSz\"", "\"reduceOnly\":\"yes\",\"origSz\""),
            "orderUpdates[0].order.reduceOnly: ");
        QByteArray family = "[]";
        for (int generation = 0; generation < 6; ++generation)
            family = "[" + QByteArray(kTrigger).replace("\"children\":[]", "\"children\":" + family) + "]";
        row("children of children of children", R"({"channel":"openOrders","data":{"orders":)" + family + "}}",
            "openOrders.orders[0].children[0].children[0].children[0].children[0].children[0]: children of children");
        QTest::newRow("id is no number") << QByteArray(fills).replace("55030848197", "\"x\"")
                                         << QString::fromLatin1("userFills.fills[0].oid: expects an integer");
    }
    void refusalsNameTheField()
    {
        QFETCH(QByteArray, frame);
        QFETCH(QString, words);
        const auto event = decodeUserEvent(view(frame), kReceived);
        QVERIFY(!event);
        QVERIFY2(QString::fromStdString(event.error().detail).startsWith(words),
                 event.error().detail.c_str());
    }
};

QTEST_APPLESS_MAIN(TestHlUser)
#include "tst_hl_user.moc"
