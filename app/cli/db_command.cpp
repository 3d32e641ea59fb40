#include "app/cli/commands.h"

#include <cstdio>

#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "core/storage/check.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
const QString kProgram = u"etrms-cli db"_s;

void printReport(const core::storage::CheckReport &report, bool json)
{
    if (json) {
        QJsonObject tables;
        for (const auto &table : report.tables)
            tables.insert(QString::fromStdString(table.name), qint64{table.rows});
        const QJsonObject object{{u"ok"_s, true},
                                 {u"schema_version"_s, report.schemaVersion},
                                 {u"journal_rows"_s, qint64{report.journalRows}},
                                 {u"tables"_s, tables}};
        std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
        return;
    }
    std::printf("ok: schema version %d, %lld journal rows, chain intact\n", report.schemaVersion,
                static_cast<long long>(report.journalRows));
    for (const auto &table : report.tables)
        std::printf("  %-20s %lld\n", table.name.c_str(), static_cast<long long>(table.rows));
}
} // namespace

int runDatabase(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"check: reads the whole file without changing it: SQLite's integrity, foreign keys, "
                                     "the schema, every row's check sum and the journal's hash chain. Exit status 1 and "
                                     "the first bad row when something is wrong."_s);
    parser.addOption({u"json"_s, u"Print one JSON line."_s});
    parser.addPositionalArgument(u"action"_s, u"check"_s);
    parser.addPositionalArgument(u"file"_s, u"The database file."_s);
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    const QStringList words = parser.positionalArguments();
    if (words.size() != 2 || words.first() != "check"_L1) {
        printError(kProgram, u"expected: db check FILE"_s);
        return Usage;
    }
    const auto report = core::storage::checkDatabase(words.at(1));
    if (!report) {
        if (parser.isSet(u"json"_s)) {
            const QJsonObject object{{u"ok"_s, false},
                                     {u"error"_s, QString::fromUtf8(core::name(report.error().code))},
                                     {u"detail"_s, QString::fromStdString(report.error().detail)}};
            std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
        }
        printError(kProgram, report.error());
        return Failed;
    }
    printReport(*report, parser.isSet(u"json"_s));
    return Done;
}

} // namespace app::cli
