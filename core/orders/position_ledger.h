#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "core/domain/account.h"

namespace core::orders
{

/// One position (instrument and leg) put together from absolute reports and single fills. The newest report
/// by venue time is the base; fills after it are added; a fill at or before it is already inside. Fills are
/// counted once by trade id.
class PositionLedger
{
public:
    /// False when the report is older than what is known and was ignored.
    bool onReport(const Position &report);
    /// A complete answer did not list it: flat as of now.
    void onOmitted();
    /// The venue's answer stands against everything else: `report` holds, and no fill up to `upTo` is added
    /// to it.
    void rebase(const Position &report, UtcTime upTo);
    /// True when it is new.
    bool onFill(const Fill &fill);

    [[nodiscard]] bool isKnown() const { return m_known; }
    /// As reported: flat, direction, entry, margin. Fields that a stream leaves out keep the last known
    /// value.
    [[nodiscard]] const Position &base() const { return m_base; }
    [[nodiscard]] UtcTime baseTime() const { return m_baseTime; }
    /// Signed size in raw units: base and later fills.
    [[nodiscard]] std::int64_t live() const;
    /// Smallest size in `direction` that it had since `from`, by walking the known fills backwards from the present one.
    [[nodiscard]] Quantity smallestSince(UtcTime from, Direction direction) const;
    [[nodiscard]] UtcTime lastFillTime() const { return m_lastFillTime; }
    /// Time of the fill that opened the present position, found by walking the known fills backwards from it;
    /// absent when they do not reach back to flat.
    [[nodiscard]] std::optional<UtcTime> openedAt() const;

private:
    struct Delta {
        UtcTime time;
        std::int64_t tradeId{0};
        std::int64_t signedSize{0};
    };
    [[nodiscard]] std::vector<Delta> newestFirst() const;
    static void fillGaps(const Position &before, Position &after);
    void learnTerms(const Position &older);

    static constexpr std::size_t kFillsKept = 1024;
    bool m_known{false};
    Position m_base;
    UtcTime m_baseTime;
    std::deque<Delta> m_fills; ///< the last ones, in order of arrival
    UtcTime m_lastFillTime;
};

/// + for long, − for short.
[[nodiscard]] std::int64_t signedSize(const Position &position);

} // namespace core::orders
