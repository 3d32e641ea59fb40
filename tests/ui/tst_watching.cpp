#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "tests/ui/fake_terminal.h"
#include "ui/controls/hold_button.h"
#include "ui/controls/state_chip.h"
#include "ui/controls/state_page.h"
#include "ui/models/connections_model.h"
#include "ui/models/markets_model.h"
#include "ui/panels/connections/connections_panel.h"
#include "ui/panels/markets/markets_panel.h"
#include "ui/panels/orderflow/order_flow_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/mode_banner.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"

using namespace Qt::StringLiterals;
using core::Freshness;
using core::Venue;
using core::runtime::Mode;
using core::runtime::Place;
using core::runtime::TerminalSnapshot;
using core::runtime::VenueView;
using ui::models::ConnectionsModel;
using ui::models::DockState;
using ui::models::DockStates;
using ui::models::MarketsModel;
using ui::models::Tone;

namespace
{
[[nodiscard]] core::InstrumentKey hyperBtc()
{
    return {Venue::Hyperliquid, core::Symbol::from("BTC").value()};
}

[[nodiscard]] VenueView venue(Venue which, VenueView::Reach reach, const char *why = "")
{
    VenueView view;
    view.venue = which;
    view.address = which == Venue::Binance ? "https://one.example" : "https://two.example";
    view.reach = reach;
    view.why = why;
    return view;
}

/// Both venues without an account: Binance lives, Hyperliquid's market waits.
[[nodiscard]] TerminalSnapshot watching()
{
    tests::FakeTerminal terminal(tests::FakeTerminal::Scenario::Live);
    terminal.advance(40);
    TerminalSnapshot snapshot = terminal.copy();
    snapshot.mode = Mode::Watching;
    snapshot.account = {};
    snapshot.account.connected = false;
    snapshot.venues = {venue(Venue::Binance, VenueView::Reach::Reached),
                       venue(Venue::Hyperliquid, VenueView::Reach::Trying)};
    core::runtime::MarketSnapshot other;
    other.key = hyperBtc();
    other.rank = 1;
    snapshot.markets.push_back(other);
    return snapshot;
}

[[nodiscard]] TerminalSnapshot unreached()
{
    TerminalSnapshot snapshot = watching();
    snapshot.markets.front() = {};
    snapshot.markets.front().key = {Venue::Binance, core::Symbol::from("BTCUSDT").value()};
    snapshot.streams.clear();
    snapshot.venues = {venue(Venue::Binance, VenueView::Reach::Unreached, "no route to host"),
                       venue(Venue::Hyperliquid, VenueView::Reach::Unreached)};
    return snapshot;
}

[[nodiscard]] QString textAt(const QAbstractItemModel &model, int row, int column)
{
    return model.index(row, column).data().toString();
}

struct Desk {
    tests::FakeTerminal terminal{tests::FakeTerminal::Scenario::Live};
    std::unique_ptr<ui::shell::MainWindow> window;

    explicit Desk(const TerminalSnapshot &snapshot)
    {
        window = std::make_unique<ui::shell::MainWindow>(terminal, ui::shell::WindowOptions{.stateDir = {}, .size = {1600, 1000}});
        window->show();
        QApplication::processEvents();
        terminal.publish(snapshot);
        window->refreshNow();
    }
};
} // namespace

