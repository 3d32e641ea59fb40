#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

#include "core/exchange/binance/client.h"
#include "core/net/system_clock.h"
#include "core/runtime/venue_host.h"
#include "core/venue/paper_client.h"
#include "core/venue/paper_file.h"
#include "tests/core/runtime/engine_fakes.h"
#include "tests/core/venue/venue_fixture.h"
#include "tests/support/approved.h"
#include "tests/support/shared_data.h"

using namespace core;
using namespace core::venue;
using namespace Qt::StringLiterals;
using tests::btc;
using tests::level;
using tests::price;
using tests::quantity;

namespace
{
/// Writes down what it is told, one line each.
struct Diary final : ports::ExchangeListener {
    QStringList lines;
    std::vector<Fill> fills;
    std::function<void()> onAnyOrder;

    void add(const std::string &line) { lines << QString::fromStdString(line); }
    void onStreamStatus(const ports::StreamStatus &status) override { lastError = status.lastError; }
    void onRequestBudget(const ports::RequestBudget &) override {}
    void onInstrument(const Instrument &) override {}
    void onBook(const InstrumentKey &, const market::OrderBook &, Freshness, UtcTime, UtcTime) override { add("book"); }
    void onTrade(const Trade &) override { add("trade"); }
    void onBestQuote(const BestQuote &) override {}
    void onMark(const MarkPrice &) override { add("mark"); }
    void onAccount(const AccountSnapshot &account, Source) override { add("account " + account.walletBalance.text()); }
    void onPositions(const std::vector<Position> &rows, Source, bool complete) override
    {
        add("positions " + std::to_string(rows.size()) + (complete ? " complete" : ""));
    }
    void onOrder(const OrderUpdate &order, Source) override
    {
        add("order " + order.clientOrderId.string() + ' ' + std::string(name(order.status)));
        if (onAnyOrder)
            std::exchange(onAnyOrder, nullptr)();
    }
    void onFill(const Fill &fill, Source) override
    {
        fills.push_back(fill);
        add("fill " + fill.quantity.text());
    }
    void onRequestOutcome(const ClientOrderId &order, RequestOutcome outcome, const Error &error) override
    {
        add("outcome " + order.string() + (outcome == RequestOutcome::Accepted ? " accepted" : " " + error.detail));
    }
    void onOrderAbsent(const ClientOrderId &order) override { add("absent " + order.string()); }
    void onReconciled() override { add("reconciled"); }
    void onReconciliationLost(const Error &) override {}
    std::string lastError;
};

struct Desk {
    explicit Desk(PaperOptions options = defaults())
        : client(std::make_unique<tests::FakeClient>(line, Venue::Binance), std::move(options), clock)
    {
    }
    static PaperOptions defaults()
    {
        PaperOptions options;
        options.terms = paperTerms(Venue::Binance, AccountId::from("paper").value());
        options.latency = std::chrono::milliseconds{1};
        return options;
    }
    void open()
    {
        client.start(diary, {btc()});
        line.listener->onInstrument(
            typicalInstrument(btc(), Asset::from("BTC").value(), price("0.1"), quantity("0.001")).contract);
        show("60000.0", "60000.1");
        MarkPrice mark;
        mark.instrument = key;
        mark.mark = price("60000");
        mark.venueTime = clock.now();
        line.listener->onMark(mark);
    }
    void show(std::string_view bid, std::string_view ask, Freshness freshness = Freshness::Fresh)
    {
        const std::vector<Level> bids{level(bid, "1")};
        const std::vector<Level> asks{level(ask, "1")};
        static_cast<void>(book.assign(bids, asks));
        line.listener->onBook(key, book, freshness, clock.now(), clock.now());
    }
    risk::Approved<OrderRequest> order(std::string_view id, Side side, std::string_view size, std::string_view limit = {}) const
    {
        OrderRequest request;
        request.instrument = key;
        request.clientOrderId = ClientOrderId::from(id).value();
        request.side = side;
        request.quantity = quantity(size);
        request.type = limit.empty() ? OrderType::Market : OrderType::Limit;
        if (!limit.empty())
            request.limitPrice = price(limit);
        return tests::approved(request);
    }
    [[nodiscard]] bool said(const QString &words) const { return diary.lines.contains(words); }

