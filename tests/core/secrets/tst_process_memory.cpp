#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/secrets/process_memory.h"

namespace
{

constexpr uid_t kNobody = 65'534;

/// A process of an ordinary user, as the one who steals keys is. Root may read everything.
void becomeOrdinary()
{
    if (geteuid() == 0 && setuid(kNobody) != 0)
        _exit(99);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // the change of the user has closed it already
}

/// Runs `body` in a process of its own; what it returns is the exit status.
template <class Body> [[nodiscard]] pid_t start(Body body)
{
    const pid_t child = fork();
    if (child == 0) {
        becomeOrdinary();
        _exit(body());
    }
    return child;
}

[[nodiscard]] int statusOf(pid_t child)
{
    int status = 0;
    return waitpid(child, &status, 0) == child ? status : -1;
}

/// Waits, with keys in its memory so to speak, until it is killed; `ready` gets a byte first.
[[nodiscard]] pid_t startVictim(bool isClosed, int ready)
{
    return start([=] {
        if (isClosed && !core::secrets::closeProcessMemory())
            return 1;
        if (write(ready, "r", 1) != 1)
            return 1;
        for (;;)
            pause();
    });
}

enum class Way { Attach, Memory };

/// Whether another process of the same user gets in.
[[nodiscard]] bool isOpenTo(bool isClosed, Way way)
{
    int ends[2];
    if (pipe(ends) != 0)
        return true;
    const pid_t victim = startVictim(isClosed, ends[1]);
    char byte = 0;
    const bool isReady = read(ends[0], &byte, 1) == 1;
    const pid_t thief = start([=] {
        if (way == Way::Memory)
            return open(("/proc/" + std::to_string(victim) + "/mem").c_str(), O_RDONLY) >= 0 ? 0 : 1;
        return ptrace(PTRACE_ATTACH, victim, nullptr, nullptr) == 0 ? 0 : 1;
    });
    const int status = statusOf(thief);
    kill(victim, SIGKILL);
    static_cast<void>(statusOf(victim));
    close(ends[0]);
    close(ends[1]);
    return !isReady || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/// Whether a process that aborts leaves its memory behind.
[[nodiscard]] bool dumpsCore(bool isClosed)
{
    const QTemporaryDir folder;
    QFile::setPermissions(folder.path(), QFile::Permissions(0x7777));
    const QByteArray path = folder.path().toUtf8();
    const int status = statusOf(start([&] {
        const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
        if (chdir(path.constData()) != 0 || setrlimit(RLIMIT_CORE, &unlimited) != 0 ||
            (isClosed && !core::secrets::closeProcessMemory()))
            return 1;
        signal(SIGABRT, SIG_DFL);
        std::abort();
    }));
    return WIFSIGNALED(status) && WCOREDUMP(status);
}

} // namespace

/// Row R18 of the targets: keys in memory stay there.
class TestProcessMemory : public QObject
{
    Q_OBJECT

private slots:
    void nobodyElseOfTheSameUserGetsIn_data()
    {
        QTest::addColumn<int>("way");
        QTest::newRow("attaching, as gcore and debuggers do") << int(Way::Attach);
        QTest::newRow("reading /proc/PID/mem") << int(Way::Memory);
    }
    void nobodyElseOfTheSameUserGetsIn()
    {
        QFETCH(int, way);
        if (!isOpenTo(false, Way(way)))
            QSKIP("this system lets no process into another one in the first place");
        QVERIFY(!isOpenTo(true, Way(way)));
    }

    void noCoreFileIsLeft()
    {
        if (!dumpsCore(false))
            QSKIP("this system writes no core files in the first place");
        QVERIFY(!dumpsCore(true));
    }
};

QTEST_APPLESS_MAIN(TestProcessMemory)
#include "tst_process_memory.moc"
