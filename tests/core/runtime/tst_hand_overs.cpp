#include "core/runtime/batch_queue.h"
#include "core/runtime/latest.h"

#include <atomic>
#include <numeric>
#include <thread>

#include <QtTest/QTest>

using core::runtime::BatchQueue;
using core::runtime::Latest;
using core::runtime::WhenFull;

class TestHandOvers : public QObject
{
    Q_OBJECT

private slots:
    void newestWinsAndWakesOnce()
    {
        Latest<int> slot;
        QVERIFY(slot.put(1));
        QVERIFY(!slot.put(2)); // a wake-up is pending
        QCOMPARE(slot.take(), std::optional<int>(2));
        QCOMPARE(slot.take(), std::optional<int>());
        QVERIFY(slot.put(3));
    }
    void marketDataLetsTheOldestGo()
    {
        BatchQueue<int> queue(3, WhenFull::DropOldest);
        for (int i = 0; i < 5; ++i)
            QVERIFY(queue.push(i).accepted);
        QCOMPARE(queue.takeAll(), (std::vector<int>{2, 3, 4}));
        QCOMPARE(queue.dropped(), quint64{2});
    }
    void factsAreRefusedWhenFull()
    {
        BatchQueue<int> queue(2, WhenFull::Refuse);
        QVERIFY(queue.push(1).wake);
        QVERIFY(!queue.push(2).wake);
        QVERIFY(!queue.push(3).accepted);
        QCOMPARE(queue.takeAll(), (std::vector<int>{1, 2}));
        QCOMPARE(queue.dropped(), quint64{0});
    }
    void everyValueArrivesAcrossThreads()
    {
        constexpr int kPerWriter = 20'000;
        BatchQueue<int> queue(1'000, WhenFull::Refuse);
        std::atomic<int> writersDone{0};
        const auto write = [&] {
            for (int i = 0; i < kPerWriter;) {
                if (queue.push(i).accepted)
                    ++i;
            }
            ++writersDone;
        };
        std::thread first(write);
        std::thread second(write);
        std::int64_t sum = 0;
        std::size_t count = 0;
        bool last = false;
        while (!last) {
            last = writersDone == 2; // read before the last take
            const auto batch = queue.takeAll();
            count += batch.size();
            sum = std::accumulate(batch.begin(), batch.end(), sum);
        }
        first.join();
        second.join();
        QCOMPARE(count, std::size_t{2 * kPerWriter});
        QCOMPARE(sum, std::int64_t{kPerWriter} * (kPerWriter - 1));
    }
};

QTEST_APPLESS_MAIN(TestHandOvers)
#include "tst_hand_overs.moc"
