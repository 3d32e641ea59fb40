#pragma once

#include <QtCore/QAbstractTableModel>

#include "core/runtime/snapshots.h"
#include "ui/format/format.h"
#include "ui/models/table_roles.h"

namespace ui::models
{

/// Orders that rest at the venue or whose fate is unknown, in the order the engine lists them. Gui thread.
class OrdersModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Symbol, Side, Type, LimitPrice, Size, Filled, ReduceOnly, Age, State };
    static constexpr int kColumns = State + 1;

    explicit OrdersModel(QObject *parent = nullptr);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        core::OrderUpdate order;
        format::Places places;
        core::Duration age{0};
    };
    [[nodiscard]] static QString typeText(core::OrderType type);
    [[nodiscard]] QString textOf(const Row &row, int column) const;
    [[nodiscard]] Tone toneOf(const Row &row, int column) const;

    std::vector<Row> m_rows;
    bool m_trusted{true};
};

} // namespace ui::models
