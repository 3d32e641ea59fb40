#include <QtTest/QTest>

#include "tests/core/risk/limits_random.h"

namespace risk = core::risk;
using limits_random::Random;
using risk::Limits;

namespace
{
bool anyLoosens(const std::vector<risk::LimitChange> &changes)
{
    return std::any_of(changes.begin(), changes.end(), [](const risk::LimitChange &change) { return change.loosens; });
}

std::string text(const std::vector<risk::LimitChange> &changes)
{
    std::string out;
    for (const auto &change : changes)
        out += fmt::format("{}: {} to {}{}\n", change.field, change.from, change.to, change.loosens ? ", looser" : "");
    return out;
}

/// `limits` with a few things changed, so that most of the rest stays comparable.
Limits nearby(Random &random, const Limits &limits)
{
    Limits changed = limits;
    const Limits other = limits_random::limits(random, 6);
    risk::eachField(
        [&random](const risk::FieldRule &, const auto &, auto &value, const auto &drawn) {
            if (random() % 10 == 0)
                value = drawn;
        },
        changed, other);
    if (!risk::validate(changed).empty()) // the single values did not fit together
        risk::eachField([](const risk::FieldRule &, const auto &, auto &value, const auto &old) { value = old; },
                        changed, limits);
    for (risk::Breaker &breaker : changed.breakers) {
        if (random() % 2 == 0)
            breaker = limits_random::breaker(random, breaker.kind, breaker.scope);
    }
    if (random() % 3 == 0 && changed.breakers.size() > 1)
        changed.breakers.erase(changed.breakers.begin());
    if (random() % 3 == 0)
        std::shuffle(changed.breakers.begin(), changed.breakers.end(), random);
    for (const risk::Breaker &breaker : other.breakers) {
        if (random() % 3 == 0 && risk::find(changed, breaker.kind, breaker.scope) == nullptr)
            changed.breakers.push_back(breaker);
    }
    return changed;
}
} // namespace

