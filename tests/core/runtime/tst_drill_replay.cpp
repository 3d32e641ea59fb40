#include <algorithm>

#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/runtime/drill/drill.h"
#include "core/runtime/drill/journal_file.h"
#include "core/runtime/journal_replay.h"
#include "core/runtime/journal_why.h"

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

    void everyDecisionOfADrillCanBeExplained()
    {
        const QTemporaryDir folder;
        int explained = 0;
        for (const Drill &drill : m_drills) {
            const QString path = folder.filePath(u"%1.sqlite"_s.arg(qulonglong{drill.result.seed}));
            QVERIFY(writeJournal(path, drill.journal).has_value());
            int left = 4; // each one replays the whole session
            for (const ChainedRow &entry : drill.journal) {
                const QByteArray payload = QByteArray::fromStdString(entry.row.payload);
                const QJsonObject send = QJsonDocument::fromJson(payload)[u"send"_s].toObject();
                const std::string order = send[u"order"_s][u"clientOrderId"_s].toString().toStdString();
                const std::string decision = send[u"decisionId"_s].toString().toStdString();
                if (entry.row.kind != storage::JournalKind::Decision || !order.starts_with("etr-"))
                    continue;
                const auto why = whyDecided(path, entry.row.session, order);
                QVERIFY2(why.has_value(), why ? "" : why.error().detail.c_str());
                QCOMPARE(why->decision, decision);
                QVERIFY(why->input.seq < why->rows.front().seq);
                QVERIFY(orders::decodeGuardInput(why->input.payload).has_value());
                const bool sends = std::any_of(why->rows.begin(), why->rows.end(), [&](const DecisionWhy::Row &row) {
                    return row.payload == entry.row.payload;
                });
                QVERIFY2(sends, payload);
                if (why->verdict) {
                    QVERIFY(why->verdict->text.size() > 10);
                    QVERIFY(why->verdict->reading != Ratio{} || why->verdict->trigger == Ratio{});
                }
                ++explained;
                if (--left == 0)
                    break;
            }
        }
        QVERIFY2(explained > 5, qPrintable(QString::number(explained)));
    }

    void anUnknownDecisionNamesTheNearest()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"drill.sqlite"_s);
        QVERIFY(writeJournal(path, m_drills.front().journal).has_value());
        const auto far = whyDecided(path, std::nullopt, "etr-zz");
        QVERIFY(!far);
        QCOMPARE(far.error().code, ErrorCode::NotFound);
        QVERIFY2(far.error().detail.find("the last ones: etr-") != std::string::npos, far.error().detail.c_str());
        const std::size_t at = far.error().detail.find("the last ones: ") + 15;
        const std::string known = far.error().detail.substr(at, 28);
        QVERIFY(whyDecided(path, std::nullopt, known).has_value());
        const auto near = whyDecided(path, std::nullopt, known.substr(0, 20) + "zzzzzzzz");
        QVERIFY(!near);
        QVERIFY2(near.error().detail.find("the nearest: " + known) != std::string::npos, near.error().detail.c_str());
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
