#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/order.h"
#include "core/exchange/hyperliquid/messages.h"

namespace core::exchange::hyperliquid
{

/// Base units with a sign: negative is short.
using SignedSize = Fixed8<struct SignedSizeTag>;

/// One order as the venue lists or streams it. `update.clientOrderId` is the cloid as it stands on the wire
/// ("0x" and 32 digits; empty without one): the client maps it to its own. `update.filled` is `origSz − sz`;
/// a reduce-only order shrinks without a fill, so there it is only an upper bound (`filledIsBound`): fills
/// tell.
struct OrderRow {
    OrderUpdate update;
    Quantity remaining; ///< venue's `sz`
    bool filledIsBound{false};
    std::string venueStatus;   ///< "open", "iocCancelRejected", …; empty in lists of open orders
    std::string venueType;     ///< "Stop Market"; empty where the venue does not say (orderUpdates): then Unknown
    std::string timeInForce;   ///< "Gtc"; empty for triggers
    bool wholePosition{false}; ///< isPositionTpsl: size follows the position
    UtcTime placedAt;
    std::vector<OrderRow> children; ///< wait for this one's fill
    friend bool operator==(const OrderRow &, const OrderRow &) = default;
};

/// One execution. Identity is (venueTime, coin, tradeId, order). `fill.tradeId` is 0 and `fill.feeAsset`
/// empty in answers from before these fields existed. Never decide by `direction`: it is text for people.
struct FillRow {
    struct Liquidated {
        std::string user;
        std::optional<Price> mark;
        std::string method; ///< "market", "backstop"
        friend bool operator==(const Liquidated &, const Liquidated &) = default;
    };
    Fill fill;
    std::optional<SignedSize> startPosition; ///< before this fill
    std::string direction;
    std::string hash;
    std::optional<Money> builderFee; ///< part of the fee
    std::optional<std::int64_t> twapId;
    std::optional<Liquidated> liquidation;
    friend bool operator==(const FillRow &, const FillRow &) = default;
};
/// startPosition ± size; nullopt where the venue does not say the start or the sum does not fit.
[[nodiscard]] std::optional<SignedSize> positionAfter(const FillRow &row);

struct FundingRow {
    FundingPayment payment;
    std::optional<SignedSize> position;
    std::string hash; ///< empty on the stream
    friend bool operator==(const FundingRow &, const FundingRow &) = default;
};

/// A change of the balance without a trade. `transfer` is absent where kind or parties do not tell the sign
/// (unknown kinds, liquidations); its id is hash and kind. `withinAccount`: only between pockets of the same
/// person (perp ⇄ spot).
struct LedgerRow {
    std::string kind;
    std::string hash;
    UtcTime venueTime;
    std::optional<Transfer> transfer;
    bool withinAccount{false};
    std::optional<Money> fee; ///< not part of the amount
    std::string user, destination;
    friend bool operator==(const LedgerRow &, const LedgerRow &) = default;
};

struct MarginSummary {
    Money accountValue;
    Money notional;
    Money rawUsd; ///< cash minus signed cost: not a balance
    Money marginUsed;
    friend bool operator==(const MarginSummary &, const MarginSummary &) = default;
};
struct PositionRow {
    Position position; ///< initialMargin of cross, isolatedMargin of isolated ones; maintenance is never said
    SignedSize size;
    Money positionValue;         ///< |size| × mark
    std::optional<Money> rawUsd; ///< isolated
    std::optional<int> leverageMax;
    std::optional<Money> fundingSinceOpen;
    friend bool operator==(const PositionRow &, const PositionRow &) = default;
};
/// `clearinghouseState` of one dex. Sections that old answers lack are absent. Flat coins are not listed.
struct PerpAccount {
    std::optional<MarginSummary> all; ///< includes isolated positions
    std::optional<MarginSummary> cross;
    std::optional<Money> crossMaintenance;
    Money withdrawable; ///< not the free margin
    std::vector<PositionRow> positions;
    std::optional<UtcTime> venueTime;
    friend bool operator==(const PerpAccount &, const PerpAccount &) = default;
};

/// `total` is absent where it exceeds the range of Money (coins counted by the trillion).
struct SpotBalance {
    Symbol coin;
    std::optional<std::int64_t> token; ///< absent for outcomes
    std::optional<Money> total, hold;
    friend bool operator==(const SpotBalance &, const SpotBalance &) = default;
};
struct SpotAccount {
    std::vector<SpotBalance> balances;
    std::optional<bool> portfolioMargin;
    std::optional<Ratio> portfolioMarginRatio;
    std::vector<std::pair<std::int64_t, Money>>
        availableAfterMaintenance; ///< by token; portfolio margin only
    friend bool operator==(const SpotAccount &, const SpotAccount &) = default;
};

/// Leverage setting and room of one coin, also without a position.
struct AssetSetting {
    InstrumentKey instrument;
    std::string user;
    MarginMode marginMode{MarginMode::Cross};
    int leverage{1};
    Quantity buyMax, sellMax;
    Money availableToBuy, availableToSell;
    std::optional<Price> mark;
    friend bool operator==(const AssetSetting &, const AssetSetting &) = default;
};

} // namespace core::exchange::hyperliquid
