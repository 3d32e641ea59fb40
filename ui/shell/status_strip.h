#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

namespace ui::shell
{

/// The status bar: every venue's worst stream, round trip, data age and request weight on the left; journal,
/// clock and version on the right. When the engine itself goes quiet it says so, since nothing else can.
class StatusStrip final : public QWidget
{
    Q_OBJECT

public:
    StatusStrip(const theme::Theme &theme, QWidget *parent);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    /// No snapshot came for this long; zero when all is well.
    void showSilence(core::Duration silence);
    [[nodiscard]] QString leftText() const;
    [[nodiscard]] QString rightText() const;

signals:
    void connectionsPressed();

protected:
    void mouseReleaseEvent(QMouseEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    struct Part {
        QString text;
        QColor colour;
        bool bold{false};
        friend bool operator==(const Part &, const Part &) = default;
    };
    [[nodiscard]] std::vector<Part> venueParts(const core::runtime::TerminalSnapshot &snapshot,
                                               const core::runtime::VenueView &view) const;

    const theme::Theme &m_theme;
    std::vector<Part> m_left;
    std::vector<Part> m_right;
    QColor m_lamp;
    core::Duration m_silence{0};
};

} // namespace ui::shell
