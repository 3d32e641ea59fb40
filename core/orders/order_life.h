#pragma once

#include <optional>
#include <vector>

#include "core/domain/order.h"
#include "core/ports/exchange_client.h"

namespace core::orders
{

/// One order of ours as a set of facts: what was answered, the furthest status, the largest reported fill, the single fills.
/// Facts only join, so any order of arrival and any duplicate give the same state; a fill outranks a cancel.
class OrderLife
{
public:
    explicit OrderLife(OrderRequest request) : m_request(std::move(request)) {}

    void onOutcome(ports::RequestOutcome outcome);
    void onUpdate(const OrderUpdate &update);
    /// True when it is new. Identity is the trade id.
    bool onFill(const Fill &fill);
    void onAbsent() { m_absent = true; }

    [[nodiscard]] const OrderRequest &request() const { return m_request; }
    /// Unknown: no answer, or one that says neither, and nothing since that proves life or death.
    [[nodiscard]] OrderStatus status() const;
    /// The venue said that it never existed, and nothing contradicts it.
    [[nodiscard]] bool isAbsent() const { return m_absent && !isSeen(); }
    /// Nothing more can come of it, except late news of fills that happened before.
    [[nodiscard]] bool isSettled() const { return isAbsent() || isFinal(status()); }
    [[nodiscard]] bool isRejected() const { return status() == OrderStatus::Rejected; }
    [[nodiscard]] Quantity filled() const;
    /// What it may still fill: zero once settled.
    [[nodiscard]] Quantity open() const;
    /// Reported by the order's status but not (yet) by single fills; with the time of that status.
    [[nodiscard]] Quantity filledWithoutFills() const;
    [[nodiscard]] UtcTime lastVenueTime() const { return m_venueTime; }
    /// Size-weighted, toward zero in the ninth place; absent where nothing was filled or the venue did not say.
    [[nodiscard]] std::optional<Price> averagePrice() const;
    [[nodiscard]] const std::string &reason() const { return m_reason; }

    friend bool operator==(const OrderLife &, const OrderLife &) = default;

private:
    [[nodiscard]] bool isSeen() const { return m_rank > 0 || !m_fills.empty(); }

    struct Execution {
        std::int64_t tradeId{0};
        Price price;
        Quantity quantity;
        friend auto operator<=>(const Execution &, const Execution &) = default;
    };

    OrderRequest m_request;
    bool m_accepted{false};
    bool m_rejected{false};
    bool m_unknown{false};
    bool m_absent{false};
    int m_rank{0};                        ///< of the furthest status that was reported
    Quantity m_reported;                  ///< largest `filled` of any update
    std::optional<Price> m_reportedPrice; ///< average price that came with it
    std::vector<Execution> m_fills;       ///< by trade id
    UtcTime m_venueTime;                  ///< latest of any fact
    std::string m_reason;
};

} // namespace core::orders
