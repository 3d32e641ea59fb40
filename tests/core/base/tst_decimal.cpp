#include "core/base/decimal.h"

#include <limits>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::ErrorCode;
using core::Rounding;

class TestDecimal : public QObject
{
    Q_OBJECT

private slots:
    void readsStrictDecimalText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("accepted");
        QTest::addColumn<qint64>("raw");
        QTest::newRow("a venue price") << QByteArray("61800.20") << true << qint64{6'180'020'000'000};
        QTest::newRow("a whole number") << QByteArray("7") << true << qint64{700'000'000};
        QTest::newRow("zero with places") << QByteArray("0.000") << true << qint64{0};
        QTest::newRow("negative") << QByteArray("-0.5") << true << qint64{-50'000'000};
        QTest::newRow("smallest step") << QByteArray("0.00000001") << true << qint64{1};
        QTest::newRow("zeros past the eighth place") << QByteArray("1.0000000000") << true << qint64{100'000'000};
        QTest::newRow("largest") << QByteArray("92233720368.54775807") << true
                                 << std::numeric_limits<qint64>::max();
        QTest::newRow("smallest") << QByteArray("-92233720368.54775808") << true
                                  << std::numeric_limits<qint64>::min();
        QTest::newRow("one past the largest") << QByteArray("92233720368.54775808") << false << qint64{0};
        QTest::newRow("ninth digit") << QByteArray("0.000000001") << false << qint64{0};
        QTest::newRow("exponent") << QByteArray("1e5") << false << qint64{0};
        QTest::newRow("plus sign") << QByteArray("+1") << false << qint64{0};
        QTest::newRow("blank") << QByteArray(" 1") << false << qint64{0};
        QTest::newRow("comma") << QByteArray("1,5") << false << qint64{0};
        QTest::newRow("no digit before the point") << QByteArray(".5") << false << qint64{0};
        QTest::newRow("no digit after the point") << QByteArray("5.") << false << qint64{0};
        QTest::newRow("two points") << QByteArray("1.2.3") << false << qint64{0};
        QTest::newRow("NaN") << QByteArray("NaN") << false << qint64{0};
        QTest::newRow("empty") << QByteArray("") << false << qint64{0};
        QTest::newRow("minus alone") << QByteArray("-") << false << qint64{0};
        QTest::newRow("400 digits") << QByteArray(400, '9') << false << qint64{0};
    }
    void readsStrictDecimalText()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, accepted);
        QFETCH(qint64, raw);
        const auto got = core::parseDecimal(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        QCOMPARE(got.has_value(), accepted);
        if (accepted)
            QCOMPARE(*got, raw);
        else
            QVERIFY(!got.error().detail.empty());
    }

    void printedTextReadsBack()
    {
        QVERIFY(rc::check("parse(print(x)) == x", [](std::int64_t raw) {
            RC_ASSERT(core::parseDecimal(core::decimalText(raw)).value() == raw);
        }));
    }

    void fixedPlacesReadBack()
    {
        QCOMPARE(core::decimalTextFixed(6'180'020'000'000, 2), std::string("61800.20"));
        QCOMPARE(core::decimalTextFixed(-150'000'000, 1), std::string("-1.5"));
        QCOMPARE(core::decimalTextFixed(700'000'000, 0), std::string("7"));
        QCOMPARE(core::decimalTextFixed(700'000'000, 3), std::string("7.000"));
    }

    void roundsInTheNamedDirection_data()
    {
        QTest::addColumn<qint64>("a");
        QTest::addColumn<qint64>("divisor");
        QTest::addColumn<int>("rounding");
        QTest::addColumn<qint64>("expected");
        const auto as = [](Rounding rounding) { return static_cast<int>(rounding); };
        QTest::newRow("7/2 floor") << qint64{7} << qint64{2} << as(Rounding::Floor) << qint64{3};
        QTest::newRow("7/2 ceil") << qint64{7} << qint64{2} << as(Rounding::Ceil) << qint64{4};
        QTest::newRow("7/2 half even") << qint64{7} << qint64{2} << as(Rounding::HalfEven) << qint64{4};
        QTest::newRow("5/2 half even") << qint64{5} << qint64{2} << as(Rounding::HalfEven) << qint64{2};
        QTest::newRow("-7/2 floor") << qint64{-7} << qint64{2} << as(Rounding::Floor) << qint64{-4};
        QTest::newRow("-7/2 ceil") << qint64{-7} << qint64{2} << as(Rounding::Ceil) << qint64{-3};
        QTest::newRow("-7/2 toward zero") << qint64{-7} << qint64{2} << as(Rounding::TowardZero) << qint64{-3};
        QTest::newRow("-5/2 half even") << qint64{-5} << qint64{2} << as(Rounding::HalfEven) << qint64{-2};
        QTest::newRow("7/-2 floor") << qint64{7} << qint64{-2} << as(Rounding::Floor) << qint64{-4};
    }
    void roundsInTheNamedDirection()
    {
        QFETCH(qint64, a);
        QFETCH(qint64, divisor);
        QFETCH(int, rounding);
        QFETCH(qint64, expected);
        QCOMPARE(core::mulDiv(a, 1, divisor, static_cast<Rounding>(rounding)).value(), expected);
    }

    void refusesWhatDoesNotFit()
    {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        QCOMPARE(core::mulDiv(most, 2, 1, Rounding::Floor).error().code, ErrorCode::OutOfRange);
        QCOMPARE(core::mulDiv(most, most, most, Rounding::Floor).value(), most);
        QCOMPARE(core::mulDiv(1, 1, 0, Rounding::Floor).error().code, ErrorCode::InvalidArgument);
        QCOMPARE(core::checkedAdd(most, 1).error().code, ErrorCode::OutOfRange);
        QCOMPARE(core::checkedSub(-most, 2).error().code, ErrorCode::OutOfRange);
    }

    void stepsBracketTheValue()
    {
        QVERIFY(rc::check("floor <= value <= ceil, both multiples, less than one step apart", [] {
            const auto value = *rc::gen::inRange<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000);
            const auto step = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000);
            const auto low = core::roundToStep(value, step, Rounding::Floor);
            const auto high = core::roundToStep(value, step, Rounding::Ceil);
            RC_ASSERT(low <= value && value <= high);
            RC_ASSERT(low % step == 0 && high % step == 0);
            RC_ASSERT(high - low == (value % step == 0 ? 0 : step));
        }));
    }
};

QTEST_APPLESS_MAIN(TestDecimal)
#include "tst_decimal.moc"
