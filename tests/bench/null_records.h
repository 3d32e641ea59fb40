#pragma once

#include <optional>
#include <string>

#include "core/runtime/record_keeper.h"

namespace bench
{

/// Takes every record of the engine and keeps none: what the disk costs is measured elsewhere. Engine thread.
struct NullRecords final : core::runtime::RecordKeeper {
    std::uint64_t records{0};

    bool journal(core::runtime::JournalKind, core::UtcTime, std::string) override { return taken(); }
    bool instrument(const core::Instrument &) override { return taken(); }
    bool account(const core::AccountSnapshot &) override { return taken(); }
    bool position(const core::AccountId &, const core::Position &) override { return taken(); }
    bool order(const core::AccountId &, const core::OrderUpdate &) override { return taken(); }
    bool fill(const core::AccountId &, const core::Fill &) override { return taken(); }
    bool funding(const core::AccountId &, const core::FundingPayment &) override { return taken(); }
    bool transfer(const core::AccountId &, const core::Transfer &) override { return taken(); }
    std::optional<std::uint64_t> alert(const core::runtime::AlertRow &) override { return ++records; }
    bool candle(const core::Candle &) override { return taken(); }
    bool config(const core::AccountId &, core::UtcTime, std::string) override { return taken(); }
    bool equity(const core::AccountId &, const core::risk::EquitySample &) override { return taken(); }
    bool nav(const core::AccountId &, core::UtcTime, core::Ratio, core::Ratio) override { return taken(); }
    bool lockout(const std::optional<core::AccountId> &, const core::risk::Lockout &,
                 std::optional<core::UtcTime>) override
    {
        return taken();
    }
    bool memory(const core::AccountId &, const core::risk::History &) override { return taken(); }
    bool finding(const core::AccountId &, const core::risk::Finding &) override { return taken(); }
    bool plan(const core::AccountId &, const core::risk::TradePlan &) override { return taken(); }
    bool naked(const core::AccountId &, core::UtcTime, core::Money) override { return taken(); }
    core::runtime::StorageView state() const override { return {}; }

private:
    bool taken()
    {
        ++records;
        return true;
    }
};

} // namespace bench
