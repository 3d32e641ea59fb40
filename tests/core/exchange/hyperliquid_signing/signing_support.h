#pragma once

#include <string>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtTest/QTest>

#include "core/exchange/hyperliquid/signer.h"

namespace tests
{

/// The key of the published vectors; never fund it.
inline constexpr std::string_view kVectorKey = "0x0123456789012345678901234567890123456789012345678901234567890123";

[[nodiscard]] inline QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}
template <class Bytes> [[nodiscard]] QByteArray hex(const Bytes &value)
{
    return bytes(core::exchange::hyperliquid::hexText(value));
}
/// 64 digits, whatever a source left out in front.
[[nodiscard]] inline QByteArray padded(const QJsonValue &value)
{
    const QByteArray digits = value.toString().toLatin1().mid(2);
    return "0x" + QByteArray(64 - digits.size(), '0') + digits;
}

[[nodiscard]] inline core::exchange::hyperliquid::ActionValue parsed(const QByteArray &json)
{
    return core::exchange::hyperliquid::parseActionJson(json.toStdString(), "action").value();
}
[[nodiscard]] inline core::exchange::hyperliquid::ActionSigner signerOf(std::string_view key = kVectorKey)
{
    return core::exchange::hyperliquid::ActionSigner::fromHex(key).value();
}
/// The fields "nonce", "vaultAddress" and "expiresAfter" of a vector.
[[nodiscard]] inline core::exchange::hyperliquid::ActionEnvelope envelopeOf(const QJsonObject &entry)
{
    core::exchange::hyperliquid::ActionEnvelope envelope;
    envelope.nonce = static_cast<std::uint64_t>(entry.value(QLatin1StringView("nonce")).toInteger());
    const QJsonValue vault = entry.value(QLatin1StringView("vaultAddress"));
    if (vault.isString())
        envelope.vault = core::exchange::hyperliquid::Address::parse(vault.toString().toStdString()).value();
    const QJsonValue expires = entry.value(QLatin1StringView("expiresAfter"));
    if (expires.isDouble())
        envelope.expiresAfter = static_cast<std::uint64_t>(expires.toInteger());
    return envelope;
}
[[nodiscard]] inline core::exchange::hyperliquid::Network networkOf(const QJsonObject &entry)
{
    return entry.value(QLatin1StringView("network")).toString() == QLatin1StringView("mainnet")
               ? core::exchange::hyperliquid::Network::Mainnet
               : core::exchange::hyperliquid::Network::Testnet;
}

} // namespace tests
