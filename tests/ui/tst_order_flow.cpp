#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <QtGui/QPainter>

#include "tests/ui/fake_terminal.h"
#include "ui/controls/dock_title_bar.h"
#include "ui/panels/orderflow/chart_view.h"
#include "ui/panels/orderflow/depth_ladder.h"
#include "ui/panels/orderflow/ladder_rows.h"
#include "ui/panels/orderflow/order_flow_panel.h"

using namespace Qt::StringLiterals;
using tests::FakeTerminal;
using ui::panels::ChartView;
using ui::panels::HeatRing;
using ui::panels::LadderRow;
using ui::panels::PriceRange;

class TestOrderFlow : public QObject
{
    Q_OBJECT

private slots:
    void oneRangeAfterZoomPanAndResize();
    void scrollingDrawsOnlyTheNewColumn();
    void theRingEqualsAFullRedraw();
    void gapsAreHatchedNotBridged();
    void pausedChartStandsStill();
    void recentresWhenThePriceLeavesTheMiddle();
    void tagsKeepTheirOrderAndDistance();
    void timeGoingBackStartsANewPicture();
    void ladderJoinsLevelsToTheWorseSide();
    void ladderKeepsSumsInRange();
    void staleTitleSaysSo();

private:
    struct Stage {
        explicit Stage(FakeTerminal::Scenario scenario = FakeTerminal::Scenario::Live) : terminal(scenario)
        {
            panel.resize(1249, 684);
            panel.show();
            play(40);
        }
        void play(int columns)
        {
            terminal.advance(columns);
            panel.append(terminal.takeColumns(), terminal.takeTrades());
            panel.showSnapshot(terminal.snapshot().get(), terminal.profile());
            (void)panel.grab();
        }
        ChartView &chart() { return *panel.chart(); }

        ui::theme::Theme theme{ui::theme::Scheme::Dark};
        FakeTerminal terminal;
        ui::panels::OrderFlowPanel panel{theme, nullptr};
    };
};

void TestOrderFlow::oneRangeAfterZoomPanAndResize()
{
    Stage stage;
    ChartView &chart = stage.chart();
    const auto agree = [&] {
        QCOMPARE(chart.profileArea().top(), chart.heatArea().top());
        QCOMPARE(chart.axisArea().top(), chart.heatArea().top());
        QCOMPARE(chart.profileArea().height(), chart.heatArea().height());
        QCOMPARE(chart.axisArea().height(), chart.heatArea().height());
        // The heatmap's own pixels: the ring has the same height and reads the same range.
        QCOMPARE(chart.ring().pixelSize().height(),
                 static_cast<int>(chart.heatArea().height() * chart.devicePixelRatioF()));
        const PriceRange::Span span = chart.range().span();
        QVERIFY(std::abs(chart.yOf(span.high) - chart.heatArea().top()) < 1e-6);
        QVERIFY(std::abs(chart.yOf(span.low) - (chart.heatArea().top() + chart.heatArea().height())) < 1e-6);
    };
    agree();
    const PriceRange::Span before = chart.range().span();
    chart.zoomPrice(0.5, before.middle());
    QVERIFY(std::abs(chart.range().span().size() - before.size() / 2) < 1e-9);
    agree();
    chart.pan(-20, 0.25);
    agree();
    stage.panel.resize(929, 442);
    (void)stage.panel.grab();
    agree();
    QCOMPARE(chart.profileArea().width(), 90);
    QCOMPARE(chart.axisArea().width(), 70);
    QCOMPARE(stage.panel.ladder()->width(), 216);
    chart.undoZoom();
    agree();
}

void TestOrderFlow::scrollingDrawsOnlyTheNewColumn()
{
    Stage stage;
    stage.play(200); // colours have settled
    const auto full = stage.chart().ring().fullDraws();
    const auto columns = stage.chart().ring().columnDraws();
    stage.play(1);
    stage.play(1);
    stage.play(1);
    QCOMPARE(stage.chart().ring().columnDraws() - columns, std::uint64_t{3});
    QCOMPARE(stage.chart().ring().fullDraws(), full);
}

void TestOrderFlow::theRingEqualsAFullRedraw()
{
    ui::theme::Theme theme(ui::theme::Scheme::Dark);
    PriceRange range;
    FakeTerminal terminal(FakeTerminal::Scenario::StaleOneVenue);
    terminal.advance(300);
    const auto columns = terminal.takeColumns();
    QVERIFY(columns.size() > 250);
    const double middle = columns.front()->bestBidTick * columns.front()->tickSize.toDouble();
    range.set({middle * 0.998, middle * 1.002});
    HeatRing ring(theme, range);
    ring.setGeometry({401, 300}, 2);
    QImage canvas(401, 300, QImage::Format_RGB32);
    QPainter painter(&canvas);
    for (const auto &column : columns) {
        ring.append(column);
        ring.paint(painter, QRectF(0, 0, 401, 300));
    }
    const QImage scrolled = ring.image();
    ring.invalidate();
    ring.paint(painter, QRectF(0, 0, 401, 300));
    const QImage redrawn = ring.image();
    QCOMPARE(scrolled.size(), redrawn.size());
    int different = 0;
    for (int y = 0; y < redrawn.height(); ++y) {
        // The first columns lack the step that joins them to a column outside the picture.
        for (int x = 4; x < redrawn.width(); ++x)
            different += scrolled.pixel(x, y) != redrawn.pixel(x, y) ? 1 : 0;
    }
    QCOMPARE(different, 0);
}

