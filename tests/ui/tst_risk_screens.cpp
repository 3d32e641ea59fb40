#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <QtGui/QAction>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QToolButton>
#include <QtWidgets/QTreeWidget>

#include "tests/ui/fake_terminal.h"
#include "ui/controls/hold_button.h"
#include "ui/format/words.h"
#include "ui/models/limits_edit.h"
#include "ui/models/limits_words.h"
#include "ui/models/panic_steps.h"
#include "ui/models/standing_bars.h"
#include "ui/models/stop_cover.h"
#include "ui/models/ticket.h"
#include "ui/panels/risk/risk_panel.h"
#include "ui/shell/arming_dialog.h"
#include "ui/shell/limits_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/shell/order_ticket.h"
#include "ui/shell/panic_dialog.h"
#include "ui/shell/release_dialog.h"
#include "ui/shell/top_bar.h"

using namespace core;
using namespace Qt::StringLiterals;
using tests::FakeTerminal;
using ui::models::StandingBar;
using Scenario = FakeTerminal::Scenario;

namespace
{

/// One day with 2.5 % lost.
runtime::Past lossyPast()
{
    const UtcTime monday = parseIso8601("2026-11-16T00:00:00Z").value();
    runtime::Past past{.from = monday - std::chrono::hours{24}, .to = monday + std::chrono::hours{24 * 7}, .accounts = {}, .problem = {}};
    risk::History history;
    history.account = Venue::Binance;
    history.equity = {{Venue::Binance, monday, parseMoney("10000").value()},
                      {Venue::Binance, monday + std::chrono::hours{5}, parseMoney("9750").value()}};
    past.accounts.push_back(history);
    return past;
}

struct Desk {
    explicit Desk(Scenario scenario) : terminal(scenario)
    {
        window = std::make_unique<ui::shell::MainWindow>(terminal, ui::shell::WindowOptions{.stateDir = {}, .size = {1600, 1000}});
        window->show();
        QApplication::processEvents();
        terminal.advance(40);
        window->refreshNow();
    }
    template <class Intent> [[nodiscard]] std::vector<Intent> sent() const
    {
        std::vector<Intent> found;
        for (const auto &intent : terminal.intents) {
            if (const auto *match = std::get_if<Intent>(&intent))
                found.push_back(*match);
        }
        return found;
    }
    template <class Wish> [[nodiscard]] std::vector<Wish> asked() const
    {
        std::vector<Wish> found;
        for (const auto &ask : sent<runtime::Ask>()) {
            if (const auto *match = std::get_if<Wish>(&ask.what))
                found.push_back(*match);
        }
        return found;
    }
    void publish(const runtime::TerminalSnapshot &snapshot)
    {
        terminal.publish(snapshot);
        window->refreshNow();
    }
    FakeTerminal terminal;
    std::unique_ptr<ui::shell::MainWindow> window;
};

void hold(ui::controls::HoldButton *button)
{
    QSignalSpy held(button, &ui::controls::HoldButton::held);
    QTest::mousePress(button, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(held.count(), 1, 60'000);
    QTest::mouseRelease(button, Qt::LeftButton);
}

Price price(const char *text)
{
    return *parsePrice(text);
}
Quantity quantity(const char *text)
{
    return *parseQuantity(text);
}
Ratio ratio(const char *text)
{
    return *parseFixed<Ratio>(text);
}

Position longPosition()
{
    Position p;
    p.instrument = {Venue::Binance, *Symbol::from("BTCUSDT")};
    p.direction = Direction::Long;
    p.quantity = quantity("0.250");
    p.entryPrice = price("60000");
    return p;
}

OrderUpdate stopOrder(const char *size, const char *trigger)
{
    OrderUpdate order;
    order.instrument = longPosition().instrument;
    order.clientOrderId = *ClientOrderId::from("s1");
    order.side = Side::Sell;
    order.type = OrderType::StopMarket;
    order.status = OrderStatus::New;
    order.quantity = quantity(size);
    order.triggerPrice = price(trigger);
    order.reduceOnly = ReduceOnly::Yes;
    return order;
}

/// With every limit of the Standard preset.
void openLimits(Desk &desk)
{
    auto snapshot = desk.terminal.copy();
    snapshot.guard.accounts.front().limits = risk::defaultLimits();
    desk.terminal.publish(snapshot);
    desk.window->refreshNow();
    desk.window->action(u"protection.limits"_s)->trigger();
}

/// A limit buy of 0.050 at 67,000 with a typed fee.
ui::shell::OrderTicket *filledTicket(Desk &desk, const QString &stop)
{
    desk.window->action(u"orders.new"_s)->trigger();
    auto *ticket = desk.window->orderTicket();
    for (const auto &[name, text] : {std::pair(u"ticketPrice"_s, u"67000"_s), std::pair(u"ticketStop"_s, stop),
                                     std::pair(u"ticketFee"_s, u"0.05"_s), std::pair(u"ticketSize"_s, u"0.05"_s)})
        ticket->findChild<QLineEdit *>(name)->setText(text);
    return ticket;
}

QTreeWidgetItem *itemOf(QTreeWidget *tree, const QString &path)
{
    for (QTreeWidgetItemIterator it(tree); *it != nullptr; ++it) {
        if ((*it)->data(0, Qt::UserRole + 1).toString() == path)
            return *it;
    }
    return nullptr;
}

} // namespace

class TestRiskScreens : public QObject
{
    Q_OBJECT

private slots:
    void everyLimitHasABarUnderItsGroup()
    {
        const Desk desk(Scenario::Live);
        const auto bars = ui::models::standingBars(desk.terminal.copy(), true);
        const auto find = [&](const QString &name) {
            for (const auto &bar : bars) {
                if (bar.content.name == name)
                    return bar;
            }
            return StandingBar{};
        };
        const StandingBar day = find(u"Day loss"_s);
        QCOMPARE(day.group, StandingBar::Group::Account);
        QCOMPARE(day.content.value, u"1.28\u00A0% of 4.00\u00A0%"_s);
        QCOMPARE(day.content.detail, u"flatten at 4.00\u00A0%, $338.14 to go"_s);
        QVERIFY(day.content.explanation.contains(u"every position is closed at 4 %"_s));
        const StandingBar exposure = find(u"Gross exposure"_s);
        QCOMPARE(exposure.group, StandingBar::Group::AllAccounts);
        QCOMPARE(exposure.content.value, u"—"_s);
        QCOMPARE(exposure.content.word, u"Unknown"_s);
        QVERIFY(!exposure.content.share);
        QCOMPARE(exposure.content.detail, u"an account has not reported"_s);
    }

    void aNearLimitStandsOnTop()
    {
        Desk desk(Scenario::Live);
        auto snapshot = desk.terminal.copy();
        for (auto &standing : snapshot.guard.standings) {
            if (standing.subject.kind == risk::BreakerKind::DayLoss)
                standing.used = ratio("0.9");
        }
        desk.publish(snapshot);
        QCOMPARE(desk.window->risk()->bars().front().name, u"Day loss"_s);
        QCOMPARE(desk.window->risk()->bars().front().word, u"NEAR"_s);
    }

    void aLimitOfASwitchedOffAccountIsPaused()
    {
        const Desk desk(Scenario::Live);
        auto snapshot = desk.terminal.copy();
        snapshot.guard.accounts.front().arming = risk::Arming::Off;
        QCOMPARE(ui::models::wordOf(snapshot.guard.standings.front(), snapshot.guard), orders::BreakerView::Word::Paused);
    }

    void lockoutsShowTheTimeThatIsLeft()
    {
        const Desk desk(Scenario::Tripped);
        QCOMPARE(desk.window->risk()->lockoutTexts(),
                 QStringList{u"No new risk: account on Binance USD-M (day-loss), 00:42:00 left"_s});
    }

    void aLockIsReleasedByATypedWordOnly()
    {
        Desk desk(Scenario::Tripped);
        auto snapshot = desk.terminal.copy();
        snapshot.guard.lockouts.front().needsRelease = true;
        snapshot.guard.lockouts.front().until = snapshot.at - std::chrono::seconds{1};
        desk.publish(snapshot);
        desk.window->findChild<QPushButton *>(u"releaseLockout"_s)->click();
        auto *dialog = desk.window->findChild<ui::shell::ReleaseDialog *>();
        QVERIFY(dialog != nullptr);
        auto *confirm = dialog->findChild<QPushButton *>(u"releaseConfirm"_s);
        auto *word = dialog->findChild<QLineEdit *>(u"releaseWord"_s);
        QVERIFY(!confirm->isEnabled());
        QTest::keyClicks(word, u"release"_s);
        QVERIFY(!confirm->isEnabled());
        word->clear();
        QTest::keyClicks(word, u"RELEASE"_s);
        QVERIFY(desk.asked<orders::LockoutRelease>().empty());
        confirm->click();
        QCOMPARE(desk.asked<orders::LockoutRelease>().size(), std::size_t{1});
        QCOMPARE(desk.asked<orders::LockoutRelease>().front().lockout, "day-loss/account/binance/1");
    }

    void stopsCoverWhatTheyCover_data()
    {
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("second");
        QTest::addColumn<bool>("whole");
        QTest::addColumn<QString>("covered");
        QTest::addColumn<QString>("loss");
        QTest::newRow("one stop over all of it") << u"0.250@59000"_s << QString() << true << u"0.25"_s << u"250"_s;
        QTest::newRow("two stops share it") << u"0.150@59000"_s << u"0.100@58000"_s << true << u"0.25"_s << u"350"_s;
        QTest::newRow("a larger stop covers no more than is held") << u"1@59000"_s << QString() << true << u"0.25"_s << u"250"_s;
        QTest::newRow("part has none") << u"0.100@59000"_s << QString() << false << u"0.1"_s << QString();
        QTest::newRow("naked") << QString() << QString() << false << u"0"_s << QString();
        QTest::newRow("a stop in profit") << u"0.250@61000"_s << QString() << true << u"0.25"_s << u"-250"_s;
    }
    void stopsCoverWhatTheyCover()
    {
        QFETCH(QString, first);
        QFETCH(QString, second);
        QFETCH(bool, whole);
        QFETCH(QString, covered);
        QFETCH(QString, loss);
        std::vector<OrderUpdate> orders;
        for (const QString &text : {first, second}) {
            if (!text.isEmpty())
                orders.push_back(stopOrder(qPrintable(text.section(u'@', 0, 0)), qPrintable(text.section(u'@', 1))));
        }
        const auto cover = ui::models::stopCover(longPosition(), orders);
        QCOMPARE(cover.whole, whole);
        QCOMPARE(QString::fromStdString(cover.covered.text()), covered);
        QCOMPARE(cover.loss ? QString::fromStdString(cover.loss->text()) : QString(), loss);
    }

    void whatDoesNotProtectIsNoCover()
    {
        const Position held = longPosition();
        std::vector<OrderUpdate> orders(5, stopOrder("0.250", "59000"));
        orders[0].status = OrderStatus::Unknown;
        orders[1].side = Side::Buy;
        orders[2].reduceOnly = ReduceOnly::No;
        orders[3].type = OrderType::TakeProfitMarket;
        orders[4].instrument.symbol = *Symbol::from("ETHUSDT");
        QVERIFY(ui::models::stopCover(held, orders).covered.isZero());
    }

    void theDockSaysWhatIsNaked()
    {
        const Desk desk(Scenario::Live);
        QVERIFY2(desk.window->risk()->coverText().startsWith(u"⚠ NAKED: "_s), qPrintable(desk.window->risk()->coverText()));
        QVERIFY(desk.window->risk()->coverText().contains(u"BTCUSDT has no resting stop"_s));
    }

    void aTighterLimitHoldsAtOnceAndALooserOneWaits()
    {
        ui::models::LimitsEdit edit(risk::defaultLimits());
        QVERIFY(!edit.canSave());
        edit.setValue("sizing.risk_per_trade", "0.25 %");
        edit.setValue("gate.orders_per_minute", "90");
        QVERIFY(edit.canSave());
        const QStringList lines = ui::models::LimitsTexts::changes(edit, utcFromMilliseconds(1'700'000'000'000));
        QCOMPARE(lines.size(), 2);
        QVERIFY2(lines[0].startsWith(u"At once: sizing.risk_per_trade"_s), qPrintable(lines[0]));
        QVERIFY2(lines[1].startsWith(u"Looser, not taken over now"_s) && lines[1].contains(u"2023-11-15"_s) && lines[1].contains(u"gate.orders_per_minute"_s), qPrintable(lines[1]));
    }

    void eachWrongFieldIsNamed()
    {
        ui::models::LimitsEdit edit(risk::defaultLimits());
        edit.setValue("sizing.risk_per_trade", "50 %");
        edit.setValue("gate.orders_per_second", "many");
        QVERIFY(!edit.canSave());
        QVERIFY(!edit.errorOf("sizing.risk_per_trade").isEmpty());
        QVERIFY(!edit.errorOf("gate.orders_per_second").isEmpty());
        QVERIFY(edit.errorOf("gate.orders_per_minute").isEmpty());
        edit.setValue("sizing.risk_per_trade", "0.25 %");
        edit.setValue("gate.orders_per_second", "4");
        QVERIFY(edit.errors().empty());
        QVERIFY(edit.canSave());
    }

    void everyValueHasWordsForPeople()
    {
        for (const auto preset : {risk::Preset::Conservative, risk::Preset::Standard, risk::Preset::PropFirm}) {
            const risk::Limits limits = risk::presetLimits(preset);
            for (const auto &[path, value] : risk::fieldValues(limits)) {
                const auto words = ui::models::limitWords(limits, path);
                QVERIFY2(words.hidden || (!words.meaning.isEmpty() && !words.name.isEmpty() && !words.group.isEmpty()),
                         path.c_str());
            }
        }
    }

    void limitsSayWhatTheyWouldDoNow()
    {
        const Desk desk(Scenario::Live);
        auto snapshot = desk.terminal.copy();
        risk::Limits limits = risk::defaultLimits();
        snapshot.guard.accounts.front().limits = limits;
        for (auto &standing : snapshot.guard.standings) {
            if (standing.subject.kind == risk::BreakerKind::DayLoss)
                standing.reading = ratio("0.05");
        }
        const QStringList lines = ui::models::LimitsTexts::now(snapshot.guard, Venue::Binance, limits);
        QVERIFY2(lines.first().startsWith(u"Day loss is 5.00\u00A0% now, past 4.00\u00A0%"_s), qPrintable(lines.join(u'\n')));
    }

    // ---- the last 90 days ----

    void limitsSayWhatTheyWouldHaveDoneOnRecord()
    {
        Desk desk(Scenario::Live);
        openLimits(desk);
        auto *dialog = desk.window->limitsDialog();
        QCOMPARE(desk.terminal.pastAsked, 1);
        QVERIFY2(dialog->pastText().startsWith(u"Reading"_s), qPrintable(dialog->pastText()));
        desk.terminal.publishPast(lossyPast());
        desk.window->refreshNow();
        QVERIFY2(dialog->pastText().startsWith(u"On record from 2026-11-16 to 2026-11-16"_s), qPrintable(dialog->pastText()));
        auto *tree = dialog->findChild<QTreeWidget *>(u"limitsTree"_s);
        const auto noteOf = [tree](const QString &title) {
            const auto found = tree->findItems(title, Qt::MatchExactly | Qt::MatchRecursive, 0);
            return found.isEmpty() ? u"missing"_s : found.first()->text(2);
        };
        QCOMPARE(noteOf(u"Day loss"_s), u"In 90 days: alert 1×, block never, flatten never"_s);
        QCOMPARE(noteOf(ui::format::Words::breakerTitle(risk::BreakerKind::MarginRatio)), u"In 90 days: cannot be told, its readings are not on record."_s);
    }

    void aTighterLimitIsHeldAgainstTheRecordAtOnce()
    {
        Desk desk(Scenario::Live);
        desk.terminal.publishPast(lossyPast());
        openLimits(desk);
        desk.window->refreshNow();
        auto *dialog = desk.window->limitsDialog();
        QVERIFY(dialog->pastText().contains(u"would not have acted"_s));
        auto *tree = dialog->findChild<QTreeWidget *>(u"limitsTree"_s);
        const auto &breakers = dialog->edit()->wanted().breakers;
        const auto day = std::find_if(breakers.begin(), breakers.end(), [](const auto &breaker) {
            return breaker.kind == risk::BreakerKind::DayLoss && breaker.scope == risk::Scope::Account;
        });
        QVERIFY(day != breakers.end());
        const QString path = u"breaker[%1].tier[1].trigger"_s.arg(day - breakers.begin());
        QTreeWidgetItem *rearm = itemOf(tree, QString(path).replace(u"trigger"_s, u"rearm"_s));
        QVERIFY(rearm != nullptr);
        rearm->setText(1, u"1.5 %"_s);
        itemOf(tree, path)->setText(1, u"2.2 %"_s);
        QVERIFY2(dialog->edit()->errors().empty(), dialog->edit()->errors().empty() ? "" : dialog->edit()->errors().front().rule.c_str());
        QVERIFY2(dialog->pastText().contains(u"would have acted 1 time"_s), qPrintable(dialog->pastText()));
    }

    void withoutARecordNothingIsMadeUp()
    {
        Desk desk(Scenario::Live);
        desk.terminal.publishPast({});
        openLimits(desk);
        desk.window->refreshNow();
        QVERIFY2(desk.window->limitsDialog()->pastText().startsWith(u"No history yet"_s),
                 qPrintable(desk.window->limitsDialog()->pastText()));
        runtime::Past broken;
        broken.problem = "trades: row 12 is damaged";
        desk.terminal.publishPast(broken);
        desk.window->refreshNow();
        QVERIFY(desk.window->limitsDialog()->pastText().contains(u"row 12 is damaged"_s));
    }

    void limitsStandInTheOrderOfTheirDanger()
    {
        Desk desk(Scenario::Live);
        openLimits(desk);
        auto *tree = desk.window->limitsDialog()->findChild<QTreeWidget *>(u"limitsTree"_s);
        QVERIFY(tree->topLevelItemCount() > 3);
        QCOMPARE(tree->topLevelItem(0)->text(0), u"Account limits"_s);
        for (int i = 0; i < tree->topLevelItemCount(); ++i)
            QVERIFY2(tree->topLevelItem(i)->childCount() > 0, qPrintable(tree->topLevelItem(i)->text(0)));
    }

    void limitsAreSavedWithAReason()
    {
        Desk desk(Scenario::Live);
        desk.window->action(u"protection.limits"_s)->trigger();
        auto *dialog = desk.window->limitsDialog();
        QVERIFY(dialog->isVisible());
        auto *save = dialog->findChild<QPushButton *>(u"saveLimits"_s);
        auto *tree = dialog->findChild<QTreeWidget *>(u"limitsTree"_s);
        QTreeWidgetItem *item = itemOf(tree, u"sizing.risk_per_trade"_s);
        QVERIFY(item != nullptr);
        item->setText(1, u"0.25 %"_s);
        QVERIFY(!save->isEnabled()); // no reason yet
        QTest::keyClicks(dialog->findChild<QLineEdit *>(u"limitsReason"_s), u"smaller bets"_s);
        QVERIFY2(save->isEnabled(), qPrintable(save->toolTip()));
        QVERIFY(dialog->changesText().startsWith(u"At once: "_s));
        QVERIFY(desk.sent<runtime::SetLimits>().empty());
        save->click();
        const auto sent = desk.sent<runtime::SetLimits>();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent.front().reason, "smaller bets");
        QCOMPARE(sent.front().account, std::optional(Venue::Binance));
        QCOMPARE(sent.front().limits.sizing.riskPerTrade, ratio("0.0025"));
        QVERIFY(!sent.front().id.empty());
    }

    void cancelledLimitsSendNothing()
    {
        Desk desk(Scenario::Live);
        desk.window->action(u"protection.limits"_s)->trigger();
        itemOf(desk.window->limitsDialog()->findChild<QTreeWidget *>(), u"sizing.risk_per_trade"_s)->setText(1, u"0.25 %"_s);
        desk.window->limitsDialog()->reject();
        QVERIFY(desk.sent<runtime::SetLimits>().empty());
    }

    void panicOfOneSymbolIsAHoldAndLocks()
    {
        Desk desk(Scenario::Live);
        QMenu *menu = desk.window->findChild<QToolButton *>(u"panicMenu"_s)->menu();
        emit menu->aboutToShow();
        QStringList texts;
        for (const QAction *entry : menu->actions())
            texts << entry->text();
        QCOMPARE(texts.first(), u"Flatten every position…"_s);
        QCOMPARE(texts[1], u"Flatten every position on Binance USD-M…"_s);
        const auto at = texts.indexOf(u"Flatten BTCUSDT on Binance USD-M…"_s);
        QVERIFY2(at > 0, qPrintable(texts.join(u'\n')));
        menu->actions().at(at)->trigger();
        QVERIFY(desk.window->panicDialog()->isVisible());
        QVERIFY(desk.sent<runtime::Flatten>().empty());
        hold(desk.window->panicDialog()->holdButton());
        const auto sent = desk.sent<runtime::Flatten>();
        QCOMPARE(sent.size(), std::size_t{1});
        QVERIFY(sent.front().lock);
        QCOMPARE(sent.front().by, "panic");
        QCOMPARE(sent.front().instrument->symbol.string(), "BTCUSDT");
        QVERIFY2(desk.window->panicDialog()->text().contains(u"NOT FLAT: BTCUSDT"_s), qPrintable(desk.window->panicDialog()->text()));
    }

    void panicIsFlatOnlyOnAFreshWord()
    {
        const Desk desk(Scenario::Empty);
        auto snapshot = desk.terminal.copy();
        const UtcTime before = snapshot.at - std::chrono::seconds{2};
        const auto last = [&] { return ui::models::panicSteps(snapshot, {}, {}, before).last(); };
        QCOMPARE(last(), u"FLAT"_s);
        snapshot.account.freshness = Freshness::Stale;
        QCOMPARE(last(), u"Not known yet whether anything is left: the account is not fresh."_s);
        snapshot.account.freshness = Freshness::Fresh;
        snapshot.guard.reconciled = false;
        QVERIFY(last() != u"FLAT"_s);
    }

    void armingMayBeOfOneAccount()
    {
        Desk desk(Scenario::Live);
        auto snapshot = desk.terminal.copy();
        auto second = snapshot.guard.accounts.front();
        second.account = Venue::Hyperliquid;
        snapshot.guard.accounts.push_back(second);
        desk.publish(snapshot);
        QMenu *menu = nullptr;
        for (QMenu *one : desk.window->findChildren<QMenu *>()) {
            emit one->aboutToShow();
            for (QAction *entry : one->actions()) {
                if (entry->text().startsWith(u"Hyperliquid: "_s))
                    menu = entry->menu();
            }
        }
        QVERIFY(menu != nullptr);
        menu->actions().at(1)->trigger();
        QCOMPARE(desk.sent<runtime::SetArming>().size(), std::size_t{1});
        QCOMPARE(desk.sent<runtime::SetArming>().front().account, std::optional(Venue::Hyperliquid));
        QCOMPARE(desk.sent<runtime::SetArming>().front().arming, risk::Arming::AlertOnly);
    }

    void aTicketWithoutNumbersSendsNothing()
    {
        Desk desk(Scenario::Live);
        desk.window->action(u"orders.new"_s)->trigger();
        auto *ticket = desk.window->orderTicket();
        QVERIFY(ticket->isVisible());
        QVERIFY(!ticket->holdButton()->isEnabled());
        QVERIFY2(ticket->text().contains(u"a stop is needed"_s), qPrintable(ticket->text()));
    }

    void aTicketIsSizedPreviewedAndSent()
    {
        Desk desk(Scenario::Empty);
        desk.window->action(u"orders.new"_s)->trigger();
        auto *ticket = desk.window->orderTicket();
        const auto type = [&](const QString &name, const QString &text) {
            auto *edit = ticket->findChild<QLineEdit *>(name);
            edit->setText(text);
        };
        type(u"ticketPrice"_s, u"67000"_s);
        type(u"ticketStop"_s, u"66000"_s);
        type(u"ticketFee"_s, u"0.05"_s);
        QVERIFY2(ticket->text().contains(u"bound by"_s), qPrintable(ticket->text()));
        ticket->findChild<QPushButton *>(u"ticketUse"_s)->click();
        QVERIFY(!ticket->findChild<QLineEdit *>(u"ticketSize"_s)->text().isEmpty());
        QVERIFY2(ticket->text().contains(u"Worst loss with every stop: $"_s), qPrintable(ticket->text()));
        const auto questions = desk.sent<runtime::AskPreview>();
        QVERIFY(!questions.empty());
        auto snapshot = desk.terminal.copy();
        runtime::PreviewAnswer answer{.id = questions.back().id};
        answer.blocks = {{.reason = "day-loss", .scope = risk::Scope::Account, .number = "4.1 %", .limit = "4 %", .until = {}}};
        snapshot.preview = answer;
        desk.publish(snapshot);
        QVERIFY2(ticket->text().contains(u"✕ No new risk: day-loss (4.1 %), limit 4 %"_s), qPrintable(ticket->text()));
        hold(ticket->holdButton());
        const auto sent = desk.asked<orders::OrderIntent>();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent.front().order.limitPrice, std::optional(price("67000")));
        QVERIFY(sent.front().plannedRisk.has_value());
        QVERIFY(!ticket->holdButton()->isEnabled()); // one order per answer
        snapshot.answers = {{.id = sent.front().id,
                             .accepted = false,
                             .reasons = {{"day-loss", "4.1 %", "4 %", std::nullopt, "No new risk (account): day-loss, 4.1 %, limit 4 %."}}}};
        desk.publish(snapshot);
        QVERIFY2(ticket->outcome().startsWith(u"✕ Nothing was sent. No new risk"_s), qPrintable(ticket->outcome()));
    }

