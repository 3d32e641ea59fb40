#include "app/common/account_opening.h"

#include <algorithm>

#include <QtCore/QDir>
#include <QtCore/QFile>

#include "app/common/await.h"
#include "app/common/environment.h"

using namespace Qt::StringLiterals;

namespace app
{

namespace
{
using core::ErrorCode;
using core::fail;
using core::Result;
using core::runtime::AccountDesk;
using core::runtime::AccountKeys;
using core::runtime::KeyPlace;
using core::secrets::AccountProfile;

/// A credential that the service manager handed to this program (systemd's LoadCredential=); empty when there is none.
[[nodiscard]] core::net::Secret credential(const QString &name)
{
    const QString folder = qEnvironmentVariable("CREDENTIALS_DIRECTORY");
    QFile file(QDir(folder).filePath(name));
    if (folder.isEmpty() || !file.open(QIODevice::ReadOnly))
        return {};
    constexpr qint64 kBytesMax = 4'096;
    QByteArray words = file.read(kBytesMax);
    std::string_view text(words.constData(), static_cast<std::size_t>(words.size()));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.remove_suffix(1);
    core::net::Secret secret(text);
    words.fill('\0');
    return secret;
}

[[nodiscard]] Result<core::net::Secret> passphrase(const AskPassphrase &ask)
{
    if (auto given = takeFromEnvironment("ETRMS_PASSPHRASE"); !given.empty())
        return given;
    if (auto given = credential(u"etrms-passphrase"_s); !given.empty())
        return given;
    return ask();
}

[[nodiscard]] Result<void> openKeyStore(AccountDesk &desk, const AskPassphrase &ask)
{
    switch (desk.keyPlace()) {
    case KeyPlace::SystemStore:
    case KeyPlace::OpenFile:
        return {};
    case KeyPlace::LockedFile:
        break;
    case KeyPlace::Unknown:
    case KeyPlace::NewSealedFile:
        return fail(ErrorCode::NotFound, "its keys are not on this machine: there is neither a key store nor a sealed key file");
    }
    const auto words = passphrase(ask);
    if (!words)
        return fail(words.error());
    return desk.unlock(*words);
}

[[nodiscard]] Result<AccountProfile> named(const AccountDesk &desk, const std::string &label,
                                           core::secrets::Environment environment)
{
    const auto &all = desk.accounts();
    const auto found = std::find_if(all.begin(), all.end(), [&](const AccountProfile &one) { return one.label == label; });
    if (found == all.end())
        return fail(ErrorCode::NotFound, "there is no account of this name; the menu Accounts adds one");
    if (found->environment == environment)
        return *found;
    return fail(ErrorCode::InvalidArgument, environment == core::secrets::Environment::Testnet
                                                ? "this account is not on the testnet: leave --testnet away"
                                                : "this account is on the testnet: add --testnet");
}
} // namespace

Result<std::unique_ptr<AccountDesk>> makeAccountDesk(const QString &folder, const QString &addressFile,
                                                     const core::Clock &clock)
{
    if (!QDir().mkpath(folder))
        return fail(ErrorCode::IoFailed, "accounts: the folder " + folder.toStdString() + " cannot be made");
    auto plan = watchPlan(u"both"_s, false, u"BTC"_s);
    if (plan && !addressFile.isEmpty())
        if (const auto read = readAddresses(addressFile, *plan); !read)
            return fail(read.error());
    const bool local = plan && !addressFile.isEmpty();
    auto addresses = [plan, local](core::secrets::Environment environment) {
        auto made = core::runtime::addressesOf(environment);
        for (const WatchedVenue &venue : local ? *plan : std::vector<WatchedVenue>{}) {
            if (venue.place != core::runtime::Place::Loopback)
                continue;
            if (venue.venue == core::Venue::Binance)
                made.binance = venue.addresses.binance;
            else
                made.hyperliquid = venue.addresses.hyperliquid;
        }
        return made;
    };
    return std::make_unique<AccountDesk>(folder, std::move(addresses), clock);
}

Result<OpenedAccount> openAccount(AccountDesk &desk, const std::string &label, core::secrets::Environment environment,
                                  const AskPassphrase &ask)
{
    const auto list = await<void>([&desk](const auto &done) { desk.open(done); });
    if (!list)
        return fail(list.error());
    auto profile = named(desk, label, environment);
    if (!profile)
        return fail(profile.error());
    if (const auto store = openKeyStore(desk, ask); !store)
        return fail(store.error());
    const auto rights =
        await<core::ports::KeyRights>([&](const auto &done) { desk.testStored(label, done); });
    if (!rights)
        return fail(rights.error());
    return reopenAccount(desk, *profile);
}

Result<OpenedAccount> reopenAccount(AccountDesk &desk, const AccountProfile &profile)
{
    auto keys = await<AccountKeys>([&](const auto &done) { desk.keysOf(profile.label, done); });
    if (!keys)
        return fail(keys.error());
    return OpenedAccount{profile, std::move(*keys)};
}

} // namespace app
