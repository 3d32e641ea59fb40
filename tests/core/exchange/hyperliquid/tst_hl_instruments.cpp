#include <random>

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "core/exchange/hyperliquid/instruments.h"
#include "core/exchange/hyperliquid/rest_codec.h"
#include "tests/support/shared_data.h"

using namespace core::exchange::hyperliquid;
using namespace Qt::StringLiterals;
using core::OrderRequest;
using core::OrderType;
using core::Price;
using core::Quantity;
using core::Side;

namespace
{
[[nodiscard]] Price price(std::string_view digits)
{
    return core::parsePrice(digits).value();
}
[[nodiscard]] Quantity quantity(std::string_view digits)
{
    return core::parseQuantity(digits).value();
}
[[nodiscard]] core::Symbol symbol(std::string_view name)
{
    return *core::Symbol::from(name);
}
[[nodiscard]] Meta metaOf(std::initializer_list<MetaAsset> rows)
{
    Meta meta;
    meta.universe = rows;
    return meta;
}
[[nodiscard]] MetaAsset row(std::string name, int sizeDecimals, bool delisted = false)
{
    MetaAsset asset;
    asset.name = std::move(name);
    asset.sizeDecimals = sizeDecimals;
    asset.leverageMax = 20;
    asset.delisted = delisted;
    return asset;
}
[[nodiscard]] ListedAsset assetWith(int sizeDecimals)
{
    AssetTable table;
    if (!table.replaceDex(0, metaOf({row("X", sizeDecimals)}), "USDC"))
        qFatal("no table");
    return table.all().front();
}
/// Spot has eight decimals where perps have six; the grid is otherwise the same.
[[nodiscard]] core::Instrument gridOf(int sizeDecimals, bool spot)
{
    core::Instrument instrument = assetWith(0).instrument;
    std::int64_t tick = spot ? 1 : 100;
    for (int i = 0; i < sizeDecimals; ++i)
        tick *= 10;
    instrument.tickSize = Price::fromRaw(tick);
    return instrument;
}
[[nodiscard]] OrderRequest limitOrder(Side side, std::string_view limit, std::string_view size)
{
    OrderRequest order;
    order.side = side;
    order.limitPrice = price(limit);
    order.quantity = quantity(size);
    return order;
}
[[nodiscard]] QString refusalOf(const core::Result<void> &result)
{
    return result ? QString() : QString::fromStdString(result.error().detail);
}
} // namespace

class TestHlInstruments : public QObject
{
    Q_OBJECT

private slots:
    void hl03_pricesOfTheTableAreJudgedLikeTheVenueDoes_data()
    {
        QTest::addColumn<QString>("px");
        QTest::addColumn<int>("sizeDecimals");
        QTest::addColumn<bool>("spot");
        QTest::addColumn<bool>("valid");
        QFile file(tests::sharedDir() + u"/reference/hyperliquid-signing-vectors.json"_s);
        if (!file.open(QIODevice::ReadOnly))
            return;
        const QJsonArray cases =
            QJsonDocument::fromJson(file.readAll()).object().value("priceValidity"_L1).toArray();
        for (const QJsonValue &entry : cases) {
            const QJsonObject one = entry.toObject();
            const QString px = one.value("px"_L1).toString();
            const int decimals = one.value("szDecimals"_L1).toInt();
            const QString market = one.value("market"_L1).toString();
            QTest::addRow("%s, %d decimals, %s", qPrintable(px), decimals, qPrintable(market))
                << px << decimals << (market == "spot"_L1) << one.value("valid"_L1).toBool();
        }
    }
    void hl03_pricesOfTheTableAreJudgedLikeTheVenueDoes()
    {
        REQUIRE_SHARED();
        QFETCH(QString, px);
        QFETCH(int, sizeDecimals);
        QFETCH(bool, spot);
        QFETCH(bool, valid);
        QCOMPARE(core::isValidPrice(gridOf(sizeDecimals, spot), price(px.toStdString())), valid);
    }

