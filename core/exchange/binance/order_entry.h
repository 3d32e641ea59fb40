#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/exchange/binance/algo_life.h"

namespace core::exchange::binance
{

/// Everything known of one order that this program has sent or heard of, and what is being done about it.
struct OrderEntry {
    /// The venue keeps two kinds of orders in two places; neither knows of the other's.
    enum class Store { Unknown, Plain, Conditional };
    /// A change on its way. `asking`: its outcome is unknown and the order is being asked for.
    struct Change {
        OrderChange wanted;
        std::uint64_t number{0};
        int tries{0};
        int asked{0};
        bool sending{false};
        bool asking{false};
        bool clockRepaired{false};
    };

    InstrumentKey instrument;
    ClientOrderId id;
    Store store{Store::Unknown};
    std::optional<OrderRequest> request; ///< sent by us
    std::string query;                   ///< of that request, without time and signature
    std::optional<OrderUpdate> last;     ///< as told to the listener; of a conditional order: the pair's state
    AlgoLife algo;                       ///< of a conditional order
    std::uint64_t attempt{0};            ///< an answer to an older one is void
    int retries{0};
    bool sending{false}; ///< sent or about to be sent again, no verdict yet
    bool clockRepaired{false};
    bool unknownBefore{false};
    bool eventSeen{false}; ///< for the present attempt
    std::optional<Duration> eventDueBy;
    bool querying{false};
    bool askAlgo{false};  ///< the next question goes to the other store
    bool askChild{false}; ///< the next question is for what the conditional order became
    std::uint64_t queryRound{0};
    std::size_t queryTries{0};
    int absentTries{0};
    Duration firstAbsentAt{0};
    bool cancelWanted{false};
    int cancelTries{0};
    std::optional<Change> change;
    std::optional<std::string> differed; ///< what we believed when the venue's list said otherwise
    std::optional<UtcTime> differedBefore; ///< a change of the venue after this time is no difference
    Duration touchedAt{0};

    [[nodiscard]] bool isConditional() const { return store == Store::Conditional; }
    [[nodiscard]] bool isOver() const { return last && isFinal(last->status); }
};

/// "new 0/0.5 @ 60000": state, filled of total, price; for comparisons and the journal.
[[nodiscard]] std::string describe(const OrderUpdate &order);

} // namespace core::exchange::binance
