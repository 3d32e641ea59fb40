#include "app/cli/commands.h"

#include <cstdio>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "app/common/arguments.h"
#include "app/common/data_dirs.h"
#include "app/common/exit_status.h"
#include "core/storage/csv.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
const QString kProgram = u"etrms-cli report"_s;
}

int runReport(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Writes the round trips (a position from flat to flat) as CSV."_s);
    parser.addOption({u"trades"_s, u"One row per round trip."_s});
    parser.addOption({u"out"_s, u"The CSV file; it appears only when complete."_s, u"FILE"_s});
    parser.addOption({u"db"_s, u"The database file."_s, u"FILE"_s});
    parser.addOption({u"data-dir"_s, u"The data directory with the database."_s, u"DIR"_s});
    parser.addOption({u"json"_s, u"Print one JSON line."_s});
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) {
        printError(kProgram, u"unexpected argument "_s + parser.positionalArguments().first());
        return Usage;
    }
    if (!parser.isSet(u"trades"_s) || parser.value(u"out"_s).isEmpty()) {
        printError(kProgram, u"expected: report --trades --out FILE"_s);
        return Usage;
    }
    const auto file = databaseFor(kProgram, parser.value(u"db"_s), parser.value(u"data-dir"_s));
    if (!file) {
        printError(kProgram, file.error());
        return Failed;
    }
    const auto database = core::storage::Database::open(*file, core::storage::Access::ReadOnly, core::UtcTime{});
    if (!database) {
        printError(kProgram, database.error());
        return Failed;
    }
    const QString out = parser.value(u"out"_s);
    const auto written = core::storage::writeTradesCsv(*database, out);
    if (!written) {
        printError(kProgram, written.error());
        return Failed;
    }
    if (parser.isSet(u"json"_s)) {
        const QJsonObject object{{u"file"_s, out}, {u"trades"_s, qint64{*written}}};
        std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
    } else {
        std::printf("%lld trades written to %s\n", static_cast<long long>(*written), qUtf8Printable(out));
    }
    return Done;
}

} // namespace app::cli
