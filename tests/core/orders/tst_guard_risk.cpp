// Limits, lockouts, orders from the terminal and resting stops, as the guard carries them out on one and on two accounts.
#include <QtTest/QTest>

#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;
using core::risk::Arming;

namespace
{
const InstrumentKey kHyperEth{Venue::Hyperliquid, *Symbol::from("ETH")};

OrderRequest limitOrder(Side side, std::string_view size, std::string_view at, ReduceOnly reduceOnly = ReduceOnly::No)
{
    OrderRequest request;
    request.instrument = key();
    request.side = side;
    request.type = OrderType::Limit;
    request.quantity = quantity(size);
    request.limitPrice = price(at);
    request.reduceOnly = reduceOnly;
    return request;
}

OrderUpdate foreign(const char *id, Side side, std::string_view size, ReduceOnly reduceOnly, UtcTime at)
{
    OrderUpdate order;
    order.instrument = key();
    order.clientOrderId = *ClientOrderId::from(id);
    order.venueOrderId = {901};
    order.side = side;
    order.type = OrderType::Limit;
    order.status = OrderStatus::New;
    order.quantity = quantity(size);
    order.limitPrice = price("59000");
    order.reduceOnly = reduceOnly;
    order.venueTime = at;
    return order;
}

std::string codeOf(const Desk &desk)
{
    const auto refused = desk.among<IntentRefused>(desk.outputs);
    return refused.empty() ? std::string() : refused.front().reasons.front().code;
}

/// An account on Hyperliquid beside the desk's: armed, reconciled, long 10 ETH at 3000.
void openHyperliquid(Desk &desk, Quantity size = quantity("10"))
{
    Instrument eth = instrument();
    eth.key = kHyperEth;
    eth.tickSize = price("0.1");
    eth.stepSize = eth.marketStepSize = eth.quantityMin = eth.marketQuantityMin = quantity("0.001");
    eth.notionalMin = money("10");
    desk.apply(InstrumentReport{eth});
    desk.apply(LimitsChange{Venue::Hyperliquid, desk.limits});
    AccountSnapshot totals;
    totals.asset = *Asset::from("USDC");
    totals.walletBalance = totals.equity = totals.available = money("100000");
    totals.venueTime = desk.now;
    desk.apply(AccountReport{Venue::Hyperliquid, totals});
    desk.apply(PositionsReport{Venue::Hyperliquid, {}, Source::Query, true});
    desk.apply(ReconciledReport{Venue::Hyperliquid});
    desk.pass(1ms);
    Position position = desk.held("1");
    position.instrument = kHyperEth;
    position.quantity = size;
    position.entryPrice = price("3000");
    desk.apply(PositionsReport{Venue::Hyperliquid, {position}, Source::Stream, false});
    desk.apply(MarkTick{kHyperEth, price("3000"), desk.now});
}
} // namespace

class TestGuardRisk : public QObject
{
    Q_OBJECT

private slots:
    // ---- two accounts ----

