#pragma once

#include "core/runtime/drill/plan.h"
#include "core/runtime/drill/timeline.h"

namespace core::runtime::drill
{

/// The clocks of the program's machine: somebody sets the wall clock, the monotonic one goes on. The venue's stay right.
class ShiftedClock final : public Clock
{
public:
    ShiftedClock(const DrillPlan &plan, const Timeline &timeline) : m_plan(plan), m_timeline(timeline), m_start(timeline.now())
    {
    }
    [[nodiscard]] UtcTime now() const override
    {
        UtcTime wall = m_timeline.now();
        for (const ClockJump &jump : m_plan.jumps)
            wall += monotonic() >= jump.at ? jump.by : Duration::zero();
        return wall;
    }
    [[nodiscard]] Duration monotonic() const override { return m_timeline.now() - m_start; }

private:
    const DrillPlan &m_plan;
    const Timeline &m_timeline;
    UtcTime m_start;
};

} // namespace core::runtime::drill
