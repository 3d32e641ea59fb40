#pragma once

#include <memory>
#include <string>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/venue/control_counters.h"
#include "core/venue/options.h"

namespace core::venue
{

class VenueEngine;
struct ControlCall;

/// Where a client finds the exchange; loopback only.
struct Endpoints {
    std::string restUrl;          ///< "http://127.0.0.1:PORT"
    std::string webSocketUrl;     ///< "ws://127.0.0.1:PORT", without a route
    std::string publicStreamUrl;  ///< …/public
    std::string marketStreamUrl;  ///< …/market
    std::string privateStreamUrl; ///< …/private
    std::string webSocketApiUrl;  ///< …/ws-fapi/v1
    std::string controlUrl{};     ///< "http://127.0.0.1:PORT"; empty without VenueOptions::control
    std::string controlToken{};   ///< goes into the header X-Etrms-Token
};

/// The loopback exchange on the wire: REST, streams and WebSocket API of Binance USDⓈ-M on 127.0.0.1. Lives on the thread
/// that made it; that thread runs an event loop. Nothing is served before `start`; the destructor closes
/// every socket. The clock outlives it.
class VenueServer : public QObject
{
    Q_OBJECT

public:
    VenueServer(VenueOptions options, const Clock &clock, QObject *parent = nullptr);
    ~VenueServer() override;

    /// InvalidArgument names a bad option; InUse names a taken port; what the recording says for a bad file.
    [[nodiscard]] Result<Endpoints> start();

    // The rest REQUIRES: started.
    /// What goes wrong from now on, counted and timed from now. InvalidArgument names the field.
    [[nodiscard]] Result<void> setFaults(FaultPlan plan);
    /// What the control endpoint can do besides.
    [[nodiscard]] Result<void> control(const ControlCall &call);
    [[nodiscard]] const VenueEngine &engine() const;
    [[nodiscard]] const ControlCounters &counters() const;

Q_SIGNALS:
    /// The recording is over, and was told to stop at its end.
    void marketEnded();
    /// One line about something odd: a frame of the recording that cannot be read, a slow reader that was cut
    /// off.
    void noticed(const QString &line);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::venue
