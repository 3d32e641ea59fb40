#include <QtSql/QSqlQuery>

#include "core/storage/check.h"
#include "core/storage/migrations.h"
#include "core/storage/rows.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;
using namespace std::chrono_literals;

namespace
{
risk::Limits riskPerTrade(const char *share)
{
    return risk::withValues(risk::defaultLimits(), {{"sizing.risk_per_trade", share}}).value();
}

/// What `changeLimits` does when another program has the file open.
Result<risk::LimitsPlan> ask(const Desk &desk, const std::optional<AccountId> &owner, const risk::Limits &wanted,
                             UtcTime now)
{
    const auto database = Database::open(desk.path(), Access::ReadWrite, now);
    if (!database)
        return fail(database.error());
    return changeLimits(*database, Mode::Demo, owner, {wanted, "user", "a reason"}, now);
}

risk::Lockout lockout(const char *id, int until)
{
    return {.id = id,
            .scope = risk::Scope::Symbol,
            .account = Venue::Binance,
            .instrument = btc(),
            .reason = "consecutive-losses",
            .startedAt = at(0),
            .until = at(until)};
}

/// Rows as version 2 stored them.
void putVersionTwo(const Database &database)
{
    const auto write = [&](const char *table, auto fill) {
        auto row = RowWriter::prepare(database, QString::fromLatin1(table), OnConflict::Fail);
        if (!row)
            qFatal("%s", row.error().detail.c_str());
        fill(*row);
        if (!row->run())
            qFatal("the row was refused");
    };
    write("trading_accounts", [](RowWriter &row) { row.text("live").text("main"); });
    write("instruments", [](RowWriter &row) {
        row.text("binance").text("BTCUSDT");
        for (int i = 0; i < 17; ++i)
            row.null();
    });
    write("risk_configurations", [](RowWriter &row) {
        row.text("live").text("main").integer(1).time(at(1)).text("start");
        row.text(risk::toToml(riskPerTrade("0.4 %")));
    });
    write("positions", [](RowWriter &row) {
        row.text("live").text("main").text("binance").text("BTCUSDT").text("both").text("long");
        row.fixed(quantity("1")).fixed(price("100"));
        for (int i = 0; i < 7; ++i)
            row.null();
        row.time(at(1)).time(at(1));
    });
}

Result<Database> versionTwo()
{
    auto database = Database::openMemory();
    if (!database)
        return database;
    if (auto done = migrate(*database, {migrations()[0], migrations()[1]}); !done)
        return fail(done.error());
    putVersionTwo(*database);
    return database;
}
} // namespace

class TestRiskRecords : public QObject
{
    Q_OBJECT

private slots:
    void limitsAreKeptAsVersions()
    {
        Desk desk;
        desk.open();
        QVERIFY_RESULT(ask(desk, account(), riskPerTrade("0.5 %"), at(0)));
        QVERIFY_RESULT(ask(desk, account(), riskPerTrade("1 %"), at(60)));
        QVERIFY_RESULT(ask(desk, std::nullopt, risk::defaultGroupLimits(), at(61)));
        const auto reader = desk.reader();
        const auto history = limitsHistory(reader, Mode::Demo, account());
        QVERIFY_RESULT(history);
        QCOMPARE(history->size(), std::size_t{2});
        QCOMPARE(history->back().version, std::int64_t{2});
        QVERIFY(history->back().askedAt == at(60));
        QVERIFY(history->back().validFrom == at(60) + 24h);
        QCOMPARE(history->back().reason, std::string("a reason"));
        QVERIFY(history->back().limits == riskPerTrade("1 %"));
        QVERIFY(currentLimits(reader, Mode::Demo, account(), at(61))->value().holding.limits == riskPerTrade("0.5 %"));
        QVERIFY(currentLimits(reader, Mode::Demo, account(), at(60) + 24h)->value().holding.limits ==
                riskPerTrade("1 %"));
        QVERIFY(currentLimits(reader, Mode::Demo, std::nullopt, at(61))->value().holding.limits ==
                risk::defaultGroupLimits());
        QVERIFY(!currentLimits(reader, Mode::Live, account(), at(61))->has_value());
        const std::vector<LimitsOwner> owners{{Mode::Demo, std::nullopt}, {Mode::Demo, account()}};
        QVERIFY(limitsOwners(reader).value() == owners);
    }

