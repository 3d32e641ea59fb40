#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

namespace ui::shell
{

/// 24 px under the top bar that say what the numbers are not. Hidden when live; cannot be closed.
class ModeBanner final : public QWidget
{
    Q_OBJECT

public:
    ModeBanner(const theme::Theme &theme, QWidget *parent);
    void showMode(core::runtime::Mode mode);
    [[nodiscard]] QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    core::runtime::Mode m_mode{core::runtime::Mode::Live};
};

} // namespace ui::shell
