#include "app/desktop/watch_plan.h"

#include <algorithm>

#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

#include <fmt/format.h>

#include "core/net/origin.h"

using namespace Qt::StringLiterals;

namespace app::desktop
{

namespace
{
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Venue;

constexpr qint64 kFileBytesMax = 100'000;
constexpr qsizetype kCoinsMax = 20;

[[nodiscard]] Result<void> addVenue(std::vector<WatchedVenue> &plan, QString word, bool testnet)
{
    if (word.endsWith(u"-testnet"_s)) {
        testnet = true;
        word.chop(8);
    }
    const auto venue = core::parseVenue(word.toStdString());
    if (!venue)
        return fail(ErrorCode::InvalidArgument,
                    "--watch: must be binance, hyperliquid or both, each also with -testnet, by comma");
    if (std::any_of(plan.begin(), plan.end(), [&](const WatchedVenue &known) { return known.venue == *venue; }))
        return fail(ErrorCode::InvalidArgument, "--watch: each venue at most once");
    plan.push_back({.venue = *venue,
                    .place = testnet ? core::runtime::Place::Testnet : core::runtime::Place::Production,
                    .addresses = {},
                    .symbols = {}});
    return {};
}

/// Binance lists coins against USDT, Hyperliquid by their own name.
[[nodiscard]] QString spelled(Venue venue, const QString &coin)
{
    constexpr auto kQuote = "USDT"_L1;
    const bool hasQuote = coin.size() > kQuote.size() && coin.endsWith(kQuote);
    if (venue == Venue::Binance)
        return hasQuote ? coin : coin + kQuote;
    return hasQuote ? coin.chopped(kQuote.size()) : coin;
}

[[nodiscard]] Result<std::string> addressField(const QJsonObject &fields, const QString &file, Venue venue, const QString &field,
                                               QLatin1String plain, QLatin1String secure)
{
    const std::string at = fmt::format("{}: {}.{}", file.toStdString(), name(venue), field.toStdString());
    const QString text = fields.value(field).toString();
    if (!text.startsWith(plain) && !text.startsWith(secure))
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: must begin with {} or {}", at, plain.data(), secure.data()));
    if (const auto origin = core::net::parseOrigin(text.toStdString()); !origin)
        return fail(origin.error().in(at));
    return text.toStdString();
}
} // namespace

Result<std::vector<WatchedVenue>> watchPlan(const QString &venues, bool allTestnet, const QString &coins)
{
    std::vector<WatchedVenue> plan;
    const QString all = venues == u"both"_s ? u"binance,hyperliquid"_s : venues;
    for (const QString &word : all.split(u',')) {
        if (const auto added = addVenue(plan, word.trimmed().toLower(), allTestnet); !added)
            return fail(added.error());
    }
    const QStringList names = coins.split(u',', Qt::SkipEmptyParts);
    if (names.isEmpty() || names.size() > kCoinsMax)
        return fail(ErrorCode::InvalidArgument, fmt::format("--coins: from one to {} names such as BTC,ETH", kCoinsMax));
    for (WatchedVenue &venue : plan) {
        for (const QString &coin : names) {
            const QString symbol = spelled(venue.venue, coin.trimmed().toUpper());
            const auto known = core::Symbol::from(symbol.toStdString());
            if (!known || symbol.isEmpty())
                return fail(ErrorCode::InvalidArgument, "--coins: " + coin.toStdString() + " is no name of a coin");
            if (std::find(venue.symbols.begin(), venue.symbols.end(), *known) == venue.symbols.end())
                venue.symbols.push_back(*known);
        }
    }
    return plan;
}

Result<void> readAddresses(const QString &path, std::vector<WatchedVenue> &plan)
{
    const std::string name_ = "--endpoints " + path.toStdString();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, name_ + ": cannot be read: " + file.errorString().toStdString());
    if (file.size() > kFileBytesMax)
        return fail(ErrorCode::InvalidArgument, fmt::format("{}: larger than {} bytes", name_, kFileBytesMax));
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll());
    if (!document.isObject())
        return fail(ErrorCode::InvalidArgument, name_ + ": must be one JSON object");
    const QJsonObject venues = document.object();
    for (const QString &key : venues.keys()) {
        const auto venue = core::parseVenue(key.toStdString());
        if (!venue || !venues.value(key).isObject())
            return fail(ErrorCode::InvalidArgument, name_ + ": " + key.toStdString() + ": must be an object named after a venue");
        const QJsonObject fields = venues.value(key).toObject();
        const auto rest = addressField(fields, u"--endpoints "_s + path, *venue, u"rest"_s, "http://"_L1, "https://"_L1);
        const auto webSocket = addressField(fields, u"--endpoints "_s + path, *venue, u"webSocket"_s, "ws://"_L1, "wss://"_L1);
        if (!rest || !webSocket)
            return fail(rest ? webSocket.error() : rest.error());
        for (WatchedVenue &watched : plan) {
            if (watched.venue == *venue)
                watched.addresses = {*rest, *webSocket};
        }
    }
    return {};
}

} // namespace app::desktop
