#include "core/venue/account.h"

#include <cmath>

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>
#include <rapidcheck.h>

#include "tests/support/shared_data.h"

using namespace core;
using namespace core::venue;
using namespace Qt::StringLiterals;

namespace
{
const Symbol kBtc = Symbol::from("BTCUSDT").value();
const Symbol kEth = Symbol::from("ETHUSDT").value();

[[nodiscard]] Money money(const char *text)
{
    return parseMoney(text).value();
}
[[nodiscard]] Price price(const char *text)
{
    return parsePrice(text).value();
}
[[nodiscard]] Quantity quantity(const char *text)
{
    return parseQuantity(text).value();
}
/// The oracle states plain decimals; eight digits hold every one of them.
template <class Value> [[nodiscard]] Value fromJson(const QJsonValue &value)
{
    return Value::fromRaw(std::llround(value.toDouble() * 1e8));
}

[[nodiscard]] std::vector<MarginTier> tiers()
{
    return {{money("0"), money("50000"), Ratio::fromRaw(400'000), money("0"), 125},
            {money("50000"), money("250000"), Ratio::fromRaw(500'000), money("50"), 100},
            {money("250000"), money("1000000"), Ratio::fromRaw(1'000'000), money("1300"), 50}};
}

[[nodiscard]] std::vector<MarginTier> tiersOf(const QJsonObject &input)
{
    std::vector<MarginTier> result;
    const QJsonArray rows = input.value("tiers"_L1).toArray();
    for (const QJsonValue &row : rows)
        result.push_back(
            {fromJson<Money>(row["floor"_L1]),
             row["cap"_L1].toDouble() < 9e10 ? fromJson<Money>(row["cap"_L1]) : money("90000000000"),
             fromJson<Ratio>(row["mmr"_L1]), fromJson<Money>(row["cum"_L1]), 1});
    if (result.empty()) // the tier was named instead
        result.push_back({Money{}, money("90000000000"), fromJson<Ratio>(input.value("mmr"_L1)),
                          fromJson<Money>(input.value("cum"_L1)), 1});
    return result;
}
} // namespace

class TestAccount : public QObject
{
    Q_OBJECT

private slots:
    void liquidationPriceAgreesWithTheOracle_data()
    {
        QTest::addColumn<QJsonObject>("testCase");
        const QString file = tests::sharedDir() + u"/oracles/margin_liquidation.json"_s;
        QFile json(file);
        if (!json.open(QIODevice::ReadOnly)) {
            QTest::newRow("no oracle") << QJsonObject();
            return;
        }
        const QJsonArray cases = QJsonDocument::fromJson(json.readAll()).object().value("cases"_L1).toArray();
        for (const QJsonValue &entry : cases) {
            const QString kind = entry["kind"_L1].toString();
            if (kind == "liq_known_tier"_L1 || kind == "liq_tiers_isolated"_L1 ||
                kind == "liq_tiers_cross"_L1)
                QTest::newRow(qPrintable(entry["name"_L1].toString())) << entry.toObject();
        }
    }
    void liquidationPriceAgreesWithTheOracle()
    {
        REQUIRE_SHARED();
        QFETCH(QJsonObject, testCase);
        QVERIFY(!testCase.isEmpty());
        const QJsonObject input = testCase.value("input"_L1).toObject();
        const auto size = fromJson<Quantity>(input.value("qty"_L1));
        const bool isLong = input.value("side"_L1).toString() == "long"_L1;
        const auto wallet = input.contains("isolated_wallet"_L1)
                                ? fromJson<Money>(input.value("isolated_wallet"_L1))
                                : fromJson<Money>(input.value("wallet_balance"_L1));
        const Money backing =
            Money::fromRaw(wallet.raw() - fromJson<Money>(input.value("tmm_other"_L1)).raw() +
                           fromJson<Money>(input.value("upnl_other"_L1)).raw());
        const Money cost =
            notional(fromJson<Price>(input.value("entry"_L1)), size, Rounding::HalfEven).value();
        const auto got = liquidationPrice(isLong ? size.raw() : -size.raw(), cost, backing, tiersOf(input));
        const QJsonValue expected = testCase.value("expected"_L1).toObject().value("liq_price"_L1);
        QCOMPARE(got.has_value(), expected.isDouble());
        if (!got)
            return;
        const QJsonObject tolerance = testCase.value("tolerance"_L1).toObject();
        const double allowed = tolerance.value("abs"_L1).toDouble() +
                               tolerance.value("rel"_L1).toDouble() * std::abs(expected.toDouble());
        QVERIFY2(std::abs(got->toDouble() - expected.toDouble()) <= std::max(allowed, 1e-8),
                 got->text().c_str());
    }

    void profitAndMarginAgreeWithTheOracle()
    {
        REQUIRE_SHARED();
        QFile json(tests::sharedDir() + u"/oracles/margin_liquidation.json"_s);
        QVERIFY(json.open(QIODevice::ReadOnly));
        int checked = 0;
        const QJsonArray cases = QJsonDocument::fromJson(json.readAll()).object().value("cases"_L1).toArray();
        for (const QJsonValue &entry : cases) {
            if (entry["kind"_L1].toString() != "pnl"_L1)
                continue;
            const QJsonValue input = entry["input"_L1];
            const QJsonValue expected = entry["expected"_L1];
            Account account(money("1000000"), input["leverage"_L1].toInt());
            const auto table = tiers();
            account.addInstrument(kBtc, table);
            const auto size = fromJson<Quantity>(input["qty"_L1]);
            account.setPosition(kBtc, input["side"_L1].toInt() > 0 ? size.raw() : -size.raw(),
                                fromJson<Price>(input["entry"_L1]), {});
            account.setMark(kBtc, fromJson<Price>(input["entry"_L1]));
            QCOMPARE(account.initialMargin().toDouble(), expected["initial_margin"_L1].toDouble());
            account.setMark(kBtc, fromJson<Price>(input["mark"_L1]));
            QCOMPARE(account.unrealized().toDouble(), expected["upnl"_L1].toDouble());
            QCOMPARE(account.position(kBtc).notionalAtMark().toDouble(), expected["notional"_L1].toDouble());
            ++checked;
        }
        QVERIFY(checked >= 2);
    }

    void fillsChangeEntryAndRealiseProfit()
    {
        const auto table = tiers();
        Account account(money("10000"), 10);
        account.addInstrument(kBtc, table);
        const Ratio fee = Ratio::fromRaw(50'000);
        const UtcTime now = utcFromMilliseconds(1);
        FillEffect effect = account.applyFill(kBtc, Side::Buy, price("60000"), quantity("0.1"), fee, now);
        QCOMPARE(effect.fee, money("3"));
        QCOMPARE(effect.realized, Money{});
        account.applyFill(kBtc, Side::Buy, price("60300"), quantity("0.2"), fee, now);
        QCOMPARE(account.position(kBtc).entryPrice(), price("60200"));
        QCOMPARE(account.position(kBtc).quantity, quantity("0.3").raw());
        effect = account.applyFill(kBtc, Side::Sell, price("60500"), quantity("0.1"), fee, now);
        QCOMPARE(effect.realized, money("30"));
        QCOMPARE(account.position(kBtc).entryPrice(), price("60200")); // unchanged by a reduction
        effect = account.applyFill(kBtc, Side::Sell, price("60000"), quantity("0.5"), fee,
                                   now); // flips to short 0.3
        QCOMPARE(effect.realized, money("-40"));
        QCOMPARE(account.position(kBtc).quantity, -quantity("0.3").raw());
        QCOMPARE(account.position(kBtc).entryPrice(), price("60000"));
        // 10000 + 30 − 40 − fees (3 + 6.03 + 3.025 + 15)
        QCOMPARE(account.wallet(), money("9962.945"));
        QCOMPARE(account.position(kBtc).realized, money("-10"));
    }

    void marginOfOrdersIsTheWorseOfBothWays()
    {
        const auto table = tiers();
        Account account(money("1000"), 10);
        account.addInstrument(kBtc, table);
        account.setMark(kBtc, price("60000"));
        account.setOrderNotionals({kBtc}, money("3000"), money("1000"));
        QCOMPARE(account.orderMargin(), money("300"));
        account.setPosition(kBtc, quantity("0.05").raw(), price("60000"), {});
        QCOMPARE(account.initialMargin(), money("300"));
        QCOMPARE(account.orderMargin(), money("300"));
        QCOMPARE(account.available(), money("400"));
        account.setOrderNotionals({kBtc}, money("0"), money("3000")); // closing costs nothing
        QCOMPARE(account.orderMargin(), Money{});
        QCOMPARE(account.marginIncrease(kBtc, Side::Sell, money("3000")), Money{});
        QCOMPARE(account.marginIncrease(kBtc, Side::Buy, money("3000")), money("300"));
    }

    void liquidationPriceIsWhereEquityMeetsMaintenance()
    {
        QVERIFY(rc::check("a tick before: alive; a tick beyond: due", [] {
            const auto table = tiers();
            const bool isLong = *rc::gen::arbitrary<bool>();
            const auto size = *rc::gen::inRange<std::int64_t>(1, 4'000) * 100'000;
            const auto entry = Price::fromRaw(*rc::gen::inRange<std::int64_t>(500'000, 700'000) * 10'000'000);
            const int leverage = *rc::gen::inRange(2, 60);
            const Money cost = notional(entry, Quantity::fromRaw(size), Rounding::HalfEven).value();
            Account account(Money::fromRaw(cost.raw() / leverage), leverage);
            account.addInstrument(kBtc, table);
            account.addInstrument(kEth, table);
            account.setMark(kBtc, entry);
            account.setPosition(kBtc, isLong ? size : -size, entry, {});
            const auto price = account.liquidationPriceOf(kBtc);
            if (!price)
                return;
            const std::int64_t tick = 10'000'000;
            account.setMark(kBtc, Price::fromRaw(price->raw() + (isLong ? tick : -tick)));
            RC_ASSERT(!account.mustLiquidate());
            account.setMark(kBtc, Price::fromRaw(price->raw() - (isLong ? tick : -tick)));
            RC_ASSERT(account.mustLiquidate());
        }));
    }

    void profitIsConservedOverAnyFills()
    {
        QVERIFY(rc::check("wallet + unrealised = start + signed cash flows − fees, whatever the path", [] {
            const auto table = tiers();
            Account account(money("1000000"), 10);
            account.addInstrument(kBtc, table);
            std::int64_t cash = money("1000000").raw();
            std::int64_t held = 0;
            Price last = price("60000");
            for (int i = 0; i < 30; ++i) {
                const auto at =
                    Price::fromRaw(*rc::gen::inRange<std::int64_t>(500'000, 700'000) * 10'000'000);
                const auto size = Quantity::fromRaw(*rc::gen::inRange<std::int64_t>(1, 2'000) * 100'000);
                const Side side = *rc::gen::element(Side::Buy, Side::Sell);
                const FillEffect effect = account.applyFill(kBtc, side, at, size, Ratio::fromRaw(50'000), {});
                const std::int64_t value = notional(at, size, Rounding::HalfEven).value().raw();
                cash += (side == Side::Buy ? -value : value) - effect.fee.raw();
                held += side == Side::Buy ? size.raw() : -size.raw();
                last = at;
            }
            account.setMark(kBtc, last);
            RC_ASSERT(account.position(kBtc).quantity == held);
            const std::int64_t worth =
                notional(last, Quantity::fromRaw(std::llabs(held)), Rounding::HalfEven).value().raw();
            RC_ASSERT(account.equity().raw() == cash + (held < 0 ? -worth : worth)); // to the last 1e-8
        }));
    }
};

QTEST_APPLESS_MAIN(TestAccount)
#include "tst_account.moc"
