#include "core/runtime/alert_feed.h"

namespace core::runtime
{

AlertRow AlertFeed::admit(AlertRow row)
{
    std::erase_if(m_recent, [&](const auto &entry) { return row.at - entry.second.at > kJoinWithin; });
    const std::string key = row.code + '\n' + (row.instrument ? text(*row.instrument) : std::string()) + '\n' + row.text;
    const auto known = m_recent.find(key);
    if (known != m_recent.end()) {
        ++known->second.count;
        return known->second;
    }
    row.id = ++m_lastId;
    m_recent.emplace(key, row);
    return row;
}

} // namespace core::runtime
