#include "core/storage/recorder.h"

#include <QtCore/QVariant>

#include <fmt/format.h>

#include "core/storage/repositories.h"
#include "core/storage/tables.h"

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

[[nodiscard]] QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

[[nodiscard]] std::string_view bytesOf(const Hash &hash)
{
    return {hash.data(), hash.size()};
}

[[nodiscard]] bool sameExecution(const Fill &a, const Fill &b)
{
    return a.side == b.side && a.price == b.price && a.quantity == b.quantity && a.venueTime == b.venueTime &&
           a.positionSide == b.positionSide;
}

} // namespace

Result<std::unique_ptr<Recorder>> Recorder::start(const Database &database, const SessionInfo &session)
{
    std::unique_ptr<Recorder> recorder(new Recorder(database));
    auto transaction = Transaction::begin(database);
    if (!transaction)
        return fail(transaction.error());
    auto ready = recorder->prepare()
                     .and_then([&] { return recorder->readNumbers(); })
                     .and_then([&] { return recorder->openSession(session); })
                     .and_then([&] { return transaction->commit(); });
    if (!ready)
        return fail(ready.error());
    return recorder;
}

Result<void> Recorder::prepare()
{
    const QStringList account{u"mode"_s, u"account"_s}, instrument{u"venue"_s, u"symbol"_s};
    const QStringList position = account + instrument + QStringList{u"position_side"_s};
    struct Wanted {
        std::optional<RowWriter> &slot;
        QString table;
        OnConflict onConflict;
        QStringList keys;
    };
    const Wanted wanted[] = {
        {m_sessionRow, u"sessions"_s, OnConflict::Update, {u"id"_s}},
        {m_accountRow, u"trading_accounts"_s, OnConflict::Ignore, account},
        {m_bareInstrumentRow, u"instruments"_s, OnConflict::Ignore, instrument},
        {m_instrumentRow, u"instruments"_s, OnConflict::Update, instrument},
        {m_snapshotRow, u"accounts"_s, OnConflict::Update,
         account + QStringList{u"asset"_s, u"received_at"_s}},
        {m_positionRow, u"positions"_s, OnConflict::Update, position},
        {m_baselineRow, u"position_baselines"_s, OnConflict::Ignore, position},
        {m_orderRow, u"orders"_s, OnConflict::Update,
         account + instrument + QStringList{u"client_order_id"_s, u"venue_order_id"_s}},
        {m_fillRow, u"fills"_s, OnConflict::Ignore, account + instrument + QStringList{u"trade_id"_s}},
        {m_fundingRow, u"funding"_s, OnConflict::Update, account + instrument + QStringList{u"venue_time"_s}},
        {m_transferRow, u"transfers"_s, OnConflict::Ignore, account + QStringList{u"venue"_s, u"id"_s}},
        {m_candleRow, u"candles"_s, OnConflict::Update,
         instrument + QStringList{u"length"_s, u"open_time"_s}},
        {m_alertRow, u"alerts"_s, OnConflict::Fail, {}},
        {m_configRow, u"risk_configurations"_s, OnConflict::Fail, {}},
        {m_equityRow, u"equity"_s, OnConflict::Update, account + QStringList{u"at"_s}},
        {m_navRow, u"nav"_s, OnConflict::Update, account},
        {m_lockoutRow, u"lockouts"_s, OnConflict::Update, account + QStringList{u"id"_s}},
        {m_nakedRow, u"naked"_s, OnConflict::Update, account + QStringList{u"day"_s}},
        {m_lifeRow, u"life_memory"_s, OnConflict::Fail, {}},
        {m_tierRow, u"tier_memory"_s, OnConflict::Fail, {}},
        {m_findingRow, u"findings"_s, OnConflict::Update, account + QStringList{u"at"_s, u"what"_s}},
        {m_planRow, u"plans"_s, OnConflict::Update, account + instrument + QStringList{u"client_order_id"_s}},
    };
    for (const Wanted &want : wanted) {
        auto row = RowWriter::prepare(*m_database, want.table, want.onConflict, want.keys);
        if (!row)
            return fail(row.error());
        want.slot.emplace(std::move(*row));
    }
    auto trips = TripLedger::prepare(*m_database);
    if (!trips)
        return fail(trips.error());
    m_trips.emplace(std::move(*trips));
    const QString orderKey = u" FROM orders WHERE mode = ? AND account = ? AND venue = ? AND symbol = ?"
                             " AND client_order_id = ?"_s;
    auto journal = Statement::prepare(
        *m_database, u"INSERT INTO journal VALUES(?, ?, ?, ?, CAST(? AS TEXT), ?, ?)"_s, "journal");
    auto head = Statement::prepare(*m_database, u"UPDATE journal_head SET seq = ?, hash = ? WHERE id = 1"_s,
                                   "journal head");
    auto lives = Statement::prepare(*m_database, u"DELETE FROM life_memory WHERE mode = ? AND account = ?"_s, "life_memory");
    auto tiers = Statement::prepare(*m_database, u"DELETE FROM tier_memory WHERE mode = ? AND account = ?"_s, "tier_memory");
    if (!journal || !head)
        return fail(journal ? head.error() : journal.error());
    if (!lives || !tiers)
        return fail(lives ? tiers.error() : lives.error());
    m_forgetLives.emplace(std::move(*lives));
    m_forgetTiers.emplace(std::move(*tiers));
    m_journalRow.emplace(std::move(*journal));
    m_headRow.emplace(std::move(*head));
    const std::pair<QSqlQuery &, QString> statements[] = {
        {m_orderByClientId,
         u"SELECT venue_order_id, decision_id"_s + orderKey + u" ORDER BY received_at DESC LIMIT 1"_s},
        {m_orderWithoutId, u"DELETE"_s + orderKey + u" AND venue_order_id = 0"_s},
    };
    for (const auto &[query, sql] : statements) {
        query = QSqlQuery(m_database->handle());
        query.setForwardOnly(true);
        if (!query.prepare(sql))
            return fail(storageError(query.lastError(), "prepare"));
    }
    return {};
}

