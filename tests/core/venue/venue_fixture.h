#pragma once

#include <string>
#include <vector>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "core/exchange/binance/signer.h"
#include "core/venue/binance_api.h"
#include "core/venue/binance_text.h"
#include "core/venue/engine.h"

namespace tests
{

inline const std::string kApiKey(64, 'k');
inline const std::string kOtherKey(64, 'o');
inline const std::string kSecret = "not a real secret";

[[nodiscard]] inline core::Price price(std::string_view text)
{
    return core::parsePrice(text).value();
}
[[nodiscard]] inline core::Quantity quantity(std::string_view text)
{
    return core::parseQuantity(text).value();
}
[[nodiscard]] inline core::Money money(std::string_view text)
{
    return core::parseMoney(text).value();
}
[[nodiscard]] inline core::Level level(std::string_view at, std::string_view size)
{
    return {price(at), quantity(size)};
}
[[nodiscard]] inline core::Symbol btc()
{
    return core::Symbol::from("BTCUSDT").value();
}

/// One BTCUSDT, two accounts of 10,000 USDT at leverage 20.
[[nodiscard]] inline core::venue::VenueOptions venueOptions()
{
    core::venue::VenueOptions options;
    auto instrument = core::venue::typicalInstrument(btc(), core::Asset::from("BTC").value(), price("0.1"),
                                                     quantity("0.001"));
    instrument.pricePrecision = 2;
    options.instruments.push_back(instrument);
    core::venue::ScenarioOptions scenario;
    scenario.symbol = btc();
    options.market = scenario;
    options.accounts.push_back({kApiKey, kSecret, money("10000"), 20, {}});
    options.accounts.push_back({kOtherKey, "another one", money("10000"), 20, {}});
    return options;
}

/// Account events as lines: "ORDER NEW NEW 0", "ACCOUNT ORDER", "ALGO TRIGGERED".
class EventDiary final : public core::venue::AccountListener
{
public:
    void onOrderEvent(const core::venue::VenueOrder &order, std::string_view execution,
                      const core::venue::VenueFill *fill) override
    {
        add("ORDER " + std::string(execution) + ' ' + std::string(core::venue::statusText(order)) + ' ' +
            (fill == nullptr ? "0" : fill->quantity.text()));
        lastClientId = order.request.clientOrderId;
    }
    void onAccountEvent(const core::venue::AccountChange &change) override
    {
        add("ACCOUNT " + std::string(change.reason));
    }
    void onAlgoEvent(const core::venue::VenueAlgo &algo) override
    {
        add("ALGO " + std::string(core::venue::venueText(algo.status)));
    }
    void onLeverageEvent(std::size_t, const core::Symbol &, int leverage) override
    {
        add("LEVERAGE " + std::to_string(leverage));
    }
    void add(const std::string &line) { lines << QString::fromStdString(line); }
    QStringList lines;
    std::string lastClientId;
};

/// Engine and REST side without sockets, on a clock driven by hand.
struct VenueFixture {
    explicit VenueFixture(core::venue::VenueOptions options = venueOptions())
        : engine(options, clock), api(engine, candles)
    {
        const std::vector<core::Level> bids{level("60000.0", "1"), level("59999.0", "2"),
                                            level("59900.0", "50")};
        const std::vector<core::Level> asks{level("60000.1", "1"), level("60001.0", "2"),
                                            level("60100.0", "50")};
        ok = engine.assignBook(btc(), 1'000, clock.now(), clock.now(), bids, asks).has_value() &&
             engine.placeInitialPositions().has_value();
        engine.setListener(&events);
        setMark("60000");
    }
    void setMark(std::string_view at)
    {
        core::MarkPrice mark;
        mark.mark = price(at);
        mark.venueTime = clock.now();
        engine.onMark(btc(), mark);
    }
    void print(std::string_view at, std::string_view size, core::Side aggressor)
    {
        core::Trade trade;
        trade.price = price(at);
        trade.quantity = quantity(size);
        trade.aggressor = aggressor;
        trade.venueTime = clock.now();
        engine.onTrade(btc(), trade);
    }
    [[nodiscard]] core::venue::ApiResponse raw(const std::string &method, const std::string &path,
                                               const std::string &query, const std::string &key = kApiKey)
    {
        return api.handle({method, path, query, {}, key});
    }
    [[nodiscard]] std::string signedQuery(std::string query) const
    {
        core::exchange::binance::appendParameter(query, "timestamp",
                                                 std::to_string(core::toMilliseconds(clock.now())));
        core::exchange::binance::HmacSigner(kSecret).sign(query);
        return query;
    }
    /// Signed with the first account's key; the parsed answer.
    [[nodiscard]] QJsonDocument ask(const std::string &method, const std::string &path,
                                    const std::string &query = {})
    {
        last = raw(method, path, signedQuery(query));
        return QJsonDocument::fromJson(QByteArray::fromStdString(last.body));
    }
    [[nodiscard]] int code(const std::string &method, const std::string &path, const std::string &query)
    {
        return ask(method, path, query)[QLatin1String("code")].toInt();
    }
    [[nodiscard]] std::string header(std::string_view name) const
    {
        for (const auto &[key, value] : last.headers)
            if (key == name)
                return value;
        return {};
    }

    core::ManualClock clock{core::utcFromMilliseconds(1'800'000'000'000)};
    core::venue::VenueEngine engine;
    core::venue::CandleStore candles;
    core::venue::BinanceApi api;
    EventDiary events;
    core::venue::ApiResponse last;
    bool ok{false};
};

} // namespace tests
