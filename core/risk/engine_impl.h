#pragma once

#include <array>
#include <deque>
#include <set>
#include <unordered_map>

#include "core/risk/correlated.h"
#include "core/risk/engine.h"
#include "core/risk/ladder.h"
#include "core/risk/lockout_book.h"
#include "core/risk/nav.h"
#include "core/risk/trail.h"
#include "core/risk/trip_book.h"

namespace core::risk
{

inline constexpr std::size_t kAccounts = 2;       ///< one per venue
inline constexpr std::size_t kGroup = kAccounts;  ///< all of them together
inline constexpr Duration kUndefinedDeadline = std::chrono::seconds{10};
inline constexpr Duration kEscalateDefault = std::chrono::seconds{5};
inline constexpr Duration kDepthStaleAfter = std::chrono::seconds{10};
inline constexpr Duration kShortTermStaleAfter = std::chrono::minutes{5};
/// How long a wallet that moved without a fill may wait for the transfer behind it.
inline constexpr Duration kFlowGrace = std::chrono::seconds{60};
inline constexpr Ratio kWorst = Ratio::fromRaw(std::numeric_limits<std::int64_t>::max());

/// What a breaker measured. Clear: there is nothing of the kind that could go wrong now (no profit to give back, no
/// liquidation price): not a number, and not a lack of one either.
struct Reading {
    enum class State { Undefined, Clear, Value } state{State::Undefined};
    Ratio value{};
    std::string_view why{}; ///< Undefined, Clear; static text

