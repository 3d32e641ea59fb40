#include <algorithm>
#include <cstdio>

#include <QtCore/QCoreApplication>
#include <sqlite3.h>

#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

// targets.md P12, first figure: fills per second through the writer (queue, check sums, parents, round trips)
// against the same columns written with SQLite's C interface in batches of 1,000. Both: WAL,
// synchronous=FULL, the same disk.
namespace
{

constexpr int kFills = 20'000, kRounds = 7;

Fill nth(int i)
{
    static const Fill buy = fill(1, 0, Side::Buy, "1", "61800.2", "0.01");
    static const Fill sell = fill(1, 0, Side::Sell, "1", "61801.2", "0.01", "1");
    Fill result = i % 2 == 0 ? buy : sell;
    result.tradeId = i + 1;
    result.venueTime = at(i);
    return result;
}

double seconds(std::chrono::steady_clock::time_point since)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

double ours(std::int64_t &sum)
{
    Desk desk;
    desk.open(Mode::Demo, {.burstMax = 1000});
    desk.push(UpsertInstrument{btcListed(), kStart});
    desk.drain();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < kFills; ++i) {
        desk.push(RecordFill{account(), nth(i)});
        if (desk.queue.size() >= 1000)
            desk.writer->step();
    }
    desk.drain();
    const double took = seconds(begun);
    sum =
        desk.writer->database().value(u"SELECT sum(trade_id * (price / 100000)) FROM fills"_s)->toLongLong();
    return took;
}

void bindText(sqlite3_stmt *statement, int column, std::string_view text)
{
    sqlite3_bind_text(statement, column, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

double peer(std::int64_t &sum)
{
    QTemporaryDir folder;
    sqlite3 *database = nullptr;
    sqlite3_open(folder.filePath(u"peer.sqlite"_s).toUtf8().constData(), &database);
    sqlite3_exec(
        database,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE fills(mode TEXT, account TEXT, venue TEXT, symbol TEXT, trade_id INTEGER, arrival "
        "INTEGER,"
        " venue_order_id INTEGER, client_order_id TEXT, side TEXT, position_side TEXT, price INTEGER,"
        " quantity INTEGER, fee INTEGER, fee_asset TEXT, realized_pnl INTEGER, maker INTEGER, venue_time "
        "INTEGER,"
        " received_at INTEGER, PRIMARY KEY(mode, account, venue, symbol, trade_id)) WITHOUT ROWID",
        nullptr, nullptr, nullptr);
    sqlite3_stmt *statement = nullptr;
    sqlite3_prepare_v2(database, "INSERT INTO fills VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1,
                       &statement, nullptr);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < kFills; ++i) {
        if (i % 1000 == 0)
            sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        const Fill row = nth(i);
        int column = 0;
        for (const std::string_view text : {std::string_view("demo"), std::string_view("main"),
                                            name(row.instrument.venue), row.instrument.symbol.view()})
            bindText(statement, ++column, text);
        for (const std::int64_t number : {row.tradeId, std::int64_t{i}, row.venueOrderId.value})
            sqlite3_bind_int64(statement, ++column, number);
        for (const std::string_view text : {row.clientOrderId.view(), name(row.side), name(row.positionSide)})
            bindText(statement, ++column, text);
        for (const std::int64_t number : {row.price.raw(), row.quantity.raw(), row.fee.raw()})
            sqlite3_bind_int64(statement, ++column, number);
        bindText(statement, ++column, row.feeAsset.view());
        for (const std::int64_t number : {row.realizedPnl.raw(), std::int64_t{row.maker},
                                          toNanoseconds(row.venueTime), toNanoseconds(row.receivedAt)})
            sqlite3_bind_int64(statement, ++column, number);
        sqlite3_step(statement);
        sqlite3_reset(statement);
        if (i % 1000 == 999)
            sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    }
    const double took = seconds(begun);
    sqlite3_finalize(statement);
    sqlite3_prepare_v2(database, "SELECT sum(trade_id * (price / 100000)) FROM fills", -1, &statement,
                       nullptr);
    sqlite3_step(statement);
    sum = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return took;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    std::vector<double> ourRates, peerRates;
    for (int round = 0; round < kRounds; ++round) {
        std::int64_t ourSum = 0, peerSum = 0;
        ourRates.push_back(kFills / ours(ourSum));
        peerRates.push_back(kFills / peer(peerSum));
        if (ourSum != peerSum || ourSum == 0) {
            std::fprintf(stderr, "the two files differ\n");
            return 1;
        }
    }
    const auto median = [](std::vector<double> values) {
        std::nth_element(values.begin(), values.begin() + kRounds / 2, values.end());
        return values[kRounds / 2];
    };
    const double ourRate = median(ourRates), peerRate = median(peerRates);
    fmt::print("P12_storage_fills_per_second {:.3f} {:.0f} {:.0f} {}\n", ourRate / peerRate, ourRate,
               peerRate, kRounds);
    return 0;
}
