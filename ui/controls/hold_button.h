#pragma once

#include <functional>
#include <optional>

#include <QtCore/QBasicTimer>
#include <QtWidgets/QAbstractButton>

#include "ui/theme/theme.h"

namespace ui::controls
{

/// A button that acts only after it was held for `holdMs`: a ring fills, the text counts. Release, leaving,
/// losing the focus or being disabled cancels. Key auto-repeat is one hold; held() comes once per hold. Gui
/// thread.
class HoldButton final : public QAbstractButton
{
    Q_OBJECT

public:
    /// Milliseconds of a clock that never goes back; injected so that tests hold without waiting.
    using MonotonicMs = std::function<qint64()>;

    HoldButton(const QString &text, const theme::Theme &theme, QWidget *parent, MonotonicMs clock = {});

    static constexpr int kHoldMs = 1500;
    [[nodiscard]] bool isHolding() const { return m_startedAt.has_value(); }
    [[nodiscard]] double progress() const; ///< 0 to 1
    /// Looks at the clock; the button's own timer calls it 60 times a second while held.
    void tick();

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void held();
    void holdCanceled();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void changeEvent(QEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    void begin();
    void cancel();
    [[nodiscard]] QString shownText() const;

    const theme::Theme &m_theme;
    MonotonicMs m_clock;
    QBasicTimer m_timer;
    std::optional<qint64> m_startedAt;
};

} // namespace ui::controls
