#pragma once

#include <optional>

#include <QtWidgets/QDialog>

#include "core/runtime/snapshots.h"
#include "ui/theme/theme.h"

class QLabel;

namespace ui::controls
{
class HoldButton;
}

namespace ui::shell
{

/// What a panic is for: everything, one venue, or one instrument.
struct PanicScope {
    std::optional<core::Venue> venue{};
    std::optional<core::InstrumentKey> instrument{};
    friend bool operator==(const PanicScope &, const PanicScope &) = default;
};
/// "every position", "every position on Hyperliquid", "BTCUSDT on Binance USD-M".
[[nodiscard]] QString panicScopeText(const PanicScope &scope);

/// The chosen part of a panic: says what is closed and locked, starts after a hold of 1.5 s, then shows its progress step by
/// step. Not modal: nothing else is blocked, and closing it stops nothing.
class PanicDialog final : public QDialog
{
    Q_OBJECT

public:
    PanicDialog(const theme::Theme &theme, QWidget *parent);
    void choose(const PanicScope &scope, const core::runtime::TerminalSnapshot *snapshot);
    /// The panic of this scope has just been sent, from here or from the top bar.
    void follow(const PanicScope &scope, const core::runtime::TerminalSnapshot *snapshot);
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] QString text() const;
    [[nodiscard]] controls::HoldButton *holdButton() const { return m_hold; }

signals:
    void panicRequested(const PanicScope &scope);

private:
    const theme::Theme &m_theme;
    PanicScope m_scope;
    std::optional<core::UtcTime> m_sentAt; ///< absent: not begun
    QLabel *m_text;                        // child
    controls::HoldButton *m_hold;          // child
};

} // namespace ui::shell
