#include <QtTest/QTest>

#include "core/exchange/binance/account_ledger.h"

using namespace core;
using namespace core::exchange::binance;
using namespace std::chrono_literals;

namespace
{

const UtcTime kStart = utcFromMilliseconds(1'700'000'000'000);

Position row(std::string_view quantity, UtcTime at, PositionSide side = PositionSide::Both)
{
    Position position;
    position.instrument.symbol = Symbol::from("BTCUSDT").value();
    position.positionSide = side;
    position.quantity = parseQuantity(quantity).value();
    position.entryPrice = parsePrice("60000").value();
    position.venueTime = at;
    return position;
}

Position answerRow(std::string_view quantity, UtcTime at)
{
    Position position = row(quantity, at);
    position.leverage = 20;
    position.marginMode = MarginMode::Cross;
    position.liquidationPrice = parsePrice("57000").value();
    position.initialMargin = parseMoney("3000").value();
    return position;
}

} // namespace

class TestAccountLedger : public QObject
{
    Q_OBJECT
private slots:
    void streamRowsKeepWhatTheAnswerKnew()
    {
        PositionLedger ledger;
        QCOMPARE(ledger.onQuery({answerRow("1", kStart)}, kStart + 1s).size(), std::size_t{1});
        Position same = row("1", kStart + 2s);
        same.unrealizedPnl = parseMoney("-5").value();
        const auto merged = ledger.onStream({same});
        QCOMPARE(merged[0].leverage, std::optional<int>(20));
        QCOMPARE(merged[0].liquidationPrice, std::optional(parsePrice("57000").value()));
        QCOMPARE(merged[0].unrealizedPnl, std::optional(parseMoney("-5").value()));
        QCOMPARE(ledger.unrealizedPnl(), parseMoney("-5").value());
    }

    void figuresOfAnotherSizeAreDropped()
    {
        PositionLedger ledger;
        (void)ledger.onQuery({answerRow("1", kStart)}, kStart + 1s);
        const auto merged = ledger.onStream({row("2", kStart + 2s)});
        QCOMPARE(merged[0].leverage, std::optional<int>(20));
        QVERIFY(!merged[0].liquidationPrice);
        QVERIFY(!merged[0].initialMargin);
    }

    void newPositionTakesLeverageFromTheConfig()
    {
        PositionLedger ledger;
        ledger.setConfigs(
            {{Symbol::from("BTCUSDT").value(), {.leverage = 7, .marginMode = MarginMode::Isolated}}});
        const auto merged = ledger.onStream({row("2", kStart)});
        QCOMPARE(merged[0].leverage, std::optional<int>(7));
        QCOMPARE(merged[0].marginMode, std::optional(MarginMode::Isolated));
    }

    void bn25_notListedIsFlat()
    {
        PositionLedger ledger;
        (void)ledger.onStream({row("2", kStart)});
        QVERIFY(ledger.onQuery({}, kStart + 5s).empty());
        QVERIFY(ledger.onQuery({}, kStart + 6s).empty());
        QVERIFY(!ledger.answerLagged());
    }

    void aLaggingAnswerDoesNotUndoTheStream()
    {
        PositionLedger ledger;
        (void)ledger.onQuery({answerRow("1", kStart)}, kStart);
        (void)ledger.onStream({row("0", kStart + 10s)});
        // Asked a moment after the event, answered from a copy that had not heard of it.
        QVERIFY(ledger.onQuery({answerRow("1", kStart)}, kStart + 10s + 300ms).empty());
        QVERIFY(ledger.answerLagged());
        // A position that was just opened and is not listed yet.
        (void)ledger.onStream({row("3", kStart + 20s)});
        QCOMPARE(ledger.onQuery({}, kStart + 20s + 300ms).size(), std::size_t{1});
    }

    void afterTheLagTheAnswerWins()
    {
        PositionLedger ledger;
        (void)ledger.onStream({row("1", kStart + 10s)});
        QCOMPARE(ledger.onQuery({answerRow("2", kStart + 9s)}, kStart + 15s)[0].quantity,
                 parseQuantity("2").value());
    }

    void olderStreamRowsAreLeftOut()
    {
        PositionLedger ledger;
        (void)ledger.onStream({row("1", kStart + 10s)});
        QVERIFY(ledger.onStream({row("2", kStart + 9s)}).empty());
    }

    void bn32_hedgeLegsAreApart()
    {
        PositionLedger ledger;
        (void)ledger.onStream({row("1", kStart, PositionSide::Long), row("2", kStart, PositionSide::Short)});
        (void)ledger.onStream({row("0", kStart + 1s, PositionSide::Long)});
        const auto open = ledger.onQuery({row("2", kStart, PositionSide::Short)}, kStart + 10s);
        QCOMPARE(open.size(), std::size_t{1});
        QCOMPARE(open[0].positionSide, PositionSide::Short);
    }

    void aFillCountsOncePerContract()
    {
        FillLedger ledger;
        Fill fill;
        fill.instrument.symbol = Symbol::from("BTCUSDT").value();
        fill.tradeId = 7;
        QVERIFY(ledger.add(fill));
        QVERIFY(!ledger.add(fill));
        fill.instrument.symbol = Symbol::from("ETHUSDT").value();
        QVERIFY(ledger.add(fill));
    }
};

QTEST_APPLESS_MAIN(TestAccountLedger)
#include "tst_account_ledger.moc"