    static Reading undefined(std::string_view reason) { return {State::Undefined, {}, reason}; }
    static Reading clear(std::string_view reason) { return {State::Clear, {}, reason}; }
    static Reading of(Ratio ratio) { return {State::Value, ratio, {}}; }
    [[nodiscard]] bool isValue() const { return state == State::Value; }
};

/// One breaker on one subject. `rule`: index among the breakers of its limits.
struct Watch {
    std::size_t rule{0};
    Ladder armed;
    Ladder alert; ///< of alert-only, so that arming later finds every tier as if nothing had been said
    std::optional<UtcTime> undefinedSince{};
    bool undefinedTold{false};
    /// The last firing that acted; put in words when somebody asks.
    struct Tripped {
        UtcTime at;
        TierAction action{TierAction::Alert};
        Ratio trigger;
        Ratio reading;
    };
    std::optional<Tripped> trip{};
    bool tripped{false};
    std::optional<Ratio> last{}; ///< of an account's: the reading when it was judged last
    bool isNew{true};
    bool followsMark{true}; ///< a mark can change its reading
};

/// Where a watch stands: indices into the state below; `account` may be kGroup.
struct Where {
    Scope scope{Scope::Account};
    std::size_t account{0};
    std::size_t market{0};
    std::size_t slot{0};
};

struct Slot {
    Life life;
    Position position;
    bool open{false};
    std::size_t market{0};
    std::size_t account{0};
    bool priced{false};     ///< `pnl` and `notional` are those of a mark
    Wide pnl{0};            ///< in 1e-16 of money, as all of these
    Wide notional{0};       ///< ≥ 0
    Wide maintenance{0};
    bool maintenanceKnown{false};
    Wide isolatedMargin{0}; ///< with its open result; 0: cross, or not said
    Wide isolatedBase{0};
    bool isolated{false};
    Trail trail{};
    bool watched{false};    ///< Giveback
    UtcTime openedAt{};     ///< of the life, or earlier where the venue's fills say so
    UtcTime heldSince{};    ///< the same, or where the fills begin: it has not been flat since
    Wide realised{0};       ///< of partial closes of this life, at their marks, until its trip tells
    std::array<Wide, kPeriods> atStart{}; ///< realised + pnl at the start of the period
    std::vector<Watch> watches{};
};

/// A life that has ended and whose trip has not been told yet.
struct Awaited {
    PositionKey position;
    UtcTime openedAt;
    Wide realised{0};
    std::array<Wide, kPeriods> atStart{};
};

struct Market {
    InstrumentKey key;
    std::optional<Instrument> rules{};
    std::optional<Price> mark{};
    UtcTime markTime{};
    UtcTime heardAt{};
    std::optional<Price> earlierMark{}; ///< the one before, for snapshots that are older than the mark
    bool fresh{true};
    std::optional<Estimate> estimate{};
    std::optional<Price> atr{};         ///< of the estimate, as a price
    std::optional<Depth> depth{};
    Wide gross{0};
    Wide net{0};
    std::array<Wide, kPeriods> carried{}; ///< what trips of a period earned before it began, negative
    std::vector<Awaited> awaited{};
    std::array<std::optional<std::size_t>, 2> member{}; ///< in the correlated sum of its account, of all
    std::vector<std::size_t> slots{};
    std::vector<Watch> watches{};
};

struct Sums {
    Wide pnl{0};
    Wide gross{0};
    Wide net{0};
    Wide maintenance{0};
    Wide isolatedMargin{0};
    Wide isolatedMaintenance{0};
    int open{0};
    int unpriced{0};
    int unknownMaintenance{0};
    int isolated{0};
};

/// A wallet that moved without fill or funding: for `kFlowGrace` its amount is taken for a transfer, then for a result.
struct SuspectedFlow {
    Wide amount{0};
    UtcTime since;
};

/// An account (by venue), or all of them together (kGroup: no totals of its own).
struct Account {
    std::optional<Limits> limits{};
    Arming arming{Arming::AlertOnly};
    std::optional<AccountSnapshot> totals{};
    UtcTime heardAt{};
    UtcTime firstHeardAt{}; ///< of the first totals, by the venue's clock
    UtcTime sizesChangedAt{};
    bool fresh{true};
    bool reconciled{false};
    Wide base{0}; ///< equity = base + Σ open result at the marks
    Sums sums{};
    Nav nav{};
    std::optional<SuspectedFlow> suspected{};
    std::vector<EquitySample> samples{};  ///< at period starts and before flows, of earlier runs and of this one
    Nav::Seen atJointPeak{};              ///< equity when all accounts together stood highest
    std::vector<Transfer> transfers{};    ///< of the last 40 days
    std::vector<FundingPayment> funding{}; ///< of the last 24 h
    Wide fundingNet{0};
    CorrelatedSum correlated{};
    bool marksFresh{true};
    UtcTime marksValidUntil{};
    TradingState state{TradingState::Normal}; ///< without Locked, which the lockouts say
    std::vector<Watch> watches{};
    bool replayDue{false};                ///< the trips of a history may tell of lockouts
    std::optional<std::string> historyMissing{}; ///< why the venue's history is not in
    std::vector<TierMemory> restored{};   ///< for watches that do not exist yet
    std::vector<LifeMemory> lives{};      ///< for positions that are not here yet
};

/// An action that must show its effect.
struct Pending {
    struct Target {
        std::size_t slot;
        UtcTime openedAt;
        Quantity quantity;
    };
    Where where;
    std::size_t rule{0};
    std::size_t tier{0};
    TierAction action{TierAction::Reduce};
    UtcTime deadline;
    std::vector<Target> targets;
};

struct RiskEngine::Impl {
    // engine.cpp: state, time, trust
    void begin(const RiskEvent &event, std::vector<RiskDecision> &decisions);
    void finish(std::vector<RiskDecision> &decisions);
    [[nodiscard]] std::size_t marketOf(const InstrumentKey &key);
    [[nodiscard]] std::optional<std::size_t> knownMarket(const InstrumentKey &key) const;
    [[nodiscard]] std::optional<std::size_t> slotOf(const PositionKey &key) const;
    void rollPeriods();
    void rollAccount(std::size_t account);
    void everything();
    void judgeAccount(std::size_t account);
    enum class Because { Mark, Anything };
    void judgeMarket(std::size_t market, Because because = Because::Anything);
    void judgeSlot(std::size_t slot, Because because = Because::Anything);
    void judgeTotals(std::size_t account, Because because = Because::Anything);
    [[nodiscard]] bool isMember(std::size_t account) const;
    [[nodiscard]] Arming armingOf(std::size_t account) const;
    [[nodiscard]] const Limits *limitsOf(std::size_t account) const;
    [[nodiscard]] const Breaker &breakerOf(const Where &where, const Watch &watch) const;
    [[nodiscard]] Duration markStaleAfter(std::size_t account) const;
    [[nodiscard]] bool markFresh(const Market &market) const;
    [[nodiscard]] bool accountFresh(std::size_t account) const;
    [[nodiscard]] bool marksFresh(std::size_t account);
    [[nodiscard]] bool isReconciled(std::size_t account) const;
    /// Why nothing may act on this account now; empty when it may.
    [[nodiscard]] std::string_view distrust(std::size_t account);
    [[nodiscard]] std::string_view distrustOfWords(std::size_t account) const; ///< its marks left out
    /// The same for one limit: of a position, only its own mark counts.
    [[nodiscard]] std::string_view distrust(const Where &where, BreakerKind kind);
    template <class Self, class Visit> static void eachWatch(Self &self, Visit visit);
    void buildWatches(std::vector<Watch> &watches, const Limits *from, const Limits *to, Scope scope);

