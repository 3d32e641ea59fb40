#include <QtTest/QTest>

#include <set>

#include "core/exchange/hyperliquid/account_sync_ledger.h"
#include "core/exchange/hyperliquid/address_budget.h"
#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/cloids.h"
#include "core/exchange/hyperliquid/endpoints.h"
#include "core/exchange/hyperliquid/order_channel_wire.h"
#include "core/exchange/hyperliquid/rest_codec.h"

using namespace core;
using namespace core::exchange::hyperliquid;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(core::exchange::hyperliquid::Endpoints)

namespace
{

Price price(std::string_view text)
{
    return parsePrice(text).value();
}
Quantity quantity(std::string_view text)
{
    return parseQuantity(text).value();
}
ClientOrderId orderId(std::string_view text)
{
    return ClientOrderId::from(text).value();
}

/// BTC with five decimals of size, as the venue lists it.
AssetTable btcTable()
{
    AssetTable table;
    const auto meta = parseMeta(
        R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":20}],"marginTables":[]})");
    static_cast<void>(table.replaceDex(0, meta.value(), "USDC"));
    return table;
}

OrderRequest request(OrderType type, Side side, std::string_view size)
{
    OrderRequest order;
    order.instrument = {Venue::Hyperliquid, Symbol::from("BTC").value()};
    order.clientOrderId = orderId("piece-1");
    order.side = side;
    order.type = type;
    order.quantity = quantity(size);
    return order;
}

FillRow fill(std::int64_t time, std::int64_t trade, std::string_view size, std::string_view start)
{
    FillRow row;
    row.fill.instrument = {Venue::Hyperliquid, Symbol::from("BTC").value()};
    row.fill.tradeId = trade;
    row.fill.venueOrderId = {7};
    row.fill.side = Side::Buy;
    row.fill.price = price("60000");
    row.fill.quantity = quantity(size);
    row.fill.venueTime = utcFromMilliseconds(time);
    row.startPosition = parseFixed<SignedSize>(start).value();
    return row;
}

} // namespace

/// The pure parts of the client: addresses, ids, budgets, wire orders, the ledger of fills.
class TestHlPieces : public QObject
{
    Q_OBJECT

private slots:
    void hl08_networkAndSourceMustAgree_data()
    {
        QTest::addColumn<Endpoints>("endpoints");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("mainnet") << mainnetEndpoints() << true;
        QTest::newRow("testnet") << testnetEndpoints() << true;
        QTest::newRow("loopback") << loopbackEndpoints(1, 2) << true;
        Endpoints mixed = mainnetEndpoints();
        mixed.source = SigningSource::Testnet;
        QTest::newRow("mainnet signed for the testnet") << mixed << false;
        mixed = testnetEndpoints();
        mixed.source = SigningSource::Mainnet;
        QTest::newRow("testnet signed for the mainnet") << mixed << false;
        mixed = mainnetEndpoints();
        mixed.rest = testnetEndpoints().rest;
        QTest::newRow("REST of the testnet") << mixed << false;
        mixed = mainnetEndpoints();
        mixed.webSocket = testnetEndpoints().webSocket;
        QTest::newRow("stream of the testnet") << mixed << false;
        mixed = loopbackEndpoints(1, 2);
        mixed.rest = mainnetEndpoints().rest;
        QTest::newRow("loopback with the mainnet's REST") << mixed << false;
        mixed = mainnetEndpoints();
        mixed.rest = "https://hyperliquid.xyz.example.com";
        QTest::newRow("a host that only looks like it is taken at its word") << mixed << true;
        mixed.rest = "http://api.hyperliquid.xyz";
        QTest::newRow("not encrypted") << mixed << false;
    }
    void hl08_networkAndSourceMustAgree()
    {
        QFETCH(Endpoints, endpoints);
        QFETCH(bool, accepted);
        QCOMPARE(check(endpoints).has_value(), accepted);
    }

