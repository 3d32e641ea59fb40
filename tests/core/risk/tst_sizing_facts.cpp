#include "core/risk/sizing_facts.h"

#include <cmath>

#include <QtTest/QTest>

using namespace core;
using namespace core::risk;
using namespace std::chrono_literals;

namespace
{
Money money(std::string_view text) { return parseMoney(text).value(); }
Price price(std::string_view text) { return parsePrice(text).value(); }
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }
Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }
InstrumentKey key(const char *symbol) { return {Venue::Binance, *Symbol::from(symbol)}; }
const UtcTime kNoon = UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 3 / 10} + 12h};

Instrument instrument()
{
    Instrument i;
    i.key = key("BTCUSDT");
    i.tickSize = price("0.1");
    i.stepSize = i.quantityMin = quantity("0.001");
    i.quantityMax = quantity("1000");
    i.notionalMin = money("5");
    i.marginTiers = {{money("0"), money("1000000000"), ratio("0.004"), money("0"), 100}};
    return i;
}

SizingInput longAt60000(const Instrument &rules, const Limits &limits)
{
    return {.direction = Direction::Long, .entry = price("60000"), .stop = price("59000"), .equity = money("100000"),
            .feeIn = {}, .feeOut = {}, .instrument = &rules, .limits = limits.sizing, .grossOthers = {}};
}

Position held(const char *symbol, std::string_view size, std::optional<Price> mark)
{
    Position p;
    p.instrument = key(symbol);
    p.quantity = quantity(size);
    p.markPrice = mark;
    return p;
}

Estimate estimate(const char *symbol, std::string_view sigmaDay)
{
    Estimate e;
    e.instrument = key(symbol);
    e.sigmaDay = ratio(sigmaDay);
    e.sigmaUsual = ratio("0.02");
    e.hourVolume = money("5000000");
    return e;
}

Trip trip(int hour, std::string_view net, std::optional<Money> risk)
{
    Trip t;
    t.closedAt = kNoon + hour * 1h;
    t.openedAt = t.closedAt - 10min;
    t.net = money(net);
    t.plannedRisk = risk;
    return t;
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

class TestSizingFacts : public QObject
{
    Q_OBJECT

private slots:
    void resultsAreReckonedInPlannedRisk()
    {
        History history;
        history.nav = ratio("0.9");
        history.peakNav = ratio("1.2");
        history.trips = {trip(0, "200", money("100")), trip(1, "-50", money("50")), trip(2, "100", money("100")),
                         trip(3, "-500", std::nullopt), trip(4, "1", money("100"))};
        const ResultFacts facts = resultFacts(history);
        QVERIFY(facts.drawdown && qFuzzyCompare(*facts.drawdown, 0.25));
        QCOMPARE(facts.evidence.wins, 2); // 2 R and 1 R
        QCOMPARE(facts.evidence.losses, 1); // 1 R; the one without a plan counts for the streak alone
        QVERIFY(qFuzzyCompare(facts.evidence.payoff, 1.5));
        QVERIFY(qFuzzyCompare(facts.streak, 0.8 * 1.1 * 0.8)); // win at the ceiling, loss, win, loss, scratch
        QVERIFY(!resultFacts({}).drawdown);
        QCOMPARE(resultFacts({}).evidence, KellyEvidence{});
    }

    void everythingKnownLeavesNoConstraintOut()
    {
        const Instrument rules = instrument();
        const Limits limits = defaultLimits();
        SizingFacts facts;
        facts.estimates = {{key("BTCUSDT"), estimate("BTCUSDT", "0.03")}, {key("ETHUSDT"), estimate("ETHUSDT", "0.04")}};
        facts.depths[key("BTCUSDT")] = {.instrument = key("BTCUSDT"), .mid = price("60000"),
                                        .steps = {{ratio("0.0005"), quantity("1"), quantity("2")},
                                                  {ratio("0.001"), quantity("3"), quantity("4")},
                                                  {ratio("0.002"), quantity("9"), quantity("9")}},
                                        .complete = true, .at = kNoon};
        facts.correlation = Correlation{{key("ETHUSDT"), key("BTCUSDT")}, {ratio("1"), ratio("0.5"), ratio("0.5"), ratio("1")}, kNoon};
        facts.results[Venue::Binance] = {.drawdown = 0.05, .evidence = {.wins = 30, .losses = 10, .payoff = 2}, .streak = 0.8};
        SizingInput input = longAt60000(rules, limits);
        feed(input, facts, limits, {held("ETHUSDT", "10", price("3000"))});
        QVERIFY(qFuzzyCompare(*input.sigmaYear, 0.03 * std::sqrt(365.0)));
        QCOMPARE(input.depth, std::optional(quantity("4"))); // asks within 10 bps
        QCOMPARE(input.portfolio->notionals.size(), std::size_t{2});
        QCOMPARE(input.portfolio->notionals[input.portfolio->index], 0.0);
        QVERIFY(qFuzzyCompare(input.portfolio->correlation.at(0, 1), 0.5));
        QVERIFY(qFuzzyCompare(input.portfolio->covariance->at(0, 1), 0.5 * 0.03 * 0.04 * 365));
        const auto answer = size(input);
        QVERIFY(answer.has_value());
        QVERIFY(answer->complete);
        for (const SizeCap &one : answer->caps)
            QVERIFY2(one.quantity && !one.text.empty(), one.name.c_str());
        QVERIFY(qFuzzyCompare(answer->multiplier, 0.8 * (1 - 0.05 / input.drawdownMax)));
    }

    void whatIsMissingSaysSo()
    {
        const Instrument rules = instrument();
        const Limits limits = defaultLimits();
        SizingInput input = longAt60000(rules, limits);
        feed(input, {}, limits, {held("ETHUSDT", "10", price("3000"))});
        const auto answer = size(input);
        QVERIFY(answer && !answer->complete);
        for (const char *name : {"kelly", "volatility", "correlation", "portfolio", "liquidity"}) {
            const SizeCap &one = cap(*answer, name);
            QVERIFY2(!one.quantity && one.text.find("not evaluable: ") == 0, name);
        }
        // Alone in the account, an instrument correlates with nothing but itself.
        feed(input, {}, limits, {});
        QVERIFY(cap(*size(input), "correlation").quantity.has_value());
        QVERIFY(!cap(*size(input), "portfolio").quantity.has_value());
        // A position whose mark is missing makes the sum unknown.
        SizingFacts facts;
        facts.correlation = Correlation{};
        feed(input, facts, limits, {held("ETHUSDT", "10", std::nullopt)});
        QVERIFY(!input.portfolio);
        // A book that does not reach to the bound tells nothing about it.
        facts.depths[key("BTCUSDT")] = {.instrument = key("BTCUSDT"), .mid = price("60000"),
                                        .steps = {{ratio("0.001"), quantity("3"), quantity("4")}}, .complete = false, .at = kNoon};
        feed(input, facts, limits, {});
        QVERIFY(!input.depth);
    }

    void aPairThatNobodyMeasuredCountsAsPointEight()
    {
        const Instrument rules = instrument();
        const Limits limits = defaultLimits();
        SizingInput input = longAt60000(rules, limits);
        SizingFacts facts;
        facts.correlation = Correlation{{key("BTCUSDT")}, {ratio("1")}, kNoon};
        feed(input, facts, limits, {held("DOGEUSDT", "10", price("3000"))});
        QVERIFY(qFuzzyCompare(input.portfolio->correlation.at(0, 1), 0.8));
        QVERIFY(!input.portfolio->covariance);
    }
};

QTEST_APPLESS_MAIN(TestSizingFacts)
#include "tst_sizing_facts.moc"
