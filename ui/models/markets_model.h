#pragma once

#include <vector>

#include <QtCore/QAbstractTableModel>

#include "core/runtime/snapshots.h"
#include "ui/models/table_roles.h"

namespace ui::models
{

/// The watched markets of every venue, in the configured order; the shown one is marked. Numbers that are not current are
/// muted and say why in the state column. Gui thread.
class MarketsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Market, State, Last, Change, Funding };
    static constexpr int kColumns = 5;

    explicit MarketsModel(QObject *parent = nullptr);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    [[nodiscard]] const core::InstrumentKey *keyAt(int row) const;
    /// −1 when it is not listed.
    [[nodiscard]] int rowOfShown() const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        core::runtime::MarketSnapshot market;
        core::Freshness worst{core::Freshness::Connecting};
        bool isShown{false};
        bool unreached{false};
    };
    [[nodiscard]] static QString shortWord(core::Freshness freshness);
    [[nodiscard]] QString textOf(const Row &row, int column) const;
    [[nodiscard]] Tone toneOf(const Row &row, int column) const;
    [[nodiscard]] QString tooltipOf(const Row &row, int column) const;

    std::vector<Row> m_rows;
};

} // namespace ui::models
