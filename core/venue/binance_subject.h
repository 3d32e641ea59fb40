#pragma once

#include <string>

#include "core/venue/faults_gate.h"
#include "core/venue/http_server.h"

namespace core::venue
{

/// What a Binance request is to faults and counters. The subject's name is the path in `request`.
[[nodiscard]] FaultSubject binanceSubject(const HttpRequest &request);
/// The order or instrument that it is about, with the method: the same when it is asked again.
[[nodiscard]] std::string binanceIdentity(const HttpRequest &request);
/// The answer's own code, else its status: "-1003", "200".
[[nodiscard]] std::string answerCode(const HttpReply &reply);

} // namespace core::venue
