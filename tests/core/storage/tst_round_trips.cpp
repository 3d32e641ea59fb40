#include <algorithm>
#include <map>
#include <numeric>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QTest>
#include <rapidcheck.h>
#include <zstd.h>

#include "core/storage/round_trips.h"
#include "tests/core/storage/desk.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{

PositionKey key(PositionSide side = PositionSide::Both)
{
    return {Mode::Demo, account(), btc(), side};
}

Asset usdt()
{
    return Asset::from("USDT").value();
}

std::vector<TradeRow> build(std::vector<Fill> fills, std::optional<OpeningPosition> opening = std::nullopt,
                            PositionSide side = PositionSide::Both)
{
    for (Fill &f : fills)
        f.positionSide = side;
    return buildRoundTrips(key(side), usdt(), opening, std::move(fills)).value();
}

QByteArray unpack(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray packed = file.readAll();
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in{packed.constData(), static_cast<std::size_t>(packed.size()), 0};
    QByteArray result, chunk(1 << 16, '\0');
    while (in.pos < in.size) {
        ZSTD_outBuffer out{chunk.data(), static_cast<std::size_t>(chunk.size()), 0};
        if (ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)) != 0)
            break;
        result.append(chunk.constData(), static_cast<qsizetype>(out.pos));
    }
    ZSTD_freeDStream(stream);
    return result;
}

/// Text with any number of places, rounded to the eight that we keep: these files were printed from doubles
/// ("734349.4999999999" for 734349.5), and fill prices of this venue are averages.
std::int64_t rounded(const QByteArray &text)
{
    const qsizetype point = text.indexOf('.');
    const QByteArray kept = point < 0 ? text : text.left(point + 9);
    const std::int64_t down =
        parseDecimal(std::string_view(kept.constData(), static_cast<std::size_t>(kept.size()))).value();
    const bool up = point >= 0 && text.size() > point + 9 && text[point + 9] >= '5';
    return !up ? down : text.startsWith('-') ? down - 1 : down + 1;
}

struct Vault {
    std::map<std::string, std::vector<Fill>> fillsByCoin;
    std::int64_t closedPnl{0};
    std::int64_t fees{0};
    int fills{0};
    int flips{0}; ///< by the file's own column "position before the fill"
};

Vault readVault(const QString &path)
{
    Vault vault;
    const QList<QByteArray> lines = unpack(path).split('\n');
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const QList<QByteArray> cells = lines[i].trimmed().split(',');
        if (cells.size() < 15)
            continue;
        Fill f;
        f.instrument = {Venue::Hyperliquid, Symbol::from(cells[0].toStdString()).value()};
        f.price = Price::fromRaw(rounded(cells[1]));
        f.quantity = Quantity::fromRaw(rounded(cells[2]));
        f.side = cells[3] == "B" ? Side::Buy : Side::Sell;
        f.venueTime = utcFromMilliseconds(cells[4].toLongLong());
        f.realizedPnl = Money::fromRaw(rounded(cells[8]));
        f.fee = Money::fromRaw(rounded(cells[12]));
        f.tradeId = cells[13].toLongLong();
        f.feeAsset = Asset::from(cells[14].toStdString()).value();
        vault.closedPnl += f.realizedPnl.raw();
        vault.fees += f.fee.raw();
        ++vault.fills;
        const std::int64_t before = rounded(cells[6]);
        const std::int64_t after = before + (f.side == Side::Buy ? 1 : -1) * f.quantity.raw();
        vault.flips += (before > 0 && after < 0) || (before < 0 && after > 0) ? 1 : 0;
        vault.fillsByCoin[cells[0].toStdString()].push_back(f);
    }
    return vault;
}

/// A random walk through positions: average-entry accounting in units of one coin and whole dollars, so that
/// every figure is exact.
struct Walk {
    std::vector<Fill> fills;
    std::int64_t realized{0};
    std::int64_t fees{0};
};

