#pragma once

#include <functional>

#include "core/venue/faults_gate.h"
#include "core/venue/http_server.h"

namespace core::venue
{

/// When and to whom something happens.
struct FaultMoment {
    Venue skin{Venue::Binance};
    Duration monotonic{0};
    UtcTime venueTime;
};

/// What one request is answered under the gate's plan. `execute` serves it, and is not called where the fault
/// says that nothing happened. Words and codes are the skin's. Source: reference/binance-usdm.md sections 7.2
/// and 8, reference/hyperliquid.md sections 7 and 8.
[[nodiscard]] HttpReply answerUnderFaults(FaultGate &gate, const FaultSubject &subject, const FaultMoment &moment,
                                          const std::function<HttpReply()> &execute);

} // namespace core::venue
