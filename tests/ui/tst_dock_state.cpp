#include <QtTest/QTest>

#include "tests/ui/fake_terminal.h"
#include "ui/models/breaker_summary.h"
#include "ui/models/dock_state.h"

using namespace Qt::StringLiterals;
using core::Freshness;
using tests::FakeTerminal;
using ui::models::DockState;
using ui::models::DockStates;
using Phase = DockState::Phase;

class TestDockState : public QObject
{
    Q_OBJECT

private slots:
    void orderFlowFollowsTheBook_data();
    void orderFlowFollowsTheBook();
    void aQuietTapeIsNotABrokenOne();
    void noSnapshotMeansLoading();
    void unknownPositionsAreNotEmptyOnes();
    void flatAccountIsEmpty();
    void staleMarkOfAHeldPositionReachesPositionsAndRisk();
    void staleMarkOfAnotherMarketDoesNot();
    void lostAccountNamesTheCause();
    void worstBreakerWins_data();
    void worstBreakerWins();
    void noBreakerIsWatchingOnlyWhenKnownFlat();
};

namespace
{

core::runtime::TerminalSnapshot live()
{
    FakeTerminal terminal(FakeTerminal::Scenario::Live);
    terminal.advance(8);
    return terminal.copy();
}

} // namespace

void TestDockState::orderFlowFollowsTheBook_data()
{
    QTest::addColumn<int>("freshness");
    QTest::addColumn<int>("phase");
    QTest::addColumn<QString>("chip");
    QTest::newRow("fresh") << int(Freshness::Fresh) << int(Phase::Live) << QString();
    QTest::newRow("connecting") << int(Freshness::Connecting) << int(Phase::Loading) << QString();
    QTest::newRow("stale, with its age")
        << int(Freshness::Stale) << int(Phase::Stale) << u"STALE 12\u00A0s"_s;
    QTest::newRow("gapped") << int(Freshness::Gapped) << int(Phase::Stale) << u"GAP 12\u00A0s"_s;
    QTest::newRow("crossed") << int(Freshness::Crossed) << int(Phase::Stale) << u"CROSSED"_s;
    QTest::newRow("diverged") << int(Freshness::Diverged) << int(Phase::Stale) << u"DIVERGED"_s;
    QTest::newRow("lost") << int(Freshness::Lost) << int(Phase::Error) << u"OFFLINE 12\u00A0s"_s;
}

void TestDockState::orderFlowFollowsTheBook()
{
    QFETCH(int, freshness);
    QFETCH(int, phase);
    QFETCH(QString, chip);
    auto snapshot = live();
    snapshot.markets.front().book = static_cast<Freshness>(freshness);
    snapshot.markets.front().bookAge = std::chrono::seconds{12};
    const DockState state = DockStates::orderFlow(&snapshot);
    QCOMPARE(int(state.phase), phase);
    QCOMPARE(state.chip, chip);
    QCOMPARE(state.sentence.isEmpty(), state.phase == Phase::Live);
}

void TestDockState::aQuietTapeIsNotABrokenOne()
{
    auto snapshot = live();
    snapshot.markets.front().trades = Freshness::Connecting;
    QCOMPARE(DockStates::orderFlow(&snapshot).phase, Phase::Live);
    snapshot.markets.front().trades = Freshness::Stale;
    const DockState state = DockStates::orderFlow(&snapshot);
    QCOMPARE(state.phase, Phase::Stale);
    QVERIFY(state.sentence.startsWith(u"Trades"_s));
}

void TestDockState::noSnapshotMeansLoading()
{
    for (const DockState &state :
         {DockStates::orderFlow(nullptr), DockStates::positions(nullptr), DockStates::orders(nullptr),
          DockStates::account(nullptr), DockStates::risk(nullptr)}) {
        QCOMPARE(state.phase, Phase::Loading);
        QCOMPARE(state.sentence, u"Waiting for the engine."_s);
    }
}

void TestDockState::unknownPositionsAreNotEmptyOnes()
{
    auto snapshot = live();
    snapshot.account.positions.clear();
    snapshot.account.positionsKnown = false;
    const DockState state = DockStates::positions(&snapshot);
    QCOMPARE(state.phase, Phase::Loading);
    QCOMPARE(state.sentence, u"Waiting for Binance USD-M: account snapshot."_s);
}