    void hl13_delistedRowsKeepTheirPlace()
    {
        AssetTable table;
        QVERIFY(
            table.replaceDex(0, metaOf({row("BTC", 5), row("ETH", 4), row("SOL", 2)}), "USDC").has_value());
        QCOMPARE(table.find(symbol("ETH"))->id, std::int64_t{1});
        // the venue inserts a delisted row at index 1
        QVERIFY(table
                    .replaceDex(0,
                                metaOf({row("BTC", 5), row("MATIC", 1, true), row("ETH", 4), row("SOL", 2)}),
                                "USDC")
                    .has_value());
        QCOMPARE(table.find(symbol("BTC"))->id, std::int64_t{0});
        QCOMPARE(table.find(symbol("ETH"))->id, std::int64_t{2});
        QCOMPARE(table.find(symbol("SOL"))->id, std::int64_t{3});
        QVERIFY(table.find(symbol("MATIC"))->delisted && !table.find(symbol("MATIC"))->instrument.trading);
        QCOMPARE(table.find(std::int64_t{2})->instrument.key.symbol, symbol("ETH"));
        QVERIFY(table.find(symbol("DOGE")) == nullptr);
    }
    void hl13_otherDexesHaveTheirOwnRange()
    {
        AssetTable table;
        QVERIFY(table.replaceDex(0, metaOf({row("BTC", 5)}), "USDC").has_value());
        QVERIFY(table.replaceDex(1, metaOf({row("xyz:TSLA", 3), row("xyz:BTC", 5)}), "USDH").has_value());
        QCOMPARE(table.find(symbol("xyz:TSLA"))->id, std::int64_t{110'000});
        QCOMPARE(table.find(symbol("xyz:BTC"))->id, std::int64_t{110'001});
        QCOMPARE(table.find(symbol("xyz:BTC"))->instrument.quote.string(), std::string("USDH"));
        QCOMPARE(table.find(symbol("xyz:BTC"))->instrument.base.string(), std::string("BTC"));
        QCOMPARE(table.find(symbol("BTC"))->id, std::int64_t{0});
        QCOMPARE(dexOf("xyz:TSLA"), std::string_view("xyz"));
        QCOMPARE(dexOf("BTC"), std::string_view(""));
    }
    void hl13_aBadListChangesNothing()
    {
        AssetTable table;
        QVERIFY(table.replaceDex(0, metaOf({row("BTC", 5)}), "USDC").has_value());
        QVERIFY(!table.replaceDex(0, metaOf({row("A", 1), row("A", 1)}), "USDC"));
        QVERIFY(!table.replaceDex(0, metaOf({row("A", 7)}), "USDC"));
        QVERIFY(!table.replaceDex(1, metaOf({row("BTC", 5)}), "USDC"));
        QCOMPARE(table.all().size(), std::size_t{1});
        QCOMPARE(table.find(symbol("BTC"))->id, std::int64_t{0});
    }
    void anInstrumentFollowsFromItsRow()
    {
        const auto meta = parseMeta(
            R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":56},{"szDecimals":4,"name":"ETH",)"
            R"("maxLeverage":25,"marginTableId":55,"marginMode":"strictIsolated"},{"szDecimals":0,"name":"DOGE","maxLeverage":10,)"
            R"("isDelisted":null,"onlyIsolated":true}],"marginTables":[[56,{"description":"tiered 40x","marginTiers":[)"
            R"({"lowerBound":"0.0","maxLeverage":40},{"lowerBound":"150000000.0","maxLeverage":20}]}]],"collateralToken":0})");
        QVERIFY2(meta.has_value(), meta ? "" : meta.error().detail.c_str());
        AssetTable table;
        QVERIFY(table.replaceDex(0, *meta, "USDC").has_value());
        const core::Instrument &btc = table.find(symbol("BTC"))->instrument;
        QCOMPARE(btc.tickSize.text(), std::string("0.1"));
        QCOMPARE(btc.stepSize.text(), std::string("0.00001"));
        QCOMPARE(btc.significantDigits, 5);
        QCOMPARE(btc.notionalMin.text(), std::string("10"));
        QCOMPARE(btc.marginTiers.size(), std::size_t{2});
        QVERIFY(btc.trading && !btc.isolatedOnly);
        QVERIFY(table.find(symbol("ETH"))->instrument.isolatedOnly);
        QVERIFY(table.find(symbol("DOGE"))->instrument.isolatedOnly);
        QCOMPARE(table.find(symbol("ETH"))->instrument.marginTiers.size(),
                 std::size_t{1}); // its table is not listed
        QCOMPARE(table.find(symbol("ETH"))->instrument.marginTiers.at(0).maintenanceRate.text(),
                 std::string("0.02"));
    }

    void hl14_pricesRoundToValidOnesInTheSafeDirection()
    {
        std::mt19937_64 random(14);
        for (int decimals = 0; decimals <= 5; ++decimals) {
            const core::Instrument instrument = assetWith(decimals).instrument;
            for (int power = 0; power < 12; ++power) { // 1e-6 … 1e6
                std::int64_t scale = 100;
                for (int i = 0; i < power; ++i)
                    scale *= 10;
                for (int i = 0; i < 400; ++i) {
                    const Price any = Price::fromRaw(scale + static_cast<std::int64_t>(random() % 9'000'000) *
                                                                 (scale / 100) / 10'000);
                    if (const auto down = core::toValidPrice(instrument, any, core::Rounding::Floor)) {
                        QVERIFY2(core::isValidPrice(instrument, *down), down->text().c_str());
                        QVERIFY(*down <= any);
                    } else {
                        QVERIFY(any < instrument.tickSize);
                    }
                    const auto up = core::toValidPrice(instrument, any, core::Rounding::Ceil);
                    QVERIFY(up.has_value() && core::isValidPrice(instrument, *up) && *up >= any);
                    QCOMPARE(core::isValidPrice(instrument, any), *up == any);
                }
            }
        }
    }
    void hl14_wholePricesStayAsTheyAre()
    {
        for (int decimals = 0; decimals <= 5; ++decimals) {
            const core::Instrument instrument = assetWith(decimals).instrument;
            for (const auto rounding : {core::Rounding::Floor, core::Rounding::Ceil})
                QCOMPARE(core::toValidPrice(instrument, price("100001"), rounding).value(), price("100001"));
            QCOMPARE(core::toValidPrice(instrument, price("99999.6"), core::Rounding::Ceil).value(),
                     price("100000"));
            QCOMPARE(core::toValidPrice(instrument, price("99999.6"), core::Rounding::Floor).value(),
                     price("99999"));
        }
    }

    void hl15_sizesRoundDownAndNothingIsNotSent()
    {
        const core::Instrument instrument = assetWith(2).instrument;
        QCOMPARE(toValidSize(instrument, quantity("1.239")).value(), quantity("1.23"));
        QCOMPARE(toValidSize(instrument, quantity("0.01")).value(), quantity("0.01"));
        QVERIFY(!toValidSize(instrument, quantity("0.0099")));
        const auto zero = checkOrder(assetWith(2), limitOrder(Side::Buy, "100", "0"), {}, {});
        QVERIFY2(refusalOf(zero).startsWith("size must be above 0"_L1), qPrintable(refusalOf(zero)));
        QVERIFY(!checkOrder(assetWith(2), limitOrder(Side::Buy, "100", "1.234"), {}, {}));
    }

    void hl16_tenDollarsAreTheLeastUnlessAllIsClosed()
    {
        const ListedAsset asset = assetWith(2);
        QVERIFY(checkOrder(asset, limitOrder(Side::Buy, "100", "0.1"), price("100"), {}).has_value());
        QVERIFY(!checkOrder(asset, limitOrder(Side::Buy, "100", "0.09"), price("100"), {}));
        // dear by its limit, cheap by the mark
        QVERIFY(!checkOrder(asset, limitOrder(Side::Buy, "120", "0.09"), price("100"), {}));
        OrderRequest close = limitOrder(Side::Sell, "100", "0.05");
        close.reduceOnly = core::ReduceOnly::Yes;
        QVERIFY(checkOrder(asset, close, price("100"), quantity("0.05")).has_value());
        QVERIFY(
            checkOrder(asset, close, price("100"), quantity("0.04")).has_value()); // larger than the position
        QVERIFY(!checkOrder(asset, close, price("100"), quantity("0.06")));        // leaves a residue
        QVERIFY(!checkOrder(asset, close, price("100"), {}));
    }

    void hl29_triggersAndLimitsStandOnTheirSides_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("side");
        QTest::addColumn<QString>("trigger");
        QTest::addColumn<QString>("limit"); // empty: none
        QTest::addColumn<bool>("good");
        const auto add = [](const char *words, OrderType type, Side side, const char *trigger,
                            const char *limit, bool good) {
            QTest::newRow(words) << static_cast<int>(type) << static_cast<int>(side)
                                 << QString::fromLatin1(trigger) << QString::fromLatin1(limit) << good;
        };
        // the mark is 100
        add("stop of a long below the mark", OrderType::StopMarket, Side::Sell, "95", "90", true);
        add("stop of a long above the mark", OrderType::StopMarket, Side::Sell, "105", "90", false);
        add("stop of a long at the mark", OrderType::StopMarket, Side::Sell, "100", "90", false);
        add("stop of a long, worst price above its trigger", OrderType::StopMarket, Side::Sell, "95", "96",
            false);
        add("stop limit of a long, limit above its trigger", OrderType::StopLimit, Side::Sell, "95", "96",
            false);
        add("stop of a short above the mark", OrderType::StopMarket, Side::Buy, "105", "110", true);
        add("stop of a short below the mark", OrderType::StopMarket, Side::Buy, "95", "110", false);
        add("stop of a short, worst price below its trigger", OrderType::StopMarket, Side::Buy, "105", "104",
            false);
        add("target of a long above the mark", OrderType::TakeProfitMarket, Side::Sell, "105", "95", true);
        add("target of a long below the mark", OrderType::TakeProfitMarket, Side::Sell, "95", "90", false);
        add("target of a long, worst price above its trigger", OrderType::TakeProfitMarket, Side::Sell, "105",
            "106", false);
        add("target limit of a long may rest above its trigger", OrderType::TakeProfitLimit, Side::Sell,
            "105", "106", true);
        add("target of a short below the mark", OrderType::TakeProfitMarket, Side::Buy, "95", "99", true);
        add("target of a short above the mark", OrderType::TakeProfitMarket, Side::Buy, "105", "110", false);
        add("no worst price yet", OrderType::StopMarket, Side::Sell, "95", "", true);
        add("stop limit without its limit", OrderType::StopLimit, Side::Sell, "95", "", false);
        add("trigger off the grid", OrderType::StopMarket, Side::Sell, "95.12345", "", false);
        add("trailing is not offered", OrderType::TrailingStop, Side::Sell, "95", "", false);
    }
    void hl29_triggersAndLimitsStandOnTheirSides()
    {
        QFETCH(int, type);
        QFETCH(int, side);
        QFETCH(QString, trigger);
        QFETCH(QString, limit);
        QFETCH(bool, good);
        OrderRequest order;
        order.type = static_cast<OrderType>(type);
        order.side = static_cast<Side>(side);
        order.quantity = quantity("5");
        order.reduceOnly = core::ReduceOnly::Yes;
        order.triggerPrice = price(trigger.toStdString());
        if (!limit.isEmpty())
            order.limitPrice = price(limit.toStdString());
        const auto checked = checkOrder(assetWith(2), order, price("100"), quantity("10"));
        QVERIFY2(checked.has_value() == good, qPrintable(refusalOf(checked)));
    }
    void hl29_aTriggerByTheLastPriceIsRefused()
    {
        OrderRequest order = limitOrder(Side::Sell, "90", "5");
        order.type = OrderType::StopMarket;
        order.triggerPrice = price("95");
        order.triggerBy = core::TriggerSource::Last;
        QVERIFY(!checkOrder(assetWith(2), order, price("100"), quantity("10")));
    }

    void aMarginTableHasToBeALadder_data()
    {
        QTest::addColumn<QList<QPair<qlonglong, int>>>("rungs");
        QTest::addColumn<bool>("good");
        using Rungs = QList<QPair<qlonglong, int>>;
        QTest::newRow("one") << Rungs{{0, 3}} << true;
        QTest::newRow("falling") << Rungs{{0, 40}, {10'000, 25}, {50'000, 10}} << true;
        QTest::newRow("begins above 0") << Rungs{{5, 40}} << false;
        QTest::newRow("leverage rises") << Rungs{{0, 20}, {10, 25}} << false;
        QTest::newRow("bound repeats") << Rungs{{0, 20}, {0, 10}} << false;
        QTest::newRow("leverage 0") << Rungs{{0, 0}} << false;
    }
    void aMarginTableHasToBeALadder()
    {
        using Rungs = QList<QPair<qlonglong, int>>;
        QFETCH(Rungs, rungs);
        QFETCH(bool, good);
        std::vector<MetaMarginTier> tiers;
        for (const auto &[bound, leverage] : rungs)
            tiers.push_back({core::Money::fromRaw(bound * core::kDecimalOne), leverage});
        QCOMPARE(marginTiers(tiers, 40).has_value(), good);
    }
};

QTEST_APPLESS_MAIN(TestHlInstruments)
#include "tst_hl_instruments.moc"
