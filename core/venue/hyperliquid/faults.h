#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"

namespace core::venue::hyperliquid
{

/// What the desk does wrong on purpose, as plain values that may be changed while it runs; the rules of a FaultPlan
/// switch some of them. Numbers count
/// actions (POST /exchange and WebSocket posts together) from 1 since the start. Everything off by default.
struct DeskFaults {
    // The wire.
    Duration replyDelay{0};                     ///< every HTTP answer leaves this much later
    std::set<std::uint64_t> loseActionReplies;  ///< executed, then the connection ends
    std::set<std::uint64_t> dropActions;        ///< not executed, and the connection ends
    std::set<std::uint64_t> expireActions;      ///< answered "Action already expired"
    int failInfoWith{0};                        ///< HTTP status of every /info answer, with an HTML body; 0: none
    int failExchangeWith{0};                    ///< the same for /exchange; nothing is executed
    bool duplicateUserMessages{false};          ///< every message about an account leaves twice
    bool reverseUserMessages{false};            ///< messages of one moment leave in reverse order
    bool eventsBeforeReply{false};              ///< what an action caused is told before the action is answered
    bool silentSockets{false};                  ///< accepted, and nothing is ever sent: half-open
    // The market.
    bool postOnlyWindow{false};                 ///< as in the minutes after a network upgrade
    bool isHalted{false};
    std::set<std::string> openInterestCapped;   ///< coins that take no new exposure
    // Orders.
    Ratio iocFillMost{Ratio::fromRaw(kDecimalOne)}; ///< share of an IOC that may fill; the rest is cancelled
    bool bareTriggerStatus{false};              ///< standalone triggers are answered "waitingForTrigger"
    std::set<std::uint64_t> breakModifies;      ///< by number from 1: the old order goes, the new one is refused
    bool budgetUsedUp{false};                   ///< userRateLimit says that no request is left
    bool rejectTriggered{false};                ///< what a trigger sends when it fires is refused
    bool forgetOrders{false};                   ///< orderStatus answers unknownOid for what is over
};

} // namespace core::venue::hyperliquid