Result<void> Recorder::readNumbers()
{
    const auto head = journalHead(*m_database);
    const auto alert = m_database->value(u"SELECT coalesce(max(id), 0) + 1 FROM alerts"_s);
    const auto arrival = m_database->value(u"SELECT coalesce(max(arrival), 0) + 1 FROM fills"_s);
    if (!head || !alert || !arrival)
        return fail(!head ? head.error() : !alert ? alert.error() : arrival.error());
    m_now = m_committed = {*head, alert->toLongLong(), arrival->toLongLong()};
    return {};
}

Result<void> Recorder::openSession(const SessionInfo &session)
{
    const auto id = m_database->value(u"SELECT coalesce(max(id), 0) + 1 FROM sessions"_s);
    if (!id)
        return fail(id.error());
    m_session = {id->toLongLong(), session, std::nullopt};
    put(*m_sessionRow, m_session);
    return m_sessionRow->run().map([](int) {});
}

Result<void> Recorder::stopSession(UtcTime at)
{
    auto transaction = Transaction::begin(*m_database);
    if (!transaction)
        return fail(transaction.error());
    SessionRow stopped = m_session;
    stopped.stoppedAt = at;
    put(*m_sessionRow, stopped);
    return m_sessionRow->run().and_then([&](int) { return transaction->commit(); });
}

void Recorder::committed()
{
    m_committed = m_now;
}

void Recorder::rolledBack()
{
    m_now = m_committed;
    m_accounts.clear();
    m_instruments.clear();
    m_baselines.clear();
    m_trips->forget();
}

Result<void> Recorder::seal()
{
    if (m_now.head.seq == m_committed.head.seq)
        return {};
    m_headRow->bindInteger(0, m_now.head.seq);
    m_headRow->bindBlob(1, bytesOf(m_now.head.hash));
    return m_headRow->run().map([](int) {});
}

Result<Recorder::Outcome> Recorder::record(const Job &job)
{
    return std::visit([this](const auto &alternative) { return write(alternative); }, job);
}

Result<void> Recorder::needAccount(const AccountId &account)
{
    if (!m_accounts.insert(account).second)
        return {};
    m_accountRow->text(name(m_session.info.mode)).text(account.view());
    return m_accountRow->run().map([](int) {});
}

Result<void> Recorder::needInstrument(const InstrumentKey &key)
{
    if (!m_instruments.insert(key).second)
        return {};
    putBare(*m_bareInstrumentRow, key);
    return m_bareInstrumentRow->run().map([](int) {});
}

Result<void> Recorder::needBoth(const AccountId &account, const InstrumentKey &key)
{
    return needAccount(account).and_then([&] { return needInstrument(key); });
}

