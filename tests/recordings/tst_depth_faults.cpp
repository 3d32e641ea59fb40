#include <set>

#include <QtTest/QTest>

#include "core/exchange/binance/book_sync.h"
#include "tests/recordings/recorded.h"
#include "tests/support/shared_data.h"

/// Row R6 of the targets: one fault anywhere in a real stream is noticed, the book is not used meanwhile, and
/// one snapshot heals it.
namespace binance = core::exchange::binance;
using Kind = core::venue::RecordedMessage::Kind;
using core::Freshness;

namespace
{
constexpr core::Duration kStaleAfter = std::chrono::hours{1}; // age is not what this test is about
constexpr std::size_t kExhaustive = 1'500; ///< faults at each of the first frames, at every 29th after them
constexpr std::size_t kStride = 29;

struct Stream {
    core::InstrumentKey instrument;
    core::Price tick;
    binance::DepthSnapshot snapshot;
    std::vector<std::string> payloads; ///< depth frames as received
    std::vector<binance::DepthUpdate> updates;
};

[[nodiscard]] Stream load(const std::filesystem::path &path, const char *tick)
{
    Stream out;
    out.tick = core::parsePrice(tick).value();
    binance::MarketDecoder decoder;
    for (const tests::RecordedFrame &frame : tests::loadRecording({path})) {
        if (frame.kind == Kind::DepthSnapshot) {
            out.snapshot = binance::parseDepthSnapshot(frame.payload).value();
            continue;
        }
        if (frame.payload.find("\"depthUpdate\"") == std::string::npos)
            continue;
        const auto event = decoder.decode(frame.payload, frame.receivedAt);
        out.updates.push_back(*std::get<const binance::DepthUpdate *>(event.value()));
        out.payloads.push_back(frame.payload);
    }
    out.instrument = {core::Venue::Binance, out.updates.front().symbol};
    return out;
}

/// A book under test, with the promises checked at each step.
class Watched
{
public:
    explicit Watched(const Stream &stream) : m_stream(stream), m_sync(stream.instrument, stream.tick) {}

    [[nodiscard]] binance::BookSync &sync() { return m_sync; }
    void update(std::size_t index) { check(m_sync.onUpdate(m_stream.updates[index]), index); }
    /// The frame arrives with its second half missing.
    void truncated(std::size_t index)
    {
        const std::string_view whole = m_stream.payloads[index];
        const auto event =
            m_decoder.decode(whole.substr(0, whole.size() / 2), m_stream.updates[index].receivedAt);
        if (event)
            qFatal("half a frame was decoded");
        check(m_sync.onDecodeError(event.error()), index);
    }
    void snapshot(const tests::ReferenceBook &reference, std::size_t index)
    {
        ++m_snapshots;
        check(m_sync.onSnapshot(reference.snapshot(m_stream.updates[index].lastId)), index);
    }
    void disconnect(std::size_t index) { check(m_sync.onDisconnected(), index); }
    [[nodiscard]] bool fresh(std::size_t index) const
    {
        return m_sync.freshness(m_stream.updates[index].receivedAt, kStaleAfter) == Freshness::Fresh;
    }
    [[nodiscard]] int requests() const { return m_requests; }
    [[nodiscard]] int snapshots() const { return m_snapshots; }
    [[nodiscard]] int faults() const { return m_faults; }

private:
    void check(const binance::BookSync::Step &step, std::size_t index)
    {
        m_requests += step.requestSnapshot ? 1 : 0;
        m_faults += step.fault ? 1 : 0;
        if (step.fault && fresh(index))
            qFatal("fresh in the very step that found a fault");
    }

    const Stream &m_stream;
    binance::MarketDecoder m_decoder;
    binance::BookSync m_sync;
    int m_requests{0};
    int m_snapshots{0};
    int m_faults{0};
};
} // namespace

class TestDepthFaults : public QObject
{
    Q_OBJECT

    std::vector<Stream> m_streams;

    static void rows()
    {
        QTest::addColumn<int>("stream");
        QTest::newRow("BTC") << 0;
        QTest::newRow("ETH") << 1;
    }

