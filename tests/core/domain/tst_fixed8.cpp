#include "core/domain/fixed8.h"
#include "core/domain/instrument.h"
#include "core/domain/ids.h"

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Money;
using core::Price;
using core::Quantity;
using core::Ratio;
using core::Rounding;

class TestFixed8 : public QObject
{
    Q_OBJECT

private slots:
    void priceTimesQuantityIsMoney()
    {
        const auto money = core::notional(core::parsePrice("61800.2").value(), core::parseQuantity("0.25").value(),
                                          Rounding::HalfEven);
        QCOMPARE(money->text(), std::string("15450.05"));
    }
    void tooLargeANotionalIsAnError()
    {
        const auto money = core::notional(core::parsePrice("1000000").value(),
                                          core::parseQuantity("1000000").value(), Rounding::HalfEven);
        QCOMPARE(money.error().code, core::ErrorCode::OutOfRange);
    }
    void ratioOfZeroIsAnError()
    {
        QVERIFY(!core::ratioOf(Money::fromRaw(1), Money{}, Rounding::Floor).has_value());
        QCOMPARE(core::ratioOf(core::parseMoney("30").value(), core::parseMoney("120").value(), Rounding::Floor)->text(),
                 std::string("0.25"));
    }
    void decimalPlacesOfTicks()
    {
        QCOMPARE(core::decimalPlaces(core::parsePrice("0.10")->raw()), 1);
        QCOMPARE(core::decimalPlaces(core::parsePrice("0.0000001")->raw()), 7);
        QCOMPARE(core::decimalPlaces(core::parsePrice("5")->raw()), 0);
    }
    void shortTextKeepsItsBytes()
    {
        QVERIFY(rc::check("from(x).view() == x, longer is refused", [](const std::string &text) {
            const auto symbol = core::Symbol::from(text);
            RC_ASSERT(symbol.has_value() == (text.size() <= core::Symbol::kCapacity));
            if (symbol)
                RC_ASSERT(symbol->view() == text);
        }));
    }
};

QTEST_APPLESS_MAIN(TestFixed8)
#include "tst_fixed8.moc"