    void theCounterTellsOfEachVersion()
    {
        Desk desk;
        desk.open();
        QCOMPARE(limitsCounter(desk.reader(), Mode::Demo).value(), std::int64_t{0});
        QVERIFY_RESULT(ask(desk, account(), riskPerTrade("0.5 %"), at(0)));
        QVERIFY_RESULT(ask(desk, account("second"), riskPerTrade("0.5 %"), at(0)));
        QCOMPARE(limitsCounter(desk.reader(), Mode::Demo).value(), std::int64_t{2});
        QCOMPARE(limitsCounter(desk.reader(), Mode::Live).value(), std::int64_t{0});
        QVERIFY_RESULT(ask(desk, account(), riskPerTrade("0.5 %"), at(0))); // nothing differs
        QCOMPARE(limitsCounter(desk.reader(), Mode::Demo).value(), std::int64_t{2});
    }

    void groupLimitsAreNoAccountsLimits()
    {
        Desk desk;
        desk.open();
        QVERIFY(!ask(desk, account(), risk::defaultGroupLimits(), at(0)));
        QVERIFY(!ask(desk, std::nullopt, risk::defaultLimits(), at(0)));
        QCOMPARE(limitsCounter(desk.reader(), Mode::Demo).value(), std::int64_t{0});
    }

    void aRunningProgramStoresAVersionToo()
    {
        Desk desk;
        desk.open();
        const risk::LimitsVersion first{1, at(0), at(0), "user", "", riskPerTrade("0.5 %")};
        desk.push(RecordLimits{account(), first});
        desk.drain();
        QVERIFY(limitsHistory(desk.reader(), Mode::Demo, account())->front() == first);
        desk.push(RecordLimits{account(), first}); // somebody else was faster
        desk.drain();
        QCOMPARE(desk.heard.rejected.size(), std::size_t{1});
        QCOMPARE(desk.heard.rejected[0].second.detail,
                 std::string("limits: version 1 cannot be stored, 2 is next"));
    }

    void aStartNeverReplacesWhatAPersonSet()
    {
        Desk desk;
        desk.open();
        QVERIFY_RESULT(ask(desk, account(), riskPerTrade("0.4 %"), at(0)));
        desk.push(RecordConfig{account(), at(1), risk::toToml(risk::defaultLimits())});
        desk.drain();
        QCOMPARE(limitsHistory(desk.reader(), Mode::Demo, account())->size(), std::size_t{1});
    }

    void anAlteredTextIsNotTaken()
    {
        Desk desk;
        desk.open();
        QVERIFY_RESULT(ask(desk, account(), riskPerTrade("0.5 %"), at(0)));
        {
            const auto database = Database::open(desk.path(), Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(u"UPDATE risk_configurations SET toml = replace(toml, '\"0.5 %\"', '\"5 %\"')"_s));
        }
        const auto current = currentLimits(desk.reader(), Mode::Demo, account(), at(1));
        QVERIFY(!current);
        QCOMPARE(current.error().code, ErrorCode::Corrupt);
    }

