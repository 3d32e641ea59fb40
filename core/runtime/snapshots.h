#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/market_data.h"
#include "core/orders/guard.h"
#include "core/ports/exchange_client.h"
#include "core/risk/sizing_facts.h"
#include "core/runtime/lease_rule.h"

namespace core::runtime
{

/// What the numbers on the screen stand for. Watching: live markets and no account.
enum class Mode { Live, Testnet, Demo, Replay, Paper, Watching };
[[nodiscard]] std::string_view name(Mode mode);

/// What stands behind a venue's addresses.
enum class Place { Production, Testnet, Loopback };

/// What the engine knows of one watched instrument. Conflated: the newest wins.
struct MarketSnapshot {
    std::optional<Instrument> instrument; ///< absent until the venue described it
    InstrumentKey key;
    std::size_t rank{0};                  ///< place among the markets as configured
    Freshness book{Freshness::Connecting};
    Freshness trades{Freshness::Connecting};
    Freshness mark{Freshness::Connecting};
    std::optional<Duration> bookAge;      ///< since the last book change, ours; absent before the first
    std::optional<Duration> markAge;
    std::vector<Level> bids;              ///< best first, at most `kLadderLevels`; only one where it is not shown
    std::vector<Level> asks;
    std::optional<MarkPrice> markPrice;
    std::optional<Trade> lastTrade;
    std::optional<Ticker> ticker{};               ///< of 24 hours
    std::optional<Liquidation> lastLiquidation{}; ///< newest that the venue published
    std::optional<FeeRates> fees{};               ///< of our account there; absent: the venue has not said
};
inline constexpr std::size_t kLadderLevels = 200;

struct AccountView {
    AccountId account;
    bool connected{true};                        ///< false: markets are watched without an account; the rest means nothing
    Freshness freshness{Freshness::Connecting};
    std::optional<Duration> age;                 ///< of the newest word from the venue
    std::optional<AccountSnapshot> totals;       ///< at the newest mark
    bool positionsKnown{false};                  ///< false: first answer pending; an empty list means nothing
    std::optional<UtcTime> positionsAnsweredAt;  ///< newest complete answer of the venue to our question
    std::vector<Position> positions;             ///< open ones; mark, uPnL filled in when the mark is fresh
    std::vector<OrderUpdate> openOrders;
    std::vector<FundingPayment> funding{};       ///< of this run, newest last, at most `kFactsKept`
    std::vector<Transfer> transfers{};           ///< as above
};
inline constexpr std::size_t kFactsKept = 100;

struct StorageView {
    bool healthy{true};
    std::string problem;                      ///< one line when not healthy
    std::uint64_t pendingJobs{0};
    std::uint64_t durableJob{0};              ///< every record up to this number is on disk
    std::optional<UtcTime> journalSavedAt;    ///< last durable commit
};

/// One venue as this terminal reaches it.
struct VenueView {
    enum class Reach { Trying, Reached, Unreached };
    Venue venue{Venue::Binance};
    Place place{Place::Production};
    bool account{false};  ///< the guarded account is here
    std::string address;  ///< what was tried, for people
    Reach reach{Reach::Trying}; ///< Unreached: no stream came to life in time; it is tried on
    std::string why;            ///< newest error; empty when none
    std::optional<ports::RequestBudget> budget;
};

/// What became of a wish with an id.
struct IntentAnswer {
    std::string id;
    bool accepted{false};
    std::vector<orders::IntentReason> reasons{}; ///< when refused; the first one is decisive
    std::vector<orders::IntentReason> advice{};  ///< when accepted: what spoke against it
};
/// Answer to AskPreview.
struct PreviewAnswer {
    std::uint64_t id{0};
    std::vector<risk::Standing> before{};
    std::vector<risk::Standing> after{};
    std::vector<risk::Block> blocks{}; ///< of an order that adds risk on the instrument
    risk::SafeguardVerdict safeguards{}; ///< on the order as it is typed
};

struct TerminalSnapshot {
    std::uint64_t sequence{0};
    UtcTime at;
    Mode mode{Mode::Demo};
    std::string version;
    Venue venue{Venue::Binance};              ///< of the account; without one, of the shown market
    std::vector<VenueView> venues;            ///< as configured
    std::vector<MarketSnapshot> markets;      ///< the first one is shown in the order-flow dock
    AccountView account;
    orders::GuardView guard;
    std::vector<ports::StreamStatus> streams; ///< by venue and name
    StorageView storage;
    LeaseView lease;                          ///< `ours` false: this terminal only watches, and the holder acts
    std::vector<IntentAnswer> answers{};      ///< of this run, newest last, at most `kAnswersKept`
    std::optional<PreviewAnswer> preview{};
    std::shared_ptr<const risk::SizingFacts> sizing{}; ///< estimates for sizes, at most a second old; null: none yet
};
inline constexpr std::size_t kAnswersKept = 20;

/// A row of the alerts dock. `id` grows; the same id with a larger count replaces the row.
struct AlertRow {
    std::int64_t id{0};
    UtcTime at;
    orders::Severity severity{orders::Severity::Info};
    std::string code{};
    std::string source{}; ///< "risk", "connection", "storage"
    std::optional<InstrumentKey> instrument{};
    std::string decisionId{};
    std::string text{};
    int count{1};
    bool restored{false}; ///< from an earlier run
    std::optional<std::uint64_t> record{}; ///< number of its record; it is stored once StorageView::durableJob reaches it
};

/// What the screen may ask for. Values; the engine decides.
struct SetArming {
    risk::Arming arming{risk::Arming::AlertOnly};
    std::optional<Venue> account{}; ///< absent: every account
};
struct Flatten {
    std::optional<InstrumentKey> instrument; ///< absent: every position
    std::string by;                          ///< "panic", "close dialog"
    bool lock{false};                        ///< no new risk afterwards, until a typed release
    std::optional<Venue> account{};          ///< absent: every account (or the instrument's)
};
/// Orders, changes, cancels, the release of a lockout, and limits: the guard judges. What has an id is answered in
/// TerminalSnapshot::answers; a refusal is a row of the alerts dock too.
struct Ask {
    std::variant<orders::OrderIntent, orders::ChangeIntent, orders::CancelIntent, orders::CancelAllIntent,
                 orders::LockoutRelease, orders::LimitsChange>
        what;
};
/// Tighter values hold at once, for this run; looser ones are not taken over. Answered under `id`.
struct SetLimits {
    std::string id{};
    std::optional<Venue> account{}; ///< absent: the limits over all accounts together
    risk::Limits limits{};
    std::string by{};
    std::string reason{};
};
/// How every limit would stand with `after` instead of what is held, `cost` paid, and what the safeguards say to `order`. Answered in TerminalSnapshot::preview.
struct AskPreview {
    std::uint64_t id{0}; ///< grows; only the newest is answered
    risk::Life life{};
    Position after{};
    Money cost{};
    orders::OrderIntent order{}; ///< its id is not looked at
};
/// From here on the order-flow dock follows this market; one that is not watched changes nothing.
struct ShowInstrument {
    InstrumentKey instrument;
};
using Intent = std::variant<SetArming, Flatten, Ask, ShowInstrument, SetLimits, AskPreview>;

} // namespace core::runtime
