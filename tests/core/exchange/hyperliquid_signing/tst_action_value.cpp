#include <limits>

#include <QtCore/QCryptographicHash>
#include <rapidcheck.h>

#include "core/exchange/hyperliquid/action_value.h"
#include "core/exchange/hyperliquid/msgpack.h"
#include "core/exchange/hyperliquid/wire_number.h"
#include "tests/core/exchange/hyperliquid_signing/signing_support.h"

using namespace core::exchange::hyperliquid;
using tests::bytes;

namespace
{
QByteArray packed(const ActionValue &value)
{
    return bytes(hexDigits(msgpack(value)));
}

ActionValue anyValue(int depth)
{
    switch (*rc::gen::inRange(0, depth > 3 ? 5 : 7)) {
    case 0:
        return {};
    case 1:
        return *rc::gen::arbitrary<bool>();
    case 2:
        return *rc::gen::arbitrary<std::uint64_t>();
    case 3:
        return *rc::gen::arbitrary<std::int64_t>();
    case 4: // any bytes that are ASCII, control characters included
        return *rc::gen::container<std::string>(rc::gen::inRange('\0', '\x7f'));
    case 5: {
        ActionValue::Array array(static_cast<std::size_t>(*rc::gen::inRange(0, 5)));
        for (ActionValue &element : array)
            element = anyValue(depth + 1);
        return array;
    }
    default:
        break;
    }
    ActionValue::Map map;
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i)
        map.push_back({"key \"" + std::to_string(i), anyValue(depth + 1)});
    return map;
}
} // namespace

