#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>

#include "core/exchange/binance/messages.h"

namespace core::exchange::binance
{

/// Which events of the private stream have been taken, so that what two connections bring is taken once. Two
/// events are the same when the venue's transaction time and everything they say agree; when they reached us
/// does not count. Remembers the newest ones. Pure; one thread.
class UserEventWindow
{
public:
    explicit UserEventWindow(std::size_t remembered = 8192) : m_remembered(remembered) {}

    /// False when this event was there before.
    [[nodiscard]] bool add(const UserEvent &event);
    void clear();

private:
    std::size_t m_remembered;
    std::unordered_set<std::string> m_seen;
    std::deque<std::string> m_order;
};

} // namespace core::exchange::binance
