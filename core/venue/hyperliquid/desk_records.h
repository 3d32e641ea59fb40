#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/fixed8.h"
#include "core/domain/market_data.h"
#include "core/venue/account.h"

/// What the desk keeps and tells. Values.
namespace core::venue::hyperliquid
{

enum class OrderTif { Gtc, Ioc, Alo, FrontendMarket, LiquidationMarket };
[[nodiscard]] std::string_view wireText(OrderTif tif);
enum class Grouping { None, Parent, Position }; ///< na, normalTpsl, positionTpsl

struct TriggerTerms {
    bool isMarket{false};
    Price price;
    bool isTakeProfit{false};
};

/// One order as the wire asks for it. Size 0: the whole position.
struct OrderTerms {
    std::int64_t asset{0};
    Side side{Side::Buy};
    Price price;
    Quantity size;
    bool reduceOnly{false};
    OrderTif tif{OrderTif::Gtc};
    std::optional<TriggerTerms> trigger;
    std::string cloid; ///< empty: none
};

/// By oid or by cloid.
using OrderKey = std::variant<std::int64_t, std::string>;
/// The venue's words, or nothing when it is done.
using Refusal = std::optional<std::string>;

enum class Stage { WaitingForFill, WaitingForTrigger, Working, Done };

struct DeskOrder {
    std::int64_t oid{0};
    std::size_t account{0};
    OrderTerms terms;   ///< size as ordered
    Quantity remaining; ///< as shown: reduce-only orders shrink with the position
    Stage stage{Stage::Working};
    std::string status{"open"};
    UtcTime placedAt;
    UtcTime statusAt;
    std::int64_t engineId{0};
    bool isPositionTpsl{false};
    bool isWholePosition{false};
    bool hasTriggered{false};
    std::int64_t parent{0};
    std::vector<std::int64_t> children;
    Quantity filled;
    Money filledQuote;
    [[nodiscard]] bool isOpen() const { return stage != Stage::Done; }
    [[nodiscard]] std::size_t asset() const { return static_cast<std::size_t>(terms.asset); }
};

struct DeskFill {
    std::size_t account{0};
    std::size_t asset{0};
    std::int64_t oid{0};
    std::string cloid;
    std::int64_t tid{0};
    std::uint64_t hash{0};
    Side side{Side::Buy};
    Price price;
    Quantity size;
    SignedQuantity startPosition{0};
    Money closedPnl; ///< gross
    Money fee;
    bool crossed{false};
    bool isLiquidation{false};
    Price markPrice;
    UtcTime at;
};

struct FundingRow {
    std::size_t asset{0};
    Money usdc; ///< negative: paid
    SignedQuantity position{0};
    Ratio rate;
    std::uint64_t hash{0};
    UtcTime at;
};

struct LedgerRow {
    std::string delta; ///< JSON object
    std::uint64_t hash{0};
    UtcTime at;
};

struct CoinSetting {
    bool isCross{true};
    int leverage{20};
};

struct BookRow {
    Price price;
    Quantity quantity;
    int orders{0};
};

/// What became of one order of a batch.
struct PlaceOutcome {
    enum class Kind { Resting, Filled, Refused, WaitingForFill, WaitingForTrigger };
    Kind kind{Kind::Refused};
    std::int64_t oid{0};
    std::string cloid;
    Quantity filled;
    Price averagePrice;
    std::string error;
};
struct PlaceReply {
    Refusal refusal; ///< of the whole action
    std::vector<PlaceOutcome> outcomes;
};

/// What the desk keeps for one account.
struct AccountBook {
    std::vector<DeskFill> fills;
    std::vector<FundingRow> fundings;
    std::vector<LedgerRow> ledger;
    std::deque<std::int64_t> finished; ///< oids, oldest first
    std::map<std::size_t, CoinSetting> settings;
    Money volume;
    std::optional<UtcTime> cancelAt;
    std::int64_t cancelDay{0};
    int cancelsToday{0};
};

} // namespace core::venue::hyperliquid
