#include <map>
#include <random>
#include <vector>

#include <QtCore/QFile>
#include <QtTest/QTest>
#include <sqlite3.h>

#include "core/storage/check.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

// targets.md R13: a disk that forgets. A VFS in front of SQLite's own remembers which bytes were synced; at any moment
// the power may go, and of the unsynced writes any set of 512-byte sectors has reached the disk, in any order.
namespace
{

struct Write {
    qsizetype offset{0};
    QByteArray bytes; ///< empty: truncate to `offset`
};
struct Platter {
    QByteArray synced;
    std::vector<Write> unsynced;
};
struct Image {
    std::map<QString, QByteArray> files;
    std::int64_t promised{0};
};

class Disk
{
public:
    std::map<QString, Platter> files;
    std::vector<Image> images;
    std::int64_t promised{0};
    std::mt19937_64 random{13};
    bool recording{false};
    std::uint64_t operations{0}, every{1};

    void happened()
    {
        if (recording && ++operations % every == 0)
            images.push_back({afterPowerLoss(), promised});
    }

private:
    std::map<QString, QByteArray> afterPowerLoss()
    {
        constexpr qsizetype kSector = 512;
        const std::uint64_t survivors = random() % 5; // of 4: from nothing to everything
        std::map<QString, QByteArray> image;
        for (const auto &[name, platter] : files) {
            QByteArray bytes = platter.synced;
            for (const Write &write : platter.unsynced) {
                if (write.bytes.isEmpty() && random() % 4 < survivors)
                    bytes.truncate(write.offset);
                for (qsizetype at = 0; at < write.bytes.size(); at += kSector) {
                    if (random() % 4 >= survivors)
                        continue;
                    const qsizetype count = std::min(kSector, write.bytes.size() - at);
                    if (bytes.size() < write.offset + at + count)
                        bytes.append(write.offset + at + count - bytes.size(), '\0');
                    bytes.replace(write.offset + at, count, QByteArray(write.bytes.constData() + at, count));
                }
            }
            image[name] = bytes;
        }
        return image;
    }
};

Disk *g_disk = nullptr;
sqlite3_vfs *g_real = nullptr;

struct File {
    sqlite3_file base;
    Platter *platter; ///< null: a file that need not survive
    sqlite3_file *real() { return reinterpret_cast<sqlite3_file *>(this + 1); }
};
File *asFile(sqlite3_file *file)
{
    return reinterpret_cast<File *>(file);
}
sqlite3_file *real(sqlite3_file *file)
{
    return asFile(file)->real();
}

int onWrite(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    const int code = real(file)->pMethods->xWrite(real(file), bytes, count, offset);
    if (Platter *platter = asFile(file)->platter; platter != nullptr && code == SQLITE_OK) {
        platter->unsynced.push_back({static_cast<qsizetype>(offset), QByteArray(static_cast<const char *>(bytes), count)});
        g_disk->happened();
    }
    return code;
}
int onTruncate(sqlite3_file *file, sqlite3_int64 size)
{
    const int code = real(file)->pMethods->xTruncate(real(file), size);
    if (Platter *platter = asFile(file)->platter; platter != nullptr && code == SQLITE_OK) {
        platter->unsynced.push_back({static_cast<qsizetype>(size), {}});
        g_disk->happened();
    }
    return code;
}
int onSync(sqlite3_file *file, int flags)
{
    const int code = real(file)->pMethods->xSync(real(file), flags);
    Platter *platter = asFile(file)->platter;
    if (platter == nullptr || code != SQLITE_OK)
        return code;
    g_disk->happened(); // the power goes while it syncs
    for (const Write &write : platter->unsynced) {
        if (write.bytes.isEmpty()) {
            platter->synced.truncate(write.offset);
            continue;
        }
        if (const qsizetype end = write.offset + write.bytes.size(); platter->synced.size() < end)
            platter->synced.append(end - platter->synced.size(), '\0');
        platter->synced.replace(write.offset, write.bytes.size(), write.bytes);
    }
    platter->unsynced.clear();
    g_disk->happened();
    return code;
}

const sqlite3_io_methods *methods()
{
    static const sqlite3_io_methods table = [] {
        sqlite3_io_methods m{};
        m.iVersion = 2; // no xFetch: nothing reaches the file past xWrite
        m.xClose = [](sqlite3_file *f) { return real(f)->pMethods->xClose(real(f)); };
        m.xRead = [](sqlite3_file *f, void *to, int n, sqlite3_int64 at_) {
            return real(f)->pMethods->xRead(real(f), to, n, at_);
        };
        m.xWrite = onWrite;
        m.xTruncate = onTruncate;
        m.xSync = onSync;
        m.xFileSize = [](sqlite3_file *f, sqlite3_int64 *size) { return real(f)->pMethods->xFileSize(real(f), size); };
        m.xLock = [](sqlite3_file *f, int l) { return real(f)->pMethods->xLock(real(f), l); };
        m.xUnlock = [](sqlite3_file *f, int l) { return real(f)->pMethods->xUnlock(real(f), l); };
        m.xCheckReservedLock = [](sqlite3_file *f, int *r) { return real(f)->pMethods->xCheckReservedLock(real(f), r); };
        m.xFileControl = [](sqlite3_file *f, int op, void *arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); };
        m.xSectorSize = [](sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); };
        m.xDeviceCharacteristics = [](sqlite3_file *f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
        m.xShmMap = [](sqlite3_file *f, int page, int size, int extend, void volatile **to) {
            return real(f)->pMethods->xShmMap(real(f), page, size, extend, to);
        };
        m.xShmLock = [](sqlite3_file *f, int offset, int n, int flags) {
            return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
        };
        m.xShmBarrier = [](sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); };
        m.xShmUnmap = [](sqlite3_file *f, int del) { return real(f)->pMethods->xShmUnmap(real(f), del); };
        return m;
    }();
    return &table;
}

