#pragma once

#include <csignal>

#include <QtCore/QProcess>
#include <QtTest/QTest>

#include "tests/e2e/machine.h"
#include "tests/e2e/program.h"

namespace tests
{

/// A running `etrms-cli guard`; what it printed so far.
struct GuardProcess {
    GuardProcess(const Machine &machine, const QStringList &more)
    {
        QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
        variables.insert(QStringLiteral("ETRMS_PASSPHRASE"), QString::fromLatin1(kPassphrase));
        process.setProcessEnvironment(variables);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program(QStringLiteral("etrms-cli")),
                      QStringList{QStringLiteral("guard"), QStringLiteral("--account"), QStringLiteral("main"), QStringLiteral("--endpoints"), machine.endpoints(), QStringLiteral("--data-dir"),
                                  machine.data(), QStringLiteral("--coins"), QStringLiteral("BTC"), QStringLiteral("--status-every"), QStringLiteral("1")} +
                          more);
    }
    ~GuardProcess()
    {
        process.kill();
        process.waitForFinished();
    }
    /// Waits until it has printed `text`; the venue lives on this thread, so the event loop turns.
    [[nodiscard]] bool says(const QByteArray &text, int seconds = 60)
    {
        return QTest::qWaitFor(
            [&] {
                out += process.readAll();
                return out.contains(text);
            },
            seconds * 1000);
    }
    [[nodiscard]] bool ends(int seconds = 30)
    {
        const bool ended = QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, seconds * 1000);
        out += process.readAll();
        return ended;
    }
    void signal(int number) const { ::kill(static_cast<pid_t>(process.processId()), number); }
    QProcess process;
    QByteArray out;
};

} // namespace tests