Walk anyWalk(bool endFlat)
{
    Walk walk;
    std::int64_t position = 0, cost = 0; // cost of the open part, raw money
    const int count = *rc::gen::inRange(1, 60);
    for (int i = 0; i < count || (endFlat && position != 0); ++i) {
        std::int64_t size = *rc::gen::inRange(1, 9);
        Side side = *rc::gen::arbitrary<bool>() ? Side::Buy : Side::Sell;
        if (i >= count) {
            side = position > 0 ? Side::Sell : Side::Buy;
            size = std::abs(position);
        }
        const std::int64_t dollars = *rc::gen::inRange(1, 1000);
        const std::int64_t signedSize = side == Side::Buy ? size : -size;
        std::int64_t realized = 0;
        if (position == 0 || (position > 0) == (signedSize > 0)) {
            cost += dollars * size * kDecimalOne;
        } else {
            const std::int64_t closing = std::min(size, std::abs(position));
            const std::int64_t costPart =
                closing == std::abs(position) ? cost : cost * closing / std::abs(position);
            realized = (position > 0 ? 1 : -1) * (dollars * closing * kDecimalOne - costPart);
            cost -= costPart;
            if (size > closing)
                cost = dollars * (size - closing) * kDecimalOne;
        }
        position += signedSize;
        Fill f = fill(i + 1, i, side, "1", "1");
        f.quantity = Quantity::fromRaw(size * kDecimalOne);
        f.price = Price::fromRaw(dollars * kDecimalOne);
        f.fee = Money::fromRaw(*rc::gen::inRange<std::int64_t>(-50'000'000, 200'000'000));
        f.realizedPnl = Money::fromRaw(realized);
        walk.realized += realized;
        walk.fees += f.fee.raw();
        walk.fills.push_back(f);
    }
    return walk;
}

} // namespace

class TestRoundTrips : public QObject
{
    Q_OBJECT

private slots:
    void aLongFromFlatToFlat()
    {
        const auto trips = build(
            {fill(1, 0, Side::Buy, "2", "100", "0.1"), fill(2, 10, Side::Sell, "2", "110", "0.11", "20")});
        QCOMPARE(trips.size(), std::size_t{1});
        const TradeRow &trip = trips[0];
        QCOMPARE(trip.side, Direction::Long);
        QCOMPARE(trip.size, quantity("2"));
        QCOMPARE(trip.entryPrice, price("100"));
        QCOMPARE(trip.exitPrice, price("110"));
        QCOMPARE(trip.grossPnl, money("20"));
        QCOMPARE(trip.fees, money("0.21"));
        QCOMPARE(trip.netPnl, money("19.79"));
        QCOMPARE(trip.openedAt, at(0));
        QCOMPARE(trip.closedAt, at(10));
        QCOMPARE(trip.openTradeId, std::int64_t{1});
        QCOMPARE(trip.closeTradeId, std::int64_t{2});
        QVERIFY(!trip.funding.has_value());
        QVERIFY(!trip.rMultiple.has_value());
        QCOMPARE(trip.note, std::string());
    }

    void increasesWeighTheEntryAndReductionsDoNot()
    {
        RoundTripBuilder builder(key(), usdt());
        QVERIFY(!builder.apply(fill(1, 0, Side::Buy, "1", "100")).value().has_value());
        QVERIFY(!builder.apply(fill(2, 1, Side::Buy, "3", "120")).value().has_value());
        QCOMPARE(builder.averageEntry(), price("115"));
        QVERIFY(!builder.apply(fill(3, 2, Side::Sell, "2", "130", "0", "30")).value().has_value());
        QCOMPARE(builder.averageEntry(), price("115"));
        QVERIFY(!builder.apply(fill(4, 3, Side::Buy, "2", "105")).value().has_value());
        QCOMPARE(builder.averageEntry(), price("110"));
        const auto trip = builder.apply(fill(5, 4, Side::Sell, "4", "112", "0", "8")).value();
        QVERIFY(trip.has_value());
        QVERIFY(builder.isFlat());
        QCOMPARE(trip->size, quantity("6"));
        QCOMPARE(trip->sizeMax, quantity("4"));
        QCOMPARE(trip->entryPrice, price("111.66666667")); // (100 + 3·120 + 2·105) ÷ 6
        QCOMPARE(trip->exitPrice, price("118"));           // (2·130 + 4·112) ÷ 6
        QCOMPARE(trip->grossPnl, money("38"));
    }

    void aFlipClosesOneAndOpensTheNext()
    {
        const auto trips =
            build({fill(1, 0, Side::Sell, "1", "100", "0.3"), fill(2, 1, Side::Buy, "3", "90", "0.9", "10"),
                   fill(3, 2, Side::Sell, "2", "95", "0.5", "10")});
        QCOMPARE(trips.size(), std::size_t{2});
        QCOMPARE(trips[0].side, Direction::Short);
        QCOMPARE(trips[0].size, quantity("1"));
        QCOMPARE(trips[0].fees, money("0.6")); // 0.3 and a third of 0.9
        QCOMPARE(trips[0].grossPnl, money("10"));
        QCOMPARE(trips[1].side, Direction::Long);
        QCOMPARE(trips[1].size, quantity("2"));
        QCOMPARE(trips[1].entryPrice, price("90"));
        QCOMPARE(trips[1].fees, money("1.1"));
        QCOMPARE(trips[1].openTradeId, std::int64_t{2});
        QCOMPARE(trips[1].openedAt, at(1));
    }

