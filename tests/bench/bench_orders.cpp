// Placing, changing and cancelling an order at both venues. "built": request → signed bytes in process, as the client builds
// them. "answered": the client is asked → its listener is told the outcome, over loopback with the server on another thread.
// Prints "<venue>-<what>-<how> median p99 count" in µs, after the signatures were checked against a second way of making them.
// Usage: bench_orders [--count 1000].
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include <QtCore/QCoreApplication>

#include "core/exchange/binance/order_parameters.h"
#include "core/exchange/binance/signer.h"
#include "core/exchange/hyperliquid/cloids.h"
#include "core/exchange/hyperliquid/order_channel_wire.h"
#include "core/exchange/hyperliquid/rest_codec.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/net/system_clock.h"
#include "core/runtime/worker_thread.h"
#include "tests/bench/wire_scripts.h"
#include "tests/support/approved.h"

using namespace core;
using namespace std::chrono_literals;
namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
constexpr std::string_view kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view kKey = "0123456789012345678901234567890123456789012345678901234567890123";
constexpr std::size_t kBuilt = 20'000;

void demand(bool holds, const char *what)
{
    if (holds)
        return;
    fmt::print(stderr, "bench_orders: {}\n", what);
    std::exit(1);
}

void print(Venue venue, std::string_view what, std::string_view how, std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    fmt::print("{}-{}-{} {:.2f} {:.2f} {}\n", name(venue), what, how, values[values.size() / 2],
               values[values.size() * 99 / 100], values.size());
    std::fflush(stdout);
}

[[nodiscard]] OrderRequest limitOrder(const InstrumentKey &instrument, std::size_t number)
{
    OrderRequest request;
    request.instrument = instrument;
    request.clientOrderId = ClientOrderId::from(fmt::format("bench-{}", number)).value();
    request.side = Side::Buy;
    request.type = OrderType::Limit;
    request.quantity = parseQuantity("0.5").value();
    request.limitPrice = parsePrice("59000").value();
    return request;
}
[[nodiscard]] OrderChange changeOf(const OrderRequest &request)
{
    OrderChange change;
    change.instrument = request.instrument;
    change.clientOrderId = request.clientOrderId;
    change.quantity = request.quantity;
    change.limitPrice = parsePrice("58990").value();
    return change;
}

