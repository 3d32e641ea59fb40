#include <algorithm>
#include <random>

#include <QtTest/QTest>

#include "tests/integration/scripted_venue.h"

using namespace core;
using namespace std::chrono_literals;
using tests::ScriptedFixture;
using tests::waitFor;
using Answer = tests::ScriptedVenue::Answer;
using Request = tests::ScriptedVenue::Request;

namespace
{

struct Row {
    std::int64_t time{0};
    std::int64_t transaction{0};
    std::string type;
};

std::string text(const Row &row)
{
    return R"({"symbol":")" + std::string(row.type == "TRANSFER" ? "" : "BTCUSDT") + R"(","incomeType":")" + row.type +
           R"(","income":"0.5","asset":"USDT","info":"","time":)" + std::to_string(row.time) + R"(,"tranId":)" +
           std::to_string(row.transaction) + R"(,"tradeId":""})";
}

std::int64_t number(const Request &request, const char *name)
{
    const auto found = request.parameters.find(name);
    return found == request.parameters.end() ? 0 : std::stoll(found->second);
}

/// The venue's rule: from a time on, at most `limit` rows, oldest first; no pages.
template <class Rows, class Time, class Text>
std::string page(const Rows &rows, const Request &request, Time timeOf, Text textOf)
{
    const std::int64_t from = number(request, "startTime");
    const std::int64_t to = request.parameters.contains("endTime") ? number(request, "endTime") : INT64_MAX;
    const std::string type = request.parameters.contains("incomeType") ? request.parameters.at("incomeType") : "";
    std::string body = "[";
    std::int64_t given = 0;
    for (const auto &row : rows) {
        if (timeOf(row) < from || timeOf(row) > to || given == number(request, "limit"))
            continue;
        if (!type.empty() && textOf(row).find(type) == std::string::npos)
            continue;
        body += (given++ == 0 ? "" : ",") + textOf(row);
    }
    return body + "]";
}

} // namespace

