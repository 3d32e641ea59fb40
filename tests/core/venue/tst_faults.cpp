#include <QtTest/QTest>

#include <set>

#include "core/venue/faults.h"
#include "core/venue/faults_answers.h"
#include "core/venue/faults_gate.h"
#include "core/venue/control_counters.h"

using namespace core;
using namespace core::venue;
using namespace std::chrono_literals;

namespace
{
[[nodiscard]] FaultSubject request(FaultChannel channel, std::string_view name, bool reduces = false)
{
    return {FaultFamily::Request, channel, name, reduces};
}

/// Which of the first `count` order requests are struck.
[[nodiscard]] std::set<int> struckOf(FaultRule rule, int count, std::uint64_t seed = 1)
{
    FaultGate gate(core::Venue::Binance);
    gate.set({seed, {std::move(rule)}}, 0ms);
    std::set<int> struck;
    for (int i = 1; i <= count; ++i)
        if (!gate.strike(request(FaultChannel::Order, "/fapi/v1/order"), std::chrono::milliseconds(i)).empty())
            struck.insert(i);
    return struck;
}

[[nodiscard]] HttpReply answered(FaultRule rule, core::Venue skin, bool reduces, bool &isExecuted)
{
    FaultGate gate(skin);
    gate.set({1, {std::move(rule)}}, 0ms);
    isExecuted = false;
    return answerUnderFaults(gate, request(FaultChannel::Order, "order", reduces),
                             {skin, 100ms, UtcTime{1'700'000'000s}}, [&] {
                                 isExecuted = true;
                                 return HttpReply{.status = 200, .headers = {}, .body = "{\"orderId\":1}"};
                             });
}
} // namespace

class TestFaults : public QObject
{
    Q_OBJECT

private slots:
    void rulesSelect()
    {
        QCOMPARE(struckOf({.kind = FaultKind::LoseReply}, 3), (std::set<int>{1, 2, 3}));
        QCOMPARE(struckOf({.kind = FaultKind::LoseReply, .numbers = {2, 5}}, 6), (std::set<int>{2, 5}));
        QCOMPARE(struckOf({.kind = FaultKind::LoseReply, .every = 3}, 7), (std::set<int>{3, 6}));
        QCOMPARE(struckOf({.kind = FaultKind::LoseReply, .from = 3ms, .until = 5ms}, 8), (std::set<int>{3, 4}));
        QVERIFY(struckOf({.kind = FaultKind::LoseReply, .venue = core::Venue::Hyperliquid}, 3).empty());
        QVERIFY(struckOf({.kind = FaultKind::LoseReply, .stream = "algo"}, 3).empty());
        QCOMPARE(struckOf({.kind = FaultKind::LoseReply, .channel = FaultChannel::Rest}, 1), (std::set<int>{1}));
        QVERIFY(struckOf({.kind = FaultKind::DropFrames, .channel = FaultChannel::WebSocket}, 3).empty());
    }

