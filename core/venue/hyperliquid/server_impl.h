#pragma once

#include <map>
#include <memory>

#include <QtCore/QTimer>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/base/assert.h"
#include "core/venue/control.h"
#include "core/venue/control_counters.h"
#include "core/venue/faults_clock.h"
#include "core/venue/faults_wire.h"
#include "core/venue/http_server.h"
#include "core/venue/hyperliquid/market.h"
#include "core/venue/hyperliquid/server.h"
#include "core/venue/hyperliquid/socket_hub.h"

namespace core::venue::hyperliquid
{

/// Wires market, desk, answers and sockets together; everything on the server's thread.
class HyperliquidServer::Impl final : public QObject, public ControlTarget
{
public:
    Impl(HyperliquidServer &server, HyperliquidOptions options, const Clock &clock);
    ~Impl() override;

    [[nodiscard]] Result<HyperliquidEndpoints> start();
    [[nodiscard]] Desk &desk()
    {
        CORE_ASSERT(m_desk != nullptr, "REQUIRES: started");
        return *m_desk;
    }
    void dropSockets();
    void flush();
    [[nodiscard]] Market &market() { return *m_market; }

    // ControlTarget
    [[nodiscard]] Result<void> setFaults(FaultPlan plan) override;
    [[nodiscard]] const FaultPlan &faults() const override { return m_gate.plan(); }
    [[nodiscard]] std::string stateText() const override;
    [[nodiscard]] Result<void> control(const ControlCall &call) override;
    [[nodiscard]] const ControlCounters &counters() const { return m_counters; }

    HyperliquidOptions m_options;

private:
    [[nodiscard]] Result<HyperliquidEndpoints> listen();
    [[nodiscard]] HttpReply onRequest(const HttpRequest &request);
    [[nodiscard]] HttpReply serve(bool isInfo, const exchange::hyperliquid::ActionValue &body);
    void applyFaults();
    [[nodiscard]] WireAnswer act(const exchange::hyperliquid::ActionValue &body);
    void onSocket();
    void send(SocketHub::ConnectionId id, std::string_view frame);
    void playMarket();
    void onSecond();

    HyperliquidServer &m_server;
    FaultsClock m_clock;
    FaultGate m_gate{Venue::Hyperliquid};
    ControlCounters m_counters;
    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<Tape> m_tape;
    std::unique_ptr<Credentials> m_credentials;
    std::unique_ptr<RequestBudget> m_budget;
    std::unique_ptr<ExchangeApi> m_exchange;
    std::unique_ptr<InfoApi> m_info;
    std::unique_ptr<SocketHub> m_hub;
    std::unique_ptr<Market> m_market;
    WeightMeter m_weight;
    HttpServer m_http;
    QWebSocketServer m_webSockets;
    FaultsWire m_wire;
    std::unique_ptr<ControlServer> m_control;
    QTimer m_marketTimer;
    QTimer m_secondTimer;
    QTimer m_flushTimer;
    std::map<SocketHub::ConnectionId, QWebSocket *> m_sockets; ///< deleted by themselves after disconnected
    SocketHub::ConnectionId m_nextSocket{1};
    Duration m_startedAt{0};
    Duration m_blockAt{0};
    bool m_isRuled{false}; ///< a rule has switched the desk's faults
};

} // namespace core::venue::hyperliquid