void TestDockState::flatAccountIsEmpty()
{
    auto snapshot = live();
    snapshot.account.positions.clear();
    snapshot.account.openOrders.clear();
    QCOMPARE(DockStates::positions(&snapshot).phase, Phase::Empty);
    QCOMPARE(DockStates::positions(&snapshot).sentence, u"No open positions."_s);
    QCOMPARE(DockStates::orders(&snapshot).phase, Phase::Empty);
}

void TestDockState::staleMarkOfAHeldPositionReachesPositionsAndRisk()
{
    auto snapshot = live();
    snapshot.markets.front().mark = Freshness::Stale;
    snapshot.markets.front().markAge = std::chrono::seconds{6};
    for (const DockState &state : {DockStates::positions(&snapshot), DockStates::risk(&snapshot)}) {
        QCOMPARE(state.phase, Phase::Stale);
        QCOMPARE(state.chip, u"STALE 6.0\u00A0s"_s);
        QVERIFY2(state.sentence.contains(u"BTCUSDT"_s), qPrintable(state.sentence));
    }
    QCOMPARE(DockStates::account(&snapshot).phase, Phase::Live);
}

void TestDockState::staleMarkOfAnotherMarketDoesNot()
{
    auto snapshot = live();
    snapshot.markets.front().key.symbol = *core::Symbol::from("XRPUSDT");
    snapshot.markets.front().mark = Freshness::Stale;
    QCOMPARE(DockStates::positions(&snapshot).phase, Phase::Live);
}

void TestDockState::lostAccountNamesTheCause()
{
    FakeTerminal terminal(FakeTerminal::Scenario::Offline);
    terminal.advance(4);
    const auto snapshot = terminal.copy();
    const DockState state = DockStates::account(&snapshot);
    QCOMPARE(state.phase, Phase::Error);
    QCOMPARE(state.chip, u"OFFLINE 01:34"_s);
    QCOMPARE(state.sentence, u"No connection to Binance USD-M: connection refused. Reconnecting."_s);
    QVERIFY(!state.isTrusted());
}

void TestDockState::worstBreakerWins_data()
{
    using Word = core::orders::BreakerView::Word;
    QTest::addColumn<int>("other");
    QTest::addColumn<QString>("text");
    QTest::newRow("watching") << int(Word::Watching) << u"Breakers: Watching"_s;
    QTest::newRow("paused") << int(Word::Paused) << u"Breakers: Paused"_s;
    QTest::newRow("unknown is worse than watching") << int(Word::Unknown) << u"Breakers: Unknown"_s;
    QTest::newRow("near") << int(Word::Near) << u"Breakers: NEAR"_s;
    QTest::newRow("tripped") << int(Word::Tripped) << u"Breakers: TRIPPED"_s;
}

void TestDockState::worstBreakerWins()
{
    QFETCH(int, other);
    QFETCH(QString, text);
    auto snapshot = live();
    QVERIFY(snapshot.guard.breakers.size() >= 2);
    snapshot.guard.breakers.front().word = core::orders::BreakerView::Word::Watching;
    snapshot.guard.breakers.back().word = static_cast<core::orders::BreakerView::Word>(other);
    QCOMPARE(ui::models::worstBreaker(&snapshot).text, text);
}

void TestDockState::noBreakerIsWatchingOnlyWhenKnownFlat()
{
    auto snapshot = live();
    snapshot.guard.breakers.clear();
    QCOMPARE(ui::models::worstBreaker(&snapshot).text, u"Breakers: Unknown"_s); // positions without a breaker
    snapshot.account.positions.clear();
    QCOMPARE(ui::models::worstBreaker(&snapshot).text, u"Breakers: Watching"_s);
    snapshot.account.positionsKnown = false;
    QCOMPARE(ui::models::worstBreaker(&snapshot).text, u"Breakers: Unknown"_s);
    QCOMPARE(ui::models::worstBreaker(nullptr).text, u"Breakers: Unknown"_s);
}

QTEST_MAIN(TestDockState)
#include "tst_dock_state.moc"
