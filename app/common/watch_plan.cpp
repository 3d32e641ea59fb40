#include "app/common/watch_plan.h"

#include <algorithm>

#include <QtCore/QFile>
#include <QtCore/QStringList>

#include <fmt/format.h>

using namespace Qt::StringLiterals;

namespace app
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
    using core::secrets::Environment;
    plan.push_back({.venue = *venue,
                    .place = testnet ? core::runtime::Place::Testnet : core::runtime::Place::Production,
                    .addresses = core::runtime::addressesOf(testnet ? Environment::Testnet : Environment::Production),
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
    const std::string named = "--endpoints " + path.toStdString();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, named + ": cannot be read: " + file.errorString().toStdString());
    if (file.size() > kFileBytesMax)
        return fail(ErrorCode::InvalidArgument, fmt::format("{}: larger than {} bytes", named, kFileBytesMax));
    const QByteArray json = file.readAll();
    for (WatchedVenue &watched : plan) {
        auto addresses = core::runtime::withLoopback(watched.addresses, json);
        if (!addresses)
            return fail(addresses.error().in(named));
        watched.addresses = std::move(*addresses);
        const bool own = watched.venue == Venue::Binance
                             ? watched.addresses.binance.environment == core::exchange::binance::Environment::Loopback
                             : watched.addresses.hyperliquid.environment == core::exchange::hyperliquid::Environment::Loopback;
        watched.place = own ? core::runtime::Place::Loopback : watched.place;
    }
    return {};
}

} // namespace app
