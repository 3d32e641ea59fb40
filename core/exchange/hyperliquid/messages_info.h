#pragma once

#include "core/exchange/hyperliquid/messages_account.h"

namespace core::exchange::hyperliquid
{

/// One row of `universe`; its position is part of the asset id, delisted or not.
struct MetaAsset {
    std::string name; ///< "BTC", "xyz:TSLA"
    int sizeDecimals{0};
    int leverageMax{1};
    std::optional<int> marginTable;
    bool delisted{false};
    bool isolatedOnly{false}; ///< onlyIsolated, strictIsolated or noCross
    std::string marginMode;   ///< as the venue says; empty when absent
    friend bool operator==(const MetaAsset &, const MetaAsset &) = default;
};
struct MetaMarginTier {
    Money lowerBound;
    int leverageMax{1};
    friend bool operator==(const MetaMarginTier &, const MetaMarginTier &) = default;
};
struct MetaMarginTable {
    int id{0};
    std::vector<MetaMarginTier> tiers;
    friend bool operator==(const MetaMarginTable &, const MetaMarginTable &) = default;
};
struct Meta {
    std::vector<MetaAsset> universe;
    std::vector<MetaMarginTable> marginTables;
    std::optional<std::int64_t> collateralToken; ///< spot token; 0 is USDC
    friend bool operator==(const Meta &, const Meta &) = default;
};
struct MetaAndContexts {
    Meta meta;
    std::vector<AssetContext> contexts; ///< by position in `meta.universe`
};
/// Index in the list is the dex index; the first ("") is the venue's own.
struct PerpDex {
    std::string name;
    std::string fullName;
    friend bool operator==(const PerpDex &, const PerpDex &) = default;
};

/// `orderStatus`; absent row: unknownOid, which is not "never placed" (the venue forgets after about 2,000
/// orders).
using FoundOrder = std::optional<OrderRow>;

/// Fractions: 0.00045 is 4.5 bp.
struct UserFees {
    Ratio taker, maker;
    std::optional<Ratio> spotTaker, spotMaker;
    std::optional<Ratio> referralDiscount, stakingDiscount;
};
struct UserRateLimit {
    double volume{0}; ///< USDC traded ever; may exceed Money
    std::int64_t used{0};
    std::int64_t cap{0};
    std::optional<std::int64_t> surplus;
};
struct Agent {
    std::string name;
    std::string address;
    std::optional<UtcTime> validUntil;
    friend bool operator==(const Agent &, const Agent &) = default;
};
/// What an address is. `master` is set for Agent (whose agent) and SubAccount (whose sub-account).
struct UserRole {
    enum class Kind { Missing, User, Vault, Agent, SubAccount, Unknown };
    Kind kind{Kind::Unknown};
    std::string master;
    friend bool operator==(const UserRole &, const UserRole &) = default;
};
struct ExchangeStatus {
    UtcTime time;
    bool special{false};     ///< the venue is in a special mode
    std::string specialText; ///< as JSON
};
/// One span of `portfolio` ("day", "perpWeek", …).
struct PortfolioSpan {
    std::string span;
    std::vector<std::pair<UtcTime, Money>> accountValue;
    std::vector<std::pair<UtcTime, Money>> pnl;
};
struct TokenRow {
    std::int64_t index{0};
    std::string name;
    int sizeDecimals{0};
};

} // namespace core::exchange::hyperliquid
