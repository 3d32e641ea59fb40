#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

namespace ui::panels
{

/// Running closes and the last finished ones, a line each: "BTCUSDT closing 0.250 · verifying · attempt 1"
/// and then "✓ BTCUSDT FLAT". Takes no space when there is nothing to say.
class ActionList final : public QWidget
{
    Q_OBJECT

public:
    ActionList(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    [[nodiscard]] QStringList texts() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Line {
        QString text;
        QString progress;
        double share{0.0};
        bool done{false};
        friend bool operator==(const Line &, const Line &) = default;
    };

    const theme::Theme &m_theme;
    std::vector<Line> m_lines;
};

} // namespace ui::panels
