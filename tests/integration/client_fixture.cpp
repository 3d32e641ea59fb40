#include "tests/integration/client_fixture.h"

#include <QtCore/QUrl>
#include <QtTest/QTest>

#include "core/exchange/binance/codec.h"
#include "core/exchange/binance/signer.h"
#include "tests/support/approved.h"

namespace tests
{

using namespace core;
using namespace std::chrono_literals;
namespace binance = core::exchange::binance;

bool waitFor(const std::function<bool()> &condition, int milliseconds)
{
    return QTest::qWaitFor(condition, milliseconds);
}

// ---- Recorder ----

void Recorder::entered()
{
    if (insideClient)
        ++callsFromInside;
}

void Recorder::onStreamStatus(const ports::StreamStatus &changed)
{
    entered();
    status[changed.name] = changed;
    if (!changed.lastError.empty())
        texts.push_back(changed.lastError);
}

void Recorder::onRequestBudget(const ports::RequestBudget &changed)
{
    entered();
    budget = changed;
}

void Recorder::onInstrument(const Instrument &instrument)
{
    entered();
    instruments[instrument.key.symbol] = instrument;
}

void Recorder::onBook(const InstrumentKey &, const market::OrderBook &book, Freshness now, UtcTime venueTime,
                      UtcTime)
{
    entered();
    freshness = now;
    ++freshnessSeen[now];
    if (now != Freshness::Fresh)
        return;
    if (book.isCrossed())
        ++crossedWhileFresh;
    if (!keepBooks)
        return;
    BookState state{venueTime, {}, {}};
    book.copyLevels(Side::Buy, 100, state.bids);
    book.copyLevels(Side::Sell, 100, state.asks);
    books.push_back(std::move(state));
    if (books.size() > 400)
        books.pop_front();
}

void Recorder::onTrade(const Trade &trade)
{
    entered();
    trades.push_back(trade);
}

void Recorder::onBestQuote(const BestQuote &)
{
    entered();
    ++quotes;
}

void Recorder::onMark(const MarkPrice &mark)
{
    entered();
    marks.push_back(mark);
}

void Recorder::onAccount(const AccountSnapshot &account, Source)
{
    entered();
    accounts.push_back(account);
}

void Recorder::onPositions(const std::vector<Position> &rows, Source source, bool complete)
{
    entered();
    positions.push_back({rows, source, complete});
}

void Recorder::onOrder(const OrderUpdate &order, Source)
{
    entered();
    orders.push_back(order);
}

void Recorder::onFill(const Fill &fill, Source)
{
    entered();
    fills.push_back(fill);
}

void Recorder::onFunding(const FundingPayment &payment, Source)
{
    entered();
    funding.push_back(payment);
}

void Recorder::onTransfer(const Transfer &transfer, Source)
{
    entered();
    transfers.push_back(transfer);
}

void Recorder::onDifference(const Difference &difference)
{
    entered();
    differences.push_back(difference);
}

void Recorder::onRequestOutcome(const ClientOrderId &order, ports::RequestOutcome outcome, const Error &error)
{
    entered();
    outcomes.push_back({order, outcome, error});
    texts.push_back(error.detail);
}

void Recorder::onOrderAbsent(const ClientOrderId &order)
{
    entered();
    absent.push_back(order);
}

void Recorder::onReconciled()
{
    entered();
    ++reconciled;
}

void Recorder::onReconciliationLost(const Error &why)
{
    entered();
    lost.push_back(why);
    texts.push_back(why.detail);
}

std::optional<OrderUpdate> Recorder::lastOrder(const ClientOrderId &id) const
{
    for (auto it = orders.rbegin(); it != orders.rend(); ++it) {
        if (it->clientOrderId == id)
            return *it;
    }
    return std::nullopt;
}

std::vector<Recorder::Outcome> Recorder::outcomesOf(const ClientOrderId &id) const
{
    std::vector<Outcome> result;
    for (const Outcome &outcome : outcomes) {
        if (outcome.order == id)
            result.push_back(outcome);
    }
    return result;
}

// ---- ClientFixture ----

ClientFixture::ClientFixture(Duration venueSkew) : venueClock(venueSkew), m_http(clock)
{
    symbol = Symbol::from("BTCUSDT").value();
    instrument = {Venue::Binance, symbol};
    venueOptions.instruments = {venue::typicalInstrument(
        symbol, Asset::from("BTC").value(), parsePrice("0.1").value(), parseQuantity("0.001").value())};
    venue::ScenarioOptions scenario;
    scenario.kind = venue::ScenarioOptions::Kind::Calm;
    scenario.symbol = symbol;
    venueOptions.market = scenario;
    venue::AccountOptions account;
    account.apiKey = kApiKey;
    account.apiSecret = kApiSecret;
    account.balance = parseMoney("100000").value();
    venueOptions.accounts = {account};

    clientOptions.account = AccountId::from("test").value();
    clientOptions.credentials = binance::Credentials{net::Secret(kApiKey), net::Secret(kApiSecret)};
    binance::ClientTimings &timings = clientOptions.timings;
    timings.reconnectMin = 50ms;
    timings.reconnectMax = 500ms;
    timings.connectEvery = 20ms;
    timings.snapshotEvery = 100ms;
    timings.accountPollAfterOrder = 200ms;
    timings.orderQueries = {50ms, 50ms, 100ms, 200ms, 400ms};
    timings.orderAbsentAfter = 400ms;
    timings.orderRetries = {20ms, 40ms, 80ms};
}

ClientFixture::~ClientFixture()
{
    client.reset();
    venue.reset();
}

bool ClientFixture::openVenue()
{
    venue = std::make_unique<core::venue::VenueServer>(venueOptions, venueClock);
    const auto endpoints = venue->start();
    if (!endpoints) {
        qWarning("the loopback exchange did not start: %s", endpoints.error().detail.c_str());
        return false;
    }
    clientOptions.endpoints.environment = binance::Environment::Loopback;
    clientOptions.endpoints.rest = m_venueAddress = endpoints->restUrl;
    m_streamAddress = endpoints->webSocketUrl;
    clientOptions.endpoints.streamsPublic = endpoints->webSocketUrl;
    clientOptions.endpoints.streamsMarket = endpoints->webSocketUrl;
    clientOptions.endpoints.streamsPrivate = endpoints->webSocketUrl;
    return true;
}

quint16 ClientFixture::restPort() const
{
    return static_cast<quint16>(QUrl(QString::fromStdString(m_venueAddress)).port());
}

void ClientFixture::makeClient()
{
    client = std::make_unique<binance::BinanceClient>(std::move(clientOptions), clock);
}

void ClientFixture::startClient()
{
    if (!client)
        makeClient();
    seen.insideClient = true;
    client->start(seen, {symbol});
    seen.insideClient = false;
}

bool ClientFixture::startAll()
{
    if (!openVenue())
        return false;
    startClient();
    return waitFor(
        [this] { return seen.reconciled > 0 && seen.freshness == Freshness::Fresh && !seen.marks.empty(); });
}

quint16 ClientFixture::webSocketPort() const
{
    return static_cast<quint16>(QUrl(QString::fromStdString(m_streamAddress)).port());
}

OrderRequest ClientFixture::marketOrder(const std::string &id, Side side, std::string_view quantity,
                                        ReduceOnly reduceOnly) const
{
    OrderRequest request;
    request.instrument = instrument;
    request.clientOrderId = ClientOrderId::from(id).value();
    request.side = side;
    request.type = OrderType::Market;
    request.quantity = parseQuantity(quantity).value();
    request.reduceOnly = reduceOnly;
    return request;
}

void ClientFixture::submit(const OrderRequest &request)
{
    seen.insideClient = true;
    client->submit(approved(request));
    seen.insideClient = false;
}

std::string ClientFixture::ask(net::HttpMethod method, const std::string &path, std::string query, bool sign)
{
    net::HttpRequest request;
    request.method = method;
    request.address = m_venueAddress;
    if (sign) {
        request.headers.emplace_back("X-MBX-APIKEY", kApiKey);
        if (path != "/fapi/v1/listenKey") {
            binance::appendParameter(query, "timestamp", std::to_string(toMilliseconds(venueClock.now())));
            binance::HmacSigner(kApiSecret).sign(query);
        }
    }
    request.target = query.empty() ? path : path + "?" + query;
    std::optional<net::HttpResult> answer;
    m_http.send(std::move(request), [&answer](net::HttpResult result) { answer = std::move(result); });
    if (!waitFor([&answer] { return answer.has_value(); }) || !*answer || (*answer)->status != 200)
        return {};
    return (*answer)->body;
}

std::optional<OrderUpdate> ClientFixture::orderAtVenue(const std::string &id)
{
    const std::string body =
        ask(net::HttpMethod::Get, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=" + id, true);
    const auto order = binance::parseOrder(body, clock.now());
    return order ? std::optional(*order) : std::nullopt;
}

std::set<std::int64_t> ClientFixture::executedOrdersAtVenue()
{
    std::set<std::int64_t> ids;
    std::int64_t from = 0;
    for (;;) {
        const auto fills =
            binance::parseUserTrades(ask(net::HttpMethod::Get, "/fapi/v1/userTrades",
                                         "symbol=BTCUSDT&limit=1000&fromId=" + std::to_string(from), true),
                                     clock.now());
        if (!fills)
            qWarning("userTrades: %s", fills.error().detail.c_str());
        if (!fills || fills->empty())
            return ids;
        for (const Fill &fill : *fills) {
            ids.insert(fill.venueOrderId.value);
            from = std::max(from, fill.tradeId + 1);
        }
    }
}

Quantity ClientFixture::positionAtVenue()
{
    const auto rows = binance::parsePositionRisk(ask(net::HttpMethod::Get, "/fapi/v3/positionRisk", {}, true),
                                                 {}, clock.now());
    if (!rows)
        qWarning("positionRisk: %s", rows.error().detail.c_str());
    return rows && !rows->empty() ? rows->front().quantity : Quantity{};
}

bool ClientFixture::booksAgree()
{
    seen.keepBooks = true;
    for (int attempt = 0; attempt < 10; ++attempt) {
        const std::string body = ask(net::HttpMethod::Get, "/fapi/v1/depth", "symbol=BTCUSDT&limit=100", false);
        const auto snapshot = binance::parseDepthSnapshot(body);
        if (!snapshot)
            return false;
        const Recorder::BookState *found = nullptr;
        (void)waitFor(
            [&] {
                for (const auto &state : seen.books) {
                    if (state.venueTime == snapshot->venueTime)
                        found = &state;
                }
                return found != nullptr;
            },
            400);
        if (found) // else: asked between two frames of one instant
            return found->bids == snapshot->bids && found->asks == snapshot->asks;
    }
    return false;
}

} // namespace tests
