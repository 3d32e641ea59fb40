#include <QtTest/QTest>

#include "core/orders/flatten_plan.h"
#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;
using risk::Arming;

class TestGuard : public QObject
{
    Q_OBJECT

private slots:
    /// After SIGCONT, or when a line comes back, what waited is read in one burst: new for us, old at the venue.
    void aPriceThatWaitedInTheSocketIsNotActedOn()
    {
        Desk desk;
        desk.ready();
        const UtcTime stopped = desk.now;
        desk.pass(std::chrono::seconds{8});
        desk.apply(MarkTick{key(), desk.markAtLoss(40), stopped + std::chrono::seconds{1}});
        QVERIFY(desk.sent().empty());
        desk.apply(MarkTick{key(), desk.markAtLoss(40), desk.now});
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void alertsThenReducesThenCloses_data() { bothDirections(); }
    void alertsThenReducesThenCloses()
    {
        Desk desk(direction());
        const Side closing = direction() == Direction::Long ? Side::Sell : Side::Buy;
        desk.ready();
        desk.tick(14.9);
        QVERIFY(desk.outputs.empty());
        desk.tick(15);
        QCOMPARE(desk.alerts("loss-on-margin-near"), 1);
        QVERIFY(desk.sent().empty());
        QVERIFY(!desk.among<Verdict>(desk.outputs).at(0).acts);

        desk.tick(22.5);
        auto sent = desk.sent();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent[0].quantity, quantity("0.125"));
        QCOMPARE(sent[0].side, closing);
        QCOMPARE(sent[0].reduceOnly, ReduceOnly::Yes);
        QCOMPARE(sent[0].type, OrderType::Limit);
        QCOMPARE(sent[0].timeInForce, TimeInForce::ImmediateOrCancel);
        QVERIFY(desk.among<Verdict>(desk.outputs).at(0).acts);
        desk.fillWhole(sent[0], "0.125");
        QVERIFY(!desk.among<QueryPositions>(desk.all).empty());
        QVERIFY(desk.among<ActionVerified>(desk.all).empty());
        desk.pass(30ms);
        desk.positions({desk.held("0.125")}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.outputs).size(), std::size_t{1});
        QCOMPARE(desk.alerts("reduce-verified"), 1);
        desk.tick(25);
        QVERIFY(desk.outputs.empty());

