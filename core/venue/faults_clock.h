#pragma once

#include "core/base/clock.h"

namespace core::venue
{

/// The venue's clock: another one, set off by what a fault says. The other one outlives it.
class FaultsClock final : public Clock
{
public:
    explicit FaultsClock(const Clock &clock) : m_clock(clock) {}
    void setSkew(Duration skew) { m_skew = skew; }
    [[nodiscard]] UtcTime now() const override { return m_clock.now() + m_skew; }
    [[nodiscard]] Duration monotonic() const override { return m_clock.monotonic(); }

private:
    const Clock &m_clock;
    Duration m_skew{0};
};

} // namespace core::venue
