#pragma once

#include <memory>
#include <string>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/venue/options.h"

namespace core::venue
{

/// Where a client finds the exchange; loopback only.
struct Endpoints {
    std::string restUrl;          ///< "http://127.0.0.1:PORT"
    std::string webSocketUrl;     ///< "ws://127.0.0.1:PORT", without a route
    std::string publicStreamUrl;  ///< …/public
    std::string marketStreamUrl;  ///< …/market
    std::string privateStreamUrl; ///< …/private
    std::string webSocketApiUrl;  ///< …/ws-fapi/v1
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
