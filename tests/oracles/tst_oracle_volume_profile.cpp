// Every case of the kinds value_area, candle_distribution and vwap_bands found in the oracle directory
// (../shared/oracles, or the one that ETRMS_ORACLES names). Dispatch is on `kind` alone.
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "core/analysis/candle_profile.h"
#include "core/analysis/value_area.h"
#include "core/analysis/volume_profile.h"
#include "core/analysis/vwap.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using core::Price;
using core::analysis::ExactVolume;

namespace
{

struct Tolerance {
    double abs{1e-9};
    double rel{1e-9};
};

[[nodiscard]] QString oracleDir()
{
    const QString fromEnvironment = qEnvironmentVariable("ETRMS_ORACLES");
    if (!fromEnvironment.isEmpty())
        return fromEnvironment;
    return tests::sharedDir().isEmpty() ? QString() : tests::sharedDir() + u"/oracles"_s;
}

[[nodiscard]] Tolerance toleranceOf(const QJsonValue &value, Tolerance fallback)
{
    const QJsonObject object = value.toObject();
    return {object.value("abs"_L1).toDouble(fallback.abs), object.value("rel"_L1).toDouble(fallback.rel)};
}

/// What the case disagrees about; empty when nothing.
class Comparison
{
public:
    explicit Comparison(Tolerance tolerance) : m_tolerance(tolerance) {}

