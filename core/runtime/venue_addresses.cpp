#include "core/runtime/venue_addresses.h"

#include <algorithm>
#include <vector>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "core/net/origin.h"

namespace core::runtime
{

using namespace Qt::StringLiterals;

namespace
{
struct Member {
    QString name;
    std::vector<std::string *> targets;
    bool required{true};
};

/// What is required has to be there: a member that kept its production address would get what is meant for this machine.
Result<void> take(const QJsonValue &value, const std::string &context, const std::vector<Member> &members)
{
    if (!value.isObject())
        return fail(ErrorCode::InvalidArgument, context + ": an object is expected");
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const auto known = std::find_if(members.begin(), members.end(), [&](const Member &m) { return m.name == it.key(); });
        const std::string where = context + "." + it.key().left(40).toStdString();
        if (known == members.end())
            return fail(ErrorCode::InvalidArgument, where + ": unknown member");
        const std::string address = it.value().toString().toStdString();
        const auto origin = net::parseOrigin(address);
        if (!origin)
            return fail(origin.error().in(where));
        if (!net::isLoopback(origin->host))
            return fail(ErrorCode::InvalidArgument, where + ": only an address of this machine is taken from a file");
        for (std::string *target : known->targets)
            *target = address;
    }
    for (const Member &member : members)
        if (member.required && !object.contains(member.name))
            return fail(ErrorCode::InvalidArgument, context + "." + member.name.toStdString() + ": missing");
    return {};
}
} // namespace

VenueAddresses addressesOf(secrets::Environment environment)
{
    using secrets::Environment;
    return environment == Environment::Production
               ? VenueAddresses{exchange::binance::productionEndpoints(), exchange::hyperliquid::mainnetEndpoints()}
               : VenueAddresses{exchange::binance::testnetEndpoints(), exchange::hyperliquid::testnetEndpoints()};
}

Result<VenueAddresses> withLoopback(VenueAddresses base, const QByteArray &json)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError || !document.isObject())
        return fail(ErrorCode::ParseFailed, "addresses: byte " + std::to_string(problem.offset) + ": not a JSON object");
    const QJsonObject root = document.object();
    for (const QString &key : root.keys())
        if (key != "binance"_L1 && key != "hyperliquid"_L1)
            return fail(ErrorCode::InvalidArgument, "addresses." + key.left(40).toStdString() + ": unknown member");
    if (root.contains("binance"_L1)) {
        auto &to = base.binance;
        to.environment = exchange::binance::Environment::Loopback;
        to.webSocketApi.clear(); // no order goes over it; without an address nothing could
        if (auto taken = take(root.value("binance"_L1), "addresses.binance",
                              {{u"rest"_s, {&to.rest, &to.spotApi}}, // a key is shown to one place only
                               {u"streams"_s, {&to.streamsPublic, &to.streamsMarket, &to.streamsPrivate}},
                               {u"webSocketApi"_s, {&to.webSocketApi}, false}});
            !taken)
            return fail(taken.error());
    }
    if (root.contains("hyperliquid"_L1)) {
        auto &to = base.hyperliquid;
        to.environment = exchange::hyperliquid::Environment::Loopback;
        if (auto taken = take(root.value("hyperliquid"_L1), "addresses.hyperliquid",
                              {{u"rest"_s, {&to.rest}}, {u"webSocket"_s, {&to.webSocket}}});
            !taken)
            return fail(taken.error());
    }
    return base;
}

} // namespace core::runtime
