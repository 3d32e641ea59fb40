#include "core/risk/breaker.h"

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::risk;

namespace
{
constexpr Ratio percent(std::int64_t value) { return Ratio::fromRaw(value * 1'000'000); }

PositionLossBreaker ladder()
{
    PositionLossBreaker breaker;
    breaker.tiers = {{.id = "alert",
                      .trigger = percent(10),
                      .rearm = percent(7),
                      .action = LossAction::Alert,
                      .fraction = {},
                      .firesMax = 3},
                     {.id = "reduce",
                      .trigger = percent(15),
                      .rearm = percent(12),
                      .action = LossAction::ReducePosition,
                      .fraction = percent(50),
                      .firesMax = 1},
                     {.id = "close",
                      .trigger = percent(20),
                      .rearm = percent(16),
                      .action = LossAction::ClosePosition,
                      .fraction = {},
                      .firesMax = 1}};
    return breaker;
}
} // namespace

class TestBreaker : public QObject
{
    Q_OBJECT

private slots:
    void theTriggerIsInclusive()
    {
        const auto breaker = ladder();
        auto state = freshState(breaker);
        QVERIFY(!step(breaker, state, Ratio::fromRaw(percent(10).raw() - 1)));
        QCOMPARE(step(breaker, state, percent(10)), std::optional(Firing{0, 1}));
        QVERIFY(!step(breaker, state, percent(14)));
    }

    void aGapFiresOnlyTheMostSevereAndDisarmsAll()
    {
        const auto breaker = ladder();
        auto state = freshState(breaker);
        QCOMPARE(step(breaker, state, percent(90)), std::optional(Firing{2, 1}));
        for (const TierState &tier : state.tiers) {
            QVERIFY(!tier.armed);
            QCOMPARE(tier.fires, 1);
        }
        QVERIFY(!step(breaker, state, percent(95)));
    }

    void armsAgainOnlyBelowRearm()
    {
        const auto breaker = ladder();
        auto state = freshState(breaker);
        QVERIFY(step(breaker, state, percent(10)));
        QVERIFY(!step(breaker, state, percent(8)));
        QVERIFY(!step(breaker, state, percent(11)));
        QVERIFY(!step(breaker, state, percent(7)));
        QCOMPARE(step(breaker, state, percent(11)), std::optional(Firing{0, 2}));
    }

    void neverFiresMoreThanItMay()
    {
        const auto breaker = ladder();
        auto state = freshState(breaker);
        int fired = 0;
        for (int i = 0; i < 20; ++i) {
            fired += step(breaker, state, percent(11)).has_value() ? 1 : 0;
            static_cast<void>(step(breaker, state, percent(-50)));
        }
        QCOMPARE(fired, 3);
    }

    void severityIsActionThenFractionThenTrigger()
    {
        const LossTier alert{
            .id = "a", .trigger = percent(90), .rearm = {}, .action = LossAction::Alert, .fraction = {}};
        const LossTier half{.id = "b",
                        .trigger = percent(10),
                        .rearm = {},
                        .action = LossAction::ReducePosition,
                        .fraction = percent(50)};
        const LossTier third{.id = "c",
                         .trigger = percent(20),
                         .rearm = {},
                         .action = LossAction::ReducePosition,
                         .fraction = percent(33)};
        QVERIFY(moreSevere(half, alert));
        QVERIFY(moreSevere(half, third));
        QVERIFY(!moreSevere(third, half));
    }

    void aConfigurationChangeKeepsWhatTheTiersRemember()
    {
        const auto breaker = ladder();
        auto state = freshState(breaker);
        static_cast<void>(step(breaker, state, percent(16)));
        auto changed = breaker;
        changed.tiers.erase(changed.tiers.begin());
        changed.tiers.push_back({.id = "new",
                                 .trigger = percent(40),
                                 .rearm = percent(30),
                                 .action = LossAction::ClosePosition,
                                 .fraction = {}});
        const auto next = migrated(state, breaker, changed);
        QCOMPARE(next.tiers.size(), std::size_t{3});
        QVERIFY(!next.tiers[0].armed && next.tiers[0].fires == 1);
        QVERIFY(next.tiers[1].armed && next.tiers[1].fires == 0);
        QVERIFY(next.tiers[2].armed && next.tiers[2].fires == 0);
    }

    /// Against a second, deliberately literal transcription of methods.md 7.2.
    void agreesWithTheWrittenRule()
    {
        QVERIFY(rc::check("rule", [](const std::vector<std::int16_t> &path) {
            const auto breaker = ladder();
            auto state = freshState(breaker);
            std::vector<TierState> plain(breaker.tiers.size());
            for (const std::int16_t value : path) {
                const Ratio metric = Ratio::fromRaw(value * 1'000);
                for (std::size_t i = 0; i < plain.size(); ++i) {
                    if (!plain[i].armed && metric <= breaker.tiers[i].rearm &&
                        plain[i].fires < breaker.tiers[i].firesMax)
                        plain[i].armed = true;
                }
                std::optional<std::size_t> hit;
                for (std::size_t i = 0; i < plain.size(); ++i) {
                    if (plain[i].armed && metric >= breaker.tiers[i].trigger) {
                        plain[i].armed = false;
                        ++plain[i].fires;
                        hit = i; // ascending severity in this ladder
                    }
                }
                const auto before = peek(breaker, state, metric);
                const auto got = step(breaker, state, metric);
                RC_ASSERT(before == got);
                RC_ASSERT(got.has_value() == hit.has_value());
                if (got)
                    RC_ASSERT(got->tier == *hit);
                RC_ASSERT(state.tiers == plain);
            }
        }));
    }
};

QTEST_APPLESS_MAIN(TestBreaker)
#include "tst_breaker.moc"
