#include "core/runtime/lease_rule.h"

#include <map>
#include <vector>

#include <QtTest/QTest>
#include <rapidcheck.h>

using namespace core;
using namespace core::runtime;
using namespace std::chrono_literals;

namespace
{
/// The files of a data directory: one per token, made exclusively.
struct Directory {
    std::map<std::int64_t, LeaseRecord> files;
    [[nodiscard]] std::optional<LeaseRecord> newest() const
    {
        return files.empty() ? std::nullopt : std::optional(files.rbegin()->second);
    }
};

/// One engine that does what the keeper does, in steps between which it may be frozen for any time. Its monotonic clock has an
/// origin of its own.
struct Engine {
    Duration origin{0};
    LeaseRule rule;
    std::int64_t beat{0};
    bool dead{false};
    // in the middle of something
    enum class Step { Idle, Read, Create, Renew, Verify } step{Step::Idle};
    std::optional<LeaseRecord> read;
    std::optional<LeaseRule::Attempt> attempt;
    Duration startedAt{0};

    void advance(Duration world, Directory &directory, const std::vector<Engine> &all)
    {
        const Duration now = world + origin;
        switch (step) {
        case Step::Idle:
            startedAt = now;
            step = rule.holds() ? Step::Renew : Step::Read;
            return;
        case Step::Read: {
            read = directory.newest();
            const bool gone = read && read->process >= 0 && all[static_cast<std::size_t>(read->process)].dead;
            attempt = rule.onSeen(now, read, gone);
            startedAt = now;
            step = attempt ? Step::Create : Step::Idle;
            return;
        }
        case Step::Create: {
            const auto [it, made] = directory.files.try_emplace(attempt->token);
            if (made) {
                it->second = {.token = attempt->token, .beat = ++beat, .holder = {}, .process = self, .host = {}, .takenAt = {}};
                rule.onTaken(startedAt, now, *attempt);
            }
            step = Step::Idle;
            return;
        }
        case Step::Renew:
            if (const auto own = directory.files.find(*rule.token()); own != directory.files.end())
                own->second.beat = ++beat;
            step = Step::Verify;
            return;
        case Step::Verify:
            if (directory.newest()->token == *rule.token())
                rule.onRenewed(startedAt);
            else
                rule.onLost();
            step = Step::Idle;
            return;
        }
    }
    std::int64_t self{0};
};
} // namespace

class TestLeaseRule : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("RC_PARAMS", "max_success=10000"); } // before the first property reads it

    void theFirstOneActsAtOnce()
    {
        LeaseRule rule;
        const auto attempt = rule.onSeen(5s, std::nullopt, false);
        QCOMPARE(attempt, std::optional(LeaseRule::Attempt{1, false}));
        QVERIFY(!rule.mayAct(5s));
        rule.onTaken(5s, 6s, *attempt);
        QVERIFY(rule.mayAct(6s));
        QVERIFY(!rule.mayAct(5s + LeaseRule::kActWithin)); // not renewed in time
        rule.onRenewed(7s);
        QVERIFY(rule.mayAct(10s));
    }

    void aWatcherWaitsAsLongAsTheHolderBeats()
    {
        LeaseRule rule;
        LeaseRecord other{.token = 7, .beat = 1, .holder = {}, .process = 1, .host = {}, .takenAt = {}};
        for (int i = 0; i < 100; ++i) {
            other.beat = i / 5; // a beat each five seconds
            QVERIFY(!rule.onSeen(i * 1s, other, false));
        }
        for (int i = 100; i < 104; ++i)
            QVERIFY(!rule.onSeen(i * 1s, other, false));
        QCOMPARE(rule.onSeen(105s, other, false), std::optional(LeaseRule::Attempt{8, true}));
        rule.onTaken(105s, 105s, {8, true});
        QVERIFY(!rule.mayAct(105s)); // the frozen one may have renewed since it was read
        rule.onRenewed(108s);
        QVERIFY(rule.mayAct(109s));
    }

    void aDeadOrFinishedHolderIsFollowedAtOnce()
    {
        LeaseRecord other{.token = 7, .beat = 1, .holder = {}, .process = 1, .host = {}, .takenAt = {}};
        LeaseRule rule;
        QCOMPARE(rule.onSeen(1s, other, true), std::optional(LeaseRule::Attempt{8, false}));
        other.released = true;
        QCOMPARE(rule.onSeen(1s, other, false), std::optional(LeaseRule::Attempt{8, false}));
    }

    void aThawedHolderDoesNotAct()
    {
        LeaseRule rule;
        rule.onTaken(0s, 0s, {1, false});
        rule.onRenewed(1s);
        QVERIFY(rule.mayAct(2s));
        QVERIFY(!rule.mayAct(60s));        // thawed, before it has looked
        QVERIFY(!rule.onSeen(60s, LeaseRecord{.token = 2, .beat = 0, .holder = {}, .process = 0, .host = {}, .takenAt = {}}, false));
        QVERIFY(!rule.holds());
    }

    void atMostOneActsAtAnyInstant()
    {
        int handedOver = 0;
        const bool good = rc::check("engines frozen, thawed, killed and restarted at any step", [&] {
            Directory directory;
            std::vector<Engine> engines(static_cast<std::size_t>(*rc::gen::inRange(2, 4)));
            std::vector<Duration> frozenUntil(engines.size(), 0s);
            for (std::size_t i = 0; i < engines.size(); ++i) {
                engines[i].self = static_cast<std::int64_t>(i);
                engines[i].origin = std::chrono::seconds{*rc::gen::inRange(-100'000, 100'000)};
            }
            Duration world{0};
            const int steps = *rc::gen::inRange(200, 400);
            const auto script = *rc::gen::container<std::vector<int>>(static_cast<std::size_t>(steps), rc::gen::inRange(0, 1'000));
            std::int64_t lastActor = -1;
            for (const int choice : script) {
                world += std::chrono::milliseconds{choice % 7 == 0 ? 1'900 : 150};
                const std::size_t turn = static_cast<std::size_t>(choice) % engines.size();
                if (choice % 23 == 0)
                    frozenUntil[turn] = world + std::chrono::seconds{choice % 41};
                if (choice % 97 == 0) { // killed, and another process in its place
                    const Duration origin = engines[turn].origin + 1s;
                    engines.emplace_back().origin = origin;
                    engines.back().self = static_cast<std::int64_t>(engines.size()) - 1;
                    frozenUntil.push_back(0s);
                    engines[turn].dead = true;
                }
                for (std::size_t i = 0; i < engines.size(); ++i) {
                    if (!engines[i].dead && frozenUntil[i] <= world && (i == turn || choice % 3 == 0))
                        engines[i].advance(world, directory, engines);
                }
                int acting = 0;
                for (const Engine &engine : engines) {
                    if (engine.dead || !engine.rule.mayAct(world + engine.origin))
                        continue;
                    ++acting;
                    handedOver += lastActor >= 0 && lastActor != engine.self ? 1 : 0;
                    lastActor = engine.self;
                }
                RC_ASSERT(acting <= 1);
            }
        });
        QVERIFY(good);
        QVERIFY2(handedOver > 20, "the interleavings must contain take-overs");
    }
};

QTEST_APPLESS_MAIN(TestLeaseRule)
#include "tst_lease_rule.moc"