class TestLimitsChange : public QObject
{
    Q_OBJECT

private slots:
    void whatAllowsMoreIsCalledLooser_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("looser");
        const auto row = [](const char *title, const char *field, const char *value, bool looser) {
            QTest::newRow(title) << QByteArray(field) << QByteArray(value) << looser;
        };
        // breaker[0] loss on margin (15 alert, 22.5 reduce 50 %, 30 close), [5] liquidation distance, [17] effective leverage
        row("closes later", "breaker[0].tier[2].trigger", "31 %", true);
        row("closes earlier", "breaker[0].tier[2].trigger", "29 %", false);
        row("reduces less", "breaker[0].tier[1].fraction", "40 %", true);
        row("reduces more", "breaker[0].tier[1].fraction", "60 %", false);
        row("acts again later", "breaker[0].tier[1].rearm", "10 %", true);
        row("acts again sooner", "breaker[0].tier[1].rearm", "20 %", false);
        row("acts more often", "breaker[0].tier[1].fires_max", "2", false);
        row("only alerts where it closed", "breaker[0].tier[2].action", "alert", true);
        row("flattens where it closed", "breaker[0].tier[2].action", "flatten", false);
        row("waits longer for its effect", "breaker[0].tier[2].escalate_after", "6 s", true);
        row("waits as long as before, said aloud", "breaker[0].tier[2].escalate_after", "5 s", false);
        row("locks after closing", "breaker[0].tier[2].cooling_off", "30 min", false);
        row("switched off", "breaker[0].enabled", "false", true);
        row("nearer to liquidation", "breaker[5].tier[2].trigger", "1 %", true);
        row("farther from liquidation", "breaker[5].tier[2].trigger", "1.8 %", false);
        row("a wider trailing stop", "breaker[2].atr_multiple", "4 x", true);
        row("armed later", "breaker[2].activation", "2 x", true);
        row("a block that ends sooner", "breaker[6].tier[1].rearm", "2.1 sigma", true);
        row("a block that ends later", "breaker[6].tier[1].rearm", "3 sigma", false);
        row("older marks", "mark_stale_after", "4 s", true);
        row("a shorter wait for looser limits", "loosen_after", "1 h", true);
        row("another start of the day", "day_starts_at", "1 h", true);
        row("another slippage of a close", "close_slippage_second", "2 %", true);
        row("a smaller risk per trade", "sizing.risk_per_trade", "0.4 %", false);
        row("advice only becomes a rule", "behaviour.revenge", "enforced", false);
        row("no advice any more", "behaviour.revenge", "off", true);
        row("no stops at the exchange", "backstop.enabled", "false", true);
        row("a stop nearer to the price", "backstop.slippage_allowance", "0.3 %", false);
        row("entry orders cancelled without us", "backstop.dead_man", "60 s", false);
        row("orders farther from the mark", "gate.price_band", "6 %", true);
    }
    void whatAllowsMoreIsCalledLooser()
    {
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, value);
        QFETCH(bool, looser);
        const Limits from = risk::defaultLimits();
        const auto to = risk::withValues(from, {{field.toStdString(), value.toStdString()}});
        QVERIFY2(to.has_value(), to ? "" : to.error().detail.c_str());
        const auto changes = risk::changes(from, *to);
        QCOMPARE(changes.size(), std::size_t{1});
        QCOMPARE(changes[0].field, field.toStdString());
        QCOMPARE(changes[0].loosens, looser);
        QVERIFY(risk::tightened(from, *to) == (looser ? from : *to));
    }

    void aBlockThatBecomesAReductionIsLooser()
    {
        const Limits from = risk::defaultLimits(); // [10] day loss: alert, block, flatten
        const auto to = risk::withValues(
            from, {{"breaker[10].tier[1].action", "reduce"}, {"breaker[10].tier[1].fraction", "1 %"}});
        QVERIFY2(to.has_value(), to ? "" : to.error().detail.c_str());
        QVERIFY(anyLoosens(risk::changes(from, *to)));
        QVERIFY(risk::tightened(from, *to) == from);
    }

    void aRemovedBreakerOrTierStays()
    {
        const Limits from = risk::defaultLimits();
        Limits to = from;
        to.breakers.erase(to.breakers.begin());
        to.breakers[0].tiers.pop_back();
        const auto changes = risk::changes(from, to);
        QCOMPARE(text(changes), std::string("breaker[0].tier 'close': close at 3 % to none, looser\n"
                                            "breaker 'loss-on-margin/position': loss-on-margin of position, 3 tiers "
                                            "to none, looser\n"));
        const Limits held = risk::tightened(from, to);
        QVERIFY(risk::changes(from, held).empty());
    }

    void aTighterAndALooserValueAreTakenApart()
    {
        const Limits from = risk::defaultLimits();
        const auto to = risk::withValues(from, {{"breaker[0].tier[2].trigger", "28 %"},
                                                {"breaker[0].tier[2].rearm", "22 %"},
                                                {"breaker[1].tier[2].trigger", "5 %"}});
        QVERIFY(to.has_value());
        const Limits held = risk::tightened(from, *to);
        QCOMPARE(held.breakers[0].tiers[2].trigger.text(), std::string("0.28"));
        QCOMPARE(held.breakers[0].tiers[2].rearm.text(), std::string("0.22"));
        QCOMPARE(held.breakers[1].tiers[2].trigger.text(), std::string("0.03"));
    }

    void equalLimitsDoNotDiffer()
    {
        Random random(3);
        for (int i = 0; i < 500; ++i) {
            const Limits limits = limits_random::limits(random, 10);
            QVERIFY(risk::changes(limits, limits).empty());
            QVERIFY(risk::tightened(limits, limits) == limits);
        }
    }

    /// Whatever is asked for: what holds at once is valid, has no loosening, and asking for it again changes nothing.
    void nothingLooserHoldsAtOnce()
    {
        Random random(4);
        int loosening = 0;
        int tightening = 0;
        for (int i = 0; i < 20'000; ++i) {
            const Limits from = limits_random::limits(random, 6);
            const Limits to = i % 4 == 0 ? limits_random::limits(random, 6) : nearby(random, from);
            const Limits held = risk::tightened(from, to);
            const auto errors = risk::validate(held);
            QVERIFY2(errors.empty(), errors.empty() ? "" : (errors[0].field + " " + errors[0].rule).c_str());
            const auto differences = risk::changes(from, held);
            QVERIFY2(!anyLoosens(differences), text(differences).c_str());
            QVERIFY(risk::tightened(from, held) == held);
            const auto asked = risk::changes(from, to);
            if (anyLoosens(asked))
                ++loosening;
            else
                QVERIFY2(held == to, text(asked).c_str());
            // Every tightening that was asked for is in it: what is still open afterwards only loosens.
            tightening += differences.empty() ? 0 : 1;
        }
        QVERIFY(loosening > 1'000);
        QVERIFY(tightening > 1'000);
    }

    /// Tightening one value alone holds at once and in full.
    void onlyTighterHoldsAtOnceInFull()
    {
        Random random(5);
        int reached = 0;
        for (int i = 0; i < 5'000; ++i) {
            const Limits from = limits_random::limits(random, 6);
            const Limits to = risk::tightened(from, nearby(random, from));
            if (to == from)
                continue;
            ++reached;
            QVERIFY(!anyLoosens(risk::changes(from, to)));
            QVERIFY(risk::tightened(from, to) == to);
        }
        QVERIFY(reached > 1'000);
    }
};

QTEST_APPLESS_MAIN(TestLimitsChange)
#include "tst_limits_change.moc"