    void historyBringsBackWhatTheEngineNeeds()
    {
        Desk desk;
        desk.open();
        for (const int second : {0, 100, 200})
            desk.push(RecordEquity{account(), {Venue::Binance, at(second), money("1000")}});
        desk.push(RecordEquity{account("other"), {Venue::Hyperliquid, at(150), money("7")}});
        desk.push(RecordNav{account(), at(100), Ratio::fromRaw(95'000'000), Ratio::fromRaw(110'000'000)});
        desk.push(RecordNav{account(), at(200), Ratio::fromRaw(90'000'000), Ratio::fromRaw(110'000'000)});
        desk.push(RecordLockout{account(), lockout("a", 500), std::nullopt});
        desk.push(RecordLockout{account(), lockout("b", 500), at(20)});
        risk::Lockout everywhere = lockout("all", 900);
        everywhere.scope = risk::Scope::AllAccounts;
        everywhere.account.reset();
        everywhere.instrument.reset();
        everywhere.needsRelease = true;
        desk.push(RecordLockout{std::nullopt, everywhere, std::nullopt});
        desk.push(RecordFill{account(), fill(1, 10, Side::Buy, "1", "100", "0.1")});
        desk.push(RecordFill{account(), fill(2, 20, Side::Sell, "1", "90", "0.1", "-10")});
        desk.push(RecordFill{account(), fill(3, 130, Side::Buy, "2", "100", "0.1")});
        desk.push(RecordFill{account(), fill(4, 140, Side::Sell, "2", "90", "0.1", "-20")});
        for (const int second : {50, 160}) {
            FundingPayment payment;
            payment.instrument = btc();
            payment.amount = money("-1");
            payment.venueTime = at(second);
            desk.push(RecordFunding{account(), payment});
            Transfer transfer;
            transfer.id = std::to_string(second);
            transfer.kind = "TRANSFER";
            transfer.venueTime = at(second);
            desk.push(RecordTransfer{account(), transfer});
        }
        desk.drain();
        QVERIFY(desk.heard.rejected.empty());

        const auto history = riskHistory(desk.reader(), Mode::Demo, account(), Venue::Binance, at(110));
        QVERIFY_RESULT(history);
        QCOMPARE(history->equity.size(), std::size_t{2}); // the newest before, and the one since
        QVERIFY(history->equity.front().at == at(100));
        QCOMPARE(history->nav->text(), std::string("0.9"));
        QCOMPARE(history->peakNav->text(), std::string("1.1"));
        QCOMPARE(history->lockouts.size(), std::size_t{2});
        QVERIFY(history->lockouts[0] == lockout("a", 500));
        QVERIFY(history->lockouts[1] == everywhere);
        QCOMPARE(history->trips.size(), std::size_t{1});
        QCOMPARE(history->trips[0].notional.text(), std::string("200"));
        QCOMPARE(history->trips[0].net.text(), std::string("-20.2"));
        QVERIFY(history->trips[0].closedAt == at(140));
        QCOMPARE(history->funding.size(), std::size_t{1});
        QCOMPARE(history->transfers.size(), std::size_t{1});
    }

    void withoutARecordNothingIsMadeUp()
    {
        Desk desk;
        desk.open();
        const auto history = riskHistory(desk.reader(), Mode::Demo, account(), Venue::Hyperliquid, at(0));
        QVERIFY_RESULT(history);
        QVERIFY(history->account == Venue::Hyperliquid);
        QVERIFY(!history->nav && !history->peakNav && history->equity.empty() && history->lockouts.empty());
    }

    void whatLimitsRememberIsReplacedAsAWhole()
    {
        Desk desk;
        desk.open();
        const auto life = [](std::string_view symbol, PositionSide side, std::optional<Price> stop) {
            return risk::LifeMemory{{{Venue::Binance, *Symbol::from(symbol)}, side}, Direction::Short, at(7),
                                    Price::fromRaw(99), stop, true};
        };
        const risk::TierMemory tier{"day-loss/account/binance", "flat", at(0), 3, false, true};
        desk.push(RecordMemory{account(), {life("BTCUSDT", PositionSide::Long, std::nullopt), life("ETHUSDT", PositionSide::Both, Price{})}, {tier}});
        desk.push(RecordMemory{account(), {life("BTCUSDT", PositionSide::Short, Price::fromRaw(101))}, {tier}});
        desk.drain();
        QVERIFY(desk.heard.rejected.empty());
        const auto history = riskHistory(desk.reader(), Mode::Demo, account(), Venue::Binance, at(0));
        QVERIFY_RESULT(history);
        QVERIFY(history->lives == std::vector{life("BTCUSDT", PositionSide::Short, Price::fromRaw(101))});
        QVERIFY(history->tiers == std::vector{tier});
    }

