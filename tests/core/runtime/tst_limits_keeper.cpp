#include <mutex>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/runtime/limits_keeper.h"
#include "core/runtime/worker_thread.h"

using namespace Qt::StringLiterals;
using namespace core;
using namespace core::runtime;
using namespace std::chrono_literals;

namespace
{
/// What the keeper says, on its thread.
struct Heard {
    std::mutex mutex;
    std::vector<orders::LimitsChange> holds;
    std::vector<UtcTime> at; ///< of each of them
    std::vector<std::pair<IntentAnswer, std::string>> answers;
    std::size_t count()
    {
        const std::scoped_lock lock(mutex);
        return holds.size();
    }
    std::size_t answered()
    {
        const std::scoped_lock lock(mutex);
        return answers.size();
    }
    risk::Limits last()
    {
        const std::scoped_lock lock(mutex);
        return holds.back().limits;
    }
};

const AccountId kMain = AccountId::from("main").value();

/// Limits with this loss of the day, in hundredths.
risk::Limits dayLoss(int percent)
{
    risk::Limits limits = risk::defaultLimits();
    for (risk::Breaker &breaker : limits.breakers) {
        if (breaker.kind != risk::BreakerKind::DayLoss || breaker.scope != risk::Scope::Account)
            continue;
        const std::int64_t last = percent * 1'000'000;
        const auto count = static_cast<std::int64_t>(breaker.tiers.size());
        for (std::int64_t i = 0; i < count; ++i) {
            risk::Tier &tier = breaker.tiers[static_cast<std::size_t>(i)];
            tier.trigger = Ratio::fromRaw(last * (i + 1) / count);
            tier.rearm = Ratio::fromRaw(tier.trigger.raw() / 2);
        }
    }
    return limits;
}

std::int64_t dayLossOf(const risk::Limits &limits)
{
    const risk::Breaker *breaker = risk::find(limits, risk::BreakerKind::DayLoss, risk::Scope::Account);
    return breaker->tiers.back().trigger.raw() / 1'000'000;
}
} // namespace

/// Limits on record and a running engine: what one of several programs writes reaches the others.
class TestLimitsKeeper : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(u"etrms.sqlite"_s);
        QVERIFY(storage::Database::open(m_path, storage::Access::ReadWrite, m_clock.now()).has_value());
        m_heard = std::make_unique<Heard>();
        write(3, "before the start");
        m_keeper = std::make_unique<WorkerThread<LimitsKeeper>>(u"limits"_s);
        m_keeper->start([this] {
            return std::make_unique<LimitsKeeper>(
                LimitsKeeper::Setup{.database = m_path,
                                    .mode = storage::Mode::Live,
                                    .accounts = {{Venue::Binance, kMain}},
                                    .holds =
                                        [this, heard = m_heard.get()](orders::LimitsChange change) {
                                            const std::scoped_lock lock(heard->mutex);
                                            heard->at.push_back(m_clock.now());
                                            heard->holds.push_back(std::move(change));
                                        },
                                    .answers =
                                        [heard = m_heard.get()](IntentAnswer answer, std::string text) {
                                            const std::scoped_lock lock(heard->mutex);
                                            heard->answers.emplace_back(std::move(answer), std::move(text));
                                        }},
                m_clock);
        });
        QVERIFY(QTest::qWaitFor([this] { return m_heard->count() == 1; }, 60'000));
        QCOMPARE(dayLossOf(m_heard->last()), 3);
    }
    void cleanup() { m_keeper.reset(); }

    void aTighterVersionOfAnotherProgramReachesTheEngine()
    {
        write(2, "by hand");
        QVERIFY(QTest::qWaitFor([this] { return m_heard->count() == 2; }, 60'000));
        QCOMPARE(dayLossOf(m_heard->last()), 2);
    }

    void aLooserVersionWaitsUntilItsTime()
    {
        const UtcTime written = m_clock.now();
        write(5, "by hand");
        const Duration wait = dayLoss(3).loosenAfter;
        QVERIFY(wait > Duration{0});
        m_keeper->call([&](LimitsKeeper &) { m_clock.advance(wait); }); // on the thread that reads it
        QVERIFY(QTest::qWaitFor([this] { return m_heard->count() == 2; }, 60'000));
        QCOMPARE(dayLossOf(m_heard->last()), 5);
        const std::scoped_lock lock(m_heard->mutex);
        QVERIFY(m_heard->at.back() >= written + wait);
    }

    void theWishOfAScreenIsAnsweredAndKept()
    {
        QVERIFY(QTest::qWaitFor([this] { return asks(1); }, 60'000));
        QCOMPARE(dayLossOf(m_heard->last()), 1);
        const std::scoped_lock lock(m_heard->mutex);
        QVERIFY2(m_heard->answers.back().first.accepted, m_heard->answers.back().second.c_str());
        QVERIFY(m_heard->answers.back().second.find("they hold now") != std::string::npos);
    }

    void anAccountThatIsNotGuardedIsRefused()
    {
        m_keeper->call([](LimitsKeeper &keeper) {
            keeper.change({.id = "wish", .account = Venue::Hyperliquid, .limits = dayLoss(1), .by = "dialog", .reason = {}});
        });
        QCOMPARE(m_heard->answered(), std::size_t{1});
        const std::scoped_lock lock(m_heard->mutex);
        QVERIFY(!m_heard->answers.back().first.accepted);
        QCOMPARE(m_heard->answers.back().first.reasons.front().code, std::string("no-account"));
    }

private:
    /// As another program: with a connection of its own, beside the keeper's.
    void write(int percent, const std::string &reason)
    {
        const auto database = storage::Database::open(m_path, storage::Access::ReadWrite, m_clock.now());
        QVERIFY(database.has_value());
        const auto plan = storage::changeLimits(*database, storage::Mode::Live, kMain, {dayLoss(percent), "test", reason}, m_clock.now());
        QVERIFY2(plan.has_value(), plan ? "" : plan.error().detail.c_str());
    }
    /// The screen asks for this limit; true when it holds.
    [[nodiscard]] bool asks(int percent)
    {
        m_keeper->call([percent](LimitsKeeper &keeper) {
            keeper.change({.id = "wish", .account = Venue::Binance, .limits = dayLoss(percent), .by = "dialog", .reason = {}});
        });
        return m_heard->count() >= 2;
    }

    ManualClock m_clock{std::chrono::sys_days{std::chrono::year{2026} / 11 / 18}};
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
    std::unique_ptr<Heard> m_heard;
    std::unique_ptr<WorkerThread<LimitsKeeper>> m_keeper;
};

QTEST_GUILESS_MAIN(TestLimitsKeeper)
#include "tst_limits_keeper.moc"
