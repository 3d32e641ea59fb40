#include "app/cli/commands.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "core/exchange/binance/signer.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/exchange/hyperliquid/signer_user_actions.h"
#include "core/net/secret.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;
using hyperliquid::ActionValue;

const QString kProgram = u"etrms-cli sign"_s;
constexpr const char *kKeyVariable = "ETRMS_SIGNING_KEY";

/// One request in, the answer's line out.
using LineSigner = std::function<core::Result<std::string>(const ActionValue &request)>;

[[nodiscard]] tl::unexpected<core::Error> wrong(std::string_view field, std::string_view rule)
{
    return core::fail(core::ErrorCode::InvalidArgument, fmt::format("request.{}: {}", field, rule));
}

/// A misspelt "expiresAfter" must not become a signature that never expires.
[[nodiscard]] core::Result<void> onlyFields(const ActionValue &request, std::initializer_list<std::string_view> known)
{
    for (const hyperliquid::ActionMember &member : *request.map()) {
        if (std::find(known.begin(), known.end(), member.key) == known.end())
            return wrong(std::string_view(member.key).substr(0, 40), "is no field of a request");
    }
    return {};
}

[[nodiscard]] const ActionValue *present(const ActionValue &request, std::string_view field)
{
    const ActionValue *const value = request.find(field);
    return value != nullptr && !value->isNull() ? value : nullptr;
}

[[nodiscard]] core::Result<hyperliquid::ActionEnvelope> envelopeOf(const ActionValue &request)
{
    hyperliquid::ActionEnvelope envelope;
    const ActionValue *const nonce = request.find("nonce");
    if (nonce == nullptr)
        return wrong("nonce", "is missing");
    if (nonce->integer() == nullptr)
        return wrong("nonce", "expects an integer that is not negative");
    envelope.nonce = *nonce->integer();
    if (const ActionValue *const vault = present(request, "vaultAddress")) {
        const auto address = hyperliquid::Address::parse(vault->text() != nullptr ? *vault->text() : std::string());
        if (!address)
            return wrong("vaultAddress", address.error().detail);
        envelope.vault = *address;
    }
    if (const ActionValue *const expires = present(request, "expiresAfter")) {
        if (expires->integer() == nullptr)
            return wrong("expiresAfter", "expects an integer that is not negative");
        envelope.expiresAfter = *expires->integer();
    }
    return envelope;
}

[[nodiscard]] core::Result<hyperliquid::Network> networkOf(const ActionValue &request)
{
    const ActionValue *const mainnet = present(request, "mainnet");
    if (mainnet == nullptr)
        return hyperliquid::Network::Mainnet;
    if (mainnet->boolean() == nullptr)
        return wrong("mainnet", "expects true or false");
    return *mainnet->boolean() ? hyperliquid::Network::Mainnet : hyperliquid::Network::Testnet;
}

[[nodiscard]] std::string signatureJson(const hyperliquid::Signature &signature)
{
    return fmt::format(R"("r":"{}","s":"{}","v":{})", signature.rText(), signature.sText(), signature.v);
}

[[nodiscard]] core::Result<std::string> signUser(const hyperliquid::ActionSigner &signer, const ActionValue &request,
                                                 const ActionValue &action)
{
    for (const std::string_view field : {"vaultAddress", "expiresAfter"}) {
        if (present(request, field) != nullptr)
            return wrong(field, "is not part of an action that the user signs");
    }
    const auto signature = signer.signUser(action);
    if (!signature)
        return core::fail(signature.error().code, "request." + signature.error().detail);
    return fmt::format(R"({{"primaryType":"{}",{}}})", hyperliquid::userPrimaryType(action.textOf("type")),
                       signatureJson(*signature));
}

[[nodiscard]] core::Result<std::string> signAction(const hyperliquid::ActionSigner &signer, const ActionValue &request)
{
    if (auto known = onlyFields(request, {"action", "nonce", "vaultAddress", "expiresAfter", "mainnet"}); !known)
        return core::fail(known.error());
    const ActionValue *const action = request.find("action");
    if (action == nullptr)
        return wrong("action", "is missing");
    if (action->map() == nullptr)
        return wrong("action", "expects an object");
    if (hyperliquid::isUserSigned(*action))
        return signUser(signer, request, *action);
    const auto envelope = envelopeOf(request);
    if (!envelope)
        return core::fail(envelope.error());
    const auto network = networkOf(request);
    if (!network)
        return core::fail(network.error());
    const hyperliquid::L1Signature result = signer.signL1(*action, *envelope, *network);
    return fmt::format(R"({{"connectionId":"{}",{}}})", hyperliquid::hexText(result.connectionId),
                       signatureJson(result.signature));
}

