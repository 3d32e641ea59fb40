#include "core/secrets/account_book.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSaveFile>

namespace core::secrets
{

using namespace Qt::StringLiterals;

namespace
{
constexpr std::size_t kLabelMax = 40;
constexpr int kSchema = 1;

constexpr Environment kEnvironments[] = {Environment::Production, Environment::Testnet};
constexpr KeyType kKeyTypes[] = {KeyType::Hmac, KeyType::Ed25519, KeyType::Agent};

bool isLabel(std::string_view label)
{
    const auto isFine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == ' ';
    };
    return !label.empty() && label.size() <= kLabelMax && std::all_of(label.begin(), label.end(), isFine) &&
           label.front() != ' ' && label.back() != ' ';
}

bool isAddress(std::string_view address)
{
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return address.size() == 42 && address.starts_with("0x") && std::all_of(address.begin() + 2, address.end(), isHex);
}

tl::unexpected<Error> bad(const std::string &field, const std::string &rule)
{
    return fail(ErrorCode::InvalidArgument, field + ": " + rule);
}

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

QJsonObject toJson(const AccountProfile &profile)
{
    QJsonObject object{{u"label"_s, QString::fromStdString(profile.label)},
                       {u"venue"_s, text(name(profile.venue))},
                       {u"environment"_s, text(name(profile.environment))},
                       {u"keyType"_s, text(name(profile.keyType))}};
    if (!profile.address.empty())
        object.insert(u"address"_s, QString::fromStdString(profile.address));
    if (!profile.vaultAddress.empty())
        object.insert(u"vaultAddress"_s, QString::fromStdString(profile.vaultAddress));
    if (profile.hedgeMode)
        object.insert(u"hedgeMode"_s, true);
    return object;
}

template <class Enum, std::size_t Count>
Result<Enum> oneOf(const Enum (&values)[Count], const QJsonValue &value, const std::string &field)
{
    const std::string word = value.toString().toStdString();
    for (const Enum candidate : values)
        if (name(candidate) == word)
            return candidate;
    return bad(field, fmt::format("\"{}\" is not one of its values", word.substr(0, kLabelMax)));
}

Result<AccountProfile> fromJson(const QJsonObject &object)
{
    static const QStringList known = {u"label"_s,   u"venue"_s,        u"environment"_s, u"keyType"_s,
                                      u"address"_s, u"vaultAddress"_s, u"hedgeMode"_s};
    for (const QString &key : object.keys())
        if (!known.contains(key))
            return bad(key.left(40).toStdString(), "unknown member");
    AccountProfile profile;
    profile.label = object.value("label"_L1).toString().toStdString();
    const auto venue = parseVenue(object.value("venue"_L1).toString().toStdString());
    if (!venue)
        return fail(venue.error().in("venue"));
    profile.venue = *venue;
    const auto environment = oneOf(kEnvironments, object.value("environment"_L1), "environment");
    if (!environment)
        return fail(environment.error());
    profile.environment = *environment;
    const auto keyType = oneOf(kKeyTypes, object.value("keyType"_L1), "keyType");
    if (!keyType)
        return fail(keyType.error());
    profile.keyType = *keyType;
    // A vault that is no text would be no vault: orders would go to another account.
    for (const auto &member : {u"label"_s, u"address"_s, u"vaultAddress"_s})
        if (object.contains(member) && !object.value(member).isString())
            return bad(member.toStdString(), "a text is expected");
    profile.address = object.value("address"_L1).toString().toStdString();
    profile.vaultAddress = object.value("vaultAddress"_L1).toString().toStdString();
    const QJsonValue hedgeMode = object.value("hedgeMode"_L1);
    if (!hedgeMode.isUndefined() && !hedgeMode.isBool())
        return bad("hedgeMode", "true or false");
    profile.hedgeMode = hedgeMode.toBool();
    if (auto valid = validate(profile); !valid)
        return fail(std::move(valid.error()));
    return profile;
}
} // namespace

std::string_view name(Environment environment)
{
    return environment == Environment::Production ? "production" : "testnet";
}