    void number(const QString &what, double got, const QJsonValue &expected)
    {
        if (!expected.isDouble())
            note(what, QString::number(got, 'g', 17), u"no number"_s);
        else if (!(std::abs(got - expected.toDouble()) <=
                   m_tolerance.abs + m_tolerance.rel * std::abs(expected.toDouble())))
            note(what, QString::number(got, 'g', 17), QString::number(expected.toDouble(), 'g', 17));
    }
    void optional(const QString &what, const std::optional<double> &got, const QJsonValue &expected)
    {
        if (got && !expected.isNull())
            number(what, *got, expected);
        else if (got.has_value() == expected.isNull())
            note(what, got ? u"a value"_s : u"undefined"_s,
                 expected.isNull() ? u"undefined"_s : u"a value"_s);
    }
    void integer(const QString &what, qint64 got, const QJsonValue &expected)
    {
        if (!expected.isDouble() || expected.toDouble() != static_cast<double>(got))
            note(what, QString::number(got), QString::number(expected.toDouble(), 'g', 17));
    }
    void length(const QString &what, std::size_t got, const QJsonArray &expected)
    {
        if (got != static_cast<std::size_t>(expected.size()))
            note(what + u" length"_s, QString::number(got), QString::number(expected.size()));
    }
    void unknown(const QString &key) { m_text += u"unknown quantity %1; "_s.arg(key); }
    [[nodiscard]] QString text() const { return m_text; }

private:
    void note(const QString &what, const QString &got, const QString &expected)
    {
        m_text += u"%1: got %2, expected %3; "_s.arg(what, got, expected);
    }
    Tolerance m_tolerance;
    QString m_text;
};

/// Rows [[index, volume], …] as contiguous volumes from the lowest index on.
struct Rows {
    qint64 first{0};
    std::vector<double> volumes;
};
[[nodiscard]] Rows rowsOf(const QJsonArray &pairs)
{
    std::map<qint64, double> byIndex;
    for (const QJsonValue pair : pairs)
        byIndex[pair.toArray().at(0).toInteger()] += pair.toArray().at(1).toDouble();
    if (byIndex.empty())
        return {};
    Rows rows{byIndex.begin()->first, {}};
    rows.volumes.resize(static_cast<std::size_t>(byIndex.rbegin()->first - rows.first + 1));
    for (const auto &[index, volume] : byIndex)
        rows.volumes[static_cast<std::size_t>(index - rows.first)] = volume;
    return rows;
}

void compareSteps(const std::vector<core::analysis::ValueAreaStep> &steps, const QJsonArray &expected,
                  Comparison &out)
{
    out.length(u"steps"_s, steps.size(), expected);
    for (std::size_t i = 0; i < std::min(steps.size(), static_cast<std::size_t>(expected.size())); ++i) {
        const QString text = expected.at(static_cast<qsizetype>(i)).toString();
        const bool above = steps[i].direction == core::analysis::ValueAreaStep::Direction::Above;
        if (text.section(u' ', 0, 0) != (above ? "above"_L1 : "below"_L1))
            out.unknown(text);
        out.number(text, steps[i].volume, text.section(u'+', 1).toDouble());
    }
}

void checkValueArea(const QJsonObject &input, const QJsonObject &expected, Comparison &out)
{
    const Rows rows = rowsOf(input.value("rows"_L1).toArray());
    std::vector<core::analysis::ValueAreaStep> steps;
    const double fraction = input.value("fraction"_L1).toDouble(0.7);
    const auto area = core::analysis::valueArea(rows.volumes, fraction, &steps);
    const QJsonObject twoRow = expected.value("two_row"_L1).toObject();
    if (!area) {
        if (!twoRow.isEmpty())
            out.unknown(u"a value area without rows"_s);
        return;
    }
    const auto row = [&rows](std::size_t index) { return rows.first + static_cast<qint64>(index); };
    for (const QString &key : twoRow.keys()) {
        const QJsonValue value = twoRow.value(key);
        if (key == "poc"_L1)
            out.integer(key, row(area->poc), value);
        else if (key == "val"_L1)
            out.integer(key, row(area->low), value);
        else if (key == "vah"_L1)
            out.integer(key, row(area->high), value);
        else if (key == "va_volume"_L1)
            out.number(key, area->volume, value);
        else if (key == "total"_L1)
            out.number(key, area->total, value);
        else if (key == "steps"_L1)
            compareSteps(steps, value.toArray(), out);
        else
            out.unknown(key);
    }
    // The exact form must choose the same rows wherever doubles are exact too.
    std::vector<ExactVolume> exact;
    for (const double volume : rows.volumes) {
        if (volume != std::floor(volume) || volume > 1e15)
            return;
        exact.push_back(ExactVolume::fromRaw(static_cast<core::Wide>(volume) * core::kDecimalOne));
    }
    const auto raw =
        static_cast<std::int64_t>(std::llround(fraction * static_cast<double>(core::kDecimalOne)));
    const auto exactArea = core::analysis::valueArea(exact, core::Ratio::fromRaw(raw)).value();
    if (exactArea.poc != area->poc || exactArea.low != area->low || exactArea.high != area->high)
        out.unknown(u"the exact form differs"_s);
}

[[nodiscard]] Price priceFrom(double value)
{
    return core::parsePrice(QByteArray::number(value, 'f', 8).toStdString()).value();
}

void compareRows(const QString &key, const std::vector<core::analysis::BarProfileRow> &rows,
                 const QJsonArray &expected, double (*amount)(const core::analysis::BarProfileRow &),
                 Comparison &out)
{
    out.length(key, rows.size(), expected);
    for (std::size_t i = 0; i < std::min(rows.size(), static_cast<std::size_t>(expected.size())); ++i) {
        const QJsonArray pair = expected.at(static_cast<qsizetype>(i)).toArray();
        out.integer(key, rows[i].row, pair.at(0));
        out.number(u"%1[%2]"_s.arg(key).arg(rows[i].row), amount(rows[i]), pair.at(1));
    }
}

void checkCandleDistribution(const QJsonObject &input, const QJsonObject &expected, Comparison &out)
{
    const Price tick = priceFrom(input.value("tick"_L1).toDouble());
    const qint64 height = input.value("row_ticks"_L1).toInteger();
    std::vector<core::analysis::VolumeBar> bars;
    for (const QJsonValue bar : input.value("bars_o_h_l_c_v_takerbuy"_L1).toArray()) {
        const QJsonArray columns = bar.toArray();
        bars.push_back({.lowTick = core::analysis::tickIndex(priceFrom(columns.at(2).toDouble()), tick),
                        .highTick = core::analysis::tickIndex(priceFrom(columns.at(1).toDouble()), tick),
                        .volume = columns.at(4).toDouble(),
                        .takerBuyVolume = columns.at(5).toDouble()});
    }
    const auto rows = core::analysis::profileOfBars(bars, height);
    std::vector<double> volumes;
    for (const auto &row : rows)
        volumes.push_back(row.volume);
    const auto area = core::analysis::valueArea(volumes, input.value("fraction"_L1).toDouble(0.7));
    if (!area) {
        out.unknown(u"no rows"_s);
        return;
    }
    const auto priceOf = [tick](qint64 index) { return static_cast<double>(index) * tick.toDouble(); };
    for (const QString &key : expected.keys()) {
        const QJsonValue value = expected.value(key);
        if (key == "rows"_L1)
            compareRows(
                key, rows, value.toArray(), [](const auto &row) { return row.volume; }, out);
        else if (key == "delta_rows"_L1)
            compareRows(
                key, rows, value.toArray(), [](const auto &row) { return row.delta(); }, out);
        else if (key == "poc_row"_L1)
            out.integer(key, rows[area->poc].row, value);
        else if (key == "poc_price"_L1)
            out.number(key, core::analysis::rowMiddle(rows[area->poc].row, height, tick).toDouble(), value);
        else if (key == "val_price"_L1)
            out.number(key, priceOf(rows[area->low].row * height), value);
        else if (key == "vah_price"_L1)
            out.number(key, priceOf((rows[area->high].row + 1) * height - 1), value);
        else if (key == "va_volume"_L1)
            out.number(key, area->volume, value);
        else if (key == "total"_L1)
            out.number(key, area->total, value);
        else
            out.unknown(key);
    }
}

void checkVwapBands(const QJsonObject &input, const QJsonObject &expected, Comparison &out)
{
    const QJsonArray trades = input.value("trades_price_qty"_L1).toArray();
    std::vector<std::optional<double>> vwap;
    std::vector<std::optional<double>> deviation;
    core::analysis::VwapBands bands;
    for (const QJsonValue trade : trades) {
        bands.add(trade.toArray().at(0).toDouble(), trade.toArray().at(1).toDouble());
        vwap.push_back(bands.vwap());
        deviation.push_back(bands.deviation());
    }
    for (const QString &key : expected.keys()) {
        const QJsonArray values = expected.value(key).toArray();
        if (key != "vwap"_L1 && key != "sd"_L1) {
            out.unknown(key);
            continue;
        }
        const auto &got = key == "vwap"_L1 ? vwap : deviation;
        out.length(key, got.size(), values);
        for (std::size_t i = 0; i < std::min(got.size(), static_cast<std::size_t>(values.size())); ++i)
            out.optional(u"%1[%2]"_s.arg(key).arg(i), got[i], values.at(static_cast<qsizetype>(i)));
    }
}

using Check = void (*)(const QJsonObject &, const QJsonObject &, Comparison &);
const std::map<QString, Check> &checks()
{
    static const std::map<QString, Check> table{{u"value_area"_s, &checkValueArea},
                                                {u"candle_distribution"_s, &checkCandleDistribution},
                                                {u"vwap_bands"_s, &checkVwapBands}};
    return table;
}

} // namespace

