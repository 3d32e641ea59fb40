#include "core/analysis/exact_volume.h"

#include <limits>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Quantity;
using core::analysis::ExactVolume;

class TestExactVolume : public QObject
{
    Q_OBJECT

private slots:
    void goesBeyondTheRangeOfAQuantity()
    {
        ExactVolume sum;
        for (int i = 0; i < 25; ++i)
            sum += ExactVolume::from(core::parseQuantity("90000000000.00000001").value());
        QCOMPARE(sum.text(), std::string("2250000000000.00000025"));
        QCOMPARE((ExactVolume{} - sum).text(), std::string("-2250000000000.00000025"));
        QCOMPARE(sum.toDouble(), 2.25e12);
        QCOMPARE(sum.quantity().error().code, core::ErrorCode::OutOfRange);
        QCOMPARE((ExactVolume{} - sum).quantity().error().code, core::ErrorCode::OutOfRange);
    }
    void wholeNumbersHaveNoPoint()
    {
        const auto most = ExactVolume::from(Quantity::fromRaw(std::numeric_limits<std::int64_t>::max()));
        const auto rest = ExactVolume::fromRaw(
            200'000'000 - core::Wide{std::numeric_limits<std::int64_t>::max()} % 100'000'000);
        QCOMPARE((most + rest).text(), std::string("92233720370"));
        QCOMPARE(ExactVolume{}.text(), std::string("0"));
    }
    void readsLikeAQuantityWithinItsRange()
    {
        QVERIFY(rc::check("text and value equal those of the quantity", [](std::int64_t a) {
            const auto quantity = Quantity::fromRaw(a);
            const auto volume = ExactVolume::from(quantity);
            RC_ASSERT(volume.text() == quantity.text());
            RC_ASSERT(volume.quantity().value() == quantity);
            RC_ASSERT(volume.toDouble() == quantity.toDouble());
        }));
    }
};

QTEST_APPLESS_MAIN(TestExactVolume)
#include "tst_exact_volume.moc"
