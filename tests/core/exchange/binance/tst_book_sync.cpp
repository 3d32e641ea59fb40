#include "core/exchange/binance/book_sync.h"

#include <QtTest/QTest>

namespace binance = core::exchange::binance;
using binance::BookSync;
using core::Error;
using core::ErrorCode;
using core::Freshness;
using core::Level;
using core::Side;
using core::UtcTime;
using namespace std::chrono_literals;

namespace
{
constexpr UtcTime kStart = core::utcFromMilliseconds(1'700'000'000'000);
constexpr core::Duration kStaleAfter = 3s;

[[nodiscard]] core::InstrumentKey instrument()
{
    return {core::Venue::Binance, core::Symbol::from("BTCUSDT").value()};
}
[[nodiscard]] Level level(std::string_view price, std::string_view quantity)
{
    return {core::parsePrice(price).value(), core::parseQuantity(quantity).value()};
}
/// Ids first..last after `previous`; its times follow its last id.
[[nodiscard]] binance::DepthUpdate update(std::int64_t first, std::int64_t last, std::int64_t previous,
                                          std::vector<Level> bids = {}, std::vector<Level> asks = {})
{
    binance::DepthUpdate out;
    out.symbol = instrument().symbol;
    out.firstId = first;
    out.lastId = last;
    out.previousLastId = previous;
    out.venueTime = out.eventTime = out.receivedAt = kStart + std::chrono::milliseconds{last};
    out.bids = std::move(bids);
    out.asks = std::move(asks);
    return out;
}
[[nodiscard]] binance::DepthSnapshot snapshot(std::int64_t id)
{
    binance::DepthSnapshot out;
    out.lastUpdateId = id;
    out.bids = {level("100", "1"), level("99", "2")};
    out.asks = {level("101", "1"), level("102", "2")};
    return out;
}
[[nodiscard]] UtcTime at(std::int64_t id)
{
    return kStart + std::chrono::milliseconds{id};
}
[[nodiscard]] Level best(const BookSync &sync, Side side)
{
    return sync.book().best(side).value_or(Level{});
}
} // namespace

class TestBookSync : public QObject
{
    Q_OBJECT

    static BookSync fresh() { return BookSync(instrument(), core::parsePrice("0.1").value()); }
    /// Synchronised at u = 120: snapshot 100, bridged by 95..110, followed by 115..120.
    static BookSync synchronised()
    {
        BookSync sync = fresh();
        const bool asked = sync.onUpdate(update(95, 110, 90)).requestSnapshot;
        const auto loaded = sync.onSnapshot(snapshot(100));
        const auto next = sync.onUpdate(update(115, 120, 110));
        if (!asked || loaded.requestSnapshot || loaded.fault || next.fault || !sync.isSynchronised())
            qFatal("the normal way does not synchronise");
        return sync;
    }

private slots:
    void asksForASnapshotOnceAfterTheFirstDiff()
    {
        BookSync sync = fresh();
        QCOMPARE(sync.freshness(kStart, kStaleAfter), Freshness::Connecting);
        QVERIFY(sync.onUpdate(update(95, 110, 90)).requestSnapshot);
        QVERIFY(!sync.onUpdate(update(115, 120, 110)).requestSnapshot);
        QVERIFY(!sync.isSynchronised());
        QCOMPARE(sync.freshness(at(120), kStaleAfter), Freshness::Connecting);
    }

