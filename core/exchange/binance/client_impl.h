#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <QtCore/QTimer>

#include "core/exchange/binance/account_history.h"
#include "core/exchange/binance/account_settings.h"
#include "core/exchange/binance/account_sync.h"
#include "core/exchange/binance/cancel_sweep.h"
#include "core/exchange/binance/client.h"
#include "core/exchange/binance/market_history.h"
#include "core/exchange/binance/market_streams.h"
#include "core/exchange/binance/order_channel.h"
#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/rest_gateway.h"

namespace core::exchange::binance
{

/// What the parts of the client share. client.cpp starts and stops it and keeps the list of contracts,
/// client_market.cpp has the market side, client_orders.cpp the orders, client_account.cpp the account.
struct BinanceClient::Impl {
    Impl(BinanceClient &owner, ClientOptions given, const Clock &time);

    BinanceClient &q;
    ClientOptions options;
    const Clock &clock;
    RestGateway rest;
    OrderChannel orders;
    CancelSweep sweeps;
    AccountHistory history;
    AccountSettings settings;
    MarketHistory marketHistory;
    MarketStreams market;
    AccountSync account;
    net::Backoff backoff;
    QTimer refresh;
    ports::ExchangeListener *listener{nullptr};
    std::vector<Symbol> symbols;
    std::map<Symbol, Instrument> instruments; ///< of `symbols`
    std::map<Symbol, Instrument> listed;      ///< everything, as of `listedAt`
    std::map<Symbol, Error> refused;          ///< listed, but not usable here
    Duration listedAt{0};
    bool isLoading{false};
    std::vector<ports::Done<std::vector<Instrument>>> waitingForList;
    bool running{false}; ///< the streams have been started

    void synchroniseClock();
    void loadInstruments();
    void report(std::string name, std::string problem);
    void retryInstruments(const Error &why, std::optional<Duration> notBefore);
    void onInstruments(const RestResult &result);
    void answerList(const Result<void> &state);
    [[nodiscard]] std::vector<Instrument> wholeList() const;
    void addSymbol(const Symbol &symbol);
    void take(Instrument instrument);
    void reportUnknown(const Symbol &symbol);
    void startStreams();
    void loadMarginTiers();
    void loadMarginTiers(const Symbol &symbol);

    /// Hands `result` over from the event loop, unless the client has been stopped meanwhile.
    template <class T> void answer(ports::Done<T> done, Result<T> result)
    {
        QTimer::singleShot(0, &q, [this, done = std::move(done), result = std::move(result)]() mutable {
            if (listener && done)
                done(std::move(result));
        });
    }
};

} // namespace core::exchange::binance
