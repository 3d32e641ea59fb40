#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/venue/control_counters.h"
#include "core/venue/hyperliquid/options.h"

namespace core::venue::hyperliquid
{

class Desk;

struct HyperliquidEndpoints {
    std::string restUrl;      ///< "http://127.0.0.1:PORT": POST /info and /exchange
    std::string webSocketUrl; ///< "ws://127.0.0.1:PORT/ws"
    std::string controlUrl{};   ///< "http://127.0.0.1:PORT"; empty without HyperliquidOptions::control
    std::string controlToken{}; ///< goes into the header X-Etrms-Token
};

/// The loopback exchange on the wire as Hyperliquid. Lives on the thread that made it; that thread runs an
/// event loop. Nothing is served before `start`; the destructor closes every socket. The clock outlives it.
class HyperliquidServer : public QObject
{
    Q_OBJECT

public:
    HyperliquidServer(HyperliquidOptions options, const Clock &clock, QObject *parent = nullptr);
    ~HyperliquidServer() override;

    /// InvalidArgument names a bad option; InUse names a taken port.
    [[nodiscard]] Result<HyperliquidEndpoints> start();

    /// What goes wrong from now on, counted and timed from now. InvalidArgument names the field. REQUIRES: started.
    [[nodiscard]] Result<void> setFaults(FaultPlan plan);
    [[nodiscard]] const ControlCounters &counters() const;
    /// Switches of the desk, for tests; may be changed at any time.
    [[nodiscard]] DeskFaults &faults();
    /// Ends the coin's orders and its trading; the row stays in the universe. NotFound.
    [[nodiscard]] Result<void> delist(std::string_view coin);
    /// Cuts every WebSocket, as a restart of the venue does.
    void dropSockets();
    /// For tests: orders, fills, positions as the venue has them. REQUIRES: started.
    [[nodiscard]] const Desk &desk() const;
    /// For tests: a mark price out of the blue. NotFound.
    [[nodiscard]] Result<void> setMark(std::string_view coin, Price mark);

Q_SIGNALS:
    /// One line about something odd.
    void noticed(const QString &line);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::venue::hyperliquid
