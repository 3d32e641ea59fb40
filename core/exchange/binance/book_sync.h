#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/exchange/binance/messages.h"
#include "core/market/order_book.h"

namespace core::exchange::binance
{

/// The local order book of one symbol: buffers diffs, bridges the REST snapshot, checks the `pu` chain, asks
/// for a new snapshot on every gap. Pure state machine; time comes in with the events. The book may be read
/// only while `freshness` is Fresh; a gapped, crossed or unsynchronised book is kept for drawing (greyed) and
/// never feeds a decision. A snapshot may also come before the first diff (recordings play that way). Source:
/// reference/binance-usdm.md section 4.4.
class BookSync
{
public:
    /// While a snapshot is awaited at most this many diffs and levels are kept, and none that is so much older than
    /// the newest: no answer is under way for longer, and a client that was shut out may wait for minutes with every
    /// book. The oldest go first: they are what a newer snapshot makes superfluous. Should the snapshot be older than
    /// what is left, it cannot be bridged and another one is asked for.
    static constexpr std::size_t kBufferedUpdatesMax = 2'048;
    static constexpr std::size_t kBufferedLevelsMax = 1U << 20U;
    static constexpr Duration kBufferedFor = std::chrono::seconds{30};
    /// A book that stays crossed longer than this is thrown away.
    static constexpr Duration kCrossedMax = std::chrono::seconds{1};

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
        bool requestSnapshot{false}; ///< set once per need; repeat with back-off is the caller's
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
    [[nodiscard]] bool isSynchronised() const { return m_phase == Phase::Synchronised; }
    /// Fresh, Stale (no update for `staleAfter`), Gapped, Crossed or Connecting at `now` (receive clock).
    [[nodiscard]] Freshness freshness(UtcTime now, Duration staleAfter) const;
    [[nodiscard]] std::int64_t lastUpdateId() const { return m_lastId; }
    [[nodiscard]] const Counters &counters() const { return m_counters; }

private:
    enum class Phase {
        AwaitingSnapshot, ///< diffs are buffered
        AwaitingBridge,   ///< the snapshot is in the book, the diff that contains its id has not come yet
        Synchronised
    };
    /// How a diff stands to the snapshot.
    enum class Bridge { Older, Fits, Newer };

    [[nodiscard]] static Bridge bridge(const DepthUpdate &update, std::int64_t snapshotId);
    void buffer(const DepthUpdate &update);
    void clearBuffer();
    void request(Step &step);
    void lose(Step &step, Error why);
    void apply(const DepthUpdate &update, Step &step);
    void onChainedUpdate(const DepthUpdate &update, Step &step);
    void onBridgingUpdate(const DepthUpdate &update, Step &step);
    void drainBuffer(Step &step);

    InstrumentKey m_instrument;
    market::OrderBook m_book;
    Counters m_counters;
    std::int64_t m_lastId{0};
    Phase m_phase{Phase::AwaitingSnapshot};
    std::deque<DepthUpdate> m_buffer;
    std::size_t m_bufferedLevels{0};
    bool m_requested{false};
    bool m_everSynchronised{false};
    bool m_lostChain{false};               ///< Gapped rather than Connecting
    UtcTime m_lastVenueTime;               ///< of the last applied diff
    UtcTime m_lastReceivedAt;              ///< of the last applied diff
    std::optional<UtcTime> m_crossedSince; ///< receive clock
};

} // namespace core::exchange::binance
