#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using tests::ScriptedFixture;
using tests::waitFor;
using Answer = tests::ScriptedVenue::Answer;
using Request = tests::ScriptedVenue::Request;

class TestClientSettings : public QObject
{
    Q_OBJECT

    static Answer refusal(int code, int status = 400)
    {
        return {.status = status, .body = R"({"code":)" + std::to_string(code) + R"(,"msg":"no"})"};
    }

private slots:
    void bn37_whatIsAlreadySoIsASuccess()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/marginType", [](const Request &) { return refusal(-4046); });
        std::optional<Result<void>> done;
        fixture.client->setMarginMode(fixture.instrument, MarginMode::Isolated, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY(done->has_value());
        QCOMPARE(fixture.venue.asked("POST /fapi/v1/marginType").at(0).parameters.at("marginType"), std::string("ISOLATED"));
    }

    void aRefusedSettingSaysWhy()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/marginType", [](const Request &) { return refusal(-4048); });
        std::optional<Result<void>> done;
        fixture.client->setMarginMode(fixture.instrument, MarginMode::Cross, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY(!done->has_value() && done->error().detail.find("-4048") != std::string::npos);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/marginType"), 1);
    }

    void leverageIsRepeatedWhenItsOutcomeIsUnknown()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.onEach("POST /fapi/v1/leverage", {{.silent = true}, {.body = R"({"leverage":7,"maxNotionalValue":"1000000","symbol":"BTCUSDT"})"}});
        const int read = fixture.venue.count("GET /fapi/v1/symbolConfig");
        std::optional<Result<void>> done;
        fixture.client->setLeverage(fixture.instrument, 7, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QVERIFY(done->has_value());
        QCOMPARE(fixture.venue.asked("POST /fapi/v1/leverage").at(1).parameters.at("leverage"), std::string("7"));
        QVERIFY(waitFor([&] { return fixture.venue.count("GET /fapi/v1/symbolConfig") > read; }));
    }