    void hl18_cloidsAreTheSameAfterARestartAndNeverTwoAlike()
    {
        std::set<Cloid> seen;
        for (int i = 0; i < 20'000; ++i) {
            const ClientOrderId id = orderId("guard-7-" + std::to_string(i));
            QVERIFY(seen.insert(Cloids::cloidOf(id)).second);
            QCOMPARE(Cloids::cloidOf(id), Cloids::cloidOf(id));
        }
        Cloids fresh;
        const Cloid cloid = Cloids::cloidOf(orderId("guard-7-1"));
        QCOMPARE(cloid.text().size(), std::size_t{34});
        // An earlier run's order goes by its cloid until somebody names it.
        QCOMPARE(fresh.nameOf(cloid.text(), {1}).string(), cloid.text());
        QCOMPARE(Cloids::cloidOf(fresh.nameOf(cloid.text(), {1})), cloid);
        const ClientOrderId stop = orderId("ebs-0123456789abcdef019b2ec2e758"); // of an earlier run
        QCOMPARE(fresh.nameOf(Cloids::cloidOf(stop).text(), {1}), stop);
        for (const char *other : {"ebs-0123456789ABCDEF019b2ec2e758", "ebs-0x23456789abcdef019b2ec2e758", "ebs-01"})
            QVERIFY(!fresh.nameOf(Cloids::cloidOf(orderId(other)).text(), {1}).view().starts_with("ebs-"));
        static_cast<void>(fresh.add(orderId("guard-7-1")));
        QCOMPARE(fresh.nameOf(cloid.text(), {1}).string(), std::string("guard-7-1"));
        // One without a cloid goes by its number.
        QCOMPARE(fresh.nameOf("", {91490942}).string(), std::string("oid-91490942"));
        QCOMPARE(Cloids::orderNumberOf(orderId("oid-91490942"))->value, std::int64_t{91490942});
        QVERIFY(!Cloids::orderNumberOf(orderId("oid-9x")));
    }

    void hl15_sizesRoundDownAndNothingLeftIsAnError()
    {
        const AssetTable table = btcTable();
        const ListedAsset &asset = *table.find(Symbol::from("BTC").value());
        OrderRequest order = request(OrderType::Limit, Side::Buy, "0.123459");
        order.limitPrice = price("60000");
        const auto wire = wireOrder(asset, order, {}, {}, Cloid{});
        QVERIFY(wire.has_value());
        QCOMPARE(wire->size.text(), std::string("0.12345"));
        order.quantity = quantity("0.000009");
        QVERIFY(!wireOrder(asset, order, {}, {}, Cloid{}));
        order.reduceOnly = ReduceOnly::Yes; // a zero would close everything
        QVERIFY(!wireOrder(asset, order, {}, {}, Cloid{}));
    }

    void hl16_entriesBelowTenDollarsAreRefusedWholeClosesAreNot()
    {
        const AssetTable table = btcTable();
        const ListedAsset &asset = *table.find(Symbol::from("BTC").value());
        OrderRequest order = request(OrderType::Limit, Side::Sell, "0.0001");
        order.limitPrice = price("60000"); // 6 dollars
        QVERIFY(!wireOrder(asset, order, {.position = quantity("0.5")}, {}, Cloid{}));
        order.reduceOnly = ReduceOnly::Yes;
        QVERIFY(!wireOrder(asset, order, {.position = quantity("0.5")}, {}, Cloid{}));
        QVERIFY(wireOrder(asset, order, {.position = quantity("0.0001")}, {}, Cloid{}).has_value());
    }

    void marketOrdersHaveAWorstPrice()
    {
        const AssetTable table = btcTable();
        const ListedAsset &asset = *table.find(Symbol::from("BTC").value());
        const Ratio fivePercent = Ratio::fromRaw(5'000'000);
        OrderRequest order = request(OrderType::Market, Side::Buy, "0.01");
        QVERIFY(!wireOrder(asset, order, {}, fivePercent, Cloid{})); // no price is known: none is made up
        const Surroundings around{.mark = price("60000"), .mid = price("60001.5"), .position = {}};
        auto wire = wireOrder(asset, order, around, fivePercent, Cloid{});
        QVERIFY(wire.has_value());
        QCOMPARE(wire->price.text(), std::string("63002")); // 63001.575, widened to five digits
        QVERIFY(std::get<LimitTerms>(wire->terms).tif == Tif::Ioc);
        order.side = Side::Sell;
        wire = wireOrder(asset, order, around, fivePercent, Cloid{});
        QCOMPARE(wire->price.text(), std::string("57001")); // 57001.425
        order.limitPrice = price("59990");
        wire = wireOrder(asset, order, around, fivePercent, Cloid{});
        QCOMPARE(wire->price.text(), std::string("59990"));
    }