    void hedgeLegsAreTheirOwnPositions()
    {
        const auto trips =
            build({fill(1, 0, Side::Sell, "1", "100"), fill(2, 1, Side::Buy, "1", "90", "0", "10")},
                  std::nullopt, PositionSide::Short);
        QCOMPARE(trips.size(), std::size_t{1});
        QCOMPARE(trips[0].side, Direction::Short);
        QCOMPARE(trips[0].positionSide, PositionSide::Short);
    }

    void whatWasOpenBeforeIsSaid()
    {
        const OpeningPosition opening{Direction::Long, quantity("0.5"), price("60000"), at(-5)};
        const auto trips = build({fill(9, 3, Side::Sell, "0.5", "59000", "11.8", "-500")}, opening);
        QCOMPARE(trips.size(), std::size_t{1});
        QCOMPARE(trips[0].side, Direction::Long);
        QCOMPARE(trips[0].entryPrice, price("60000"));
        QCOMPARE(trips[0].netPnl, money("-511.8"));
        QCOMPARE(trips[0].openTradeId, std::int64_t{0});
        QVERIFY(trips[0].note.find("already open when first seen") != std::string::npos);
    }

    void aClosingFillOfAnUnseenPositionOpensNothing()
    {
        const auto trips =
            build({fill(9, 3, Side::Buy, "2", "90", "0.1", "20"), fill(10, 4, Side::Buy, "1", "91"),
                   fill(11, 5, Side::Sell, "1", "92", "0", "1")});
        QCOMPARE(trips.size(), std::size_t{2});
        QCOMPARE(trips[0].side, Direction::Short);
        QCOMPARE(trips[0].entryPrice, price("100"));
        QVERIFY(trips[0].note.find("opened before the record began") != std::string::npos);
        QCOMPARE(trips[1].side, Direction::Long);
    }

    void aFeeInAnotherCoinIsNamedNotConverted()
    {
        Fill open = fill(1, 0, Side::Buy, "1", "100", "0.002");
        open.feeAsset = Asset::from("BNB").value();
        const auto trips = build({open, fill(2, 1, Side::Sell, "1", "101", "0.05", "1")});
        QCOMPARE(trips[0].fees, money("0.05"));
        QCOMPARE(trips[0].note, std::string("fees of 0.002 BNB are not in the figures"));
    }

