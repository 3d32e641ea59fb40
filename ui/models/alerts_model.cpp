#include "ui/models/alerts_model.h"

#include <algorithm>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::models
{

AlertsModel::AlertsModel(QObject *parent) : QAbstractListModel(parent) {}

int AlertsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

const core::runtime::AlertRow *AlertsModel::at(int row) const
{
    return row >= 0 && row < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<std::size_t>(row)]
                                                             : nullptr;
}

void AlertsModel::append(const std::vector<core::runtime::AlertRow> &alerts)
{
    const int before = m_unread;
    for (const core::runtime::AlertRow &alert : alerts) {
        const auto known =
            std::find_if(m_rows.begin(), m_rows.end(), [&](const auto &row) { return row.id == alert.id; });
        if (known != m_rows.end()) {
            *known = alert;
            const QModelIndex changed = index(static_cast<int>(known - m_rows.begin()));
            emit dataChanged(changed, changed);
            continue;
        }
        beginInsertRows({}, 0, 0);
        m_rows.push_front(alert);
        endInsertRows();
        if (!alert.restored && alert.severity != core::orders::Severity::Info)
            ++m_unread;
    }
    if (m_rows.size() > kRowsMax) {
        beginRemoveRows({}, static_cast<int>(kRowsMax), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(kRowsMax);
        endRemoveRows();
    }
    if (m_unread != before)
        emit unreadChanged(m_unread);
}

void AlertsModel::markAllRead()
{
    if (m_unread == 0)
        return;
    m_unread = 0;
    emit unreadChanged(0);
}

QVariant AlertsModel::data(const QModelIndex &index, int role) const
{
    const core::runtime::AlertRow *row = at(index.row());
    if (row == nullptr)
        return {};
    if (role == Qt::ToolTipRole)
        return format::iso(row->at);
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return tr("%1, %2, %3: %4")
            .arg(format::timeOfDayZone(row->at), format::Words::severity(row->severity),
                 format::Words::alertSource(row->source), QString::fromStdString(row->text));
    return {};
}

} // namespace ui::models
