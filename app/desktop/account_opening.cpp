#include "app/desktop/account_opening.h"

#include <algorithm>
#include <functional>
#include <optional>

#include <QtCore/QDir>
#include <QtCore/QTimer>
#include <QtWidgets/QApplication>
#include <QtWidgets/QInputDialog>

#include "app/common/environment.h"

using namespace Qt::StringLiterals;

namespace app::desktop
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

/// Begins something and turns the application's event loop until it has answered. There is no window yet, so this is the
/// outermost loop.
template <class T> Result<T> await(const std::function<void(std::function<void(Result<T>)>)> &begin)
{
    const auto answer = std::make_shared<std::optional<Result<T>>>();
    const bool quits = QGuiApplication::quitOnLastWindowClosed();
    QGuiApplication::setQuitOnLastWindowClosed(false);
    QTimer::singleShot(0, QCoreApplication::instance(), [begin, answer] {
        begin([answer](Result<T> result) {
            *answer = std::move(result);
            QCoreApplication::quit();
        });
    });
    QApplication::exec();
    QGuiApplication::setQuitOnLastWindowClosed(quits);
    if (!answer->has_value())
        return fail(ErrorCode::Unavailable, "ended before the account was open");
    return std::move(**answer);
}

[[nodiscard]] Result<core::net::Secret> askPassphrase()
{
    if (auto given = takeFromEnvironment("ETRMS_PASSPHRASE"); !given.empty())
        return given;
    QInputDialog dialog;
    dialog.setWindowTitle(QCoreApplication::translate("app::desktop", "Key file"));
    dialog.setLabelText(QCoreApplication::translate("app::desktop", "Passphrase of the sealed key file"));
    dialog.setTextEchoMode(QLineEdit::Password);
    return await<core::net::Secret>([&dialog](const std::function<void(Result<core::net::Secret>)> &done) {
        QObject::connect(&dialog, &QDialog::finished, &dialog, [&dialog, done](int result) {
            QByteArray typed = dialog.textValue().toUtf8();
            if (result == QDialog::Accepted && !typed.isEmpty())
                done(core::net::Secret(std::string_view(typed.constData(), static_cast<std::size_t>(typed.size()))));
            else
                done(fail(ErrorCode::Unauthorized, "the passphrase of the sealed key file was not given"));
            typed.fill('\0');
        });
        dialog.open();
    });
}

[[nodiscard]] Result<void> openKeyStore(AccountDesk &desk)
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
    const auto passphrase = askPassphrase();
    if (!passphrase)
        return fail(passphrase.error());
    return desk.unlock(*passphrase);
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

Result<std::unique_ptr<AccountDesk>> makeAccountDesk(const DesktopOptions &options, const core::Clock &clock)
{
    if (!QDir().mkpath(options.accountsDir))
        return fail(ErrorCode::IoFailed, "accounts: the folder " + options.accountsDir.toStdString() + " cannot be made");
    auto plan = watchPlan(u"both"_s, false, u"BTC"_s);
    if (plan && !options.endpointsFile.isEmpty())
        if (const auto read = readAddresses(options.endpointsFile, *plan); !read)
            return fail(read.error());
    const bool local = plan && !options.endpointsFile.isEmpty();
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
    return std::make_unique<AccountDesk>(options.accountsDir, std::move(addresses), clock);
}

Result<OpenedAccount> openAccount(AccountDesk &desk, const std::string &label, core::secrets::Environment environment)
{
    const auto list = await<void>([&desk](const auto &done) { desk.open(done); });
    if (!list)
        return fail(list.error());
    auto profile = named(desk, label, environment);
    if (!profile)
        return fail(profile.error());
    if (const auto store = openKeyStore(desk); !store)
        return fail(store.error());
    const auto rights =
        await<core::ports::KeyRights>([&](const auto &done) { desk.testStored(label, done); });
    if (!rights)
        return fail(rights.error());
    auto keys = await<AccountKeys>([&](const auto &done) { desk.keysOf(label, done); });
    if (!keys)
        return fail(keys.error());
    return OpenedAccount{std::move(*profile), std::move(*keys)};
}

} // namespace app::desktop