    /// The plain book at three moments around a fault at frame i, carried along instead of copied.
    struct Moments {
        tests::ReferenceBook
            before; ///< after frame i − 2: a book starts here and sees one ordinary frame first
        tests::ReferenceBook atLast; ///< after frame i + `lead`, the last one before the snapshot
        tests::ReferenceBook healed; ///< after the frame behind that
    };
    /// Calls `body(i, moments)` at each chosen frame.
    template <class Body> static void atFrames(const Stream &stream, std::size_t lead, Body body)
    {
        Moments moments;
        for (tests::ReferenceBook *book : {&moments.before, &moments.atLast, &moments.healed})
            book->assign(stream.snapshot);
        const auto follow = [&](tests::ReferenceBook &book, std::size_t index) {
            if (stream.updates[index].lastId >= stream.snapshot.lastUpdateId)
                book.apply(stream.updates[index]);
        };
        for (std::size_t k = 0; k < lead; ++k)
            follow(moments.atLast, k);
        for (std::size_t k = 0; k <= lead; ++k)
            follow(moments.healed, k);
        for (std::size_t i = 0; i + lead + 1 < stream.updates.size(); ++i) {
            if (i >= 2)
                follow(moments.before, i - 2);
            follow(moments.atLast, i + lead);
            follow(moments.healed, i + lead + 1);
            if (i < 2 || stream.updates[i - 2].lastId < stream.snapshot.lastUpdateId ||
                (i >= kExhaustive && i % kStride != 0))
                continue;
            body(i, moments);
            if (QTest::currentTestFailed()) {
                qWarning("at frame %zu", i);
                return;
            }
        }
    }
    static void startBefore(Watched &book, const Moments &moments, std::size_t index)
    {
        book.snapshot(moments.before, index - 2);
        book.update(index - 1);
        QVERIFY(book.fresh(index - 1));
    }
    /// The fault was found, nothing is fresh; a snapshot taken now heals it with the next diff.
    static void healsWithOneSnapshot(Watched &book, const Moments &moments, std::size_t last)
    {
        QVERIFY(!book.fresh(last));
        QCOMPARE(book.sync().counters().gaps, std::uint64_t{1});
        QCOMPARE(book.requests(), 1);
        const int before = book.snapshots();
        book.snapshot(moments.atLast, last);
        book.update(last + 1);
        QVERIFY(book.fresh(last + 1));
        QCOMPARE(book.snapshots(), before + 1);
        QCOMPARE(book.requests(), 1);
        QCOMPARE(book.sync().counters().resyncs, std::uint64_t{1});
        QVERIFY(tests::sameLevels(book.sync().book(), moments.healed));
    }

private slots:
    void initTestCase()
    {
        REQUIRE_SHARED();
        m_streams.push_back(load(tests::recordingsDir() / "capture-2024-08-08/btcusdt_20240808.gz", "0.1"));
        m_streams.push_back(load(tests::recordingsDir() / "capture-2024-08-08/ethusdt_20240808.gz", "0.01"));
    }

