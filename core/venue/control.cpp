#include "core/venue/control.h"

#include <array>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRandomGenerator>

#include <fmt/format.h>

#include "core/venue/json_text.h"

using namespace Qt::StringLiterals;

namespace core::venue
{

namespace
{
using Kind = ControlCall::Kind;
struct Route {
    std::string_view path;
    Kind kind;
};
constexpr std::array kRoutes{Route{"/transfer", Kind::Transfer},     Route{"/liquidate", Kind::Liquidate},
                             Route{"/deleverage", Kind::Deleverage}, Route{"/funding", Kind::Funding},
                             Route{"/delist", Kind::Delist},         Route{"/mark", Kind::Mark}};

[[nodiscard]] HttpReply answer(int status, std::string body)
{
    return {.status = status, .headers = {{"Cache-Control", "no-store"}}, .body = std::move(body)};
}

[[nodiscard]] HttpReply refused(int status, std::string_view why)
{
    return answer(status, JsonText().object().text("error", why).endObject().take());
}

[[nodiscard]] HttpReply outcome(const Result<void> &result)
{
    if (result)
        return answer(200, "{}");
    return refused(400, result.error().detail);
}

/// Takes as long for a wrong token as for the right one.
[[nodiscard]] bool isSame(std::string_view given, std::string_view right)
{
    unsigned differences = given.size() == right.size() ? 0U : 1U;
    for (std::size_t i = 0; i < right.size(); ++i)
        differences |= static_cast<unsigned>(right[i] ^ (i < given.size() ? given[i] : '\0'));
    return differences == 0;
}

[[nodiscard]] std::string makeToken()
{
    std::string token;
    for (int i = 0; i < 4; ++i)
        token += fmt::format("{:016x}", QRandomGenerator::system()->generate64());
    return token;
}
} // namespace

Result<ControlCall> parseControlCall(Kind kind, std::string_view json)
{
    const auto bad = [](std::string_view detail) {
        return fail(ErrorCode::InvalidArgument, std::string(detail));
    };
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
    if (!document.isObject())
        return bad("body: expects a JSON object");
    const QJsonObject object = document.object();
    for (const QString &key : object.keys())
        if (key != "account"_L1 && key != "symbol"_L1 && key != "amount"_L1 && key != "price"_L1)
            return bad(key.toStdString() + ": is unknown");
    ControlCall call;
    call.kind = kind;
    if (const QJsonValue account = object.value("account"_L1); !account.isUndefined()) {
        if (!account.isDouble() || account.toInteger(-1) < 0)
            return bad("account: must be a whole number");
        call.account = static_cast<std::size_t>(account.toInteger());
    }
    call.symbol = object.value("symbol"_L1).toString().toStdString();
    if (call.symbol.empty() && kind != Kind::Transfer && kind != Kind::Liquidate)
        return bad("symbol: is missing");
    if (kind == Kind::Transfer || kind == Kind::Deleverage || kind == Kind::Funding) {
        const auto amount = parseDecimal(object.value("amount"_L1).toString().toStdString());
        if (!amount)
            return bad("amount: must be a decimal text");
        call.amount = *amount;
    }
    if (object.contains("price"_L1)) {
        const auto price = parsePrice(object.value("price"_L1).toString().toStdString());
        if (!price || !price->isPositive())
            return bad("price: must be a decimal text above 0");
        call.price = *price;
    }
    if (kind == Kind::Mark && !call.price)
        return bad("price: is missing");
    return call;
}

ControlServer::ControlServer(ControlTarget &target, QObject *parent)
    : QObject(parent), m_target(target), m_http([this](const HttpRequest &request) { return onRequest(request); }, this),
      m_token(makeToken())
{
}

ControlServer::~ControlServer() = default;

Result<std::string> ControlServer::listen()
{
    const auto port = m_http.listen(0);
    if (!port)
        return fail(port.error());
    m_port = *port;
    return fmt::format("http://127.0.0.1:{}", m_port);
}

bool ControlServer::isAllowed(const HttpRequest &request, HttpReply &refusal) const
{
    const std::string host = request.header("host");
    if (host != fmt::format("127.0.0.1:{}", m_port) && host != fmt::format("localhost:{}", m_port)) {
        refusal = refused(403, "host: not this address"); // a name that was made to point here
        return false;
    }
    if (!request.header("origin").empty()) {
        refusal = refused(403, "origin: no page may ask");
        return false;
    }
    if (!isSame(request.header("x-etrms-token"), m_token)) {
        refusal = refused(401, "x-etrms-token: missing or wrong");
        return false;
    }
    return true;
}

HttpReply ControlServer::onRequest(const HttpRequest &request)
{
    HttpReply refusal;
    if (!isAllowed(request, refusal))
        return refusal;
    const bool isGet = request.method == "GET";
    const bool isPost = request.method == "POST";
    if (request.path == "/state")
        return isGet ? answer(200, m_target.stateText()) : refused(405, "method: only GET");
    if (request.path == "/faults") {
        if (isGet)
            return answer(200, faultPlanText(m_target.faults()));
        if (request.method == "DELETE")
            return outcome(m_target.setFaults({}));
        if (!isPost)
            return refused(405, "method: GET, POST or DELETE");
        auto plan = parseFaultPlan(request.body);
        return plan ? outcome(m_target.setFaults(std::move(*plan))) : refused(400, plan.error().detail);
    }
    for (const Route &route : kRoutes)
        if (route.path == request.path)
            return isPost ? onCall(route.kind, request) : refused(405, "method: only POST");
    return refused(404, "path: is unknown");
}

HttpReply ControlServer::onCall(Kind kind, const HttpRequest &request)
{
    const auto call = parseControlCall(kind, request.body);
    return call ? outcome(m_target.control(*call)) : refused(400, call.error().detail);
}

} // namespace core::venue
