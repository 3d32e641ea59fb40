#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/runtime/drill/disk.h"

class QString;

namespace core::runtime::drill
{

/// The journal as a database file that `etrms-cli replay --journal` reads, through the real writer: the same chain,
/// byte for byte. InUse when the file exists; else as opening and writing.
[[nodiscard]] Result<void> writeJournal(const QString &path, const std::vector<ChainedRow> &rows);

} // namespace core::runtime::drill
