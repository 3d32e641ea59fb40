#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <QtCore/QString>

#include "core/base/result.h"

namespace core::storage
{

/// A file that passed: what it holds.
struct CheckReport {
    int schemaVersion{0};
    std::int64_t journalRows{0};
    struct Table {
        std::string name;
        std::int64_t rows{0};
    };
    std::vector<Table> tables; ///< every table with a check sum per row
};

/// Reads the whole file without changing it: SQLite's integrity and foreign keys, our schema, the journal's
/// chain, every row's check sum. Corrupt names the first bad thing ("journal row 42: …"); NotFound,
/// NewerVersion and IoFailed as in open.
[[nodiscard]] Result<CheckReport> checkDatabase(const QString &path);

} // namespace core::storage