    // engine_facts.cpp
    void on(const LimitsSet &fact);
    void on(const ArmingSet &fact);
    void on(const InstrumentSet &fact);
    void on(const MarkSet &fact);
    void finishMark(std::size_t market);
    void on(const PositionSet &fact);
    void on(const AccountSet &fact);
    void on(const TransferSet &fact);
    void on(const FundingSet &fact);
    void on(const TripSet &fact);
    void on(const EstimateSet &fact);
    void on(const DepthSet &fact);
    void on(const CorrelationSet &fact);
    void on(const FreshnessSet &fact);
    void on(const HistorySet &fact);
    void on(const VenueHistorySet &fact);
    void on(const LockoutReleased &fact);
    void on(const CoolingOffSet &fact);
    void on(const TimePassed &fact);
    void setPosition(const Life &life, const Position &position);
    void value(Slot &slot, bool count);
    void valueMaintenance(Slot &slot);
    void feedNav(std::size_t account);
    void setCorrelated(std::size_t market);
    void joinCorrelated(std::size_t market);
    void remember(std::size_t account, UtcTime at);
    void settleSuspicion(std::size_t account);
    void pruneFunding(std::size_t account);

    // engine_judge.cpp: from a reading to decisions
    void judge(const Where &where, Watch &watch, const Reading &reading);
    void fire(const Where &where, Watch &watch, const Ladder::Hit &hit, Ratio reading, bool acts);
    void describe(Fired &fired, const Where &where) const;
    void lock(const Where &where, const Breaker &breaker, const Ladder::Hit &hit, Ratio reading);
    void addLockout(Lockout lockout);
    [[nodiscard]] std::vector<std::size_t> targetsOf(const Where &where, TierAction action) const;
    void driveEscalations();
    [[nodiscard]] Subject subjectOf(const Where &where, const Breaker &breaker) const;
    [[nodiscard]] bool blocks(const Watch &watch, const Breaker &breaker, std::size_t tier) const;
    [[nodiscard]] std::vector<Block> blocksOn(const InstrumentKey &instrument) const;
    [[nodiscard]] AccountState stateOf(std::size_t account) const;
    void followState(std::size_t account);

    // engine_position.cpp, engine_totals.cpp: readings
    [[nodiscard]] Reading read(const Where &where, const Breaker &breaker) const;
    void followTrail(Slot &slot);
    [[nodiscard]] Reading readPosition(const Slot &slot, const Breaker &breaker) const;
    [[nodiscard]] Reading readLiquidation(const Slot &slot, const Market &market, BreakerKind kind) const;
    /// The venue's own liquidation price, else ours; `none`: nothing the mark can reach liquidates it.
    struct LiquidationAt {
        std::optional<Price> price;
        bool none{false};
    };
    [[nodiscard]] LiquidationAt liquidationOf(const Slot &slot) const;
    [[nodiscard]] Reading readTotals(std::size_t account, const Breaker &breaker) const;
    [[nodiscard]] Reading readSymbol(const Where &where, const Breaker &breaker) const;
    [[nodiscard]] Reading readMargin(std::size_t account) const;
    [[nodiscard]] Reading readCounts(const Where &where, BreakerKind kind) const;
    [[nodiscard]] Reading readAge(std::size_t account) const;
    [[nodiscard]] Reading shareOfEquity(Wide amount, std::size_t account, bool open) const;
    [[nodiscard]] std::optional<Wide> equityOf(std::size_t account) const;
    [[nodiscard]] Wide fundingPaid(std::size_t account) const;
    [[nodiscard]] Wide maintenanceOf(std::size_t account) const;
    [[nodiscard]] Wide symbolResult(const Market &market, Period period) const;
    [[nodiscard]] int tradesOpened(const Where &where) const;
    /// Further loss, in 1e-16 of money, at which the reading is at `level`; absent: it has no such figure.
    [[nodiscard]] std::optional<Wide> lossTo(const Where &where, const Breaker &breaker, Ratio level) const;
    [[nodiscard]] std::optional<Wide> totalsLossTo(std::size_t account, BreakerKind kind, Ratio level) const;
    /// Mark at which a position's breaker is at `level`.
    [[nodiscard]] std::optional<Price> priceAt(const Slot &slot, const Breaker &breaker, Ratio level) const;

