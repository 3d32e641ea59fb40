#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/codec.h"
#include "core/runtime/exact_sum.h"
#include "core/runtime/recording_scan.h"
#include "core/venue/recording.h"

namespace core::runtime
{

/// What a replay of recordings found, per symbol.
struct SymbolReplay {
    exchange::binance::BookSync::Counters book;
    std::optional<Level> bestBid; ///< at the end; absent when the book never became whole
    std::optional<Level> bestAsk;
    Freshness bookState{Freshness::Connecting}; ///< at the time of the last message
    std::uint64_t trades{0};
    ExactSum volume = ExactSum::ofQuantities();
    ExactSum quoteVolume = ExactSum::ofProducts();
};

struct RecordingReplay {
    std::uint64_t messages{0}; ///< recorded lines with a payload, of the named files
    std::uint64_t defects{0};  ///< lines or frames that could not be used
    std::string firstDefect;   ///< one line; empty when none
    std::uint64_t usable{0};   ///< messages that could be decoded
    std::uint64_t trades{0};
    ExactSum volume = ExactSum::ofQuantities();
    ExactSum quoteVolume = ExactSum::ofProducts();
    std::map<Symbol, SymbolReplay> symbols;
    Duration recorded{0}; ///< from the first to the last receive time
    Duration took{0};     ///< of the replay, by the clock given

    /// Sum of one counter over the symbols.
    [[nodiscard]] std::uint64_t total(std::uint64_t exchange::binance::BookSync::Counters::*counter) const;
};

/// Looked at while a replay runs; everything passed lives for the call only. Empty functions are not called.
struct ReplayObserver {
    /// After each depth message of a known symbol.
    std::function<void(const InstrumentKey &, const exchange::binance::BookSync &, UtcTime receivedAt)> depth;
    std::function<void(const Trade &)> trade;
    std::function<void(const MarkPrice &)> mark;
};

/// The pipeline of a replay: recorded message in, books and totals kept. One thread.
class RecordingPlayer
{
public:
    /// Symbols without steps are not played (their messages still count).
    RecordingPlayer(std::map<Symbol, RecordedSteps> steps, ReplayObserver observer);

    void play(const venue::RecordedMessage &message);
    void defect(const Error &error);
    [[nodiscard]] RecordingReplay finish();

private:
    void snapshot(const venue::RecordedMessage &message);
    void depth(const exchange::binance::DepthUpdate &update);
    void trade(const Trade &trade);
    [[nodiscard]] exchange::binance::BookSync *bookOf(const Symbol &symbol);

    std::map<Symbol, exchange::binance::BookSync> m_books;
    exchange::binance::MarketDecoder m_decoder;
    ReplayObserver m_observer;
    RecordingReplay m_report;
    std::optional<Symbol> m_newestSymbol; ///< a bare snapshot belongs to the stream around it
    std::optional<UtcTime> m_first;
    UtcTime m_last;
};

/// Plays recordings of Binance USDⓈ-M streams, one file after the other, as fast as it goes. `only`: other symbols are left
/// out. Fails when a file cannot be opened or holds no usable message at all; bad lines inside are counted as defects.
/// `clock` measures, nothing else.
[[nodiscard]] Result<RecordingReplay> replayRecordings(const std::vector<std::string> &paths,
                                                       const std::optional<Symbol> &only, const Clock &clock,
                                                       ReplayObserver observer = {});

} // namespace core::runtime
