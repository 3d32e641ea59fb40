#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/exchange/binance/book_sync.h"
#include "core/runtime/exact_sum.h"

namespace core::runtime
{

/// What a replay of recordings found, per symbol.
struct SymbolReplay {
    exchange::binance::BookSync::Counters book;
    std::optional<Level> bestBid; ///< at the end; absent when the book never became whole
    std::optional<Level> bestAsk;
    Freshness bookState{Freshness::Connecting};
    std::uint64_t trades{0};
    ExactSum volume = ExactSum::ofQuantities();
    ExactSum quoteVolume = ExactSum::ofProducts();
};

struct RecordingReplay {
    std::uint64_t messages{0}; ///< recorded lines with a payload, of the named files
    std::uint64_t defects{0};  ///< lines or frames that could not be used
    std::string firstDefect;   ///< one line; empty when none
    std::uint64_t trades{0};
    ExactSum volume = ExactSum::ofQuantities();
    ExactSum quoteVolume = ExactSum::ofProducts();
    std::map<Symbol, SymbolReplay> symbols;
    Duration recorded{0}; ///< from the first to the last receive time
    Duration took{0};

    /// Sum of one counter over the symbols.
    [[nodiscard]] std::uint64_t total(std::uint64_t exchange::binance::BookSync::Counters::*counter) const;
};

/// Looked at while a replay runs; every pointer lives for the call only.
struct ReplayObserver {
    /// After each depth update that changed a book.
    std::function<void(const InstrumentKey &, const exchange::binance::BookSync &, UtcTime receivedAt)> book;
    std::function<void(const Trade &)> trade;
    std::function<void(const MarkPrice &)> mark;
};

/// Plays recordings of Binance USDⓈ-M streams, one file after the other, through the decoder and the book as fast as it goes.
/// `only`: other symbols are decoded and skipped. Fails when a file cannot be opened or holds no usable line at all;
/// bad lines inside are counted as defects. `clock` measures, nothing else.
[[nodiscard]] Result<RecordingReplay> replayRecordings(const std::vector<std::string> &paths, const std::optional<Symbol> &only,
                                                       const Clock &clock, const ReplayObserver &observer = {});

} // namespace core::runtime
