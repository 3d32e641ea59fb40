#include <algorithm>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "tests/core/orders/desk.h"

using namespace tests;
using namespace std::chrono_literals;

namespace
{
InstrumentKey hyper() { return {Venue::Hyperliquid, *Symbol::from("BTC")}; }

/// A guard of one Hyperliquid account; every figure of a position is the caller's.
struct HyperDesk {
    Guard guard;
    std::vector<GuardOutput> outputs;
    UtcTime now = utcFromMilliseconds(1'700'000'000'000);

    explicit HyperDesk(const risk::Limits &limits, risk::Arming arming = risk::Arming::Armed)
    {
        Instrument btc = instrument();
        btc.key = hyper();
        btc.tickSize = price("1");
        btc.stepSize = btc.marketStepSize = btc.quantityMin = btc.marketQuantityMin = quantity("0.00001");
        btc.notionalMin = money("10");
        apply(InstrumentReport{btc});
        apply(LimitsChange{Venue::Hyperliquid, limits});
        AccountSnapshot totals;
        totals.walletBalance = totals.equity = totals.available = money("100000");
        totals.venueTime = totals.receivedAt = now;
        apply(AccountReport{Venue::Hyperliquid, totals});
        apply(ArmingChange{std::nullopt, arming, "user"});
        apply(PositionsReport{Venue::Hyperliquid, {}, Source::Query, true});
        apply(ReconciledReport{Venue::Hyperliquid});
        now += 100ms;
    }
    void apply(GuardInput input)
    {
        outputs.clear();
        guard.apply({now, std::move(input)}, outputs);
    }
    void hold(Direction direction, Quantity size, Price entry, int leverage)
    {
        Position held;
        held.instrument = hyper();
        held.direction = direction;
        held.quantity = size;
        held.entryPrice = entry;
        held.leverage = leverage;
        held.venueTime = now;
        apply(PositionsReport{Venue::Hyperliquid, {held}, Source::Stream, false});
    }
    void tick(Price mark) { apply(MarkTick{hyper(), mark, now}); }
    [[nodiscard]] std::vector<OrderRequest> sent() const
    {
        std::vector<OrderRequest> found;
        for (const GuardOutput &output : outputs) {
            if (const auto *send = std::get_if<SendOrder>(&output))
                found.push_back(send->order.request());
        }
        return found;
    }
    [[nodiscard]] std::vector<OrderRequest> foreseen() { return guard.foreseen(Venue::Hyperliquid); }
};

bool contains(const std::vector<OrderRequest> &all, const OrderRequest &one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// The mark at which the position is `percent` of its margin under water, at 10x from 60,000.
Price markAt(double percent, bool isLong)
{
    const auto move = static_cast<std::int64_t>(60'000.0 * percent / 1000.0 * 1e8 + 0.5);
    return Price::fromRaw(6'000'000'000'000 + (isLong ? -move : move));
}
} // namespace

class TestGuardForeseen : public QObject
{
    Q_OBJECT

private slots:
    void whatWasForeseenIsWhatIsSent_data()
    {
        QTest::addColumn<bool>("isLong");
        QTest::addColumn<double>("percent");
        QTest::addColumn<bool>("foreseen");
        for (const bool isLong : {true, false}) {
            const auto row = [&](const char *what, double percent, bool foreseen) {
                QTest::addRow("%s, %s", isLong ? "long" : "short", what) << isLong << percent << foreseen;
            };
            row("reduce, at its trigger", 22.5, true);
            row("reduce, a step beyond", 22.65, true);
            row("close, at its trigger", 30.0, true);
            row("close, just beyond", 30.01, true);
            row("close, three steps beyond", 30.85, true);
            row("close, a gap far beyond", 36.0, false);
        }
    }
    void whatWasForeseenIsWhatIsSent()
    {
        QFETCH(bool, isLong);
        QFETCH(double, percent);
        QFETCH(bool, foreseen);
        HyperDesk desk(lossLimits());
        desk.tick(price("60000"));
        desk.hold(isLong ? Direction::Long : Direction::Short, quantity("0.25"), price("60000"), 10);
        const auto before = desk.foreseen();
        QCOMPARE(before.size(), std::size_t{8}); // reduce and close, four steps each
        desk.tick(markAt(percent, isLong));
        QCOMPARE(desk.sent().size(), std::size_t{1});
        const OrderRequest sent = desk.sent().front();
        QCOMPARE(contains(before, sent), foreseen);
        // Never further from the mark than the limits say, and marketable.
        const Price mark = markAt(percent, isLong);
        const double away = (isLong ? -1 : 1) * (sent.limitPrice->toDouble() / mark.toDouble() - 1.0);
        QVERIFY2(away > 0.0044 && away < 0.00502, qPrintable(QString::number(away)));
        QVERIFY(desk.foreseen().empty()); // one close at a time
    }

    void aForeseenOrderIsSentByteForByte()
    {
        QVERIFY(rc::check("at its trigger, every limit of one position sends what was foreseen", [] {
            const bool isLong = *rc::gen::arbitrary<bool>();
            const auto entry = Price::fromRaw(*rc::gen::inRange<std::int64_t>(100, 90'000) * kDecimalOne);
            const auto size = Quantity::fromRaw(*rc::gen::inRange<std::int64_t>(20'000, 40'000'000) * 1'000);
            const int leverage = *rc::gen::inRange(2, 40);
            risk::Limits limits = lossLimits();
            limits.breakers.front().tiers[1].trigger = Ratio::fromRaw(*rc::gen::inRange<std::int64_t>(16, 28) * 1'000'000);
            const bool reduces = *rc::gen::arbitrary<bool>();
            if (!reduces)
                limits.breakers.front().tiers.erase(limits.breakers.front().tiers.begin() + 1);
            HyperDesk desk(limits);
            desk.tick(entry);
            desk.hold(isLong ? Direction::Long : Direction::Short, size, entry, leverage);
            const auto before = desk.foreseen();
            // The mark of the next tier that acts, as the guard tells the screen.
            const GuardView view = desk.guard.view();
            RC_ASSERT(view.breakers.size() == 1U);
            std::optional<Price> trigger;
            for (const risk::Standing &standing : view.standings)
                trigger = standing.priceAtNext;
            RC_PRE(trigger.has_value() && !before.empty());
            desk.tick(*trigger);
            RC_ASSERT(desk.sent().size() == 1U);
            RC_ASSERT(contains(before, desk.sent().front()));
        }));
    }

    void aLimitOfTheAccountForeseesItsClosesAtTheMarkOfNow()
    {
        risk::Limits limits = lossLimits();
        limits.breakers = {{.kind = risk::BreakerKind::DayLoss,
                            .scope = risk::Scope::Account,
                            .enabled = true,
                            .tiers = {{.id = "flatten",
                                       .trigger = ratio("0.01"),
                                       .rearm = ratio("0.008"),
                                       .action = risk::TierAction::Flatten}}}};
        HyperDesk desk(limits);
        desk.tick(price("60000"));
        desk.hold(Direction::Long, quantity("1"), price("60000"), 10);
        desk.tick(price("59005"));
        const auto before = desk.foreseen();
        QCOMPARE(before.size(), std::size_t{2});
        desk.tick(price("58999")); // 1,001 of 100,000 lost
        QCOMPARE(desk.sent().size(), std::size_t{1});
        QVERIFY(contains(before, desk.sent().front()));
    }

    void nothingIsForeseenThatMayNotBeSent()
    {
        HyperDesk watching(lossLimits(), risk::Arming::AlertOnly);
        watching.tick(price("60000"));
        watching.hold(Direction::Long, quantity("0.25"), price("60000"), 10);
        QVERIFY(watching.foreseen().empty());
        HyperDesk desk(lossLimits());
        desk.tick(price("60000"));
        desk.hold(Direction::Long, quantity("0.25"), price("60000"), 10);
        QVERIFY(!desk.foreseen().empty());
        desk.apply(ReconciliationLostReport{Venue::Hyperliquid});
        QVERIFY(desk.foreseen().empty());
        desk.apply(ReconciledReport{Venue::Hyperliquid});
        QVERIFY(!desk.foreseen().empty());
        desk.now += 10ms;
        desk.hold(Direction::Long, quantity("0.1"), price("60000"), 10);
        for (const OrderRequest &request : desk.foreseen())
            QVERIFY(request.quantity <= quantity("0.1")); // the size of now
        desk.now += 10ms;
        desk.hold(Direction::Long, Quantity{}, price("60000"), 10);
        QVERIFY(desk.foreseen().empty());
    }

    void otherLimitsAreForeseenAtOnce()
    {
        HyperDesk desk(lossLimits());
        desk.tick(price("60000"));
        desk.hold(Direction::Long, quantity("0.25"), price("60000"), 10);
        const auto before = desk.foreseen();
        risk::Limits tighter = lossLimits();
        tighter.breakers.front().tiers.back().trigger = ratio("0.28");
        desk.apply(LimitsChange{Venue::Hyperliquid, tighter});
        const auto after = desk.foreseen();
        QVERIFY(before != after);
        desk.tick(markAt(28.0, true));
        QVERIFY(contains(after, desk.sent().at(0)) && !contains(before, desk.sent().at(0)));
    }

    void lookingAheadDecidesNothing()
    {
        const auto bytes = [](bool looks) {
            HyperDesk desk(lossLimits());
            std::string all;
            const auto note = [&] {
                for (const GuardOutput &output : desk.outputs)
                    all += encode(output) + '\n';
                if (looks)
                    static_cast<void>(desk.foreseen());
            };
            desk.tick(price("60000"));
            note();
            desk.hold(Direction::Long, quantity("0.25"), price("60000"), 10);
            note();
            for (const double percent : {10.0, 16.0, 23.0, 29.9, 31.0}) {
                desk.now += 200ms;
                desk.tick(markAt(percent, true));
                note();
            }
            return all;
        };
        QVERIFY(!bytes(false).empty());
        QCOMPARE(bytes(true), bytes(false));
    }
};

QTEST_GUILESS_MAIN(TestGuardForeseen)
#include "tst_guard_foreseen.moc"