        desk.tick(30);
        sent = desk.sent();
        QCOMPARE(sent.size(), std::size_t{1});
        QCOMPARE(sent[0].quantity, quantity("0.125"));
        const auto verdict = desk.among<Verdict>(desk.outputs).at(0);
        QCOMPARE(verdict.tier, std::string("close"));
        QCOMPARE(verdict.reading, ratio("0.3"));
        QCOMPARE(verdict.trigger, ratio("0.3"));
        QCOMPARE(verdict.mark.value(), desk.markAtLoss(30));
        QCOMPARE(verdict.targets.at(0).closing, quantity("0.125"));
        QCOMPARE(sent[0].clientOrderId.string(), verdict.decisionId + "-1");
        desk.fillWhole(sent[0], "0");
        desk.pass(30ms);
        desk.positions({}, Source::Query, true);
        const auto verified = desk.among<ActionVerified>(desk.outputs);
        QCOMPARE(verified.size(), std::size_t{1});
        QCOMPARE(verified[0].took, Duration(50ms));
        QCOMPARE(verified[0].closed, quantity("0.125"));
        QCOMPARE(*verified[0].averagePrice, price("58000"));
        QCOMPARE(verified[0].attempts, 1);
        QVERIFY(verified[0].byStreamAt.has_value());
        QCOMPARE(desk.alerts("close-verified"), 1);
        QCOMPARE(desk.guard.view().actions.at(0).step, std::string("flat"));
        QVERIFY(desk.guard.view().actions.at(0).done);
    }

    void theTextSaysItInNumbers()
    {
        Desk desk;
        desk.ready();
        desk.apply(MarkTick{key(), price("58128.05"), desk.now});
        QCOMPARE(desk.alertText("loss-on-margin-close"),
                 std::string("BTCUSDT long 0.250: loss 31.19 % of margin ≥ 30 % (mark 58,128.05). "
                             "Closing it. Reduce-only: BTCUSDT 0.250."));
        // 58128.05 × 0.995 = 57837.40975, up to the tick
        QCOMPARE(*desk.sent().at(0).limitPrice, price("57837.5"));
    }

    void aJumpThroughEverythingClosesOnce_data() { bothDirections(); }
    void aJumpThroughEverythingClosesOnce()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(99);
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.250"));
        for (int i = 0; i < 20; ++i)
            desk.tick(60 + 2 * i);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        QCOMPARE(desk.among<Verdict>(desk.all).size(), std::size_t{1});
    }

    /// Several fills within one millisecond: the order says "filled" before the last fill and the position that goes with it.
    void theOrderAheadOfItsLastFillSendsNothingMore_data() { bothDirections(); }
    void theOrderAheadOfItsLastFillSendsNothingMore()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(99);
        const auto order = desk.sent().at(0);
        desk.pass(20ms);
        desk.orderReport(order, OrderStatus::PartiallyFilled, quantity("0.200"));
        desk.fill(order, 1, "0.200", "58000");
        desk.positions({desk.held("0.050")}, Source::Stream, false);
        desk.orderReport(order, OrderStatus::Filled, quantity("0.250"));
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        desk.fill(order, 2, "0.050", "58000");
        desk.positions({desk.held("0")}, Source::Stream, false);
        desk.pass(1ms);
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        QCOMPARE(desk.among<ActionVerified>(desk.all).size(), std::size_t{1});
    }

    /// The same, but the position really has grown in between: what is left is closed after a short look.
    void whatIsReallyLeftIsClosedAfterALook()
    {
        Desk desk;
        desk.ready();
        desk.tick(99);
        const auto order = desk.sent().at(0);
        desk.pass(20ms);
        desk.orderReport(order, OrderStatus::Filled, quantity("0.250"));
        desk.fill(order, 1, "0.250", "58000");
        desk.positions({desk.held("0.050")}, Source::Stream, false);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        QVERIFY(!desk.among<QueryPositions>(desk.all).empty());
        desk.pass(600ms);
        desk.tick(99);
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        QCOMPARE(desk.everSent().at(1).quantity, quantity("0.050"));
    }

    void offSaysNothingAndSendsNothing_data() { bothDirections(); }
    void offSaysNothingAndSendsNothing()
    {
        Desk desk(direction());
        desk.ready("0.250", Arming::Off);
        desk.all.clear();
        for (const double loss : {10.0, 20.0, 50.0, 200.0}) {
            desk.tick(loss);
            desk.pass(1s);
            desk.apply(TimerTick{});
        }
        QVERIFY(desk.all.empty());
    }

    void alertOnlySaysWhatItWouldDo_data() { bothDirections(); }
    void alertOnlySaysWhatItWouldDo()
    {
        Desk desk(direction());
        desk.ready("0.250", Arming::AlertOnly);
        desk.tick(23);
        desk.tick(31);
        QVERIFY(desk.everSent().empty());
        const auto verdicts = desk.among<Verdict>(desk.all);
        QCOMPARE(verdicts.size(), std::size_t{2});
        QVERIFY(!verdicts[0].acts && !verdicts[1].acts);
        QVERIFY(verdicts[1].text.find("Alert only") != std::string::npos);
        QCOMPARE(desk.alerts("loss-on-margin-would-reduce"), 1);
        QCOMPARE(desk.alerts("loss-on-margin-would-close"), 1);
        // Armed afterwards, the same loss acts: what alert-only said has used nothing up.
        desk.apply(ArmingChange{std::nullopt, Arming::Armed, "user"});
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void nothingBeforeReconciledThenItActs()
    {
        Desk desk;
        desk.begin(Arming::Armed, "user");
        desk.positions({desk.held("0.250")}, Source::Stream, false);
        desk.tick(40);
        QVERIFY(desk.everSent().empty());
        QCOMPARE(desk.alerts("blind"), 1);
        desk.tick(41);
        QCOMPARE(desk.alerts("blind"), 1);
    }

    void nothingOnStaleMarksOrAccounts()
    {
        Desk desk;
        desk.ready();
        desk.apply(FreshnessReport{Venue::Binance, key(), Freshness::Stale});
        desk.tick(40);
        QVERIFY(desk.everSent().empty());
        QVERIFY(desk.guard.view().blind);
        desk.pass(11s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.alerts("not-evaluable"), 1);
        QCOMPARE(desk.guard.view().breakers.at(0).word, BreakerView::Word::Unknown);
        desk.apply(FreshnessReport{Venue::Binance, key(), Freshness::Fresh});
        desk.apply(FreshnessReport{Venue::Binance, std::nullopt, Freshness::Lost});
        desk.tick(40);
        QVERIFY(desk.everSent().empty());
        QVERIFY(desk.alerts("blind") >= 1);
        desk.apply(ReconciliationLostReport{});
        desk.apply(FreshnessReport{Venue::Binance, std::nullopt, Freshness::Fresh});
        QVERIFY(desk.everSent().empty());
        desk.apply(ReconciledReport{});
        QCOMPARE(desk.sent().size(), std::size_t{1}); // the mark is still fresh
    }

    void anOldMarkIsStaleByItself()
    {
        Desk desk;
        desk.ready();
        desk.apply(ArmingChange{std::nullopt, Arming::AlertOnly, "user"});
        desk.tick(40);
        desk.pass(3001ms);
        desk.apply(ArmingChange{std::nullopt, Arming::Armed, "user"});
        QVERIFY(desk.everSent().empty());
        desk.pass(58s); // quiet, but asked about before it counts as stale
        desk.apply(TimerTick{});
        QVERIFY(!desk.among<QueryPositions>(desk.outputs).empty());
    }

    void escalatesFromLimitToMarket_data() { bothDirections(); }
    void escalatesFromLimitToMarket()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(30);
        const bool isLong = direction() == Direction::Long;
        const auto first = desk.sent().at(0);
        QCOMPARE(*first.limitPrice, price(isLong ? "57909" : "62109")); // 58200 × 0.995, 61800 × 1.005
        desk.pass(20ms);
        desk.orderReport(first, OrderStatus::PartiallyFilled, quantity("0.050"));
        desk.fill(first, 1, "0.050", "58200");
        desk.orderReport(first, OrderStatus::Expired, quantity("0.050"));
        const auto second = desk.sent().at(0);
        QCOMPARE(second.quantity, quantity("0.200"));
        QCOMPARE(*second.limitPrice, price(isLong ? "57327" : "62727")); // 1.5 %
        QVERIFY(second.clientOrderId.view().ends_with("-2"));
        desk.pass(20ms);
        desk.orderReport(second, OrderStatus::Expired, {});
        const auto third = desk.sent().at(0);
        QCOMPARE(third.type, OrderType::Market);
        QVERIFY(!third.limitPrice);
        QVERIFY(third.clientOrderId.view().ends_with("-3"));
        desk.pass(20ms);
        QCOMPARE(desk.alerts("close-not-done"), 0);
        desk.orderReport(third, OrderStatus::Expired, {});
        QCOMPARE(desk.alerts("close-not-done"), 1); // three failures
        QVERIFY(desk.sent().empty());               // and now with pauses
        desk.pass(250ms);
        desk.tick(31);
        QVERIFY(desk.sent().at(0).clientOrderId.view().ends_with("-4"));
    }

    /// Together the two could reduce by more than was decided.
    void anUnknownReductionIsNeverSentAgain_data() { bothDirections(); }
    void anUnknownReductionIsNeverSentAgain()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(23);
        const auto first = desk.sent().at(0);
        desk.apply(
            OutcomeReport{first.clientOrderId, RequestOutcome::Unknown, ErrorCode::TimedOut, "no answer"});
        QCOMPARE(desk.among<QueryOrder>(desk.outputs).at(0).order, first.clientOrderId);
        QCOMPARE(desk.alerts("order-unknown"), 1);
        QCOMPARE(desk.guard.view().actions.at(0).step, std::string("unknown – asking the venue"));
        for (int second = 0; second < 20; ++second) {
            desk.pass(1s);
            desk.tick(23);
            desk.apply(TimerTick{});
        }
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        QVERIFY(desk.among<QueryOrder>(desk.all).size() >= 10);
        QCOMPARE(desk.alerts("close-not-done"), 1); // after 5 s
        desk.apply(OrderAbsentReport{first.clientOrderId});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QVERIFY(desk.sent().at(0).clientOrderId.view().ends_with("-2"));
    }

    /// What the first one may still do, the second one cannot do twice: both are reduce-only.
    void aCloseWithoutAnswerIsFollowedByAnotherAfterTwoSeconds_data() { bothDirections(); }
    void aCloseWithoutAnswerIsFollowedByAnotherAfterTwoSeconds()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.apply(OutcomeReport{first.clientOrderId, RequestOutcome::Unknown, ErrorCode::TimedOut, "no answer"});
        desk.pass(1'999ms);
        desk.tick(31);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        desk.pass(1ms);
        desk.tick(31);
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        const auto second = desk.sent().at(0);
        QVERIFY(second.clientOrderId.view().ends_with("-2"));
        QCOMPARE(second.reduceOnly, ReduceOnly::Yes);
        QCOMPARE(second.quantity, quantity("0.250"));
        // The first one had been executed all the same: the venue refuses the second, and nothing more is sent.
        desk.fillWhole(first, "0");
        desk.apply(OutcomeReport{second.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected, "-2022"});
        desk.pass(1s);
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.outputs).size(), std::size_t{1});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
    }

    void anOrderThatTheVenueHasConfirmedHoldsTheNextBack()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        desk.orderReport(desk.sent().at(0), OrderStatus::New, {});
        desk.pass(3s);
        desk.tick(31);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
    }

    void noAnswerAtAllIsAskedForAfterTwoSeconds()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        desk.pass(1999ms);
        desk.apply(TimerTick{});
        QVERIFY(desk.among<QueryOrder>(desk.outputs).empty());
        desk.pass(1ms);
        desk.apply(TimerTick{});
        QCOMPARE(desk.among<QueryOrder>(desk.outputs).size(), std::size_t{1});
        const auto second = desk.everSent().at(1);
        desk.orderReport(desk.everSent().at(0), OrderStatus::Filled, quantity("0.250"), Source::Query);
        desk.apply(OutcomeReport{second.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected, "-2022"});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        QVERIFY(!desk.among<QueryPositions>(desk.outputs).empty());
    }

    /// The account stream is dead and does not say so: the venue has confirmed the order, and nothing else is heard of it.
    void aConfirmedCloseIsAskedForAfterHalfASecond()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        const auto close = desk.sent().at(0);
        desk.apply(OutcomeReport{close.clientOrderId, RequestOutcome::Accepted, ErrorCode::TimedOut, {}});
        desk.pass(499ms);
        desk.tick(30);
        QVERIFY(desk.among<QueryOrder>(desk.outputs).empty());
        desk.pass(1ms);
        desk.tick(30);
        QCOMPARE(desk.among<QueryOrder>(desk.outputs).size(), std::size_t{1});
        QCOMPARE(desk.among<QueryOrder>(desk.outputs).at(0).order, close.clientOrderId);
    }

    void aRefusalLooksAtThePositionFirst()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.apply(OutcomeReport{first.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected,
                                 "ReduceOnly Order is rejected."});
        QVERIFY(desk.sent().empty());
        QVERIFY(!desk.among<QueryPositions>(desk.outputs).empty());
        QVERIFY(desk.alertText("order-rejected").find("ReduceOnly Order is rejected.") != std::string::npos);
        desk.pass(50ms);
        desk.positions({desk.held("0.100")}, Source::Query, true); // somebody has closed a part by hand
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.100"));
        const auto second = desk.sent().at(0);
        desk.apply(OutcomeReport{second.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected, ""});
        desk.pass(600ms); // and without an answer it goes on after half a second
        desk.apply(TimerTick{});
        QCOMPARE(desk.sent().at(0).type, OrderType::Market);
    }

    void largeClosesGoInPiecesThatAddUp()
    {
        Desk desk;
        desk.ready("250");
        desk.tick(30);
        const auto sent = desk.sent();
        QCOMPARE(sent.size(), std::size_t{3});
        std::int64_t sum = 0;
        for (const auto &order : sent) {
            QVERIFY(order.quantity <= quantity("120"));
            sum += order.quantity.raw();
        }
        QCOMPARE(Quantity::fromRaw(sum), quantity("250"));
        QVERIFY(sent[0].clientOrderId != sent[1].clientOrderId);
        // One of three fails: only what it left is sent again, after all three are settled.
        desk.pass(10ms);
        desk.orderReport(sent[1], OrderStatus::Filled, sent[1].quantity);
        desk.orderReport(sent[0], OrderStatus::Expired, {});
        QVERIFY(desk.sent().empty());
        desk.orderReport(sent[2], OrderStatus::Filled, sent[2].quantity);
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).quantity, sent[0].quantity);
    }

    void aQueryAloneDoesNotVerify()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.apply(OutcomeReport{first.clientOrderId, RequestOutcome::Rejected, ErrorCode::Rejected, ""});
        desk.pass(3s);
        desk.positions({}, Source::Query, true); // flat, but neither stream nor fills have said so
        QVERIFY(desk.among<ActionVerified>(desk.all).empty());
        desk.pass(1s);
        desk.positions({desk.held("0")}, Source::Stream, false);
        desk.pass(1s);
        desk.positions({}, Source::Query, true);
        QCOMPARE(desk.among<ActionVerified>(desk.all).size(), std::size_t{1});
    }

    void fillsAloneDoNotVerifyEither()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        desk.fillWhole(desk.sent().at(0), "0");
        for (int i = 0; i < 3; ++i) {
            desk.pass(1s);
            desk.apply(TimerTick{});
        }
        QVERIFY(desk.among<ActionVerified>(desk.all).empty());
        QVERIFY(desk.among<QueryPositions>(desk.all).size() >= 3);
    }

    void aLateListDoesNotHideAFreshPosition()
    {
        Desk desk;
        desk.ready();
        desk.pass(300ms);
        desk.positions({}, Source::Query, true); // written before the position was opened
        QVERIFY(!desk.among<QueryPositions>(desk.outputs).empty());
        desk.tick(30);
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void theVenueIsRightInTheEnd()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.pass(20ms);
        desk.orderReport(first, OrderStatus::Filled,
                         quantity("0.250")); // says filled, but the position stays
        Position stays = desk.held("0.250");
        stays.venueTime = desk.now - 15ms;
        for (int i = 0; i < 4; ++i) {
            desk.pass(500ms);
            desk.tick(30);
            desk.positions({stays}, Source::Query, true);
        }
        QCOMPARE(desk.alerts("position-corrected"), 1);
        QCOMPARE(desk.everSent().size(), std::size_t{2});
    }

    /// A list that was made before our fill is contradicted for a while; that doubt ends with the position it was about.
    void anAnsweredDoubtIsNotHeldAgainstTheNextPosition_data() { bothDirections(); }
    void anAnsweredDoubtIsNotHeldAgainstTheNextPosition()
    {
        Desk desk(direction());
        desk.ready();
        for (std::size_t round = 1; round <= 3; ++round) {
            const Position opened = desk.held("0.250");
            if (round > 1)
                desk.positions({opened}, Source::Stream, false);
            desk.pass(5ms);
            desk.tick(30);
            const auto close = desk.sent().at(0);
            desk.pass(2ms);
            desk.orderReport(close, OrderStatus::Filled, close.quantity, Source::Query);
            for (int late = 0; late < 2; ++late) {
                desk.pass(1ms);
                desk.positions({opened}, Source::Query, true); // made before the fill
                QVERIFY(desk.sent().empty());
            }
            desk.pass(1ms);
            desk.positions({desk.held("0")}, Source::Stream, false);
            desk.fill(close, static_cast<std::int64_t>(round), "0.250", "58000");
            desk.pass(1ms);
            desk.positions({}, Source::Query, true);
            QCOMPARE(desk.among<ActionVerified>(desk.all).size(), round);
            QCOMPARE(desk.everSent().size(), round);
            desk.pass(5s);
        }
        QCOMPARE(desk.alerts("position-corrected"), 0);
    }

    void aListThatIsBelievedEndsTheDoubt()
    {
        Desk desk;
        desk.ready();
        const Position opened = desk.held("0.250");
        desk.pass(5s);
        desk.positions({desk.held("0")}, Source::Stream, false);
        desk.positions({opened}, Source::Query, true); // late
        desk.apply(TimerTick{});
        QVERIFY(!desk.among<QueryPositions>(desk.outputs).empty());
        desk.positions({}, Source::Query, true);
        desk.apply(TimerTick{});
        QVERIFY(desk.among<QueryPositions>(desk.outputs).empty());
        desk.pass(5s);
        desk.positions({opened}, Source::Query, true); // as late as the first one
        QCOMPARE(desk.alerts("position-corrected"), 0);
    }

    void growingWhileClosingClosesAllOfIt_data() { bothDirections(); }
    void growingWhileClosingClosesAllOfIt()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.pass(10ms);
        desk.positions({desk.held("0.400")}, Source::Stream, false); // added by hand on the phone
        desk.pass(10ms);
        desk.positions({desk.held("0.150")}, Source::Stream, false);
        desk.orderReport(first, OrderStatus::Filled, first.quantity);
        QCOMPARE(desk.everSent().size(), std::size_t{1}); // more is left than our order explains: the venue is asked first
        QCOMPARE(desk.among<QueryPositions>(desk.outputs).size(), std::size_t{1});
        desk.pass(5ms);
        desk.positions({desk.held("0.150")}, Source::Query, true);
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.150"));
    }

    void aFlipEndsTheLifeAndTheClose_data() { bothDirections(); }
    void aFlipEndsTheLifeAndTheClose()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.pass(10ms);
        Position flipped = desk.held("0.100");
        flipped.direction = direction() == Direction::Long ? Direction::Short : Direction::Long;
        desk.positions({flipped}, Source::Stream, false);
        desk.orderReport(first, OrderStatus::Expired, {});
        desk.tick(30);
        desk.apply(TimerTick{});
        QCOMPARE(desk.everSent().size(), std::size_t{1}); // the new side gains at this mark
        QCOMPARE(desk.alerts("close-ended"), 1);
        desk.tick(-31);
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        const auto second = desk.everSent().at(1);
        QVERIFY(second.side != first.side);
        QCOMPARE(second.quantity, quantity("0.100"));
        QVERIFY(second.clientOrderId != first.clientOrderId);
    }

    void aPartialCloseByHandStartsNoNewLife()
    {
        Desk desk;
        desk.ready();
        desk.tick(23);
        const auto first = desk.sent().at(0);
        desk.fillWhole(first, "0.125");
        desk.pass(10ms);
        desk.positions({desk.held("0.125")}, Source::Query, true);
        desk.positions({desk.held("0.060")}, Source::Stream, false);
        desk.tick(24);
        QCOMPARE(desk.everSent().size(), std::size_t{1}); // reduce has fired in this life
        desk.pass(1s);
        desk.positions({desk.held("0")}, Source::Stream, false);
        QCOMPARE(desk.guard.view().breakers.at(0).word, BreakerView::Word::Tripped); // latched
        desk.pass(1s);
        desk.tick(0);
        desk.positions({desk.held("0.250")}, Source::Stream, false);
        QCOMPARE(desk.guard.view().breakers.at(0).word, BreakerView::Word::Watching);
        desk.tick(23);
        QCOMPARE(desk.everSent().size(), std::size_t{2});
    }

    void unknownInstrumentsCloseWithAMarketOrder()
    {
        Desk desk;
        desk.apply(LimitsChange{Venue::Binance, lossLimits()});
        desk.totals();
        desk.apply(ArmingChange{std::nullopt, Arming::Armed, "user"});
        desk.positions({}, Source::Query, true);
        desk.apply(ReconciledReport{});
        desk.positions({desk.held("0.250")}, Source::Stream, false);
        desk.tick(30);
        QCOMPARE(desk.sent().at(0).type, OrderType::Market);
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.250"));
    }

    void withoutMarginItIsNotEvaluable()
    {
        Desk desk;
        desk.ready();
        Position bare = desk.held("0.250", "ETHUSDT");
        bare.leverage.reset();
        bare.initialMargin = Money{};
        desk.positions({bare}, Source::Stream, false);
        desk.apply(MarkTick{key("ETHUSDT"), price("1"), desk.now});
        QVERIFY(desk.everSent().empty());
        for (int i = 0; i < 11; ++i) {
            desk.pass(1s);
            desk.apply(MarkTick{key("ETHUSDT"), price("1"), desk.now});
            desk.tick(0);
        }
        QCOMPARE(desk.alertText("not-evaluable"),
                 std::string("ETHUSDT: loss-on-margin cannot be evaluated: neither leverage nor initial margin is known."));
    }

    void aLeverageChangeMovesTheMetric()
    {
        Desk desk;
        desk.ready();
        desk.tick(14);
        Position changed = desk.held("0.250");
        changed.leverage = 25; // the same move is 35 % of the smaller margin
        desk.pass(1ms);
        desk.positions({changed}, Source::Stream, false);
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void flattenWorksOffAndStale_data() { bothDirections(); }
    void flattenWorksOffAndStale()
    {
        for (const Arming arming : {Arming::Off, Arming::AlertOnly, Arming::Armed}) {
            Desk desk(direction());
            desk.ready("0.250", arming);
            desk.apply(FreshnessReport{Venue::Binance, key(), Freshness::Lost});
            desk.apply(FreshnessReport{Venue::Binance, std::nullopt, Freshness::Stale});
            desk.pass(100s);
            desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, false, "panic"});
            QCOMPARE(desk.sent().size(), std::size_t{1});
            QCOMPARE(desk.sent().at(0).type, OrderType::Market);
            QCOMPARE(desk.sent().at(0).reduceOnly, ReduceOnly::Yes);
            desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, false, "panic"}); // pressed again: one order is enough
            QVERIFY(desk.sent().empty());
            desk.fillWhole(desk.everSent().at(0), "0");
            desk.positions({}, Source::Query, true);
            QCOMPARE(desk.among<ActionVerified>(desk.outputs).size(), std::size_t{1});
        }
    }

    void flattenActsOnWhatIsKnownAndFinishesWhenReconciled()
    {
        Desk desk;
        desk.ready();
        desk.apply(ReconciliationLostReport{});
        desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, false, "panic"});
        QCOMPARE(desk.sent().size(), std::size_t{1}); // what is known, reduce-only: no answer is waited for
        QCOMPARE(desk.sent().at(0).reduceOnly, ReduceOnly::Yes);
        QCOMPARE(desk.alerts("flatten-waiting"), 1);
        desk.positions({desk.held("0.250"), desk.held("2", "ETHUSDT")}, Source::Query, true);
        QVERIFY(desk.sent().empty());
        desk.apply(ReconciledReport{});
        QCOMPARE(desk.sent().size(), std::size_t{1}); // and what turned up
        QCOMPARE(desk.sent().at(0).instrument, key("ETHUSDT"));
    }

    /// The venue takes orders, but answers nothing: a hand goes on every few seconds, each order reduce-only and under its own id.
    void aPanicDoesNotWaitForAVenueThatIsSilent()
    {
        Desk desk;
        desk.ready();
        desk.apply(ReconciliationLostReport{});
        desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, true, "panic"});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        desk.pass(1s);
        desk.apply(TimerTick{});
        desk.pass(1s);
        desk.apply(TimerTick{});
        QVERIFY(desk.everSent().size() >= std::size_t{2});
        for (const auto &order : desk.everSent()) {
            QCOMPARE(order.reduceOnly, ReduceOnly::Yes);
            QCOMPARE(order.quantity, quantity("0.250"));
        }
        QVERIFY(desk.everSent()[0].clientOrderId != desk.everSent()[1].clientOrderId);
    }

    void flattenNamesOneOrAll()
    {
        Desk desk;
        desk.ready();
        desk.apply(InstrumentReport{instrument("ETHUSDT")});
        desk.positions({desk.held("2", "ETHUSDT")}, Source::Stream, false);
        desk.apply(FlattenIntent{std::nullopt, key("ETHUSDT"), std::nullopt, false, "close dialog"});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).instrument, key("ETHUSDT"));
        desk.apply(FlattenIntent{std::nullopt, std::nullopt, std::nullopt, false, "panic"});
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QCOMPARE(desk.sent().at(0).instrument, key());
        desk.apply(FlattenIntent{std::nullopt, key("SOLUSDT"), std::nullopt, false, "close dialog"});
        QVERIFY(desk.sent().empty());
        QCOMPARE(desk.alerts("flatten-nothing"), 1);
    }

    void flattenTakesOverARunningReduction()
    {
        Desk desk;
        desk.ready();
        desk.tick(23);
        const auto reduce = desk.sent().at(0);
        desk.apply(FlattenIntent{std::nullopt, key(), std::nullopt, false, "panic"});
        const auto first = desk.sent().at(0); // what the reduction does not cover goes at once
        QCOMPARE(first.quantity, quantity("0.125"));
        QCOMPARE(first.type, OrderType::Market);
        desk.pass(10ms);
        desk.orderReport(reduce, OrderStatus::Expired, quantity("0.025"));
        QVERIFY(desk.sent().empty());
        desk.orderReport(first, OrderStatus::Filled, quantity("0.125"));
        desk.pass(200ms);
        desk.positions({desk.held("0.100")}, Source::Stream, false);
        QCOMPARE(desk.sent().size(), std::size_t{1}); // and then what it left
        QCOMPARE(desk.sent().at(0).quantity, quantity("0.100"));
    }

    void disarmingStopsAtOnceAndArmingFiresAnew()
    {
        Desk desk;
        desk.ready();
        desk.tick(30);
        const auto first = desk.sent().at(0);
        desk.apply(ArmingChange{std::nullopt, Arming::AlertOnly, "user"});
        desk.pass(10ms);
        desk.orderReport(first, OrderStatus::Expired, {});
        desk.tick(31);
        QCOMPARE(desk.everSent().size(), std::size_t{1});
        QCOMPARE(desk.alerts("close-stopped"), 1);
        desk.apply(ArmingChange{std::nullopt, Arming::Armed, "user"});
        QCOMPARE(desk.everSent().size(), std::size_t{2});
        QVERIFY(desk.everSent().at(1).clientOrderId != first.clientOrderId);
    }

    void badLimitsAreRefusedAndTheOldOnesStay()
    {
        Desk desk;
        desk.ready();
        risk::Limits limits = lossLimits();
        limits.breakers.front().tiers.back().trigger = ratio("200");
        desk.apply(LimitsChange{Venue::Binance, limits});
        QCOMPARE(desk.alerts("limits-refused"), 1);
        QVERIFY(desk.guard.view().accounts.at(0).limits == lossLimits());
        limits = lossLimits();
        limits.breakers.front().tiers = {{.id = "close",
                                          .trigger = ratio("0.05"),
                                          .rearm = ratio("0.04"),
                                          .action = risk::TierAction::Close,
                                          .fraction = {},
                                          .firesMax = 1}};
        desk.apply(LimitsChange{Venue::Binance, limits});
        desk.tick(5);
        QCOMPARE(desk.sent().size(), std::size_t{1});
    }

    void theViewShowsHowFarItIs_data() { bothDirections(); }
    void theViewShowsHowFarItIs()
    {
        Desk desk(direction());
        desk.ready();
        desk.tick(5);
        auto view = desk.guard.view();
        QCOMPARE(view.breakers.size(), std::size_t{1});
        QCOMPARE(view.breakers[0].word, BreakerView::Word::Watching);
        QCOMPARE(*view.breakers[0].metric, ratio("0.05"));
        QCOMPARE(*view.breakers[0].nextTrigger, ratio("0.225")); // the next tier that acts
        QCOMPARE(*view.breakers[0].limit, ratio("0.3"));
        QCOMPARE(*view.breakers[0].priceAtNext, desk.markAtLoss(22.5));
        desk.tick(18);
        QCOMPARE(desk.guard.view().breakers[0].word, BreakerView::Word::Near);
        desk.tick(30);
        view = desk.guard.view();
        QCOMPARE(view.breakers[0].word, BreakerView::Word::Tripped);
        QCOMPARE(view.breakers[0].trippedText, std::string("22:13:20 UTC · close at 30 % · 30 %"));
        QCOMPARE(view.actions.at(0).step, std::string("sent"));
        desk.apply(ReconciliationLostReport{});
        QVERIFY(desk.guard.view().blind);
    }
};

QTEST_APPLESS_MAIN(TestGuard)
#include "tst_guard.moc"
