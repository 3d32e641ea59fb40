#pragma once

#include "core/base/clock.h"

namespace core::net
{

/// The machine's clocks: wall time for stamps, a monotonic one for ages and deadlines, which counts the time that the machine
/// sleeps where the system has such a clock (Linux). Any thread.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] UtcTime now() const override;
    [[nodiscard]] Duration monotonic() const override;
};

} // namespace core::net
