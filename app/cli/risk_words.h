#pragma once

#include <optional>
#include <string>
#include <vector>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include "core/storage/risk_repositories.h"

namespace app::cli
{

/// Whose limits, as the command line names them: "account main (live)", "all accounts (demo)".
[[nodiscard]] std::string ownerText(const core::storage::LimitsOwner &owner);
[[nodiscard]] QJsonObject ownerJson(const core::storage::LimitsOwner &owner);

/// Each limit with its sentence, then the other values by their paths.
[[nodiscard]] std::string limitsText(const core::risk::Limits &limits);
[[nodiscard]] QJsonObject limitsJson(const core::risk::Limits &limits);

/// "tighter, at once" and "looser, from …", one line per change.
[[nodiscard]] std::string changesText(const std::vector<core::risk::LimitChange> &changes,
                                      std::optional<core::UtcTime> looserFrom);
[[nodiscard]] QJsonArray changesJson(const std::vector<core::risk::LimitChange> &changes,
                                     std::optional<core::UtcTime> looserFrom);

} // namespace app::cli
