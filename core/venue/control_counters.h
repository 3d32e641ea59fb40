#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/clock.h"
#include "core/venue/faults_gate.h"

namespace core::venue
{

class JsonText;

/// What came in over HTTP and how it went. A request that reduces risk waits from the first time that it
/// arrives until it is executed, however often a fault turned it away. Pure; one thread.
class ControlCounters
{
public:
    /// `identity` names what is asked for, the same when it is asked again.
    void onRequest(const FaultSubject &subject, const std::string &identity, std::string_view answer, bool isExecuted,
                   Duration now);
    void write(JsonText &out) const;

    [[nodiscard]] std::uint64_t requests() const { return m_requests; }
    [[nodiscard]] std::uint64_t answered(const std::string &answer) const;
    [[nodiscard]] std::uint64_t protectiveRequests() const { return m_protective; }
    [[nodiscard]] std::uint64_t protectiveServed() const { return m_protectiveServed; }
    [[nodiscard]] std::size_t protectiveWaiting() const { return m_waiting.size(); }
    [[nodiscard]] Duration protectiveWaitMost() const { return m_waitMost; }
    /// The most requests that came within one second, and when the last one came.
    [[nodiscard]] std::uint64_t busiestSecond() const { return m_busiest; }

private:
    std::uint64_t m_requests{0};
    std::map<std::string, std::uint64_t, std::less<>> m_answers;
    std::map<std::string, Duration, std::less<>> m_waiting; ///< identity → first arrival
    std::uint64_t m_protective{0};
    std::uint64_t m_protectiveServed{0};
    Duration m_waitMost{0};
    std::int64_t m_second{-1};
    std::uint64_t m_inSecond{0};
    std::uint64_t m_busiest{0};
};

} // namespace core::venue
