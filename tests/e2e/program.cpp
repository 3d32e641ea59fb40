#include "tests/e2e/program.h"

#include <QtCore/QDir>
#include <QtCore/QProcess>
#include <QtCore/QProcessEnvironment>

using namespace Qt::StringLiterals;

namespace tests
{

QString program(const QString &name)
{
    return QDir(qEnvironmentVariable("ETRMS_BIN_DIR")).filePath(name);
}

Run run(const QString &name, const QStringList &arguments, const QMap<QString, QString> &environment, int secondsMax,
        const QByteArray &input)
{
    QProcess process;
    QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
    for (auto entry = environment.begin(); entry != environment.end(); ++entry)
        variables.insert(entry.key(), entry.value());
    process.setProcessEnvironment(variables);
    process.start(program(name), arguments);
    Run result;
    const bool started = process.waitForStarted();
    process.write(input);
    process.closeWriteChannel();
    if (!started || !process.waitForFinished(secondsMax * 1'000)) {
        process.kill();
        process.waitForFinished();
        result.err = process.readAllStandardError();
        return result;
    }
    result.finished = process.exitStatus() == QProcess::NormalExit;
    result.status = process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

bool isOneLine(const QByteArray &text)
{
    return !text.trimmed().isEmpty() && text.count('\n') == 1 && text.endsWith('\n');
}

} // namespace tests