    ManualClock clock{utcFromMilliseconds(1'800'000'000'000)};
    InstrumentKey key{Venue::Binance, btc()};
    market::OrderBook book{price("0.1")};
    Diary diary;
    tests::FakeLine line;
    PaperClient client;
};
} // namespace

class PaperClientTest : public QObject
{
    Q_OBJECT

private slots:
    void reconcilesAtOnce()
    {
        Desk desk;
        desk.open();
        QVERIFY(!desk.said(QStringLiteral("reconciled"))); // never from inside a call
        QTRY_VERIFY(desk.said(QStringLiteral("reconciled")));
        QVERIFY(desk.said(QStringLiteral("account 10000")));
        QVERIFY(desk.said(QStringLiteral("positions 0 complete")));
    }

    void theOutcomeComesBeforeTheFillAndNeitherInsideTheCall()
    {
        Desk desk;
        desk.open();
        QTRY_VERIFY(desk.said(QStringLiteral("reconciled")));
        desk.diary.lines.clear();
        desk.client.submit(desk.order("a", Side::Buy, "0.5"));
        QVERIFY(desk.diary.lines.isEmpty());
        QTRY_VERIFY(desk.said(QStringLiteral("order a filled")));
        desk.diary.lines.removeAll(QStringLiteral("positions 0 complete"));
        QCOMPARE(desk.diary.lines.mid(0, 4), (QStringList{u"outcome a accepted"_s, u"order a new"_s, u"fill 0.5"_s, u"order a filled"_s}));
    }

    void anOrderMeetsTheBookOfItsArrival()
    {
        Desk desk;
        desk.open();
        desk.client.submit(desk.order("a", Side::Buy, "0.5"));
        desk.show("61000.0", "61000.1"); // moved while the order was on its way
        QTRY_COMPARE(desk.diary.fills.size(), 1U);
        QCOMPARE(desk.diary.fills[0].price, price("61000.1"));
    }

    void aStaleBookRefusesWithASentence()
    {
        Desk desk;
        desk.open();
        desk.show("60000.0", "60000.1", Freshness::Gapped);
        desk.client.submit(desk.order("a", Side::Buy, "0.5"));
        QTRY_VERIFY(desk.said(QStringLiteral("outcome a paper: the book of BTCUSDT is gapped: an order that takes would fill at "
                                             "a price that is not there")));
        QVERIFY(desk.diary.fills.empty());
    }

    void requestsFromInsideAnAnswerAreFine()
    {
        Desk desk;
        desk.open();
        desk.diary.onAnyOrder = [&] { desk.client.cancel(desk.key, ClientOrderId::from("a").value()); };
        desk.client.submit(desk.order("a", Side::Buy, "0.5", "59000"));
        QTRY_VERIFY(desk.said(QStringLiteral("order a canceled")));
    }

    void queriesAnswer()
    {
        Desk desk;
        desk.open();
        desk.client.queryOrder(desk.key, ClientOrderId::from("never").value());
        QTRY_VERIFY(desk.said(QStringLiteral("absent never")));
        desk.client.submit(desk.order("a", Side::Buy, "0.5"));
        QTRY_COMPARE(desk.diary.fills.size(), 1U);
        desk.client.queryFills(desk.key);
        QTRY_COMPARE(desk.diary.fills.size(), 2U);
        QCOMPARE(desk.diary.fills[0].tradeId, desk.diary.fills[1].tradeId);
        desk.client.queryPositions();
        QTRY_VERIFY(desk.said(QStringLiteral("positions 1 complete")));
        bool done = false;
        desk.client.submit(desk.order("b", Side::Buy, "0.1", "59000"));
        desk.client.cancelAll(std::nullopt, [&](const Result<void> &result) { done = result.has_value(); });
        QTRY_VERIFY(done);
        QVERIFY(desk.said(QStringLiteral("order b canceled")));
        QVERIFY(desk.client.account().openOrders().empty());
    }

