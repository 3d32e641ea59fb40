#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"

namespace core::runtime
{

/// Who may act on the accounts of a data directory, as its lease file says. `token` grows with each taking and is never used
/// twice; `beat` grows with each renewal.
struct LeaseRecord {
    std::int64_t token{0};
    std::int64_t beat{0};
    std::string holder;     ///< program, for people
    std::int64_t process{0};
    std::string host;
    UtcTime takenAt;        ///< the holder's wall clock, for people
    bool released{false};   ///< it ended in order
    friend bool operator==(const LeaseRecord &, const LeaseRecord &) = default;
};

/// Who holds the lease, for people.
struct LeaseView {
    bool ours{false};
    std::optional<LeaseRecord> holder; ///< of the newest record; absent: nobody yet
    std::string problem;               ///< why the file could not be read or written; empty when it could
};

/// The rule by which exactly one engine acts. Pure: events in, answers out; all times are the caller's own monotonic clock, which
/// counts sleep, and never a wall clock or another process's.
///
/// The holder renews each second and acts only within `kActWithin` of the start of a renewal that found, after its writing, its own
/// token still the newest. A watcher takes over when the holder released it, when the holder's process is known to be dead, or when
/// it has itself seen no new beat for `kTakeAfter`. A token is taken by an exclusive creation, so of two takers one wins; taken from
/// one that may be alive, the new holder waits `kActWithin` before it acts: by then every renewal from before the taking has run
/// out, however long either of them was frozen in between and whatever their clocks say.
class LeaseRule
{
public:
    static constexpr Duration kRenewEvery = std::chrono::seconds{1};
    static constexpr Duration kActWithin = std::chrono::seconds{4};
    static constexpr Duration kTakeAfter = std::chrono::seconds{10};

    /// A token to try to take.
    struct Attempt {
        std::int64_t token{0};
        bool fromLiving{false}; ///< the one before may still be alive
        friend bool operator==(const Attempt &, const Attempt &) = default;
    };
    /// The newest record (absent: none yet) was read at `now`; `dead`: its process is known to be gone. What is to be tried now.
    [[nodiscard]] std::optional<Attempt> onSeen(Duration now, const std::optional<LeaseRecord> &newest, bool dead);
    /// The exclusive creation worked; it was begun at `startedAt` and found done at `finishedAt`.
    void onTaken(Duration startedAt, Duration finishedAt, const Attempt &attempt);
    /// A renewal begun at `startedAt` was written, and after it our token was still the newest.
    void onRenewed(Duration startedAt);
    /// A newer token exists, or ours was given up: from here on it only watches.
    void onLost();

    [[nodiscard]] bool holds() const { return m_token.has_value(); }
    [[nodiscard]] std::optional<std::int64_t> token() const { return m_token; }
    /// Acting is allowed from the first to before the second instant; absent: not at all.
    struct Window {
        Duration from{0};
        Duration until{0};
    };
    [[nodiscard]] std::optional<Window> window() const;
    [[nodiscard]] bool mayAct(Duration now) const;

private:
    std::optional<std::int64_t> m_token;
    Duration m_renewedAt{0};
    Duration m_actsFrom{0};
    std::optional<LeaseRecord> m_seen; ///< of another holder
    Duration m_seenAt{0};              ///< when its beat was first seen
};

} // namespace core::runtime
