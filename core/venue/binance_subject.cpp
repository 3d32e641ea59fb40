#include "core/venue/binance_subject.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace core::venue
{

namespace
{
/// The raw value of a parameter in query or body; empty when there is none.
[[nodiscard]] std::string_view parameter(const HttpRequest &request, std::string_view name)
{
    for (std::string_view text : {std::string_view(request.query), std::string_view(request.body)})
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('&'), text.size());
            const std::string_view pair = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
                return pair.substr(name.size() + 1);
        }
    return {};
}

[[nodiscard]] bool isOrderPath(std::string_view path)
{
    static constexpr std::array<std::string_view, 7> kPaths{
        "/fapi/v1/order",         "/fapi/v1/algoOrder",     "/fapi/v1/batchOrders",       "/fapi/v1/allOpenOrders",
        "/fapi/v1/algoOpenOrders", "/fapi/v1/countdownCancelAll", "/fapi/v1/algoBatchOrders"};
    return std::find(kPaths.begin(), kPaths.end(), path) != kPaths.end();
}

/// A cancel, or an order that can only make a position smaller.
[[nodiscard]] bool reduces(const HttpRequest &request)
{
    if (request.method == "DELETE")
        return true;
    if (parameter(request, "reduceOnly") == "true" || parameter(request, "closePosition") == "true")
        return true;
    const std::string_view leg = parameter(request, "positionSide");
    const std::string_view side = parameter(request, "side");
    return (leg == "LONG" && side == "SELL") || (leg == "SHORT" && side == "BUY");
}
} // namespace

FaultSubject binanceSubject(const HttpRequest &request)
{
    const bool isOrder = request.method != "GET" && isOrderPath(request.path);
    return {FaultFamily::Request, isOrder ? FaultChannel::Order : FaultChannel::Rest, request.path,
            isOrder && reduces(request)};
}

std::string binanceIdentity(const HttpRequest &request)
{
    for (const std::string_view name : {"newClientOrderId", "origClientOrderId", "clientAlgoId", "orderId", "algoId"})
        if (const std::string_view value = parameter(request, name); !value.empty())
            return fmt::format("{} {}", request.method, value);
    return fmt::format("{} {} {}", request.method, request.path, parameter(request, "symbol"));
}

std::string answerCode(const HttpReply &reply)
{
    if (reply.hangUp || reply.isCut || reply.isSilent)
        return "lost";
    constexpr std::string_view kCode = "{\"code\":-";
    const std::string_view body = reply.body;
    if (reply.status != 200 && body.starts_with(kCode)) {
        const std::size_t end = std::min(body.find_first_not_of("0123456789", kCode.size()), body.size());
        return std::string(body.substr(kCode.size() - 1, end - kCode.size() + 1));
    }
    return fmt::format("{}", reply.status);
}

} // namespace core::venue