    void snapshotInsideTheBufferBridgesIt()
    {
        BookSync sync = fresh();
        QVERIFY(sync.onUpdate(update(80, 89, 79, {level("98", "9")})).requestSnapshot); // u < L: dropped
        QVERIFY(!sync.onUpdate(update(90, 110, 89, {level("100", "5")})).fault);
        QVERIFY(!sync.onUpdate(update(115, 120, 110, {}, {level("101", "0")})).fault);
        const auto step = sync.onSnapshot(snapshot(100));
        QVERIFY(step.bookChanged);
        QVERIFY(!step.requestSnapshot);
        QVERIFY(!step.fault);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.lastUpdateId(), 120);
        QVERIFY(best(sync, Side::Buy) == level("100", "5"));
        QVERIFY(best(sync, Side::Sell) == level("102", "2"));
        QVERIFY(sync.book().quantityAt(Side::Buy, core::parsePrice("98").value()).isZero());
        QCOMPARE(sync.freshness(at(120), kStaleAfter), Freshness::Fresh);
        QCOMPARE(sync.counters().diffs, std::uint64_t{3});
        QCOMPARE(sync.counters().applied, std::uint64_t{2});
        QCOMPARE(sync.counters().ignored, std::uint64_t{1});
        QCOMPARE(sync.counters().snapshots, std::uint64_t{1});
        QCOMPARE(sync.counters().resyncs, std::uint64_t{0});
        QCOMPARE(sync.counters().gaps, std::uint64_t{0});
    }

    void bn10_theSnapshotBridgesAtEveryBoundary_data()
    {
        QTest::addColumn<qint64>("first");
        QTest::addColumn<qint64>("last");
        QTest::addColumn<qint64>("previous");
        QTest::addColumn<int>("outcome"); // -1 dropped, 0 bridges, 1 another snapshot is needed
        QTest::newRow("ends before the snapshot") << qint64{90} << qint64{99} << qint64{89} << -1;
        QTest::newRow("ends with the snapshot") << qint64{90} << qint64{100} << qint64{89} << 0;
        QTest::newRow("contains the snapshot") << qint64{90} << qint64{110} << qint64{89} << 0;
        QTest::newRow("begins with the snapshot") << qint64{100} << qint64{110} << qint64{98} << 0;
        QTest::newRow("follows the snapshot exactly") << qint64{103} << qint64{110} << qint64{100} << 0;
        QTest::newRow("begins behind it, one id is unknown")
            << qint64{103} << qint64{110} << qint64{101} << 1;
        QTest::newRow("begins right behind it, but follows something else")
            << qint64{101} << qint64{110} << qint64{99} << 1;
    }
    void bn10_theSnapshotBridgesAtEveryBoundary()
    {
        QFETCH(qint64, first);
        QFETCH(qint64, last);
        QFETCH(qint64, previous);
        QFETCH(int, outcome);
        const auto diff = update(first, last, previous, {level("100", "7")});

        BookSync buffered = fresh(); // the diff came first
        QVERIFY(buffered.onUpdate(diff).requestSnapshot);
        const auto loaded = buffered.onSnapshot(snapshot(100));
        QCOMPARE(buffered.isSynchronised(), outcome == 0);
        QCOMPARE(loaded.requestSnapshot, outcome == 1);
        QCOMPARE(loaded.fault.has_value(), outcome == 1);

        BookSync early = fresh(); // the snapshot came first, as recordings play
        QVERIFY(!early.onSnapshot(snapshot(100)).requestSnapshot);
        QVERIFY(!early.isSynchronised());
        const auto step = early.onUpdate(diff);
        QCOMPARE(early.isSynchronised(), outcome == 0);
        QCOMPARE(step.requestSnapshot, outcome == 1);
        for (const BookSync *sync : {&buffered, &early}) {
            if (outcome == 0)
                QVERIFY(best(*sync, Side::Buy) == level("100", "7"));
            else
                QCOMPARE(sync->freshness(at(last), kStaleAfter), Freshness::Connecting);
        }
    }

    void bn10_anOldSnapshotIsAskedForAgainUntilItBridges()
    {
        BookSync sync = fresh();
        QVERIFY(sync.onUpdate(update(200, 210, 190)).requestSnapshot);
        const auto older = sync.onSnapshot(snapshot(100));
        QVERIFY(older.requestSnapshot);
        QVERIFY(!sync.onUpdate(update(211, 220, 210)).requestSnapshot); // it is on its way
        QVERIFY(!sync.onSnapshot(snapshot(215)).requestSnapshot);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.lastUpdateId(), 220);
        QCOMPARE(sync.counters().resyncs, std::uint64_t{0}); // the first synchronisation, after all
    }

    void bn10_aSnapshotNewerThanTheBufferWaitsForItsDiff()
    {
        BookSync sync = fresh();
        QVERIFY(sync.onUpdate(update(80, 89, 79)).requestSnapshot);
        const auto step = sync.onSnapshot(snapshot(100));
        QVERIFY(step.bookChanged);
        QVERIFY(!step.requestSnapshot);
        QVERIFY(!sync.isSynchronised());
        QCOMPARE(sync.freshness(at(100), kStaleAfter), Freshness::Connecting);
        QVERIFY(!sync.onUpdate(update(90, 95, 89)).fault); // still older
        QVERIFY(!sync.isSynchronised());
        QVERIFY(!sync.onUpdate(update(96, 105, 95)).fault);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.counters().ignored, std::uint64_t{2});
    }

    void bn10_onlyTheFirstDiffIsExemptFromTheChain()
    {
        BookSync sync = fresh();
        QVERIFY(!sync.onSnapshot(snapshot(100)).fault);
        QVERIFY(!sync.onUpdate(update(95, 110, 12)).fault); // pu does not matter here
        QVERIFY(sync.isSynchronised());
        QVERIFY(sync.onUpdate(update(111, 120, 109)).fault.has_value()); // and does here, although U == u + 1
        QVERIFY(!sync.isSynchronised());
    }

    void bn11_aGapMarksTheBookAndAsksOnce()
    {
        BookSync sync = synchronised();
        const auto step = sync.onUpdate(update(131, 140, 130, {level("100.5", "3")}));
        QVERIFY(step.requestSnapshot);
        QVERIFY(step.fault.has_value());
        QCOMPARE(step.fault->code, ErrorCode::OutOfSync);
        QVERIFY(!step.bookChanged);
        QCOMPARE(sync.freshness(at(140), kStaleAfter), Freshness::Gapped);
        QVERIFY(best(sync, Side::Buy) == level("100", "1")); // the old book stays, for drawing
        const auto next = sync.onUpdate(update(141, 150, 140));
        QVERIFY(!next.requestSnapshot);
        QVERIFY(!next.fault);
        QCOMPARE(sync.counters().gaps, std::uint64_t{1});
        QCOMPARE(sync.freshness(at(150), kStaleAfter), Freshness::Gapped);

        const auto loaded = sync.onSnapshot(snapshot(135));
        QVERIFY(!loaded.requestSnapshot);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.freshness(at(150), kStaleAfter), Freshness::Fresh);
        QVERIFY(best(sync, Side::Buy) == level("100.5", "3"));
        QCOMPARE(sync.counters().resyncs, std::uint64_t{1});
    }

    void bn11_theBookStaysGappedUntilTheNewSnapshotIsBridged()
    {
        BookSync sync = synchronised();
        QVERIFY(sync.onUpdate(update(131, 140, 130)).requestSnapshot);
        QVERIFY(!sync.onSnapshot(snapshot(160)).fault); // newer than all we have
        QCOMPARE(sync.freshness(at(141), kStaleAfter), Freshness::Gapped);
        QVERIFY(!sync.onUpdate(update(141, 150, 140)).fault);
        QCOMPARE(sync.freshness(at(150), kStaleAfter), Freshness::Gapped);
        QVERIFY(!sync.onUpdate(update(151, 165, 150)).fault);
        QCOMPARE(sync.freshness(at(165), kStaleAfter), Freshness::Fresh);
    }

    void bn12_duplicatesAreIgnored()
    {
        BookSync sync = synchronised();
        for (const auto &diff :
             {update(115, 120, 110, {level("100", "0")}), update(95, 110, 90, {level("100", "0")})}) {
            const auto step = sync.onUpdate(diff);
            QVERIFY(!step.fault);
            QVERIFY(!step.bookChanged);
        }
        QVERIFY(sync.isSynchronised());
        QVERIFY(best(sync, Side::Buy) == level("100", "1"));
        QCOMPARE(sync.counters().ignored, std::uint64_t{2});
        QCOMPARE(sync.counters().gaps, std::uint64_t{0});
        QVERIFY(!sync.onUpdate(update(121, 130, 120)).fault);
    }

    void idsThatGoBackInNewerNewsAreAGap()
    {
        BookSync sync = synchronised();
        auto restarted = update(5, 10, 4);
        restarted.venueTime = at(125); // newer than the last one applied: no duplicate
        const auto step = sync.onUpdate(restarted);
        QVERIFY(step.requestSnapshot);
        QVERIFY(step.fault.has_value());
        QCOMPARE(sync.freshness(at(125), kStaleAfter), Freshness::Gapped);
        QVERIFY(!sync.onSnapshot(snapshot(8)).fault);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.lastUpdateId(), 10);
    }

    void bn12_removingAnUnknownLevelIsNormal()
    {
        BookSync sync = synchronised();
        const auto step = sync.onUpdate(update(121, 130, 120, {level("42", "0")}, {level("4242", "0")}));
        QVERIFY(!step.fault);
        QVERIFY(step.bookChanged);
        QVERIFY(best(sync, Side::Buy) == level("100", "1"));
        QVERIFY(!sync.onUpdate(update(131, 140, 130, {level("100", "0")})).fault);
        QVERIFY(best(sync, Side::Buy) == level("99", "2"));
    }

    void aFrameThatCannotBeDecodedIsAGap()
    {
        BookSync sync = synchronised();
        const auto step = sync.onDecodeError({ErrorCode::ParseFailed, "depthUpdate.b: is missing"});
        QVERIFY(step.requestSnapshot);
        QCOMPARE(step.fault->detail, std::string("depthUpdate.b: is missing"));
        QCOMPARE(sync.freshness(at(120), kStaleAfter), Freshness::Gapped);
        QCOMPARE(sync.counters().gaps, std::uint64_t{1});
        const auto again = sync.onDecodeError({ErrorCode::ParseFailed, "depthUpdate.b: is missing"});
        QVERIFY(!again.requestSnapshot);
        QVERIFY(!again.fault);
        QVERIFY(!sync.onUpdate(update(131, 140, 130)).requestSnapshot);
        QVERIFY(!sync.onSnapshot(snapshot(135)).fault);
        QVERIFY(sync.isSynchronised());
    }

    void idsInTheWrongOrderAreAGap()
    {
        BookSync sync = synchronised();
        const auto step = sync.onUpdate(update(130, 121, 120));
        QVERIFY(step.requestSnapshot);
        QVERIFY(step.fault.has_value());
        QCOMPARE(sync.freshness(at(121), kStaleAfter), Freshness::Gapped);
    }

    void aPriceOffTheTickIsAGap()
    {
        BookSync sync = synchronised();
        const auto step = sync.onUpdate(update(121, 130, 120, {level("99.95", "1")}));
        QVERIFY(step.requestSnapshot);
        QVERIFY(step.fault.has_value());
        QCOMPARE(sync.freshness(at(130), kStaleAfter), Freshness::Gapped);
        QCOMPARE(sync.counters().gaps, std::uint64_t{1});
        QCOMPARE(sync.lastUpdateId(), 120); // not applied
    }

    void aSnapshotOffTheTickIsAskedForAgain()
    {
        BookSync sync = fresh();
        QVERIFY(sync.onUpdate(update(95, 110, 90)).requestSnapshot);
        auto wrong = snapshot(100);
        wrong.bids.push_back(level("98.77", "1"));
        const auto step = sync.onSnapshot(wrong);
        QVERIFY(step.fault.has_value());
        QVERIFY(step.requestSnapshot);
        QVERIFY(!sync.isSynchronised());
        QVERIFY(!sync.onSnapshot(snapshot(100)).fault); // the buffer was not lost
        QVERIFY(sync.isSynchronised());
    }

    void aDisconnectVoidsEverything()
    {
        BookSync sync = synchronised();
        const auto step = sync.onDisconnected();
        QVERIFY(step.fault.has_value());
        QVERIFY(!step.requestSnapshot); // nobody is there to bridge it yet
        QCOMPARE(sync.freshness(at(120), kStaleAfter), Freshness::Connecting);
        QVERIFY(!sync.onDisconnected().fault);
        // The next diff in order proves nothing: the new connection may have missed some in between.
        QVERIFY(sync.onUpdate(update(121, 130, 120)).requestSnapshot);
        QVERIFY(!sync.isSynchronised());
        QVERIFY(!sync.onSnapshot(snapshot(125)).fault);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.counters().resyncs, std::uint64_t{1});
        QCOMPARE(sync.counters().gaps, std::uint64_t{0});
    }

    void aSnapshotOfTheConnectionBeforeDoesNotBridge()
    {
        BookSync sync = fresh();
        QVERIFY(sync.onUpdate(update(95, 110, 90)).requestSnapshot);
        QVERIFY(!sync.onDisconnected().fault);
        QVERIFY(!sync.onSnapshot(snapshot(100)).requestSnapshot); // its request was sent before
        QVERIFY(!sync.isSynchronised());
        const auto step = sync.onUpdate(update(150, 160, 149));
        QVERIFY(step.requestSnapshot);
        QVERIFY(!sync.isSynchronised());
    }

    void crossedIsToldAndLeadsToAResyncAfterASecond()
    {
        BookSync sync = synchronised();
        QVERIFY(!sync.onUpdate(update(121, 130, 120, {level("101", "1")})).fault);
        QCOMPARE(sync.freshness(at(130), kStaleAfter), Freshness::Crossed);
        QCOMPARE(sync.counters().crossed, std::uint64_t{1});
        QVERIFY(!sync.onTimer(at(130) + 1s).requestSnapshot); // not yet longer than 1 s
        QVERIFY(!sync.onUpdate(update(131, 140, 130)).fault);
        QCOMPARE(sync.counters().crossed, std::uint64_t{2});
        const auto step = sync.onTimer(at(130) + 1001ms); // counted from the first crossed diff
        QVERIFY(step.requestSnapshot);
        QVERIFY(step.fault.has_value());
        QCOMPARE(sync.freshness(at(1131), kStaleAfter), Freshness::Gapped);
        QVERIFY(!sync.onTimer(at(9000)).requestSnapshot);
        QVERIFY(!sync.onUpdate(update(141, 150, 140)).fault);
        QVERIFY(!sync.onSnapshot(snapshot(145)).fault);
        QCOMPARE(sync.freshness(at(150), kStaleAfter), Freshness::Fresh);
    }

    void crossedForAShortTimeRecovers()
    {
        BookSync sync = synchronised();
        QVERIFY(!sync.onUpdate(update(121, 130, 120, {level("101", "1")})).fault);
        QVERIFY(!sync.onUpdate(update(131, 140, 130, {level("101", "0")})).fault);
        QCOMPARE(sync.freshness(at(140), kStaleAfter), Freshness::Fresh);
        QVERIFY(!sync.onTimer(at(140) + 5s).requestSnapshot);
    }

    void silenceMakesItStale()
    {
        BookSync sync = synchronised();
        QCOMPARE(sync.freshness(at(120) + 3s, kStaleAfter), Freshness::Fresh);
        QCOMPARE(sync.freshness(at(120) + 3001ms, kStaleAfter), Freshness::Stale);
        QCOMPARE(sync.freshness(at(120) - 1s, kStaleAfter), Freshness::Fresh); // the clock went back a little
        QVERIFY(!sync.onUpdate(update(115, 120, 110)).fault); // a duplicate is no sign of life
        QCOMPARE(sync.freshness(at(120) + 3001ms, kStaleAfter), Freshness::Stale);
        QVERIFY(!sync.onUpdate(update(121, 5000, 120)).fault);
        QCOMPARE(sync.freshness(at(5001), kStaleAfter), Freshness::Fresh);
    }

    void aSnapshotOfASynchronisedBookChangesNothing()
    {
        BookSync sync = synchronised();
        auto other = snapshot(500);
        other.bids = {level("50", "1")};
        const auto step = sync.onSnapshot(other);
        QVERIFY(!step.bookChanged);
        QVERIFY(!step.fault);
        QVERIFY(sync.isSynchronised());
        QVERIFY(best(sync, Side::Buy) == level("100", "1"));
        QCOMPARE(sync.counters().snapshots, std::uint64_t{2});
    }

    void aHoleInTheBufferIsNotBridged()
    {
        BookSync sync = fresh();
        QVERIFY(sync.onUpdate(update(95, 110, 90)).requestSnapshot);
        QVERIFY(!sync.onUpdate(update(131, 140, 130)).fault); // 111 to 130 are missing
        const auto step = sync.onSnapshot(snapshot(100));     // would fit before the hole
        QVERIFY(step.requestSnapshot);
        QVERIFY(!sync.isSynchronised());
        QVERIFY(!sync.onSnapshot(snapshot(135)).fault);
        QVERIFY(sync.isSynchronised());
    }

    void theBufferIsBounded()
    {
        BookSync sync = fresh();
        std::int64_t id = 100;
        QVERIFY(sync.onUpdate(update(id, id, id - 1)).requestSnapshot);
        const auto more = static_cast<std::int64_t>(BookSync::kBufferedUpdatesMax);
        for (std::int64_t i = 0; i < more; ++i, ++id)
            QVERIFY(!sync.onUpdate(update(id + 1, id + 1, id)).fault);
        // The oldest has gone: a snapshot that would need it is too old now, one id later it fits.
        QVERIFY(sync.onSnapshot(snapshot(99)).requestSnapshot);
        QVERIFY(!sync.isSynchronised());
        QVERIFY(!sync.onSnapshot(snapshot(100)).requestSnapshot);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.lastUpdateId(), id);
    }

    void theBufferIsBoundedByLevelsToo()
    {
        BookSync sync = fresh();
        const std::vector<Level> many(BookSync::kBufferedLevelsMax / 4, level("100", "1"));
        for (std::int64_t id = 100; id < 110; ++id)
            QVERIFY(!sync.onUpdate(update(id, id, id - 1, many)).fault);
        QVERIFY(sync.onSnapshot(snapshot(104)).requestSnapshot); // only the last four are left
        QVERIFY(!sync.onSnapshot(snapshot(105)).requestSnapshot);
        QVERIFY(sync.isSynchronised());
    }

    /// A client that was shut out waits five minutes for its snapshots, with every book.
    void theBufferIsBoundedByTimeToo()
    {
        BookSync sync = fresh();
        for (std::int64_t id = 10'000; id <= 60'000; id += 10'000) // one each ten seconds
            QVERIFY(!sync.onUpdate(update(id - 9'999, id, id - 10'000)).fault);
        QVERIFY(sync.onSnapshot(snapshot(19'999)).requestSnapshot); // what it needs came more than 30 s before the newest
        QVERIFY(!sync.onSnapshot(snapshot(20'000)).requestSnapshot);
        QVERIFY(sync.isSynchronised());
        QCOMPARE(sync.lastUpdateId(), std::int64_t{60'000});
    }

    void anotherSymbolNeverTouchesTheBook()
    {
        BookSync sync = synchronised();
        auto foreign = update(121, 130, 120, {level("100", "0")});
        foreign.symbol = core::Symbol::from("ETHUSDT").value();
        const auto step = sync.onUpdate(foreign);
        QVERIFY(step.fault.has_value());
        QVERIFY(!step.bookChanged);
        QVERIFY(sync.isSynchronised());
        QVERIFY(best(sync, Side::Buy) == level("100", "1"));
    }
};

QTEST_APPLESS_MAIN(TestBookSync)
#include "tst_book_sync.moc"
