#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <fmt/format.h>

#include "core/storage/database.h"
#include "core/storage/journal.h"
#include "core/storage/repositories.h"
#include "core/storage/risk_repositories.h"
#include "core/storage/writer.h"

namespace tests
{

using namespace core;
using namespace core::storage;

inline const UtcTime kStart = utcFromMilliseconds(1'795'372'865'000);

struct Heard final : WriterListener {
    std::vector<Durable> durable;
    std::vector<Error> degraded;
    std::vector<std::pair<std::uint64_t, Error>> rejected;
    int recovered{0};
    void onDurable(const Durable &now) override { durable.push_back(now); }
    void onDegraded(const Error &why) override { degraded.push_back(why); }
    void onRecovered() override { ++recovered; }
    void onRejected(std::uint64_t job, const Error &why) override { rejected.emplace_back(job, why); }
};

inline Price price(const char *text)
{
    return parsePrice(text).value();
}
inline Quantity quantity(const char *text)
{
    return parseQuantity(text).value();
}
inline Money money(const char *text)
{
    return parseMoney(text).value();
}
inline AccountId account(const char *label = "main")
{
    return AccountId::from(label).value();
}
inline InstrumentKey btc()
{
    return {Venue::Binance, Symbol::from("BTCUSDT").value()};
}
inline UtcTime at(int seconds)
{
    return kStart + std::chrono::seconds(seconds);
}

inline Instrument btcListed()
{
    Instrument instrument;
    instrument.key = btc();
    instrument.base = Asset::from("BTC").value();
    instrument.quote = Asset::from("USDT").value();
    instrument.tickSize = price("0.1");
    instrument.stepSize = quantity("0.001");
    instrument.marginTiers = {{money("0"), money("50000"), Ratio::fromRaw(400'000), money("0"), 125}};
    return instrument;
}

inline Fill fill(std::int64_t id, int second, Side side, const char *size, const char *at_,
                 const char *fee = "0", const char *realized = "0")
{
    Fill result;
    result.instrument = btc();
    result.tradeId = id;
    result.venueOrderId = {id + 1000};
    result.clientOrderId = ClientOrderId::from(fmt::format("c{}", id)).value();
    result.side = side;
    result.price = price(at_);
    result.quantity = quantity(size);
    result.fee = money(fee);
    result.feeAsset = Asset::from("USDT").value();
    result.realizedPnl = money(realized);
    result.venueTime = at(second);
    result.receivedAt = at(second) + std::chrono::milliseconds(3);
    return result;
}

inline AppendJournal line(int second, std::string payload, JournalKind kind = JournalKind::Input)
{
    return {kind, at(second), std::move(payload)};
}

/// A database file with its writer, driven by hand on the test's thread.
struct Desk {
    QTemporaryDir folder;
    ManualClock clock{kStart};
    JobQueue<Job> queue{10'000};
    Heard heard;
    std::unique_ptr<StorageWriter> writer;

    [[nodiscard]] QString path() const { return folder.filePath(QStringLiteral("etrms.sqlite")); }
    void open(Mode mode = Mode::Demo, WriterOptions options = {})
    {
        auto database = Database::open(path(), Access::ReadWrite, clock.now());
        if (!database)
            qFatal("%s", database.error().detail.c_str());
        auto started = StorageWriter::start(std::move(*database), queue, clock,
                                            {mode, "0.1.0-test", clock.now()}, heard, options);
        if (!started)
            qFatal("%s", started.error().detail.c_str());
        writer = std::move(*started);
    }
    void push(Job job)
    {
        if (!queue.push(std::move(job)))
            qFatal("the queue refused");
    }
    void drain()
    {
        while (writer->step().written > 0) {
        }
    }
    void close()
    {
        if (!writer->finish())
            qFatal("finish failed");
        writer.reset();
    }
    [[nodiscard]] Database reader() const
    {
        auto database = Database::open(path(), Access::ReadOnly, kStart);
        if (!database)
            qFatal("%s", database.error().detail.c_str());
        return std::move(*database);
    }
};

} // namespace tests

#define QVERIFY_RESULT(result)                                                                               \
    do {                                                                                                     \
        const auto &outcome_ = (result);                                                                     \
        QVERIFY2(outcome_.has_value(), outcome_.has_value() ? "" : outcome_.error().detail.c_str());         \
    } while (false)
