#pragma once

#include <string>

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/risk/limits.h"

namespace ui::models
{

/// How one value of the limits file is shown to people.
struct LimitWords {
    QString group;   ///< heading that it stands under
    QString breaker; ///< title of its breaker; empty: a value of its own
    QString name;
    QString meaning; ///< one plain sentence; of a step: what happens when its level is reached
    bool hidden{false}; ///< nothing that a person edits (schema, kind, scope, ids)
};
/// `path` as in risk::FieldError; a path that is not known is shown as it is.
[[nodiscard]] LimitWords limitWords(const core::risk::Limits &limits, const std::string &path);

/// The headings in the order in which they are shown.
[[nodiscard]] QStringList limitGroups();

} // namespace ui::models
