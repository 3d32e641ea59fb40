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

/// Asks, in the user's own numbers, before orders may be sent by themselves: what would close, at which loss,
/// at which price. Arming takes live data and a hold of 1.5 s; Esc and "Stay at alert-only" never arm.
/// Follows the snapshots.
class ArmingDialog final : public QDialog
{
    Q_OBJECT

public:
    ArmingDialog(const theme::Theme &theme, QWidget *parent);
    /// Which account is to be armed; absent: all of them.
    void setAccount(std::optional<core::Venue> account) { m_account = account; }
    [[nodiscard]] std::optional<core::Venue> account() const { return m_account; }
    void showSnapshot(const core::runtime::TerminalSnapshot *snapshot);
    [[nodiscard]] controls::HoldButton *holdButton() const { return m_hold; }
    [[nodiscard]] QString text() const;
    /// Why arming is not possible right now; empty when it is.
    [[nodiscard]] static QString obstacle(const core::runtime::TerminalSnapshot *snapshot);

signals:
    void armRequested();

private:
    const theme::Theme &m_theme;
    std::optional<core::Venue> m_account;
    QLabel *m_body;               // child
    QLabel *m_obstacle;           // child
    controls::HoldButton *m_hold; // child
};

} // namespace ui::shell
