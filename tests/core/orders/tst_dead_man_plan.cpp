#include "core/orders/dead_man_plan.h"

#include <random>
#include <algorithm>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::orders;
using namespace std::chrono_literals;
using Standing = DeadManPlan::Standing;

namespace
{
const InstrumentKey kBtc{Venue::Binance, *Symbol::from("BTCUSDT")};
const InstrumentKey kEth{Venue::Binance, *Symbol::from("ETHUSDT")};
constexpr Standing kEntries{.hasEntries = true};
constexpr Standing kPosition{.hasPosition = true};

DeadManPlan::Terms terms(bool perInstrument = true, bool killsStops = true)
{
    return {.hasTimer = true, .perInstrument = perInstrument, .killsStops = killsStops, .after = 60s};
}

struct Desk {
    explicit Desk(const DeadManPlan::Terms &with = terms()) { plan.setTerms(now, Venue::Binance, with); }

    void drive()
    {
        commands.clear();
        plan.drive(now, commands);
    }
    void pass(Duration time)
    {
        now += time;
        drive();
    }
    void stands(const InstrumentKey &instrument, const Standing &standing)
    {
        plan.onStanding(now, instrument, standing);
        drive();
    }
    void answers(const InstrumentKey &instrument, std::optional<Duration> after, bool done = true)
    {
        plan.onDone(now, instrument, after, done);
        drive();
    }
    [[nodiscard]] bool arms(const InstrumentKey &instrument) const { return has({instrument, 60s}); }
    [[nodiscard]] bool disarms(const InstrumentKey &instrument) const
    {
        return has({instrument, std::nullopt});
    }
    [[nodiscard]] bool has(const DeadManPlan::Command &wanted) const
    {
        return std::find(commands.begin(), commands.end(), wanted) != commands.end();
    }

    DeadManPlan plan;
    UtcTime now{std::chrono::days{20'000}};
    std::vector<DeadManPlan::Command> commands;
};
} // namespace

class TestDeadManPlan : public QObject
{
    Q_OBJECT

private slots:
    void itIsArmedForEntryOrdersAndRenewed()
    {
        Desk desk;
        desk.stands(kBtc, kEntries);
        QVERIFY(desk.arms(kBtc));
        desk.answers(kBtc, 60s);
        QVERIFY(desk.commands.empty());
        desk.pass(19s);
        QVERIFY(desk.commands.empty());
        desk.pass(1s); // three chances within one run
        QVERIFY(desk.arms(kBtc));
    }

    void itIsNotArmed_data()
    {
        QTest::addColumn<int>("why");
        QTest::newRow("without entry orders") << 0;
        QTest::newRow("with a position there") << 1;
        QTest::newRow("with a stop there") << 2;
        QTest::newRow("when the limits do not ask for it") << 3;
        QTest::newRow("when the venue has none") << 4;
    }
    void itIsNotArmed()
    {
        QFETCH(int, why);
        auto with = terms();
        if (why == 3)
            with.after.reset();
        with.hasTimer = why != 4;
        Desk desk(with);
        desk.stands(kBtc, {.hasEntries = why != 0, .hasPosition = why == 1, .hasStops = why == 2});
        desk.pass(1min);
        QVERIFY(desk.commands.empty());
    }

    void aVenueThatSparesStopsIsArmedBesideAPosition()
    {
        Desk desk(terms(true, false));
        desk.stands(kBtc, {.hasEntries = true, .hasPosition = true, .hasStops = true});
        QVERIFY(desk.arms(kBtc));
        QVERIFY(!desk.plan.holdsStops(desk.now, kBtc));
        QVERIFY(!desk.plan.threatensStops(desk.now, kBtc));
    }

    void anotherInstrumentsPositionCountsOnlyWhereTheTimerIsTheAccounts_data()
    {
        QTest::addColumn<bool>("perInstrument");
        QTest::newRow("one timer per instrument: armed") << true;
        QTest::newRow("one for the account: not") << false;
    }
    void anotherInstrumentsPositionCountsOnlyWhereTheTimerIsTheAccounts()
    {
        QFETCH(bool, perInstrument);
        Desk desk(terms(perInstrument));
        desk.stands(kEth, kPosition);
        desk.stands(kBtc, kEntries);
        QCOMPARE(desk.commands.size(), std::size_t(perInstrument ? 1 : 0));
    }

    void aFilledEntryDisarmsBeforeTheStopIsPlaced()
    {
        Desk desk;
        desk.stands(kBtc, kEntries);
        desk.answers(kBtc, 60s);
        desk.now += 5s;
        desk.stands(kBtc, {.hasEntries = true, .hasPosition = true});
        QVERIFY(desk.disarms(kBtc));
        QVERIFY(desk.plan.holdsStops(desk.now, kBtc));
        desk.now += 80ms;
        desk.answers(kBtc, std::nullopt);
        QVERIFY(!desk.plan.holdsStops(desk.now, kBtc));
        QVERIFY(!desk.plan.threatensStops(desk.now, kBtc));
        desk.pass(1h);
        QVERIFY(desk.commands.empty());
    }

