#pragma once

#include <functional>
#include <vector>

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/base/result.h"
#include "core/storage/database.h"

namespace core::storage
{

/// "ETRM": the file belongs to this program.
inline constexpr int kApplicationId = 0x4554524D;

/// One step forward: its statements run in one transaction together with the new version number.
struct Migration {
    int version{0}; ///< the version after it: 1, 2, 3…
    QStringList statements;
    std::function<Result<void>(const Database &)> rewrite{}; ///< after the statements, in the same transaction
};
/// Every step there ever was, in order. Never edited after a release; only extended.
[[nodiscard]] const std::vector<Migration> &migrations();
[[nodiscard]] int currentSchemaVersion();

/// Brings an opened database from its version to the last of `steps`. NewerVersion when it is beyond that.
[[nodiscard]] Result<void> migrate(const Database &database, const std::vector<Migration> &steps);
/// Every schema object as text, sorted: what a healthy file of `version` must contain.
[[nodiscard]] Result<QStringList> expectedSchema(int version);
[[nodiscard]] Result<QStringList> presentSchema(const Database &database);

} // namespace core::storage