    // engine_restart.cpp
    void restoreNav(std::size_t account, const std::vector<EquitySample> *alone = nullptr);
    void restoreLife(Slot &slot, const std::vector<LifeMemory> &lives);
    void takeOpenings(const History &history);
    /// Why this limit may stand closer than it looks; empty: it does not.
    [[nodiscard]] std::string_view unknownPast(const Where &where, BreakerKind kind) const;
    [[nodiscard]] History memoryOf(Venue account) const;
    void deriveFromTrips(std::size_t account);
    void restoreNewWatches();
    void restore(const Where &where, Watch &watch, const std::vector<TierMemory> &memories);
    void replayTrips(std::size_t account);
    void lockAsOf(const Where &where, const Breaker &breaker, Duration base, UtcTime started);
    [[nodiscard]] History historyOf(Venue account) const;

    // engine_coming.cpp
    struct Step {
        Where where;
        const Watch *watch{nullptr};
        std::size_t tier{0};
        int fireNumber{1};
        std::optional<Price> mark;
        Ratio distance;
    };
    [[nodiscard]] std::vector<RiskEngine::Coming> coming(std::size_t account, std::size_t most) const;
    void addSteps(const Where &where, const Watch &watch, std::vector<Step> &steps) const;

    // engine_standings.cpp
    [[nodiscard]] std::vector<Standing> standings() const;
    [[nodiscard]] Standing standingOf(const Where &where, const Watch &watch) const;

    // engine_words.cpp
    [[nodiscard]] std::string subjectWords(const Where &where) const;
    [[nodiscard]] std::string firedText(const Fired &fired) const;
    [[nodiscard]] std::string standingText(const Where &where, const Breaker &breaker, const Standing &standing) const;

    UtcTime now;
    std::array<Account, kAccounts + 1> accounts;
    std::deque<Market> markets; ///< in order of appearance
    std::unordered_map<InstrumentKey, std::size_t> marketIndex;
    std::deque<Slot> slots;     ///< in order of appearance; a leg keeps its slot
    TripBook trips;
    LockoutBook lockouts;
    std::unordered_map<InstrumentKey, std::size_t> correlationIndex;
    std::optional<Correlation> correlation;
    std::vector<Pending> pending;
    bool unfinished{false};            ///< the last event
    std::optional<std::size_t> marked; ///< by the last event, what is beyond its positions not yet judged
    std::vector<RiskDecision> *out{nullptr};
};

[[nodiscard]] constexpr Venue venueOf(std::size_t account) { return static_cast<Venue>(account); }
[[nodiscard]] constexpr std::size_t indexOf(Venue venue) { return static_cast<std::size_t>(venue); }
[[nodiscard]] Period periodOf(BreakerKind kind);
/// A mark can change its reading; else facts of its own and time do.
[[nodiscard]] bool followsMark(BreakerKind kind);
/// The reading itself starts anew with the period.
[[nodiscard]] bool readingRestarts(BreakerKind kind);
/// Only trading can bring its reading back: its block ends with the lockout, where the tier names one.
[[nodiscard]] bool endsByTradingOnly(BreakerKind kind);
/// A loss of equity that ends in closing; what the resting stops must stay within.
[[nodiscard]] bool isLossOfEquity(BreakerKind kind);

/// Every watch with its place, in a fixed order: positions, symbols, accounts, all accounts.
template <class Self, class Visit> void RiskEngine::Impl::eachWatch(Self &self, Visit visit)
{
    for (std::size_t i = 0; i < self.slots.size(); ++i) {
        if (!self.slots[i].open)
            continue;
        for (auto &watch : self.slots[i].watches)
            visit(Where{Scope::Position, self.slots[i].account, self.slots[i].market, i}, watch);
    }
    for (std::size_t i = 0; i < self.markets.size(); ++i) {
        for (auto &watch : self.markets[i].watches)
            visit(Where{Scope::Symbol, indexOf(self.markets[i].key.venue), i, 0}, watch);
    }
    for (std::size_t i = 0; i <= kGroup; ++i) {
        for (auto &watch : self.accounts[i].watches)
            visit(Where{i == kGroup ? Scope::AllAccounts : Scope::Account, i, 0, 0}, watch);
    }
}

} // namespace core::risk
