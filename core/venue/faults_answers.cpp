#include "core/venue/faults_answers.h"

#include <optional>

#include <fmt/format.h>

#include "core/venue/json_text.h"

namespace core::venue
{

namespace
{
using std::chrono::milliseconds;

[[nodiscard]] HttpReply coded(int status, int code, std::string_view text)
{
    return {.status = status,
            .headers = {},
            .body = JsonText().object().number("code", code).text("msg", text).endObject().take()};
}

[[nodiscard]] HttpReply page(int status, std::string_view title)
{
    return {.status = status,
            .headers = {},
            .body = fmt::format("<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1></body>\r\n</html>", title),
            .contentType = "text/html"};
}

[[nodiscard]] HttpReply refusedAction(std::string_view text)
{
    return {.status = 200,
            .headers = {},
            .body = JsonText().object().text("status", "err").text("response", text).endObject().take()};
}

[[nodiscard]] HttpReply limited(const FaultRule &rule, Venue skin)
{
    HttpReply reply = skin == Venue::Binance
                          ? coded(429, -1003, "Too many requests; current limit of IP is 2400 requests per minute. "
                                              "Please use the websocket for live updates to avoid polling the API.")
                          : HttpReply{.status = 429, .headers = {}, .body = "null"};
    if (rule.length > Duration::zero())
        reply.headers.emplace_back(
            "Retry-After", fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(rule.length).count()));
    return reply;
}

[[nodiscard]] HttpReply banned(const FaultRule &rule, UtcTime now, Duration age)
{
    const Duration left = rule.until ? *rule.until - age : rule.length;
    return coded(418, -1003,
                 fmt::format("Way too much request weight used; IP banned until {}. Please use WebSocket Streams for "
                             "live updates to avoid bans.",
                             toMilliseconds(now + left)));
}

/// The answer that stands in for the execution; nothing for a fault that only spoils the way.
[[nodiscard]] std::optional<HttpReply> refusalOf(const FaultRule &rule, const FaultMoment &moment, Duration age)
{
    constexpr std::string_view kUnknown = "Unknown error, please check your request or try again later.";
    switch (rule.kind) {
    case FaultKind::LoseRequest:
        return HttpReply{.status = 200, .headers = {}, .body = {}, .hangUp = true};
    case FaultKind::Limited:
        return limited(rule, moment.skin);
    case FaultKind::Banned:
        return banned(rule, moment.venueTime, age);
    case FaultKind::Forbidden:
        return page(403, "403 Forbidden");
    case FaultKind::BadGateway:
        return page(502, "502 Bad Gateway");
    case FaultKind::UnknownNotExecuted:
        return coded(503, -1000, kUnknown);
    case FaultKind::Unavailable:
        return coded(503, -1001, "Service Unavailable.");
    case FaultKind::Throttled:
        return coded(503, -1008, "Request throttled by system-level protection. Reduce-only/close-position orders are "
                                 "exempt. Please try again.");
    case FaultKind::StaleTimestamp:
        return coded(400, -1021, "Timestamp for this request is outside of the recvWindow.");
    case FaultKind::ConditionalRefused:
        return coded(400, -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints "
                                 "instead.");
    case FaultKind::Maintenance:
        return coded(503, -1016, "This service is no longer available.");
    case FaultKind::ExpiredAction:
        return refusedAction("Action already expired");
    case FaultKind::BudgetExhausted:
        return refusedAction("Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0.0. "
                             "Place taker orders to free up 1 request per USDC traded.");
    default:
        return std::nullopt;
    }
}
} // namespace

HttpReply answerUnderFaults(FaultGate &gate, const FaultSubject &subject, const FaultMoment &moment,
                            const std::function<HttpReply()> &execute)
{
    const auto rules = gate.strike(subject, moment.monotonic);
    std::optional<HttpReply> reply;
    for (const FaultRule *rule : rules)
        if (!reply)
            reply = refusalOf(*rule, moment, gate.age(moment.monotonic));
    if (!reply)
        reply = execute();
    for (const FaultRule *rule : rules) {
        if (rule->kind == FaultKind::Delay)
            reply->delay += rule->length;
        else if (rule->kind == FaultKind::LoseReply)
            reply->hangUp = true;
        else if (rule->kind == FaultKind::CutReply)
            reply->isCut = true;
        else if (rule->kind == FaultKind::NoReply)
            reply->isSilent = true;
        else if (rule->kind == FaultKind::UnknownExecuted)
            reply = coded(503, -1000, "Unknown error, please check your request or try again later.");
    }
    return *reply;
}

} // namespace core::venue
