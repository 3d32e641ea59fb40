#pragma once

#include <QtWidgets/QDialog>

#include "ui/models/lockout_lines.h"

class QLineEdit;
class QPushButton;

namespace ui::shell
{

/// Ends one lockout by hand: only after the word RELEASE was typed in full. Esc and Cancel leave it as it is.
class ReleaseDialog final : public QDialog
{
    Q_OBJECT

public:
    ReleaseDialog(const models::LockoutLine &lockout, QWidget *parent);

signals:
    void releaseConfirmed(const QString &lockout);

private:
    QLineEdit *m_word;      // child
    QPushButton *m_release; // child
};

} // namespace ui::shell
