#pragma once

#include <optional>
#include <string>

#include "core/storage/records.h"
#include "core/storage/repositories.h"
#include "core/storage/risk_repositories.h"
#include "core/storage/round_trips.h"
#include "core/storage/rows.h"

// The one place that knows the order of the columns: what put() writes, take() reads back.
namespace core::storage
{

void put(RowWriter &row, const SessionRow &session);
[[nodiscard]] SessionRow takeSession(RowReader &row);

void put(RowWriter &row, const Instrument &instrument, UtcTime at);
/// An instrument of which only the name is known.
void putBare(RowWriter &row, const InstrumentKey &key);
/// Nothing of a row that only names it.
[[nodiscard]] std::optional<Instrument> takeInstrument(RowReader &row);

void put(RowWriter &row, Mode mode, const AccountSnapshot &account);
[[nodiscard]] AccountSnapshot takeAccount(RowReader &row);

void put(RowWriter &row, Mode mode, const AccountId &account, const Position &position);
[[nodiscard]] PositionRow takePosition(RowReader &row);

/// The position as first seen; `opening.quantity` 0: it was flat.
void put(RowWriter &row, const PositionKey &key, const OpeningPosition &opening);
[[nodiscard]] OpeningPosition takeBaseline(RowReader &row);

void put(RowWriter &row, const ConfigRow &config);
[[nodiscard]] ConfigRow takeConfig(RowReader &row);
[[nodiscard]] ConfigRow configRowOf(Mode mode, const std::optional<AccountId> &account, const risk::LimitsVersion &version);

void put(RowWriter &row, Mode mode, const RecordEquity &equity);
[[nodiscard]] risk::EquitySample takeEquity(RowReader &row);
void put(RowWriter &row, Mode mode, const RecordNav &nav);
[[nodiscard]] NavRow takeNav(RowReader &row);
void put(RowWriter &row, Mode mode, const RecordLockout &lockout);
[[nodiscard]] LockoutRow takeLockout(RowReader &row);
void put(RowWriter &row, Mode mode, const RecordNaked &naked);
[[nodiscard]] NakedRow takeNaked(RowReader &row);
void put(RowWriter &row, Mode mode, const AccountId &account, const risk::LifeMemory &life);
[[nodiscard]] risk::LifeMemory takeLife(RowReader &row);
void put(RowWriter &row, Mode mode, const AccountId &account, const risk::TierMemory &tier);
[[nodiscard]] risk::TierMemory takeTier(RowReader &row);

void put(RowWriter &row, Mode mode, const RecordFinding &finding);
[[nodiscard]] risk::Finding takeFinding(RowReader &row);
void put(RowWriter &row, Mode mode, const RecordPlan &plan);
[[nodiscard]] risk::TradePlan takePlan(RowReader &row);

void put(RowWriter &row, const OrderRow &order);
[[nodiscard]] OrderRow takeOrder(RowReader &row);

void put(RowWriter &row, const FillRow &fill, std::int64_t arrival);
struct StoredFill {
    FillRow row;
    std::int64_t arrival{0};
};
[[nodiscard]] StoredFill takeFill(RowReader &row);

void put(RowWriter &row, const FundingRow &funding);
[[nodiscard]] FundingRow takeFunding(RowReader &row);

void put(RowWriter &row, const TransferRow &transfer);
[[nodiscard]] TransferRow takeTransfer(RowReader &row);

void put(RowWriter &row, const TradeRow &trade);
[[nodiscard]] TradeRow takeTrade(RowReader &row);

void put(RowWriter &row, const Candle &candle);
[[nodiscard]] Candle takeCandle(RowReader &row);

void put(RowWriter &row, const AlertRow &alert);
[[nodiscard]] AlertRow takeAlert(RowReader &row);

} // namespace core::storage