class TestOracleVolumeProfile : public QObject
{
    Q_OBJECT

private slots:
    void agrees_data()
    {
        QTest::addColumn<QJsonObject>("oracle");
        QTest::addColumn<double>("abs");
        QTest::addColumn<double>("rel");
        const QDir dir(oracleDir());
        for (const QString &file :
             oracleDir().isEmpty() ? QStringList() : dir.entryList({u"*.json"_s}, QDir::Files)) {
            QFile input(dir.filePath(file));
            QVERIFY2(input.open(QIODevice::ReadOnly), qPrintable(file));
            QJsonParseError problem;
            const QJsonObject root = QJsonDocument::fromJson(input.readAll(), &problem).object();
            QVERIFY2(problem.error == QJsonParseError::NoError,
                     qPrintable(file + u": "_s + problem.errorString()));
            const Tolerance tolerance = toleranceOf(root.value("tolerance"_L1), {});
            for (const QJsonValue value : root.value("cases"_L1).toArray()) {
                const QJsonObject oracle = value.toObject();
                const QString kind = oracle.value("kind"_L1).toString();
                if (!checks().contains(kind))
                    continue;
                const Tolerance own = toleranceOf(oracle.value("tolerance"_L1), tolerance);
                const QString tag = u"%1 %2 %3"_s.arg(file, kind, oracle.value("name"_L1).toString());
                QTest::newRow(qPrintable(tag)) << oracle << own.abs << own.rel;
            }
        }
    }
    void agrees()
    {
        if (qEnvironmentVariableIsEmpty("ETRMS_ORACLES"))
            REQUIRE_SHARED();
        QVERIFY2(QDir(oracleDir()).exists(), qPrintable(oracleDir() + u" does not exist"_s));
        if (QTest::currentDataTag() == nullptr)
            QSKIP("the directory holds no case of these kinds");
        QFETCH(QJsonObject, oracle);
        QFETCH(double, abs);
        QFETCH(double, rel);
        Comparison comparison({abs, rel});
        const Check check = checks().at(oracle.value("kind"_L1).toString());
        check(oracle.value("input"_L1).toObject(), oracle.value("expected"_L1).toObject(), comparison);
        QVERIFY2(comparison.text().isEmpty(), qPrintable(comparison.text()));
    }
};

QTEST_APPLESS_MAIN(TestOracleVolumeProfile)
#include "tst_oracle_volume_profile.moc"
