#pragma once

#include <optional>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/exchange/hyperliquid/messages_account.h"

/// The venue's margin arithmetic. Pure; exact decimals with 128-bit products. Source:
/// reference/hyperliquid.md 2.4, 3.4.
namespace core::exchange::hyperliquid
{

/// What must stay behind a position of this value; rounded up. InvalidArgument without tiers or with a
/// negative value.
[[nodiscard]] Result<Money> maintenanceMargin(const std::vector<MarginTier> &tiers, Money positionValue);

/// A position seen by the venue's liquidation. `equity` at `mark`: of an isolated position its margin with
/// unrealised result, of a cross position the account value. `maintenanceOfOthers`: of the other cross
/// positions; 0 for isolated.
struct LiquidationInput {
    Direction direction{Direction::Long};
    Quantity quantity;
    Price mark;
    Money equity;
    Money maintenanceOfOthers;
};
/// With the rate of the tier that holds at the result; rounded to the side that comes first. nullopt when it
/// would not be above zero: no liquidation at this collateral. InvalidArgument without tiers, quantity or
/// mark.
[[nodiscard]] Result<std::optional<Price>> liquidationPrice(const LiquidationInput &input,
                                                            const std::vector<MarginTier> &tiers);

/// What an account is worth and can still use, by its mode. `available` is absent where the venue's answers
/// at hand do not tell it (portfolio margin without the venue's own figure).
struct AccountFigures {
    Money equity;
    Money wallet; ///< equity without the unrealised result
    Money unrealized;
    std::optional<Money> available;
    Money marginUsed;
    Money crossMaintenance;
    std::vector<std::string> remarks; ///< English: "dexAbstraction is discontinued: treated as standard"
};
/// Everything that the figures of one collateral may need.
struct AccountView {
    AccountMode mode{AccountMode::Unknown};
    std::vector<PerpAccount> dexes;  ///< Standard: the one asked about; unified: all of this collateral
    std::optional<SpotAccount> spot; ///< needed for unified and portfolio margin
    std::int64_t collateralToken{0};
    std::optional<Money> availableToTrade; ///< of activeAssetData: the most portable figure of free margin
};
/// Unsupported for an unknown mode (the program must not trade); InvalidArgument naming what is missing.
[[nodiscard]] Result<AccountFigures> accountFigures(const AccountView &view);

/// Of one day: Σ closedPnl − Σ fee + Σ funding. closedPnl is gross, so each fee counts once.
struct DayResult {
    Money closed;
    Money fees;
    Money funding;
    Money total;
};
/// Fees in another coin than `settlement` are not converted: InvalidArgument. A row that comes twice counts
/// once.
[[nodiscard]] Result<DayResult> dayResult(const std::vector<FillRow> &fills,
                                          const std::vector<FundingRow> &funding, const Asset &settlement,
                                          UtcTime from, UtcTime to);

/// Does each fill start where the one before it (of the same coin, oldest first) ended? The index of the
/// first that does not: something was missed, reconcile.
[[nodiscard]] std::optional<std::size_t> firstBrokenLink(const std::vector<FillRow> &oldestFirst);

} // namespace core::exchange::hyperliquid
