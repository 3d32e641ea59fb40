#include <deque>
#include <functional>
#include <map>
#include <random>

#include <QtTest/QTest>

#include "core/net/rate_budget.h"
#include "core/venue/rate_limits.h"

using namespace core;
using namespace std::chrono_literals;
using net::Lane;
using net::RateBudget;

namespace
{

constexpr UtcTime kStart = utcFromMilliseconds(1'800'000'000'000);
constexpr Duration kStep = 10ms;
constexpr int kWeight = 2'400;
constexpr int kConnections = 12;

struct Figures {
    int sent{0}, limited{0}, banned{0}, refused{0}, sentWhilePaused{0}, protectiveSent{0};
    Duration protectiveWait{0}; ///< longest, while the exchange would have served and had not told us to wait
};

/// The budget as the gateway uses it, in front of the exchange's own counters, in virtual time. Two times six connections,
/// as of HttpClient, carry the requests; what waits for one is held back after a 429. Requests and answers take a while;
/// somebody else on the same address uses up what is left; some answers carry no count or a wrong one.
class Storm
{
public:
    explicit Storm(std::uint64_t seed) : m_random(seed), m_budget({}, seed), m_venue(kWeight, 300, 1'200, 1) {}

    [[nodiscard]] Figures run(Duration length)
    {
        for (; m_now < kStart + length; m_now += kStep) {
            while (!m_events.empty() && m_events.begin()->first <= m_now) {
                const auto happens = std::move(m_events.begin()->second);
                m_events.erase(m_events.begin());
                happens();
            }
            other();
            if (m_budget.probeNeeded(m_now) && !m_budget.takeProbe(m_now))
                send({.weight = 1, .orders = 0}, Lane::Normal);
            for (int i = 0; i < 5; ++i)
                wish();
            watchProtective();
        }
        return m_figures;
    }

private:
    [[nodiscard]] int upTo(int most) { return static_cast<int>(m_random() % static_cast<std::uint64_t>(most + 1)); }
    [[nodiscard]] UtcTime later() { return m_now + std::chrono::milliseconds{1 + upTo(150)}; }

    /// Keeps to the limits, but does not know of us beforehand.
    void other()
    {
        const bool isGreedy = (m_now.time_since_epoch() / 1min) % 3 == 0;
        const int weight = upTo(isGreedy ? 60 : 4);
        if (weight > 0 && m_venue.usedWeight(m_now) + weight <= kWeight)
            (void)m_venue.countWeight(weight, m_now);
    }

    void wish()
    {
        static constexpr int kWeights[] = {1, 1, 5, 20, 40};
        const Lane lane = static_cast<Lane>(upTo(2));
        const bool isOrder = lane == Lane::Protective && upTo(3) == 0;
        const net::RequestCost cost{.weight = isOrder ? 0 : kWeights[upTo(4)], .orders = isOrder ? 1 : 0};
        if (m_budget.take(lane, cost, m_now)) {
            ++m_figures.refused;
            return;
        }
        m_figures.sentWhilePaused += m_now < m_pausedUntil && !isOrder ? 1 : 0;
        m_waiting.push_back({cost, lane});
        dispatch();
    }

    void dispatch()
    {
        while (!m_waiting.empty() && m_underWay < kConnections) {
            const auto [cost, lane] = m_waiting.front();
            m_waiting.pop_front();
            send(cost, lane);
        }
    }

    void send(net::RequestCost cost, Lane lane)
    {
        ++m_underWay;
        ++m_figures.sent;
        m_figures.protectiveSent += lane == Lane::Protective ? 1 : 0;
        if (lane == Lane::Protective)
            m_protectiveAt = m_now;
        m_events.emplace(later(), [this, cost, sentAt = m_now] { arrive(cost, sentAt); });
    }

    void arrive(net::RequestCost cost, UtcTime sentAt)
    {
        auto error = m_venue.countWeight(cost.weight, m_now);
        if (!error && cost.orders > 0)
            error = m_venue.countOrder(0, m_now);
        std::optional<int> weight = m_venue.usedWeight(m_now);
        const int kind = upTo(19);
        if (kind < 2)
            weight.reset();
        else if (kind == 2)
            weight = 0; // wrong
        const bool isOrder = cost.orders > 0;
        m_events.emplace(later(), [this, error, weight, isOrder, sentAt] { answer(error, weight, isOrder, sentAt); });
    }

    void answer(const std::optional<venue::VenueError> &error, std::optional<int> weight, bool isOrder, UtcTime sentAt)
    {
        --m_underWay;
        if (error)
            m_waiting.clear();
        dispatch();
        m_budget.onHeaders(weight, std::nullopt, std::nullopt, sentAt, m_now);
        if (!error)
            return m_budget.onSuccess(m_now);
        if (error->httpStatus == 418) {
            ++m_figures.banned;
            return m_budget.onBanned(m_now + 2min, m_now);
        }
        ++m_figures.limited;
        std::optional<Duration> retryAfter;
        if (upTo(1) == 0)
            retryAfter = std::chrono::seconds{1 + upTo(30)};
        const bool ofOrders = error->code == -1015 && isOrder;
        if (retryAfter && !ofOrders)
            m_pausedUntil = std::max(m_pausedUntil, m_now + *retryAfter);
        m_toldAt = m_now;
        m_budget.onLimited(ofOrders ? RateBudget::Pool::Orders : RateBudget::Pool::Weight, retryAfter, m_now);
    }

    /// What reduces risk has room as long as the exchange has, unless it told us to wait.
    void watchProtective()
    {
        const bool isMinuteOfA429 = m_now.time_since_epoch() / 1min <= m_toldAt.time_since_epoch() / 1min + 3;
        if (m_venue.usedWeight(m_now) + 40 > kWeight || isMinuteOfA429 || m_now < m_pausedUntil + 3min)
            m_protectiveAt = m_now;
        m_figures.protectiveWait = std::max(m_figures.protectiveWait, m_now - m_protectiveAt);
    }

    std::mt19937_64 m_random;
    RateBudget m_budget;
    venue::RateLimits m_venue;
    UtcTime m_now{kStart};
    UtcTime m_pausedUntil;
    UtcTime m_toldAt;
    UtcTime m_protectiveAt{kStart};
    std::multimap<UtcTime, std::function<void()>> m_events;
    std::deque<std::pair<net::RequestCost, Lane>> m_waiting;
    int m_underWay{0};
    Figures m_figures;
};

} // namespace

/// Row R9 of the targets: an hour in which everybody wants to send all the time and somebody else uses the address too.
class TestRequestStorm : public QObject
{
    Q_OBJECT

private slots:
    void anHourOfStormCausesNoBan_data()
    {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 3; ++seed)
            QTest::addRow("seed %d", seed) << seed;
    }
    void anHourOfStormCausesNoBan()
    {
        QFETCH(int, seed);
        const Figures seen = Storm(static_cast<std::uint64_t>(seed)).run(1h);
        qInfo("R9 seed %d: %d sent, %d of them protective, %d held back, %d answers 429, %d bans, %d sent while told to wait, "
              "protective waited at most %lld ms while there was room",
              seed, seen.sent, seen.protectiveSent, seen.refused, seen.limited, seen.banned, seen.sentWhilePaused,
              static_cast<long long>(seen.protectiveWait / 1ms));
        QCOMPARE(seen.banned, 0);
        QCOMPARE(seen.sentWhilePaused, 0);
        QVERIFY(seen.limited > 0); // the other one made it earnest
        QVERIFY(seen.sent > 2'000);
        QVERIFY(seen.protectiveWait <= 1s);
    }
};

QTEST_APPLESS_MAIN(TestRequestStorm)
#include "tst_request_storm.moc"