    void oneVenueLostDoesNotStopTheOther()
    {
        Desk desk;
        desk.ready();
        openHyperliquid(desk);
        desk.apply(ReconciliationLostReport{Venue::Binance});
        desk.apply(MarkTick{kHyperEth, price("2900"), desk.now}); // 33 % of margin
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).instrument, kHyperEth);
        desk.tick(40);
        QVERIFY(desk.sent().empty());
        desk.apply(ReconciledReport{Venue::Binance});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).instrument, key());
    }

    void aSilentMarketDoesNotTakeTheProtectionOfOthers()
    {
        Desk desk;
        desk.ready();
        desk.apply(InstrumentReport{instrument("ETHUSDT")});
        desk.apply(MarkTick{key("ETHUSDT"), price("60000"), desk.now});
        desk.positions({desk.held("0.1", "ETHUSDT")}, Source::Stream, false);
        desk.apply(FreshnessReport{Venue::Binance, key("ETHUSDT"), Freshness::Lost});
        desk.tick(31);
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).instrument, key());
        desk.apply(MarkTick{key("ETHUSDT"), price("50000"), desk.now}); // its own stays untrusted
        QVERIFY(desk.sent().empty());
    }

    void armingNamesOneAccount()
    {
        Desk desk;
        desk.ready();
        openHyperliquid(desk);
        desk.apply(ArmingChange{Venue::Hyperliquid, Arming::AlertOnly, "user"});
        desk.apply(MarkTick{kHyperEth, price("2900"), desk.now});
        QVERIFY(desk.everSent().empty());
        desk.tick(40);
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void aPanicClosesEverywhereCancelsEntriesFirstAndLocks()
    {
        Desk desk;
        desk.ready();
        openHyperliquid(desk);
        desk.apply(OrderReport{foreign("phone-1", Side::Buy, "0.1", ReduceOnly::No, desk.now), Source::Stream});
        desk.apply(OrderReport{foreign("phone-2", Side::Sell, "0.1", ReduceOnly::Yes, desk.now), Source::Stream});
        desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, true, "panic"});
        QCOMPARE(desk.sent().size(), std::size_t{2});
        const auto cancels = desk.among<CancelOrder>(desk.outputs);
        QCOMPARE(cancels.size(), std::size_t{1});
        QCOMPARE(cancels[0].order.view(), std::string_view("phone-1"));
        const auto at = [&](auto is) {
            return std::find_if(desk.outputs.begin(), desk.outputs.end(), is) - desk.outputs.begin();
        };
        QVERIFY(at([](const GuardOutput &o) { return std::holds_alternative<CancelOrder>(o); }) <
                at([](const GuardOutput &o) { return std::holds_alternative<SendOrder>(o); }));
        QCOMPARE(desk.among<LockoutRecord>(desk.outputs).size(), std::size_t{2}); // one for each account
        desk.apply(OrderIntent{.id = "after", .order = limitOrder(Side::Buy, "0.01", "60000")});
        QCOMPARE(codeOf(desk), std::string("lockout"));
        const auto lockouts = desk.guard.view().lockouts;
        QCOMPARE(lockouts.size(), std::size_t{2});
        desk.pass(1s);
        for (const auto &lockout : lockouts)
            desk.apply(LockoutRelease{lockout.id, "typed"});
        QVERIFY(desk.guard.view().lockouts.empty());
    }

    void whatStaysBehindAFlatPositionIsSwept()
    {
        Desk desk;
        desk.ready();
        desk.apply(OrderReport{foreign("target", Side::Sell, "0.250", ReduceOnly::Yes, desk.now), Source::Stream});
        desk.apply(FlattenIntent{std::nullopt, key(), std::nullopt, false, "close dialog"});
        QVERIFY(desk.among<CancelOrder>(desk.outputs).empty());
        desk.fillWhole(desk.sent().at(0), "0");
        desk.pass(30ms);
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.all).size(), std::size_t{1});
        QCOMPARE(desk.among<CancelOrder>(desk.outputs).at(0).order.view(), std::string_view("target"));
        OrderUpdate gone = foreign("target", Side::Sell, "0.250", ReduceOnly::Yes, desk.now);
        gone.status = OrderStatus::Canceled;
        desk.apply(OrderReport{gone, Source::Stream});
        desk.pass(5s);
        desk.apply(TimerTick{});
        QVERIFY(desk.among<CancelOrder>(desk.outputs).empty());
    }

    // ---- from decision to flat ----

    void aThinBookIsTakenInSlices()
    {
        Desk desk;
        desk.ready("1.000");
        desk.apply(DepthReport{{.instrument = key(),
                                .mid = price("58200"),
                                .steps = {{ratio("0.001"), quantity("0.200"), quantity("0.200")},
                                          {ratio("0.004"), quantity("0.300"), quantity("0.300")},
                                          {ratio("0.02"), quantity("5"), quantity("5")}},
                                .complete = true,
                                .at = desk.now}});
        desk.tick(30);
        QCOMPARE(desk.sent().size(), std::size_t{1});
        const auto first = desk.sent().at(0);
        QCOMPARE(first.quantity, quantity("0.300")); // what lies within 0.5 % of the mark
        desk.fillWhole(first, "0.700");
        QVERIFY(desk.sent().empty());
        desk.pass(200ms);
        desk.tick(30);
        const auto second = desk.sent().at(0);
        QCOMPARE(second.quantity, quantity("0.300"));
        QCOMPARE(*second.limitPrice, *first.limitPrice); // a slice filled whole does not escalate
        QCOMPARE(desk.alerts("close-not-done"), 0);
    }

    void aRestBelowTheMinimumIsRaisedWhereTheVenueRefusesIt()
    {
        Desk desk;
        desk.ready();
        openHyperliquid(desk, quantity("0.002")); // 6 dollars, the venue wants 10
        desk.apply(MarkTick{kHyperEth, price("2900"), desk.now});
        const auto first = desk.sent().at(0);
        QCOMPARE(first.quantity, quantity("0.002")); // a whole close is tried as it is
        desk.apply(OutcomeReport{first.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected,
                                 "Order must have minimum value of $10."});
        desk.pass(600ms);
        desk.apply(MarkTick{kHyperEth, price("2900"), desk.now});
        const auto second = desk.sent().at(0);
        QCOMPARE(second.quantity, quantity("0.004")); // 11.6 dollars: the venue cuts it to flat
        QCOMPARE(second.reduceOnly, ReduceOnly::Yes);
    }

    // ---- orders from the terminal ----

    void anOrderPassesOnceAndIsFollowed()
    {
        Desk desk;
        desk.ready();
        desk.apply(OrderIntent{.id = "one", .order = limitOrder(Side::Buy, "0.010", "60000"), .by = "ticket"});
        QCOMPARE(desk.among<IntentAccepted>(desk.outputs).size(), std::size_t{1});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).clientOrderId.view(), std::string_view("eto-one"));
        const auto order = desk.sent().at(0);
        desk.apply(OrderIntent{.id = "one", .order = limitOrder(Side::Buy, "0.010", "60000")});
        QVERIFY(desk.sent().empty());
        QCOMPARE(codeOf(desk), std::string("duplicate-intent"));
        desk.apply(OutcomeReport{order.clientOrderId, RequestOutcome::Unknown, ErrorCode::TimedOut, ""});
        QCOMPARE(desk.among<QueryOrder>(desk.outputs).at(0).order, order.clientOrderId);
        desk.apply(OrderAbsentReport{order.clientOrderId});
        QCOMPARE(desk.alerts("order-absent"), 1);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
    }

    void theGateRefusesWithTheNumber_data()
    {
        QTest::addColumn<QString>("side");
        QTest::addColumn<QString>("size");
        QTest::addColumn<QString>("at");
        QTest::addColumn<QString>("code");
        QTest::newRow("three times the equity") << "buy" << "5" << "60000" << "above-order-notional";
        QTest::newRow("quantity and notional swapped") << "buy" << "900" << "60000" << "above-order-notional";
        QTest::newRow("a price 10 % away") << "buy" << "0.01" << "54000" << "price-far-from-mark";
        QTest::newRow("below the venue's minimum") << "buy" << "0.001" << "60000" << "below-notional-min";
        QTest::newRow("sell that flips") << "sell" << "5" << "60000" << "above-order-notional";
        QTest::newRow("fine") << "buy" << "0.010" << "60000" << "";
    }
    void theGateRefusesWithTheNumber()
    {
        QFETCH(QString, side);
        QFETCH(QString, size);
        QFETCH(QString, at);
        QFETCH(QString, code);
        Desk desk;
        desk.ready();
        desk.apply(OrderIntent{.id = "x",
                               .order = limitOrder(side == QLatin1StringView("buy") ? Side::Buy : Side::Sell,
                                                   size.toStdString(), at.toStdString())});
        QCOMPARE(QString::fromStdString(codeOf(desk)), code);
        QCOMPARE(desk.sent().size(), std::size_t(code.isEmpty() ? 1 : 0));
    }

    void aLoopThatSendsWithoutEndIsCut()
    {
        Desk desk;
        desk.ready();
        int accepted = 0;
        for (int i = 0; i < 10'000; ++i) {
            desk.pass(100us);
            desk.apply(OrderIntent{.id = "run-" + std::to_string(i), .order = limitOrder(Side::Buy, "0.002", "60000")});
            accepted += desk.sent().empty() ? 0 : 1;
        }
        QVERIFY(accepted >= 1);
        QVERIFY(accepted <= 2 * desk.limits.gate.ordersPerSecond);
        // What reduces is not counted and not held back.
        desk.apply(OrderIntent{.id = "out", .order = limitOrder(Side::Sell, "0.250", "60000", ReduceOnly::Yes)});
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void anOrderThatWouldBreachALimitIsRefusedWithTheNumber()
    {
        Desk desk;
        risk::Breaker gross{.kind = risk::BreakerKind::GrossExposure, .scope = risk::Scope::Account, .enabled = true, .tiers = {}};
        gross.tiers = {{.id = "block", .trigger = ratio("1"), .rearm = ratio("0.9"), .action = risk::TierAction::BlockNewRisk}};
        desk.limits.breakers.push_back(gross);
        desk.ready(); // 15,000 of 100,000
        desk.apply(OrderIntent{.id = "small", .order = limitOrder(Side::Buy, "1", "60000")});
        QCOMPARE(desk.sent().size(), std::size_t{1}); // 75 %
        desk.apply(OrderIntent{.id = "next", .order = limitOrder(Side::Buy, "1", "60000")});
        QVERIFY(desk.sent().empty()); // with the one that rests, 135 %
        const auto refused = desk.among<IntentRefused>(desk.outputs).at(0);
        QCOMPARE(refused.reasons.at(0).code, std::string("gross-exposure"));
        QCOMPARE(refused.reasons.at(0).got, std::string("135 %"));
        QCOMPARE(refused.reasons.at(0).limit, std::string("100 %"));
        desk.apply(OrderIntent{.id = "less", .order = limitOrder(Side::Sell, "0.1", "60000")}); // takes from the position
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void whatRestsElsewhereCountsAsIfItWereFilled_data()
    {
        QTest::addColumn<bool>("reduceOnly");
        QTest::addColumn<QString>("code");
        QTest::newRow("an entry order on another coin") << false << "gross-exposure";
        QTest::newRow("an order there that can only reduce") << true << "";
    }
    void whatRestsElsewhereCountsAsIfItWereFilled()
    {
        QFETCH(bool, reduceOnly);
        QFETCH(QString, code);
        Desk desk;
        risk::Breaker gross{.kind = risk::BreakerKind::GrossExposure, .scope = risk::Scope::Account, .enabled = true, .tiers = {}};
        gross.tiers = {{.id = "block", .trigger = ratio("1"), .rearm = ratio("0.9"), .action = risk::TierAction::BlockNewRisk}};
        desk.limits.breakers.push_back(gross);
        desk.ready(); // 15,000 of 100,000
        desk.apply(InstrumentReport{instrument("ETHUSDT")});
        desk.apply(MarkTick{key("ETHUSDT"), price("2900"), desk.now});
        OrderUpdate other = foreign("phone", Side::Buy, "20", reduceOnly ? ReduceOnly::Yes : ReduceOnly::No, desk.now);
        other.instrument = key("ETHUSDT");
        other.limitPrice = price("2900"); // 58,000
        desk.apply(OrderReport{other, Source::Stream});
        desk.apply(OrderIntent{.id = "next", .order = limitOrder(Side::Buy, "0.5", "60000")}); // 30,000 more
        QCOMPARE(QString::fromStdString(codeOf(desk)), code);
        if (code.isEmpty())
            return;
        const auto refused = desk.among<IntentRefused>(desk.outputs).at(0);
        QCOMPARE(refused.reasons.size(), std::size_t{1});
        QCOMPARE(refused.reasons.at(0).got, std::string("103 %"));
        QVERIFY(refused.reasons.at(0).text.find("with every order that rests") != std::string::npos);
        desk.apply(OrderIntent{.id = "fits", .order = limitOrder(Side::Buy, "0.4", "60000")}); // 97 %
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void whatOnlyTakesFromAPositionIsBoundToReduceWhileLocked_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QString>("size");
        QTest::addColumn<bool>("sent");
        QTest::newRow("a limit order that rests") << 0 << "0.250" << true;
        QTest::newRow("a market order") << 1 << "0.250" << true;
        QTest::newRow("a stop") << 2 << "0.250" << true;
        QTest::newRow("a limit order that would turn the position round") << 0 << "0.251" << false;
        QTest::newRow("a stop that would turn the position round") << 2 << "0.251" << false;
    }
    void whatOnlyTakesFromAPositionIsBoundToReduceWhileLocked()
    {
        QFETCH(int, type);
        QFETCH(QString, size);
        QFETCH(bool, sent);
        Desk desk;
        desk.ready();
        risk::Lockout lockout;
        lockout.id = "lock";
        lockout.scope = risk::Scope::Account;
        lockout.account = Venue::Binance;
        lockout.reason = "manual";
        lockout.startedAt = desk.now;
        lockout.until = desk.now + 1h;
        risk::History history;
        history.account = Venue::Binance;
        history.lockouts.push_back(lockout);
        desk.apply(HistoryReport{history});
        OrderRequest order = limitOrder(Side::Sell, size.toStdString(), "61000");
        if (type != 0) {
            order.limitPrice.reset();
            order.type = type == 1 ? OrderType::Market : OrderType::StopMarket;
        }
        if (type == 2)
            order.triggerPrice = price("59000");
        desk.apply(OrderIntent{.id = "out", .order = order});
        QCOMPARE(desk.sent().size(), std::size_t(sent ? 1 : 0));
        if (sent)
            QCOMPARE(desk.sent().at(0).reduceOnly, ReduceOnly::Yes);
        else
            QCOMPARE(codeOf(desk), std::string("lockout"));
    }

    void whatGrewWhileNobodyWatchedIsTakenBack_data()
    {
        QTest::addColumn<int>("when"); // minutes after the lock; negative: before
        QTest::addColumn<QString>("reducedBy");
        QTest::newRow("bought on the phone while the program was down") << 5 << "0.150";
        QTest::newRow("bought before the lock") << -5 << "";
    }
    void whatGrewWhileNobodyWatchedIsTakenBack()
    {
        QFETCH(int, when);
        QFETCH(QString, reducedBy);
        Desk desk;
        desk.begin(Arming::Armed, "restart");
        risk::Lockout lockout;
        lockout.id = "lock";
        lockout.scope = risk::Scope::Account;
        lockout.account = Venue::Binance;
        lockout.reason = "day-loss";
        lockout.startedAt = desk.now - 10min;
        lockout.until = desk.now + 1h;
        risk::History history;
        history.account = Venue::Binance;
        history.lockouts.push_back(lockout);
        desk.apply(HistoryReport{history});
        Position now = desk.held("0.400");
        desk.positions({now}, Source::Query, true);
        desk.tick(0);
        Fill bought;
        bought.instrument = key();
        bought.tradeId = 7;
        bought.side = Side::Buy;
        bought.quantity = quantity("0.150");
        bought.price = price("60000");
        bought.venueTime = lockout.startedAt + std::chrono::minutes{when};
        desk.apply(FillReport{bought, Source::Query});
        desk.apply(ReconciledReport{});
        desk.pass(1s);
        desk.tick(0);
        desk.positions({now}, Source::Query, true);
        const auto sent = desk.everSent();
        QCOMPARE(sent.size(), std::size_t(reducedBy.isEmpty() ? 0 : 1));
        if (reducedBy.isEmpty())
            return;
        QCOMPARE(sent[0].quantity, quantity(reducedBy.toStdString()));
        QCOMPARE(sent[0].reduceOnly, ReduceOnly::Yes);
        QCOMPARE(desk.alerts("increase-taken-back"), 1);
    }

    void aVerdictOverAllAccountsSaysThatItActs()
    {
        Desk desk;
        risk::Limits joint = risk::defaultGroupLimits();
        for (risk::Breaker &breaker : joint.breakers) {
            breaker.enabled = breaker.kind == risk::BreakerKind::EffectiveLeverage;
            if (breaker.enabled)
                breaker.tiers = {{.id = "block", .trigger = ratio("0.1"), .rearm = ratio("0.09"), .action = risk::TierAction::BlockNewRisk}};
        }
        desk.apply(LimitsChange{std::nullopt, joint});
        desk.ready(); // 0.15 x
        const auto verdicts = desk.among<Verdict>(desk.all);
        QCOMPARE(verdicts.size(), std::size_t{1});
        QVERIFY(verdicts[0].acts);
        QCOMPARE(verdicts[0].arming, Arming::Armed);
    }

    void nothingOpensOnDoubtAndEverythingCloses()
    {
        Desk desk;
        desk.ready();
        desk.apply(ReconciliationLostReport{});
        desk.apply(OrderIntent{.id = "in", .order = limitOrder(Side::Buy, "0.010", "60000")});
        QCOMPARE(codeOf(desk), std::string("not-reconciled"));
        desk.apply(OrderIntent{.id = "out", .order = limitOrder(Side::Sell, "0.250", "60000", ReduceOnly::Yes)});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        desk.apply(CancelIntent{"cancel", key(), *ClientOrderId::from("phone-1"), "user"});
        QCOMPARE(desk.among<CancelOrder>(desk.outputs).size(), std::size_t{1});
    }

    /// Fills become round trips inside the guard: two losing ones in a row lock.
    void twoLossesInARowLock()
    {
        Desk desk;
        risk::Breaker row{.kind = risk::BreakerKind::ConsecutiveLosses, .scope = risk::Scope::Account, .enabled = true, .tiers = {}};
        row.tiers = {{.id = "two", .trigger = ratio("2"), .rearm = ratio("1"), .action = risk::TierAction::BlockNewRisk}};
        row.tiers.front().coolingOff = 1h;
        desk.limits.breakers.push_back(row);
        desk.begin(Arming::Armed, "user");
        desk.positions({}, Source::Query, true);
        desk.apply(ReconciledReport{});
        std::int64_t trade = 500;
        const auto fill = [&](Side side, std::string_view at, std::string_view realised) {
            desk.pass(1s);
            desk.positions({desk.held(side == Side::Buy ? "0.1" : "0")}, Source::Stream, false);
            Fill f;
            f.instrument = key();
            f.tradeId = ++trade;
            f.side = side;
            f.price = price(at);
            f.quantity = quantity("0.1");
            f.fee = money("1");
            f.feeAsset = *Asset::from("USDT");
            f.realizedPnl = money(realised);
            f.venueTime = desk.now;
            desk.apply(FillReport{f, Source::Stream});
        };
        for (int i = 0; i < 2; ++i) {
            QVERIFY(desk.among<LockoutRecord>(desk.all).empty());
            fill(Side::Buy, "60000", "0");
            fill(Side::Sell, "59000", "-100");
        }
        const auto locked = desk.among<LockoutRecord>(desk.all);
        QCOMPARE(locked.size(), std::size_t{1});
        QCOMPARE(locked[0].lockout.reason, std::string("consecutive-losses"));
        QCOMPARE(desk.guard.history(Venue::Binance).trips.size(), std::size_t{2});
        QCOMPARE(desk.guard.history(Venue::Binance).trips.at(0).net, money("-102"));
    }

    // ---- lockouts hold for what is placed elsewhere ----

    static risk::Lockout lockout(UtcTime at)
    {
        return {.id = "test",
                .scope = risk::Scope::Account,
                .account = Venue::Binance,
                .instrument = std::nullopt,
                .reason = "day-loss",
                .startedAt = at,
                .until = at + 1h,
                .needsRelease = false};
    }
    static void lock(Desk &desk)
    {
        risk::History history;
        history.account = Venue::Binance;
        history.lockouts = {lockout(desk.now)};
        desk.apply(HistoryReport{history});
    }

    void whileLockedEntriesAreTakenBackAndGrowthIsReduced()
    {
        Desk desk;
        desk.ready();
        lock(desk);
        desk.pass(1s);
        desk.apply(OrderReport{foreign("phone-1", Side::Buy, "0.1", ReduceOnly::No, desk.now), Source::Stream});
        QCOMPARE(desk.among<CancelOrder>(desk.outputs).size(), std::size_t{1});
        desk.apply(OrderReport{foreign("stop", Side::Sell, "0.1", ReduceOnly::Yes, desk.now), Source::Stream});
        QVERIFY(desk.among<CancelOrder>(desk.outputs).empty());
        desk.tick(0);
        desk.positions({desk.held("0.400")}, Source::Stream, false); // grew by 0.150 on the phone
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.150"));
        QCOMPARE(desk.sent().at(0).reduceOnly, ReduceOnly::Yes);
        QCOMPARE(desk.alerts("increase-taken-back"), 1);
    }

    void alertOnlySaysSoAndSendsNothing()
    {
        Desk desk;
        desk.ready("0.250", Arming::AlertOnly);
        lock(desk);
        desk.pass(1s);
        desk.apply(OrderReport{foreign("phone-1", Side::Buy, "0.1", ReduceOnly::No, desk.now), Source::Stream});
        desk.positions({desk.held("0.400")}, Source::Stream, false);
        desk.apply(TimerTick{});
        QVERIFY(desk.everSent().empty());
        QVERIFY(desk.among<CancelOrder>(desk.all).empty());
        QCOMPARE(desk.alerts("increase-while-locked"), 1);
        QCOMPARE(desk.alerts("entry-while-locked"), 1);
    }

    void whatWasOpenAtAStartIsNotTakenForGrowth()
    {
        Desk desk;
        desk.begin(Arming::Armed, "restart");
        lock(desk);
        desk.positions({desk.held("0.250")}, Source::Query, true);
        desk.apply(ReconciledReport{});
        desk.tick(0);
        desk.apply(TimerTick{});
        QVERIFY(desk.everSent().empty());
    }

    // ---- resting stops ----

    void everyOpenUnitGetsAStopAndAClosedOneLosesIt()
    {
        Desk desk;
        desk.limits.backstop.enabled = true;
        desk.ready();
        desk.apply(CapabilitiesReport{.account = Venue::Binance, .conditionalOrders = true});
        desk.apply(TimerTick{});
        auto sent = desk.everSent();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent[0].type, OrderType::StopMarket);
        QCOMPARE(sent[0].reduceOnly, ReduceOnly::Yes);
        QCOMPARE(sent[0].quantity, quantity("0.250"));
        QVERIFY(*sent[0].triggerPrice >= price("58200")); // not later than where the guard itself would close
        QVERIFY(*sent[0].triggerPrice < price("60000"));
        desk.apply(OutcomeReport{sent[0].clientOrderId, RequestOutcome::Accepted, {}, ""});
        OrderUpdate rests;
        rests.instrument = key();
        rests.clientOrderId = sent[0].clientOrderId;
        rests.side = Side::Sell;
        rests.type = OrderType::StopMarket;
        rests.status = OrderStatus::New;
        rests.quantity = sent[0].quantity;
        rests.reduceOnly = ReduceOnly::Yes;
        rests.triggerPrice = sent[0].triggerPrice;
        rests.venueTime = desk.now;
        desk.apply(OrderReport{rests, Source::Stream});
        QCOMPARE(desk.guard.view().cover.at(0).state, std::string("covered"));
        desk.pass(1s);
        desk.positions({desk.held("0")}, Source::Stream, false);
        desk.pass(100ms);
        desk.positions({}, Source::Query, true);
        desk.pass(1s);
        desk.apply(TimerTick{});
        const auto cancels = desk.among<CancelOrder>(desk.all);
        QVERIFY(!cancels.empty());
        QCOMPARE(cancels[0].order, sent[0].clientOrderId);
    }

    void withoutArmingNoStopIsSent()
    {
        Desk desk;
        desk.limits.backstop.enabled = true;
        desk.ready("0.250", Arming::AlertOnly);
        for (int i = 0; i < 20; ++i) {
            desk.pass(1s);
            desk.tick(0);
            desk.apply(TimerTick{});
        }
        QVERIFY(desk.everSent().empty());
    }
};

QTEST_APPLESS_MAIN(TestGuardRisk)
#include "tst_guard_risk.moc"
