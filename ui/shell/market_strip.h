#pragma once

#include <optional>
#include <vector>

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

namespace ui::shell
{

/// The shown contract in the top bar: symbol, last price, mark, index, funding, spread, each as label over
/// number. Drops whole blocks from the right when narrow, never half a number.
class MarketStrip final : public QWidget
{
    Q_OBJECT

public:
    MarketStrip(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] QSize minimumSizeHint() const override { return {170, 42}; }
    [[nodiscard]] QSize sizeHint() const override { return {700, 42}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Block {
        QString label;
        QString value;
        QColor colour;
        bool large{false};
        friend bool operator==(const Block &, const Block &) = default;
    };
    [[nodiscard]] std::vector<Block> blocksOf(const core::runtime::TerminalSnapshot &snapshot);

    const theme::Theme &m_theme;
    QString m_symbol;
    QString m_venue;
    std::vector<Block> m_blocks;
    std::optional<core::Price> m_lastPrice;
    int m_lastMove{0};
};

} // namespace ui::shell
