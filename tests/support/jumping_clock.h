#pragma once

#include "core/net/system_clock.h"

namespace tests
{

/// A wall clock that jumps when told to, above the machine's monotonic one.
class JumpingClock final : public core::Clock
{
public:
    [[nodiscard]] core::UtcTime now() const override { return m_system.now() + offset; }
    [[nodiscard]] core::Duration monotonic() const override { return m_system.monotonic(); }
    core::Duration offset{0};

private:
    core::net::SystemClock m_system;
};

} // namespace tests
