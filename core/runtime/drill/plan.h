#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"

namespace core::runtime::drill
{

/// What the market does. Only Gap and a Maintenance of the venue move the price while nobody can trade.
enum class Weather { Calm, Trend, FlashCrash, Gap, Vacuum, FundingSpike };
[[nodiscard]] std::string_view name(Weather weather);

/// From … to, since the start of the drill.
struct Window {
    Duration from{0};
    Duration to{0};
    [[nodiscard]] bool holds(Duration at) const { return at >= from && at < to; }
};

/// One contract and how its price moves. `shock` is the move of the event, −0.1 = −10 %.
struct MarketPlan {
    Instrument contract;
    double start{0};
    double noise{0};       ///< deviation of one step
    double drift{0};       ///< of one step
    double shock{0};
    double recovery{0};    ///< share of the shock that comes back
    double levelNotional{0}; ///< what rests at one price of the book
};

struct HoldingPlan {
    std::size_t market{0};
    Direction direction{Direction::Long};
    Quantity quantity;
    int leverage{10};
    bool isolated{false};
    bool personalStop{false}; ///< the person has a stop of their own resting
};

/// What goes wrong between the program and one venue. Chances are per 10,000 requests or events.
struct LinkPlan {
    Duration latencyLeast{std::chrono::milliseconds{3}};
    Duration latencyMost{std::chrono::milliseconds{40}};
    int requestLost{0};   ///< never arrives; the answer times out
    int answerLost{0};    ///< arrives, the answer does not
    int unclear{0};       ///< 503 "execution status unknown", done or not
    int overloaded{0};    ///< -1008: refused, not done
    int slow{0};          ///< on its way for seconds
    int repeated{0};      ///< an event of the stream comes twice
    int swapped{0};       ///< an event of the stream overtakes the one before
    Duration visibleAfter{0};       ///< queries see what happened so long ago
    std::vector<Window> lines;      ///< no connection at all
    std::vector<Window> silences;   ///< the account stream is dead and does not say so
    std::vector<Window> limits;     ///< no request budget left but for the protective lane
    std::vector<Window> algoFaults; ///< conditional orders are refused (-4120)
    std::vector<Window> stopFaults; ///< what a stop sends when it fires is refused
};

struct VenuePlan {
    Venue venue{Venue::Binance};
    Money balance;
    Duration markEvery{std::chrono::seconds{1}};
    std::vector<MarketPlan> markets;
    std::vector<HoldingPlan> holdings;
    LinkPlan link;
    std::vector<Window> maintenance; ///< the venue stands still; the world does not
};

/// SIGKILL: at a time, or at the n-th order (change, cancel) at one step of its way.
struct KillPlan {
    enum class Step { AtTime, BeforeSend, AfterSend, BeforeAnswer, AfterAnswer, BeforeCommit, AfterCommit };
    enum class Of { Place, Change, Cancel, Flatten }; ///< Flatten: an order after a person has asked for everything out
    Step step{Step::AtTime};
    Of of{Of::Place};
    int nth{1};
    Duration at{0};           ///< AtTime
    Duration restartAfter{std::chrono::seconds{1}};
};
[[nodiscard]] std::string_view name(KillPlan::Step step);
[[nodiscard]] std::string_view name(KillPlan::Of of);

/// What a person does, with the program or behind its back.
struct PersonPlan {
    enum class What { PhoneEntry, PhoneIncrease, PhoneReduce, PhoneRestingEntry, Entry, RestingEntry, CancelAll, Flatten, Change };
    What what{What::PhoneEntry};
    Duration at{0};
    std::size_t venue{0};
    std::size_t market{0};
    Side side{Side::Buy};
    Quantity quantity;
};

/// Somebody, or a time server, sets the program's wall clock.
struct ClockJump {
    Duration at{0};
    Duration by{0};
};

/// Everything that is random in one drill, drawn before it starts: a value, the same for the same seed.
struct DrillPlan {
    std::uint64_t seed{0};
    Weather weather{Weather::Calm};
    Duration length{std::chrono::seconds{60}};  ///< of the storm; a calm follows in which everything must settle
    Duration step{std::chrono::milliseconds{250}}; ///< of the markets
    Window event;                               ///< when the weather happens
    std::vector<VenuePlan> venues;
    std::vector<KillPlan> kills;
    std::vector<Window> freezes;                ///< SIGSTOP … SIGCONT, or a lid that is closed
    std::vector<ClockJump> jumps;
    std::vector<PersonPlan> people;
    Duration commitEvery{std::chrono::milliseconds{20}};
    std::vector<Window> diskStalls;
    std::size_t limitsVariant{0};               ///< which limits the account has, see `limitsOf`
    /// The price moves where nobody can trade: a loss beyond the limit can be the gap's.
    [[nodiscard]] bool hasGap() const;
};

/// One price of the book: its distance from the middle, and how much of `levelNotional` rests there.
struct Rung {
    double distance;
    double share;
};
inline constexpr std::array<Rung, 10> kRungs{{{0.00005, 0.2},
                                              {0.0001, 0.4},
                                              {0.0002, 0.6},
                                              {0.0004, 1.0},
                                              {0.0007, 1.0},
                                              {0.0012, 1.5},
                                              {0.002, 2.0},
                                              {0.004, 3.0},
                                              {0.008, 4.0},
                                              {0.02, 8.0}}};
/// Share of the usual book that is left during the event of this weather.
[[nodiscard]] double depthDuring(Weather weather);

[[nodiscard]] DrillPlan makePlan(std::uint64_t seed);

} // namespace core::runtime::drill
