#include "app/cli/account_checks.h"
#include "app/cli/commands.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "app/common/arguments.h"
#include "app/common/data_dirs.h"
#include "app/common/environment.h"
#include "app/common/exit_status.h"
#include "core/net/system_clock.h"
#include "core/runtime/doctor.h"

using namespace Qt::StringLiterals;
using core::runtime::Finding;

namespace app::cli
{

namespace
{
const QString kProgram = u"etrms-cli doctor"_s;

void print(const std::vector<Finding> &findings, bool json)
{
    QJsonArray rows;
    for (const Finding &finding : findings) {
        const std::string level(name(finding.level));
        if (json) {
            QJsonObject row{{u"check"_s, QString::fromStdString(finding.check)},
                            {u"level"_s, QString::fromStdString(level)},
                            {u"finding"_s, QString::fromStdString(finding.text)}};
            if (!finding.advice.empty())
                row.insert(u"advice"_s, QString::fromStdString(finding.advice));
            rows.append(row);
            continue;
        }
        std::printf("%-8s %-20s %s\n", level.c_str(), finding.check.c_str(), finding.text.c_str());
        if (!finding.advice.empty())
            std::printf("%30s%s\n", "-> ", finding.advice.c_str());
    }
    if (json)
        std::puts(QJsonDocument(QJsonObject{{u"findings"_s, rows}}).toJson(QJsonDocument::Compact).constData());
}

core::Result<core::runtime::VenueAddresses> addressesFrom(const QCommandLineParser &parser)
{
    const auto environment = parser.isSet(u"testnet"_s) ? core::secrets::Environment::Testnet
                                                        : core::secrets::Environment::Production;
    const auto addresses = core::runtime::addressesOf(environment);
    if (!parser.isSet(u"addresses"_s))
        return addresses;
    QFile file(parser.value(u"addresses"_s));
    if (!file.open(QIODevice::ReadOnly))
        return core::fail(core::ErrorCode::IoFailed, "--addresses: " + file.errorString().toStdString());
    return core::runtime::withLoopback(addresses, file.readAll());
}

/// Accounts of both environments are asked at their own venue; addresses from a file stand in for both.
core::runtime::AccountDesk::Addresses addressesOfAccounts(const QCommandLineParser &parser,
                                                          const core::runtime::VenueAddresses &given)
{
    if (parser.isSet(u"addresses"_s))
        return [given](core::secrets::Environment) { return given; };
    return core::runtime::addressesOf;
}
} // namespace

int runDoctor(const QStringList &arguments)
{
    core::net::Secret passphrase = takeFromEnvironment("ETRMS_PASSPHRASE"); // before there is another thread
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Checks what the program needs: data directory, disk, database, key store, encryption, both venues by REST and "
        "WebSocket, the clock, and what the key of each account may do (asked at its own venue); says what to do about each "
        "finding. A sealed key file is opened with the passphrase in ETRMS_PASSPHRASE. Exit status 1 when a check failed."_s);
    parser.addOption({u"data-dir"_s, u"Where history, settings and accounts are kept."_s, u"DIR"_s});
    parser.addOption({u"testnet"_s, u"Look at the venues' testnets."_s});
    parser.addOption({u"offline"_s, u"Send nothing."_s});
    parser.addOption({u"addresses"_s, u"JSON file with loopback addresses in place of the venues'."_s, u"FILE"_s});
    parser.addOption({u"json"_s, u"Print one JSON line."_s});
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) {
        printError(kProgram, u"unexpected argument "_s + parser.positionalArguments().first());
        return Usage;
    }
    const auto addresses = addressesFrom(parser);
    if (!addresses) {
        printError(kProgram, addresses.error());
        return Usage;
    }
    const QString dir = parser.isSet(u"data-dir"_s) ? parser.value(u"data-dir"_s) : defaultDataDir(u"live"_s);
    const core::net::SystemClock clock;
    core::runtime::Doctor doctor({.dataDir = dir, .addresses = *addresses, .network = !parser.isSet(u"offline"_s)}, clock);
    AccountChecks accounts(parser.isSet(u"data-dir"_s) ? dir : defaultDataDir(u"accounts"_s), addressesOfAccounts(parser, *addresses),
                           std::move(passphrase), clock);
    std::vector<Finding> all;
    const auto finish = [&](std::vector<Finding> more) {
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        QCoreApplication::quit();
    };
    doctor.run([&](std::vector<Finding> findings) {
        all = std::move(findings);
        if (parser.isSet(u"offline"_s))
            finish({});
        else
            accounts.run(finish);
    });
    QCoreApplication::exec();
    print(all, parser.isSet(u"json"_s));
    const bool failed = std::any_of(all.begin(), all.end(), [](const Finding &f) { return f.level == Finding::Level::Failed; });
    return failed ? Failed : Done;
}

} // namespace app::cli
