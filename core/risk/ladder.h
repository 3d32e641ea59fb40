#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/risk/limits.h"

namespace core::risk
{

/// The most that a breaker of this kind may do. DataStale: nothing is closed on data that cannot be trusted (methods.md 7.1).
[[nodiscard]] TierAction actionMax(BreakerKind kind);
/// What the tier does: its action, not beyond `actionMax`.
[[nodiscard]] TierAction actionOf(BreakerKind kind, const Tier &tier);
/// True when `a` does more than `b`: the action, then the larger fraction, then the trigger that lies further out.
[[nodiscard]] bool isMoreSevere(BreakerKind kind, const Tier &a, const Tier &b);
/// The reading is at the trigger or beyond it (inclusive).
[[nodiscard]] bool isReached(BreakerKind kind, const Tier &tier, Ratio reading);
/// The reading is back at the rearm level.
[[nodiscard]] bool isBack(BreakerKind kind, const Tier &tier, Ratio reading);

/// What the tiers of one breaker on one subject remember; methods.md 7.2. Runs parallel to the breaker's tiers, which are
/// handed in with each call. A value.
class Ladder
{
public:
    struct Rung {
        bool armed{true};
        bool active{false}; ///< reached, and not yet back at rearm: what it blocks stays blocked
        int fires{0};
        friend bool operator==(const Rung &, const Rung &) = default;
    };
    struct Hit {
        std::size_t tier{0};
        int fireNumber{1};
        friend bool operator==(const Hit &, const Hit &) = default;
    };

    explicit Ladder(std::size_t tiers = 0) : m_rungs(tiers) {}

    /// The tier that would act at `reading`; nothing is changed.
    [[nodiscard]] std::optional<Hit> peek(const Breaker &breaker, Ratio reading) const;
    /// Whether a reading on the good side takes anything back. No: it is not known to be the whole of it.
    enum class TakesBack { No, Yes };
    /// Re-arms what is back, then spends all that is reached and returns the most severe of them.
    [[nodiscard]] std::optional<Hit> step(const Breaker &breaker, Ratio reading, TakesBack takesBack = TakesBack::Yes);
    /// What `step` changes, for whoever has peeked.
    void spendReached(const Breaker &breaker, Ratio reading, TakesBack takesBack = TakesBack::Yes);
    /// Follows which tiers are reached without spending any: a reading that must not act.
    void follow(const Breaker &breaker, Ratio reading, TakesBack takesBack = TakesBack::Yes);
    /// There is no danger of this kind: everything is back.
    void clear(const Breaker &breaker);
    /// A new period: fires count from zero; tiers that are still reached stay spent unless the reading starts anew as well.
    void nextPeriod(bool readingRestarts);
    /// Known to have fired `fires` times: spent, with everything milder.
    void spend(const Breaker &breaker, std::string_view tier, int fires);
    /// The tier may fire once more.
    void reopen(const Breaker &breaker, std::string_view tier);
    /// Counts one more fire of a tier (an escalation) and says its number.
    int countFire(std::size_t tier);
    /// Nothing can change while −∞ < rearm < reading < trigger; see `step`.
    [[nodiscard]] bool isQuiet(const Breaker &breaker, Ratio reading) const;

    [[nodiscard]] const std::vector<Rung> &rungs() const { return m_rungs; }
    void setRung(std::size_t tier, const Rung &rung) { m_rungs[tier] = rung; }
    friend bool operator==(const Ladder &, const Ladder &) = default;

private:
    std::vector<Rung> m_rungs;
};

/// Keeps what tiers of the same id remember when the limits change; new ids start armed.
[[nodiscard]] Ladder carriedOver(const Ladder &ladder, const Breaker &from, const Breaker &to);

} // namespace core::risk