    void aLockoutThatEndedCountsAndDoesNotRunAgain()
    {
        Desk desk;
        desk.open();
        desk.push(RecordLockout{account(), lockout("a", 500), std::nullopt});
        desk.push(RecordLockout{account(), lockout("a", 500), at(510)});
        desk.drain();
        const auto history = riskHistory(desk.reader(), Mode::Demo, account(), Venue::Binance, at(100));
        QVERIFY_RESULT(history);
        QVERIFY(history->lockouts.empty());
        QCOMPARE(history->endedLockouts.size(), std::size_t{1});
        QVERIFY(riskHistory(desk.reader(), Mode::Demo, account(), Venue::Binance, at(511))->endedLockouts.empty());
    }

    void aLockoutNeverGetsShorter()
    {
        Desk desk;
        desk.open();
        desk.push(RecordLockout{account(), lockout("a", 500), std::nullopt});
        desk.push(RecordLockout{account(), lockout("a", 100), std::nullopt});
        desk.drain();
        QVERIFY(lockouts(desk.reader(), Mode::Demo, account(), at(0))->front().lockout.until == at(500));
        desk.push(RecordLockout{account(), lockout("a", 800), std::nullopt});
        desk.drain();
        QVERIFY(lockouts(desk.reader(), Mode::Demo, account(), at(0))->front().lockout.until == at(800));
        desk.push(RecordLockout{account(), lockout("a", 800), at(801)});
        desk.push(RecordLockout{account(), lockout("a", 800), std::nullopt}); // said again late
        desk.drain();
        QVERIFY(lockouts(desk.reader(), Mode::Demo, account(), at(0))->front().endedAt == at(801));
        QVERIFY(lockouts(desk.reader(), Mode::Demo, account(), at(802))->empty());
    }