std::string_view name(KeyType type)
{
    switch (type) {
    case KeyType::Hmac: return "hmac";
    case KeyType::Ed25519: return "ed25519";
    case KeyType::Agent: return "agent";
    }
    return "unknown";
}

std::string apiKeyName(const AccountProfile &profile)
{
    return profile.label + "/api-key";
}

std::string secretName(const AccountProfile &profile)
{
    return profile.label + "/secret";
}

Result<void> validate(const AccountProfile &profile)
{
    if (!isLabel(profile.label))
        return bad("label", "1 to 40 letters, digits, blanks, - or _, without a blank at its ends");
    const bool isHyperliquid = profile.venue == Venue::Hyperliquid;
    if (isHyperliquid != (profile.keyType == KeyType::Agent))
        return bad("keyType", isHyperliquid ? "Hyperliquid accounts use an agent key" : "hmac or ed25519 on Binance");
    if (isHyperliquid && !isAddress(profile.address))
        return bad("address", "0x and 40 hexadecimal digits in lower case");
    if (!isHyperliquid && !profile.address.empty())
        return bad("address", "belongs to Hyperliquid accounts only");
    if (!profile.vaultAddress.empty() && (!isHyperliquid || !isAddress(profile.vaultAddress)))
        return bad("vaultAddress", "0x and 40 hexadecimal digits in lower case, on Hyperliquid only");
    if (isHyperliquid && profile.hedgeMode)
        return bad("hedgeMode", "Hyperliquid has no hedge mode");
    return {};
}

Result<std::vector<AccountProfile>> parseAccounts(const QByteArray &json)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError)
        return fail(ErrorCode::ParseFailed,
                    "byte " + std::to_string(problem.offset) + ": " + problem.errorString().toStdString());
    const QJsonObject root = document.object();
    if (root.value("schema"_L1).toInt() != kSchema || !root.value("accounts"_L1).isArray())
        return fail(ErrorCode::ParseFailed, "schema: this program reads schema 1 with a list \"accounts\"");
    std::vector<AccountProfile> profiles;
    std::set<std::string> labels;
    for (const QJsonValue &row : root.value("accounts"_L1).toArray()) {
        auto profile = fromJson(row.toObject());
        if (!profile)
            return fail(profile.error().in("accounts[" + std::to_string(profiles.size()) + "]"));
        // Keys are kept by label: two accounts of one name would trade with one key.
        if (!labels.insert(profile->label).second)
            return fail(ErrorCode::InvalidArgument, "label: two accounts are called \"" + profile->label + "\"");
        profiles.push_back(std::move(*profile));
    }
    return profiles;
}

QByteArray accountsText(const std::vector<AccountProfile> &profiles)
{
    QJsonArray rows;
    for (const AccountProfile &profile : profiles)
        rows.append(toJson(profile));
    return QJsonDocument(QJsonObject{{u"schema"_s, kSchema}, {u"accounts"_s, rows}}).toJson();
}

Result<std::vector<AccountProfile>> AccountBook::load() const
{
    if (!QFileInfo::exists(m_path))
        return std::vector<AccountProfile>{};
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, m_path.toStdString() + ": " + file.errorString().toStdString());
    auto profiles = parseAccounts(file.readAll());
    if (!profiles)
        return fail(profiles.error().in(m_path.toStdString()));
    return profiles;
}

Result<void> AccountBook::save(const std::vector<AccountProfile> &profiles) const
{
    std::set<std::string> labels;
    for (const AccountProfile &profile : profiles)
        if (!labels.insert(profile.label).second)
            return bad("label", fmt::format("there is an account \"{}\" already", profile.label));
    QSaveFile file(m_path);
    const QByteArray bytes = accountsText(profiles);
    if (!QDir().mkpath(QFileInfo(m_path).absolutePath()) || !file.open(QIODevice::WriteOnly) ||
        file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorCode::IoFailed, m_path.toStdString() + ": " + file.errorString().toStdString());
    return {};
}

} // namespace core::secrets