    void saysThatItIsPaper()
    {
        Desk desk;
        desk.open();
        ports::KeyRights rights;
        desk.client.keyRights([&](const Result<ports::KeyRights> &answer) { rights = answer.value_or(ports::KeyRights{}); });
        QTRY_VERIFY(!rights.remarks.empty());
        QVERIFY(rights.remarks.front().find("paper account") == 0);
        QCOMPARE(rights.withdraws, std::optional(false));
        std::optional<FeeRates> fees;
        desk.client.feeRates({}, [&](const Result<FeeRates> &answer) { fees = answer.value_or(FeeRates{}); });
        QTRY_VERIFY(fees);
        QCOMPARE(*fees, (FeeRates{desk.client.account().fees()}));
        QVERIFY(fees->taker.isPositive());
    }

    void nothingIsToldAfterStop()
    {
        Desk desk;
        desk.open();
        QTRY_VERIFY(desk.said(QStringLiteral("reconciled")));
        desk.client.submit(desk.order("a", Side::Buy, "0.5"));
        bool down = false;
        desk.client.stop([&] { down = true; });
        QVERIFY(down);
        desk.diary.lines.clear();
        int rounds = 0; // of the event loop, with time for timers
        QTRY_VERIFY(++rounds > 10);
        QVERIFY(desk.diary.lines.isEmpty());
    }

    void whatIsToldIsKeptAndComesBack()
    {
        const QTemporaryDir dir;
        const PaperFile file(dir.filePath(QStringLiteral("paper-binance.json")));
        PaperOptions options = Desk::defaults();
        options.save = [&](const PaperState &state) { return file.save(state); };
        {
            Desk desk(options);
            desk.open();
            desk.client.submit(desk.order("a", Side::Buy, "0.5"));
            desk.client.submit(desk.order("b", Side::Buy, "0.1", "59000"));
            QTRY_COMPARE(desk.diary.fills.size(), 1U);
            QTRY_VERIFY(desk.said(QStringLiteral("order b new")));
        } // no stop: a crash
        auto kept = file.load(utcFromMilliseconds(5));
        QVERIFY(kept.has_value() && kept->has_value());
        options.terms.state = std::move(**kept);
        Desk after(options);
        after.client.start(after.diary, {});
        QCOMPARE(after.line.started, std::vector{btc()}); // what is held is watched
        int rounds = 0; // of the event loop, with time for timers
        QTRY_VERIFY(++rounds > 10);
        QVERIFY(!after.said(QStringLiteral("reconciled"))); // the position's contract is not described yet
        after.line.listener->onInstrument(
            typicalInstrument(btc(), Asset::from("BTC").value(), price("0.1"), quantity("0.001")).contract);
        QTRY_VERIFY(after.said(QStringLiteral("reconciled")));
        QVERIFY(after.said(QStringLiteral("positions 1 complete")));
        QVERIFY(after.said(QStringLiteral("order b new")));
    }

