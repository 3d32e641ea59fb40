#include "ui/models/connections_model.h"

#include <algorithm>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

using core::Freshness;
using core::ports::StreamStatus;

ConnectionsModel::ConnectionsModel(QObject *parent) : QAbstractTableModel(parent) {}

int ConnectionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ConnectionsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

QString ConnectionsModel::venueLine(const core::runtime::TerminalSnapshot &snapshot, const core::runtime::VenueView &venue)
{
    using Reach = core::runtime::VenueView::Reach;
    QStringList parts{format::Words::venue(venue.venue), format::Words::place(venue.place)};
    if (!venue.address.empty())
        parts << QString::fromStdString(venue.address);
    parts << (venue.account ? tr("account") : tr("markets only, no keys"));
    parts << (venue.reach == Reach::Reached  ? tr("reached")
              : venue.reach == Reach::Trying ? tr("connecting")
                                             : tr("NOT REACHED"));
    if (venue.budget && venue.budget->limit > 0)
        parts << tr("request weight %1 of %2").arg(venue.budget->used).arg(venue.budget->limit);
    for (const StreamStatus &stream : snapshot.streams) {
        if (stream.venue == venue.venue && stream.clockOffset) {
            const qint64 ms = std::chrono::duration_cast<std::chrono::milliseconds>(*stream.clockOffset).count();
            //: the venue's clock minus this computer's, in milliseconds with its sign
            parts << tr("venue clock %1 ms").arg(format::fixed(ms * core::kDecimalOne, 0, format::Sign::Always));
        }
    }
    if (venue.reach != Reach::Reached && !venue.why.empty())
        parts << QString::fromStdString(venue.why);
    return parts.join(u" · "_s);
}

std::optional<double> ConnectionsModel::rateOf(const StreamStatus &status, core::UtcTime now)
{
    const auto [found, isNew] = m_meters.try_emplace({status.venue, status.name}, Meter{now, status.messages, {}});
    Meter &meter = found->second;
    const core::Duration passed = now - meter.at;
    if (!isNew && passed >= std::chrono::seconds{1}) {
        const double seconds = std::chrono::duration<double>(passed).count();
        meter.perSecond = status.messages >= meter.messages
                              ? std::optional(static_cast<double>(status.messages - meter.messages) / seconds)
                              : std::nullopt; // the counter began anew
        meter.at = now;
        meter.messages = status.messages;
    }
    return meter.perSecond;
}

void ConnectionsModel::showSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<Row> rows;
    for (const StreamStatus &status : snapshot.streams) {
        const bool heard = status.lastMessageAt != core::UtcTime{};
        rows.push_back({status,
                        heard ? std::optional(std::max(core::Duration::zero(), snapshot.at - status.lastMessageAt))
                              : std::nullopt,
                        rateOf(status, snapshot.at)});
    }
    const bool sameCount = rows.size() == m_rows.size();
    if (!sameCount)
        beginResetModel();
    m_rows = std::move(rows);
    if (!sameCount)
        endResetModel();
    else if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, kColumns - 1));
}

QString ConnectionsModel::textOf(const Row &row, int column) const
{
    const StreamStatus &status = row.status;
    switch (column) {
    case Stream:
        return QString::fromStdString(status.name) + u' ' + format::Words::venueTag(status.venue);
    case State:
        return format::Words::freshness(status.freshness);
    case Age:
        return row.age ? format::age(*row.age) : format::missing();
    case Rate:
        return row.perSecond ? format::fixed(static_cast<std::int64_t>(*row.perSecond * 1e8), 1) : format::missing();
    case Messages:
        return format::fixed(static_cast<std::int64_t>(status.messages) * core::kDecimalOne, 0);
    case Lost:
        return QString::number(status.lost);
    case Reconnects:
        return QString::number(status.reconnects);
    case RoundTrip:
        return status.roundTrip ? format::milliseconds(*status.roundTrip) : QString();
    case LastError:
        return QString::fromStdString(status.lastError);
    default:
        return {};
    }
}

Tone ConnectionsModel::toneOf(const Row &row, int column) const
{
    const StreamStatus &status = row.status;
    const bool fresh = status.freshness == Freshness::Fresh;
    switch (column) {
    case Stream:
        return Tone::Primary;
    case State:
        return fresh                                        ? Tone::Long
               : status.freshness == Freshness::Connecting ? Tone::Muted
               : status.freshness == Freshness::Lost       ? Tone::Critical
                                                            : Tone::Warn;
    case Lost:
        return status.lost > 0 ? Tone::Warn : Tone::Secondary;
    case LastError:
        return fresh ? Tone::Muted : Tone::Warn;
    default:
        return fresh ? Tone::Secondary : Tone::Muted;
    }
}

QVariant ConnectionsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= static_cast<int>(m_rows.size()))
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    const bool number = column >= Age && column <= RoundTrip;
    switch (role) {
    case Qt::DisplayRole:
        return textOf(row, column);
    case Qt::ToolTipRole:
        return column == LastError ? textOf(row, column) : QString();
    case Qt::TextAlignmentRole:
        return QVariant((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case ToneRole:
        return static_cast<int>(toneOf(row, column));
    case NumericRole:
        return number;
    case BoldRole:
        return column == State;
    default:
        return {};
    }
}

QVariant ConnectionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section >= Age && section <= RoundTrip ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Stream:
        return tr("Stream");
    case State:
        return tr("State");
    case Age:
        return tr("Age");
    case Rate:
        return tr("Per second");
    case Messages:
        return tr("Messages");
    case Lost:
        return tr("Lost");
    case Reconnects:
        return tr("Reconnects");
    case RoundTrip:
        return tr("Round trip");
    case LastError:
        return tr("Last error");
    default:
        return {};
    }
}

} // namespace ui::models
