#pragma once

#include "core/base/clock.h"

namespace core::net
{

/// The machine's clocks: wall time for stamps, a monotonic one for ages and deadlines. Any thread.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] UtcTime now() const override;
    [[nodiscard]] Duration monotonic() const override;
};

} // namespace core::net