    void theTicketShowsWhatTheSafeguardsSay()
    {
        Desk desk(Scenario::Empty);
        desk.window->action(u"orders.new"_s)->trigger();
        auto *ticket = desk.window->orderTicket();
        const auto type = [&](const QString &name, const QString &text) { ticket->findChild<QLineEdit *>(name)->setText(text); };
        type(u"ticketPrice"_s, u"67000"_s);
        type(u"ticketStop"_s, u"66000"_s);
        type(u"ticketFee"_s, u"0.05"_s);
        type(u"ticketSize"_s, u"0.05"_s);
        type(u"ticketSetup"_s, u"pullback"_s);
        type(u"ticketReason"_s, u"planned"_s);
        const auto asked = desk.sent<runtime::AskPreview>().back();
        QCOMPARE(asked.order.order.quantity, quantity("0.05"));
        QCOMPARE(asked.order.setup, std::string("pullback"));
        QCOMPARE(asked.order.reason, std::string("planned"));
        QVERIFY(asked.order.plannedRisk.has_value());
        auto snapshot = desk.terminal.copy();
        runtime::PreviewAnswer answer{.id = asked.id};
        answer.safeguards.notes = {{"revenge", "3 min", "15 min", std::nullopt, "Revenge trade: 3 min after a loss.", true},
                                   {"escalation", "1.6 x", "1.5 x", std::nullopt, "Size escalation after a loss.", false}};
        answer.safeguards.tilt = 64.7;
        answer.safeguards.wantsReason = true;
        answer.safeguards.rung = 1;
        answer.safeguards.leverageCap = 2;
        snapshot.preview = answer;
        desk.publish(snapshot);
        for (const QString &line : {u"✕ Revenge trade: 3 min after a loss."_s, u"⚠ Size escalation after a loss."_s,
                                    u"Type a reason"_s, u"Tilt score 64 of 100."_s, u"rung 1, all positions at most 2× equity"_s})
            QVERIFY2(ticket->text().contains(line), qPrintable(ticket->text()));
        hold(ticket->holdButton());
        const auto sent = desk.asked<orders::OrderIntent>();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent.front().reason, std::string("planned"));
        snapshot.answers = {{.id = sent.front().id,
                             .accepted = true,
                             .reasons = {},
                             .advice = {{"escalation", "1.6 x", "1.5 x", std::nullopt, "Size escalation after a loss."}}}};
        desk.publish(snapshot);
        QVERIFY2(ticket->outcome().contains(u"⚠ Size escalation after a loss."_s), qPrintable(ticket->outcome()));
    }

    void theTicketSizesWithTheEstimates()
    {
        Desk desk(Scenario::Empty);
        desk.window->action(u"orders.new"_s)->trigger();
        auto *ticket = desk.window->orderTicket();
        for (const auto &[name, text] : {std::pair(u"ticketPrice"_s, u"67000"_s), std::pair(u"ticketStop"_s, u"66000"_s),
                                         std::pair(u"ticketFee"_s, u"0.05"_s)})
            ticket->findChild<QLineEdit *>(name)->setText(text);
        QVERIFY2(ticket->text().contains(u"the volatility is not known yet"_s), qPrintable(ticket->text()));
        auto snapshot = desk.terminal.copy();
        auto facts = std::make_shared<risk::SizingFacts>();
        risk::Estimate estimate;
        estimate.instrument = snapshot.markets.front().key;
        estimate.sigmaDay = Ratio::fromRaw(3'000'000);
        facts->estimates[estimate.instrument] = estimate;
        snapshot.sizing = facts;
        desk.publish(snapshot);
        QVERIFY2(ticket->text().contains(u"at a volatility of 57.3 %"_s), qPrintable(ticket->text()));
    }

    void theRiskDockShowsTilt()
    {
        orders::GuardView guard;
        orders::AccountGuardView account;
        account.reconciled = true;
        account.habits = {.tilt = 64.7, .rung = 2, .leverageCap = 1};
        guard.accounts = {account};
        const QString line = ui::models::accountLines(guard).join(u'\n');
        QVERIFY2(line.contains(u"tilt 64 of 100"_s) && line.contains(u"at most 1× equity"_s), qPrintable(line));
        guard.accounts.front().habits = {};
        QVERIFY(!ui::models::accountLines(guard).join(u'\n').contains(u"tilt"_s));
    }

    void aStaleMarkIsNoPrice()
    {
        const Desk desk(Scenario::StaleOneVenue);
        const auto snapshot = desk.terminal.copy();
        ui::models::TicketForm form;
        form.instrument = snapshot.markets.front().key;
        form.market = true;
        form.quantity = quantity("0.1");
        const auto view = ui::models::ticketView(snapshot, form);
        QVERIFY(!view.fillAt);
        QVERIFY(!view.order);
    }

    // ---- the ticket's stop, fees and funding ----

    void theStopGoesWithTheOrder()
    {
        Desk desk(Scenario::Live);
        auto *ticket = filledTicket(desk, u"66000"_s);
        QVERIFY2(ticket->text().contains(u"a reduce-only stop-market order for what has filled"_s), qPrintable(ticket->text()));
        hold(ticket->holdButton());
        const auto sent = desk.asked<orders::OrderIntent>();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent.front().stop, std::optional(parsePrice("66000").value()));
        QVERIFY(sent.front().plannedRisk.has_value());
    }

    void withoutAStopTheTicketSaysSo()
    {
        Desk desk(Scenario::Live);
        auto *ticket = filledTicket(desk, QString());
        QVERIFY2(ticket->text().contains(u"No stop goes with this order."_s), qPrintable(ticket->text()));
        hold(ticket->holdButton());
        QVERIFY(!desk.asked<orders::OrderIntent>().front().stop.has_value());
    }

    void aReductionLeavesItsStopOut()
    {
        Desk desk(Scenario::Live);
        auto *ticket = filledTicket(desk, u"66000"_s);
        ticket->findChild<QCheckBox *>(u"ticketReduceOnly"_s)->setChecked(true);
        QVERIFY2(ticket->text().contains(u"the one typed here is left out"_s), qPrintable(ticket->text()));
        hold(ticket->holdButton());
        QVERIFY(!desk.asked<orders::OrderIntent>().front().stop.has_value());
    }

    void theVenuesFeesOutrankTypedOnes()
    {
        Desk desk(Scenario::Live);
        auto *ticket = filledTicket(desk, u"66000"_s);
        QVERIFY2(ticket->text().contains(u"Fee: $1.68"_s), qPrintable(ticket->text())); // 0.05 % of 3,350, rounded up
        auto snapshot = desk.terminal.copy();
        snapshot.markets.front().fees = FeeRates{ratio("0.0002"), ratio("0.00045")};
        desk.terminal.publish(snapshot);
        desk.window->refreshNow();
        QVERIFY2(ticket->text().contains(u"Fee: $1.51"_s), qPrintable(ticket->text()));
        auto *fee = ticket->findChild<QLineEdit *>(u"ticketFee"_s);
        QVERIFY(!fee->isEnabled());
        QVERIFY2(fee->placeholderText().contains(u"taker 0.0450"_s), qPrintable(fee->placeholderText()));
    }

    void fundingIsOfEightHoursWhereTheIntervalIsKnown()
    {
        const Desk desk(Scenario::Live);
        auto snapshot = desk.terminal.copy();
        snapshot.account.positions.clear();
        snapshot.account.totals->maintenanceMargin = snapshot.account.totals->unrealizedPnl = Money{};
        snapshot.markets.front().markPrice->fundingRate = ratio("0.0001");
        ui::models::TicketForm form{.instrument = snapshot.markets.front().key,
                                    .limit = parsePrice("67000").value(),
                                    .stop = parsePrice("66000").value(),
                                    .quantity = parseQuantity("1").value(),
                                    .fee = ratio("0.0005")};
        const auto line = [&] { return ui::models::TicketTexts::preview(ui::models::ticketView(snapshot, form), 1).last(); };
        QCOMPARE(line(), u"Funding at the next payment: −6.70 (how often this market pays is not known)"_s);
        snapshot.markets.front().key.venue = form.instrument.venue = Venue::Hyperliquid;
        snapshot.guard.accounts.front().account = Venue::Hyperliquid;
        QCOMPARE(line(), u"Funding per 8 h at the present rate: −53.60"_s); // every hour
    }

    void whatIsHeldWithoutAStopHasNoWorstLoss()
    {
        const Desk desk(Scenario::Live);
        auto snapshot = desk.terminal.copy();
        std::erase_if(snapshot.account.positions, [&](const Position &p) { return p.instrument != snapshot.markets.front().key; });
        ui::models::TicketForm form{.instrument = snapshot.markets.front().key,
                                    .limit = parsePrice("67000").value(),
                                    .stop = parsePrice("66000").value(),
                                    .quantity = parseQuantity("0.05").value(),
                                    .fee = ratio("0.0005")};
        const auto view = ui::models::ticketView(snapshot, form);
        QVERIFY(view.preview && !view.preview->worstLoss); // 0.250 long are naked: the new stop is not theirs
        QVERIFY(view.plannedRisk.has_value());             // of the order alone
        form.stop.reset();
        QVERIFY(!ui::models::ticketView(snapshot, form).plannedRisk.has_value());
    }
};

QTEST_MAIN(TestRiskScreens)
#include "tst_risk_screens.moc"
