#include "tests/integration/hl_fixture.h"

#include <QtCore/QUrl>

#include "core/exchange/hyperliquid/cloids.h"
#include "core/venue/hyperliquid/desk.h"
#include "tests/support/approved.h"

namespace tests::hl
{

using namespace core;
using namespace std::chrono_literals;
namespace hyperliquid = core::exchange::hyperliquid;
namespace loopback = core::venue::hyperliquid;

LoopbackFixture::LoopbackFixture()
{
    venueOptions = loopback::typicalOptions(7, 1);
    venueOptions.scenario = venue::ScenarioOptions::Kind::Calm;
    venueOptions.accounts.front().balance = parseMoney("1000000").value();
    venueOptions.weightPerMinute = 1'000'000;
    venueOptions.slowBookInterval = 500ms;
    const auto account = loopback::testAccounts(7, 1).front();
    options.account = AccountId::from("test").value();
    options.address = account.accountAddress;
    options.agentKey.emplace(account.agentKey);
    options.timings = quickTimings();
    options.timings.requestTimeout = 2s;
    options.timings.orderTimeout = 2s;
    btc = {Venue::Hyperliquid, Symbol::from("BTC").value()};
}

LoopbackFixture::~LoopbackFixture()
{
    client.reset();
    venue.reset();
}

bool LoopbackFixture::openVenue()
{
    venue = std::make_unique<loopback::HyperliquidServer>(venueOptions, clock);
    const auto endpoints = venue->start();
    if (!endpoints) {
        qWarning("the loopback exchange did not start: %s", endpoints.error().detail.c_str());
        return false;
    }
    webSocketUrl = endpoints->webSocketUrl;
    restUrl = endpoints->restUrl;
    options.endpoints = {.environment = hyperliquid::Environment::Loopback,
                         .source = hyperliquid::SigningSource::Mainnet,
                         .rest = endpoints->restUrl,
                         .webSocket = endpoints->webSocketUrl};
    return true;
}

quint16 LoopbackFixture::restPort() const
{
    return static_cast<quint16>(QUrl(QString::fromStdString(restUrl)).port());
}

void LoopbackFixture::startClient()
{
    client = std::make_unique<hyperliquid::HyperliquidClient>(std::move(options), clock);
    seen.insideClient = true;
    client->start(seen, {btc.symbol});
    seen.insideClient = false;
}

bool LoopbackFixture::startAll()
{
    if (!openVenue())
        return false;
    startClient();
    const bool ready = waitFor(
        [this] { return seen.reconciled > 0 && seen.freshness == Freshness::Fresh && !seen.marks.empty(); }, 15'000);
    if (!ready) {
        for (const std::string &text : seen.texts)
            qWarning("%s", text.c_str());
    }
    return ready;
}

OrderRequest LoopbackFixture::market(const std::string &id, Side side, std::string_view quantity,
                                     ReduceOnly reduceOnly) const
{
    OrderRequest request;
    request.instrument = btc;
    request.clientOrderId = ClientOrderId::from(id).value();
    request.side = side;
    request.type = OrderType::Market;
    request.quantity = parseQuantity(quantity).value();
    request.reduceOnly = reduceOnly;
    return request;
}

OrderRequest LoopbackFixture::resting(const std::string &id, Side side, std::string_view quantity, int away) const
{
    OrderRequest request = market(id, side, quantity);
    request.type = OrderType::Limit;
    const std::int64_t mark = seen.marks.back().mark.raw();
    const std::int64_t moved = mark / 100 * (side == Side::Buy ? 100 - away : 100 + away);
    request.limitPrice =
        toValidPrice(seen.instruments.at(btc.symbol), Price::fromRaw(moved), Rounding::Floor).value();
    return request;
}

void LoopbackFixture::submit(const OrderRequest &request)
{
    submit(std::vector{request});
}

void LoopbackFixture::submit(const std::vector<OrderRequest> &requests)
{
    std::vector<risk::Approved<OrderRequest>> passports;
    for (const OrderRequest &request : requests)
        passports.push_back(approved(request));
    seen.insideClient = true;
    client->submitBatch(passports);
    seen.insideClient = false;
}

std::size_t LoopbackFixture::ordersWithCloid(const std::string &id) const
{
    const std::string cloid = hyperliquid::Cloids::cloidOf(ClientOrderId::from(id).value()).text();
    std::size_t count = 0;
    for (const auto *order : venue->desk().openOrders(0))
        count += order->terms.cloid == cloid ? 1U : 0U;
    for (const auto *order : venue->desk().history(0))
        count += order->terms.cloid == cloid && !order->isOpen() ? 1U : 0U;
    return count;
}

std::size_t LoopbackFixture::openOrders() const
{
    return venue->desk().openOrders(0).size();
}

Quantity LoopbackFixture::executed(const std::string &id) const
{
    const std::string cloid = hyperliquid::Cloids::cloidOf(ClientOrderId::from(id).value()).text();
    Quantity sum;
    for (const auto &fill : venue->desk().fills(0)) {
        if (fill.cloid == cloid)
            sum = add(sum, fill.size).value_or(sum);
    }
    return sum;
}

std::int64_t LoopbackFixture::position() const
{
    return venue->desk().position(0, 0);
}

} // namespace tests::hl
