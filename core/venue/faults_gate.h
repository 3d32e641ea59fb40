#pragma once

#include <string_view>
#include <vector>

#include "core/venue/faults.h"
#include "core/venue/scenario_random.h"

namespace core::venue
{

/// One request or frame that may be struck.
struct FaultSubject {
    FaultFamily family{FaultFamily::Request};
    FaultChannel channel{FaultChannel::Rest}; ///< Order and Rest; Public, Market, Private; WebSocket: neither
    std::string_view name;                    ///< path, type of an action, name of an event
    bool reducesRisk{false};                  ///< a cancel, or an order that can only reduce
};

/// A plan at work: counts what passes and says which rules strike. Pure; one thread; time is monotonic and the
/// caller's. Same plan and same calls: same answers.
class FaultGate
{
public:
    /// Only rules of this skin are looked at.
    explicit FaultGate(Venue skin) : m_skin(skin), m_random(1) {}
    /// From now on this plan, with every count at zero. REQUIRES: validate(plan).
    void set(FaultPlan plan, Duration now);
    [[nodiscard]] const FaultPlan &plan() const { return m_plan; }
    [[nodiscard]] std::uint64_t strikes() const { return m_strikes; } ///< since the start, of all plans

    /// The rules that strike, in the order of the plan. Counts the subject. Valid until `set`.
    [[nodiscard]] std::vector<const FaultRule *> strike(const FaultSubject &subject, Duration now);
    /// The first rule of this kind whose time it is, or nullptr; counts nothing.
    [[nodiscard]] const FaultRule *active(FaultKind kind, Duration now) const;
    [[nodiscard]] const FaultRule *active(FaultKind kind, FaultChannel channel, Duration now) const;
    /// A rule of this kind whose time has come, each once; or nullptr.
    [[nodiscard]] const FaultRule *due(FaultKind kind, Duration now);
    /// How long ago the plan was set.
    [[nodiscard]] Duration age(Duration now) const { return now - m_setAt; }

private:
    struct Count {
        std::uint64_t seen{0};
        bool isDone{false};
    };
    [[nodiscard]] bool isTime(const FaultRule &rule, Duration now) const;
    [[nodiscard]] bool isSelected(const FaultRule &rule, std::uint64_t number);

    Venue m_skin;
    FaultPlan m_plan;
    std::vector<Count> m_counts; ///< by rule
    ScenarioRandom m_random;
    Duration m_setAt{0};
    std::uint64_t m_strikes{0};
};

} // namespace core::venue
