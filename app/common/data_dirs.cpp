#include "app/common/data_dirs.h"

#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QStandardPaths>

#include "app/common/arguments.h"

using namespace Qt::StringLiterals;

namespace app
{

namespace
{
const QString kFileName = u"etrms.sqlite"_s;
}

QString defaultDataDir(const QString &mode)
{
    const QString base = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    return QDir(base).filePath(u"etrms/"_s + mode);
}

QString databaseIn(const QString &dataDir)
{
    return QDir(dataDir).filePath(kFileName);
}

core::Result<QString> databaseFor(const QString &program, const QString &file, const QString &dataDir)
{
    const QString named = !file.isEmpty() ? file : dataDir.isEmpty() ? QString() : databaseIn(dataDir);
    if (!named.isEmpty()) {
        if (!QFileInfo(named).isFile())
            return core::fail(core::ErrorCode::NotFound, "database " + named.toStdString() + ": no such file");
        return named;
    }
    QFileInfo newest;
    for (const QString &directory : {defaultDataDir(u"live"_s), defaultDataDir(u"testnet"_s), defaultDataDir(u"demo"_s),
                                     QDir::current().filePath(u"demo-out"_s)}) {
        const QFileInfo candidate(databaseIn(directory));
        if (candidate.isFile() && (!newest.isFile() || candidate.lastModified() > newest.lastModified()))
            newest = candidate;
    }
    if (!newest.isFile())
        return core::fail(core::ErrorCode::NotFound,
                          "no database found: name one with --db FILE or --data-dir DIR, or run the demo first");
    printError(program, u"using "_s + newest.filePath());
    return newest.filePath();
}

} // namespace app
