#pragma once

#include <QtCore/QSize>
#include <QtWidgets/QScrollArea>

class QLabel;

namespace ui::controls
{

/// Gives a dialog `wanted`, or as much of it as its screen has: its buttons are never below the edge.
void resizeToScreen(QWidget &dialog, QSize wanted);
/// `label`, which may grow beyond what the screen holds, with a scroll bar for that case. A child of `parent`.
[[nodiscard]] QScrollArea *scrolled(QLabel *label, QWidget *parent);

} // namespace ui::controls
