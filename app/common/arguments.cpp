#include "app/common/arguments.h"

#include <cstdio>

#include <fmt/format.h>

#include "app/common/exit_status.h"

using namespace Qt::StringLiterals;

namespace app
{

void printError(const QString &program, const QString &sentence)
{
    QString oneLine = sentence;
    oneLine.replace(u'\n', u' ');
    std::fputs(qPrintable(program + u": "_s + oneLine + u'\n'), stderr);
}

void printError(const QString &program, const core::Error &error)
{
    printError(program, QString::fromStdString(error.detail));
}

std::optional<int> parseArguments(QCommandLineParser &parser, const QString &program, const QStringList &arguments)
{
    const QCommandLineOption help({u"h"_s, u"help"_s}, u"Show this help and leave."_s);
    parser.addOption(help);
    if (!parser.parse(QStringList{program} + arguments)) {
        printError(program, parser.errorText() + u" Try --help."_s);
        return Usage;
    }
    if (parser.isSet(help)) {
        QString text = parser.helpText();
        // QCommandLineParser names the executable; the subcommand is part of how it is called.
        const qsizetype begin = text.indexOf(u"Usage: "_s);
        const qsizetype end = text.indexOf(u" [options]"_s, begin);
        if (begin >= 0 && end > begin)
            text.replace(begin + 7, end - begin - 7, program);
        std::fputs(qUtf8Printable(text), stdout);
        return Done;
    }
    return std::nullopt;
}

core::Result<qint64> integerOption(const QCommandLineParser &parser, const QString &name, qint64 least, qint64 most)
{
    bool isNumber = false;
    const qint64 value = parser.value(name).toLongLong(&isNumber);
    if (!isNumber || value < least || value > most)
        return core::fail(core::ErrorCode::InvalidArgument,
                          fmt::format("--{}: must be a whole number from {} to {}", name.toStdString(), least, most));
    return value;
}

core::Result<core::Ratio> ratioOption(const QCommandLineParser &parser, const QString &name, core::Ratio least,
                                      core::Ratio most)
{
    const auto value = core::parseFixed<core::Ratio>(parser.value(name).toStdString());
    if (!value || *value < least || *value > most)
        return core::fail(core::ErrorCode::InvalidArgument,
                          fmt::format("--{}: must be a decimal number from {} to {}", name.toStdString(),
                                      least.text(), most.text()));
    return *value;
}

core::Result<core::Symbol> symbolOption(const QCommandLineParser &parser, const QString &name)
{
    const std::string text = parser.value(name).toUpper().toStdString();
    const auto symbol = core::Symbol::from(text);
    if (!symbol || symbol->empty())
        return core::fail(core::ErrorCode::InvalidArgument,
                          fmt::format("--{}: must be a symbol such as BTCUSDT, at most {} bytes", name.toStdString(),
                                      core::Symbol::kCapacity));
    return *symbol;
}

} // namespace app