/// Microseconds of each call; `check` is not timed.
template <class Build, class Check>
[[nodiscard]] std::vector<double> timed(const Build &build, const Check &check)
{
    std::vector<double> values;
    for (std::size_t i = 0; i < kBuilt; ++i) {
        const auto start = std::chrono::steady_clock::now();
        auto bytes = build(i);
        values.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
        if (i % 1'000 == 0)
            check(bytes);
    }
    return values;
}

void builtForBinance()
{
    const auto signer = binance::Signer::make(binance::KeyType::Hmac, kSecret).value();
    const binance::HmacSigner second(kSecret);
    const InstrumentKey key = bench::contractOf(Venue::Binance);
    const auto complete = [&signer](std::string query, std::size_t i) {
        binance::appendParameter(query, "recvWindow", "5000");
        binance::appendParameter(query, "timestamp", std::to_string(1'795'390'000'000 + static_cast<std::int64_t>(i)));
        signer.sign(query);
        return query;
    };
    const auto check = [&second](const std::string &query) {
        const std::size_t at = query.rfind("&signature=");
        demand(at != std::string::npos && query.substr(at + 11) == second.signature(query.substr(0, at)),
               "a signature differs");
    };
    const OrderRequest request = limitOrder(key, 1);
    print(Venue::Binance, "place", "built", timed([&](std::size_t i) {
              return complete(binance::orderQuery(request, binance::AccountMode::OneWay).value(), i);
          }, check));
    const OrderChange change = changeOf(request);
    print(Venue::Binance, "modify", "built",
          timed([&](std::size_t i) { return complete(binance::changeQuery(change, Side::Buy), i); }, check));
    print(Venue::Binance, "cancel", "built", timed([&](std::size_t i) {
              return complete(binance::orderIdQuery(key, request.clientOrderId), i);
          }, check));
}

void builtForHyperliquid()
{
    const auto signer = hyperliquid::ActionSigner::fromHex(kKey).value();
    hyperliquid::AssetTable table;
    const auto meta = hyperliquid::parseMeta(
        R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":56}],"marginTables":[],"collateralToken":0})");
    demand(meta && table.replaceDex(0, *meta, "USDC").has_value(), "the list of contracts was refused");
    const InstrumentKey key = bench::contractOf(Venue::Hyperliquid);
    const hyperliquid::ListedAsset &asset = *table.find(key.symbol);
    const OrderRequest request = limitOrder(key, 1);
    const hyperliquid::Surroundings around{.mark = parsePrice("60000").value(), .mid = parsePrice("60000").value()};
    const hyperliquid::Cloid cloid = hyperliquid::Cloids::cloidOf(request.clientOrderId);
    hyperliquid::ActionEnvelope envelope;
    hyperliquid::ActionValue last;
    hyperliquid::Signature signature;
    const auto complete = [&](hyperliquid::ActionValue action, std::size_t i) {
        envelope.nonce = 1'795'390'000'000U + i;
        envelope.expiresAfter = envelope.nonce + 8'000;
        last = std::move(action);
        signature = signer.signL1(last, envelope, hyperliquid::Network::Mainnet).signature;
        return hyperliquid::requestJson(last, envelope, signature);
    };
    const auto check = [&](const std::string &body) {
        const auto posted = hyperliquid::parseActionJson(body, "request");
        demand(posted && posted->find("action") != nullptr, "the request cannot be read");
        const auto who = hyperliquid::recoverL1Signer(*posted->find("action"), envelope, hyperliquid::Network::Mainnet,
                                                      signature);
        demand(who && *who == signer.address(), "a signature names somebody else");
    };
    const auto wire = [&] {
        auto order = hyperliquid::wireOrder(asset, request, around, Ratio::fromRaw(5'000'000),
                                            hyperliquid::Cloids::cloidOf(request.clientOrderId));
        demand(order.has_value(), "the order was refused");
        return *order;
    };
    print(Venue::Hyperliquid, "place", "built", timed([&](std::size_t i) {
              const auto order = wire();
              return complete(hyperliquid::orderAction(std::span(&order, 1)).value(), i);
          }, check));
    print(Venue::Hyperliquid, "modify", "built", timed([&](std::size_t i) {
              const hyperliquid::ModifyItem item{.reference = std::uint64_t{77'738'308}, .order = wire()};
              return complete(hyperliquid::batchModifyAction(std::span(&item, 1)).value(), i);
          }, check));
    print(Venue::Hyperliquid, "cancel", "built", timed([&](std::size_t i) {
              const hyperliquid::CloidCancelItem item{.asset = 0, .cloid = cloid};
              return complete(hyperliquid::cancelByCloidAction(std::span(&item, 1)).value(), i);
          }, check));
}

/// Hears when the account is reconciled and what became of each request.
class Ear final : public ports::ExchangeListener
{
public:
    std::function<void()> onReady;
    std::function<void(ports::RequestOutcome)> onOutcome;

    void onStreamStatus(const ports::StreamStatus &) override {}
    void onRequestBudget(const ports::RequestBudget &) override {}
    void onInstrument(const Instrument &) override {}
    void onBook(const InstrumentKey &, const market::OrderBook &, Freshness, UtcTime, UtcTime) override {}
    void onTrade(const Trade &) override {}
    void onBestQuote(const BestQuote &) override {}
    void onMark(const MarkPrice &) override {}
    void onAccount(const AccountSnapshot &, Source) override {}
    void onPositions(const std::vector<Position> &, Source, bool) override {}
    void onOrder(const OrderUpdate &, Source) override {}
    void onFill(const Fill &, Source) override {}
    void onRequestOutcome(const ClientOrderId &, ports::RequestOutcome outcome, const Error &error) override
    {
        if (outcome != ports::RequestOutcome::Accepted)
            fmt::print(stderr, "{}\n", error.detail);
        onOutcome(outcome);
    }
    void onOrderAbsent(const ClientOrderId &) override {}
    void onReconciled() override { onReady(); }
    void onReconciliationLost(const Error &why) override { fmt::print(stderr, "lost: {}\n", why.detail); }
};

/// The server with its script, as one thing that lives on a thread.
struct Lab {
    explicit Lab(Venue venue)
        : script(bench::scriptOf(venue)),
          server([this](const bench::WireRequest &request) { return script->answer(request); })
    {
    }
    std::unique_ptr<bench::VenueScript> script;
    bench::WireServer server;
};

/// Place, modify, cancel, again and again; each request begins from an idle event loop.
class Trip
{
public:
    Trip(Venue venue, ports::ExchangeClient &client, Ear &ear, std::size_t count)
        : m_venue(venue), m_client(client), m_count(count)
    {
        ear.onReady = [this] { QTimer::singleShot(200, &m_context, [this] { step(); }); };
        ear.onOutcome = [this](ports::RequestOutcome outcome) {
            m_taken[m_step].push_back(
                std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - m_start).count());
            demand(outcome == ports::RequestOutcome::Accepted, "a request was not accepted");
            m_step = (m_step + 1) % 3;
            QTimer::singleShot(1, Qt::PreciseTimer, &m_context, [this] { step(); });
        };
    }
    void report() const
    {
        for (std::size_t i = 0; i < 3; ++i)
            print(m_venue, kNames[i], "answered", m_taken[i]);
    }

private:
    static constexpr std::array<std::string_view, 3> kNames{"place", "modify", "cancel"};

    void step()
    {
        if (m_step == 0 && m_taken[2].size() == m_count)
            return QCoreApplication::quit();
        if (m_step == 0)
            m_request = limitOrder(bench::contractOf(m_venue), ++m_number);
        const auto change = tests::approved(changeOf(m_request));
        const auto order = tests::approved(m_request);
        m_start = std::chrono::steady_clock::now();
        if (m_step == 0)
            m_client.submit(order);
        else if (m_step == 1)
            m_client.modify(change);
        else
            m_client.cancel(m_request.instrument, m_request.clientOrderId);
    }

    Venue m_venue;
    ports::ExchangeClient &m_client;
    std::size_t m_count;
    QObject m_context;
    OrderRequest m_request;
    std::array<std::vector<double>, 3> m_taken;
    bench::SteadyTime m_start;
    std::size_t m_step{0};
    std::size_t m_number{100};
};

