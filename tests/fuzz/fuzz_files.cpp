#include <string>

#include "core/orders/guard_io.h"
#include "core/risk/limits.h"
#include "core/runtime/venue_addresses.h"
#include "core/secrets/account_book.h"
#include "core/secrets/sealed_file.h"
#include "core/venue/control.h"
#include "core/venue/faults.h"
#include "core/venue/paper_state.h"
#include "core/venue/recording_line.h"
#include "core/net/origin.h"
#include "tests/fuzz/check.h"

// Everything that this program reads from its own folder or from the command line. One input goes to every reader: each
// refuses what is another's within a few bytes.

using fuzz::accepted;
using fuzz::require;

namespace
{
using Reader = void (*)(std::string_view bytes);

QByteArray bytesOf(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

void limits(std::string_view bytes)
{
    const auto config = core::risk::parseLimits(bytes);
    if (!accepted(config))
        return;
    require(core::risk::validate(*config).empty());
    require(core::risk::parseLimits(core::risk::toToml(*config)) == config);
}

/// What a journal replays is exactly what was written.
void journal(std::string_view bytes)
{
    if (const auto record = core::orders::decodeGuardInput(bytes); accepted(record))
        require(core::orders::encode(*record) == bytes);
}

void faults(std::string_view bytes)
{
    const auto plan = core::venue::parseFaultPlan(bytes);
    if (!accepted(plan))
        return;
    require(core::venue::validate(*plan).has_value());
    require(core::venue::parseFaultPlan(core::venue::faultPlanText(*plan)) == plan);
}

void control(std::string_view bytes)
{
    using Kind = core::venue::ControlCall::Kind;
    for (const Kind kind : {Kind::Transfer, Kind::Liquidate, Kind::Deleverage, Kind::Funding, Kind::Delist, Kind::Mark})
        static_cast<void>(accepted(core::venue::parseControlCall(kind, bytes)));
}

void paper(std::string_view bytes)
{
    const auto state = core::venue::parsePaperState(bytes);
    if (!accepted(state))
        return;
    const std::string written = core::venue::paperStateText(*state);
    const auto again = core::venue::parsePaperState(written);
    require(again.has_value() && core::venue::paperStateText(*again) == written);
}

void accounts(std::string_view bytes)
{
    const auto profiles = core::secrets::parseAccounts(bytesOf(bytes));
    if (!accepted(profiles))
        return;
    for (const core::secrets::AccountProfile &profile : *profiles)
        require(core::secrets::validate(profile).has_value());
    require(core::secrets::parseAccounts(core::secrets::accountsText(*profiles)) == profiles);
}

/// Whatever the file says: no key goes to another machine.
void addresses(std::string_view bytes)
{
    const auto base = core::runtime::addressesOf(core::secrets::Environment::Production);
    const auto read = core::runtime::withLoopback(base, bytesOf(bytes));
    if (!accepted(read))
        return;
    const auto isHere = [](const std::string &address) {
        const auto origin = core::net::parseOrigin(address);
        return origin.has_value() && core::net::isLoopback(origin->host);
    };
    const auto &binance = read->binance;
    if (binance.rest != base.binance.rest)
        require(isHere(binance.rest) && isHere(binance.spotApi) && isHere(binance.streamsPrivate) &&
                (binance.webSocketApi.empty() || isHere(binance.webSocketApi)));
    if (read->hyperliquid.rest != base.hyperliquid.rest)
        require(isHere(read->hyperliquid.rest) && isHere(read->hyperliquid.webSocket));
}

void origins(std::string_view bytes)
{
    if (const auto origin = core::net::parseOrigin(bytes); accepted(origin))
        require(!origin->host.empty() && (origin->secure || core::net::isLoopback(origin->host)));
}

void recordings(std::string_view bytes)
{
    if (const auto line = core::venue::parseRecordedLine(bytes); accepted(line) && !line->payload.empty())
        require(line->payload.data() >= bytes.data() &&
                line->payload.data() + line->payload.size() <= bytes.data() + bytes.size());
}

/// Without scrypt, which is slow on purpose. Damage is refused, and what was sealed comes back.
void sealedKeys(std::string_view bytes)
{
    static const core::secrets::SealingKey key{.salt = std::string(16, 's'),
                                               .logN = core::secrets::ScryptCost::kLogNMin,
                                               .key = core::net::Secret(std::string(32, 'k'))};
    static_cast<void>(accepted(core::secrets::unseal(bytes, key)));
    core::secrets::SealedEntries entries;
    entries.emplace(bytes.substr(0, bytes.size() / 2), core::net::Secret(bytes.substr(bytes.size() / 2)));
    auto sealed = core::secrets::seal(entries, key);
    if (!accepted(sealed))
        return;
    const auto opened = core::secrets::unseal(*sealed, key);
    require(opened.has_value() && opened->size() == 1 &&
            opened->begin()->second.expose() == entries.begin()->second.expose());
    const std::size_t at = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front()) % sealed->size();
    (*sealed)[at] = static_cast<char>((*sealed)[at] ^ 1);
    require(!core::secrets::unseal(*sealed, key).has_value());
}

constexpr Reader kReaders[] = {limits,    journal, faults,     control,   paper, accounts,
                               addresses, origins, recordings, sealedKeys};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const Reader read : kReaders)
        read(fuzz::text(data, size));
    return 0;
}
