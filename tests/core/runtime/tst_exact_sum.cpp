#include "core/runtime/exact_sum.h"

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Price;
using core::Quantity;
using core::runtime::ExactSum;

class TestExactSum : public QObject
{
    Q_OBJECT

private slots:
    void printsShortestExactText()
    {
        auto sum = ExactSum::ofProducts();
        QCOMPARE(sum.text(), std::string("0"));
        sum.add(core::parsePrice("0.00000001").value(), core::parseQuantity("0.00000003").value());
        QCOMPARE(sum.text(), std::string("0.0000000000000003"));
        sum.add(core::parsePrice("61800.2").value(), core::parseQuantity("0.25").value());
        QCOMPARE(sum.text(), std::string("15450.0500000000000003"));
    }
    void goesBeyondTheRangeOfMoney()
    {
        auto sum = ExactSum::ofQuantities();
        for (int i = 0; i < 3; ++i)
            sum.add(Quantity::fromRaw(std::numeric_limits<std::int64_t>::max()));
        QCOMPARE(sum.text(), std::string("276701161105.64327421"));
    }
    void agreesWithFixedPointWhereThatFits()
    {
        QVERIFY(rc::check("sum of quantities = raw sum", [] {
            const auto raws = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
            auto sum = ExactSum::ofQuantities();
            std::int64_t raw = 0;
            for (const std::int64_t value : raws) {
                sum.add(Quantity::fromRaw(value));
                raw += value;
            }
            RC_ASSERT(sum.text() == core::decimalText(raw));
        }));
    }
};

QTEST_APPLESS_MAIN(TestExactSum)
#include "tst_exact_sum.moc"
