#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "tests/ui/fake_terminal.h"
#include "ui/models/positions_model.h"
#include "ui/panels/positions/positions_panel.h"

using namespace Qt::StringLiterals;
using tests::FakeTerminal;
using ui::models::PositionsModel;

class TestPositionsModel : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void nearestToLiquidationComesFirst();
    void unknownValuesSortLastBothWays();
    void doesNotMoveUnderTheHand();
    void aClickedHeaderMovesAlsoUnderTheHand();
    void totalsEqualTheRows();
    void anUnknownRowMakesTheSumUnknown();
    void textsOfARow();
    void missingIsADashNotZero();
    void staleRowsAreMuted();
    void removedAndNewRowsKeepTheModelSound();
    void coverIsTheGuardsWord_data();
    void coverIsTheGuardsWord();

private:
    [[nodiscard]] QString text(int row, int column) const
    {
        return m_model->index(row, column).data().toString();
    }
    [[nodiscard]] QStringList symbols() const;

    std::unique_ptr<PositionsModel> m_model;
    core::runtime::TerminalSnapshot m_many;
    core::runtime::TerminalSnapshot m_live;
};

void TestPositionsModel::init()
{
    m_model = std::make_unique<PositionsModel>();
    FakeTerminal many(FakeTerminal::Scenario::Many);
    many.advance(8);
    m_many = many.copy();
    FakeTerminal live(FakeTerminal::Scenario::Live);
    live.advance(8);
    m_live = live.copy();
}

QStringList TestPositionsModel::symbols() const
{
    QStringList list;
    for (int row = 0; row < m_model->rowCount(); ++row)
        list << text(row, PositionsModel::Symbol);
    return list;
}

void TestPositionsModel::coverIsTheGuardsWord_data()
{
    QTest::addColumn<QString>("covered");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("shown");
    QTest::addColumn<bool>("chip");
    QTest::addColumn<QString>("reason");
    QTest::newRow("all of it") << "0.250" << "covered" << "66,200.0" << false << "";
    QTest::newRow("a part of it") << "0.155" << "placing" << "66,200.0 62 %" << false << "on its way";
    QTest::newRow("nothing, not armed") << "0" << "off" << "NAKED" << true << "not armed";
    QTest::newRow("nothing, one is on its way") << "0" << "placing" << "NAKED" << true << "on its way";
    QTest::newRow("nothing, no clear answer") << "0" << "unknown" << "NAKED" << true << "No clear answer";
    QTest::newRow("nothing at all") << "0" << "naked" << "NAKED" << true << "No stop rests";
    QTest::newRow("its stop failed") << "0" << "closing" << "NAKED" << true << "being closed";
}

void TestPositionsModel::coverIsTheGuardsWord()
{
    QFETCH(QString, covered);
    QFETCH(QString, state);
    QFETCH(QString, shown);
    QFETCH(bool, chip);
    QFETCH(QString, reason);
    const auto &position = m_live.account.positions.front();
    // What the open orders look like does not count where the guard keeps a book of its own.
    core::OrderUpdate stop;
    stop.instrument = position.instrument;
    stop.clientOrderId = *core::ClientOrderId::from("beyond-liquidation");
    stop.side = core::Side::Sell;
    stop.type = core::OrderType::StopMarket;
    stop.status = core::OrderStatus::New;
    stop.quantity = position.quantity;
    stop.triggerPrice = core::parsePrice("50000").value();
    stop.reduceOnly = core::ReduceOnly::Yes;
    m_live.account.openOrders = {stop};
    const auto units = core::parseQuantity(covered.toStdString()).value();
    m_live.guard.cover = {{.position = {position.instrument, position.positionSide},
                           .open = position.quantity,
                           .covered = units,
                           .trigger = units.isPositive() ? std::optional(core::parsePrice("66200").value()) : std::nullopt,
                           .state = state.toStdString()}};
    m_model->showSnapshot(m_live);
    int row = 0;
    while (row < m_model->rowCount() && !text(row, PositionsModel::Symbol).startsWith(u"BTC"_s))
        ++row;
    const QModelIndex cell = m_model->index(row, PositionsModel::Stop);
    QCOMPARE(cell.data().toString(), shown);
    QCOMPARE(cell.data(ui::models::ChipRole).toBool(), chip);
    const QString tooltip = cell.data(Qt::ToolTipRole).toString();
    QVERIFY2(reason.isEmpty() ? tooltip.isEmpty() : tooltip.contains(reason), qPrintable(tooltip));
}

void TestPositionsModel::nearestToLiquidationComesFirst()
{
    m_model->showSnapshot(m_many);
    QCOMPARE(m_model->rowCount(), 14);
    const auto &rows = m_model->rows();
    for (std::size_t i = 1; i < rows.size(); ++i)
        QVERIFY(*rows[i - 1].liquidationDistance <= *rows[i].liquidationDistance);
}

void TestPositionsModel::unknownValuesSortLastBothWays()
{
    m_many.account.positions[3].liquidationPrice.reset();
    m_model->showSnapshot(m_many);
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        m_model->sort(PositionsModel::LiqPrice, order);
        QCOMPARE(text(13, PositionsModel::LiqPrice), u"—"_s);
    }
}

void TestPositionsModel::doesNotMoveUnderTheHand()
{
    m_model->showSnapshot(m_many);
    const QStringList before = symbols();
    m_model->setHeld(true);
    auto changed = m_many;
    for (auto &p : changed.account.positions)
        p.liquidationPrice = core::Price::fromRaw(p.markPrice->raw() / 2 + p.quantity.raw() % 1000);
    std::reverse(changed.account.positions.begin(), changed.account.positions.end());
    m_model->showSnapshot(changed);
    m_model->resort();
    QCOMPARE(symbols(), before);
}

