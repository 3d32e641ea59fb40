#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <QtSql/QSqlQuery>

#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/journal.h"
#include "core/storage/records.h"
#include "core/storage/rows.h"
#include "core/storage/statement.h"
#include "core/storage/trip_ledger.h"

namespace core::storage
{

/// Turns jobs into rows, inside a transaction of the caller. Numbers given in a transaction that failed are
/// taken back by rolledBack(). Storage thread.
class Recorder
{
public:
    /// Reads the chain's head and the last numbers; writes the session's row.
    [[nodiscard]] static Result<std::unique_ptr<Recorder>> start(const Database &database,
                                                                 const SessionInfo &session);

    /// What record() has to tell when it did not fail.
    struct Outcome {
        std::optional<Error> refused; ///< the record (or a part of it) was not stored, and never will be
    };
    [[nodiscard]] Result<Outcome> record(const Job &job);
    /// Writes the journal's head when the chain grew. Last thing before the commit.
    [[nodiscard]] Result<void> seal();
    void committed();
    void rolledBack();

    [[nodiscard]] std::int64_t session() const { return m_session.id; }
    [[nodiscard]] std::int64_t journalSeq() const { return m_now.head.seq; }
    [[nodiscard]] Result<void> stopSession(UtcTime at);

private:
    explicit Recorder(const Database &database) : m_database(&database) {}
    [[nodiscard]] Result<void> prepare();
    [[nodiscard]] Result<void> readNumbers();
    [[nodiscard]] Result<void> openSession(const SessionInfo &session);
    [[nodiscard]] Result<void> needAccount(const AccountId &account);
    [[nodiscard]] Result<void> needInstrument(const InstrumentKey &key);
    [[nodiscard]] Result<void> needBoth(const AccountId &account, const InstrumentKey &key);

    [[nodiscard]] Result<Outcome> write(const AppendJournal &job);
    [[nodiscard]] Result<Outcome> write(const UpsertInstrument &job);
    [[nodiscard]] Result<Outcome> write(const RecordAccount &job);
    [[nodiscard]] Result<Outcome> write(const RecordPosition &job);
    [[nodiscard]] Result<Outcome> write(const RecordOrder &job);
    [[nodiscard]] Result<Outcome> write(const RecordFill &job);
    [[nodiscard]] Result<Outcome> write(const RecordFunding &job);
    [[nodiscard]] Result<Outcome> write(const RecordTransfer &job);
    [[nodiscard]] Result<Outcome> write(const RecordCandle &job);
    [[nodiscard]] Result<Outcome> write(const RecordAlert &job);
    [[nodiscard]] Result<Outcome> write(const RecordConfig &job);
    [[nodiscard]] Result<Outcome> write(const RecordLimits &job);
    [[nodiscard]] Result<Outcome> write(const RecordEquity &job);
    [[nodiscard]] Result<Outcome> write(const RecordNav &job);
    [[nodiscard]] Result<Outcome> write(const RecordLockout &job);
    [[nodiscard]] Result<Outcome> write(const RecordNaked &job);
    [[nodiscard]] Result<Outcome> write(const RecordMemory &job);
    [[nodiscard]] Result<Outcome> write(const RecordFinding &job);
    [[nodiscard]] Result<Outcome> write(const RecordPlan &job);
    [[nodiscard]] Result<Outcome> knownFill(const RecordFill &job);

    struct Numbers {
        JournalHead head;
        std::int64_t nextAlert{1};
        std::int64_t nextArrival{1};
    };
    const Database *m_database;
    SessionRow m_session;
    Numbers m_now, m_committed;
    std::set<AccountId> m_accounts;
    std::set<InstrumentKey> m_instruments;
    std::set<PositionKey> m_baselines;
    std::optional<RowWriter> m_sessionRow, m_accountRow, m_bareInstrumentRow, m_instrumentRow, m_snapshotRow,
        m_positionRow, m_baselineRow, m_orderRow, m_fillRow, m_fundingRow, m_transferRow, m_candleRow, m_alertRow, m_configRow,
        m_equityRow, m_navRow, m_lockoutRow, m_nakedRow, m_lifeRow, m_tierRow, m_findingRow,
        m_planRow;
    std::optional<Statement> m_journalRow, m_headRow, m_forgetLives, m_forgetTiers;
    QSqlQuery m_orderByClientId, m_orderWithoutId;
    std::optional<TripLedger> m_trips;
};

} // namespace core::storage
