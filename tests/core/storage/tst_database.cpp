#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QSet>
#include <QtSql/QSqlQuery>
#include <QtTest/QTest>

#include "core/storage/migrations.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("<unreadable>");
}

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
}

} // namespace

class TestDatabase : public QObject
{
    Q_OBJECT

private slots:
    void makesAnEmptyFileWithTheCurrentSchema()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"new.sqlite"_s);
        {
            auto database = Database::open(path, Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY(database->report().created);
            QVERIFY(database->report().setAside.isEmpty());
            QCOMPARE(database->value(u"PRAGMA user_version"_s)->toInt(), currentSchemaVersion());
            QCOMPARE(database->value(u"PRAGMA application_id"_s)->toInt(), kApplicationId);
            QCOMPARE(database->value(u"PRAGMA journal_mode"_s)->toString(), u"wal"_s);
            QCOMPARE(database->value(u"PRAGMA synchronous"_s)->toInt(), 2);
            QCOMPARE(database->value(u"PRAGMA foreign_keys"_s)->toInt(), 1);
            QCOMPARE(database->value(u"PRAGMA busy_timeout"_s)->toInt(), 5000);
        }
        QVERIFY2(QSqlDatabase::connectionNames().isEmpty(), "closing removes the connection");
    }

    void openingAgainChangesNothing()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"twice.sqlite"_s);
        QVERIFY_RESULT(Database::open(path, Access::ReadWrite, kStart));
        const QByteArray first = contentOf(path);
        {
            auto again = Database::open(path, Access::ReadWrite, kStart);
            QVERIFY_RESULT(again);
            QVERIFY(!again->report().created);
            QCOMPARE(again->report().migratedFrom, currentSchemaVersion());
        }
        QCOMPARE(contentOf(path), first);
        QVERIFY_RESULT(Database::open(path, Access::ReadOnly, kStart));
        QCOMPARE(contentOf(path), first);
    }

    void migratesStepByStepAndUndoesAFailedStep()
    {
        auto database = Database::openMemory();
        QVERIFY_RESULT(database);
        auto steps = migrations();
        const int last = steps.back().version;
        steps.push_back({last + 1, {u"CREATE TABLE extra(a INTEGER)"_s, u"INSERT INTO extra VALUES(7)"_s}});
        steps.push_back({last + 2, {u"INSERT INTO extra VALUES(8)"_s, u"this is not SQL"_s}});
        const auto result = migrate(*database, steps);
        QVERIFY(!result);
        QVERIFY(result.error().detail.find("migration to schema " + std::to_string(last + 2)) !=
                std::string::npos);
        QCOMPARE(database->value(u"PRAGMA user_version"_s)->toInt(), last + 1);
        QCOMPARE(database->value(u"SELECT sum(a) FROM extra"_s)->toInt(), 7);
        steps.pop_back();
        QVERIFY_RESULT(migrate(*database, steps)); // nothing left to do
        QCOMPARE(database->value(u"SELECT count(*) FROM extra"_s)->toInt(), 1);
    }

    void refusesANewerVersionAndLeavesItAlone()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"newer.sqlite"_s);
        {
            auto database = Database::open(path, Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(u"UPDATE schema_info SET version = 99"_s));
            QVERIFY_RESULT(database->execute(u"PRAGMA user_version = 99"_s));
        }
        const QByteArray before = contentOf(path);
        for (const Access access : {Access::ReadWrite, Access::ReadOnly}) {
            const auto opened = Database::open(path, access, kStart);
            QVERIFY(!opened);
            QCOMPARE(opened.error().code, ErrorCode::NewerVersion);
            QVERIFY(opened.error().detail.find("newer.sqlite") != std::string::npos);
            QVERIFY(opened.error().detail.find("schema 99") != std::string::npos);
            QVERIFY(opened.error().detail.find('\n') == std::string::npos);
        }
        QCOMPARE(contentOf(path), before);
    }

    void refusesTheDatabaseOfAnotherProgram()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"foreign.sqlite"_s);
        {
            const QString connection = u"foreign"_s;
            {
                auto other = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection);
                other.setDatabaseName(path);
                QVERIFY(other.open());
                other.exec(u"CREATE TABLE moz_places(id INTEGER)"_s);
            }
            QSqlDatabase::removeDatabase(connection);
        }
        const QByteArray before = contentOf(path);
        const auto opened = Database::open(path, Access::ReadWrite, kStart);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(contentOf(path), before);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
    }

    void setsADamagedFileAsideAndNeverOverwrites_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("a text file") << QByteArray("id,price\r\n1,61800.20\r\n");
        QTest::newRow("one byte") << QByteArray("S");
        QTest::newRow("zeros") << QByteArray(8192, '\0');
        QTest::newRow("the magic alone") << QByteArray("SQLite format 3\0", 16);
        QTest::newRow("the magic and nonsense")
            << QByteArray("SQLite format 3\0", 16) + QByteArray(8192, 'x');
    }
    void setsADamagedFileAsideAndNeverOverwrites()
    {
        QFETCH(QByteArray, content);
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        QStringList aside;
        for (int round = 0; round < 3; ++round) { // the same instant thrice: the names must still differ
            write(path, content + QByteArray(round, 'r'));
            const auto readOnly = Database::open(path, Access::ReadOnly, kStart);
            QVERIFY(!readOnly);
            QCOMPARE(readOnly.error().code, ErrorCode::Corrupt);
            QCOMPARE(contentOf(path), content + QByteArray(round, 'r'));
            auto opened = Database::open(path, Access::ReadWrite, kStart);
            QVERIFY_RESULT(opened);
            QVERIFY(opened->report().created);
            QVERIFY(!opened->report().setAsideWhy.empty());
            aside << opened->report().setAside;
        }
        QCOMPARE(QSet<QString>(aside.begin(), aside.end()).size(), 3);
        for (int round = 0; round < 3; ++round) {
            QVERIFY(aside[round].startsWith(path + u".damaged-2026"_s));
            QCOMPARE(contentOf(aside[round]), content + QByteArray(round, 'r'));
        }
    }

    void aLogWithoutItsDatabaseIsKept()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        write(path + u"-wal"_s, QByteArray(4096, 'w'));
        auto opened = Database::open(path, Access::ReadWrite, kStart);
        QVERIFY_RESULT(opened);
        QCOMPARE(contentOf(opened->report().setAside + u"-wal"_s), QByteArray(4096, 'w'));
    }

    void aChangedTriggerIsDamage()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        {
            auto database = Database::open(path, Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(u"DROP TRIGGER journal_no_delete"_s));
        }
        const auto opened = Database::open(path, Access::ReadOnly, kStart);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::Corrupt);
        QVERIFY(opened.error().detail.find("journal_no_delete") != std::string::npos);
    }

    void aHelpfulViewOfTheUserIsNotDamage()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        {
            auto database = Database::open(path, Access::ReadWrite, kStart);
            QVERIFY_RESULT(database);
            QVERIFY_RESULT(database->execute(u"CREATE VIEW mine AS SELECT * FROM trades"_s));
        }
        QVERIFY_RESULT(Database::open(path, Access::ReadWrite, kStart));
    }

    void namesThePathAndTheRuleOfABadPlace()
    {
        QTemporaryDir folder;
        const auto missing =
            Database::open(folder.filePath(u"none/etrms.sqlite"_s), Access::ReadWrite, kStart);
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::IoFailed);
        QVERIFY(missing.error().detail.find("none/etrms.sqlite: its directory does not exist") !=
                std::string::npos);

        const auto isFolder = Database::open(folder.path(), Access::ReadWrite, kStart);
        QVERIFY(!isFolder);
        QCOMPARE(isFolder.error().code, ErrorCode::IoFailed);

        const auto absent = Database::open(folder.filePath(u"absent.sqlite"_s), Access::ReadOnly, kStart);
        QVERIFY(!absent);
        QCOMPARE(absent.error().code, ErrorCode::NotFound);
        QVERIFY(!QFile::exists(folder.filePath(u"absent.sqlite"_s)));
    }

    void anUnwritableDirectoryIsSaid()
    {
        // Rights do not bind the superuser: there, a file system that takes no files shows the same.
        QTemporaryDir folder;
        QString place = folder.path();
        if (geteuid() == 0)
            place = u"/proc/self"_s;
        else
            QCOMPARE(chmod(place.toLocal8Bit().constData(), 0500), 0);
        const auto opened = Database::open(place + u"/etrms.sqlite"_s, Access::ReadWrite, kStart);
        static_cast<void>(chmod(folder.path().toLocal8Bit().constData(), 0700));
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::IoFailed);
        QVERIFY2(opened.error().detail.find(place.toStdString()) != std::string::npos,
                 opened.error().detail.c_str());
    }

    void aReadOnlyConnectionCannotWrite()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"etrms.sqlite"_s);
        QVERIFY_RESULT(Database::open(path, Access::ReadWrite, kStart));
        auto reader = Database::open(path, Access::ReadOnly, kStart);
        QVERIFY_RESULT(reader);
        QVERIFY(!reader->execute(u"INSERT INTO sessions VALUES(1, 1, 1, 'demo', 'x', 0)"_s));
    }

    void aTransactionThatDiesIsUndone()
    {
        auto database = Database::openMemory();
        QVERIFY_RESULT(database);
        QVERIFY_RESULT(migrate(*database, migrations()));
        {
            auto transaction = Transaction::begin(*database);
            QVERIFY_RESULT(transaction);
            QVERIFY_RESULT(database->execute(u"INSERT INTO sessions VALUES(1, 1, 1, 'demo', 'x', 0)"_s));
        }
        QCOMPARE(database->value(u"SELECT count(*) FROM sessions"_s)->toInt(), 0);
    }
};

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
