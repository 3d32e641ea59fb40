#pragma once

#include <QtCore/QByteArray>

#include "core/base/result.h"
#include "core/exchange/binance/endpoints.h"
#include "core/exchange/hyperliquid/endpoints.h"
#include "core/secrets/account_book.h"

namespace core::runtime
{

/// Where both venues are reached.
struct VenueAddresses {
    exchange::binance::Endpoints binance;
    exchange::hyperliquid::Endpoints hyperliquid;
};
[[nodiscard]] VenueAddresses addressesOf(secrets::Environment environment);

/// Reads {"binance":{"rest":…,"streams":…,"webSocketApi":…},"hyperliquid":{"rest":…,"webSocket":…}}: loopback addresses
/// that replace those of `base`. A venue that is named needs its rest and its streams. InvalidArgument names the member and the rule; addresses of
/// other machines are refused, since keys would be sent there.
[[nodiscard]] Result<VenueAddresses> withLoopback(VenueAddresses base, const QByteArray &json);

} // namespace core::runtime
