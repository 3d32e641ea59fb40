#pragma once

#include <string>
#include <utility>

#include "core/base/clock.h"

namespace core::net
{

/// Whether what a quiet stream told is still so. A pong proves the line and not that the stream speaks: an event of it
/// does, and an answer to a question does. Without either for `within` it is in doubt, and an answer alone does not end
/// that: what was missed meanwhile is only found by comparing everything. Pure; monotonic time comes in; one thread.
class ProofOfLife
{
public:
    explicit ProofOfLife(Duration within) : m_within(within) {}

    /// An event of the stream, or everything was compared.
    void prove(Duration now)
    {
        m_provenAt = now;
        m_isInDoubt = false;
        m_why.clear();
    }
    /// A question was answered. False: it is in doubt, and everything has to be compared.
    [[nodiscard]] bool onAnswer(Duration now)
    {
        if (isInDoubt(now))
            return false;
        prove(now);
        return true;
    }
    void onFailure(std::string why) { m_why = std::move(why); }

    /// Once true, until it is proven.
    [[nodiscard]] bool isInDoubt(Duration now)
    {
        m_isInDoubt = m_isInDoubt || now - m_provenAt > m_within;
        return m_isInDoubt;
    }
    /// Why the newest question had no answer; empty when none was asked or it was not said.
    [[nodiscard]] const std::string &why() const { return m_why; }

private:
    Duration m_within;
    Duration m_provenAt{0};
    bool m_isInDoubt{false};
    std::string m_why;
};

} // namespace core::net
