#include "tests/core/runtime/engine_fakes.h"

#include <QtTest/QTest>

using namespace core;

class TestEngineRecords : public QObject
{
    Q_OBJECT

private slots:
    /// Whatever record is the first that does not fit: it is an alarm, once.
    void aRefusedRecordIsAnAlarm()
    {
        const ManualClock clock(utcFromMilliseconds(1'700'000'000'000));
        runtime::Channels channels;
        tests::FakeRecords records;
        runtime::EngineSetup setup;
        setup.clients = {{.venue = Venue::Binance}};
        runtime::Engine engine(clock, setup, channels, records, 0);
        tests::FakeLine line;
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::make_unique<tests::FakeClient>(line, Venue::Binance));
        engine.start(std::move(clients));
        ports::ExchangeListener *venue = line.listener;
        QVERIFY(venue != nullptr);
        QVERIFY(alarms(channels) == 0);
        records.full = true;
        Fill fill;
        fill.instrument = {Venue::Binance, Symbol::from("BTCUSDT").value()};
        fill.tradeId = 1;
        fill.quantity = parseQuantity("1").value();
        fill.price = parsePrice("60000").value();
        venue->onFill(fill, Source::Query);
        fill.tradeId = 2;
        venue->onFill(fill, Source::Query);
        QCOMPARE(alarms(channels), 1);
    }

    void limitsThatNothingCarriesOutAreSaid_data()
    {
        QTest::addColumn<bool>("enforced");
        QTest::newRow("advisory") << false;
        QTest::newRow("enforced") << true;
    }
    void limitsThatNothingCarriesOutAreSaid()
    {
        QFETCH(bool, enforced);
        const ManualClock clock(utcFromMilliseconds(1'700'000'000'000));
        runtime::Channels channels;
        tests::FakeRecords records;
        runtime::EngineSetup setup;
        setup.clients = {{.venue = Venue::Binance}};
        risk::BehaviourLimits &behaviour = setup.limits.behaviour;
        for (risk::Enforcement *one : {&behaviour.leverageLadder, &behaviour.revenge, &behaviour.escalation,
                                       &behaviour.overtrading, &behaviour.overholding, &behaviour.tilt})
            *one = risk::Enforcement::Advisory;
        if (enforced)
            behaviour.revenge = risk::Enforcement::Enforced;
        runtime::Engine engine(clock, setup, channels, records, 0);
        tests::FakeLine line;
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::make_unique<tests::FakeClient>(line, Venue::Binance));
        engine.start(std::move(clients));
        int behaviourSaid = 0;
        for (const auto &row : channels.alerts.takeAll())
            behaviourSaid += row.code == "behaviour-not-enforced" ? 1 : 0;
        QCOMPARE(behaviourSaid, enforced ? 1 : 0);
    }

private:
    [[nodiscard]] static int alarms(runtime::Channels &channels)
    {
        int count = 0;
        for (const auto &row : channels.alerts.takeAll())
            count += row.code == "record-refused" && row.severity == orders::Severity::Critical ? 1 : 0;
        return count;
    }
};

QTEST_GUILESS_MAIN(TestEngineRecords)
#include "tst_engine_records.moc"
