#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include <set>

#include "core/exchange/hyperliquid/cloids.h"
#include "core/exchange/hyperliquid/signer.h"
#include "tests/core/exchange/hyperliquid_client/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using ports::RequestOutcome;
using tests::hl::q;
using tests::hl::ScriptedClient;
using tests::hl::ScriptedVenue;
using tests::hl::waitFor;
using Reply = ScriptedVenue::Reply;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{

QByteArray cloidOf(const char *id)
{
    return QByteArray::fromStdString(hyperliquid::Cloids::cloidOf(ClientOrderId::from(id).value()).text());
}

QByteArray number(std::int64_t value)
{
    return QByteArray::number(static_cast<qlonglong>(value));
}

QByteArray statuses(const QByteArray &items)
{
    return q("{'status':'ok','response':{'type':'order','data':{'statuses':[") + items + "]}}}";
}

QByteArray fillsAnswer(const char *id, std::int64_t trade, const char *size, const char *start, std::int64_t order)
{
    return q("{'coin':'BTC','px':'60000.0','sz':'") + size + q("','side':'B','time':") + number(tests::hl::nowMs()) +
           q(",'startPosition':'") + start + q("','dir':'Open Long','closedPnl':'0.0','hash':'0x00','oid':") +
           number(order) + q(",'crossed':true,'fee':'0.27','tid':") + number(trade) + q(",'cloid':'") + cloidOf(id) +
           q("','feeToken':'USDC'}");
}

QByteArray updateFrame(const char *id, const char *left, const char *status, std::int64_t order, std::int64_t time)
{
    return q("{'channel':'orderUpdates','data':[{'order':{'coin':'BTC','side':'B','limitPx':'60000.0','sz':'") + left +
           q("','oid':") + number(order) + q(",'timestamp':") + number(time) + q(",'origSz':'0.01','cloid':'") +
           cloidOf(id) + q("'},'status':'") + status + q("','statusTimestamp':") + number(time) + "}]}";
}

QByteArray fillFrame(const QByteArray &row)
{
    return q("{'channel':'userFills','data':{'user':'0xaa','fills':[") + row + "]}}";
}

QByteArray foundOrder(const char *id, const char *left, const char *status, std::int64_t order)
{
    return q("{'status':'order','order':{'order':{'coin':'BTC','side':'B','limitPx':'60000.0','sz':'") + left +
           q("','oid':") + number(order) +
           q(",'timestamp':1,'triggerCondition':'N/A','isTrigger':false,'triggerPx':'0.0','children':[],"
             "'isPositionTpsl':false,'reduceOnly':false,'orderType':'Limit','origSz':'0.01','tif':'Gtc','cloid':'") +
           cloidOf(id) + q("'},'status':'") + status + q("','statusTimestamp':") + number(tests::hl::nowMs()) + "}}";
}

OrderRequest ioc(const ScriptedClient &fixture, const char *id)
{
    OrderRequest request = fixture.limit(id, Side::Buy, "60000", "0.01");
    request.timeInForce = TimeInForce::ImmediateOrCancel;
    return request;
}

} // namespace

