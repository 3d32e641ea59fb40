#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

namespace ui::panels
{

/// Equity large, then open PnL, available, margin used and the worst liquidation distance, two to a row.
class AccountSummary final : public QWidget
{
    Q_OBJECT

public:
    AccountSummary(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot, bool trusted);
    [[nodiscard]] QString
    textOf(const QString &label) const; ///< value behind a label; empty when there is none
    [[nodiscard]] QSize sizeHint() const override { return {320, 118}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Fact {
        QString label;
        QString value;
        int sign{0};
        bool known{true};
        friend bool operator==(const Fact &, const Fact &) = default;
    };

    const theme::Theme &m_theme;
    std::vector<Fact> m_facts; ///< the first one is drawn large
    QString m_asset;
    bool m_trusted{true};
};

} // namespace ui::panels