void TestOrderFlow::gapsAreHatchedNotBridged()
{
    ui::theme::Theme theme(ui::theme::Scheme::Dark);
    PriceRange range;
    FakeTerminal terminal(FakeTerminal::Scenario::Live);
    terminal.advance(60);
    auto columns = terminal.takeColumns();
    const double middle = columns.front()->bestBidTick * columns.front()->tickSize.toDouble();
    range.set({middle * 0.998, middle * 1.002});
    HeatRing ring(theme, range);
    ring.setGeometry({200, 100}, 2);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i < 20 || i >= 30) // ten intervals never arrive
            ring.append(columns[i]);
    }
    QImage canvas(200, 100, QImage::Format_RGB32);
    QPainter painter(&canvas);
    ring.paint(painter, QRectF(0, 0, 200, 100));
    const QImage image = ring.image();
    const int right = image.width() - static_cast<int>(columns.size() - 30) * 2;
    for (int x = right - 20; x < right; ++x) {
        for (int y = 0; y < image.height(); ++y) {
            const QRgb pixel = image.pixel(x, y);
            const bool hatch =
                pixel == theme.tokens().panel.rgb() ||
                pixel == ui::theme::mixed(theme.tokens().panel, theme.tokens().borderStrong, 0.55).rgb();
            QVERIFY(hatch);
        }
    }
    QVERIFY(ring.columnAt(ring.slotOf(columns[25]->at)) == nullptr);
    QVERIFY(ring.columnAt(ring.slotOf(columns[35]->at)) == columns[35].get());
}

void TestOrderFlow::pausedChartStandsStill()
{
    Stage stage;
    stage.play(100);
    stage.chart().settle();
    stage.chart().setPaused(true);
    (void)stage.panel.grab();
    const auto right = stage.chart().ring().rightSlot();
    const PriceRange::Span span = stage.chart().range().span();
    const QImage before = stage.chart().ring().image();
    stage.play(30);
    QCOMPARE(stage.chart().ring().rightSlot(), right);
    QCOMPARE(stage.chart().range().span(), span);
    QCOMPARE(stage.chart().ring().image(), before);
    stage.panel.goLive();
    QVERIFY(!stage.chart().isPaused());
    QCOMPARE(stage.chart().ring().rightSlot(), stage.chart().ring().newestSlot());
}

void TestOrderFlow::recentresWhenThePriceLeavesTheMiddle()
{
    Stage stage(FakeTerminal::Scenario::Near); // falls by one percent
    stage.play(360);
    stage.chart().settle();
    const auto &last = *stage.chart().ring().columns().back();
    const double price = last.bestBidTick * last.tickSize.toDouble();
    const PriceRange::Span span = stage.chart().range().span();
    QVERIFY(std::abs(price - span.middle()) <= span.size() * 0.31);
}

void TestOrderFlow::tagsKeepTheirOrderAndDistance()
{
    Stage stage;
    const auto tags = stage.chart().axisTags();
    QVERIFY(tags.size() >= 4);
    // Liquidation lies far below the shown range: its tag stands at the edge and points there.
    QVERIFY2(tags.back().startsWith(u"▼60,912"_s), qPrintable(tags.back()));
}

void TestOrderFlow::timeGoingBackStartsANewPicture()
{
    Stage stage;
    FakeTerminal again(FakeTerminal::Scenario::Live);
    again.advance(10);
    stage.panel.append(again.takeColumns(), again.takeTrades());
    QVERIFY(stage.chart().ring().columns().size() <= 10);
}

void TestOrderFlow::ladderJoinsLevelsToTheWorseSide()
{
    using core::parsePrice;
    using core::parseQuantity;
    const std::vector<core::Level> bids{{*parsePrice("100.9"), *parseQuantity("1")},
                                        {*parsePrice("100.5"), *parseQuantity("2")},
                                        {*parsePrice("99.9"), *parseQuantity("4")}};
    const std::vector<LadderRow> rows = ui::panels::ladderRows(bids, core::Side::Buy, *parsePrice("1"), 10);
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0], (LadderRow{*parsePrice("100"), *parseQuantity("3")}));
    QCOMPARE(rows[1], (LadderRow{*parsePrice("99"), *parseQuantity("4")}));
    const std::vector<core::Level> asks{{*parsePrice("100.1"), *parseQuantity("1")},
                                        {*parsePrice("101"), *parseQuantity("2")}};
    QCOMPARE(ui::panels::ladderRows(asks, core::Side::Sell, *parsePrice("1"), 10).front(),
             (LadderRow{*parsePrice("101"), *parseQuantity("3")}));
    QCOMPARE(ui::panels::ladderRows(bids, core::Side::Buy, *parsePrice("0.1"), 2).size(), std::size_t{2});
}

void TestOrderFlow::ladderKeepsSumsInRange()
{
    const auto huge = core::Quantity::fromRaw(std::numeric_limits<std::int64_t>::max() - 1);
    const std::vector<core::Level> bids{{*core::parsePrice("1.2"), huge}, {*core::parsePrice("1.1"), huge}};
    const auto rows = ui::panels::ladderRows(bids, core::Side::Buy, *core::parsePrice("1"), 5);
    QCOMPARE(rows.front().quantity.raw(), std::numeric_limits<std::int64_t>::max());
}

void TestOrderFlow::staleTitleSaysSo()
{
    Stage stage(FakeTerminal::Scenario::StaleOneVenue);
    QCOMPARE(stage.panel.title()->chipText(), u"STALE 12\u00A0s"_s);
    QVERIFY(stage.panel.state().sentence.contains(u"12\u00A0s"_s));
}

QTEST_MAIN(TestOrderFlow)
#include "tst_order_flow.moc"
