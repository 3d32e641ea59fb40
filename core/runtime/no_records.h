#pragma once

#include "core/runtime/record_keeper.h"

namespace core::runtime
{

/// Of a terminal that only watches: another program records. Every thread.
class NoRecords final : public RecordKeeper
{
public:
    [[nodiscard]] bool journal(JournalKind, UtcTime, std::string) override { return true; }
    [[nodiscard]] bool instrument(const Instrument &) override { return true; }
    [[nodiscard]] bool account(const AccountSnapshot &) override { return true; }
    [[nodiscard]] bool position(const AccountId &, const Position &) override { return true; }
    [[nodiscard]] bool order(const AccountId &, const OrderUpdate &) override { return true; }
    [[nodiscard]] bool fill(const AccountId &, const Fill &) override { return true; }
    [[nodiscard]] bool funding(const AccountId &, const FundingPayment &) override { return true; }
    [[nodiscard]] bool transfer(const AccountId &, const Transfer &) override { return true; }
    [[nodiscard]] std::optional<std::uint64_t> alert(const AlertRow &) override { return 0; }
    [[nodiscard]] bool candle(const Candle &) override { return true; }
    [[nodiscard]] bool config(const AccountId &, UtcTime, std::string) override { return true; }
    [[nodiscard]] bool equity(const AccountId &, const risk::EquitySample &) override { return true; }
    [[nodiscard]] bool nav(const AccountId &, UtcTime, Ratio, Ratio) override { return true; }
    [[nodiscard]] bool lockout(const std::optional<AccountId> &, const risk::Lockout &, std::optional<UtcTime>) override
    {
        return true;
    }
    [[nodiscard]] bool memory(const AccountId &, const risk::History &) override { return true; }
    [[nodiscard]] bool finding(const AccountId &, const risk::Finding &) override { return true; }
    [[nodiscard]] bool plan(const AccountId &, const risk::TradePlan &) override { return true; }
    [[nodiscard]] bool naked(const AccountId &, UtcTime, Money) override { return true; }
    [[nodiscard]] StorageView state() const override { return {}; }
};

} // namespace core::runtime
