#include <QtCore/QDir>

#include "core/analysis/correlation.h"
#include "core/analysis/volatility.h"
#include "tests/oracles/oracle_file.h"

using namespace core::analysis;
using namespace Qt::StringLiterals;

namespace
{
/// Rows of a CSV file by column name; a blank cell is absent.
struct Table {
    QStringList columns;
    QList<QList<QByteArray>> rows;
    [[nodiscard]] std::optional<double> at(qsizetype row, QLatin1StringView column) const
    {
        const QByteArray cell = rows[row].value(columns.indexOf(column));
        return cell.isEmpty() ? std::nullopt : std::optional(cell.toDouble());
    }
    [[nodiscard]] double largest(QLatin1StringView column) const
    {
        double most = 0;
        for (qsizetype i = 0; i < rows.size(); ++i)
            most = std::max(most, std::abs(at(i, column).value_or(0)));
        return most;
    }
};
Table table(const QString &file)
{
    Table result;
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly))
        return result;
    result.columns = QString::fromUtf8(source.readLine()).trimmed().split(u',');
    while (!source.atEnd())
        result.rows.append(source.readLine().trimmed().split(','));
    return result;
}

void compare(const Table &expected, qsizetype row, QLatin1StringView column, std::optional<double> got)
{
    if (!expected.columns.contains(column))
        return;
    const auto want = expected.at(row, column);
    const QString where = u"%1, row %2"_s.arg(column).arg(row);
    QVERIFY2(got.has_value() == want.has_value(), qPrintable(where));
    if (want)
        QVERIFY2(std::abs(*got - *want) <= 1e-9 * expected.largest(column) + 1e-9 * std::abs(*want), qPrintable(where));
}
} // namespace

class TestVolatilityOracle : public QObject
{
    Q_OBJECT

private slots:
    void averageTrueRangeAndEwma()
    {
        REQUIRE_SHARED();
        const QDir directory(oracle::directory());
        const QStringList names = directory.entryList({u"ta_*.csv"_s});
        QVERIFY(!names.isEmpty());
        for (const QString &name : names) {
            const Table expected = table(directory.filePath(name));
            const Table bars = table(directory.filePath(u"bars_"_s + name.mid(3)));
            QCOMPARE(bars.rows.size(), expected.rows.size());
            AverageTrueRange atr(14);
            EwmaVariance variance(0.94);
            for (qsizetype i = 0; i < bars.rows.size(); ++i) {
                const double close = *bars.at(i, "close"_L1);
                atr.update(*bars.at(i, "high"_L1), *bars.at(i, "low"_L1), close);
                variance.update(close);
                compare(expected, i, "trange"_L1, atr.trueRange());
                compare(expected, i, "atr_14"_L1, atr.value());
                compare(expected, i, "ewma_var_094"_L1, variance.value());
                if (QTest::currentTestFailed())
                    return;
            }
        }
    }

    void shrunkMatrices()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"covariance.json"_s)) {
            if (c.kind != "covariance"_L1)
                continue;
            ++run;
            std::vector<std::vector<double>> returns;
            for (const QJsonValue &row : c.input[u"X"].toArray()) {
                returns.emplace_back();
                for (const QJsonValue &value : row.toArray())
                    returns.back().push_back(value.toDouble());
            }
            const auto agree = [&](const Shrunk &got, QLatin1StringView matrix, QLatin1StringView share) {
                if (c.expected.contains(share))
                    QVERIFY(c.tolerance.holds(got.shrinkage, c.expected[share].toDouble()));
                const QJsonArray rows = c.expected[matrix].toArray();
                for (qsizetype i = 0; i < rows.size(); ++i) {
                    const QJsonArray row = rows[i].toArray();
                    for (qsizetype k = 0; k < row.size(); ++k)
                        QVERIFY2(c.tolerance.holds(got.values[static_cast<std::size_t>(i) * got.size + static_cast<std::size_t>(k)],
                                                   row[k].toDouble()),
                                 qPrintable(u"%1 %2 [%3][%4]"_s.arg(c.name, matrix).arg(i).arg(k)));
                }
            };
            agree(ledoitWolf(returns), "lw_cov"_L1, "lw_shrinkage"_L1);
            agree(shrunkCorrelation(returns), "lw_on_standardised_corr"_L1, "lw_on_standardised_shrinkage"_L1);
        }
        QVERIFY(run > 0);
    }
};

QTEST_APPLESS_MAIN(TestVolatilityOracle)
#include "tst_volatility_oracle.moc"
