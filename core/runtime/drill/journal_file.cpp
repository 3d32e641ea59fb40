#include "core/runtime/drill/journal_file.h"

#include <algorithm>
#include <iterator>

#include <QtCore/QFileInfo>
#include <QtCore/QString>

#include "core/storage/writer.h"

namespace core::runtime::drill
{

namespace
{
class Silent final : public storage::WriterListener
{
public:
    void onDurable(const storage::Durable &) override {}
    void onDegraded(const Error &) override {}
    void onRecovered() override {}
    void onRejected(std::uint64_t, const Error &why) override { refused = why; }
    std::optional<Error> refused;
};

using RowIterator = std::vector<ChainedRow>::const_iterator;

Result<void> writeSession(const QString &path, RowIterator from, RowIterator to)
{
    const UtcTime startedAt = from->row.at;
    auto database = storage::Database::open(path, storage::Access::ReadWrite, startedAt);
    if (!database)
        return fail(database.error());
    storage::JobQueue<storage::Job> queue(static_cast<std::size_t>(std::distance(from, to)));
    const ManualClock clock(std::prev(to)->row.at);
    Silent listener;
    auto writer = storage::StorageWriter::start(std::move(*database), queue, clock,
                                                {.mode = storage::Mode::Demo, .version = "drill", .startedAt = startedAt},
                                                listener);
    if (!writer)
        return fail(writer.error());
    for (auto entry = from; entry != to; ++entry) {
        const storage::JournalRow &row = entry->row;
        if (!queue.push(storage::AppendJournal{.kind = row.kind, .at = row.at, .payload = row.payload}))
            return fail(ErrorCode::IoFailed, "journal: the writer's queue is full");
    }
    queue.close();
    if (auto written = (*writer)->run(); !written)
        return written;
    if (listener.refused)
        return fail(*listener.refused);
    return (*writer)->finish();
}
} // namespace

Result<void> writeJournal(const QString &path, const std::vector<ChainedRow> &rows)
{
    if (QFileInfo::exists(path))
        return fail(ErrorCode::InUse, path.toStdString() + ": the file exists");
    for (auto from = rows.begin(); from != rows.end();) {
        const auto to = std::find_if(from, rows.end(), [from](const ChainedRow &entry) {
            return entry.row.session != from->row.session;
        });
        if (auto written = writeSession(path, from, to); !written)
            return written;
        from = to;
    }
    return {};
}

} // namespace core::runtime::drill
