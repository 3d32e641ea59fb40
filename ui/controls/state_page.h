#pragma once

#include <array>
#include <optional>

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "ui/models/dock_state.h"
#include "ui/theme/theme.h"

class QAction;
class QPushButton;

namespace ui::controls
{

/// What a dock shows instead of data: skeleton rows after 200 ms and the reason after 3 s while loading; one
/// sentence and a button or two when empty or failed. A sentence never clips: it wraps.
class StatePage final : public QWidget
{
    Q_OBJECT

public:
    StatePage(const theme::Theme &theme, QWidget *parent);

    /// A null action: no button.
    void showState(const models::DockState &state, QAction *action = nullptr, QAction *second = nullptr);
    /// As if loading had begun this long ago.
    void setLoadingElapsed(int milliseconds);
    [[nodiscard]] bool showsSkeleton() const;
    [[nodiscard]] QString visibleText() const;

    static constexpr int kSkeletonAfterMs = 200;
    static constexpr int kReasonAfterMs = 3000;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    [[nodiscard]] qint64 elapsed() const;
    void layoutButtons();

    const theme::Theme &m_theme;
    models::DockState m_state;
    QElapsedTimer m_since;
    QTimer m_next;
    qint64 m_head{0};           ///< added to the elapsed time
    struct Offer {
        QPushButton *button{nullptr}; // child
        QAction *action{nullptr};     // observer; outlives the page (owned by the window)
    };
    std::array<Offer, 2> m_offers;
};

} // namespace ui::controls
