#include "tests/support/shared_data.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

using namespace Qt::StringLiterals;

namespace tests
{

QString sourceDir()
{
    return QStringLiteral(ETRMS_SOURCE_DIR);
}

QString sharedDir()
{
    const QString path = QDir::cleanPath(sourceDir() + u"/../shared"_s);
    return QFileInfo::exists(path + u"/data/README.md"_s) ? path : QString();
}

bool sharedIsMandatory()
{
    return qEnvironmentVariable("CI") == "true"_L1;
}

} // namespace tests
