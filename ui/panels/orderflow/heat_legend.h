#pragma once

#include <QtWidgets/QWidget>

#include "ui/panels/orderflow/heat_scale.h"
#include "ui/theme/theme.h"

namespace ui::panels
{

/// The heatmap's colours with the sizes they stand for: "0.012 ▒▒▒▒ 24.6 BTC".
class HeatLegend final : public QWidget
{
    Q_OBJECT

public:
    HeatLegend(const theme::Theme &theme, QWidget *parent);
    void showScale(const HeatScale &scale, const QString &unit);
    [[nodiscard]] QSize sizeHint() const override { return {250, 20}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    QString m_low;
    QString m_high;
};

} // namespace ui::panels
