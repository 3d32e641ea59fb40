#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/storage/migrations.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{

std::string hex(const Hash &hash)
{
    return QByteArray(hash.data(), static_cast<qsizetype>(hash.size())).toHex().toStdString();
}

/// Somebody with the file and time on their hands: the triggers are taken away first, and put back after.
void tamper(const QString &path, const QStringList &statements)
{
    QStringList schema;
    auto database = Database::open(path, Access::ReadWrite, kStart);
    QVERIFY_RESULT(database);
    for (const QString &statement : migrations().front().statements) {
        if (statement.startsWith(u"CREATE TRIGGER"_s)) {
            schema << statement;
            QVERIFY_RESULT(database->execute(u"DROP TRIGGER "_s + statement.section(u' ', 2, 2)));
        }
    }
    for (const QString &statement : statements + schema)
        QVERIFY_RESULT(database->execute(statement));
}

} // namespace

class TestJournal : public QObject
{
    Q_OBJECT

private slots:
    /// Expected values: Python's hashlib and struct.pack over the layout in journal.h.
    void hashesTheDocumentedBytes()
    {
        const UtcTime first = utcFromNanoseconds(1'700'000'000'000'000'000);
        const Hash one = journalHash(Hash{}, 1, 1, first, "input", R"({"a":1})");
        QCOMPARE(hex(one), std::string("8a7251d675b36450d41424d2d89fc825204abe4903ff779e8872d29ed3f9db6f"));
        const Hash two =
            journalHash(one, 2, 1, utcFromNanoseconds(1'700'000'000'000'000'001), "decision", "");
        QCOMPARE(hex(two), std::string("97ae623879d452ebe34b9bd6c256ec79e09cb3e99d48990c33a154c4e98948ed"));
    }

    void keepsEveryByteOfAPayload()
    {
        Desk desk;
        desk.open();
        std::vector<std::string> written;
        QVERIFY(rc::check("payloads of any bytes are taken", [&](const std::vector<std::string> &payloads) {
            for (const std::string &payload : payloads)
                desk.push(line(0, payload, JournalKind::Note));
            desk.drain();
            written.insert(written.end(), payloads.begin(), payloads.end());
            RC_ASSERT(desk.writer->durable().journalSeq == static_cast<std::int64_t>(written.size()));
        }));
        std::vector<std::string> back;
        const auto reader = desk.reader();
        QVERIFY_RESULT(eachJournalRow(reader, desk.writer->session(), [&](const JournalRow &row) {
            back.push_back(row.payload);
            return true;
        }));
        QVERIFY(back == written);
        const auto chain = verifyChain(reader);
        QVERIFY_RESULT(chain);
        QVERIFY2(!chain->firstBadSeq.has_value(), chain->what.c_str());
        QCOMPARE(chain->rows, static_cast<std::int64_t>(written.size()));
    }

    void refusesChangesThroughSql()
    {
        Desk desk;
        desk.open();
        desk.push(line(0, "{}"));
        desk.drain();
        for (
            const QString &statement :
            {u"UPDATE journal SET payload = 'x'"_s, u"DELETE FROM journal"_s,
             u"INSERT OR REPLACE INTO journal SELECT seq, session, at, kind, 'x', prev_hash, hash FROM journal"_s}) {
            const auto done = desk.writer->database().execute(statement);
            QVERIFY(!done);
            QVERIFY(done.error().detail.find("append-only") != std::string::npos);
        }
    }

