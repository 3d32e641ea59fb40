#include "core/market/tape.h"

#include <deque>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Trade;
using core::market::Tape;

namespace
{
Trade trade(std::int64_t id)
{
    Trade result;
    result.id = id;
    return result;
}
} // namespace

class TestTape : public QObject
{
    Q_OBJECT

private slots:
    void keepsTheNewestInOrder()
    {
        QVERIFY(rc::check("equals a deque cut to the capacity", [] {
            const auto capacity = *rc::gen::inRange<std::size_t>(1, 20);
            const auto pushes = *rc::gen::inRange<std::int64_t>(0, 70);
            const auto wanted = *rc::gen::inRange<std::size_t>(0, 25);
            Tape tape(capacity);
            std::deque<std::int64_t> expected;
            for (std::int64_t id = 0; id < pushes; ++id) {
                tape.push(trade(id));
                expected.push_back(id);
                if (expected.size() > capacity)
                    expected.pop_front();
                RC_ASSERT(tape.newest().id == id);
            }
            RC_ASSERT(tape.size() == expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i)
                RC_ASSERT(tape.at(i).id == expected[i]);
            std::vector<Trade> newest;
            tape.copyNewest(wanted, newest);
            RC_ASSERT(newest.size() == std::min(wanted, expected.size()));
            for (std::size_t i = 0; i < newest.size(); ++i)
                RC_ASSERT(newest[i].id == expected[expected.size() - newest.size() + i]);
        }));
    }
    void startsAnewAfterClear()
    {
        Tape tape(2);
        for (const std::int64_t id : {1, 2, 3})
            tape.push(trade(id));
        tape.clear();
        QVERIFY(tape.empty());
        tape.push(trade(9));
        QCOMPARE(tape.newest().id, std::int64_t{9});
        QCOMPARE(tape.capacity(), std::size_t{2});
    }
};

QTEST_APPLESS_MAIN(TestTape)
#include "tst_tape.moc"
