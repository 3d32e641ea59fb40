#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QMap>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace tests
{

struct Run {
    bool finished{false}; ///< false: did not start, crashed, or took too long
    int status{-1};
    QByteArray out;
    QByteArray err;
};

/// Path of a built program ("etrms", "etrms-cli").
[[nodiscard]] QString program(const QString &name);
/// Runs it to its end. `environment` adds to ours; `input` is its whole standard input.
[[nodiscard]] Run run(const QString &name, const QStringList &arguments, const QMap<QString, QString> &environment = {},
                      int secondsMax = 60, const QByteArray &input = {});
/// One sentence for a person on stderr: not empty, one line break, at its end.
[[nodiscard]] bool isOneLine(const QByteArray &text);

} // namespace tests