    void theSameSeedStrikesTheSameRequests()
    {
        const FaultRule rule{.kind = FaultKind::LoseReply, .probability = Ratio::fromRaw(30'000'000)};
        const auto first = struckOf(rule, 1'000, 7);
        QCOMPARE(first, struckOf(rule, 1'000, 7));
        QVERIFY(first != struckOf(rule, 1'000, 8));
        QVERIFY2(first.size() > 240 && first.size() < 360, qPrintable(QString::number(first.size())));
    }

    void framesAreStruckByTheirKind()
    {
        FaultGate gate(core::Venue::Binance);
        gate.set({1, {{.kind = FaultKind::DropFrames, .channel = FaultChannel::Public, .stream = "depth"}}}, 0ms);
        const auto strikes = [&](FaultChannel channel, std::string_view name) {
            return gate.strike({FaultFamily::Frame, channel, name, false}, 1ms).size();
        };
        QCOMPARE(strikes(FaultChannel::Public, "depthUpdate"), std::size_t{1});
        QCOMPARE(strikes(FaultChannel::Public, "bookTicker"), std::size_t{0});
        QCOMPARE(strikes(FaultChannel::Private, "depthUpdate"), std::size_t{0});
    }

    void aFaultOfTheVenueComesOnce()
    {
        FaultGate gate(core::Venue::Binance);
        gate.set({1, {{.kind = FaultKind::ListenKeyEnds, .from = 10ms}}}, 100ms);
        QVERIFY(gate.due(FaultKind::ListenKeyEnds, 105ms) == nullptr);
        QVERIFY(gate.due(FaultKind::ListenKeyEnds, 111ms) != nullptr);
        QVERIFY(gate.due(FaultKind::ListenKeyEnds, 112ms) == nullptr);
    }

    void answersAreTheVenuesWords_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("skin");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("body");
        QTest::addColumn<bool>("executed");
        const int binance = static_cast<int>(core::Venue::Binance);
        const int hyperliquid = static_cast<int>(core::Venue::Hyperliquid);
        const auto row = [&](FaultKind kind, int skin, int status, const char *body, bool executed) {
            QTest::newRow(qPrintable(QString::fromUtf8(name(kind).data(), static_cast<qsizetype>(name(kind).size())) +
                                     (skin == binance ? QStringLiteral(" b") : QStringLiteral(" h"))))
                << static_cast<int>(kind) << skin << status << QString::fromUtf8(body) << executed;
        };
        row(FaultKind::Limited, binance, 429, "\"code\":-1003", false);
        row(FaultKind::Limited, hyperliquid, 429, "null", false);
        row(FaultKind::Banned, binance, 418, "IP banned until 1700000002000.", false);
        row(FaultKind::Forbidden, binance, 403, "<html>", false);
        row(FaultKind::BadGateway, hyperliquid, 502, "<html>", false);
        row(FaultKind::UnknownExecuted, binance, 503, "Unknown error, please check", true);
        row(FaultKind::UnknownNotExecuted, binance, 503, "Unknown error, please check", false);
        row(FaultKind::Unavailable, binance, 503, "Service Unavailable.", false);
        row(FaultKind::Throttled, binance, 503, "\"code\":-1008", false);
        row(FaultKind::StaleTimestamp, binance, 400, "\"code\":-1021", false);
        row(FaultKind::ConditionalRefused, binance, 400, "\"code\":-4120", false);
        row(FaultKind::Maintenance, binance, 503, "\"code\":-1016", false);
        row(FaultKind::ExpiredAction, hyperliquid, 200, "Action already expired", false);
        row(FaultKind::BudgetExhausted, hyperliquid, 200, "Too many cumulative requests sent (", false);
        row(FaultKind::LoseReply, binance, 200, "orderId", true);
    }
    void answersAreTheVenuesWords()
    {
        QFETCH(int, kind);
        QFETCH(int, skin);
        QFETCH(int, status);
        QFETCH(QString, body);
        QFETCH(bool, executed);
        bool isExecuted = false;
        const HttpReply reply = answered({.kind = static_cast<FaultKind>(kind), .until = 2'100ms, .length = 2s},
                                         static_cast<core::Venue>(skin), false, isExecuted);
        QCOMPARE(reply.status, status);
        QVERIFY2(QString::fromStdString(reply.body).contains(body), reply.body.c_str());
        QCOMPARE(isExecuted, executed);
    }

    void throttlingLetsReductionsPass()
    {
        bool isExecuted = false;
        QCOMPARE(answered({.kind = FaultKind::Throttled}, core::Venue::Binance, true, isExecuted).status, 200);
        QVERIFY(isExecuted);
    }

    void retryAfterIsInWholeSeconds()
    {
        bool isExecuted = false;
        const HttpReply reply = answered({.kind = FaultKind::Limited, .length = 1'200ms}, core::Venue::Binance, false, isExecuted);
        QCOMPARE(reply.headers.size(), std::size_t{1});
        QCOMPARE(reply.headers[0].second, std::string("2"));
        QVERIFY(answered({.kind = FaultKind::Limited}, core::Venue::Binance, false, isExecuted).headers.empty());
    }

    void plansSurviveTheirText()
    {
        for (std::uint64_t seed = 1; seed <= 200; ++seed)
            for (const core::Venue venue : {core::Venue::Binance, core::Venue::Hyperliquid}) {
                const FaultPlan plan = randomFaultPlan(seed, venue, 60s);
                const auto read = parseFaultPlan(faultPlanText(plan));
                QVERIFY2(read.has_value(), read ? "" : read.error().detail.c_str());
                QVERIFY(*read == plan);
            }
    }

    void randomPlansAreTheSameForTheSameSeed()
    {
        QVERIFY(randomFaultPlan(5, core::Venue::Binance, 60s) == randomFaultPlan(5, core::Venue::Binance, 60s));
        QVERIFY(randomFaultPlan(5, core::Venue::Binance, 60s) != randomFaultPlan(6, core::Venue::Binance, 60s));
        std::set<FaultKind> seen;
        for (std::uint64_t seed = 1; seed <= 100; ++seed)
            for (const FaultRule &rule : randomFaultPlan(seed, core::Venue::Binance, 60s).rules) {
                QVERIFY(rule.until && *rule.until <= 60s && rule.from < *rule.until);
                seen.insert(rule.kind);
            }
        QVERIFY2(seen.size() > 24, qPrintable(QString::number(seen.size())));
    }

    void badPlansNameTheField_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("field");
        QTest::newRow("no JSON") << QByteArray("nonsense") << "faults: ";
        QTest::newRow("no rules") << QByteArray(R"({"seed":1})") << "rules: ";
        QTest::newRow("unknown member") << QByteArray(R"({"rules":[],"x":1})") << "x: ";
        QTest::newRow("unknown kind") << QByteArray(R"({"rules":[{"kind":"gremlin"}]})") << "rules[0].kind: \"gremlin\"";
        QTest::newRow("no kind") << QByteArray(R"({"rules":[{"channel":"rest"}]})") << "rules[0].kind: is missing";
        QTest::newRow("unknown rule member") << QByteArray(R"({"rules":[{"kind":"delay","lenght_ms":5}]})") << "rules[0].lenght_ms: ";
        QTest::newRow("channel of frames") << QByteArray(R"({"rules":[{"kind":"delay"},{"kind":"drop-frames","channel":"rest"}]})") << "rules[1].channel: ";
        QTest::newRow("channel of requests") << QByteArray(R"({"rules":[{"kind":"delay","channel":"private"}]})") << "rules[0].channel: ";
        QTest::newRow("number 0") << QByteArray(R"({"rules":[{"kind":"delay","numbers":[0]}]})") << "rules[0].numbers: ";
        QTest::newRow("probability") << QByteArray(R"({"rules":[{"kind":"delay","probability":"1.5"}]})") << "rules[0].probability: ";
        QTest::newRow("interval") << QByteArray(R"({"rules":[{"kind":"delay","from_ms":5,"until_ms":5}]})") << "rules[0].until_ms: ";
        QTest::newRow("negative delay") << QByteArray(R"({"rules":[{"kind":"delay","length_ms":-5}]})") << "rules[0].length_ms: ";
        QTest::newRow("half a millisecond") << QByteArray(R"({"rules":[{"kind":"delay","length_ms":0.5}]})") << "rules[0].length_ms: ";
        QTest::newRow("other venue's fault") << QByteArray(R"({"rules":[{"kind":"banned","venue":"hyperliquid"}]})") << "rules[0].kind: ";
        QTest::newRow("share") << QByteArray(R"({"rules":[{"kind":"partial-fills","share":"2"}]})") << "rules[0].share: ";
    }
    void badPlansNameTheField()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, field);
        const auto plan = parseFaultPlan(json.toStdString());
        QVERIFY(!plan);
        QVERIFY2(QString::fromStdString(plan.error().detail).startsWith(field), plan.error().detail.c_str());
    }

    void protectiveRequestsWaitFromTheirFirstArrival()
    {
        ControlCounters counters;
        const FaultSubject cancel = request(FaultChannel::Order, "/fapi/v1/order", true);
        counters.onRequest(cancel, "DELETE a", "-1003", false, 1s);
        counters.onRequest(cancel, "DELETE a", "-1003", false, 2s);
        QCOMPARE(counters.protectiveWaiting(), std::size_t{1});
        counters.onRequest(cancel, "DELETE a", "200", true, 2'500ms);
        counters.onRequest(request(FaultChannel::Order, "/fapi/v1/order"), "POST b", "200", true, 3s);
        QCOMPARE(counters.protectiveWaiting(), std::size_t{0});
        QCOMPARE(counters.protectiveServed(), std::uint64_t{1});
        QVERIFY(counters.protectiveWaitMost() == 1'500ms);
        QCOMPARE(counters.answered("-1003"), std::uint64_t{2});
        QCOMPARE(counters.requests(), std::uint64_t{4});
    }
};

QTEST_APPLESS_MAIN(TestFaults)
#include "tst_faults.moc"
