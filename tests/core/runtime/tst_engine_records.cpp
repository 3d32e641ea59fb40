#include "core/runtime/engine.h"

#include <QtTest/QTest>

using namespace core;

namespace
{
/// Takes everything, or nothing.
struct Records final : runtime::RecordKeeper {
    bool full{false};
    bool journal(runtime::JournalKind, UtcTime, std::string) override { return !full; }
    bool instrument(const Instrument &) override { return !full; }
    bool account(const AccountSnapshot &) override { return !full; }
    bool position(const AccountId &, const Position &) override { return !full; }
    bool order(const AccountId &, const OrderUpdate &) override { return !full; }
    bool fill(const AccountId &, const Fill &) override { return !full; }
    std::optional<std::uint64_t> alert(const runtime::AlertRow &) override
    {
        return full ? std::nullopt : std::optional<std::uint64_t>(1);
    }
    bool candle(const Candle &) override { return !full; }
    bool config(const AccountId &, UtcTime, std::string) override { return !full; }
    runtime::StorageView state() const override { return {}; }
};

struct Client final : ports::ExchangeClient {
    ports::ExchangeListener *&listener;
    explicit Client(ports::ExchangeListener *&out) : listener(out) {}
    void start(ports::ExchangeListener &engine, const std::vector<Symbol> &) override { listener = &engine; }
    void stop(std::function<void()> done) override { done(); }
    void submit(const risk::Approved<OrderRequest> &) override {}
    void cancel(const InstrumentKey &, const ClientOrderId &) override {}
    void queryOrder(const InstrumentKey &, const ClientOrderId &) override {}
    void queryPositions() override {}
    void queryFills(const InstrumentKey &) override {}
    void submitBatch(const std::vector<risk::Approved<OrderRequest>> &) override {}
    void modify(const risk::Approved<OrderChange> &) override {}
    void cancelAll(const std::optional<InstrumentKey> &, ports::Done<void>) override {}
    void setLeverage(const InstrumentKey &, int, ports::Done<void>) override {}
    void setMarginMode(const InstrumentKey &, MarginMode, ports::Done<void>) override {}
    void setDeadMan(const InstrumentKey &, std::optional<Duration>, ports::Done<void>) override {}
    void keyRights(ports::Done<ports::KeyRights>) override {}
    void instruments(ports::Done<std::vector<Instrument>>) override {}
    void addSymbols(const std::vector<Symbol> &) override {}
    void removeSymbols(const std::vector<Symbol> &) override {}
    void watchCandles(const InstrumentKey &, Duration, bool) override {}
    void candles(const InstrumentKey &, Duration, ports::TimeRange, ports::Done<std::vector<Candle>>) override {}
    void trades(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Trade>>) override {}
    void fundingRates(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<FundingRate>>) override {}
    void fills(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Fill>>) override {}
    void fundingPayments(ports::TimeRange, ports::Done<std::vector<FundingPayment>>) override {}
    void transfers(ports::TimeRange, ports::Done<std::vector<Transfer>>) override {}
    ports::Capabilities capabilities() const override { return {}; }
    Venue venue() const override { return Venue::Binance; }
};
} // namespace

class TestEngineRecords : public QObject
{
    Q_OBJECT

private slots:
    /// Whatever record is the first that does not fit: it is an alarm, once.
    void aRefusedRecordIsAnAlarm()
    {
        const ManualClock clock(utcFromMilliseconds(1'700'000'000'000));
        runtime::Channels channels;
        Records records;
        runtime::Engine engine(clock, {}, channels, records, 0);
        ports::ExchangeListener *venue = nullptr;
        engine.start(std::make_unique<Client>(venue));
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