void answeredBy(Venue venue, std::size_t count)
{
    const net::SystemClock clock;
    runtime::WorkerThread<Lab> thread(QStringLiteral("venue"));
    thread.start([venue] { return std::make_unique<Lab>(venue); });
    std::uint16_t http = 0;
    std::uint16_t webSocket = 0;
    thread.call([&](const Lab &lab) {
        http = lab.server.httpPort();
        webSocket = lab.server.webSocketPort();
    });
    {
        Ear ear;
        const auto client = bench::clientOf(venue, http, webSocket, clock);
        Trip trip(venue, *client, ear, count);
        QTimer patience;
        QObject::connect(&patience, &QTimer::timeout, &patience, [] { demand(false, "it takes too long"); });
        patience.start(120s);
        client->start(ear, {bench::contractOf(venue).symbol});
        QCoreApplication::exec();
        trip.report();
        client->stop([] { QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection); });
        QCoreApplication::exec();
    }
    thread.stop();
}
} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    std::size_t count = 1'000;
    if (argc == 3 && std::string_view(argv[1]) == "--count")
        count = QByteArray(argv[2]).toULongLong();
    demand(count > 0, "a count above 0");
    builtForBinance();
    builtForHyperliquid();
    for (const Venue venue : {Venue::Binance, Venue::Hyperliquid})
        answeredBy(venue, count);
    return 0;
}
