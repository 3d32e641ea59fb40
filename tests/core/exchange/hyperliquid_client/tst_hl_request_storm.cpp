#include <functional>
#include <map>
#include <random>

#include <QtTest/QTest>

#include "core/exchange/hyperliquid/address_budget.h"
#include "core/exchange/hyperliquid/client_options.h"
#include "core/venue/hyperliquid/budgets.h"

using namespace core;
using namespace std::chrono_literals;
using namespace core::exchange::hyperliquid;
namespace loopback = core::venue::hyperliquid;

namespace
{

constexpr UtcTime kStart = utcFromMilliseconds(1'800'000'000'000);
constexpr Duration kStep = 10ms;
constexpr int kVenueWeight = 1'200;
constexpr int kOurWeight = 1'100;

/// Virtual time with things that happen later.
class Later
{
public:
    explicit Later(std::uint64_t seed) : m_random(seed) {}
    [[nodiscard]] int upTo(int most) { return static_cast<int>(m_random() % static_cast<std::uint64_t>(most + 1)); }
    /// After the time that a message takes.
    void post(std::function<void()> what) { m_events.emplace(now + std::chrono::milliseconds{1 + upTo(150)}, std::move(what)); }
    void run(Duration length, const std::function<void()> &step)
    {
        for (const Duration end = now + length; now < end; now += kStep) {
            while (!m_events.empty() && m_events.begin()->first <= now) {
                const auto happens = std::move(m_events.begin()->second);
                m_events.erase(m_events.begin());
                happens();
            }
            step();
        }
    }
    [[nodiscard]] UtcTime venueNow() const { return kStart + now; }
    Duration now{0};

private:
    std::mt19937_64 m_random;
    std::multimap<Duration, std::function<void()>> m_events;
};

/// The request weight of this machine's address, as the gateway keeps it, in front of the exchange's meter.
struct WeightStorm {
    Later time;
    WeightBudget budget;
    loopback::WeightMeter venue{kVenueWeight};
    int othersMost; ///< weight that somebody else on the address takes each minute of greed
    int sent{0}, limited{0}, heldBack{0}, sentWhilePaused{0}, urgentWhilePaused{0};
    Duration urgentWait{0}; ///< longest of what flattens or cancels, while there was weight

    WeightStorm(std::uint64_t seed, int others) : time(seed), budget(kOurWeight, 10s, 60s, seed), othersMost(others) {}

    void run(Duration length)
    {
        time.run(length, [this] {
            if (othersMost > 0 && (time.now / 1min) % 3 == 0 && time.upTo(99) < 2)
                (void)venue.take(time.upTo(othersMost / 50), time.venueNow());
            for (int i = 0; i < 3; ++i)
                wish(static_cast<Lane>(time.upTo(kLanes - 1)));
            if (budget.used(time.now) + 2 > kOurWeight)
                m_urgentAt = time.now; // nothing is left for anybody
            urgentWait = std::max(urgentWait, time.now - m_urgentAt);
        });
    }

private:
    void wish(Lane lane)
    {
        static constexpr int kWeights[] = {2, 2, 20, 60};
        const bool isUrgent = lane == Lane::Flatten || lane == Lane::Cancel;
        // Exits are seldom and cheap: /exchange costs 1, what is asked for with them 2.
        if (isUrgent && time.now - m_urgentAt < 500ms)
            return;
        const int weight = isUrgent ? 1 + time.upTo(1) : kWeights[time.upTo(3)];
        const int rows = lane == Lane::History ? 100 : 0; // 2,000 fills at most: booked until the answer tells
        if (budget.take(lane, weight + rows, time.now)) {
            ++heldBack;
            return;
        }
        ++sent;
        const bool isTold = time.now < m_toldUntil;
        sentWhilePaused += isTold && !isUrgent ? 1 : 0;
        urgentWhilePaused += isTold && isUrgent ? 1 : 0;
        if (isUrgent)
            m_urgentAt = time.now;
        time.post([this, weight, rows, bookedAt = time.now] { arrive(weight, rows, bookedAt); });
    }

    void arrive(int weight, int rows, Duration bookedAt)
    {
        const bool isServed = venue.take(weight, time.venueNow());
        const int came = isServed ? time.upTo(rows) : 0;
        if (isServed && rows > 0)
            venue.add(came);
        time.post([this, isServed, rows, came, bookedAt] {
            if (rows > 0)
                budget.correct(came - rows, bookedAt, time.now);
            if (isServed)
                return budget.onSuccess(time.now);
            ++limited;
            std::optional<Duration> retryAfter;
            if (time.upTo(1) == 0)
                retryAfter = std::chrono::seconds{1 + time.upTo(30)};
            if (retryAfter)
                m_toldUntil = std::max(m_toldUntil, time.now + *retryAfter);
            budget.onLimited(retryAfter, time.now);
        });
    }

    Duration m_toldUntil{0};
    Duration m_urgentAt{0};
};

/// The actions of an account whose address has none left, as the channel keeps them.
struct ActionStorm {
    Later time;
    AddressBudget budget{exchange::hyperliquid::ClientTimings{}.exitsEvery};
    loopback::RequestBudget venue;
    Money traded{};
    int entriesSent{0}, exitsSent{0}, refused{0}, exitsServed{0}, cancelsServed{0};
    Duration exitWait{0}; ///< longest between two exits that the venue took, while one was always wished for
    Duration cancelWait{0};

