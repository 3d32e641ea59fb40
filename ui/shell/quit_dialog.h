#pragma once

#include <QtWidgets/QDialog>

#include "core/runtime/snapshots.h"

namespace ui::shell
{

/// Asked before the window closes on open positions or an armed auto-close: which protection ends with this
/// program and which stays at the venue. Esc and "Stay" never quit.
class QuitDialog final : public QDialog
{
    Q_OBJECT

public:
    QuitDialog(const core::runtime::TerminalSnapshot &snapshot, QWidget *parent);
    /// Only where something real could be lost: live or test account, with a position or armed.
    [[nodiscard]] static bool isNeeded(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] QString text() const { return m_text; }

private:
    QString m_text;
};

} // namespace ui::shell
