#include "core/orders/backstop.h"

#include <QtTest/QTest>

#include "tests/core/orders/stop_desk.h"

using namespace tests;
using namespace std::chrono_literals;

class TestBackstopKeeper : public QObject
{
    Q_OBJECT

private slots:
    void anOpenPositionGetsAReduceOnlyStopAtOnce()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{1});
        const OrderRequest &stop = desk.placed[0];
        QCOMPARE(stop.type, OrderType::StopMarket);
        QCOMPARE(stop.side, Side::Sell);
        QCOMPARE(stop.quantity, quantity("0.5"));
        QCOMPARE(*stop.triggerPrice, price("58000"));
        QCOMPARE(stop.reduceOnly, ReduceOnly::Yes);
        QCOMPARE(stop.triggerBy, TriggerSource::Mark);
        QVERIFY(stop.clientOrderId.view().starts_with("ebs-"));
        QCOMPARE(desk.state(), std::string("placing"));
        desk.says(stop, OrderStatus::New);
        QCOMPARE(desk.state(), std::string("covered"));
        QCOMPARE(desk.covered(), std::string("0.5"));
        desk.pass(1h);
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QVERIFY(desk.wishes.empty());
    }

    void aShortIsBoughtBack()
    {
        StopDesk desk;
        desk.position.life.direction = Direction::Short;
        desk.target("0.5", "62000");
        QCOMPARE(desk.placed.at(0).side, Side::Buy);
    }

    void aLargePositionIsCoveredInPiecesThatTheVenueTakes()
    {
        StopDesk desk;
        desk.target("240.0005", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{3});
        std::int64_t sum = 0;
        for (const OrderRequest &piece : desk.placed) {
            QVERIFY(piece.quantity <= quantity("120"));
            QVERIFY(piece.quantity >= quantity("0.001"));
            sum += piece.quantity.raw();
        }
        QCOMPARE(sum, quantity("240.0005").raw());
    }

    void theOldStopGoesOnlyWhenTheNewOneRests()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.now += 3s;
        desk.target("0.5", "58200");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QVERIFY(!desk.cancels(desk.placed[0]));
        QCOMPARE(desk.state(), std::string("replacing"));
        desk.says(desk.placed[1], OrderStatus::New);
        QVERIFY(desk.cancels(desk.placed[0]));
        QCOMPARE(desk.covered(), std::string("0.5"));
        desk.says(desk.placed[0], OrderStatus::Canceled);
        QCOMPARE(desk.state(), std::string("covered"));
    }

    void aRefusedReplacementLeavesTheOldStop()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.now += 3s;
        desk.target("0.5", "58200");
        desk.refuses(desk.placed[1], "HTTP 400, code -1008: overloaded");
        QVERIFY(!desk.cancels(desk.placed[0]));
        QCOMPARE(desk.covered(), std::string("0.5"));
        desk.pass(300ms);
        QCOMPARE(desk.placed.size(), std::size_t{3});
        QVERIFY(desk.placed[2].clientOrderId != desk.placed[1].clientOrderId);
    }

    void smallAndFrequentMovesAreNotFollowed()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.now += 3s;
        desk.target("0.5", "58060"); // step: 0.1 % of 60,000
        QCOMPARE(desk.placed.size(), std::size_t{1});
        desk.target("0.5", "58060.1");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        desk.says(desk.placed[1], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::Canceled);
        desk.now += 1s;
        desk.target("0.5", "58500");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        desk.pass(1s);
        QCOMPARE(desk.placed.size(), std::size_t{3});
    }

    void aBudgetOfReplacementsPerMinuteIsNotExceeded()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        for (int i = 0; i < 59 * 20; ++i) { // 59 s, a move each 50 ms
            desk.now += 50ms;
            desk.keeper.setLimits([] {
                auto l = stopLimits();
                l.repinEvery = Duration{0};
                return l;
            }());
            const auto before = desk.placed.size();
            desk.target("0.5", i % 2 == 0 ? "57000" : "58000");
            if (desk.placed.size() > before) {
                desk.says(desk.placed.back(), OrderStatus::New);
                desk.says(desk.placed[before - 1], OrderStatus::Canceled);
            }
        }
        QCOMPARE(desk.placed.size(), std::size_t{60});
        desk.target("0.9", "58000"); // what is missing is not held up
        QCOMPARE(desk.placed.size(), std::size_t{61});
    }

    void addedUnitsGetTheirOwnStopAndAreMergedLater()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.target("0.8", "58010");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QCOMPARE(desk.placed[1].quantity, quantity("0.3"));
        desk.says(desk.placed[1], OrderStatus::New);
        QCOMPARE(desk.covered(), std::string("0.8"));
        desk.pass(3s);
        QCOMPARE(desk.placed.size(), std::size_t{3});
        QCOMPARE(desk.placed[2].quantity, quantity("0.8"));
        desk.says(desk.placed[2], OrderStatus::New);
        QVERIFY(desk.cancels(desk.placed[0]));
        QVERIFY(desk.cancels(desk.placed[1]));
    }

    void aPartialCloseMakesTheStopSmaller()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.target("0.2", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QCOMPARE(desk.placed[1].quantity, quantity("0.2"));
        desk.says(desk.placed[1], OrderStatus::New);
        QVERIFY(desk.cancels(desk.placed[0]));
    }

    void aPieceThatIsJustTooMuchIsCancelledWithoutANewOne()
    {
        StopDesk desk;
        desk.target("200", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.says(desk.placed[1], OrderStatus::New);
        desk.target("100", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QCOMPARE(desk.count(What::Cancel), 1);
    }

    void unitsTooSmallForAStopOfTheirOwnMeanANewOneForAll()
    {
        StopDesk desk(Venue::Hyperliquid);
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.target("0.5001", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QCOMPARE(desk.placed[1].quantity, quantity("0.5001"));
        QVERIFY(!desk.cancels(desk.placed[0]));
    }

    void aStopThatWouldTriggerAtOnceClosesThePosition_data()
    {
        QTest::addColumn<QString>("words");
        QTest::newRow("Binance") << "HTTP 400, code -2021: Order would immediately trigger.";
        QTest::newRow("Hyperliquid") << "Invalid TP/SL price. asset=0";
        QTest::newRow("our own check before sending") << "trigger 61000 must be below the mark 60900";
    }
    void aStopThatWouldTriggerAtOnceClosesThePosition()
    {
        QFETCH(QString, words);
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.refuses(desk.placed[0], words.toStdString());
        QVERIFY(!desk.closes().empty());
        QCOMPARE(desk.state(), std::string("closing"));
    }

    void withoutHeadroomThePositionIsClosed()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.atMark();
        QVERIFY(!desk.closes().empty());
        QVERIFY(!desk.cancels(desk.placed[0]));
        desk.pass(1s);
        QVERIFY(desk.closes().empty()); // asked for once, again after five seconds
        desk.pass(4s);
        QVERIFY(!desk.closes().empty());
    }

    void whatStaysUncoveredIsClosedAfterTheDeadline_data()
    {
        QTest::addColumn<int>("answer");
        QTest::newRow("no answer at all") << 0;
        QTest::newRow("the outcome is unknown") << 1;
        QTest::newRow("refused again and again") << 2;
        QTest::newRow("accepted, and gone") << 3;
    }
    void whatStaysUncoveredIsClosedAfterTheDeadline()
    {
        QFETCH(int, answer);
        StopDesk desk;
        desk.target("0.5", "58000");
        const UtcTime opened = desk.now;
        while (desk.closes().empty() && desk.now < opened + 1min) {
            if (answer == 1)
                desk.keeper.onOutcome(desk.now, desk.placed.back().clientOrderId, RequestOutcome::Unknown,
                                      {});
            if (answer == 2)
                desk.keeper.onOutcome(desk.now, desk.placed.back().clientOrderId, RequestOutcome::Rejected,
                                      "code -1001");
            if (answer == 3)
                desk.keeper.onAbsent(desk.now, desk.placed.back().clientOrderId);
            desk.pass(100ms);
        }
        QCOMPARE(desk.now - opened, Duration(5s));
        if (answer < 2)
            QCOMPARE(desk.placed.size(), std::size_t{3}); // after 2 and 4 s another one is tried
    }

    void aStopOfUnknownFateIsBackedUpByAnotherAndTheSurplusIsCancelled()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        const auto lost = desk.placed[0];
        desk.keeper.onOutcome(desk.now, lost.clientOrderId, RequestOutcome::Unknown, "no answer");
        desk.pass(1900ms);
        QCOMPARE(desk.placed.size(), std::size_t{1});
        desk.pass(100ms);
        QCOMPARE(desk.placed.size(), std::size_t{2});
        const auto second = desk.placed[1];
        QVERIFY(second.clientOrderId != lost.clientOrderId);
        QCOMPARE(second.quantity, quantity("0.5"));
        QCOMPARE(second.triggerPrice, lost.triggerPrice);
        desk.says(second, OrderStatus::New);
        QCOMPARE(desk.covered(), std::string("0.5"));
        desk.pass(10s);
        QVERIFY(desk.closes().empty());
        desk.says(lost, OrderStatus::New); // it had arrived
        QCOMPARE(int(desk.cancels(lost)) + int(desk.cancels(second)), 1);
        QCOMPARE(desk.placed.size(), std::size_t{2});
    }

    void whileAnotherStopCoversOneOfUnknownFateIsWaitedFor()
    {
        StopDesk desk;
        desk.target("0.5", "57000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.pass(3s);
        desk.target("0.5", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{2});
        desk.keeper.onOutcome(desk.now, desk.placed[1].clientOrderId, RequestOutcome::Unknown, "no answer");
        desk.pass(9s);
        QCOMPARE(desk.placed.size(), std::size_t{2});
    }

    void anUnknownOutcomeIsAskedForAndNotDoubled()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.keeper.onOutcome(desk.now, desk.placed[0].clientOrderId, RequestOutcome::Unknown, "no answer");
        desk.drive();
        QCOMPARE(desk.count(What::Query), 1);
        QCOMPARE(desk.state(), std::string("unknown"));
        desk.pass(500ms);
        QCOMPARE(desk.count(What::Query), 0);
        desk.pass(500ms);
        QCOMPARE(desk.count(What::Query), 1);
        desk.says(desk.placed[0], OrderStatus::New);
        QCOMPARE(desk.state(), std::string("covered"));
        QCOMPARE(desk.placed.size(), std::size_t{1});
    }

    void anAbsentStopIsPlacedAgainUnderANewId()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.keeper.onOutcome(desk.now, desk.placed[0].clientOrderId, RequestOutcome::Unknown, "no answer");
        desk.keeper.onAbsent(desk.now, desk.placed[0].clientOrderId);
        desk.drive();
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QVERIFY(desk.placed[0].clientOrderId != desk.placed[1].clientOrderId);
    }

    void oneThatWasCalledAbsentAndRestsAfterAllIsTakenBackOut()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.keeper.onAbsent(desk.now, desk.placed[0].clientOrderId);
        desk.drive();
        desk.says(desk.placed[1], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::New);
        QCOMPARE(desk.count(What::Cancel), 1);
        QCOMPARE(desk.covered(), std::string("0.5"));
    }

    void aStopThatVanishedIsReplacedAtOnce_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("cancelled by somebody") << static_cast<int>(OrderStatus::Canceled);
        QTest::newRow("expired") << static_cast<int>(OrderStatus::Expired);
        QTest::newRow("not known to the venue any more") << -1;
    }
    void aStopThatVanishedIsReplacedAtOnce()
    {
        QFETCH(int, how);
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.pass(1s);
        if (how < 0) {
            desk.keeper.onAbsent(desk.now, desk.placed[0].clientOrderId);
            desk.drive();
        } else {
            desk.says(desk.placed[0], static_cast<OrderStatus>(how));
        }
        QCOMPARE(desk.placed.size(), std::size_t{2});
        QCOMPARE(desk.count(What::Alarm), 1);
        QVERIFY(desk.closes().empty());
    }

    void aStopRefusedAtItsTriggerClosesThePositionAtOnce()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::Rejected, "0", "Margin is insufficient");
        QVERIFY(!desk.closes().empty());
    }

    void aStopThatFiredAndDoesNotFillClosesWithinHalfASecond()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::Triggered);
        desk.pass(499ms);
        QVERIFY(desk.closes().empty());
        desk.pass(1ms);
        QVERIFY(!desk.closes().empty());
        QCOMPARE(desk.placed.size(), std::size_t{1});
    }

    void aStopThatFiredAndEndedPartlyFilledClosesTheRest()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::Triggered);
        desk.says(desk.placed[0], OrderStatus::Expired, "0.2");
        QVERIFY(!desk.closes().empty());
    }

    void aFilledStopAsksForNothingMore_data()
    {
        QTest::addColumn<bool>("positionFirst");
        QTest::newRow("the stop's word comes first") << false;
        QTest::newRow("the position's word comes first") << true;
    }
    void aFilledStopAsksForNothingMore()
    {
        QFETCH(bool, positionFirst);
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::Triggered);
        if (positionFirst) {
            desk.target("0", "");
            desk.says(desk.placed[0], OrderStatus::Filled, "0.5");
        } else {
            desk.says(desk.placed[0], OrderStatus::Filled, "0.5");
            desk.pass(400ms);
            desk.target("0", "");
        }
        desk.pass(10s);
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QVERIFY(desk.closes().empty());
    }

    void aFillThatThePositionNeverFollowsIsNotBelieved()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.says(desk.placed[0], OrderStatus::Filled, "0.5");
        desk.pass(1999ms);
        QCOMPARE(desk.placed.size(), std::size_t{1});
        desk.pass(1ms);
        QCOMPARE(desk.placed.size(), std::size_t{2});
    }

    void aPersonsStopCountsAsCoverAndIsNeverCancelled()
    {
        StopDesk desk;
        const auto own = desk.foreign("web_abc", "0.5", "58500");
        desk.says(own, OrderStatus::New);
        desk.target("0.5", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{0});
        QCOMPARE(desk.state(), std::string("covered"));
        desk.target("0.7", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QCOMPARE(desk.placed[0].quantity, quantity("0.2"));
        desk.says(desk.placed[0], OrderStatus::New);
        desk.target("0", "");
        desk.keeper.onVerifiedFlat(desk.now, desk.position.life.position);
        desk.drive();
        QVERIFY(desk.cancels(desk.placed[0]));
        QVERIFY(!desk.cancels(own));
    }

    void whatDoesNotProtectDoesNotCount_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("a person's stop that is looser than the limit") << 0;
        QTest::newRow("a stop limit may not fill") << 1;
        QTest::newRow("it would add to the position") << 2;
        QTest::newRow("it is not reduce-only") << 3;
        QTest::newRow("it lies behind the liquidation price") << 4;
    }
    void whatDoesNotProtectDoesNotCount()
    {
        QFETCH(int, kind);
        StopDesk desk;
        auto other = desk.foreign("web_abc", "0.5", kind == 0 ? "57000" : kind == 4 ? "50000" : "58500");
        if (kind == 1)
            other.type = OrderType::StopLimit;
        if (kind == 2)
            other.side = Side::Buy;
        if (kind == 3)
            other.reduceOnly = ReduceOnly::No;
        desk.position.liquidation = price("51000");
        desk.says(other, OrderStatus::New);
        desk.target("0.5", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QCOMPARE(desk.placed[0].quantity, quantity("0.5"));
    }

    void aStopThatClosesThePositionCoversAllOfIt()
    {
        StopDesk desk;
        auto other = desk.foreign("web_abc", "0", "58500");
        other.reduceOnly = ReduceOnly::No; // Binance: closePosition excludes reduceOnly and a quantity
        desk.says(other, OrderStatus::New);
        desk.target("0.5", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{0});
        QCOMPARE(desk.covered(), std::string("0.5"));
    }

    void stopsOfAnEarlierRunAreAdopted()
    {
        StopDesk before;
        before.target("0.5", "58000");
        StopDesk desk;
        desk.now += 1h;
        desk.says(before.placed[0], OrderStatus::New);
        desk.target("0.5", "58020");
        QCOMPARE(desk.placed.size(), std::size_t{0});
        QCOMPARE(desk.state(), std::string("covered"));
        desk.now += 3s;
        desk.target("0.5", "58200"); // and moved like any other of ours
        desk.says(desk.placed.at(0), OrderStatus::New);
        QVERIFY(desk.cancels(before.placed[0]));
    }

    void anAdoptedStopFarFromItsPlaceIsReplaced()
    {
        StopDesk before;
        before.target("0.5", "55000");
        StopDesk desk;
        desk.says(before.placed[0], OrderStatus::New);
        desk.target("0.5", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QVERIFY(!desk.cancels(before.placed[0]));
        desk.says(desk.placed[0], OrderStatus::New);
        QVERIFY(desk.cancels(before.placed[0]));
    }

    void noIdIsUsedTwiceAcrossRestarts()
    {
        StopDesk before;
        before.target("0.5", "58000");
        StopDesk desk; // starts in the same millisecond, and finds the stop
        desk.says(before.placed[0], OrderStatus::New);
        desk.target("0.9", "58000");
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QVERIFY(desk.placed[0].clientOrderId != before.placed[0].clientOrderId);
    }

    void verifiedFlatSweepsOurs()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.target("0", "");
        QVERIFY(desk.wishes.empty()); // not proven yet
        QCOMPARE(desk.keeper.orphans().size(), std::size_t{1});
        desk.keeper.onVerifiedFlat(desk.now, desk.position.life.position);
        desk.drive();
        QVERIFY(desk.cancels(desk.placed[0]));
        desk.pass(2s);
        QCOMPARE(desk.count(What::Query), 1); // no word of its end yet
        desk.says(desk.placed[0], OrderStatus::Canceled);
        desk.pass(10s);
        QVERIFY(desk.wishes.empty());
        QVERIFY(desk.keeper.orphans().empty());
    }

    void aStopThatWasOnItsWayWhenThePositionWentIsSweptToo()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.target("0", "");
        desk.keeper.onVerifiedFlat(desk.now, desk.position.life.position);
        desk.drive();
        desk.says(desk.placed[0], OrderStatus::New);
        QVERIFY(desk.cancels(desk.placed[0]));
    }

    void anOrphanFoundAtTheVenueIsNamedAndSwept()
    {
        StopDesk before;
        before.target("0.5", "58000");
        StopDesk desk;
        desk.says(before.placed[0], OrderStatus::New);
        QCOMPARE(desk.keeper.orphans().size(), std::size_t{1});
        QVERIFY(desk.wishes.empty());
        desk.keeper.onVerifiedFlat(desk.now, desk.position.life.position);
        desk.drive();
        QVERIFY(desk.cancels(before.placed[0]));
    }

    void lateWordsOfAnEndedStopDoNotReviveIt()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::Canceled);
        desk.says(desk.placed[0], OrderStatus::New);
        QCOMPARE(desk.covered(), std::string("0"));
    }

    void aFlipGetsAStopOnTheOtherSide()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.position.life.direction = Direction::Short;
        desk.position.life.openedAt = desk.now;
        desk.target("0.3", "62000");
        QCOMPARE(desk.covered(), std::string("0"));
        QCOMPARE(desk.placed.at(1).side, Side::Buy);
        desk.says(desk.placed[1], OrderStatus::New);
        QVERIFY(desk.cancels(desk.placed[0]));
    }

    void whereTheVenueTakesNoFurtherStopTheOldOneGoesFirst()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.now += 3s;
        desk.target("0.5", "58500");
        desk.refuses(desk.placed[1], "HTTP 400, code -4045: Reach max stop order limit.");
        QVERIFY(desk.cancels(desk.placed[0]));
        QCOMPARE(desk.covered(), std::string("0"));
        const UtcTime nakedFrom = desk.now;
        desk.now += 200ms;
        desk.says(desk.placed[0], OrderStatus::Canceled);
        QCOMPARE(desk.placed.size(), std::size_t{3});
        desk.now += 300ms;
        desk.says(desk.placed[2], OrderStatus::New);
        QCOMPARE(desk.covered(), std::string("0.5"));
        QCOMPARE(desk.now - nakedFrom, Duration(500ms));
        // 0.5 × 60,000 × 0.5 s; the first stop rested at once
        QCOMPARE(desk.keeper.nakedNotionalSeconds(desk.now), parseMoney("15000").value());
    }

    void anUnreachableVenueGetsNothingAndOneTryBeforeTheDeadlineCounts()
    {
        StopDesk desk;
        desk.keeper.onReachable(desk.now, Venue::Binance, false);
        desk.target("0.5", "58000");
        QVERIFY(desk.wishes.empty());
        desk.pass(1min);
        QVERIFY(desk.wishes.empty());
        desk.keeper.onReachable(desk.now, Venue::Binance, true);
        desk.drive();
        QCOMPARE(desk.count(What::Place), 1);
        QVERIFY(desk.closes().empty());
        desk.pass(1s);
        QVERIFY(!desk.closes().empty());
    }

    void nothingIsPlacedUnderATimerThatWouldKillIt()
    {
        StopDesk desk;
        desk.keeper.onHold(desk.now, desk.instrument.key, true);
        desk.target("0.5", "58000");
        QVERIFY(desk.placed.empty());
        desk.keeper.onHold(desk.now, desk.instrument.key, false);
        desk.drive();
        QCOMPARE(desk.placed.size(), std::size_t{1});
    }

    void withoutAPriceNothingIsPlacedMovedOrClosed()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        desk.target("0.5", "");
        QCOMPARE(desk.count(What::Alarm), 1);
        desk.pass(1min);
        QVERIFY(desk.wishes.empty());
        QCOMPARE(desk.covered(), std::string("0.5"));
    }

    void switchedOffLeavesWhatRests()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        desk.says(desk.placed[0], OrderStatus::New);
        auto off = stopLimits();
        off.enabled = false;
        desk.keeper.setLimits(off);
        desk.target("0.7", "58500");
        desk.pass(1min);
        QCOMPARE(desk.placed.size(), std::size_t{1});
        QVERIFY(desk.wishes.empty());
        QCOMPARE(desk.state(), std::string("off"));
    }

    void aStopThatTheVenueHoldsOtherwiseIsReplaced()
    {
        StopDesk desk;
        desk.target("0.5", "58000");
        auto other = desk.placed[0];
        other.triggerPrice = price("55000");
        desk.says(other, OrderStatus::New);
        QCOMPARE(desk.count(What::Alarm), 1);
        QCOMPARE(desk.placed.size(), std::size_t{2});
        desk.says(desk.placed[1], OrderStatus::New);
        QVERIFY(desk.cancels(desk.placed[0]));
    }

    void nakedTimeIsCountedPerDay()
    {
        StopDesk desk; // 1970 + 56 × 365 days: starts one minute after a midnight
        desk.now = UtcTime{std::chrono::days{20'000}} - 10s;
        const UtcTime evening = desk.now;
        desk.target("0.5", "58000"); // 30,000 naked
        desk.pass(4s);
        desk.target("0.5", "58000", "50000"); // 25,000
        desk.pass(8s);
        desk.says(desk.placed[0], OrderStatus::New);
        desk.pass(1h);
        QCOMPARE(desk.keeper.nakedNotionalSeconds(evening),
                 parseMoney("270000").value()); // 30,000 × 4 + 25,000 × 6
        QCOMPARE(desk.keeper.nakedNotionalSeconds(desk.now), parseMoney("50000").value());
        desk.pass(24h);
        QCOMPARE(desk.keeper.nakedNotionalSeconds(desk.now), Money{});
        QCOMPARE(desk.keeper.nakedNotionalSeconds(evening), Money{}); // older than a day: not kept
    }
};

QTEST_APPLESS_MAIN(TestBackstopKeeper)
#include "tst_backstop_keeper.moc"
