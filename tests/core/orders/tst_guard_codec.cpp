#include <clocale>
#include <random>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/orders/guard_io.h"
#include "tests/core/orders/generators.h"

using namespace core;
using namespace core::orders;

class TestGuardCodec : public QObject
{
    Q_OBJECT

private slots:
    void everyInputReadsBack()
    {
        for (std::size_t kind = 0; kind < std::variant_size_v<GuardInput>; ++kind) {
            QVERIFY(rc::check("decode(encode(x)) == x", [kind] {
                const GuardInputRecord record{tests::gen::time(), tests::gen::input(kind)};
                const std::string line = encode(record);
                const auto back = decodeGuardInput(line);
                RC_ASSERT(back.has_value());
                RC_ASSERT(*back == record);
                RC_ASSERT(encode(*back) == line);
                RC_ASSERT(line.find('\n') == std::string::npos);
            }));
        }
    }

    void theFormIsFixed()
    {
        const MarkTick tick{{Venue::Binance, *Symbol::from("BTCUSDT")},
                            parsePrice("61234.5").value(),
                            utcFromMilliseconds(1'700'000'000'123)};
        QCOMPARE(
            encode(GuardInputRecord{utcFromNanoseconds(9'007'199'254'740'993), tick}),
            std::string(
                R"({"at":9007199254740993,"mark":{"instrument":"binance:BTCUSDT","mark":"61234.5","venueTime":1700000000123000000}})"));
        QCOMPARE(encode(GuardInputRecord{{}, ReconciledReport{}}),
                 std::string(R"({"at":0,"reconciled":{"account":"binance"}})"));
        QCOMPARE(encode(GuardOutput{QueryOrder{{Venue::Hyperliquid, *Symbol::from("ETH")},
                                               *ClientOrderId::from("etr-1-1")}}),
                 std::string(R"({"queryOrder":{"instrument":"hyperliquid:ETH","order":"etr-1-1"}})"));
        QCOMPARE(
            encode(GuardOutput{IntentAccepted{
                "t-1", *ClientOrderId::from("eto-t-1"), {{"tilt", "85", "80", utcFromNanoseconds(7), "Tilt score 85."}}}}),
            std::string(R"({"accepted":{"intent":"t-1","order":"eto-t-1","advice":[{"code":"tilt","got":"85","limit":"80",)"
                        R"("until":7,"text":"Tilt score 85."}]}})"));
        QCOMPARE(
            encode(GuardOutput{FindingRecord{
                Venue::Binance, {risk::Finding::What::StopWidened, 0.5, utcFromNanoseconds(7), "moved"}}}),
            std::string(R"({"finding":{"account":"binance","finding":{"what":"stop-widened","severity":"0.5","at":7,)"
                        R"("text":"moved"}}})"));
        QCOMPARE(
            encode(GuardOutput{RaiseAlert{Severity::Critical, "blind", std::nullopt, "", "a \"b\"\n\xff"}}),
            std::string("{\"alert\":{\"severity\":\"critical\",\"code\":\"blind\",\"instrument\":null,"
                        "\"decisionId\":\"\","
                        "\"text\":\"a \\\"b\\\"\\u000a\xEF\xBF\xBD\"}}"));
    }

    void malformedLinesAreErrors_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("not JSON") << QByteArray("hello");
        QTest::newRow("cut") << QByteArray(R"({"at":1,"timer":{})");
        QTest::newRow("more behind it") << QByteArray(R"({"at":1,"timer":{}} )");
        QTest::newRow("blank inside") << QByteArray(R"({"at": 1,"timer":{}})");
        QTest::newRow("unknown kind") << QByteArray(R"({"at":1,"tick":{}})");
        QTest::newRow("unknown field") << QByteArray(R"({"at":1,"timer":{"x":1}})");
        QTest::newRow("missing field") << QByteArray(R"({"at":1,"arming":{"account":null,"arming":"off"}})");
        QTest::newRow("unknown word") << QByteArray(R"({"at":1,"arming":{"account":null,"arming":"on","by":"user"}})");
        QTest::newRow("NaN time") << QByteArray(R"({"at":NaN,"timer":{}})");
        QTest::newRow("time beyond int64") << QByteArray(R"({"at":9223372036854775808,"timer":{}})");
        QTest::newRow("leading zero") << QByteArray(R"({"at":01,"timer":{}})");
        QTest::newRow("fraction") << QByteArray(R"({"at":1.0,"timer":{}})");
        QTest::newRow("price as number")
            << QByteArray(R"({"at":1,"mark":{"instrument":"binance:B","mark":5,"venueTime":1}})");
        QTest::newRow("price with a trailing zero")
            << QByteArray(R"({"at":1,"mark":{"instrument":"binance:B","mark":"5.0","venueTime":1}})");
        QTest::newRow("400 digits") << QByteArray(R"({"at":1,"mark":{"instrument":"binance:B","mark":")") +
                                           QByteArray(400, '9') + QByteArray(R"(","venueTime":1}})");
        QTest::newRow("unknown venue")
            << QByteArray(R"({"at":1,"mark":{"instrument":"kraken:B","mark":"5","venueTime":1}})");
        QTest::newRow("no venue") << QByteArray(
            R"({"at":1,"mark":{"instrument":"B","mark":"5","venueTime":1}})");
        QTest::newRow("long symbol") << QByteArray(R"({"at":1,"mark":{"instrument":"binance:)") +
                                            QByteArray(41, 'B') +
                                            QByteArray(R"(","mark":"5","venueTime":1}})");
        QTest::newRow("bad escape") << QByteArray(R"({"at":1,"arming":{"account":null,"arming":"off","by":"\x"}})");
        QTest::newRow("escape that is not needed")
            << QByteArray(R"({"at":1,"arming":{"account":null,"arming":"off","by":"\u0041"}})");
        QTest::newRow("invalid UTF-8")
            << QByteArray("{\"at\":1,\"arming\":{\"account\":null,\"arming\":\"off\",\"by\":\"\xff\"}}");
        QTest::newRow("raw control byte")
            << QByteArray("{\"at\":1,\"arming\":{\"account\":null,\"arming\":\"off\",\"by\":\"\n\"}}");
    }
    void malformedLinesAreErrors()
    {
        QFETCH(QByteArray, line);
        const auto got =
            decodeGuardInput(std::string_view(line.constData(), static_cast<std::size_t>(line.size())));
        QVERIFY(!got.has_value());
        QCOMPARE(got.error().code, ErrorCode::ParseFailed);
        QVERIFY(!got.error().detail.empty());
    }

    /// Damaged bytes: an Error or another canonical line, never a crash.
    void damagedLinesNeverCrash()
    {
        std::mt19937_64 random(5);
        QVERIFY(rc::check("mutations", [&random] {
            const std::string line = encode(tests::gen::record());
            for (int i = 0; i < 200; ++i) {
                std::string damaged = line;
                const std::size_t at = random() % damaged.size();
                switch (random() % 4) {
                case 0: damaged[at] = static_cast<char>(random() & 0xff); break;
                case 1: damaged.resize(at); break;
                case 2: damaged.erase(at, 1 + random() % 5); break;
                case 3: damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 20)); break;
                }
                const auto got = decodeGuardInput(damaged);
                if (got)
                    RC_ASSERT(encode(*got) == damaged);
            }
        }));
    }

    void aCommaLocaleChangesNothing()
    {
        const GuardInputRecord record{
            utcFromMilliseconds(1'234'567),
            MarkTick{{Venue::Binance, *Symbol::from("X")}, parsePrice("1234567.5").value(), {}}};
        const std::string before = encode(record);
        const bool found = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr ||
                           std::setlocale(LC_ALL, "fr_FR.UTF-8") != nullptr;
        const std::string after = encode(record);
        std::setlocale(LC_ALL, "C");
        QCOMPARE(after, before);
        if (!found)
            QSKIP("no comma locale is installed here");
    }
};

QTEST_APPLESS_MAIN(TestGuardCodec)
#include "tst_guard_codec.moc"
