#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/exchange/binance/messages.h"
#include "core/market/order_book.h"

namespace core::exchange::binance
{

/// The local order book of one symbol: buffers diffs, bridges the REST snapshot, checks the `pu` chain, asks for a new
/// snapshot on every gap. Pure state machine; time comes in with the events. The book may be read only while `freshness`
/// is Fresh; a gapped, crossed or unsynchronised book is kept for drawing (greyed) and never feeds a decision.
/// A snapshot may also come before the first diff (recordings play that way).
/// Source: reference/binance-usdm.md section 4.4.
class BookSync
{
public:
    struct Counters {
        std::uint64_t diffs{0};     ///< depthUpdate messages seen
        std::uint64_t applied{0};   ///< of them applied to the book
        std::uint64_t ignored{0};   ///< duplicates and those older than the snapshot
        std::uint64_t gaps{0};      ///< breaks of the chain after having been synchronised
        std::uint64_t resyncs{0};   ///< synchronisations after the first one
        std::uint64_t crossed{0};   ///< applied diffs that left best bid ≥ best ask
        std::uint64_t snapshots{0}; ///< snapshots received
    };
    /// What the caller has to do, and what changed.
    struct Step {
        bool bookChanged{false};
        bool requestSnapshot{false}; ///< set once per need; repeat with back-off is the caller's (`snapshotFailed`)
        std::optional<Error> fault;  ///< why the book left Fresh, for the log
    };

    BookSync(InstrumentKey instrument, Price tickSize);

    [[nodiscard]] Step onUpdate(const DepthUpdate &update);
    [[nodiscard]] Step onSnapshot(const DepthSnapshot &snapshot);
    /// The socket is gone or new: everything buffered is void.
    [[nodiscard]] Step onDisconnected();
    /// A depth frame could not be decoded: same as a gap.
    [[nodiscard]] Step onDecodeError(const Error &error);
    /// Crossed for longer than 1 s leads to a resync.
    [[nodiscard]] Step onTimer(UtcTime now);

    [[nodiscard]] const market::OrderBook &book() const { return m_book; }
    [[nodiscard]] bool isSynchronised() const;
    /// Fresh, Stale (no update for `staleAfter`), Gapped, Crossed or Connecting at `now` (receive clock).
    [[nodiscard]] Freshness freshness(UtcTime now, Duration staleAfter) const;
    [[nodiscard]] std::int64_t lastUpdateId() const { return m_lastId; }
    [[nodiscard]] const Counters &counters() const { return m_counters; }

private:
    // The implementer of this room shapes the private part.
    InstrumentKey m_instrument;
    market::OrderBook m_book;
    Counters m_counters;
    std::int64_t m_lastId{0};
};

} // namespace core::exchange::binance
