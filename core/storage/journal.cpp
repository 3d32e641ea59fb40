#include "core/storage/journal.h"

#include <algorithm>
#include <limits>

#include <QtCore/QCryptographicHash>
#include <QtCore/QVariant>
#include <QtSql/QSqlQuery>

using namespace Qt::StringLiterals;

namespace core::storage
{

namespace
{

template <class Unsigned> void appendBigEndian(QByteArray &out, Unsigned value)
{
    for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8)
        out.append(static_cast<char>(static_cast<unsigned char>(value >> shift)));
}

[[nodiscard]] std::optional<Hash> hashFrom(const QVariant &cell)
{
    const QByteArray bytes = cell.toByteArray();
    Hash hash{};
    if (bytes.size() != static_cast<qsizetype>(hash.size()))
        return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    return hash;
}

[[nodiscard]] bool isInteger(const QVariant &cell)
{
    return !cell.isNull() && cell.typeId() == QMetaType::LongLong;
}

/// Why the current row does not follow from `previous`; empty when it does, and `previous` moves on.
[[nodiscard]] std::string flaw(const QSqlQuery &row, std::int64_t expectedSeq, Hash &previous)
{
    if (!isInteger(row.value(0)) || !isInteger(row.value(1)) || !isInteger(row.value(2)))
        return "a number was replaced by something else";
    const std::int64_t seq = row.value(0).toLongLong();
    if (seq > expectedSeq)
        return "the row is missing";
    const auto storedPrevious = hashFrom(row.value(5));
    const auto storedHash = hashFrom(row.value(6));
    if (!storedPrevious || !storedHash)
        return "a hash does not have 32 bytes";
    if (*storedPrevious != previous)
        return "it does not follow from the row before";
    const QByteArray kind = row.value(3).toByteArray();
    const QByteArray payload = row.value(4).toByteArray();
    const Hash computed =
        journalHash(previous, seq, row.value(1).toLongLong(), utcFromNanoseconds(row.value(2).toLongLong()),
                    {kind.constData(), static_cast<std::size_t>(kind.size())},
                    {payload.constData(), static_cast<std::size_t>(payload.size())});
    if (computed != *storedHash)
        return "its content does not match its hash";
    previous = computed;
    return {};
}

[[nodiscard]] ChainReport badAt(ChainReport report, std::int64_t seq, std::string what)
{
    report.firstBadSeq = seq;
    report.what = std::move(what);
    return report;
}

[[nodiscard]] Result<ChainReport> walk(const Database &database, std::int64_t afterSeq, Hash previous,
                                       const JournalHead &head)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    if (!query.exec(u"SELECT seq, session, at, CAST(kind AS BLOB), CAST(payload AS BLOB), prev_hash, hash"
                    " FROM journal WHERE seq > %1 ORDER BY seq"_s.arg(afterSeq)))
        return fail(storageError(query.lastError(), "journal"));
    ChainReport report;
    std::int64_t expected = afterSeq + 1;
    for (; query.next(); ++expected, ++report.rows) {
        if (std::string what = flaw(query, expected, previous); !what.empty())
            return badAt(std::move(report), expected, std::move(what));
        if (expected > head.seq)
            return badAt(std::move(report), expected, "it was added behind the recorded end");
    }
    if (query.lastError().isValid())
        return fail(storageError(query.lastError(), "journal row " + std::to_string(expected)));
    if (expected - 1 < head.seq)
        return badAt(std::move(report), expected, "the row is missing: the journal was cut off");
    if (head.seq > 0 && previous != head.hash)
        return badAt(std::move(report), head.seq, "it is not the recorded end");
    return report;
}

} // namespace

Hash journalHash(const Hash &previous, std::int64_t seq, std::int64_t session, UtcTime at,
                 std::string_view kind, std::string_view payload)
{
    QByteArray frame;
    frame.reserve(static_cast<qsizetype>(previous.size() + 3 * 8 + 4 + kind.size() + 8));
    frame.append(previous.data(), static_cast<qsizetype>(previous.size()));
    appendBigEndian(frame, static_cast<std::uint64_t>(seq));
    appendBigEndian(frame, static_cast<std::uint64_t>(session));
    appendBigEndian(frame, static_cast<std::uint64_t>(toNanoseconds(at)));
    appendBigEndian(frame, static_cast<std::uint32_t>(kind.size()));
    frame.append(kind.data(), static_cast<qsizetype>(kind.size()));
    appendBigEndian(frame, static_cast<std::uint64_t>(payload.size()));
    QCryptographicHash sha(QCryptographicHash::Sha256);
    sha.addData(frame);
    sha.addData(QByteArrayView(payload.data(), static_cast<qsizetype>(payload.size())));
    const QByteArray digest = sha.result();
    Hash hash{};
    std::copy_n(digest.begin(), hash.size(), hash.begin());
    return hash;
}

Result<JournalHead> journalHead(const Database &database)
{
    QSqlQuery query(database.handle());
    query.setForwardOnly(true);
    if (!query.exec(u"SELECT seq, hash FROM journal_head WHERE id = 1"_s))
        return fail(storageError(query.lastError(), "journal head"));
    if (!query.next())
        return fail(ErrorCode::Corrupt, "journal head: its row is missing");
    const auto hash = hashFrom(query.value(1));
    if (!isInteger(query.value(0)) || query.value(0).toLongLong() < 0 || !hash)
        return fail(ErrorCode::Corrupt, "journal head: its row is damaged");
    return JournalHead{query.value(0).toLongLong(), *hash};
}

Result<ChainReport> verifyChain(const Database &database)
{
    return verifyChainTail(database, std::numeric_limits<std::int64_t>::max());
}

Result<ChainReport> verifyChainTail(const Database &database, std::int64_t rows)
{
    const auto head = journalHead(database);
    if (!head)
        return fail(head.error());
    if (rows >= head->seq) {
        const auto early = database.value(u"SELECT count(*) FROM journal WHERE seq < 1"_s);
        if (!early)
            return fail(early.error());
        if (early->toLongLong() > 0)
            return badAt({}, 0, "it stands before the first row");
        return walk(database, 0, Hash{}, *head);
    }
    const std::int64_t anchor = head->seq - rows;
    const auto before = database.value(u"SELECT hash FROM journal WHERE seq = %1"_s.arg(anchor));
    if (!before) {
        if (before.error().code == ErrorCode::NotFound)
            return badAt({}, anchor, "the row is missing");
        return fail(before.error());
    }
    const auto hash = hashFrom(*before);
    return hash ? walk(database, anchor, *hash, *head)
                : Result<ChainReport>(badAt({}, anchor, "a hash does not have 32 bytes"));
}

} // namespace core::storage
