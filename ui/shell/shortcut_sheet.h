#pragma once

#include <QtWidgets/QDialog>

class QAction;

namespace ui::shell
{

/// F1: every registered action that has a key, in two columns. Read-only.
class ShortcutSheet final : public QDialog
{
    Q_OBJECT

public:
    ShortcutSheet(const QList<QAction *> &actions, QWidget *parent);
};

} // namespace ui::shell
