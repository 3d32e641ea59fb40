#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "core/runtime/batch_queue.h"
#include "core/runtime/latest.h"
#include "core/runtime/snapshots.h"

namespace core::market
{
struct DepthColumn;
}
namespace core::analysis
{
struct ProfileSnapshot;
}

namespace core::runtime
{

struct Past;

/// A value of the market that was shown when it was made: the reader drops what belongs to another one.
template <class T> struct Shown {
    InstrumentKey instrument;
    T value;
};
using ShownColumn = Shown<std::shared_ptr<const market::DepthColumn>>;
using ShownProfile = Shown<std::shared_ptr<const analysis::ProfileSnapshot>>;

/// Everything that crosses between the threads of one terminal, apart from the storage jobs. Outlives all of them.
/// The wake functions are set before any thread starts, may be called from any thread and return at once.
struct Channels {
    static constexpr std::size_t kColumnsMax = 4'096;      ///< 17 minutes of 250 ms columns
    static constexpr std::size_t kScreenTradesMax = 20'000;
    static constexpr std::size_t kAnalysisTradesMax = 200'000;
    static constexpr std::size_t kAnalysisHoursMax = 500'000; ///< 95 days of 200 markets
    static constexpr std::size_t kAlertsMax = 10'000;

    Latest<std::shared_ptr<const TerminalSnapshot>> snapshot;
    Latest<ShownProfile> profile;
    Latest<std::shared_ptr<const Past>> past;
    BatchQueue<ShownColumn> columns{kColumnsMax, WhenFull::DropOldest};
    BatchQueue<Trade> screenTrades{kScreenTradesMax, WhenFull::DropOldest};
    BatchQueue<Trade> analysisTrades{kAnalysisTradesMax, WhenFull::DropOldest};
    BatchQueue<Candle> analysisHours{kAnalysisHoursMax, WhenFull::DropOldest};
    BatchQueue<AlertRow> alerts{kAlertsMax, WhenFull::Refuse};

    std::function<void()> wakeScreen;
    std::function<void()> wakeAnalysis;
};

} // namespace core::runtime
