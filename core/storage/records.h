#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/market_data.h"
#include "core/domain/order.h"
#include "core/orders/guard_io.h"
#include "core/risk/facts.h"
#include "core/risk/limits_versions.h"

namespace core::storage
{

/// Where the orders of an account go. Part of every account-bound key, so a demo never mixes into live
/// results.
enum class Mode { Demo, Paper, Testnet, Live };
/// "demo", "paper", "testnet", "live": stable, for files.
[[nodiscard]] std::string_view name(Mode mode);

enum class JournalKind { Input, Decision, Note };
/// "input", "decision", "note": stable, part of the chained hash.
[[nodiscard]] std::string_view name(JournalKind kind);

/// One run of the program.
struct SessionInfo {
    Mode mode{Mode::Demo};
    std::string version; ///< of the program
    UtcTime startedAt;
};
struct SessionRow {
    std::int64_t id{0};
    SessionInfo info;
    std::optional<UtcTime> stoppedAt; ///< absent: running, or ended without a goodbye
};

/// One sentence of the alerts dock, as stored.
struct AlertRow {
    std::int64_t id{0};
    std::int64_t session{0};
    UtcTime at;
    orders::RaiseAlert alert;
};

/// One position as last stated. Key: mode, account, instrument, position side.
struct PositionRow {
    Mode mode{Mode::Demo};
    AccountId account;
    Position position;
};

/// One version of limits as stored: TOML text (risk::toToml) with its SHA-256 in hex. Empty account: over all accounts.
struct ConfigRow {
    Mode mode{Mode::Demo};
    AccountId account;
    std::int64_t version{0}; ///< 1, 2, 3… per mode and account
    UtcTime askedAt;
    std::string by; ///< "user", "import", "preset standard", "start"
    std::string toml;
    UtcTime validFrom; ///< risk::LimitsVersion
    std::string reason;
    std::string hash;
};

/// One line of the hash chain. `payload` is kept byte for byte.
struct JournalRow {
    std::int64_t seq{0};
    std::int64_t session{0};
    UtcTime at;
    JournalKind kind{JournalKind::Note};
    std::string payload;
};

/// From flat to flat (or to a flip). Money in `pnlAsset`; fees positive = cost; net = gross − fees + funding.
/// Absent optionals were not recorded: they are never filled with a guess. Source: methods.md 6.10.
struct TradeRow {
    Mode mode{Mode::Demo};
    AccountId account;
    InstrumentKey instrument;
    PositionSide positionSide{PositionSide::Both};
    std::int64_t openTradeId{0};  ///< of the fill that opened it; 0: opened before the record began
    std::int64_t closeTradeId{0}; ///< of the fill that closed it
    Direction side{Direction::Long};
    UtcTime openedAt;
    UtcTime closedAt;
    Quantity size;    ///< everything that was opened (= everything that was closed)
    Quantity sizeMax; ///< largest position on the way
    Price entryPrice; ///< size-weighted over all increases
    Price exitPrice;  ///< size-weighted over all reductions
    Money grossPnl;   ///< sum of the venue's realised results
    Money fees;
    std::optional<Money> funding;
    Money netPnl;
    Asset pnlAsset; ///< empty: the instrument's settlement asset is not known
    std::optional<Money> initialRisk;
    std::optional<Ratio> rMultiple;
    std::optional<Money> mae, mfe;
    std::string setup;
    std::string note;
    friend bool operator==(const TradeRow &, const TradeRow &) = default;
};

// ---- jobs for the storage thread ----

struct AppendJournal {
    JournalKind kind{JournalKind::Note};
    UtcTime at;
    std::string payload;
};
struct UpsertInstrument {
    Instrument instrument;
    UtcTime at;
};
struct RecordAccount {
    AccountSnapshot account;
};
struct RecordPosition {
    AccountId account;
    Position position;
};
struct RecordOrder {
    AccountId account;
    OrderUpdate order;
    std::string decisionId; ///< empty: not ours, or placed by hand
};
/// Round trips (`trades`) are derived from fills by the writer; duplicates of a fill are recognised and
/// ignored.
struct RecordFill {
    AccountId account;
    Fill fill;
};
/// Known ones (stream and query tell the same payment) are recognised and ignored.
struct RecordFunding {
    AccountId account;
    FundingPayment payment;
};
struct RecordTransfer {
    AccountId account;
    Transfer transfer;
};
struct RecordCandle {
    Candle candle;
};
struct RecordAlert {
    UtcTime at;
    orders::RaiseAlert alert;
};
/// The limits that a run starts with: version 1 of an account that has none. They replace only what a start wrote, never limits
/// that a person set.
struct RecordConfig {
    AccountId account;
    UtcTime at;
    std::string toml;
};
/// One version of risk::planLimits. Refused (InvalidArgument) when its number is taken: another program was faster; plan again.
struct RecordLimits {
    std::optional<AccountId> account; ///< absent: over all accounts
    risk::LimitsVersion version;
};
/// Of an account at a period start, or whenever it is worth keeping; the same instant again replaces it.
struct RecordEquity {
    AccountId account;
    risk::EquitySample sample;
};
/// Newest NAV index and its peak (methods.md 6.11); one row per account.
struct RecordNav {
    AccountId account;
    UtcTime at;
    Ratio nav;
    Ratio peak;
};
/// New, with a later end, or ended. A known one never gets an earlier end, and one that ended does not come back.
struct RecordLockout {
    std::optional<AccountId> account; ///< absent: over all accounts
    risk::Lockout lockout;
    std::optional<UtcTime> endedAt;
};
/// What stood without a resting stop: notional × seconds of one UTC day so far. A smaller figure never replaces a larger one.
struct RecordNaked {
    AccountId account;
    UtcTime day; ///< its start
    Money notionalSeconds;
};

/// What the limits of an account remember of positions and tiers, whole: it replaces what was kept.
struct RecordMemory {
    AccountId account;
    std::vector<risk::LifeMemory> lives;
    std::vector<risk::TierMemory> tiers;
};
/// What the tilt score remembers. The same kind at the same instant again replaces it.
struct RecordFinding {
    AccountId account;
    risk::Finding finding;
};
/// What was planned with an order that adds risk; the trade that its fill opens takes it over. The same order again replaces it.
struct RecordPlan {
    AccountId account;
    risk::TradePlan plan;
};

using Job = std::variant<AppendJournal, UpsertInstrument, RecordAccount, RecordPosition, RecordOrder,
                         RecordFill, RecordFunding, RecordTransfer, RecordCandle, RecordAlert, RecordConfig,
                         RecordLimits, RecordEquity, RecordNav, RecordLockout, RecordNaked, RecordMemory,
                         RecordFinding, RecordPlan>;

} // namespace core::storage
