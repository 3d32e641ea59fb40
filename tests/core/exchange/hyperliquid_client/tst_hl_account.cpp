#include <QtCore/QElapsedTimer>
#include <QtTest/QTest>

#include "tests/core/exchange/hyperliquid_client/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::hl::ScriptedClient;
using tests::hl::q;
using tests::hl::ScriptedVenue;
using tests::hl::waitFor;
using Reply = ScriptedVenue::Reply;

namespace
{

QByteArray number(std::int64_t value)
{
    return QByteArray::number(static_cast<qlonglong>(value));
}

QByteArray fillRow(std::int64_t time, std::int64_t trade, const char *size, const char *start,
                   const QByteArray &cloid = "null")
{
    return q("{'coin':'BTC','px':'60000.0','sz':'") + QByteArray(size) + q("','side':'B','time':") + number(time) +
           q(",'startPosition':'") + start + q("','dir':'Open Long','closedPnl':'0.0','hash':'0x00','oid':77,") +
           q("'crossed':true,'fee':'0.27','tid':") + number(trade) + q(",'cloid':") + cloid +
           q(",'feeToken':'USDC'}");
}

QByteArray fillsFrame(const QByteArray &rows, bool snapshot)
{
    return q("{'channel':'userFills','data':{'user':'") +
           QByteArray(tests::hl::kAccount.data(), static_cast<qsizetype>(tests::hl::kAccount.size())) + "\"," +
           (snapshot ? q("'isSnapshot':true,") : "") + q("'fills':[") + rows + "]}}";
}

} // namespace

/// The account side and the lines, against a venue of a few scripted lines.
class TestHlAccount : public QObject
{
    Q_OBJECT

private slots:
    void startsSubscribesAndReconciles()
    {
        ScriptedClient fixture;
        fixture.venue.greets = true;
        QVERIFY(fixture.startAll());
        QCOMPARE(fixture.seen.reconciled, 1);
        QCOMPARE(fixture.seen.accounts.back().equity.text(), std::string("1000"));
        QCOMPARE(fixture.seen.callsFromInside, 0);
        for (const char *type : {"orderUpdates", "userFills", "userEvents", "userFundings", "clearinghouseState", "bbo",
                                 "trades", "activeAssetCtx"})
            QVERIFY2(fixture.venue.subscribed(std::string("\"") + type + "\""), type);
    }