class TestActionValue : public QObject
{
    Q_OBJECT

private slots:
    void packsTheShortestForm_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("expected");
        // {"v": …} is 81 a1 76 and then the value
        const auto row = [](const char *json, const char *expected) {
            QTest::newRow(json) << QByteArray(json) << QByteArray(expected);
        };
        row("null", "c0");
        row("false", "c2");
        row("true", "c3");
        row("0", "00");
        row("127", "7f");
        row("128", "cc80");
        row("255", "ccff");
        row("256", "cd0100");
        row("65535", "cdffff");
        row("65536", "ce00010000");
        row("4294967295", "ceffffffff");
        row("4294967296", "cf0000000100000000");
        row("18446744073709551615", "cfffffffffffffffff");
        row("-1", "ff");
        row("-32", "e0");
        row("-33", "d0df");
        row("-128", "d080");
        row("-129", "d1ff7f");
        row("-32768", "d18000");
        row("-32769", "d2ffff7fff");
        row("-2147483648", "d280000000");
        row("-2147483649", "d3ffffffff7fffffff");
        row("-9223372036854775808", "d38000000000000000");
        row("\"\"", "a0");
        row("\"Gtc\"", "a3477463");
        row("[]", "90");
        row("{}", "80");
    }
    void packsTheShortestForm()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, expected);
        QCOMPARE(packed(tests::parsed("{\"v\":" + json + "}")), "81a176" + expected);
    }

    void packsLongTextsAndLists_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("array");
        QTest::addColumn<QByteArray>("map");
        QTest::newRow("15") << 15 << QByteArray("af") << QByteArray("9f") << QByteArray("8f");
        QTest::newRow("16") << 16 << QByteArray("b0") << QByteArray("dc0010") << QByteArray("de0010");
        QTest::newRow("31") << 31 << QByteArray("bf") << QByteArray("dc001f") << QByteArray("de001f");
        QTest::newRow("32") << 32 << QByteArray("d920") << QByteArray("dc0020") << QByteArray("de0020");
        QTest::newRow("255") << 255 << QByteArray("d9ff") << QByteArray("dc00ff") << QByteArray("de00ff");
        QTest::newRow("256") << 256 << QByteArray("da0100") << QByteArray("dc0100") << QByteArray("de0100");
        QTest::newRow("65536") << 65'536 << QByteArray("db00010000") << QByteArray("dd00010000")
                               << QByteArray("df00010000");
    }
    void packsLongTextsAndLists()
    {
        QFETCH(int, size);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, array);
        QFETCH(QByteArray, map);
        const auto count = static_cast<std::size_t>(size);
        QVERIFY(packed(std::string(count, 'x')) == text + QByteArray("78").repeated(size));
        QVERIFY(packed(ActionValue::Array(count, ActionValue(1))) == array + QByteArray("01").repeated(size));
        QVERIFY(packed(ActionValue::Map(count, ActionMember{"k", 1})) ==
                map + QByteArray("a16b01").repeated(size));
    }

    void keepsTheOrderOfMembers()
    {
        const QByteArray json = R"({"z":1,"a":{"y":[true,null,-5],"b":"x"},"m":"2000.0"})";
        QCOMPARE(bytes(jsonText(tests::parsed(json))), json);
        QVERIFY(!(tests::parsed(R"({"a":1,"b":2})") == tests::parsed(R"({"b":2,"a":1})")));
    }

    void readsBackWhatItWrote()
    {
        QVERIFY(rc::check("parse(print(x)) == x, with the same bytes to hash", [] {
            ActionValue value;
            value.add("v", anyValue(0));
            const auto back = parseActionJson(jsonText(value), "action");
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == value);
            RC_ASSERT(msgpack(*back) == msgpack(value));
        }));
    }

    void namesThePlaceOfWhatItRefuses_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("a decimal") << QByteArray(R"({"orders":[{"a":1},{"a":1.5}]})")
                                   << QByteArray("action.orders[1].a: expects an integer");
        QTest::newRow("an exponent") << QByteArray(R"({"a":1e3})") << QByteArray("action.a: expects an integer");
        QTest::newRow("minus zero") << QByteArray(R"({"a":-0})") << QByteArray("action.a: expects an integer");
        QTest::newRow("beyond 64 bits") << QByteArray(R"({"a":18446744073709551616})")
                                        << QByteArray("action.a: does not fit");
        QTest::newRow("beyond 63 bits below zero")
            << QByteArray(R"({"a":-9223372036854775809})") << QByteArray("action.a: does not fit");
        QTest::newRow("a member twice") << QByteArray(R"({"t":{"a":1,"a":2}})")
                                        << QByteArray("action.t.a: stands there twice");
        QTest::newRow("no object") << QByteArray("[1]") << QByteArray("action: expects an object");
        QTest::newRow("text after the end") << QByteArray(R"({"a":1} {})") << QByteArray("action");
        QTest::newRow("cut off") << QByteArray(R"({"a":[1)") << QByteArray("action");
        QTest::newRow("nothing") << QByteArray() << QByteArray("action");
        QTest::newRow("broken UTF-8") << QByteArray("{\"a\":\"\xff\"}") << QByteArray("action");
        QTest::newRow("too deep") << "{\"a\":" + QByteArray("[").repeated(40) + QByteArray("]").repeated(40) + "}"
                                  << QByteArray("is nested too deeply");
        QTest::newRow("too long") << "{\"a\":\"" + QByteArray(1 << 20, 'x') + "\"}" << QByteArray("action: longer than");
    }
    void namesThePlaceOfWhatItRefuses()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, words);
        const auto value = parseActionJson(json.toStdString(), "action");
        QVERIFY(!value.has_value());
        QCOMPARE(value.error().code, core::ErrorCode::ParseFailed);
        QVERIFY2(bytes(value.error().detail).contains(words), value.error().detail.c_str());
    }

    void hl03_aWireNumberIsTheFixedPointValueExactly()
    {
        QVERIFY(rc::check("text reads back, stays as it is, has no trailing zero", [](std::int64_t raw) {
            const std::string text = WireNumber(core::Price::fromRaw(raw)).text();
            RC_ASSERT(core::parsePrice(text).value().raw() == raw);
            RC_ASSERT(wireNumberText(text).value() == text);
            RC_ASSERT(text.find('.') == std::string::npos || (text.back() != '0' && text.back() != '.'));
            RC_ASSERT(wireNumberText("00" + text.substr(raw < 0 ? 1 : 0) + (text.find('.') == std::string::npos ? ".00" : "00"))
                          .value() == text.substr(raw < 0 ? 1 : 0));
        }));
        QVERIFY(!wireNumberText("1.123456789").has_value());
        QVERIFY(!wireNumberText("1 ").has_value());
        QVERIFY(!wireNumberText("0x10").has_value());
        QVERIFY(!wireNumberText("1.2.3").has_value());
        QVERIFY(!wireNumberText("--1").has_value());
        QVERIFY(!wireNumberText(std::string(65, '1')).has_value());
    }

    void keccakIsNotSha3()
    {
        QCOMPARE(bytes(hexDigits(keccak256(std::string_view()))),
                 QByteArray("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"));
        QCOMPARE(bytes(hexDigits(keccak256("abc"))),
                 QByteArray("4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"));
    }
    void keccakAgreesWithAnotherImplementation()
    {
        for (int size = 0; size < 700; ++size) {
            QByteArray message(size, '\0');
            for (int i = 0; i < size; ++i)
                message[i] = static_cast<char>(i * 31 + size);
            const QByteArray expected = QCryptographicHash::hash(message, QCryptographicHash::Keccak_256);
            const std::string text = message.toStdString();
            QCOMPARE(bytes(hexDigits(keccak256(text))), expected.toHex());
            const auto middle = static_cast<std::size_t>(size * 3 / 7);
            Keccak256 pieces;
            pieces.add(std::string_view(text).substr(0, middle)).add(std::string_view(text).substr(middle));
            QCOMPARE(bytes(hexDigits(pieces.finish())), expected.toHex());
        }
    }
};

QTEST_APPLESS_MAIN(TestActionValue)
#include "tst_action_value.moc"