    void repeatsAndDisorderChangeNothing()
    {
        const std::vector<Fill> fills{fill(1, 0, Side::Buy, "1", "100"), fill(2, 1, Side::Buy, "1", "102"),
                                      fill(3, 2, Side::Sell, "3", "104", "0", "6"),
                                      fill(4, 3, Side::Buy, "1", "100", "0", "4")};
        const auto expected = build(fills);
        QCOMPARE(expected.size(), std::size_t{2});
        std::vector<std::size_t> order(fills.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        do {
            std::vector<Fill> mixed;
            for (const std::size_t i : order)
                mixed.insert(mixed.end(), {fills[i], fills[i]});
            QVERIFY(build(mixed) == expected);
        } while (std::next_permutation(order.begin(), order.end()));
    }

    void anImpossibleFillIsRefusedAndChangesNothing()
    {
        RoundTripBuilder builder(key(), usdt());
        QVERIFY_RESULT(builder.apply(fill(1, 0, Side::Buy, "1", "100")));
        QVERIFY(!builder.apply(fill(2, 1, Side::Sell, "0", "100")));
        Fill huge = fill(3, 2, Side::Buy, "92233720368", "92233720368");
        QVERIFY(!builder.apply(huge) || !builder.apply(huge));
        QCOMPARE(builder.positionRaw() > 0, true);
    }

    void netIsRealisedMinusFeesExactly()
    {
        QVERIFY(rc::check("sum over trips = sum over fills, when the walk ends flat", [] {
            const Walk walk = anyWalk(true);
            std::int64_t net = 0, gross = 0, opened = 0;
            for (const TradeRow &trip : build(walk.fills)) {
                net += trip.netPnl.raw();
                gross += trip.grossPnl.raw();
                opened += trip.size.raw();
                RC_ASSERT(trip.netPnl.raw() == trip.grossPnl.raw() - trip.fees.raw());
                RC_ASSERT(trip.size >= trip.sizeMax);
                RC_ASSERT(trip.openedAt <= trip.closedAt);
                // the prices explain the result, up to the rounding of two averages and of the venue's own
                const std::int64_t sign = trip.side == Direction::Long ? 1 : -1;
                const std::int64_t coins = trip.size.raw() / kDecimalOne;
                const std::int64_t implied = sign * (trip.exitPrice.raw() - trip.entryPrice.raw()) * coins;
                RC_ASSERT(std::abs(implied - trip.grossPnl.raw()) <= 2 * coins + 100);
            }
            RC_ASSERT(net == walk.realized - walk.fees);
            RC_ASSERT(gross == walk.realized);
            std::int64_t traded = 0;
            for (const Fill &f : walk.fills)
                traded += f.quantity.raw();
            RC_ASSERT(2 * opened == traded);
        }));
    }

    void positionIsTheSumOfTheFills()
    {
        QVERIFY(rc::check("position after every fill", [] {
            const Walk walk = anyWalk(false);
            RoundTripBuilder builder(key(), usdt());
            std::int64_t position = 0;
            for (const Fill &f : walk.fills) {
                position += f.side == Side::Buy ? f.quantity.raw() : -f.quantity.raw();
                const auto trip = builder.apply(f);
                RC_ASSERT(trip.has_value());
                // A fill can realise 0 while it closes; it never realises something while it opens.
                RC_ASSERT(builder.positionRaw() == position);
            }
        }));
    }

    /// Counts and sums as data/README.md states them for eight real trading histories. Its round trips are
    /// counted from flat to flat; ours (methods.md 6.10) end at a flip too, so there are as many more as
    /// there are flips.
    void realHistoriesGiveTheRecordedFigures_data()
    {
        QTest::addColumn<QString>("vault");
        QTest::addColumn<int>("fills");
        QTest::addColumn<int>("coins");
        QTest::addColumn<int>("trips");
        QTest::addColumn<QByteArray>("closedPnl");
        QTest::addColumn<QByteArray>("fees");
        const auto row = [](const char *vault, int fills, int coins, int trips, const char *pnl,
                            const char *fees) {
            QTest::newRow(vault) << QString::fromLatin1(vault) << fills << coins << trips << QByteArray(pnl)
                                 << QByteArray(fees);
        };
        row("0x5f45942b", 1965, 61, 524, "220107.69", "46814.56");
        row("0x27d33e77", 1993, 28, 169, "-113486.14", "10816.37");
        row("0x4fc2d92d", 1926, 81, 493, "-8655.59", "1330.06");
        row("0xa5c94b6f", 1779, 2, 122, "-58401.39", "7191.31");
        row("0x3aa21dcb", 1669, 46, 663, "34703.73", "20532.42");
        row("0x5139d9f3", 1669, 1, 419, "2.95", "599.64");
        row("0x2dfadb0b", 1709, 57, 344, "231.35", "31.69");
        row("0xea699604", 1645, 47, 203, "20416.00", "2396.14");
    }
    void realHistoriesGiveTheRecordedFigures()
    {
        REQUIRE_SHARED();
        QFETCH(QString, vault);
        QFETCH(int, fills);
        QFETCH(int, coins);
        QFETCH(int, trips);
        QFETCH(QByteArray, closedPnl);
        QFETCH(QByteArray, fees);
        const QDir folder(sharedDir() + u"/data/journals/hyperliquid-vaults"_s);
        const QStringList names = folder.entryList({vault + u"*_fills.csv.zst"_s});
        QCOMPARE(names.size(), 1);
        const Vault read = readVault(folder.filePath(names[0]));
        QCOMPARE(read.fills, fills);
        QCOMPARE(static_cast<int>(read.fillsByCoin.size()), coins);
        int built = 0;
        std::int64_t gross = 0, cost = 0, net = 0;
        for (const auto &[coin, coinFills] : read.fillsByCoin) {
            const PositionKey position{Mode::Live, account(), coinFills.front().instrument,
                                       PositionSide::Both};
            const auto rows = buildRoundTrips(position, coinFills.front().feeAsset, std::nullopt, coinFills);
            QVERIFY_RESULT(rows);
            built += static_cast<int>(rows->size());
            for (const TradeRow &row : *rows) {
                gross += row.grossPnl.raw();
                cost += row.fees.raw();
                net += row.netPnl.raw();
                QVERIFY2(row.note.empty(), row.note.c_str());
            }
        }
        QCOMPARE(gross, read.closedPnl);
        QCOMPARE(cost, read.fees);
        QCOMPARE(net, read.closedPnl - read.fees);
        const auto cents = [](std::int64_t raw) { return roundToStep(raw, 1'000'000, Rounding::HalfEven); };
        QCOMPARE(cents(gross), parseDecimal(closedPnl.toStdString()).value());
        QCOMPARE(cents(cost), parseDecimal(fees.toStdString()).value());
        QCOMPARE(built, trips + read.flips);
    }
};

QTEST_APPLESS_MAIN(TestRoundTrips)
#include "tst_round_trips.moc"