    void hl29_stopsAreCheckedOnBothSides_data()
    {
        QTest::addColumn<OrderType>("type");
        QTest::addColumn<Side>("side");
        QTest::addColumn<QString>("trigger");
        QTest::addColumn<QString>("limit");
        QTest::addColumn<bool>("accepted");
        const QString none;
        QTest::newRow("stop of a long below the mark")
            << OrderType::StopMarket << Side::Sell << "59000" << none << true;
        QTest::newRow("stop of a long above the mark")
            << OrderType::StopMarket << Side::Sell << "61000" << none << false;
        QTest::newRow("stop of a short above the mark")
            << OrderType::StopMarket << Side::Buy << "61000" << none << true;
        QTest::newRow("stop of a short below the mark")
            << OrderType::StopMarket << Side::Buy << "59000" << none << false;
        QTest::newRow("profit of a long above the mark")
            << OrderType::TakeProfitMarket << Side::Sell << "61000" << none << true;
        QTest::newRow("profit of a long below the mark")
            << OrderType::TakeProfitMarket << Side::Sell << "59000" << none << false;
        QTest::newRow("profit of a short below the mark")
            << OrderType::TakeProfitMarket << Side::Buy << "59000" << none << true;
        QTest::newRow("profit of a short above the mark")
            << OrderType::TakeProfitMarket << Side::Buy << "61000" << none << false;
        QTest::newRow("limit of a selling stop below its trigger")
            << OrderType::StopLimit << Side::Sell << "59000" << "58900" << true;
        QTest::newRow("limit of a selling stop above its trigger")
            << OrderType::StopLimit << Side::Sell << "59000" << "59100" << false;
        QTest::newRow("limit of a buying stop above its trigger")
            << OrderType::StopLimit << Side::Buy << "61000" << "61100" << true;
        QTest::newRow("limit of a buying stop below its trigger")
            << OrderType::StopLimit << Side::Buy << "61000" << "60900" << false;
    }
    void hl29_stopsAreCheckedOnBothSides()
    {
        QFETCH(OrderType, type);
        QFETCH(Side, side);
        QFETCH(QString, trigger);
        QFETCH(QString, limit);
        QFETCH(bool, accepted);
        const AssetTable table = btcTable();
        OrderRequest order = request(type, side, "0.01");
        order.reduceOnly = ReduceOnly::Yes;
        order.triggerPrice = price(trigger.toStdString());
        if (!limit.isEmpty())
            order.limitPrice = price(limit.toStdString());
        const auto wire = wireOrder(*table.find(Symbol::from("BTC").value()), order,
                                    {.mark = price("60000"), .mid = {}, .position = {}}, {}, Cloid{});
        QCOMPARE(wire.has_value(), accepted);
        if (wire) {
            const auto &terms = std::get<TriggerTerms>(wire->terms);
            QCOMPARE(terms.isMarket, limit.isEmpty());
            QVERIFY(side == Side::Sell ? price(wire->price.text()) <= *order.triggerPrice
                                       : price(wire->price.text()) >= *order.triggerPrice);
        }
    }

    void whatTheVenueLacksIsRefusedInWords()
    {
        const AssetTable table = btcTable();
        const ListedAsset &asset = *table.find(Symbol::from("BTC").value());
        const auto codeOf = [&](const OrderRequest &order) {
            const auto wire = wireOrder(asset, order, {.mark = price("60000"), .mid = {}, .position = {}}, {}, Cloid{});
            return wire ? ErrorCode::IoFailed : wire.error().code;
        };
        OrderRequest order = request(OrderType::TrailingStop, Side::Sell, "0.01");
        QCOMPARE(codeOf(order), ErrorCode::Unsupported);
        order = request(OrderType::StopMarket, Side::Sell, "0.01");
        order.triggerPrice = price("59000");
        order.triggerBy = TriggerSource::Last;
        QCOMPARE(codeOf(order), ErrorCode::Unsupported);
        order = request(OrderType::Limit, Side::Sell, "0.01");
        order.limitPrice = price("61000");
        order.timeInForce = TimeInForce::FillOrKill;
        QCOMPARE(codeOf(order), ErrorCode::Unsupported);
        order.timeInForce = TimeInForce::GoodTilCancel;
        order.positionSide = PositionSide::Long;
        QCOMPARE(codeOf(order), ErrorCode::Unsupported);
    }

