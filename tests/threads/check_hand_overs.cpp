// The hand-overs between threads under real contention: nothing lost, nothing twice, order kept per writer.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/runtime/batch_queue.h"
#include "core/runtime/latest.h"
#include "core/storage/job_queue.h"
#include "tests/threads/check.h"

using namespace core;

namespace
{
constexpr int kValues = 20'000;
constexpr int kWriters = 3;

void newestValueIsNeverOlderThanTheOneBefore()
{
    runtime::Latest<std::shared_ptr<const int>> slot;
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (int i = 1; i <= kValues; ++i)
            static_cast<void>(slot.put(std::make_shared<const int>(i)));
        done = true;
    });
    int last = 0;
    for (bool finished = false; !finished;) {
        finished = done; // read before the last take
        if (const auto value = slot.take()) {
            CHECK(**value > last);
            last = **value;
        }
    }
    writer.join();
    CHECK(last == kValues);
}

struct Tagged {
    int writer;
    int value;
};

/// Every writer's values arrive once and in its order.
class Arrivals
{
public:
    void take(const std::vector<Tagged> &batch)
    {
        for (const Tagged &tagged : batch) {
            auto &next = m_next[static_cast<std::size_t>(tagged.writer)];
            CHECK(tagged.value == next);
            ++next;
        }
    }
    [[nodiscard]] bool complete() const
    {
        for (const int next : m_next) {
            if (next != kValues)
                return false;
        }
        return true;
    }

private:
    std::vector<int> m_next = std::vector<int>(kWriters, 0);
};

void factsArriveOnceAndInOrder()
{
    runtime::BatchQueue<Tagged> queue(500, runtime::WhenFull::Refuse);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; i < kValues;) {
                if (queue.push({writer, i}).accepted)
                    ++i;
                else
                    std::this_thread::yield();
            }
        });
    }
    Arrivals arrivals;
    while (!arrivals.complete())
        arrivals.take(queue.takeAll());
    for (std::thread &writer : writers)
        writer.join();
    CHECK(queue.takeAll().empty());
}

void jobsAreNumberedAndDrainedAfterClosing()
{
    storage::JobQueue<Tagged> queue(500);
    Arrivals arrivals;
    std::thread taker([&] {
        std::vector<Tagged> jobs;
        while (!queue.isClosed() || queue.size() > 0) {
            queue.waitForJob(std::chrono::milliseconds(100));
            jobs.clear();
            queue.take(jobs, 64);
            arrivals.take(jobs);
        }
    });
    std::vector<std::thread> writers;
    std::atomic<std::uint64_t> highest{0};
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            std::uint64_t last = 0;
            for (int i = 0; i < kValues;) {
                if (const auto number = queue.push({writer, i})) {
                    CHECK(*number > last);
                    last = *number;
                    ++i;
                } else {
                    std::this_thread::yield();
                }
            }
            std::uint64_t seen = highest;
            while (seen < last && !highest.compare_exchange_weak(seen, last)) {
            }
        });
    }
    for (std::thread &writer : writers)
        writer.join();
    queue.close();
    taker.join();
    CHECK(arrivals.complete());
    CHECK(highest == std::uint64_t{kWriters} * kValues);
    CHECK(!queue.push({0, 0}).has_value());
}
} // namespace

int main()
{
    newestValueIsNeverOlderThanTheOneBefore();
    factsArriveOnceAndInOrder();
    jobsAreNumberedAndDrainedAfterClosing();
    return 0;
}
