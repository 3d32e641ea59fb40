#pragma once

#include <optional>
#include <vector>

#include "core/exchange/binance/messages.h"

namespace core::exchange::binance
{

/// A conditional order together with the order of the matching engine that it turns into. What either of the
/// two stores says joins: any order of arrival and any duplicate end in the same state, and what is told
/// under the conditional order's id is always New, then Triggered before the first fill, then fills, then one
/// end. Pure; one thread. Source: reference/binance-usdm.md section 5.4.
class AlgoLife
{
public:
    void onAlgo(const AlgoEvent &event);
    /// The child, by its own ids; they are replaced.
    void onChild(const OrderUpdate &child);

    /// The states that were reached and not told yet, oldest first.
    [[nodiscard]] std::vector<OrderUpdate> takeNews();
    /// As of now; REQUIRES: onAlgo was called.
    [[nodiscard]] OrderUpdate state() const;
    [[nodiscard]] bool isKnown() const { return m_algo.has_value(); }
    [[nodiscard]] bool isOver() const;
    [[nodiscard]] const std::optional<VenueOrderId> &child() const { return m_child; }
    /// The algo side says that it is done, and only the child's own state can say how.
    [[nodiscard]] bool wantsChild() const;

private:
    [[nodiscard]] OrderStatus status() const;
    [[nodiscard]] Quantity filled() const;
    [[nodiscard]] bool hasFired() const;

    std::optional<AlgoEvent> m_algo; ///< the furthest one
    std::optional<VenueOrderId> m_child;
    std::optional<OrderUpdate> m_childState;
    std::optional<OrderUpdate> m_told;
    bool m_triggerTold{false};
};

} // namespace core::exchange::binance
