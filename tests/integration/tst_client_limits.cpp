#include <QtTest/QTest>

#include "core/exchange/binance/market_candles.h"
#include "core/exchange/binance/rest_gateway.h"
#include "tests/integration/fake_market.h"
#include "tests/integration/market_listener.h"

using namespace core;
using namespace core::exchange::binance;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using tests::FakeMarket;
using tests::MarketListener;
using tests::waitFor;

namespace
{

constexpr const char *kTooMany = R"({"code":-1003,"msg":"Too many requests."})";

} // namespace

/// Item by item what the venue says about limits, and what still goes out then; row R9 of the targets.
class TestClientLimits : public QObject
{
    Q_OBJECT
    net::SystemClock m_clock;

    struct Asked {
        std::optional<RestResult> result;
    };
    static std::shared_ptr<Asked> ask(RestGateway &rest, net::Lane lane, int weight = 1,
                                      const char *path = "/fapi/v1/ping")
    {
        auto asked = std::make_shared<Asked>();
        rest.call(RestCall{.path = path, .lane = lane, .cost = {.weight = weight, .orders = 0}},
                  [asked](RestResult result) { asked->result = std::move(result); });
        return asked;
    }

private slots:
    void bn05_theFirstSignedCallComesAfterTheClockWasMeasured_data()
    {
        QTest::addColumn<int>("skew");
        QTest::newRow("the venue is 3 s ahead") << 3000;
        QTest::newRow("the venue is 3 s behind") << -3000;
    }
    void bn05_theFirstSignedCallComesAfterTheClockWasMeasured()
    {
        QFETCH(int, skew);
        tests::ClientFixture fixture{std::chrono::milliseconds{skew}};
        QVERIFY(fixture.startAll());
        QCOMPARE(fixture.seen.lost.size(), std::size_t{0}); // nothing was refused on the way
        QCOMPARE(fixture.seen.status["clock"].freshness, Freshness::Diverged);
        QVERIFY(fixture.seen.status["clock"].lastError.find("apart") != std::string::npos);
    }

