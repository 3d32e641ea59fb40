#include "core/risk/sizing.h"

#include <cmath>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/risk/position_math.h"

using namespace core;
using namespace core::risk;

namespace
{
Price price(std::string_view text) { return parsePrice(text).value(); }
Money money(std::string_view text) { return parseMoney(text).value(); }
Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }

Instrument btc()
{
    Instrument rules;
    rules.stepSize = rules.quantityMin = parseQuantity("0.001").value();
    rules.tickSize = price("0.1");
    rules.notionalMin = money("100");
    rules.marginTiers = {{money("0"), money("50000"), ratio("0.004"), money("0"), 125},
                         {money("50000"), money("250000"), ratio("0.005"), money("50"), 100},
                         {money("250000"), money("90000000"), ratio("0.01"), money("1300"), 50}};
    return rules;
}

SizingInput sample(const Instrument &rules)
{
    SizingInput input{.entry = price("60000"),
                      .stop = price("59100"),
                      .equity = money("10000"),
                      .feeIn = ratio("0.0005"),
                      .feeOut = ratio("0.0005"),
                      .instrument = &rules,
                      .limits = {},
                      .grossOthers = {}};
    input.limits.riskPerTrade = ratio("0.01");
    input.limits.kellyFraction = ratio("0.5");
    input.limits.positionMax = ratio("3");
    input.limits.leverageMax = ratio("5");
    input.limits.correlatedMax = ratio("1.5");
    input.limits.volatilityTarget = ratio("0.15");
    input.limits.slippageAllowance = ratio("0.0002");
    input.limits.liquidityBps = ratio("0.001");
    input.limits.liquidityHourShare = ratio("0.01");
    return input;
}

const SizeCap &cap(const SizeAnswer &answer, std::string_view name)
{
    for (const SizeCap &one : answer.caps) {
        if (one.name == name)
            return one;
    }
    qFatal("no such constraint");
}
} // namespace

class TestSizing : public QObject
{
    Q_OBJECT

private slots:
    void refusesBadInputByName_data()
    {
        QTest::addColumn<QByteArray>("entry");
        QTest::addColumn<QByteArray>("stop");
        QTest::addColumn<QByteArray>("equity");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("stop at the entry") << QByteArray("60000") << QByteArray("60000") << QByteArray("1") << QByteArray("stop");
        QTest::newRow("stop above a long") << QByteArray("60000") << QByteArray("60001") << QByteArray("1") << QByteArray("stop");
        QTest::newRow("no entry") << QByteArray("0") << QByteArray("1") << QByteArray("1") << QByteArray("entry");
        QTest::newRow("negative stop") << QByteArray("1") << QByteArray("-1") << QByteArray("1") << QByteArray("stop");
        QTest::newRow("nothing left") << QByteArray("2") << QByteArray("1") << QByteArray("0") << QByteArray("equity");
        QTest::newRow("in debt") << QByteArray("2") << QByteArray("1") << QByteArray("-5") << QByteArray("equity");
    }
    void refusesBadInputByName()
    {
        QFETCH(QByteArray, entry);
        QFETCH(QByteArray, stop);
        QFETCH(QByteArray, equity);
        QFETCH(QByteArray, field);
        const Instrument rules = btc();
        SizingInput input = sample(rules);
        input.entry = price(entry.toStdString());
        input.stop = price(stop.toStdString());
        input.equity = money(equity.toStdString());
        const auto answer = size(input);
        QVERIFY(!answer);
        QVERIFY2(answer.error().detail.starts_with(field.toStdString()), answer.error().detail.c_str());
    }

