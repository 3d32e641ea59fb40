#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/exchange/hyperliquid/action_ids.h"
#include "core/exchange/hyperliquid/action_value.h"
#include "core/exchange/hyperliquid/wire_number.h"

/// Builders of the actions that this program sends, members in the order that is hashed; optional members that are not
/// used are absent. Every failure is InvalidArgument and means that nothing was built.
/// Source: reference/hyperliquid.md section 5.
namespace core::exchange::hyperliquid
{

/// Orders, cancels or changes in one action; a longer list is split by the caller before signing.
inline constexpr std::size_t kActionItemsMax = 200;

enum class Tif { Gtc, Alo, Ioc };
enum class TriggerPurpose { TakeProfit, StopLoss };
struct LimitTerms {
    Tif tif{Tif::Gtc};
    friend bool operator==(const LimitTerms &, const LimitTerms &) = default;
};
struct TriggerTerms {
    bool isMarket{true};
    WireNumber triggerPrice{};
    TriggerPurpose purpose{TriggerPurpose::StopLoss};
    friend bool operator==(const TriggerTerms &, const TriggerTerms &) = default;
};

/// One order as the wire has it. Price and size > 0; only a reduce-only trigger in Grouping::PositionTpsl may have
/// size 0 ("the whole position"), because a zero in any other reduce-only order would close everything.
struct WireOrder {
    std::uint32_t asset{0};
    bool isBuy{false};
    WireNumber price{};
    WireNumber size{};
    bool reduceOnly{false};
    std::variant<LimitTerms, TriggerTerms> terms{};
    std::optional<Cloid> cloid{};
    friend bool operator==(const WireOrder &, const WireOrder &) = default;
};

enum class Grouping { None, NormalTpsl, PositionTpsl };
struct BuilderFee {
    Address builder{};
    std::uint32_t tenthsOfBasisPoint{0};
};
[[nodiscard]] Result<ActionValue> orderAction(std::span<const WireOrder> orders, Grouping grouping = Grouping::None,
                                              const std::optional<BuilderFee> &builder = std::nullopt);

struct CancelItem {
    std::uint32_t asset{0};
    std::uint64_t orderId{0};
};
struct CloidCancelItem {
    std::uint32_t asset{0};
    Cloid cloid{};
};
enum class CancelSpeed { Normal, Fast }; ///< Fast is refused by the venue for trigger orders
[[nodiscard]] Result<ActionValue> cancelAction(std::span<const CancelItem> cancels,
                                               CancelSpeed speed = CancelSpeed::Normal);
[[nodiscard]] Result<ActionValue> cancelByCloidAction(std::span<const CloidCancelItem> cancels,
                                                      CancelSpeed speed = CancelSpeed::Normal);

using OrderReference = std::variant<std::uint64_t, Cloid>;
/// `order.size` is the new *remaining* size.
struct ModifyItem {
    OrderReference reference{};
    WireOrder order{};
};
/// Its reply has no order id: prefer batchModifyAction.
[[nodiscard]] Result<ActionValue> modifyAction(const ModifyItem &item);
[[nodiscard]] Result<ActionValue> batchModifyAction(std::span<const ModifyItem> items);

[[nodiscard]] Result<ActionValue> updateLeverageAction(std::uint32_t asset, MarginMode mode, std::uint32_t leverage);
/// `change` > 0 adds margin; refused when it is zero or finer than a millionth.
[[nodiscard]] Result<ActionValue> updateIsolatedMarginAction(std::uint32_t asset, Money change);
/// Cancels all orders, stops included, at that time of the venue; no time clears it.
[[nodiscard]] ActionValue scheduleCancelAction(std::optional<std::uint64_t> timeMs);
/// Burns its nonce: sent with the nonce of a request in flight, whichever lands first wins.
[[nodiscard]] ActionValue noopAction();

enum class Network { Mainnet, Testnet };
/// Signed by the master key (`ActionSigner::signUser`). `name` at most 16 bytes before its optional
/// " valid_until <ms>"; empty for the unnamed agent. The nonce is also the outer one.
[[nodiscard]] Result<ActionValue> approveAgentAction(Network network, const Address &agent, std::string_view name,
                                                     std::uint64_t nonce);

} // namespace core::exchange::hyperliquid