    void droppedFrame_data() { rows(); }
    void droppedFrame()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        atFrames(recorded, 2, [&](std::size_t i, const Moments &moments) {
            Watched book(recorded);
            startBefore(book, moments, i);
            book.update(i + 1); // i never came
            QVERIFY(!book.fresh(i + 1));
            book.update(i + 2);
            healsWithOneSnapshot(book, moments, i + 2);
        });
    }

    void duplicatedFrame_data() { rows(); }
    void duplicatedFrame()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        atFrames(recorded, 1, [&](std::size_t i, const Moments &moments) {
            Watched book(recorded);
            startBefore(book, moments, i);
            book.update(i);
            book.update(i);
            QVERIFY(book.fresh(i)); // told apart from a gap, and applied once
            book.update(i + 1);
            book.update(i);
            QVERIFY(book.fresh(i + 1));
            QCOMPARE(book.faults(), 0);
            QCOMPARE(book.requests(), 0);
            QVERIFY(tests::sameLevels(book.sync().book(), moments.atLast));
        });
    }

    void swappedFrames_data() { rows(); }
    void swappedFrames()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        atFrames(recorded, 2, [&](std::size_t i, const Moments &moments) {
            Watched book(recorded);
            startBefore(book, moments, i);
            book.update(i + 1);
            QVERIFY(!book.fresh(i + 1));
            book.update(i);
            QVERIFY(!book.fresh(i + 1));
            book.update(i + 2);
            healsWithOneSnapshot(book, moments, i + 2);
        });
    }

    void truncatedFrame_data() { rows(); }
    void truncatedFrame()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        atFrames(recorded, 1, [&](std::size_t i, const Moments &moments) {
            Watched book(recorded);
            startBefore(book, moments, i);
            book.truncated(i);
            QVERIFY(!book.fresh(i));
            book.update(i + 1);
            healsWithOneSnapshot(book, moments, i + 1);
        });
    }

    void snapshotAtEveryPosition_data() { rows(); }
    void snapshotAtEveryPosition()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        // The snapshot holds the state after frame i; it is delivered up to three frames before and after
        // that frame.
        atFrames(recorded, 5, [&](std::size_t i, const Moments &moments) {
            if (i % 5 != 0 || i < 6)
                return;
            tests::ReferenceBook state = moments.before;
            state.apply(recorded.updates[i - 1]);
            state.apply(recorded.updates[i]);
            for (std::size_t delivered = i - 3; delivered <= i + 3; ++delivered) {
                Watched book(recorded);
                for (std::size_t k = i - 5; k <= i + 6; ++k) {
                    book.update(k);
                    // Fresh only when snapshot and bridge are both there.
                    QCOMPARE(book.fresh(k), k > delivered && k >= i);
                    if (k == delivered)
                        book.snapshot(state, i);
                }
                QCOMPARE(book.requests(), 1);
                QCOMPARE(book.faults(), 0);
                QVERIFY(tests::sameLevels(book.sync().book(), moments.healed));
            }
        });
    }

    void snapshotBeforeAndLongAfterTheStream_data() { rows(); }
    void snapshotBeforeAndLongAfterTheStream()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        tests::ReferenceBook reference;
        reference.assign(recorded.snapshot);
        // What waits for a snapshot is kept for half a minute: so many frames, then the snapshot from before them.
        const auto isKept = [&](std::size_t i) {
            return recorded.updates[i].receivedAt - recorded.updates[0].receivedAt < binance::BookSync::kBufferedFor;
        };
        std::size_t kept = 0;
        while (kept < 1'000 && isKept(kept))
            ++kept;
        QVERIFY(kept > 50);
        for (std::size_t i = 0; i < kept; ++i) {
            if (recorded.updates[i].lastId >= recorded.snapshot.lastUpdateId)
                reference.apply(recorded.updates[i]);
        }
        binance::BookSync before(recorded.instrument, recorded.tick);
        binance::BookSync after(recorded.instrument, recorded.tick);
        QVERIFY(!before.onSnapshot(recorded.snapshot).fault);
        for (std::size_t i = 0; i < kept; ++i) {
            QVERIFY(!before.onUpdate(recorded.updates[i]).fault);
            QVERIFY(!after.onUpdate(recorded.updates[i]).fault);
            QVERIFY(!after.isSynchronised());
        }
        QVERIFY(!after.onSnapshot(recorded.snapshot).fault);
        for (const binance::BookSync *sync : {&before, &after}) {
            QVERIFY(sync->isSynchronised());
            QVERIFY(tests::sameLevels(sync->book(), reference));
        }
    }

    void cutAtEveryHundredthFrame_data() { rows(); }
    void cutAtEveryHundredthFrame()
    {
        QFETCH(int, stream);
        const Stream &recorded = m_streams.at(static_cast<std::size_t>(stream));
        Watched book(recorded);
        QVERIFY(!book.sync().onSnapshot(recorded.snapshot).fault);
        tests::ReferenceBook reference;
        reference.assign(recorded.snapshot);
        std::uint64_t cuts = 0;
        for (std::size_t i = 0; i < recorded.updates.size(); ++i) {
            if (recorded.updates[i].lastId >= recorded.snapshot.lastUpdateId)
                reference.apply(recorded.updates[i]);
            if (i >= 100 && i % 100 == 0) { // the line drops with this frame; two more pass while it is down
                ++cuts;
                book.disconnect(i);
                QVERIFY(!book.fresh(i));
                continue;
            }
            if (i >= 100 && (i % 100 == 1 || i % 100 == 2))
                continue;
            book.update(i);
            if (i >= 100 && i % 100 < 6) { // buffering; the snapshot arrives with the sixth frame
                QVERIFY(!book.fresh(i));
                if (i % 100 == 5) {
                    book.snapshot(reference, i);
                    QVERIFY(book.fresh(i));
                    QVERIFY(tests::sameLevels(book.sync().book(), reference));
                }
            }
        }
        QCOMPARE(book.sync().counters().resyncs, cuts);
        QCOMPARE(book.sync().counters().snapshots, cuts + 1);
        QCOMPARE(static_cast<std::uint64_t>(book.requests()), cuts);
        QCOMPARE(book.sync().counters().crossed, std::uint64_t{0});
        QVERIFY(tests::sameLevels(book.sync().book(), reference));
    }
};

QTEST_APPLESS_MAIN(TestDepthFaults)
#include "tst_depth_faults.moc"