int onOpen(sqlite3_vfs *, const char *name, sqlite3_file *file, int flags, int *outFlags)
{
    asFile(file)->base.pMethods = nullptr;
    asFile(file)->platter = nullptr;
    const int code = g_real->xOpen(g_real, name, real(file), flags, outFlags);
    if (code != SQLITE_OK)
        return code;
    if (name != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0)
        asFile(file)->platter = &g_disk->files[QString::fromUtf8(name)];
    asFile(file)->base.pMethods = methods();
    return SQLITE_OK;
}

/// The forgetful disk is SQLite's default while this lives; connections that it opened keep it.
class Registered
{
public:
    explicit Registered(Disk &disk)
    {
        g_disk = &disk;
        g_real = sqlite3_vfs_find(nullptr);
        m_vfs = *g_real;
        m_vfs.zName = "etrms-forgetful";
        m_vfs.szOsFile = static_cast<int>(sizeof(File)) + g_real->szOsFile;
        m_vfs.xOpen = onOpen;
        sqlite3_vfs_register(&m_vfs, 1);
    }
    void stopBeingTheDefault() { sqlite3_vfs_register(g_real, 1); }
    ~Registered() { sqlite3_vfs_unregister(&m_vfs); }
    Registered(const Registered &) = delete;
    Registered &operator=(const Registered &) = delete;

private:
    sqlite3_vfs m_vfs{};
};

std::string payloadOf(std::int64_t seq)
{
    return fmt::format(R"({{"seq":{},"filler":"{}"}})", seq, std::string(static_cast<std::size_t>(seq % 900), 'p'));
}

void verify(const Image &image, std::int64_t pushed)
{
    QTemporaryDir folder;
    for (const auto &[name, bytes] : image.files) {
        QFile file(folder.filePath(name.section(u'/', -1)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }
    const QString path = folder.filePath(u"etrms.sqlite"_s);
    const auto report = checkDatabase(path);
    QVERIFY_RESULT(report);
    QVERIFY2(report->journalRows >= image.promised && report->journalRows <= pushed,
             qPrintable(u"%1 rows, %2 promised"_s.arg(report->journalRows).arg(image.promised)));
    auto opened = Database::open(path, Access::ReadOnly, kStart);
    QVERIFY_RESULT(opened);
    std::int64_t seq = 0;
    QVERIFY_RESULT(eachJournalRow(*opened, 1, [&](const JournalRow &row) { return row.payload == payloadOf(++seq); }));
    QCOMPARE(seq, report->journalRows);
    const auto stored = fills(*opened);
    QVERIFY_RESULT(stored);
    QVERIFY(static_cast<std::int64_t>(stored->size()) >= image.promised);
}

} // namespace

class TestPowerLoss : public QObject
{
    Q_OBJECT

private slots:
    /// ETRMS_POWER_POINTS sets the number of moments (a release runs 5,000).
    void whatWasAcknowledgedIsThere()
    {
        bool given = false;
        const int wanted = qEnvironmentVariableIntValue("ETRMS_POWER_POINTS", &given);
        const auto points = static_cast<std::size_t>(given ? wanted : 300);
        Disk disk;
        disk.every = 5;
        Registered vfs(disk);
        std::int64_t pushed = 0;
        {
            Desk desk;
            desk.open(Mode::Demo, {.burstMax = 16});
            vfs.stopBeingTheDefault();
            // Often, so that the log is also copied into the file and begun anew.
            QVERIFY_RESULT(desk.writer->database().execute(u"PRAGMA wal_autocheckpoint = 40"_s));
            disk.recording = true;
            while (disk.images.size() < points) {
                for (int i = 0; i < 20; ++i) {
                    ++pushed;
                    desk.push(RecordFill{account(), fill(pushed, static_cast<int>(pushed),
                                                         pushed % 2 == 0 ? Side::Sell : Side::Buy, "1", "100")});
                    desk.push(line(0, payloadOf(pushed)));
                }
                while (desk.writer->step().written > 0)
                    disk.promised = desk.writer->durable().journalSeq;
            }
            disk.recording = false;
            QVERIFY(disk.promised == pushed && disk.promised > 50);
        }
        std::int64_t unsynced = 0;
        for (const Image &image : disk.images) {
            verify(image, pushed);
            if (QTest::currentTestFailed())
                return;
            unsynced += image.promised < pushed ? 1 : 0;
        }
        QVERIFY(unsynced > static_cast<std::int64_t>(points) / 2);
    }
};

QTEST_GUILESS_MAIN(TestPowerLoss)
#include "tst_power_loss.moc"
