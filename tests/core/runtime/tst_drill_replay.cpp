#include <algorithm>

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/runtime/drill/drill.h"
#include "core/runtime/drill/journal_file.h"
#include "core/runtime/journal_replay.h"

using namespace Qt::StringLiterals;
using namespace core;
using namespace core::runtime;
using namespace core::runtime::drill;

class TestDrillReplay : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (std::uint64_t seed = 20; seed < 32; ++seed)
            m_drills.push_back(runDrill(makePlan(seed)));
    }

    void everyJournalReplaysToTheSameBytes()
    {
        for (const Drill &drill : m_drills) {
            const JournalCheck chain = checkChain(drill.journal);
            QVERIFY2(!chain.badSeq, chain.what.c_str());
            const JournalCheck replay = checkReplay(drill.journal);
            QVERIFY2(!replay.badSeq, replay.what.c_str());
            QCOMPARE(replay.rows, drill.journal.size());
        }
    }

    void oneFlippedByteIsFoundAndLocated()
    {
        int flips = 0;
        for (const Drill &drill : m_drills) {
            for (std::size_t i = 0; i < drill.journal.size(); i += drill.journal.size() / 40 + 1) {
                std::vector<ChainedRow> damaged = drill.journal;
                std::string &payload = damaged[i].row.payload;
                char &byte = payload[i * 31 % payload.size()];
                byte = static_cast<char>(byte ^ 1);
                const JournalCheck check = checkChain(damaged);
                QVERIFY(check.badSeq.has_value());
                QCOMPARE(*check.badSeq, damaged[i].row.seq);
                ++flips;
            }
        }
        QVERIFY(flips > 100);
    }

    /// Somebody who can compute the chain again still cannot invent a decision.
    void aDecisionThatTheGuardDidNotTakeIsFound()
    {
        for (const Drill &drill : m_drills) {
            std::vector<ChainedRow> damaged = drill.journal;
            const auto decision = std::find_if(damaged.begin(), damaged.end(), [](const ChainedRow &entry) {
                return entry.row.kind == storage::JournalKind::Decision;
            });
            if (decision == damaged.end())
                continue;
            decision->row.payload.back() = ' ';
            const JournalCheck check = checkReplay(damaged);
            QVERIFY(check.badSeq.has_value());
            QCOMPARE(*check.badSeq, decision->row.seq);
        }
    }

    void theFileOfADrillReplays()
    {
        const QTemporaryDir folder;
        for (const Drill &drill : m_drills) {
            const QString path = folder.filePath(u"%1.sqlite"_s.arg(qulonglong{drill.result.seed}));
            const auto written = writeJournal(path, drill.journal);
            QVERIFY2(written.has_value(), written ? "" : written.error().detail.c_str());
            const std::int64_t sessions = drill.journal.back().row.session;
            for (std::int64_t session = 1; session <= sessions; ++session) {
                const auto replay = replayJournal(path, session);
                if (!replay && replay.error().code == ErrorCode::NotFound)
                    continue; // killed before anything was on disk
                QVERIFY2(replay.has_value(), replay ? "" : replay.error().detail.c_str());
                QVERIFY2(!replay->difference, replay->difference ? replay->difference->replayed.c_str() : "");
                QVERIFY(replay->inputs > 0);
            }
        }
    }

    void aFlippedByteInTheFileIsLocated()
    {
        const QTemporaryDir folder;
        const Drill &drill = m_drills.front();
        const QString path = folder.filePath(u"drill.sqlite"_s);
        QVERIFY(writeJournal(path, drill.journal).has_value());
        // A payload that stands in the file once, in the middle of the journal.
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        const QByteArray bytes = file.readAll();
        const auto once = [&bytes](const ChainedRow &entry) {
            const auto payload = QByteArray::fromStdString(entry.row.payload);
            const qsizetype at = bytes.indexOf(payload);
            return at >= 0 && bytes.indexOf(payload, at + 1) < 0;
        };
        const auto middle = drill.journal.begin() + static_cast<std::ptrdiff_t>(drill.journal.size() / 2);
        const auto entry = std::find_if(middle, drill.journal.end(), once);
        QVERIFY(entry != drill.journal.end());
        const qsizetype at = bytes.indexOf(QByteArray::fromStdString(entry->row.payload)) + 10;
        QVERIFY(file.seek(at));
        QVERIFY(file.putChar(static_cast<char>(bytes[at] ^ 1)));
        file.close();
        const auto database = storage::Database::openForCheck(path);
        QVERIFY(database.has_value());
        const auto chain = storage::verifyChain(*database);
        QVERIFY(chain.has_value());
        QVERIFY(chain->firstBadSeq.has_value());
        QCOMPARE(*chain->firstBadSeq, entry->row.seq);
    }

private:
    std::vector<Drill> m_drills;
};

QTEST_GUILESS_MAIN(TestDrillReplay)
#include "tst_drill_replay.moc"
