#pragma once

#include <optional>

#include <QtCore/QCommandLineParser>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/domain/ids.h"

namespace app
{

/// One line on stderr: "etrms-cli replay: …".
void printError(const QString &program, const QString &sentence);
void printError(const QString &program, const core::Error &error);

/// Parses `arguments` (without the program's name). Handles --help itself (prints it; `status` Done) and bad usage (one line
/// that names the option; `status` Usage). nullopt: go on.
[[nodiscard]] std::optional<int> parseArguments(QCommandLineParser &parser, const QString &program,
                                                const QStringList &arguments);

// Option values; the error names the option and the rule.
[[nodiscard]] core::Result<qint64> integerOption(const QCommandLineParser &parser, const QString &name, qint64 least,
                                                 qint64 most);
[[nodiscard]] core::Result<core::Ratio> ratioOption(const QCommandLineParser &parser, const QString &name,
                                                    core::Ratio least, core::Ratio most);
[[nodiscard]] core::Result<core::Symbol> symbolOption(const QCommandLineParser &parser, const QString &name);

} // namespace app
