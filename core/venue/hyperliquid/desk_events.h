#pragma once

#include <set>
#include <utility>
#include <vector>

#include "core/venue/hyperliquid/desk_records.h"

/// What the desk tells. Values.
namespace core::venue::hyperliquid
{

struct LiquidationNote {
    std::size_t account{0};
    Money notional;
    Money accountValue;
};

/// What happened since the last look, in order.
struct DeskEvents {
    struct OrderNote {
        DeskOrder order; ///< as it was then
    };
    struct FundingNote {
        std::size_t account{0};
        FundingRow row;
    };
    struct LedgerNote {
        std::size_t account{0};
        LedgerRow row;
    };
    std::vector<OrderNote> orders;
    std::vector<DeskFill> fills;
    std::vector<FundingNote> fundings;
    std::vector<LedgerNote> ledger;
    std::vector<LiquidationNote> liquidations;
    std::vector<DeskOrder> nonUserCancels;
    std::vector<std::pair<std::size_t, Trade>> ownTrades; ///< by asset: prints in which our accounts took part
    std::set<std::size_t> shownBooks;                     ///< assets whose public book our orders changed
    std::set<std::size_t> accounts;                       ///< whose state changed
    [[nodiscard]] bool empty() const
    {
        return orders.empty() && fills.empty() && fundings.empty() && ledger.empty() && liquidations.empty() &&
               nonUserCancels.empty() && accounts.empty() && ownTrades.empty() && shownBooks.empty();
    }
};

} // namespace core::venue::hyperliquid