    void eachConstraintCanBind_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char *name : {"risk", "max_position_pct", "max_leverage", "kelly", "volatility", "correlation",
                                 "portfolio", "liquidity", "liq_distance"})
            QTest::newRow(name) << QByteArray(name);
    }
    void eachConstraintCanBind()
    {
        QFETCH(QByteArray, name);
        const Instrument rules = btc();
        SizingInput input = sample(rules);
        input.evidence = KellyEvidence{300, 100, 2};
        input.sigmaYear = 0.1;
        input.sigmaDay = 0.02;
        input.portfolio = SizingInput::Portfolio{{0, 0}, {2, {1, 0.8, 0.8, 1}}, Matrix{2, {0.01, 0.008, 0.008, 0.01}}, 0};
        input.depth = parseQuantity("5").value();
        if (name == "max_position_pct")
            input.limits.positionMax = ratio("0.1");
        else if (name == "max_leverage")
            input.grossOthers = money("49000");
        else if (name == "kelly")
            input.evidence = KellyEvidence{114, 86, 0.85};
        else if (name == "volatility")
            input.limits.volatilityTarget = ratio("0.01");
        else if (name == "correlation")
            input.limits.correlatedMax = ratio("0.05");
        else if (name == "portfolio")
            input.portfolioSigmaMax = 0.003;
        else if (name == "liquidity")
            input.depth = parseQuantity("0.05").value();
        else if (name == "liq_distance")
            input.isolatedMargin = money("50");
        const auto answer = size(input);
        QVERIFY(answer);
        QVERIFY(answer->complete);
        QCOMPARE(QByteArray::fromStdString(answer->binding), name);
        QCOMPARE(answer->reason, std::string());
        QVERIFY(answer->quantity.toDouble() <= *cap(*answer, name.toStdString()).quantity);
        QVERIFY(answer->quantity.toDouble() + 0.001 > *cap(*answer, name.toStdString()).quantity - 1e-9);
    }

    void whatIsNotKnownIsSaidAndNotPassed()
    {
        const Instrument rules = btc();
        const auto answer = size(sample(rules));
        QVERIFY(answer);
        QVERIFY(!answer->complete);
        for (const char *name : {"kelly", "volatility", "correlation", "liquidity"}) {
            QVERIFY(!cap(*answer, name).quantity);
            QVERIFY(cap(*answer, name).text.starts_with("not evaluable"));
        }
    }

    void withoutAnEdgeThereIsNoTrade()
    {
        const Instrument rules = btc();
        SizingInput input = sample(rules);
        input.evidence = KellyEvidence{40, 60, 1};
        const auto answer = size(input);
        QVERIFY(answer);
        QVERIFY(answer->quantity.isZero());
        QCOMPARE(answer->binding, std::string("kelly"));
        QCOMPARE(answer->reason, std::string("no_edge"));
    }

    void aFullAccountHasNoRoom()
    {
        const Instrument rules = btc();
        SizingInput input = sample(rules);
        input.grossOthers = money("60000");
        const auto answer = size(input);
        QVERIFY(answer);
        QVERIFY(answer->quantity.isZero());
        QCOMPARE(answer->reason, std::string("no_room"));
    }

    void multipliersNeverLeaveTheirRange()
    {
        const Instrument rules = btc();
        SizingInput input = sample(rules);
        input.drawdown = 0.5;
        input.streak = 0.25;
        input.state = 0.5;
        QCOMPARE(size(input)->multiplier, 0.1);
        input.drawdown = 0;
        input.streak = 1;
        input.state = 3; // whatever a caller says, results never raise the risk
        QCOMPARE(size(input)->multiplier, 1.0);
        QCOMPARE(streakMultiplier({-1, -1, 0, 1}), 0.8 * 0.8 * 1.1);
        QCOMPARE(streakMultiplier({1, 1, 1}), 1.0);
        QCOMPARE(streakMultiplier(std::vector<int>(20, -1)), 0.25);
    }

    void theMoneyAtRiskIsNeverExceeded()
    {
        const Instrument rules = btc();
        QVERIFY(rc::check("any prices", [&] {
            SizingInput input = sample(rules);
            const bool isLong = *rc::gen::arbitrary<bool>();
            input.direction = isLong ? Direction::Long : Direction::Short;
            input.entry = Price::fromRaw(*rc::gen::inRange<std::int64_t>(1'000'000, 9'000'000'000'000));
            const std::int64_t gap = *rc::gen::inRange<std::int64_t>(1, input.entry.raw());
            input.stop = Price::fromRaw(input.entry.raw() + (isLong ? -gap : gap));
            input.equity = Money::fromRaw(*rc::gen::inRange<std::int64_t>(1, 100'000'000'000'000'000));
            const auto answer = size(input);
            if (!answer)
                return;
            const double quantity = answer->quantity.toDouble();
            RC_ASSERT(quantity * answer->lossPerUnit <= answer->riskMoney * (1 + 1e-9));
            RC_ASSERT(answer->quantity.raw() % rules.stepSize.raw() == 0);
            for (const SizeCap &one : answer->caps)
                RC_ASSERT(!one.quantity || quantity <= *one.quantity * (1 + 1e-9));
            // One step more would break the binding constraint, or there is no size at all.
            if (answer->quantity.isPositive())
                RC_ASSERT(quantity + 0.001 > *cap(*answer, answer->binding).quantity * (1 - 1e-9));
        }));
    }

    void aTighterLimitNeverGivesALargerSize()
    {
        const Instrument rules = btc();
        QVERIFY(rc::check("each limit", [&] {
            SizingInput wide = sample(rules);
            SizingInput tight = wide;
            const auto smaller = [](Ratio &value) {
                value = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(1, value.raw() + 1));
            };
            smaller(tight.limits.riskPerTrade);
            smaller(tight.limits.positionMax);
            smaller(tight.limits.leverageMax);
            const auto a = size(wide);
            const auto b = size(tight);
            RC_ASSERT(a && b && b->quantity <= a->quantity);
        }));
    }

    void liquidationStaysAway()
    {
        const Instrument rules = btc();
        QVERIFY(rc::check("cross, by the exact liquidation price", [&] {
            SizingInput input = sample(rules);
            const bool isLong = *rc::gen::arbitrary<bool>();
            input.direction = isLong ? Direction::Long : Direction::Short;
            input.stop = price(isLong ? "59100" : "60900");
            input.limits.riskPerTrade = ratio("0.9");
            input.limits.positionMax = input.limits.leverageMax = ratio("200");
            input.equity = Money::fromRaw(*rc::gen::inRange<std::int64_t>(20'000'000'000, 900'000'000'000'000));
            input.sigmaDay = *rc::gen::inRange(1, 15) * 0.01;
            const auto answer = size(input);
            RC_ASSERT(answer.has_value());
            RC_PRE(answer->quantity.isPositive());
            const auto where = liquidation(input.direction, answer->quantity, input.entry, input.equity, rules.marginTiers);
            if (!where)
                return; // cannot be liquidated
            const double distance = std::max(2 * 0.015, 3 * *input.sigmaDay);
            RC_ASSERT(std::abs(where->price.toDouble() - 60000) / 60000 >= distance - 1e-6);
        }));
    }
};

QTEST_APPLESS_MAIN(TestSizing)
#include "tst_sizing.moc"
