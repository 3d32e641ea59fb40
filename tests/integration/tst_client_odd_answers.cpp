#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using ports::RequestOutcome;
using tests::ScriptedFixture;
using tests::waitFor;
using Answer = tests::ScriptedVenue::Answer;

Q_DECLARE_METATYPE(core::ports::RequestOutcome)

/// Row R11 of the targets: whatever the answer to an order is, the order is sent once and its fate is known soon.
class TestClientOddAnswers : public QObject
{
    Q_OBJECT

    static std::string acknowledged(const ScriptedFixture &fixture, const QByteArray &change)
    {
        QByteArray body = QByteArray::fromStdString(fixture.order("odd", 77, "NEW"));
        if (change == "number as text")
            body.replace(R"("orderId":77)", R"("orderId":"77")");
        else if (change == "unknown member")
            body.replace(R"("orderId":77)", R"("orderId":77,"ofTomorrow":{"x":[1,null]})");
        else
            body.replace("\"NEW\"", "\"" + change + "\"");
        return body.toStdString();
    }

private slots:
    void anAnswerThatIsNoneIsAskedAbout_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("200 with HTML") << 200 << QByteArray("<html><body>Welcome</body></html>");
        QTest::newRow("200 without a body") << 200 << QByteArray();
        QTest::newRow("200 cut off") << 200 << QByteArray(R"({"orderId":77,"symbol":"BTCUSDT")");
        QTest::newRow("200 with a list") << 200 << QByteArray("[]");
        QTest::newRow("200 with null") << 200 << QByteArray("null");
        QTest::newRow("200 with what an order lacks") << 200 << QByteArray(R"({"symbol":"BTCUSDT"})");
        QTest::newRow("200 with a wrong type") << 200 << QByteArray(R"({"orderId":[77],"symbol":5,"status":{}})");
        QTest::newRow("502 with HTML") << 502 << QByteArray("<html><h1>502 Bad Gateway</h1></html>");
        QTest::newRow("504 without a body") << 504 << QByteArray();
        QTest::newRow("404 of something in between") << 404 << QByteArray("<html>Not Found</html>");
    }
    void anAnswerThatIsNoneIsAskedAbout()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.onEach("POST /fapi/v1/order", {Answer{.status = status, .body = body.toStdString()}});
        fixture.venue.on("GET /fapi/v1/order", fixture.order("odd", 77, "NEW"));
        fixture.submit(fixture.limit("odd", Side::Buy, "0.5", "60000"));
        const ClientOrderId id = ScriptedFixture::id("odd");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id).has_value(); }));
        QCOMPARE(fixture.seen.lastOrder(id)->status, OrderStatus::New);
        QCOMPARE(fixture.seen.lastOrder(id)->venueOrderId.value, std::int64_t{77});
        QVERIFY(!fixture.seen.outcomesOf(id).empty());
        QCOMPARE(fixture.seen.outcomesOf(id).front().outcome, RequestOutcome::Unknown);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 1);
    }

    void anAnswerOfTomorrowIsUnderstood_data()
    {
        QTest::addColumn<QByteArray>("change");
        QTest::newRow("a number comes as text") << QByteArray("number as text");
        QTest::newRow("a member that nobody knows") << QByteArray("unknown member");
    }
    void anAnswerOfTomorrowIsUnderstood()
    {
        QFETCH(QByteArray, change);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/order", acknowledged(fixture, change));
        fixture.submit(fixture.limit("odd", Side::Buy, "0.5", "60000"));
        const ClientOrderId id = ScriptedFixture::id("odd");
        QVERIFY(waitFor([&] { return !fixture.seen.outcomesOf(id).empty(); }));
        QCOMPARE(fixture.seen.outcomesOf(id).front().outcome, RequestOutcome::Accepted);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 1);
    }

    /// It is a state of its own, with its word for the person who has to look.
    void anOrderStateThatNobodyKnowsIsTold()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/order", acknowledged(fixture, "HELD"));
        fixture.venue.on("GET /fapi/v1/order", acknowledged(fixture, "HELD"));
        fixture.submit(fixture.limit("odd", Side::Buy, "0.5", "60000"));
        const ClientOrderId id = ScriptedFixture::id("odd");
        QVERIFY(waitFor([&] { return fixture.seen.lastOrder(id).has_value(); }));
        QCOMPARE(fixture.seen.lastOrder(id)->status, OrderStatus::Unknown);
        QVERIFY2(fixture.seen.lastOrder(id)->reason.find("HELD") != std::string::npos,
                 fixture.seen.lastOrder(id)->reason.c_str());
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 1);
    }
};

QTEST_GUILESS_MAIN(TestClientOddAnswers)
#include "tst_client_odd_answers.moc"
