#include "core/base/special_functions.h"
#include "tests/oracles/oracle_file.h"

using namespace core;
using namespace Qt::StringLiterals;

namespace
{
/// Compares `function(i)` with every number of `expected`.
template <class F> void compareAll(const oracle::Case &c, QLatin1StringView name, const F &function)
{
    const QJsonArray expected = c.expected[name].toArray();
    for (qsizetype i = 0; i < expected.size(); ++i) {
        const std::optional<double> got = function(i);
        QVERIFY2(got && c.tolerance.holds(*got, expected[i].toDouble()),
                 qPrintable(u"%1 %2[%3]: got %4, expected %5"_s.arg(c.name, name)
                                .arg(i)
                                .arg(got.value_or(std::nan("")), 0, 'g', 17)
                                .arg(expected[i].toDouble(), 0, 'g', 17)));
    }
}
double at(const oracle::Case &c, QLatin1StringView name, qsizetype i) { return c.input[name].toArray()[i].toDouble(); }
} // namespace

class TestSpecialFunctions : public QObject
{
    Q_OBJECT

private slots:
    void agreesWithTheOracle()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"special_functions.json"_s)) {
            ++run;
            if (c.kind == "normal"_L1)
                compareAll(c, "cdf"_L1, [&](qsizetype i) { return std::optional(normalCdf(at(c, "x"_L1, i))); });
            else if (c.kind == "normal_quantile"_L1)
                compareAll(c, "ppf"_L1, [&](qsizetype i) { return normalQuantile(at(c, "p"_L1, i)); });
            else if (c.kind == "student_t"_L1)
                compareAll(c, "cdf"_L1, [&](qsizetype i) { return studentTCdf(at(c, "x"_L1, i), at(c, "df"_L1, i)); });
            else if (c.kind == "chi2_sf"_L1)
                compareAll(c, "sf"_L1, [&](qsizetype i) -> std::optional<double> {
                    const auto below = incompleteGamma(at(c, "df"_L1, i) / 2, at(c, "x"_L1, i) / 2);
                    return below ? std::optional(1 - *below) : std::nullopt;
                });
            else if (c.kind == "inc_beta_ppf"_L1)
                compareAll(c, "ppf"_L1, [&](qsizetype i) {
                    return betaQuantile(at(c, "a"_L1, i), at(c, "b"_L1, i), at(c, "p"_L1, i));
                });
            else
                --run;
        }
        QVERIFY(run > 0);
    }

    void quantileUndoesTheCdf()
    {
        for (double p = 0.0005; p < 1; p += 0.0137) {
            QVERIFY(std::abs(normalCdf(*normalQuantile(p)) - p) < 1e-13);
            for (const double a : {0.3, 1.0, 7.5, 400.0})
                for (const double b : {0.4, 2.0, 90.0})
                    QVERIFY(std::abs(*incompleteBeta(a, b, *betaQuantile(a, b, p)) - p) < 1e-9);
        }
    }

    void hasNoValueOutsideTheDomain()
    {
        const double nan = std::nan("");
        QVERIFY(!normalQuantile(0) && !normalQuantile(1) && !normalQuantile(nan));
        QVERIFY(!incompleteBeta(0, 1, 0.5) && !incompleteBeta(1, 1, 1.5) && !incompleteBeta(nan, 1, 0.5));
        QVERIFY(!betaQuantile(1, -1, 0.5) && !betaQuantile(1, 1, nan));
        QVERIFY(!studentTCdf(1, 0) && !incompleteGamma(0, 1) && !incompleteGamma(1, -1));
        QVERIFY(!poissonAtLeast(3, 0) && poissonAtLeast(0, 2) == 1.0);
    }
};

QTEST_APPLESS_MAIN(TestSpecialFunctions)
#include "tst_special_functions.moc"