    void nakedTimeOfADayOnlyGrows()
    {
        Desk desk;
        desk.open();
        desk.push(RecordNaked{account(), at(0), money("10")});
        desk.push(RecordNaked{account(), at(0), money("25.5")});
        desk.push(RecordNaked{account(), at(0), money("3")}); // a run that has just begun to count
        desk.push(RecordNaked{account(), at(86'400), money("1")});
        desk.drain();
        const auto days = nakedDays(desk.reader(), Mode::Demo, account());
        QVERIFY_RESULT(days);
        QCOMPARE(days->size(), std::size_t{2});
        QCOMPARE(days->front().notionalSeconds.text(), std::string("25.5"));
    }

    void aTradeTakesOverWhatWasPlannedWithItsFirstOrder()
    {
        Desk desk;
        desk.open();
        const auto plan = [](const char *order, int second, const char *risk, const char *setup) {
            return RecordPlan{account(), {{btc(), PositionSide::Both}, ClientOrderId::from(order).value(), money(risk), 7, setup,
                                          at(second)}};
        };
        const auto rest = [](const char *order, OrderStatus status) {
            OrderUpdate update;
            update.instrument = btc();
            update.clientOrderId = ClientOrderId::from(order).value();
            update.venueOrderId = {status == OrderStatus::New ? 1 : 2};
            update.status = status;
            update.quantity = quantity("1");
            return RecordOrder{account(), update, {}};
        };
        desk.push(plan("c1", 0, "900", "draft"));
        desk.push(plan("c1", 1, "120.5", "pullback")); // changed before it filled
        desk.push(plan("never", 2, "50", "gone"));
        desk.push(rest("never", OrderStatus::Canceled));
        desk.push(RecordFill{account(), fill(1, 10, Side::Buy, "1", "100")});
        desk.push(RecordFill{account(), fill(2, 20, Side::Sell, "1", "90", "0", "-10")});
        desk.push(plan("c3", 29, "80", ""));
        desk.push(RecordFill{account(), fill(3, 30, Side::Buy, "2", "100")}); // open
        desk.push(plan("resting", 40, "60", "retest"));
        desk.push(rest("resting", OrderStatus::New));
        desk.drain();
        const auto history = riskHistory(desk.reader(), Mode::Demo, account(), Venue::Binance, at(-1000));
        QVERIFY_RESULT(history);
        QCOMPARE(history->trips.size(), std::size_t{1});
        QVERIFY(history->trips[0].plannedRisk == money("120.5"));
        QVERIFY(history->trips[0].leverage == 7);
        QVERIFY(history->trips[0].hasSetup);
        QCOMPARE(history->plans.size(), std::size_t{2}); // not of what is closed, nor of what was cancelled
        QVERIFY(history->plans[0] == plan("c3", 29, "80", "").plan);
        QVERIFY(history->plans[1] == plan("resting", 40, "60", "retest").plan);
        // Another account knows nothing of it.
        QVERIFY(riskHistory(desk.reader(), Mode::Demo, account("second"), Venue::Binance, at(-1000))->plans.empty());
    }

    void findingsComeBack()
    {
        Desk desk;
        desk.open();
        const risk::Finding widened{risk::Finding::What::StopWidened, 1, at(5), "moved away"};
        const risk::Finding revenge{risk::Finding::What::Revenge, 0.7, at(5), "2 min after a loss"};
        for (const risk::Finding &one : {widened, revenge, widened, risk::Finding{widened.what, 0.5, at(-500), "long ago"}})
            desk.push(RecordFinding{account(), one});
        desk.drain();
        const auto history = riskHistory(desk.reader(), Mode::Demo, account(), Venue::Binance, at(0));
        QVERIFY_RESULT(history);
        QVERIFY((history->findings == std::vector<risk::Finding>{revenge, widened}));
    }

    void instrumentsKeepTheirTwoNewRules()
    {
        Desk desk;
        desk.open();
        Instrument listed = btcListed();
        listed.significantDigits = 5;
        listed.isolatedOnly = true;
        desk.push(UpsertInstrument{listed, at(1)});
        desk.drain();
        const auto reader = desk.reader();
        QCOMPARE(reader.value(u"SELECT significant_digits * 10 + isolated_only FROM instruments"_s)->toInt(), 51);
        const auto read = instrument(reader, listed.key);
        QVERIFY_RESULT(read);
        QVERIFY(*read == listed);
        QVERIFY(!instrument(reader, {Venue::Hyperliquid, listed.key.symbol}).value());
        desk.close();
        QVERIFY_RESULT(checkDatabase(desk.path()));
    }

    // ---- the step from version 2 ----

    void limitsOfVersionTwoComeAlong()
    {
        const auto database = versionTwo();
        QVERIFY_RESULT(database);
        QVERIFY_RESULT(migrate(*database, migrations()));
        const auto history = limitsHistory(*database, Mode::Live, account());
        QVERIFY_RESULT(history);
        QCOMPARE(history->size(), std::size_t{1});
        QVERIFY(history->front().validFrom == at(1) && history->front().askedAt == at(1));
        QVERIFY(history->front().limits == riskPerTrade("0.4 %"));
    }

    void childrenOfInstrumentsStayWithThem()
    {
        const auto database = versionTwo();
        QVERIFY_RESULT(database);
        QVERIFY_RESULT(migrate(*database, migrations()));
        QSqlQuery query(database->handle());
        QVERIFY(query.exec(u"PRAGMA foreign_key_check"_s) && !query.next());
        QVERIFY(query.exec(u"SELECT * FROM instruments"_s) && query.next());
        RowReader row(query, "instruments");
        row.skipToCheck();
        QVERIFY_RESULT(row.finish());
        QCOMPARE(openPositions(*database)->size(), std::size_t{1});
    }

    /// The step must not make a damaged row look sound.
    void whatWasDamagedBeforeStaysDamaged()
    {
        const auto database = versionTwo();
        QVERIFY_RESULT(database);
        QVERIFY_RESULT(database->execute(u"UPDATE risk_configurations SET toml = replace(toml, '0.4', '4')"_s));
        QVERIFY_RESULT(database->execute(u"UPDATE instruments SET tick_size = 1"_s));
        QVERIFY_RESULT(migrate(*database, migrations()));
        QCOMPARE(limitsHistory(*database, Mode::Live, account()).error().code, ErrorCode::Corrupt);
        QSqlQuery query(database->handle());
        QVERIFY(query.exec(u"SELECT * FROM instruments"_s) && query.next());
        RowReader row(query, "instruments");
        row.skipToCheck();
        QVERIFY(!row.finish());
    }
};

QTEST_GUILESS_MAIN(TestRiskRecords)
#include "tst_risk_records.moc"
