#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <QtCore/QAbstractTableModel>

#include "core/runtime/snapshots.h"
#include "ui/models/table_roles.h"

namespace ui::models
{

/// One row per stream of every venue: state, age, messages, losses, reconnects. Rates come from two snapshots at least a
/// second apart. Gui thread.
class ConnectionsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Stream, State, Age, Rate, Messages, Lost, Reconnects, RoundTrip, LastError };
    static constexpr int kColumns = 9;

    explicit ConnectionsModel(QObject *parent = nullptr);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    /// One line per venue: who, where, reached or not, budget, clock.
    [[nodiscard]] static QString venueLine(const core::runtime::TerminalSnapshot &snapshot,
                                           const core::runtime::VenueView &venue);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    using Key = std::pair<core::Venue, std::string>;
    struct Meter {
        core::UtcTime at;
        std::uint64_t messages{0};
        std::optional<double> perSecond{};
    };
    struct Row {
        core::ports::StreamStatus status;
        std::optional<core::Duration> age;
        std::optional<double> perSecond;
    };
    [[nodiscard]] std::optional<double> rateOf(const core::ports::StreamStatus &status, core::UtcTime now);
    [[nodiscard]] QString textOf(const Row &row, int column) const;
    [[nodiscard]] Tone toneOf(const Row &row, int column) const;

    std::vector<Row> m_rows;
    std::map<Key, Meter> m_meters;
};

} // namespace ui::models
