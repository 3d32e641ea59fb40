// The keeper against a venue that accepts, refuses, loses, delays, repeats, forgets and fires at random.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "tests/core/orders/stop_desk.h"

using namespace tests;
using namespace std::chrono_literals;

namespace
{
constexpr Duration kStep = 100ms;
constexpr Duration kFollows = 2s; ///< a position that has not followed a stop's fill is waited for so long
constexpr Duration kPatience = 2s; ///< with a stop that nobody has seen, while the position is naked

/// One order as the venue has it.
struct VenueStop {
    OrderRequest order;
    OrderStatus status{OrderStatus::New};
    Quantity filled;
    bool isOurs{true};
    UtcTime arrives; ///< not there before
};

/// One order as the keeper has been told of it; the rules are written here a second time, from the words
/// alone.
struct Told {
    enum class Fate { Pending, Resting, Fired, Refused, Ended } fate{Fate::Pending};
    OrderRequest order;
    Quantity filled;
    bool isOurs{true};
    bool isCancelled{false};
    UtcTime sentAt;
};

class World
{
public:
    explicit World(std::uint64_t seed)
        : m_random(seed), m_desk(seed % 2 == 0 ? Venue::Binance : Venue::Hyperliquid)
    {
        m_now = m_desk.now;
        m_isFaulty = true;
    }

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i)
            step();
    }

    /// No more faults and no more surprises: everything told, every wish granted.
    void calmDown()
    {
        m_isFaulty = false;
        m_isReachable = true;
        m_desk.keeper.onReachable(m_now, m_desk.instrument.key.venue, true);
        run(800); // the budget of replacements frees itself within a minute
    }

    void checkEnd()
    {
        // Everything said: the position is covered exactly by stops at their place, or it is flat and nothing
        // of ours is left.
        Quantity ours;
        for (const auto &[id, stop] : m_venue)
            if (stop.isOurs && stop.status == OrderStatus::New) {
                ours = add(ours, stop.order.quantity).value();
                RC_ASSERT(m_open.isPositive());
                RC_ASSERT(stop.order.side == closingSide());
                RC_ASSERT(std::abs(stop.order.triggerPrice->raw() - m_target.raw()) <= m_mark.raw() / 1000);
            }
        // A person's stop spares one of ours; it takes none away.
        RC_ASSERT(ours <= m_open);
        RC_ASSERT(ours.raw() >= m_open.raw() - byOthers().raw());
    }

    [[nodiscard]] int restarts() const { return m_restarts; }
    [[nodiscard]] int closes() const { return m_closes; }

