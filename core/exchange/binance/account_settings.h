#pragma once

#include <map>
#include <optional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// Leverage, margin mode, the dead man's switch and the rights of the key. All of these may be repeated
/// without harm, so an unknown outcome is repeated. An armed switch is armed again every 30 s until it is
/// disarmed; stopping the program does not disarm it. Engine thread; answers come from the event loop, not
/// after `stop`. Source: reference/binance-usdm.md sections 6.8, 6.9.
class AccountSettings final : public QObject
{
    Q_OBJECT
public:
    AccountSettings(const ClientOptions &options, const Clock &clock, RestGateway &rest, QObject *parent);
    ~AccountSettings() override;

    void start(ports::ExchangeListener &listener);
    void stop();
    void setLeverage(const InstrumentKey &instrument, int leverage, ports::Done<void> done);
    void setMarginMode(const InstrumentKey &instrument, MarginMode mode, ports::Done<void> done);
    void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after, ports::Done<void> done);
    void keyRights(ports::Done<ports::KeyRights> done);
    void feeRates(const Symbol &symbol, ports::Done<FeeRates> done);

signals:
    /// Leverage or margin mode may have changed: worth asking for.
    void changed();

private:
    /// The wish for one contract. Requests for it go one after the other: a late one must not undo a newer.
    struct DeadMan {
        std::optional<Duration> after; ///< absent: being disarmed
        Duration dueAt{0};
        bool inFlight{false};
        bool armed{false}; ///< the venue has acknowledged it
        ports::Done<void> done;
        int failures{0};
    };

    void command(RestCall call, int triesLeft, ports::Done<void> done);
    void care();
    void sendDeadMan(const Symbol &symbol);
    void onDeadMan(const Symbol &symbol, std::optional<Duration> sent, const RestResult &result);
    void reportDeadMan(const Symbol &symbol, Freshness freshness, const std::string &error);
    void askRestrictions(const AccountRights &account, const ports::Done<ports::KeyRights> &done);

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    ports::ExchangeListener *m_listener{nullptr};
    std::map<Symbol, DeadMan> m_deadMen;
    QTimer m_care;
};

} // namespace core::exchange::binance
