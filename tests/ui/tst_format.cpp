#include <QtTest/QTest>

#include <QtCore/QLocale>

#include "ui/format/format.h"

using namespace Qt::StringLiterals;
namespace format = ui::format;

class TestFormat : public QObject
{
    Q_OBJECT

private slots:
    void init() { QLocale::setDefault(QLocale::c()); }
    void cleanup() { QLocale::setDefault(QLocale::c()); }
    void fixedDecimals_data();
    void fixedDecimals();
    void changesCarryTheirSign_data();
    void changesCarryTheirSign();
    void percentages();
    void ages_data();
    void ages();
    void times();
    void amountsOnAxes_data();
    void amountsOnAxes();
    void separatorsFollowTheNumberSetting();
    void placesComeFromTheInstrument();
};

void TestFormat::fixedDecimals_data()
{
    QTest::addColumn<qint64>("raw");
    QTest::addColumn<int>("places");
    QTest::addColumn<QString>("text");
    QTest::newRow("a price") << qint64{6'724'500'000'000} << 1 << u"67,245.0"_s;
    QTest::newRow("a size") << qint64{25'000'000} << 3 << u"0.250"_s;
    QTest::newRow("seven decimals") << qint64{1'234'560} << 7 << u"0.0123456"_s;
    QTest::newRow("no decimals") << qint64{9'876'543'200'000'000} << 0 << u"98,765,432"_s;
    QTest::newRow("exactly a thousand") << qint64{100'000'000'000} << 0 << u"1,000"_s;
    QTest::newRow("below a thousand") << qint64{99'900'000'000} << 0 << u"999"_s;
    QTest::newRow("true minus") << qint64{-31'812'000'000} << 2 << u"\u2212318.12"_s;
    QTest::newRow("never minus zero") << qint64{-400'000} << 2 << u"0.00"_s;
    QTest::newRow("half to even, down") << qint64{500'000} << 2 << u"0.00"_s;
    QTest::newRow("half to even, up") << qint64{1'500'000} << 2 << u"0.02"_s;
    QTest::newRow("rounds over a group") << qint64{99'999'999'999} << 2 << u"1,000.00"_s;
    QTest::newRow("largest") << std::numeric_limits<qint64>::max() << 8 << u"92,233,720,368.54775807"_s;
    QTest::newRow("smallest") << std::numeric_limits<qint64>::min() << 8
                              << u"\u221292,233,720,368.54775808"_s;
}

void TestFormat::fixedDecimals()
{
    QFETCH(qint64, raw);
    QFETCH(int, places);
    QFETCH(QString, text);
    QCOMPARE(format::fixed(raw, places), text);
}

void TestFormat::changesCarryTheirSign_data()
{
    QTest::addColumn<qint64>("raw");
    QTest::addColumn<QString>("text");
    QTest::newRow("gain") << qint64{3'493'000'000} << u"+34.93"_s;
    QTest::newRow("loss") << qint64{-1'234'567'000'000} << u"\u221212,345.67"_s;
    QTest::newRow("zero has none") << qint64{0} << u"0.00"_s;
    QTest::newRow("a loss that rounds to zero has none") << qint64{-300'000} << u"0.00"_s;
    QTest::newRow("a gain that rounds to zero has none") << qint64{300'000} << u"0.00"_s;
}

void TestFormat::changesCarryTheirSign()
{
    QFETCH(qint64, raw);
    QFETCH(QString, text);
    QCOMPARE(format::change(core::Money::fromRaw(raw)), text);
}

void TestFormat::percentages()
{
    QCOMPARE(format::percent(core::Ratio::fromRaw(12'390'000)), u"12.39\u00A0%"_s);
    QCOMPARE(format::percentDigits(core::Ratio::fromRaw(107'270'000), format::Sign::Always), u"+107.27"_s);
    QCOMPARE(format::funding(core::Ratio::fromRaw(10'000)), u"+0.0100\u00A0%"_s);
    QCOMPARE(format::multiple(core::Ratio::fromRaw(120'000'000)), u"1.20×"_s);
    QCOMPARE(format::dollars(core::Money::fromRaw(-31'812'000'000)), u"\u2212$318.12"_s);
    QCOMPARE(format::moneyShort(core::Money::fromRaw(1'000'000'000'000)), u"10,000"_s);
    QCOMPARE(format::moneyShort(core::Money::fromRaw(999'999'000'000)), u"9,999.99"_s);
    // A ratio near the edge of its range is clipped, not wrapped.
    QVERIFY(format::percentDigits(core::Ratio::fromRaw(std::numeric_limits<qint64>::max())).startsWith(u'9'));
}

void TestFormat::ages_data()
{
    QTest::addColumn<int>("ms");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << 0 << u"0.0\u00A0s"_s;
    QTest::newRow("tenths") << 420 << u"0.4\u00A0s"_s;
    QTest::newRow("just below ten") << 9'999 << u"9.9\u00A0s"_s;
    QTest::newRow("ten") << 10'000 << u"10\u00A0s"_s;
    QTest::newRow("just below a minute") << 59'999 << u"59\u00A0s"_s;
    QTest::newRow("a minute") << 60'000 << u"01:00"_s;
    QTest::newRow("an hour") << 3'600'000 << u"01:00:00"_s;
    QTest::newRow("a clock that went back") << -500 << u"0.0\u00A0s"_s;
}

void TestFormat::ages()
{
    QFETCH(int, ms);
    QFETCH(QString, text);
    QCOMPARE(format::age(std::chrono::milliseconds{ms}), text);
}

void TestFormat::times()
{
    const core::UtcTime at = core::utcFromMilliseconds(1'732'286'102'345);
    QCOMPARE(format::timeOfDay(at), u"14:35:02"_s);
    QCOMPARE(format::timeOfDayZone(at), u"14:35:02\u00A0UTC"_s);
    QCOMPARE(format::iso(at), u"2024-11-22T14:35:02.345Z"_s);
    QCOMPARE(format::milliseconds(std::chrono::microseconds{41'600}), u"42\u00A0ms"_s);
    QCOMPARE(format::timeOfDay(core::utcFromMilliseconds(-1'000)), u"23:59:59"_s);
}

void TestFormat::amountsOnAxes_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("small") << 0.25 << u"0.25"_s;
    QTest::newRow("smallest lot") << 0.002 << u"0.002"_s;
    QTest::newRow("thousands") << 1'250.0 << u"1.25k"_s;
    QTest::newRow("millions") << 34'000'000.0 << u"34M"_s;
    QTest::newRow("trailing zero goes") << 1.5 << u"1.5"_s;
    QTest::newRow("negative") << -2'000.0 << u"\u22122k"_s;
}

void TestFormat::amountsOnAxes()
{
    QFETCH(double, value);
    QFETCH(QString, text);
    QCOMPARE(format::shortAmount(value), text);
}

void TestFormat::separatorsFollowTheNumberSetting()
{
    QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    QCOMPARE(format::money(core::Money::fromRaw(-123'456'789'000'000)), u"\u22121.234.567,89"_s);
    QCOMPARE(format::age(std::chrono::milliseconds{420}), u"0,4\u00A0s"_s);
    QLocale::setDefault(QLocale(QLocale::Arabic, QLocale::Egypt));
    const QString digits = format::money(core::Money::fromRaw(123'400'000'000));
    QVERIFY2(digits.startsWith(u'1') && digits.contains(u"234"_s), qPrintable(digits)); // digits stay Latin
}

void TestFormat::placesComeFromTheInstrument()
{
    core::Instrument instrument;
    instrument.tickSize = core::Price::fromRaw(10'000'000);
    instrument.stepSize = core::Quantity::fromRaw(100'000);
    QCOMPARE(format::placesOf(instrument).price, 1);
    QCOMPARE(format::placesOf(instrument).size, 3);
    QCOMPARE(format::guessedPlaces(core::Price::fromRaw(1'234'560)).price, 7);
}

QTEST_APPLESS_MAIN(TestFormat)
#include "tst_format.moc"