/// Orders and their fate, against a venue that answers what the row says.
class TestHlOrders : public QObject
{
    Q_OBJECT

private slots:
    void hl18_everyOrderCarriesCloidAndExpiry()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) {
            return Reply{.body = statuses(q("{'resting':{'oid':1}},{'resting':{'oid':2}}"))};
        };
        fixture.submit({fixture.limit("a", Side::Buy, "60000", "0.01"), fixture.limit("b", Side::Sell, "60010", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 2; }));
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1}); // one action for both
        const QJsonObject body = fixture.venue.actions.front();
        const std::int64_t expires = body.value("expiresAfter"_L1).toInteger();
        QVERIFY(expires > body.value("nonce"_L1).toInteger());
        std::set<QString> cloids;
        for (const QJsonValue &order : body.value("action"_L1).toObject().value("orders"_L1).toArray())
            cloids.insert(order.toObject().value("c"_L1).toString());
        QCOMPARE(cloids.size(), std::size_t{2});
        QVERIFY(cloids.contains(QString::fromLatin1(cloidOf("a"))));
        // The signature is the agent's, over exactly what was posted.
        const QJsonObject signature = body.value("signature"_L1).toObject();
        const auto parsed = hyperliquid::parseSignature(signature.value("r"_L1).toString().toStdString(),
                                                        signature.value("s"_L1).toString().toStdString(),
                                                        static_cast<std::uint64_t>(signature.value("v"_L1).toInteger()));
        QVERIFY(parsed.has_value());
    }

    /// What was signed ahead carries the longer expiry of its signing.
    void aCloseThatWasSignedAheadLeavesAsItLay()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) {
            return Reply{.body = statuses(q("{'error':'Reduce only order would increase position.'}"))};
        };
        const auto usual = std::chrono::milliseconds(std::chrono::ceil<std::chrono::milliseconds>(
            fixture.options.timings.expiresAfter));
        const auto closeAt = [&](const std::string &id, std::string_view price) {
            OrderRequest request = fixture.limit(id, Side::Sell, price, "0.01");
            request.timeInForce = TimeInForce::ImmediateOrCancel;
            request.reduceOnly = ReduceOnly::Yes;
            return request;
        };
        const auto expiryOfNewest = [&] {
            const QJsonObject body = fixture.venue.actions.back();
            return body.value("expiresAfter"_L1).toInteger() - body.value("nonce"_L1).toInteger();
        };
        const auto send = [&](const OrderRequest &request) {
            const std::size_t before = fixture.seen.outcomes.size();
            fixture.submit({request});
            return waitFor([&] { return fixture.seen.outcomes.size() == before + 1; });
        };
        bool wasReady = false; // a machine that is held up longer than a signature is kept signs when it sends
        for (int i = 0; i < 50 && !wasReady; ++i) {
            const std::string id = "ready-" + std::to_string(i);
            fixture.client->keepReady({closeAt(id, "59700"), closeAt(id, "59600")});
            int turns = 0;
            QVERIFY(waitFor([&] { return ++turns > 20; }));
            QVERIFY(send(closeAt(id, "59600")));
            QCOMPARE(fixture.venue.actions.size(), static_cast<std::size_t>(i) + 1);
            wasReady = expiryOfNewest() == (usual + std::chrono::seconds{3}).count();
            const QJsonObject sent = fixture.venue.actions.back().value("action"_L1).toObject().value("orders"_L1).toArray().at(0).toObject();
            QCOMPARE(sent.value("p"_L1).toString(), u"59600"_s);
            QCOMPARE(sent.value("c"_L1).toString(), QString::fromLatin1(cloidOf(id.c_str())));
        }
        QVERIFY(wasReady);
        // Another size than what was signed: signed when it is sent.
        fixture.client->keepReady({closeAt("other", "59600")});
        int turns = 0;
        QVERIFY(waitFor([&] { return ++turns > 20; }));
        OrderRequest smaller = closeAt("other", "59600");
        smaller.quantity = parseQuantity("0.005").value();
        QVERIFY(send(smaller));
        QCOMPARE(expiryOfNewest(), usual.count());
    }

    void hl19_eachStatusIsItsOwn()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) {
            return Reply{.body = statuses(
                             q("{'resting':{'oid':11}},{'filled':{'totalSz':'0.01','avgPx':'60001.5','oid':12}},"
                               "{'error':'Insufficient margin to place order. asset=0'},'waitingForFill',"
                               "'waitingForTrigger','somethingNobodyDescribed'"))};
        };
        fixture.venue.info["orderStatus"] = [](const QJsonObject &request) {
            const QByteArray asked = request.value("oid"_L1).toString().toLatin1();
            for (const char *id : {"wait-fill", "wait-trigger", "strange"}) {
                if (asked == cloidOf(id))
                    return Reply{.body = foundOrder(id, "0.01", "open", 20)};
            }
            return Reply{.body = q("{'status':'unknownOid'}")};
        };
        std::vector<OrderRequest> requests;
        for (const char *id : {"rests", "fills", "refused", "wait-fill", "wait-trigger", "strange"})
            requests.push_back(fixture.limit(id, Side::Buy, "60000", "0.01"));
        fixture.submit(requests);
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("strange").has_value(); }));
        QVERIFY(waitFor([&] {
            const auto order = fixture.seen.lastOrder("wait-trigger");
            return order && order->venueOrderId.value == 20;
        }));
        const auto outcome = [&](const char *id) { return fixture.seen.outcomesOf(id).front().outcome; };
        QCOMPARE(outcome("rests"), RequestOutcome::Accepted);
        QCOMPARE(outcome("fills"), RequestOutcome::Accepted);
        QCOMPARE(outcome("refused"), RequestOutcome::Rejected);
        QCOMPARE(outcome("wait-fill"), RequestOutcome::Accepted);
        QCOMPARE(outcome("wait-trigger"), RequestOutcome::Accepted);
        QCOMPARE(outcome("strange"), RequestOutcome::Unknown);
        QCOMPARE(fixture.seen.lastOrder("rests")->status, OrderStatus::New);
        QCOMPARE(fixture.seen.lastOrder("fills")->status, OrderStatus::Filled);
        QCOMPARE(fixture.seen.lastOrder("fills")->averagePrice->text(), std::string("60001.5"));
        QVERIFY(fixture.seen.said("Insufficient margin"));
        QCOMPARE(fixture.seen.lastOrder("strange")->status, OrderStatus::New);
        QCOMPARE(fixture.seen.callsFromInside, 0);
    }

    void hl20_oneErrorForABatchCountsForAll_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("one status") << statuses(q("{'error':'Price must be divisible by tick size. asset=0'}"));
        QTest::newRow("top level") << q("{'status':'err','response':'Price too far from oracle'}");
    }
    void hl20_oneErrorForABatchCountsForAll()
    {
        QFETCH(QByteArray, body);
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [body](const QJsonObject &) { return Reply{.body = body}; };
        fixture.submit({fixture.limit("a", Side::Buy, "60000", "0.01"), fixture.limit("b", Side::Buy, "60000", "0.01"),
                        fixture.limit("c", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 3; }));
        for (const auto &outcome : fixture.seen.outcomes)
            QCOMPARE(outcome.outcome, RequestOutcome::Rejected);
    }

    void hl21_anImmediateOrderFilledInPartIsOver()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) {
            return Reply{.body = statuses(q("{'filled':{'totalSz':'0.004','avgPx':'60000.0','oid':12}}"))};
        };
        fixture.submit({ioc(fixture, "part")});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("part").has_value(); }));
        QCOMPARE(fixture.seen.lastOrder("part")->status, OrderStatus::Canceled);
        QCOMPARE(fixture.seen.lastOrder("part")->filled.text(), std::string("0.004"));
    }

    void hl22_answersOfAnyShapeAreSurvived_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<RequestOutcome>("outcome");
        QTest::newRow("err with a text") << q("{'status':'err','response':'Insufficient margin to place order.'}")
                                         << RequestOutcome::Rejected;
        QTest::newRow("err with an object") << q("{'status':'err','response':{'type':'x'}}") << RequestOutcome::Rejected;
        QTest::newRow("nothing") << QByteArray() << RequestOutcome::Unknown;
        QTest::newRow("HTML") << QByteArray("<html>") << RequestOutcome::Unknown;
        QTest::newRow("ok without statuses") << q("{'status':'ok','response':{'type':'default'}}")
                                             << RequestOutcome::Unknown;
        QTest::newRow("a list") << QByteArray("[]") << RequestOutcome::Unknown;
        QTest::newRow("null") << QByteArray("null") << RequestOutcome::Unknown;
        QTest::newRow("cut off") << q("{'status':'ok','response':{'type':'order'") << RequestOutcome::Unknown;
        QTest::newRow("a wrong type") << q("{'status':{},'response':5}") << RequestOutcome::Unknown;
        QTest::newRow("an order of a wrong type") << statuses(q("{'resting':{'oid':[1]}}")) << RequestOutcome::Unknown;
        QTest::newRow("a number as text, and a member that nobody knows")
            << statuses(q("{'resting':{'oid':'77','ofTomorrow':[1]}}")) << RequestOutcome::Accepted;
    }
    void hl22_answersOfAnyShapeAreSurvived()
    {
        QFETCH(QByteArray, body);
        QFETCH(RequestOutcome, outcome);
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [body](const QJsonObject &) { return Reply{.body = body}; };
        fixture.submit({fixture.limit("odd", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, outcome);
        if (outcome == RequestOutcome::Unknown)
            QVERIFY(waitFor([&] { return fixture.seen.absent.size() == 1; }));
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1}); // never sent again
    }

    void hl23_aTimeOutAfterExecutionIsAdopted()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) { return Reply{.drop = true}; };
        fixture.venue.info["orderStatus"] = [](const QJsonObject &) {
            return Reply{.body = foundOrder("lost", "0.01", "open", 33)};
        };
        fixture.submit({fixture.limit("lost", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("lost").has_value(); }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, RequestOutcome::Unknown);
        QCOMPARE(fixture.seen.lastOrder("lost")->venueOrderId.value, std::int64_t{33});
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1});
        QVERIFY(fixture.seen.absent.empty());
    }

    void hl24_notPlacedIsBelievedOnlyPastTheExpiry()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) { return Reply{.drop = true}; };
        std::int64_t askedFillsAt = 0;
        fixture.venue.info["userFillsByTime"] = [&](const QJsonObject &) {
            askedFillsAt = tests::hl::nowMs();
            return Reply{.body = "[]"};
        };
        fixture.submit({fixture.limit("never", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.absent.size() == 1; }));
        const std::int64_t expires = fixture.venue.actions.front().value("expiresAfter"_L1).toInteger();
        QVERIFY2(askedFillsAt >= expires + 99, "fills are looked at past expiry and margin");
        QVERIFY(fixture.venue.askedFor("orderStatus") > 3);
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1});
    }

    void hl25_aForgottenOrderIsResolvedFromItsFills()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) { return Reply{.drop = true}; };
        fixture.venue.info["userFillsByTime"] = [](const QJsonObject &) {
            return Reply{.body = "[" + fillsAnswer("forgotten", 5, "0.004", "0.0", 44) + "," +
                                 fillsAnswer("forgotten", 6, "0.006", "0.004", 44) + "]"};
        };
        fixture.submit({fixture.limit("forgotten", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("forgotten").has_value(); }));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("forgotten")->status == OrderStatus::Filled; }));
        QCOMPARE(fixture.seen.lastOrder("forgotten")->filled.text(), std::string("0.01"));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 2; }));
        QCOMPARE(fixture.seen.filled("forgotten").text(), std::string("0.01"));
        QVERIFY(fixture.seen.absent.empty());
    }

    void hl26_aChangeCarriesTheRestAndOneName()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &request) {
            const bool change = request.value("action"_L1).toObject().value("type"_L1) == "batchModify"_L1;
            return Reply{.body = statuses(change ? q("{'resting':{'oid':102}}") : q("{'resting':{'oid':101}}"))};
        };
        fixture.submit({fixture.limit("moved", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("moved").has_value(); }));
        fixture.venue.push(fillFrame(fillsAnswer("moved", 1, "0.004", "0.0", 101)));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 1; }));
        // While the change is on its way the old one fills once more; then come the two halves of the change.
        fixture.venue.info["userFillsByTime"] = [](const QJsonObject &) {
            return Reply{.body = "[" + fillsAnswer("moved", 1, "0.004", "0.0", 101) + "," +
                                 fillsAnswer("moved", 2, "0.001", "0.004", 101) + "]"};
        };
        OrderChange change{fixture.btc(), ClientOrderId::from("moved").value(), parseQuantity("0.01").value(),
                           parsePrice("59990").value()};
        fixture.client->modify(tests::hl::approvedChange(change));
        QVERIFY(waitFor([&] { return fixture.venue.actions.size() >= 2; }));
        const auto sizeOf = [&](std::size_t i) {
            return fixture.venue.actions[i].value("action"_L1).toObject().value("modifies"_L1).toArray().at(0).toObject()
                .value("order"_L1).toObject().value("s"_L1).toString();
        };
        QCOMPARE(sizeOf(1), u"0.006"_s);
        const std::int64_t now = tests::hl::nowMs();
        fixture.venue.push(updateFrame("moved", "0.006", "canceled", 101, now));
        // The old one's late fill makes the new one too large: it is made smaller at once.
        QVERIFY(waitFor([&] { return fixture.venue.actions.size() >= 3; }));
        QCOMPARE(sizeOf(2), u"0.005"_s);
        QVERIFY(waitFor([&] { return fixture.seen.outcomesOf("moved").size() == 2; }));
        QCOMPARE(fixture.seen.outcomesOf("moved").back().outcome, RequestOutcome::Accepted);
        for (const OrderUpdate &order : fixture.seen.orders)
            QVERIFY2(order.status != OrderStatus::Canceled, "half of a change is no cancel");
        QCOMPARE(fixture.seen.lastOrder("moved")->quantity.text(), std::string("0.01"));
        QCOMPARE(fixture.seen.lastOrder("moved")->limitPrice->text(), std::string("59990"));
    }

    void hl27_aFailedChangeTakesTheOldOrderWithIt_data()
    {
        QTest::addColumn<bool>("streamFirst");
        QTest::newRow("the answer, then the stream's refusal of the new one") << false;
        QTest::newRow("the stream's refusal of the new one, then the answer") << true;
    }
    void hl27_aFailedChangeTakesTheOldOrderWithIt()
    {
        QFETCH(bool, streamFirst);
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        const auto refuseNewOne = [&] {
            fixture.venue.push(updateFrame("gone", "0.01", "perpMarginRejected", 102, tests::hl::nowMs()));
        };
        fixture.venue.exchange = [&](const QJsonObject &request) {
            const bool change = request.value("action"_L1).toObject().value("type"_L1) == "batchModify"_L1;
            if (change && streamFirst)
                refuseNewOne();
            return Reply{.body = change ? q("{'status':'err','response':'Error placing new order during modify: "
                                            "Insufficient margin to place order.'}")
                                        : statuses(q("{'resting':{'oid':101}}"))};
        };
        fixture.submit({fixture.limit("gone", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("gone").has_value(); }));
        const int asked = fixture.venue.askedFor("clearinghouseState");
        OrderChange change{fixture.btc(), ClientOrderId::from("gone").value(), parseQuantity("0.01").value(),
                           parsePrice("59990").value()};
        fixture.client->modify(tests::hl::approvedChange(change));
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("gone")->status == OrderStatus::Canceled; }));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf("gone").empty() && fixture.venue.askedFor("clearinghouseState") > asked; }));
        QVERIFY(waitFor([&] { return fixture.seen.outcomesOf("gone").back().outcome == RequestOutcome::Rejected; }));
        if (!streamFirst) {
            QVERIFY(fixture.seen.lastOrder("gone")->reason.find("during modify") != std::string::npos);
            refuseNewOne();
        }
        const std::size_t marks = fixture.seen.marks.size();
        fixture.venue.pushMarket("60000", "60010", "60005"); // what was pushed before it has been read
        QVERIFY(waitFor([&] { return fixture.seen.marks.size() > marks; }));
        for (const OrderUpdate &order : fixture.seen.orders)
            QVERIFY2(order.status != OrderStatus::Rejected, "an order that lived has one end, and it is not a refusal");
        QCOMPARE(fixture.seen.lastOrder("gone")->status, OrderStatus::Canceled);
    }

    void hl32_aLockedDeadManIsToldOnce()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        QVERIFY(fixture.client->capabilities().deadManTimer);
        fixture.venue.exchange = [](const QJsonObject &) {
            return Reply{.body = q("{'status':'err','response':'Cannot set scheduled cancel time until enough volume "
                                   "traded. Required: $1000000. Traded: $12.'}")};
        };
        std::vector<Error> errors;
        const auto note = [&](const Result<void> &result) {
            if (!result)
                errors.push_back(result.error());
        };
        fixture.client->setDeadMan(fixture.btc(), 10s, note);
        QVERIFY(waitFor([&] { return errors.size() == 1; }));
        QVERIFY(!fixture.client->capabilities().deadManTimer);
        fixture.client->setDeadMan(fixture.btc(), 10s, note);
        QVERIFY(waitFor([&] { return errors.size() == 2; }));
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1});
        QCOMPARE(errors.back().code, ErrorCode::Unsupported);
    }

    void hl42_anyOrderOfEventsEndsTheSame_data()
    {
        QTest::addColumn<QByteArray>("order");
        QTest::newRow("reply, update, fill") << QByteArray("RUF");
        QTest::newRow("reply, fill, update") << QByteArray("RFU");
        QTest::newRow("update, reply, fill") << QByteArray("URF");
        QTest::newRow("update, fill, reply") << QByteArray("UFR");
        QTest::newRow("fill, reply, update") << QByteArray("FRU");
        QTest::newRow("fill, update, reply") << QByteArray("FUR");
    }
    void hl42_anyOrderOfEventsEndsTheSame()
    {
        QFETCH(QByteArray, order);
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        const std::int64_t now = tests::hl::nowMs();
        const QByteArray fill = fillFrame(fillsAnswer("all", 9, "0.01", "0.0", 55));
        bool answered = false;
        // What stands before R is told while the request is open, what stands behind it afterwards.
        const auto tell = [&](char which) {
            if (which == 'U')
                fixture.venue.push(updateFrame("all", "0.0", "filled", 55, now));
            else if (which == 'F')
                fixture.venue.push(fill);
        };
        fixture.venue.exchange = [&](const QJsonObject &) {
            for (const char which : order.left(order.indexOf('R')))
                tell(which);
            const auto told = static_cast<std::size_t>(order.indexOf('R'));
            static_cast<void>(waitFor([&] { return fixture.seen.fills.size() + fixture.seen.orders.size() >= told; }, 300));
            answered = true;
            return Reply{.body = statuses(q("{'filled':{'totalSz':'0.01','avgPx':'60000.0','oid':55}}"))};
        };
        fixture.submit({ioc(fixture, "all")});
        QVERIFY(waitFor([&] { return answered && fixture.seen.outcomes.size() == 1; }));
        for (const char which : order.mid(order.indexOf('R') + 1))
            tell(which);
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 1; }));
        QVERIFY(waitFor([&] {
            const auto last = fixture.seen.lastOrder("all");
            return last && last->status == OrderStatus::Filled;
        }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.seen.lastOrder("all")->filled.text(), std::string("0.01"));
        QCOMPARE(fixture.seen.fills.front().clientOrderId.string(), std::string("all"));
        QCOMPARE(fixture.seen.lastOrder("all")->venueOrderId.value, std::int64_t{55});
    }

    /// The stream says of a reduce-only order only what remains, and the exchange may have shrunk it: what the answer
    /// said was executed is not taken back until the fills are here.
    void hl42_aReduceOnlyOrderKeepsWhatItsAnswerSaid()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        fixture.venue.exchange = [](const QJsonObject &) {
            return Reply{.body = statuses(q("{'filled':{'totalSz':'0.01','avgPx':'60000.0','oid':55}}"))};
        };
        OrderRequest request = ioc(fixture, "exit");
        request.reduceOnly = ReduceOnly::Yes;
        fixture.submit({request});
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder("exit").has_value(); }));
        QByteArray update = updateFrame("exit", "0.0", "filled", 55, tests::hl::nowMs());
        fixture.venue.push(update.replace("\"origSz\"", "\"reduceOnly\":true,\"origSz\""));
        fixture.venue.push(updateFrame("other", "0.01", "open", 56, tests::hl::nowMs()));
        QVERIFY(waitFor([&] { return fixture.seen.orders.size() >= 3; }));
        for (const OrderUpdate &order : fixture.seen.orders) {
            if (order.venueOrderId.value == 55)
                QCOMPARE(order.filled.text(), std::string("0.01"));
        }
        fixture.venue.push(fillFrame(fillsAnswer("exit", 9, "0.01", "0.0", 55)));
        QVERIFY(waitFor([&] { return fixture.seen.fills.size() == 1; }));
        QCOMPARE(fixture.seen.lastOrder("exit")->filled.text(), std::string("0.01"));
    }

    void hl47_aRefusedExitGoesAgainAnEntryDoesNot()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        int refusals = 3;
        fixture.venue.exchange = [&](const QJsonObject &) {
            if (refusals-- > 0)
                return Reply{.body = q("{'status':'err','response':'Too many cumulative requests sent (10001 > 10000) "
                                       "for cumulative volume traded $0. Place taker orders to free up 1 request per "
                                       "USDC traded.'}")};
            return Reply{.body = statuses(q("'success'"))};
        };
        fixture.venue.info["userRateLimit"] = [&](const QJsonObject &) {
            return Reply{.body = refusals > 0 ? q("{'cumVlm':'0.0','nRequestsUsed':10000,'nRequestsCap':10000}")
                                              : q("{'cumVlm':'0.0','nRequestsUsed':10,'nRequestsCap':10000}")};
        };
        fixture.submit({fixture.limit("entry", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 1; }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, RequestOutcome::Rejected);
        fixture.submit({fixture.limit("second", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 2; }));
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1}); // not even sent
        fixture.client->cancel(fixture.btc(), ClientOrderId::from("old").value());
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf("old").empty(); }));
        QCOMPARE(fixture.seen.outcomesOf("old").front().outcome, RequestOutcome::Accepted);
        // When the venue counts again, entries go too.
        fixture.venue.exchange = [](const QJsonObject &) { return Reply{.body = statuses(q("{'resting':{'oid':9}}"))}; };
        QVERIFY(waitFor([&] {
            fixture.submit({fixture.limit("third", Side::Buy, "60000", "0.01")});
            return fixture.seen.lastOrder("third").has_value();
        }));
    }

    void hl10_theKeyIsInNothingThatIsSaid()
    {
        ScriptedClient fixture;
        QVERIFY(fixture.startAll());
        std::vector<QByteArray> bodies = {q("{'status':'err','response':'User or API Wallet 0x14791697260e4c9a71f18484c9f9"
                                            "97b308e59325 does not exist.'}")};
        fixture.venue.exchange = [&](const QJsonObject &) { return Reply{.body = bodies.front()}; };
        fixture.submit({fixture.limit("revoked", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QCOMPARE(fixture.seen.outcomes.front().outcome, RequestOutcome::Rejected);
        const std::string key(tests::hl::kAgentKey.substr(2));
        QVERIFY(!fixture.seen.said(key));
        QVERIFY(!fixture.seen.said("\"r\""));
        for (const QJsonObject &action : fixture.venue.actions)
            QVERIFY(!QJsonDocument(action).toJson().contains(key.c_str()));
        // A revoked key signs nothing more.
        fixture.submit({fixture.limit("after", Side::Buy, "60000", "0.01")});
        QVERIFY(waitFor([&] { return fixture.seen.outcomes.size() == 2; }));
        QCOMPARE(fixture.venue.actions.size(), std::size_t{1});
    }

    void aMalformedKeyIsRefusedWithoutRepeatingIt()
    {
        ScriptedClient fixture;
        fixture.options.agentKey.emplace("0xsecretsecret");
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(!fixture.seen.said("secretsecret"));
        QVERIFY(fixture.venue.asked.empty());
    }
};

QTEST_GUILESS_MAIN(TestHlOrders)
#include "tst_hl_orders.moc"