Result<Recorder::Outcome> Recorder::write(const AppendJournal &job)
{
    const std::int64_t seq = m_now.head.seq + 1;
    const Hash hash = journalHash(m_now.head.hash, seq, m_session.id, job.at, name(job.kind), job.payload);
    m_journalRow->bindInteger(0, seq);
    m_journalRow->bindInteger(1, m_session.id);
    m_journalRow->bindInteger(2, toNanoseconds(job.at));
    m_journalRow->bindText(3, name(job.kind));
    m_journalRow->bindBlob(4, job.payload);
    m_journalRow->bindBlob(5, bytesOf(m_now.head.hash));
    m_journalRow->bindBlob(6, bytesOf(hash));
    if (auto stored = m_journalRow->run(); !stored)
        return fail(stored.error());
    m_now.head = {seq, hash};
    return Outcome{};
}

Result<Recorder::Outcome> Recorder::write(const UpsertInstrument &job)
{
    const InstrumentKey &key = job.instrument.key;
    QSqlQuery bare(m_database->handle());
    bare.setForwardOnly(true);
    bool prepared = bare.prepare(u"SELECT DISTINCT f.mode, f.account, f.position_side FROM fills f"
                                 " JOIN instruments i ON i.venue = f.venue AND i.symbol = f.symbol"
                                 " WHERE f.venue = ? AND f.symbol = ? AND i.quote IS NULL AND f.mode = ?"_s);
    bare.addBindValue(qt(name(key.venue)));
    bare.addBindValue(qt(key.symbol.view()));
    bare.addBindValue(qt(name(m_session.info.mode)));
    if (!prepared || !bare.exec())
        return fail(storageError(bare.lastError(), "instruments"));
    std::vector<PositionKey> waiting; // round trips that did not know their settlement asset
    while (bare.next()) {
        for (const PositionSide side : {PositionSide::Both, PositionSide::Long, PositionSide::Short}) {
            const auto account = AccountId::from(bare.value(1).toString().toStdString());
            if (account && bare.value(2).toString() == qt(name(side)))
                waiting.push_back({m_session.info.mode, *account, key, side});
        }
    }
    bare.finish();
    put(*m_instrumentRow, job.instrument, job.at);
    if (auto stored = m_instrumentRow->run(); !stored)
        return fail(stored.error());
    m_instruments.insert(key);
    for (const PositionKey &position : waiting) {
        if (auto rebuilt = m_trips->rebuild(position); !rebuilt)
            return fail(rebuilt.error());
    }
    return Outcome{};
}