    void bn45_after429NothingIsSentUntilTheVenueSaysSo_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<int>("least"); // ms until the next request
        QTest::newRow("429 with Retry-After")
            << 429 << QByteArray(kTooMany) << QByteArray("Retry-After: 2") << 1900;
        QTest::newRow("418 with a time in the text")
            << 418 << QByteArray("BAN") << QByteArray("X-Nothing: 1") << 2000;
    }
    void bn45_after429NothingIsSentUntilTheVenueSaysSo()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, header);
        QFETCH(int, least);
        FakeMarket venue(1);
        ClientOptions options = venue.options();
        RestGateway rest(options, m_clock, nullptr);
        rest.start();
        qint64 limitedAt = -1;
        std::vector<std::pair<QString, qint64>> later;
        venue.answerInstead = [&](const FakeMarket::Request &request) -> std::optional<FakeMarket::Reply> {
            if (limitedAt >= 0) {
                later.emplace_back(request.path, request.at);
                return std::nullopt;
            }
            limitedAt = request.at;
            const auto until = toMilliseconds(m_clock.now()) + 1100;
            return FakeMarket::Reply{status, body == "BAN" ? FakeMarket::banText(until) : body, {header}};
        };
        const auto first = ask(rest, net::Lane::Normal);
        QVERIFY(waitFor([&] { return first->result.has_value(); }));
        QVERIFY(!*first->result);
        // Everybody keeps asking, as often as they like.
        int asked = 0;
        QVERIFY(waitFor(
            [&] {
                for (const net::Lane lane : {net::Lane::Protective, net::Lane::Normal, net::Lane::History})
                    (void)ask(rest, lane, 1, "/fapi/v1/time"), ++asked;
                return !later.empty();
            },
            10'000));
        QVERIFY2(later.front().second - limitedAt >= least,
                 qPrintable(QString::number(later.front().second - limitedAt)));
        if (status == 418)
            QCOMPARE(later.front().first, u"/fapi/v1/ping"_s); // a probe, before anything else
        qInfo("bn45: %d requests wished for meanwhile, 0 sent, next after %lld ms", asked,
              static_cast<long long>(later.front().second - limitedAt));
        rest.stop();
    }

    void bn46_headersOverrideAndTheOneOfBookTickerIsIgnored()
    {
        FakeMarket venue(1);
        ClientOptions options = venue.options();
        RestGateway rest(options, m_clock, nullptr);
        int used = 0;
        QObject::connect(&rest, &RestGateway::budgetChanged, &rest,
                         [&used](const ports::RequestBudget &budget) { used = budget.used; });
        rest.start();
        venue.answerInstead = [](const FakeMarket::Request &request) -> std::optional<FakeMarket::Reply> {
            const bool ticker = request.path == u"/fapi/v1/ticker/bookTicker"_s;
            return FakeMarket::Reply{
                200, "{}", {ticker ? "x-mbx-used-weight-1m: 2399" : "X-MBX-USED-WEIGHT-1M: 700"}};
        };
        const auto ticker = ask(rest, net::Lane::Normal, 2, "/fapi/v1/ticker/bookTicker");
        QVERIFY(waitFor([&] { return ticker->result.has_value(); }));
        QVERIFY(used < 10);
        const auto ping = ask(rest, net::Lane::Normal);
        QVERIFY(waitFor([&] { return ping->result.has_value(); }));
        QVERIFY(used >= 700 || used < 10); // less only when the minute has just changed
        rest.stop();
    }

    void bn47_historyPausesAndCancelsStillGoOut()
    {
        FakeMarket venue(1);
        ClientOptions options = venue.options();
        RestGateway rest(options, m_clock, nullptr);
        MarketHistory history(options, m_clock, rest, nullptr);
        rest.start();
        int klines = 0;
        venue.answerInstead = [&](const FakeMarket::Request &request) -> std::optional<FakeMarket::Reply> {
            klines += request.path == u"/fapi/v1/klines"_s ? 1 : 0;
            return FakeMarket::Reply{200, "[]", {"X-MBX-USED-WEIGHT-1M: 1950"}};
        };
        const auto ping = ask(rest, net::Lane::Normal);
        QVERIFY(waitFor([&] { return ping->result.has_value(); }));
        const qint64 minute = toMilliseconds(m_clock.now()) / 60'000;
        const UtcTime now = m_clock.now();
        history.candles({Venue::Binance, FakeMarket::symbol(0)}, 1min, {now - 1h, now}, [](const auto &) {});
        QElapsedTimer since;
        since.start();
        const auto cancel = ask(rest, net::Lane::Protective, 1, "/fapi/v1/order");
        QVERIFY(waitFor([&] { return cancel->result.has_value(); }));
        QVERIFY(cancel->result->has_value());
        const qint64 served = since.elapsed();
        (void)waitFor([&] { return klines > 0; }, 700);
        if (toMilliseconds(m_clock.now()) / 60'000 == minute) // a new minute has a budget of its own
            QCOMPARE(klines, 0);
        qInfo("bn47: at 81 %% of the weight the protective lane was served after %lld ms",
              static_cast<long long>(served));
        history.stop();
        rest.stop();
    }

    void pagesAreJoinedWithoutHoleOrDouble()
    {
        FakeMarket venue(1);
        ClientOptions options = venue.options();
        RestGateway rest(options, m_clock, nullptr);
        MarketHistory history(options, m_clock, rest, nullptr);
        rest.start();
        const qint64 first = 1'700'000'040'000;
        int limited = 0;
        venue.answerInstead = [&](const FakeMarket::Request &request) -> std::optional<FakeMarket::Reply> {
            if (++limited == 2) // in the middle of the pages
                return FakeMarket::Reply{500, R"({"code":-1001,"msg":"Internal error"})", {}};
            const qint64 from = request.query.queryItemValue(u"startTime"_s).toLongLong();
            const qint64 to = request.query.queryItemValue(u"endTime"_s).toLongLong();
            QByteArray rows;
            int count = 0;
            for (qint64 at = std::max(first, from / 60'000 * 60'000); at <= to && count < 1000;
                 at += 60'000) {
                if (at < from || (at / 60'000) % 100 == 7)
                    continue; // no trade in that minute
                rows += (count++ == 0 ? "" : ",") + FakeMarket::klineRow(at, 3);
            }
            return FakeMarket::Reply{200, "[" + rows + "]", {}};
        };
        std::optional<Result<std::vector<Candle>>> got;
        const UtcTime begin = utcFromMilliseconds(first);
        history.candles({Venue::Binance, FakeMarket::symbol(0)}, 1min, {begin, begin + 2500min},
                        [&](Result<std::vector<Candle>> candles) { got = std::move(candles); });
        QVERIFY(waitFor([&] { return got.has_value(); }));
        QVERIFY2(got->has_value(), *got ? "" : got->error().detail.c_str());
        const std::vector<Candle> &candles = **got;
        QVERIFY(candles.size() >= 2499);
        for (std::size_t i = 0; i < candles.size(); ++i) {
            QCOMPARE(candles[i].openTime, begin + std::chrono::minutes{i});
            QVERIFY(candles[i].closed);
            QCOMPARE(candles[i].synthetic, (toMilliseconds(candles[i].openTime) / 60'000) % 100 == 7);
        }
        QVERIFY(venue.requests.size() >= 4);
        rest.stop();
    }

    void tradesGoOnById()
    {
        FakeMarket venue(1);
        ClientOptions options = venue.options();
        RestGateway rest(options, m_clock, nullptr);
        MarketHistory history(options, m_clock, rest, nullptr);
        rest.start();
        const UtcTime now = utcFromMilliseconds(toMilliseconds(m_clock.now()));
        const qint64 begin = toMilliseconds(now - 3h);
        // One trade every 4 s, starting an hour into the range: 1,800 of them.
        venue.answerInstead = [&](const FakeMarket::Request &request) -> std::optional<FakeMarket::Reply> {
            const qint64 id = request.query.queryItemValue(u"fromId"_s).toLongLong();
            const qint64 from = request.query.queryItemValue(u"startTime"_s).toLongLong();
            const qint64 to =
                id > 0 ? begin + 10'800'000 : request.query.queryItemValue(u"endTime"_s).toLongLong();
            if (id == 0 && to - from >= 3'600'000)
                return FakeMarket::Reply{
                    400, R"({"code":-1127,"msg":"More than 1 hour between startTime and endTime."})", {}};
            QByteArray rows;
            int count = 0;
            for (qint64 i = std::max<qint64>(id, 1); i <= 1800 && count < 1000; ++i) {
                const qint64 at = begin + 3'600'000 + i * 4'000;
                if (at < from || at > to)
                    continue;
                rows += (count++ == 0 ? "" : ",") + FakeMarket::tradeRow(i, at);
            }
            return FakeMarket::Reply{200, "[" + rows + "]", {}};
        };
        std::optional<Result<std::vector<Trade>>> got;
        history.trades({Venue::Binance, FakeMarket::symbol(0)}, {now - 3h, now - 10min},
                       [&](Result<std::vector<Trade>> trades) { got = std::move(trades); });
        QVERIFY(waitFor([&] { return got.has_value(); }));
        QVERIFY2(got->has_value(), *got ? "" : got->error().detail.c_str());
        QCOMPARE((*got)->size(), std::size_t{1649}); // up to the excluded end
        for (std::size_t i = 0; i < (*got)->size(); ++i)
            QCOMPARE((**got)[i].id, static_cast<std::int64_t>(i + 1));
        rest.stop();
    }
};

QTEST_GUILESS_MAIN(TestClientLimits)
#include "tst_client_limits.moc"
