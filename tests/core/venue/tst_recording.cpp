#include "core/venue/recording.h"

#include <filesystem>

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <zlib.h>
#include <zstd.h>

#include "core/venue/recording_line.h"
#include "tests/support/shared_data.h"

using core::ErrorCode;
using core::UtcTime;
using core::venue::RecordedLine;
using core::venue::RecordedMessage;
using core::venue::RecordingReader;
using core::venue::RecordingSequence;

namespace
{
const QByteArray kTradeA = R"({"stream":"btcusdt@trade","data":{"e":"trade","t":1}})";
const QByteArray kTradeB = R"({"stream":"btcusdt@trade","data":{"e":"trade","t":2}})";
const QByteArray kSnapshot = R"({"lastUpdateId":7,"bids":[],"asks":[]})";

[[nodiscard]] std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

[[nodiscard]] QByteArray gzipped(const QByteArray &plain)
{
    QByteArray out(static_cast<qsizetype>(compressBound(static_cast<uLong>(plain.size()))) + 64, '\0');
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    QByteArray input = plain;
    stream.next_in = reinterpret_cast<Bytef *>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.truncate(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return out;
}

[[nodiscard]] QByteArray zstandard(const QByteArray &plain)
{
    QByteArray out(static_cast<qsizetype>(ZSTD_compressBound(static_cast<std::size_t>(plain.size()))), '\0');
    out.truncate(
        static_cast<qsizetype>(ZSTD_compress(out.data(), static_cast<std::size_t>(out.size()),
                                             plain.constData(), static_cast<std::size_t>(plain.size()), 3)));
    return out;
}

/// `count` lines with receive times one microsecond apart.
[[nodiscard]] QByteArray manyLines(int count)
{
    QByteArray out;
    for (int i = 0; i < count; ++i)
        out += QByteArray::number(1'723'161'255'000'000'000 + 1'000LL * i) + " " +
               R"({"stream":"btcusdt@trade","data":{"e":"trade","t":)" + QByteArray::number(i) + "}}\n";
    return out;
}

/// Everything a reader said.
struct Played {
    std::vector<RecordedMessage> messages; ///< payloads have gone; `payloads` keeps them
    std::vector<std::string> payloads;
    std::vector<core::Error> errors;
    core::venue::RecordingDefects defects;

    [[nodiscard]] int count(RecordedMessage::Kind kind, bool companion) const
    {
        return static_cast<int>(
            std::count_if(messages.begin(), messages.end(), [&](const RecordedMessage &message) {
                return message.kind == kind && message.companion == companion;
            }));
    }
};

template <class Reader> [[nodiscard]] Played played(Reader &reader)
{
    Played out;
    for (;;) {
        auto message = reader.next();
        if (!message) {
            out.errors.push_back(message.error());
            if (out.errors.size() > 1'000)
                qFatal("errors without end");
            continue;
        }
        if (!*message)
            break;
        out.payloads.emplace_back((*message)->payload);
        out.messages.push_back(**message);
    }
    out.defects = reader.defects();
    return out;
}
} // namespace

class TestRecording : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    std::filesystem::path write(const char *name, const QByteArray &bytes)
    {
        const QString path = m_folder.filePath(QString::fromLatin1(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", name);
        return path.toStdString();
    }
    static Played play(const std::filesystem::path &path)
    {
        auto reader = RecordingReader::open(path);
        if (!reader)
            qFatal("%s", reader.error().detail.c_str());
        return played(*reader);
    }
    static std::filesystem::path shared(const char *path)
    {
        return (tests::sharedDir() + QStringLiteral("/data/binance-usdm/") + QString::fromLatin1(path))
            .toStdString();
    }

private slots:
    void init() { QVERIFY(m_folder.isValid()); }

    void readsTheThreeLineFormats_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<int>("kind");
        QTest::addColumn<qint64>("nanoseconds");
        QTest::addColumn<QByteArray>("symbol");
        const int stream = int(RecordedLine::Kind::Stream);
        const int nothing = int(RecordedLine::Kind::Nothing);
        QTest::newRow("nanoseconds") << "1723161255030314667 " + kTradeA << stream
                                     << qint64{1723161255030314667} << QByteArray("BTCUSDT");
        QTest::newRow("microseconds") << "1680652700423575 " + kTradeA << stream
                                      << qint64{1680652700423575000} << QByteArray("BTCUSDT");
        QTest::newRow("milliseconds")
            << "1680652700423 " + kTradeA << stream << qint64{1680652700423000000} << QByteArray("BTCUSDT");
        QTest::newRow("seconds") << "1618677448.40599: " + kTradeA << stream << qint64{1618677448405990000}
                                 << QByteArray("BTCUSDT");
        QTest::newRow("whole seconds")
            << "1618677448: " + kTradeA << stream << qint64{1618677448000000000} << QByteArray("BTCUSDT");
        QTest::newRow("line end of another system") << "1618677448.5: " + kTradeA + "\r" << stream
                                                    << qint64{1618677448500000000} << QByteArray("BTCUSDT");
        QTest::newRow("bare snapshot")
            << "1723161255319702566 " + kSnapshot << int(RecordedLine::Kind::DepthSnapshot)
            << qint64{1723161255319702566} << QByteArray();
        QTest::newRow("snapshot with its address")
            << "https://fapi.binance.com/fapi/v1/depth?symbol=KSMUSDT&limit=1000 -> 1618677448.397002: " +
                   kSnapshot
            << int(RecordedLine::Kind::DepthSnapshot) << qint64{1618677448397002000} << QByteArray("KSMUSDT");
        QTest::newRow("exchange info")
            << QByteArray(
                   R"(https://fapi.binance.com/fapi/v1/exchangeInfo -> 1618677447.287607: {"timezone":"UTC"})")
            << int(RecordedLine::Kind::ExchangeInfo) << qint64{1618677447287607000} << QByteArray();
        QTest::newRow("another answer") << QByteArray("https://x/fapi/v1/time -> 1618677447.2: {\"a\":1}")
                                        << nothing << qint64{0} << QByteArray();
        QTest::newRow("subscription") << QByteArray("wss://fstream.binance.com/stream?streams=a@trade")
                                      << nothing << qint64{0} << QByteArray();
        QTest::newRow("settings") << QByteArray("configuration: {\"trades\":[]}") << nothing << qint64{0}
                                  << QByteArray();
        QTest::newRow("empty") << QByteArray() << nothing << qint64{0} << QByteArray();
        QTest::newRow("all markets name no symbol")
            << QByteArray(R"(1723161255030314667 {"stream":"!ticker@arr","data":[]})") << stream
            << qint64{1723161255030314667} << QByteArray();
    }
    void readsTheThreeLineFormats()
    {
        QFETCH(QByteArray, line);
        QFETCH(int, kind);
        QFETCH(qint64, nanoseconds);
        QFETCH(QByteArray, symbol);
        const auto parsed = core::venue::parseRecordedLine(view(line));
        QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().detail.c_str());
        QCOMPARE(int(parsed->kind), kind);
        QCOMPARE(core::toNanoseconds(parsed->receivedAt), nanoseconds);
        QCOMPARE(QByteArray::fromStdString(parsed->symbol.string()), symbol);
    }

    void refusesOtherLines_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("no time") << kTradeA;
        QTest::newRow("no JSON") << QByteArray("1723161255030314667 hello");
        QTest::newRow("half a JSON") << "1723161255030314667 " + kTradeA.left(40);
        QTest::newRow("time alone") << QByteArray("1723161255030314667");
        QTest::newRow("time and blank") << QByteArray("1723161255030314667 ");
        QTest::newRow("a time of 30 digits") << "172316125503031466712345678901 " + kTradeA;
        QTest::newRow("microseconds beyond the clock") << "34369977570033663 " + kTradeA;
        QTest::newRow("a time before 1973") << "1723161255 " + kTradeA;
        QTest::newRow("negative time") << "-1723161255030314667 " + kTradeA;
        QTest::newRow("ten fraction digits") << "1618677448.1234567890: " + kTradeA;
        QTest::newRow("no fraction digit") << "1618677448.: " + kTradeA;
        QTest::newRow("address without time") << "https://x/depth?symbol=A -> soon: " + kSnapshot;
        QTest::newRow("address without arrow") << "https://x/depth?symbol=A " + kSnapshot;
        QTest::newRow("address without symbol") << "https://x/depth?symbol= -> 1618677448.1: " + kSnapshot;
        QTest::newRow("binary") << QByteArray("\x00\xff\x01{}", 5);
    }
    void refusesOtherLines()
    {
        QFETCH(QByteArray, line);
        const auto parsed = core::venue::parseRecordedLine(view(line));
        QVERIFY(!parsed.has_value());
        QCOMPARE(parsed.error().code, ErrorCode::ParseFailed);
        QVERIFY(!parsed.error().detail.empty());
    }

    void readsPlainGzipAndZstandard_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray lines = manyLines(20'000); // several chunks
        QTest::newRow("plain") << lines;
        QTest::newRow("without a last line end") << lines.chopped(1);
        QTest::newRow("gzip") << gzipped(lines);
        QTest::newRow("gzip of two members") << gzipped(lines.left(300'000)) + gzipped(lines.mid(300'000));
        QTest::newRow("zstd") << zstandard(lines);
        QTest::newRow("zstd of two frames") << zstandard(lines.left(300'000)) + zstandard(lines.mid(300'000));
    }
    void readsPlainGzipAndZstandard()
    {
        QFETCH(QByteArray, bytes);
        const Played all = play(write("whole", bytes));
        QCOMPARE(all.errors.size(), std::size_t{0});
        QCOMPARE(all.messages.size(), std::size_t{20'000});
        QCOMPARE(QByteArray::fromStdString(all.payloads.back()),
                 QByteArray(R"({"stream":"btcusdt@trade","data":{"e":"trade","t":19999}})"));
        QCOMPARE(all.defects.garbledLines, std::uint64_t{0});
        QCOMPARE(all.defects.outOfOrder, std::uint64_t{0});
    }

    void truncatedCompressionDeliversWhatItCan_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray lines = manyLines(20'000);
        QTest::newRow("gzip") << gzipped(lines);
        QTest::newRow("zstd") << zstandard(lines);
    }
    void truncatedCompressionDeliversWhatItCan()
    {
        QFETCH(QByteArray, bytes);
        const auto path = write("cut", bytes.left(bytes.size() * 2 / 3));
        const Played all = play(path);
        QCOMPARE(all.errors.size(), std::size_t{1});
        QCOMPARE(all.errors.front().code, ErrorCode::Corrupt);
        const QString detail = QString::fromStdString(all.errors.front().detail);
        QVERIFY(detail.startsWith(QString::fromStdString(path.string()) + QLatin1Char(':') +
                                  QString::number(all.messages.size() + 1)));
        QVERIFY(detail.contains(QLatin1String("ends early")));
        QVERIFY(!detail.contains(QLatin1Char('\n')));
        QVERIFY(all.messages.size() > 1'000);
        QVERIFY(all.messages.size() < 20'000);
        for (const std::string &payload : all.payloads)
            QVERIFY(payload.ends_with("}}")); // half a line is never delivered
    }

    void damagedCompressionIsAnError_data() { truncatedCompressionDeliversWhatItCan_data(); }
    void damagedCompressionIsAnError()
    {
        QFETCH(QByteArray, bytes);
        for (qsizetype i = 0; i < 64; ++i)
            bytes[bytes.size() / 2 + i] = static_cast<char>(0x55 + i * 7);
        const Played all = play(write("damaged", bytes));
        QVERIFY(!all.errors.empty());
        QCOMPARE(all.errors.back().code, ErrorCode::Corrupt);
        QVERIFY(all.messages.size() < 20'000);
    }

    void somethingBehindTheCompressedDataIsAnError()
    {
        const Played all = play(write("tail", gzipped(manyLines(10)) + "tail"));
        QCOMPARE(all.messages.size(), std::size_t{10});
        QCOMPARE(all.errors.size(), std::size_t{1});
    }

    void aGarbledLineIsToldAndSteppedOver()
    {
        const auto path =
            write("garbled", "1723161255030314667 " + kTradeA + "\nrubbish\n1723161255030314668 " +
                                 kTradeB.left(30) + "\n1723161255030314669 " + kTradeB + "\n");
        const Played all = play(path);
        QCOMPARE(all.messages.size(), std::size_t{2});
        QCOMPARE(all.errors.size(), std::size_t{2});
        QCOMPARE(QString::fromStdString(all.errors[0].detail),
                 QString::fromStdString(path.string()) +
                     QLatin1String(":2: does not begin with a receive time"));
        QCOMPARE(QString::fromStdString(all.errors[1].detail),
                 QString::fromStdString(path.string()) +
                     QLatin1String(":3: holds no complete JSON value after the receive time"));
        QCOMPARE(all.defects.garbledLines, std::uint64_t{2});
        QVERIFY(all.defects.first == all.errors[0]);
    }

    void receiveTimesThatGoBackAreCountedAndDelivered()
    {
        const auto path = write("back", "1723161255030314667 " + kTradeA + "\n1723161255030314660 " +
                                            kTradeB + "\n1723161255030314661 " + kTradeB + "\n");
        const Played all = play(path);
        QCOMPARE(all.messages.size(), std::size_t{3});
        QCOMPARE(all.errors.size(), std::size_t{0});
        QCOMPARE(all.defects.outOfOrder, std::uint64_t{1});
        QVERIFY(all.defects.first.has_value());
        QVERIFY(QString::fromStdString(all.defects.first->detail).contains(QLatin1String("back:2: ")));
    }

    void whatIsNoRecordingIsSaidOnce()
    {
        QByteArray text;
        for (int i = 0; i < 200; ++i)
            text += "a line of a letter\n";
        const Played letter = play(write("letter", text));
        QCOMPARE(letter.messages.size(), std::size_t{0});
        QCOMPARE(letter.errors.size(), std::size_t{20});
        QVERIFY(
            QString::fromStdString(letter.errors.back().detail).contains(QLatin1String("is no recording")));
        const Played empty = play(write("empty", QByteArray()));
        QCOMPARE(empty.messages.size(), std::size_t{0});
        QCOMPARE(empty.errors.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(empty.errors.front().detail)
                    .contains(QLatin1String("holds no recorded message")));
    }

    void aMissingFileIsOneClearLine()
    {
        const auto reader =
            RecordingReader::open(m_folder.filePath(QStringLiteral("nowhere.gz")).toStdString());
        QVERIFY(!reader.has_value());
        QCOMPARE(reader.error().code, ErrorCode::NotFound);
        QVERIFY(QString::fromStdString(reader.error().detail).contains(QLatin1String("nowhere.gz: ")));
        QTemporaryDir empty;
        const auto folder = RecordingReader::open(empty.path().toStdString());
        QVERIFY(!folder.has_value());
        QCOMPARE(folder.error().code, ErrorCode::NotFound);
        QVERIFY(!RecordingSequence::open({}).has_value());
        const auto whole = write("whole", manyLines(3));
        QVERIFY(!RecordingSequence::open({whole, "/no/such/file"}).has_value());
    }

    void aSnapshotTakesTheSymbolOfItsRecording()
    {
        const auto after = play(
            write("after", "1723161255030314667 " + kTradeA + "\n1723161255030314668 " + kSnapshot + "\n"));
        QCOMPARE(after.messages.at(1).symbol.string(), std::string("BTCUSDT"));
        QCOMPARE(after.messages.at(1).kind, RecordedMessage::Kind::DepthSnapshot);
        const auto before =
            play(write("before", "1723161255030314667 " + kSnapshot + "\n1723161255030314668 " + kTradeA +
                                     "\n1723161255030314669 " + kTradeB + "\n"));
        QCOMPARE(before.errors.size(), std::size_t{0});
        QCOMPARE(before.messages.size(), std::size_t{3});
        QCOMPARE(before.messages.at(0).symbol.string(), std::string("BTCUSDT"));
        QCOMPARE(QByteArray::fromStdString(before.payloads.at(0)), kSnapshot);
        QCOMPARE(QByteArray::fromStdString(before.payloads.at(1)), kTradeA);
        QCOMPARE(QByteArray::fromStdString(before.payloads.at(2)), kTradeB);
        const auto alone = play(write("alone", "1723161255030314667 " + kSnapshot + "\n"));
        QCOMPARE(alone.errors.size(), std::size_t{1});
        const auto several =
            play(write("several", "1723161255030314667 " + kTradeA + "\n1723161255030314667 " +
                                      QByteArray(kTradeA).replace("btc", "eth") + "\n1723161255030314668 " +
                                      kSnapshot + "\n"));
        QCOMPARE(several.messages.size(), std::size_t{2});
        QCOMPARE(several.errors.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(several.errors.front().detail).contains(QLatin1String("several:3: ")));
    }

    void aSequencePlaysOneAfterTheOther()
    {
        const auto first = write("first", manyLines(5));
        auto forward =
            RecordingSequence::open({first, write("second", "1823161255030314667 " + kTradeB + "\n")});
        QVERIFY(forward.has_value());
        const Played all = played(*forward);
        QCOMPARE(all.messages.size(), std::size_t{6});
        QCOMPARE(all.defects.outOfOrder, std::uint64_t{0});
        QCOMPARE(QByteArray::fromStdString(all.payloads.back()), kTradeB);
        QCOMPARE(forward->progress(), 1.0);
        auto twice = RecordingSequence::open({first, first});
        QVERIFY(twice.has_value());
        const Played again = played(*twice);
        QCOMPARE(again.messages.size(), std::size_t{10});
        QCOMPARE(again.defects.outOfOrder, std::uint64_t{1});
    }

    void recordingOf2024()
    {
        REQUIRE_SHARED();
        const Played all = play(shared("capture-2024-08-08/btcusdt_20240808.gz"));
        QCOMPARE(all.messages.size(), std::size_t{93'954});
        QCOMPARE(all.errors.size(), std::size_t{0});
        QCOMPARE(all.defects.outOfOrder, std::uint64_t{0});
        QCOMPARE(all.count(RecordedMessage::Kind::DepthSnapshot, false), 1);
        QCOMPARE(all.messages.at(54).kind, RecordedMessage::Kind::DepthSnapshot); // line 55
        QCOMPARE(all.messages.at(54).symbol.string(), std::string("BTCUSDT"));
        QCOMPARE(core::toNanoseconds(all.messages.front().receivedAt), 1723161255030314667);
    }

    void recordingOf2023OverMidnight()
    {
        REQUIRE_SHARED();
        auto sequence = RecordingSequence::open({shared("capture-2023-04-04/btcusdt_20230404.dat.gz"),
                                                 shared("capture-2023-04-04/btcusdt_20230405.dat.gz")});
        QVERIFY(sequence.has_value());
        const Played all = played(*sequence);
        QCOMPARE(all.messages.size(), std::size_t{73'765});
        QCOMPARE(all.errors.size(), std::size_t{0});
        QCOMPARE(all.defects.outOfOrder, std::uint64_t{0});
        QCOMPARE(core::toNanoseconds(all.messages.front().receivedAt), 1680652700423575000);
        QCOMPARE(all.count(RecordedMessage::Kind::DepthSnapshot, false), 1);
        // The folder holds the two files and nothing else: the same messages in the same order.
        QCOMPARE(play(shared("capture-2023-04-04")).payloads == all.payloads, true);
    }

    void aStreamFileOf2021FindsItsCompanions_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("messages");
        QTest::newRow("July, by file")
            << QByteArray("capture-2021-07-22-multi/BINANCE_FUTURES.ws.1.0.zst") << 1'535;
        QTest::newRow("July, by folder") << QByteArray("capture-2021-07-22-multi") << 1'535;
        QTest::newRow("April, by file")
            << QByteArray("capture-2021-04-17-multi/BINANCE_FUTURES.ws.5.0.zst") << 3'259;
        QTest::newRow("April, by folder") << QByteArray("capture-2021-04-17-multi") << 3'259;
    }
    void aStreamFileOf2021FindsItsCompanions()
    {
        REQUIRE_SHARED();
        QFETCH(QByteArray, path);
        QFETCH(int, messages);
        const Played all = play(shared(path.constData()));
        QCOMPARE(all.errors.size(), std::size_t{0});
        QCOMPARE(all.defects.outOfOrder, std::uint64_t{0}); // merged by receive time
        QCOMPARE(all.count(RecordedMessage::Kind::Stream, false), messages);
        QCOMPARE(all.count(RecordedMessage::Kind::DepthSnapshot, true), 4);
        QCOMPARE(all.count(RecordedMessage::Kind::ExchangeInfo, true), 1);
        QCOMPARE(all.messages.size(), static_cast<std::size_t>(messages + 5));
        QCOMPARE(all.messages.front().kind, RecordedMessage::Kind::ExchangeInfo);
    }

    void aCompanionAloneIsNoCompanion()
    {
        REQUIRE_SHARED();
        const Played all = play(shared("capture-2021-04-17-multi/BINANCE_FUTURES.http.4.0.zst"));
        QCOMPARE(all.errors.size(), std::size_t{0});
        QCOMPARE(all.count(RecordedMessage::Kind::DepthSnapshot, false), 4);
    }
};

QTEST_APPLESS_MAIN(TestRecording)
#include "tst_recording.moc"