    void findsWhatWasDoneToTheChain_data()
    {
        QTest::addColumn<QStringList>("statements");
        QTest::addColumn<qint64>("firstBad");
        QTest::newRow("a payload changed")
            << QStringList{u"UPDATE journal SET payload = payload || ' ' WHERE seq = 7"_s} << qint64{7};
        QTest::newRow("a time moved by 1 ns")
            << QStringList{u"UPDATE journal SET at = at + 1 WHERE seq = 12"_s} << qint64{12};
        QTest::newRow("a kind changed")
            << QStringList{u"UPDATE journal SET kind = 'note' WHERE seq = 1"_s} << qint64{1};
        QTest::newRow("moved to another session")
            << QStringList{u"INSERT INTO sessions VALUES(77, 1, 1, 'demo', 'x', 0)"_s,
                           u"UPDATE journal SET session = 77 WHERE seq = 3"_s}
            << qint64{3};
        QTest::newRow("a row deleted") << QStringList{u"DELETE FROM journal WHERE seq = 5"_s} << qint64{5};
        QTest::newRow("the first row deleted")
            << QStringList{u"DELETE FROM journal WHERE seq = 1"_s} << qint64{1};
        QTest::newRow("deleted and renumbered")
            << QStringList{u"DELETE FROM journal WHERE seq = 5"_s,
                           u"UPDATE journal SET seq = seq - 1 WHERE seq > 5"_s}
            << qint64{5};
        QTest::newRow("two rows swapped") << QStringList{u"UPDATE journal SET seq = -1 WHERE seq = 8"_s,
                                                         u"UPDATE journal SET seq = 8 WHERE seq = 9"_s,
                                                         u"UPDATE journal SET seq = 9 WHERE seq = -1"_s}
                                          << qint64{8};
        QTest::newRow("two payloads swapped")
            << QStringList{u"UPDATE journal SET payload = (SELECT payload FROM journal j WHERE j.seq = 15) WHERE seq = 14"_s}
            << qint64{14};
        QTest::newRow("a row inserted")
            << QStringList{u"UPDATE journal SET seq = seq + 1000 WHERE seq >= 10"_s,
                           u"UPDATE journal SET seq = seq - 999 WHERE seq >= 1010"_s,
                           u"INSERT INTO journal SELECT 10, session, at, kind, 'new', prev_hash,"
                           " hash FROM journal WHERE seq = 9"_s}
            << qint64{10};
        QTest::newRow("the tail cut off")
            << QStringList{u"DELETE FROM journal WHERE seq > 17"_s} << qint64{18};
        QTest::newRow("everything deleted") << QStringList{u"DELETE FROM journal"_s} << qint64{1};
        QTest::newRow("a row before the first")
            << QStringList{u"INSERT INTO journal SELECT 0, session, at, kind, payload,"
                           " prev_hash, hash FROM journal WHERE seq = 1"_s}
            << qint64{0};
        QTest::newRow("a row behind the head") << QStringList{u"UPDATE journal_head SET seq = 19, hash ="
                                                              " (SELECT hash FROM journal WHERE seq = 19)"_s}
                                               << qint64{20};
        QTest::newRow("a hash replaced")
            << QStringList{u"UPDATE journal SET hash = randomblob(32) WHERE seq = 20"_s} << qint64{20};
        QTest::newRow("the head replaced")
            << QStringList{u"UPDATE journal_head SET hash = randomblob(32)"_s} << qint64{20};
    }
    void findsWhatWasDoneToTheChain()
    {
        QFETCH(QStringList, statements);
        QFETCH(qint64, firstBad);
        Desk desk;
        desk.open();
        for (int i = 0; i < 20; ++i)
            desk.push(line(i, "payload " + std::to_string(i)));
        desk.drain();
        desk.close();
        tamper(desk.path(), statements);
        auto database = Database::openForCheck(desk.path());
        QVERIFY_RESULT(database);
        const auto chain = verifyChain(*database);
        QVERIFY_RESULT(chain);
        QVERIFY(chain->firstBadSeq.has_value());
        QCOMPARE(*chain->firstBadSeq, firstBad);
        QVERIFY(!chain->what.empty());
        const auto readOnly = Database::open(desk.path(), Access::ReadOnly, kStart);
        QVERIFY(!readOnly);
        QCOMPARE(readOnly.error().code, ErrorCode::Corrupt);
    }

    void theTailAloneIsCheckedAgainstItsAnchor()
    {
        Desk desk;
        desk.open();
        for (int i = 0; i < 50; ++i)
            desk.push(line(i, "row " + std::to_string(i)));
        desk.drain();
        desk.close();
        tamper(desk.path(), {u"UPDATE journal SET payload = 'x' WHERE seq = 30"_s});
        auto database = Database::openForCheck(desk.path());
        QVERIFY_RESULT(database);
        QVERIFY(!verifyChainTail(*database, 10)->firstBadSeq.has_value());
        QCOMPARE(verifyChainTail(*database, 10)->rows, std::int64_t{10});
        QCOMPARE(verifyChainTail(*database, 25)->firstBadSeq.value(), std::int64_t{30});
    }

    void goesOnWhereTheLastSessionEnded()
    {
        Desk desk;
        for (int run = 1; run <= 3; ++run) {
            desk.open();
            QCOMPARE(desk.writer->session(), std::int64_t{run});
            desk.push(line(run, "run " + std::to_string(run)));
            desk.drain();
            QCOMPARE(desk.writer->durable().journalSeq, std::int64_t{run});
            desk.close();
        }
        const auto reader = desk.reader();
        QCOMPARE(verifyChain(reader)->rows, std::int64_t{3});
        std::vector<std::string> newest;
        QVERIFY_RESULT(eachJournalRow(reader, std::nullopt, [&](const JournalRow &row) {
            newest.push_back(row.payload);
            return true;
        }));
        QCOMPARE(newest, std::vector<std::string>{"run 3"});
        const auto all = sessions(reader);
        QVERIFY_RESULT(all);
        QCOMPARE(all->size(), std::size_t{3});
        QVERIFY(all->back().stoppedAt.has_value());
    }
};

QTEST_GUILESS_MAIN(TestJournal)
#include "tst_journal.moc"