Result<Recorder::Outcome> Recorder::write(const RecordAccount &job)
{
    if (auto parent = needAccount(job.account.account); !parent)
        return fail(parent.error());
    put(*m_snapshotRow, m_session.info.mode, job.account);
    return m_snapshotRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordPosition &job)
{
    const Position &position = job.position;
    if (auto parents = needBoth(job.account, position.instrument); !parents)
        return fail(parents.error());
    put(*m_positionRow, m_session.info.mode, job.account, position);
    if (auto stored = m_positionRow->run(); !stored)
        return fail(stored.error());
    const PositionKey key{m_session.info.mode, job.account, position.instrument, position.positionSide};
    if (!m_baselines.insert(key).second)
        return Outcome{};
    const UtcTime seenAt = position.venueTime == UtcTime{} ? position.receivedAt : position.venueTime;
    put(*m_baselineRow, key,
        OpeningPosition{position.direction, position.quantity, position.entryPrice, seenAt});
    const auto added = m_baselineRow->run();
    if (!added)
        return fail(added.error());
    if (*added == 0)
        return Outcome{};
    return m_trips->rebuild(key).map([](const std::string &) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordOrder &job)
{
    if (auto parents = needBoth(job.account, job.order.instrument); !parents)
        return fail(parents.error());
    OrderRow row{m_session.info.mode, job.account, job.order, job.decisionId};
    if (!job.order.clientOrderId.empty()) {
        for (QSqlQuery *query : {&m_orderByClientId, &m_orderWithoutId}) {
            query->bindValue(0, qt(name(row.mode)));
            query->bindValue(1, qt(job.account.view()));
            query->bindValue(2, qt(name(job.order.instrument.venue)));
            query->bindValue(3, qt(job.order.instrument.symbol.view()));
            query->bindValue(4, qt(job.order.clientOrderId.view()));
        }
        if (!m_orderByClientId.exec())
            return fail(storageError(m_orderByClientId.lastError(), "orders"));
        if (m_orderByClientId.next()) {
            const std::int64_t knownId = m_orderByClientId.value(0).toLongLong();
            const bool sameOrder =
                job.order.venueOrderId.value == 0 || knownId == 0 || knownId == job.order.venueOrderId.value;
            if (sameOrder && row.decisionId.empty())
                row.decisionId = m_orderByClientId.value(1).toString().toStdString();
            if (row.order.venueOrderId.value == 0)
                row.order.venueOrderId.value = knownId;
            m_orderByClientId.finish();
            // The venue has given the number that our own pending row lacked.
            if (knownId == 0 && row.order.venueOrderId.value != 0 && !m_orderWithoutId.exec())
                return fail(storageError(m_orderWithoutId.lastError(), "orders"));
        }
        m_orderByClientId.finish();
    }
    put(*m_orderRow, row);
    return m_orderRow->run().map([](int) { return Outcome{}; });
}

/// The trade id is known: the same execution again is normal; another one under its number is not.
Result<Recorder::Outcome> Recorder::knownFill(const RecordFill &job)
{
    QSqlQuery query(m_database->handle());
    query.setForwardOnly(true);
    const bool prepared = query.prepare(u"SELECT * FROM fills WHERE mode = ? AND account = ? AND venue = ?"
                                        " AND symbol = ? AND trade_id = ?"_s);
    query.addBindValue(qt(name(m_session.info.mode)));
    query.addBindValue(qt(job.account.view()));
    query.addBindValue(qt(name(job.fill.instrument.venue)));
    query.addBindValue(qt(job.fill.instrument.symbol.view()));
    query.addBindValue(QVariant::fromValue<qlonglong>(job.fill.tradeId));
    if (!prepared || !query.exec() || !query.next())
        return fail(storageError(query.lastError(), "fills"));
    RowReader row(query, "fills");
    const Fill stored = takeFill(row).row.fill;
    if (auto good = row.finish(); !good)
        return fail(good.error());
    if (sameExecution(stored, job.fill))
        return Outcome{};
    return Outcome{Error{ErrorCode::InvalidArgument,
                         fmt::format("fill {} of {}: another execution is stored under this trade id",
                                     job.fill.tradeId, text(job.fill.instrument))}};
}

Result<Recorder::Outcome> Recorder::write(const RecordFill &job)
{
    const Fill &fill = job.fill;
    if (!fill.quantity.isPositive() || !fill.price.isPositive()) {
        return Outcome{
            Error{ErrorCode::InvalidArgument, fmt::format("fill {} of {}: price and quantity must be above 0",
                                                          fill.tradeId, text(fill.instrument))}};
    }
    if (auto parents = needBoth(job.account, fill.instrument); !parents)
        return fail(parents.error());
    const std::int64_t arrival = m_now.nextArrival;
    put(*m_fillRow, FillRow{m_session.info.mode, job.account, fill}, arrival);
    const auto added = m_fillRow->run();
    if (!added)
        return fail(added.error());
    if (*added == 0)
        return knownFill(job);
    ++m_now.nextArrival;
    const auto problem = m_trips->onFill(
        {m_session.info.mode, job.account, fill.instrument, fill.positionSide}, fill, arrival);
    if (!problem)
        return fail(problem.error());
    if (problem->empty())
        return Outcome{};
    return Outcome{
        Error{ErrorCode::OutOfRange, fmt::format("fill {} of {} is stored, its round trip is not: {}",
                                                 fill.tradeId, text(fill.instrument), *problem)}};
}

Result<Recorder::Outcome> Recorder::write(const RecordFunding &job)
{
    if (auto parents = needBoth(job.account, job.payment.instrument); !parents)
        return fail(parents.error());
    put(*m_fundingRow, FundingRow{m_session.info.mode, job.account, job.payment});
    return m_fundingRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordTransfer &job)
{
    if (auto parent = needAccount(job.account); !parent)
        return fail(parent.error());
    put(*m_transferRow, TransferRow{m_session.info.mode, job.account, job.transfer});
    return m_transferRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordCandle &job)
{
    if (auto parent = needInstrument(job.candle.instrument); !parent)
        return fail(parent.error());
    put(*m_candleRow, job.candle);
    return m_candleRow->run().map([](int) { return Outcome{}; });
}

Result<Recorder::Outcome> Recorder::write(const RecordAlert &job)
{
    if (job.alert.instrument) {
        if (auto parent = needInstrument(*job.alert.instrument); !parent)
            return fail(parent.error());
    }
    put(*m_alertRow, AlertRow{m_now.nextAlert, m_session.id, job.at, job.alert});
    return m_alertRow->run().map([this](int) {
        ++m_now.nextAlert;
        return Outcome{};
    });
}

} // namespace core::storage