    void aDamagedFileIsSetAsideByName()
    {
        const QTemporaryDir dir;
        const QString path = dir.filePath(QStringLiteral("paper-binance.json"));
        QFile bad(path);
        QVERIFY(bad.open(QIODevice::WriteOnly));
        bad.write("{\"version\": 1}");
        bad.close();
        const PaperFile file(path);
        const auto refused = file.load(utcFromMilliseconds(5));
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::Corrupt);
        QVERIFY(refused.error().detail.find("paper-binance.json.damaged-5") != std::string::npos);
        QVERIFY(QFile::exists(path + QStringLiteral(".damaged-5")));
        const auto fresh = file.load(utcFromMilliseconds(6));
        QVERIFY(fresh.has_value() && !fresh->has_value());
    }

    void aRecordedMarketIsTradedWithoutTouchingIt()
    {
        REQUIRE_SHARED();
        const net::SystemClock clock;
        auto demo = runtime::demoVenueOn(
            {(tests::sharedDir() + u"/data/binance-usdm/capture-2024-08-08/btcusdt_20240808.gz"_s).toStdString()},
            Ratio::fromRaw(5 * kDecimalOne));
        QVERIFY2(demo.has_value(), demo ? "" : demo.error().detail.c_str());
        const auto host = runtime::VenueHost::start(demo->options, clock);
        QVERIFY2(host.has_value(), host ? "" : host.error().detail.c_str());
        const auto &served = (*host)->endpoints();
        exchange::binance::ClientOptions market; // no keys: the market alone
        market.endpoints = {.environment = exchange::binance::Environment::Loopback,
                            .rest = served.restUrl,
                            .streamsPublic = served.webSocketUrl,
                            .streamsMarket = served.webSocketUrl,
                            .streamsPrivate = served.webSocketUrl,
                            .webSocketApi = served.webSocketUrl};
        PaperClient client(std::make_unique<exchange::binance::BinanceClient>(std::move(market), clock), Desk::defaults(), clock);
        Diary diary;
        client.start(diary, {demo->symbol});
        QTRY_VERIFY_WITH_TIMEOUT(diary.lines.contains(u"book"_s) && diary.lines.contains(u"mark"_s) &&
                                     diary.lines.contains(u"reconciled"_s),
                                 20'000);
        OrderRequest order;
        order.instrument = {Venue::Binance, demo->symbol};
        order.type = OrderType::Market;
        order.quantity = quantity("0.01");
        const auto fillsOf = [&diary](std::string_view id) {
            std::int64_t sum = 0;
            for (const Fill &fill : diary.fills)
                sum += fill.clientOrderId.view() == id ? fill.quantity.raw() : 0;
            return Quantity::fromRaw(sum);
        };
        // The book may be refused for a moment while the recording's first difference comes in: until it is taken.
        int tries = 0;
        const auto trade = [&](Side side, const std::string &prefix) {
            return QTest::qWaitFor(
                [&] {
                    const std::string last = prefix + std::to_string(tries);
                    if (fillsOf(last) == order.quantity)
                        return true;
                    if (tries > 0 && !diary.lines.filter(QString::fromStdString("outcome " + last + " paper")).isEmpty())
                        tries = -tries; // refused: another id
                    if (tries <= 0) {
                        tries = 1 - tries;
                        order.side = side;
                        order.clientOrderId = ClientOrderId::from(prefix + std::to_string(tries)).value();
                        client.submit(tests::approved(order));
                    }
                    return false;
                },
                20'000);
        };
        QVERIFY2(trade(Side::Buy, "in"), qPrintable(diary.lines.filter(u"outcome"_s).join(u'\n')));
        QCOMPARE(client.account().positions().size(), 1U);
        tries = 0;
        QVERIFY2(trade(Side::Sell, "out"), qPrintable(diary.lines.filter(u"outcome"_s).join(u'\n')));
        QVERIFY(client.account().positions().empty());
        std::int64_t expected = parseMoney("10000").value().raw();
        for (const Fill &fill : diary.fills)
            expected += fill.realizedPnl.raw() - fill.fee.raw();
        QCOMPARE(client.account().snapshot().walletBalance, Money::fromRaw(expected));
        bool down = false;
        client.stop([&] { down = true; });
        QTRY_VERIFY(down);
    }

    void aDiskThatRefusesIsReported()
    {
        PaperOptions options = Desk::defaults();
        options.save = [](const PaperState &) -> Result<void> { return fail(ErrorCode::IoFailed, "the disk is full"); };
        Desk desk(options);
        desk.open();
        QTRY_COMPARE(desk.diary.lastError, std::string("the disk is full"));
    }
};

QTEST_GUILESS_MAIN(PaperClientTest)
#include "tst_paper_client.moc"
