#pragma once

#include <QtCore/QDir>
#include <QtCore/QFile>

namespace tests
{

/// What this process holds, as the kernel counts it.
[[nodiscard]] inline qsizetype openDescriptors()
{
    return QDir(QStringLiteral("/proc/self/fd"))
        .entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)
        .size();
}

[[nodiscard]] inline qint64 residentKilobytes()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> lines = status.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toLongLong();
    }
    return 0;
}

/// How many drops a storm has: few in everyday runs, as many as the target says where they are asked for.
[[nodiscard]] inline int dropsWanted()
{
    const int wanted = qEnvironmentVariableIntValue("ETRMS_DROPS");
    return wanted > 0 ? wanted : 200;
}

} // namespace tests