    ActionStorm(std::uint64_t seed, std::int64_t start) : time(seed), venue(start, 1) { count(); }

    void count() { budget.onCount(venue.used(0), venue.cap(traded)); }
    void trade(Money notional)
    {
        traded = add(traded, notional).value();
        budget.onTraded(notional);
    }
    void step()
    {
        if (!budget.take(Lane::Entry, time.now)) {
            ++entriesSent;
            send(Lane::Entry);
        }
        for (const Lane lane : {Lane::Flatten, Lane::Cancel}) {
            if (m_underWay[lane] == 0 && !budget.take(lane, time.now)) {
                ++exitsSent;
                send(lane);
            }
        }
        if (budget.exitsOnly()) {
            exitWait = std::max(exitWait, time.now - m_servedAt);
            cancelWait = std::max(cancelWait, time.now - m_cancelAt);
        }
    }

private:
    void send(Lane lane)
    {
        ++m_underWay[lane];
        budget.onSent(1);
        time.post([this, lane] {
            const bool isRefused = venue.take(0, 1, lane == Lane::Cancel, traded, time.venueNow()).has_value();
            time.post([this, lane, isRefused] { answer(lane, isRefused); });
        });
    }
    void answer(Lane lane, bool isRefused)
    {
        --m_underWay[lane];
        if (isRefused) {
            ++refused;
            return budget.onRefused(lane, time.now);
        }
        if (lane == Lane::Flatten) {
            ++exitsServed;
            m_servedAt = time.now;
        } else if (lane == Lane::Cancel) {
            ++cancelsServed;
            m_cancelAt = time.now;
        }
    }

    std::map<Lane, int> m_underWay;
    Duration m_servedAt{0};
    Duration m_cancelAt{0};
};

} // namespace

/// Row R9 of the targets for Hyperliquid: an hour in which everybody wants to send all the time.
class TestHlRequestStorm : public QObject
{
    Q_OBJECT

private slots:
    void anHourOfStorm_data()
    {
        QTest::addColumn<int>("seed");
        QTest::addColumn<int>("others");
        for (int seed = 1; seed <= 3; ++seed) {
            QTest::addRow("alone on the address, seed %d", seed) << seed << 0;
            QTest::addRow("another program on it, seed %d", seed) << seed << 1'000;
        }
    }
    void anHourOfStorm()
    {
        QFETCH(int, seed);
        QFETCH(int, others);
        WeightStorm storm(static_cast<std::uint64_t>(seed), others);
        storm.run(1h);
        qInfo("R9 Hyperliquid, seed %d, others %d: %d sent, %d held back, %d answers 429, %d sent while told to wait and "
              "%d exits, exits waited at most %lld ms",
              seed, others, storm.sent, storm.heldBack, storm.limited, storm.sentWhilePaused, storm.urgentWhilePaused,
              static_cast<long long>(storm.urgentWait / 1ms));
        QCOMPARE(storm.limited > 0, others > 0); // alone we cause none
        QCOMPARE(storm.sentWhilePaused, 0);
        QVERIFY(storm.sent > 2'000);
        QVERIFY(storm.urgentWait <= 1s + 500ms + kStep); // wished for each half second
    }

    void anHourWithoutRequests_data()
    {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 3; ++seed)
            QTest::addRow("seed %d", seed) << seed;
    }
    /// The address has used up what it may send: only what reduces risk goes, and none of it waits longer than it has to.
    void anHourWithoutRequests()
    {
        QFETCH(int, seed);
        ActionStorm storm(static_cast<std::uint64_t>(seed), 10);
        storm.time.run(1h, [&] { storm.step(); });
        const int entries = storm.entriesSent;
        qInfo("R9 Hyperliquid, no requests left, seed %d: %d entries before it was known, %d exits sent, %d refused, %d exits "
              "and %d cancels served, exits at most %lld ms apart",
              seed, entries, storm.exitsSent, storm.refused, storm.exitsServed, storm.cancelsServed,
              static_cast<long long>(storm.exitWait / 1ms));
        QVERIFY(entries <= 15);
        QVERIFY(storm.exitsServed > 0 && storm.exitWait <= 12s);
        QVERIFY(storm.refused <= 3);
        storm.trade(Money::fromRaw(1'000 * kDecimalOne));
        QVERIFY(!storm.budget.exitsOnly()); // a trade frees room at once
        storm.time.run(1s, [&] { storm.step(); });
        QVERIFY(storm.entriesSent > entries);
    }
    void whileCancelsHaveRoomNoneWaits()
    {
        ActionStorm storm(1, 10'000);
        for (int i = 0; i < 9'994; ++i)
            (void)storm.venue.take(0, 1, false, {}, kStart);
        storm.count();
        QVERIFY(!storm.budget.exitsOnly());
        storm.time.run(10min, [&] { storm.step(); });
        qInfo("R9 Hyperliquid: %d cancels served, at most %lld ms apart, while exits went each %lld ms", storm.cancelsServed,
              static_cast<long long>(storm.cancelWait / 1ms), static_cast<long long>(storm.exitWait / 1ms));
        QVERIFY(storm.budget.exitsOnly());
        QVERIFY(storm.cancelWait <= 1s);
    }
};

QTEST_APPLESS_MAIN(TestHlRequestStorm)
#include "tst_hl_request_storm.moc"
