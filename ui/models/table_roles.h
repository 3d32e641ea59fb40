#pragma once

#include <QtCore/Qt>

namespace ui::models
{

/// What a cell means; the delegate chooses the colour, so models know no theme.
enum class Tone { Primary, Secondary, Muted, Long, Short, Warn, Critical };

enum TableRole {
    ToneRole = Qt::UserRole + 1, ///< int(Tone)
    NumericRole,                 ///< bool: fixed pitch, right-aligned
    GaugeRole,                   ///< double 0…1: share of a limit used, drawn as a thin bar; invalid: none
    BoldRole,                    ///< bool
    ChipRole,                    ///< bool: drawn as a block of the tone's colour, dark words on it
};

} // namespace ui::models
