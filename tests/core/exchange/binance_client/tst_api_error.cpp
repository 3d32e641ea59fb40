#include <QtTest/QTest>

#include "core/exchange/binance/api_error.h"

using namespace core;
using namespace core::exchange::binance;

Q_DECLARE_METATYPE(core::exchange::binance::Disposition)
Q_DECLARE_METATYPE(core::ErrorCode)

class TestApiError : public QObject
{
    Q_OBJECT
private slots:
    void judges_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<Disposition>("expected");
        const auto row = [](const char *name, int status, const char *body, Disposition expected) {
            QTest::newRow(name) << status << QByteArray(body) << expected;
        };
        row("503 unknown", 503,
            R"({"code":-1000,"msg":"Unknown error, please check your request or try again later."})",
            Disposition::Unknown);
        row("503 unknown without code", 503,
            R"({"msg":"Unknown error, please check your request or try again later."})",
            Disposition::Unknown);
        row("503 unavailable", 503, R"({"code":-1,"msg":"Service Unavailable."})", Disposition::Retry);
        row("503 internal error", 503,
            R"({"msg":"Internal error; unable to process your request. Please try again."})",
            Disposition::Retry);
        row("500 request occur", 500, R"({"msg":"Request occur unknown error."})", Disposition::Unknown);
        row("-1001", 500, R"({"code":-1001,"msg":"Internal error"})", Disposition::Retry);
        row("-1008", 503, R"({"code":-1008,"msg":"Request throttled"})", Disposition::Retry);
        row("-1006", 400, R"({"code":-1006,"msg":"x"})", Disposition::Unknown);
        row("-1007", 408, R"({"code":-1007,"msg":"Timeout waiting for response from backend server."})",
            Disposition::Unknown);
        row("408 without body", 408, "", Disposition::Unknown);
        row("HTML 502", 502, "<html>Bad Gateway</html>", Disposition::Unknown);
        row("HTML 403", 403, "<html>blocked</html>", Disposition::Forbidden);
        row("HTML 404", 404, "<html>nothing here</html>", Disposition::Unknown);
        row("margin", 400, R"({"code":-2019,"msg":"Margin is insufficient."})", Disposition::Refused);
        row("unknown code with 400", 400, R"({"code":-9999,"msg":"new"})", Disposition::Refused);
        row("unknown code with 500", 500, R"({"code":-9999,"msg":"new"})", Disposition::Unknown);
        row("clock", 400,
            R"({"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."})",
            Disposition::ClockOff);
        row("clock of the matching engine", 400, R"({"code":-5028,"msg":"x"})", Disposition::ClockOff);
        row("duplicate id", 400, R"({"code":-4116,"msg":"ClientOrderId is duplicated."})",
            Disposition::DuplicateId);
        row("no such order", 400, R"({"code":-2013,"msg":"Order does not exist."})",
            Disposition::NoSuchOrder);
        row("not open", 400, R"({"code":-2011,"msg":"Unknown order sent."})", Disposition::NotOpen);
        row("limit", 429, R"({"code":-1003,"msg":"Too many requests"})", Disposition::Limited);
        row("a change is under way", 400, R"({"code":-5043,"msg":"Pending modification"})",
            Disposition::ChangePending);
        row("a stop at the wrong endpoint", 400, R"({"code":-4120,"msg":"Order type not supported"})",
            Disposition::Misrouted);
        row("a batch as a whole", 400, R"({"code":-4083,"msg":"Fail to process"})", Disposition::Unknown);
        row("order limit without 429", 400, R"({"code":-1015,"msg":"Too many new orders"})",
            Disposition::OrdersLimited);
        row("order limit", 429, R"({"code":-1015,"msg":"Too many new orders"})", Disposition::OrdersLimited);
        row("ban", 418, R"({"code":-1003,"msg":"Way too many requests; IP banned until 1700000000000."})",
            Disposition::Banned);
        row("key", 401, R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})",
            Disposition::BadCredentials);
        row("signature", 400, R"({"code":-1022,"msg":"Signature for this request is not valid."})",
            Disposition::BadCredentials);
        row("listen key gone", 400, R"({"code":-1125,"msg":"This listenKey does not exist."})",
            Disposition::ListenKeyGone);
        row("margin type already set", 400, R"({"code":-4046,"msg":"No need to change margin type."})",
            Disposition::AlreadySo);
    }
    void judges()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        const auto error = parseApiError(status, body.toStdString());
        QVERIFY(error.has_value());
        QTEST(error->disposition, "expected");
    }

    /// What the caller is told, and what it may conclude from it.
    void everyJudgementHasItsErrorCode_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("code");
        QTest::addColumn<ErrorCode>("expected");
        const auto row = [](const char *name, int status, int code, ErrorCode expected) {
            QTest::newRow(name) << status << code << expected;
        };
        row("fate not known", 503, -1000, ErrorCode::TimedOut);
        row("a batch that failed as a whole", 400, -4083, ErrorCode::TimedOut);
        row("overloaded, not done", 503, -1008, ErrorCode::Unavailable);
        row("too many requests", 429, -1003, ErrorCode::RateLimited);
        row("too many orders", 400, -1015, ErrorCode::RateLimited);
        row("key refused", 401, -2015, ErrorCode::Unauthorized);
        row("no such order", 400, -2013, ErrorCode::NotFound);
        row("listen key gone", 400, -1125, ErrorCode::NotFound);
        row("margin", 400, -2019, ErrorCode::Rejected);
        row("a change is under way", 400, -5043, ErrorCode::Rejected);
        row("a stop sent to the endpoint of plain orders", 400, -4120, ErrorCode::Unsupported);
    }
    void everyJudgementHasItsErrorCode()
    {
        QFETCH(int, status);
        QFETCH(int, code);
        const auto error =
            parseApiError(status, R"({"code":)" + std::to_string(code) + R"(,"msg":"what the venue says"})");
        QVERIFY(error.has_value());
        QTEST(error->error().code, "expected");
        QVERIFY2(error->error().detail.ends_with("code " + std::to_string(code) + ": what the venue says"),
                 error->error().detail.c_str());
    }

    void aCodeMayComeAsTextAndTextIsNoCode()
    {
        QCOMPARE(parseApiError(400, R"({"code":"-2019","msg":"x"})")->disposition, Disposition::Refused);
        const auto word = parseApiError(400, R"({"code":"no number","msg":"x"})");
        QVERIFY(!word->code);
        QCOMPARE(word->disposition, Disposition::Unknown);
        QVERIFY(!parseApiError(200, "[\"" + std::string(2'000, 'x') + "\"]")); // a long success is not looked into
    }

    void successesAreNoErrors()
    {
        QVERIFY(!parseApiError(200, "{}"));
        QVERIFY(!parseApiError(200, R"({"code":200,"msg":"success"})"));
        QVERIFY(!parseApiError(200, R"({"algoId":1,"code":"200","msg":"success"})"));
        QVERIFY(!parseApiError(200, "[]"));
        QVERIFY(parseApiError(200, R"({"code":-2022,"msg":"ReduceOnly Order is rejected."})"));
    }

    void readsTheTimeOfABan()
    {
        const auto ban = parseApiError(
            418, R"({"code":-1003,"msg":"IP(1.2.3.4) banned until 1700000000000. Please use"})");
        QVERIFY(ban && ban->bannedUntil);
        QCOMPARE(*ban->bannedUntil, utcFromMilliseconds(1'700'000'000'000));
        QVERIFY(!parseApiError(418, R"({"code":-1003,"msg":"banned until 99999999999999999999999"})")
                     ->bannedUntil);
        QVERIFY(!parseApiError(418, "<html>")->bannedUntil);
    }

    void keysAreTakenOutOfTheText()
    {
        const auto error = parseApiError(
            400,
            R"({"code":-1,"msg":"key dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83 is bad\nhere"})");
        QVERIFY(error->error().detail.find("dbefbc809e") == std::string::npos);
        QVERIFY(error->error().detail.find("is bad here") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestApiError)
#include "tst_api_error.moc"
