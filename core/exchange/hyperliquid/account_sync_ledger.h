#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/exchange/hyperliquid/client_options.h"
#include "core/exchange/hyperliquid/messages_account.h"

namespace core::exchange::hyperliquid
{

/// Which fills, payments and transfers have been handed on, and whether each fill starts where the one before it
/// ended. Snapshots repeat history: what is known or lies before the beginning falls out here. Bounded. Pure; one
/// thread. Source: reference/hyperliquid.md sections 2.6, 6.2.
class AccountLedger
{
public:
    /// `begin`: nothing older is of interest, unless `lastFills` says from where on a coin's fills are missing.
    void start(UtcTime begin, const std::map<Symbol, LastFill> &lastFills);
    /// Those of `rows` that are new, oldest first and, where they share a millisecond, in the order of their
    /// start positions.
    [[nodiscard]] std::vector<FillRow> newFills(std::vector<FillRow> rows);
    /// False: between this fill and the one before it something is missing.
    [[nodiscard]] bool follows(const FillRow &row);
    void forgetChain() { m_after.clear(); }

    [[nodiscard]] bool addFunding(const FundingPayment &payment);
    [[nodiscard]] bool addTransfer(const Transfer &transfer);

    // From where on to ask.
    [[nodiscard]] UtcTime fillsFrom() const { return m_fillsFrom; }
    [[nodiscard]] UtcTime fundingFrom() const { return m_fundingFrom; }
    [[nodiscard]] UtcTime transfersFrom() const { return m_transfersFrom; }

private:
    struct Key {
        UtcTime time;
        Symbol symbol;
        std::int64_t trade;
        std::int64_t order;
        friend auto operator<=>(const Key &, const Key &) = default;
    };
    [[nodiscard]] bool isBefore(const Fill &fill) const;

    UtcTime m_begin;
    std::map<Symbol, LastFill> m_lastFills;
    std::set<Key> m_fills;
    std::deque<Key> m_fillOrder;
    std::set<std::pair<Symbol, UtcTime>> m_funding;
    std::set<std::string> m_transfers;
    std::map<Symbol, SignedSize> m_after;
    UtcTime m_fillsFrom;
    UtcTime m_fundingFrom;
    UtcTime m_transfersFrom;
};

} // namespace core::exchange::hyperliquid
