#include <QtTest/QTest>

#include "tests/ui/colour_math.h"
#include "ui/theme/theme.h"

using namespace Qt::StringLiterals;
using tests::colour::contrast;
using tests::colour::distance;
using ui::theme::Scheme;
using ui::theme::Tokens;

class TestTheme : public QObject
{
    Q_OBJECT

private slots:
    void textKeepsTheStatedContrast_data();
    void textKeepsTheStatedContrast();
    void everyTextToneIsReadableOnASelectedRow();
    void longAndShortStayApart_data();
    void longAndShortStayApart();
    void colourSafeSidesStandOutOfTheHeatmap();
    void heatmapGetsBrighterStepByStep();
    void distanceAgreesWithPublishedPairs();
    void numbersAreFixedPitch();
};

void TestTheme::textKeepsTheStatedContrast_data()
{
    QTest::addColumn<QColor>("words");
    QTest::addColumn<QColor>("back");
    QTest::addColumn<double>("stated");
    const Tokens t = ui::theme::tokensFor(Scheme::Dark);
    const Tokens s = ui::theme::tokensFor(Scheme::ColourSafe);
    QTest::newRow("primary on panel") << t.textPrimary << t.panel << 14.7;
    QTest::newRow("secondary on panel") << t.textSecondary << t.panel << 8.7;
    QTest::newRow("muted on panel") << t.textMuted << t.panel << 6.0;
    QTest::newRow("accent on panel") << t.accent << t.panel << 7.6;
    QTest::newRow("long on panel") << t.longSide << t.panel << 6.8;
    QTest::newRow("short on panel") << t.shortSide << t.panel << 5.5;
    QTest::newRow("long on raised") << t.longSide << t.raised << 6.0;
    QTest::newRow("short on raised") << t.shortSide << t.raised << 4.8;
    QTest::newRow("warn on panel") << t.warn << t.panel << 10.3;
    QTest::newRow("text on a warn block") << t.onWarnBlock << t.warnBlock << 11.0;
    QTest::newRow("text on a critical block") << t.onCritical << t.critical << 5.6;
    QTest::newRow("text on DEMO") << t.onDemo << t.demo << 6.4;
    QTest::newRow("text on TESTNET") << t.onTestnet << t.testnet << 10.1;
    QTest::newRow("text on REPLAY") << t.onReplay << t.replay << 8.1;
    QTest::newRow("strong border on panel") << t.borderStrong << t.panel << 3.7;
    QTest::newRow("border on panel") << t.border << t.panel << 1.4;
    QTest::newRow("profile bar on panel") << t.profileBar << t.panel << 3.3;
    QTest::newRow("colour-safe long on panel") << s.longSide << s.panel << 7.5;
    QTest::newRow("colour-safe short on panel") << s.shortSide << s.panel << 8.5;
}

void TestTheme::textKeepsTheStatedContrast()
{
    QFETCH(QColor, words);
    QFETCH(QColor, back);
    QFETCH(double, stated);
    const double measured = contrast(words, back);
    QVERIFY2(std::abs(measured - stated) < 0.1, qPrintable(QString::number(measured)));
}

void TestTheme::everyTextToneIsReadableOnASelectedRow()
{
    for (const Scheme scheme : {Scheme::Dark, Scheme::ColourSafe}) {
        const Tokens t = ui::theme::tokensFor(scheme);
        for (const QColor &words :
             {t.textPrimary, t.textSecondary, t.textMuted, t.longSide, t.shortSide, t.warn}) {
            QVERIFY2(contrast(words, t.select) >= 4.5, qPrintable(words.name()));
            QVERIFY2(contrast(words, t.stripe) >= 4.5, qPrintable(words.name()));
        }
        for (const QColor &side : {t.longSide, t.shortSide})
            QVERIFY(contrast(t.textPrimary, ui::theme::mixed(t.panel, side, 0.30)) >= 7.8);
        for (const QColor &flash : {t.flashLong, t.flashShort})
            QVERIFY(contrast(t.textPrimary, flash) >= 9.9);
    }
}

void TestTheme::longAndShortStayApart_data()
{
    QTest::addColumn<bool>("safe");
    QTest::addColumn<int>("sight");
    QTest::addColumn<double>("stated");
    QTest::newRow("default, normal sight") << false << 0 << 60.0;
    QTest::newRow("default, protan") << false << 1 << 19.0;
    QTest::newRow("default, deutan") << false << 2 << 27.0;
    QTest::newRow("colour-safe, normal sight") << true << 0 << 51.0;
    QTest::newRow("colour-safe, protan") << true << 1 << 54.0;
    QTest::newRow("colour-safe, deutan") << true << 2 << 58.0;
}

void TestTheme::longAndShortStayApart()
{
    QFETCH(bool, safe);
    QFETCH(int, sight);
    QFETCH(double, stated);
    using namespace tests::colour;
    const std::array<Matrix, 3> sights{kIdentity, kProtan, kDeutan};
    const Tokens t = ui::theme::tokensFor(safe ? Scheme::ColourSafe : Scheme::Dark);
    const double measured = distance(t.longSide, t.shortSide, sights[static_cast<std::size_t>(sight)]);
    QVERIFY2(std::abs(measured - stated) <= 0.5, qPrintable(QString::number(measured)));
}

void TestTheme::colourSafeSidesStandOutOfTheHeatmap()
{
    const Tokens t = ui::theme::tokensFor(Scheme::ColourSafe);
    for (const QColor &stop : t.heat) {
        QVERIFY(distance(t.longSide, stop) >= 18.9);
        QVERIFY(distance(t.shortSide, stop) >= 18.9);
    }
}

void TestTheme::heatmapGetsBrighterStepByStep()
{
    for (const Scheme scheme : {Scheme::Dark, Scheme::ColourSafe}) {
        const QList<QColor> heat = ui::theme::tokensFor(scheme).heat;
        for (qsizetype i = 1; i < heat.size(); ++i)
            QVERIFY(tests::colour::luminance(heat[i]) > tests::colour::luminance(heat[i - 1]));
    }
}

void TestTheme::distanceAgreesWithPublishedPairs()
{
    // Sharma, Wu, Dalal (2005), table 1, pairs 1, 9 and 25.
    using tests::colour::ciede2000;
    QVERIFY(std::abs(ciede2000({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) < 1e-4);
    QVERIFY(std::abs(ciede2000({50, 2.4900, -0.0010}, {50, -2.4900, 0.0009}) - 7.1792) < 1e-4);
    QVERIFY(std::abs(ciede2000({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) - 1.2644) < 1e-4);
}

void TestTheme::numbersAreFixedPitch()
{
    const ui::theme::Theme theme(Scheme::Dark);
    const QFontMetrics metrics(theme.numericFont());
    QCOMPARE(metrics.horizontalAdvance(u"1111111111"_s), metrics.horizontalAdvance(u"0000000000"_s));
    QCOMPARE(metrics.horizontalAdvance(u"\u2212"_s), metrics.horizontalAdvance(u"+"_s));
}

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
