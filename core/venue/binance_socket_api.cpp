#include "core/venue/binance_socket_api.h"

#include <algorithm>
#include <array>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "core/venue/api_context.h"
#include "core/venue/json_text.h"

using namespace Qt::StringLiterals;

namespace core::venue
{

namespace
{
/// Which REST endpoint does the work.
struct Method {
    std::string_view name;
    std::string_view verb;
    std::string_view path;
    enum class Needs { Nothing, Key, Signature } needs{Needs::Signature};
};
constexpr std::array kMethods{
    Method{"ping", "GET", "/fapi/v1/ping", Method::Needs::Nothing},
    Method{"time", "GET", "/fapi/v1/time", Method::Needs::Nothing},
    Method{"depth", "GET", "/fapi/v1/depth", Method::Needs::Nothing},
    Method{"ticker.price", "GET", "/fapi/v2/ticker/price", Method::Needs::Nothing},
    Method{"ticker.book", "GET", "/fapi/v1/ticker/bookTicker", Method::Needs::Nothing},
    Method{"order.place", "POST", "/fapi/v1/order"},
    Method{"order.modify", "PUT", "/fapi/v1/order"},
    Method{"order.cancel", "DELETE", "/fapi/v1/order"},
    Method{"order.status", "GET", "/fapi/v1/order"},
    Method{"algoOrder.place", "POST", "/fapi/v1/algoOrder"},
    Method{"algoOrder.cancel", "DELETE", "/fapi/v1/algoOrder"},
    Method{"account.balance", "GET", "/fapi/v2/balance"},
    Method{"v2/account.balance", "GET", "/fapi/v2/balance"},
    Method{"account.status", "GET", "/fapi/v2/account"},
    Method{"v2/account.status", "GET", "/fapi/v3/account"},
    Method{"account.position", "GET", "/fapi/v2/positionRisk"},
    Method{"v2/account.position", "GET", "/fapi/v3/positionRisk"},
    Method{"userDataStream.start", "POST", "/fapi/v1/listenKey", Method::Needs::Key},
    Method{"userDataStream.ping", "PUT", "/fapi/v1/listenKey", Method::Needs::Key},
    Method{"userDataStream.stop", "DELETE", "/fapi/v1/listenKey", Method::Needs::Key},
};

[[nodiscard]] std::string errorAnswer(std::string_view id, const VenueError &error)
{
    JsonText out;
    out.object().key("id").raw(id).number("status", error.httpStatus).key("error").object();
    out.number("code", error.code).text("msg", error.message).endObject();
    return out.key("rateLimits").array().endArray().endObject().take();
}

[[nodiscard]] std::string idText(const QJsonValue &id)
{
    if (id.isString()) {
        JsonText out;
        out.text(id.toString().toStdString());
        return out.take();
    }
    return id.isDouble() ? fmt::format("{}", id.toInteger()) : "null";
}
} // namespace

std::string BinanceSocketApi::answer(Session &session, std::string_view text)
{
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    if (!document.isObject())
        return errorAnswer("null", {-1100, "Illegal characters found in a parameter.", 400});
    const QJsonObject request = document.object();
    const std::string id = idText(request.value("id"_L1));
    std::map<std::string, std::string, std::less<>> values;
    const QJsonObject params = request.value("params"_L1).toObject();
    for (auto entry = params.begin(); entry != params.end(); ++entry) {
        const QJsonValue value = entry.value();
        values.emplace(entry.key().toStdString(), value.isBool() ? (value.toBool() ? "true" : "false")
                                                                 : value.toVariant().toString().toStdString());
    }
    const auto result =
        run(session, request.value("method"_L1).toString().toStdString(), ApiParameters::of(std::move(values)));
    if (!result)
        return errorAnswer(id, result.error());
    JsonText out;
    return out.object()
        .key("id")
        .raw(id)
        .number("status", 200)
        .key("result")
        .raw(*result)
        .key("rateLimits")
        .array()
        .endArray()
        .endObject()
        .take();
}

VenueResult<std::string> BinanceSocketApi::run(Session &session, std::string_view method, ApiParameters parameters)
{
    if (method == "session.logout") {
        session.account.reset();
        return "{}";
    }
    if (method == "session.status" || method == "session.logon") {
        if (method == "session.logon") {
            const auto account = m_api.verifySocket(parameters, true);
            if (!account)
                return tl::unexpected(account.error());
            session.account = *account;
        }
        JsonText out;
        out.object();
        if (session.account)
            out.text("apiKey", m_api.apiKeyOf(*session.account));
        return out.flag("returnRateLimits", true).endObject().take();
    }
    const auto *known = std::find_if(kMethods.begin(), kMethods.end(), [&](const Method &entry) { return entry.name == method; });
    if (known == kMethods.end())
        return refuse(-1020, "This operation is not supported.");
    std::size_t account = 0;
    if (known->needs == Method::Needs::Key) {
        const auto owner = m_api.accountOfKey(parameters.get("apiKey"));
        if (!owner)
            return tl::unexpected(owner.error());
        account = *owner;
    } else if (known->needs == Method::Needs::Signature) {
        const auto owner = parameters.has("signature") || !session.account ? m_api.verifySocket(parameters, false)
                                                                           : VenueResult<std::size_t>(*session.account);
        if (!owner)
            return tl::unexpected(owner.error());
        account = *owner;
    }
    return m_api.call(known->verb, known->path, std::move(parameters), account);
}

} // namespace core::venue
