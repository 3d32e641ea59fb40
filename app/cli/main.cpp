#include <cstdio>

#include <QtCore/QCoreApplication>

#include "app/cli/commands.h"
#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "app/common/log.h"
#include "app/common/version.h"
#include "core/secrets/process_memory.h"

using namespace Qt::StringLiterals;

namespace
{
struct Command {
    QLatin1StringView name;
    const char *summary;
    int (*run)(const QStringList &arguments);
};

constexpr Command kCommands[] = {
    {"guard"_L1, "guard accounts without a display", &app::cli::runGuard},
    {"venue"_L1, "serve the loopback exchange from a recording or a generated market", &app::cli::runVenue},
    {"replay"_L1, "play recordings through the book, or a journal through the risk engine", &app::cli::runReplay},
    {"report"_L1, "write trades as CSV", &app::cli::runReport},
    {"doctor"_L1, "check what the program needs and say what to do", &app::cli::runDoctor},
    {"risk"_L1, "show and change the limits of an account", &app::cli::runRisk},
    {"db"_L1, "check a database file", &app::cli::runDatabase},
    {"drill"_L1, "let storms, faults and kills loose on the guard, in simulated time", &app::cli::runDrillCommand},
    {"size"_L1, "size a trade, with every constraint's number", &app::cli::runSize},
    {"sign"_L1, "sign requests from standard input", &app::cli::runSign},
};

void printHelp()
{
    std::puts("Usage: etrms-cli COMMAND [options]\n\nCommands:");
    for (const Command &command : kCommands)
        std::printf("  %-8s %s\n", command.name.data(), command.summary);
    std::puts("\netrms-cli COMMAND --help shows a command's options.\n"
              "Exit status: 0 done, 1 failed, 2 wrong usage.");
}
} // namespace

int main(int argc, char **argv)
{
    static_cast<void>(core::secrets::closeProcessMemory()); // where the system cannot, everything works all the same
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"etrms"_s);
    QCoreApplication::setApplicationVersion(QString::fromLatin1(app::version()));
    app::startLog({});

    const QStringList arguments = application.arguments().mid(1);
    if (arguments.isEmpty()) {
        app::printError(u"etrms-cli"_s, u"a command is missing; try --help"_s);
        return app::Usage;
    }
    const QString first = arguments.first();
    if (first == "--help"_L1 || first == "-h"_L1) {
        printHelp();
        return app::Done;
    }
    if (first == "--version"_L1) {
        std::printf("etrms-cli %s\n", app::version());
        return app::Done;
    }
    for (const Command &command : kCommands) {
        if (first == command.name)
            return command.run(arguments.mid(1));
    }
    app::printError(u"etrms-cli"_s, u"no command named "_s + first + u"; try --help"_s);
    return app::Usage;
}