    void hl45_anHourOfRequestsStaysBelowTheLimit()
    {
        WeightBudget budget(1'100, 10s, 60s, 7);
        std::deque<std::pair<Duration, int>> sent;
        int inWindow = 0;
        int most = 0;
        int flattenRefused = 0;
        int readsSent = 0;
        net::Jitter random(11);
        for (Duration now{0}; now < 1h; now += 50ms) {
            while (!sent.empty() && now - sent.front().first >= 60s) {
                inWindow -= sent.front().second;
                sent.pop_front();
            }
            const auto attempt = [&](Lane lane, int weight) {
                if (budget.take(lane, weight, now))
                    return false;
                sent.emplace_back(now, weight);
                inWindow += weight;
                most = std::max(most, inWindow);
                return true;
            };
            // More reads than ever fit; a flatten each five seconds.
            readsSent += attempt(Lane::Read, 20 + static_cast<int>(random.upTo(100ns).count())) ? 1 : 0;
            static_cast<void>(attempt(Lane::History, 120));
            if (now % 5s == Duration{0} && !attempt(Lane::Flatten, 1))
                ++flattenRefused;
        }
        QVERIFY2(most < 1200, qPrintable(QString::number(most)));
        QVERIFY(most > 700);
        QCOMPARE(flattenRefused, 0);
        QVERIFY(readsSent > 600);
    }

    void hl46_limitedMeansAPauseForAllButExits()
    {
        WeightBudget budget(1'100, 10s, 60s, 7);
        QVERIFY(!budget.take(Lane::Read, 20, 0s));
        budget.onLimited(30s, 0s);
        QVERIFY(budget.take(Lane::Read, 2, 29s));
        QVERIFY(budget.take(Lane::Entry, 1, 29s));
        QVERIFY(!budget.take(Lane::Flatten, 1, 1s)); // one a second
        QVERIFY(budget.take(Lane::Cancel, 1, 1s));
        QVERIFY(!budget.take(Lane::Cancel, 1, 2s));
        QVERIFY(!budget.take(Lane::Read, 2, 31s));
        // Without a stated time: ten seconds, then more.
        WeightBudget other(1'100, 10s, 60s, 7);
        other.onLimited(std::nullopt, 0s);
        QVERIFY(*other.take(Lane::Read, 2, 0s) >= 10s);
        other.onLimited(std::nullopt, 20s);
        QVERIFY(*other.take(Lane::Read, 2, 20s) >= 20s);
    }

    void aCorrectionLeavesTheWindowWithWhatItCorrects()
    {
        WeightBudget budget(1'000, 10s, 60s, 1);
        QVERIFY(!budget.take(Lane::History, 120, 0s)); // 20, and 2,000 rows until the answer tells
        budget.correct(-90, 0s, 1s);
        QCOMPARE(budget.used(1s), 30);
        QVERIFY(!budget.take(Lane::Flatten, 1, 2s));
        budget.correct(5, 2s, 3s);
        QCOMPARE(budget.used(59s), 36);
        QCOMPARE(budget.used(60s), 6);
        budget.correct(-10, 0s, 61s); // the answer of a booking that is over
        QCOMPARE(budget.used(61s), 6);
        QCOMPARE(budget.used(62s), 0);
    }

    void hl47_withoutBudgetOnlyExitsGoOneEachTenSeconds()
    {
        AddressBudget budget(10s);
        budget.onCount(10, 10'000);
        QVERIFY(!budget.take(Lane::Entry, 0s));
        budget.onRefused(Lane::Entry, 0s);
        QVERIFY(budget.exitsOnly());
        QCOMPARE(*budget.take(Lane::Entry, 1s), Duration::max());
        QVERIFY(budget.take(Lane::Flatten, 1s));
        int went = 0;
        for (Duration now{10s}; now < 70s; now += 1s)
            went += budget.take(Lane::Flatten, now) ? 0 : 1;
        QCOMPARE(went, 6);
        budget.onCount(9'000, 10'000);
        QVERIFY(!budget.exitsOnly());
        QVERIFY(!budget.take(Lane::Entry, 70s));
        // A trade frees room at once.
        budget.onCount(10'000, 10'000);
        QVERIFY(budget.exitsOnly());
        budget.onTraded(Money::fromRaw(1'000 * kDecimalOne));
        QVERIFY(!budget.exitsOnly());
        QCOMPARE(*budget.left(), std::int64_t{1'000});
    }

    void hl47_cancelsHaveACeilingOfTheirOwn()
    {
        AddressBudget budget(10s);
        budget.onCount(10'000, 10'000);
        QVERIFY(budget.exitsOnly());
        for (int i = 0; i < 100; ++i) // twice the others' at most
            QVERIFY(!budget.take(Lane::Cancel, 1s));
        budget.onCount(19'996, 10'000);
        QVERIFY(!budget.take(Lane::Cancel, 20s)); // through the door, as every exit
        QVERIFY(budget.take(Lane::Cancel, 21s));
        budget.onCount(110'000, 100'000); // 200,000 is the end
        QVERIFY(!budget.take(Lane::Cancel, 22s));
        // The venue knows better than our count.
        budget.onRefused(Lane::Cancel, 23s);
        QVERIFY(budget.take(Lane::Cancel, 24s));
        budget.onCount(110'000, 100'000); // the same count again opens nothing
        QVERIFY(budget.take(Lane::Cancel, 25s));
        budget.onTraded(Money::fromRaw(50'000 * kDecimalOne));
        QVERIFY(!budget.take(Lane::Cancel, 26s));
    }

    void hl41_snapshotsBringNoFillTwice()
    {
        AccountLedger ledger;
        ledger.start(utcFromMilliseconds(1'000), {});
        QCOMPARE(ledger.newFills({fill(2'000, 1, "0.1", "0"), fill(2'000, 2, "0.2", "0.1")}).size(), std::size_t{2});
        // After a reconnect: newest first, with history of before our time.
        const auto again = ledger.newFills({fill(3'000, 3, "0.3", "0.3"), fill(2'000, 2, "0.2", "0.1"),
                                            fill(2'000, 1, "0.1", "0"), fill(500, 9, "5", "0")});
        QCOMPARE(again.size(), std::size_t{1});
        QCOMPARE(again.front().fill.tradeId, std::int64_t{3});
        // The same trade id at another time or of another order is another fill.
        QCOMPARE(ledger.newFills({fill(3'001, 3, "0.3", "0.6")}).size(), std::size_t{1});
        QCOMPARE(ledger.fillsFrom(), utcFromMilliseconds(3'001));
    }

    void hl41_aKnownLastFillDecidesWhatIsNew()
    {
        AccountLedger ledger;
        ledger.start(utcFromMilliseconds(9'000),
                     {{Symbol::from("BTC").value(), LastFill{.tradeId = 5, .time = utcFromMilliseconds(4'000)}}});
        QCOMPARE(ledger.fillsFrom(), utcFromMilliseconds(4'000));
        const auto fresh = ledger.newFills(
            {fill(3'999, 4, "1", "0"), fill(4'000, 5, "1", "1"), fill(4'000, 6, "1", "2"), fill(5'000, 7, "1", "3")});
        QCOMPARE(fresh.size(), std::size_t{2});
    }

    void hl36_fillsMustStartWhereTheLastOneEnded()
    {
        AccountLedger ledger;
        ledger.start(UtcTime{}, {});
        QVERIFY(ledger.follows(fill(1, 1, "0.5", "0")));
        QVERIFY(ledger.follows(fill(2, 2, "0.5", "0.5")));
        QVERIFY(!ledger.follows(fill(3, 3, "0.5", "1.5"))); // half a coin is missing
        QVERIFY(ledger.follows(fill(4, 4, "0.5", "2")));
    }

    void fillsOfOneMillisecondAreOrderedByTheirStart()
    {
        AccountLedger ledger;
        ledger.start(UtcTime{}, {});
        QVERIFY(ledger.follows(fill(1, 1, "1", "0")));
        const auto ordered =
            ledger.newFills({fill(5, 4, "0.1", "1.5"), fill(5, 3, "0.2", "1.3"), fill(5, 2, "0.3", "1")});
        QCOMPARE(ordered.size(), std::size_t{3});
        for (const FillRow &row : ordered)
            QVERIFY(ledger.follows(row));
    }

    void namesCannotBreakOutOfARequest()
    {
        const InfoCall call = candlesRequest("BTC\",\"x\":\"", "1m", UtcTime{}, UtcTime{});
        QVERIFY(call.body.find(R"(\",\"x\":\")") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestHlPieces)
#include "tst_hl_pieces.moc"
