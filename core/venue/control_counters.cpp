#include "core/venue/control_counters.h"

#include <algorithm>

#include "core/venue/json_text.h"

namespace core::venue
{

void ControlCounters::onRequest(const FaultSubject &subject, const std::string &identity, std::string_view answer,
                                bool isExecuted, Duration now)
{
    ++m_requests;
    ++m_answers[std::string(answer)];
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now).count();
    m_inSecond = second == m_second ? m_inSecond + 1 : 1;
    m_second = second;
    m_busiest = std::max(m_busiest, m_inSecond);
    if (!subject.reducesRisk)
        return;
    ++m_protective;
    const Duration since = m_waiting.try_emplace(identity, now).first->second;
    if (!isExecuted)
        return;
    ++m_protectiveServed;
    m_waitMost = std::max(m_waitMost, now - since);
    m_waiting.erase(identity);
}

std::uint64_t ControlCounters::answered(const std::string &answer) const
{
    const auto found = m_answers.find(answer);
    return found == m_answers.end() ? 0 : found->second;
}

void ControlCounters::write(JsonText &out) const
{
    const auto number = [&out](std::string_view name, std::uint64_t value) {
        out.number(name, static_cast<std::int64_t>(value));
    };
    out.object();
    number("requests", m_requests);
    number("busiest_second", m_busiest);
    out.key("by_answer").object();
    for (const auto &[answer, count] : m_answers)
        number(answer, count);
    out.endObject().key("protective").object();
    number("requests", m_protective);
    number("served", m_protectiveServed);
    number("waiting", m_waiting.size());
    out.number("wait_most_ms", std::chrono::duration_cast<std::chrono::milliseconds>(m_waitMost).count());
    out.endObject().endObject();
}

} // namespace core::venue
