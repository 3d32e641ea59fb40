#pragma once

#include <map>
#include <string>

#include "core/runtime/snapshots.h"

namespace core::runtime
{

/// Numbers the alerts and joins equal ones (same code, instrument and text within 30 s become one row "×n"). One thread.
class AlertFeed
{
public:
    static constexpr Duration kJoinWithin = std::chrono::seconds{30};

    /// Ids go on after those of earlier runs.
    explicit AlertFeed(std::int64_t lastId = 0) : m_lastId(lastId) {}
    /// The row to show and store: new, or an older one with a larger count (same id).
    [[nodiscard]] AlertRow admit(AlertRow row);

private:
    std::int64_t m_lastId;
    std::map<std::string, AlertRow> m_recent;
};

} // namespace core::runtime
