#pragma once

#include <string>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/risk/facts.h"
#include "core/runtime/snapshots.h"

namespace core::runtime
{

enum class JournalKind { Input, Decision, Note };

/// The engine's way to the disk: jobs for the storage thread. No call waits; false: the queue is full and the record was
/// refused, which the caller must treat as an alarm. Called on the engine and analysis threads.
class RecordKeeper
{
public:
    virtual ~RecordKeeper() = default;
    [[nodiscard]] virtual bool journal(JournalKind kind, UtcTime at, std::string payload) = 0;
    [[nodiscard]] virtual bool instrument(const Instrument &instrument) = 0;
    [[nodiscard]] virtual bool account(const AccountSnapshot &account) = 0;
    [[nodiscard]] virtual bool position(const AccountId &account, const Position &position) = 0;
    [[nodiscard]] virtual bool order(const AccountId &account, const OrderUpdate &order) = 0;
    [[nodiscard]] virtual bool fill(const AccountId &account, const Fill &fill) = 0;
    [[nodiscard]] virtual bool funding(const AccountId &account, const FundingPayment &payment) = 0;
    [[nodiscard]] virtual bool transfer(const AccountId &account, const Transfer &transfer) = 0;
    /// The record's number, to be compared with StorageView::durableJob; nullopt: refused.
    [[nodiscard]] virtual std::optional<std::uint64_t> alert(const AlertRow &alert) = 0;
    [[nodiscard]] virtual bool candle(const Candle &candle) = 0;
    [[nodiscard]] virtual bool config(const AccountId &account, UtcTime at, std::string toml) = 0;
    // What risk::HistorySet is built from at the next start; an absent account means all of them.
    [[nodiscard]] virtual bool equity(const AccountId &account, const risk::EquitySample &sample) = 0;
    [[nodiscard]] virtual bool nav(const AccountId &account, UtcTime at, Ratio nav, Ratio peak) = 0;
    [[nodiscard]] virtual bool lockout(const std::optional<AccountId> &account, const risk::Lockout &lockout,
                                       std::optional<UtcTime> endedAt) = 0;
    /// What lives and tiers remember (the rest of `memory` is not looked at); replaces what was kept.
    [[nodiscard]] virtual bool memory(const AccountId &account, const risk::History &memory) = 0;
    [[nodiscard]] virtual bool finding(const AccountId &account, const risk::Finding &finding) = 0;
    [[nodiscard]] virtual bool plan(const AccountId &account, const risk::TradePlan &plan) = 0;
    /// Notional × seconds without a resting stop, of the UTC day that begins at `day`.
    [[nodiscard]] virtual bool naked(const AccountId &account, UtcTime day, Money notionalSeconds) = 0;
    /// What the storage thread says of itself.
    [[nodiscard]] virtual StorageView state() const = 0;
};

} // namespace core::runtime