    void bn44_theDeadManIsArmedAgainAndDisarmedOnlyWhenAsked()
    {
        ScriptedFixture fixture;
        fixture.options.timings.deadManEvery = 150ms; // 30 s in earnest
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/countdownCancelAll", R"({"symbol":"BTCUSDT","countdownTime":"120000"})");
        const auto sent = [&] { return fixture.venue.asked("POST /fapi/v1/countdownCancelAll"); };
        std::optional<Result<void>> done;
        fixture.client->setDeadMan(fixture.instrument, 120s, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value() && sent().size() >= 4; }));
        QVERIFY(done->has_value());
        for (const Request &request : sent())
            QCOMPARE(request.parameters.at("countdownTime"), std::string("120000"));
        // One failure does not end it.
        fixture.venue.onEach("POST /fapi/v1/countdownCancelAll", {{.silent = true}, {.body = R"({"symbol":"BTCUSDT","countdownTime":"120000"})"}});
        const std::size_t before = sent().size();
        QVERIFY(waitFor([&] { return sent().size() >= before + 3; }));
        done.reset();
        fixture.client->setDeadMan(fixture.instrument, std::nullopt, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        QCOMPARE(sent().back().parameters.at("countdownTime"), std::string("0"));
        const std::size_t total = sent().size();
        (void)waitFor([&] { return sent().size() > total; }, 500);
        QCOMPARE(sent().size(), total);
    }

    void bn44_stoppingTheClientDoesNotDisarm()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("POST /fapi/v1/countdownCancelAll", R"({"symbol":"BTCUSDT","countdownTime":"120000"})");
        std::optional<Result<void>> done;
        fixture.client->setDeadMan(fixture.instrument, 120s, [&](Result<void> result) { done = std::move(result); });
        QVERIFY(waitFor([&] { return done.has_value(); }));
        bool stopped = false;
        fixture.client->stop([&] { stopped = true; });
        QVERIFY(waitFor([&] { return stopped; }));
        for (const Request &request : fixture.venue.asked("POST /fapi/v1/countdownCancelAll"))
            QVERIFY(request.parameters.at("countdownTime") != "0");
    }

    void aKeyThatMayWithdrawIsSeen_data()
    {
        QTest::addColumn<bool>("withdraws");
        QTest::newRow("it may") << true;
        QTest::newRow("it may not") << false;
    }
    void aKeyThatMayWithdrawIsSeen()
    {
        QFETCH(bool, withdraws);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /sapi/v1/account/apiRestrictions",
                         std::string(R"({"ipRestrict":true,"createTime":1,"enableReading":true,"enableFutures":true,"enableWithdrawals":)") +
                             (withdraws ? "true" : "false") + "}");
        std::optional<Result<ports::KeyRights>> rights;
        fixture.client->keyRights([&](Result<ports::KeyRights> result) { rights = std::move(result); });
        QVERIFY(waitFor([&] { return rights.has_value(); }));
        QVERIFY(rights->has_value());
        QCOMPARE((*rights)->withdraws, std::optional(withdraws));
        QCOMPARE((*rights)->trades, std::optional(true));
        QCOMPARE((*rights)->restrictedToAddress, std::optional(true));
    }

    void feesAreTheAccountsOwn()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /fapi/v1/commissionRate",
                         R"({"symbol":"BTCUSDT","makerCommissionRate":"-0.00005","takerCommissionRate":"0.0004"})");
        std::optional<Result<FeeRates>> rates;
        const auto ask = [&] {
            rates.reset();
            fixture.client->feeRates({Venue::Binance, *Symbol::from("BTCUSDT")},
                                     [&](Result<FeeRates> result) { rates = std::move(result); });
            return waitFor([&] { return rates.has_value(); });
        };
        QVERIFY(ask());
        QVERIFY(rates->has_value());
        QCOMPARE((*rates)->maker, Ratio::fromRaw(-5'000));
        QCOMPARE((*rates)->taker, Ratio::fromRaw(40'000));
        fixture.venue.on("GET /fapi/v1/commissionRate", std::string(R"({"symbol":"BTCUSDT"})"));
        QVERIFY(ask());
        QVERIFY(!rates->has_value()); // missing is not zero
    }

    void whatTheVenueDoesNotSayStaysAbsent()
    {
        ScriptedFixture fixture;
        fixture.options.endpoints.spotApi.clear();
        QVERIFY(fixture.startAndReconcile());
        std::optional<Result<ports::KeyRights>> rights;
        fixture.client->keyRights([&](Result<ports::KeyRights> result) { rights = std::move(result); });
        QVERIFY(waitFor([&] { return rights.has_value(); }));
        QVERIFY(rights->has_value());
        QVERIFY(!(*rights)->withdraws.has_value()); // the account's canWithdraw is not the key's
        QVERIFY(!(*rights)->remarks.empty());
    }

    void bn48_aRefusedKeyIsTriedOnce()
    {
        ScriptedFixture fixture;
        for (const char *path : {"openOrders", "openAlgoOrders", "accountConfig", "symbolConfig", "leverageBracket"})
            fixture.venue.on(std::string("GET /fapi/v1/") + path, [](const Request &) { return refusal(-2015, 401); });
        fixture.venue.on("POST /fapi/v1/listenKey", [](const Request &) { return refusal(-2015, 401); });
        fixture.start();
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        const std::size_t asked = fixture.venue.all().size();
        fixture.client->queryOrder(fixture.instrument, ScriptedFixture::id("any"));
        fixture.client->setLeverage(fixture.instrument, 5, {});
        (void)waitFor([] { return false; }, 600);
        int after = 0;
        for (std::size_t i = asked; i < fixture.venue.all().size(); ++i)
            after += fixture.venue.all()[i].query.find("signature=") != std::string::npos;
        QCOMPARE(after, 0);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/listenKey"), 1);
        QCOMPARE(fixture.seen.lost.size(), std::size_t{1});
        QCOMPARE(fixture.seen.lost[0].code, ErrorCode::Unauthorized);
    }

    void bn50_aModeSwitchedElsewhereBlocksOrders()
    {
        ScriptedFixture fixture;
        fixture.options.timings.auditEvery = 200ms;
        QVERIFY(fixture.startAndReconcile());
        fixture.venue.on("GET /fapi/v1/accountConfig", R"({"canTrade":true,"canWithdraw":true,"dualSidePosition":true})");
        QVERIFY(waitFor([&] { return !fixture.seen.lost.empty(); }));
        QVERIFY(fixture.seen.lost[0].detail.find("hedge mode") != std::string::npos);
        fixture.submit(fixture.limit("mode-2", Side::Buy, "0.5", "60000"));
        QVERIFY(waitFor([&] { return !fixture.seen.outcomes.empty(); }));
        QCOMPARE(fixture.seen.outcomes[0].outcome, RequestOutcome::Rejected);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/order"), 0);
        QCOMPARE(fixture.venue.count("POST /fapi/v1/positionSide/dual"), 0); // never changed silently
    }
};

QTEST_GUILESS_MAIN(TestClientSettings)
#include "tst_client_settings.moc"