/// The desktop without an account, and with several venues.
class TestWatching : public QObject
{
    Q_OBJECT

private slots:
    void bannerSaysWhatTheNumbersAre_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("place");
        QTest::addColumn<QString>("begins");
        QTest::addColumn<int>("look");
        const auto row = [](const char *name, Mode mode, Place place, const QString &begins, Mode look) {
            QTest::newRow(name) << int(mode) << int(place) << begins << int(look);
        };
        row("real money", Mode::Live, Place::Production, u"LIVE — real money at Binance USD-M."_s, Mode::Live);
        row("testnet account", Mode::Testnet, Place::Testnet, u"TESTNET — "_s, Mode::Testnet);
        row("demo", Mode::Demo, Place::Loopback, u"DEMO — "_s, Mode::Demo);
        row("paper", Mode::Paper, Place::Production, u"PAPER — "_s, Mode::Paper);
        row("watching the market", Mode::Watching, Place::Production,
            u"WATCHING — live public markets of Binance USD-M and Hyperliquid."_s, Mode::Watching);
        row("watching a test system", Mode::Watching, Place::Testnet, u"TESTNET — watching the test system of Binance USD-M"_s,
            Mode::Testnet);
        row("watching an address of one's own", Mode::Watching, Place::Loopback,
            u"WATCHING — prices of Binance USD-M come from this computer"_s, Mode::Replay);
    }
    void bannerSaysWhatTheNumbersAre()
    {
        QFETCH(int, mode);
        QFETCH(int, place);
        QFETCH(QString, begins);
        QFETCH(int, look);
        TerminalSnapshot snapshot = watching();
        snapshot.mode = static_cast<Mode>(mode);
        snapshot.account.connected = snapshot.mode != Mode::Watching;
        snapshot.venues.front().place = static_cast<Place>(place);
        const Desk desk(snapshot);
        QVERIFY(desk.window->banner()->isVisible());
        QCOMPARE(desk.window->banner()->height(), 24);
        QVERIFY2(desk.window->banner()->text().startsWith(begins), qPrintable(desk.window->banner()->text()));
        QCOMPARE(int(desk.window->banner()->look()), look);
        QVERIFY(desk.window->windowTitle().contains(u'[' + begins.section(u' ', 0, 0) + u']'));
    }

    void aWindowThatOnlyWatchesSaysWhoGuards()
    {
        TerminalSnapshot snapshot = watching();
        snapshot.mode = Mode::Live;
        core::runtime::LeaseRecord holder;
        holder.holder = "etrms-cli guard";
        holder.process = 4711;
        snapshot.lease = {.ours = false, .holder = holder, .problem = {}};
        const Desk desk(snapshot);
        QVERIFY2(desk.window->banner()->text().startsWith(u"READ-ONLY — guarded by etrms-cli guard (process 4711)"_s),
                 qPrintable(desk.window->banner()->text()));
        snapshot.lease.ours = true;
        const Desk holding(snapshot);
        QVERIFY(holding.window->banner()->text().startsWith(u"LIVE — "_s));
    }

    void withoutAnAccountNothingCanBePressed()
    {
        const Desk desk(watching());
        QVERIFY(!desk.window->topBar()->panic()->isEnabled());
        QVERIFY(!desk.window->topBar()->autoClose()->isEnabled());
        QCOMPARE(desk.window->topBar()->autoClose()->text(), u"No account"_s);
        const TerminalSnapshot snapshot = watching();
        for (const DockState &state : {DockStates::positions(&snapshot), DockStates::orders(&snapshot),
                                       DockStates::risk(&snapshot)}) {
            QCOMPARE(state.phase, DockState::Phase::Empty); // not "loading": nothing is on its way
            QVERIFY(state.sentence.startsWith(u"No account is connected"_s));
        }
    }

    void nobodyAnswersOffersTheDemoAndAnotherTry()
    {
        const Desk desk(unreached());
        const DockState &state = desk.window->orderFlow()->state();
        QVERIFY(state.unreached);
        QVERIFY2(state.sentence.contains(u"Binance USD-M at https://one.example (no route to host), "
                                         "Hyperliquid at https://two.example (no answer)"_s),
                 qPrintable(state.sentence));
        QSignalSpy demo(desk.window.get(), &ui::shell::MainWindow::demoRequested);
        QSignalSpy retry(desk.window.get(), &ui::shell::MainWindow::retryRequested);
        for (QPushButton *button : desk.window->orderFlow()->page()->findChildren<QPushButton *>()) {
            QVERIFY(button->isVisible());
            button->click();
        }
        QCOMPARE(demo.count(), 1);
        QCOMPARE(retry.count(), 1);
    }

    void oneVenueThatAnswersIsNoDisaster()
    {
        TerminalSnapshot snapshot = unreached();
        snapshot.venues.back().reach = VenueView::Reach::Reached;
        const DockState state = DockStates::orderFlow(&snapshot);
        QVERIFY(!state.unreached);
        QVERIFY(state.sentence.startsWith(u"No answer from Binance USD-M at https://one.example (no route to host)."_s));
    }

    /// What was there before the line broke stays, greyed; the page would hide it.
    void aBookThatWasLiveIsNotReplacedByThePage()
    {
        TerminalSnapshot snapshot = watching();
        snapshot.markets.front().book = Freshness::Lost;
        for (VenueView &view : snapshot.venues)
            view.reach = VenueView::Reach::Unreached;
        QVERIFY(!DockStates::orderFlow(&snapshot).unreached);
    }

    void anotherRunIsOfferedOnlyWhereNothingIsGuarded()
    {
        const Desk watched(watching());
        QVERIFY(watched.window->action(u"session.demo"_s)->isEnabled());
        TerminalSnapshot guarded = watching();
        guarded.account.connected = true;
        const Desk desk(guarded);
        QVERIFY(!desk.window->action(u"session.demo"_s)->isEnabled());
        QVERIFY(!desk.window->action(u"session.retry"_s)->isEnabled());
    }

    void marketsStandInFrontWithoutAnAccount()
    {
        const Desk desk(watching());
        QTRY_VERIFY(desk.window->markets()->isVisible());
    }

    void marketsKeepTheirOrderWhicheverIsShown()
    {
        TerminalSnapshot snapshot = watching();
        std::swap(snapshot.markets[0], snapshot.markets[1]);
        MarketsModel model;
        model.showSnapshot(snapshot);
        QCOMPARE(textAt(model, 0, MarketsModel::Market), u"BTCUSDT BN"_s);
        QCOMPARE(textAt(model, 1, MarketsModel::Market), u"BTC HL"_s);
        QCOMPARE(model.rowOfShown(), 1);
    }

    void marketRowsSayChangeFundingAndState()
    {
        TerminalSnapshot snapshot = watching();
        auto &market = snapshot.markets.front();
        core::Ticker ticker;
        ticker.instrument = market.key;
        ticker.last = market.lastTrade->price;
        ticker.open = core::Price::fromRaw(market.lastTrade->price.raw() * 2);
        market.ticker = ticker;
        MarketsModel model;
        model.showSnapshot(snapshot);
        QCOMPARE(textAt(model, 0, MarketsModel::Change), u"−50.00"_s);
        QCOMPARE(model.index(0, MarketsModel::Change).data(ui::models::ToneRole).toInt(), int(Tone::Short));
        QCOMPARE(textAt(model, 0, MarketsModel::Funding), u"+0.0100"_s);
        QCOMPARE(textAt(model, 0, MarketsModel::State), u"live"_s);
        // Nothing is known of the other one, and nothing is made up.
        for (const int column : {MarketsModel::Last, MarketsModel::Change, MarketsModel::Funding})
            QCOMPARE(textAt(model, 1, column), u"—"_s);
        QCOMPARE(textAt(model, 1, MarketsModel::State), u"wait"_s);
    }

    void staleMarketsAreMuted()
    {
        TerminalSnapshot snapshot = watching();
        snapshot.markets.front().book = Freshness::Stale;
        MarketsModel model;
        model.showSnapshot(snapshot);
        QCOMPARE(textAt(model, 0, MarketsModel::State), u"stale"_s);
        QCOMPARE(model.index(0, MarketsModel::Last).data(ui::models::ToneRole).toInt(), int(Tone::Muted));
    }

    void choosingAMarketAsksForIt()
    {
        Desk desk(watching());
        const auto *model = desk.window->markets()->model();
        emit desk.window->markets()->table()->activated(model->index(1, 0));
        QCOMPARE(desk.terminal.intents.size(), std::size_t{1});
        QCOMPARE(std::get<core::runtime::ShowInstrument>(desk.terminal.intents.front()).instrument, hyperBtc());
    }

    void connectionsCountPerSecond()
    {
        TerminalSnapshot snapshot = watching();
        ConnectionsModel model;
        model.showSnapshot(snapshot);
        QCOMPARE(textAt(model, 0, ConnectionsModel::Rate), u"—"_s); // one look is no rate
        snapshot.at += std::chrono::seconds{2};
        snapshot.streams.front().messages += 50;
        model.showSnapshot(snapshot);
        QCOMPARE(textAt(model, 0, ConnectionsModel::Rate), u"25.0"_s);
        QCOMPARE(textAt(model, 0, ConnectionsModel::State), u"live"_s);
    }

    void connectionStatesHaveAWordAndAColour_data()
    {
        QTest::addColumn<int>("freshness");
        QTest::addColumn<QString>("word");
        QTest::addColumn<int>("tone");
        QTest::newRow("live") << int(Freshness::Fresh) << u"live"_s << int(Tone::Long);
        QTest::newRow("stale") << int(Freshness::Stale) << u"stale"_s << int(Tone::Warn);
        QTest::newRow("gapped") << int(Freshness::Gapped) << u"gap, resyncing"_s << int(Tone::Warn);
        QTest::newRow("crossed") << int(Freshness::Crossed) << u"crossed, resyncing"_s << int(Tone::Warn);
        QTest::newRow("diverged") << int(Freshness::Diverged) << u"sources disagree"_s << int(Tone::Warn);
        QTest::newRow("lost") << int(Freshness::Lost) << u"connection lost"_s << int(Tone::Critical);
    }
    void connectionStatesHaveAWordAndAColour()
    {
        QFETCH(int, freshness);
        QFETCH(QString, word);
        QFETCH(int, tone);
        TerminalSnapshot snapshot = watching();
        snapshot.streams.front().freshness = static_cast<Freshness>(freshness);
        ConnectionsModel model;
        model.showSnapshot(snapshot);
        QCOMPARE(textAt(model, 0, ConnectionsModel::State), word);
        QCOMPARE(model.index(0, ConnectionsModel::State).data(ui::models::ToneRole).toInt(), tone);
    }

    void venueLineSaysBudgetAndClock()
    {
        TerminalSnapshot snapshot = watching();
        snapshot.venues.front().budget = core::ports::RequestBudget{118, 2400};
        snapshot.streams.front().clockOffset = std::chrono::milliseconds{-12};
        QCOMPARE(ConnectionsModel::venueLine(snapshot, snapshot.venues.front()),
                 u"Binance USD-M · real market · https://one.example · markets only, no keys · reached · "
                 "request weight 118 of 2400 · venue clock −12 ms"_s);
        QVERIFY(ConnectionsModel::venueLine(snapshot, snapshot.venues.back()).contains(u"connecting"_s));
    }

    void statusBarNamesEveryVenueAndOpensTheConnections()
    {
        TerminalSnapshot snapshot = watching();
        snapshot.venues.back().reach = VenueView::Reach::Unreached;
        const Desk desk(snapshot);
        QVERIFY(desk.window->statusStrip()->leftText().contains(u"Binance USD-M live"_s));
        QVERIFY(desk.window->statusStrip()->leftText().contains(u"Hyperliquid does not answer"_s));
        QTest::mouseClick(desk.window->statusStrip(), Qt::LeftButton);
        QTRY_VERIFY(desk.window->connections()->isVisible());
        QVERIFY(desk.window->connections()->venuesText().contains(u"https://two.example"_s));
    }
};

QTEST_MAIN(TestWatching)
#include "tst_watching.moc"
