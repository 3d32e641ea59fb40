#pragma once

#include <QtWidgets/QAbstractButton>

#include "ui/theme/theme.h"

namespace ui::controls
{

/// A short loud word on a coloured block, or in an outline when calm ("STALE 12 s", "Breakers: Watching").
/// Takes the keyboard and clicks only when `setClickable`. Never elides: its size follows its words.
class StateChip final : public QAbstractButton
{
    Q_OBJECT

public:
    enum class Look { Outline, Warn, Critical, CriticalHatched, Demo, Testnet, Replay, Muted };

    StateChip(const theme::Theme &theme, QWidget *parent);
    void show(const QString &words, Look look, bool withLock = false);
    void setClickable(bool clickable);
    /// 22 in title bars, 30 in the top bar.
    void setChipHeight(int height);
    [[nodiscard]] Look look() const { return m_look; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    Look m_look{Look::Outline};
    bool m_withLock{false};
    int m_height{18};
};

} // namespace ui::controls