class TestClientHistory : public QObject
{
    Q_OBJECT

private slots:
    void bn49_rowsOfOneInstantAreNeitherLostNorDoubled_data()
    {
        QTest::addColumn<int>("perInstant");
        QTest::newRow("all apart") << 1;
        QTest::newRow("seven at a time") << 7;
        QTest::newRow("a page ends inside an instant") << 300;
        QTest::newRow("999 at a time") << 999;
    }
    void bn49_rowsOfOneInstantAreNeitherLostNorDoubled()
    {
        QFETCH(int, perInstant);
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const std::int64_t start = toMilliseconds(fixture.clock.now()) - 86'400'000;
        std::vector<Row> rows;
        for (int i = 0; i < 3500; ++i)
            rows.push_back({start + (i / perInstant) * 10, 10'000 + i, "TRANSFER"});
        fixture.venue.on("GET /fapi/v1/income", [&](const Request &request) -> Answer {
            return {.body = page(rows, request, [](const Row &row) { return row.time; }, [](const Row &row) { return text(row); })};
        });
        std::optional<Result<std::vector<Transfer>>> got;
        fixture.client->transfers({utcFromMilliseconds(start), fixture.clock.now()}, [&](auto result) { got = std::move(result); });
        QVERIFY(waitFor([&] { return got.has_value(); }, 20'000));
        QVERIFY2(got->has_value(), *got ? "" : got->error().detail.c_str());
        QCOMPARE((*got)->size(), rows.size());
        std::set<std::string> ids;
        for (const Transfer &transfer : **got)
            QVERIFY(ids.insert(transfer.id).second);
        for (const Request &request : fixture.venue.asked("GET /fapi/v1/income"))
            QVERIFY(!request.parameters.contains("page"));
        qInfo("%zu rows, %d pages", rows.size(), fixture.venue.count("GET /fapi/v1/income"));
    }

    void moreRowsAtOneInstantThanAPageHoldsIsAnErrorNotALoss()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const std::int64_t start = toMilliseconds(fixture.clock.now()) - 86'400'000;
        std::vector<Row> rows;
        for (int i = 0; i < 1500; ++i)
            rows.push_back({start, i, "TRANSFER"});
        fixture.venue.on("GET /fapi/v1/income", [&](const Request &request) -> Answer {
            return {.body = page(rows, request, [](const Row &row) { return row.time; }, [](const Row &row) { return text(row); })};
        });
        std::optional<Result<std::vector<Transfer>>> got;
        fixture.client->transfers({utcFromMilliseconds(start), fixture.clock.now()}, [&](auto result) { got = std::move(result); });
        QVERIFY(waitFor([&] { return got.has_value(); }));
        QVERIFY(!got->has_value());
        QCOMPARE(got->error().code, ErrorCode::OutOfSync);
    }

    void bn28_aFundingPaymentIsRecordedOnce()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const std::int64_t time = toMilliseconds(fixture.clock.now());
        std::vector<Row> rows;
        bool visible = false;
        fixture.venue.on("GET /fapi/v1/income", [&](const Request &request) -> Answer {
            return {.body = visible ? page(rows, request, [](const Row &row) { return row.time; }, [](const Row &row) { return text(row); }) : "[]"};
        });
        rows.push_back({time, 1, "FUNDING_FEE"});
        rows.push_back({time, 2, "COMMISSION"});
        const std::string event = R"({"e":"ACCOUNT_UPDATE","E":)" + fixture.now() + R"(,"T":)" + fixture.now() +
                                  R"(,"a":{"m":"FUNDING_FEE","S":"BTCUSDT","B":[{"a":"USDT","wb":"1000.5","cw":"1000.5","bc":"0.5"}],"P":[]}})";
        fixture.venue.say(event);
        QVERIFY(waitFor([&] {
            return std::any_of(fixture.seen.accounts.begin(), fixture.seen.accounts.end(),
                               [](const AccountSnapshot &a) { return a.walletBalance == parseMoney("1000.5").value(); });
        }));
        visible = true; // the cash flow is behind the event
        fixture.venue.say(event);
        QVERIFY(waitFor([&] { return !fixture.seen.funding.empty(); }));
        fixture.venue.say(event);
        (void)waitFor([&] { return fixture.seen.funding.size() > 1; }, 500);
        QCOMPARE(fixture.seen.funding.size(), std::size_t{1});
        QCOMPARE(fixture.seen.funding[0].amount, parseMoney("0.5").value());
        QCOMPARE(toMilliseconds(fixture.seen.funding[0].venueTime), time);
        QVERIFY(fixture.seen.transfers.empty()); // a fee is no transfer
    }

    void aTransferIsHandedOn()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const std::vector<Row> rows{{toMilliseconds(fixture.clock.now()), 5, "TRANSFER"}};
        fixture.venue.on("GET /fapi/v1/income", [&](const Request &) -> Answer { return {.body = "[" + text(rows[0]) + "]"}; });
        fixture.venue.say(R"({"e":"ACCOUNT_UPDATE","E":1,"T":)" + fixture.now() + R"(,"a":{"m":"DEPOSIT","B":[{"a":"USDT","wb":"1500","cw":"1500","bc":"500"}],"P":[]}})");
        QVERIFY(waitFor([&] { return fixture.seen.transfers.size() == 1; }));
        QCOMPARE(fixture.seen.transfers[0].id, std::string("TRANSFER:5"));
    }

    void fillsAreCompleteOverWindowsAndEqualTimes()
    {
        ScriptedFixture fixture;
        QVERIFY(fixture.startAndReconcile());
        const std::int64_t start = toMilliseconds(fixture.clock.now()) - std::int64_t{40} * 86'400'000;
        struct Trade {
            std::int64_t id, time;
        };
        std::vector<Trade> trades;
        for (int i = 0; i < 2700; ++i)
            trades.push_back({5000 + i * 3, start + std::int64_t{20} * 86'400'000 + (i / 1200)});
        fixture.venue.on("GET /fapi/v1/userTrades", [&](const Request &request) -> Answer {
            const bool byId = request.parameters.contains("fromId");
            if (byId && (request.parameters.contains("startTime") || request.parameters.contains("endTime")))
                return {.status = 400, .body = R"({"code":-1128,"msg":"bad combination"})"};
            if (!byId && number(request, "endTime") - number(request, "startTime") > std::int64_t{7} * 86'400'000)
                return {.status = 400, .body = R"({"code":-4165,"msg":"Invalid time interval"})"};
            std::string body = "[";
            std::int64_t given = 0;
            for (const Trade &trade : trades) {
                const bool wanted = byId ? trade.id >= number(request, "fromId")
                                         : trade.time >= number(request, "startTime") && trade.time <= number(request, "endTime");
                if (!wanted || given == number(request, "limit"))
                    continue;
                body += std::string(given++ == 0 ? "" : ",") + R"({"commission":"0.01","commissionAsset":"USDT","id":)" + std::to_string(trade.id) +
                        R"(,"maker":true,"orderId":9,"price":"60000","qty":"0.001","realizedPnl":"0","side":"BUY","positionSide":"BOTH","symbol":"BTCUSDT","time":)" +
                        std::to_string(trade.time) + "}";
            }
            return {.body = body + "]"};
        });
        std::optional<Result<std::vector<Fill>>> got;
        fixture.client->fills(fixture.instrument, {utcFromMilliseconds(start), fixture.clock.now()}, [&](auto result) { got = std::move(result); });
        QVERIFY(waitFor([&] { return got.has_value(); }, 20'000));
        QVERIFY2(got->has_value(), *got ? "" : got->error().detail.c_str());
        QCOMPARE((*got)->size(), trades.size());
        for (std::size_t i = 0; i < trades.size(); ++i)
            QCOMPARE((**got)[i].tradeId, trades[i].id);
    }
};

QTEST_GUILESS_MAIN(TestClientHistory)
#include "tst_client_history.moc"
