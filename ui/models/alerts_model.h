#pragma once

#include <deque>

#include <QtCore/QAbstractListModel>

#include "core/runtime/snapshots.h"

namespace ui::models
{

/// The alert feed, newest first. A row with a known id replaces it (joined alerts, "×12"). Bounded: the
/// oldest leave, the storage has them. Unread: warnings and criticals of this run that were not yet looked
/// at. Gui thread.
class AlertsModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    static constexpr std::size_t kRowsMax = 2000;

    explicit AlertsModel(QObject *parent = nullptr);
    void append(const std::vector<core::runtime::AlertRow> &alerts);
    void markAllRead();
    [[nodiscard]] int unread() const { return m_unread; }
    [[nodiscard]] const core::runtime::AlertRow *at(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    /// DisplayRole: the whole row as one sentence, for screen readers and copying.
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

signals:
    void unreadChanged(int unread);

private:
    std::deque<core::runtime::AlertRow> m_rows; ///< newest first
    int m_unread{0};
};

} // namespace ui::models