    void hl44_webData2IsNeverSubscribed()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        QVERIFY(fixture.venue.subscribed("webData3"));
        QVERIFY(!fixture.venue.subscribed("webData2"));
    }

    void hl08_clientRefusesToStartOnTheWrongNetwork()
    {
        ScriptedClient fixture;
        fixture.options.endpoints.environment = exchange::hyperliquid::Environment::Mainnet;
        fixture.options.endpoints.source = exchange::hyperliquid::SigningSource::Testnet;
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.said("signing source"));
        QVERIFY(fixture.venue.asked.empty());
        QCOMPARE(fixture.seen.callsFromInside, 0);
    }

    void hl34_anAgentAsAccountIsRefused()
    {
        ScriptedClient fixture;
        fixture.options.address = tests::hl::kAgentAddress;
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.said("is an agent"));
        QCOMPARE(fixture.seen.reconciled, 0);
        QCOMPARE(fixture.venue.askedFor("clearinghouseState"), 0);
    }

    void hl34_aStrangersKeyIsRefused()
    {
        ScriptedClient fixture;
        fixture.venue.info["userRole"] = [](const QJsonObject &) { return Reply{.body = q("{'role':'user'}")}; };
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.said("is no agent of the account"));
    }

    void hl48_aWrongClockBlocksTradingAndSaysSo()
    {
        ScriptedClient fixture;
        fixture.venue.skewMs = 7'000;
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.said("clock is 7 s behind"));
        fixture.submit({fixture.limit("skewed", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, ports::RequestOutcome::Rejected);
        QVERIFY(fixture.venue.actions.empty());
        fixture.venue.skewMs = 0;
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 1; }));
    }

    void hl33_anUnknownModeBlocksTrading()
    {
        ScriptedClient fixture;
        fixture.venue.info["userAbstraction"] = [](const QJsonObject &) { return Reply{.body = q("'quantum'")}; };
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.said("mode that this program does not know"));
        QCOMPARE(fixture.seen.reconciled, 0);
    }

    void hl39_strangeFramesDoNotBreakTheSession()
    {
        ScriptedClient fixture;
        fixture.venue.greets = true;
        QVERIFY(fixture.startAll());
        fixture.venue.push("Websocket connection established.");
        fixture.venue.push(q("{'channel':'somethingNew','data':{'a':[1,2]}}"));
        fixture.venue.push(q("{'channel':'error','data':'Already subscribed: {\\'type\\':\\'bbo\\',\\'coin\\':\\'BTC\\'}'}"));
        fixture.venue.push(q("{'channel':'activeAssetCtx','data':{'coin':'BTC','ctx':{'funding':0.0000125,"
        "'openInterest':688.11,'prevDayPx':60000,'dayNtlVlm':1,'premium':null,'oraclePx':60007,"
        "'markPx':60007,'midPx':null,'impactPxs':null,'dayBaseVlm':1}}}"));
        QVERIFY(waitFor([&] { return fixture.seen.marks.back().mark.text() == "60007"; }));
        QVERIFY(fixture.seen.lost.empty());
        QCOMPARE(fixture.venue.sockets(), std::size_t{2});
    }

    void hl40_noPongMeansReconnectAndReconcile()
    {
        ScriptedClient fixture;
        fixture.options.timings.pingEvery = 100ms;
        fixture.options.timings.pongWithin = 200ms;
        QVERIFY(fixture.startAll());
        fixture.venue.pongs = false;
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.said("no pong in time"));
        fixture.submit({fixture.limit("blocked", Side::Buy, "60000", "0.01")});
        fixture.venue.pongs = true;
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf("blocked").empty(); }));
        QCOMPARE(fixture.seen.outcomesOf("blocked").front().outcome, ports::RequestOutcome::Rejected);
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QVERIFY(fixture.venue.actions.empty());
    }

    void hl40_silenceMeansReconnectAndEverythingAnew()
    {
        ScriptedClient fixture;
        fixture.options.timings.pingEvery = 10s;
        fixture.options.timings.frameWithin = 300ms;
        QVERIFY(fixture.startAll());
        const auto subscriptions = [&] {
            return std::count_if(fixture.venue.frames.begin(), fixture.venue.frames.end(),
                                 [](const std::string &frame) { return frame.find("\"bbo\"") != std::string::npos; });
        };
        const auto before = subscriptions();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled >= 2 && subscriptions() > before; }));
        QVERIFY(fixture.seen.said("no frame in time"));
    }

    void anAccountThatCannotBeCheckedSaysSoUntilItIsCompared()
    {
        ScriptedClient fixture;
        fixture.options.timings.accountPollEvery = 50ms;
        fixture.options.timings.accountProofWithin = 400ms;
        QVERIFY(fixture.startAll());
        const auto freshness = [&] { return fixture.seen.status["account"].freshness; };
        QVERIFY(waitFor([&] { return freshness() == Freshness::Fresh; }));
        const auto usual = fixture.venue.info["clearinghouseState"];
        fixture.venue.info["clearinghouseState"] = [](const QJsonObject &) { return Reply{.status = 502, .body = "<html>"}; };
        QVERIFY(waitFor([&] { return freshness() == Freshness::Stale; }));
        QVERIFY(fixture.seen.said("the account cannot be checked"));
        QVERIFY2(fixture.seen.lost.empty(), "what is known stays known, so that it can be closed");
        const int compared = fixture.venue.askedFor("frontendOpenOrders");
        fixture.venue.info["clearinghouseState"] = usual;
        QVERIFY(waitFor([&] { return freshness() == Freshness::Fresh; }));
        QCOMPARE(fixture.venue.askedFor("frontendOpenOrders"), compared + 1);
        QCOMPARE(fixture.seen.reconciled, 1);
        QVERIFY(fixture.seen.lost.empty());
    }

    /// Every ping counts against the venue's 2,000 messages a minute.
    void pingsGoOnlyIntoSilence()
    {
        ScriptedClient fixture;
        fixture.options.address.clear(); // the market's line alone
        fixture.options.agentKey.reset();
        fixture.options.timings.pingEvery = 1s;
        fixture.start();
        QVERIFY(waitFor([&] { return fixture.venue.subscribed("activeAssetCtx"); }));
        const auto pings = [&] {
            return std::count_if(fixture.venue.frames.begin(), fixture.venue.frames.end(),
                                 [](const std::string &frame) { return frame.find("ping") != std::string::npos; });
        };
        QVERIFY(waitFor([&] { return pings() > 0; })); // nobody speaks
        const auto before = pings();
        QElapsedTimer running;
        running.start();
        qint64 longest = 0; // between two words of the venue; a busy machine may make it long
        QElapsedTimer since;
        since.start();
        while (running.elapsed() < 3'000) {
            const std::size_t marks = fixture.seen.marks.size();
            fixture.venue.pushMarket("60000", "60010", "60005");
            QVERIFY(waitFor([&] { return fixture.seen.marks.size() > marks; }));
            longest = std::max(longest, since.restart());
        }
        if (longest < 700)
            QCOMPARE(pings(), before);
    }

    void hl43_aSlowBookIsFreshWhileMarksCome()
    {
        ScriptedClient fixture;
        fixture.options.timings.markStaleAfter = 600ms;
        QVERIFY(fixture.startAll());
        const QByteArray context =
            q("{'channel':'activeAssetCtx','data':{'coin':'BTC','ctx':{'funding':'0.0000125','openInterest':'688.11',"
        "'prevDayPx':'60000.0','dayNtlVlm':'1.0','premium':null,'oraclePx':'60005.0','markPx':'60005.0',"
        "'midPx':null,'impactPxs':null,'dayBaseVlm':'1.0'}}}");
        // The book says nothing for longer than marks may be old.
        QElapsedTimer running;
        running.start();
        while (running.elapsed() < 1'000) {
            const std::size_t marks = fixture.seen.marks.size();
            fixture.venue.push(context);
            QVERIFY(waitFor([&] { return fixture.seen.marks.size() > marks; }));
        }
        QCOMPARE(fixture.seen.freshness, Freshness::Fresh);
        // When bbo and mark are silent too, prices are not to be used.
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Stale; }));
    }

    void newerBestPricesLieOverTheBook()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.push(q("{'channel':'bbo','data':{'coin':'BTC','time':") + number(tests::hl::nowMs() + 1'000) +
                           q(",'bbo':[{'px':'60012.0','sz':'0.3','n':1},{'px':'60014.0','sz':'0.4','n':1}]}}"));
        QVERIFY(waitFor([&] { return fixture.seen.bid && fixture.seen.bid->price.text() == "60012"; }));
        QCOMPARE(fixture.seen.ask->price.text(), std::string("60014")); // the 60010 of before is gone
        QCOMPARE(fixture.seen.crossedWhileFresh, 0);
        QCOMPARE(fixture.seen.freshness, Freshness::Fresh);
    }

    void hl41_aRepeatedSnapshotBringsNoFillTwice()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        const std::int64_t now = tests::hl::nowMs();
        const QByteArray rows = fillRow(now, 2, "0.2", "0.1") + "," + fillRow(now - 1, 1, "0.1", "0");
        fixture.venue.push(fillsFrame(rows, true));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 2; }));
        fixture.venue.info["userFillsByTime"] = [rows](const QJsonObject &) { return Reply{.body = "[" + rows + "]"}; };
        fixture.venue.dropSockets();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        fixture.venue.push(fillsFrame(rows, true));
        fixture.venue.push(fillsFrame(fillRow(now + 1, 3, "0.1", "0.3"), false));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() >= 3; }));
        QCOMPARE(fixture.seen.fills.size(), std::size_t{3});
    }

    void hl36_aMissingFillMeansReconciliation()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        const std::int64_t now = tests::hl::nowMs();
        const QByteArray first = fillRow(now, 1, "0.1", "0");
        const QByteArray lost = fillRow(now + 1, 2, "0.2", "0.1");
        const QByteArray third = fillRow(now + 2, 3, "0.1", "0.3");
        fixture.venue.info["userFillsByTime"] = [=](const QJsonObject &) {
            return Reply{.body = "[" + first + "," + lost + "," + third + "]"};
        };
        fixture.venue.push(fillsFrame(first, false));
        fixture.venue.push(fillsFrame(third, false));
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        QCOMPARE(fixture.seen.fills.size(), std::size_t{3});
        const auto &differences = fixture.seen.differences;
        QVERIFY(std::any_of(differences.begin(), differences.end(), [](const Difference &difference) {
            return difference.what == Difference::What::Fill && difference.id == "2";
        }));
    }

    void whatChangedWhileAwayIsReported()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.info["frontendOpenOrders"] = [](const QJsonObject &) {
            return Reply{.body = q("[{'coin':'BTC','side':'A','limitPx':'76500.0','sz':'0.5','oid':91490942,"
        "'timestamp':1681247412573,'triggerCondition':'N/A','isTrigger':false,"
        "'triggerPx':'0.0','children':[],'isPositionTpsl':false,'reduceOnly':false,"
        "'orderType':'Limit','origSz':'0.5','tif':'Gtc','cloid':null}]")};
        };
        fixture.venue.dropSockets();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(fixture.seen.differences.size(), std::size_t{1});
        QCOMPARE(fixture.seen.differences.front().id, std::string("oid-91490942"));
        QCOMPARE(fixture.seen.differences.front().ours, std::string("nothing"));
        QVERIFY(fixture.seen.lastOrder("oid-91490942").has_value());
    }

    /// The stream's word is the newer one; the list's older row says what the stream does not.
    void theTypeOfAnOrderFromElsewhereComesFromTheList()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        const auto known = [&] { return fixture.seen.lastOrder("oid-91490942"); };
        fixture.venue.push(q("{'channel':'orderUpdates','data':[{'order':{'coin':'BTC','side':'A','limitPx':'76500.0',"
                             "'sz':'0.5','oid':91490942,'timestamp':1681247412573,'origSz':'0.5','reduceOnly':true},"
                             "'status':'open','statusTimestamp':1681247419999}]}"));
        QVERIFY(waitFor([&] { return known().has_value(); }));
        QCOMPARE(known()->type, OrderType::Unknown);
        fixture.venue.info["frontendOpenOrders"] = [](const QJsonObject &) {
            return Reply{.body = q("[{'coin':'BTC','side':'A','limitPx':'76500.0','sz':'0.5','oid':91490942,"
        "'timestamp':1681247412573,'triggerCondition':'Price below 80000','isTrigger':true,"
        "'triggerPx':'80000.0','children':[],'isPositionTpsl':false,'reduceOnly':true,"
        "'orderType':'Stop Market','origSz':'0.5','tif':null,'cloid':null}]")};
        };
        fixture.venue.dropSockets();
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
        QCOMPARE(known()->type, OrderType::StopMarket);
        QCOMPARE(known()->triggerPrice->text(), std::string("80000"));
        QCOMPARE(known()->venueTime, utcFromMilliseconds(1'681'247'419'999));
    }

    void hl46_errorsOfAllKindsAreSurvived_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("retryAfter");
        QTest::newRow("502 with HTML") << 502 << QByteArray("<html><h1>502 Bad Gateway</h1></html>") << QByteArray();
        QTest::newRow("429 without Retry-After") << 429 << QByteArray("slow down") << QByteArray();
        QTest::newRow("429 with Retry-After") << 429 << QByteArray() << QByteArray("1");
        QTest::newRow("200 with HTML") << 200 << QByteArray("<html>") << QByteArray();
        QTest::newRow("200 with nothing") << 200 << QByteArray() << QByteArray();
    }
    void hl46_errorsOfAllKindsAreSurvived()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, retryAfter);
        ScriptedClient fixture;
        fixture.options.weightPerMinute = 1'000'000; // what is halved afterwards is another test's matter
        QVERIFY(fixture.startAll());
        const auto healthy = fixture.venue.info;
        for (auto &[type, handler] : fixture.venue.info)
            handler = [=](const QJsonObject &) {
                Reply reply{.status = status, .body = body};
                if (!retryAfter.isEmpty())
                    reply.headers.emplace_back("Retry-After", retryAfter);
                return reply;
            };
        const int lists = fixture.seen.positionLists;
        fixture.venue.dropSockets();
        const std::size_t asked = fixture.venue.asked.size();
        QVERIFY(waitFor([&] { return fixture.venue.asked.size() > asked + 3 && !fixture.seen.lost.empty(); }));
        QCOMPARE(fixture.seen.reconciled, 1);
        QCOMPARE(fixture.seen.positionLists, lists); // unknown is not flat
        fixture.venue.info = healthy;
        QVERIFY(waitFor([&] { return fixture.seen.reconciled == 2; }));
    }

    void fundingAndTransfersArriveOnceWithTheirSign()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        const QByteArray now = number(tests::hl::nowMs());
        const QByteArray payment = q("{'time':") + now +
                                   q(",'coin':'BTC','usdc':'-3.625312','szi':'49.1477','fundingRate':'0.0000417',"
        "'nSamples':null}");
        const QByteArray frame = q("{'channel':'userFundings','data':{'user':'0xaa','isSnapshot':true,'fundings':[") +
                                 payment + "]}}";
        fixture.venue.push(frame);
        fixture.venue.push(frame);
        fixture.venue.push(q("{'channel':'userNonFundingLedgerUpdates','data':{'user':'0xaa',"
        "'nonFundingLedgerUpdates':[{'time':") +
                           now + q(",'hash':'0x01','delta':{'type':'deposit','usdc':'250.0'}}]}}"));
        QVERIFY(waitFor([&] { return fixture.seen.transfers.size() == 1; }));
        QCOMPARE(fixture.seen.funding.size(), std::size_t{1});
        QCOMPARE(fixture.seen.funding.front().amount.text(), std::string("-3.625312"));
        QCOMPARE(fixture.seen.transfers.front().amount.text(), std::string("250"));
    }

    void keyRightsTellAnAgentFromTheAccountsOwnKey()
    {
        ScriptedClient fixture;
        fixture.venue.info["extraAgents"] = [](const QJsonObject &) {
            return Reply{.body = q("[{'name':'desk','address':'0x14791697260e4c9a71f18484c9f997b308e59325',"
        "'validUntil':1795305600000}]")};
        };
        QVERIFY(fixture.startAll());
        std::optional<Result<ports::KeyRights>> rights;
        fixture.client->keyRights([&](Result<ports::KeyRights> answer) { rights = std::move(answer); });
        QVERIFY(!rights);
        QVERIFY(waitFor([&] { return rights.has_value(); }));
        QVERIFY(rights->has_value());
        QCOMPARE((**rights).withdraws, std::optional(false));
        QCOMPARE((**rights).trades, std::optional(true));
        QCOMPARE((**rights).expires, std::optional(utcFromMilliseconds(1'795'305'600'000)));
    }

    void feesAreTheAccountsOwn()
    {
        ScriptedClient fixture;
        fixture.venue.info["userFees"] = [](const QJsonObject &) {
            return Reply{.body = q("{'userCrossRate':'0.00038','userAddRate':'0.00011'}")};
        };
        QVERIFY(fixture.startAll());
        std::optional<Result<FeeRates>> rates;
        fixture.client->feeRates({Venue::Hyperliquid, *Symbol::from("BTC")},
                                 [&](Result<FeeRates> answer) { rates = std::move(answer); });
        QVERIFY(waitFor([&] { return rates.has_value(); }));
        QVERIFY(rates->has_value());
        QCOMPARE((*rates)->maker, Ratio::fromRaw(11'000));
        QCOMPARE((*rates)->taker, Ratio::fromRaw(38'000));
        rates.reset();
        fixture.client->feeRates({Venue::Hyperliquid, *Symbol::from("ETH")},
                                 [&](Result<FeeRates> answer) { rates = std::move(answer); });
        QVERIFY(!rates);
        QVERIFY(waitFor([&] { return rates.has_value(); }));
        QCOMPARE((*rates)->taker, Ratio::fromRaw(38'000));
        QCOMPARE(fixture.venue.askedFor("userFees"), 1); // one answer holds for every contract of the venue
        rates.reset();
        fixture.client->feeRates({Venue::Hyperliquid, *Symbol::from("xyz:GOLD")},
                                 [&](Result<FeeRates> answer) { rates = std::move(answer); });
        QVERIFY(waitFor([&] { return rates.has_value(); }));
        QVERIFY(!rates->has_value()); // and for no builder's market
    }

    void marketDataNeedsNoAccount()
    {
        ScriptedClient fixture;
        fixture.options.address.clear();
        fixture.options.agentKey.reset();
        fixture.start();
        QVERIFY(waitFor([&] { return fixture.venue.subscribed("l2Book"); }));
        fixture.venue.pushMarket("60000", "60010", "60005");
        QVERIFY(waitFor([&] { return fixture.seen.freshness == Freshness::Fresh; }));
        QCOMPARE(fixture.venue.askedFor("userRole"), 0);
        QVERIFY(fixture.seen.lost.empty());
    }
};

QTEST_GUILESS_MAIN(TestHlAccount)
#include "tst_hl_account.moc"
