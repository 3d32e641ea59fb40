#include "core/analysis/vwap.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include <QtTest/QTest>
#include <rapidcheck.h>

using core::Trade;
using core::analysis::SessionVwap;
using core::analysis::VwapBands;
using namespace std::chrono_literals;

namespace
{

const core::UtcTime kMidnight = core::parseIso8601("2024-08-09T00:00:00.000Z").value();

Trade trade(core::Duration after, const char *price, const char *quantity)
{
    Trade result;
    result.price = core::parsePrice(price).value();
    result.quantity = core::parseQuantity(quantity).value();
    result.venueTime = kMidnight + after;
    return result;
}

} // namespace

class TestVwap : public QObject
{
    Q_OBJECT

private slots:
    void isUndefinedUntilVolumeCame()
    {
        VwapBands bands;
        bands.add(100, 0);
        bands.add(std::numeric_limits<double>::quiet_NaN(), 1);
        bands.add(100, std::numeric_limits<double>::infinity());
        bands.add(100, -1);
        QVERIFY(!bands.vwap() && !bands.deviation() && !bands.band(1));
        bands.add(61'800.1, 0.001);
        QCOMPARE(*bands.vwap(), 61'800.1); // no residue of the start value
        QCOMPARE(*bands.deviation(), 0.0);
    }
    void bandsAreMultiplesOfTheDeviation()
    {
        VwapBands bands;
        bands.add(90, 1);
        bands.add(110, 1);
        QCOMPARE(*bands.vwap(), 100.0);
        QCOMPARE(*bands.deviation(), 10.0);
        QCOMPARE(*bands.band(2), 120.0);
        QCOMPARE(*bands.band(-3), 70.0);
    }
    void equalsTheTwoPassForm()
    {
        QVERIFY(rc::check("one pass = two passes to 1e-9", [] {
            const auto terms = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<int, int>>>(
                rc::gen::pair(rc::gen::inRange(600'000, 620'000), rc::gen::inRange(1, 100'000))));
            VwapBands bands;
            double volume = 0;
            double notional = 0;
            for (const auto &[price, amount] : terms) {
                bands.add(price / 10.0, amount / 1000.0);
                volume += amount / 1000.0;
                notional += price / 10.0 * (amount / 1000.0);
            }
            const double mean = notional / volume;
            double squares = 0;
            for (const auto &[price, amount] : terms)
                squares += amount / 1000.0 * std::pow(price / 10.0 - mean, 2);
            RC_ASSERT(std::abs(*bands.vwap() - mean) <= 1e-9 * mean);
            RC_ASSERT(std::abs(*bands.deviation() - std::sqrt(squares / volume)) <= 1e-6);
        }));
    }
    void theSessionStartsAnewAtMidnightUtc()
    {
        SessionVwap session;
        QVERIFY(!session.sessionStart());
        QVERIFY(session.update(trade(-1ns, "100", "5")));
        QVERIFY(session.update(trade(0s, "200", "1")));
        QCOMPARE(*session.bands().vwap(), 200.0);
        QCOMPARE(*session.sessionStart(), kMidnight);
        QVERIFY(!session.update(trade(-1s, "100", "5")));
        auto insurance = trade(1s, "500", "1");
        insurance.kind = core::TradeKind::InsuranceFund;
        QVERIFY(!session.update(insurance));
        QVERIFY(!session.update(trade(1s, "500", "0")));
        QCOMPARE(session.bands().volume(), 1.0);
    }
};

QTEST_APPLESS_MAIN(TestVwap)
#include "tst_vwap.moc"