void TestPositionsModel::aClickedHeaderMovesAlsoUnderTheHand()
{
    m_model->showSnapshot(m_many);
    m_model->setHeld(true);
    m_model->sort(PositionsModel::Symbol, Qt::AscendingOrder);
    QStringList sorted = symbols();
    std::sort(sorted.begin(), sorted.end());
    QCOMPARE(symbols(), sorted);
}

void TestPositionsModel::totalsEqualTheRows()
{
    m_model->showSnapshot(m_many);
    const auto totals = m_model->totals();
    std::int64_t pnl = 0;
    std::int64_t longs = 0;
    std::int64_t shorts = 0;
    for (const auto &row : m_model->rows()) {
        pnl += row.position.unrealizedPnl->raw();
        (row.position.direction == core::Direction::Long ? longs : shorts) += row.notional->raw();
    }
    QCOMPARE(totals.count, std::size_t{14});
    QCOMPARE(totals.unrealizedPnl->raw(), pnl);
    QCOMPARE(totals.longNotional->raw(), longs);
    QCOMPARE(totals.shortNotional->raw(), shorts);
}

void TestPositionsModel::anUnknownRowMakesTheSumUnknown()
{
    m_live.account.positions.front().markPrice.reset();
    m_live.account.positions.front().unrealizedPnl.reset();
    m_model->showSnapshot(m_live);
    QVERIFY(!m_model->totals().unrealizedPnl);
    QVERIFY(!m_model->totals().longNotional);
    QVERIFY(m_model->totals().shortNotional); // the short is known
}

void TestPositionsModel::textsOfARow()
{
    auto &p = m_live.account.positions.front();
    p.quantity = core::Quantity::fromRaw(25'000'000);
    p.entryPrice = *core::parsePrice("67200");
    p.markPrice = *core::parsePrice("67245");
    p.unrealizedPnl = *core::parseMoney("-1234.5");
    p.initialMargin = *core::parseMoney("1680");
    p.liquidationPrice = *core::parsePrice("60520.5");
    p.leverage = 10;
    p.marginMode = core::MarginMode::Cross;
    auto &b = m_live.guard.breakers.front();
    b.word = core::orders::BreakerView::Word::Watching;
    b.distanceToNext = core::Ratio::fromRaw(420'000);
    b.nextAction = core::risk::TierAction::Alert;
    m_model->showSnapshot(m_live);
    const int row = text(0, PositionsModel::Symbol).startsWith(u"BTC"_s) ? 0 : 1;
    QCOMPARE(text(row, PositionsModel::Symbol), u"BTCUSDT BN"_s);
    QCOMPARE(text(row, PositionsModel::Side), u"▲ LONG"_s);
    QCOMPARE(text(row, PositionsModel::Size), u"0.250"_s);
    QCOMPARE(text(row, PositionsModel::Notional), u"16,811.25"_s);
    QCOMPARE(text(row, PositionsModel::Mark), u"67,245.0"_s);
    QCOMPARE(text(row, PositionsModel::LiqDistance), u"10.00"_s);
    QCOMPARE(text(row, PositionsModel::Pnl), u"\u22121,234.50"_s);
    QCOMPARE(text(row, PositionsModel::Roe), u"\u221273.48"_s);
    QCOMPARE(text(row, PositionsModel::Leverage), u"10× cross"_s);
    QCOMPARE(text(row, PositionsModel::Breaker), u"\u22120.42\u00A0% → alert"_s);
    m_model->setCompact(true);
    QCOMPARE(text(row, PositionsModel::Symbol), u"BTC BN"_s);
    QCOMPARE(text(row, PositionsModel::Notional), u"16,811"_s);
    QCOMPARE(text(row, PositionsModel::Leverage), u"10× C"_s);
}

void TestPositionsModel::missingIsADashNotZero()
{
    auto &p = m_live.account.positions.front();
    p.markPrice.reset();
    p.unrealizedPnl.reset();
    p.liquidationPrice.reset();
    p.leverage.reset();
    p.initialMargin.reset();
    m_live.guard.breakers.clear();
    m_live.account.positions.resize(1);
    m_model->showSnapshot(m_live);
    for (const int column : {PositionsModel::Notional, PositionsModel::Mark, PositionsModel::LiqPrice,
                             PositionsModel::LiqDistance, PositionsModel::Pnl, PositionsModel::Roe,
                             PositionsModel::Margin, PositionsModel::Leverage, PositionsModel::Breaker})
        QCOMPARE(text(0, column), u"—"_s);
}

void TestPositionsModel::staleRowsAreMuted()
{
    m_live.account.freshness = core::Freshness::Stale;
    m_model->showSnapshot(m_live);
    for (int column = PositionsModel::Side; column < PositionsModel::kColumns; ++column)
        QCOMPARE(m_model->index(0, column).data(ui::models::ToneRole).toInt(), int(ui::models::Tone::Muted));
}

void TestPositionsModel::removedAndNewRowsKeepTheModelSound()
{
    QAbstractItemModelTester tester(m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_model->showSnapshot(m_many);
    const QPersistentModelIndex third(m_model->index(2, 0));
    const QString symbol = third.data().toString();
    auto fewer = m_many;
    fewer.account.positions.erase(fewer.account.positions.begin());
    m_model->showSnapshot(fewer);
    m_model->showSnapshot(m_many);
    m_model->sort(PositionsModel::Symbol, Qt::DescendingOrder);
    if (third.isValid())
        QCOMPARE(third.data().toString(), symbol);
    m_many.account.positions.clear();
    m_model->showSnapshot(m_many);
    QCOMPARE(m_model->rowCount(), 0);
}

QTEST_MAIN(TestPositionsModel)
#include "tst_positions_model.moc"
