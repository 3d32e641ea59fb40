#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFileInfo>
#include <QtCore/QProcess>
#include <QtTest/QTest>

#include "core/storage/check.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

// The same program is its own victim: `tst_crash --child <what> <file>` writes until it is killed.
namespace
{

class RealClock final : public Clock
{
public:
    UtcTime now() const override { return kStart; }
    Duration monotonic() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

/// Each acknowledgement leaves the process at once: what is printed was promised.
struct Announcer final : WriterListener {
    void onDurable(const Durable &now) override
    {
        const std::string text = fmt::format("{}\n", now.journalSeq);
        if (write(STDOUT_FILENO, text.data(), text.size()) < 0)
            _exit(3);
    }
    void onDegraded(const Error &why) override
    {
        degraded = true;
        const std::string text = fmt::format("degraded {}\n", why.detail);
        if (write(STDOUT_FILENO, text.data(), text.size()) < 0)
            _exit(3);
    }
    void onRecovered() override { degraded = false; }
    void onRejected(std::uint64_t, const Error &why) override
    {
        std::fprintf(stderr, "rejected: %s\n", why.detail.c_str());
        _exit(4);
    }
    std::atomic<bool> degraded{false};
};

std::string payloadOf(std::int64_t seq)
{
    return fmt::format(R"({{"seq":{},"filler":"{}"}})", seq,
                       std::string(static_cast<std::size_t>(seq % 700), 'f'));
}

Fill fillOf(std::int64_t seq)
{
    return fill(seq, static_cast<int>(seq), seq % 2 == 0 ? Side::Buy : Side::Sell, "1", "100", "0.1");
}

/// Fill n, then journal row n, for ever. A fill whose row was lost comes again after the restart: it is known
/// already.
[[noreturn]] void writeUntilKilled(const QString &path)
{
    JobQueue<Job> queue(64);
    Announcer announcer;
    RealClock clock;
    std::atomic<std::int64_t> next{0};
    std::thread storage([&] {
        auto database = Database::open(path, Access::ReadWrite, kStart);
        if (!database || !database->report().setAside.isEmpty())
            _exit(5);
        auto writer = StorageWriter::start(std::move(*database), queue, clock, {Mode::Demo, "crash", kStart},
                                           announcer, {.burstMax = 7});
        if (!writer)
            _exit(6);
        next = (*writer)->durable().journalSeq + 1;
        static_cast<void>((*writer)->run());
        _exit(7);
    });
    while (next == 0)
        std::this_thread::yield();
    for (std::int64_t seq = next;; ++seq) {
        for (Job job : {Job(RecordFill{account(), fillOf(seq)}), Job(line(0, payloadOf(seq)))}) {
            while (!queue.push(std::move(job)))
                std::this_thread::yield();
        }
    }
}

void limitFileSize(rlim_t bytes)
{
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        _exit(8);
    limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        _exit(8);
}

/// Files may not grow any more: says so, keeps everything, and either goes on when there is room or dies.
[[noreturn]] void writeOnAFullDisk(const QString &path, bool die)
{
    std::signal(SIGXFSZ, SIG_IGN);
    JobQueue<Job> queue(1'000);
    Announcer announcer;
    ManualClock clock(kStart);
    auto database = Database::open(path, Access::ReadWrite, kStart);
    if (!database)
        _exit(5);
    auto writer = StorageWriter::start(std::move(*database), queue, clock, {Mode::Demo, "full", kStart},
                                       announcer, {.burstMax = 7});
    if (!writer)
        _exit(6);
    limitFileSize(512 * 1024);
    std::int64_t seq = 0;
    while (!announcer.degraded) {
        ++seq;
        if (!queue.push(RecordFill{account(), fillOf(seq)}) || !queue.push(line(0, payloadOf(seq))))
            _exit(9);
        (*writer)->step();
    }
    for (int retry = 0; retry < 5; ++retry) {
        clock.advance(std::chrono::seconds(5));
        if ((*writer)->step().written != 0)
            _exit(10);
    }
    if (die)
        kill(getpid(), SIGKILL);
    limitFileSize(RLIM_INFINITY);
    clock.advance(std::chrono::seconds(5));
    while ((*writer)->step().written > 0) {
    }
    if (announcer.degraded || (*writer)->durable().journalSeq != seq || !(*writer)->finish())
        _exit(11);
    _exit(0);
}

std::int64_t lastPromise(const QByteArray &output)
{
    std::int64_t last = 0;
    for (const QByteArray &word : output.left(output.lastIndexOf('\n') + 1).split('\n')) {
        bool number = false;
        const auto seq = word.toLongLong(&number);
        last = number ? std::max<std::int64_t>(last, seq) : last;
    }
    return last;
}

/// The file opens, checks, and holds every promised row with its content; rows and fills go together.
void verifyPromises(const QString &path, std::int64_t promised)
{
    const auto report = checkDatabase(path);
    QVERIFY_RESULT(report);
    QVERIFY2(report->journalRows >= promised,
             qPrintable(u"%1 rows of %2 promised"_s.arg(report->journalRows).arg(promised)));
    auto reader = Database::open(path, Access::ReadOnly, kStart);
    QVERIFY_RESULT(reader);
    std::int64_t seq = 0;
    const auto all = sessions(*reader);
    QVERIFY_RESULT(all);
    for (const SessionRow &session : *all) {
        QVERIFY_RESULT(eachJournalRow(*reader, session.id, [&](const JournalRow &row) {
            return row.seq == ++seq && row.payload == payloadOf(seq);
        }));
    }
    QCOMPARE(seq, report->journalRows);
    const auto stored = fills(*reader);
    QVERIFY_RESULT(stored);
    const auto count = static_cast<std::int64_t>(stored->size());
    QVERIFY2(count == seq || count == seq + 1, qPrintable(u"%1 fills, %2 rows"_s.arg(count).arg(seq)));
    for (const FillRow &row : *stored)
        QVERIFY(row.fill == fillOf(row.fill.tradeId));
    QVERIFY(trades(*reader).has_value());
}

} // namespace

class TestCrash : public QObject
{
    Q_OBJECT

private slots:
    void aKilledWriterBreaksNoPromise()
    {
        constexpr int kKills = 60;
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        std::mt19937_64 random(7);
        std::int64_t promised = 0;
        int promisesKept = 0;
        for (int round = 0; round < kKills; ++round) {
            QProcess child;
            child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            child.start(QCoreApplication::applicationFilePath(), {u"--child"_s, u"write"_s, path});
            QVERIFY(child.waitForStarted());
            // A third dies while it opens the file, the others after some acknowledgements.
            const int lines = round % 3 == 0 ? 0 : static_cast<int>(random() % 60) + 1;
            const int patience = lines == 0 ? static_cast<int>(random() % 60) : 20'000;
            QByteArray output;
            QElapsedTimer timer;
            timer.start();
            while (timer.elapsed() < patience && (lines == 0 || output.count('\n') < lines)) {
                child.waitForReadyRead(std::max(1, patience - static_cast<int>(timer.elapsed())));
                output += child.readAllStandardOutput();
                QVERIFY2(child.state() == QProcess::Running || lines == 0, output.constData());
            }
            QCOMPARE(kill(static_cast<pid_t>(child.processId()), SIGKILL), 0);
            QVERIFY(child.waitForFinished());
            QCOMPARE(child.exitStatus(), QProcess::CrashExit);
            output += child.readAllStandardOutput();
            QVERIFY(lines == 0 || output.count('\n') >= lines);
            promised = std::max(promised, lastPromise(output));
            promisesKept += output.isEmpty() ? 0 : 1;
            if (QFileInfo(path).size() == 0) // died before the file had any content
                continue;
            if (promised == 0 &&
                !checkDatabase(path)) { // or before its schema was committed: nothing was promised
                QVERIFY_RESULT(Database::open(path, Access::ReadWrite, kStart));
                continue;
            }
            verifyPromises(path, promised);
            if (QTest::currentTestFailed())
                return;
        }
        QVERIFY(promisesKept >= 40);
        QVERIFY(promised > 100);
    }

    void aFullDiskLosesNothing_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("dies");
        QTest::newRow("and goes on when there is room") << u"full"_s << false;
        QTest::newRow("and is killed while it waits") << u"full-die"_s << true;
    }
    void aFullDiskLosesNothing()
    {
        QFETCH(QString, what);
        QFETCH(bool, dies);
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(QCoreApplication::applicationFilePath(), {u"--child"_s, what, path});
        QVERIFY(child.waitForFinished(60'000));
        QCOMPARE(child.exitStatus(), dies ? QProcess::CrashExit : QProcess::NormalExit);
        if (!dies)
            QCOMPARE(child.exitCode(), 0);
        const QByteArray output = child.readAllStandardOutput();
        QCOMPARE(output.count("degraded"), 1);
        QVERIFY2(output.contains("records wait for the disk"), output.constData());
        const std::int64_t promised = lastPromise(output);
        QVERIFY(promised > 10);
        verifyPromises(path, promised);
    }
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 4 && arguments[1] == u"--child"_s) {
        if (arguments[2] == u"write"_s)
            writeUntilKilled(arguments[3]);
        writeOnAFullDisk(arguments[3], arguments[2] == u"full-die"_s);
    }
    TestCrash test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_crash.moc"
