// What the screen may look back on: read from the file that another connection writes.
#include "tests/core/storage/desk.h"

#include "core/runtime/past_reader.h"

using namespace tests;
using core::runtime::Past;
using core::runtime::PastReader;

namespace
{
std::shared_ptr<const Past> readPast(const Desk &desk, std::vector<core::runtime::GuardedAccount> accounts, const QString &file)
{
    std::shared_ptr<const Past> answer;
    PastReader({.database = file,
                .mode = Mode::Demo,
                .accounts = std::move(accounts),
                .done = [&](std::shared_ptr<const Past> past) { answer = std::move(past); }},
               desk.clock)
        .read();
    return answer;
}
} // namespace

class TestPastReader : public QObject
{
    Q_OBJECT

private slots:
    void bringsTheAccountsThatHaveARecord()
    {
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordEquity{account(), {Venue::Binance, at(0), money("1000")}});
        desk.push(RecordFill{account(), fill(1, 10, Side::Buy, "1", "100", "0.1")});
        desk.push(RecordFill{account(), fill(2, 20, Side::Sell, "1", "90", "0.1", "-10")});
        desk.drain();
        desk.clock.advance(std::chrono::hours{1});
        const auto past = readPast(desk, {{Venue::Hyperliquid, account("other")}, {Venue::Binance, account()}}, desk.path());
        QVERIFY(past != nullptr);
        QCOMPARE(past->problem, std::string());
        QCOMPARE(past->accounts.size(), std::size_t{1});
        QCOMPARE(past->accounts.front().account, Venue::Binance);
        QCOMPARE(past->accounts.front().trips.size(), std::size_t{1});
        QCOMPARE(past->accounts.front().equity.size(), std::size_t{1});
        QVERIFY(past->to - past->from == core::runtime::kPastKept);
    }

    void whatIsOlderThanTheDaysIsLeftOut()
    {
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordFill{account(), fill(1, 10, Side::Buy, "1", "100", "0.1")});
        desk.push(RecordFill{account(), fill(2, 20, Side::Sell, "1", "90", "0.1", "-10")});
        desk.drain();
        desk.clock.advance(std::chrono::hours{24 * 91});
        const auto past = readPast(desk, {{Venue::Binance, account()}}, desk.path());
        QVERIFY(past->accounts.empty());
        QCOMPARE(past->problem, std::string());
    }

    void aFileThatCannotBeReadIsSaidSo()
    {
        Desk desk;
        const auto past = readPast(desk, {{Venue::Binance, account()}}, desk.folder.filePath(QStringLiteral("none.sqlite")));
        QVERIFY(past->accounts.empty());
        QVERIFY(!past->problem.empty());
    }
};

QTEST_GUILESS_MAIN(TestPastReader)
#include "tst_past_reader.moc"