    void aDisarmingWithoutAnswerHoldsTheStopForASecondOnly()
    {
        Desk desk;
        desk.stands(kBtc, kEntries);
        desk.answers(kBtc, 60s);
        desk.stands(kBtc, kPosition);
        desk.pass(999ms);
        QVERIFY(desk.plan.holdsStops(desk.now, kBtc));
        desk.pass(1ms);
        QVERIFY(!desk.plan.holdsStops(desk.now, kBtc)); // a stop that may go is better than none
        QVERIFY(desk.plan.threatensStops(desk.now, kBtc));
        desk.pass(4s);
        QVERIFY(desk.disarms(kBtc)); // again
        desk.answers(kBtc, std::nullopt, false);
        QVERIFY(desk.commands.empty());
        desk.pass(500ms);
        QVERIFY(desk.disarms(kBtc));
        desk.pass(55s); // it was armed for 60 s: by now it has fired or never ran
        QVERIFY(!desk.plan.threatensStops(desk.now, kBtc));
    }

    void anArmingWithoutAnswerMayRunUntilItIsDisarmed()
    {
        Desk desk;
        desk.stands(kBtc, kEntries);
        desk.stands(kBtc, kPosition);
        QVERIFY(desk.disarms(kBtc));
        desk.answers(kBtc, 60s); // late, of the older command
        QVERIFY(desk.plan.threatensStops(desk.now, kBtc));
        desk.pass(10min);
        QVERIFY(desk.plan.threatensStops(desk.now, kBtc));
        desk.answers(kBtc, std::nullopt);
        QVERIFY(!desk.plan.threatensStops(desk.now, kBtc));
    }

    void anEarlierRunsTimerIsDisarmedFirst()
    {
        auto with = terms();
        with.inherited = true;
        Desk desk(with);
        desk.stands(kBtc, kPosition);
        QVERIFY(desk.disarms(kBtc));
        QVERIFY(desk.plan.holdsStops(desk.now, kBtc));
        desk.answers(kBtc, std::nullopt);
        QVERIFY(!desk.plan.holdsStops(desk.now, kBtc));
        desk.pass(1h);
        QVERIFY(desk.commands.empty());
    }

    void aVenueThatRefusesIsNotPestered()
    {
        Desk desk;
        desk.stands(kBtc, kEntries);
        desk.answers(kBtc, 60s, false);
        desk.pass(9s);
        QVERIFY(desk.commands.empty());
        desk.pass(11s);
        QVERIFY(desk.arms(kBtc));
    }

    void whenEntriesAreGoneItIsDisarmed()
    {
        Desk desk;
        desk.stands(kBtc, kEntries);
        desk.answers(kBtc, 60s);
        desk.stands(kBtc, {});
        QVERIFY(desk.disarms(kBtc));
        QVERIFY(!desk.plan.threatensStops(desk.now, kBtc));
    }

    /// A model venue that counts down, answers late or never, and kills what is there. While it answers, no
    /// stop is ever killed.
    void aTimerNeverRemovesAStopWhileTheVenueAnswers()
    {
        QVERIFY(rc::check("while the venue answers, the timer removes entry orders only", [] {
            std::mt19937_64 random(
                *rc::gen::noShrink(rc::gen::resize(100, rc::gen::arbitrary<std::uint64_t>())));
            const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
            const bool perInstrument = chance(50);
            Desk desk(terms(perInstrument));
            const auto reach = [&](const InstrumentKey &i) {
                return perInstrument ? i : InstrumentKey{Venue::Binance, {}};
            };
            std::map<InstrumentKey, UtcTime> firesAt;
            std::map<InstrumentKey, Standing> there{{kBtc, {}}, {kEth, {}}};
            struct Answer {
                UtcTime at;
                DeadManPlan::Command command;
            };
            std::vector<Answer> answers;
            bool sawFire = false;
            for (int i = 0; i < 2000; ++i) {
                desk.now += 100ms;
                const bool isStalled =
                    i % 1000 > 100 && i % 1000 < 800 && i > 1000; // the program sleeps for 70 s
                for (auto &[reached, at] : std::map(firesAt)) {
                    if (desk.now < at)
                        continue;
                    firesAt.erase(reached);
                    sawFire = true;
                    for (auto &[instrument, standing] : there)
                        if (reach(instrument) == reached) {
                            RC_ASSERT(!standing.hasStops);
                            standing.hasEntries = false;
                        }
                }
                if (isStalled)
                    continue;
                for (auto &[instrument, standing] : there) {
                    if (chance(2))
                        standing.hasEntries = !standing.hasEntries;
                    if (standing.hasEntries && chance(1))
                        standing.hasPosition = true;
                    if (standing.hasPosition && chance(1))
                        standing.hasPosition = standing.hasStops = false;
                    desk.plan.onStanding(desk.now, instrument, standing);
                }
                for (std::size_t a = 0; a < answers.size();) {
                    if (answers[a].at > desk.now) {
                        ++a;
                        continue;
                    }
                    desk.plan.onDone(desk.now, answers[a].command.instrument, answers[a].command.after, true);
                    answers.erase(answers.begin() + static_cast<std::ptrdiff_t>(a));
                }
                desk.drive();
                for (const auto &command : desk.commands) {
                    RC_ASSERT(command.instrument == reach(command.instrument));
                    if (command.after)
                        firesAt[command.instrument] = desk.now + *command.after;
                    else
                        firesAt.erase(command.instrument);
                    answers.push_back({desk.now + 100ms * static_cast<int>(random() % 9), command});
                }
                for (auto &[instrument, standing] : there)
                    if (standing.hasPosition && !desk.plan.holdsStops(desk.now, instrument))
                        standing.hasStops = true; // the keeper's stop
            }
            RC_CLASSIFY(sawFire, "the timer fired");
        }));
    }
};

QTEST_APPLESS_MAIN(TestDeadManPlan)
#include "tst_dead_man_plan.moc"