[[nodiscard]] core::Result<std::string> signQuery(const binance::Signer &signer, const ActionValue &request)
{
    if (auto known = onlyFields(request, {"query"}); !known)
        return core::fail(known.error());
    const ActionValue *const query = request.find("query");
    if (query == nullptr)
        return wrong("query", "is missing");
    if (query->text() == nullptr)
        return wrong("query", "expects text");
    return fmt::format(R"({{"signature":"{}"}})", signer.signature(*query->text()));
}

/// The key leaves the environment of this process, so that nothing started later inherits it.
[[nodiscard]] core::net::Secret takeKey()
{
    QByteArray text = qgetenv(kKeyVariable);
    core::net::Secret key(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    text.fill('\0');
    qunsetenv(kKeyVariable);
    return key;
}

[[nodiscard]] core::Result<LineSigner> makeSigner(core::Venue venue, binance::KeyType keyType,
                                                  const core::net::Secret &key)
{
    if (venue == core::Venue::Binance) {
        return binance::Signer::make(keyType, key.expose()).map([](binance::Signer &&signer) -> LineSigner {
            return [owned = std::make_shared<binance::Signer>(std::move(signer))](const ActionValue &request) {
                return signQuery(*owned, request);
            };
        });
    }
    return hyperliquid::ActionSigner::fromHex(key.expose())
        .map([](hyperliquid::ActionSigner &&signer) -> LineSigner {
            return [owned = std::make_shared<hyperliquid::ActionSigner>(std::move(signer))](
                       const ActionValue &request) { return signAction(*owned, request); };
        });
}

/// Every good line is answered, also after a bad one.
[[nodiscard]] int signLines(std::istream &input, const LineSigner &sign)
{
    int status = Done;
    std::string line;
    for (std::size_t number = 1; std::getline(input, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos)
            continue;
        const auto request = hyperliquid::parseActionJson(line, "request");
        const auto answer = request ? sign(*request) : core::Result<std::string>(core::fail(request.error()));
        if (!answer) {
            printError(kProgram, answer.error().in(fmt::format("line {}", number)));
            status = Failed;
            continue;
        }
        std::puts(answer->c_str());
        std::fflush(stdout); // whoever writes a line may wait for its answer
    }
    return status;
}

[[nodiscard]] core::Result<binance::KeyType> keyTypeOption(const QCommandLineParser &parser, core::Venue venue)
{
    if (!parser.isSet(u"key-type"_s))
        return binance::KeyType::Hmac;
    if (venue != core::Venue::Binance)
        return core::fail(core::ErrorCode::InvalidArgument, "--key-type: is for --venue binance only");
    const auto type = binance::parseKeyType(parser.value(u"key-type"_s).toStdString());
    return type ? type : core::Result<binance::KeyType>(core::fail(type.error().in("--key-type")));
}
} // namespace

int runSign(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Signs requests without sending them. Reads one JSON object per line from standard input and prints one per "
        "line. The key comes from the environment variable ETRMS_SIGNING_KEY and is never printed.\n\n"
        "hyperliquid: {\"action\":{...},\"nonce\":1,\"vaultAddress\":null,\"expiresAfter\":null,\"mainnet\":true} gives "
        "{\"connectionId\":...,\"r\":...,\"s\":...,\"v\":27}. The action is signed as it stands, members in their order. "
        "An action that the user signs (approveAgent, usdSend, ...) gives \"primaryType\" instead of the "
        "connectionId. The key is 64 hex digits.\n\n"
        "binance: {\"query\":\"...\"} gives {\"signature\":...}, in hex (hmac) or base64 (ed25519).\n\n"
        "A bad line is named on standard error and makes the exit status 1; the other lines are answered."_s);
    parser.addOption({u"venue"_s, u"hyperliquid or binance."_s, u"VENUE"_s});
    parser.addOption({u"key-type"_s, u"Of a Binance key: hmac (default) or ed25519 (PEM, or the seed in base64 or hex)."_s,
                      u"TYPE"_s});
    parser.addOption({u"json"_s, u"Accepted; the output is always JSON."_s});
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) { // not repeated: it may be a key
        printError(kProgram, u"unexpected argument; the key comes from ETRMS_SIGNING_KEY, requests from standard input"_s);
        return Usage;
    }
    const auto venue = core::parseVenue(parser.value(u"venue"_s).toStdString());
    if (!venue) {
        printError(kProgram, u"--venue: must be hyperliquid or binance"_s);
        return Usage;
    }
    const auto keyType = keyTypeOption(parser, *venue);
    if (!keyType) {
        printError(kProgram, keyType.error());
        return Usage;
    }
    const core::net::Secret key = takeKey();
    if (key.empty()) {
        printError(kProgram, u"set the environment variable ETRMS_SIGNING_KEY to the key"_s);
        return Usage;
    }
    const auto sign = makeSigner(*venue, *keyType, key);
    if (!sign) {
        printError(kProgram, sign.error().in("ETRMS_SIGNING_KEY"));
        return Usage;
    }
    return signLines(std::cin, *sign);
}

} // namespace app::cli
