#include "core/analysis/value_area.h"

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Ratio;
using core::analysis::ExactVolume;
using core::analysis::pointOfControl;
using core::analysis::valueArea;
using core::analysis::ValueAreaStep;

namespace
{
const Ratio kSeventyPercent = Ratio::fromRaw(70'000'000);

std::vector<ExactVolume> exact(const std::vector<double> &whole)
{
    std::vector<ExactVolume> result;
    for (const double row : whole)
        result.push_back(ExactVolume::fromRaw(static_cast<core::Wide>(row) * core::kDecimalOne));
    return result;
}
} // namespace

class TestValueArea : public QObject
{
    Q_OBJECT

private slots:
    void choosesThePointOfControl_data()
    {
        QTest::addColumn<QList<double>>("rows");
        QTest::addColumn<int>("expected");
        QTest::newRow("one row") << QList<double>{7} << 0;
        QTest::newRow("largest") << QList<double>{1, 5, 3} << 1;
        QTest::newRow("tie: nearer to the middle") << QList<double>{9, 1, 1, 9, 1} << 3;
        QTest::newRow("tie at equal distance: lower price") << QList<double>{1, 9, 1, 9, 1} << 1;
        QTest::newRow("all equal, odd") << QList<double>{2, 2, 2, 2, 2} << 2;
        QTest::newRow("all equal, even: lower of the two in the middle") << QList<double>{2, 2, 2, 2} << 1;
        QTest::newRow("nothing traded") << QList<double>{0, 0, 0} << 1;
        QTest::newRow("middle counts empty edge rows") << QList<double>{9, 1, 9, 0, 0, 0} << 2;
    }
    void choosesThePointOfControl()
    {
        QFETCH(QList<double>, rows);
        QFETCH(int, expected);
        const std::vector<double> volumes(rows.begin(), rows.end());
        QCOMPARE(pointOfControl(volumes), std::optional(static_cast<std::size_t>(expected)));
        QCOMPARE(pointOfControl(exact(volumes)), std::optional(static_cast<std::size_t>(expected)));
    }

    void aTieIsWithinOneInAMillionMillions()
    {
        // 20,000 units = 2e12 raw: two raw units are 1e-12 of it, three are not
        const core::Wide largest = 2'000'000'000'000;
        const auto rows = [largest](core::Wide less) {
            return std::vector{ExactVolume::fromRaw(0), ExactVolume::fromRaw(largest - less),
                               ExactVolume::fromRaw(largest)};
        };
        QCOMPARE(pointOfControl(rows(2)), std::optional<std::size_t>(1));
        QCOMPARE(pointOfControl(rows(3)), std::optional<std::size_t>(2));
        QCOMPARE(pointOfControl(std::vector{0.0, 1.0 - 0.9e-12, 1.0}), std::optional<std::size_t>(1));
        QCOMPARE(pointOfControl(std::vector{0.0, 1.0 - 1.1e-12, 1.0}), std::optional<std::size_t>(2));
    }

    void withoutRowsThereIsNothing()
    {
        QVERIFY(!pointOfControl(std::span<const double>{}));
        QVERIFY(!valueArea(std::span<const double>{}, 0.7));
        QVERIFY(!valueArea(std::span<const ExactVolume>{}, kSeventyPercent));
    }

    void workedExampleOfTheMethod()
    {
        const std::vector<double> rows{5, 10, 25, 40, 60, 45, 20, 10, 5};
        std::vector<ValueAreaStep> steps;
        const auto area = valueArea(rows, 0.7, &steps);
        QCOMPARE(area->poc, std::size_t{4});
        QCOMPARE(area->low, std::size_t{2});
        QCOMPARE(area->high, std::size_t{6});
        QCOMPARE(area->volume, 190.0);
        QCOMPARE(area->total, 220.0);
        QCOMPARE(steps.size(), std::size_t{2});
        QVERIFY(steps[0].direction == ValueAreaStep::Direction::Above && steps[0].volume == 65);
        QVERIFY(steps[1].direction == ValueAreaStep::Direction::Below && steps[1].volume == 65);
    }

    void exactAndDoubleAgreeOnWholeNumbers()
    {
        QVERIFY(rc::check("same rows, volume and total; enough is inside; POC is inside", [] {
            const auto whole =
                *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30)));
            const auto percent = *rc::gen::inRange(1, 101);
            const std::vector<double> rows(whole.begin(), whole.end());
            const auto plain = valueArea(rows, percent / 100.0).value();
            const auto area = valueArea(exact(rows), Ratio::fromRaw(percent * 1'000'000)).value();
            RC_ASSERT(plain.poc == area.poc && plain.low == area.low && plain.high == area.high);
            RC_ASSERT(plain.volume == area.volume.toDouble() && plain.total == area.total.toDouble());
            RC_ASSERT(area.low <= area.poc && area.poc <= area.high && area.high < rows.size());
            RC_ASSERT(plain.volume >= (percent / 100.0 - 2e-9) * plain.total);
        }));
    }
};

QTEST_APPLESS_MAIN(TestValueArea)
#include "tst_value_area.moc"
