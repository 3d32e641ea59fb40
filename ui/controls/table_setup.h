#pragma once

#include "ui/theme/theme.h"

class QTableView;
class QWidget;

namespace ui::controls
{

/// A table as every dock uses it: whole rows, fixed row height, columns that nobody resizes by accident, no
/// grid.
[[nodiscard]] QTableView *newTable(const theme::Theme &theme, QWidget *parent);

} // namespace ui::controls
