#include <QtTest/QTest>

#include "core/risk/limits_versions.h"
#include "tests/core/risk/limits_random.h"

namespace risk = core::risk;
using core::UtcTime;
using limits_random::Random;
using risk::Limits;
using risk::LimitsVersion;
using namespace std::chrono_literals;

namespace
{
const UtcTime kNoon = core::utcFromMilliseconds(1'795'348'800'000);

/// An account's versions and what is asked for them.
struct Account {
    std::vector<LimitsVersion> versions;

    risk::LimitsPlan ask(const Limits &wanted, UtcTime now)
    {
        const auto plan = risk::planLimits(versions, {wanted, "user", "because"}, now);
        if (!plan)
            qFatal("%s", plan.error().detail.c_str());
        versions.insert(versions.end(), plan->versions.begin(), plan->versions.end());
        return *plan;
    }
    [[nodiscard]] Limits at(UtcTime now) const { return risk::limitsAt(versions, now)->holding.limits; }
    [[nodiscard]] bool waits(UtcTime now) const { return risk::limitsAt(versions, now)->pending.has_value(); }
};

Limits with(std::vector<std::pair<std::string, std::string>> values, const Limits &base = risk::defaultLimits())
{
    const auto limits = risk::withValues(base, values);
    if (!limits)
        qFatal("%s", limits.error().detail.c_str());
    return *limits;
}
Limits riskPerTrade(const char *share) { return with({{"sizing.risk_per_trade", share}}); }
} // namespace

class TestLimitsVersions : public QObject
{
    Q_OBJECT

private slots:
    void withoutAVersionNothingHolds()
    {
        QVERIFY(risk::limitsAt({}, kNoon).error().code == core::ErrorCode::NotFound);
    }

    void theFirstLimitsHoldAtOnce()
    {
        Account account;
        account.ask(riskPerTrade("2 %"), kNoon);
        QVERIFY(account.at(kNoon) == riskPerTrade("2 %"));
    }

    void aTighterValueHoldsAtOnceAndALooserOneWaits()
    {
        Account account;
        account.ask(riskPerTrade("0.5 %"), kNoon);
        QVERIFY(!account.ask(riskPerTrade("0.4 %"), kNoon + 1h).looserFrom);
        QVERIFY(account.at(kNoon + 1h) == riskPerTrade("0.4 %"));

        const auto plan = account.ask(riskPerTrade("1 %"), kNoon + 2h);
        QCOMPARE(plan.versions.size(), std::size_t{1});
        QVERIFY(plan.looserFrom == kNoon + 26h);
        QVERIFY(account.at(kNoon + 26h - 1ns) == riskPerTrade("0.4 %"));
        QVERIFY(account.waits(kNoon + 26h - 1ns));
        QVERIFY(account.at(kNoon + 26h) == riskPerTrade("1 %"));
        QVERIFY(!account.waits(kNoon + 26h));
    }

    void ofAMixedChangeTheTighterPartDoesNotWait()
    {
        Account account;
        account.ask(risk::defaultLimits(), kNoon);
        const auto plan =
            account.ask(with({{"sizing.risk_per_trade", "1 %"}, {"mark_stale_after", "2 s"}}), kNoon + 1h);
        QCOMPARE(plan.versions.size(), std::size_t{2});
        QVERIFY(account.at(kNoon + 1h) == with({{"mark_stale_after", "2 s"}}));
        QVERIFY(account.at(kNoon + 25h) == with({{"sizing.risk_per_trade", "1 %"}, {"mark_stale_after", "2 s"}}));
    }

    void aTighterVersionCancelsTheWaitingOne()
    {
        Account account;
        account.ask(riskPerTrade("0.5 %"), kNoon);
        account.ask(riskPerTrade("1 %"), kNoon + 1h);
        account.ask(riskPerTrade("0.3 %"), kNoon + 2h);
        QVERIFY(!account.waits(kNoon + 2h));
        QVERIFY(account.at(kNoon + 240h) == riskPerTrade("0.3 %"));
    }

    void askingForWhatHoldsCancelsTheWaitingOne()
    {
        Account account;
        account.ask(riskPerTrade("0.5 %"), kNoon);
        account.ask(riskPerTrade("1 %"), kNoon + 1h);
        QCOMPARE(account.ask(riskPerTrade("0.5 %"), kNoon + 2h).versions.size(), std::size_t{1});
        QVERIFY(account.at(kNoon + 240h) == riskPerTrade("0.5 %"));
        QVERIFY(account.ask(riskPerTrade("0.5 %"), kNoon + 3h).versions.empty());
    }

