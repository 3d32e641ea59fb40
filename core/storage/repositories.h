#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/records.h"

namespace core::storage
{

// The read side: any thread with a Database of its own (ReadOnly). Every row's check sum is verified while it
// is read; Corrupt names the table and the row. The journal has its chain instead: verifyChain, and its tail
// at each open.

/// Newest first.
[[nodiscard]] Result<std::vector<AlertRow>> recentAlerts(const Database &database, std::size_t most);
/// Quantity > 0, ordered by account and instrument.
[[nodiscard]] Result<std::vector<PositionRow>> openPositions(const Database &database);
/// Latest snapshot of each account and asset.
[[nodiscard]] Result<std::vector<AccountSnapshot>> latestAccounts(const Database &database, Mode mode);

/// What the venue last said of it; absent: it is not on record, or only named.
[[nodiscard]] Result<std::optional<Instrument>> instrument(const Database &database, const InstrumentKey &key);

struct TradeFilter {
    std::optional<Mode> mode{};
    std::optional<UtcTime> from{}; ///< closed at or after
    std::optional<UtcTime> to{};   ///< closed before
};
/// Oldest first, by closing time. The visitor returns false to stop.
[[nodiscard]] Result<void> eachTrade(const Database &database, const TradeFilter &filter,
                                     const std::function<bool(const TradeRow &)> &visit);
[[nodiscard]] Result<std::vector<TradeRow>> trades(const Database &database, const TradeFilter &filter = {});

struct OrderRow {
    Mode mode{Mode::Demo};
    AccountId account;
    OrderUpdate order;
    std::string decisionId;
};
/// Newest venue time first.
[[nodiscard]] Result<std::vector<OrderRow>> recentOrders(const Database &database, std::size_t most);

struct FillRow {
    Mode mode{Mode::Demo};
    AccountId account;
    Fill fill;
};
/// Oldest venue time first.
[[nodiscard]] Result<std::vector<FillRow>> fills(const Database &database);

struct FundingRow {
    Mode mode{Mode::Demo};
    AccountId account;
    FundingPayment payment;
};
struct TransferRow {
    Mode mode{Mode::Demo};
    AccountId account;
    Transfer transfer;
};
/// Oldest first.
[[nodiscard]] Result<std::vector<FundingRow>> funding(const Database &database);
[[nodiscard]] Result<std::vector<TransferRow>> transfers(const Database &database);

/// Newest fill of each instrument that the account has on record: fills after it are still to be asked for.
[[nodiscard]] Result<std::map<InstrumentKey, std::int64_t>> newestTradeIds(const Database &database, Mode mode,
                                                                           const AccountId &account);

/// Closed and open candles with openTime in [from, to), oldest first.
[[nodiscard]] Result<std::vector<Candle>> candles(const Database &database, const InstrumentKey &instrument,
                                                  Duration length, UtcTime from, UtcTime to);

/// Oldest first.
[[nodiscard]] Result<std::vector<SessionRow>> sessions(const Database &database);
/// Rows of one session (absent: the newest session that has any), in order. The visitor returns false to
/// stop.
[[nodiscard]] Result<void> eachJournalRow(const Database &database, std::optional<std::int64_t> session,
                                          const std::function<bool(const JournalRow &)> &visit);

} // namespace core::storage