private:
    struct Message {
        UtcTime at;
        std::function<void()> deliver;
    };

    bool chance(int percent) { return static_cast<int>(m_random() % 100) < percent; }
    std::int64_t between(std::int64_t from, std::int64_t to)
    {
        return from + static_cast<std::int64_t>(m_random() % static_cast<std::uint64_t>(to - from + 1));
    }
    bool fault(int percent) { return m_isFaulty && chance(percent); }
    Side closingSide() const
    {
        return m_desk.position.life.direction == Direction::Long ? Side::Sell : Side::Buy;
    }
    bool isLong() const { return closingSide() == Side::Sell; }

    void later(std::function<void()> deliver)
    {
        const UtcTime at = m_now + kStep * between(0, m_isFaulty ? 8 : 1);
        if (fault(8))
            m_mail.push_back({at + kStep * between(1, 20), deliver});
        m_mail.push_back({at, std::move(deliver)});
    }

    // ---- the venue's words; each tells the keeper and our own book of what was told ----

    void tell(const ClientOrderId &id)
    {
        const VenueStop &stop = m_venue.at(id);
        OrderUpdate word = m_desk.word(stop.order, stop.status, stop.filled.text());
        const bool isOurs = stop.isOurs;
        const int run = m_restarts;
        later([this, word, isOurs, order = stop.order, run] {
            if (run == m_restarts)
                hear(word, order, isOurs);
        });
    }
    void hear(const OrderUpdate &word, const OrderRequest &order, bool isOurs)
    {
        m_desk.keeper.onOrder(m_now, word);
        const bool rests = word.status == OrderStatus::New;
        const auto found = m_told.find(word.clientOrderId);
        if (found == m_told.end() && !rests && word.status != OrderStatus::Triggered)
            return;
        Told &told = m_told[word.clientOrderId];
        told.order = order;
        told.sentAt = m_now;
        told.isOurs = isOurs;
        if (word.filled > told.filled && isOurs)
            m_filledAt = m_now;
        told.filled = std::max(told.filled, word.filled);
        if (told.fate == Told::Fate::Ended)
            return;
        if (isFinal(word.status))
            told.fate = Told::Fate::Ended;
        else if (word.status == OrderStatus::Triggered)
            told.fate = Told::Fate::Fired;
        else if (told.fate != Told::Fate::Fired)
            told.fate = Told::Fate::Resting;
    }
    void answer(const ClientOrderId &id, RequestOutcome outcome, const std::string &words = {})
    {
        const int run = m_restarts;
        later([this, id, outcome, words, run] {
            if (run != m_restarts)
                return;
            m_desk.keeper.onOutcome(m_now, id, outcome, words);
            Told &told = m_told.at(id);
            if (told.isCancelled || told.fate != Told::Fate::Pending)
                return;
            if (outcome == RequestOutcome::Accepted)
                told.fate = Told::Fate::Resting;
            if (outcome == RequestOutcome::Rejected)
                told.fate = Told::Fate::Refused;
            if (words.find("-4045") != std::string::npos)
                m_cappedAt = m_now;
        });
    }
    void sayAbsent(const ClientOrderId &id)
    {
        const int run = m_restarts;
        later([this, id, run] {
            if (run != m_restarts)
                return;
            m_desk.keeper.onAbsent(m_now, id);
            if (Told &told = m_told.at(id); told.fate != Told::Fate::Ended)
                told.fate = Told::Fate::Refused;
        });
    }

    // ---- what the keeper asks for ----

    void grant(const BackstopKeeper::Wish &wish)
    {
        switch (wish.what) {
        case What::Place:
            take(wish.order);
            break;
        case What::Cancel:
            if (const auto found = m_venue.find(wish.stop);
                !fault(12) && found != m_venue.end() && exists(found->second)) {
                if (found->second.status == OrderStatus::New)
                    found->second.status = OrderStatus::Canceled;
                tell(wish.stop);
                answer(wish.stop, RequestOutcome::Accepted);
            } else if (m_told.contains(wish.stop)) {
                answer(wish.stop, RequestOutcome::Unknown);
            }
            break;
        case What::Query:
            if (fault(20))
                break;
            if (const auto found = m_venue.find(wish.stop); found != m_venue.end() && exists(found->second))
                tell(wish.stop);
            else
                sayAbsent(wish.stop);
            break;
        case What::ClosePosition:
            ++m_closes;
            m_closeAsked = true;
            if (!fault(30))
                m_closing = true;
            break;
        case What::Alarm:
            break;
        }
    }
    bool exists(const VenueStop &stop) const { return m_now >= stop.arrives; }

    void take(const OrderRequest &order)
    {
        RC_ASSERT(m_ids.insert(order.clientOrderId).second); // at most one order per (life, number)
        Told told;
        told.order = order;
        m_told[order.clientOrderId] = told;
        const auto id = order.clientOrderId;
        const auto rest = [&](Duration delay) {
            m_venue[id] = {order, OrderStatus::New, {}, true, m_now + delay};
        };
        if (!isBefore(*order.triggerPrice)) {
            answer(id, RequestOutcome::Rejected, "HTTP 400, code -2021: Order would immediately trigger.");
        } else if (fault(6)) {
            answer(id, RequestOutcome::Rejected, "HTTP 400, code -1008: overloaded");
        } else if (fault(6)) {
            answer(id, RequestOutcome::Rejected, "HTTP 400, code -4045: Reach max stop order limit.");
        } else if (fault(6)) {
            answer(id, RequestOutcome::Unknown, "no answer"); // and it never came there
        } else if (fault(6)) {
            rest(kStep * between(0, 40)); // late, and nobody says so
            answer(id, RequestOutcome::Unknown, "no answer");
        } else if (fault(6)) {
            rest({}); // it is there, and nobody says so
        } else {
            rest({});
            if (!fault(20))
                answer(id, RequestOutcome::Accepted);
            if (!fault(20))
                tell(id);
        }
    }
    bool isBefore(Price trigger) const { return isLong() ? trigger < m_mark : trigger > m_mark; }

    // ---- the market, the person, the venue's moods ----

    void target()
    {
        m_desk.position.quantity = m_open;
        m_desk.position.mark = m_mark;
        m_desk.keeper.onTarget(m_now, m_desk.position, BackstopPrice{m_target});
    }
    void moveMark()
    {
        m_mark = Price::fromRaw(std::clamp<std::int64_t>(m_mark.raw() + between(-120, 120) * 10'000'000,
                                                         50'000 * kDecimalOne, 70'000 * kDecimalOne));
        if (chance(20)) {
            const std::int64_t away = between(2, 60) * 20 * kDecimalOne;
            m_target = Price::fromRaw(m_mark.raw() + (isLong() ? -away : away));
        }
        if (!isBefore(m_target)) // the solver would say: at the mark; here the limit moves with it
            m_target = Price::fromRaw(m_mark.raw() + (isLong() ? -kDecimalOne * 100 : kDecimalOne * 100));
    }
    void movePosition()
    {
        if (m_open.isZero()) {
            if (!chance(30))
                return;
            m_desk.position.life.direction = chance(50) ? Direction::Long : Direction::Short;
            m_desk.position.life.openedAt = m_now;
            m_target = Price::fromRaw(m_mark.raw() + (isLong() ? -kDecimalOne * 500 : kDecimalOne * 500));
            m_ids0 = m_ids;
            m_open = Quantity::fromRaw(between(1, 300) * kDecimalOne);
        } else if (chance(6)) {
            // At times less than an order of its own may be: 6 USD.
            m_open = Quantity::fromRaw(m_open.raw() + (chance(20) ? 10'000 : between(1, 50) * kDecimalOne));
        } else if (chance(6)) {
            m_open = Quantity::fromRaw(std::max<std::int64_t>(
                0, m_open.raw() - between(1, m_open.raw() / kDecimalOne + 1) * kDecimalOne));
        }
        flatten();
    }
    /// The venue says flat, and the guard has verified it; some moments later.
    void flatten()
    {
        if (m_open.isPositive())
            return;
        m_closing = false;
        const int run = m_restarts;
        later([this, run] {
            if (run == m_restarts && m_open.isZero()) {
                m_isVerified = true;
                m_desk.keeper.onVerifiedFlat(m_now, m_desk.position.life.position);
            }
        });
    }
    void fire()
    {
        for (auto &[id, stop] : m_venue) {
            if (stop.status != OrderStatus::New || !exists(stop) || isBefore(*stop.order.triggerPrice) ||
                stop.order.side != closingSide() || m_open.isZero())
                continue;
            stop.status = OrderStatus::Triggered;
            if (!fault(30))
                tell(id);
            if (fault(25)) {
                stop.status = OrderStatus::Rejected; // at its trigger
            } else {
                const Quantity most = std::min(m_open, stop.order.quantity);
                stop.filled =
                    fault(20) ? Quantity::fromRaw(most.raw() / 2 / kDecimalOne * kDecimalOne) : most;
                stop.status = stop.filled == stop.order.quantity ? OrderStatus::Filled : OrderStatus::Expired;
                m_open = Quantity::fromRaw(m_open.raw() - stop.filled.raw());
                flatten();
            }
            tell(id);
        }
    }
    void whims()
    {
        for (auto &[id, stop] : m_venue) {
            if (stop.status != OrderStatus::New || !exists(stop) || !fault(1))
                continue;
            stop.status = chance(50) ? OrderStatus::Canceled : OrderStatus::Expired;
            if (chance(70) || !stop.isOurs)
                tell(id);
            else if (m_told.contains(id))
                sayAbsent(id); // reconciliation does not find it
        }
        if (fault(2) && m_open.isPositive()) {
            auto order = m_desk.foreign("web_" + std::to_string(m_venue.size()), "20", "1");
            order.side = closingSide();
            order.triggerPrice =
                Price::fromRaw(m_mark.raw() + (isLong() ? -kDecimalOne * 150 : kDecimalOne * 150));
            m_venue[order.clientOrderId] = {order, OrderStatus::New, {}, false, m_now};
            tell(order.clientOrderId);
        }
        if (fault(1)) {
            m_isReachable = !m_isReachable;
            m_desk.keeper.onReachable(m_now, m_desk.instrument.key.venue, m_isReachable);
            m_nakedSince.reset(); // a deadline is judged while the venue can be told
        }
        if (fault(1) && chance(30))
            restart();
    }
    /// The list of open orders, read now; and what is believed to rest and is not in it.
    void reconcile()
    {
        for (const auto &[id, stop] : m_venue)
            if (stop.status == OrderStatus::New && exists(stop))
                tell(id);
        for (const auto &[id, told] : m_told)
            if (const auto found = m_venue.find(id); told.fate == Told::Fate::Resting &&
                                                     found != m_venue.end() &&
                                                     found->second.status != OrderStatus::New)
                tell(id);
    }
    void restart()
    {
        ++m_restarts;
        m_desk.keeper = BackstopKeeper();
        m_desk.keeper.setLimits(stopLimits());
        m_told.clear();
        m_isReachable = true;
        m_isVerified = false;
        m_integral = 0;
        m_nakedSince.reset();
        m_ids0 = m_ids;
        for (const auto &[id, stop] : m_venue)
            if (stop.status == OrderStatus::New && exists(stop))
                hear(m_desk.word(stop.order, stop.status), stop.order, stop.isOurs);
        flatten();
    }

    // ---- what must hold ----

    Quantity units(const Told &told) const
    {
        return told.fate == Told::Fate::Resting && !told.isCancelled && told.order.side == closingSide()
                   ? Quantity::fromRaw(told.order.quantity.raw() - told.filled.raw())
                   : Quantity{};
    }
    Quantity covered() const
    {
        Quantity sum;
        for (const auto &[id, told] : m_told)
            sum = add(sum, units(told)).value();
        return std::min(sum, m_open);
    }
    Quantity byOthers() const
    {
        Quantity sum;
        for (const auto &[id, stop] : m_venue)
            if (!stop.isOurs && stop.status == OrderStatus::New && stop.order.side == closingSide() &&
                (isLong() ? 1 : -1) * (stop.order.triggerPrice->raw() - m_target.raw()) >=
                    -m_mark.raw() / 1000)
                sum = add(sum, stop.order.quantity).value();
        return std::min(sum, m_open);
    }

    /// Covered for a moment is enough: the deadline starts again.
    void seeCovered()
    {
        if (covered() == m_open)
            m_nakedSince.reset();
    }
    void check()
    {
        Quantity pending;
        for (const auto &[id, told] : m_told)
            if (told.fate == Told::Fate::Pending && m_now - told.sentAt < kPatience && !m_ids0.contains(id) &&
                m_ids.contains(id))
                pending = add(pending, told.order.quantity).value();
        const bool isCapped = m_cappedAt.has_value();
        bool cancels = false;
        bool places = false;
        for (const auto &wish : m_desk.wishes) {
            RC_ASSERT(m_isReachable || wish.what == What::Alarm);
            if (wish.what == What::Cancel) {
                cancels = true;
                RC_ASSERT(m_told.at(wish.stop).isOurs); // a person's stop is never cancelled
                m_told.at(wish.stop).isCancelled = true;
            }
            if (wish.what == What::Place) {
                places = true;
                m_cappedAt.reset(); // what it won by cancelling first is used
                RC_ASSERT(wish.order.reduceOnly == ReduceOnly::Yes);
                RC_ASSERT(wish.order.side == closingSide());
                RC_ASSERT(wish.order.quantity <= m_desk.instrument.marketQuantityMax);
                pending = add(pending, wish.order.quantity).value();
            }
        }
        // No stop goes without a replacement that rests, or a flat position, or a venue that refused one
        // more.
        if (cancels && m_open.isPositive())
            RC_ASSERT(isCapped || covered() == m_open);
        if (cancels && m_open.isZero())
            RC_ASSERT(m_isVerified);
        // What has no answer is not sent a second time, unless the position stood naked for too long meanwhile.
        if (places)
            RC_ASSERT(pending <= m_open);
        // Covered, or closed within the deadline.
        const bool isNaked = covered() < m_open;
        if (!isNaked || !m_isReachable || m_closeAsked || m_now - m_filledAt < kFollows)
            m_nakedSince.reset();
        else if (!m_nakedSince)
            m_nakedSince = m_now;
        m_closeAsked = false;
        if (m_nakedSince)
            RC_ASSERT(m_now - *m_nakedSince <= stopLimits().coverWithin + kStep);
    }
    void integrate()
    {
        const Quantity naked = Quantity::fromRaw(m_open.raw() - covered().raw());
        m_integral +=
            notional(m_mark, naked, Rounding::Ceil).value().raw() / 10; // × 0.1 s: whole marks of 0.1
        RC_ASSERT(m_desk.keeper.nakedNotionalSeconds(m_now + kStep).raw() == m_integral);
    }

    void step()
    {
        m_now += kStep;
        m_desk.now = m_now;
        if (m_isFaulty) {
            moveMark();
            movePosition();
            whims();
        }
        if (m_closing && chance(40)) {
            m_open = {};
            flatten();
        }
        if (m_isReachable && chance(m_isFaulty ? 1 : 5))
            reconcile();
        fire();
        if (m_open.isPositive())
            m_isVerified = false;
        target();
        seeCovered();
        std::vector<Message> due;
        const auto split = std::stable_partition(m_mail.begin(), m_mail.end(),
                                                 [&](const Message &m) { return m.at > m_now; });
        std::move(split, m_mail.end(), std::back_inserter(due));
        m_mail.erase(split, m_mail.end());
        std::shuffle(due.begin(), due.end(), m_random);
        for (const Message &message : due) {
            message.deliver();
            seeCovered();
        }
        m_desk.drive();
        check();
        for (const auto &wish : m_desk.wishes)
            grant(wish);
        integrate();
    }

    std::mt19937_64 m_random;
    StopDesk m_desk;
    UtcTime m_now;
    UtcTime m_filledAt;
    bool m_isFaulty{true};
    bool m_isReachable{true};
    bool m_isVerified{false};
    std::optional<UtcTime> m_cappedAt; ///< the venue took no further stop, and none has been sent since
    bool m_closing{false};
    bool m_closeAsked{false};
    int m_restarts{0};
    int m_closes{0};
    Quantity m_open;
    Price m_mark{price("60000")};
    Price m_target{price("59000")};
    std::map<ClientOrderId, VenueStop> m_venue;
    std::map<ClientOrderId, Told> m_told;
    std::set<ClientOrderId> m_ids;  ///< of every order that was ever sent
    std::set<ClientOrderId> m_ids0; ///< of those before the present life and run
    std::vector<Message> m_mail;
    std::optional<UtcTime> m_nakedSince;
    std::int64_t m_integral{0};
};
} // namespace

class TestBackstopProperties : public QObject
{
    Q_OBJECT

private slots:
    void noSequenceRemovesAStopWithoutAReplacement()
    {
        QVERIFY(rc::check(
            "stops are replaced, deadlines hold, naked time is exact, and calm ends covered or flat", [] {
                World world(*rc::gen::noShrink(rc::gen::resize(100, rc::gen::arbitrary<std::uint64_t>())));
                world.run(400);
                world.calmDown();
                world.checkEnd();
                RC_CLASSIFY(world.restarts() > 0, "restarted");
                RC_CLASSIFY(world.closes() > 0, "closed");
            }));
    }
};

QTEST_APPLESS_MAIN(TestBackstopProperties)
#include "tst_backstop_properties.moc"