    void askingAgainStartsTheWaitAgain()
    {
        Account account;
        account.ask(riskPerTrade("0.5 %"), kNoon);
        account.ask(riskPerTrade("1 %"), kNoon + 1h);
        account.ask(riskPerTrade("1.5 %"), kNoon + 20h);
        QVERIFY(account.at(kNoon + 25h) == riskPerTrade("0.5 %"));
        QVERIFY(account.at(kNoon + 44h) == riskPerTrade("1.5 %"));
    }

    void aShorterWaitWaitsTheOldWait()
    {
        Account account;
        account.ask(risk::defaultLimits(), kNoon);
        QVERIFY(account.ask(with({{"loosen_after", "1 h"}}), kNoon).looserFrom == kNoon + 24h);
        QVERIFY(account.ask(with({{"loosen_after", "1 h"}, {"gate.price_band", "6 %"}}), kNoon + 2h).looserFrom ==
                kNoon + 26h);
    }

    void whatWaitedLongEnoughIsKeptByTheNextChange()
    {
        Account account;
        account.ask(riskPerTrade("0.5 %"), kNoon);
        account.ask(riskPerTrade("1 %"), kNoon + 1h);
        const auto plan = account.ask(riskPerTrade("0.8 %"), kNoon + 30h); // tighter than the 1 % that holds by now
        QVERIFY(!plan.looserFrom);
        QVERIFY(account.at(kNoon + 30h) == riskPerTrade("0.8 %"));
    }

    void aClockThatGoesBackLoosensNothing()
    {
        Account account;
        account.ask(riskPerTrade("0.5 %"), kNoon);
        account.ask(riskPerTrade("0.4 %"), kNoon + 48h);
        // Set back by two days, asked, and put right again: the wait counts from the newest time on record.
        QVERIFY(account.ask(riskPerTrade("1 %"), kNoon).looserFrom == kNoon + 72h);
        QVERIFY(account.at(kNoon) == riskPerTrade("0.4 %"));
        QVERIFY(account.at(kNoon + 71h) == riskPerTrade("0.4 %"));
        QVERIFY(account.at(kNoon + 72h) == riskPerTrade("1 %"));
    }

    void accountAndGroupLimitsAreNotMixed()
    {
        Account account;
        account.ask(risk::defaultLimits(), kNoon);
        QVERIFY(!risk::planLimits(account.versions, {risk::defaultGroupLimits(), "user", ""}, kNoon));
        Account group;
        group.ask(risk::defaultGroupLimits(), kNoon);
        QVERIFY(!risk::planLimits(group.versions, {risk::defaultLimits(), "user", ""}, kNoon));
    }

    void wrongLimitsAreNoVersion()
    {
        Limits wrong = risk::defaultLimits();
        wrong.breakers[0].tiers[0].trigger = core::Ratio{};
        const auto plan = risk::planLimits({}, {wrong, "user", ""}, kNoon);
        QVERIFY(!plan);
        QVERIFY(plan.error().detail.find("breaker[0].tier[0].trigger") != std::string::npos);
    }

    /// Random requests at random times, the clock sometimes set back: at no time does anything looser hold than what held a
    /// moment ago, unless it was asked for at least the wait before, and restarts (the same versions) agree.
    void nothingLoosensEarly()
    {
        Random random(9);
        for (int run = 0; run < 150; ++run) {
            Account account;
            account.ask(limits_random::limits(random, 2), kNoon);
            UtcTime now = kNoon;
            UtcTime latest = now;
            for (int step = 0; step < 12; ++step) {
                now += std::chrono::hours{static_cast<int>(random() % 40) - 8};
                latest = std::max(latest, now);
                const Limits due = account.at(latest);
                Limits wanted = due;
                const Limits drawn = limits_random::limits(random, 2);
                wanted.sizing = drawn.sizing;
                wanted.loosenAfter = drawn.loosenAfter;
                const auto plan = account.ask(wanted, now);
                for (const auto &change : risk::changes(due, account.at(latest)))
                    QVERIFY2(!change.loosens, change.field.c_str());
                if (plan.looserFrom)
                    QVERIFY(*plan.looserFrom >= latest + due.loosenAfter);
                QVERIFY(plan.looserFrom || account.at(latest) == wanted);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestLimitsVersions)
#include "tst_limits_versions.moc"
