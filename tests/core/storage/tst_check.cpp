#include <random>

#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtSql/QSqlQuery>
#include <QtSql/QSqlRecord>
#include <QtTest/QTest>

#include "core/storage/check.h"
#include "core/storage/migrations.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool put(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

/// A small file with something in every table, closed and checkpointed.
void fillDesk(Desk &desk, int rounds)
{
    desk.open();
    desk.push(UpsertInstrument{btcListed(), at(0)});
    for (int i = 0; i < rounds; ++i) {
        desk.push(line(i, fmt::format(R"({{"n":{},"mark":"61800.20"}})", i)));
        desk.push(RecordFill{account(), fill(2 * i + 1, 2 * i, Side::Buy, "1", "100", "0.1")});
        desk.push(RecordFill{account(), fill(2 * i + 2, 2 * i + 1, Side::Sell, "1", "101", "0.1", "1")});
        desk.push(
            RecordAlert{at(i), {orders::Severity::Info, "note", btc(), "", "text " + std::to_string(i)}});
        Candle candle;
        candle.instrument = btc();
        candle.openTime = at(60 * i);
        desk.push(RecordCandle{candle});
    }
    Position held;
    held.instrument = btc();
    held.venueTime = held.receivedAt = at(1);
    desk.push(RecordPosition{account(), held});
    AccountSnapshot snapshot;
    snapshot.account = account();
    snapshot.receivedAt = at(1);
    desk.push(RecordAccount{snapshot});
    OrderUpdate order;
    order.instrument = btc();
    desk.push(RecordOrder{account(), order, ""});
    desk.push(RecordConfig{account(), at(1), "schema = 1"});
    desk.push(RecordEquity{account(), {Venue::Binance, at(1), money("1000")}});
    desk.push(RecordNav{account(), at(1), Ratio::fromRaw(99'000'000), Ratio::fromRaw(kDecimalOne)});
    desk.push(RecordLockout{account(),
                            {.id = "l1", .scope = risk::Scope::Account, .account = Venue::Binance, .instrument = {},
                             .reason = "day-loss", .startedAt = at(1), .until = at(60)},
                            std::nullopt});
    desk.push(RecordNaked{account(), at(0), money("12.5")});
    const risk::LifeMemory life{{btc(), PositionSide::Both}, Direction::Long, at(0), Price::fromRaw(1'000'000'000), std::nullopt, true};
    desk.push(RecordMemory{account(), {life}, {{"day-loss/account/binance", "flat", at(0), 1, false, true}}});
    desk.push(RecordFinding{account(), {risk::Finding::What::StopWidened, 1, at(2), "moved away"}});
    desk.push(RecordPlan{account(), {{btc(), PositionSide::Both}, ClientOrderId::from("c1").value(), money("5"), 10, "s", at(0)}});
    FundingPayment payment;
    payment.instrument = btc();
    payment.venueTime = at(1);
    desk.push(RecordFunding{account(), payment});
    Transfer transfer;
    transfer.id = "1";
    transfer.kind = "TRANSFER";
    desk.push(RecordTransfer{account(), transfer});
    desk.drain();
    desk.close();
}

/// Every cell of every table, as text: what "the data are equal" means.
QString dump(const QString &path)
{
    QString text;
    auto database = Database::openForCheck(path);
    if (!database)
        return u"<not opened>"_s;
    const QStringList tables = database->handle().tables();
    for (const QString &table : tables) {
        QSqlQuery query(database->handle());
        query.setForwardOnly(true);
        if (!query.exec(u"SELECT * FROM %1 ORDER BY 1, 2"_s.arg(table)))
            return u"<not read>"_s;
        while (query.next()) {
            text += table;
            for (int i = 0; i < query.record().count(); ++i) {
                const QVariant cell = query.value(i);
                text += u'|' + (cell.typeId() == QMetaType::QByteArray
                                    ? QString::fromLatin1(cell.toByteArray().toHex())
                                    : cell.toString());
            }
            text += u'\n';
        }
    }
    return text;
}

QByteArray damaged(const QByteArray &whole, std::mt19937_64 &random)
{
    const auto below = [&random](qsizetype end) {
        return static_cast<qsizetype>(random() % static_cast<std::uint64_t>(end));
    };
    constexpr qsizetype kPage = 4096;
    QByteArray bytes = whole;
    switch (random() % 8) {
    case 0: // cut off anywhere
        bytes.truncate(below(bytes.size()));
        break;
    case 1: { // a page of zeros
        const qsizetype page = below(bytes.size() / kPage);
        bytes.replace(page * kPage, kPage, QByteArray(kPage, '\0'));
        break;
    }
    case 2: { // one page in the place of another
        const qsizetype from = below(bytes.size() / kPage), to = below(bytes.size() / kPage);
        bytes.replace(to * kPage, kPage, QByteArray(bytes.constData() + from * kPage, kPage));
        break;
    }
    case 3: // a bit of the header
        bytes[below(100)] ^= static_cast<char>(1 << (random() % 8));
        break;
    default: // one or a few bits anywhere
        for (std::uint64_t i = 0, count = 1 + random() % 3; i < count; ++i)
            bytes[below(bytes.size())] ^= static_cast<char>(1 << (random() % 8));
    }
    return bytes;
}

} // namespace

QString firstDifference(const QString &a, const QString &b)
{
    const QStringList left = a.split(u'\n');
    const QStringList right = b.split(u'\n');
    for (qsizetype i = 0; i < std::max(left.size(), right.size()); ++i) {
        if (left.value(i) != right.value(i))
            return left.value(i) + u" instead of "_s + right.value(i);
    }
    return {};
}

class TestCheck : public QObject
{
    Q_OBJECT

private slots:
    void aSoundFilePasses()
    {
        Desk desk;
        fillDesk(desk, 5);
        const auto report = checkDatabase(desk.path());
        QVERIFY_RESULT(report);
        QCOMPARE(report->schemaVersion, currentSchemaVersion());
        QCOMPARE(report->journalRows, std::int64_t{5});
        std::map<std::string, std::int64_t> rows;
        for (const auto &table : report->tables)
            rows[table.name] = table.rows;
        QCOMPARE(rows.at("fills"), std::int64_t{10});
        QCOMPARE(rows.at("trades"), std::int64_t{5});
        for (const char *table :
             {"accounts", "alerts", "candles", "equity", "findings", "instruments", "life_memory", "lockouts", "naked", "nav", "orders", "plans",
              "position_baselines", "positions", "risk_configurations", "sessions", "tier_memory", "trading_accounts"})
            QVERIFY2(rows.at(table) > 0, table);
    }

    void checkingChangesNothing()
    {
        Desk desk;
        fillDesk(desk, 3);
        const QByteArray before = contentOf(desk.path());
        QVERIFY_RESULT(checkDatabase(desk.path()));
        QVERIFY(contentOf(desk.path()) == before);
        QVERIFY(put(desk.path(), before.left(5000)));
        QVERIFY(!checkDatabase(desk.path()));
        QCOMPARE(contentOf(desk.path()), before.left(5000));
        QCOMPARE(QDir(desk.folder.path()).entryList({u"*damaged*"_s}).size(), 0);
    }

    void eachAlteredPayloadByteIsLocated()
    {
        Desk desk;
        fillDesk(desk, 12);
        const QByteArray whole = contentOf(desk.path());
        int altered = 0;
        for (int row = 1; row <= 12; ++row) {
            const QByteArray payload =
                QByteArray::fromStdString(fmt::format(R"({{"n":{},"mark":"61800.20"}})", row - 1));
            const qsizetype start = whole.indexOf(payload);
            QVERIFY(start > 0);
            QCOMPARE(whole.indexOf(payload, start + 1), qsizetype{-1});
            for (qsizetype i = 0; i < payload.size(); i += 5, ++altered) {
                QByteArray bytes = whole;
                bytes[start + i] = bytes[start + i] == 'x' ? 'y' : 'x';
                QVERIFY(put(desk.path(), bytes));
                const auto report = checkDatabase(desk.path());
                QVERIFY(!report);
                QCOMPARE(report.error().code, ErrorCode::Corrupt);
                QVERIFY2(report.error().detail.find(fmt::format("journal row {}:", row)) != std::string::npos,
                         report.error().detail.c_str());
            }
        }
        QVERIFY(altered > 50);
    }

    void theFirstOfTwoBadRowsIsNamed()
    {
        Desk desk;
        fillDesk(desk, 12);
        QByteArray bytes = contentOf(desk.path());
        for (const char *payload : {R"({"n":3,)", R"({"n":9,)"})
            bytes[bytes.indexOf(payload) + 1] = '\'';
        QVERIFY(put(desk.path(), bytes));
        const auto report = checkDatabase(desk.path());
        QVERIFY(!report);
        QVERIFY2(report.error().detail.find("journal row 4:") != std::string::npos,
                 report.error().detail.c_str());
    }

    void aChangedFigureIsNamed_data()
    {
        QTest::addColumn<QString>("statement");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("a price by one unit") << u"UPDATE fills SET price = price + 1 WHERE trade_id = 4"_s
                                             << QByteArray("fills row (demo, main, binance, BTCUSDT, 4)");
        QTest::newRow("a profit") << u"UPDATE trades SET net_pnl = 99900000000 WHERE open_trade_id = 1"_s
                                  << QByteArray("trades row (demo, main, binance, BTCUSDT, both)");
        QTest::newRow("a limit") << u"UPDATE risk_configurations SET toml = 'schema = 2'"_s
                                 << QByteArray("risk_configurations row (demo, main, 1");
        QTest::newRow("a lockout's end") << u"UPDATE lockouts SET until = until - 1"_s
                                         << QByteArray("lockouts row (demo, main, l1");
        QTest::newRow("a peak") << u"UPDATE nav SET peak = peak - 1"_s << QByteArray("nav row (demo, main");
        QTest::newRow("an absent value made up")
            << u"UPDATE positions SET mark_price = 1"_s << QByteArray("positions row");
        QTest::newRow("an alert's words")
            << u"UPDATE alerts SET text = 'all is well' WHERE id = 2"_s << QByteArray("alerts row (2,");
    }
    void aChangedFigureIsNamed()
    {
        QFETCH(QString, statement);
        QFETCH(QByteArray, named);
        Desk desk;
        fillDesk(desk, 3);
        {
            auto database = Database::open(desk.path(), Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(statement));
        }
        const auto report = checkDatabase(desk.path());
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Corrupt);
        QVERIFY2(report.error().detail.find(named.toStdString()) != std::string::npos,
                 report.error().detail.c_str());
    }

    void anOrphanIsFound()
    {
        Desk desk;
        fillDesk(desk, 2);
        {
            auto database = Database::open(desk.path(), Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY2(!database->execute(u"DELETE FROM trading_accounts"_s), "foreign keys are on");
            QVERIFY_RESULT(database->execute(u"PRAGMA foreign_keys = OFF"_s));
            QVERIFY_RESULT(database->execute(u"DELETE FROM trading_accounts"_s));
        }
        const auto report = checkDatabase(desk.path());
        QVERIFY(!report);
        QVERIFY2(report.error().detail.find("trading_accounts that does not exist") != std::string::npos,
                 report.error().detail.c_str());
    }

    void aTableThatLostItsPageIsReported()
    {
        Desk desk;
        fillDesk(desk, 3);
        {
            auto database = Database::open(desk.path(), Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(u"PRAGMA writable_schema = ON"_s));
            QVERIFY_RESULT(
                database->execute(u"UPDATE sqlite_schema SET rootpage = 0 WHERE name = 'position_baselines'"_s));
        }
        const auto report = checkDatabase(desk.path());
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Corrupt);
    }

    void aTableThatNobodyListsIsReported()
    {
        Desk desk;
        fillDesk(desk, 3);
        {
            auto database = Database::open(desk.path(), Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(u"PRAGMA writable_schema = ON"_s));
            QVERIFY_RESULT(database->execute(
                u"UPDATE sqlite_schema SET type = CAST('table' AS BLOB) WHERE name = 'position_baselines'"_s));
        }
        const auto report = checkDatabase(desk.path());
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Corrupt);
    }

    void badPlacesAreNamed()
    {
        QTemporaryDir folder;
        QCOMPARE(checkDatabase(folder.filePath(u"none.sqlite"_s)).error().code, ErrorCode::NotFound);
        QVERIFY(put(folder.filePath(u"text.sqlite"_s), "hello"));
        QCOMPARE(checkDatabase(folder.filePath(u"text.sqlite"_s)).error().code, ErrorCode::Corrupt);
    }

    /// targets.md R14. ETRMS_DAMAGE_ROUNDS sets the number of damaged files (a release runs 10,000).
    void randomDamageIsReportedOrHarmless()
    {
        bool given = false;
        const int wanted = qEnvironmentVariableIntValue("ETRMS_DAMAGE_ROUNDS", &given);
        const int rounds = given ? wanted : 2000;
        Desk desk;
        fillDesk(desk, 60);
        const QString path = desk.path();
        const QByteArray whole = contentOf(path);
        const QString data = dump(path);
        QVERIFY(data.size() > 10'000);
        std::mt19937_64 random(20'261'122);
        int reported = 0;
        for (int round = 0; round < rounds; ++round) {
            const QByteArray bytes = damaged(whole, random);
            QVERIFY(put(path, bytes));
            QElapsedTimer timer;
            timer.start();
            const auto report = checkDatabase(path);
            if (report) {
                if (bytes != whole)
                    QVERIFY2(dump(path) == data, qPrintable(u"round %1: other data, and no report: %2"_s.arg(round).arg(
                                                     firstDifference(dump(path), data))));
            } else {
                ++reported;
                QVERIFY2(!report.error().detail.empty() &&
                             report.error().detail.find('\n') == std::string::npos,
                         report.error().detail.c_str());
            }
            // The writer's way of opening: it works on a new file or refuses, and the damaged bytes are still
            // there.
            if (round % 40 == 0) {
                auto opened = Database::open(path, Access::ReadWrite, kStart);
                if (opened && !opened->report().setAside.isEmpty()) {
                    QVERIFY(contentOf(opened->report().setAside) == bytes);
                    QVERIFY(QFile::remove(opened->report().setAside));
                }
            }
            for (const char *suffix : {"-wal", "-shm"})
                QFile::remove(path + QString::fromLatin1(suffix));
            QVERIFY2(timer.elapsed() < 5'000, "5 s at most for each");
        }
        QVERIFY2(reported > rounds / 2, qPrintable(u"%1 of %2 reported"_s.arg(reported).arg(rounds)));
    }
};

QTEST_GUILESS_MAIN(TestCheck)
#include "tst_check.moc"
