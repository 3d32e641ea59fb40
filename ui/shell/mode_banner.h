#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

namespace ui::shell
{

/// 24 px under the top bar that say what the numbers are, in words; always there, cannot be closed. What could be taken for
/// the real market, and is not, has the loud colours of its mode; live and watching are quiet.
class ModeBanner final : public QWidget
{
    Q_OBJECT

public:
    ModeBanner(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    [[nodiscard]] QString text() const { return m_text; }
    /// DEMO, TESTNET, … The mode's own, or that of the venues it watches.
    [[nodiscard]] core::runtime::Mode look() const { return m_look; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    core::runtime::Mode m_look{core::runtime::Mode::Live};
    QString m_text;
};

} // namespace ui::shell
